//! Writes the tables of `mappings/` as JSON, which is read many times as fast as TOML each time the tool starts. They
//! are included from there; the TOML files stay the only source.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Map, Value};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=mappings");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for folder in ["", "2.x", "3.x"] {
        fs::create_dir_all(out.join(folder))?;
        for entry in fs::read_dir(Path::new("mappings").join(folder))? {
            let path = entry?.path();
            let Some(name) = path.to_str().and_then(|path| path.strip_suffix(".toml")) else { continue };
            let table =
                toml::from_str(&fs::read_to_string(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
            let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
            write(&out.join(folder).join(format!("{name}.json")), &lines(table))?;
        }
    }
    Ok(())
}

/// All but the rows in the first line, and a row in each other.
fn lines(mut table: Map<String, Value>) -> String {
    let rows = table.shift_remove("rule");
    let rows = rows.as_ref().and_then(Value::as_array).into_iter().flatten();
    let mut text = Value::Object(table).to_string();
    for row in rows {
        text.push('\n');
        text.push_str(&row.to_string());
    }
    text
}

#[allow(clippy::disallowed_methods, reason = "nobody reads the file before this program has ended")]
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    fs::write(path, text)
}
