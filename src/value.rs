//! Values of the new configuration, and the masking of secrets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What stands for a secret in every report, diff, log and error.
pub const MASK: &str = "********";

/// A value of a key of deployment.toml, not yet escaped for the place where the product puts it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A list of texts, in order.
    List(Vec<String>),
    /// What is none of these (a number with a point, a date, a list of other things), as TOML writes it.
    Toml(String),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A list of texts.
    pub fn list<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// The value as one plain text, lists joined with `,`: what two values are compared by when their types
    /// may differ (a legacy file knows texts only).
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Text(text) | Self::Toml(text) => text.clone(),
            Self::List(items) => items.join(","),
        }
    }

    /// The value with its texts (one, or a list's) changed by `change`, which gives `None` for a text that stays;
    /// `None` if all stay.
    #[must_use]
    pub fn with_texts(&self, mut change: impl FnMut(&str) -> Option<String>) -> Option<Self> {
        match self {
            Self::Text(text) => change(text).map(Self::Text),
            Self::List(items) => {
                let changed: Vec<Option<String>> = items.iter().map(|item| change(item)).collect();
                let new = changed.iter().zip(items).map(|(new, old)| new.as_ref().unwrap_or(old).clone());
                changed.iter().any(Option::is_some).then(|| Self::List(new.collect()))
            }
            Self::Boolean(_) | Self::Integer(_) | Self::Toml(_) => None,
        }
    }
}

/// `text` with the credentials inside URLs masked: `scheme://user:********@host`, `password=********`
/// in the query or parameters of a URL. Texts without a URL come back as they are.
#[must_use]
pub fn mask_urls(text: &str) -> String {
    let masked = if text.contains("://") { mask_user_info(text) } else { text.to_owned() };
    if masked.contains('=') { mask_parameters(&masked) } else { masked }
}

fn mask_user_info(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (head, tail) = rest.split_at(start + 3);
        out.push_str(head);
        // User info ends at the last `@` before the query: passwords may hold `/`, `@` and `:` themselves.
        let end = tail.find(['?', ' ', ',', ';', '\'', '"', '<', '>']).unwrap_or(tail.len());
        let authority = &tail[..end];
        match authority.rfind('@') {
            Some(at) => {
                let user_info = &authority[..at];
                match user_info.find(':') {
                    Some(colon) => {
                        out.push_str(&user_info[..=colon]);
                        out.push_str(MASK);
                    }
                    None => out.push_str(user_info),
                }
                rest = &tail[at..];
            }
            None => rest = tail,
        }
    }
    out.push_str(rest);
    out
}

fn mask_parameters(text: &str) -> String {
    const NAMES: [&str; 4] = ["password=", "passwd=", "pwd=", "secret="];
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut position = 0;
    while let Some((start, name)) =
        NAMES.iter().filter_map(|name| lower[position..].find(name).map(|at| (position + at, name))).min()
    {
        let mut value_start = start + name.len();
        let quoted = text[value_start..].starts_with('\'');
        value_start += usize::from(quoted);
        let end = if quoted {
            text[value_start..].find('\'')
        } else {
            text[value_start..].find(['&', ';', ',', ' ', '\'', '"', '<', '%'])
        };
        let value_end = end.map_or(text.len(), |end| value_start + end);
        out.push_str(&text[position..value_start]);
        if value_end > value_start {
            out.push_str(MASK);
        }
        position = value_end;
    }
    out.push_str(&text[position..]);
    out
}

#[cfg(test)]
mod tests {
    use super::mask_urls;

    #[test]
    fn masks_credentials_in_urls_only() {
        for (text, expected) in [
            (
                "amqp://admin:p@ss@clientid/carbon?brokerlist='tcp://h:5672'",
                "amqp://admin:********@clientid/carbon?brokerlist='tcp://h:5672'",
            ),
            ("https://gw.example.com:9443/services/", "https://gw.example.com:9443/services/"),
            ("jdbc:mysql://h/db?user=a&password=s3cret&x=1", "jdbc:mysql://h/db?user=a&password=********&x=1"),
            (
                "jdbc:sqlserver://h;databaseName=x;password=s3cret;y=z",
                "jdbc:sqlserver://h;databaseName=x;password=********;y=z",
            ),
            ("http://a@h/", "http://a@h/"),
            ("tcp://a:1?trust_store_password='x'%26b='c'", "tcp://a:1?trust_store_password='********'%26b='c'"),
            ("me@example.org", "me@example.org"),
        ] {
            assert_eq!(mask_urls(text), expected);
        }
    }
}
