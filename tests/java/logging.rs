//! Our logging files, loaded by the real log4j2 (Debian's liblog4j2-java). Where that or Java's compiler is absent,
//! the tests stand there by name, ignored.

use apim_migrate::text::Parts as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::{Failed, Trial};

const JARS: &str = "/usr/share/java/log4j-core.jar:/usr/share/java/log4j-api.jar";

/// The loggers that get one line each.
const ASKED: [&str; 4] = ["com.example.workflow", "org.apache.synapse.transport.http.wire", "com.atomikos", "org.wso2"];

/// One test for each file, with what log4j2 must say of it.
pub fn trials(root: &Path) -> Vec<Trial> {
    let present = JARS.split(':').all(|jar| Path::new(jar).exists())
        && Command::new("javac").arg("-version").output().is_ok_and(|output| output.status.success());
    let cases: [(&str, &str, &[&str]); 3] = [
        (
            "logging/out/control-plane/repository/conf/log4j2.additions.properties",
            "additions",
            &[
                "appender ATOMIKOS_LOGFILE RollingFileAppender",
                "appender CARBON_SYS_LOG SyslogAppender",
                "appender WORKFLOW_LOG RollingFileAppender",
                "logger root WARN alone CARBON_SYS_LOG",
                "logger com.example.workflow DEBUG alone WORKFLOW_LOG",
                "logger org.wso2.carbon.apimgt.impl DEBUG additive ",
                "file workflow.log … [main] FATAL example.workflow » to com.example.workflow",
            ],
        ),
        (
            "logging-whole/out/control-plane/repository/conf/log4j2.properties",
            "whole_control_plane",
            &[
                "appender ATOMIKOS_LOGFILE RollingFileAppender",
                "appender CARBON_CONSOLE ConsoleAppender",
                "appender CARBON_LOGFILE RollingFileAppender",
                "appender CARBON_SYS_LOG SyslogAppender",
                "appender ERROR_LOGFILE FileAppender",
                "appender WORKFLOW_LOG RollingFileAppender",
                "logger root WARN alone CARBON_CONSOLE,CARBON_LOGFILE,CARBON_SYS_LOG,ERROR_LOGFILE",
                "logger com.atomikos INFO alone ATOMIKOS_LOGFILE",
                "logger com.example.workflow DEBUG alone WORKFLOW_LOG",
                "logger org.apache.synapse INFO additive ",
                "logger org.wso2.carbon.apimgt.impl DEBUG additive ",
                "file transactions.out FATAL main com.atomikos - to com.atomikos",
                "file workflow.log … [main] FATAL example.workflow » to com.example.workflow",
                "file wso2-apigw-errors.log … [main] FATAL wso2 to org.wso2",
                "file wso2carbon.log … FATAL {org.wso2} - to org.wso2",
            ],
        ),
        (
            "logging-whole/out/gateway-worker/repository/conf/log4j2.properties",
            "whole_gateway",
            &[
                "appender CARBON_LOGFILE RollingFileAppender",
                "appender WIRE_LOG FileAppender",
                "logger root ERROR alone CARBON_LOGFILE,ERROR_LOGFILE",
                "logger org.apache.synapse WARN additive ",
                "logger org.apache.synapse.transport.http.wire DEBUG additive WIRE_LOG",
                "file wire.log … wire to org.apache.synapse.transport.http.wire",
                "file wso2carbon.log [-1234] [-1234] [api] … FATAL {org.wso2} … - to org.wso2 {org.wso2}",
            ],
        ),
    ];
    let source = root.join("tests/java/LoadLogging.java");
    let corpus = root.join("corpus");
    cases
        .into_iter()
        .map(|(file, name, expected)| {
            let (file, source) = (corpus.join(file), source.clone());
            Trial::test(format!("log4j2::loads_{name}"), move || loads(&source, &file, expected))
                .with_ignored_flag(!present)
        })
        .collect()
}

fn loads(source: &Path, file: &Path, expected: &[&str]) -> Result<(), Failed> {
    let scratch = tempfile::tempdir()?;
    let classes: PathBuf = scratch.path().join("classes");
    let home = scratch.path().join("home");
    std::fs::create_dir(&classes)?;
    std::fs::create_dir(&home)?;
    // The stand-ins for WSO2's converters are found by the list that log4j2's own processor makes.
    let compiled = Command::new("javac")
        .args(["-encoding", "UTF-8", "-cp", JARS, "-d"])
        .arg(&classes)
        .args(["-processor", "org.apache.logging.log4j.core.config.plugins.processor.PluginProcessor"])
        .arg(source)
        .output()?;
    succeeds("javac", &compiled)?;
    let told = Command::new("java")
        .args(["-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp"])
        .arg(format!("{}:{JARS}", classes.display()))
        .arg("LoadLogging")
        .args([file, &home])
        .args(ASKED)
        .output()?;
    succeeds("log4j2", &told)?;
    let lines = String::from_utf8_lossy(&told.stdout);
    let missing: Vec<&&str> =
        expected.iter().filter(|expected| !lines.lines().any(|line| fits(expected, line))).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("missing {missing:#?} in\n{lines}").into()) }
}

fn succeeds(what: &str, output: &Output) -> Result<(), Failed> {
    let texts = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    if output.status.success() { Ok(()) } else { Err(format!("{what}: {}{}", texts[0], texts[1]).into()) }
}

/// Whether a line says what is expected; `…` is for times and hosts.
fn fits(expected: &str, line: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.part(at + part.len()..);
    }
    rest.is_empty()
}
