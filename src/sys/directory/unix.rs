//! Directory handles by POSIX.1-2008: `openat`, `fdopendir`, `fstatat`.

use crate::sys::{Filesystem, Kind, Stat};
use crate::time::Timestamp;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;
use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

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
        match openat(&self.0, name, OPEN | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(handle) => Ok(Self(handle)),
            // Of a link some systems say these, where Linux says that it is no directory.
            Err(Errno::LOOP | Errno::MLINK) => Err(Errno::NOTDIR.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a file in this directory to read it; fails on a link, and never waits for a FIFO's writer.
    pub(crate) fn open_file(&self, name: &CStr) -> io::Result<File> {
        Ok(openat(&self.0, name, FILE, Mode::empty())?.into())
    }

    /// The facts of what bears this name, a link itself included.
    pub(crate) fn stat(&self, name: &CStr) -> io::Result<Stat> {
        Ok(from_stat(&statat(
            &self.0,
            name,
            AtFlags::SYMLINK_NOFOLLOW,
        )?))
    }

    /// The facts of the directory itself.
    pub(crate) fn own_stat(&self) -> io::Result<Stat> {
        Ok(from_stat(&fstat(&self.0)?))
    }

    /// When what bears this name was made: POSIX does not say.
    pub(crate) fn created(&self, _name: &CStr) -> Option<Timestamp> {
        None
    }

    /// The file system it is on.
    pub(crate) fn filesystem(&self) -> Filesystem {
        Filesystem::of_handle(&self.0)
    }

    /// Calls `each` with every name in the directory but `.` and `..` until it says no.
    pub(crate) fn for_each_name(&self, mut each: impl FnMut(&CStr) -> bool) -> io::Result<()> {
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name();
            if name != c"." && name != c".." && !each(name) {
                break;
            }
        }
        Ok(())
    }
}

#[cfg_attr(
    target_vendor = "apple",
    expect(clippy::cast_sign_loss, reason = "a device is a number, not an amount")
)]
fn from_stat(found: &rustix::fs::Stat) -> Stat {
    let at = |seconds, nanos| Timestamp::from_unix(seconds, u32::try_from(nanos).unwrap_or(0));
    Stat {
        kind: match FileType::from_raw_mode(found.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Directory,
            FileType::Symlink => Kind::Symlink,
            FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => Kind::Special,
        },
        modified: at(found.st_mtime, found.st_mtime_nsec),
        changed: Some(at(found.st_ctime, found.st_ctime_nsec)),
        // Widths and signs differ from system to system; only equality is ever asked, also with what
        // std makes of it.
        device: found.st_dev as u64,
        inode: found.st_ino,
        links: u64::from(found.st_nlink),
    }
}
