//! The walker for any system: by paths, on walkdir, a rayon task a directory.
//!
//! It goes as far as the longest path that the system takes (`PATH_MAX` on Unix); what lies deeper is
//! a fault. So is a directory that has become a link since it was looked at, when that is seen in
//! time: a path can always be swapped the moment after.

use super::roots::FoundRoots;
use super::scan::{Below, Scan, Shared};
use super::trail::Trail;
use super::{ByPath, Options, Visitor, replaced};
use crate::sys::Stat;
use rayon::Scope;
use std::ffi::OsString;
use std::io;
use std::path::Path;
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
        for (name, below) in self.list(scope, trail, below) {
            let trail = Arc::new(trail.below(&name));
            scope.spawn(move |scope| self.descend(scope, &trail, below));
        }
    }

    /// Shows what is in a directory, and gives back what to go into.
    fn list<'scope>(
        &'scope self,
        scope: &Scope<'scope>,
        trail: &Trail,
        below: Below,
    ) -> Vec<(OsString, Below)> {
        let defer = |work| scope.spawn(move |_| self.visitor.work(work));
        let path = trail.shown(None);
        let folder = ByPath(&path);
        let mut scan = Scan::new(self, trail, below, &folder, &defer);
        let mut deeper = Vec::new();
        let at_root = trail.depth() == 0;
        if at_root && !is_still(&path, below) {
            scan.fault_at(None, &replaced());
            scan.end();
            return deeper;
        }
        let listing = WalkDir::new(&path).max_depth(1).follow_root_links(at_root);
        for entry in listing {
            if self.visitor.stopped() {
                break;
            }
            match entry {
                // The directory itself comes first.
                Ok(entry) if entry.depth() == 0 => {
                    if !at_root && !entry.file_type().is_dir() {
                        scan.fault_at(None, &replaced());
                    }
                }
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

/// Whether a root's path still leads to the directory that was looked at. One that leads nowhere is
/// left to the listing, which says why.
fn is_still(path: &Path, below: Below) -> bool {
    std::fs::metadata(path).map_or(true, |found| Stat::of(&found).identity() == below.identity)
}
