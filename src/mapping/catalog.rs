//! The keys that the target takes: `mappings/targets/*.tsv`, measured with the products' own config mappers.

use crate::text::Parts as _;
use rustc_hash::FxBuildHasher;

use super::nearest::nearest_of;
use crate::role::Profile;
use crate::value::Value;
use crate::version::{Target, Version};

type Index<K, V> = indexmap::IndexMap<K, V, FxBuildHasher>;

/// The measured versions, in the order of the columns: 3.0, a source, then the targets.
pub const VERSIONS: [Version; 7] = [
    Version::new(3, 0),
    Version::new(4, 0),
    Version::new(4, 1),
    Version::new(4, 2),
    Version::new(4, 4),
    Version::new(4, 5),
    Version::new(4, 6),
];

/// What a version's mapper does with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It changes what is rendered.
    Live,
    /// Any value makes a rendered file malformed.
    Breaks,
    /// The version names the key, nothing reads it.
    Dead,
    /// Not named, but a table with free names writes it through.
    Free,
    /// Only the head of live keys.
    Table,
    /// Not a key of the version.
    Unknown,
}

/// The kind of value that a key naturally takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text; also where nothing is known.
    Text,
    /// A boolean.
    Boolean,
    /// A whole number.
    Integer,
    /// A whole number in a unit, or a text with one.
    Duration,
    /// A list of texts.
    List,
    /// A table or an array of tables: no value of its own.
    Table,
}

/// Where a value lands in the rendered files: it decides how it must be escaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "a set of places, each of which holds or not")]
pub struct Positions {
    /// Element text or an attribute of an XML file.
    pub xml: bool,
    /// An attribute of an XML file, perhaps besides element text.
    pub attribute: bool,
    /// A `.properties` file.
    pub properties: bool,
    /// A CDATA section.
    pub cdata: bool,
    /// Becomes part of an XML name.
    pub name: bool,
    /// A TOML file.
    pub toml: bool,
}

impl Positions {
    fn and(self, other: Self) -> Self {
        Self {
            xml: self.xml || other.xml,
            attribute: self.attribute || other.attribute,
            properties: self.properties || other.properties,
            cdata: self.cdata || other.cdata,
            name: self.name || other.name,
            toml: self.toml || other.toml,
        }
    }

    fn without(self, other: Self) -> Self {
        Self {
            xml: self.xml && !other.xml,
            attribute: self.attribute && !other.attribute,
            properties: self.properties && !other.properties,
            cdata: self.cdata && !other.cdata,
            name: self.name && !other.name,
            toml: self.toml && !other.toml,
        }
    }
}

/// A key that is what another key says where it has no line of its own (`mappings/targets/references.tsv`).
#[derive(Clone, Debug)]
struct Reference {
    key: &'static str,
    is: &'static str,
    /// The places that the other's value was measured in for this key's sake; `None` where it was measured with a line of
    /// this key, and this one's own places come on top.
    takes: Option<Positions>,
    /// It counts only beside one of these; beside anything if there are none.
    when: Vec<&'static str>,
}

/// One key.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its name, `a.b[].'c.d'`, with `<name>` for a free part.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Of a duration: the unit that a plain number is in (`ms`, `s`, `m` or `d`).
    pub unit: &'static str,
    /// Value types that a measured version of 4.x cannot take, in the facts' words. `string holding a boolean` is taken, but acts
    /// as false whatever it says.
    pub fails_with: &'static str,
    /// Where the value lands.
    pub positions: Positions,
    live: &'static str,
    defaults: [&'static str; 7],
}

impl Key {
    /// What `version` (a measured one) does with the key.
    #[must_use]
    pub fn liveness(&self, version: Version) -> Liveness {
        let column = VERSIONS.iter().position(|known| *known == version);
        match column.and_then(|column| self.live.as_bytes().get(column)) {
            Some(b'L') => Liveness::Live,
            Some(b'B') => Liveness::Breaks,
            Some(b'D') => Liveness::Dead,
            Some(b'F') => Liveness::Free,
            Some(b'T') => Liveness::Table,
            _ => Liveness::Unknown,
        }
    }

    /// Whether every version of `target` reads the key.
    #[must_use]
    pub fn is_read_by(&self, target: Target) -> bool {
        target.measured().iter().all(|version| self.is_read(*version))
    }

    /// Whether a measured `version` reads the key, and soundly.
    #[must_use]
    pub fn is_read(&self, version: Version) -> bool {
        matches!(self.liveness(version), Liveness::Live | Liveness::Free | Liveness::Table)
    }

    /// Whether a measured `version` does something with the key, be it that it breaks a file.
    #[must_use]
    pub fn acts(&self, version: Version) -> bool {
        self.is_read(version) || self.liveness(version) == Liveness::Breaks
    }

    /// Whether a measured `version` has a place of its own for the key: not the free names of a table, nor a table.
    #[must_use]
    pub fn has_place(&self, version: Version) -> bool {
        matches!(self.liveness(version), Liveness::Live | Liveness::Breaks)
    }

    /// What is in effect in `version` when the key is left out; lists are joined with commas. A version that was not
    /// measured is taken as the one before.
    #[must_use]
    pub fn default(&self, version: Version) -> &'static str {
        VERSIONS.iter().rposition(|known| *known <= version).map_or("", |column| self.defaults[column])
    }
}

/// All keys, what roles imply, and the plain files of the profiles.
#[derive(Debug)]
pub struct Catalog {
    keys: Index<&'static str, Key>,
    /// Keys with a free part, longest first.
    patterns: Vec<(Vec<&'static str>, Key)>,
    /// By version, profile and key: what the role implies, or from 4.5 on what the profile's own distribution has
    /// otherwise. (The control plane in the pack of all profiles has the same by its role.)
    implied: Index<(Version, &'static str, &'static str), &'static str>,
    templates: Vec<(Version, &'static str, &'static str, &'static str)>,
    profiles: Vec<ProfileRow>,
    /// What a separate distribution does not read: version, profile, a key or the head of keys.
    missing: Vec<(Version, &'static str, &'static str)>,
    references: Vec<Reference>,
}

/// A key, or all keys below a table, that only some profiles read.
#[derive(Clone, Copy, Debug)]
pub struct ProfileRow {
    /// The key or table.
    pub key: &'static str,
    /// The profiles, with `, ` between them.
    pub profiles: &'static str,
    /// What they do with it.
    pub why: &'static str,
}

impl ProfileRow {
    /// Whether nodes of `profile` read the key in a version that `is_meant` names.
    pub fn is_for(&self, profile: Profile, is_meant: impl Fn(Version) -> bool) -> bool {
        self.profiles.split(", ").any(|word| match word.split_once(" of ") {
            Some((word, version)) => word == profile.word() && version.parse().is_ok_and(&is_meant),
            None => word == profile.word(),
        })
    }
}

/// Whether `key` is `head`, or stands in the table or the array of tables that `head` is.
#[must_use]
pub fn covers(head: &str, key: &str) -> bool {
    key.strip_prefix(head).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// How a target takes a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// Every version of the target reads it.
    Read,
    /// A version of the target makes a file malformed with it.
    Breaks,
    /// A version of the target ignores it; `taken_by` are the versions that read it.
    Ignored {
        /// The versions that read it, oldest first.
        taken_by: Vec<Version>,
    },
}

impl Catalog {
    /// The built-in tables.
    ///
    /// # Panics
    /// If a built-in table is malformed: a bug that the tests find.
    #[must_use]
    pub fn built_in() -> Self {
        let mut keys = Index::default();
        let mut patterns = Vec::new();
        for line in include_str!("../../mappings/targets/keys.tsv").lines().skip(1) {
            let key = key_of(line);
            if key.name.contains(['<', '*']) {
                patterns.push((parts(key.name), key));
            } else {
                keys.insert(key.name, key);
            }
        }
        patterns.sort_by_key(|(parts, _)| std::cmp::Reverse(parts.len()));
        let rows = |text: &'static str| text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
        let version = |text: &str| text.parse::<Version>().expect("the tables hold versions");
        let implied = rows(include_str!("../../mappings/targets/roles.tsv"))
            .map(|row| ((version(row[0]), row[1], row[2]), row[3]))
            .collect();
        let templates = rows(include_str!("../../mappings/targets/templates.tsv"))
            .map(|row| (version(row[0]), row[1], row[2], row[3]))
            .collect();
        let profiles = rows(include_str!("../../mappings/targets/profiles.tsv"))
            .map(|row| ProfileRow { key: row[0], profiles: row[1], why: row[2] })
            .collect();
        let missing = rows(include_str!("../../mappings/targets/distributions.tsv"))
            .map(|row| (version(row[0]), row[1], row[2]))
            .collect();
        let references = rows(include_str!("../../mappings/targets/references.tsv"))
            .map(|row| Reference {
                key: row[0],
                is: row[1],
                takes: (row[2] == "takes").then(|| positions_of(row[3])),
                when: row[4].split(", ").filter(|key| !key.is_empty()).collect(),
            })
            .collect();
        Self { keys, patterns, implied, templates, profiles, missing, references }
    }

    /// Where the value of `name` lands in a file that has the keys for which `is_written`: also in the places of keys that
    /// take it for want of a line of their own, and not where all that would take it have one.
    pub fn positions(&self, name: &str, is_written: impl Fn(&str) -> bool) -> Positions {
        let mut positions = self.find(name).map(|key| key.positions).unwrap_or_default();
        let takes =
            |row: &&Reference| row.is == name && (row.when.is_empty() || row.when.iter().any(|key| is_written(key)));
        let rows: Vec<&Reference> = self.references.iter().filter(takes).collect();
        for row in rows.iter().filter(|row| row.takes.is_none() && !is_written(row.key)) {
            positions = self.find(row.key).map_or(positions, |key| positions.and(key.positions));
        }
        if rows.iter().all(|row| is_written(row.key)) {
            positions = rows.iter().filter_map(|row| row.takes).fold(positions, Positions::without);
        }
        positions
    }

    /// The key that `name` is: array numbers are passed over (`a[0].b` is `a[].b`), free parts match.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Key> {
        let plain = without_indexes(name);
        if let Some(key) = self.keys.get(plain.as_ref()) {
            return Some(key);
        }
        if plain.contains('\'')
            && let Some(key) = self.keys.get(plain.replace('\'', "").as_str())
        {
            return Some(key);
        }
        let mut wanted = parts(&plain);
        if wanted[0] == "secrets" {
            // An alias is one name, dots and all.
            wanted.truncate(2);
        }
        self.patterns
            .iter()
            .find(|(pattern, _)| {
                pattern.len() == wanted.len()
                    && pattern.iter().zip(&wanted).all(|(part, found)| {
                        part == found || (part.contains(['<', '*']) && part.ends_with("[]") == found.ends_with("[]"))
                    })
            })
            .map(|(_, key)| key)
    }

    /// Whether `target` takes the key.
    #[must_use]
    pub fn acceptance(&self, name: &str, target: Target) -> Acceptance {
        let Some(key) = self.find(name) else { return Acceptance::Ignored { taken_by: Vec::new() } };
        if target.measured().iter().any(|version| key.liveness(*version) == Liveness::Breaks) {
            Acceptance::Breaks
        } else if key.is_read_by(target) {
            Acceptance::Read
        } else {
            let taken_by = VERSIONS[1..].iter().copied().filter(|version| key.is_read(*version)).collect();
            Acceptance::Ignored { taken_by }
        }
    }

    /// The key that `target` reads and whose name is nearest to `name`, if one is near.
    #[must_use]
    pub fn nearest(&self, name: &str, target: Target) -> Option<&'static str> {
        let names = self.keys().filter(|key| key.kind != Kind::Table).map(|key| key.name);
        let taken = |name: &str| self.acceptance(name, target) == Acceptance::Read;
        nearest_of(&without_indexes(name), names, taken).first().copied()
    }

    /// Whether the separate distribution of `profile` has no template for the key, which the pack of all profiles reads.
    #[must_use]
    pub fn is_missing(&self, name: &str, target: Target, profile: Profile) -> bool {
        target.separate_distributions()
            && self.missing.iter().any(|(version, of, head)| {
                target.measured().contains(version) && *of == profile.word() && covers(head, name)
            })
    }

    /// What holds on a node of `profile` in each version of `target` when the key is left out, as plain texts.
    #[must_use]
    pub fn defaults(&self, name: &str, target: Target, profile: Profile) -> Vec<&'static str> {
        let key = self.find(name);
        target
            .measured()
            .iter()
            .map(|version| {
                let implied = self.implied.get(&(*version, profile.word(), name)).copied();
                implied.or_else(|| key.map(|key| key.default(*version))).unwrap_or("")
            })
            .collect()
    }

    /// Whether `value` is what every version of `target` has anyway on a node of `profile`.
    #[must_use]
    pub fn is_default(&self, name: &str, value: &Value, target: Target, profile: Profile) -> bool {
        self.defaults(name, target, profile).iter().all(|default| same_as_default(value, default))
    }

    /// What the role of `profile` implies for a key in `version`.
    #[must_use]
    pub fn implied(&self, name: &str, version: Version, profile: Profile) -> Option<&'static str> {
        self.implied.get(&(version, profile.word(), name)).copied()
    }

    /// The keys for which the role of `profile` implies something in some version.
    pub fn implied_keys(&self, profile: Profile) -> impl Iterator<Item = &'static str> {
        self.implied.keys().filter(move |(_, role, _)| *role == profile.word()).map(|(.., key)| *key)
    }

    /// The plain file of a profile as `key = value` rows: what the product ships for it. `current` is 4.4's (B.1).
    #[must_use]
    pub fn template(&self, profile: Profile, target: Target) -> Vec<(&'static str, &'static str)> {
        let version = match target {
            Target::Current | Target::V4_3 => Version::new(4, 4),
            other => other.measured()[0],
        };
        self.shipped(profile, version)
    }

    /// The plain file that a measured version ships for a profile, as `key = value` rows.
    #[must_use]
    pub fn shipped(&self, profile: Profile, version: Version) -> Vec<(&'static str, &'static str)> {
        let name = if profile == Profile::AllInOne { "default" } else { profile.word() };
        self.templates
            .iter()
            .filter(|(of, role, ..)| *of == version && *role == name)
            .map(|(_, _, key, value)| (*key, *value))
            .collect()
    }

    /// The profiles that read the key, where only some do: the longest row that covers it.
    #[must_use]
    pub fn profiles_of(&self, name: &str) -> Option<&ProfileRow> {
        let plain = without_indexes(name);
        self.profiles.iter().filter(|row| covers(row.key, &plain)).max_by_key(|row| row.key.len())
    }

    /// All keys, those with a free part too.
    pub fn all_keys(&self) -> impl Iterator<Item = &Key> {
        self.keys().chain(self.patterns.iter().map(|(_, key)| key))
    }

    /// All keys without a free part.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.values()
    }
}

/// Compares a value with a default as the tables write it: blanks and case of booleans aside, a list by its items.
#[must_use]
pub fn same_as_default(value: &Value, default: &str) -> bool {
    match value {
        Value::Boolean(value) => default.trim().eq_ignore_ascii_case(if *value { "true" } else { "false" }),
        Value::Integer(value) => default.trim() == value.to_string(),
        Value::Text(text) | Value::Toml(text) => text.trim() == default.trim(),
        Value::List(list) => *list == items(default),
    }
}

/// The items of a list as the tables write it: `["a", "b"]`, or joined with commas.
#[must_use]
pub fn items(default: &str) -> Vec<String> {
    let default = default.trim();
    let default = default.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(default);
    default
        .split(',')
        .map(|item| item.trim().trim_matches('"'))
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

fn key_of(line: &'static str) -> Key {
    let mut columns = line.split('\t');
    let mut next = || columns.next().expect("the table has all columns");
    let (name, kind, letters) = (next(), next(), next());
    let mut previous = "";
    let defaults = std::array::from_fn(|_| {
        // A ditto mark repeats the version before.
        previous = Some(next()).filter(|column| *column != "\"").unwrap_or(previous);
        previous
    });
    let (escaping, fails_with) = (next(), next());
    Key {
        name,
        kind: kind_of(kind),
        unit: kind.strip_prefix("duration(").map_or("", |unit| unit.trim_end_matches(')')),
        fails_with,
        positions: positions_of(escaping),
        live: letters,
        defaults,
    }
}

/// `conflict:cdata,xml-text`: the places as the tables write them.
fn positions_of(escaping: &str) -> Positions {
    let mut positions = Positions::default();
    for place in escaping.split([',', ':']).map(str::trim) {
        match place {
            "xml-text" => positions.xml = true,
            "xml-attribute" => (positions.xml, positions.attribute) = (true, true),
            "properties" => positions.properties = true,
            "cdata" => positions.cdata = true,
            "xml-name" => positions.name = true,
            "toml" => positions.toml = true,
            _ => {}
        }
    }
    positions
}

fn kind_of(word: &str) -> Kind {
    match word {
        "bool" => Kind::Boolean,
        "int" => Kind::Integer,
        "list" => Kind::List,
        "table" | "array of tables" | "table of tables" => Kind::Table,
        word if word.starts_with("duration") => Kind::Duration,
        _ => Kind::Text,
    }
}

/// Splits a key at its dots, quoted parts whole.
#[must_use]
pub fn parts(name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    for (index, byte) in name.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'.' if !quoted => {
                parts.push(name.part(start..index));
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(name.part(start..));
    parts
}

/// `a[0].b` and `a[Name].b` as `a[].b`.
#[must_use]
pub fn without_indexes(name: &str) -> std::borrow::Cow<'_, str> {
    if !name.contains('[') {
        return name.into();
    }
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    // An entry's name may hold anything; it ends where the field begins, or with the key.
    while let Some(start) = rest.find('[') {
        out.push_str(rest.part(..=start));
        let inner = rest.part(start + 1..);
        let end = inner.find("].").or_else(|| inner.rfind(']')).unwrap_or(inner.len());
        rest = inner.part(end..);
    }
    out.push_str(rest);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::{Acceptance, Catalog, parts};
    use crate::role::Profile;
    use crate::value::Value;
    use crate::version::{Target, Version};

    #[test]
    fn splits_keys() {
        assert_eq!(parts("a.'b.c'.d[0].e"), ["a", "'b.c'", "d[0]", "e"]);
    }

    #[test]
    fn tells_what_a_target_takes() {
        let catalog = Catalog::built_in();
        assert_eq!(catalog.acceptance("apim.gateway.environment[0].name", Target::Current), Acceptance::Read);
        assert_eq!(catalog.acceptance("transport.https.properties.proxyPort", Target::Current), Acceptance::Read);
        assert_eq!(catalog.acceptance("apim.event_hub.listener.job_queue_size", Target::Current), Acceptance::Breaks);
        assert_eq!(
            catalog.acceptance("apim.devportal.mode", Target::Current),
            Acceptance::Ignored { taken_by: vec![Version::new(4, 6)] }
        );
    }

    #[test]
    fn knows_defaults_by_role_and_version() {
        let catalog = Catalog::built_in();
        let flag = Value::Boolean(false);
        assert!(catalog.is_default(
            "apim.throttling.enable_data_publishing",
            &flag,
            Target::Current,
            Profile::ControlPlane
        ));
        assert!(!catalog.is_default(
            "apim.throttling.enable_data_publishing",
            &flag,
            Target::Current,
            Profile::GatewayWorker
        ));
        // The separate distributions have the same in tables of their own, without a role.
        let publishes = "apim.throttling.enable_data_publishing";
        assert!(catalog.is_default(publishes, &flag, Target::V4_5, Profile::ControlPlane));
        assert!(!catalog.is_default(publishes, &flag, Target::V4_5, Profile::GatewayWorker));
        let methods = Value::list(["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"]);
        assert!(catalog.is_default("apim.cors.allow_methods", &methods, Target::Current, Profile::AllInOne));
        let scopes = Value::list(["^device_.*", "openid"]);
        assert!(catalog.is_default("apim.oauth_config.allowed_scopes", &scopes, Target::Current, Profile::AllInOne));
    }
}
