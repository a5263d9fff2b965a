//! Data sources that other settings name: what names one follows it to its new name.

use crate::diagnostic::{Code, Finding};
use crate::layout::OldFile;
use crate::mapping::SettingId;
use crate::mapping::measured::data_sources;
use crate::source::Place;
use crate::topology::planner::context::Context;
use crate::value::Value;

/// Where an old node's data source went.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The old node.
    pub node: usize,
    /// The name that it had.
    pub old: String,
    /// The name that the new server has it under.
    pub new: String,
}

/// A name without `jdbc/`.
pub fn plain(name: &str) -> &str {
    name.trim().trim_start_matches("jdbc/")
}

/// Says that a data source of `node` is now `table`. The first word counts.
pub fn moved(moves: &mut Vec<Moved>, node: usize, name: &str, table: &str) {
    let is_known = moves.iter().any(|one| one.node == node && plain(&one.old) == plain(name));
    if let Some(new) = data_sources().find(|known| known.table == table).filter(|_| !is_known) {
        moves.push(Moved { node, old: name.to_owned(), new: new.name.to_owned() });
    }
}

/// The data sources that a node's carried settings name (`jdbc/NAME`), those of the product's own settings aside.
pub fn named_by_settings<'c>(context: &Context<'c, '_>, node: usize) -> Vec<&'c str> {
    let properties = context.nodes[node].settings.facts_named("user-store.property");
    properties.filter(|fact| fact.value.trim().starts_with("jdbc/")).map(|fact| plain(&fact.value)).collect()
}

/// Files of secondary user stores are copied as they are: nothing there follows a data source to its new name.
pub fn tell_of_copied_stores(context: &mut Context<'_, '_>, moves: &[Moved]) {
    for one in moves.iter().filter(|one| plain(&one.old) != plain(&one.new)) {
        let node = &context.nodes[one.node];
        let is_store = |file: &&OldFile| {
            let (folder, name) = file.path.rsplit_once('/').unwrap_or_default();
            folder.rsplit('/').next() == Some("userstores")
                && name.rsplit_once('.').is_some_and(|(_, end)| end == "xml")
        };
        let Some(file) = node.files.iter().find(is_store) else { continue };
        let message = format!(
            "a user store that names the data source jdbc/{} must name {} when it is copied to the new server",
            plain(&one.old),
            one.new
        );
        let finding = Finding::new(Code::DataSourceMissing, message).on(&node.name).at(Place::file(&file.path));
        context.plan.findings.push(finding);
    }
}

/// Gives the values that name a data source by its old name the new one, and tells of those that name none.
pub fn follow(context: &mut Context<'_, '_>, moves: &[Moved], written: &[String]) {
    let mut lost: Vec<(SettingId, String, String)> = Vec::new();
    for node in &mut context.plan.nodes {
        for (key, entry) in &mut node.entries {
            let Some(setting) = entry.from.first().copied() else { continue };
            let Value::Text(text) = &entry.value else { continue };
            let Some(name) = text.trim().strip_prefix("jdbc/").filter(|_| !key.starts_with("datasource[")) else {
                continue;
            };
            let old = setting.node as usize;
            let is_new = data_sources().any(|new| plain(new.name) == name) || written.iter().any(|own| own == name);
            match moves.iter().find(|one| one.node == old && plain(&one.old) == name) {
                Some(one) if plain(&one.new) == name => {}
                Some(one) => {
                    entry.derived = Some(format!("the data source {text} is {} in the new server", one.new));
                    entry.value = Value::text(one.new.clone());
                }
                None if is_new => {}
                None => lost.push((setting, key.clone(), text.clone())),
            }
        }
    }
    for (setting, key, name) in lost {
        let message = format!("{key} names the data source {name}, which no file of the node has");
        context.find_at(Code::DataSourceMissing, setting, message);
    }
}
