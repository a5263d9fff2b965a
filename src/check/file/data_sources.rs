//! `jdbc/NAME`: whether the server has the data source that a value names.

use crate::check::{Diagnostic, Node};
use crate::diagnostic::Code;
use crate::mapping::measured::data_sources;
use crate::mapping::nearest::nearest;
use crate::mapping::tables::Tables;

pub fn missing(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    // What 3.x calls its data sources was not measured.
    if !node.standard.is_4() {
        return Vec::new();
    }
    let own = node.entries().iter().filter(|entry| entry.key.starts_with("datasource[") && entry.key.ends_with("].id"));
    let has_table = |table: &str| node.entries().iter().any(|entry| entry.key.starts_with(&format!("{table}.")));
    let built_in =
        data_sources().filter(|known| known.always || has_table(known.table)).map(|known| known.name.to_owned());
    let names: Vec<String> = own.map(|entry| format!("jdbc/{}", entry.value.text)).chain(built_in).collect();
    let naming = node.entries().iter().filter(|entry| entry.value.text.trim().starts_with("jdbc/"));
    naming
        .filter(|entry| !names.iter().any(|name| name == entry.value.text.trim()))
        .map(|entry| {
            let message =
                format!("`{}` names the data source `{}`, which this file does not make", entry.key, entry.value.text);
            let finding = node.finding(Code::DataSourceMissing, &entry.value.span, message);
            match nearest(entry.value.text.trim(), names.iter().map(String::as_str)).first() {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("name one of the server's own, or add a `[[datasource]]` with that `id`"),
            }
        })
        .collect()
}
