//! The templates of a product: the part of the Jinja language that they use, parsed and rendered.
//!
//! What a template holds besides (another tag, filter or test) is an error of parsing, and the caller leaves that
//! template unjudged: nothing is guessed.

mod expression;
mod lex;
mod parse;
mod render;

#[cfg(test)]
mod tests;

pub use expression::{Binary, Expression};
pub use parse::{Block, ParseError, parse};
pub use render::{RenderError, render};
