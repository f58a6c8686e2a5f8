//! ar and Debian packages, beside GNU ar, bsdtar and dpkg-deb.

use crate::look::{bytes, command, fixture, output, seen};
use crate::tar::{as_bsdtar, bsdtar};
use skewgate::time::Timestamp;
use std::fs;

/// Archives that every program takes the same way.
const WHOLE: [&str; 4] = [
    "ar/libhello.a",
    "ar/libzero.a",
    "ar/libhello.rlib",
    "ar/libmsvc.lib",
];

/// Name and date of each member that is no table of symbols.
fn members(name: &str) -> Vec<(String, Option<i64>)> {
    let mut members = seen(&bytes(name)).seconds("ar.date");
    members.retain(|(name, _)| name != "/");
    members
}

#[test]
fn gnu_ar_sees_the_same_members() {
    for name in WHOLE {
        // To the minute: `rw-r--r-- 0/0   1272 Jan  2 03:04 2026 one.o`.
        let Some(theirs) = output(command("ar", &["tv"]).arg(fixture(name))) else {
            return;
        };
        let theirs = theirs.lines().map(|line| {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let day = format!("{} {} {} {} UTC", words[3], words[4], words[6], words[5]);
            let seconds = output(&mut command("date", &["+%s", "-d", &day])).unwrap();
            let minute = seconds.trim().parse::<i64>().unwrap().div_euclid(60);
            let name = words[7].to_owned();
            (name, minute)
        });
        let unix = |name: String| name.replace('\\', "/");
        let ours = members(name)
            .into_iter()
            .map(|(name, at)| (unix(name), at.unwrap().div_euclid(60)));
        assert_eq!(
            ours.collect::<Vec<_>>(),
            theirs.collect::<Vec<_>>(),
            "{name}"
        );
    }
}

#[test]
fn bsdtar_sees_the_same_members() {
    for name in [
        "ar/libhello.a",
        "ar/libzero.a",
        "ar/libbsd.a",
        "ar/libhello.rlib",
    ] {
        let Some(mut theirs) = bsdtar(&fixture(name)) else {
            return;
        };
        // The tables have no name there.
        theirs.retain(|(name, _)| !name.is_empty());
        let at = |seconds| Some(Timestamp::from_unix(seconds, 0));
        let ours = members(name)
            .into_iter()
            .map(|(name, seconds)| (name, seconds.and_then(at)));
        assert_eq!(as_bsdtar(ours.collect()), theirs, "{name}");
    }
}

#[test]
fn dpkg_sees_the_same_members() {
    let name = "deb/hello-none_1.0-1_all.deb";
    let mut dpkg = command("dpkg-deb", &["-c"]);
    let Some(theirs) = output(dpkg.arg(fixture(name))) else {
        return;
    };
    // To the minute.
    let theirs = theirs.lines().map(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        format!("data.tar!{} {}T{}", words[5], words[3], words[4])
    });
    let seen = seen(&bytes(name));
    let data = seen
        .found
        .iter()
        .filter(|found| found.member.starts_with("data.tar!") && found.field == "tar.mtime");
    let ours = data.map(|found| {
        let at = found.at.unwrap().to_string();
        format!("{} {}", found.member, at.rsplit_once(':').unwrap().0)
    });
    assert_eq!(ours.collect::<Vec<_>>(), theirs.collect::<Vec<_>>());
    assert!(seen.flaws.is_empty());
}

#[test]
fn what_is_compressed_in_a_package_is_looked_into() {
    let late = "2040-06-15T12:00:00Z";
    for (kind, name) in [("", "xz"), ("-zstd", "zst")] {
        let seen = seen(&bytes(&format!("deb/hello{kind}_1.0-1_all.deb")));
        let lines = seen.lines();
        let expected = format!("data.tar.{name}!./usr/share/doc/hello/late.txt tar.mtime {late}");
        assert!(lines.contains(&expected), "{lines:#?}");
        assert!(seen.flaws.is_empty(), "{:?}", seen.flaws);
        let tar = |line: &&String| line.contains(" tar.mtime ");
        assert_eq!(lines.iter().filter(tar).count(), 10, "{lines:#?}");
    }
}

#[test]
fn dates_are_read_in_all_ways_in_which_they_are_written() {
    let seen = seen(&bytes("ar/dates.a"));
    let expected = [
        ("blank.o", None, false),
        ("minus.o", Some(-1), false),
        ("zero.o", Some(0), true),
        ("most.o", Some(999_999_999_999), true),
        ("plus.o", None, false),
        ("part.o", None, false),
        ("letter.o", None, false),
        ("before.o", Some(1_767_323_046), true),
        ("good.o", Some(2_223_374_400), true),
    ];
    let found = seen.found.iter();
    let found = found.map(|found| {
        (
            found.member.as_str(),
            found.at.map(Timestamp::seconds),
            found.slot.is_some(),
        )
    });
    assert_eq!(found.collect::<Vec<_>>(), expected);
    assert!(seen.flaws.is_empty());
}

#[test]
fn a_date_written_into_its_slot_is_what_programs_see() {
    let at = Timestamp::from_unix(1_000_000_000, 0);
    let folder = tempfile::tempdir().unwrap();
    for name in ["ar/libhello.a", "ar/libbsd.a", "deb/hello_1.0-1_all.deb"] {
        let mut archive = bytes(name);
        for found in seen(&archive)
            .found
            .iter()
            .filter(|found| found.field == "ar.date")
        {
            assert!(found.write(&mut archive, at), "{found:?}");
        }
        let path = folder.path().join("changed.a");
        fs::write(&path, &archive).unwrap();
        let Some(mut theirs) = bsdtar(&path) else {
            return;
        };
        theirs.retain(|(name, _)| !name.is_empty());
        assert!(
            !theirs.is_empty() && theirs.iter().all(|(_, theirs)| *theirs == Some(at)),
            "{name}"
        );
    }
}

#[test]
fn names_stand_in_the_header_in_the_table_and_in_the_body() {
    let names = |name: &str| {
        members(name)
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names("ar/libbsd.a"),
        ["hello.txt", "late_member_with_a_long_name.o"]
    );
    assert_eq!(
        names("ar/libdarwin.a"),
        ["__.SYMDEF SORTED", "one.o", "late.o"]
    );
    assert_eq!(
        names("ar/libmsvc.lib")[0],
        "a-very-long-directory\\long.obj"
    );
    assert_eq!(
        names("ar/libthin.a"),
        ["late_member_with_a_long_name.o", "one.o"]
    );
}

#[test]
fn what_is_damaged_is_told() {
    for (name, kinds) in [
        ("hostile-bsd-name", vec![("#1/4294967295", "malformed")]),
        ("hostile-end", vec![("", "malformed")]),
        ("hostile-name-table", vec![("/99999999", "malformed")]),
        ("hostile-negative-size", vec![("", "malformed")]),
        ("hostile-size", vec![("late.o", "truncated")]),
        ("hostile-truncated", vec![("", "truncated")]),
        ("hostile-names", vec![]),
        ("empty", vec![]),
        ("unpadded-end", vec![]),
    ] {
        assert_eq!(
            seen(&bytes(&format!("ar/{name}.a"))).kinds(),
            kinds,
            "{name}"
        );
    }
    let big = seen(b"<bigaf>\n0                   ");
    assert_eq!(big.kinds(), [("", "unsupported")]);
}
