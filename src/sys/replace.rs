//! The one way to write a file: whole, beside its target, and then renamed, so that nobody ever reads
//! half of one and whatever ends the process leaves the old file or the new.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file beside its target, which it replaces when it is done, and which is removed otherwise.
#[derive(Debug)]
pub(crate) struct Replacement {
    file: File,
    beside: PathBuf,
    target: PathBuf,
    is_done: bool,
}

impl Replacement {
    /// Begins one under a name of this process's own.
    pub(crate) fn of(target: &Path) -> io::Result<Self> {
        Self::named(target, &std::process::id().to_string())
    }

    /// Begins one under a name that only who holds the lock on the target uses. What a process left that was
    /// killed over it is removed first.
    pub(crate) fn of_locked(target: &Path) -> io::Result<Self> {
        match fs::remove_file(beside(target, "new")) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Self::named(target, "new")
    }

    /// A link under that name is not followed: it is taken.
    fn named(target: &Path, ending: &str) -> io::Result<Self> {
        let beside = beside(target, ending);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&beside)?;
        Ok(Self {
            file,
            beside,
            target: target.to_owned(),
            is_done: false,
        })
    }

    /// Everything is written: puts it where it belongs, for good.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        fs::rename(&self.beside, &self.target)?;
        self.is_done = true;
        sync_folder(&self.target)
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.is_done {
            // It may be gone with its directory; nobody waits for it.
            let _gone = fs::remove_file(&self.beside);
        }
    }
}

fn beside(target: &Path, ending: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.skewgate-{ending}"))
}

/// Makes the rename outlast a power cut. Some file systems cannot, and then it is as they keep it.
#[cfg(unix)]
fn sync_folder(target: &Path) -> io::Result<()> {
    let folder = target.parent().filter(|path| !path.as_os_str().is_empty());
    let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) else {
        // A folder that may be written to and not read.
        return Ok(());
    };
    match folder.sync_all() {
        Err(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Err(error)
        }
        _ => Ok(()),
    }
}

/// Folders cannot be opened here.
#[cfg(not(unix))]
fn sync_folder(_target: &Path) -> io::Result<()> {
    Ok(())
}

/// Opens a regular file to read it. Nothing else is opened: not what a link leads to, no FIFO that would
/// never answer.
#[cfg(unix)]
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = match opened {
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
            return Err(not_regular("a link"));
        }
        opened => opened?,
    };
    regular(file)
}

/// Opens a regular file to read it, and no link to one.
#[cfg(not(unix))]
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return Err(not_regular("a link"));
    }
    regular(File::open(path)?)
}

fn regular(file: File) -> io::Result<File> {
    match file.metadata()? {
        found if found.is_file() => Ok(file),
        found if found.is_dir() => Err(not_regular("a directory")),
        _ => Err(not_regular("neither a file nor a directory")),
    }
}

fn not_regular(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("it is {what}, not a regular file"),
    )
}

/// Opens the file that is locked while another is changed, and makes it where it is missing. A link in its
/// place is not followed.
#[cfg(unix)]
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    match options.custom_flags(flags).open(path) {
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => Err(not_regular("a link")),
        opened => regular(opened?),
    }
}

/// Opens the file that is locked while another is changed, and makes it where it is missing.
#[cfg(not(unix))]
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    regular(options.open(path)?)
}

#[cfg(test)]
mod tests {
    use super::Replacement;
    use std::fs;
    use std::io::Write as _;

    #[test]
    fn a_target_is_replaced_when_all_is_written_and_not_before() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("target");
        for (text, of) in [
            ("one", Replacement::of as fn(&_) -> _),
            ("two", Replacement::of_locked),
        ] {
            let old = fs::read_to_string(&target).ok();
            let mut given_up = of(&target).unwrap();
            given_up.write_all(b"half").unwrap();
            drop(given_up);
            assert_eq!(fs::read_to_string(&target).ok(), old);
            let mut new = of(&target).unwrap();
            new.write_all(text.as_bytes()).unwrap();
            new.finish().unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), text);
            assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn what_a_killed_process_left_is_in_nobodys_way() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("target");
        std::mem::forget(Replacement::of_locked(&target).unwrap());
        Replacement::of_locked(&target).unwrap().finish().unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }
}
