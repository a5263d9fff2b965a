//! A small product of our own: a few templates, and a config mapper with the entry point of the real one, compiled
//! when the tests run. Nothing of the vendor's is in it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use libtest_mimic::Failed;

/// Templates by the file that they make.
const TEMPLATES: [(&str, &str); 4] = [
    (
        "carbon.xml",
        "<Server>\n  <HostName>{{ server.hostname }}</HostName>\n  <Ports>\n    <Offset>{{ server.offset }}</Offset>\n  \
         </Ports>\n</Server>\n",
    ),
    (
        "user-mgt.xml",
        "<UserManager>\n  <Realm>\n    <Configuration>\n      <AdminUser>\n        <UserName>{{ super_admin.username }}\
         </UserName>\n        <Password>{{ super_admin.password }}</Password>\n      </AdminUser>\n    \
         </Configuration>\n  </Realm>\n</UserManager>\n",
    ),
    (
        "datasources/master-datasources.xml",
        "<datasources-configuration>\n  <url>{{ database.apim_db.url }}</url>\n  <url>{{ database.shared_db.url }}</url>\n\
         </datasources-configuration>\n",
    ),
    ("all.properties", "{{ * }}\n"),
];

/// Whether Java's compiler is here.
pub fn can_be_made() -> bool {
    let starts =
        |program: &str| Command::new(program).arg("-version").output().is_ok_and(|output| output.status.success());
    starts("javac") && starts("java")
}

/// The mapper's jar, made once.
fn jar() -> Result<&'static [u8], Failed> {
    static JAR: OnceLock<Result<Vec<u8>, String>> = OnceLock::new();
    let made = JAR.get_or_init(|| make().map_err(|failed| format!("{:?}", failed.message())));
    made.as_deref().map_err(|error| error.as_str().into())
}

fn make() -> Result<Vec<u8>, Failed> {
    let scratch = tempfile::tempdir()?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proof/ConfigParser.java");
    let compiled = Command::new("javac")
        .args(["-encoding", "UTF-8", "--release", "11", "-d"])
        .arg(scratch.path())
        .arg(source)
        .output()?;
    if !compiled.status.success() {
        return Err(format!("javac: {}", String::from_utf8_lossy(&compiled.stderr)).into());
    }
    let mut jar = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let folder = "org/wso2/config/mapper";
    for entry in std::fs::read_dir(scratch.path().join(folder))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        jar.start_file(format!("{folder}/{name}"), zip::write::SimpleFileOptions::default())?;
        jar.write_all(&std::fs::read(&path)?)?;
    }
    Ok(jar.finish()?.into_inner())
}

/// Writes the product; `more` are further files below its home.
pub fn write(home: &Path, told: &str, more: &[(&str, &str)]) -> Result<PathBuf, Failed> {
    put(&home.join("lib/mapper.jar"), jar()?)?;
    put(&home.join("bin/version.txt"), told.as_bytes())?;
    for (name, text) in TEMPLATES {
        let template = format!("repository/resources/conf/templates/repository/conf/{name}.j2");
        put(&home.join(template), text.as_bytes())?;
    }
    let resources = "repository/resources/conf";
    put(&home.join(format!("{resources}/needs-number.txt")), b"server.offset\n")?;
    put(&home.join(format!("{resources}/ignored.txt")), b"apim.nothing.reads_it\n")?;
    for (name, text) in more {
        put(&home.join(name), text.as_bytes())?;
    }
    Ok(home.to_owned())
}

/// Writes one file with its folders.
pub fn put(path: &Path, bytes: &[u8]) -> Result<(), Failed> {
    std::fs::create_dir_all(path.parent().unwrap_or(path))?;
    std::fs::File::create(path)?.write_all(bytes)?;
    Ok(())
}
