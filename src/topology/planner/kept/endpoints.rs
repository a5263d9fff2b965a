//! Addresses of other nodes: ports that are the reader's, hosts that no node has (C.1, C.12).

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::topology::source::host::{Port, Url};
use crate::value::Value;

use super::super::context::{Context, bracketed};

/// Writes numbers for port variables beside other nodes' hosts where the offsets differ.
pub fn write(context: &mut Context<'_, '_>) {
    let mut renumbered: Vec<(usize, String, Value, Option<SettingId>, String)> = Vec::new();
    for (target, node) in context.plan.nodes.iter().enumerate() {
        let Some(reader) = node.stands_on else { continue };
        for (key, entry) in &node.entries {
            let mut told = Vec::new();
            let change = |text: &str| {
                let (url, message) = numbered(context, reader, text)?;
                told.push(message);
                Some(url)
            };
            let changed = entry.value.with_texts(change);
            if let (Some(value), Some(message)) = (changed, told.into_iter().next()) {
                renumbered.push((target, key.clone(), value, entry.from.first().copied(), message));
            }
        }
    }
    for (target, key, value, from, message) in renumbered {
        if let Some(entry) = context.plan.nodes[target].entries.get_mut(&key) {
            entry.value = value;
        }
        if let Some(setting) = from {
            context.find_at(Code::PortVariableOfAnotherNode, setting, format!("{key}: {message}"));
        }
    }
}

/// The URL with a number for its port variable, if the host is another node's with another offset.
fn numbered(context: &Context<'_, '_>, reader: usize, text: &str) -> Option<(String, String)> {
    let url = Url::parse(text).filter(|url| !url.scheme.is_empty())?;
    let Some(variable @ Port::Text(_)) = &url.port else { return None };
    if context.is_local(reader, &url.host) {
        return None;
    }
    let named = context.node_named(&url.host)?;
    let (own, other) = (context.offset(reader), context.offset(named));
    let port = variable.number(other).filter(|_| own != other)?;
    let changed = format!("{}://{}:{port}{}", url.scheme, bracketed(&url.host), url.path);
    let name = &context.nodes[named].name;
    Some((changed, format!("{} is the reader's port, offset {own}; `{name}` has {other}", variable.written())))
}
