//! A value comes out of the rendered file as it was, wherever its key lands; where no spelling can do that, it is told.

use std::collections::BTreeSet;

use apim_migrate::emit::escape::{Escaped, escape};
use apim_migrate::mapping::catalog::{Positions, without_indexes};
use apim_migrate::mapping::tables::Tables;
use proptest::prelude::*;

/// A kind of place in a rendered file.
#[derive(Clone, Copy, Debug)]
enum Place {
    Text,
    Attribute,
    CharacterData,
    Properties,
    Toml,
}

/// The places of a key. One without measured places is taken to land in XML.
fn places(positions: Positions) -> Vec<Place> {
    let unknown = positions == Positions::default();
    [
        (positions.xml || unknown, Place::Text),
        (positions.attribute || unknown, Place::Attribute),
        (positions.cdata, Place::CharacterData),
        (positions.properties, Place::Properties),
        (positions.toml, Place::Toml),
    ]
    .into_iter()
    .filter_map(|(lands, place)| lands.then_some(place))
    .collect()
}

/// What the product reads at the place, once the mapper has pasted `text` there. `None`: the file is unreadable.
fn read_back(text: &str, place: Place) -> Option<String> {
    match place {
        Place::Text => leaf_of(&format!("<a>{text}</a>")),
        Place::Attribute => leaf_of(&format!("<a b=\"{text}\"/>")),
        Place::CharacterData => (!text.contains("]]>")).then(|| text.to_owned()),
        Place::Properties => {
            let file = format!("key={text}\n");
            let read = apim_migrate::read::properties::properties(&file);
            let [leaf] = &read.leaves[..] else { return None };
            Some(leaf.value.to_string())
        }
        Place::Toml => {
            let table: toml::Table = toml::from_str(&format!("key = \"{text}\"")).ok()?;
            table["key"].as_str().map(str::to_owned)
        }
    }
}

/// The first leaf of an XML text that needs no repair.
fn leaf_of(text: &str) -> Option<String> {
    let read = apim_migrate::read::xml::xml(text, &apim_migrate::read::Naming::default()).ok()?;
    (read.oddities.is_empty()).then(|| read.leaves[0].value.to_string())
}

/// What is wrong with the way that a value takes to its places, if something is.
fn fault(value: &str, positions: Positions) -> Option<String> {
    let Escaped { text, wrong_for } = escape(value, positions);
    if !wrong_for.is_empty() {
        // Told: nothing is promised but that the characters named are in the value.
        let named = wrong_for.iter().all(|character| value.contains(*character));
        return (!named).then(|| format!("`{value}`: told of characters that it does not hold: {wrong_for:?}"));
    }
    places(positions).into_iter().find_map(|place| {
        let found = read_back(&text, place);
        (found.as_deref() != Some(value))
            .then(|| format!("`{value}` written as `{text}` is read as {found:?} at {place:?}"))
    })
}

const VALUES: [&str; 12] = [
    "a&b",
    "a<b>c",
    "say \"yes\"",
    "it's",
    "Zürich — 東京",
    r"DOMAIN\user",
    r"\\server\share\",
    "&amp;",
    "a&b<c>\"d\"'e'\\f",
    "😀",
    "a=b:c#d!e",
    "plain",
];

#[test]
fn each_key_gives_values_back_as_they_were() {
    let tables = Tables::built_in();
    let mut faults = BTreeSet::new();
    let (mut keys, mut told) = (0, 0);
    for key in tables.catalog.all_keys() {
        keys += 1;
        for value in VALUES {
            told += usize::from(!escape(value, key.positions).wrong_for.is_empty());
            faults.extend(fault(value, key.positions).map(|fault| format!("{:?}: {fault}", key.positions)));
        }
        // Told only where the facts say that no spelling is right.
        let several =
            places(key.positions).len() > 1 && !matches!(places(key.positions)[..], [Place::Text, Place::Attribute]);
        let conflicting = VALUES.iter().any(|value| !escape(value, key.positions).wrong_for.is_empty());
        assert_eq!(conflicting, several, "{}: {:?}", key.name, key.positions);
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(keys > 2000 && told > 0);
}

#[test]
fn a_key_of_both_xml_and_properties_tells_of_its_conflict() {
    let tables = Tables::built_in();
    // Those that the specification names (settings, 1.5).
    for key in ["super_admin.password", "apim.throttling.password", "keystore.tls.password", "truststore.file_name"] {
        let positions = tables.catalog.find(without_indexes(key).as_ref()).unwrap().positions;
        assert_eq!(escape("p&w", positions).wrong_for, ['&'], "{key}");
        assert!(escape("p-w", positions).wrong_for.is_empty(), "{key}");
    }
}

proptest! {
    #[test]
    fn any_value_survives_or_is_told_of(value in "[a-zA-Z0-9 &<>\"'\\\\äß東😀;=:#!%@/$().,-]{0,24}") {
        // The mapper's own way with blanks at the ends and with template marks is another matter.
        let value = value.trim();
        let tables = positions();
        for positions in tables {
            let fault = fault(value, *positions);
            prop_assert!(fault.is_none(), "{positions:?}: {fault:?}");
        }
    }
}

/// All combinations of places that keys have.
fn positions() -> &'static [Positions] {
    static KNOWN: std::sync::OnceLock<Vec<Positions>> = std::sync::OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut known: Vec<Positions> = Vec::new();
        for key in Tables::built_in().catalog.all_keys() {
            if !known.contains(&key.positions) {
                known.push(key.positions);
            }
        }
        known
    })
}
