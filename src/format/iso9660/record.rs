//! A directory record, and what Rock Ridge says in its system use field.

use super::date;
use super::{ACCESSED, ATTRIBUTES, BACKUP, CREATED, MODIFIED};
use crate::bytes::{Extent, Flaw, le32};
use crate::format::Field;

/// A directory record (ECMA-119 9.1).
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    bytes: &'a [u8],
    /// The number of its first block.
    pub(super) block: u32,
    /// How many bytes it has.
    pub(super) size: u32,
    flags: u8,
    name: &'a [u8],
}

impl<'a> Record<'a> {
    /// Reads the record at the beginning of what is left of a sector; `None` for none that makes sense.
    pub(super) fn read(rest: &'a [u8]) -> Option<Self> {
        let bytes = rest.get(..usize::from(*rest.first()?))?;
        let name_length = usize::from(*bytes.get(32)?);
        Some(Self {
            bytes,
            block: le32(bytes, 2)?,
            size: le32(bytes, 10)?,
            flags: *bytes.get(25)?,
            name: bytes.get(33..33 + name_length)?,
        })
    }

    pub(super) const fn is_folder(&self) -> bool {
        self.flags & 2 != 0
    }

    /// Whether its file goes on in another record.
    pub(super) const fn goes_on(&self) -> bool {
        self.flags & 0x80 != 0
    }

    /// Whether it is of the folder itself, or of the one above: their names are 0 and 1.
    pub(super) const fn is_own(&self) -> bool {
        matches!(self.name, [0 | 1])
    }

    /// Its date.
    pub(super) fn date(&self) -> &'a [u8] {
        self.bytes.get(18..18 + date::SHORT).unwrap_or_default()
    }

    /// Its name without the number of its version.
    pub(super) fn name(&self) -> &'a [u8] {
        let end = self.name.iter().position(|byte| *byte == b';');
        let name = &self.name[..end.unwrap_or(self.name.len())];
        name.strip_suffix(b".").unwrap_or(name)
    }

    /// What is for the system's use, after the name, which is padded to an even length.
    pub(super) fn system_use(&self) -> &'a [u8] {
        let from = (33 + self.name.len()).next_multiple_of(2);
        self.bytes.get(from..).unwrap_or_default()
    }
}

/// How many bytes each system use field begins with that are not of SUSP; `None` where the image has no such
/// fields, as the first record of its root tells (SUSP 1.12 5.3).
pub(super) fn shared(root: &Record<'_>) -> Option<usize> {
    let field = root.system_use();
    // On XA discs, what is XA's stands before it.
    [0, 14]
        .into_iter()
        .find_map(|from| match field.get(from..)? {
            [b'S', b'P', 7, 1, 0xbe, 0xef, skipped, ..] => Some(usize::from(*skipped)),
            _ => None,
        })
}

/// What Rock Ridge says of a file.
#[derive(Debug, Default)]
pub(super) struct RockRidge {
    /// Its name, if it has another.
    pub(super) name: Vec<u8>,
    /// Its times, as they stand there.
    pub(super) times: Vec<(&'static Field, Vec<u8>)>,
}

/// How many continuations of one field are followed, each of one block at most.
const CONTINUATIONS: u32 = 16;
/// How many times are taken of one file: seven kinds, a few times over.
const TIMES: usize = 32;

impl RockRidge {
    /// Reads a system use field and where it goes on.
    ///
    /// # Errors
    /// When it goes on beyond the image, or for ever.
    pub(super) fn read(
        &mut self,
        extent: Extent<'_>,
        block: u64,
        field: &[u8],
    ) -> Result<(), Flaw> {
        self.name.clear();
        self.times.clear();
        let mut next = self.entries(field);
        for _ in 0..CONTINUATIONS {
            let Some((at, from, length)) = next else {
                return Ok(());
            };
            let at = u64::from(at)
                .saturating_mul(block)
                .saturating_add(u64::from(from));
            let most = u64::from(length).min(block);
            let more = extent.bytes(at, usize::try_from(most).unwrap_or(0))?;
            next = self.entries(&more);
        }
        Err(Flaw::malformed(
            "its Rock Ridge field goes on more often than any real one: its times were not all read",
        ))
    }

    /// Takes the entries of one area, and says where they go on: block, offset and length (SUSP 1.12 5.1).
    fn entries(&mut self, mut area: &[u8]) -> Option<(u32, u32, u32)> {
        let mut next = None;
        while let [first, second, length, _, ..] = *area {
            let Some((entry, rest)) = area.split_at_checked(usize::from(length)) else {
                break;
            };
            let Some(body) = entry.get(4..) else {
                break;
            };
            match [first, second] {
                [b'C', b'E'] => next = le32(body, 0).zip(le32(body, 8)).zip(le32(body, 16)),
                [b'N', b'M'] => self.named(body),
                [b'T', b'F'] => self.timed(body),
                [b'S', b'T'] => break,
                _ => {}
            }
            area = rest;
        }
        next.map(|((block, from), length)| (block, from, length))
    }

    /// A part of the name (RRIP 1.12 4.1.4).
    fn named(&mut self, body: &[u8]) {
        let Some((flags, part)) = body.split_first() else {
            return;
        };
        // Those of the folder itself and of the one above have none.
        if flags & 6 == 0 {
            self.name.extend_from_slice(part);
        }
    }

    /// The times (RRIP 1.12 4.1.6). When a file expires and takes effect is left out.
    fn timed(&mut self, body: &[u8]) {
        const KINDS: [Option<&Field>; 7] = [
            Some(&CREATED),
            Some(&MODIFIED),
            Some(&ACCESSED),
            Some(&ATTRIBUTES),
            Some(&BACKUP),
            None,
            None,
        ];
        let Some((flags, mut rest)) = body.split_first() else {
            return;
        };
        let length = if flags & 0x80 == 0 {
            date::SHORT
        } else {
            date::LONG
        };
        for (bit, kind) in KINDS.into_iter().enumerate() {
            if flags & (1 << bit) == 0 {
                continue;
            }
            let Some((raw, after)) = rest.split_at_checked(length) else {
                return;
            };
            rest = after;
            if let Some(field) = kind.filter(|_| self.times.len() < TIMES) {
                self.times.push((field, raw.to_vec()));
            }
        }
    }
}
