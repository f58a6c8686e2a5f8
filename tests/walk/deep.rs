//! Trees deeper than a path can be long, and with more levels than handles.

use crate::child;
use crate::harness::{
    Seen, WALKERS, Walked, assert_complete, assert_same, everything, walk_once, walk_while,
};
use crate::oracle;
use crate::tree::{Place, enter, open, touch_at};
use rustix::process::{Resource, Rlimit, setrlimit};
use skewgate::walk::{FaultKind, Root, Walker};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

const DEEP: usize = 5_000;

/// More levels than handles by far.
const COMB: usize = 600;

/// The longest path that the system takes is one byte shorter, for a NUL stands at its end.
const PATH_MAX: usize = 4_096;

/// A directory in a directory in a directory; no path is long enough for the last.
fn make_chain(root: &Path, levels: usize) {
    let mut at = open(root);
    for _ in 0..levels {
        at = enter(&at, OsStr::new("d"));
    }
    touch_at(&at, OsStr::new("bottom"));
}

/// A chain that has three more directories at every level, with a file and a directory in each.
///
/// File systems list names in an order of their own, mostly the same for the same names, so the names
/// go through the alphabet: at most levels the way down is not the last, and the others have to wait.
fn make_comb(root: &Path, levels: usize) {
    let letter =
        |at: usize| OsString::from(char::from(b'a' + u8::try_from(at % 26).unwrap()).to_string());
    let mut at = open(root);
    for level in 0..levels {
        for tooth in 1..=3 {
            let tooth = enter(&at, &letter(level + tooth));
            touch_at(&tooth, OsStr::new("file"));
            touch_at(&enter(&tooth, OsStr::new("sub")), OsStr::new("file"));
        }
        at = enter(&at, &letter(level));
    }
}

/// As many handles as some build machines allow.
fn allow_few_handles() {
    let few = Some(256);
    let limit = Rlimit {
        current: few,
        maximum: few,
    };
    setrlimit(Resource::Nofile, limit).unwrap();
}

/// The paths of a chain, which the test knows without asking anybody.
fn chain_paths(root: &Path, levels: usize) -> Vec<OsString> {
    let mut path = root.as_os_str().to_owned();
    let mut paths = vec![path.clone()];
    for _ in 0..levels {
        path.push("/d");
        paths.push(path.clone());
    }
    path.push("/bottom");
    paths.push(path);
    paths.sort();
    paths
}

fn paths(walked: &Walked) -> Vec<OsString> {
    let path = |seen: &Seen| seen.path.clone();
    walked.entries.iter().map(path).collect()
}

/// Walks the long chain with both walkers.
fn check_chain(root: &Path, numbers_of_threads: &[usize]) {
    let expected = chain_paths(root, DEEP);
    let mut options = everything([Root::named(root)]);
    let mut beneath = Walked::default();
    for &threads in numbers_of_threads {
        beneath = walk_once(&mut options, Walker::Beneath, threads);
        assert_same(&paths(&beneath), &expected, "what the test made");
        assert_eq!(beneath.faults, []);
    }
    if let Some(found) = oracle::gnu_find(root) {
        assert_same(&oracle::as_find_sees(&beneath.entries), &found, "find");
    }

    let within: Vec<Seen> = beneath
        .entries
        .iter()
        .filter(|seen| seen.path.len() < PATH_MAX)
        .cloned()
        .collect();
    assert!(within.len() > 1_000 && within.len() < DEEP);
    let first_beyond = expected
        .iter()
        .find(|path| path.len() >= PATH_MAX)
        .unwrap()
        .clone();
    for &threads in numbers_of_threads {
        let portable = walk_once(&mut options, Walker::Portable, threads);
        assert_same(&portable.entries, &within, "as far as paths go");
        let fault = (first_beyond.clone(), FaultKind::Io);
        assert_same(&portable.faults, &[fault], "one fault beyond");
    }
}

#[test]
fn a_chain_deeper_than_any_path_is_walked_to_its_end() {
    let place = Place::new();
    make_chain(place.path(), DEEP);
    check_chain(place.path(), &[1, 8]);
}

#[test]
fn few_handles_are_enough_for_a_chain() {
    const SELF: &str = "deep::few_handles_are_enough_for_a_chain";
    if let Some(root) = child::tree() {
        allow_few_handles();
        check_chain(&root, &[64]);
    } else {
        let place = Place::new();
        make_chain(place.path(), DEEP);
        child::run(child::same(), SELF, place.path());
    }
}

#[test]
fn few_handles_are_enough_for_a_comb() {
    const SELF: &str = "deep::few_handles_are_enough_for_a_comb";
    if let Some(root) = child::tree() {
        let expected = assert_complete(&root);
        allow_few_handles();
        let before = child::open_handles();
        for walker in WALKERS {
            // One thread leaves the most levels waiting, and many hold the most handles to work with.
            for threads in [1, 8, 64, 64] {
                let mut options = everything([Root::named(&root)]);
                let walked = walk_once(&mut options, walker, threads);
                let with = format!("{walker:?} on {threads}");
                assert_same(&walked.faults, &[], &with);
                assert_same(&walked.entries, &expected.entries, &with);
                assert_eq!(child::open_handles(), before, "{with}");
            }
        }
    } else {
        let place = Place::new();
        make_comb(place.path(), COMB);
        child::run(child::same(), SELF, place.path());
    }
}

#[test]
fn few_handles_are_enough_for_many_threads() {
    const SELF: &str = "deep::few_handles_are_enough_for_many_threads";
    if let Some(root) = child::tree() {
        let expected = assert_complete(&root);
        allow_few_handles();
        // A slow disk: every thread is in the middle of a directory, holds what it has open, and
        // reads a file besides.
        let slowly = |path: &Path| {
            if path.ends_with("file") {
                let read = std::fs::File::open("/dev/null").unwrap();
                std::thread::sleep(Duration::from_millis(5));
                drop(read);
            }
        };
        for walker in WALKERS {
            for threads in [64, 200] {
                let mut options = everything([Root::named(&root)]);
                let walked = walk_while(&mut options, walker, threads, &slowly);
                let with = format!("{walker:?} on {threads}");
                assert_same(&walked.faults, &[], &with);
                assert_same(&walked.entries, &expected.entries, &with);
            }
        }
    } else {
        let place = Place::new();
        make_comb(place.path(), 300);
        child::run(child::same(), SELF, place.path());
    }
}
