//! The walker for Unix: relative to directory handles, so that no path is ever resolved twice.
//!
//! A task goes down level by level and leaves the siblings it passes to whoever is free, so that work
//! in waiting is one directory's list of names and never a task a name. A level keeps its handle
//! while some of its directories wait. When more levels wait than handles may be open, the newest
//! ones give theirs up and are opened again from the root, name by name, never through a link.

use super::roots::{Found, FoundRoots};
use super::scan::{Below, Scan, Shared};
use super::trail::Trail;
use super::{Folder, Options, Visitor, handles, replaced};
use crate::sys::{self, Directory, Filesystem};
use crate::time::Timestamp;
use rayon::Scope;
use std::ffi::{CStr, CString, OsStr};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

pub(super) fn walk<V: Visitor>(roots: &FoundRoots, options: &Options, visitor: &V) {
    let shared = Shared {
        options,
        visitor,
        covered: &roots.covered,
    };
    let spare = AtomicUsize::new(handles::spare(rayon::current_num_threads()));
    roots.visit_directories(options, visitor, |root, inside| {
        let walk = Walk {
            shared: &shared,
            root,
            spare: &spare,
        };
        let below = Below {
            inside,
            device: root.stat.device,
            identity: root.stat.identity(),
        };
        rayon::scope(|scope| walk.start(scope, below));
    });
}

/// The walk below one root.
struct Walk<'walk, V> {
    shared: &'walk Shared<'walk, V>,
    root: &'walk Found,
    /// How many more levels may keep their handle.
    spare: &'walk AtomicUsize,
}

/// A directory that was read, with those in it that wait to be.
struct Level<'walk> {
    trail: Arc<Trail>,
    handle: Option<Kept<'walk>>,
    waiting: Vec<(CString, Below)>,
    /// The first that nobody has taken.
    next: AtomicUsize,
    /// Whether a task for the rest is on offer already.
    offered: AtomicBool,
}

/// A handle that counts against the spare ones until it is dropped.
struct Kept<'walk> {
    directory: Directory,
    spare: &'walk AtomicUsize,
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        self.spare.fetch_add(1, Ordering::Relaxed);
    }
}

impl<V: Visitor> Walk<'_, V> {
    fn start<'scope>(&'scope self, scope: &Scope<'scope>, below: Below) {
        let trail = Arc::new(self.root.trail());
        match self.open_root() {
            Ok(directory) => {
                if let Some((level, own)) = self.read(scope, directory, trail, below) {
                    self.descend(scope, Arc::new(level), own);
                }
            }
            Err(error) => self.shared.fault(&trail, &error),
        }
    }

    /// Takes the directories of a level one after the other, and goes down into the first that has
    /// some of its own; the rest is on offer to other threads meanwhile.
    ///
    /// `own` is the handle of a level that was just read and may not keep it while it waits.
    fn descend<'scope>(
        &'scope self,
        scope: &Scope<'scope>,
        mut level: Arc<Level<'scope>>,
        mut own: Option<Directory>,
    ) {
        loop {
            level.offered.store(false, Ordering::Relaxed);
            match self.descend_once(scope, &level, own) {
                Some((below, handle)) => (level, own) = (Arc::new(below), handle),
                None => return,
            }
        }
    }

    /// Reads the waiting directories of one level until one has directories of its own: those.
    fn descend_once<'scope>(
        &'scope self,
        scope: &Scope<'scope>,
        level: &Arc<Level<'scope>>,
        own: Option<Directory>,
    ) -> Option<(Level<'scope>, Option<Directory>)> {
        let opened;
        let handle = if let Some(kept) = &level.handle {
            &kept.directory
        } else {
            opened = match own {
                Some(own) => own,
                None => self.reopen(level)?,
            };
            &opened
        };
        loop {
            let at = level.next.fetch_add(1, Ordering::Relaxed);
            let (name, below) = level.waiting.get(at)?;
            if self.shared.visitor.stopped() {
                return None;
            }
            if at + 1 < level.waiting.len() && !level.offered.swap(true, Ordering::Relaxed) {
                let rest = Arc::clone(level);
                scope.spawn(move |scope| self.descend(scope, rest, None));
            }
            let trail = Arc::new(level.trail.below(sys::file_name(name)));
            match handle.open_child(name) {
                Ok(directory) => {
                    let deeper = self.read(scope, directory, trail, *below);
                    if deeper.is_some() {
                        return deeper;
                    }
                }
                Err(error) => self.shared.fault(&trail, &error),
            }
        }
    }

    /// Shows what is in a directory, and gives back the level below if there is one, with its handle
    /// beside it where there is none to spare.
    fn read<'scope>(
        &'scope self,
        scope: &Scope<'scope>,
        directory: Directory,
        trail: Arc<Trail>,
        below: Below,
    ) -> Option<(Level<'scope>, Option<Directory>)> {
        let mut waiting = Vec::new();
        let visitor = self.shared.visitor;
        let defer = |work| scope.spawn(move |_| visitor.work(work));
        let mut scan = Scan::new(self.shared, &trail, below, &directory, &defer);
        let listed = directory.for_each_name(|name| {
            let stat = directory.stat(name);
            if let Some(below) = scan.entry(sys::file_name(name), stat) {
                waiting.push((name.to_owned(), below));
            }
            !self.shared.visitor.stopped()
        });
        if let Err(error) = listed {
            scan.fault_at(None, &error);
        }
        scan.end();
        if waiting.is_empty() {
            return None;
        }
        let (handle, own) = self.keep(directory);
        let level = Level {
            trail,
            handle,
            waiting,
            next: AtomicUsize::new(0),
            offered: AtomicBool::new(false),
        };
        Some((level, own))
    }

    /// Keeps a handle if there is one to spare, or else gives it back.
    fn keep(&self, directory: Directory) -> (Option<Kept<'_>>, Option<Directory>) {
        let take = |spare: usize| spare.checked_sub(1);
        let taken = self
            .spare
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        if taken.is_err() {
            return (None, Some(directory));
        }
        // Made only when one was taken: where it is dropped, one is given back.
        let kept = Kept {
            directory,
            spare: self.spare,
        };
        (Some(kept), None)
    }

    /// Opens the root, if its path still leads to the directory that was looked at.
    fn open_root(&self) -> io::Result<Directory> {
        let directory = Directory::open(&self.root.path)?;
        if directory.own_stat()?.identity() == self.root.stat.identity() {
            Ok(directory)
        } else {
            Err(replaced())
        }
    }

    /// Opens a level again that gave up its handle; `None`, and a fault, when the way is gone.
    fn reopen(&self, level: &Level<'_>) -> Option<Directory> {
        let open = || -> io::Result<Directory> {
            let mut at = self.open_root()?;
            for name in level.trail.names() {
                at = at.open_child(&sys::c_name(name)?)?;
            }
            Ok(at)
        };
        match open() {
            Ok(directory) => Some(directory),
            Err(error) => {
                // Nobody else can go on there either.
                let left = level.next.swap(level.waiting.len(), Ordering::Relaxed);
                for (name, _) in level.waiting.get(left..).unwrap_or_default() {
                    let trail = level.trail.below(sys::file_name(name));
                    self.shared.fault(&trail, &error);
                }
                None
            }
        }
    }
}

impl Folder for Directory {
    fn filesystem(&self) -> Filesystem {
        self.filesystem()
    }

    fn open(&self, name: Option<&OsStr>) -> io::Result<File> {
        self.open_file(&sys::c_name(name.unwrap_or_default())?)
    }

    fn created(&self, name: Option<&OsStr>) -> Option<Timestamp> {
        self.created(&sys::c_name(name?).ok()?)
    }
}

impl std::fmt::Debug for Level<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&CStr> = self
            .waiting
            .iter()
            .map(|(name, _)| name.as_c_str())
            .collect();
        f.debug_struct("Level")
            .field("trail", &self.trail)
            .field("waiting", &names)
            .finish()
    }
}
