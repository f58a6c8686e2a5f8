//! What is inside is held against every bound that a user may state.

use crate::build::{tar, zip};
use crate::harness::{audit, file, found};
use std::path::PathBuf;
use tempfile::TempDir;

/// 2040-06-15T12:00:00Z.
const LATE: u64 = 2_223_374_400;

/// The same as DOS has it.
const LATE_DOS: u32 = 0x78cf_6000;

fn planted() -> (TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let tar = tar(&[("old", 1_767_323_046), ("late", LATE)]);
    let zip = zip(&[("old.txt", 0x5c22_1883), ("late.txt", LATE_DOS)]);
    let files = vec![
        file(folder.path(), "a.tar", &tar),
        file(folder.path(), "a.zip", &zip),
    ];
    (folder, files)
}

fn lines(found: &[(String, String)]) -> Vec<String> {
    let line = |(member, certainty): &(String, String)| format!("{member} {certainty}");
    found.iter().map(line).collect()
}

#[test]
fn the_zone_of_a_zip_decides_within_a_day() {
    let (_folder, files) = planted();
    // Six hours before what is written there; the tar's time is in UTC.
    let clock = "fixed:2040-06-15T06:00:00Z±10s";
    let future = |args: &[&str], zone: &str| {
        let report = audit(&files, clock, args, &[("TZ", zone)]);
        lines(&found(&report, "future-member"))
    };
    let of_tar = "late proven";
    let zip = "late.txt proven";
    assert_eq!(future(&[], "UTC"), [of_tar]);
    assert_eq!(future(&["--strict"], "UTC"), [of_tar, "late.txt possible"]);
    assert_eq!(future(&["--zip-tz", "utc"], "UTC"), [of_tar, zip]);
    // 12:00 in Tokyo is three hours past midnight in UTC.
    assert_eq!(future(&["--zip-tz", "+09:00"], "UTC"), [of_tar]);
    assert_eq!(future(&["--zip-tz", "+05:00"], "UTC"), [of_tar, zip]);
    assert_eq!(future(&["--zip-tz", "local"], "Asia/Tokyo"), [of_tar]);
    assert_eq!(
        future(&["--zip-tz", "local"], "America/New_York"),
        [of_tar, zip]
    );
}

#[test]
fn a_time_beyond_the_source_date_is_proven_inside() {
    let (_folder, files) = planted();
    let env = [("SOURCE_DATE_EPOCH", "1767323046")];
    let report = audit(&files, "fixed:2041-01-01T00:00:00Z±10s", &[], &env);
    let beyond = lines(&found(&report, "beyond-source-date"));
    assert_eq!(beyond, ["late proven", "late.txt proven"]);
    assert_eq!(lines(&found(&report, "future-member")), [""; 0]);
}

#[test]
fn a_time_after_the_build_ended_is_found_inside() {
    let (_folder, files) = planted();
    let args = ["--not-after", "2037-01-01T00:00:00Z"];
    let report = audit(&files, "fixed:2041-01-01T00:00:00Z±10s", &args, &[]);
    let after = lines(&found(&report, "after-build-end"));
    assert_eq!(after, ["late proven", "late.txt proven"]);
}
