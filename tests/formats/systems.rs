//! RPM packages, images of file systems, and documents that say when they were written, beside what the programs say
//! that made them.

use crate::look::{Seen, bytes, command, fixture, fixtures, output, seen, shell};
use filetime::FileTime;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const EARLY: i64 = 1_767_323_046;
const LATE: i64 = 2_223_374_400;

type Times = Vec<(String, Option<i64>)>;

/// A folder `t` of folders with many files, whose times all differ.
pub(crate) fn tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("t");
    let mut paths = vec![root.clone()];
    for name in ["one", "one/two", "one/two/three", "many", "empty"] {
        paths.push(root.join(name));
        fs::create_dir_all(root.join(name)).unwrap();
    }
    let long = "a_name_that_takes_more_than_one_part_of_a_directory_record_".repeat(4);
    for name in [
        "one/a.txt",
        "one/two/b.txt",
        "one/two/three/c.txt",
        &format!("empty/{long}"),
    ] {
        paths.push(root.join(name));
    }
    paths.extend((0..1200).map(|number| root.join(format!("many/{number}.txt"))));
    for (number, path) in (0_i64..).zip(&paths) {
        if !path.is_dir() {
            fs::write(path, format!("{number}")).unwrap();
        }
    }
    for (number, path) in (0_i64..).zip(&paths) {
        let at = if number % 2 == 0 { EARLY } else { LATE } + number;
        filetime::set_file_mtime(path, FileTime::from_unix_time(at, 0)).unwrap();
    }
    folder
}

fn image(folder: &TempDir, name: &str) -> Seen {
    let seen = seen(&fs::read(folder.path().join(name)).unwrap());
    assert!(
        seen.flaws.is_empty() && seen.disagreements.is_empty(),
        "{seen:?}"
    );
    assert!(
        seen.found
            .iter()
            .all(|found| found.slot.is_none() && !found.raw.is_empty())
    );
    seen
}

fn sorted(mut times: Times) -> Times {
    times.sort();
    times
}

#[test]
fn packages_have_the_times_that_rpm_says() {
    let format = "%{BUILDTIME}\\n%{RSAHEADER:pgpsig}\\n[%{FILENAMES}\\t%{FILEMTIMES}\\n]#[%{CHANGELOGTIME}\\n]";
    for name in fixtures("rpm", ".rpm") {
        if name.contains("hostile") {
            continue;
        }
        let path = fixture(&name).into_os_string().into_string().unwrap();
        let query = format!("rpm -qp --nosignature --qf '{format}' '{path}'");
        let Some(told) = shell(Path::new("."), "rpm", &query) else {
            return;
        };
        let seen = seen(&bytes(&name));
        let only = |field: &str| -> Vec<i64> {
            let times = seen.seconds(field).into_iter();
            times
                .map(|(member, at)| member.is_empty().then_some(at).flatten().unwrap())
                .collect()
        };
        let (files, changelog) = told.split_once('#').unwrap();
        let mut lines = files.lines();
        assert_eq!(
            only("rpm.build-time"),
            [lines.next().unwrap().parse::<i64>().unwrap()]
        );
        let is_signed = lines.next().unwrap().contains("Fri Jun 15 12:00:00 2040");
        assert_eq!(
            only("openpgp.signature"),
            if is_signed { vec![LATE] } else { vec![] }
        );
        assert_eq!(is_signed, name.contains("signed"));
        let files: Times = lines
            .map(|line| line.split_once('\t').unwrap())
            .map(|(path, at)| (path.to_owned(), Some(at.parse().unwrap())))
            .collect();
        assert_eq!(seen.seconds("rpm.file-mtime"), files, "{name}");
        assert!(!files.is_empty());
        let changelog: Vec<i64> = changelog.lines().map(|at| at.parse().unwrap()).collect();
        assert_eq!(only("rpm.changelog"), changelog, "{name}");
    }
}

#[test]
fn packages_that_lie_are_told_and_the_rest_is_read() {
    for (name, kind) in [
        ("hostile-index-count", "truncated"),
        ("hostile-store-size", "truncated"),
        ("hostile-signature-count", "truncated"),
        ("hostile-value-count", "malformed"),
        ("hostile-value-offset", "malformed"),
        ("hostile-value-kind", "malformed"),
        ("hostile-truncated", "truncated"),
    ] {
        let seen = seen(&bytes(&format!("rpm/{name}.rpm")));
        assert!(
            seen.kinds().contains(&("", kind)),
            "{name}: {:?}",
            seen.flaws
        );
        let is_partial = name.contains("value");
        assert_eq!(
            seen.lines()
                .iter()
                .any(|line| line.contains("rpm.changelog")),
            is_partial,
            "{name}"
        );
    }
}

/// What libarchive finds in an image.
fn by_bsdtar(folder: &TempDir, name: &str) -> Option<Times> {
    let line = format!("bsdtar --format=mtree --options='!all,time' -cf - '@{name}'");
    let told = shell(folder.path(), "bsdtar", &line)?;
    let time = |line: &str| {
        let (path, at) = line.split_once(" time=")?;
        let at = at.split_once('.')?.0.parse().unwrap();
        Some((path.trim_start_matches("./").to_owned(), Some(at)))
    };
    Some(told.lines().filter_map(time).collect())
}

#[test]
fn discs_have_the_times_that_other_programs_find() {
    let folder = tree();
    for (program, line) in [
        (
            "genisoimage",
            "TZ=Asia/Kolkata genisoimage -quiet -R -J -o x.iso t",
        ),
        (
            "genisoimage",
            "TZ=America/St_Johns genisoimage -quiet -l -o x.iso t 2>&1",
        ),
        (
            "xorriso",
            "TZ=Asia/Kolkata xorriso -as mkisofs -quiet -R -J -o x.iso t 2>&1",
        ),
    ] {
        let Some(_) = shell(folder.path(), program, line) else {
            return;
        };
        let Some(theirs) = by_bsdtar(&folder, "x.iso") else {
            return;
        };
        let seen = image(&folder, "x.iso");
        let is_ridge = line.contains("-R");
        let field = if is_ridge {
            "iso9660.tf.modified"
        } else {
            "iso9660.recorded"
        };
        let name = |(path, at): (String, Option<i64>)| match path.as_str() {
            "" => (".".to_owned(), at),
            _ => (path, at),
        };
        let ours = seen.seconds(field).into_iter().map(name);
        assert_eq!(sorted(ours.collect()), sorted(theirs), "{line}");
        assert!(seen.seconds(field).len() > 1200);
        let read = "xorriso -indev x.iso -pvd_info 2>/dev/null";
        let Some(told) = shell(folder.path(), "xorriso", read) else {
            return;
        };
        let value = |key: &str| {
            told.lines()
                .find_map(|line| Some(line.strip_prefix(key)?.trim().to_owned()))
        };
        let volume = seen
            .found
            .iter()
            .find(|found| found.field == "iso9660.volume-created")
            .unwrap();
        let digits = String::from_utf8_lossy(&volume.raw[..16]).into_owned();
        assert_eq!(Some(digits), value("Creation Time:"));
        let zone = i8::from_le_bytes([volume.raw[16]]);
        let sign = if zone < 0 { '-' } else { '+' };
        let minutes = zone.unsigned_abs() % 4 * 15;
        assert_eq!(
            Some(format!("{sign}{:02}:{minutes:02}", zone.unsigned_abs() / 4)),
            value("Cr. Time Zone:").or(Some("+00:00".to_owned()))
        );
    }
}

#[test]
fn the_time_of_a_volume_is_when_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let line = "mkdir t && echo x > t/x && xorriso -as mkisofs -quiet --modification-date=2040061512000050 -R -o x.iso t 2>&1";
    if shell(folder.path(), "xorriso", line).is_some() {
        let expected = vec![(String::new(), Some(LATE))];
        assert_eq!(
            image(&folder, "x.iso").seconds("iso9660.volume-modified"),
            expected
        );
    }
}

#[test]
fn squashfs_images_have_the_times_that_unsquashfs_finds() {
    let folder = tree();
    let packings = [
        "-comp gzip",
        "-comp xz",
        "-comp zstd",
        "-comp lz4",
        "-comp lzma",
        "-noI",
        "-comp lzo",
    ];
    for packing in packings {
        let make = format!(
            "mksquashfs t x.sqfs -noappend -quiet -no-progress -mkfs-time {LATE} {packing}"
        );
        let Some(_) = shell(folder.path(), "mksquashfs", &make) else {
            return;
        };
        if packing.contains("lzo") {
            let seen = seen(&fs::read(folder.path().join("x.sqfs")).unwrap());
            assert_eq!(
                (seen.found.len(), seen.kinds()),
                (1, vec![("", "unsupported")])
            );
            continue;
        }
        let read =
            "unsquashfs -quiet -pf x.txt x.sqfs >/dev/null && sed '/^# START OF DATA/,$d' x.txt";
        let told = shell(folder.path(), "unsquashfs", read).unwrap();
        let time = |line: &str| {
            let mut words = line.split(' ');
            let (path, _kind, at) = (words.next()?, words.next()?, words.next()?);
            let at = at.parse().ok()?;
            Some((path.trim_start_matches('/').to_owned(), Some(at)))
        };
        let theirs: Times = told.lines().filter_map(time).collect();
        let seen = image(&folder, "x.sqfs");
        assert_eq!(
            sorted(seen.seconds("squashfs.mtime")),
            sorted(theirs),
            "{packing}"
        );
        assert!(seen.found.len() > 1200);
        assert_eq!(
            seen.seconds("squashfs.mkfs-time"),
            [(String::new(), Some(LATE))]
        );
    }
}

#[test]
fn ext_images_have_the_times_that_dumpe2fs_finds() {
    let folder = tempfile::tempdir().unwrap();
    for kind in [
        "-t ext2",
        "-t ext4",
        "-t ext4 -b 4096",
        "-t ext4 -O ^metadata_csum",
    ] {
        let make = format!(
            "truncate -s 8M x && E2FSPROGS_FAKE_TIME={LATE} mke2fs -q -F {kind} x && E2FSPROGS_FAKE_TIME={EARLY} tune2fs -L y x"
        );
        let Some(_) = shell(folder.path(), "mke2fs", &make) else {
            return;
        };
        let seen = image(&folder, "x");
        let told = shell(folder.path(), "dumpe2fs", "dumpe2fs -h x 2>/dev/null").unwrap();
        for (field, key) in [
            ("ext.mkfs-time", "Filesystem created:"),
            ("ext.wtime", "Last write time:"),
            ("ext.mtime", "Last mount time:"),
            ("ext.lastcheck", "Last checked:"),
        ] {
            let theirs = told
                .lines()
                .find_map(|line| line.strip_prefix(key))
                .unwrap()
                .trim();
            let theirs = match theirs {
                "n/a" => None,
                date => {
                    let seconds = output(&mut command("date", &["-d", date, "+%s"])).unwrap();
                    Some(seconds.trim().parse().unwrap())
                }
            };
            assert_eq!(
                seen.seconds(field),
                [(String::new(), theirs)],
                "{kind} {field}"
            );
        }
    }
}

/// Every value under a key, anywhere in a document.
fn under<'a>(value: &'a Value, wanted: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                if key == wanted {
                    found.extend(value.as_str());
                }
                under(value, wanted, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| under(item, wanted, found)),
        _ => {}
    }
}

/// All files in a folder, at any depth.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter();
    let entries = entries.map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    files.map(walkdir::DirEntry::into_path).collect()
}

#[test]
fn every_date_in_the_json_of_an_image_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = 0;
    for name in [
        "layout",
        "docker-save",
        "odd-dates",
        "hostile-json",
        "hostile-path",
        "hostile-size",
    ] {
        let path = fixture(&format!("oci/{name}.tar"))
            .into_os_string()
            .into_string()
            .unwrap();
        let line = format!("mkdir {name} && bsdtar -xf '{path}' -C {name}");
        if shell(folder.path(), "bsdtar", &line).is_none() {
            return;
        }
        let unpacked = files(&folder.path().join(name)).into_iter();
        for path in unpacked {
            let bytes = fs::read(&path).unwrap();
            let seen = seen(&bytes);
            let Ok(document) = serde_json::from_slice::<Value>(&bytes) else {
                continue;
            };
            let mut expected = Vec::new();
            under(&document, "created", &mut expected);
            under(&document, "org.opencontainers.image.created", &mut expected);
            let told = seen.found.iter().filter(|found| found.raw != b"1767323046");
            let mut told: Vec<String> = told
                .map(|found| String::from_utf8(found.raw.clone()).unwrap())
                .collect();
            told.sort();
            expected.sort_unstable();
            assert_eq!(told, expected, "{}", path.display());
            all += told.len();
        }
    }
    assert!(all >= 20, "{all}");
}

#[test]
fn catalogues_say_the_same_before_and_after_they_are_compiled() {
    let folder = tempfile::tempdir().unwrap();
    let text = "msgid \"\"\nmsgstr \"\"\n\"POT-Creation-Date: 2040-06-15 12:00+0000\\n\"\n\
\"PO-Revision-Date: 2026-01-02 08:34+0530\\n\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\nmsgid \"a\"\nmsgstr \"b\"\n";
    fs::write(folder.path().join("x.po"), text).unwrap();
    let expected = [
        ("gettext.pot-creation-date", LATE),
        ("gettext.po-revision-date", EARLY - 6),
    ];
    for endian in ["little", "big"] {
        let make = format!("msgfmt --endianness={endian} -o x.mo x.po");
        let Some(_) = shell(folder.path(), "msgfmt", &make) else {
            return;
        };
        for name in ["x.po", "x.mo"] {
            let seen = image(&folder, name);
            // Newer msgfmt leaves the time out at which the messages were taken out of the sources.
            let is_compiled = name == "x.mo" && seen.found.len() == 1;
            for (field, at) in expected.into_iter().skip(usize::from(is_compiled)) {
                assert_eq!(
                    seen.seconds(field),
                    [(String::new(), Some(at))],
                    "{name} {endian}"
                );
            }
        }
    }
}

#[test]
fn properties_are_dated_as_java_dates_them() {
    // What `Properties.store` writes (JDK 17): comments, `Date.toString`, and values with their colons escaped.
    let folder = tempfile::tempdir().unwrap();
    let line = format!(
        "printf '#A comment\\n#of two lines\\n' > x.properties; \
         date -d @{EARLY} '+#%a %b %d %H:%M:%S %Z %Y' >> x.properties; \
         printf '%s\\n' 'build.time=2026-01-02T03\\:04\\:06Z' >> x.properties"
    );
    if shell(folder.path(), "date", &line).is_none() {
        return;
    }
    let seen = image(&folder, "x.properties");
    for field in ["properties.comment", "properties.build-time"] {
        assert_eq!(
            seen.seconds(field),
            [(String::new(), Some(EARLY))],
            "{field}"
        );
    }
}
