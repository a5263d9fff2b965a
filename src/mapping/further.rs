//! Elements of which the product takes the first only, whatever name tells them apart.
//!
//! Of two user stores of different classes, say, each has paths of its own; only the table's head knows that the second
//! is no setting of the first's kind.

/// The elements of one file, as they come.
pub struct Siblings<'t> {
    elements: &'t [String],
    /// The first of each, as soon as it is seen, with its brackets.
    first: Vec<Option<String>>,
    buffer: String,
}

impl<'t> Siblings<'t> {
    /// For the elements that a table's head names.
    pub fn of(elements: &'t [String]) -> Self {
        Self { elements, first: vec![None; elements.len()], buffer: String::new() }
    }

    /// The path by which a leaf is looked up, if it is not its own: `/A/B[2]/C` for `/A/B[@x='other']/C`.
    pub fn lookup(&mut self, path: &str) -> Option<&str> {
        for (element, first) in self.elements.iter().zip(&mut self.first) {
            let Some(rest) = path.strip_prefix(element.as_str()) else { continue };
            let end = match rest.as_bytes().first() {
                // A name in brackets may hold a slash.
                Some(b'[') => rest.find("]/").map_or(rest.len(), |at| at + 1),
                Some(b'/') | None => 0,
                Some(_) => continue,
            };
            let (predicate, below) = rest.split_at(end);
            match first {
                None => *first = Some(predicate.to_owned()),
                Some(first) if first == predicate => {}
                Some(_) => {
                    self.buffer = format!("{element}[2]{below}");
                    return Some(&self.buffer);
                }
            }
            return None;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Siblings;

    #[test]
    fn tells_the_first_from_the_others() {
        let elements = ["/R/Store".to_owned()];
        let mut siblings = Siblings::of(&elements);
        let mut look = |path: &str| siblings.lookup(path).map(str::to_owned);
        assert_eq!(look("/R/Other"), None);
        assert_eq!(look("/R/Stores/x"), None);
        assert_eq!(look("/R/Store[@class='a/b']/@class"), None);
        assert_eq!(look("/R/Store[@class='a/b']/P[@name='x']"), None);
        assert_eq!(look("/R/Store[@class='c']/P[@name='x']").as_deref(), Some("/R/Store[2]/P[@name='x']"));
        assert_eq!(look("/R/Store[@class='c']").as_deref(), Some("/R/Store[2]"));
    }
}
