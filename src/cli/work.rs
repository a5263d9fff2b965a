//! Pieces of work side by side, as far as the machine lets us.

use rayon::prelude::*;

/// Does `work` for each of the items; the results come in the order of the items, whichever is done first. One item
/// needs no threads, and where no threads can be had it goes one after the other.
pub fn each<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    if let [item] = items {
        return vec![work(item)];
    }
    match rayon::ThreadPoolBuilder::new().build() {
        Ok(pool) => pool.install(|| items.par_iter().map(&work).collect()),
        Err(_) => items.iter().map(work).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [0, 1, 100] {
            let items: Vec<u32> = (0..count).collect();
            assert_eq!(each(&items, |item| item * 2), items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
    }
}
