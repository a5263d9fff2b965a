//! What gateways alone are asked for: throttling switches, and how they reach the key manager (C.2, C.3).

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::role::{Profile, Role};
use crate::value::Value;

use super::context::Context;
use super::plan::{Entry, Use};

/// Switches that only a gateway's own value counts for: fact, key.
const SWITCHES: [(&str, &str); 3] = [
    ("data-publisher.enabled", "apim.throttling.enable_data_publishing"),
    ("block-condition.enabled", "apim.throttling.enable_blacklist_condition"),
    ("jms.enabled", "apim.throttling.enable_decision_connection"),
];

/// Writes the switches and the key manager's credentials.
pub fn write(context: &mut Context<'_, '_>) {
    let targets = [context.targets(Profile::GatewayWorker), context.targets(Profile::AllInOne)].concat();
    for target in targets {
        for (fact, key) in SWITCHES {
            write_switch(context, target, fact, key);
        }
    }
    for node in 0..context.source.nodes.len() {
        for (fact, _) in SWITCHES.iter().copied().chain([("policy-deployer.enabled", "")]) {
            if let Some(setting) = context.changed(node, fact).map(|fact| fact.setting) {
                context.mark(setting, Use::Retired("the profile sets it".to_owned()));
            }
        }
        check_client_type(context, node);
    }
    write_key_manager_credentials(context);
}

fn write_switch(context: &mut Context<'_, '_>, target: usize, fact: &str, key: &str) {
    let merged = context.plan.nodes[target].merged.clone();
    let profile = context.plan.nodes[target].profile;
    for node in merged {
        // What the file says counts, also where it is what is shipped.
        let Some(fact) = context.fact(node, fact).filter(|fact| !fact.value.is_empty()) else { continue };
        if depends_on_tiers(context, node, fact.setting) {
            return;
        }
        let value = Value::Boolean(fact.value.eq_ignore_ascii_case("true"));
        let setting = fact.setting;
        if context.tables.catalog.is_default(key, &value, context.target(), profile) {
            let changed = fact.changed;
            if !changed {
                return;
            }
            context.mark(setting, Use::Default("what the profile has anyway".to_owned()));
        } else {
            context.set(target, key, Entry::said(value, vec![setting]));
        }
        return;
    }
}

/// Whether a switch was off with advanced throttling, which 4.x cannot do without: carried, nothing would be limited.
fn depends_on_tiers(context: &mut Context<'_, '_>, node: usize, setting: SettingId) -> bool {
    let off = |value: &str| value.trim().eq_ignore_ascii_case("false");
    let said = &context.nodes[node].settings.settings[setting.index as usize];
    let depends = off(&said.leaf.value) && context.value(node, "throttling.advanced").is_some_and(off);
    if depends {
        let why = "it was off with advanced throttling, which is always on in 4.x: off, nothing would be limited";
        context.find_at(Code::TierThrottlingGone, setting, format!("not carried: {why}"));
        context.mark(setting, Use::Retired(why.to_owned()));
    }
    depends
}

fn check_client_type(context: &mut Context<'_, '_>, node: usize) {
    let Some(fact) = context.changed(node, "key-manager.client-type") else { return };
    let (setting, value) = (fact.setting, fact.value.clone());
    if !matches!(value.as_str(), "ThriftClient" | "WSClient") {
        context.find_at(Code::KeyValidatorUnknown, setting, format!("key validator client type `{value}`"));
    }
    context.mark(setting, Use::Retired("gateways validate keys in memory, from event hub data".to_owned()));
}

/// User and password for the key manager, where they are not the super admin's (C.2).
fn write_key_manager_credentials(context: &mut Context<'_, '_>) {
    let orders = [
        (Profile::GatewayWorker, vec![Role::GatewayWorker, Role::GatewayManager]),
        (Profile::ControlPlane, vec![Role::Store, Role::Publisher]),
    ];
    for (profile, owners) in orders {
        for (fact, key) in [
            ("key-manager.username", "apim.key_manager.username"),
            ("key-manager.password", "apim.key_manager.password"),
        ] {
            let password = key.ends_with("password");
            let mut found: Option<(String, Vec<SettingId>)> = None;
            for node in context.in_order(&owners) {
                let Some(fact) = context.fact(node, fact) else { continue };
                let admin =
                    if password { context.is_admin_password(&fact.value) } else { context.is_admin_name(&fact.value) };
                if admin || fact.value.is_empty() {
                    let word = Use::Default("the super admin, which is the target's default".to_owned());
                    if fact.changed {
                        context.mark(fact.setting, word);
                    }
                } else if fact.changed {
                    match &mut found {
                        None => found = Some((fact.value.clone(), vec![fact.setting])),
                        Some((value, from)) if *value == fact.value => from.push(fact.setting),
                        Some(_) => {}
                    }
                }
            }
            if let Some((value, from)) = found {
                for target in context.targets(profile) {
                    context.set(target, key, Entry::said(Value::text(value.clone()), from.clone()).secret(password));
                }
            }
        }
    }
}
