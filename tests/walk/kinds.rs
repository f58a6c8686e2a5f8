//! Whatever a name can be, and whatever can bear one.

use crate::child;
use crate::harness::{agree, assert_complete, assert_same, everything, walk_once};
use crate::oracle;
use crate::tree::Place;
use filetime::{FileTime, set_symlink_file_times};
use skewgate::sys::Kind;
use skewgate::walk::{Root, Walker};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;

/// Names that a terminal, a shell, a CI log or a path library could trip over.
const NAMES: &[&[u8]] = &[
    b"a name with spaces ",
    b" ",
    b"-",
    b"-rf",
    b"--help",
    b"...",
    b".hidden",
    b"..a",
    b"~",
    b"*",
    b"?[x]{a,b}",
    b"back\\slash",
    b"quote\"'`$(id)",
    b"line\nfeed",
    b"\n",
    b"carriage\rreturn",
    b"tab\t",
    b"\x1b[31mred\x1b[0m",
    b"\x1b]0;title\x07",
    b"\x7f\x01\x02",
    b"::error::injected",
    b"##[error]injected",
    b"##vso[task.complete result=Succeeded]",
    "\u{202e}gpj.exe".as_bytes(),
    "e\u{301} and \u{e9}".as_bytes(),
    "\u{feff}".as_bytes(),
    b"C:",
    b"con",
];

/// Names that are no text.
const BYTES: &[&[u8]] = &[
    b"\xff",
    b"\xfe\xff\x80",
    b"half\xc3",
    b"\xed\xa0\x80 surrogate",
    b"latin-1 \xe9t\xe9",
    b"\xc0\xaf overlong",
];

#[test]
fn every_name_is_reported_byte_for_byte() {
    let place = Place::new();
    let longest = "n".repeat(255);
    // Apple's file systems refuse what is no text.
    let bytes = if cfg!(target_vendor = "apple") {
        &[]
    } else {
        BYTES
    };
    let names = NAMES.iter().chain(bytes).copied();
    let mut expected = vec![place.path().to_owned()];
    for (at, name) in names.chain([longest.as_bytes()]).enumerate() {
        let name = OsStr::from_bytes(name);
        // As a file, and as a directory with a file of the same name in it.
        let file = place.file(name);
        let inner = place.file(Path::new("in").join(name).join(name));
        // Times before 1970 and far from now, each its own.
        let seconds = i64::try_from(at).unwrap() * 100_000_000 - 1_000_000_000;
        let time = FileTime::from_unix_time(seconds, 123_456_789);
        set_symlink_file_times(&file, time, time).unwrap();
        expected.extend([file, inner.parent().unwrap().to_owned(), inner]);
    }
    expected.push(place.path().join("in"));
    expected.sort_by(|a, b| a.as_os_str().cmp(b.as_os_str()));

    let walked = assert_complete(place.path());
    let found: Vec<&OsStr> = walked.entries.iter().map(|seen| &*seen.path).collect();
    let expected: Vec<&OsStr> = expected.iter().map(|path| path.as_os_str()).collect();
    assert_same(&found, &expected, "what the test made");
    if let Some(found) = oracle::gnu_find(place.path()) {
        assert_same(&oracle::as_find_sees(&walked.entries), &found, "find");
    }
}

#[test]
fn a_root_with_a_strange_name_is_shown_as_it_was_named() {
    let place = Place::new();
    for name in NAMES {
        let name = OsStr::from_bytes(name);
        place.file(Path::new(name).join("file"));
        assert_complete(&place.path().join(name));
    }
}

#[test]
fn nothing_but_directories_is_opened() {
    let place = Place::new();
    place.file("file");
    for name in ["fifo", "sub/fifo"] {
        place.directory("sub");
        // To open one for reading would wait for somebody to write.
        let made = Command::new("mkfifo").arg(place.path().join(name)).status();
        assert!(made.unwrap().success());
    }
    let socket = std::os::unix::net::UnixListener::bind(place.path().join("socket")).unwrap();
    let walked = assert_complete(place.path());
    let special = |name: &str| {
        let path = place.path().join(name);
        let found = walked
            .entries
            .iter()
            .find(|seen| seen.path == path.as_os_str());
        found.unwrap().stat.kind == Kind::Special
    };
    assert!(special("fifo") && special("sub/fifo") && special("socket"));
    drop(socket);
    if cfg!(target_os = "linux") {
        devices_are_entries(&place);
    }
}

fn devices_are_entries(place: &Place) {
    let device = |name: &str, kind: &str| {
        let made = Command::new("mknod")
            .arg(place.path().join(name))
            .args([kind, "1", "3"])
            .output();
        made.is_ok_and(|made| made.status.success())
    };
    if device("character", "c") && device("block", "b") {
        let walked = assert_complete(place.path());
        let specials = walked
            .entries
            .iter()
            .filter(|seen| seen.stat.kind == Kind::Special);
        assert_eq!(specials.count(), 5);
    } else {
        child::pass_over("device nodes: mknod is not permitted");
    }
}

#[test]
fn a_fifo_or_a_device_as_a_root_is_an_entry() {
    let place = Place::new();
    let fifo = place.path().join("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    for root in [&*fifo, Path::new("/dev/null")] {
        let walked = assert_complete(root);
        assert_eq!(walked.entries.len(), 1);
        assert_eq!(walked.entries[0].stat.kind, Kind::Special);
    }
}

#[test]
fn no_link_is_followed() {
    let place = Place::new();
    let root = place.directory("root");
    place.file("outside/secret");
    place.file("root/sub/file");
    for (name, to) in [
        ("root/dangling", "nowhere"),
        ("root/to-itself", "to-itself"),
        ("root/loop-a", "loop-b"),
        ("root/loop-b", "loop-a"),
        ("root/to-system", "/"),
        ("root/sub/to-parent", ".."),
        ("root/sub/to-here", "."),
        ("root/sub/to-file", "file"),
        ("root/to-outside", "../outside"),
    ] {
        let link = place.link(name, to);
        // A link has times of its own.
        let time = FileTime::from_unix_time(4_102_444_800, 5);
        set_symlink_file_times(link, time, time).unwrap();
    }
    let walked = assert_complete(&root);
    let links = walked
        .entries
        .iter()
        .filter(|seen| seen.stat.kind == Kind::Symlink);
    assert!(
        links
            .clone()
            .all(|seen| seen.stat.modified.seconds() == 4_102_444_800)
    );
    assert_eq!(links.count(), 9);
    assert_eq!(walked.entries.len(), 12);
}

#[test]
fn a_root_that_is_a_link_is_followed_when_named_and_an_entry_when_listed() {
    let place = Place::new();
    place.file("real/sub/file");
    place.link("real/sub/link", "file");
    let link = place.link("link", "real");
    let to_file = place.link("to-file", "real/sub/file");

    let walked = assert_complete(&link);
    assert_eq!(walked.below(&link), ["", "sub", "sub/file", "sub/link"]);
    assert_eq!(walked.entries[0].stat.kind, Kind::Directory);
    let walked = assert_complete(&to_file);
    assert_eq!(walked.entries[0].stat.kind, Kind::File);

    let dangling = place.link("dangling", "nowhere");
    for path in [link, to_file, dangling] {
        let walked = agree(&mut everything([Root::listed(&path)]));
        assert_eq!(walked.below(&path), [""]);
        assert_eq!(walked.entries[0].stat.kind, Kind::Symlink);
        let own = fs::symlink_metadata(&path).unwrap();
        let inode = std::os::unix::fs::MetadataExt::ino(&own);
        assert_eq!(walked.entries[0].stat.inode, inode);
        assert_eq!(walked.faults, []);
    }
}

#[test]
fn every_name_of_a_file_is_reported() {
    let place = Place::new();
    let first = place.file("first");
    place.directory("sub");
    fs::hard_link(&first, place.path().join("sub/second")).unwrap();
    let walked = assert_complete(place.path());
    let files: Vec<_> = walked
        .entries
        .iter()
        .filter(|seen| seen.stat.kind == Kind::File)
        .collect();
    assert_eq!(
        walked.below(place.path()),
        ["", "first", "sub", "sub/second"]
    );
    assert_eq!(files[0].stat, files[1].stat);
    assert_eq!(files[0].stat.links, 2);
    assert_eq!(
        files[0].stat.identity(),
        Some((files[0].stat.device, files[0].stat.inode))
    );

    // As two roots they are two entries too: to each name its own times are shown.
    let names = [first, place.path().join("sub/second")];
    let walked = agree(&mut everything(names.map(Root::named)));
    assert_eq!(walked.below(place.path()), ["first", "sub/second"]);
}

#[test]
fn times_are_reported_to_the_nanosecond() {
    let place = Place::new();
    for (name, seconds, nanos) in [
        ("before-1970", -1, 999_999_999),
        ("zero", 0, 0),
        ("one", 0, 1),
        ("last-of-32-bits", 2_147_483_647, 999_999_999),
        ("after-32-bits", 2_147_483_648, 1),
    ] {
        let path = place.file(name);
        let time = FileTime::from_unix_time(seconds, nanos);
        set_symlink_file_times(&path, time, time).unwrap();
        let walked = walk_once(&mut everything([Root::named(&path)]), Walker::Beneath, 1);
        let modified = walked.entries[0].stat.modified;
        assert_eq!(modified.seconds(), seconds, "{name}");
        assert_eq!(modified.subsecond(), i128::from(nanos), "{name}");
    }
    // Past what a file system can keep it keeps something else, and refuses some: only the other
    // programs can say what.
    for (at, seconds) in [i64::MIN, -10_000_000_000, 99_999_999_999, i64::MAX]
        .into_iter()
        .enumerate()
    {
        let path = place.file(format!("extreme-{at}"));
        let time = FileTime::from_unix_time(seconds, 0);
        let _may_be_refused = set_symlink_file_times(path, time, time);
    }
    let walked = assert_complete(place.path());
    assert_eq!(walked.entries.len(), 10);
}
