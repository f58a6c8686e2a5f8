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

pub use handles::DEFERRED;
pub use pattern::{PatternError, Patterns, Select};
pub use roots::{Root, anchored, read_list};
pub use trail::Trail;

use crate::bytes::{Flaw, FlawKind, OpenFile};
use crate::sys::{self, Filesystem, Stat};
use crate::time::Timestamp;
use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

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
    /// What is left to do about an entry, for any thread that is free.
    type Work: Send;
    /// A new batch.
    fn begin(&self) -> Self::Batch;
    /// One entry, just read. What takes long is handed back, so that it does not hold up the rest of its
    /// directory; no more than [`DEFERRED`] may hold a file open at a time.
    fn entry(&self, batch: &mut Self::Batch, entry: &Entry<'_>) -> Option<Self::Work>;
    /// Does what was left to do.
    fn work(&self, work: Self::Work);
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

    /// Its name; of a root, that of its path.
    pub fn name(&self) -> &OsStr {
        self.name.unwrap_or_else(|| self.trail.own_name())
    }

    /// Opens it to read it, if it is the file that was looked at.
    ///
    /// # Errors
    /// When it cannot be opened, or something else bears its name by now.
    pub fn open(&self) -> io::Result<OpenFile> {
        let file = self.folder.open(self.name)?;
        let found = Stat::of(&file.metadata()?);
        if found.kind != self.stat.kind || found.identity() != self.stat.identity() {
            return Err(replaced());
        }
        OpenFile::new(file)
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
    /// Opens an entry that is a file; without a name, a root.
    fn open(&self, name: Option<&OsStr>) -> io::Result<File>;
    /// When an entry was made; without a name, a root.
    fn created(&self, name: Option<&OsStr>) -> Option<Timestamp>;
}

/// A directory by its path.
struct ByPath<'walk>(&'walk Path);

impl Folder for ByPath<'_> {
    fn filesystem(&self) -> Filesystem {
        Filesystem::of_path(self.0)
    }

    fn open(&self, name: Option<&OsStr>) -> io::Result<File> {
        sys::open_regular(&self.0.join(name.unwrap_or_default()))
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
    /// The way to what inside it, names joined by `!`; `None` for the artifact itself.
    pub member: Option<Vec<u8>>,
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
    /// It was opened for the times inside, and could not be read to its end.
    Inside(FlawKind),
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
            Self::Inside(kind) => kind.name(),
        }
    }
}

impl Fault {
    /// What the system said of a path.
    pub fn new(path: PathBuf, error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::PermissionDenied => FaultKind::Unreadable,
            io::ErrorKind::NotFound => FaultKind::Vanished,
            io::ErrorKind::NotADirectory => FaultKind::Changed,
            _ => FaultKind::Io,
        };
        Self {
            path,
            member: None,
            kind,
            message: error.to_string(),
        }
    }

    /// How it is sorted among the faults of one report.
    pub fn order(&self) -> (&Path, Option<&[u8]>, FaultKind, &str) {
        (&self.path, self.member.as_deref(), self.kind, &self.message)
    }

    /// What is wrong inside an artifact.
    pub fn inside(path: PathBuf, member: &[u8], flaw: &Flaw) -> Self {
        Self {
            path,
            member: (!member.is_empty()).then(|| member.to_vec()),
            kind: FaultKind::Inside(flaw.kind),
            message: flaw.message.to_string(),
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
            | FaultKind::Io
            | FaultKind::Inside(_) => fault,
        }
    }

    fn too_deep(path: PathBuf, limit: u32) -> Self {
        let message = format!("deeper than {limit} directories; raise --depth-limit to go on");
        Self {
            path,
            member: None,
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
    let pool = || {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .build()
            .map_err(|source| Error::Threads { threads, source })
    };
    if found.is_one_flat_file() {
        let left = Mutex::new(Vec::new());
        let keep = |work| {
            left.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(work);
        };
        found.visit_files(options, visitor, &keep);
        let left = left.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !left.is_empty() {
            pool()?.install(|| left.into_iter().for_each(|work| visitor.work(work)));
        }
        return Ok(());
    }
    pool()?.install(|| {
        rayon::scope(|scope| {
            let defer = |work| scope.spawn(move |_| visitor.work(work));
            found.visit_files(options, visitor, &defer);
            match options.walker {
                Walker::Beneath => beneath::walk(&found, options, visitor),
                Walker::Portable => portable::walk(&found, options, visitor),
            }
        });
    });
    Ok(())
}
