//! Programs that read the same: Python's `zipfile`, Info-ZIP.

use super::{calm, fixture, look, of};
use crate::look::{Seen, command, output};
use skewgate::bytes::OpenFile;
use skewgate::format::{Calm, Embedded, Options};
use std::path::Path;

/// Names and DOS times of all members, as Python's `zipfile` sees them, a line each.
const LIST: &str = "
import sys, zipfile
for i in zipfile.ZipFile(sys.argv[1]).infolist():
    print(i.orig_filename, '%04d-%02d-%02dT%02d:%02d:%02dZ' % i.date_time)
";

fn ours(path: &Path) -> Seen {
    let file = OpenFile::new(std::fs::File::open(path).unwrap()).unwrap();
    look(
        &file,
        &Options {
            embedded: Embedded::None,
            ..Options::default()
        },
        Calm::NEVER,
    )
}

#[test]
fn members_and_times_are_those_that_python_sees() {
    for name in [
        "zip/infozip.zip",
        "zip/infozip-newyork.zip",
        "zip/7zip.zip",
        "zip/bsdtar.zip",
        "zip/zip64.zip",
        "zip/zipapp.pyz",
        "zip/selfextract.exe",
        "zip/selfextract.sh",
        "zip/sentinels.zip",
        "zip/infozip-zip64.zip",
        "zip/duplicate.zip",
        "zip/trailing.zip",
        "jar/jar.jar",
        "jar/hello.jmod",
        "wheel/hello-1.0-py3-none-any.whl",
        "zip/infozip-tree.zip",
    ] {
        let path = fixture(name);
        let Some(theirs) = output(command("python3", &["-c", LIST]).arg(&path)) else {
            return;
        };
        let seen = ours(&path);
        let own = of(&seen, "zip.central");
        let own: Vec<&str> = own
            .iter()
            .map(|line| line.rsplit_once(' ').unwrap().0)
            .collect();
        assert_eq!(own, theirs.lines().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn exact_times_are_those_that_zipinfo_sees() {
    let path = fixture("zip/infozip-newyork.zip");
    let Some(theirs) = output(command("zipinfo", &["-T"]).arg(&path)) else {
        return;
    };
    let lines = theirs.lines().filter(|line| line.ends_with(".txt"));
    let theirs: Vec<&str> = lines.map(|line| line.rsplit(' ').nth(1).unwrap()).collect();
    // Their clock has no more than 31 bits, so only those until 2038.
    assert_eq!(theirs[..2], ["20260102.030406", "20260102.030407"]);
    let own = of(&ours(&path), "zip.central.ut.mtime");
    assert_eq!(own[1], "odd.txt 2026-01-02T03:04:07Z known");
}

/// Makes an archive of so many members, each a minute after the other, the last from the future.
const MAKE: &str = "
import sys, zipfile
count = int(sys.argv[2])
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    for i in range(count):
        m, h, d = i % 60, i // 60 % 24, i // 1440 % 28 + 1
        year = 2040 if i == count - 1 else 2024
        info = zipfile.ZipInfo('com/example/Class%d.class' % i, (year, 1 + i // 40320 % 12, d, h, m, 0))
        z.writestr(info, b'x')
";

#[test]
fn among_many_members_one_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.zip");
    // More than 65535 need zip64.
    for count in ["5000", "70000"] {
        if output(command("python3", &["-c", MAKE]).arg(&path).arg(count)).is_none() {
            return;
        }
        let file = OpenFile::new(std::fs::File::open(&path).unwrap()).unwrap();
        let seen = look(
            &file,
            &Options::default(),
            calm(1_600_000_000, 1_800_000_000, true),
        );
        let number: u64 = count.parse().unwrap();
        let tally = &seen.tally;
        assert_eq!(
            (tally.entries, tally.stamps, tally.evidence),
            (number, 2 * number, 2 * number)
        );
        let last = format!("com/example/Class{}.class", number - 1);
        let found: Vec<_> = seen
            .found
            .iter()
            .map(|found| (&found.member, found.field))
            .collect();
        assert_eq!(found, [(&last, "zip.central"), (&last, "zip.local")]);
        assert_eq!(tally.newest.as_ref().unwrap().1, last.as_bytes());
        assert_eq!(seen.told(), [""; 0]);
    }
}
