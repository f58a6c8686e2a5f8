//! Other file systems in the tree. Each test mounts where nobody else can see it.

use crate::child;
use crate::harness::{agree, assert_complete, everything};
use crate::tree::Place;
use skewgate::sys::Kind;
use skewgate::walk::Root;
use std::path::Path;
use std::process::Command;

/// Runs a test again where it may mount, or says why not.
fn with_own_mounts(test: &str, place: &Place) {
    match own_mounts() {
        Some(command) => child::run(command, test, place.path()),
        None => child::pass_over("mounts: neither root nor user namespaces"),
    }
}

/// This binary where it can mount without anybody else seeing it; `None` where that is not permitted.
fn own_mounts() -> Option<Command> {
    let unshare = || {
        let mut command = Command::new("unshare");
        command.arg(if child::is_root() { "-m" } else { "-rm" });
        command
    };
    let permitted = unshare()
        .args(["mount", "-t", "tmpfs", "none", "/mnt"])
        .output();
    if !permitted.is_ok_and(|tried| tried.status.success()) {
        return None;
    }
    let mut command = unshare();
    command.arg(std::env::current_exe().unwrap());
    Some(command)
}

fn mount(arguments: &[&str], at: &Path) {
    let mounted = Command::new("mount").args(arguments).arg(at).output();
    let mounted = mounted.unwrap();
    assert!(mounted.status.success(), "{mounted:?}");
}

#[test]
fn another_file_system_is_entered_unless_told_otherwise() {
    const SELF: &str = "mounts::another_file_system_is_entered_unless_told_otherwise";
    let Some(root) = child::tree() else {
        let place = Place::new();
        place.file("before/file");
        place.file("mounted/hidden-by-the-mount");
        place.file("z/file");
        return with_own_mounts(SELF, &place);
    };
    let mounted = root.join("mounted");
    mount(&["-t", "tmpfs", "none"], &mounted);
    std::fs::create_dir_all(mounted.join("sub/deep")).unwrap();
    drop(std::fs::File::create(mounted.join("sub/file")).unwrap());

    let all = assert_complete(&root);
    let outer = ["", "before", "before/file", "mounted"];
    let inner = ["mounted/sub", "mounted/sub/deep", "mounted/sub/file"];
    let after = ["z", "z/file"];
    assert_eq!(all.below(&root), [&outer[..], &inner, &after].concat());

    let mut options = everything([Root::named(&root)]);
    options.one_file_system = true;
    let one = agree(&mut options);
    assert_eq!(one.below(&root), [&outer[..], &after].concat());
    assert_eq!(one.faults, []);
    // What is reported is the directory that was mounted, not the one beneath it.
    assert_ne!(one.entries[0].stat.device, one.entries[3].stat.device);

    // Named as a root of its own it is walked: each root has a file system of its own.
    for roots in [[&root, &mounted], [&mounted, &root]] {
        options.roots = roots.map(Root::named).to_vec();
        assert_eq!(agree(&mut options).entries, all.entries);
    }
}

#[test]
fn a_directory_mounted_in_itself_is_walked_and_ends() {
    const SELF: &str = "mounts::a_directory_mounted_in_itself_is_walked_and_ends";
    let Some(root) = child::tree() else {
        let place = Place::new();
        place.file("a/b/file");
        place.file("a/mounted/hidden-by-the-mount");
        return with_own_mounts(SELF, &place);
    };
    let mounted = root.join("a/mounted");
    mount(&["--bind", root.to_str().unwrap()], &mounted);

    // The mount is not there again in itself: a bind mount takes none of the mounts below along.
    let names = ["", "a", "a/b", "a/b/file", "a/mounted"];
    let inner = [
        "a/mounted/a",
        "a/mounted/a/b",
        "a/mounted/a/b/file",
        "a/mounted/a/mounted",
        "a/mounted/a/mounted/hidden-by-the-mount",
    ];
    let walked = agree(&mut everything([Root::named(&root)]));
    assert_eq!(walked.below(&root), [&names[..], &inner].concat());
    assert_eq!(walked.faults, []);

    // It is the same file system, so there is nothing to stay out of.
    let mut options = everything([Root::named(&root)]);
    options.one_file_system = true;
    assert_eq!(agree(&mut options), walked);

    // With several roots every directory is walked once, and this one is the root again.
    options.roots = vec![Root::named(&root), Root::named("/dev/null")];
    let once = agree(&mut options);
    assert_eq!(once.below(&root), ["/dev/null", "", "a", "a/b", "a/b/file"]);
}

#[test]
fn a_file_mounted_over_a_file_is_an_entry() {
    const SELF: &str = "mounts::a_file_mounted_over_a_file_is_an_entry";
    let Some(root) = child::tree() else {
        let place = Place::new();
        place.file("file");
        place.file("outside/other");
        return with_own_mounts(SELF, &place);
    };
    let device = root.join("file");
    mount(&["--bind", "/dev/null"], &device);
    let walked = assert_complete(&root);
    assert_eq!(
        walked.below(&root),
        ["", "file", "outside", "outside/other"]
    );
    assert_eq!(walked.entries[1].stat.kind, Kind::Special);
}
