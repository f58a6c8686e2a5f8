//! Trees that change while they are walked.
//!
//! Most of these tests change the tree in the visitor, between the look at an entry and the next
//! step: each time the same, and the walk cannot get by. One lets a thread do it at any moment.

use crate::child;
use crate::harness::{WALKERS, Walked, everything, walk_once, walk_while};
use crate::oracle;
use crate::tree::Place;
use rustix::fs::{CWD, RenameFlags, rename, renameat_with};
use rustix::process::{Resource, Rlimit, setrlimit};
use skewgate::walk::{FaultKind, Root, Walker};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Does something the first time that an entry is met.
fn once_at<'test>(
    at: &'test Path,
    change: impl Fn() + Sync + 'test,
) -> impl Fn(&Path) + Sync + 'test {
    let done = AtomicBool::new(false);
    move |path| {
        if path == at && !done.swap(true, Ordering::SeqCst) {
            change();
        }
    }
}

/// Walks while something changes once that an entry is met.
fn walk_changing(root: Root, walker: Walker, at: &Path, change: impl Fn() + Sync) -> Walked {
    let each = once_at(at, change);
    walk_while(&mut everything([root]), walker, 2, &each)
}

/// A tree to walk, and one outside with the same names that nobody asked for.
fn inside_and_outside() -> Place {
    let place = Place::new();
    for root in ["root", "outside"] {
        for name in ["dir/sub/file", "dir/file", "other/sub/file", "other/file"] {
            place.file(format!("{root}/{name}"));
        }
    }
    place.file("outside/dir/marker");
    place.file("outside/dir/sub/marker");
    place
}

/// Puts a link where a directory was.
fn replace_by_link(path: &Path, to: &Path) {
    rename(path, path.with_extension("moved")).unwrap();
    std::os::unix::fs::symlink(to, path).unwrap();
}

fn fault(name: &str, kind: FaultKind) -> Vec<(String, FaultKind)> {
    vec![(name.to_owned(), kind)]
}

#[test]
fn a_directory_that_becomes_a_link_is_not_entered() {
    for walker in WALKERS {
        let place = inside_and_outside();
        let root = place.path().join("root");
        let dir = root.join("dir");
        let outside = place.path().join("outside/dir");
        let walked = walk_changing(Root::named(&root), walker, &dir, || {
            replace_by_link(&dir, &outside);
        });
        let found = walked.below(&root);
        assert!(
            !found.iter().any(|name| name.starts_with("dir/")),
            "{walker:?}: {found:?}"
        );
        assert!(found.contains(&"other/file".to_owned()), "{walker:?}");
        assert_eq!(
            walked.faults_below(&root),
            fault("dir", FaultKind::Changed),
            "{walker:?}"
        );
    }
}

#[test]
fn a_directory_that_becomes_a_file_or_nothing_is_a_fault() {
    for walker in WALKERS {
        for (kind, file) in [(FaultKind::Changed, true), (FaultKind::Vanished, false)] {
            let place = inside_and_outside();
            let root = place.path().join("root");
            let dir = root.join("dir");
            let walked = walk_changing(Root::named(&root), walker, &dir, || {
                fs::remove_dir_all(&dir).unwrap();
                if file {
                    drop(fs::File::create(&dir).unwrap());
                }
            });
            let with = format!("{walker:?} {kind:?}");
            assert_eq!(walked.faults_below(&root), fault("dir", kind), "{with}");
            let rest = [
                "",
                "dir",
                "other",
                "other/file",
                "other/sub",
                "other/sub/file",
            ];
            assert_eq!(walked.below(&root), rest, "{with}");
        }
    }
}

#[test]
fn a_listed_root_that_becomes_a_link_is_not_entered() {
    for walker in WALKERS {
        let place = inside_and_outside();
        let root = place.path().join("root");
        let outside = place.path().join("outside");
        let walked = walk_changing(Root::listed(&root), walker, &root, || {
            replace_by_link(&root, &outside);
        });
        assert_eq!(walked.below(&root), [""], "{walker:?}");
        assert_eq!(
            walked.faults_below(&root),
            fault("", FaultKind::Changed),
            "{walker:?}"
        );
    }
}

#[test]
fn a_root_that_becomes_another_directory_is_not_entered() {
    for walker in WALKERS {
        let place = inside_and_outside();
        let root = place.path().join("root");
        let link = place.link("link", "root");
        let walked = walk_changing(Root::named(&link), walker, &link, || {
            fs::remove_file(&link).unwrap();
            place.link("link", "outside");
        });
        assert_eq!(walked.below(&link), [""], "{walker:?}");
        assert_eq!(
            walked.faults_below(&link),
            fault("", FaultKind::Changed),
            "{walker:?}"
        );
        drop(root);
    }
}

#[test]
fn what_vanishes_between_listing_and_looking_is_a_fault() {
    for walker in WALKERS {
        let place = Place::new();
        for name in ["one", "two", "three", "four"] {
            place.file(name);
        }
        let [first, rest @ ..] = &listed(place.path())[..] else {
            panic!("nothing is listed")
        };
        let walked = walk_changing(Root::named(place.path()), walker, first, || {
            for path in rest {
                fs::remove_file(path).unwrap();
            }
        });
        assert_eq!(walked.entries.len(), 2, "{walker:?}");
        assert_eq!(walked.faults.len(), 3, "{walker:?}");
        assert!(
            walked
                .faults
                .iter()
                .all(|(_, kind)| *kind == FaultKind::Vanished),
            "{walker:?}: {:?}",
            walked.faults
        );
    }
}

/// What is in a directory, in the order in which every reader is given it.
fn listed(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn what_is_excluded_may_vanish() {
    for walker in WALKERS {
        let place = Place::new();
        for name in ["one", "two", "three", "four"] {
            place.file(name);
        }
        let [first, rest @ ..] = &listed(place.path())[..] else {
            panic!("nothing is listed")
        };
        let excluded = rest
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap());
        let mut options = everything([Root::named(place.path())]);
        let excluded = skewgate::walk::Patterns::new(excluded).unwrap();
        options.select = skewgate::walk::Select::new(None, Some(excluded));
        let each = once_at(first, || {
            for path in rest {
                fs::remove_file(path).unwrap();
            }
        });
        let walked = walk_while(&mut options, walker, 2, &each);
        assert_eq!(walked.entries.len(), 2, "{walker:?}");
        assert_eq!(walked.faults, [], "{walker:?}");
    }
}

/// With hardly any handles every level is opened again by way of the root.
#[test]
fn a_level_is_opened_again_in_the_same_tree_only() {
    const SELF: &str = "races::a_level_is_opened_again_in_the_same_tree_only";
    let Some(place) = child::tree() else {
        let place = inside_and_outside();
        return child::run(child::same(), SELF, place.path());
    };
    allow_no_handle_to_be_kept();
    let root = place.join("root");
    let link = place.join("link");
    // Links are followed in the path of a root, so whoever changes one there moves the root.
    let mut refusals = 0;
    let directories = ["dir", "dir/sub", "other", "other/sub"];
    for at in directories {
        std::os::unix::fs::symlink("root", &link).unwrap();
        let walked = walk_changing(Root::named(&link), Walker::Beneath, &link.join(at), || {
            fs::remove_file(&link).unwrap();
            std::os::unix::fs::symlink("outside", &link).unwrap();
        });
        let inside = inodes(&root);
        let entries = walked.entries.iter();
        let strange: Vec<_> = entries
            .filter(|seen| !inside.contains(&seen.stat.inode))
            .collect();
        assert!(strange.is_empty(), "changed at {at}: {strange:?}");
        // What was not gone into is not passed over in silence.
        let found = walked.below(&link);
        let faults = walked.faults_below(&link);
        for directory in directories {
            let shown = found.contains(&directory.to_owned());
            let read = found.contains(&format!("{directory}/file"));
            let refused = faults.contains(&(directory.to_owned(), FaultKind::Changed));
            assert_eq!(shown, read != refused, "{directory}, changed at {at}");
        }
        refusals += faults.len();
        fs::remove_file(&link).unwrap();
    }
    // Of `dir` and `other` one is gone into first, and leaves the other for later.
    assert!(refusals >= 3, "{refusals}");
}

fn allow_no_handle_to_be_kept() {
    let few = Some(40);
    let limit = Rlimit {
        current: few,
        maximum: few,
    };
    setrlimit(Resource::Nofile, limit).unwrap();
}

fn inodes(root: &Path) -> HashSet<u64> {
    oracle::walkdir(root)
        .into_iter()
        .map(|seen| seen.stat.inode)
        .collect()
}

/// Keeps changing a tree: files and directories come, go and change places, and a directory changes
/// places with a link to one outside.
fn disturb(place: &Path, until: &AtomicBool, rounds: &AtomicUsize) {
    let busy = place.join("root/busy");
    let (swapped, link) = (place.join("root/swapped"), place.join("link"));
    let (inner, inner_link) = (swapped.join("inner"), place.join("inner-link"));
    let name = |at: usize| busy.join(format!("n{}", at % 13));
    while !until.load(Ordering::Relaxed) {
        let round = rounds.fetch_add(1, Ordering::Relaxed);
        exchange(&swapped, &link);
        // Whatever stands in the way of a step is left for another round.
        let _may_fail = fs::create_dir_all(name(round).join("sub/deep"));
        let _may_fail = fs::File::create(name(round).join("sub/file"));
        let _may_fail = fs::File::create(name(round + 1));
        let _may_fail = rename(name(round + 2), name(round + 3));
        exchange(&swapped, &link);
        exchange(&inner, &inner_link);
        let _may_fail = rename(name(round + 4), name(round + 5).join("sub/moved"));
        let _may_fail = fs::remove_dir_all(name(round + 6));
        let _may_fail = fs::remove_file(name(round + 7));
        exchange(&inner, &inner_link);
    }
}

fn exchange(one: &Path, other: &Path) {
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).unwrap();
}

fn walk_disturbed(place: &Path, walks: usize) {
    let root = place.join("root");
    let outside = inodes(&place.join("outside"));
    let stable: HashSet<_> = oracle::walkdir(&root.join("stable"))
        .into_iter()
        .map(|seen| seen.path)
        .collect();
    let (stop, rounds) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut faults = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| disturb(place, &stop, &rounds));
        // Stops the other thread when an assertion fails here.
        let _stop = Stop(&stop);
        for walk in 0..walks {
            let walker = WALKERS[walk % 2];
            let threads = [1, 2, 8][walk / 2 % 3];
            let mut options = everything([Root::named(&root)]);
            let walked = walk_once(&mut options, walker, threads);
            let entries = walked.entries.iter();
            let missing = stable.len()
                - entries
                    .clone()
                    .filter(|seen| stable.contains(&seen.path))
                    .count();
            assert_eq!(missing, 0, "{walker:?}");
            // By paths nobody can keep out of a link that comes after the look: that is what the
            // other walker is for.
            if walker == Walker::Beneath {
                let strange: Vec<_> = entries
                    .filter(|seen| outside.contains(&seen.stat.inode))
                    .collect();
                assert!(strange.is_empty(), "{strange:?}");
            }
            let unexpected: Vec<_> = walked
                .faults
                .iter()
                .filter(|(_, kind)| !matches!(kind, FaultKind::Vanished | FaultKind::Changed))
                .collect();
            assert!(unexpected.is_empty(), "{walker:?}: {unexpected:?}");
            faults += walked.faults.len();
        }
    });
    // Otherwise nothing came in the way of a walk, and this has shown nothing.
    assert!(rounds.into_inner() > walks && faults > 0, "{faults} faults");
}

struct Stop<'test>(&'test AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn disturbed_tree() -> Place {
    let place = Place::new();
    for at in 0..60 {
        place.file(format!("root/stable/{}/{}/file{at}", at % 3, at % 5));
    }
    for root in ["root/swapped", "outside"] {
        for at in 0..20 {
            place.file(format!("{root}/inner/{at}/file"));
            place.file(format!("{root}/{at}/file"));
        }
    }
    place.file("outside/marker");
    place.directory("root/busy");
    place.link("link", place.path().join("outside"));
    place.link("inner-link", place.path().join("outside/inner"));
    place
}

#[test]
fn a_tree_that_never_rests_leads_nowhere_else() {
    let place = disturbed_tree();
    walk_disturbed(place.path(), 600);
}

#[test]
fn nor_does_it_when_levels_are_opened_again() {
    const SELF: &str = "races::nor_does_it_when_levels_are_opened_again";
    if let Some(place) = child::tree() {
        allow_no_handle_to_be_kept();
        let before = child::open_handles();
        walk_disturbed(&place, 300);
        assert_eq!(child::open_handles(), before);
    } else {
        let place = disturbed_tree();
        child::run(child::same(), SELF, place.path());
    }
}
