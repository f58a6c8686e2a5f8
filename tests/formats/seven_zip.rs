//! Archives beside 7-Zip, which has readers of its own for nearly all of them.
//!
//! What it cannot see: of a zip archive anything but the central directory, and of several times of one member any but the
//! most exact; what is in what lies in an archive; of an image for discs what Rock Ridge says of times, and seconds of no
//! more than hundredths; the times of a document's root.

use crate::look::{Found, Seen, bytes, command, fixture, fixtures, output, run, seen};
use skewgate::time::Timestamp;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Name and time of a member, the time as `2026-01-02 03:04:06` with as many digits as say something; empty for none.
type Member = (String, String);

/// What 7-Zip says of an archive, taken for what it is or for another kind: a block of keys and values first for itself,
/// and then for each member. `None` where there is no 7-Zip, nothing in it where that refuses the archive.
fn listing(path: &Path, kind: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let kind = format!("-t{kind}");
    let kind = Some(kind.as_str()).filter(|kind| kind.len() > 2);
    let mut words = vec!["l", "-slt", "-sccUTF-8"];
    words.extend(kind);
    let told = run(command("7zz", &words).arg(path))?;
    if !told.status.success() {
        return Some(Vec::new());
    }
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let (own, members) = told.split_once("\n----------\n").unwrap();
    let blocks = own.rsplit("--\n").take(1).chain(members.split("\n\n"));
    let blocks = blocks.map(|block| {
        let pairs = block.lines().filter_map(|line| line.split_once(" ="));
        pairs
            .map(|(key, value)| (key.to_owned(), value.trim_start().to_owned()))
            .collect()
    });
    Some(blocks.collect())
}

/// A time without the zeros at its end that say nothing.
fn trimmed(time: &str) -> String {
    match time.split_once('.') {
        Some(_) => time.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => time.to_owned(),
    }
}

/// A time as 7-Zip writes it.
fn written(at: Option<Timestamp>) -> String {
    let exact = at.map_or(String::new(), Timestamp::exact);
    trimmed(exact.replace('T', " ").trim_end_matches('Z'))
}

/// What 7-Zip says of the members of an archive, under a key.
fn theirs(path: &Path, kind: &str, key: &str) -> Option<Vec<Member>> {
    let blocks = listing(path, kind)?;
    let members = blocks.iter().skip(1).filter_map(|member| {
        let at = member.get(key).map_or("", String::as_str);
        Some((member.get("Path")?.clone(), trimmed(at)))
    });
    Some(members.collect())
}

/// The members that have a time in one of these fields, and what stands in the first of them. What all have comes first of
/// what is told of each.
fn ours(seen: &Seen, first: &str, fields: &[&str]) -> Vec<Member> {
    let mut members: Vec<(&str, Vec<&Found>)> = Vec::new();
    for found in &seen.found {
        if found.field == first && !found.member.contains('!') {
            members.push((&found.member, vec![found]));
        } else if let Some((name, all)) = members.last_mut()
            && *name == found.member
        {
            all.push(found);
        }
    }
    let time = |all: &[&Found]| {
        let mut fields = fields.iter();
        written(fields.find_map(|field| all.iter().find(|found| found.field == *field)?.at))
    };
    let members = members.iter();
    members
        .map(|(name, all)| (name.trim_end_matches('/').to_owned(), time(all)))
        .collect()
}

const ZIP: &[&str] = &[
    "zip.central.ntfs.mtime",
    "zip.central.ut.mtime",
    "zip.central",
];

/// What 7-Zip sees otherwise, and why.
const OTHERWISE: [&str; 16] = [
    // Another end of the central directory.
    "zip/decoy.zip",
    // A day that is none as one later, and times after 9999 that we write in seconds; no time for an NTFS time of 0.
    "zip/dos-invalid.zip",
    "zip/extras-odd.zip",
    // Times after 2106 and before 1970 as they were cut to 32 bits.
    "zip/infozip-2107.zip",
    "zip/ut-wrap.zip",
    // Names that it makes harmless, or gives to what has none.
    "zip/hostile-names.zip",
    "tar/hostile-names.tar",
    "cpio/hostile-names.cpio",
    "ar/hostile-names.a",
    "ar/hostile-bsd-name.a",
    "tar/sparse-pax.tar",
    // The times of access and change that GNU tar puts where ustar has the rest of the name.
    "tar/gnu-times.tar",
    // Only the first of two archives.
    "tar/concatenated.tar",
    // The last of two records, and nothing before 1970.
    "tar/pax-odd.tar",
    // No time for 0.
    "cpio/last.cpio",
    "ar/libzero.a",
];

#[test]
fn members_and_times_are_those_that_7_zip_sees() {
    let mut compared = 0;
    for (folder, end, first, fields) in [
        ("zip", "", "zip.central", ZIP),
        ("jar", "", "zip.central", ZIP),
        (
            "tar",
            ".tar",
            "tar.mtime",
            &["tar.pax.mtime", "tar.mtime"][..],
        ),
        ("cab", ".cab", "cab.file", &["cab.file"]),
        ("cpio", ".cpio", "cpio.mtime", &["cpio.mtime"]),
        ("ar", ".a", "ar.date", &["ar.date"]),
        ("deb", ".deb", "ar.date", &["ar.date"]),
    ] {
        for name in fixtures(folder, end) {
            // It would look into the only archive in a package by itself.
            let kind = if folder == "deb" { "ar" } else { "" };
            let Some(theirs) = theirs(&fixture(&name), kind, "Modified") else {
                return;
            };
            let mut ours = ours(&seen(&bytes(&name)), first, fields);
            // It gives tables of symbols a name, and leaves the mark of a package out.
            for (name, _) in &mut ours {
                if folder == "ar" && ["", "__.SYMDEF SORTED"].contains(&name.as_str()) {
                    "1.txt".clone_into(name);
                }
            }
            ours.retain(|(name, _)| name != "debian-binary");
            if theirs.is_empty() {
                continue;
            }
            let is_otherwise = OTHERWISE.contains(&name.as_str());
            assert_eq!(ours != theirs, is_otherwise, "{name}: {ours:?} {theirs:?}");
            compared += usize::from(!is_otherwise);
        }
    }
    assert!(compared > 75, "{compared}");
}

#[test]
fn when_a_file_was_made_and_read_is_what_7_zip_sees() {
    let name = "zip/extras.zip";
    for (key, field) in [
        ("Created", "zip.central.ntfs.ctime"),
        ("Accessed", "zip.central.ntfs.atime"),
    ] {
        let Some(mut theirs) = theirs(&fixture(name), "", key) else {
            return;
        };
        let mut ours = ours(&seen(&bytes(name)), "zip.central", &[field]);
        // Others say so in older fields, which it reads as well.
        theirs.retain(|(name, _)| name == "ntfs.txt");
        ours.retain(|(_, at)| !at.is_empty());
        assert_eq!(ours, theirs, "{key}");
    }
}

#[test]
fn discs_have_the_times_that_7_zip_finds() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["rockridge", "newyork", "xorriso"] {
        let path = folder.path().join("x.iso");
        let packed = fixture(&format!("iso/{name}.iso.gz"));
        let Some(_) = output(
            command("sh", &["-euc", "gzip -dc \"$1\" >\"$2\"", "sh"])
                .arg(packed)
                .arg(&path),
        ) else {
            return;
        };
        let Some(blocks) = listing(&path, "") else {
            return;
        };
        let image = seen(&fs::read(&path).unwrap());
        for (key, field) in [
            ("Created", "iso9660.volume-created"),
            ("Modified", "iso9660.volume-modified"),
        ] {
            let volume = image.of(field).next().unwrap();
            assert_eq!(written(volume.at), trimmed(&blocks[0][key]), "{name}");
        }
        let mut members = ours(&image, "iso9660.recorded", &["iso9660.recorded"]);
        members.retain(|(name, _)| !name.is_empty());
        let theirs = theirs(&path, "", "Modified").unwrap();
        assert_eq!(members.len(), 3);
        for (own, theirs) in members.iter().zip(&theirs) {
            // After 2038 genisoimage writes a zone that there cannot be, which 7-Zip believes.
            let is_wrong = name != "xorriso" && own.0.eq_ignore_ascii_case("late.txt");
            assert_eq!(own != theirs, is_wrong, "{name}: {own:?} {theirs:?}");
            assert_eq!(own.0, theirs.0);
        }
    }
}

#[test]
fn the_entries_of_a_document_have_the_times_that_7_zip_finds() {
    // No program at hand says when an entry was made: these are written into what has none.
    let mut file = bytes("msi/hello.msi");
    let name: Vec<u8> = "\u{5}SummaryInformation"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let at = file.windows(name.len()).position(|bytes| bytes == name);
    let at = at.unwrap();
    // 2026-01-02T03:04:06.5Z and 2040-06-15T12:00:00Z (MS-CFB §2.6.1).
    for (place, seconds) in [(100, 17_673_230_465_000_000), (108, 22_233_744_000_000_000)] {
        let ticks: i64 = 116_444_736_000_000_000 + seconds;
        file[at + place..at + place + 8].copy_from_slice(&ticks.to_le_bytes());
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.msi");
    #[expect(clippy::disallowed_methods, reason = "what is read is made here")]
    fs::write(&path, &file).unwrap();
    let image = seen(&file);
    for (key, field) in [("Created", "msi.created"), ("Modified", "msi.modified")] {
        let Some(theirs) = theirs(&path, "Compound", key) else {
            return;
        };
        let theirs: Vec<_> = theirs.iter().filter(|(_, at)| !at.is_empty()).collect();
        let ours: Vec<_> = image.of(field).map(|found| written(found.at)).collect();
        assert_eq!(theirs.len(), 1, "{theirs:?}");
        assert_eq!(ours, [theirs[0].1.clone()]);
    }
}
