//! Directories as handles: what is opened or looked at is named relative to one, so that a path
//! swapped for a symbolic link half way cannot lead anywhere else.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(all(unix, not(target_os = "linux")))]
mod unix;

#[cfg(target_os = "linux")]
pub(crate) use linux::Directory;
#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) use unix::Directory;

/// Whether this system has directory handles.
pub(crate) const HAS_HANDLES: bool = cfg!(unix);

use std::ffi::{CStr, CString, OsStr};
use std::io;
use std::path::PathBuf;

/// A name as a directory handle takes it, as part of a path.
#[cfg(unix)]
pub(crate) fn file_name(name: &CStr) -> &OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(name.to_bytes())
}

/// A name as a directory handle takes it: there are none here.
#[cfg(not(unix))]
pub(crate) fn file_name(name: &CStr) -> &OsStr {
    OsStr::new(name.to_str().unwrap_or_default())
}

/// Part of a path as a directory handle takes it.
pub(crate) fn c_name(name: &OsStr) -> io::Result<CString> {
    Ok(CString::new(name.as_encoded_bytes())?)
}

/// A path from the bytes of a list.
#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "elsewhere not all bytes are a path"
)]
pub(crate) fn path_from_bytes(bytes: &[u8]) -> io::Result<PathBuf> {
    Ok(PathBuf::from(
        <OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes),
    ))
}

/// A path from the bytes of a list, which must be UTF-8 here.
#[cfg(not(unix))]
pub(crate) fn path_from_bytes(bytes: &[u8]) -> io::Result<PathBuf> {
    let text = std::str::from_utf8(bytes);
    text.map(PathBuf::from)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// A system without directory handles has none to open.
#[cfg(not(unix))]
pub(crate) use absent::Directory;

#[cfg(not(unix))]
mod absent {
    use crate::sys::{Filesystem, Stat};
    use crate::time::Timestamp;
    use std::ffi::CStr;
    use std::fs::File;
    use std::io;
    use std::path::Path;

    /// A directory handle, which no value is.
    #[derive(Debug)]
    pub(crate) enum Directory {}

    impl Directory {
        pub(crate) fn open(_path: &Path) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(crate) fn open_child(&self, _name: &CStr) -> io::Result<Self> {
            match *self {}
        }

        pub(crate) fn open_file(&self, _name: &CStr) -> io::Result<File> {
            match *self {}
        }

        pub(crate) fn stat(&self, _name: &CStr) -> io::Result<Stat> {
            match *self {}
        }

        pub(crate) fn created(&self, _name: &CStr) -> Option<Timestamp> {
            match *self {}
        }

        pub(crate) fn own_stat(&self) -> io::Result<Stat> {
            match *self {}
        }

        pub(crate) fn filesystem(&self) -> Filesystem {
            match *self {}
        }

        pub(crate) fn for_each_name(&self, _each: impl FnMut(&CStr) -> bool) -> io::Result<()> {
            match *self {}
        }
    }
}
