//! The users that nodes present to each other.

use super::{control_planes, literal, traffic_managers};
use crate::check::{Diagnostic, Node};
use crate::diagnostic::{Code, Severity};
use crate::mapping::tables::Tables;
use crate::role::Profile;
use crate::topology::source::amqp::decode;

/// A user and password that a node presents to another one.
struct Presented {
    username: &'static str,
    password: &'static str,
    /// What they stand for, in words.
    to: &'static str,
    /// They go to the traffic manager, not to the control plane.
    traffic_manager: bool,
}

const PRESENTED: [Presented; 5] = [
    Presented {
        username: "apim.event_hub.username",
        password: "apim.event_hub.password",
        to: "the event hub",
        traffic_manager: false,
    },
    Presented {
        username: "apim.event_hub.jms.username",
        password: "apim.event_hub.jms.password",
        to: "the event hub's broker",
        traffic_manager: false,
    },
    Presented {
        username: "apim.key_manager.username",
        password: "apim.key_manager.password",
        to: "the key manager",
        traffic_manager: false,
    },
    Presented {
        username: "apim.throttling.username",
        password: "apim.throttling.password",
        to: "the traffic manager",
        traffic_manager: true,
    },
    Presented {
        username: "apim.throttling.jms.username",
        password: "apim.throttling.jms.password",
        to: "the traffic manager's broker",
        traffic_manager: true,
    },
];

const ADMIN: [&str; 2] = ["super_admin.username", "super_admin.password"];

pub fn differ(nodes: &[Node<'_>], _: &Tables) -> Vec<Diagnostic> {
    let planes = control_planes(nodes);
    let Some(plane) = planes.first() else { return Vec::new() };
    let mut found = super_admins(nodes, plane);
    let managers = traffic_managers(nodes);
    for node in nodes {
        for presented in &PRESENTED {
            let server = if presented.traffic_manager { managers.first() } else { Some(plane) };
            let Some(server) = server.filter(|server| server.file != node.file) else { continue };
            // What is not written is the node's own super admin, who was compared already.
            let Some(entry) = node.entry(presented.password) else { continue };
            let username = literal(node, presented.username).or_else(|| literal(node, ADMIN[0]));
            let (Some(username), Some(password)) = (username, literal(node, presented.password)) else { continue };
            let known = (literal(server, ADMIN[0]), literal(server, ADMIN[1]));
            let (Some(admin), Some(expected)) = known else { continue };
            // Another user may be in the user store: nothing can be said of his password.
            if plain(&username) == plain(&admin) && plain(&password) != plain(&expected) {
                let message = format!(
                    "`{username}` logs in to {} with another password than `{}` has",
                    presented.to, server.name
                );
                let finding = node.finding(Code::CredentialsDiffer, &entry.value.span, message);
                found.push(match server.entry(ADMIN[1]) {
                    Some(entry) => finding.related(format!("`{}`", server.name), server.place(&entry.value.span)),
                    None => finding,
                });
            }
        }
    }
    found
}

/// The super admin of each node against the control plane's.
fn super_admins(nodes: &[Node<'_>], plane: &Node<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for node in nodes.iter().filter(|node| node.file != plane.file) {
        for key in ADMIN {
            let (Some(entry), Some(other)) = (node.entry(key), plane.entry(key)) else { continue };
            let (Some(own), Some(expected)) = (literal(node, key), literal(plane, key)) else { continue };
            if plain(&own) == plain(&expected) {
                continue;
            }
            let what = if key == ADMIN[0] {
                format!("the super admin is `{own}`, and `{expected}` on `{}`", plane.name)
            } else {
                format!("the super admin's password is another one than on `{}`", plane.name)
            };
            let finding = node.finding(Code::CredentialsDiffer, &entry.value.span, what);
            let finding = finding.related(format!("`{}`", plane.name), plane.place(&other.value.span));
            // A node that presents users of its own to all others does not need the super admin for it.
            let own_users = presents_own_users(node);
            found.push(if own_users { finding.severity(Severity::Warning) } else { finding });
        }
    }
    found
}

fn presents_own_users(node: &Node<'_>) -> bool {
    let gateway = node.profile == Some(Profile::GatewayWorker);
    let written = |keys: &Presented| {
        literal(node, keys.password).is_some()
            && node.value(keys.password).is_some_and(|text| !text.contains("super_admin"))
    };
    gateway && written(&PRESENTED[0])
}

/// A password as it is meant: entities of XML and percent escapes of URLs resolved.
fn plain(text: &str) -> String {
    let mut out = text.to_owned();
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
        out = out.replace(entity, character);
    }
    decode(&out)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn compares_passwords_as_they_are_meant() {
        for (written, meant) in [("p%26w", "p&w"), ("p&amp;w", "p&w"), ("50%", "50%"), ("%zz%40", "%zz@"), ("ü%", "ü%")]
        {
            assert_eq!(plain(written), meant);
        }
    }
}
