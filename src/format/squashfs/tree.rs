//! The tree of folders, by its tables of inodes and of names. No folder is gone into twice.

use super::MODIFIED;
use super::metadata::{Place, Tables};
use crate::bytes::{Flaw, le16, le32};
use crate::format::{Form, Stamp, Visit};
use std::collections::HashSet;

/// The longest path that is followed, in bytes: that of Linux.
const LONGEST: usize = 4096;
/// A folder's kind of inode …
const FOLDER: u16 = 1;
/// … and that of one with more in it.
const LONG_FOLDER: u16 = 8;

/// The tree of folders.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    tables: Tables<'a>,
    inodes: u64,
    names: u64,
    root: u64,
    /// The folders on the way, the outermost first.
    folders: Vec<Folder>,
    path: Vec<u8>,
    /// The inodes of folders that were gone into.
    seen: HashSet<u64>,
}

/// A folder that is being read.
#[derive(Debug)]
struct Folder {
    /// Where its next entry is, and how many bytes of it are left.
    next: Place,
    left: u64,
    /// How many entries there are before the next header, and in which block of inodes they are.
    run: u32,
    block: u32,
    /// How long the path of the one above is.
    above: usize,
}

impl<'a> Tree<'a> {
    /// The tree with these tables, and the reference to the inode of its root.
    pub(super) fn new(tables: Tables<'a>, (inodes, names): (u64, u64), root: u64) -> Self {
        Self {
            tables,
            inodes,
            names,
            root,
            folders: Vec::new(),
            path: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// Tells of all that is in it.
    ///
    /// # Errors
    /// When it has too many entries, or its tables cannot be read.
    pub(super) fn walk(mut self, visit: &mut Visit<'_>) -> Result<(), Flaw> {
        self.inode(visit, self.root, 0)?;
        while let Some(folder) = self.folders.last_mut() {
            if folder.left == 0 {
                self.path.truncate(folder.above);
                self.folders.pop();
                continue;
            }
            visit.entry()?;
            if folder.run == 0 {
                let head: [u8; 12] = self.tables.array(&mut folder.next)?;
                let [count, block] = [0, 4].map(|at| le32(&head, at).unwrap_or(0));
                folder.left = folder.left.saturating_sub(12);
                // It says one less than there are, which are 256 at most.
                folder.run = count.saturating_add(1).min(256);
                folder.block = block;
                continue;
            }
            let entry: [u8; 8] = self.tables.array(&mut folder.next)?;
            let [offset, size] = [0, 6].map(|at| le16(&entry, at).unwrap_or(0));
            let mut name = vec![0; usize::from(size) + 1];
            self.tables.read(&mut folder.next, &mut name)?;
            folder.run -= 1;
            folder.left = folder.left.saturating_sub(9 + u64::from(size));
            let reference = (u64::from(folder.block) << 16) | u64::from(offset);
            let above = self.path.len();
            if above > 0 {
                self.path.push(b'/');
            }
            self.path.extend_from_slice(&name);
            if !self.inode(visit, reference, above)? {
                self.path.truncate(above);
            }
        }
        Ok(())
    }

    /// Tells of one inode, and goes into it if it is a folder: whether it did.
    fn inode(&mut self, visit: &mut Visit<'_>, reference: u64, above: usize) -> Result<bool, Flaw> {
        let mut place = Place {
            block: self.inodes.saturating_add(reference >> 16),
            offset: usize::try_from(reference & 0xffff).unwrap_or(usize::MAX),
        };
        let head: [u8; 16] = self.tables.array(&mut place)?;
        let raw = &head[8..12];
        let stamp = Stamp::fixed(&MODIFIED, raw, Form::Unix32Le.decode(raw));
        if self.path.is_empty() {
            visit.stamp(&stamp);
        } else {
            visit.at(&self.path, |visit| visit.stamp(&stamp));
        }
        let kind = le16(&head, 0).unwrap_or(0);
        if kind != FOLDER && kind != LONG_FOLDER {
            return Ok(false);
        }
        let (block, size, offset) = if kind == FOLDER {
            let body: [u8; 12] = self.tables.array(&mut place)?;
            (
                le32(&body, 0),
                le16(&body, 8).map(u32::from),
                le16(&body, 10),
            )
        } else {
            let body: [u8; 20] = self.tables.array(&mut place)?;
            (le32(&body, 8), le32(&body, 4), le16(&body, 18))
        };
        let why = if self.path.len() > LONGEST {
            "it lies deeper than any path that a system can open: what is in it was not looked at"
        } else if !self.seen.insert(reference) {
            "the image has this folder in two places, which makes a circle or a copy: it was gone into once"
        } else {
            self.folders.push(Folder {
                next: Place {
                    block: self.names.saturating_add(u64::from(block.unwrap_or(0))),
                    offset: usize::from(offset.unwrap_or(0)),
                },
                // It counts the folder itself and the one above as three bytes.
                left: u64::from(size.unwrap_or(0)).saturating_sub(3),
                run: 0,
                block: 0,
                above,
            });
            return Ok(true);
        };
        visit.at(&self.path, |visit| visit.flaw(Flaw::malformed(why)));
        Ok(false)
    }
}
