//! The order in which the mapper meets its keys: that of Java's hash tables. It decides which of two names of one key
//! wins, and in which order the entries of a table are printed.

use super::data::Map;
use crate::mapping::catalog::parts;

/// A hash table's size; it grows and never shrinks.
#[derive(Debug)]
pub(super) struct HashOrder {
    buckets: usize,
}

impl HashOrder {
    /// That of a table that takes `count` entries at once.
    pub(super) fn of(count: usize) -> Self {
        // The table wants a quarter of its buckets free, and one entry more.
        let wanted = (count * 4).div_ceil(3) + 1;
        Self { buckets: wanted.next_power_of_two() }
    }

    /// That of a table which begins empty and takes `count` entries one by one.
    pub(super) fn grown(count: usize) -> Self {
        let mut order = Self { buckets: 16 };
        order.grow(count);
        order
    }

    fn grow(&mut self, count: usize) {
        while count * 4 > self.buckets * 3 {
            self.buckets *= 2;
        }
    }

    /// The entries in the table's order: by bucket, and in one bucket as they came.
    pub(super) fn sorted(&mut self, map: Map) -> Map {
        self.sorted_by(map, hash)
    }

    fn sorted_by(&mut self, mut map: Map, hash: impl Fn(&str) -> u32) -> Map {
        self.grow(map.len());
        map.sort_by_cached_key(|key, _| self.bucket(hash(key)));
        map
    }

    fn bucket(&self, hash: u32) -> usize {
        (hash ^ (hash >> 16)) as usize & (self.buckets - 1)
    }
}

/// The order in which the mapper's reader gives the keys of a table: first it makes a set of their paths, then a set of
/// their names, with double quotes.
pub(super) fn as_read(map: Map) -> Map {
    let count = map.len();
    let map = HashOrder::grown(count).sorted_by(map, path_hash);
    HashOrder::grown(count).sorted_by(map, |key| hash(&key.replace('\'', "\"")))
}

/// Java's hash of a text.
fn hash(text: &str) -> u32 {
    text.encode_utf16().fold(0, |hash, unit| joined(hash, u32::from(unit)))
}

/// Java's hash of the list of a key's parts.
fn path_hash(key: &str) -> u32 {
    parts(key).into_iter().fold(1, |sum, part| joined(sum, hash(part.trim_matches('\''))))
}

fn joined(sum: u32, next: u32) -> u32 {
    sum.wrapping_mul(31).wrapping_add(next)
}

#[cfg(test)]
mod tests {
    use super::{HashOrder, Map, as_read};
    use crate::product::data::Data;

    #[test]
    fn orders_as_java_does() {
        // What `new HashSet<>(List.of("zebra", "apple", "mango", "a.b", "a.c"))` prints.
        let map: Map = ["zebra", "apple", "mango", "a.b", "a.c"].map(|key| (key.to_owned(), Data::Null)).into();
        let sorted = HashOrder::grown(5).sorted(map);
        let keys: Vec<_> = sorted.keys().map(String::as_str).collect();
        assert_eq!(keys, JAVA);
    }

    #[test]
    fn orders_what_is_read_as_the_reader_does() {
        // As the mapper of 4.5.0 prints the properties of an event listener; two of them share a bucket.
        let names = ["id", "type", "name", "order"];
        let properties = ["'header.X-WSO2-KEY-MANAGER'", "notification_endpoint", "password", "username.k"];
        let keys = names.map(str::to_owned).into_iter().chain(properties.map(|name| format!("properties.{name}")));
        let sorted = as_read(keys.map(|key| (key, Data::Null)).collect());
        let found: Vec<_> = sorted.keys().filter_map(|key| key.strip_prefix("properties.")).collect();
        assert_eq!(found, ["username.k", "'header.X-WSO2-KEY-MANAGER'", "notification_endpoint", "password"]);
    }

    const JAVA: [&str; 5] = ["zebra", "apple", "a.b", "a.c", "mango"];
}
