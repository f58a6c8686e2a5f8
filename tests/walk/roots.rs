//! Where walks start: named or listed, one or many, overlapping or not.

use crate::harness::{Collect, Walked, agree, assert_same, everything};
use crate::oracle;
use crate::tree::Place;
use proptest::prelude::{ProptestConfig, Strategy, prop, proptest};
use skewgate::sys::{Identity, Kind};
use skewgate::walk::{Error, FaultKind, Root, read_list, walk};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What makes a name one of its own: the directory that it is in. A directory is itself wherever it
/// is met.
type Key = (Identity, Option<OsString>);

fn key(path: &Path, kind: Kind) -> Key {
    let identity = |path: &Path| {
        let found = std::fs::metadata(path).unwrap();
        (found.dev(), found.ino())
    };
    if kind == Kind::Directory {
        return (identity(path), None);
    }
    let name = path.file_name().map(OsStr::to_owned);
    (identity(path.parent().unwrap()), name)
}

fn keys(walked: &Walked) -> Vec<Key> {
    let key = |seen: &crate::harness::Seen| key(Path::new(&seen.path), seen.stat.kind);
    let mut keys: Vec<Key> = walked.entries.iter().map(key).collect();
    keys.sort();
    keys
}

/// Everything below any of the roots by walkdir, each once.
fn expected_keys(roots: &[PathBuf]) -> Vec<Key> {
    let below = |root: &PathBuf| oracle::walkdir(root);
    let all = roots.iter().flat_map(below);
    let keys: BTreeSet<Key> = all
        .map(|seen| key(Path::new(&seen.path), seen.stat.kind))
        .collect();
    keys.into_iter().collect()
}

fn assert_each_once(roots: &[PathBuf]) {
    let walked = agree(&mut everything(roots.iter().map(Root::named)));
    let with = format!("{roots:?}");
    assert_same(&keys(&walked), &expected_keys(roots), &with);
    assert_same(&walked.faults, &[], &with);
}

fn small_tree() -> Place {
    let place = Place::new();
    for name in ["a/b/c/file", "a/b/file", "a/file", "x/file"] {
        place.file(name);
    }
    place.link("to-b", "a/b");
    place.link("a/to-x", "../x");
    place.link("to-file", "a/file");
    place
}

#[test]
fn what_two_roots_hold_is_reported_once() {
    let place = small_tree();
    for names in [
        &["a", "a/b"][..],
        &["a/b", "a"],
        &["a", "a"],
        &["a", "a/b/c", "a/b"],
        &["a", "a/file"],
        &["a/file", "a/b/file", "a"],
        &["a/file", "a/file"],
        &["", "a", "a/b", "a/b/c", "a/b/c/file"],
        &["a/../a", "a"],
        &["a", "x/../a/b"],
        &["a", "to-b"],
        &["to-b", "a"],
        &["to-b", "a/b/c"],
        &["a/to-x", "a"],
        &["", "to-file"],
        &["to-file", "a/file"],
        &["", "a/to-x/file"],
    ] {
        let roots: Vec<PathBuf> = names.iter().map(|name| place.path().join(name)).collect();
        assert_each_once(&roots);
    }
}

#[test]
fn the_first_that_names_a_directory_shows_it() {
    let place = small_tree();
    let shown = |roots: [&str; 2]| {
        let roots = roots.map(|root| Root::named(place.path().join(root)));
        agree(&mut everything(roots)).below(place.path())
    };
    let through_link = ["to-b", "to-b/c", "to-b/c/file", "to-b/file"];
    assert_eq!(shown(["to-b", "a/b"]), through_link);
    assert_eq!(shown(["a/b", "to-b"])[0], "a/b");
    let own = ["a", "a/file", "a/to-x"];
    assert_eq!(shown(["a", "to-b"]), [&own[..], &through_link].concat());
}

#[test]
fn a_link_that_is_listed_hides_nothing() {
    let place = small_tree();
    let path = |name: &str| place.path().join(name);
    let roots = [Root::listed(path("to-b")), Root::named(path("a"))];
    let walked = agree(&mut everything(roots));
    let all = [
        "a",
        "a/b",
        "a/b/c",
        "a/b/c/file",
        "a/b/file",
        "a/file",
        "a/to-x",
        "to-b",
    ];
    assert_eq!(walked.below(place.path()), all);
    assert_eq!(walked.faults, []);
}

/// Relative roots need a current directory, which is the whole process's.
#[test]
fn a_relative_root_is_shown_without_dots() {
    const SELF: &str = "roots::a_relative_root_is_shown_without_dots";
    let Some(tree) = crate::child::tree() else {
        let place = small_tree();
        let mut command = crate::child::same();
        command.current_dir(place.path());
        return crate::child::run(command, SELF, place.path());
    };
    let shown = |roots: &[&str]| {
        let walked = agree(&mut everything(roots.iter().map(Root::named)));
        assert_eq!(walked.faults, []);
        walked.below(Path::new(""))
    };
    let all = [
        "a",
        "a/b",
        "a/b/c",
        "a/b/c/file",
        "a/b/file",
        "a/file",
        "a/to-x",
    ];
    assert_eq!(shown(&["a"]), all);
    assert_eq!(shown(&["./a"]), all);
    assert_eq!(shown(&["./a/", "a", ".//a/."]), all);
    assert_eq!(shown(&["a", tree.join("a").to_str().unwrap()]), all);
    let rest = ["to-b", "to-file", "x", "x/file"];
    assert_eq!(shown(&["."]), [&["."][..], &all, &rest].concat());
    assert_eq!(shown(&["x", "a/.."]).len(), 12);
    assert_eq!(shown(&["a/../x"]), ["a/../x", "a/../x/file"]);

    // The same through find, from the same directory.
    if let Some(found) = oracle::gnu_find(Path::new("a")) {
        let walked = agree(&mut everything([Root::named("a")]));
        assert_same(&oracle::as_find_sees(&walked.entries), &found, "find");
    }
}

#[test]
fn what_is_listed_may_be_missing_and_what_is_named_may_not() {
    let place = small_tree();
    let path = |name: &str| place.path().join(name);
    let roots = [
        Root::listed(path("missing")),
        Root::listed(path("a/file")),
        Root::listed(path("a/file/below-a-file")),
        Root::listed(path("x")),
        Root::listed("nul\0byte"),
    ];
    let walked = agree(&mut everything(roots));
    assert_eq!(walked.below(place.path()), ["a/file", "x", "x/file"]);
    let faults = [
        ("a/file/below-a-file", FaultKind::Changed),
        ("missing", FaultKind::Missing),
        ("nul\0byte", FaultKind::Io),
    ];
    let faults = faults.map(|(name, kind)| (name.to_owned(), kind));
    assert_eq!(walked.faults_below(place.path()), faults);

    place.link("dangling", "nowhere");
    for name in ["missing", "dangling", "a/file/below-a-file"] {
        let options = everything([Root::named(path("a")), Root::named(path(name))]);
        let seen = |shown: &Path| panic!("{shown:?} was walked all the same");
        let refused = walk(&options, &Collect::new(&seen));
        let Err(Error::Root { path: shown, .. }) = &refused else {
            panic!("{name}: {refused:?}");
        };
        assert_eq!(Path::new(shown), path(name));
    }
}

#[test]
fn a_list_written_by_find_is_what_is_walked() {
    let place = small_tree();
    place.file("line\nfeed");
    place.file(" spaces ");
    place.file("-dash");
    if !cfg!(target_vendor = "apple") {
        let name: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"\xff\xfe");
        place.file(name);
    }
    let list = Command::new("find")
        .arg(place.path())
        .args(["!", "-type", "d", "-print0"])
        .output();
    let roots = read_list(&*list.unwrap().stdout, "find", true).unwrap();
    let walked = agree(&mut everything(roots));
    let mut expected = oracle::walkdir(place.path());
    expected.retain(|seen| seen.stat.kind != Kind::Directory);
    assert_same(&walked.entries, &expected, "what find listed");
    assert_eq!(walked.faults, []);
}

#[test]
fn a_long_list_is_walked_by_many() {
    const FILES: usize = 3_000;
    let place = Place::new();
    let roots = (0..FILES).map(|at| place.file(format!("{}/{at}", at % 7)));
    let listed: Vec<Root> = roots.map(Root::listed).collect();
    // Each twice: a list may be put together from several.
    let twice = [listed.clone(), listed].concat();
    let walked = agree(&mut everything(twice));
    assert_eq!(walked.entries.len(), FILES);
    assert_eq!(walked.faults, []);
    let mut expected = oracle::walkdir(place.path());
    expected.retain(|seen| seen.stat.kind == Kind::File);
    assert_same(&walked.entries, &expected, "what was listed");
}

#[test]
fn many_directories_as_roots_are_each_walked() {
    const ROOTS: usize = 1_000;
    let place = Place::new();
    for at in 0..ROOTS {
        for name in ["sub/deep/file", "sub/file", "other/file", "file"] {
            place.file(format!("{at}/{name}"));
        }
    }
    let roots = (0..ROOTS).map(|at| Root::named(place.path().join(at.to_string())));
    let walked = agree(&mut everything(roots));
    let expected = oracle::walkdir(place.path());
    assert_same(&walked.entries, &expected[1..], "all but the place itself");
    assert_eq!(walked.faults, []);
}

/// Some paths of the small tree; links lead into it and it has loops.
fn roots() -> impl Strategy<Value = Vec<&'static str>> {
    let names = [
        "",
        "a",
        "a/b",
        "a/b/c",
        "a/b/c/file",
        "a/b/file",
        "a/file",
        "a/to-x",
        "x",
        "x/file",
        "to-b",
        "to-b/c",
        "to-b/file",
        "to-file",
        "a/b/..",
        "a/to-x/file",
        "x/../a/b/c",
    ];
    prop::collection::vec(prop::sample::select(names.to_vec()), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn whatever_is_named_each_entry_is_reported_once(names in roots()) {
        let place = small_tree();
        let roots: Vec<PathBuf> = names.iter().map(|name| place.path().join(name)).collect();
        assert_each_once(&roots);
    }
}
