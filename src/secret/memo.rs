//! What was found of short texts before, kept for the next who asks.

use std::cell::RefCell;
use std::thread::LocalKey;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

/// Longer texts, in bytes, are not kept.
pub(super) const LONGEST: usize = 128;

/// How many are kept at a time: all are dropped when there are more.
const MOST: usize = 32_768;

/// Answers by their texts.
#[derive(Debug)]
pub(super) struct Memo<T>(IndexMap<Box<str>, T, FxBuildHasher>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(IndexMap::default())
    }
}

impl<T: Copy> Memo<T> {
    pub(super) fn get(&self, text: &str) -> Option<T> {
        self.0.get(text).copied()
    }

    pub(super) fn keep(&mut self, text: &str, answer: T) {
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.insert(text.into(), answer);
    }
}

/// What `look` says of a text, looked at once for those that are short.
pub(super) fn recall<T: Copy>(known: &'static LocalKey<RefCell<Memo<T>>>, text: &str, look: impl Fn(&str) -> T) -> T {
    if text.len() > LONGEST {
        return look(text);
    }
    if let Some(answer) = known.with_borrow(|known| known.get(text)) {
        return answer;
    }
    let answer = look(text);
    known.with_borrow_mut(|known| known.keep(text, answer));
    answer
}

#[cfg(test)]
mod tests {
    use super::{MOST, Memo};

    #[test]
    fn keeps_what_it_was_told_and_no_more_than_it_may() {
        let mut memo = Memo::default();
        for number in 0..=MOST {
            memo.keep(&number.to_string(), number);
            assert_eq!(memo.get(&number.to_string()), Some(number));
            assert!(memo.0.len() <= MOST);
        }
        assert_eq!(memo.get("0"), None);
    }
}
