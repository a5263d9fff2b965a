//! Ports that nobody opens: offsets beyond all ports, and port variables beside the name of another node, for which the
//! old product filled in the reader's own port (C.1).

use crate::diagnostic::Code;
use crate::layout::offset_fault;
use crate::mapping::SettingId;
use crate::text::Parts as _;
use crate::topology::source::host::{Port, Url};

use super::context::Context;
use super::plan::Use;

/// The facts that hold addresses of other nodes.
const ADDRESSES: [&str; 16] = [
    "key-manager.url",
    "auth-manager.url",
    "policy-deployer.url",
    "revoke.url",
    "store.url",
    "publisher.url",
    "traffic-manager.receivers",
    "traffic-manager.auth",
    "data-publisher.receivers",
    "data-publisher.auth",
    "jms.connection",
    "jms.url",
    "jndi.connection",
    "environment.service-url",
    "environment.endpoints",
    "environment.ws-endpoints",
];

/// Tells each offset that no server can have. One that is no number is a person's to write.
pub fn check_offsets(context: &mut Context<'_, '_>) {
    for node in (0..context.nodes.len()).filter(|node| context.nodes[*node].set_aside.is_none()) {
        let Some(fact) = context.fact(node, "server.offset") else { continue };
        let Some(fault) = offset_fault(&fact.value) else { continue };
        if !fault.starts_with("there is no port") {
            context.mark(fact.setting, Use::Manual(format!("write the port offset: {fault}")));
        }
        context.find_at(Code::OffsetUnusable, fact.setting, format!("the port offset: {fault}"));
    }
}

/// Raises the finding wherever the two offsets differ. What the node's role never read is not looked at.
pub fn check(context: &mut Context<'_, '_>) {
    for node in 0..context.source.nodes.len() {
        let mut found: Vec<(SettingId, String)> = Vec::new();
        for fact in context.nodes[node].settings.facts.iter().filter(|fact| fact.changed) {
            let unread = matches!(context.plan.uses.get(&fact.setting), Some(Use::Retired(_)));
            if !ADDRESSES.contains(&fact.name) || unread {
                continue;
            }
            for text in urls(&fact.value) {
                let Some(url) = Url::parse(text) else { continue };
                let variable = matches!(&url.port, Some(port @ Port::Text(_)) if port.number(0).is_some());
                if !variable || context.is_local(node, &url.host) {
                    continue;
                }
                let Some(named) = context.node_named(&url.host) else { continue };
                let (own, other) = (context.offset(node), context.offset(named));
                if own != other {
                    let name = &context.nodes[named].name;
                    let message = format!(
                        "{}: the variable was the reader's port, offset {own}; `{name}` has {other}",
                        crate::secret::mask_urls(text)
                    );
                    found.push((fact.setting, message));
                }
            }
        }
        for (setting, message) in found {
            context.find_at(Code::PortVariableOfAnotherNode, setting, message);
        }
    }
}

/// The URLs in a text of lists, groups or AMQP options, each up to its first separator outside a variable.
fn urls(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = text.part(..at).trim_end_matches(|character: char| character.is_ascii_alphanumeric()).len();
        let mut inside = false;
        let rest = text.part(at + 3..);
        let end = rest.char_indices().find(|(place, character)| match character {
            '{' if rest.part(..*place).ends_with('$') => {
                inside = true;
                false
            }
            '}' if inside => {
                inside = false;
                false
            }
            ',' | ';' | '|' | '\'' | '}' | '?' => true,
            other => other.is_whitespace(),
        });
        found.push(text.part(start..at + 3 + end.map_or(rest.len(), |(place, _)| place)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::urls;

    #[test]
    fn finds_urls_in_lists_groups_and_options() {
        for (text, expected) in [
            (
                "https://km:${mgt.transport.https.port}/services/",
                vec!["https://km:${mgt.transport.https.port}/services/"],
            ),
            ("http://gw:${http.nio.port},https://gw:8243", vec!["http://gw:${http.nio.port}", "https://gw:8243"]),
            (
                "{tcp://a:${receiver.url.port}},{tcp://b:9611|tcp://c:1}",
                vec!["tcp://a:${receiver.url.port}", "tcp://b:9611", "tcp://c:1"],
            ),
            (
                "amqp://u:p@x/carbon?brokerlist='tcp://a:${jms.port}?retries='5';tcp://b:5672'",
                vec!["amqp://u:p@x/carbon", "tcp://a:${jms.port}", "tcp://b:5672"],
            ),
            ("none", vec![]),
        ] {
            assert_eq!(urls(text), expected);
        }
    }
}
