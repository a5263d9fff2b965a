//! `mappings audit`: what a product's tables know that ours do not, and the reverse, for the version that it is.

use std::fmt::Write as _;

use clap::ValueEnum as _;
use schemars::JsonSchema;
use serde::Serialize;

use crate::mapping::catalog::{Catalog, Key, Liveness, items, parts};
use crate::product::data::Data;
use crate::product::mapper::{self, Refusal};
use crate::product::names::{Names, is_free};
use crate::product::tables::{self, Tables, TablesError};
use crate::role::Profile;
use crate::verify::product::Distribution;
use crate::verify::{Product, ProductError};
use crate::version::{Target, Version};

/// Why a product cannot be audited.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// It is no product.
    #[error(transparent)]
    Product(#[from] ProductError),
    /// Its tables cannot be read.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// Its tables refuse the plainest of files.
    #[error("{product}: its tables refuse a file with nothing but what must be there: {refusal}")]
    Refused {
        /// The product.
        product: String,
        /// Why.
        refusal: Box<Refusal>,
    },
}

/// What differs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Audit {
    /// The product, by its own words.
    pub product: String,
    /// The measured version that it is compared with.
    pub compared_with: String,
    /// Keys that the product names, and our tables do not have in this version.
    pub not_in_ours: Vec<String>,
    /// Keys that our tables call live in this version, and the product does not name.
    pub not_in_product: Vec<String>,
    /// Keys with another default.
    pub defaults: Vec<OtherDefault>,
    /// Templates that could not be read, and why: their keys are not judged.
    pub unjudged: Vec<String>,
}

/// A key with another default.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OtherDefault {
    /// The profiles that have it.
    pub profiles: Vec<Profile>,
    /// The key.
    pub key: String,
    /// What our tables say.
    pub ours: String,
    /// What the product's tables say.
    pub product: String,
}

impl Audit {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.not_in_ours.is_empty()
            && self.not_in_product.is_empty()
            && self.defaults.is_empty()
            && self.unjudged.is_empty()
    }
}

/// What must be there for the mapper to take a file at all, and the one more key on which a default depends that was
/// measured with it.
const PLAINEST: &str = "\
[server]
hostname = \"localhost\"
server_role = \"default\"
[super_admin]
username = \"admin\"
password = \"admin\"
create_admin_account = true
[user_store]
type = \"database_unique_id\"
[database.apim_db]
type = \"h2\"
[database.shared_db]
type = \"h2\"
url = \"jdbc:h2:./repository/database/WSO2SHARED_DB;DB_CLOSE_ON_EXIT=FALSE\"
username = \"wso2carbon\"
password = \"wso2carbon\"
";

/// Compares a product's tables with ours.
pub fn audit(product: &Product, catalog: &Catalog) -> Result<Audit, AuditError> {
    let tables = Tables::read(&product.resources())?;
    let (version, target) = measured(product.version);
    let names = Names::of(&tables);
    let live = |key: &&Key| key.has_place(version);
    let in_ours = |name: &str| {
        let known = |key: &Key| key.liveness(version) != Liveness::Unknown;
        catalog.find(name).is_some_and(known)
            || name.contains('<') && catalog.all_keys().any(|key| known(key) && fits(name, key.name))
    };
    let not_in_ours = names.iter().filter(|name| !in_ours(name)).map(str::to_owned).collect();
    let mut not_in_product: Vec<String> = catalog
        .all_keys()
        .filter(live)
        .map(|key| key.name)
        .filter(|key| !names.knows(key))
        .map(str::to_owned)
        .collect();
    not_in_product.sort();
    let mut defaults: Vec<OtherDefault> = Vec::new();
    for profile in profiles(product, &tables) {
        let file = if target.separate_distributions() {
            PLAINEST.to_owned()
        } else {
            PLAINEST.replace("\"default\"", &format!("\"{}\"", role(profile)))
        };
        let mapped = mapper::map(&tables, &file, &|_| None)
            .map_err(|refusal| AuditError::Refused { product: product.name.clone(), refusal: Box::new(refusal) })?;
        let mut keys: Vec<&Key> = catalog.keys().filter(live).collect();
        keys.sort_by_key(|key| key.name);
        for key in keys.into_iter().filter(|key| !PLAINEST_KEYS.contains(&key.name)) {
            let plain = vec![key.name.to_owned()];
            let found: Vec<&Data> = tables
                .aliases
                .get(key.name)
                .unwrap_or(&plain)
                .iter()
                .flat_map(|name| [mapped.values.get(name), tables.defaults.get(name)])
                .flatten()
                .collect();
            let [first, ..] = found[..] else { continue };
            let ours = catalog.defaults(key.name, target, profile).first().copied().unwrap_or_default();
            if !found.iter().any(|found| is_same(found, ours)) {
                let product = first.shown();
                let same = |one: &&mut OtherDefault| one.key == key.name && one.ours == ours && one.product == product;
                if let Some(known) = defaults.iter_mut().find(same) {
                    known.profiles.push(profile);
                    continue;
                }
                let key = key.name.to_owned();
                defaults.push(OtherDefault { profiles: vec![profile], key, ours: ours.to_owned(), product });
            }
        }
    }
    let unjudged = tables
        .templates
        .iter()
        .filter_map(|(file, template)| {
            let error = template.as_ref().err()?;
            Some(format!("{file}.j2:{}:{}: {error}", error.position.line, error.position.column))
        })
        .collect();
    Ok(Audit {
        product: product.name.clone(),
        compared_with: version.to_string(),
        not_in_ours,
        not_in_product,
        defaults,
        unjudged,
    })
}

/// The profiles whose defaults the product has: its own, or those of the roles that it knows.
fn profiles(product: &Product, tables: &Tables) -> Vec<Profile> {
    match product.distribution {
        Some(Distribution::ControlPlane) => vec![Profile::ControlPlane],
        Some(Distribution::Gateway) => vec![Profile::GatewayWorker],
        Some(Distribution::TrafficManager) => vec![Profile::TrafficManager],
        Some(Distribution::AllInOne) | None => {
            let separate = measured(product.version).1.separate_distributions();
            let known = |profile: &Profile| {
                let mut rows = tables.inference.iter().filter(|row| row.key == "server.server_role");
                *profile == Profile::AllInOne || !separate && rows.any(|row| row.values.contains_key(role(*profile)))
            };
            [Profile::AllInOne, Profile::ControlPlane, Profile::GatewayWorker, Profile::TrafficManager]
                .into_iter()
                .filter(known)
                .collect()
        }
    }
}

fn role(profile: Profile) -> &'static str {
    if profile == Profile::AllInOne { "default" } else { profile.word() }
}

/// Whether two names are one, where a free part stands for any part.
fn fits(one: &str, other: &str) -> bool {
    let (one, other) = (parts(one), parts(other));
    one.len() == other.len()
        && one.iter().zip(&other).all(|(one, other)| {
            one == other || (is_free(one) || is_free(other)) && one.ends_with("[]") == other.ends_with("[]")
        })
}

/// The keys that the plainest file gives: what it says is no default.
const PLAINEST_KEYS: [&str; 11] = [
    "database.apim_db.type",
    "database.shared_db.password",
    "database.shared_db.type",
    "database.shared_db.url",
    "database.shared_db.username",
    "server.hostname",
    "server.server_role",
    "super_admin.create_admin_account",
    "super_admin.password",
    "super_admin.username",
    "user_store.type",
];

/// The newest measured version that is not newer than the product's, and the target that is just it.
fn measured(version: Option<Version>) -> (Version, Target) {
    let targets = Target::value_variants().iter().filter_map(|target| match target.measured() {
        [one] => Some((*one, *target)),
        _ => None,
    });
    let mut targets: Vec<_> = targets.collect();
    targets.sort();
    let wanted = version.unwrap_or(Version::new(u8::MAX, 0));
    let newest = targets.iter().rev().find(|(measured, _)| *measured <= wanted);
    newest.or(targets.first()).copied().expect("there are targets")
}

fn is_same(found: &Data, ours: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match found {
        Data::List(list) => {
            let list: Vec<_> = list.borrow().iter().map(|item| words(&item.shown())).collect();
            list == items(ours) || list.join(",") == words(ours)
        }
        Data::Map(_) => serde_json::from_str(ours).is_ok_and(|ours| tables::data(&ours).shown() == found.shown()),
        other => words(&other.shown()) == words(ours),
    }
}

/// The audit for people.
#[must_use]
pub fn text(audit: &Audit) -> String {
    let mut text = format!("{}, compared with the tables of {}\n", audit.product, audit.compared_with);
    let mut part = |title: &str, lines: &[String]| {
        if !lines.is_empty() {
            let _ = write!(text, "\n{title} ({}):\n", lines.len());
            for line in lines {
                let _ = writeln!(text, "  {line}");
            }
        }
    };
    part("keys that the product names and our tables do not have", &audit.not_in_ours);
    part("keys that our tables call live and the product does not name", &audit.not_in_product);
    let shown = |value: &str| if value.is_empty() { "nothing".to_owned() } else { format!("`{value}`") };
    let defaults: Vec<_> = audit
        .defaults
        .iter()
        .map(|other| {
            let profiles: Vec<_> = other.profiles.iter().map(|profile| profile.word()).collect();
            let (key, profiles) = (&other.key, profiles.join(", "));
            format!("{key} ({profiles}): ours {}, the product's {}", shown(&other.ours), shown(&other.product))
        })
        .collect();
    part("keys with another default", &defaults);
    part("templates that are not judged", &audit.unjudged);
    if audit.is_same() {
        text.push_str("nothing differs\n");
    }
    text
}
