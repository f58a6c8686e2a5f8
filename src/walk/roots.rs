//! Where a walk starts: the paths that were named or listed, each looked at once, none walked twice.

use super::trail::Trail;
use super::{Entry, Error, Fault, Folder, Options, Visitor};
use crate::sys::{self, Filesystem, Identity, Kind, Stat};
use crate::time::Timestamp;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;
use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, BufRead};
use std::path::{Component, Path, PathBuf};

/// A path to start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    path: PathBuf,
    listed: bool,
}

impl Root {
    /// A path that the user named: it must exist, and a link is followed.
    pub fn named(path: impl Into<PathBuf>) -> Self {
        Self {
            path: tidy(&path.into()),
            listed: false,
        }
    }

    /// A path from a list: missing, it is a fault, and a link is an entry of its own.
    pub fn listed(path: impl Into<PathBuf>) -> Self {
        Self {
            path: tidy(&path.into()),
            listed: true,
        }
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The path without `.` and doubled slashes, which would show in every path below. `..` stays: what
/// it means depends on links.
fn tidy(path: &Path) -> PathBuf {
    let tidied: PathBuf = path
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect();
    if tidied.as_os_str().is_empty() && !path.as_os_str().is_empty() {
        return PathBuf::from(".");
    }
    tidied
}

/// The path from `base`, as patterns see it; absolute where it is not below.
pub fn anchored(path: &Path, current: &Path, base: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in current.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => plain.push(part),
        }
    }
    plain
        .strip_prefix(base)
        .map(Path::to_path_buf)
        .unwrap_or(plain)
}

/// Reads a list of paths, a line each, or with `nul` a NUL after each. Empty ones are passed over.
///
/// # Errors
/// When the list cannot be read to its end.
pub fn read_list(mut list: impl BufRead, name: &str, nul: bool) -> Result<Vec<Root>, Error> {
    let mut roots = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        let delimiter = if nul { 0 } else { b'\n' };
        let read = list.read_until(delimiter, &mut line);
        let refused = |source| Error::List {
            path: name.to_owned(),
            source,
        };
        if read.map_err(refused)? == 0 {
            return Ok(roots);
        }
        if line.last() == Some(&delimiter) {
            line.pop();
        }
        if !nul && line.last() == Some(&b'\r') {
            line.pop();
        }
        if !line.is_empty() {
            let path = sys::path_from_bytes(&line).map_err(refused)?;
            roots.push(Root::listed(path));
        }
    }
}

/// A root that was looked at.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) anchor: PathBuf,
    pub(super) stat: Stat,
}

impl Found {
    /// The start of the way to all that is below it.
    pub(super) fn trail(&self) -> Trail {
        Trail::root(self.path.as_os_str(), self.anchor.as_os_str())
    }

    /// Shows the root itself to the visitor.
    fn visit<V: Visitor>(&self, visitor: &V, batch: &mut V::Batch) -> Option<V::Work> {
        let trail = self.trail();
        let entry = Entry {
            stat: self.stat,
            trail: &trail,
            name: None,
            folder: self,
        };
        visitor.entry(batch, &entry)
    }
}

impl Folder for Found {
    fn filesystem(&self) -> Filesystem {
        Filesystem::of_path(&self.path)
    }

    fn open(&self, _name: Option<&OsStr>) -> io::Result<fs::File> {
        // A link to it is followed: the user named it.
        let path = fs::canonicalize(&self.path)?;
        sys::open_regular(&path)
    }

    fn created(&self, _name: Option<&OsStr>) -> Option<Timestamp> {
        // As it was looked at: a link that was followed is what it leads to.
        let found = match self.stat.kind {
            Kind::Symlink => fs::symlink_metadata(&self.path),
            Kind::File | Kind::Directory | Kind::Special => fs::metadata(&self.path),
        };
        sys::created(&found.ok()?)
    }
}

/// The roots of one walk, and what must not be walked again from above.
#[derive(Debug, Default)]
pub(super) struct FoundRoots {
    files: Vec<Found>,
    pub(super) directories: Vec<Found>,
    pub(super) covered: Covered,
}

/// What is a root of its own, so that a walk that meets it passes it over.
#[derive(Debug, Default)]
pub(super) struct Covered {
    directories: HashSet<Identity>,
    /// By directory: which names in it.
    files: HashMap<Identity, HashSet<OsString>>,
}

impl Covered {
    /// Whether anything is covered at all.
    pub(super) fn is_empty(&self) -> bool {
        self.directories.is_empty() && self.files.is_empty()
    }

    /// Whether `name` in the directory `parent` is walked as a root.
    pub(super) fn contains(&self, parent: Option<Identity>, name: &OsStr, stat: &Stat) -> bool {
        match stat.kind {
            Kind::Directory => stat
                .identity()
                .is_some_and(|own| self.directories.contains(&own)),
            Kind::File | Kind::Symlink | Kind::Special => parent
                .and_then(|parent| self.files.get(&parent))
                .is_some_and(|names| names.contains(name)),
        }
    }
}

/// Looks at every root. A listed one that cannot be looked at is a fault, a named one an error.
pub(super) fn resolve<V: Visitor>(options: &Options, visitor: &V) -> Result<FoundRoots, Error> {
    let current = std::env::current_dir().map_err(Error::CurrentDirectory)?;
    let mut found = FoundRoots::default();
    let mut batch = visitor.begin();
    let several = options.roots.len() > 1;
    let mut parents = Parents::default();
    for root in &options.roots {
        let metadata = if root.listed {
            fs::symlink_metadata(&root.path)
        } else {
            fs::metadata(&root.path)
        };
        let stat = match metadata {
            Ok(metadata) => Stat::of(&metadata),
            Err(error) if root.listed => {
                visitor.fault(&mut batch, Fault::of_root(root.path.clone(), &error));
                continue;
            }
            Err(source) => {
                return Err(Error::Root {
                    path: root.path.display().to_string(),
                    source,
                });
            }
        };
        let anchor = anchored(&root.path, &current, &options.base);
        let start = Found {
            path: root.path.clone(),
            anchor,
            stat,
        };
        if several && found.covered.add(&start, &mut parents) == Added::Twice {
            continue;
        }
        match stat.kind {
            Kind::Directory => found.directories.push(start),
            Kind::File | Kind::Symlink | Kind::Special => found.files.push(start),
        }
    }
    visitor.end(batch);
    Ok(found)
}

impl FoundRoots {
    /// Whether there is so little to do that no thread is worth its start.
    pub(super) fn is_one_flat_file(&self) -> bool {
        self.directories.is_empty() && self.files.len() <= 1
    }

    /// Shows the roots that are no directories.
    pub(super) fn visit_files<V: Visitor>(
        &self,
        options: &Options,
        visitor: &V,
        defer: &(dyn Fn(V::Work) + Sync),
    ) {
        /// Enough for a batch to be worth a task.
        const CHUNK: usize = 256;
        let visit = |files: &[Found]| {
            let mut batch = visitor.begin();
            for file in files
                .iter()
                .filter(|file| options.select.includes(&file.anchor))
            {
                file.visit(visitor, &mut batch).into_iter().for_each(defer);
            }
            visitor.end(batch);
        };
        if self.files.len() <= CHUNK {
            visit(&self.files);
        } else {
            self.files.par_chunks(CHUNK).for_each(visit);
        }
    }

    /// Shows the roots that are directories, and hands each to `descend`.
    pub(super) fn visit_directories<V: Visitor>(
        &self,
        options: &Options,
        visitor: &V,
        descend: impl Fn(&Found, bool) + Sync,
    ) {
        self.directories.par_iter().for_each(|root| {
            let inside = options.select.includes(&root.anchor);
            if inside {
                let mut batch = visitor.begin();
                // A directory leaves nothing to do.
                let _none = root.visit(visitor, &mut batch);
                visitor.end(batch);
            }
            descend(root, inside);
        });
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Added {
    Once,
    Twice,
}

impl Covered {
    fn add(&mut self, root: &Found, parents: &mut Parents) -> Added {
        let new = match root.stat.kind {
            Kind::Directory => root
                .stat
                .identity()
                .is_none_or(|own| self.directories.insert(own)),
            Kind::File | Kind::Symlink | Kind::Special => {
                match (parents.of(&root.path), root.path.file_name()) {
                    (Some(parent), Some(name)) => self
                        .files
                        .entry(parent)
                        .or_default()
                        .insert(name.to_owned()),
                    _ => true,
                }
            }
        };
        if new { Added::Once } else { Added::Twice }
    }
}

/// Which directory a path is in. Lists name file after file of one directory, so the last answer is
/// kept.
#[derive(Debug, Default)]
struct Parents {
    last: Option<(PathBuf, Option<Identity>)>,
}

impl Parents {
    fn of(&mut self, path: &Path) -> Option<Identity> {
        let parent = match path.parent()? {
            empty if empty.as_os_str().is_empty() => Path::new("."),
            parent => parent,
        };
        if let Some((_, known)) = self.last.as_ref().filter(|(last, _)| last == parent) {
            return *known;
        }
        let identity = fs::metadata(parent)
            .ok()
            .and_then(|found| Stat::of(&found).identity());
        self.last = Some((parent.to_owned(), identity));
        identity
    }
}

#[cfg(test)]
mod tests {
    use super::{Root, anchored, read_list, tidy};
    use std::path::Path;

    #[test]
    fn a_root_is_tidied_but_never_resolved() {
        for (given, tidied) in [
            ("./dist/", "dist"),
            ("dist//a/./b", "dist/a/b"),
            (".", "."),
            ("./", "."),
            ("/", "/"),
            ("../x/../y", "../x/../y"),
        ] {
            assert_eq!(tidy(Path::new(given)), Path::new(tidied));
        }
    }

    #[test]
    fn patterns_see_the_path_from_the_base() {
        let see = |path: &str| {
            anchored(
                Path::new(path),
                Path::new("/work/project/sub"),
                Path::new("/work/project"),
            )
        };
        assert_eq!(see("dist"), Path::new("sub/dist"));
        assert_eq!(see("../dist"), Path::new("dist"));
        assert_eq!(see(".."), Path::new(""));
        assert_eq!(see("/usr/lib"), Path::new("/usr/lib"));
        assert_eq!(see("../../other"), Path::new("/work/other"));
    }

    #[test]
    fn a_list_keeps_newlines_only_between_nuls() {
        let read = |bytes: &[u8], nul| read_list(bytes, "list", nul).unwrap();
        assert_eq!(
            read(b"a\n\nb\r\n./c", false),
            ["a", "b", "c"].map(Root::listed)
        );
        assert_eq!(read(b"a\nb\0c\0", true), ["a\nb", "c"].map(Root::listed));
        assert_eq!(read(b"", true), []);
    }
}
