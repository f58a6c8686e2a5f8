//! The way from a root to a directory. Paths are put together from it only for what is reported or
//! held against a pattern.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A directory's place: its own name and the way to its parent, or a root.
#[derive(Debug)]
pub struct Trail {
    up: Option<Arc<Self>>,
    /// The own name; of a root, the path as reports show it.
    name: Box<OsStr>,
    /// Of a root, its path from the base of the patterns; empty for the base itself.
    anchor: Box<OsStr>,
    depth: u32,
}

impl Trail {
    /// Where a walk starts.
    pub(super) fn root(shown: &OsStr, anchor: &OsStr) -> Self {
        Self {
            up: None,
            name: shown.into(),
            anchor: anchor.into(),
            depth: 0,
        }
    }

    /// A directory in this one.
    pub(super) fn below(self: &Arc<Self>, name: &OsStr) -> Self {
        Self {
            up: Some(Arc::clone(self)),
            name: name.into(),
            anchor: Box::default(),
            depth: self.depth + 1,
        }
    }

    /// The own name; of a root, the last of its path.
    pub(super) fn own_name(&self) -> &OsStr {
        Path::new(&self.name).file_name().unwrap_or(&self.name)
    }

    /// How many levels below its root.
    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// The names from below the root down to this directory.
    pub(super) fn names(&self) -> Vec<&OsStr> {
        let mut names = Vec::new();
        let mut at = self;
        while let Some(up) = &at.up {
            names.push(&*at.name);
            at = up;
        }
        names.reverse();
        names
    }

    /// The path of `name` in this directory, or of the directory itself, as reports show it.
    pub(super) fn shown(&self, name: Option<&OsStr>) -> PathBuf {
        let root = self.top();
        let below = self.up.is_some() || name.is_some();
        // What is below the current directory needs no `./` before it.
        let start = if below && &*root.name == "." {
            OsStr::new("")
        } else {
            &*root.name
        };
        self.joined(start, name)
    }

    /// The same from the base of the patterns.
    pub(super) fn anchored(&self, name: Option<&OsStr>) -> PathBuf {
        self.joined(&self.top().anchor, name)
    }

    fn top(&self) -> &Self {
        let mut at = self;
        while let Some(up) = &at.up {
            at = up;
        }
        at
    }

    fn joined(&self, start: &OsStr, name: Option<&OsStr>) -> PathBuf {
        let mut path = OsString::from(start);
        for piece in self.names().into_iter().chain(name) {
            if !path.is_empty() && !path.as_encoded_bytes().ends_with(b"/") {
                path.push("/");
            }
            path.push(piece);
        }
        PathBuf::from(path)
    }
}

/// Takes a long way apart step by step: the drop that the compiler writes would call itself once a
/// level.
impl Drop for Trail {
    fn drop(&mut self) {
        let mut next = self.up.take();
        while let Some(mut trail) = next.and_then(Arc::into_inner) {
            next = trail.up.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Trail;
    use std::ffi::OsStr;
    use std::path::Path;
    use std::sync::Arc;

    fn below(root: &str, anchor: &str) -> Trail {
        let root = Arc::new(Trail::root(OsStr::new(root), OsStr::new(anchor)));
        Arc::new(root.below(OsStr::new("a"))).below(OsStr::new("b"))
    }

    #[test]
    fn a_path_starts_as_the_root_was_named() {
        let file = Some(OsStr::new("f"));
        assert_eq!(
            below("dist", "sub/dist").shown(file),
            Path::new("dist/a/b/f")
        );
        assert_eq!(
            below("dist", "sub/dist").anchored(file),
            Path::new("sub/dist/a/b/f")
        );
        assert_eq!(below("/", "/").shown(None), Path::new("/a/b"));
        assert_eq!(below(".", "").shown(file), Path::new("a/b/f"));
        assert_eq!(below(".", "").anchored(None), Path::new("a/b"));
        assert_eq!(
            Trail::root(OsStr::new("."), OsStr::new("")).shown(None),
            Path::new(".")
        );
    }

    #[test]
    fn a_very_long_way_is_dropped_without_recursion() {
        let mut at = Arc::new(Trail::root(OsStr::new("."), OsStr::new("")));
        for _ in 0..1_000_000 {
            at = Arc::new(at.below(OsStr::new("d")));
        }
        assert_eq!(at.depth(), 1_000_000);
        drop(at);
    }
}
