//! What nodes say of traffic managers without its standing in a key, and receiver credentials of their own.

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::role::{Profile, Role};
use crate::text::Parts as _;
use crate::topology::planner::brokers;
use crate::topology::planner::context::Context;
use crate::topology::planner::plan::{Entry, Use};
use crate::topology::source::host::{self, Url};
use crate::value::Value;
use crate::version::Target;

/// Says what became of it.
pub fn mark(context: &mut Context<'_, '_>) {
    for node in 0..context.source.nodes.len() {
        let reads = context.source.nodes[node]
            .roles
            .iter()
            .any(|role| matches!(role, Role::GatewayWorker | Role::GatewayManager | Role::AllInOne));
        for fact in [
            "traffic-manager.receivers",
            "traffic-manager.auth",
            "data-publisher.receivers",
            "data-publisher.auth",
            "jms.connection",
            "jndi.connection",
            "policy-deployer.url",
            "jms.url",
            "throttling.receivers",
            "throttling.auth",
            "throttling.brokers",
        ] {
            let facts: Vec<(SettingId, String)> = context.nodes[node]
                .settings
                .facts_named(fact)
                .filter(|fact| fact.changed)
                .map(|fact| (fact.setting, fact.value.clone()))
                .collect();
            for (setting, value) in facts {
                if fact == "jms.url" && reads {
                    check_unused_jms_url(context, node, setting, &value);
                }
                let word = match fact {
                    "policy-deployer.url" => "names the traffic manager; policies are pulled from the event hub",
                    "jms.url" => "names the traffic manager's broker",
                    "jndi.connection" | "jms.connection" | "throttling.brokers" => {
                        "names the brokers of the traffic managers"
                    }
                    _ => "names the receivers of the traffic managers",
                };
                if remote_somewhere(context, node, &value) {
                    context.absorb(setting, word);
                } else {
                    context.mark(setting, Use::Default("local: the node's own".to_owned()));
                }
            }
        }
        for (name, word) in [
            ("throttling.group-type", "how the members of a group of traffic managers relate"),
            ("throttling.duplicates", "names the twin: written anew from the nodes found"),
        ] {
            let settings: Vec<SettingId> =
                context.nodes[node].settings.facts_named(name).map(|fact| fact.setting).collect();
            for setting in settings {
                context.absorb(setting, word);
            }
        }
        for fact in [
            "traffic-manager.username",
            "traffic-manager.password",
            "data-publisher.username",
            "data-publisher.password",
            "policy-deployer.username",
            "policy-deployer.password",
            "jms.username",
            "jms.password",
            "traffic-manager.type",
            "data-publisher.type",
        ] {
            mark_credential(context, node, fact, reads);
        }
    }
}

fn check_unused_jms_url(context: &mut Context<'_, '_>, node: usize, setting: SettingId, value: &str) {
    let text = context.value(node, "jms.connection").unwrap_or_default();
    let used = text.contains("${jms.url}");
    let named = Url::parse(value).map(|url| url.host.clone()).unwrap_or_default();
    if !used && !text.is_empty() && !text.contains(&named) && !host::is_local(&named) {
        context.find_at(
            Code::JmsUrlUnused,
            setting,
            "JMSConnectionDetails/ServiceURL is not used by the connection factory",
        );
    }
}

/// Whether a text of URLs names a host that is not the node itself.
fn remote_somewhere(context: &Context<'_, '_>, node: usize, text: &str) -> bool {
    text.split([',', ';', '{', '}', '|', '\''])
        .filter_map(|part| {
            let at = part.rfind("://")?;
            let start = part.part(..at).trim_end_matches(|c: char| c.is_ascii_alphanumeric()).len();
            Url::parse(part.part(start..).trim())
        })
        .any(|url| !context.is_local(node, &url.host))
}

/// Receiver credentials: the super admin's are the default; others are the gateway's to write.
fn mark_credential(context: &mut Context<'_, '_>, node: usize, fact: &str, reads: bool) {
    let Some((setting, value)) = context.changed(node, fact).map(|fact| (fact.setting, fact.value.clone())) else {
        return;
    };
    let password = fact.ends_with("password");
    if fact.ends_with("type") {
        if value.eq_ignore_ascii_case("thrift") && reads {
            for target in gateway_targets(context, node) {
                context.set(target, "apim.throttling.event_type", Entry::said(Value::text("Thrift"), vec![setting]));
            }
        }
        context.mark(setting, Use::Retired("not read by this node's role".to_owned()));
        return;
    }
    let admin = if password { context.is_admin_password(&value) } else { context.is_admin_name(&value) };
    if admin {
        context.mark(setting, Use::Default("the super admin, which is the target's default".to_owned()));
        return;
    }
    let receiver = fact.starts_with("traffic-manager.") || fact.starts_with("data-publisher.");
    if receiver && reads {
        let key = if password { "apim.throttling.receiver_password" } else { "apim.throttling.receiver_username" };
        for target in gateway_targets(context, node) {
            context.set(target, key, Entry::said(Value::text(value.clone()), vec![setting]).secret(password));
        }
        if fact.starts_with("traffic-manager.") {
            let field = if password { "password" } else { "username" };
            brokers::write_receivers(context, node, setting, field, &value);
        }
    }
    if fact.starts_with("policy-deployer.") && context.target() == Target::V4_0 {
        let key =
            if password { "apim.throttling.policy_deploy.password" } else { "apim.throttling.policy_deploy.username" };
        for target in context.targets(Profile::ControlPlane) {
            context.set(target, key, Entry::said(Value::text(value.clone()), vec![setting]).secret(password));
        }
    }
    context.mark(setting, Use::Retired("not read by this node's role, or by nothing in the target".to_owned()));
}

fn gateway_targets(context: &Context<'_, '_>, node: usize) -> Vec<usize> {
    [context.targets(Profile::GatewayWorker), context.targets(Profile::AllInOne)]
        .concat()
        .into_iter()
        .filter(|target| context.plan.nodes[*target].merged.contains(&node))
        .collect()
}
