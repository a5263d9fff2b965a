//! Options for Java and limits of the operating system, as start scripts, service units and container files set them
//! (semantics-settings.md 11, item 16). They are no settings of the server: they are named, and never carried.

use super::FileText;
use super::InputFile;
use super::scripts::only_speaks;
use crate::source::{Place, Position};
use crate::text::Parts as _;

/// An option, and where it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JavaOption {
    /// As written, without quotes: `-Dname=value`, `-Xmx2g`, `ulimit -n 65535`. Secrets are masked.
    pub text: String,
    /// Where.
    pub place: Place,
}

impl JavaOption {
    /// The option without its value.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.split('=').next().unwrap_or(&self.text)
    }

    /// Whether it sizes Java's memory.
    #[must_use]
    pub fn is_heap(&self) -> bool {
        [
            "-Xm",
            "-XX:MaxPermSize",
            "-XX:PermSize",
            "-XX:MaxMetaspaceSize",
            "-XX:MetaspaceSize",
            "-XX:MaxRAM",
            "-XX:MinRAM",
        ]
        .iter()
        .any(|start| self.text.starts_with(start))
    }

    /// Whether it is a limit of the operating system.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        !self.text.starts_with('-')
    }
}

/// What begins an option; `-D` and a letter does too. Other tools have options with `-X` as well.
const STARTS: [&str; 17] = [
    "-Xms",
    "-Xmx",
    "-Xmn",
    "-Xss",
    "-XX:",
    "-Xlog",
    "-Xrun",
    "-Xdebug",
    "-Xnoagent",
    "-Xbootclasspath",
    "-Xverify",
    "-Xshare",
    "-Xrs",
    "-javaagent:",
    "-agentlib:",
    "-agentpath:",
    "--add-opens",
];

/// The options that a file sets, in its order.
#[must_use]
pub fn java_options(file: &InputFile<'_>) -> Vec<JavaOption> {
    let FileText::Text(text) = file.text else { return Vec::new() };
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !only_speaks(line)) {
        let code = line.find(" #").map_or(line, |comment| line.part(..comment));
        for (at, text) in limits_in(code).into_iter().chain(options_in(code)) {
            let column = line.part(..at).chars().count() as u32 + 1;
            let place = Place::at(file.path, Position { line: number as u32 + 1, column });
            found.push(JavaOption { text: masked(&text), place });
        }
    }
    found
}

/// The options in a line, each with its byte.
fn options_in(line: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut end = 0;
    for (at, _) in line.match_indices('-') {
        let rest = line.part(at..);
        let property =
            rest.part(1..).starts_with('D') && rest.part(2..).starts_with(|first: char| first.is_ascii_alphabetic());
        let begins = line
            .part(..at)
            .chars()
            .next_back()
            .is_none_or(|before| before.is_whitespace() || "\"'=[,(".contains(before));
        if at < end || !begins || !(property || STARTS.iter().any(|start| rest.starts_with(start))) {
            continue;
        }
        let (text, length) = word(rest);
        end = at + length;
        if !text.starts_with("-Dprofile") {
            found.push((at, text));
        }
    }
    found
}

/// The word that a text begins with, without the quotes inside it, and its length. A quote that was opened before the
/// word ends it.
fn word(text: &str) -> (String, usize) {
    let mut out = String::new();
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') if out.ends_with(['=', ':']) => quote = Some(character),
            (None, '"' | '\'' | '`') => return (out, at),
            (None, blank) if blank.is_whitespace() => return (out, at),
            // The end of a line that goes on, and of a list's item.
            (None, '\\' | ']') if text.part(at + 1..).trim().is_empty() => return (out, at),
            (_, other) => out.push(other),
        }
    }
    (out, text.len())
}

/// Limits of the operating system that a line sets: `ulimit -n 65535`, a unit's `LimitNOFILE=65535`.
fn limits_in(line: &str) -> Option<(usize, String)> {
    let trimmed = line.trim();
    let at = line.len() - line.trim_start().len();
    let unit = trimmed.starts_with("Limit") && trimmed.contains('=') && !trimmed.contains(char::is_whitespace);
    let shell = trimmed.starts_with("ulimit ");
    (unit || shell).then(|| (at, trimmed.to_owned()))
}

/// An option as it may be shown.
fn masked(text: &str) -> String {
    match text.split_once('=') {
        Some((name, value)) => {
            let secret = crate::secret::is_secret_name(name);
            format!("{name}={}", crate::secret::shown(value, secret))
        }
        None => crate::secret::mask_urls(text),
    }
}

#[cfg(test)]
mod tests {
    use super::java_options;
    use crate::layout::{FileText, InputFile};

    fn of(text: &str) -> Vec<String> {
        let file = InputFile { path: "bin/wso2server.sh", text: FileText::Text(text) };
        java_options(&file).into_iter().map(|option| format!("{} {}", option.place, option.text)).collect()
    }

    #[test]
    fn names_each_option_with_its_place() {
        assert_eq!(
            of("#!/bin/sh\nexport JAVA_OPTS=\"$JAVA_OPTS -Dhttp.proxyHost=proxy.acme.org -Xmx4g\" # -Xmx2g\n\
                    $JAVACMD \\\n    -Djava.rmi.server.hostname=\"10.0.0.1\" \\\n    -javaagent:/opt/apm/agent.jar \\\n"),
            [
                "bin/wso2server.sh:2:30 -Dhttp.proxyHost=proxy.acme.org",
                "bin/wso2server.sh:2:62 -Xmx4g",
                "bin/wso2server.sh:4:5 -Djava.rmi.server.hostname=10.0.0.1",
                "bin/wso2server.sh:5:5 -javaagent:/opt/apm/agent.jar",
            ]
        );
        assert_eq!(of("args: [\"-Da=b\", \"-Dc\"]\n"), ["bin/wso2server.sh:1:9 -Da=b", "bin/wso2server.sh:1:18 -Dc"]);
        assert_eq!(
            of("    - JVM_MEM_OPTS=-Xms2g -Xmx2g"),
            ["bin/wso2server.sh:1:20 -Xms2g", "bin/wso2server.sh:1:27 -Xmx2g"]
        );
        assert_eq!(
            of("LimitNOFILE=65535\n  ulimit -n 65535"),
            ["bin/wso2server.sh:1:1 LimitNOFILE=65535", "bin/wso2server.sh:2:3 ulimit -n 65535"]
        );
    }

    #[test]
    fn passes_over_what_sets_nothing() {
        for text in [
            "# -Xmx4g",
            "echo -Xmx4g",
            "curl -XPOST -X GET http://a-Db",
            "sh wso2server.sh -Dprofile=api-store",
            "useradd -D x",
        ] {
            assert!(of(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn masks_secrets() {
        assert_eq!(
            of("-Djavax.net.ssl.trustStorePassword=open-sesame"),
            ["bin/wso2server.sh:1:1 -Djavax.net.ssl.trustStorePassword=********"]
        );
    }
}
