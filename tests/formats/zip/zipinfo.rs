//! Zip archives beside Info-ZIP's zipinfo.
//!
//! What it cannot see: what stands in front of the members; times of NTFS; more than 32 bits of a time.

use super::fixture;
use crate::look::{bytes, command, fixtures, run, seen};
use skewgate::time::Timestamp;

/// A time as zipinfo writes it: `2026 Jan 2 03:04:06`.
fn written(at: i64) -> String {
    let at = Timestamp::from_unix(at, 0).to_string();
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month: usize = at[5..7].parse().unwrap();
    let day = at[8..10].trim_start_matches('0');
    format!("{} {} {day} {}", &at[..4], months[month - 1], &at[11..19])
}

#[test]
fn times_are_those_that_zipinfo_sees() {
    let [mut dates, mut exact] = [0, 0];
    let names = fixtures("zip", ".zip");
    for name in names.into_iter().chain(fixtures("jar", ".jar")) {
        let Some(told) = run(command("zipinfo", &["-v"]).arg(fixture(&name))) else {
            return;
        };
        // It takes another end of the central directory, drops a time after 2038 that the DOS time does not bear out, and
        // calls the times of other extra fields the same; what else it finds odd it says and reads.
        let odd = ["decoy", "disagree", "extras"];
        let is_otherwise = odd.iter().any(|odd| name.contains(odd));
        if is_otherwise || !matches!(told.status.code(), Some(0 | 1)) {
            continue;
        }
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let seen = seen(&bytes(&name));
        let values = |key: &str, end: &str| -> Vec<String> {
            let lines = told.lines().filter_map(|line| {
                let (_, value) = line.split_once(key)?;
                Some(value.trim().strip_suffix(end)?.trim().to_owned())
            });
            lines.collect()
        };
        let ours = |field: &'static str| {
            let found = seen.of(field).filter(|found| !found.member.contains('!'));
            found.map(|found| (found.member.clone(), found.seconds()))
        };
        let theirs = values("file last modified on (DOS date/time):", "");
        let central: Vec<_> = ours("zip.central").collect();
        assert_eq!(central.len(), theirs.len(), "{name}");
        for ((member, at), theirs) in central.iter().zip(&theirs) {
            // It writes what is no date as it stands there.
            let Some(at) = at else {
                assert!(name.ends_with("dos-invalid.zip"), "{name} {member}");
                continue;
            };
            assert_eq!(written(*at), *theirs, "{name} {member}");
            dates += 1;
        }
        let theirs = values("file last modified on (UT extra field modtime):", "UTC");
        // It leaves out what is before 1970.
        let central = ours("zip.central.ut.mtime").filter_map(|(_, at)| {
            let at = at.filter(|at| *at >= 0)?;
            Some(written(at.rem_euclid(1 << 32)))
        });
        let central: Vec<_> = central.collect();
        exact += central.len();
        assert_eq!(central, theirs, "{name}");
    }
    assert!(dates > 100 && exact > 25, "{dates} {exact}");
}
