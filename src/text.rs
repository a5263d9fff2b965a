//! Parts of a text by byte offsets, in a form that cannot panic. `clippy::string_slice` is denied in this crate, so that
//! this is the only form there is.

use std::slice::SliceIndex;

/// A text of which parts are taken.
pub trait Parts {
    /// The part at `range`; nothing of a range that ends inside a character or beyond the text. Offsets come from
    /// searches in the same text and lie between characters; where one does not, a debug build says so.
    fn part<R: SliceIndex<str, Output = str>>(&self, range: R) -> &str;
}

impl Parts for str {
    fn part<R: SliceIndex<str, Output = str>>(&self, range: R) -> &str {
        let part = self.get(range);
        debug_assert!(part.is_some(), "an offset inside a character, or beyond a text of {} bytes", self.len());
        part.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Parts as _;

    #[test]
    fn takes_parts() {
        assert_eq!("aüb".part(1..3), "ü");
        assert_eq!("aüb".part(3..), "b");
        assert_eq!("aüb".part(..), "aüb");
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic = "inside a character")]
    fn gives_nothing_of_half_a_character() {
        assert_eq!("aüb".part(..2), "");
    }
}
