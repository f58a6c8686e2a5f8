//! A header of an RPM package: numbered values of a few kinds (rpm's manual, "Header format").

use crate::bytes::{Budget, Extent, Flaw, Limit, array, be32};

/// A header, and where it ends.
#[derive(Debug)]
pub(super) struct Header {
    /// Which of the two it is, for messages.
    name: &'static str,
    index: Vec<u8>,
    store: Vec<u8>,
    /// The first byte behind it.
    pub(super) end: u64,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// 32 bits, big-endian.
    Number,
    /// Bytes.
    Bytes,
    /// Texts that each end in NUL.
    Texts,
}

impl Kind {
    const fn number(self) -> u32 {
        match self {
            Self::Number => 4,
            Self::Bytes => 7,
            Self::Texts => 8,
        }
    }
}

/// How long an entry of the index is.
const ENTRY: usize = 16;

impl Header {
    /// Reads the header at `at`.
    ///
    /// # Errors
    /// When there is none, or it is larger than the file or than may be kept in memory.
    pub(super) fn read(
        name: &'static str,
        extent: Extent<'_>,
        at: u64,
        budget: &Budget<'_>,
    ) -> Result<Self, Flaw> {
        let first: [u8; 16] = extent.array(at)?;
        if !first.starts_with(&[0x8e, 0xad, 0xe8, 0x01]) {
            return Err(Flaw::malformed(format!(
                "its {name} header should begin at {at}, and something else stands there: the package is damaged, and none of \
its times could be read from there on"
            )));
        }
        let number = |at| u64::from(be32(&first, at).unwrap_or(0));
        let (index, store) = (number(8) * 16, number(12));
        let from = at.saturating_add(16);
        let end = from.saturating_add(index).saturating_add(store);
        if end > extent.size() {
            return Err(Flaw::truncated(format!(
                "its {name} header says that it ends at {end}, and the package ends at {}: it is cut off or damaged",
                extent.size()
            )));
        }
        let most = budget.limits.memory;
        if index + store > most {
            return Err(Flaw::limit(Limit::Memory, most));
        }
        let bytes = |at, size| extent.bytes(at, usize::try_from(size).unwrap_or(usize::MAX));
        Ok(Self {
            name,
            index: bytes(from, index)?,
            store: bytes(from + index, store)?,
            end,
        })
    }

    /// The bytes of a value from its first on to the end of the header, and how many items it says it has; `None`
    /// where it has none.
    fn find(&self, tag: u32, kind: Kind) -> Result<Option<(&[u8], u32)>, Flaw> {
        let mut entries = self.index.chunks_exact(ENTRY);
        let Some(entry) = entries.find(|entry| be32(entry, 0) == Some(tag)) else {
            return Ok(None);
        };
        let word = |at| be32(entry, at).unwrap_or(0);
        let wrong = |what: &str| {
            let name = self.name;
            Flaw::malformed(format!(
                "value {tag} of its {name} header {what}: its times were not read"
            ))
        };
        // A single text and one in several languages are lists of texts, too.
        let is_text = kind == Kind::Texts && matches!(word(4), 6 | 9);
        if word(4) != kind.number() && !is_text {
            return Err(wrong("is of another kind than its number says"));
        }
        let from = usize::try_from(word(8)).ok();
        let bytes = from.and_then(|from| self.store.get(from..));
        let bytes = bytes.ok_or_else(|| wrong("lies beyond the header's end"))?;
        Ok(Some((bytes, word(12))))
    }

    /// Whether there is such a value, of whatever kind.
    pub(super) fn has(&self, tag: u32) -> bool {
        let mut entries = self.index.chunks_exact(ENTRY);
        entries.any(|entry| be32(entry, 0) == Some(tag))
    }

    /// The numbers of a value, as they stand there; none where it has none.
    ///
    /// # Errors
    /// When it is of another kind, or lies beyond the header.
    pub(super) fn numbers(&self, tag: u32) -> Result<impl Iterator<Item = [u8; 4]>, Flaw> {
        let (bytes, count) = self.find(tag, Kind::Number)?.unwrap_or_default();
        let length = usize::try_from(count).unwrap_or(usize::MAX).checked_mul(4);
        let bytes = length.and_then(|length| bytes.get(..length)).ok_or_else(|| {
            let name = self.name;
            Flaw::malformed(format!(
                "value {tag} of its {name} header says that it has {count} numbers, for which the header is too short: its \
times were not read"
            ))
        })?;
        let (numbers, _) = bytes.as_chunks();
        Ok(numbers.iter().copied())
    }

    /// The texts of a value without what ends them, as many as there are of those it says it has.
    ///
    /// # Errors
    /// When it is of another kind, or lies beyond the header.
    pub(super) fn texts(&self, tag: u32) -> Result<impl Iterator<Item = &[u8]>, Flaw> {
        let (bytes, count) = self.find(tag, Kind::Texts)?.unwrap_or_default();
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        Ok(bytes.split(|byte| *byte == 0).take(count))
    }

    /// The bytes of a value; none where it has none.
    ///
    /// # Errors
    /// When it is of another kind, or lies beyond the header.
    pub(super) fn bytes(&self, tag: u32) -> Result<&[u8], Flaw> {
        let (bytes, count) = self.find(tag, Kind::Bytes)?.unwrap_or_default();
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        Ok(&bytes[..count.min(bytes.len())])
    }
}

/// A number as an index.
pub(super) fn index(number: [u8; 4]) -> usize {
    array(&number, 0).map_or(usize::MAX, |number| {
        usize::try_from(u32::from_be_bytes(number)).unwrap_or(usize::MAX)
    })
}
