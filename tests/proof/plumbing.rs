//! The command before a small product of our own: a clean proof, and faults that must each be caught.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::own_product::{can_be_made, put, write};

const VERSION: &str = "WSO2 API Manager v4.4.0";
const FILE: &str = "all-in-one/repository/conf/deployment.toml";

type Check = fn(&Path) -> Result<(), Failed>;

/// One test for each thing that must be said.
pub fn trials() -> Vec<Trial> {
    let present = can_be_made();
    let checks: [(&str, Check); 15] = [
        ("confirms_what_arrives", confirms_what_arrives),
        ("catches_a_dead_key", catches_a_dead_key),
        ("tells_kept_lines_from_dead_keys", tells_kept_lines_from_dead_keys),
        ("keeps_place_holders_of_secrets", keeps_place_holders_of_secrets),
        ("catches_a_wrong_type_and_names_its_line", catches_a_wrong_type_and_names_its_line),
        ("catches_a_lost_value_and_says_so_first", catches_a_lost_value_and_says_so_first),
        ("catches_a_bare_ampersand", catches_a_bare_ampersand),
        ("catches_what_is_no_toml", catches_what_is_no_toml),
        ("proves_place_holders_of_secrets_as_dummies", proves_place_holders_of_secrets_as_dummies),
        ("shows_no_secret", shows_no_secret),
        ("writes_nothing_if_the_product_refuses", writes_nothing_if_the_product_refuses),
        ("marks_each_setting_of_the_report", marks_each_setting_of_the_report),
        ("looks_for_old_values_again", looks_for_old_values_again),
        ("takes_the_product_that_fits", takes_the_product_that_fits),
        ("leaves_the_product_alone", leaves_the_product_alone),
    ];
    let mut trials: Vec<Trial> = checks
        .into_iter()
        .map(|(name, check)| {
            Trial::test(format!("plumbing::{name}"), move || check(tempfile::tempdir()?.path()))
                .with_ignored_flag(!present)
        })
        .collect();
    trials.push(Trial::test("plumbing::tells_which_java_it_needs", || {
        tells_which_java_it_needs(tempfile::tempdir()?.path())
    }));
    trials
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/all-in-one/in")
}

fn run(args: &[&str], paths: &[&Path]) -> Result<Output, Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-migrate"));
    command.args(args);
    Ok(command.args(paths).output()?)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The sample, converted, and the product.
fn converted(scratch: &Path) -> Result<(PathBuf, PathBuf), Failed> {
    let (out, home) = (scratch.join("out"), write(&scratch.join("product"), VERSION, &[])?);
    let output = run(&["convert", "--quiet", "--out"], &[&out, &sample()])?;
    if output.status.code() == Some(1) {
        return Err(text(&output.stderr).into());
    }
    Ok((out, home))
}

/// Verifies, and gives exit code, text and JSON.
fn verify(out: &Path, home: &Path) -> Result<(i32, String, Value), Failed> {
    let told = run(&["verify", "--product"], &[home, out])?;
    let json = run(&["verify", "--format", "json", "--product"], &[home, out])?;
    let value = serde_json::from_slice(&json.stdout).map_err(|error| format!("{error}: {}", text(&told.stderr)))?;
    Ok((told.status.code().unwrap_or(-1), text(&told.stdout), value))
}

/// What the proof says of an old setting.
fn setting<'p>(proof: &'p Value, path: &str) -> Option<&'p Value> {
    proof["settings"].as_array()?.iter().find(|setting| setting["path"] == path)
}

fn edit(out: &Path, from: &str, to: &str) -> Result<(), Failed> {
    let path = out.join(FILE);
    let old = std::fs::read_to_string(&path)?;
    if !old.contains(from) {
        return Err(format!("`{from}` does not stand in\n{old}").into());
    }
    put(&path, old.replacen(from, to, 1).as_bytes())
}

fn line_of(out: &Path, text: &str) -> Result<usize, Failed> {
    let file = std::fs::read_to_string(out.join(FILE))?;
    Ok(file.lines().position(|line| line.contains(text)).ok_or_else(|| format!("no `{text}`"))? + 1)
}

fn expect(holds: bool, what: &dyn std::fmt::Display) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(what.to_string().into()) }
}

fn confirms_what_arrives(scratch: &Path) -> Result<(), Failed> {
    let (out, home) = converted(scratch)?;
    let (code, told, proof) = verify(&out, &home)?;
    let totals = &proof["totals"];
    let good = totals["accepted"] == 1 && totals["dead"] == 0 && totals["lost"] == 0 && totals["altered"] == 0;
    expect(code == 0 && good && totals["confirmed"].as_u64() > Some(5), &told)?;
    let place = setting(&proof, "/Server/HostName").map(|setting| setting["places"][0].clone()).unwrap_or_default();
    expect(place == "carbon.xml:/Server/HostName", &place)?;
    expect(told == verify(&out, &home)?.1, &"a second run tells something else")
}

fn catches_a_dead_key(scratch: &Path) -> Result<(), Failed> {
    let (out, home) = converted(scratch)?;
    let path = out.join(FILE);
    let planted = format!("{}\n[apim.nothing]\nreads_it = \"x\"\n", std::fs::read_to_string(&path)?);
    put(&path, planted.as_bytes())?;
    let (code, told, proof) = verify(&out, &home)?;
    let place = format!("{FILE}:{}:12: apim.nothing.reads_it: dead", line_of(&out, "reads_it")?);
    expect(code == 3 && proof["totals"]["dead"] == 1 && told.contains(&place), &told)
}

/// A deployment of 4.2 whose receiver groups have one address each, beside which their type does nothing.
const OF_4_2: &str = "\
[server]
hostname = \"api.example.com\"
node_ip = \"10.0.0.1\"

[apim.sync_runtime_artifacts.gateway]
gateway_labels = [\"Default\"]

[[apim.throttling.url_group]]
traffic_manager_urls = [\"tcp://tm1.example.com:9611\"]
traffic_manager_auth_urls = [\"ssl://tm1.example.com:9711\"]
type = \"failover\"
";

/// The deployment of 4.2 with further lines, converted before a product that ignores the type of the group.
fn of_4_2(scratch: &Path, more: &str) -> Result<(PathBuf, PathBuf), Failed> {
    let ignored = ("repository/resources/conf/ignored.txt", "apim.throttling.url_group[1].type\n");
    let home = write(&scratch.join("product"), VERSION, &[ignored])?;
    let (old, out) = (scratch.join("old"), scratch.join("out"));
    put(&old.join("apim/repository/conf/deployment.toml"), format!("{OF_4_2}{more}").as_bytes())?;
    let args = ["convert", "--source-version", "4.2", "--product"];
    let output = run(&args, &[&home, Path::new("--out"), &out, &old])?;
    if output.status.code() == Some(1) || output.stdout.starts_with(b"Lost") {
        return Err(format!("{}{}", text(&output.stdout), text(&output.stderr)).into());
    }
    Ok((home, out))
}

fn tells_kept_lines_from_dead_keys(scratch: &Path) -> Result<(), Failed> {
    let (home, out) = of_4_2(scratch, "")?;
    let (code, told, proof) = verify(&out, &home)?;
    let key = "apim.throttling.url_group[0].type";
    let outcome = setting(&proof, key).map(|setting| setting["outcome"].clone()).unwrap_or_default();
    let totals = &proof["totals"];
    expect(code == 0 && totals["idle"] == 1 && totals["dead"] == 0 && outcome == "changed", &told)?;
    expect(told.contains(&format!("nothing comes of them here: {key}")), &told)?;
    // Another value is no longer the old line.
    edit(&out, "type = \"failover\"", "type = \"loadbalance\"")?;
    let (code, told, proof) = verify(&out, &home)?;
    expect(code == 3 && proof["totals"]["lost"] == 1, &told)?;
    // A line that the migration did not keep has no such excuse.
    std::fs::remove_file(out.join("migration-report.json"))?;
    let (code, told, proof) = verify(&out, &home)?;
    expect(code == 3 && proof["totals"]["idle"] == 0 && proof["totals"]["dead"] == 1, &told)
}

fn keeps_place_holders_of_secrets(scratch: &Path) -> Result<(), Failed> {
    let (home, out) = of_4_2(scratch, "\n[secrets]\nadmin_password = \"[REPLACE_ME]\"\n")?;
    let (code, told, proof) = verify(&out, &home)?;
    let setting = setting(&proof, "secrets.admin_password");
    expect(code == 0 && setting.is_some_and(|setting| setting["outcome"] == "confirmed"), &told)
}

fn catches_a_wrong_type_and_names_its_line(scratch: &Path) -> Result<(), Failed> {
    let (out, home) = converted(scratch)?;
    edit(&out, "[server]\n", "[server]\noffset = \"one\"\n")?;
    let (code, told, proof) = verify(&out, &home)?;
    let place = format!("{FILE}:{}:10: server.offset: not a number: one; a number is wanted", line_of(&out, "offset")?);
    let complaint = &proof["nodes"][0]["complaints"][0];
    expect(code == 3 && told.contains(&place) && complaint["kind"] == "refused", &told)?;
    // What the product refuses brings none of the old values.
    expect(proof["totals"]["confirmed"] == 0 && told.starts_with("Lost"), &told)
}

fn catches_a_lost_value_and_says_so_first(scratch: &Path) -> Result<(), Failed> {
    let (out, home) = converted(scratch)?;
    let file = std::fs::read_to_string(out.join(FILE))?;
    let host = file.lines().find(|line| line.starts_with("hostname")).unwrap_or_default().to_owned();
    edit(&out, &host, "hostname = \"elsewhere.example.org\"")?;
    let (code, told, proof) = verify(&out, &home)?;
    let first = told.lines().nth(1).unwrap_or_default();
    let right = told.starts_with("Lost") && first.contains("carbon.xml") && first.contains("/Server/HostName");
    expect(code == 3 && proof["totals"]["lost"] == 1 && right, &told)
}

fn catches_a_bare_ampersand(scratch: &Path) -> Result<(), Failed> {
    let (out, home) = converted(scratch)?;
    let file = std::fs::read_to_string(out.join(FILE))?;
    let host = file.lines().find(|line| line.starts_with("hostname")).unwrap_or_default().to_owned();
    edit(&out, &host, "hostname = \"a&b\"")?;
    let (code, told, proof) = verify(&out, &home)?;
    let fault = &proof["nodes"][0]["malformed"][0];
    let right =
        fault["file"] == "repository/conf/carbon.xml" && fault["line"] == 2 && fault["key"] == "server.hostname";
    expect(code == 3 && right && told.contains("repository/conf/carbon.xml:2:"), &told)
}

fn catches_what_is_no_toml(scratch: &Path) -> Result<(), Failed> {
    let (out, home) = converted(scratch)?;
    edit(&out, "[server]\n", "[server]\noffset =\n")?;
    let (code, told, proof) = verify(&out, &home)?;
    let complaint = &proof["nodes"][0]["complaints"][0];
    expect(code == 3 && complaint["kind"] == "syntax" && complaint["line"] == line_of(&out, "offset")?, &told)
}

fn proves_place_holders_of_secrets_as_dummies(scratch: &Path) -> Result<(), Failed> {
    let (out, home) = converted(scratch)?;
    let path = out.join(FILE);
    let planted = format!("{}\n[secrets]\nadmin_password = \"[REPLACE_ME]\"\n", std::fs::read_to_string(&path)?);
    put(&path, planted.as_bytes())?;
    let (code, told, _) = verify(&out, &home)?;
    expect(code == 0 && told.contains("note: 1 secret"), &told)
}

fn shows_no_secret(scratch: &Path) -> Result<(), Failed> {
    let (out, home) = converted(scratch)?;
    let file = std::fs::read_to_string(out.join(FILE))?;
    let password = file.lines().find(|line| line.starts_with("password")).unwrap_or_default().to_owned();
    edit(&out, &password, "password = \"Tr0ub4dor\"")?;
    put(&home.join("repository/resources/conf/needs-number.txt"), b"super_admin.password\n")?;
    let (code, told, proof) = verify(&out, &home)?;
    expect(code == 3 && told.contains("not a number: ********"), &told)?;
    expect(!told.contains("Tr0ub4dor") && !proof.to_string().contains("Tr0ub4dor"), &told)
}

fn writes_nothing_if_the_product_refuses(scratch: &Path) -> Result<(), Failed> {
    let rule = ("repository/resources/conf/needs-number.txt", "server.hostname\n");
    let home = write(&scratch.join("product"), VERSION, &[rule])?;
    let out = scratch.join("out");
    let refused = run(&["convert", "--product"], &[&home, Path::new("--out"), &out, &sample()])?;
    let told = text(&refused.stderr);
    expect(refused.status.code() == Some(1) && !out.exists() && told.contains("server.hostname"), &told)?;
    let forced = run(&["convert", "--force", "--product"], &[&home, Path::new("--out"), &out, &sample()])?;
    expect(forced.status.code() == Some(3) && out.join(FILE).exists(), &text(&forced.stderr))
}

fn marks_each_setting_of_the_report(scratch: &Path) -> Result<(), Failed> {
    let home = write(&scratch.join("product"), VERSION, &[])?;
    let out = scratch.join("out");
    let output = run(&["convert", "--product"], &[&home, Path::new("--out"), &out, &sample()])?;
    let report: Value = serde_json::from_str(&std::fs::read_to_string(out.join("migration-report.json"))?)?;
    let mut marked = 0;
    for setting in report["deployments"][0]["settings"].as_array().into_iter().flatten() {
        let converted = setting["outcome"] == "converted";
        if converted == setting["proof"].is_null() {
            return Err(format!("not marked: {setting}").into());
        }
        marked += u64::from(converted);
    }
    let totals = &report["proof"]["totals"];
    let sum = ["confirmed", "changed", "lost"].iter().filter_map(|word| totals[word].as_u64()).sum::<u64>();
    expect(sum == marked && totals["lost"] == 0, totals)?;
    let told = text(&output.stdout);
    expect(told.contains("Proof, by the product itself") && told.contains("settings"), &told)?;
    // A product that ignores a key loses the settings in it.
    put(&home.join("repository/resources/conf/ignored.txt"), b"server.hostname\n")?;
    let output = run(&["convert", "--product"], &[&home, Path::new("--out"), &out, &sample()])?;
    let told = text(&output.stdout);
    expect(output.status.code() == Some(3) && told.starts_with("Lost"), &told)
}

fn looks_for_old_values_again(scratch: &Path) -> Result<(), Failed> {
    let (out, home) = converted(scratch)?;
    std::fs::remove_file(out.join("migration-report.json"))?;
    let (code, told, proof) = verify(&out, &home)?;
    expect(code == 0 && proof["settings"] == serde_json::json!([]), &told)?;
    let output = run(&["verify", "--format", "json", "--product"], &[&home, Path::new("--legacy"), &sample(), &out])?;
    expect(output.status.code() == Some(0), &text(&output.stderr))?;
    let proof: Value = serde_json::from_slice(&output.stdout)?;
    expect(proof["totals"]["confirmed"].as_u64() > Some(5) && proof["totals"]["lost"] == 0, &proof["totals"])
}

fn takes_the_product_that_fits(scratch: &Path) -> Result<(), Failed> {
    let (out, home) = converted(scratch)?;
    let told = |args: &[&str], paths: &[&Path]| -> Result<(Option<i32>, String), Failed> {
        let output = run(args, paths)?;
        Ok((output.status.code(), text(&output.stderr)))
    };
    let old = write(&scratch.join("old"), "WSO2 API Manager v4.0.0", &[])?;
    let (code, words) = told(&["verify", "--product"], &[&old, &out])?;
    expect(code == Some(1) && words.contains("WSO2 API Manager 4.0.0 does not fit the target current"), &words)?;
    let gateway = write(&scratch.join("gateway"), "WSO2 Universal Gateway v4.5.0", &[])?;
    let (code, words) = told(&["verify", "--product"], &[&gateway, &out])?;
    expect(code == Some(1) && words.contains("--product all-in-one=HOME"), &words)?;
    let (code, words) = told(&["verify", "--product"], &[scratch, &out])?;
    expect(code == Some(1) && words.contains("no home of API-M"), &words)?;
    let own = format!("all-in-one={}", home.display());
    let (code, words) = told(&["verify", "--product", &own, "--product"], &[&old, &out])?;
    expect(code == Some(0), &words)?;
    let (code, words) = told(&["verify", "--product", &own, "--product", &own], &[&out])?;
    expect(code == Some(1) && words.contains("twice"), &words)
}

/// Every file below a folder.
fn everything(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, Failed> {
    let mut found = BTreeMap::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in std::fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let bytes = std::fs::read(&path)?;
                found.insert(path, bytes);
            }
        }
    }
    Ok(found)
}

fn leaves_the_product_alone(scratch: &Path) -> Result<(), Failed> {
    let (out, home) = converted(scratch)?;
    let (before, written) = (everything(&home)?, everything(&out)?);
    verify(&out, &home)?;
    expect(before == everything(&home)? && written == everything(&out)?, &"something was written")
}

fn tells_which_java_it_needs(scratch: &Path) -> Result<(), Failed> {
    let home = scratch.join("product");
    put(&home.join("lib/nothing.jar"), b"")?;
    put(&home.join("repository/resources/conf/templates/x.j2"), b"")?;
    put(&scratch.join("out").join(FILE), b"[server]\nhostname = \"a\"\n")?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-migrate"));
    command.arg("verify").arg("--product").arg(&home).arg(scratch.join("out")).env("JAVA_HOME", scratch.join("jdk"));
    let output = command.output()?;
    let told = text(&output.stderr);
    expect(output.status.code() == Some(1) && told.contains("JAVA_HOME is"), &told)?;
    command.env_remove("JAVA_HOME").env("PATH", scratch);
    let told = text(&command.output()?.stderr);
    expect(told.contains("no Java is found") && told.contains("verify --static"), &told)?;
    #[cfg(unix)]
    {
        let java = scratch.join("jdk/bin/java");
        put(&java, b"#!/bin/sh\necho 'java version \"1.8.0_392\"' >&2\n")?;
        std::fs::set_permissions(&java, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        command.env("JAVA_HOME", scratch.join("jdk"));
        let told = text(&command.output()?.stderr);
        expect(told.contains("is Java 8, 11 or later is needed"), &told)?;
    }
    Ok(())
}
