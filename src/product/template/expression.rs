//! Expressions: parsed by precedence, as the template engine groups them.

use crate::text::Parts as _;
use std::fmt;
use std::sync::Arc;

use super::parse::Wrong;

/// An expression of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A text.
    Text(Arc<str>),
    /// A whole number.
    Integer(i64),
    /// `true` or `false`.
    Boolean(bool),
    /// `[a, b]`.
    List(Vec<Expression>),
    /// `{}`.
    EmptyMap,
    /// A name.
    Name(String),
    /// `a.b`.
    Attribute(Box<Expression>, String),
    /// `a[b]`.
    Index(Box<Expression>, Box<Expression>),
    /// `a.b(c)`.
    Method(Box<Expression>, String, Vec<Expression>),
    /// `b(c)`: a macro.
    Call(String, Vec<Expression>),
    /// `a|b(c)`.
    Filter(Box<Expression>, Filter, Vec<Expression>),
    /// `a is b`, `a is b c`.
    Test(Box<Expression>, Test, Option<Box<Expression>>),
    /// `not a`.
    Not(Box<Expression>),
    /// `a + b` and the like.
    Binary(Binary, Box<Expression>, Box<Expression>),
    /// `a if b else c`; without the `else`, nothing.
    Choice(Box<Expression>, Box<Expression>, Option<Box<Expression>>),
}

/// The operators between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the operators")]
pub enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Plus,
}

/// The filters that products use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the filters")]
pub enum Filter {
    Default,
    Join,
    Length,
    Lower,
    String,
}

/// The tests that products use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the tests")]
pub enum Test {
    Defined,
    Mapping,
    SameAs,
    Sequence,
    String,
}

impl fmt::Display for Expression {
    /// As it would be written, for messages.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(formatter, "'{text}'"),
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Boolean(value) => write!(formatter, "{value}"),
            Self::Name(name) => formatter.write_str(name),
            Self::Attribute(base, name) => write!(formatter, "{base}.{name}"),
            Self::Index(base, index) => write!(formatter, "{base}[{index}]"),
            Self::Method(base, name, _) => write!(formatter, "{base}.{name}()"),
            Self::Filter(base, ..) | Self::Test(base, ..) => write!(formatter, "{base}"),
            Self::Binary(_, left, right) => write!(formatter, "{left}, {right}"),
            _ => formatter.write_str("an expression"),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Integer(i64),
    Sign(&'static str),
}

/// Parses one expression that fills `text`.
pub(super) fn expression(text: &str) -> Result<Expression, Wrong> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    let expression = parser.choice()?;
    if parser.next < parser.tokens.len() {
        return Err(Wrong::new(format!("`{}` is more than one expression", text.trim())));
    }
    Ok(expression)
}

fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    const SIGNS: [&str; 20] =
        ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "!", "|", "(", ")", "[", "]", "{", "}", ".", ",", "~"];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            let length = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number = rest.part(..length).parse().map_err(|_| Wrong::new("a number that is too large"))?;
            tokens.push(Token::Integer(number));
            length
        } else if first.is_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(Token::Word(rest.part(..length).to_owned()));
            length
        } else if matches!(first, '\'' | '"') {
            let (value, length) = quoted(rest, first)?;
            tokens.push(Token::Text(value));
            length
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            sign.len()
        } else {
            return Err(Wrong::new(format!("`{first}` in an expression")));
        };
        rest = rest.part(length..).trim_start();
    }
    Ok(tokens)
}

/// A quoted text and its length with both quotes; a backslash keeps the letter after it.
fn quoted(text: &str, quote: char) -> Result<(String, usize), Wrong> {
    let mut value = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((index, letter)) = letters.next() {
        match letter {
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            letter if letter == quote => return Ok((value, index + 1)),
            letter => value.push(letter),
        }
    }
    Err(Wrong::new("a text without its closing quote"))
}

/// No template nests deeper; a limit keeps a hostile file from exhausting the stack.
const DEEPEST: usize = 64;

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.next += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), Wrong> {
        if self.take_sign(sign) { Ok(()) } else { Err(Wrong::new(format!("a missing `{sign}`"))) }
    }

    fn word(&mut self) -> Result<String, Wrong> {
        match self.peek() {
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.next += 1;
                Ok(word)
            }
            _ => Err(Wrong::new("a missing name")),
        }
    }

    fn choice(&mut self) -> Result<Expression, Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Wrong::new("an expression that is nested too deep"));
        }
        let mut value = self.or()?;
        if self.take_word("if") {
            let condition = self.or()?;
            let otherwise = if self.take_word("else") { Some(Box::new(self.choice()?)) } else { None };
            value = Expression::Choice(Box::new(value), Box::new(condition), otherwise);
        }
        self.depth -= 1;
        Ok(value)
    }

    fn or(&mut self) -> Result<Expression, Wrong> {
        let mut left = self.and()?;
        while self.take_word("or") || self.take_sign("||") {
            left = binary(Binary::Or, left, self.and()?);
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expression, Wrong> {
        let mut left = self.equality()?;
        while self.take_word("and") || self.take_sign("&&") {
            left = binary(Binary::And, left, self.equality()?);
        }
        Ok(left)
    }

    fn equality(&mut self) -> Result<Expression, Wrong> {
        let mut left = self.order()?;
        loop {
            let operator = if self.take_sign("==") {
                Binary::Equal
            } else if self.take_sign("!=") {
                Binary::NotEqual
            } else {
                return Ok(left);
            };
            left = binary(operator, left, self.order()?);
        }
    }

    fn order(&mut self) -> Result<Expression, Wrong> {
        let mut left = self.sum()?;
        loop {
            let operator = if self.take_sign("<=") {
                Binary::LessEqual
            } else if self.take_sign(">=") {
                Binary::GreaterEqual
            } else if self.take_sign("<") {
                Binary::Less
            } else if self.take_sign(">") {
                Binary::Greater
            } else if self.take_word("in") {
                Binary::In
            } else {
                return Ok(left);
            };
            left = binary(operator, left, self.sum()?);
        }
    }

    fn sum(&mut self) -> Result<Expression, Wrong> {
        let mut left = self.unary()?;
        while self.take_sign("+") {
            left = binary(Binary::Plus, left, self.unary()?);
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, Wrong> {
        if self.take_word("not") || self.take_sign("!") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(Wrong::new("an expression that is nested too deep"));
            }
            let inner = self.unary()?;
            self.depth -= 1;
            return Ok(Expression::Not(Box::new(inner)));
        }
        self.value()
    }

    fn value(&mut self) -> Result<Expression, Wrong> {
        let mut value = self.primary()?;
        loop {
            value = if self.take_sign(".") {
                let name = self.word()?;
                if self.take_sign("(") {
                    Expression::Method(Box::new(value), name, self.list_until(")")?)
                } else {
                    Expression::Attribute(Box::new(value), name)
                }
            } else if self.take_sign("[") {
                let index = self.choice()?;
                self.expect("]")?;
                Expression::Index(Box::new(value), Box::new(index))
            } else if self.take_sign("|") {
                let filter = match self.word()?.as_str() {
                    "default" => Filter::Default,
                    "join" => Filter::Join,
                    "length" => Filter::Length,
                    "lower" => Filter::Lower,
                    "string" => Filter::String,
                    other => return Err(Wrong::new(format!("the filter `{other}`"))),
                };
                let arguments = if self.take_sign("(") { self.list_until(")")? } else { Vec::new() };
                Expression::Filter(Box::new(value), filter, arguments)
            } else if self.take_word("is") {
                self.test(value)?
            } else {
                return Ok(value);
            };
        }
    }

    fn test(&mut self, value: Expression) -> Result<Expression, Wrong> {
        let negated = self.take_word("not");
        let value = Box::new(value);
        let test = match self.word()?.as_str() {
            "defined" => Expression::Test(value, Test::Defined, None),
            "mapping" => Expression::Test(value, Test::Mapping, None),
            "sequence" => Expression::Test(value, Test::Sequence, None),
            "string" => Expression::Test(value, Test::String, None),
            "sameas" => Expression::Test(value, Test::SameAs, Some(Box::new(self.primary()?))),
            other => return Err(Wrong::new(format!("the test `{other}`"))),
        };
        Ok(if negated { Expression::Not(Box::new(test)) } else { test })
    }

    fn primary(&mut self) -> Result<Expression, Wrong> {
        let token = self.peek().cloned().ok_or_else(|| Wrong::new("an expression that ends too early"))?;
        self.next += 1;
        match token {
            Token::Text(text) => Ok(Expression::Text(text.into())),
            Token::Integer(number) => Ok(Expression::Integer(number)),
            Token::Word(word) => match word.as_str() {
                "true" | "false" => Ok(Expression::Boolean(word == "true")),
                _ if self.take_sign("(") => Ok(Expression::Call(word, self.list_until(")")?)),
                _ => Ok(Expression::Name(word)),
            },
            Token::Sign("(") => {
                let inner = self.choice()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Sign("[") => Ok(Expression::List(self.list_until("]")?)),
            Token::Sign("{") => {
                self.expect("}")?;
                Ok(Expression::EmptyMap)
            }
            Token::Sign(sign) => Err(Wrong::new(format!("`{sign}` where a value belongs"))),
        }
    }

    fn list_until(&mut self, end: &'static str) -> Result<Vec<Expression>, Wrong> {
        let mut items = Vec::new();
        while !self.take_sign(end) {
            if !items.is_empty() {
                self.expect(",")?;
            }
            items.push(self.choice()?);
        }
        Ok(items)
    }
}

fn binary(operator: Binary, left: Expression, right: Expression) -> Expression {
    Expression::Binary(operator, Box::new(left), Box::new(right))
}
