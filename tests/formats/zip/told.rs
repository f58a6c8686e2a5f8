//! What is told of each file that was made to show one thing.

use super::{fixture, look, of, seen, tells};
use skewgate::format::{Calm, Options, ZipZone};
use skewgate::time::{Interval, Span, Timestamp};

const LATE: &str = "2040-06-15T12:00:00Z";
const PAST: &str = "2026-01-02T03:04:06Z";

#[test]
fn an_exact_time_tells_the_zone_of_the_other() {
    let seen = seen("zip/infozip-newyork.zip");
    assert_eq!(
        of(&seen, "zip.central"),
        [
            "hello.txt 2026-01-01T22:04:06Z inferred",
            "odd.txt 2026-01-01T22:04:08Z inferred",
            "late.txt 2040-06-15T08:00:00Z inferred",
        ]
    );
    let exact = of(&seen, "zip.central.ut.mtime");
    assert_eq!(exact[2], format!("late.txt {LATE} known"));
    assert_eq!(exact, of(&seen, "zip.local.ut.mtime"));
    assert_eq!((seen.told().len(), seen.tally.undecided), (0, 0));
    for found in seen.found.iter().filter(|found| found.member == "late.txt") {
        let time = found.time.unwrap();
        let late = Timestamp::from_unix(2_223_374_400, 0);
        let error = Span::from_secs(2);
        assert!(
            Interval::around(late, error).intersection(time).is_some()
                && time.width() <= error.plus(error)
        );
    }
}

#[test]
fn members_without_an_exact_time_are_in_the_zone_of_those_with() {
    let seen = seen("zip/infozip-partly.zip");
    let bare = seen
        .found
        .iter()
        .find(|found| found.member == "bare.txt")
        .unwrap();
    let time = bare.time.unwrap();
    assert_eq!(bare.zone, "inferred");
    let at = |at: i64| Some(Timestamp::from_unix(at, 0));
    assert_eq!(
        (time.earliest(), time.latest()),
        (at(1_767_323_046 - 2), at(1_767_323_046 + 2))
    );
}

#[test]
fn a_zone_is_what_the_user_says() {
    let bytes = std::fs::read(fixture("zip/infozip-kolkata-bare.zip")).unwrap();
    let zone = ZipZone::Ahead(Span::from_secs(5 * 3600 + 1800));
    let options = Options {
        zip_zone: zone,
        ..Options::default()
    };
    let found = look(&bytes, &options, Calm::NEVER).found;
    assert_eq!(
        (found[0].zone, found[0].seconds()),
        ("stated", Some(1_767_342_846))
    );
    let past = Interval::around(Timestamp::from_unix(1_767_323_046, 0), Span::from_secs(2));
    assert_eq!(found[0].time, Some(past));
    assert_eq!(
        seen("zip/infozip-kolkata-bare.zip").found[0].zone,
        "unknown"
    );
}

#[test]
fn seconds_of_32_bits_are_read_beside_the_dos_time() {
    let seen = seen("zip/ut-wrap.zip");
    assert_eq!(
        of(&seen, "zip.central.ut.mtime"),
        [
            &format!("signed.txt {LATE} known"),
            "century.txt 2107-06-15T12:00:00Z known",
            "epoch.txt 1970-01-01T00:00:00Z known",
            "before.txt 1969-12-31T23:59:59Z known",
        ]
    );
    // The floor of DOS beside an earlier time is none.
    assert_eq!(seen.told(), [""; 0]);
    let old = super::seen("zip/infozip-ancient.zip");
    assert_eq!(old.told(), [""; 0]);
}

#[test]
fn every_extra_field_is_read() {
    let seen = seen("zip/extras.zip");
    for (field, member, at) in [
        ("ux.mtime", "ux.txt", PAST),
        ("ux.atime", "ux.txt", LATE),
        ("pkware.mtime", "pkware.txt", PAST),
        ("pkware.atime", "pkware.txt", LATE),
        ("ntfs.mtime", "ntfs.txt", PAST),
        ("ntfs.atime", "ntfs.txt", LATE),
        ("ntfs.ctime", "ntfs.txt", "1975-05-05T05:05:05Z"),
    ] {
        for side in ["central", "local"] {
            let expected = [format!("{member} {at} known")];
            assert_eq!(of(&seen, &format!("zip.{side}.{field}")), expected);
        }
    }
    assert_eq!(
        of(&seen, "zip.local.ut.ctime"),
        ["ut3.txt 1975-05-05T05:05:05Z known"]
    );
    assert_eq!(of(&seen, "zip.central.ut.ctime"), [""; 0]);
    assert_eq!(seen.told(), [""; 0]);
}

/// That each file's telling has a line that begins and goes on so.
#[track_caller]
fn told(expected: &[(&str, &str, &str)]) {
    for (name, begin, part) in expected {
        tells(&seen(name), begin, part);
    }
}

#[test]
fn times_that_contradict_each_other_are_told() {
    const DOS: &str = "dos.txt zip.central zip.local";
    const UT: &str = "ut.txt zip.central.ut.mtime zip.local.ut.mtime";
    const WITHIN: &str = "within.txt zip.central.ut.mtime zip.central";
    told(&[
        ("zip/disagree.zip", DOS, "different times"),
        ("zip/disagree.zip", UT, "different times"),
        ("zip/disagree.zip", WITHIN, "any zone"),
        (
            "zip/extras-odd.zip",
            "twice.txt zip.central.ut.mtime",
            "two extra fields",
        ),
        (
            "zip/extras-odd.zip",
            "ntfs-short.txt malformed",
            "too short",
        ),
        (
            "zip/hostile-extras.zip",
            "short.txt malformed",
            "(UT) is too short",
        ),
        (
            "zip/hostile-extras.zip",
            "past-end.txt malformed",
            "longer than what holds it",
        ),
        ("zip/duplicate.zip", "one.txt zip.central", "stands twice"),
    ]);
}

#[test]
fn archives_that_lie_are_told() {
    told(&[
        ("zip/decoy.zip", "zip.central", "2 central directories"),
        (
            "zip/hostile-count-more.zip",
            "zip.central",
            "speaks of 7 entries",
        ),
        (
            "zip/hostile-count-less.zip",
            "zip.central",
            "speaks of 1 entries",
        ),
        ("zip/hostile-count-huge.zip", "zip.central", "there are 2"),
        ("zip/hostile-overlap.zip", "b.txt malformed", "another name"),
        (
            "zip/hostile-offset.zip",
            "past.txt malformed",
            "not at 2147483647",
        ),
        ("zip/hostile-offset.zip", "wrong.txt malformed", "not at"),
        (
            "zip/hostile-directory.zip",
            "malformed",
            "where there is none",
        ),
        ("zip/hostile-split.zip", "unsupported", "split"),
        (
            "zip/hostile-truncated.zip",
            "truncated",
            "no end-of-central",
        ),
        ("zip/hostile-cut-end.zip", "truncated", "no end-of-central"),
    ]);
}

#[test]
fn a_late_member_is_seen_wherever_it_stands() {
    for name in [
        "zip/decoy.zip",
        "zip/zip64.zip",
        "zip/infozip-zip64.zip",
        "zip/selfextract.exe",
        "zip/selfextract.sh",
        "zip/omni.ja",
        "zip/python-streamed.zip",
        "zip/hostile-count-less.zip",
        "zip/7zip-aes.zip",
        "apk/signed.apk",
        "zip/nested-stored.zip",
        "zip/nested-deflated.zip",
    ] {
        let seen = seen(name);
        let late = of(&seen, "zip.central");
        assert!(
            late.iter().any(|line| line.contains(LATE)),
            "{name}: {late:?}"
        );
    }
    for name in [
        "zip/zipapp.pyz",
        "jar/hello.jmod",
        "zip/trailing.zip",
        "zip/infozip-comment.zip",
    ] {
        let seen = seen(name);
        assert!(
            !seen.found.is_empty() && seen.told().is_empty(),
            "{name}: {:?}",
            seen.told()
        );
    }
}

#[test]
fn what_must_not_be_written_anew_has_no_slot() {
    let locked = seen("zip/infozip-encrypted.zip");
    for found in &locked.found {
        let is_dos = ["zip.central", "zip.local"].contains(&found.field);
        assert_eq!(found.slot.is_none(), is_dos, "{}", found.field);
    }
    assert!(
        seen("zip/7zip-aes.zip")
            .found
            .iter()
            .all(|found| found.slot.is_some())
    );
    for name in ["zip/nested-stored.zip", "zip/nested-deflated.zip"] {
        for found in seen(name).found {
            assert_eq!(
                found.slot.is_none(),
                found.member.contains('!'),
                "{}",
                found.member
            );
        }
    }
    let signatures = seen("apk/signed.apk").tally.signatures;
    assert!(signatures.iter().any(|signature| signature.covers_times));
    assert!(seen("zip/infozip.zip").tally.signatures.is_empty());
}

#[test]
fn a_slot_is_where_its_bytes_are() {
    use skewgate::bytes::Origin;
    for name in [
        "zip/extras.zip",
        "zip/selfextract.exe",
        "zip/omni.ja",
        "zip/zip64.zip",
        "zip/7zip.zip",
    ] {
        let bytes = std::fs::read(fixture(name)).unwrap();
        for found in seen(name).found {
            let at = match found.slot.unwrap().at {
                Origin::File(at) => usize::try_from(at).unwrap(),
                Origin::Decoded { .. } | Origin::Deep => usize::MAX,
            };
            assert_eq!(
                &bytes[at..at + found.raw.len()],
                found.raw,
                "{name} {}",
                found.field
            );
        }
    }
}
