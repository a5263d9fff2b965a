//! Files that the server writes from deployment.toml at each start, lying beside it: what they say is lost at the next
//! start, so that a difference is worth telling. Nothing else is taken from them.

use crate::diagnostic::{Code, Finding};
use crate::mapping::catalog::Kind;
use crate::mapping::rule::Rule;
use crate::mapping::tables::{Table, Tables};
use crate::mapping::{NodeSettings, Setting, codec, deployment};
use crate::read::Leaf;
use crate::secret::{by_name, shown};
use crate::source::Place;
use crate::version::Version;

/// A rendered file with its leaves.
pub struct Rendered<'a> {
    /// Its path in reports.
    pub path: &'a str,
    /// Its name below the configuration folder.
    pub name: String,
    /// Its leaves.
    pub leaves: Vec<Leaf<'a>>,
}

/// The rows are those of 2.x: the files kept their form.
const ROWS: Version = Version::new(2, 6);

/// Tells where a rendered file says other than the deployment.toml of a server of `version`, on keys that both name.
pub fn compare(tables: &Tables, version: Version, files: &[Rendered<'_>], settings: &NodeSettings<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in files {
        let Some(table) = tables.for_file(&file.name) else { continue };
        for leaf in &file.leaves {
            if let Some(message) = missing(table, leaf, settings) {
                found.push(Finding::new(Code::RenderedFileDiffers, message).at(Place::at(file.path, leaf.position)));
                continue;
            }
            let Some((key, held, rendered)) = differs(tables, table, version, leaf, settings) else { continue };
            let named = |text: &str| by_name(&key, text) || by_name(&leaf.path, text);
            let secret = |text: &str| named(text) || !leaf.secrets.is_empty();
            let secret = secret(&held) || secret(&rendered);
            let [held, rendered] = [held, rendered].map(|text| shown(&text, secret));
            let message =
                format!("{}: `{rendered}` here, and {key} is `{held}` in deployment.toml, which holds", leaf.path);
            found.push(Finding::new(Code::RenderedFileDiffers, message).at(Place::at(file.path, leaf.position)));
        }
    }
    found
}

/// The key of the leaf with what deployment.toml and the file say of it, if that is not the same.
fn differs(
    tables: &Tables,
    table: &Table,
    version: Version,
    leaf: &Leaf<'_>,
    settings: &NodeSettings<'_>,
) -> Option<(String, String, String)> {
    let (rule, captures) = table.find(&leaf.path, ROWS)?;
    let opaque = |text: &str| text.contains(['$', '{', '%', '@']) || text.trim().is_empty();
    if opaque(&leaf.value) {
        return None;
    }
    if let Some(name) = rule.fact.as_deref() {
        let of =
            |entity: &Option<String>| entity.is_none() || entity.as_deref() == captures.first().map(String::as_str);
        let fact = settings.facts_named(name).find(|fact| of(&fact.entity))?;
        let key = settings.settings[fact.setting.index as usize].key.clone()?;
        let rendered = leaf.value.trim().to_owned();
        let same = fact.value.eq_ignore_ascii_case(&rendered) || opaque(&fact.value);
        return (!same).then(|| (key, fact.value.clone(), rendered));
    }
    let mut keys = rule.to.iter();
    let (Some(key), None) = (keys.next(), keys.next()) else { return None };
    if let Some(list) = List::of(rule, &captures) {
        return list.differs(tables, leaf, rule, settings);
    }
    if key.contains(['*', '[']) || !rule.cases.is_empty() || rule.adds {
        return None;
    }
    let known = tables.catalog.find(key)?;
    let rendered = codec::convert(&leaf.value, rule.codec, known.kind).ok()?;
    let said = settings.settings.iter().find(|setting| setting.key.as_deref() == Some(key));
    let held = match said {
        Some(setting) => deployment::value(&setting.leaf).plain(),
        None => known.default(version).to_owned(),
    };
    let plain = rendered.plain();
    let list = known.kind == Kind::List || held.starts_with('[');
    let same = if list {
        crate::mapping::catalog::items(&held) == crate::mapping::catalog::items(&plain)
    } else {
        deployment::meant(held.trim(), known.positions).eq_ignore_ascii_case(plain.trim())
    };
    (!same && !opaque(&held)).then(|| (key.to_owned(), held, plain))
}

/// An entry of a list as a row of it has it: `keystore.ssl_profile.custom[*].truststore.location`.
struct List<'r> {
    /// The list.
    key: &'r str,
    /// The field.
    field: &'r str,
    /// The field that tells the entries apart.
    by: &'r str,
    /// What it says of this one.
    name: &'r str,
}

impl<'r> List<'r> {
    fn of(rule: &'r Rule, captures: &'r [String]) -> Option<Self> {
        let mut keys = rule.to.iter();
        let (Some(key), None, [name]) = (keys.next(), keys.next(), captures) else { return None };
        let (key, field) = key.split_once("[*].")?;
        let by = rule.entry.as_deref().unwrap_or(field);
        (!field.contains(['*', '['])).then_some(Self { key, field, by, name })
    }

    /// What a deployment.toml says of a field of an entry of the list, with the entry as its keys have it.
    fn said<'s>(
        &self,
        settings: &'s NodeSettings<'_>,
        field: &str,
    ) -> impl Iterator<Item = (&'s str, &'s Setting<'s>)> {
        settings.settings.iter().filter_map(move |setting| {
            let inside = setting.key.as_deref()?.strip_prefix(self.key)?.strip_prefix('[')?;
            let (entry, own) = inside.rsplit_once("].")?;
            (own == field).then_some((entry, setting))
        })
    }

    /// The entry's own key in deployment.toml.
    fn entry<'s>(&self, settings: &'s NodeSettings<'_>) -> Option<&'s str> {
        let mut all = self.said(settings, self.by);
        all.find(|(_, setting)| setting.leaf.value.trim() == self.name.trim()).map(|(entry, _)| entry)
    }

    /// The same as [`differs`], of a field that both name.
    fn differs(
        &self,
        tables: &Tables,
        leaf: &Leaf<'_>,
        rule: &Rule,
        settings: &NodeSettings<'_>,
    ) -> Option<(String, String, String)> {
        let entry = self.entry(settings)?;
        let (_, setting) = self.said(settings, self.field).find(|(of, _)| *of == entry)?;
        let key = setting.key.as_deref()?;
        let known = tables.catalog.find(key);
        let kind = known.map_or(Kind::Text, |known| known.kind);
        let rendered = codec::convert(&leaf.value, rule.codec, kind).ok()?.plain();
        let held = deployment::value(&setting.leaf).plain();
        let meant = known.map_or(held.clone(), |known| deployment::meant(held.trim(), known.positions).into_owned());
        let opaque = held.contains(['$', '{', '%', '@']);
        (!meant.trim().eq_ignore_ascii_case(rendered.trim()) && !opaque)
            .then(|| (setting.leaf.path.clone(), held, rendered))
    }
}

/// Of the leaf that names an entry: what is to be told if the file is nothing but this list, and deployment.toml does not
/// have the entry.
fn missing(table: &Table, leaf: &Leaf<'_>, settings: &NodeSettings<'_>) -> Option<String> {
    let (rule, captures) = table.find(&leaf.path, ROWS)?;
    let list = List::of(rule, &captures).filter(|list| !list.name.contains(['$', '{', '%']))?;
    let mut keys = table.rules().iter().flat_map(|rule| rule.to.iter());
    if list.field != list.by || !keys.all(|key| key.starts_with(list.key)) || list.entry(settings).is_some() {
        return None;
    }
    let name = shown(list.name.trim(), by_name(list.key, list.name) || !leaf.secrets.is_empty());
    Some(format!(
        "{}: the entry `{name}` stands here, and {} of deployment.toml, which holds, has none of that name",
        leaf.path, list.key
    ))
}
