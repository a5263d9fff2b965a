//! The file as TOML: what the product's reader and mapper refuse or misread, whatever the keys mean.

use crate::check::{Diagnostic, Node};
use crate::diagnostic::{Code, Severity};
use crate::mapping::catalog::covers;
use crate::mapping::tables::Tables;
use crate::read::document::{FaultKind, Header, Shape};
use crate::source::Place;
use crate::text::Parts as _;

/// Only the first bytes are told: a file is of one encoding.
fn encoded(node: &Node<'_>, code: Code) -> Vec<Diagnostic> {
    let odd = node.encoding.iter().filter(|odd| odd.code == code);
    odd.map(|odd| {
        let place = odd.place.as_ref().map_or_else(
            || Place::file(&node.file),
            |place| Place { file: node.file.clone(), line: place.line, column: place.column },
        );
        node.at(code, place, odd.message.clone())
    })
    .collect()
}

pub fn encoding_refused(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    encoded(node, Code::EncodingRefused)
}

pub fn encoding_guessed(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    encoded(node, Code::EncodingGuessed)
}

pub fn damaged(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    faults(node, FaultKind::Syntax, Code::ConfigurationDamaged)
}

pub fn twice(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    if node.is_damaged() { Vec::new() } else { faults(node, FaultKind::Twice, Code::DuplicateKey) }
}

pub fn too_new(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    if node.is_damaged() { Vec::new() } else { faults(node, FaultKind::TooNew, Code::TomlTooNew) }
}

fn faults(node: &Node<'_>, kind: FaultKind, code: Code) -> Vec<Diagnostic> {
    let of_kind = node.document.faults.iter().filter(|fault| fault.kind == kind);
    of_kind
        .map(|fault| {
            let found = node.finding(code, &fault.span, fault.message.clone());
            match &fault.first {
                Some(first) => found.related("first here", node.place(first)),
                None => found,
            }
        })
        .collect()
}

/// `[a]` behind `[a.b]`: `a` and `b` may be arrays of tables, and the child may lie deeper.
pub fn parent_after_child(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    let headers = if node.is_damaged() { &[][..] } else { &node.document.headers };
    let late = headers.iter().enumerate().filter(|(_, header)| !header.array);
    late.filter_map(|(number, header)| {
        let child = headers[..number].iter().find(|earlier| is_below(earlier, header))?;
        let message = format!("{} stands below its subtable {}", shown(header), shown(child));
        Some(
            node.finding(Code::ParentAfterChild, &header.span, message)
                .related("the subtable", node.place(&child.span))
                .help(format!("move {} above {}: the product's mapper crashes otherwise", shown(header), shown(child))),
        )
    })
    .collect()
}

fn is_below(child: &Header, parent: &Header) -> bool {
    child.key != parent.key && covers(&parent.key, &child.key)
}

fn shown(header: &Header) -> String {
    let names: Vec<&str> = header.parts.iter().map(|part| part.name.as_str()).collect();
    if header.array { format!("`[[{}]]`", names.join(".")) } else { format!("`[{}]`", names.join(".")) }
}

pub fn quote_in_key(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    if node.is_damaged() {
        return Vec::new();
    }
    let headers = node.document.headers.iter().flat_map(|header| &header.parts);
    let parts = headers.chain(node.document.entries.iter().flat_map(|entry| &entry.parts));
    let mut found: Vec<Diagnostic> = Vec::new();
    for part in parts.filter(|part| part.name.contains(['\'', '"'])) {
        let message = format!("the key `{}` has a quote in it", part.name);
        let finding = node.finding(Code::QuoteInKey, &part.span, message);
        if found.last().is_none_or(|last| last.finding.place != finding.finding.place) {
            found.push(finding);
        }
    }
    found
}

pub fn multi_line(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    let texts = node.entries().iter().flat_map(|entry| entry.value.texts().map(move |value| (entry, value)));
    texts
        .filter(|(_, value)| {
            value.multi_line && node.text.part(value.span.clone()).trim_matches(['"', '\'']).contains('\n')
        })
        .map(|(entry, value)| {
            let source = node.text.part(value.span.clone());
            let continued = source.starts_with('"') && source.lines().any(|line| line.trim_end().ends_with('\\'));
            let line = value.span.start..value.span.start + source.find('\n').unwrap_or(source.len());
            if continued {
                let message =
                    format!("`{}` goes on behind a backslash, but the product keeps the line break", entry.key);
                node.finding(Code::MultiLineText, &line, message).severity(Severity::Error)
            } else {
                node.finding(Code::MultiLineText, &line, format!("`{}` is a text over several lines", entry.key))
            }
        })
        .collect()
}

pub fn secrets_not_last(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    let headers = if node.is_damaged() { &[][..] } else { &node.document.headers };
    let Some(at) = headers.iter().position(|header| header.key == "secrets") else { return Vec::new() };
    match headers.get(at + 1) {
        Some(next) => {
            let message = format!("{} stands below `[secrets]`", shown(next));
            vec![
                node.finding(Code::SecretsNotLast, &headers[at].span, message)
                    .related("the table", node.place(&next.span)),
            ]
        }
        None => Vec::new(),
    }
}

/// The name of a value's type, as messages say it.
pub fn type_word(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text => "a text",
        Shape::Integer => "a whole number",
        Shape::Float => "a number with a point",
        Shape::Boolean => "a boolean",
        Shape::Date => "a date",
        Shape::List(_) => "a list",
    }
}
