//! Trees that chance makes.

use crate::harness::{agree, assert_complete, assert_same, everything};
use crate::oracle;
use crate::tree::Place;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_oneof, proptest};
use skewgate::sys::Kind;
use skewgate::walk::{FaultKind, Root};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What a tree is made of: a path and what is to be there.
#[derive(Debug, Clone)]
pub(crate) struct Planted {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
}

/// Paths of few different names, so that they share directories.
pub(crate) fn paths() -> impl Strategy<Value = PathBuf> {
    let name = prop::sample::select(vec!["a", "b", "ab", "c", "a.b"]);
    prop::collection::vec(name, 1..6).prop_map(|names| names.into_iter().collect())
}

/// A small tree.
pub(crate) fn trees() -> impl Strategy<Value = Vec<Planted>> {
    let kind = prop_oneof![
        3 => Just(Kind::File),
        2 => Just(Kind::Directory),
        1 => Just(Kind::Symlink),
    ];
    let planted = (paths(), kind).prop_map(|(path, kind)| Planted { path, kind });
    prop::collection::vec(planted, 0..24)
}

/// Makes what it can: where a file stands already, nothing can be put into it.
pub(crate) fn plant(place: &Place, tree: &[Planted]) {
    for planted in tree {
        let path = place.path().join(&planted.path);
        let parent = path.parent().unwrap();
        // A link is no place to put anything either: it may lead anywhere.
        let free = parent.ancestors().all(|above| !above.is_symlink())
            && std::fs::create_dir_all(parent).is_ok();
        if !free || path.symlink_metadata().is_ok() {
            continue;
        }
        match planted.kind {
            Kind::Directory => std::fs::create_dir(&path).unwrap(),
            Kind::Symlink => drop(place.link(&planted.path, "..")),
            Kind::File | Kind::Special => drop(place.file(&planted.path)),
        }
    }
}

fn depth_below(root: &Path, path: &OsString) -> u32 {
    let below = Path::new(path).strip_prefix(root).unwrap();
    u32::try_from(below.components().count()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn both_walkers_see_what_walkdir_sees(tree in trees()) {
        let place = Place::new();
        plant(&place, &tree);
        assert_complete(place.path());
    }

    #[test]
    fn nothing_lies_deeper_than_the_limit(tree in trees(), limit in 0..5_u32) {
        let place = Place::new();
        plant(&place, &tree);
        let root = place.path();
        let mut options = everything([Root::named(root)]);
        options.depth_limit = limit;
        let walked = agree(&mut options);

        let mut expected = oracle::walkdir(root);
        expected.retain(|seen| depth_below(root, &seen.path) <= limit + 1);
        assert_same(&walked.entries, &expected, "walkdir");
        // Each directory that was not gone into is named.
        expected.retain(|seen| {
            seen.stat.kind == Kind::Directory && depth_below(root, &seen.path) == limit + 1
        });
        let faults: Vec<_> =
            expected.into_iter().map(|seen| (seen.path, FaultKind::TooDeep)).collect();
        assert_same(&walked.faults, &faults, "the directories at the limit");
    }
}
