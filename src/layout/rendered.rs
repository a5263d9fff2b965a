//! Files that the server writes from deployment.toml at each start, lying beside it: what they say is lost at the next
//! start, so that a difference is worth telling. Nothing else is taken from them.

use crate::diagnostic::{Code, Finding};
use crate::mapping::catalog::Kind;
use crate::mapping::tables::{Table, Tables};
use crate::mapping::{NodeSettings, codec, deployment};
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
            let Some((key, held, rendered)) = differs(tables, table, version, leaf, settings) else { continue };
            let secret = |text: &str| by_name(&key, text) || by_name(&leaf.path, text);
            let secret = secret(&held) || secret(&rendered);
            let [held, rendered] = [held, rendered].map(|text| shown(&text, secret));
            let message = format!("{}: `{rendered}` here, and {key} is `{held}` in deployment.toml", leaf.path);
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
