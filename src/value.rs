//! Values of the new configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
