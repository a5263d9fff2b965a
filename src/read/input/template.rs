//! Templates of configuration: what they say is not known until they are rendered.

use super::unread::{Unread, UnreadKind};
use crate::text::Parts as _;

/// Endings of templates, what they are, and what renders them.
const ENDINGS: [(&str, &str, &str); 16] = [
    (".erb", "a Puppet or other ERB template", "puppet"),
    (".epp", "a Puppet template", "puppet"),
    (".j2", "an Ansible or other Jinja template", "ansible"),
    (".jinja", "an Ansible or other Jinja template", "ansible"),
    (".jinja2", "an Ansible or other Jinja template", "ansible"),
    (".tpl", "a template", ""),
    (".tmpl", "a template", ""),
    (".gotmpl", "a template", ""),
    (".ctmpl", "a Consul template", "consul-template"),
    (".tftpl", "a Terraform template", "terraform"),
    (".mustache", "a Mustache template", ""),
    (".hbs", "a Handlebars template", ""),
    (".ftl", "a FreeMarker template", ""),
    (".vm", "a Velocity template", ""),
    (".template", "a template", ""),
    (".in", "a template", ""),
];

fn unread(what: &str, with: &str) -> Unread {
    let with = if with.is_empty() { String::new() } else { format!(" (with {with})") };
    Unread::new(UnreadKind::Template, what, format!("render it{with} and give the result"))
}

/// What is said of a Helm template.
pub(super) fn helm() -> Unread {
    let help = "render the chart with `helm template` and give the result";
    Unread::new(UnreadKind::Template, "a Helm template", help)
}

/// If the path is that of a template of a configuration file: the path of that file, and what is said of the template.
pub(super) fn of_path(path: &str) -> Option<(&str, Unread)> {
    let (_, extension) = path.rsplit_once('.')?;
    let (ending, what, with) = ENDINGS.iter().find(|(ending, ..)| ending.part(1..).eq_ignore_ascii_case(extension))?;
    let inner = path.part(..path.len() - ending.len());
    let configuration = inner.rsplit_once('.').is_some_and(|(stem, extension)| {
        matches!(extension, "xml" | "toml" | "properties") && !stem.is_empty() && !stem.ends_with('/')
    });
    configuration.then(|| (inner, unread(what, with)))
}

/// What is said of a text that has statements of a template: such a text is no configuration. A mark that stands for a
/// value alone (`{{ host }}`) is no statement: the tool that fills it will do so in the new file as well.
pub(super) fn of_text(text: &str) -> Option<Unread> {
    const HELM: [&str; 8] = ["if ", "else", "end", "range ", "with ", "include ", "template ", "define "];
    for line in text.lines() {
        let line = line.trim_start();
        if let Some(statement) = line.strip_prefix("{{") {
            let (trims, statement) = (statement.starts_with('-'), statement.trim_start_matches('-').trim_start());
            if trims || HELM.iter().any(|word| statement.starts_with(word)) {
                return Some(helm());
            }
        } else if line.starts_with("{%") {
            return Some(unread("an Ansible or other Jinja template", "ansible"));
        } else if line.starts_with("<%") {
            return Some(unread("a Puppet or other ERB template", "puppet"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_templates_from_values() {
        for (text, expected) in [
            ("[server]\nhostname = \"{{ host }}\"\n", None),
            ("{{ banner }}\n[server]\n", None),
            ("[a]\n{{- if .Values.x }}\n", Some("a Helm template")),
            ("[a]\n  {{ range .Values.x }}\n", Some("a Helm template")),
            ("<a>\n{% if x %}\n", Some("an Ansible or other Jinja template")),
            ("<% if @x -%>\n", Some("a Puppet or other ERB template")),
        ] {
            assert_eq!(of_text(text).map(|unread| unread.reason).as_deref(), expected, "{text}");
        }
        assert_eq!(of_path("a/deployment.toml.j2").map(|(inner, _)| inner), Some("a/deployment.toml"));
        assert_eq!(of_path("a/carbon.xml.ERB").map(|(inner, _)| inner), Some("a/carbon.xml"));
        for path in ["a/x.sh.erb", "a/.xml.erb", "deployment.toml", "a.b/c", "erb"] {
            assert!(of_path(path).is_none(), "{path}");
        }
    }
}
