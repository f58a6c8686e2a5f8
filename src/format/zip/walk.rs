//! Through a central directory, a window's worth of entries at a time.

use super::end::Directory;
use super::header::{CENTRAL, Entry};
use super::window::{CHUNK, Window};
use crate::bytes::Flaw;

/// A walk through a central directory.
#[derive(Debug)]
pub(super) struct Walk {
    /// Where the next entry is.
    pub(super) at: u64,
    /// How many entries were gone over.
    pub(super) entries: u64,
}

/// A window's worth of entries.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    /// Where the bytes begin.
    at: u64,
    bytes: &'a [u8],
    /// How many entries came before.
    first: u64,
}

impl<'a> Batch<'a> {
    /// Each entry, with its number and where in the archive it stands; gives back where the next stands, and its
    /// number.
    #[inline]
    pub(super) fn each(
        &self,
        mut take: impl FnMut(u64, u64, &Entry<'a>) -> Result<(), Flaw>,
    ) -> Result<(u64, u64), Flaw> {
        let (mut rest, mut at, mut number) = (self.bytes, self.at, self.first);
        while let Some(entry) = Entry::parse(rest) {
            take(number, at, &entry)?;
            rest = rest.get(entry.length..).unwrap_or_default();
            at = at.saturating_add(u64::try_from(entry.length).unwrap_or(u64::MAX));
            number += 1;
        }
        Ok((at, number))
    }

    /// The entry that stands at this place of the archive.
    pub(super) fn entry(&self, at: u64) -> Option<Entry<'a>> {
        let from = usize::try_from(at.checked_sub(self.at)?).ok()?;
        Entry::parse(self.bytes.get(from..)?)
    }
}

impl Walk {
    pub(super) const fn new(directory: &Directory) -> Self {
        Self {
            at: directory.start,
            entries: 0,
        }
    }

    /// The next entries, as many as lie in a window; `None` where there are none. Whoever took them says with
    /// [`Walk::went`] how far that was.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn next<'w>(&self, window: &'w mut Window<'_>) -> Result<Option<Batch<'w>>, Flaw> {
        let mut least = Entry::FIXED;
        let head = window.at(self.at, least, CHUNK)?;
        if !head.starts_with(CENTRAL) {
            return Ok(None);
        }
        if Entry::parse(head).is_none() {
            // One that reaches beyond the window.
            least = Entry::LONGEST;
        }
        let bytes = window.at(self.at, least, CHUNK)?;
        Ok(Entry::parse(bytes).is_some().then_some(Batch {
            at: self.at,
            bytes,
            first: self.entries,
        }))
    }

    /// Goes on to where the next entry stands, which has this number.
    pub(super) const fn went(&mut self, (at, entries): (u64, u64)) {
        (self.at, self.entries) = (at, entries);
    }
}
