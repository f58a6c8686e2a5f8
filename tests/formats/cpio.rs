//! cpio, beside GNU cpio and bsdtar.

use crate::look::{bytes, command, fixture, output, seen};
use crate::tar::{as_bsdtar, bsdtar};
use skewgate::time::Timestamp;
use std::fs;
use std::process::Stdio;

const WHOLE: [&str; 6] = ["newc", "crc", "odc", "bin", "bin-swapped", "links"];

#[test]
fn gnu_cpio_sees_the_same_members() {
    for name in WHOLE {
        let file = fs::File::open(fixture(&format!("cpio/{name}.cpio"))).unwrap();
        let mut cpio = command("cpio", &["-it", "--quiet"]);
        let Some(theirs) = output(cpio.stdin(Stdio::from(file))) else {
            return;
        };
        let seen = seen(&bytes(&format!("cpio/{name}.cpio")));
        let ours: Vec<_> = seen
            .found
            .iter()
            .map(|found| found.member.as_str())
            .collect();
        assert_eq!(ours, theirs.lines().collect::<Vec<_>>(), "{name}");
        assert!(seen.flaws.is_empty(), "{name}");
    }
}

#[test]
fn bsdtar_sees_the_same_times() {
    // It knows no big-endian binary ones; newc's times from 2038 on it takes for what they are.
    for name in WHOLE {
        let path = fixture(&format!("cpio/{name}.cpio"));
        let Some(theirs) = bsdtar(&path) else {
            return;
        };
        let seen = seen(&fs::read(path).unwrap());
        let ours = seen
            .found
            .iter()
            .map(|found| (found.member.clone(), found.at));
        assert_eq!(as_bsdtar(ours.collect()), theirs, "{name}");
    }
}

#[test]
fn archives_one_after_another_are_all_read() {
    let (one, other) = (bytes("cpio/newc.cpio"), bytes("cpio/odc.cpio"));
    let both = seen(&[&one[..], &[0; 300], &other[..]].concat());
    let single = seen(&one);
    assert_eq!(
        both.found.len(),
        single.found.len() + seen(&other).found.len()
    );
    assert!(both.flaws.is_empty());
    // What is behind it otherwise is looked into, too.
    let tar = seen(&[one, vec![0; 4], bytes("tar/v7.tar")].concat());
    let lines = tar.lines();
    assert_eq!(
        lines.last().unwrap(),
        "(after the trailer)!late.txt tar.mtime 2040-06-15T12:00:00Z"
    );
}

#[test]
fn a_time_written_into_its_slot_is_what_programs_see() {
    let at = Timestamp::from_unix(1_000_000_000, 0);
    let folder = tempfile::tempdir().unwrap();
    for name in ["newc", "odc", "links"] {
        let mut archive = bytes(&format!("cpio/{name}.cpio"));
        for found in seen(&archive).found {
            assert!(found.write(&mut archive, at), "{found:?}");
        }
        let path = folder.path().join("changed.cpio");
        fs::write(&path, &archive).unwrap();
        let Some(theirs) = bsdtar(&path) else {
            return;
        };
        assert!(
            !theirs.is_empty() && theirs.iter().all(|(_, theirs)| *theirs == Some(at)),
            "{name}"
        );
    }
    assert!(
        seen(&bytes("cpio/bin.cpio"))
            .found
            .iter()
            .all(|found| found.slot.is_none())
    );
}

#[test]
fn what_is_damaged_is_told() {
    for (name, found, kinds) in [
        ("hostile-digits", 1, vec![("", "malformed")]),
        (
            "hostile-name-size",
            2,
            vec![("", "limit"), ("", "truncated")],
        ),
        ("hostile-name-zero", 2, vec![("", "malformed")]),
        ("hostile-names", 5, vec![]),
        ("hostile-no-trailer", 2, vec![("", "truncated")]),
        (
            "hostile-size",
            2,
            vec![("late.txt", "truncated"), ("", "truncated")],
        ),
        ("last", 2, vec![]),
    ] {
        let seen = seen(&bytes(&format!("cpio/{name}.cpio")));
        assert_eq!((seen.found.len(), seen.kinds()), (found, kinds), "{name}");
    }
}
