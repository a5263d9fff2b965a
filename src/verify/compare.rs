//! Whether two texts say the same: an old setting's, a written value's, a rendered leaf's.

use crate::text::Parts as _;

/// Whether two texts say the same: blanks, the case of booleans, the form of numbers and the order of a list aside.
#[must_use]
pub fn agree(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    one == other
        || (is_boolean(one) && one.eq_ignore_ascii_case(other))
        || matches!((one.parse::<f64>(), other.parse::<f64>()), (Ok(one), Ok(other)) if one.to_bits() == other.to_bits())
        || squeezed(one) == squeezed(other)
        || is_same_list(one, other)
}

/// Whether `text` holds `part` and something else; a short part proves nothing.
#[must_use]
pub fn holds(text: &str, part: &str) -> bool {
    let part = part.trim();
    part.len() > 2 && text.contains(part)
}

/// Whether a duration stands for the other text in another unit: `"15m"` for `900`.
#[must_use]
pub fn is_same_duration(written: &str, rendered: &str) -> bool {
    let (Some(milliseconds), Ok(number)) = (milliseconds(written), rendered.trim().parse::<u64>()) else {
        return false;
    };
    UNITS.iter().any(|(_, unit)| number.checked_mul(*unit) == Some(milliseconds))
}

const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

fn milliseconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|character: char| !character.is_ascii_digit())?;
    let unit = UNITS.iter().find(|(name, _)| *name == text.part(digits..))?.1;
    text.part(..digits).parse::<u64>().ok()?.checked_mul(unit)
}

fn is_boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_same_list(one: &str, other: &str) -> bool {
    let items = |text: &str| {
        let mut items: Vec<String> = text.split(',').map(squeezed).filter(|item| !item.is_empty()).collect();
        items.sort_unstable();
        items
    };
    one.contains(',') && other.contains(',') && items(one) == items(other)
}

/// A written text as it reads in an XML file (`xml`) or a properties file, once the template engine is through.
#[must_use]
pub fn as_read(written: &str, xml: bool) -> String {
    let plain = written.replace("{% raw %}", "").replace("{% endraw %}", "");
    if xml {
        let mut plain = plain;
        let entities =
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#36;", "$"), ("&amp;", "&")];
        for (entity, character) in entities {
            plain = plain.replace(entity, character);
        }
        plain
    } else {
        plain.replace("\\\\", "\\")
    }
}

/// `text` with something in the place of each mark that a deployment tool fills (`{{ db_host }}`): the mapper never
/// sees them. A text in a raw block is meant as it stands.
#[must_use]
pub fn filled(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains("{{") || text.contains("{% raw %}") || text.contains("{{ '") {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some(end) = rest.part(start..).find("}}") else { break };
        out.push_str(rest.part(..start));
        out.push_str(super::mapper::DUMMY);
        rest = rest.part(start + end + 2..);
    }
    out.push_str(rest);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::{agree, as_read, filled, holds, is_same_duration};

    #[test]
    fn compares_what_texts_say() {
        for (one, other) in
            [("TRUE", "true"), (" a ", "a"), ("300", "300.0"), ("(a\n  b)", "(a b)"), ("GET,PUT", "PUT, GET")]
        {
            assert!(agree(one, other), "{one} {other}");
        }
        for (one, other) in [("true", "yes"), ("300", "301"), ("GET,PUT", "GET"), ("a", "b"), ("", "0")] {
            assert!(!agree(one, other), "{one} {other}");
        }
        assert!(holds("tcp://host:5672", "host") && !holds("1 of 10", "1"));
    }

    #[test]
    fn knows_units() {
        assert!(is_same_duration("15m", "900") && is_same_duration("15m", "15") && is_same_duration("2d", "172800000"));
        assert!(!is_same_duration("15m", "90") && !is_same_duration("15", "900") && !is_same_duration("x", "1"));
    }

    #[test]
    fn reads_written_texts() {
        assert_eq!(as_read("a&amp;lt;{% raw %}{{ b }}{% endraw %}", true), "a&lt;{{ b }}");
        assert_eq!(as_read("a\\\\b&amp;", false), "a\\b&amp;");
        assert_eq!(filled("a/{{ b }}/{{c}}"), "a/dummy/dummy");
        assert_eq!(filled("{% raw %}{{ b }}{% endraw %}"), "{% raw %}{{ b }}{% endraw %}");
    }
}
