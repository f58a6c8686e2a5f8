//! The walker for any system: by paths, on walkdir, a rayon task a directory.
//!
//! It goes as far as the longest path that the system takes (`PATH_MAX` on Unix); what lies deeper is
//! a fault.

use super::roots::FoundRoots;
use super::scan::{Below, Scan, Shared};
use super::trail::Trail;
use super::{Options, Visitor};
use crate::sys::{Filesystem, Stat};
use rayon::Scope;
use std::ffi::OsString;
use std::io;
use std::sync::Arc;
use walkdir::WalkDir;

pub(super) fn walk<V: Visitor>(roots: &FoundRoots, options: &Options, visitor: &V) {
    let shared = Shared {
        options,
        visitor,
        covered: &roots.covered,
    };
    roots.visit_directories(options, visitor, |root, inside| {
        let below = Below {
            inside,
            device: root.stat.device,
            identity: root.stat.identity(),
        };
        rayon::scope(|scope| shared.descend(scope, &Arc::new(root.trail()), below));
    });
}

impl<V: Visitor> Shared<'_, V> {
    fn descend<'scope>(&'scope self, scope: &Scope<'scope>, trail: &Arc<Trail>, below: Below) {
        for (name, below) in self.list(trail, below) {
            let trail = Arc::new(trail.below(&name));
            scope.spawn(move |scope| self.descend(scope, &trail, below));
        }
    }

    /// Shows what is in a directory, and gives back what to go into.
    fn list(&self, trail: &Trail, below: Below) -> Vec<(OsString, Below)> {
        let path = trail.shown(None);
        let mount = || Filesystem::of_path(&path);
        let mut scan = Scan::new(self, trail, below, &mount);
        let mut deeper = Vec::new();
        for entry in WalkDir::new(&path).min_depth(1).max_depth(1) {
            if self.visitor.stopped() {
                break;
            }
            match entry {
                Ok(entry) => {
                    let stat = entry
                        .metadata()
                        .map(|found| Stat::of(&found))
                        .map_err(io::Error::from);
                    if let Some(below) = scan.entry(entry.file_name(), stat) {
                        deeper.push((entry.file_name().to_owned(), below));
                    }
                }
                Err(error) => scan.fault_at(None, &io::Error::from(error)),
            }
        }
        scan.end();
        deeper
    }
}
