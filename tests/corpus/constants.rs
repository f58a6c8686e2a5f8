//! What producers write on purpose in place of a time, and hashes in place of one, raise no alarm.

use crate::build::{ar, gzip, tar, zip};
use crate::harness::{alarms, audit, file, fixture};

/// Seconds that are in tars: of nobody, of Nix, of an older and of today's cargo, of yarn, npm, `rules_pkg`, cabal, flit,
/// hatchling and buildpacks.
const TAR: &[u64] = &[
    0,
    1,
    123_456_789,
    315_532_801,
    456_789_000,
    499_162_500,
    946_684_800,
    1_000_000_000,
    1_153_704_088,
    1_451_606_400,
    1_580_601_600,
];

/// DOS times that are in zips: Go's zero, the floor, JDK's floor, `Archive::Zip`'s, Gradle's, Android's, Buck's, Bazel's and
/// that of its classes, hatchling's.
const ZIP: &[u32] = &[
    0x0000_0000,
    0x0021_0000,
    0x0021_0001,
    0x0021_6020,
    0x0041_0000,
    0x0221_0821,
    0x0a41_0000,
    0x3c21_0000,
    0x3c21_0001,
    0x5042_0000,
];

#[test]
fn well_known_constants_raise_no_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let plant = |name: &str, bytes: &[u8]| file(folder.path(), name, bytes);
    let mut files = Vec::new();
    for &seconds in TAR {
        let tar = tar(&[("package/a", seconds), ("package/b", seconds)]);
        files.push(plant(&format!("{seconds}.tar"), &tar));
        files.push(plant(&format!("{seconds}.tgz"), &gzip(&tar, 0)));
    }
    for &dos in ZIP {
        files.push(plant(
            &format!("{dos:08x}.jar"),
            &zip(&[("a", dos), ("b", dos)]),
        ));
    }
    // pgzip writes Go's zero time, cut to 32 bits, into every layer.
    files.push(plant(
        "layer.tar.gz",
        &gzip(&tar(&[("a", 0)]), 2_288_912_640),
    ));
    let dates = ["0", "-1", ""];
    files.push(plant("made.lib", &ar(&dates.map(|date| ("a.obj/", date)))));
    // As many as an import library has are no reason to stop looking.
    let many = vec![("a.obj/", "-1"); 5_000];
    files.push(plant("many.lib", &ar(&many)));
    for name in [
        "gzip/pgzip.gz",
        "pe/repro.exe",
        "pe/export.dll",
        "pe/grub.efi",
        "pe/unset.exe",
    ] {
        files.push(fixture(name));
    }
    let report = audit(&files, "system:", &[], &[]);
    assert_eq!(alarms(&report), [""; 0]);
    assert_eq!(report["verdict"], "pass");
    assert_eq!(report["summary"]["opened"], files.len());
}

#[test]
fn a_constant_in_another_place_is_a_time_like_others() {
    let folder = tempfile::tempdir().unwrap();
    let late = tar(&[("late", 2_288_912_640)]);
    let files = [file(folder.path(), "late.tar", &late)];
    let report = audit(&files, "system:", &[], &[]);
    let found = crate::harness::found(&report, "future-member");
    assert_eq!(found, [("late".to_owned(), "proven".to_owned())]);
}
