//! The elements of a file in document order, each knowing where those below it end. Made from the events of
//! quick-xml, whose checks are off where real files need more patience and done here where more is promised.

use crate::text::Parts as _;
use std::borrow::Cow;
use std::ops::Range;

use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::Event;
use quick_xml::reader::Reader;

use super::entity::{Entities, Place};
use super::tag::{self, RawAttribute, first_visible, is_blank, local};
use super::{Fault, mark};
use crate::diagnostic::Code;
use crate::read::position::Cursor;
use crate::secret::is_secret_name;

/// How deep elements may be nested; no file of the product comes near.
const DEPTH_LIMIT: usize = 256;

/// An attribute that is no namespace declaration.
#[derive(Debug)]
pub(super) struct Attribute<'a> {
    /// Its name without prefix.
    pub(super) name: &'a str,
    pub(super) value: Cow<'a, str>,
    /// Byte offset of the value.
    pub(super) value_offset: usize,
    /// The texts of secret entities in the value.
    pub(super) secrets: Vec<String>,
}

/// An element.
#[derive(Debug)]
pub(super) struct Element<'a> {
    /// Its name without prefix.
    pub(super) name: &'a str,
    /// Its attributes in [`Tree::attributes`].
    pub(super) attributes: Range<usize>,
    /// The index behind the last element below it; its own index and one if there is none.
    pub(super) end: usize,
    /// Its text; empty if it has child elements.
    pub(super) value: Cow<'a, str>,
    /// Byte offset of the text's first character that is not blank, else of the element.
    pub(super) value_offset: usize,
    /// The texts of secret entities in the text.
    pub(super) secrets: Vec<String>,
}

/// A whole document; the root is the first element.
#[derive(Debug, Default)]
pub(super) struct Tree<'a> {
    pub(super) elements: Vec<Element<'a>>,
    pub(super) attributes: Vec<Attribute<'a>>,
    pub(super) oddities: Vec<Fault>,
}

impl Tree<'_> {
    /// The direct children of an element, in order.
    pub(super) fn children(&self, parent: usize) -> impl Iterator<Item = usize> {
        let end = self.elements[parent].end;
        let within = move |child: usize| (child < end).then_some(child);
        std::iter::successors(within(parent + 1), move |&child| within(self.elements[child].end))
    }
}

/// A piece of the content of an open element.
struct Piece {
    range: Range<usize>,
    cdata: bool,
}

/// An element whose end tag has not come yet.
struct Open<'a> {
    element: usize,
    qualified: &'a str,
    /// Byte offset of its `<`.
    start: usize,
    /// Its first piece in the builder's pieces.
    pieces: usize,
    /// The first of its pieces that is not known to be blank.
    unknown: usize,
    /// Whether messages may say its name: it is no content that went astray, which may be a secret.
    named: bool,
}

impl Open<'_> {
    /// Its end tag, as messages call it.
    fn end(&self) -> String {
        if self.named { format!("`</{}>`", self.qualified) } else { "an end tag".to_owned() }
    }
}

#[derive(Default)]
struct Builder<'a> {
    text: &'a str,
    tree: Tree<'a>,
    entities: Entities<'a>,
    open: Vec<Open<'a>>,
    pieces: Vec<Piece>,
    /// The attributes of one tag.
    raw: Vec<RawAttribute<'a>>,
}

/// The document in `text`, which has no byte order mark.
pub(super) fn parse(text: &str) -> Result<Tree<'_>, Fault> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    let mut builder = Builder { text, ..Builder::default() };
    loop {
        let start = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(|error| syntax(&error, text, reader.error_position() as usize))?;
        let range = start..reader.buffer_position() as usize;
        match event {
            Event::Eof => return builder.finish(),
            Event::Start(_) | Event::Empty(_) if builder.is_done() => {
                builder.outside("behind the root element");
                let message = "a second root element: it and what follows were not read";
                builder.tree.oddities.push(Fault::damage(start, message));
                return Ok(builder.tree);
            }
            Event::Start(_) => builder.start(range.start + 1..range.end - 1, false)?,
            Event::Empty(_) => builder.start(range.start + 1..range.end - 2, true)?,
            Event::End(_) => builder.end(range)?,
            Event::Text(_) | Event::GeneralRef(_) => builder.piece(range, false),
            Event::CData(_) => builder.piece(range.start + 9..range.end - 3, true),
            Event::Comment(_) => builder.comment(range),
            Event::Decl(_) if start > 0 => {
                builder.tree.oddities.push(Fault::repaired(start, "the XML declaration is not at the very beginning"));
            }
            Event::Decl(_) | Event::PI(_) => {}
            Event::DocType(_) if builder.tree.elements.is_empty() => builder.entities.declare(text.part(range)),
            Event::DocType(_) => return Err(Fault::damage(start, "`<!DOCTYPE` must stand before the first element")),
        }
    }
}

impl<'a> Builder<'a> {
    fn is_done(&self) -> bool {
        self.open.is_empty() && !self.tree.elements.is_empty()
    }

    /// A start tag; `inside` is what stands between `<` and `>` or `/>`.
    fn start(&mut self, inside: Range<usize>, empty: bool) -> Result<(), Fault> {
        if self.open.len() == DEPTH_LIMIT {
            let message = format!("elements are nested more than {DEPTH_LIMIT} deep");
            return Err(Fault::damage(inside.start - 1, message));
        }
        if self.open.is_empty() {
            self.outside("before the root element");
        }
        let start = inside.start - 1;
        let named = self.may_be_named();
        let qualified = tag::name(self.text.part(inside.clone()), inside.start, named)?;
        let first_attribute = self.tree.attributes.len();
        let inner = named && !is_secret_name(qualified);
        tag::attributes(self.text, inside.start + qualified.len()..inside.end, &mut self.raw, inner)?;
        for raw in self.raw.drain(..) {
            if raw.qualified == "xmlns" || raw.qualified.starts_with("xmlns:") {
                continue;
            }
            let value = self.entities.resolve(raw.value, raw.offset, Place::Attribute, &mut self.tree.oddities)?;
            let secrets = self.entities.take_secrets();
            self.tree.attributes.push(Attribute {
                name: local(raw.qualified),
                value,
                value_offset: raw.offset,
                secrets,
            });
        }
        let element = self.push(local(qualified), first_attribute, Cow::Borrowed(""), start);
        if !empty {
            let pieces = self.pieces.len();
            self.open.push(Open { element, qualified, start, pieces, unknown: pieces, named });
        }
        Ok(())
    }

    /// Whether a tag here may be named in messages: it is not if it stands in the text of its parent, or in a secret.
    fn may_be_named(&mut self) -> bool {
        let Some(open) = self.open.last_mut() else { return true };
        if !open.named || is_secret_name(open.qualified) {
            return false;
        }
        // A piece that was blank stays so: each is looked at once, however many elements stand beside it.
        let pieces = self.pieces.get(open.unknown..).unwrap_or_default();
        let text = self.text;
        let visible = pieces.iter().position(|piece| first_visible(text.part(piece.range.clone())).is_some());
        open.unknown += visible.unwrap_or(pieces.len());
        visible.is_none()
    }

    fn push(&mut self, name: &'a str, first_attribute: usize, value: Cow<'a, str>, value_offset: usize) -> usize {
        let index = self.tree.elements.len();
        let attributes = first_attribute..self.tree.attributes.len();
        let secrets = self.entities.take_secrets();
        self.tree.elements.push(Element { name, attributes, end: index + 1, value, value_offset, secrets });
        index
    }

    /// An end tag at `range`.
    fn end(&mut self, range: Range<usize>) -> Result<(), Fault> {
        let name = self.text.part(range.start + 2..range.end - 1).trim_end_matches(is_blank);
        if self.open.last().is_some_and(|open| open.qualified == name) {
            return self.close();
        }
        if self.half_open(name, range.start)? {
            return Ok(());
        }
        match self.open.last() {
            Some(open) => {
                let opened = Cursor::new(self.text).at(open.start);
                let expected = format!("{} is missing: it was opened at {}:{}", open.end(), opened.line, opened.column);
                // What names no open element may be content that went astray.
                let found = if self.open.iter().any(|open| open.named && open.qualified == name) {
                    format!(", and `</{name}>` comes before")
                } else {
                    String::new()
                };
                Err(Fault::damage(range.start, expected + &found))
            }
            None => Err(Fault::damage(range.start, "an end tag was found where no element is open")),
        }
    }

    /// `name>value</name>`: an element whose `<` was forgotten.
    fn half_open(&mut self, name: &'a str, end: usize) -> Result<bool, Fault> {
        let Some(open) = self.open.last() else { return Ok(false) };
        let told = open.named && !is_secret_name(open.qualified);
        let Some(piece) = self.pieces[open.pieces..].last_mut() else { return Ok(false) };
        let text = self.text.part(piece.range.clone());
        if piece.cdata || piece.range.end != end || name.is_empty() {
            return Ok(false);
        }
        let found = text.rmatch_indices(name).find(|(index, _)| text.part(index + name.len()..).starts_with('>'));
        let Some(index) = found.map(|(index, _)| index) else { return Ok(false) };
        if !text.part(..index).is_empty() && !text.part(..index).ends_with(is_blank) {
            return Ok(false);
        }
        let value = text.part(index + name.len() + 1..);
        let start = piece.range.start + index;
        piece.range.end = start;
        let value_start = end - value.len();
        let message = if told {
            format!("`<` is missing before `{name}>`: read as the element `{name}`")
        } else {
            "`<` is missing before a name: read as an element".to_owned()
        };
        self.tree.oddities.push(Fault::repaired(start, message));
        let value_offset = first_visible(value).map_or(start, |index| value_start + index);
        let value = self.entities.resolve(value, value_start, Place::Text, &mut self.tree.oddities)?;
        self.push(local(name), self.tree.attributes.len(), value, value_offset);
        Ok(true)
    }

    /// Closes the innermost element.
    fn close(&mut self) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let end = self.tree.elements.len();
        if end > open.element + 1 {
            self.stray(open.pieces, &format!("beside the elements of `{}`", local(open.qualified)));
        } else {
            let (mut value, mut offset) = (Cow::Borrowed(""), None);
            for Piece { range, cdata } in self.pieces.drain(open.pieces..) {
                let raw = self.text.part(range.clone());
                offset = offset.or_else(|| first_visible(raw).map(|index| range.start + index));
                let part = if cdata {
                    line_ends(raw)
                } else {
                    self.entities.resolve(raw, range.start, Place::Text, &mut self.tree.oddities)?
                };
                if value.is_empty() {
                    value = part;
                } else {
                    value.to_mut().push_str(&part);
                }
            }
            let element = &mut self.tree.elements[open.element];
            element.value = value;
            element.value_offset = offset.unwrap_or(open.start);
            element.secrets = self.entities.take_secrets();
        }
        self.tree.elements[open.element].end = end;
        Ok(())
    }

    /// Text or CDATA; runs that quick-xml took apart at `&` are put together again.
    fn piece(&mut self, range: Range<usize>, cdata: bool) {
        let first = self.open.last().map_or(0, |open| open.pieces);
        match self.pieces[first..].last_mut() {
            Some(last) if !cdata && !last.cdata && last.range.end == range.start => last.range.end = range.end,
            _ => self.pieces.push(Piece { range, cdata }),
        }
    }

    /// A comment is no setting, but one with `--` in it may have swallowed some.
    fn comment(&mut self, range: Range<usize>) {
        let inside = &self.text.as_bytes()[range.start + 4..range.end - 3];
        if memchr::memchr_iter(b'-', inside).any(|at| inside.get(at + 1) == Some(&b'-')) {
            let message = "a comment has `--` inside: it was taken to end at `-->`";
            self.tree.oddities.push(Fault::repaired(range.start, message));
        }
    }

    /// Takes the pieces from `first` on as text that belongs to no element.
    fn stray(&mut self, first: usize, place: &str) {
        for Piece { range, .. } in self.pieces.drain(first..) {
            let raw = self.text.part(range.clone());
            let Some(index) = first_visible(raw) else { continue };
            if mark::has_template(raw) {
                let message =
                    format!("a template tool's mark {place}: passed over, both branches of a condition are read");
                self.tree.oddities.push(Fault::template(range.start + index, message));
                continue;
            }
            let dots = raw.trim_matches(is_blank).chars().all(|char| matches!(char, '.' | '…'));
            let what = if dots { "dots" } else { "text" };
            let fault = Fault::stray(range.start + index, format!("{what} {place}"));
            self.tree.oddities.push(fault);
        }
    }

    /// Takes what was read outside of all elements as text that is passed over: other readers refuse the file for it.
    fn outside(&mut self, place: &str) {
        let first = self.tree.oddities.len();
        self.stray(0, place);
        for fault in self.tree.oddities.iter_mut().skip(first).filter(|fault| fault.code == Code::StrayText) {
            *fault = Fault::repaired(
                fault.offset,
                format!("{}: passed over, though no reader of XML takes it", fault.message),
            );
        }
    }

    fn finish(mut self) -> Result<Tree<'a>, Fault> {
        if let Some(open) = self.open.last() {
            let opened = Cursor::new(self.text).at(open.start);
            let message = format!(
                "{} is missing: the file ends inside it (opened at {}:{})",
                open.end(),
                opened.line,
                opened.column
            );
            return Err(Fault::damage(self.text.len(), message));
        }
        if self.tree.elements.is_empty() {
            return Err(Fault::damage(0, "not an XML file: it has no element"));
        }
        self.outside("behind the root element");
        Ok(self.tree)
    }
}

/// `text` with `\n` at its line ends.
fn line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}

/// What quick-xml could not go on with.
fn syntax(error: &Error, text: &str, offset: usize) -> Fault {
    let quoted = matches!(
        error,
        Error::Syntax(
            SyntaxError::UnclosedSingleQuotedAttributeValue | SyntaxError::UnclosedDoubleQuotedAttributeValue
        )
    );
    if quoted && let Some(inside) = text.get(offset + 1..) {
        // The quote that is missing is hardly the last one: the first fault in the tag says more.
        let name = tag::name(inside, offset + 1, false);
        let attributes = name.and_then(|name| {
            let named = !is_secret_name(name);
            tag::attributes(text, offset + 1 + name.len()..text.len(), &mut Vec::new(), named)
        });
        if let Err(fault) = attributes {
            return fault;
        }
    }
    let message = match error {
        Error::Syntax(SyntaxError::UnclosedComment) => "`-->` is missing: the file ends inside a comment",
        Error::Syntax(SyntaxError::UnclosedCData) => "`]]>` is missing: the file ends inside a CDATA section",
        Error::Syntax(SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl) => {
            "`?>` is missing: the file ends inside a processing instruction"
        }
        Error::Syntax(SyntaxError::UnclosedDoctype) => "`>` is missing: the file ends inside `<!DOCTYPE`",
        Error::Syntax(SyntaxError::UnclosedTag) => "`>` is missing: the file ends inside a tag",
        Error::Syntax(SyntaxError::InvalidBangMarkup) => "`<!` begins neither a comment nor a CDATA section",
        _ => "this is not XML",
    };
    Fault::damage(offset, message)
}
