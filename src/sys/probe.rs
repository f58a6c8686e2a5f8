//! A file that is made only to see what time it gets.
//!
//! Without a name where the file system can (`O_TMPFILE`): nothing is left of it whatever happens, and
//! the directory's own times stay. Elsewhere (FAT, NFS, systems other than Linux) it has a name, which is
//! taken away again with the value; a process that is killed in between leaves a file of one byte, and
//! making and removing it moves the directory's times.

#[cfg(target_os = "linux")]
mod system {
    use crate::sys::{Filesystem, Stamper};
    use crate::time::Timestamp;
    use rustix::fs::{AtFlags, CWD, Mode, OFlags, StatxFlags, fsync, openat, statx, unlinkat};
    use rustix::io::{Errno, pwrite};
    use std::ffi::CString;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    const WRITE: OFlags = OFlags::WRONLY.union(OFlags::CLOEXEC).union(OFlags::EXCL);

    const OWNER: Mode = Mode::RUSR.union(Mode::WUSR);

    /// The file.
    #[derive(Debug)]
    pub(crate) struct Probe {
        directory: OwnedFd,
        file: OwnedFd,
        name: Option<CString>,
        filesystem: Filesystem,
    }

    impl Probe {
        /// Makes the file, called `name` where it must be called something. A link is followed to the
        /// directory, which the user named, and never from the name.
        pub(crate) fn make(directory: &Path, name: &str) -> io::Result<Self> {
            let place = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let directory = openat(CWD, directory, place, Mode::empty())?;
            match openat(&directory, c".", WRITE | OFlags::TMPFILE, OWNER) {
                Ok(file) => Ok(Self::of(directory, file, None)),
                // All the ways in which file systems say that they cannot.
                Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::NOSYS | Errno::INVAL) => {
                    Self::named(directory, CString::new(name)?)
                }
                Err(error) => Err(error.into()),
            }
        }

        /// Makes the file where it must have a name.
        pub(super) fn named(directory: OwnedFd, name: CString) -> io::Result<Self> {
            let flags = WRITE | OFlags::CREATE | OFlags::NOFOLLOW;
            let file = openat(&directory, &name, flags, OWNER)?;
            Ok(Self::of(directory, file, Some(name)))
        }

        fn of(directory: OwnedFd, file: OwnedFd, name: Option<CString>) -> Self {
            let filesystem = Filesystem::of_handle(&file);
            Self {
                directory,
                file,
                name,
                filesystem,
            }
        }

        /// The file system it is on.
        pub(crate) const fn filesystem(&self) -> Filesystem {
            self.filesystem
        }

        /// Whether the directory was touched for it.
        pub(crate) const fn has_name(&self) -> bool {
            self.name.is_some()
        }

        /// Writes a byte and reads the time that the file got by it.
        pub(crate) fn stamp(&self) -> io::Result<Timestamp> {
            while pwrite(&self.file, b"t", 0)? == 0 {}
            if self.filesystem.stamper == Stamper::Server {
                // Until it is sent, the client's kernel may stamp in the server's place.
                fsync(&self.file)?;
            }
            let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_FORCE_SYNC;
            let found = statx(&self.file, c"", flags, StatxFlags::MTIME)?.stx_mtime;
            Ok(Timestamp::from_unix(found.tv_sec, found.tv_nsec))
        }
    }

    impl Drop for Probe {
        fn drop(&mut self) {
            if let Some(name) = &self.name {
                // Nobody is there to be told; the name says whose it was.
                let _removed = unlinkat(&self.directory, name, AtFlags::empty());
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use crate::sys::Filesystem;
    use crate::time::Timestamp;
    use std::fs::{File, OpenOptions, remove_file};
    use std::io::{self, Write as _};
    use std::path::{Path, PathBuf};

    /// The file.
    #[derive(Debug)]
    pub(crate) struct Probe {
        path: PathBuf,
        file: File,
        filesystem: Filesystem,
    }

    impl Probe {
        /// Makes the file, called `name`, which is never followed.
        pub(crate) fn make(directory: &Path, name: &str) -> io::Result<Self> {
            let path = directory.join(name);
            let file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&path)?;
            let filesystem = Filesystem::of_path(directory);
            Ok(Self {
                path,
                file,
                filesystem,
            })
        }

        /// The file system it is on.
        pub(crate) const fn filesystem(&self) -> Filesystem {
            self.filesystem
        }

        /// Whether the directory was touched for it.
        pub(crate) const fn has_name(&self) -> bool {
            true
        }

        /// Writes a byte and reads the time that the file got by it.
        pub(crate) fn stamp(&self) -> io::Result<Timestamp> {
            (&self.file).write_all(b"t")?;
            self.file.sync_all()?;
            Ok(crate::sys::timestamp(self.file.metadata()?.modified()?))
        }
    }

    impl Drop for Probe {
        fn drop(&mut self) {
            // Nobody is there to be told; the name says whose it was.
            let _removed = remove_file(&self.path);
        }
    }
}

pub(crate) use system::Probe;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::Probe;
    use crate::sys::wall_clock;
    use crate::time::Span;
    use std::os::unix::fs::symlink;
    use std::path::Path;
    use std::{fs, io};

    /// As it is where files need a name.
    fn named(directory: &Path) -> io::Result<Probe> {
        Probe::named(fs::File::open(directory)?.into(), c"probe".to_owned())
    }

    #[test]
    fn a_probe_with_a_name_is_stamped_and_removed() {
        let place = tempfile::tempdir().unwrap();
        let probe = named(place.path()).unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
        let lag = wall_clock().since(probe.stamp().unwrap());
        assert!(lag >= Span::ZERO && lag < Span::from_secs(3), "{lag}");
        drop(probe);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_name_that_is_taken_is_neither_followed_nor_written_to_nor_removed() {
        let place = tempfile::tempdir().unwrap();
        let (target, planted) = (place.path().join("target"), place.path().join("probe"));
        for is_there in [false, true] {
            if is_there {
                drop(fs::File::create(&target).unwrap());
            } else {
                symlink(&target, &planted).unwrap();
            }
            let error = named(place.path()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert!(planted.is_symlink());
            assert_eq!(target.exists(), is_there);
        }
        assert_eq!(fs::metadata(&target).unwrap().len(), 0);
    }
}
