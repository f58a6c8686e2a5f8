//! Directory handles by `openat`, `getdents64` and `statx`.

use crate::sys::{Filesystem, Kind, Stat};
use crate::time::Timestamp;
use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RawDir, Statx, StatxFlags, StatxTimestamp, openat, statx,
};
use rustix::io::Errno;
use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;

/// As much as the kernel hands out at once: fewer calls for a large directory, still small on a
/// stack.
const BUFFER: usize = 64 * 1024;

const OPEN: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK);

const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// An open directory.
#[derive(Debug)]
pub(crate) struct Directory(OwnedFd);

impl Directory {
    /// Opens a root. A link is followed here and nowhere else: the user named it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(openat(CWD, path, OPEN, Mode::empty())?))
    }

    /// Opens a directory in this one; fails on a link.
    pub(crate) fn open_child(&self, name: &CStr) -> io::Result<Self> {
        Ok(Self(openat(
            &self.0,
            name,
            OPEN | OFlags::NOFOLLOW,
            Mode::empty(),
        )?))
    }

    /// Opens a file in this directory to read it, without leaving a trace where the system lets us; fails on a link,
    /// and never waits for a FIFO's writer.
    pub(crate) fn open_file(&self, name: &CStr) -> io::Result<File> {
        let quiet = openat(&self.0, name, FILE | OFlags::NOATIME, Mode::empty());
        // Only a file's owner may leave its access time alone.
        let opened = match quiet {
            Err(Errno::PERM) => openat(&self.0, name, FILE, Mode::empty()),
            other => other,
        };
        Ok(opened?.into())
    }

    /// The facts of what bears this name, a link itself included. Mounts nothing.
    pub(crate) fn stat(&self, name: &CStr) -> io::Result<Stat> {
        self.look(name, AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT)
    }

    /// The facts of the directory itself.
    pub(crate) fn own_stat(&self) -> io::Result<Stat> {
        self.look(c"", AtFlags::EMPTY_PATH)
    }

    /// When what bears this name was made (`stx_btime`); `None` where the file system does not say.
    ///
    /// Apart from [`Directory::stat`], because most entries need not be asked: many file systems keep
    /// it further from the rest, and it never changes.
    pub(crate) fn created(&self, name: &CStr) -> Option<Timestamp> {
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
        let found = statx(&self.0, name, flags, StatxFlags::BTIME).ok()?;
        let has_birth = found.stx_mask & StatxFlags::BTIME.bits() != 0;
        has_birth.then(|| timestamp(found.stx_btime))
    }

    fn look(&self, name: &CStr, flags: AtFlags) -> io::Result<Stat> {
        let wanted = StatxFlags::TYPE
            | StatxFlags::MTIME
            | StatxFlags::CTIME
            | StatxFlags::INO
            | StatxFlags::NLINK;
        Ok(from_statx(&statx(&self.0, name, flags, wanted)?))
    }

    /// The file system it is on.
    pub(crate) fn filesystem(&self) -> Filesystem {
        Filesystem::of_handle(&self.0)
    }

    /// Calls `each` with every name in the directory but `.` and `..` until it says no, as the file system lists
    /// them.
    pub(crate) fn for_each_name(&self, mut each: impl FnMut(&CStr) -> bool) -> io::Result<()> {
        let mut buffer = [MaybeUninit::uninit(); BUFFER];
        let mut entries = RawDir::new(&self.0, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            if name != c"." && name != c".." && !each(name) {
                break;
            }
        }
        Ok(())
    }
}

fn from_statx(found: &Statx) -> Stat {
    Stat {
        kind: match FileType::from_raw_mode(u32::from(found.stx_mode)) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Directory,
            FileType::Symlink => Kind::Symlink,
            FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => Kind::Special,
        },
        modified: timestamp(found.stx_mtime),
        changed: Some(timestamp(found.stx_ctime)),
        device: rustix::fs::makedev(found.stx_dev_major, found.stx_dev_minor),
        inode: found.stx_ino,
        links: u64::from(found.stx_nlink),
    }
}

const fn timestamp(at: StatxTimestamp) -> Timestamp {
    Timestamp::from_unix(at.tv_sec, at.tv_nsec)
}
