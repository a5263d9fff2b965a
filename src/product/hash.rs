//! The order in which the mapper meets its keys: that of Java's hash tables. It decides which of two names of one key
//! wins, and in which order the entries of a table are printed.

use super::data::Map;

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
        self.sorted_by(map, str::to_owned)
    }

    /// The same of a table whose keys are `named` otherwise than ours.
    pub(super) fn sorted_by(&mut self, mut map: Map, named: impl Fn(&str) -> String) -> Map {
        self.grow(map.len());
        map.sort_by_cached_key(|key, _| self.bucket(&named(key)));
        map
    }

    fn bucket(&self, key: &str) -> usize {
        let hash = key.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
        (hash ^ (hash >> 16)) as usize & (self.buckets - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::{HashOrder, Map};
    use crate::product::data::Data;

    #[test]
    fn orders_as_java_does() {
        // What `new HashSet<>(List.of("zebra", "apple", "mango", "a.b", "a.c"))` prints.
        let map: Map = ["zebra", "apple", "mango", "a.b", "a.c"].map(|key| (key.to_owned(), Data::Null)).into();
        let sorted = HashOrder::grown(5).sorted(map);
        let keys: Vec<_> = sorted.keys().map(String::as_str).collect();
        assert_eq!(keys, JAVA);
    }

    const JAVA: [&str; 5] = ["zebra", "apple", "a.b", "a.c", "mango"];
}
