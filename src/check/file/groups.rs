//! Url groups: receivers and their authentication addresses stand side by side.

use crate::check::{Diagnostic, Node};
use crate::diagnostic::Code;
use crate::mapping::tables::Tables;
use crate::read::document::Shape;

/// The keys of a receiver and of its authentication address, by their table.
pub const GROUPS: [(&str, &str, &str); 2] = [
    ("apim.throttling.url_group", "traffic_manager_urls", "traffic_manager_auth_urls"),
    ("apim.event_hub.publish.url_group", "urls", "auth_urls"),
];

pub fn unpaired(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (table, urls, auth_urls) in GROUPS {
        for number in 0.. {
            let key = |name: &str| format!("{table}[{number}].{name}");
            let (receivers, auth) = (node.entry(&key(urls)), node.entry(&key(auth_urls)));
            let count = |entry: Option<&crate::read::document::Entry>| match entry.map(|entry| &entry.value.shape) {
                Some(Shape::List(items)) => Some(items.len()),
                _ => None,
            };
            match (receivers, auth) {
                (None, None) => break,
                (Some(receivers), None) => {
                    let message = format!("`{}` has no `{auth_urls}` beside it", receivers.key);
                    found.push(node.finding(Code::UrlGroupsDoNotPair, &receivers.key_span(), message));
                }
                (None, Some(auth)) => {
                    let message = format!("`{}` has no `{urls}` beside it", auth.key);
                    found.push(node.finding(Code::UrlGroupsDoNotPair, &auth.key_span(), message));
                }
                (Some(receivers), Some(auth)) => {
                    if let (Some(one), Some(other)) = (count(Some(receivers)), count(Some(auth)))
                        && one != other
                    {
                        let message = format!("{one} receivers in `{urls}`, and {other} addresses in `{auth_urls}`");
                        let finding = node.finding(Code::UrlGroupsDoNotPair, &auth.value.span, message);
                        found.push(finding.related("the receivers", node.place(&receivers.value.span)));
                    }
                }
            }
        }
    }
    found
}
