//! Secrets stay in the written `deployment.toml` files.

use apim_migrate::text::Parts as _;
use std::collections::BTreeSet;
use std::fs;

use super::{Scratch, corpus, files};

/// What stands in elements, attributes and keys that hold secrets, and between a user and a host in URLs. Texts that are also
/// said elsewhere for another reason (`admin`) are no use here.
fn secrets(scratch: &Scratch) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, bytes) in files(&scratch.path("in")) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if path.ends_with("cipher-text.properties") {
            found.extend(text.lines().filter_map(|line| Some(line.split_once('=')?.1.trim().to_owned())));
        }
        for (name, rest) in text.match_indices("assword").map(|(at, word)| (word, text.part(at + word.len()..))) {
            assert_eq!(name, "assword");
            let value = rest.strip_prefix('>').and_then(|rest| rest.split_once('<')).map(|(value, _)| value);
            let quoted = rest.strip_prefix("=\"").or_else(|| rest.strip_prefix(" = \""));
            let value = value.or_else(|| quoted.and_then(|rest| rest.split('"').next()));
            found.extend(value.map(|value| value.trim().to_owned()));
        }
        for (at, _) in text.match_indices('@') {
            let before =
                text.part(..at).rsplit(|end: char| end.is_whitespace() || "<>'\"".contains(end)).next().unwrap_or("");
            if let Some((_, user)) = before.split_once("://") {
                found.extend(user.split_once(':').map(|(_, password)| password.to_owned()));
            }
        }
    }
    let common = ["admin", "wso2carbon", "guest", "true", "false", "password"];
    found.retain(|secret| {
        secret.len() > 4 && !secret.contains("${") && !secret.starts_with('$') && !common.contains(&secret.as_str())
    });
    let decoded: Vec<String> = found
        .iter()
        .map(|secret| secret.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"))
        .collect();
    found.extend(decoded);
    found
}

#[test]
fn no_output_shows_a_secret() {
    for case in fs::read_dir(corpus()).unwrap() {
        let path = case.unwrap().path();
        if !path.join("in").is_dir() {
            continue;
        }
        let scratch = Scratch::of(path.file_name().unwrap().to_str().unwrap());
        let secrets = secrets(&scratch);
        assert!(!secrets.is_empty(), "{path:?}");
        let mut shown = Vec::new();
        for target in ["current", "4.0", "4.5"] {
            for format in ["text", "json"] {
                let plan = ["plan", "in", "--target", target, "--format", format, "--show-secrets"];
                shown.push(scratch.run(&[&plan[..], &["--write-decisions", "decisions.toml"]].concat()));
                fs::remove_file(scratch.path("decisions.toml")).unwrap_or_else(|error| panic!("{error}"));
                let convert = ["convert", "in", "--out", "out", "--target", target, "--format", format];
                shown.push(scratch.run(&[&convert[..], &["--keep-legacy-defaults"]].concat()));
            }
        }
        scratch.run(&["plan", "in", "--write-decisions", "decisions.toml"]);
        let mut texts: Vec<String> = shown.into_iter().flat_map(|run| [run.stdout, run.stderr]).collect();
        texts.push(fs::read_to_string(scratch.path("out/migration-report.json")).unwrap());
        texts.push(fs::read_to_string(scratch.path("decisions.toml")).unwrap());
        for secret in &secrets {
            let leak = texts.iter().find_map(|text| text.lines().find(|line| line.contains(secret)));
            assert!(leak.is_none(), "{path:?}: `{secret}` is shown: {}", leak.unwrap_or_default());
        }
        let written: String = files(&scratch.path("out"))
            .iter()
            .filter(|(name, _)| name.ends_with("deployment.toml"))
            .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
            .collect();
        // What the vault holds is cipher text and of no use to the new server.
        let vault = scratch.path("in/apim/repository/conf/security/cipher-text.properties").exists();
        assert_eq!(secrets.iter().any(|secret| written.contains(secret)), !vault, "{path:?}: whether they arrive");
    }
}

#[test]
fn errors_about_damaged_files_show_no_secret() {
    let scratch = Scratch::of("five-node");
    let file = "in/publisher/repository/conf/user-mgt.xml";
    let text = fs::read_to_string(scratch.path(file)).unwrap();
    let cut = text.find("apim-secret").unwrap() + "apim-secret".len();
    scratch.put(file, &text.as_bytes()[..cut]);
    for format in ["text", "json"] {
        let run = scratch.run(&["plan", "in", "--format", format]);
        assert!(!run.stdout.contains("apim-secret") && !run.stderr.contains("apim-secret"));
    }
    let alone = scratch.run(&["plan", file]);
    assert!(!alone.one_error().contains("apim-secret"), "{}", alone.stderr);
}

#[test]
fn aliases_of_the_secret_vault_are_written_as_references() {
    let scratch = Scratch::of("five-node");
    for node in ["node-a", "node-b", "node-c", "publisher", "store"] {
        let file = format!("in/{node}/repository/conf/user-mgt.xml");
        scratch.edit(&file, "<UserManager>", "<UserManager xmlns:svns=\"http://org.wso2.securevault/configuration\">");
        scratch.edit(
            &file,
            "<Password>apim-secret</Password>",
            "<Password svns:secretAlias=\"UserManager.AdminUser.Password\">password</Password>",
        );
    }
    let report = scratch.convert(&[]);
    assert_eq!(report["totals"]["unknown"], 0);
    for node in ["control-plane", "gateway-worker", "traffic-manager"] {
        let file = scratch.written(node);
        assert_eq!(super::text(&file, "super_admin.password"), "$secret{UserManager_AdminUser_Password}");
        assert_eq!(file["secrets"]["UserManager_AdminUser_Password"].as_str(), Some("[REPLACE_ME]"), "{node}");
    }
}
