//! Which entries are wanted, against a matcher that is slow and plain.

use crate::harness::{Seen, agree, assert_same, everything};
use crate::oracle;
use crate::random::{plant, trees};
use crate::tree::Place;
use proptest::prelude::{ProptestConfig, Strategy, prop, prop_oneof, proptest};
use skewgate::walk::{FaultKind, Patterns, Root, Select};
use std::path::Path;

/// Whether a name matches: `*` is any run of characters, `?` is one.
fn matches_name(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=name.len()).any(|taken| matches_name(rest, &name[taken..])),
        ([b'?', rest @ ..], [_, others @ ..]) => matches_name(rest, others),
        ([one, rest @ ..], [other, others @ ..]) => one == other && matches_name(rest, others),
        _ => false,
    }
}

/// Whether a path matches, name for name: `**` is any number of names, at the end at least one.
fn matches_path(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**"], _) => !path.is_empty(),
        (["**", rest @ ..], _) => (0..=path.len()).any(|taken| matches_path(rest, &path[taken..])),
        ([one, rest @ ..], [name, others @ ..]) => {
            matches_name(one.as_bytes(), name.as_bytes()) && matches_path(rest, others)
        }
        _ => false,
    }
}

fn matches(pattern: &str, path: &[&str]) -> bool {
    let pattern = pattern.strip_suffix('/').unwrap_or(pattern);
    let anchored = pattern.strip_prefix("./");
    match (anchored, path.last()) {
        (None, Some(name)) if !pattern.contains('/') => {
            matches_name(pattern.as_bytes(), name.as_bytes())
        }
        _ => {
            let pattern: Vec<&str> = anchored.unwrap_or(pattern).split('/').collect();
            matches_path(&pattern, path)
        }
    }
}

/// Whether a pattern matches the path or a directory above it that is at least `from` names long.
fn cover(patterns: &[String], path: &[&str], from: usize) -> bool {
    let above = (from..=path.len()).map(|length| &path[..length]);
    above
        .flat_map(|above| patterns.iter().map(move |pattern| (pattern, above)))
        .any(|(pattern, above)| matches(pattern, above))
}

/// What should be reported of a tree. Roots are wanted whatever is excluded.
fn expected(base: &Path, root: &Path, include: &[String], exclude: &[String]) -> Vec<Seen> {
    let mut all = oracle::walkdir(root);
    let root_length = root.strip_prefix(base).unwrap().components().count();
    all.retain(|seen| {
        let path = Path::new(&seen.path).strip_prefix(base).unwrap();
        let path: Vec<&str> = path.iter().map(|name| name.to_str().unwrap()).collect();
        (include.is_empty() || cover(include, &path, 1)) && !cover(exclude, &path, root_length + 1)
    });
    all
}

fn select(include: &[String], exclude: &[String]) -> Select {
    let patterns = |texts: &[String]| (!texts.is_empty()).then(|| Patterns::new(texts).unwrap());
    Select::new(patterns(include), patterns(exclude))
}

fn check(base: &Path, root: &Path, include: &[String], exclude: &[String]) {
    let mut options = everything([Root::named(root)]);
    options.base = base.to_owned();
    options.select = select(include, exclude);
    let walked = agree(&mut options);
    let expected = expected(base, root, include, exclude);
    let with = format!("include {include:?} exclude {exclude:?}");
    assert_same(&walked.entries, &expected, &with);
    assert_same(&walked.faults, &[], &with);
}

fn texts(patterns: &[&str]) -> Vec<String> {
    patterns.iter().copied().map(str::to_owned).collect()
}

fn sample() -> Place {
    let place = Place::new();
    for name in [
        "dist/app.jar",
        "dist/app.txt",
        "dist/sub/lib.jar",
        "dist/sub/deep/x.jar",
        "dist/vendor/in.jar",
        "vendor/out.jar",
        "test/app.jar",
        "notes.txt",
    ] {
        place.file(name);
    }
    place.directory("dist/empty");
    place.link("dist/link.jar", "app.jar");
    place
}

#[test]
fn entries_are_chosen_by_names_and_paths() {
    let place = sample();
    for (include, exclude) in [
        (&[][..], &["*.txt"][..]),
        (&["*.jar"], &[]),
        (&["*.jar"], &["vendor"]),
        (&["dist"], &["*.txt", "deep/"]),
        (&["dist/sub"], &[]),
        (&["dist/*.jar"], &[]),
        (&["dist/**/*.jar"], &[]),
        (&["./vendor"], &[]),
        (&[], &["./vendor"]),
        (&["dist/sub/deep/x.jar", "notes.txt"], &[]),
        (&["nothing"], &[]),
        (&["*"], &["*"]),
        (&["**"], &["dist/**"]),
        (&["dist/**"], &["dist/sub/**"]),
        // The base is not in itself.
        (&["**/*"], &["vendor"]),
        (&["./*"], &["./dist"]),
        (&["./**"], &["./dist"]),
    ] {
        let (include, exclude) = (texts(include), texts(exclude));
        check(place.path(), place.path(), &include, &exclude);
        // Patterns begin in the base, wherever the walk does.
        let dist = place.path().join("dist");
        check(place.path(), &dist, &include, &exclude);
        check(&dist, &dist, &include, &exclude);
    }
}

#[test]
fn what_is_excluded_is_not_even_entered() {
    let place = sample();
    let walked = |exclude: &str| {
        let mut options = everything([Root::named(place.path())]);
        options.depth_limit = 1;
        options.select = select(&[], &texts(&[exclude]));
        agree(&mut options).faults_below(place.path())
    };
    // Each directory that would be entered is too deep: those in an excluded one are not met at all.
    let too_deep = |names: &[&str]| -> Vec<(String, FaultKind)> {
        let fault = |name: &&str| ((*name).to_owned(), FaultKind::TooDeep);
        names.iter().map(fault).collect()
    };
    assert_eq!(
        walked("x"),
        too_deep(&["dist/empty", "dist/sub", "dist/vendor"])
    );
    assert_eq!(walked("sub"), too_deep(&["dist/empty", "dist/vendor"]));
    assert_eq!(walked("dist"), []);
}

#[test]
fn a_root_is_wanted_though_it_is_excluded() {
    let place = sample();
    let mut options =
        everything(["dist", "notes.txt"].map(|name| Root::named(place.path().join(name))));
    options.select = select(&[], &texts(&["dist", "notes.txt", "sub", "*.jar"]));
    let walked = agree(&mut options);
    let shown = [
        "dist",
        "dist/app.txt",
        "dist/empty",
        "dist/vendor",
        "notes.txt",
    ];
    assert_eq!(walked.below(place.path()), shown);
}

/// Patterns over the names of the trees, most of which match something.
fn patterns() -> impl Strategy<Value = Vec<String>> {
    let name =
        || prop::sample::select(vec!["a", "b", "ab", "c", "a*", "*b", "?", "*", "a.?", "??"]);
    let names = || prop::collection::vec(name(), 1..4).prop_map(|names| names.join("/"));
    let pattern = prop_oneof![
        4 => name().prop_map(str::to_owned),
        4 => names(),
        1 => names().prop_map(|names| format!("./{names}")),
        1 => names().prop_map(|names| format!("{names}/")),
        1 => names().prop_map(|names| format!("**/{names}")),
        1 => names().prop_map(|names| format!("{names}/**")),
        1 => (names(), names()).prop_map(|(above, below)| format!("{above}/**/{below}")),
    ];
    prop::collection::vec(pattern, 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_patterns_choose_what_the_plain_matcher_chooses(
        tree in trees(),
        include in patterns(),
        exclude in patterns(),
        inner in proptest::bool::ANY,
    ) {
        let place = Place::new();
        plant(&place, &tree);
        let inside = place.path().join("a");
        let root = if inner && inside.is_dir() && !inside.is_symlink() {
            &inside
        } else {
            place.path()
        };
        check(place.path(), root, &include, &exclude);
    }
}
