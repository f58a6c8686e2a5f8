//! Making trees, and taking them away again.

use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
use std::ffi::OsStr;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// A folder of its own that is gone with the test.
///
/// Taken away by `rm`, which goes to any depth with few handles; std takes a handle and a stack
/// frame a level.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// In memory where there is such a place with room for this many files, as a disk takes half a
    /// minute for a million.
    pub(crate) fn with_room(files: u64) -> Self {
        let memory = Path::new("/dev/shm");
        let roomy = rustix::fs::statvfs(memory)
            .is_ok_and(|found| found.f_favail > files * 2 && found.f_bavail > 0);
        if roomy && let Ok(place) = tempfile::tempdir_in(memory) {
            return Self(place);
        }
        Self::new()
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Lets everybody in, for a child that has given up its rights.
    pub(crate) fn open_to_all(&self) {
        set_mode(self.path(), 0o755);
    }

    /// A directory, and those above it.
    pub(crate) fn directory(&self, name: impl AsRef<OsStr>) -> PathBuf {
        let path = self.path().join(name.as_ref());
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// A file with the directories above it.
    pub(crate) fn file(&self, name: impl AsRef<OsStr>) -> PathBuf {
        let path = self.path().join(name.as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        drop(fs::File::create(&path).unwrap());
        path
    }

    /// A symbolic link.
    pub(crate) fn link(&self, name: impl AsRef<OsStr>, to: impl AsRef<Path>) -> PathBuf {
        let path = self.path().join(name.as_ref());
        std::os::unix::fs::symlink(to, &path).unwrap();
        path
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let removed = std::process::Command::new("rm")
            .args(["-rf", "--"])
            .arg(self.path())
            .status();
        assert!(
            removed.is_ok_and(|status| status.success()) || std::thread::panicking(),
            "{:?} is left behind",
            self.path()
        );
    }
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// An empty file.
pub(crate) fn touch_at(directory: &OwnedFd, name: &OsStr) {
    let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::CLOEXEC;
    drop(openat(directory, name, flags, Mode::from_raw_mode(0o644)).unwrap());
}

pub(crate) fn open(path: &Path) -> OwnedFd {
    openat(
        CWD,
        path,
        OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .unwrap()
}

/// Makes a directory in another, and goes in: the way to make what no path is long enough to name.
pub(crate) fn enter(parent: &OwnedFd, name: &OsStr) -> OwnedFd {
    mkdirat(parent, name, Mode::from_raw_mode(0o755)).unwrap();
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty()).unwrap()
}
