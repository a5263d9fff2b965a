//! Texts in the codes of URLs, XML, JSON and properties files, one layer at a time: `password%253Dx`, `&lt;Pin&gt;`,
//! `\u0026token\u003dx`. What a layer hides is looked for in the layer below it.

use crate::text::Parts as _;

/// How many layers are looked below.
pub(super) const LAYERS: usize = 4;

/// A text without its outermost layer of code.
pub(super) struct Layer {
    /// The text.
    pub text: String,
    /// For each of its bytes, and for its end, the byte of the coded text where it comes from.
    from: Vec<usize>,
}

impl Layer {
    /// Takes one layer off; `None` where there is none.
    pub fn below(text: &str) -> Option<Self> {
        if !text.contains(['%', '&', '\\']) {
            return None;
        }
        let mut out = Self { text: String::with_capacity(text.len()), from: Vec::with_capacity(text.len() + 1) };
        let mut at = 0;
        let mut changed = false;
        while let Some(first) = text.part(at..).chars().next() {
            let (char, length) = match first {
                '%' | '&' | '\\' => match one(text.part(at..)) {
                    Some(found) => {
                        changed = true;
                        found
                    }
                    None => (first, 1),
                },
                other => (other, other.len_utf8()),
            };
            out.text.push(char);
            out.from.resize(out.text.len(), at);
            at += length;
        }
        out.from.push(at);
        changed.then_some(out)
    }

    /// The byte of the coded text that byte `at` comes from.
    pub fn source(&self, at: usize) -> usize {
        self.from.get(at).or(self.from.last()).copied().unwrap_or_default()
    }

    /// Whether the byte was written in code.
    pub fn is_coded(&self, at: usize) -> bool {
        self.source(at + 1) > self.source(at) + 1
    }
}

/// The character that the text begins with in code, and how long the code is. Only what can divide a text is read.
fn one(text: &str) -> Option<(char, usize)> {
    const NAMES: [(&str, char); 9] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&apos;", '\''),
        ("&equals;", '='),
        ("&colon;", ':'),
        ("&commat;", '@'),
        ("&nbsp;", ' '),
    ];
    let number = |digits: &str, radix: u32| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let plain = |char: char| (' '..='\u{7e}').contains(&char) || matches!(char, '\n' | '\r' | '\t');
    let mut rest = text.chars();
    let found = match (rest.next()?, rest.next()?) {
        ('%', _) => (number(text.get(1..3)?, 16)?, 3),
        ('&', '#') => {
            let end = text.bytes().take(12).position(|byte| byte == b';')?;
            let inside = text.get(2..end)?;
            let hex = inside.strip_prefix(['x', 'X']);
            (hex.map_or_else(|| number(inside, 10), |hex| number(hex, 16))?, end + 1)
        }
        ('&', _) => {
            let (name, char) = NAMES.iter().find(|(name, _)| text.starts_with(name))?;
            (*char, name.len())
        }
        ('\\', 'u') => (number(text.get(2..6)?, 16)?, 6),
        ('\\', 'x') => (number(text.get(2..4)?, 16)?, 4),
        ('\\', char @ ('=' | ':' | '"' | '\'' | '/' | '@' | '&' | '<' | '>' | '?')) => (char, 2),
        _ => return None,
    };
    plain(found.0).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::Layer;

    #[test]
    fn takes_one_layer_off() {
        for (text, below) in [
            ("a%253Db", "a%3Db"),
            ("ü%3D%C3%9F%zz%", "ü=%C3%9F%zz%"),
            ("&lt;a&#62;&#x3c;&amp;amp;&x;", "<a><&amp;&x;"),
            ("\\u0026a\\=b\\n\\x3a", "&a=b\\n:"),
        ] {
            let layer = Layer::below(text).unwrap();
            assert_eq!(layer.text, below);
            assert_eq!(layer.source(layer.text.len()), text.len());
        }
        assert!(Layer::below("a=b 100%").is_none());
        let layer = Layer::below("ü%3Dx").unwrap();
        assert_eq!((layer.source(2), layer.source(3)), (2, 5));
        assert!(layer.is_coded(2) && !layer.is_coded(3));
    }
}
