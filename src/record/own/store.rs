//! Where a record is kept: written whole or not at all, by one process at a time.
//!
//! Each change is made under a lock on a file beside the record, on what the file says then. Nobody holds
//! the lock while the time is asked. A process that is killed leaves the old record or the new one.

use super::file::{LoadError, of_bytes, read_bytes, to_text};
use super::signature::{Signer, beside as signature_of};
use super::{Here, Phase, Record, Recorded, mismatches};
use crate::clock::Reading;
use crate::sys::{Replacement, boottime, open_lock};
use crate::time::{Interval, Span};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// What a record is called where nobody says.
const NAME: &str = "record.json";

/// The folder of a record in a tree, which says itself that it is nothing to commit.
const FOLDER: &str = ".skewgate";

/// The folder of a record among what a CI runner keeps for a job.
const RUNNER_FOLDER: &str = "skewgate";

/// How long to wait for another process that changes the record: each holds it for as long as one file
/// takes to write.
const PATIENCE: Span = Span::from_secs(10);

/// How long between two tries to get it.
const PAUSE: Duration = Duration::from_millis(10);

/// Why a record was not written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The one that is there cannot be used.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It cannot be written.
    #[error(
        "cannot write the record `{path}`: mend this, or name another place with `--record FILE`"
    )]
    Write {
        /// What was to be written.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Another process does not let go of it.
    #[error(
        "another process has been changing the record `{path}` for more than {PATIENCE}: end it, or name another place with `--record FILE`"
    )]
    Locked {
        /// Where it is.
        path: String,
    },
    /// Another record has taken its place.
    #[error(
        "the record `{path}` is now another one ({id}): two builds write to one place, so give each its own with `--record FILE`"
    )]
    Replaced {
        /// Where it is.
        path: String,
        /// What the other is called.
        id: String,
    },
}

/// Where a record is kept where nobody says: among what the CI runner keeps for the job (`RUNNER_TEMP`), or else
/// in the current folder.
pub fn default_place(runner_temp: Option<&OsStr>) -> PathBuf {
    match runner_temp.filter(|folder| !folder.is_empty()) {
        Some(folder) => Path::new(folder).join(RUNNER_FOLDER).join(NAME),
        None => Path::new(FOLDER).join(NAME),
    }
}

/// A record's place, and who signs what is written there.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    signer: Option<Signer>,
}

/// What came of a beginning.
#[derive(Debug)]
pub enum Begun {
    /// The record is written.
    Anew {
        /// Where the one is kept that was there before.
        kept: Option<PathBuf>,
    },
    /// One of this tree and boot is open already, and stays.
    Already(Box<Record>),
}

impl Store {
    /// A place. What is written there is signed if there is somebody to sign it.
    pub const fn new(path: PathBuf, signer: Option<Signer>) -> Self {
        Self { path, signer }
    }

    /// Names it by a path that holds from any folder.
    pub fn anchor(&mut self, path: PathBuf) {
        self.path = path;
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether somebody signed what is there.
    pub fn is_signed(&self) -> bool {
        signature_of(&self.path).exists()
    }

    /// Writes a record that was just begun, unless one of the same tree and boot is open and that will do.
    /// Whatever else was there is kept as `NAME.previous.json`.
    ///
    /// # Errors
    /// When it cannot be written, or what is there cannot be read and a new one is not insisted on.
    pub fn begin(&self, record: &Record, insists: bool) -> Result<Begun, StoreError> {
        self.make_folder()?;
        let _lock = self.lock()?;
        let kept = match read_bytes(&self.path) {
            Err(LoadError::Missing { .. }) => None,
            Err(error) => return Err(error.into()),
            Ok(bytes) => match of_bytes(&bytes) {
                Ok(there) if !insists && there.is_open() && continues(&there, record) => {
                    return Ok(Begun::Already(Box::new(there)));
                }
                Err(why) if !insists => {
                    let path = self.path.display().to_string();
                    return Err(LoadError::Damaged { path, why }.into());
                }
                _ => Some(self.keep(&bytes)?),
            },
        };
        self.put(record)?;
        Ok(Begun::Anew { kept })
    }

    /// Changes the record of this name, and gives it back as it is then.
    ///
    /// # Errors
    /// When it is no longer there or cannot be written.
    pub fn update(&self, id: &str, change: impl FnOnce(&mut Record)) -> Result<Record, StoreError> {
        let _lock = self.lock()?;
        let mut record = super::load(&self.path)?;
        if record.id != id {
            return Err(StoreError::Replaced {
                path: self.path.display().to_string(),
                id: record.id,
            });
        }
        change(&mut record);
        self.put(&record)?;
        Ok(record)
    }

    /// Ends the record of this name with its closing reading, unless it has ended.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub fn close(&self, id: &str, reading: Reading) -> Result<Record, StoreError> {
        self.update(id, |record| {
            if record.is_open() {
                record.push(Recorded {
                    phase: Phase::End,
                    reading,
                });
            }
        })
    }

    /// Signs the record of this name as it stands, where there is somebody to sign it.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub fn sign_again(&self, id: &str) -> Result<(), StoreError> {
        match self.signer {
            Some(_) => self.update(id, |_| {}).map(drop),
            None => Ok(()),
        }
    }

    /// Writes a record, and its signature behind it. A process that is killed in between leaves the record
    /// with a signature of another state of it, which the next that signs it mends.
    fn put(&self, record: &Record) -> Result<(), StoreError> {
        let text = to_text(record);
        let signature = signature_of(&self.path);
        write(&self.path, text.as_bytes())?;
        match &self.signer {
            Some(signer) => write(&signature, signer.sign(text.as_bytes()).as_bytes()),
            None => remove(&signature),
        }
    }

    /// Keeps a copy of what is about to be replaced, with its signature.
    fn keep(&self, bytes: &[u8]) -> Result<PathBuf, StoreError> {
        let kept = previous(&self.path);
        write(&kept, bytes)?;
        match read_bytes(&signature_of(&self.path)) {
            Ok(signature) => write(&signature_of(&kept), &signature)?,
            Err(_none) => remove(&signature_of(&kept))?,
        }
        Ok(kept)
    }

    fn lock(&self) -> Result<File, StoreError> {
        let mut name = OsString::from(".");
        name.push(self.path.file_name().unwrap_or_default());
        name.push(".lock");
        let path = self.path.with_file_name(name);
        let unwritten = |source| unwritten(&self.path, source);
        let file = open_lock(&path).map_err(unwritten)?;
        let began = boottime();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(unwritten(error)),
                Err(TryLockError::WouldBlock) if boottime().since(began) < PATIENCE => {
                    thread::sleep(PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    let path = self.path.display().to_string();
                    return Err(StoreError::Locked { path });
                }
            }
        }
    }

    /// Makes the folder of a usual place. It is never a link, which whoever wrote the tree could have put
    /// there; any other folder is the user's own to make.
    fn make_folder(&self) -> Result<(), StoreError> {
        let Some(folder) = self.path.parent() else {
            return Ok(());
        };
        let is_in_tree = folder.file_name() == Some(OsStr::new(FOLDER));
        let is_usual = is_in_tree || folder.file_name() == Some(OsStr::new(RUNNER_FOLDER));
        if !is_usual || self.path.file_name() != Some(OsStr::new(NAME)) {
            return Ok(());
        }
        let made = match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => match fs::symlink_metadata(folder) {
                Ok(found) if found.is_dir() => Ok(()),
                Ok(_) => Err(io::Error::other(
                    "it is no directory, or only a link to one",
                )),
                Err(error) => Err(error),
            },
        };
        made.map_err(|source| unwritten(folder, source))?;
        if is_in_tree {
            ignore_all(folder).map_err(|source| unwritten(folder, source))?;
        }
        Ok(())
    }
}

/// Whether a record that is open is of the build that would be begun now. No clock is asked for that: the
/// wall clock may have been set since.
fn continues(there: &Record, begun: &Record) -> bool {
    let Some(first) = begun.readings.first() else {
        return false;
    };
    let here = Here {
        ruler: first.reading.local.ruler.clone(),
        host: begun.host.clone(),
        tree: begun.tree.clone(),
    };
    let whenever = Interval::from(first.reading.local.clocks.wall);
    mismatches(there, &here, whenever).is_empty()
}

/// Where the record is kept that was there before.
fn previous(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(".previous.");
    name.push(path.extension().unwrap_or(OsStr::new("json")));
    path.with_file_name(name)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || {
        let mut file = Replacement::of_locked(path)?;
        file.write_all(bytes)?;
        file.finish()
    };
    write().map_err(|source| unwritten(path, source))
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritten(path, error)),
        _ => Ok(()),
    }
}

fn unwritten(path: &Path, source: io::Error) -> StoreError {
    let source = match source.kind() {
        io::ErrorKind::NotFound => io::Error::new(source.kind(), "there is no such folder"),
        _ => source,
    };
    StoreError::Write {
        path: path.display().to_string(),
        source,
    }
}

/// Keeps a folder out of version control.
fn ignore_all(folder: &Path) -> io::Result<()> {
    let path = folder.join(".gitignore");
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(b"*\n"),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
