//! The values that the mapper works with, and how its template engine turns one into another.

use std::cmp::Ordering;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use indexmap::IndexMap;

/// A table: names and values, in the mapper's order.
pub type Map = IndexMap<String, Data>;

/// A value of deployment.toml, of the product's tables, or of an expression in a template.
#[derive(Clone, Debug)]
pub enum Data {
    /// Nothing: an undefined name, JSON's null.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A whole number of deployment.toml; the tables have none, their numbers are [`Data::Float`].
    Integer(i64),
    /// A number with a fraction, and every number of a table.
    Float(f64),
    /// A text.
    Text(Arc<str>),
    /// A date or time of deployment.toml, as it is shown.
    Date(Arc<str>),
    /// A list; templates append to the very list that a name stands for.
    List(Arc<Items>),
    /// A table.
    Map(Arc<Map>),
    /// A name and a value of a table, as `items()` gives them.
    Entry(Arc<(Data, Data)>),
}

/// The items of a list, which may grow while it is used.
#[derive(Debug)]
pub struct Items(RwLock<Vec<Data>>);

impl Items {
    /// The items as they are now.
    pub fn borrow(&self) -> RwLockReadGuard<'_, Vec<Data>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The items, to be changed.
    pub fn borrow_mut(&self) -> RwLockWriteGuard<'_, Vec<Data>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why an operation is impossible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A method that this kind of value does not have.
    #[error("a {kind} has no {method}()")]
    Method {
        /// What the value is.
        kind: &'static str,
        /// The method.
        method: String,
    },
    /// Two values that cannot be compared or added.
    #[error("a {left} and a {right} cannot be {operation}")]
    Operands {
        /// What the left value is.
        left: &'static str,
        /// What the right value is.
        right: &'static str,
        /// `compared` or `added`.
        operation: &'static str,
    },
}

impl Data {
    /// A text.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().into())
    }

    /// A list.
    #[must_use]
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Arc::new(Items(RwLock::new(items))))
    }

    /// A table.
    #[must_use]
    pub fn map(map: Map) -> Self {
        Self::Map(Arc::new(map))
    }

    /// What the value is, in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean(_) => "boolean",
            Self::Integer(_) | Self::Float(_) => "number",
            Self::Text(_) => "text",
            Self::Date(_) => "date",
            Self::List(_) => "list",
            Self::Map(_) => "table",
            Self::Entry(_) => "table's entry",
        }
    }

    /// The value as it is printed; nothing is printed as nothing.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Float(value) => shown_float(*value),
            Self::Text(text) | Self::Date(text) => text.to_string(),
            Self::List(items) => {
                let items: Vec<_> = items.borrow().iter().map(Self::shown_inside).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(map) => {
                let entries: Vec<_> =
                    map.iter().map(|(name, value)| format!("{name}={}", value.shown_inside())).collect();
                format!("{{{}}}", entries.join(", "))
            }
            Self::Entry(entry) => format!("{}={}", entry.0.shown_inside(), entry.1.shown_inside()),
        }
    }

    fn shown_inside(&self) -> String {
        if matches!(self, Self::Null) { "null".to_owned() } else { self.shown() }
    }

    /// Whether a condition holds with this value.
    #[must_use]
    pub fn truth(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Boolean(value) => *value,
            Self::Integer(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) => !text.is_empty() && !text.eq_ignore_ascii_case("false"),
            Self::List(items) => !items.borrow().is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Date(_) | Self::Entry(_) => true,
        }
    }

    /// How many items, entries or letters; 0 of anything else.
    #[must_use]
    pub fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::List(items) => items.borrow().len(),
            Self::Map(map) => map.len(),
            _ => 0,
        }
    }

    /// What a loop over the value walks through: a table's values, and anything but a list as its only item.
    #[must_use]
    pub fn items(&self) -> Vec<Self> {
        match self {
            Self::Null => Vec::new(),
            Self::List(items) => items.borrow().clone(),
            Self::Map(map) => map.values().cloned().collect(),
            other => vec![other.clone()],
        }
    }

    /// `==` of the templates: numbers pull the other side to numbers, then booleans, then texts.
    pub fn equals(&self, other: &Self) -> Result<bool, Fault> {
        match (self, other) {
            (Self::Null, Self::Null) => Ok(true),
            (Self::Null, _) | (_, Self::Null) => Ok(false),
            _ if self.is_number() || other.is_number() => Ok(self.compare_numbers(other)? == Some(Ordering::Equal)),
            (Self::Boolean(_), _) | (_, Self::Boolean(_)) => Ok(self.truth() == other.truth()),
            (Self::Text(_), _) | (_, Self::Text(_)) => Ok(self.shown() == other.shown()),
            _ => Ok(self.kind() == other.kind() && self.shown() == other.shown()),
        }
    }

    /// `<` and its kin; nothing is in no order with anything.
    pub fn compare(&self, other: &Self) -> Result<Option<Ordering>, Fault> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => Ok(None),
            _ if self.is_number() || other.is_number() => self.compare_numbers(other),
            (Self::Text(_), _) | (_, Self::Text(_)) => Ok(Some(self.shown().cmp(&other.shown()))),
            _ => Err(self.unfit(other, "compared")),
        }
    }

    fn compare_numbers(&self, other: &Self) -> Result<Option<Ordering>, Fault> {
        let fault = || self.unfit(other, "compared");
        if matches!(self, Self::Float(_)) || matches!(other, Self::Float(_)) {
            let (left, right) = (self.as_float().ok_or_else(fault)?, other.as_float().ok_or_else(fault)?);
            Ok(left.partial_cmp(&right))
        } else {
            let (left, right) = (self.as_integer().ok_or_else(fault)?, other.as_integer().ok_or_else(fault)?);
            Ok(Some(left.cmp(&right)))
        }
    }

    /// `+`: lists take what is added, texts join, numbers add up.
    pub fn plus(&self, other: &Self) -> Result<Self, Fault> {
        match (self, other) {
            (Self::List(left), Self::List(right)) => {
                Ok(Self::list(left.borrow().iter().chain(right.borrow().iter()).cloned().collect()))
            }
            (Self::List(left), _) => {
                Ok(Self::list(left.borrow().iter().chain(std::iter::once(other)).cloned().collect()))
            }
            (Self::Map(left), Self::Map(right)) => {
                let mut map = (**left).clone();
                map.extend(right.iter().map(|(name, value)| (name.clone(), value.clone())));
                Ok(Self::map(map))
            }
            (Self::Text(_), _) | (_, Self::Text(_)) => Ok(Self::text(self.shown() + &other.shown())),
            _ => {
                let fault = || self.unfit(other, "added");
                if matches!(self, Self::Float(_)) || matches!(other, Self::Float(_)) {
                    Ok(Self::Float(self.as_float().ok_or_else(fault)? + other.as_float().ok_or_else(fault)?))
                } else {
                    let (left, right) = (self.as_integer().ok_or_else(fault)?, other.as_integer().ok_or_else(fault)?);
                    Ok(Self::Integer(left.wrapping_add(right)))
                }
            }
        }
    }

    /// `in`: an item of a list, a part of a text, a name of a table.
    #[must_use]
    pub fn is_in(&self, container: &Self) -> bool {
        match container {
            Self::Text(text) => !matches!(self, Self::Null) && text.contains(&self.shown()),
            Self::List(items) => items.borrow().iter().any(|item| item.equals(self).unwrap_or(false)),
            Self::Map(map) => map.contains_key(&self.shown()),
            _ => false,
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Float(_))
    }

    fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Null => Some(0),
            Self::Integer(value) => Some(*value),
            Self::Text(text) if text.is_empty() => Some(0),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn as_float(&self) -> Option<f64> {
        match self {
            Self::Null => Some(0.0),
            Self::Integer(value) => value.to_string().parse().ok(),
            Self::Float(value) => Some(*value),
            Self::Text(text) if text.is_empty() => Some(0.0),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    fn unfit(&self, other: &Self, operation: &'static str) -> Fault {
        Fault::Operands { left: self.kind(), right: other.kind(), operation }
    }
}

/// As Java shows a `double`: always with a fraction, with an exponent below 0.001 and from ten millions on.
fn shown_float(value: f64) -> String {
    if value == 0.0 || !value.is_finite() || (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{Data, Fault, Map};

    fn list(items: &[&str]) -> Data {
        Data::list(items.iter().map(Data::text).collect())
    }

    #[test]
    fn shows_values() {
        let map = Data::map(Map::from([("a".to_owned(), Data::Integer(1)), ("b".to_owned(), Data::Null)]));
        for (data, shown) in [
            (Data::Null, ""),
            (Data::Float(5.0), "5.0"),
            (Data::Float(-0.1), "-0.1"),
            (Data::Float(2e10), "2.0E10"),
            (Data::Float(1.5e-5), "1.5E-5"),
            (list(&["x", "y"]), "[x, y]"),
            (Data::list(vec![Data::Null]), "[null]"),
            (map, "{a=1, b=null}"),
        ] {
            assert_eq!(data.shown(), shown);
        }
    }

    #[test]
    fn compares_as_the_template_engine_does() {
        let text = Data::text;
        for (left, right, equal) in [
            (Data::Integer(5), text("5"), true),
            (text("12"), Data::Integer(12), true),
            (text(""), Data::Integer(5), false),
            (Data::Boolean(true), text("x"), true),
            (Data::Boolean(false), text(""), true),
            (Data::Boolean(false), Data::Null, false),
            (list(&["x", "y"]), text("[x, y]"), true),
            (list(&["x"]), Data::Boolean(true), true),
            (Data::Float(2.5), text("2.5"), true),
        ] {
            assert_eq!(left.equals(&right), Ok(equal), "{left:?} {right:?}");
        }
        let fault = Fault::Operands { left: "number", right: "text", operation: "compared" };
        assert_eq!(Data::Integer(5).equals(&text("loadbalance")), Err(fault));
        assert!(Data::Integer(1).equals(&Data::Boolean(true)).is_err());
        assert!(Data::Integer(1).compare(&list(&[])).is_err());
        assert!(Data::text("abc").compare(&Data::Integer(3)).is_err());
        assert_eq!(Data::Null.compare(&Data::Integer(3)), Ok(None));
    }

    #[test]
    fn adds_as_the_template_engine_does() {
        let shown = |left: Data, right: Data| left.plus(&right).map(|sum| sum.shown());
        assert_eq!(shown(list(&["x"]), list(&["y"])).as_deref(), Ok("[x, y]"));
        assert_eq!(shown(list(&["x"]), Data::Null).as_deref(), Ok("[x, null]"));
        assert_eq!(shown(Data::text("12"), Data::Integer(1)).as_deref(), Ok("121"));
        assert_eq!(shown(Data::Null, Data::Integer(1)).as_deref(), Ok("1"));
        assert!(shown(Data::Null, list(&["x"])).is_err());
        assert!(shown(Data::Boolean(true), Data::Integer(1)).is_err());
    }
}
