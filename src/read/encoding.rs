//! Bytes in, text out: byte order marks, the encoding that an XML file declares, and what to do when a file
//! is not what it says. Text that is UTF-8 already is borrowed.

use crate::text::Parts as _;
use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::position::Cursor;
use super::{Damage, Oddity};
use crate::diagnostic::Code;
use crate::source::Position;

/// Which language a file is written in: it decides which encodings are legal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// XML, which may declare its encoding.
    Xml,
    /// Java properties: UTF-8 or, as the language says, ISO-8859-1.
    Properties,
    /// TOML: UTF-8 without a mark, which is all that the product's reader takes.
    Toml,
    /// Anything else: UTF-8.
    Plain,
}

/// The text of a file.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    /// The text without its byte order mark.
    pub text: Cow<'a, str>,
    /// A guessed encoding, if one had to be guessed.
    pub oddities: Vec<Oddity>,
}

/// The text of `bytes`.
///
/// A byte that is not UTF-8 (or what the file declares) is read as windows-1252, with an oddity at the first
/// such byte; only properties have the right to them. TOML with a byte order mark, or in UTF-16, is an oddity.
///
/// # Errors
/// Content with NUL bytes, which is no text.
pub fn decode(bytes: &[u8], syntax: Syntax) -> Result<Decoded<'_>, Damage> {
    let (encoding, content) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (Some(encoding), &bytes[length..]),
        None => (unmarked_utf16(bytes, syntax), bytes),
    };
    let mut decoded = match encoding {
        Some(encoding) if encoding != UTF_8 => by_encoding(content, encoding),
        None if syntax == Syntax::Xml => by_declaration(content),
        _ => utf8(content, syntax),
    };
    if let Some(encoding) = encoding.filter(|_| syntax == Syntax::Toml) {
        let message = if encoding == UTF_8 {
            "the file begins with a byte order mark, which the product's reader refuses".to_owned()
        } else {
            format!("the file is {}, which the product's reader refuses", encoding.name())
        };
        let position = Position { line: 1, column: 1 };
        decoded.oddities.insert(0, Oddity { code: Code::EncodingRefused, message, position });
    }
    match memchr::memchr(0, decoded.text.as_bytes()) {
        Some(nul) => Err(Damage::new("not a text file: it has NUL bytes", Cursor::new(&decoded.text).at(nul))),
        None => Ok(decoded),
    }
}

/// UTF-16 without a mark, told by the `<?` that an XML file begins with, or by the first two letters of TOML.
fn unmarked_utf16(bytes: &[u8], syntax: Syntax) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, b'?', 0, ..] if syntax == Syntax::Xml => Some(UTF_16LE),
        [0, b'<', 0, b'?', ..] if syntax == Syntax::Xml => Some(UTF_16BE),
        [1..=127, 0, 1..=127, 0, ..] if syntax == Syntax::Toml => Some(UTF_16LE),
        [0, 1..=127, 0, 1..=127, ..] if syntax == Syntax::Toml => Some(UTF_16BE),
        _ => None,
    }
}

fn by_declaration(bytes: &[u8]) -> Decoded<'_> {
    let Some(label) = declared(bytes) else { return utf8(bytes, Syntax::Xml) };
    match Encoding::for_label(label.as_bytes()) {
        // A declaration that can be read byte by byte is not UTF-16, whatever it says.
        Some(encoding) if encoding == UTF_8 || encoding == UTF_16LE || encoding == UTF_16BE => utf8(bytes, Syntax::Xml),
        Some(encoding) => by_encoding(bytes, encoding),
        None => {
            let mut decoded = utf8(bytes, Syntax::Xml);
            if !bytes.is_ascii() {
                let message = format!("the declared encoding `{label}` is not known: read as UTF-8");
                decoded.oddities.insert(0, guessed(message, Position { line: 1, column: 1 }));
            }
            decoded
        }
    }
}

/// The encoding that the XML declaration at the very beginning names.
fn declared(bytes: &[u8]) -> Option<&str> {
    let declaration = bytes.strip_prefix(b"<?xml")?;
    let end = memchr::memchr(b'>', declaration)?;
    let declaration = std::str::from_utf8(&declaration[..end]).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    value.part(1..).split_once(quote).map(|(label, _)| label)
}

fn by_encoding<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Decoded<'a> {
    let (text, faulty) = encoding.decode_without_bom_handling(bytes);
    let mut oddities = Vec::new();
    if faulty {
        let first = text.find(char::REPLACEMENT_CHARACTER).unwrap_or_default();
        let message = format!("bytes that are not {} were read as U+FFFD", encoding.name());
        oddities.push(guessed(message, Cursor::new(&text).at(first)));
    }
    Decoded { text, oddities }
}

fn utf8(bytes: &[u8], syntax: Syntax) -> Decoded<'_> {
    let first = match std::str::from_utf8(bytes) {
        Ok(text) => return Decoded { text: Cow::Borrowed(text), oddities: Vec::new() },
        Err(error) => error.valid_up_to(),
    };
    if syntax == Syntax::Properties {
        return Decoded { text: encoding_rs::mem::decode_latin1(bytes), oddities: Vec::new() };
    }
    // Only the bytes at fault are guessed, so that one wrong letter does not spoil the right ones.
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    let position = Cursor::new(&text).at(first);
    let message = "bytes that are not UTF-8 were read as windows-1252".to_owned();
    Decoded { text: Cow::Owned(text), oddities: vec![guessed(message, position)] }
}

fn guessed(message: String, position: Position) -> Oddity {
    Oddity { code: Code::EncodingGuessed, message, position }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn reads_marks_and_declarations() {
        let declaration = |label: &str| format!("<?xml version=\"1.0\" encoding='{label}'?>");
        let with = |head: &[u8], tail: &[u8]| [head, tail].concat();
        let cases: Vec<(Vec<u8>, Syntax, String)> = vec![
            (b"plain".to_vec(), Syntax::Plain, "plain".into()),
            (with(b"\xEF\xBB\xBF", "ü".as_bytes()), Syntax::Plain, "ü".into()),
            (with(b"\xFF\xFE", &utf16("<ü/>", false)), Syntax::Xml, "<ü/>".into()),
            (with(b"\xFE\xFF", &utf16("<ü/>", true)), Syntax::Plain, "<ü/>".into()),
            (utf16("<?xml?><ü/>", false), Syntax::Xml, "<?xml?><ü/>".into()),
            (utf16("<?xml?><ü/>", true), Syntax::Xml, "<?xml?><ü/>".into()),
            (
                with(declaration("ISO-8859-1").as_bytes(), b"<a>\xFC</a>"),
                Syntax::Xml,
                declaration("ISO-8859-1") + "<a>ü</a>",
            ),
            (
                with(declaration("windows-1251").as_bytes(), b"<a>\xCF</a>"),
                Syntax::Xml,
                declaration("windows-1251") + "<a>П</a>",
            ),
            (
                with(declaration("UTF-16").as_bytes(), "<a>ü</a>".as_bytes()),
                Syntax::Xml,
                declaration("UTF-16") + "<a>ü</a>",
            ),
            (b"a=\xFC\x80".to_vec(), Syntax::Properties, "a=ü\u{80}".into()),
            ("a=ü".as_bytes().to_vec(), Syntax::Properties, "a=ü".into()),
        ];
        for (bytes, syntax, text) in cases {
            let decoded = decode(&bytes, syntax).unwrap();
            assert_eq!(decoded.text, text);
            assert!(decoded.oddities.is_empty(), "{text}: {:?}", decoded.oddities);
        }
    }

    #[test]
    fn toml_is_told_to_be_what_its_reader_refuses() {
        let with = |head: &[u8], tail: &[u8]| [head, tail].concat();
        for (bytes, said) in [
            (with(b"\xEF\xBB\xBF", b"a = 1"), "byte order mark"),
            (with(b"\xFF\xFE", &utf16("a = 1", false)), "UTF-16LE"),
            (with(b"\xFE\xFF", &utf16("a = 1", true)), "UTF-16BE"),
            (utf16("a = 1", false), "UTF-16LE"),
            (utf16("a = 1", true), "UTF-16BE"),
        ] {
            let decoded = decode(&bytes, Syntax::Toml).unwrap();
            assert_eq!(decoded.text, "a = 1");
            let [oddity] = &decoded.oddities[..] else { panic!("one oddity") };
            assert_eq!(oddity.code, Code::EncodingRefused);
            assert!(oddity.message.contains(said), "{}", oddity.message);
        }
        assert!(decode("a = 'ü'".as_bytes(), Syntax::Toml).unwrap().oddities.is_empty());
    }

    #[test]
    fn guesses_only_the_bytes_that_are_wrong() {
        let decoded = decode(b"\xC3\xBC\r\n\t\xFC \x80 \xC3\xBC", Syntax::Plain).unwrap();
        assert_eq!(decoded.text, "ü\r\n\tü € ü");
        let [oddity] = &decoded.oddities[..] else { panic!("one oddity") };
        assert_eq!((oddity.code, oddity.position), (Code::EncodingGuessed, Position { line: 2, column: 2 }));
    }

    #[test]
    fn says_when_the_declared_encoding_is_unknown() {
        let decoded = decode("<?xml version='1.0' encoding='martian'?><a>ü</a>".as_bytes(), Syntax::Xml).unwrap();
        assert_eq!(decoded.oddities.len(), 1);
        assert!(decode(b"<?xml version='1.0' encoding='martian'?><a/>", Syntax::Xml).unwrap().oddities.is_empty());
    }

    #[test]
    fn refuses_binary_content() {
        let damage = decode(b"PK\x03\x04\n\x00\x00", Syntax::Plain).unwrap_err();
        assert_eq!(damage.position, Position { line: 2, column: 1 });
        assert!(damage.message.starts_with("not a text file"));
    }

    #[test]
    fn borrows_what_is_utf8() {
        assert!(matches!(decode("\u{feff}ü".as_bytes(), Syntax::Xml).unwrap().text, Cow::Borrowed("ü")));
        assert!(matches!(decode(b"a=b", Syntax::Properties).unwrap().text, Cow::Borrowed("a=b")));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>) {
            for syntax in [Syntax::Xml, Syntax::Properties, Syntax::Toml, Syntax::Plain] {
                if let Ok(decoded) = decode(&bytes, syntax) {
                    for oddity in decoded.oddities {
                        assert!(super::super::position::lies_in(oddity.position, &decoded.text));
                    }
                }
            }
        }
    }
}
