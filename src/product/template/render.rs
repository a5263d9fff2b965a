//! Templates and values in, text out; or where the template engine would stop.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::expression::{Binary, Expression, Filter, Test};
use super::parse::Block;
use crate::product::data::{Data, Fault, Map};
use crate::source::Position;

/// Why a template cannot be rendered with these values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{expression}`: {fault}")]
pub struct RenderError {
    /// What is impossible.
    pub fault: Fault,
    /// The expression, as messages show it.
    pub expression: String,
    /// Where it stands in the template.
    pub position: Position,
}

/// Renders a template. Values that hold template code themselves are printed as they are.
pub fn render(blocks: &[Block], values: &Map) -> Result<String, RenderError> {
    let mut renderer = Renderer {
        values,
        scopes: vec![BTreeMap::new()],
        macros: BTreeMap::new(),
        position: Position::default(),
        calls: 0,
    };
    let mut out = String::new();
    renderer.blocks(blocks, &mut out)?;
    Ok(out)
}

/// Macros do not call each other deeper than this; the engine has a limit of its own.
const DEEPEST_CALL: usize = 20;

struct Renderer<'a> {
    values: &'a Map,
    scopes: Vec<BTreeMap<&'a str, Data>>,
    macros: BTreeMap<&'a str, (&'a [String], &'a [Block])>,
    position: Position,
    calls: usize,
}

impl<'a> Renderer<'a> {
    fn blocks(&mut self, blocks: &'a [Block], out: &mut String) -> Result<(), RenderError> {
        blocks.iter().try_for_each(|block| self.block(block, out))
    }

    fn block(&mut self, block: &'a Block, out: &mut String) -> Result<(), RenderError> {
        match block {
            Block::Text(text) => out.push_str(text),
            Block::Output(position, expression) => {
                self.position = *position;
                out.push_str(&self.value(expression)?.shown());
            }
            Block::If(branches, otherwise) => {
                for (position, condition, body) in branches {
                    self.position = *position;
                    if self.value(condition)?.truth() {
                        return self.blocks(body, out);
                    }
                }
                return self.blocks(otherwise, out);
            }
            Block::For(position, names, list, body) => {
                self.position = *position;
                let items = self.value(list)?.items();
                self.scopes.push(BTreeMap::new());
                let count = items.len();
                for (index, item) in items.into_iter().enumerate() {
                    self.bind(names, &item);
                    self.set("loop", loop_of(index, count));
                    self.blocks(body, out)?;
                }
                self.scopes.pop();
            }
            Block::Set(position, name, expression) => {
                self.position = *position;
                let value = self.value(expression)?;
                self.set(name, value);
            }
            Block::Do(position, expression) => {
                self.position = *position;
                self.value(expression)?;
            }
            Block::Macro(name, parameters, body) => {
                self.macros.insert(name, (parameters, body));
            }
        }
        Ok(())
    }

    fn bind(&mut self, names: &'a [String], item: &Data) {
        match (names, item) {
            ([name], _) => self.set(name, item.clone()),
            (names, Data::Entry(entry)) => {
                for (index, name) in names.iter().enumerate() {
                    let part = match index {
                        0 => entry.0.clone(),
                        1 => entry.1.clone(),
                        _ => Data::Null,
                    };
                    self.set(name, part);
                }
            }
            (names, Data::List(items)) => {
                for (index, name) in names.iter().enumerate() {
                    let part = items.borrow().get(index).cloned().unwrap_or(Data::Null);
                    self.set(name, part);
                }
            }
            (names, _) => names.iter().for_each(|name| self.set(name, Data::Null)),
        }
    }

    fn set(&mut self, name: &'a str, value: Data) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, value);
        }
    }

    fn name(&self, name: &str) -> Data {
        let local = self.scopes.iter().rev().find_map(|scope| scope.get(name));
        local.or_else(|| self.values.get(name)).cloned().unwrap_or(Data::Null)
    }

    fn value(&mut self, expression: &'a Expression) -> Result<Data, RenderError> {
        Ok(match expression {
            Expression::Text(text) => Data::Text(text.clone()),
            Expression::Integer(number) => Data::Integer(*number),
            Expression::Boolean(value) => Data::Boolean(*value),
            Expression::List(items) => Data::list(items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?),
            Expression::EmptyMap => Data::map(Map::new()),
            Expression::Name(name) => self.name(name),
            Expression::Attribute(base, name) => part(&self.value(base)?, &Data::text(name)),
            Expression::Index(base, index) => {
                let base = self.value(base)?;
                let index = self.value(index)?;
                part(&base, &index)
            }
            Expression::Method(base, method, arguments) => {
                let value = self.value(base)?;
                let arguments = arguments.iter().map(|item| self.value(item)).collect::<Result<Vec<_>, _>>()?;
                call(&value, method, &arguments).map_err(|fault| self.error(base, fault))?
            }
            Expression::Call(name, arguments) => self.call_macro(name, arguments)?,
            Expression::Filter(base, filter, arguments) => {
                let value = self.value(base)?;
                let argument = arguments.first().map(|argument| self.value(argument)).transpose()?;
                filtered(&value, *filter, argument)
            }
            Expression::Test(base, test, argument) => {
                let value = self.value(base)?;
                Data::Boolean(match test {
                    Test::Defined => !matches!(value, Data::Null),
                    Test::Mapping => matches!(value, Data::Map(_)),
                    Test::Sequence => matches!(value, Data::List(_)),
                    Test::String => matches!(value, Data::Text(_)),
                    Test::SameAs => {
                        let other = argument.as_deref().map(|argument| self.value(argument)).transpose()?;
                        match (value, other) {
                            (Data::Boolean(value), Some(Data::Boolean(other))) => value == other,
                            _ => false,
                        }
                    }
                })
            }
            Expression::Not(inner) => Data::Boolean(!self.value(inner)?.truth()),
            Expression::Binary(operator, left, right) => {
                let fault_at = expression;
                let left = self.value(left)?;
                match operator {
                    // As the engine has it: `or` gives the value that decides, `and` a boolean.
                    Binary::Or => {
                        if left.truth() {
                            left
                        } else {
                            self.value(right)?
                        }
                    }
                    Binary::And => Data::Boolean(left.truth() && self.value(right)?.truth()),
                    operator => {
                        let right = self.value(right)?;
                        operate(*operator, &left, &right).map_err(|fault| self.error(fault_at, fault))?
                    }
                }
            }
            Expression::Choice(value, condition, otherwise) => {
                if self.value(condition)?.truth() {
                    self.value(value)?
                } else if let Some(otherwise) = otherwise {
                    self.value(otherwise)?
                } else {
                    Data::Null
                }
            }
        })
    }

    fn call_macro(&mut self, name: &str, arguments: &'a [Expression]) -> Result<Data, RenderError> {
        let Some((parameters, body)) = self.macros.get(name).copied() else { return Ok(Data::Null) };
        if self.calls == DEEPEST_CALL {
            return Ok(Data::Null);
        }
        let arguments = arguments.iter().map(|argument| self.value(argument)).collect::<Result<Vec<_>, _>>()?;
        self.calls += 1;
        self.scopes.push(BTreeMap::new());
        for (index, parameter) in parameters.iter().enumerate() {
            self.set(parameter, arguments.get(index).cloned().unwrap_or(Data::Null));
        }
        let mut out = String::new();
        self.blocks(body, &mut out)?;
        self.scopes.pop();
        self.calls -= 1;
        Ok(Data::text(out))
    }

    fn error(&self, expression: &Expression, fault: Fault) -> RenderError {
        RenderError { fault, expression: expression.to_string(), position: self.position }
    }
}

fn loop_of(index: usize, count: usize) -> Data {
    let number = |number: usize| Data::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    Data::map(Map::from([
        ("index".to_owned(), number(index + 1)),
        ("index0".to_owned(), number(index)),
        ("first".to_owned(), Data::Boolean(index == 0)),
        ("last".to_owned(), Data::Boolean(index + 1 == count)),
        ("length".to_owned(), number(count)),
    ]))
}

fn part(base: &Data, index: &Data) -> Data {
    match base {
        Data::Map(map) => map.get(&index.shown()).cloned().unwrap_or(Data::Null),
        Data::List(items) => {
            let place = index.shown().parse::<usize>().ok();
            place.and_then(|place| items.borrow().get(place).cloned()).unwrap_or(Data::Null)
        }
        _ => Data::Null,
    }
}

fn call(value: &Data, method: &str, arguments: &[Data]) -> Result<Data, Fault> {
    Ok(match (value, method, arguments) {
        // The engine calls nothing on nothing.
        (Data::Null, ..) => Data::Null,
        (Data::Map(map), "items", []) => Data::list(
            map.iter()
                .map(|(name, value)| Data::Entry(std::sync::Arc::new((Data::text(name), value.clone()))))
                .collect(),
        ),
        (Data::List(_), "toList", []) => value.clone(),
        (Data::List(items), "append", [item]) => {
            items.borrow_mut().push(item.clone());
            Data::Boolean(true)
        }
        (Data::List(items), "contains", [item]) => {
            // Java's own equality: nothing is turned into something else first.
            let found = items.borrow().iter().any(|one| one.kind() == item.kind() && one.shown() == item.shown());
            Data::Boolean(found)
        }
        (Data::Text(text), "contains", [Data::Text(item)]) => Data::Boolean(text.contains(&**item)),
        (Data::Text(text), "split", [Data::Text(mark)]) => {
            let mut parts: Vec<&str> = text.split(&**mark).collect();
            // Java leaves out the empty ends.
            while parts.len() > 1 && parts.last().is_some_and(|last| last.is_empty()) {
                parts.pop();
            }
            Data::list(parts.into_iter().map(Data::text).collect())
        }
        _ => return Err(Fault::Method { kind: value.kind(), method: method.to_owned() }),
    })
}

fn filtered(value: &Data, filter: Filter, argument: Option<Data>) -> Data {
    match filter {
        Filter::Default if matches!(value, Data::Null) => argument.unwrap_or_else(|| Data::text("")),
        Filter::Default => value.clone(),
        Filter::Join => {
            let mark = argument.unwrap_or(Data::Null).shown();
            let items: Vec<_> = value.items().iter().map(Data::shown).collect();
            Data::text(items.join(&mark))
        }
        Filter::Length => Data::Integer(i64::try_from(value.length()).unwrap_or(i64::MAX)),
        Filter::Lower => match value {
            Data::Text(text) => Data::text(text.to_lowercase()),
            other => other.clone(),
        },
        Filter::String if matches!(value, Data::Null) => Data::text("null"),
        Filter::String => Data::text(value.shown()),
    }
}

fn operate(operator: Binary, left: &Data, right: &Data) -> Result<Data, Fault> {
    let order = |wanted: &[Ordering]| -> Result<Data, Fault> {
        Ok(Data::Boolean(left.compare(right)?.is_some_and(|found| wanted.contains(&found))))
    };
    match operator {
        Binary::Equal => left.equals(right).map(Data::Boolean),
        Binary::NotEqual => left.equals(right).map(|equal| Data::Boolean(!equal)),
        Binary::Less => order(&[Ordering::Less]),
        Binary::LessEqual => order(&[Ordering::Less, Ordering::Equal]),
        Binary::Greater => order(&[Ordering::Greater]),
        Binary::GreaterEqual => order(&[Ordering::Greater, Ordering::Equal]),
        Binary::In => Ok(Data::Boolean(left.is_in(right))),
        Binary::Plus => left.plus(right),
        Binary::Or | Binary::And => unreachable!("they are decided where the right side may stay unread"),
    }
}
