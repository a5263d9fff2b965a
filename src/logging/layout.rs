//! Layouts: the old class and its options in, the lines below `layout.` out.

use super::appender::Options;
use super::model::Entry;
use super::pattern::{self, Dialect};
use crate::mapping::SettingId;
use crate::version::Target;

/// A layout's lines, and what a person must know of them.
pub struct Layout {
    /// The lines, named from the appender's key on.
    pub lines: Vec<(&'static str, Entry)>,
    /// Conversions of the pattern that log4j2 does not have.
    pub unknown: Vec<String>,
}

/// The layout that the options give, for an appender of class leaf `class`; an error says which class log4j2 does not
/// have.
pub fn convert(options: &mut Options<'_>, class: SettingId, target: Target) -> Result<Layout, String> {
    let kind = options.take("layout");
    let from: Vec<SettingId> = kind.map_or_else(|| vec![class], |line| vec![line.id]);
    let name = kind.map_or("org.apache.log4j.PatternLayout", |line| line.value.trim());
    let simple = name.rsplit('.').next().unwrap_or(name);
    let vendor = name.starts_with("org.apache.log4j.") || name.starts_with("org.wso2.carbon.");
    let entry = |value: &str| Entry::new(value, from.iter().copied());
    let mut unknown = Vec::new();
    let mut lines = match simple {
        "PatternLayout" | "EnhancedPatternLayout" | "TenantAwarePatternLayout" if vendor => {
            let dialect = Dialect {
                tenant_aware: simple == "TenantAwarePatternLayout",
                masks: options.peek("maskingPatternFile").is_some(),
                target,
            };
            let pattern = match options.take("layout.ConversionPattern") {
                Some(line) => {
                    let mut leaves = vec![line.id];
                    let resolved = super::place::resolve(&line.value, options.variables(), &mut leaves);
                    let (text, odd) = pattern::convert(&resolved, dialect);
                    unknown = odd;
                    Entry::new(text, leaves)
                }
                None => entry("%m%n"),
            };
            vec![("layout.type", entry("PatternLayout")), ("layout.pattern", pattern)]
        }
        "SimpleLayout" if vendor => {
            vec![("layout.type", entry("PatternLayout")), ("layout.pattern", entry("%p - %m%n"))]
        }
        "TTCCLayout" if vendor => {
            vec![("layout.type", entry("PatternLayout")), ("layout.pattern", entry("%r [%t] %p %c - %m%n"))]
        }
        "HTMLLayout" if vendor => vec![("layout.type", entry("HTMLLayout"))],
        "XMLLayout" if vendor => vec![("layout.type", entry("XMLLayout"))],
        _ => return Err(format!("the layout {name} has no counterpart in log4j2")),
    };
    if let Some(line) = options.take("Encoding") {
        lines.push(("layout.charset", Entry::new(line.value.trim(), [line.id])));
    }
    Ok(Layout { lines, unknown })
}
