//! Data sources that no `[database.x]` table takes: gone with their feature, or the administrator's own.

use indexmap::IndexMap;

use super::kind::is_refused;
use super::names::{Moved, named_by_settings, plain};
use super::source::{DataSource, Field};
use crate::mapping::codec;
use crate::topology::planner::context::Context;
use crate::topology::planner::plan::{Entry, Use};
use crate::value::Value;

/// What no database key takes: statistics, message store and metrics are gone; others become `[[datasource]]`.
///
/// One that users' settings name stays, whatever it is called. Gives the names that were written.
pub fn write_others(
    context: &mut Context<'_, '_>,
    sources: &[Vec<DataSource>],
    taken: &[String],
    moves: &[Moved],
) -> Vec<String> {
    let mut written: IndexMap<String, usize> = IndexMap::new();
    for (node, list) in sources.iter().enumerate() {
        let named = named_by_settings(context, node);
        for source in list {
            if taken.contains(&format!("{node}/{}", source.jndi)) {
                continue;
            }
            let has_moved = moves.iter().any(|one| one.node == node && plain(&one.old) == plain(&source.jndi));
            if !has_moved && !source.url().is_empty() && named.contains(&plain(&source.jndi)) {
                write_own(context, node, source, &mut written);
                continue;
            }
            let upper = format!("{} {}", source.name, source.jndi).to_ascii_uppercase();
            if source.is_shipped() && !upper.contains("STAT") {
                let word = Use::Default("the node's local database: the target brings its own".to_owned());
                for setting in source.settings().map(|field| field.setting).chain(source.named_by.iter().copied()) {
                    context.mark(setting, word.clone());
                }
                continue;
            }
            let gone = if upper.contains("STAT") || upper.contains("ANALYTICS") || upper.contains("EVENT_STORE") {
                Some("statistics left the product")
            } else if upper.contains("MB") && upper.contains("STORE") {
                Some("each broker keeps a message store of its own, which starts empty")
            } else if upper.contains("METRICS") {
                Some("4.x ships metrics-datasources.xml as a static file: copy it if it was changed")
            } else if upper.contains("CARBON") {
                Some("the node's local database: the target brings its own")
            } else if source.url().is_empty() {
                Some("it has no URL")
            } else {
                None
            };
            let api = upper.contains("WSO2AM_DB") || upper.contains("AM_DB");
            let known = ["UM_DB", "USER_DB", "REG_DB", "GOV_DB", "CONFIG_DB", "SHARED_DB", "COMMON"]
                .iter()
                .any(|name| upper.contains(name));
            if let Some(reason) =
                gone.or((api || known).then_some("not used by this node's role in the new deployment"))
            {
                for setting in source.settings().map(|field| field.setting).chain(source.named_by.iter().copied()) {
                    context.mark(setting, Use::Retired(reason.to_owned()));
                }
                continue;
            }
            write_own(context, node, source, &mut written);
        }
    }
    written.into_keys().collect()
}

/// A data source of the administrator's own: `[[datasource]]` where it was.
fn write_own(context: &mut Context<'_, '_>, node: usize, source: &DataSource, written: &mut IndexMap<String, usize>) {
    let id = source.jndi.trim_start_matches("jdbc/").to_owned();
    let targets: Vec<usize> =
        (0..context.plan.nodes.len()).filter(|target| context.plan.nodes[*target].merged.contains(&node)).collect();
    let next = written.len();
    let index = *written.entry(id.clone()).or_insert(next);
    for target in targets {
        let key = |name: &str| format!("datasource[{index}].{name}");
        let text = |field: &Field| Entry::said(Value::text(field.value.clone()), vec![field.setting]);
        context.set(target, key("id"), Entry::said(Value::text(id.clone()), source.named_by.clone()));
        for (from, to) in [
            ("url", "url"),
            ("username", "username"),
            ("password", "password"),
            ("driver", "driver"),
            ("validation-query", "validationQuery"),
        ] {
            if let Some(field) = source.fields.get(from) {
                if to == "validationQuery" && is_refused(source.url(), &field.value) {
                    let why = "the query of another vendor's database, which this one refuses";
                    context.mark(field.setting, Use::Retired(why.to_owned()));
                    continue;
                }
                context.set(target, key(to), text(field).secret(to == "password"));
            }
        }
        for (option, field) in &source.pool {
            context.set(
                target,
                key(&format!("pool_options.{option}")),
                Entry::said(codec::typed(&field.value), vec![field.setting]),
            );
        }
    }
}
