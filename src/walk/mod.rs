//! Which files there are: every entry below the roots, streamed to a visitor by many threads.
//!
//! Two walkers give the same entries: [`Walker::Beneath`] works relative to directory handles,
//! [`Walker::Portable`] by paths, on walkdir. Neither follows a symbolic link, but for a root that
//! the user named; neither opens anything but directories; neither recurses, so depth costs no
//! stack. What cannot be read is a [`Fault`] and the walk goes on.

mod beneath;
mod handles;
mod pattern;
mod portable;
mod roots;
mod scan;
mod trail;

pub use pattern::{PatternError, Patterns, Select};
pub use roots::{Root, anchored, read_list};
pub use trail::Trail;

use crate::sys::{self, Filesystem, Stat};
use crate::time::Timestamp;
use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// What to walk, and how.
#[derive(Debug)]
pub struct Options {
    /// Where to start.
    pub roots: Vec<Root>,
    /// The folder that patterns with a slash begin in.
    pub base: PathBuf,
    /// Which entries are wanted.
    pub select: Select,
    /// Whether to stay on the file system of each root.
    pub one_file_system: bool,
    /// How many levels below a root to go; deeper ones are a fault.
    pub depth_limit: u32,
    /// How many threads, if there are handles for so many; by default [`default_threads`].
    pub threads: Option<NonZeroUsize>,
    /// Which walker.
    pub walker: Walker,
}

/// A way to walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walker {
    /// Relative to directory handles: a path that is swapped under it leads nowhere else.
    Beneath,
    /// By paths, on walkdir: works everywhere, as far as the system's longest path.
    Portable,
}

impl Default for Walker {
    /// The best this system has.
    fn default() -> Self {
        if sys::HAS_HANDLES {
            Self::Beneath
        } else {
            Self::Portable
        }
    }
}

/// The levels below a root that are walked unless told otherwise: deeper than any build goes, and a
/// bound for file systems that make up directories for ever.
pub const DEPTH_LIMIT: u32 = 16_384;

/// Four threads a processor, from 8 to 64: waiting for a cold disk or a file server wants more
/// threads than computing does, and idle ones cost nothing.
pub fn default_threads() -> NonZeroUsize {
    const FEWEST: NonZeroUsize = NonZeroUsize::new(8).expect("8 is not 0");
    const MOST: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not 0");
    let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    processors
        .saturating_mul(NonZeroUsize::MIN.saturating_add(3))
        .clamp(FEWEST, MOST)
}

/// Takes what a walk finds, from many threads at once.
///
/// What one task finds is gathered in a batch of its own, so that nothing is shared between threads
/// for each entry.
pub trait Visitor: Sync {
    /// What a task gathers.
    type Batch;
    /// A new batch.
    fn begin(&self) -> Self::Batch;
    /// One entry, just read.
    fn entry(&self, batch: &mut Self::Batch, entry: &Entry<'_>);
    /// Something could not be read.
    fn fault(&self, batch: &mut Self::Batch, fault: Fault);
    /// The batch is complete.
    fn end(&self, batch: Self::Batch);
    /// Whether to give up.
    fn stopped(&self) -> bool;
}

/// One file or directory, as it was when it was read.
#[derive(Clone, Copy)]
pub struct Entry<'walk> {
    /// Its facts.
    pub stat: Stat,
    trail: &'walk Trail,
    name: Option<&'walk OsStr>,
    folder: &'walk dyn Folder,
}

impl Entry<'_> {
    /// Its path as a report shows it: the root as it was named, then `/` and what is below.
    pub fn path(&self) -> PathBuf {
        self.trail.shown(self.name)
    }

    /// Its path from the base, which patterns are held against.
    pub fn anchored(&self) -> PathBuf {
        self.trail.anchored(self.name)
    }

    /// The file system it is on; asks the system.
    pub fn filesystem(&self) -> Filesystem {
        self.folder.filesystem()
    }

    /// When it was made; asks the system. `None` where the file system does not say, and for what is
    /// gone by now.
    pub fn created(&self) -> Option<Timestamp> {
        self.folder.created(self.name)
    }
}

/// What can be asked further of the entries of a directory, or of a root.
trait Folder {
    /// The file system that it is on.
    fn filesystem(&self) -> Filesystem;
    /// When an entry was made; without a name, a root.
    fn created(&self, name: Option<&OsStr>) -> Option<Timestamp>;
}

/// A directory by its path.
struct ByPath<'walk>(&'walk Path);

impl Folder for ByPath<'_> {
    fn filesystem(&self) -> Filesystem {
        Filesystem::of_path(self.0)
    }

    fn created(&self, name: Option<&OsStr>) -> Option<Timestamp> {
        let found = std::fs::symlink_metadata(self.0.join(name?));
        sys::created(&found.ok()?)
    }
}

impl fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("path", &self.path())
            .field("stat", &self.stat)
            .finish()
    }
}

/// An artifact that could not be read. The walk goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which.
    pub path: PathBuf,
    /// In what way.
    pub kind: FaultKind,
    /// What the system said.
    pub message: String,
}

/// In what way an artifact could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// It is not permitted.
    Unreadable,
    /// It was to be audited by name, and is not there.
    Missing,
    /// It was listed by its directory, and gone when it was looked at.
    Vanished,
    /// It was a directory when it was listed, and something else when it was opened; a root, another
    /// directory too.
    Changed,
    /// It lies deeper than the limit.
    TooDeep,
    /// The system failed to read it.
    Io,
}

impl FaultKind {
    /// As reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Missing => "missing",
            Self::Vanished => "vanished",
            Self::Changed => "changed",
            Self::TooDeep => "too-deep",
            Self::Io => "io",
        }
    }
}

impl Fault {
    fn new(path: PathBuf, error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::PermissionDenied => FaultKind::Unreadable,
            io::ErrorKind::NotFound => FaultKind::Vanished,
            io::ErrorKind::NotADirectory => FaultKind::Changed,
            _ => FaultKind::Io,
        };
        Self {
            path,
            kind,
            message: error.to_string(),
        }
    }

    /// A path from a list that cannot be looked at: when it is missing, so is a deliverable.
    fn of_root(path: PathBuf, error: &io::Error) -> Self {
        let fault = Self::new(path, error);
        match fault.kind {
            FaultKind::Vanished => Self {
                kind: FaultKind::Missing,
                ..fault
            },
            FaultKind::Missing
            | FaultKind::Unreadable
            | FaultKind::Changed
            | FaultKind::TooDeep
            | FaultKind::Io => fault,
        }
    }

    fn too_deep(path: PathBuf, limit: u32) -> Self {
        let message = format!("deeper than {limit} directories; raise --depth-limit to go on");
        Self {
            path,
            kind: FaultKind::TooDeep,
            message,
        }
    }
}

/// A directory is not there any more, but something else in its place.
fn replaced() -> io::Error {
    io::Error::new(
        io::ErrorKind::NotADirectory,
        "it was replaced while the walk ran",
    )
}

/// Why nothing could be walked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A root that was named cannot be looked at.
    #[error("cannot audit `{path}`")]
    Root {
        /// The root.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// A list of files cannot be read.
    #[error("cannot read the list of files `{path}`")]
    List {
        /// The list.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The current directory is not known.
    #[error("cannot tell the current directory")]
    CurrentDirectory(#[source] io::Error),
    /// The threads cannot be started.
    #[error("cannot start {threads} threads; lower --threads")]
    Threads {
        /// How many were wanted.
        threads: NonZeroUsize,
        /// What the system said.
        source: rayon::ThreadPoolBuildError,
    },
}

/// Walks every root and shows each entry to the visitor once, in no particular order.
///
/// # Errors
/// When a root that was named does not exist or cannot be looked at: nothing is walked then.
pub fn walk<V: Visitor>(options: &Options, visitor: &V) -> Result<(), Error> {
    let found = roots::resolve(options, visitor)?;
    let threads = handles::threads(options.threads.unwrap_or_else(default_threads));
    if found.is_one_flat_file() {
        found.visit_files(options, visitor);
        return Ok(());
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.get())
        .build()
        .map_err(|source| Error::Threads { threads, source })?;
    pool.install(|| {
        found.visit_files(options, visitor);
        match options.walker {
            Walker::Beneath => beneath::walk(&found, options, visitor),
            Walker::Portable => portable::walk(&found, options, visitor),
        }
    });
    Ok(())
}
