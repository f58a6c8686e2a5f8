//! What is in a tree, by programs that share nothing with the walkers.

use crate::harness::Seen;
use skewgate::sys::{Kind, Stat};
use skewgate::time::Timestamp;
use std::ffi::OsStr;
use std::fs::{FileType, Metadata};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Everything in a tree by walkdir on one thread, sorted as the walkers' entries are. What it cannot
/// read is left out.
pub(crate) fn walkdir(root: &Path) -> Vec<Seen> {
    let mut seen: Vec<Seen> = walkdir::WalkDir::new(root)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            // A root is followed when it is a link, so it is looked at as what it leads to.
            let metadata = if entry.depth() == 0 {
                std::fs::metadata(entry.path())
            } else {
                entry.path().symlink_metadata()
            };
            Some(Seen {
                path: entry.path().as_os_str().to_owned(),
                created: created(metadata.as_ref().ok()?),
                stat: facts(&metadata.ok()?),
            })
        })
        .collect();
    seen.sort_by(|a, b| a.path.cmp(&b.path));
    seen
}

fn facts(metadata: &Metadata) -> Stat {
    Stat {
        kind: kind(metadata.file_type()),
        modified: at(metadata.mtime(), metadata.mtime_nsec()),
        changed: Some(at(metadata.ctime(), metadata.ctime_nsec())),
        device: metadata.dev(),
        inode: metadata.ino(),
        links: metadata.nlink(),
    }
}

fn created(metadata: &Metadata) -> Option<Timestamp> {
    let created = metadata.created().ok()?;
    let since = created.duration_since(std::time::UNIX_EPOCH).unwrap();
    Some(Timestamp::from_nanos(since.as_nanos().try_into().unwrap()))
}

fn at(seconds: i64, nanos: i64) -> Timestamp {
    Timestamp::from_unix(seconds, nanos.try_into().unwrap())
}

fn kind(found: FileType) -> Kind {
    if found.is_file() {
        Kind::File
    } else if found.is_dir() {
        Kind::Directory
    } else if found.is_symlink() {
        Kind::Symlink
    } else {
        Kind::Special
    }
}

/// Path, kind, mtime, ctime, device, inode and links of everything in a tree by GNU find, which goes
/// deeper than the longest path; sorted. `None` where there is no GNU find.
pub(crate) fn gnu_find(root: &Path) -> Option<Vec<Seen>> {
    let found = std::process::Command::new("find")
        .args(["-H".as_ref(), root.as_os_str()])
        .args(["-printf", r"%p\0%y\0%T@\0%C@\0%D\0%i\0%n\0"])
        .output()
        .ok()?;
    if !found.status.success() && found.stdout.is_empty() {
        return None;
    }
    let fields: Vec<&[u8]> = found.stdout.split(|byte| *byte == 0).collect();
    let mut seen: Vec<Seen> = fields.chunks_exact(7).map(find_line).collect();
    seen.sort_by(|a, b| a.path.cmp(&b.path));
    Some(seen)
}

fn find_line(fields: &[&[u8]]) -> Seen {
    let text = |field: usize| std::str::from_utf8(fields[field]).unwrap();
    Seen {
        path: OsStr::from_bytes(fields[0]).to_owned(),
        created: None,
        stat: Stat {
            kind: match text(1) {
                "f" => Kind::File,
                "d" => Kind::Directory,
                "l" => Kind::Symlink,
                _ => Kind::Special,
            },
            modified: find_time(text(2)),
            changed: Some(find_time(text(3))),
            device: text(4).parse().unwrap(),
            inode: text(5).parse().unwrap(),
            links: text(6).parse().unwrap(),
        },
    }
}

/// `1700000000.1234567890`: find writes ten digits, the last always 0.
fn find_time(text: &str) -> Timestamp {
    let (seconds, nanos) = text.split_once('.').unwrap();
    at(seconds.parse().unwrap(), nanos[..9].parse().unwrap())
}

/// What find can say of an entry: not when it was made.
pub(crate) fn as_find_sees(entries: &[Seen]) -> Vec<Seen> {
    let mut entries = entries.to_vec();
    for entry in &mut entries {
        entry.created = None;
    }
    entries
}
