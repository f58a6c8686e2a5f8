//! Which names stand twice in an archive, in eight bytes a name.

/// The names that were met, by hash, each with its DOS time.
#[derive(Debug)]
pub(super) struct Names {
    /// The upper half of the hash, and the DOS time; zero where nothing is.
    table: Vec<u64>,
    /// How many more find room.
    left: usize,
}

/// How many places are looked at for one name: names that were made to have one hash end it.
const PROBES: usize = 32;

impl Names {
    /// For so many names.
    pub(super) fn new(names: u64) -> Self {
        // Never more than the entries that were bounded by the directory's bytes.
        let names = usize::try_from(names).unwrap_or(0);
        let size = (names.saturating_add(names / 2) + 1).next_power_of_two();
        Self {
            table: vec![0; size],
            left: names,
        }
    }

    /// Takes a name and its DOS time; gives back that of the first of this name, if it is another.
    #[inline]
    pub(super) fn other(&mut self, name: &[u8], dos: u32) -> Option<u32> {
        let hash = hash(name);
        let mask = self.table.len() - 1;
        let mark = (hash | 1 << 63) & !0xffff_ffff;
        let mut at = usize::try_from(hash & 0xffff_ffff).unwrap_or(0) & mask;
        for _ in 0..PROBES {
            let place = self.table.get_mut(at)?;
            if *place == 0 {
                if self.left > 0 {
                    self.left -= 1;
                    *place = mark | u64::from(dos);
                }
                return None;
            }
            if *place & !0xffff_ffff == mark {
                let first = u32::try_from(*place & 0xffff_ffff).unwrap_or(0);
                return (first != dos).then_some(first);
            }
            at = (at + 1) & mask;
        }
        None
    }
}

/// A hash of a name: eight bytes a step.
#[inline]
fn hash(name: &[u8]) -> u64 {
    const MANY: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(MANY);
    let mut hash = u64::try_from(name.len()).unwrap_or(0);
    let (words, rest) = name.as_chunks::<8>();
    for word in words {
        hash = mix(hash, u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let hash = mix(hash, u64::from_le_bytes(last));
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn only_a_name_that_was_there_with_another_time_is_told() {
        let mut names = Names::new(50_000);
        for number in 0..50_000_u32 {
            let name = format!("com/example/library/Class{number}.class");
            assert_eq!(names.other(name.as_bytes(), number), None);
        }
        for number in [0, 7, 49_999] {
            let name = format!("com/example/library/Class{number}.class");
            assert_eq!(names.other(name.as_bytes(), number), None);
            assert_eq!(names.other(name.as_bytes(), 5), Some(number));
        }
        let mut none = Names::new(0);
        assert_eq!((none.other(b"a", 1), none.other(b"a", 2)), (None, None));
    }
}
