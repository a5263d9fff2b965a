//! Secrets in files that cannot be read: nothing of them is quoted.

use super::{Planter, leaks, outputs};
use crate::cli::Scratch;

/// Files that are damaged at a secret, or beside one; `#` stands for a piece of it.
const TOML: [&str; 21] = [
    "password  \"#\"",
    "password = #",
    "password = \"#",
    "password = '#",
    "password = \"#\" \"#\"",
    "password = \"\"\"\n#\n# #\n",
    "password = [\"#\"\nx = \"#\"",
    "password : \"#\"",
    "password \"#\" = x",
    "\"#\"",
    "= \"#\"",
    "'db.password' \"#\"",
    "[table \"#\"",
    "[[table]\npassword = \"#\"",
    "a = { password = \"#\", }}",
    "a = { password = \"#\"",
    "password = \"\\q#\"",
    "url = \"amqp://u:#@h\" x",
    "password = #\nuser = \"a\" b\ntoken = \"#",
    "a = 1\na = 2\npassword == \"#\"",
    "token=\"#\";",
];
const XML: [&str; 16] = [
    "<Password>#<#</Password>",
    "<Password>#<Zqb#</Password>",
    "<Password><#</Password>",
    "<Password>#&#;</Password>",
    "<Password>#</Pasword>",
    "<Password>#",
    "<Password value=\"#\"#\"/>",
    "<Password value=\"#\" #x=y\"/>",
    "<Password value=\"#<#\"/>",
    "<Password value=#/>",
    "<Password value=\"#/>",
    "<Property name=\"password\">#<x#</Property>",
    "<Property name=\"password\" value=\"#\" x#\"/>",
    "<Property name=\"password\" value=\"#\" x#='\"/>",
    "<Password><![CDATA[#</Password>",
    "<Password>#</Password></Password>",
];

#[test]
fn nothing_of_a_damaged_file_is_quoted() {
    let mut planter = Planter::default();
    let mut all = Vec::new();
    for (kind, faults) in [("toml", &TOML[..]), ("xml", &XML[..])] {
        let scratch = Scratch::new();
        for (number, fault) in faults.iter().enumerate() {
            let fault = planter.fill(fault);
            if kind == "toml" {
                let text = format!(
                    "[server]\nhostname = \"h{number}.example.com\"\n[super_admin]\nusername = \"admin\"\n{fault}\n"
                );
                scratch.put(&format!("in/d{number}/repository/conf/deployment.toml"), text.as_bytes());
            } else {
                for (file, root) in [("api-manager.xml", "APIManager"), ("user-mgt.xml", "UserManager")] {
                    let text = format!("<{root}>\n<A>1</A>\n{fault}\n<B>2</B></{root}>\n");
                    scratch.put(&format!("in/d{number}/repository/conf/{file}"), text.as_bytes());
                }
            }
        }
        all.extend(leaks(&outputs(&scratch, "in", true), &[]));
    }
    assert!(all.is_empty(), "{} are shown:\n{}", all.len(), all.join("\n"));
}
