//! What the product's mapper does to a value, undone beforehand (semantics-settings.md, 1.5).
//!
//! The mapper pastes a value into its templates as it is, and then looks at the result once more as a template.
//! So a value is written in the form that its place needs: with entities in XML, with doubled backslashes in
//! properties files, and with template marks taken out of the engine's sight.

use crate::mapping::catalog::Positions;
use crate::text::Parts as _;

/// A value as it goes into the TOML string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escaped {
    /// The text.
    pub text: String,
    /// The value lands in places that need different writing, and holds these characters that differ.
    pub wrong_for: Vec<char>,
}

/// `value` as the key at `positions` needs it. Without positions a value is taken to land in XML, as most do:
/// entities come back as the characters that they stand for, in text and in attributes.
#[must_use]
pub fn escape(value: &str, positions: Positions) -> Escaped {
    let unknown = positions == Positions::default();
    let xml = positions.xml || unknown;
    let attribute = positions.attribute || unknown;
    let marked = |character: char| matches!(character, '&' | '<' | '>') || (attribute && character == '"');
    let mut text = String::with_capacity(value.len() + 8);
    let mut wrong_for = Vec::new();
    for character in value.chars() {
        let in_xml = xml && marked(character);
        let in_properties = positions.properties && character == '\\';
        let in_toml = positions.toml && matches!(character, '\\' | '"');
        let elsewhere = positions.properties || positions.cdata || positions.toml;
        let disputed = (in_xml && elsewhere) || (in_properties && (xml || positions.cdata));
        if disputed && !wrong_for.contains(&character) {
            wrong_for.push(character);
        }
        match character {
            '&' if in_xml => text.push_str("&amp;"),
            '<' if in_xml => text.push_str("&lt;"),
            '>' if in_xml => text.push_str("&gt;"),
            '"' if in_xml => text.push_str("&quot;"),
            // Where XML is concerned too its form wins: a malformed file stops the server, a wrong value does not.
            '\\' if in_properties && !disputed => text.push_str("\\\\"),
            '\\' | '"' if in_toml => {
                text.push('\\');
                text.push(character);
            }
            other => text.push(other),
        }
    }
    Escaped { text: literal(text), wrong_for }
}

/// The same for a value in which `plain` references (`$env{NAME}`) are text. In XML the dollar is written as an entity, so
/// that the mapper finds no reference; elsewhere nothing hides one, and `$` is among the characters that are wrong.
#[must_use]
pub fn escape_plain(value: &str, positions: Positions, plain: &[String]) -> Escaped {
    let mut escaped = escape(value, positions);
    let xml = positions.xml || positions == Positions::default();
    let elsewhere = positions.properties || positions.cdata || positions.toml;
    for reference in plain.iter().filter(|reference| value.contains(*reference)) {
        let live = escape(reference, positions).text;
        if xml && let Some(name) = live.strip_prefix('$') {
            escaped.text = escaped.text.replace(&live, &format!("&#36;{name}"));
        }
        if (elsewhere || !xml) && !escaped.wrong_for.contains(&'$') {
            escaped.wrong_for.push('$');
        }
    }
    escaped
}

/// `text` so that the template engine prints it instead of running it. A mark that a deployment tool fills before
/// the server sees the file (`{{ db_host }}`) stays for that tool as it is (semantics-settings.md, 1.6).
fn literal(text: String) -> String {
    if !runs(&text) || only_tool_marks(&text) {
        return text;
    }
    if !text.contains("endraw") {
        return format!("{{% raw %}}{text}{{% endraw %}}");
    }
    // The text would end the raw block itself: only the opening marks are printed by an expression.
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text.as_str();
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        out.push_str(rest.part(..start));
        out.push_str("{{ '");
        out.push_str(rest.part(start..start + 2));
        out.push_str("' }}");
        rest = rest.part(start + 2..);
    }
    out + rest
}

/// Whether the template engine finds something to run in the text.
#[must_use]
pub fn runs(text: &str) -> bool {
    let pair =
        |open: &str, close: &str| text.find(open).is_some_and(|start| text.part(start + open.len()..).contains(close));
    pair("{{", "}}") || pair("{%", "%}")
}

/// Whether every `{{ … }}` in the text is a name to be filled in, perhaps with filters, and nothing else would run.
#[must_use]
pub fn only_tool_marks(text: &str) -> bool {
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some(end) = rest.part(start..).find("}}") else { break };
        let inner = rest
            .part(start + 2..start + end)
            .trim_matches(|character: char| character.is_whitespace() || character == '-');
        let begins =
            inner.starts_with(|character: char| character.is_alphabetic() || matches!(character, '_' | '.' | '$'));
        let is_name = inner.chars().all(|character| character.is_alphanumeric() || "_.$| -\"'".contains(character));
        if !begins || !is_name {
            return false;
        }
        rest = rest.part(start + end + 2..);
    }
    !text.contains("{%")
}

#[cfg(test)]
mod tests {
    use super::{escape, escape_plain};
    use crate::mapping::catalog::Positions;

    const TEXT: Positions = Positions { xml: true, attribute: false, ..NONE };
    const NONE: Positions =
        Positions { xml: false, attribute: false, properties: false, cdata: false, name: false, toml: false };

    #[test]
    fn writes_entities_where_xml_is() {
        assert_eq!(escape(r#"a&b<c>"d"'e'\f"#, TEXT).text, r#"a&amp;b&lt;c&gt;"d"'e'\f"#);
        assert_eq!(escape(r#""a""#, Positions { attribute: true, ..TEXT }).text, "&quot;a&quot;");
        assert_eq!(escape(r#"a&"b""#, NONE).text, "a&amp;&quot;b&quot;");
    }

    #[test]
    fn doubles_backslashes_in_properties() {
        let escaped = escape(r"a\b&c", Positions { properties: true, ..NONE });
        assert_eq!((escaped.text.as_str(), escaped.wrong_for.len()), (r"a\\b&c", 0));
    }

    #[test]
    fn leaves_character_data_alone() {
        assert_eq!(escape("a&b", Positions { cdata: true, ..NONE }).text, "a&b");
    }

    #[test]
    fn tells_when_no_form_is_right() {
        let both = Positions { properties: true, ..TEXT };
        let escaped = escape(r"p&w\", both);
        assert_eq!((escaped.text.as_str(), escaped.wrong_for), (r"p&amp;w\", vec!['&', '\\']));
        assert!(escape("plain", both).wrong_for.is_empty());
    }

    #[test]
    fn keeps_references() {
        for text in ["${admin.password}", "$ref{super_admin.username}", "$env{HOME}", "$secret{x}"] {
            assert_eq!(escape(text, NONE).text, text);
        }
    }

    #[test]
    fn writes_references_that_are_text_as_text() {
        let plain = ["$env{A&B}".to_owned(), "$secret{x}".to_owned()];
        let escaped = escape_plain("p$env{A&B}q $secret{x} $env{C}", TEXT, &plain);
        assert_eq!(escaped.text, "p&#36;env{A&amp;B}q &#36;secret{x} $env{C}");
        assert!(escaped.wrong_for.is_empty());
        // Nothing is right in a properties file, be it alone or besides.
        for xml in [false, true] {
            let escaped = escape_plain("$secret{x}", Positions { xml, properties: true, ..NONE }, &plain);
            assert_eq!(escaped.wrong_for, ['$']);
        }
        assert_eq!(escape_plain("$env{C}", TEXT, &plain).text, "$env{C}");
        assert_eq!(escape_plain("$secret{x}", NONE, &plain).text, "&#36;secret{x}", "most keys land in XML");
    }

    #[test]
    fn leaves_marks_of_deployment_tools_to_them() {
        for text in ["jdbc:mysql://{{ db_host }}/am", "{{DB_URL}}", "{{ .Values.db.url | quote }}", "{{- x -}}"] {
            assert_eq!(escape(text, TEXT).text, text);
        }
    }

    #[test]
    fn hides_template_marks_from_the_engine() {
        assert_eq!(escape("{{ 7 }}x", TEXT).text, "{% raw %}{{ 7 }}x{% endraw %}");
        assert_eq!(escape("{% if a < b %}", TEXT).text, "{% raw %}{% if a &lt; b %}{% endraw %}");
        assert_eq!(escape("{{ 7*6 }} {{ x }}", TEXT).text, "{% raw %}{{ 7*6 }} {{ x }}{% endraw %}");
        assert_eq!(escape("}} {{", TEXT).text, "}} {{");
        assert_eq!(escape("{# x #}", TEXT).text, "{# x #}");
        assert_eq!(escape("{% endraw %}", TEXT).text, "{{ '{%' }} endraw %}");
    }
}
