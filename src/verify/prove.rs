//! The whole proof: each node's file before its product, each old setting before what was rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::compare::filled;
use super::edit::Written;
use super::fixed::Fixed;
use super::java::{Java, JavaError};
use super::keys::{self, Choices, Effect};
use super::mapper::{Environment, Mapper, MapperError, Refusal, Running};
use super::model::{
    Complaint, Fault, FileFault, Fulfilment, KeyProof, Liveness, Method, NodeProof, Proof, SCHEMA_VERSION,
    SettingProof, Totals,
};
use super::product::{Product, ProductError, choose};
use super::settings::{self, Rendered};
use super::tree::{Tree, is_xml};
use super::{Encoded, NodeFile, Promise, blame, wellformed};
use crate::mapping::tables::Tables;
use crate::secret::{Known, MASK, by_name, is_secret_name};
use crate::value::Value;

/// Why nothing could be proven.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// No Java.
    #[error(transparent)]
    Java(#[from] JavaError),
    /// No product for a node.
    #[error(transparent)]
    Product(#[from] ProductError),
    /// The mapper cannot be asked.
    #[error(transparent)]
    Mapper(#[from] MapperError),
}

/// How many places of a key are told.
const PLACES: usize = 3;

/// What is to be proven.
#[derive(Clone, Copy, Debug)]
pub struct Work<'w> {
    /// The nodes' files.
    pub files: &'w [NodeFile],
    /// What the migration says of the old settings.
    pub promises: &'w [Promise],
    /// The products.
    pub products: &'w [Product],
    /// The mapping tables.
    pub tables: &'w Tables,
}

/// Running mappers, one for each product: what is proven after the first work needs no new JVM.
#[derive(Debug)]
pub struct Prover {
    /// None where the products' tables are read instead.
    java: Option<Java>,
    mappers: BTreeMap<PathBuf, (Mapper, Environment)>,
}

impl Prover {
    /// Finds Java.
    pub fn new() -> Result<Self, JavaError> {
        Ok(Self { java: Some(Java::find()?), mappers: BTreeMap::new() })
    }

    /// Without Java: reads the products' tables and templates instead of running their mappers.
    #[must_use]
    pub fn without_java() -> Self {
        Self { java: None, mappers: BTreeMap::new() }
    }

    /// The product's mapper, in a JVM that knows the names of `environment`.
    fn mapper(&mut self, product: &Product, environment: &Environment) -> Result<&mut Mapper, MapperError> {
        let fits = self.mappers.get(&product.home).is_some_and(|(_, known)| known.holds(environment));
        if !fits {
            let mapper = match &self.java {
                Some(java) => Mapper::Running(Running::start(product, java, environment)?),
                None => Mapper::Fixed(Box::new(Fixed::open(product, environment)?)),
            };
            self.mappers.insert(product.home.clone(), (mapper, environment.clone()));
        }
        Ok(&mut self.mappers.get_mut(&product.home).expect("it was just started").0)
    }

    /// Renders one file with a product's mapper.
    pub fn render(&mut self, product: &Product, toml: &str) -> Result<Result<Tree, Refusal>, MapperError> {
        Ok(self.mapper(product, &Environment::default())?.render(toml)?.map(Tree::new))
    }

    /// Proves the files with the products' own mappers.
    pub fn prove(&mut self, work: Work<'_>) -> Result<Proof, ProveError> {
        let Work { files, promises, products, tables } = work;
        let mut of_product: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, file) in files.iter().enumerate() {
            of_product.entry(choose(products, file, file.target)?).or_default().push(number);
        }
        let environment = environment(files);
        let mut nodes: BTreeMap<usize, NodeProof> = BTreeMap::new();
        let mut judgements: BTreeMap<usize, Vec<settings::Judgement>> = BTreeMap::new();
        for (product, numbers) in of_product {
            let product = &products[product];
            let choices = choices(product);
            let mapper = self.mapper(product, &environment)?;
            for number in numbers {
                let file = &files[number];
                let promised: Vec<(usize, &Promise, &super::Target)> = promises
                    .iter()
                    .enumerate()
                    .filter(|(_, promise)| promise.deployment == file.deployment)
                    .flat_map(|(number, promise)| promise.targets.iter().map(move |target| (number, promise, target)))
                    .filter(|(.., target)| target.node == file.node)
                    .collect();
                let reads = |key: &str| {
                    tables.catalog.find(key).zip(product.version).is_some_and(|(key, version)| key.is_read(version))
                };
                let kept: BTreeMap<&str, &Value> = promised
                    .iter()
                    .filter(|(_, promise, target)| settings::is_kept(promise, target) && reads(&target.key))
                    .filter_map(|(.., target)| Some((target.key.as_str(), target.value.as_ref()?)))
                    .collect();
                let (proof, rendered) = node(file, product, mapper, &choices, tables, &kept)?;
                for (number, promise, target) in promised {
                    judgements.entry(number).or_default().push(match &rendered {
                        Some((tree, keys)) => settings::judge(promise, target, &Rendered { tree, keys, tables }),
                        None => settings::Judgement {
                            outcome: Fulfilment::Lost,
                            place: target.key.clone(),
                            why: "the product refuses the file".to_owned(),
                        },
                    });
                }
                nodes.insert(number, proof);
            }
        }
        let nodes: Vec<NodeProof> = nodes.into_values().collect();
        let settings: Vec<SettingProof> =
            judgements.into_iter().map(|(number, judgements)| setting(&promises[number], &judgements)).collect();
        let totals = totals(&nodes, &settings);
        Ok(Proof { schema_version: SCHEMA_VERSION, nodes, settings, totals })
    }
}

/// What became of a setting over all its keys: lost if one of them does not bring it, else confirmed if one does.
fn setting(promise: &Promise, judgements: &[settings::Judgement]) -> SettingProof {
    let has = |outcome: &Fulfilment| judgements.iter().any(|judgement| judgement.outcome == *outcome);
    let outcome = [Fulfilment::Lost, Fulfilment::Confirmed].into_iter().find(has).unwrap_or(Fulfilment::Changed);
    let telling = judgements.iter().filter(|judgement| judgement.outcome == outcome);
    let mut places: Vec<String> = telling.clone().map(|judgement| judgement.place.clone()).collect();
    places.dedup();
    places.truncate(PLACES);
    SettingProof {
        deployment: promise.deployment.clone(),
        file: promise.place.file.clone(),
        line: promise.place.line,
        column: promise.place.column,
        path: promise.path.clone(),
        rule: promise.rule.clone(),
        outcome,
        places,
        why: telling.map(|judgement| judgement.why.clone()).next().unwrap_or_default(),
    }
}

fn totals(nodes: &[NodeProof], settings: &[SettingProof]) -> Totals {
    let mut totals = Totals { files: nodes.len() as u32, ..Totals::default() };
    for node in nodes {
        totals.accepted += u32::from(node.accepted);
        totals.rendered += node.rendered;
        totals.malformed += node.malformed.len() as u32;
        totals.keys += node.keys.len() as u32;
        for key in &node.keys {
            match key.liveness {
                Liveness::Live => {}
                Liveness::Covered => totals.covered += 1,
                Liveness::Idle => totals.idle += 1,
                Liveness::Dead => totals.dead += 1,
            }
            totals.altered += u32::from(key.arrival == Some(super::model::Arrival::Altered));
        }
    }
    for setting in settings {
        *match setting.outcome {
            Fulfilment::Confirmed => &mut totals.confirmed,
            Fulfilment::Changed => &mut totals.changed,
            Fulfilment::Lost => &mut totals.lost,
        } += 1;
    }
    totals
}

/// The names that any of the files refers to.
fn environment(files: &[NodeFile]) -> Environment {
    let named = |mark: &str| -> BTreeSet<String> {
        files
            .iter()
            .flat_map(|file| file.text.split(mark).skip(1))
            .filter_map(|tail| Some(tail.split_once('}')?.0.to_owned()))
            .filter(|name| !name.is_empty() && !name.contains(['=', '"', '\n', ' ', '\0']))
            .collect()
    };
    Environment { variables: named("$env{"), properties: named("$sys{") }
}

/// The keys whose values imply other keys, with the values that do: a text of our own there would show another file.
fn choices(product: &Product) -> Choices {
    let text = std::fs::read_to_string(product.resources().join("infer.json")).unwrap_or_default();
    let table: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap_or_default();
    let names = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().into_iter().flat_map(|object| object.keys().cloned()).collect()
    };
    let values = |value: &serde_json::Value| {
        let values = value.as_object().into_iter().flatten();
        values.map(|(value, implied)| (value.clone(), names(implied))).collect()
    };
    let implying = table.iter().map(|(key, value)| (key.clone(), values(value))).collect();
    let templates = super::mapper::read_all(&product.resources().join("templates")).unwrap_or_default();
    Choices::new(implying, templates.values().map(String::as_str))
}

type Keys = Vec<(String, toml_edit::Value, Effect)>;

fn node(
    file: &NodeFile,
    product: &Product,
    mapper: &mut Mapper,
    choices: &Choices,
    tables: &Tables,
    kept: &BTreeMap<&str, &Value>,
) -> Result<(NodeProof, Option<(Tree, Keys)>), MapperError> {
    let mut proof = NodeProof {
        deployment: file.deployment.clone(),
        node: file.node.clone(),
        file: file.path.clone(),
        product: product.name.clone(),
        method: if matches!(mapper, Mapper::Fixed(_)) { Method::Static } else { Method::Mapper },
        accepted: false,
        complaints: Vec::new(),
        rendered: 0,
        malformed: Vec::new(),
        keys: Vec::new(),
        notes: Vec::new(),
    };
    if let Some(Encoded { bytes, what }) = &file.encoded
        && mapper.render_bytes(bytes)?.is_err()
    {
        // The mapper's own words name a character that no editor shows; what else is wrong waits until then.
        proof.complaints.push(Complaint {
            kind: Fault::Refused,
            key: None,
            line: Some(1),
            column: Some(1),
            message: format!("{what}: save it as UTF-8 without a byte order mark"),
        });
        return Ok((proof, None));
    }
    let text = filled(&file.text);
    if text != file.text {
        proof.notes.push("marks that a deployment tool fills were proven with dummies in their places".to_owned());
    }
    let written = match Written::new(&text) {
        Ok(written) => written,
        Err(damage) => {
            proof.complaints.push(Complaint {
                kind: Fault::Syntax,
                key: None,
                line: Some(damage.position.line),
                column: Some(damage.position.column),
                message: damage.message,
            });
            return Ok((proof, None));
        }
    };
    if written.place_holders > 0 {
        let count = crate::diagnostic::counted(written.place_holders, "secret");
        proof.notes.push(format!("{count} in brackets, still to be encrypted, were proven as dummies"));
    }
    if let Mapper::Fixed(fixed) = &*mapper {
        proof.complaints.extend(fixed.complaints(&written));
        proof.notes.extend(fixed.notes(&written));
    }
    let base = match mapper.render(&written.text())? {
        Ok(files) => Tree::new(files),
        Err(refusal) => {
            proof.complaints.insert(0, refused(mapper, &written, &refusal)?);
            return Ok((proof, None));
        }
    };
    proof.accepted = true;
    proof.rendered = base.files().count() as u32;
    for (name, text) in base.files().filter(|(name, _)| is_xml(name)) {
        if let Err((position, message)) = wellformed::check(text) {
            let key = culprit(mapper, &written, name)?;
            let (line, column) = (position.line, position.column);
            proof.malformed.push(FileFault { file: name.to_owned(), line, column, message, key });
        }
    }
    let mut effects = keys::measure(mapper, &written, &base, tables, choices)?;
    for (key, effect) in written.keys.iter().zip(&mut effects) {
        effect.kept =
            kept.get(key.name.as_str()).is_some_and(|kept| settings::is_written(&kept.plain(), &key.name, &key.value));
    }
    for (key, effect) in written.keys.iter().zip(&effects) {
        proof.keys.push(KeyProof {
            key: key.name.clone(),
            line: key.position.line,
            column: key.position.column,
            liveness: effect.liveness(),
            arrival: keys::arrival(&key.value, effect, &base, tables),
            places: effect.spots().take(PLACES).map(ToString::to_string).collect(),
        });
    }
    let keys = written.keys.into_iter().zip(effects).map(|(key, effect)| (key.name, key.value, effect)).collect();
    Ok((proof, Some((base, keys))))
}

fn refused(mapper: &mut Mapper, written: &Written, refusal: &Refusal) -> Result<Complaint, MapperError> {
    let mut message = refusal.words();
    for key in written.keys.iter().filter(|key| is_secret_name(&key.name)) {
        for secret in keys::texts(&key.value).iter().filter(|secret| secret.len() > 2) {
            message = message.replace(secret.as_str(), MASK);
        }
    }
    let texts: Vec<(String, bool)> = written
        .keys
        .iter()
        .flat_map(|key| keys::texts(&key.value).into_iter().map(|text| (by_name(&key.name, &text), text)))
        .map(|(secret, text)| (text, secret))
        .collect();
    message = Known::of(texts.iter().map(|(text, secret)| (text.as_str(), *secret))).clean(&message);
    if let Some((position, table)) = written.late_parent() {
        return Ok(Complaint {
            kind: Fault::Refused,
            key: Some(table.clone()),
            line: Some(position.line),
            column: Some(position.column),
            message: format!("the mapper dies at `[{table}]`, which stands behind a table in it: {message}"),
        });
    }
    let key = blame::find(mapper, written, refusal)?.map(|key| &written.keys[key]);
    Ok(Complaint {
        kind: refusal.kind,
        key: key.map(|key| key.name.clone()),
        line: key.map(|key| key.position.line),
        column: key.map(|key| key.position.column),
        message,
    })
}

/// The key whose value makes a rendered file malformed: first among those that hold something special.
fn culprit(mapper: &mut Mapper, written: &Written, file: &str) -> Result<Option<String>, MapperError> {
    let special = |key: usize| {
        let texts = keys::texts(&written.keys[key].value);
        texts.iter().any(|text| text.contains(['&', '<', '>', '"']))
    };
    let (first, then): (Vec<usize>, Vec<usize>) = (0..written.keys.len()).partition(|key| special(*key));
    for key in first.into_iter().chain(then) {
        // A plain value first: without the key the product may write something of its own that is no better.
        let plain = keys::marked(key, &written.keys[key].value).map(|value| written.with([(key, value)]));
        for text in plain.into_iter().chain([written.without([key])]) {
            if let Ok(files) = mapper.render(&text)?
                && files.get(file).is_none_or(|text| wellformed::check(text).is_ok())
            {
                return Ok(Some(written.keys[key].name.clone()));
            }
        }
    }
    Ok(None)
}
