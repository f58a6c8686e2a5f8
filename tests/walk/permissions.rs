//! What may not be read is a fault, and the rest is walked.

use crate::child;
use crate::harness::{Collect, agree, assert_same, everything};
use crate::oracle;
use crate::tree::{Place, set_mode};
use skewgate::walk::{Error, FaultKind, Root, walk};
use std::path::Path;

/// Directories that somebody forbade, each between others that are open.
fn make(place: &Place) {
    for name in [
        "a/open/file",
        "closed/file",
        "closed/sub/file",
        "listed-only/file",
        "listed-only/sub/file",
        "entered-only/file",
        "z/closed/file",
        "z/open/deep/file",
    ] {
        place.file(name);
    }
    // A file's own mode does not matter: nothing is opened.
    set_mode(&place.file("a/secret"), 0o000);
    for (name, mode) in [
        ("closed", 0o000),
        ("listed-only", 0o444),
        ("entered-only", 0o111),
        ("z/closed", 0o000),
    ] {
        set_mode(&place.path().join(name), mode);
    }
}

fn check(root: &Path) {
    let walked = agree(&mut everything([Root::named(root)]));
    assert_same(&walked.entries, &oracle::walkdir(root), "walkdir");
    let entries = [
        "",
        "a",
        "a/open",
        "a/open/file",
        "a/secret",
        "closed",
        "entered-only",
        "listed-only",
        "z",
        "z/closed",
        "z/open",
        "z/open/deep",
        "z/open/deep/file",
    ];
    assert_eq!(walked.below(root), entries);
    let unreadable = [
        "closed",
        "entered-only",
        "listed-only/file",
        "listed-only/sub",
        "z/closed",
    ];
    let faults = unreadable.map(|name| (name.to_owned(), FaultKind::Unreadable));
    assert_eq!(walked.faults_below(root), faults);

    let closed = root.join("closed");
    let walked = agree(&mut everything([Root::named(&closed)]));
    assert_eq!(walked.below(root), ["closed"]);
    assert_eq!(
        walked.faults_below(root),
        [("closed".to_owned(), FaultKind::Unreadable)]
    );

    // Inside one, the root itself cannot be looked at.
    let within = closed.join("file");
    let walked = agree(&mut everything([Root::listed(&within)]));
    assert_eq!(walked.below(root), [""; 0]);
    assert_eq!(
        walked.faults_below(root),
        [("closed/file".to_owned(), FaultKind::Unreadable)]
    );
    let options = everything([Root::named(&within)]);
    let refused = walk(&options, &Collect::new(&|_| {}));
    assert!(matches!(refused, Err(Error::Root { .. })), "{refused:?}");
}

#[test]
fn what_is_forbidden_is_a_fault_and_the_rest_is_walked() {
    const SELF: &str = "permissions::what_is_forbidden_is_a_fault_and_the_rest_is_walked";
    if let Some(root) = child::tree() {
        assert!(!child::is_root(), "nothing is forbidden to root");
        return check(&root);
    }
    let place = Place::new();
    make(&place);
    match child::as_nobody() {
        Some(nobody) => {
            place.open_to_all();
            child::run(nobody, SELF, place.path());
        }
        None => check(place.path()),
    }
    // For `rm`, which has to get in.
    for name in ["closed", "listed-only", "entered-only", "z/closed"] {
        set_mode(&place.path().join(name), 0o755);
    }
}
