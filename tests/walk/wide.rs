//! Directories with very many entries.

use crate::harness::{Seen, WALKERS, assert_same, everything, walk_once};
use crate::oracle;
use crate::tree::{Place, enter, open, touch_at};
use skewgate::sys::{Kind, boottime};
use skewgate::time::Span;
use skewgate::walk::Root;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Mutex;

/// One of these at a time: each fills the memory and the processors.
static ALONE: Mutex<()> = Mutex::new(());

/// How many threads make a tree.
const MAKERS: usize = 2;

/// Calls `make` with every number below `count`, on several threads.
fn make_many(count: usize, make: impl Fn(usize) + Sync) {
    std::thread::scope(|scope| {
        for maker in 0..MAKERS {
            let make = &make;
            scope.spawn(move || (maker..count).step_by(MAKERS).for_each(make));
        }
    });
}

/// How long something takes.
fn timed<T>(run: impl FnOnce() -> T) -> (T, Span) {
    let start = boottime();
    let found = run();
    (found, boottime().since(start))
}

/// Walks a wide tree in every way. None may take out of proportion longer than one thread of
/// walkdir, however slow the machine: work that grows with the square of the entries would.
fn check(root: &Path, expected: usize, threads: &[usize]) -> Vec<Seen> {
    let (oracle, wanted) = timed(|| oracle::walkdir(root));
    assert_eq!(oracle.len(), expected);
    for walker in WALKERS {
        for &threads in threads {
            let mut options = everything([Root::named(root)]);
            let (walked, taken) = timed(|| walk_once(&mut options, walker, threads));
            let with = format!("{walker:?} on {threads}");
            assert_same(&walked.entries, &oracle, &with);
            assert_eq!(walked.faults, []);
            let allowed = wanted.as_nanos() * 5 + 2_000_000_000;
            assert!(
                taken.as_nanos() < allowed,
                "{with}: {taken}, and walkdir {wanted}"
            );
        }
    }
    oracle
}

#[test]
fn a_directory_of_a_million_files() {
    const FILES: usize = 1_000_000;
    let _alone = ALONE.lock();
    let place = Place::with_room(1_000_000);
    let directory = open(place.path());
    make_many(FILES, |at| {
        touch_at(&directory, OsStr::new(&format!("{at:06}")));
    });
    // One directory is the work of one thread, so other numbers of them would change nothing.
    let found = check(place.path(), FILES + 1, &[2]);
    // The oracle too could have lost or doubled some.
    let root = place.path().as_os_str().len() + 1;
    let names = found[1..]
        .iter()
        .map(|seen| &seen.path.as_encoded_bytes()[root..]);
    let made = (0..FILES).map(|at| format!("{at:06}").into_bytes());
    assert!(names.eq(made));
}

#[test]
fn a_hundred_thousand_empty_directories() {
    const DIRECTORIES: usize = 100_000;
    let _alone = ALONE.lock();
    let place = Place::with_room(100_000);
    let directory = open(place.path());
    make_many(DIRECTORIES, |at| {
        drop(enter(&directory, OsStr::new(&at.to_string())));
    });
    let found = check(place.path(), DIRECTORIES + 1, &[1, 2, 8]);
    assert!(found.iter().all(|seen| seen.stat.kind == Kind::Directory));
}

#[test]
fn directories_that_each_have_some_of_their_own() {
    const DIRECTORIES: usize = 10_000;
    let _alone = ALONE.lock();
    let place = Place::with_room(40_000);
    let directory = open(place.path());
    // With every name there is more to go into: the level above is left and taken up each time.
    make_many(DIRECTORIES, |at| {
        let first = enter(&directory, OsStr::new(&at.to_string()));
        touch_at(
            &enter(&enter(&first, OsStr::new("a")), OsStr::new("b")),
            OsStr::new("file"),
        );
    });
    check(place.path(), DIRECTORIES * 4 + 1, &[1, 2, 8]);
}
