//! Which key makes the mapper refuse a file: found by leaving out tables, then keys.

use super::edit::Written;
use super::mapper::{Mapper, MapperError, Refusal};

/// The key, by its number, without which the mapper takes the file or stumbles over something else.
pub fn find(mapper: &mut Mapper, written: &Written, refusal: &Refusal) -> Result<Option<usize>, MapperError> {
    let mut tables: Vec<Vec<usize>> = Vec::new();
    for number in 0..written.keys.len() {
        match tables.last_mut() {
            Some(table) if written.table_of(table[0]) == written.table_of(number) => table.push(number),
            _ => tables.push(vec![number]),
        }
    }
    // Without a key that the product demands it refuses the file too, for another reason: only a file that is taken
    // is proof at first.
    for taken in [true, false] {
        for table in &tables {
            if !helps(mapper, written, table, refusal, taken)? {
                continue;
            }
            for key in table {
                if helps(mapper, written, &[*key], refusal, taken)? {
                    return Ok(Some(*key));
                }
            }
            return Ok(Some(table[0]));
        }
    }
    Ok(None)
}

fn helps(
    mapper: &mut Mapper,
    written: &Written,
    keys: &[usize],
    refusal: &Refusal,
    taken: bool,
) -> Result<bool, MapperError> {
    Ok(match mapper.render(&written.without(keys.iter().copied()))? {
        Ok(_) => true,
        Err(other) => !taken && other != *refusal,
    })
}
