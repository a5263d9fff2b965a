//! The names that somebody may have meant: a name and all that are known in, the nearest out.

use crate::limits;

/// How far a name may be from what was written, in hundredths of its length.
const REACH: usize = 34;

/// The names that are nearest to `wanted`, best first, three at most: by letters, or by the same words in another
/// order (`url_service` for `service_url`). Only the first [`limits::NEAR_NAMES`] names are looked at.
#[must_use]
pub fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    nearest_of(wanted, names, |_| true)
}

/// The same among the names that are meant, which is asked only of those that are near.
#[must_use]
pub fn nearest_of<'n>(
    wanted: &str,
    names: impl Iterator<Item = &'n str>,
    is_meant: impl Fn(&'n str) -> bool,
) -> Vec<&'n str> {
    let wanted = Wanted::new(wanted);
    let mut found: Vec<(usize, &str)> = names
        .take(limits::NEAR_NAMES)
        .filter_map(|name| {
            let distance = wanted.distance(name)?;
            (distance <= REACH && is_meant(name)).then_some((distance, name))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    let best = found.first().map_or(0, |best| best.0);
    found.into_iter().take_while(|(distance, _)| *distance <= best + 5).take(3).map(|(_, name)| name).collect()
}

/// A name that somebody wrote, with what is counted of it once for all that it is compared with.
struct Wanted<'w> {
    name: &'w str,
    words: Vec<String>,
    /// Its length in characters.
    length: usize,
    bag: Bag,
}

impl<'w> Wanted<'w> {
    fn new(name: &'w str) -> Self {
        Self { name, words: words(name), length: name.chars().count(), bag: Bag::of(name) }
    }

    /// How far two keys are apart: in the last name of the same table, in the table of the same last name, or as a
    /// whole. `None` if they surely are farther than [`REACH`].
    fn distance(&self, name: &str) -> Option<usize> {
        // Letters that are too many or too few are known before they are compared.
        let length = self.length.max(name.chars().count()).max(1);
        if 2 * self.name.len().abs_diff(name.len()) > length || length > limits::NEAR_LENGTH {
            return None;
        }
        let fewest = 100 * self.bag.least_edits(&Bag::of(name)) / length;
        if fewest > 50 {
            return None;
        }
        // In one table keys are alike anyway: what differs is the last name, and it alone counts.
        let (own, other) = (self.name.rsplit_once('.'), name.rsplit_once('.'));
        let same_table = own.zip(other).is_some_and(|((table, _), (other_table, _))| table == other_table);
        let same_last = own.zip(other).is_some_and(|((_, last), (_, other_last))| last == other_last);
        let reach = match own.zip(other) {
            Some(_) if same_table => 50,
            Some(_) if !same_last => REACH - 15,
            _ => REACH,
        };
        if fewest > reach && self.words != words(name) {
            return None;
        }
        let whole = letters(self.name, name);
        if whole > 50 {
            return None;
        }
        if self.words == words(name) {
            return Some(whole.min(5));
        }
        Some(match (own, other) {
            (Some((_, last)), Some((_, other_last))) if same_table => letters(last, other_last),
            (Some((table, _)), Some((other_table, _))) if same_last => letters(table, other_table) + 10,
            (Some(_), Some(_)) => whole + 15,
            _ => whole,
        })
    }
}

/// How often each letter occurs in a text, those beyond ASCII by their last bits.
struct Bag([u16; 64]);

impl Bag {
    fn of(text: &str) -> Self {
        let mut counts = [0_u16; 64];
        if text.is_ascii() {
            for byte in text.bytes() {
                let count = &mut counts[usize::from(byte.to_ascii_lowercase() & 63)];
                *count = count.saturating_add(1);
            }
            return Self(counts);
        }
        for letter in text.chars().flat_map(char::to_lowercase) {
            let count = &mut counts[letter as usize & 63];
            *count = count.saturating_add(1);
        }
        Self(counts)
    }

    /// The edits that it takes at least to make the one text of the other, however its letters stand.
    fn least_edits(&self, other: &Self) -> usize {
        let (mut more, mut less) = (0_usize, 0_usize);
        for (own, others) in self.0.iter().zip(other.0) {
            more += usize::from(own.saturating_sub(others));
            less += usize::from(others.saturating_sub(*own));
        }
        more.max(less)
    }
}

/// The edits between two texts, in hundredths of the longer one's length.
fn letters(one: &str, other: &str) -> usize {
    let length = one.chars().count().max(other.chars().count()).max(1);
    if 2 * one.len().abs_diff(other.len()) > length {
        return 100;
    }
    100 * strsim::osa_distance(&one.to_lowercase(), &other.to_lowercase()) / length
}

/// The words of a key, in alphabetical order: parts of names count one by one.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for character in name.chars() {
        let begins = character.is_uppercase() && before.is_lowercase();
        if begins || !before.is_alphanumeric() || words.is_empty() {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    words.sort();
    words
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_slips_and_words_in_another_order() {
        let names = [
            "apim.key_manager.service_url",
            "apim.key_manager.username",
            "apim.event_hub.service_url",
            "server.offset",
        ];
        for (wanted, expected) in [
            ("apim.key_manager.servce_url", &["apim.key_manager.service_url"][..]),
            ("apim.key_manager.url_service", &["apim.key_manager.service_url"]),
            ("apim.keyManager.serviceUrl", &["apim.key_manager.service_url"]),
            ("server.ofset", &["server.offset"]),
            ("something.else", &[]),
        ] {
            assert_eq!(nearest(wanted, names.into_iter()), expected, "{wanted}");
        }
    }
}
