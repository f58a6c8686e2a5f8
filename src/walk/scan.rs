//! One directory's entries, as both walkers treat them: what is wanted, what is covered by another
//! root, what is gone into.

use super::pattern::Choice;
use super::roots::Covered;
use super::trail::Trail;
use super::{Entry, Fault, Folder, Options, Visitor};
use crate::sys::{Identity, Kind, Stat};
use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;

/// What every directory of one walk shares.
#[derive(Debug)]
pub(super) struct Shared<'walk, V> {
    pub(super) options: &'walk Options,
    pub(super) visitor: &'walk V,
    pub(super) covered: &'walk Covered,
}

impl<V: Visitor> Shared<'_, V> {
    /// A directory could not be read.
    pub(super) fn fault(&self, trail: &Trail, error: &io::Error) {
        let mut batch = self.visitor.begin();
        self.visitor
            .fault(&mut batch, Fault::new(trail.shown(None), error));
        self.visitor.end(batch);
    }
}

/// What a directory hands down to those in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Below {
    /// Whether an include covers all that is in it.
    pub(super) inside: bool,
    /// The file system of the root.
    pub(super) device: u64,
    /// Which directory it is.
    pub(super) identity: Option<Identity>,
}

/// The reading of one directory.
pub(super) struct Scan<'scan, V: Visitor> {
    shared: &'scan Shared<'scan, V>,
    trail: &'scan Trail,
    below: Below,
    folder: &'scan dyn Folder,
    /// Takes what is left to do about an entry.
    defer: &'scan dyn Fn(V::Work),
    /// The directory's path from the base, where a pattern asks for it.
    path: Option<PathBuf>,
    batch: V::Batch,
}

impl<'scan, V: Visitor> Scan<'scan, V> {
    pub(super) fn new(
        shared: &'scan Shared<'scan, V>,
        trail: &'scan Trail,
        below: Below,
        folder: &'scan dyn Folder,
        defer: &'scan dyn Fn(V::Work),
    ) -> Self {
        let path = shared
            .options
            .select
            .needs_paths()
            .then(|| trail.anchored(None));
        let batch = shared.visitor.begin();
        Self {
            shared,
            trail,
            below,
            folder,
            defer,
            path,
            batch,
        }
    }

    /// Shows one entry to the visitor, and says what to hand down if it is to be gone into.
    pub(super) fn entry(&mut self, name: &OsStr, stat: io::Result<Stat>) -> Option<Below> {
        // What could not be looked at may have been a directory, in which anything could be.
        let kind = stat.as_ref().map_or(Kind::Directory, |stat| stat.kind);
        let choice = self.choose(name, kind);
        if choice == Choice::Skip {
            return None;
        }
        let stat = match stat {
            Ok(stat) => stat,
            Err(error) => {
                self.fault_at(Some(name), &error);
                return None;
            }
        };
        let covered = &self.shared.covered;
        if !covered.is_empty() && covered.contains(self.below.identity, name, &stat) {
            return None;
        }
        if choice == Choice::Take {
            let entry = Entry {
                stat,
                trail: self.trail,
                name: Some(name),
                folder: self.folder,
            };
            let work = self.shared.visitor.entry(&mut self.batch, &entry);
            work.into_iter().for_each(self.defer);
        }
        (stat.kind == Kind::Directory).then(|| self.enter(name, &stat, choice))?
    }

    /// Something about the directory itself, or about `name` in it, could not be read.
    pub(super) fn fault_at(&mut self, name: Option<&OsStr>, error: &io::Error) {
        let fault = Fault::new(self.trail.shown(name), error);
        self.shared.visitor.fault(&mut self.batch, fault);
    }

    /// The directory is read.
    pub(super) fn end(self) {
        self.shared.visitor.end(self.batch);
    }

    fn choose(&mut self, name: &OsStr, kind: Kind) -> Choice {
        let select = &self.shared.options.select;
        if select.is_all() {
            return Choice::Take;
        }
        let Some(path) = &mut self.path else {
            return select.choose(name, None, self.below.inside, kind);
        };
        path.push(name);
        let choice = select.choose(name, Some(path), self.below.inside, kind);
        path.pop();
        choice
    }

    fn enter(&mut self, name: &OsStr, stat: &Stat, choice: Choice) -> Option<Below> {
        let options = self.shared.options;
        if options.one_file_system && stat.device != self.below.device {
            return None;
        }
        if self.trail.depth() >= options.depth_limit {
            let fault = Fault::too_deep(self.trail.shown(Some(name)), options.depth_limit);
            self.shared.visitor.fault(&mut self.batch, fault);
            return None;
        }
        let inside = choice == Choice::Take;
        Some(Below {
            inside,
            device: self.below.device,
            identity: stat.identity(),
        })
    }
}
