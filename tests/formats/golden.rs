//! What the listing tells of every fixture is what stands beside it: `UPDATE=1 cargo test --test formats golden`
//! writes it anew; look at what it changed.

use super::look::{all, bytes, fixture};
use skewgate::format::{Options, list};
use skewgate::report::{Listed, Style, find};
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What `skewgate stamps` prints of a file, without the file's own time, and how many times were counted and told.
fn listing(name: &str) -> (String, [u64; 2]) {
    let file = bytes(name);
    let style = Style {
        colour: false,
        verbose: false,
    };
    let mut lines = (find("human").unwrap().listing)(style);
    let mut out = Vec::new();
    let listed = Listed {
        path: Path::new(name),
        size: u64::try_from(file.len()).unwrap(),
        modified: None,
    };
    lines.file(&listed, &mut out).unwrap();
    let mut told = 0;
    let content = list(
        &file,
        &Options::default(),
        &AtomicBool::new(false),
        &mut |member, stamp| {
            told += 1;
            lines.stamp(member, stamp, &mut out).unwrap();
        },
    );
    lines.rest(&content, &mut out).unwrap();
    lines.end(&[], &mut out).unwrap();
    (
        String::from_utf8(out).unwrap(),
        [content.tally.stamps, told],
    )
}

#[test]
fn every_fixture_tells_what_stands_beside_it() {
    let mut wrong = Vec::new();
    for name in all() {
        let (listing, [counted, told]) = listing(&name);
        if counted != told {
            wrong.push(format!("{name}: {counted} times counted, {told} told"));
        }
        let beside = fixture(&format!("{name}.stamps"));
        if std::env::var_os("UPDATE").is_some() {
            #[expect(clippy::disallowed_methods, reason = "the listings are generated here")]
            fs::write(&beside, &listing).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if expected != listing {
            wrong.push(format!("{name} tells\n{listing}\nnot\n{expected}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

#[test]
fn no_listing_is_of_a_fixture_that_is_gone() {
    fn check(folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                check(&path);
            } else if path.extension().is_some_and(|end| end == "stamps") {
                assert!(path.with_extension("").is_file(), "{}", path.display());
            }
        }
    }
    check(&fixture(""));
}
