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

/// Whether a text has marks that only Helm fills: no other tool has its objects.
pub(super) fn is_helm(text: &str) -> bool {
    const OBJECTS: [&str; 4] = [".Values.", ".Release.", ".Chart.", ".Capabilities."];
    let marks = text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
    marks.into_iter().any(|mark| OBJECTS.iter().any(|object| mark.contains(object)))
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

/// What begins a line of a template that is no line of any configuration: the mark, the words that may follow it (none
/// for any), what it is of, and what renders it.
const STATEMENTS: [(&str, &[&str], &str, &str); 9] = [
    ("{{-", &[], "a Helm or other Go template", "the tool that it is for: `helm template`, `consul-template`"),
    (
        "{{",
        &["if ", "else", "end", "range ", "with ", "include ", "template ", "define ", "block ", "/*"],
        "a Helm or other Go template",
        "the tool that it is for: `helm template`, `consul-template`",
    ),
    ("{{#", &[], "a Mustache or Handlebars template", ""),
    ("{{/", &[], "a Mustache or Handlebars template", ""),
    ("{%", &[], "an Ansible or other Jinja template", "ansible"),
    ("<%", &[], "a Puppet or other ERB template", "puppet"),
    ("%{", &["if ", "else", "endif", "for ", "endfor"], "a Terraform template", "terraform"),
    ("<#", &["if ", "list ", "assign ", "include ", "--"], "a FreeMarker template", ""),
    ("#", &["if(", "if (", "set(", "set (", "foreach(", "foreach ("], "a Velocity template", ""),
];

/// Words of a template that chooses or repeats: wherever they stand in XML, what holds is open. The mark, the words behind
/// it, what it is of, and what renders it.
const CHOICES: [(&str, &[&str], &str, &str); 2] = [
    (
        "{%",
        &["if ", "elif ", "else", "endif", "for ", "endfor", "set ", "include ", "macro ", "block "],
        "an Ansible or other Jinja template",
        "ansible",
    ),
    ("<%", &["if ", "elsif ", "else", "end", "unless ", "@", "scope"], "a Puppet or other ERB template", "puppet"),
];

/// What is said of a text that has statements of a template: such a text is no configuration. A mark that stands for a
/// value alone (`{{ host }}`) is no statement: the tool that fills it will do so in the new file as well. `path` ends as
/// the file is named.
pub(super) fn of_text(path: &str, text: &str) -> Option<Unread> {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let (is_toml, is_xml) = (extension == "toml", extension == "xml");
    if is_helm(text) {
        return Some(helm());
    }
    let mut quoted = None;
    for line in text.lines() {
        // Inside a text of several lines a mark is its text.
        let inside = quoted.is_some();
        if is_toml && let Some(unread) = bare_mark(line, &mut quoted).or_else(|| bare_variable(line, inside)) {
            return Some(unread);
        }
        let line = if inside { "" } else { line.trim_start() };
        let found = STATEMENTS.iter().filter(|(mark, ..)| is_xml || *mark != "#").find(|(mark, words, ..)| {
            let rest = line.strip_prefix(mark).map(|rest| rest.trim_start_matches(['-', '~', ' ', '\t']));
            rest.is_some_and(|rest| words.is_empty() || words.iter().any(|word| rest.starts_with(word)))
        });
        if let Some((_, _, what, with)) = found {
            return Some(unread(what, with));
        }
    }
    is_xml.then(|| chosen(text)).flatten()
}

/// What is said of an XML text in which a template chooses between values, within a line too.
fn chosen(text: &str) -> Option<Unread> {
    let text = without_comments(text);
    CHOICES.iter().find_map(|(mark, words, what, with)| {
        let mut rests = text.split(mark).skip(1).map(|rest| rest.trim_start_matches(['-', '+', ' ', '\t']));
        let found = rests.any(|rest| words.iter().any(|word| rest.starts_with(word)));
        found.then(|| unread(what, with))
    })
}

/// The text without the comments of XML.
fn without_comments(text: &str) -> String {
    let mut parts = text.split("<!--");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once("-->").map_or("", |(_, behind)| behind));
    }
    out
}

/// Marks of templates that no TOML has outside of quotes, and what they are of.
const BARE: [(&str, &str, &str); 6] = [
    ("{{", "a template", ""),
    ("{%", "an Ansible or other Jinja template", "ansible"),
    ("<%", "a Puppet or other ERB template", "puppet"),
    ("%{", "a Terraform template", "terraform"),
    ("<#", "a FreeMarker template", ""),
    ("</#", "a FreeMarker template", ""),
];

/// What is said of a line of TOML whose value is a bare variable in capital letters (`${OFFSET}`, `@OFFSET@`,
/// `__OFFSET__`): a number or flag that a deployment tool puts there. Others are texts whose quotes were forgotten.
fn bare_variable(line: &str, inside: bool) -> Option<Unread> {
    const FORMS: [(&str, &str); 7] =
        [("${", "}"), ("$(", ")"), ("$", ""), ("@@", "@@"), ("@", "@"), ("__", "__"), ("%", "%")];
    let (key, value) = line.split_once('=').filter(|(key, _)| !inside && !key.contains(['"', '\'', '#']))?;
    let value = value.split('#').next().unwrap_or_default().trim();
    let named = |before: &str, after: &str| {
        let name = value.strip_prefix(before)?.strip_suffix(after)?;
        let capital = name.starts_with(|first: char| first.is_ascii_uppercase());
        let rest =
            name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_:-".contains(&byte));
        (capital && rest && !key.trim().is_empty()).then_some(())
    };
    FORMS.iter().find_map(|(before, after)| named(before, after))?;
    Some(unread("a template: the value of a key is a variable", "`envsubst` or the tool that fills it"))
}

/// What is said of the mark of a template that stands outside of the quotes of a line: there TOML has none. `quoted` is the mark that
/// ends the text of several lines that the line stands in.
fn bare_mark(line: &str, quoted: &mut Option<&'static str>) -> Option<Unread> {
    let mut rest = line;
    loop {
        if let Some(end) = *quoted {
            let at = rest.find(end)?;
            rest = rest.get(at + end.len()..)?;
            *quoted = None;
        }
        let at = rest.find(['"', '\'', '#', '{', '<', '%'])?;
        rest = rest.get(at..)?;
        if let Some((_, what, with)) = BARE.iter().find(|(mark, ..)| rest.starts_with(mark)) {
            return Some(unread(what, with));
        }
        if rest.starts_with('#') {
            return None;
        }
        if let Some(end) = ["\"\"\"", "'''"].into_iter().find(|end| rest.starts_with(end)) {
            *quoted = Some(end);
            rest = rest.get(3..)?;
        } else if let Some(quote) = rest.chars().next().filter(|first| matches!(first, '"' | '\'')) {
            rest = behind_quoted(rest.get(1..)?, quote)?;
        } else {
            rest = rest.get(1..)?;
        }
    }
}

/// What stands behind a text in quotes; none where it does not end.
fn behind_quoted(text: &str, quote: char) -> Option<&str> {
    let mut escaped = false;
    let end = text.char_indices().find(|(_, letter)| {
        let ends = *letter == quote && !escaped;
        escaped = *letter == '\\' && quote == '"' && !escaped;
        ends
    });
    text.get(end?.0 + 1..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_marks_outside_of_quotes() {
        for (text, expected) in [
            ("{{ .Values.server | toToml }}\n[a]\n", Some("a Helm template")),
            ("[a]\nb = \"{{ .Values.b }}\"\n", Some("a Helm template")),
            ("[a]\nb = {{ flag }}\n", Some("a template")),
            ("[a]\nb = <%= @offset %>\n", Some("a Puppet or other ERB template")),
            ("[a]\nb = 1 {% if x %}\n", Some("an Ansible or other Jinja template")),
            ("[a]\n<#if x>\n", Some("a FreeMarker template")),
            // Quotes were forgotten.
            ("[a]\nb = ${admin.password}\n", None),
            ("[a]\nb = \"${OFFSET} {{ x }} \\\" <%= y %>\" # {{ z }}\n", None),
            ("[a]\nb = '''\n{{ x }}\n{% y %}'''\nc = { d = 1 }\n", None),
            ("# {% if x %}\n[a]\nb = '{{ x }}'\n", None),
            ("[a]\n%{ if x }\nb = 1\n%{ endif }\n", Some("a Terraform template")),
            ("[a]\nb = 1 %{ if x }2%{ endif }\n", Some("a Terraform template")),
            ("[a]\nb = \"%{ x }\"\n", None),
            ("{{ with secret \"kv/a\" }}\n[a]\n{{ end }}\n", Some("a template")),
            ("[a]\nb = ${OFFSET}\n", Some("a template: the value of a key is a variable")),
            ("[a]\nb = ${OFFSET:-0} # own\n", Some("a template: the value of a key is a variable")),
            ("[a]\nb = @OFFSET@\n", Some("a template: the value of a key is a variable")),
            ("[a]\nb = __OFFSET__\n", Some("a template: the value of a key is a variable")),
            ("[a]\nb = %OFFSET%\n", Some("a template: the value of a key is a variable")),
            ("[a]\nb = $OFFSET\n", Some("a template: the value of a key is a variable")),
            ("[a]\nb = '''\nc = $OFFSET\n'''\nd = \"x = $Y\"\n", None),
        ] {
            assert_eq!(of_text("a.toml", text).map(|unread| unread.reason).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn tells_templates_from_values() {
        for (text, expected) in [
            ("[server]\nhostname = \"{{ host }}\"\n", None),
            ("{{ banner }}\n[server]\n", None),
            ("<a>{{ .Values.host }}</a>", Some("a Helm template")),
            ("<a>.Values. {{ host }}</a>", None),
            ("[a]\n{{- if .Values.x }}\n", Some("a Helm template")),
            ("[a]\n{{- if .x }}\n", Some("a Helm or other Go template")),
            ("[a]\n  {{ range .Values.x }}\n", Some("a Helm template")),
            ("<a>\n{% if x %}\n", Some("an Ansible or other Jinja template")),
            ("<% if @x -%>\n", Some("a Puppet or other ERB template")),
            ("<a>{% if x %}b{% endif %}</a>", Some("an Ansible or other Jinja template")),
            ("<a><% @hosts.each do |h| %><b/><% end %></a>", Some("a Puppet or other ERB template")),
            ("<a><%= @host %></a>", None),
            ("<!-- {% if x %} --><a>{% raw %}b</a>", None),
            ("<a>\n%{ if x }\n</a>", Some("a Terraform template")),
            ("<a>\n#if ($x)\n</a>", Some("a Velocity template")),
            ("<a>\n<#if x>\n</a>", Some("a FreeMarker template")),
            ("<a>\n{{#if x}}\n</a>", Some("a Mustache or Handlebars template")),
        ] {
            assert_eq!(of_text("a.xml", text).map(|unread| unread.reason).as_deref(), expected, "{text}");
        }
        assert_eq!(of_path("a/deployment.toml.j2").map(|(inner, _)| inner), Some("a/deployment.toml"));
        assert_eq!(of_path("a/carbon.xml.ERB").map(|(inner, _)| inner), Some("a/carbon.xml"));
        for path in ["a/x.sh.erb", "a/.xml.erb", "deployment.toml", "a.b/c", "erb"] {
            assert!(of_path(path).is_none(), "{path}");
        }
    }
}
