//! What the system says of one file.

use crate::time::Timestamp;
use std::fs::Metadata;

/// What a file is. Only these four differ for an audit of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link itself, not what it points to.
    Symlink,
    /// A FIFO, socket or device: looked at, never opened.
    Special,
}

/// The facts of one file, read in one system call so that they belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// When its content was last written, or what somebody set (`st_mtime`).
    pub modified: Timestamp,
    /// When its inode last changed, which nobody can set (`st_ctime`); `None` where there is none.
    pub changed: Option<Timestamp>,
    /// The file system it is on.
    pub device: u64,
    /// Its number there: the same file under two names has one.
    pub inode: u64,
    /// How many names it has.
    pub links: u64,
}

/// Which file it is, whatever its names: device and inode.
pub type Identity = (u64, u64);

impl Stat {
    /// Which file it is; `None` where the system does not tell.
    pub fn identity(&self) -> Option<Identity> {
        (self.inode != 0).then_some((self.device, self.inode))
    }
}

#[cfg(unix)]
impl Stat {
    /// The facts from what std read.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            kind: kind(metadata),
            modified: from_parts(metadata.mtime(), metadata.mtime_nsec()),
            changed: Some(from_parts(metadata.ctime(), metadata.ctime_nsec())),
            device: metadata.dev(),
            inode: metadata.ino(),
            links: metadata.nlink(),
        }
    }
}

/// When a file was made, from what std read; `None` where the file system does not say.
pub(crate) fn created(metadata: &Metadata) -> Option<Timestamp> {
    metadata.created().ok().map(super::clock::timestamp)
}

#[cfg(unix)]
fn from_parts(seconds: i64, nanos: i64) -> Timestamp {
    Timestamp::from_unix(seconds, u32::try_from(nanos).unwrap_or(0))
}

#[cfg(not(unix))]
impl Stat {
    /// The facts from what std read: no identity is to be had, so every name counts as its own file.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().map(super::clock::timestamp);
        Self {
            kind: kind(metadata),
            modified: modified.unwrap_or(Timestamp::from_unix(0, 0)),
            changed: None,
            device: 0,
            inode: 0,
            links: 1,
        }
    }
}

fn kind(metadata: &Metadata) -> Kind {
    let kind = metadata.file_type();
    if kind.is_file() {
        Kind::File
    } else if kind.is_dir() {
        Kind::Directory
    } else if kind.is_symlink() {
        Kind::Symlink
    } else {
        Kind::Special
    }
}
