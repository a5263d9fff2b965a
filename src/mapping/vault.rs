//! The secure vault of 2.x: which leaves are only place holders of an alias (semantics-settings.md 9.1).
//!
//! Takes the settings of one node and marks the protected ones, so that whatever they say is `$secret{alias}` and
//! never the text in the file. Says nothing of the secrets themselves: cipher text is no password.

use crate::text::Parts as _;
use std::collections::BTreeSet;
use std::ops::Range;

use indexmap::IndexMap;

use super::{Setting, SettingId, Standing, is_within, path};
use crate::read::LeafKind;
use crate::secret::is_secret_name;

/// What the text of a protected leaf stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    /// The alias, as `[secrets]` takes it.
    pub alias: String,
    /// The leaf that names the alias, if it is another one: it has the outcome of the value.
    pub by: Option<SettingId>,
}

/// A text of the cipher tool's own in the place of a value.
const PLACE_HOLDER: &str = "password";
/// How a property says its alias.
const PREFIX: &str = "secretAlias:";

/// Marks what the vault protects among the settings of node number `node`, whose `files` have these paths and settings.
pub fn apply(settings: &mut [Setting<'_>], node: u32, files: &[(&str, Range<usize>)]) {
    let places = places(settings);
    for index in 0..settings.len() {
        let leaf = &settings[index].leaf;
        if leaf.kind == LeafKind::Attribute && leaf.path.ends_with("/@secretAlias") && !leaf.value.trim().is_empty() {
            let alias = leaf.value.trim().to_owned();
            let hint = places.get(&alias).and_then(|line| attribute_of(&settings[*line].leaf.value));
            if let Some(target) = protected_by(settings, index, &alias, hint.as_deref()) {
                protect(settings, node, target, &alias, Some(index));
            }
        } else if leaf.kind == LeafKind::Property
            && let Some(alias) = leaf.value.trim().strip_prefix(PREFIX).map(str::trim)
            && !alias.is_empty()
        {
            let alias = alias.to_owned();
            protect(settings, node, index, &alias, None);
        }
    }
    let mut named: BTreeSet<String> =
        settings.iter().filter_map(|setting| Some(setting.vault.as_ref()?.alias.clone())).collect();
    for (alias, line) in &places {
        if named.contains(&name(alias)) {
            continue;
        }
        let Some(target) = place(settings, *line, files) else { continue };
        if settings[target].vault.is_none() && is_in_use(settings, alias, *line, target) {
            protect(settings, node, target, alias, Some(*line));
            named.insert(name(alias));
        }
    }
}

/// The lines of cipher-tool.properties, by alias.
fn places(settings: &[Setting<'_>]) -> IndexMap<String, usize> {
    let lines = settings.iter().enumerate().filter(|(_, setting)| has_fact(setting, "vault.place"));
    lines
        .filter(|(_, setting)| !matches!(setting.standing, Standing::Superseded { .. }))
        .map(|(index, setting)| (setting.leaf.path.clone(), index))
        .collect()
}

fn has_fact(setting: &Setting<'_>, fact: &str) -> bool {
    setting.rule.is_some_and(|rule| rule.fact.as_deref() == Some(fact))
}

/// An alias as a name under `[secrets]`: letters, digits, `_`, `-` and `.` (semantics-settings.md 9.2).
#[must_use]
pub fn name(alias: &str) -> String {
    let fits = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    alias.trim().chars().map(|character| if fits(character) { character } else { '_' }).collect()
}

/// A value of cipher-text.properties that is not encrypted yet: `[plain]`.
#[must_use]
pub fn is_plain(value: &str) -> bool {
    let value = value.trim();
    value.len() > 1 && value.starts_with('[') && value.ends_with(']')
}

fn protect(settings: &mut [Setting<'_>], node: u32, target: usize, alias: &str, by: Option<usize>) {
    let id = |index: usize| SettingId { node, index: index as u32 };
    let setting = &mut settings[target];
    setting.vault = Some(Protected { alias: name(alias), by: by.map(id) });
    if !matches!(setting.standing, Standing::Superseded { .. }) {
        // The text is the cipher tool's, whatever it equals.
        setting.standing = Standing::Changed;
    }
    setting.case = setting.rule.and_then(|rule| {
        let value = setting.value();
        rule.cases.iter().find(|case| case.is.iter().any(|is| super::fits(is, &value)))
    });
    if let Some(by) = by {
        settings[by].standing = Standing::Frames { leaf: id(target) };
    }
}

/// What the alias at `index`, an attribute, is for: the element, or the attribute of it that holds a secret.
fn protected_by(settings: &[Setting<'_>], index: usize, alias: &str, hint: Option<&str>) -> Option<usize> {
    let element = path::parent(&settings[index].leaf.path);
    let inside = |other: &usize| {
        settings[*other].file == settings[index].file && is_within(&settings[*other].leaf.path, element)
    };
    let before: Vec<usize> = (0..index).rev().take_while(inside).collect();
    let around: Vec<usize> = before.into_iter().rev().chain((index + 1..settings.len()).take_while(inside)).collect();
    let attribute = |fits: &dyn Fn(&str) -> bool| {
        around.iter().copied().find(|other| {
            let path = &settings[*other].leaf.path;
            path::parent(path) == element && path.part(element.len() + 1..).strip_prefix('@').is_some_and(fits)
        })
    };
    let last = alias.rsplit('.').next().unwrap_or(alias);
    let own = around.iter().copied().find(|other| settings[*other].leaf.path == element);
    hint.and_then(|hint| attribute(&|name| name == hint))
        .or_else(|| attribute(&|name| name.eq_ignore_ascii_case(last)))
        .or_else(|| own.filter(|own| settings[*own].rule.is_some() && !settings[*own].leaf.value.trim().is_empty()))
        .or_else(|| attribute(&|name| is_secret_name(name)))
        .or(own)
}

/// File and path of `repository/conf/a.xml//A/B[@name='x'],true`.
fn target_of(line: &str) -> Option<(&str, String)> {
    let line = line.trim();
    let line = line.strip_suffix(",true").or_else(|| line.strip_suffix(",false")).unwrap_or(line).trim();
    let (file, path) = line.split_once("//")?;
    let file = file.trim_start_matches('/');
    let file = file.strip_prefix("repository/conf/").unwrap_or(file);
    let path = match attribute_of(line) {
        // `Connector[@keystorePass]` is the element that has the attribute; what is protected is the attribute.
        Some(name) => format!("{}/@{name}", path.part(..path.rfind('[').unwrap_or(path.len()))),
        None => path.to_owned(),
    };
    (!file.is_empty() && !path.is_empty()).then_some((file, path))
}

/// The attribute that a line is about, if it is about one: `x` of `…[@x]`.
fn attribute_of(line: &str) -> Option<String> {
    let line = line.trim();
    let line = line.strip_suffix(",true").or_else(|| line.strip_suffix(",false")).unwrap_or(line);
    let (_, name) = line.strip_suffix(']')?.rsplit_once("[@")?;
    (!name.contains('=')).then(|| name.to_owned())
}

/// The leaf that a line of cipher-tool.properties means: the first that fits, as for the cipher tool.
fn place(settings: &[Setting<'_>], line: usize, files: &[(&str, Range<usize>)]) -> Option<usize> {
    let (file, wanted) = target_of(&settings[line].leaf.value)?;
    let is_meant = |path: &str| path.strip_suffix(file).is_some_and(|head| head.is_empty() || head.ends_with('/'));
    let parts = path::segments(&wanted);
    let mut meant = files.iter().filter(|(path, _)| is_meant(path)).flat_map(|(_, settings)| settings.clone());
    meant.find(|index| {
        let setting = &settings[*index];
        !matches!(setting.standing, Standing::Superseded { .. })
            && (setting.leaf.path == wanted || fits(&parts, &setting.leaf.path))
    })
}

/// Whether a leaf's path is one that the segments select. What only one side tells of an element is no difference.
fn fits(wanted: &[path::Named<'_>], found: &str) -> bool {
    let found = path::segments(found);
    wanted.len() == found.len()
        && wanted.iter().zip(&found).all(|(wanted, found)| {
            wanted.name.rsplit(':').next() == Some(found.name)
                && match (wanted.predicate, found.predicate) {
                    (Some((by, value)), Some((known, other))) if by == known => value == other,
                    _ => true,
                }
        })
}

/// Whether the vault holds the value of a leaf whose element does not say so: it is encrypted, or the cipher tool's
/// own place holder stands there for an alias that the administrator listed.
fn is_in_use(settings: &[Setting<'_>], alias: &str, line: usize, target: usize) -> bool {
    let value = settings.iter().find(|setting| has_fact(setting, "vault.value") && setting.leaf.path == alias);
    match value.map(|setting| setting.leaf.value.trim()) {
        Some(value) => !value.is_empty() && !is_plain(value),
        None => settings[line].standing == Standing::Changed && settings[target].leaf.value.trim() == PLACE_HOLDER,
    }
}

#[cfg(test)]
mod tests {
    use super::{fits, is_plain, name, path, target_of};

    #[test]
    fn reads_lines_of_the_cipher_tool() {
        for (line, file, path) in [
            (
                "repository/conf/carbon.xml//Server/Security/KeyStore/Password,false",
                "carbon.xml",
                "Server/Security/KeyStore/Password",
            ),
            (
                "repository/conf/tomcat/catalina-server.xml//Server/Service/Connector[@keystorePass],true",
                "tomcat/catalina-server.xml",
                "Server/Service/Connector/@keystorePass",
            ),
            ("carbon.xml//A/B[@name='x,y'],true", "carbon.xml", "A/B[@name='x,y']"),
        ] {
            assert_eq!(target_of(line), Some((file, path.to_owned())), "{line}");
        }
        assert_eq!(target_of("carbon.xml"), None);
    }

    #[test]
    fn selects_by_what_both_sides_tell() {
        let wanted = "a/datasource[name='X']/definition[@type='RDBMS']/password";
        let wanted = path::segments(wanted);
        assert!(fits(&wanted, "/a/datasource[name='X']/definition/password"));
        assert!(!fits(&wanted, "/a/datasource[name='Y']/definition/password"));
        assert!(!fits(&wanted, "/a/datasource[name='X']/definition/user"));
        assert!(fits(&path::segments("S/Connector/@p"), "/S/Connector[@port='9443']/@p"));
    }

    #[test]
    fn knows_plain_values_and_names() {
        assert!(is_plain(" [wso2carbon] "));
        assert!(!is_plain("kuv2MubUUveMyv6GeHrXr9il59ajJIqUI4eoYHcgGKf="));
        assert_eq!(name("Carbon.Security.KeyStore.Password"), "Carbon.Security.KeyStore.Password");
        assert_eq!(name("my alias's"), "my_alias_s");
    }
}
