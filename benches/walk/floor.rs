//! The floor: the least that any walker must ask of the kernel, and nothing else.
//!
//! One `openat` and a stream of `getdents64` a directory, one `statx` an entry, a rayon task a directory. A task opens
//! its directory itself, relative to its parent's handle, so that only the directories on the way down are open.

use std::error::Error;
use std::ffi::CString;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::Scope;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, StatxFlags, openat, statx};
use rustix::io;

/// The hidden first argument that makes the benchmark the floor.
pub(crate) const COMMAND: &str = "floor";

const BUFFER: usize = 64 * 1024;

/// What all tasks report to, once a directory each.
struct Tally {
    bound: i64,
    newer: AtomicU64,
    faults: AtomicU64,
}

/// Counts the entries below `PATH` that are newer than `SECONDS`: `floor PATH SECONDS THREADS`.
pub(crate) fn main(arguments: &[&str]) -> Result<u64, Box<dyn Error>> {
    let [path, bound, threads] = arguments else {
        return Err("usage: floor PATH SECONDS THREADS".into());
    };
    let tally = Tally {
        bound: bound.parse()?,
        newer: AtomicU64::new(0),
        faults: AtomicU64::new(0),
    };
    let root = open(CWD, &CString::new(*path)?)?;
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.parse()?)
        .build()?
        .scope(|scope| list(scope, root, &tally));
    match tally.faults.into_inner() {
        0 => Ok(tally.newer.into_inner()),
        faults => Err(format!("{faults} directories could not be listed").into()),
    }
}

fn open(parent: impl AsFd, name: &CString) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}

fn list<'scope>(scope: &Scope<'scope>, directory: OwnedFd, tally: &'scope Tally) {
    let directory = Arc::new(directory);
    match count(&directory, tally.bound, |name| {
        let parent = Arc::clone(&directory);
        scope.spawn(move |scope| match open(&parent, &name) {
            Ok(child) => {
                drop(parent);
                list(scope, child, tally);
            }
            Err(_) => {
                tally.faults.fetch_add(1, Ordering::Relaxed);
            }
        });
    }) {
        Ok(newer) => tally.newer.fetch_add(newer, Ordering::Relaxed),
        Err(_) => tally.faults.fetch_add(1, Ordering::Relaxed),
    };
}

/// The entries of one directory that are newer than the bound; its subdirectories are handed on.
fn count(directory: &OwnedFd, bound: i64, mut enter: impl FnMut(CString)) -> io::Result<u64> {
    let mut buffer = [MaybeUninit::uninit(); BUFFER];
    let mut entries = RawDir::new(directory, &mut buffer);
    let mut newer = 0;
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::STATX_DONT_SYNC;
        let wanted = StatxFlags::MTIME | StatxFlags::TYPE;
        let found = statx(directory, name, flags, wanted)?;
        let modified = (found.stx_mtime.tv_sec, found.stx_mtime.tv_nsec);
        newer += u64::from(modified > (bound, 0));
        if FileType::from_raw_mode(found.stx_mode.into()) == FileType::Directory {
            enter(name.to_owned());
        }
    }
    Ok(newer)
}
