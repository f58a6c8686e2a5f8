//! The tree of folders, whatever it claims of itself: no folder is gone into twice, and no content looked into twice.

use super::record::{Record, RockRidge, shared};
use super::{MODIFIED, RECORDED, SECTOR, date};
use crate::bytes::{Extent, Flaw};
use crate::format::{Field, Member, Moment, Stamp, Value, Visit};
use std::collections::HashSet;

/// The longest path that is followed, in bytes: that of most systems.
const LONGEST: usize = 4096;

/// The tree of folders.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    extent: Extent<'a>,
    /// How long a block is.
    block: u64,
    /// Where the folders on the way are read, the outermost first.
    folders: Vec<Folder>,
    /// The path of the innermost.
    path: Vec<u8>,
    /// The first blocks of folders and files that were gone into.
    seen: HashSet<u32>,
    /// The sector that was read last, and where it is.
    sector: Vec<u8>,
    sector_at: Option<u64>,
}

/// A folder that is being read.
#[derive(Debug)]
struct Folder {
    /// Its first byte.
    from: u64,
    /// How long it is, and how much of it was read.
    size: u64,
    position: u64,
    /// How long the path of the one above is.
    above: usize,
}

impl<'a> Tree<'a> {
    /// The tree whose root begins at a block and is so many bytes long.
    pub(super) fn new(extent: Extent<'a>, block: u64, (root, size): (u32, u32)) -> Self {
        let mut tree = Self {
            extent,
            block,
            folders: Vec::new(),
            path: Vec::new(),
            seen: HashSet::new(),
            sector: Vec::new(),
            sector_at: None,
        };
        tree.enter(root, size, 0);
        tree
    }

    /// Goes into a folder, unless it was there before.
    fn enter(&mut self, first: u32, size: u32, above: usize) -> bool {
        let is_new = self.seen.insert(first);
        if is_new {
            self.folders.push(Folder {
                from: u64::from(first).saturating_mul(self.block),
                size: u64::from(size),
                position: 0,
                above,
            });
        }
        is_new
    }

    /// Tells of all that is in it.
    ///
    /// # Errors
    /// When it has too many entries, or cannot be read.
    pub(super) fn walk(mut self, visit: &mut Visit<'_>) -> Result<(), Flaw> {
        let mut skipped = None;
        let mut ridge = RockRidge::default();
        let mut is_root = true;
        while let Some((bytes, above)) = self.next(visit)? {
            visit.entry()?;
            let Some(record) = Record::read(&bytes) else {
                continue;
            };
            if is_root {
                skipped = shared(&record);
                is_root = false;
            }
            let mut outcome = Ok(());
            let field = skipped.and_then(|skipped| record.system_use().get(skipped..));
            if let Some(field) = field {
                outcome = ridge.read(self.extent, self.block, field);
            }
            // That of the folder itself was told by the one above; the root's own has no other.
            if record.is_own() && !(self.path.is_empty() && bytes.get(33) == Some(&0)) {
                continue;
            }
            self.path.truncate(above);
            if !record.is_own() {
                if !self.path.is_empty() {
                    self.path.push(b'/');
                }
                let name = if ridge.name.is_empty() || field.is_none() {
                    record.name()
                } else {
                    &ridge.name
                };
                self.path.extend_from_slice(name);
            }
            self.tell(visit, &record, field.map(|_| &ridge), outcome)?;
            if record.is_folder() && !record.is_own() && self.path.len() <= LONGEST {
                if self.enter(record.block, record.size, above) {
                    continue;
                }
                let again = Flaw::malformed(
                    "the image has this folder in two places, which makes a circle or a copy: it was gone into once",
                );
                visit.at(&self.path, |visit| visit.flaw(again));
            } else if self.path.len() > LONGEST {
                let long = Flaw::malformed(format!(
                    "it lies deeper than {LONGEST} bytes of path, which no system can open: what is in it was not looked at"
                ));
                visit.flaw(long);
            }
            self.path.truncate(above);
        }
        Ok(())
    }

    /// The next record as it stands there, and how long the path of its folder is.
    fn next(&mut self, visit: &mut Visit<'_>) -> Result<Option<(Vec<u8>, usize)>, Flaw> {
        while let Some(folder) = self.folders.last_mut() {
            let left = SECTOR - folder.position % SECTOR;
            if folder.position >= folder.size {
                self.path.truncate(folder.above);
                self.folders.pop();
                continue;
            }
            let at = folder
                .from
                .saturating_add(folder.position - (SECTOR - left));
            if self.sector_at != Some(at) {
                let sector = usize::try_from(SECTOR).unwrap_or(0);
                self.sector = self.extent.bytes(at, sector)?;
                self.sector_at = Some(at);
            }
            let within = usize::try_from(folder.position % SECTOR).unwrap_or(usize::MAX);
            let rest = self.sector.get(within..).unwrap_or_default();
            match rest.first() {
                None => {
                    folder.size = 0;
                    let cut = Flaw::truncated(format!(
                        "the image ends before this folder does, whose next part should be at {at}: it is cut off"
                    ));
                    visit.at(&self.path, |visit| visit.flaw(cut));
                }
                // No record crosses a sector's end.
                Some(0) => folder.position += left,
                Some(&length) => {
                    folder.position += u64::from(length);
                    let bytes = &rest[..rest.len().min(usize::from(length))];
                    return Ok(Some((bytes.to_vec(), self.path.len())));
                }
            }
        }
        Ok(None)
    }

    /// Tells of the file or folder where it is.
    fn tell(
        &mut self,
        visit: &mut Visit<'_>,
        record: &Record<'_>,
        ridge: Option<&RockRidge>,
        outcome: Result<(), Flaw>,
    ) -> Result<(), Flaw> {
        let recorded = date::decode(record.date());
        let mut own = recorded.moment().map(|moment| (&RECORDED, *moment));
        let told = |visit: &mut Visit<'_>| {
            stamp(visit, &RECORDED, record.date(), recorded);
            for (field, raw) in ridge.into_iter().flat_map(|ridge| &ridge.times) {
                let value = date::decode(raw);
                stamp(visit, field, raw, value);
                if field.name == MODIFIED.name {
                    visit.compare((&RECORDED, recorded), (field, value));
                    own = value.moment().map(|moment| (*field, *moment)).or(own);
                }
            }
            if let Err(flaw) = outcome {
                visit.flaw(flaw);
            }
        };
        if record.is_own() {
            told(visit);
            return Ok(());
        }
        visit.at(&self.path, told);
        if record.is_folder() || record.size == 0 {
            return Ok(());
        }
        self.content(visit, record, own)
    }

    fn content(
        &mut self,
        visit: &mut Visit<'_>,
        record: &Record<'_>,
        own: Option<(&'static Field, Moment)>,
    ) -> Result<(), Flaw> {
        if record.goes_on() {
            let pieces = Flaw::unsupported(
                "it lies in several pieces, as files beyond 4 GiB do: its content was not looked at",
            );
            visit.at(&self.path, |visit| visit.flaw(pieces));
            return Ok(());
        }
        if !self.seen.insert(record.block) {
            return Ok(());
        }
        let from = u64::from(record.block).saturating_mul(self.block);
        let content = self.extent.part(from, u64::from(record.size));
        let member = Member {
            name: &self.path,
            own,
        };
        visit.extent(member, content)
    }
}

fn stamp(visit: &mut Visit<'_>, field: &'static Field, raw: &[u8], value: Value) {
    visit.stamp(&Stamp::fixed(field, raw, value));
}
