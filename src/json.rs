//! Results as JSON for programs, and the schemas of these results.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::foreign::is_unsafe;

/// A result as JSON text, the same bytes for the same result.
///
/// # Panics
/// If the result holds what JSON cannot, such as a map with keys that are no texts: none of ours does.
#[must_use]
pub fn text(result: &impl Serialize) -> String {
    let mut text = Vec::new();
    write(result, &mut text).expect("results are plain data");
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// Writes the same text piece by piece: a report of thousands of deployments is long.
///
/// # Errors
/// What `out` says.
pub fn write(result: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    result.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Visible::default()))?;
    io::Write::write_all(&mut out, b"\n")?;
    io::Write::flush(&mut out)
}

/// Pretty JSON in which controls and invisible characters are escaped, so that it does no harm on a terminal either.
#[derive(Default)]
struct Visible(PrettyFormatter<'static>);

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Nearly all is plain ASCII.
        if fragment.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut from = 0;
        for (at, char) in fragment.char_indices().filter(|(_, char)| is_unsafe(*char)) {
            writer.write_all(&fragment.as_bytes()[from..at])?;
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            from = at + char.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[from..])
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// The JSON Schema of a result, as checked in under `schema/`.
#[must_use]
pub fn schema<T: JsonSchema>() -> String {
    text(&schemars::schema_for!(T))
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_what_is_not_seen() {
        let value = serde_json::json!({ "a\u{7f}": ["\u{9b}\u{202e}ü\u{e0001}\n"] });
        let text = super::text(&value);
        assert_eq!(text, "{\n  \"a\\u007f\": [\n    \"\\u009b\\u202eü\\udb40\\udc01\\n\"\n  ]\n}\n");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
