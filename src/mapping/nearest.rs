//! The names that somebody may have meant: a name and all that are known in, the nearest out.

/// How far a name may be from what was written, in hundredths of its length.
const REACH: usize = 34;

/// The names that are nearest to `wanted`, best first, three at most: by letters, or by the same words in another
/// order (`url_service` for `service_url`).
#[must_use]
pub fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let words = words(wanted);
    let mut found: Vec<(usize, &str)> = names
        .filter_map(|name| {
            let distance = distance(wanted, &words, name);
            (distance <= REACH).then_some((distance, name))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    let best = found.first().map_or(0, |best| best.0);
    found.into_iter().take_while(|(distance, _)| *distance <= best + 5).take(3).map(|(_, name)| name).collect()
}

/// How far two keys are apart: in the last name of the same table, in the table of the same last name, or as a whole.
fn distance(wanted: &str, wanted_words: &[String], name: &str) -> usize {
    let whole = letters(wanted, name);
    if whole > 50 {
        return whole;
    }
    if *wanted_words == words(name) {
        return whole.min(5);
    }
    match (wanted.rsplit_once('.'), name.rsplit_once('.')) {
        // In one table keys are alike anyway: what differs is the last name, and it alone counts.
        (Some((table, last)), Some((other_table, other_last))) if table == other_table => letters(last, other_last),
        (Some((table, last)), Some((other_table, other_last))) if last == other_last => {
            letters(table, other_table) + 10
        }
        (Some(_), Some(_)) => whole + 15,
        _ => whole,
    }
}

/// The edits between two texts, in hundredths of the longer one's length.
fn letters(one: &str, other: &str) -> usize {
    let length = one.chars().count().max(other.chars().count()).max(1);
    // Letters that are too many or too few are known before they are compared.
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
