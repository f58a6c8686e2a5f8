//! tar, beside GNU tar, bsdtar and Python's tarfile.

use crate::look::{Found, Seen, bytes, command, fixture, fixtures, output, seen};
use filetime::FileTime;
use skewgate::bytes::Origin;
use skewgate::time::Timestamp;
use std::fs;
use std::path::Path;

/// Name and mtime of each member as those take it who know pax: its own record, the global one if `global`, its
/// header. What is no time is taken for none.
fn members(seen: &Seen, global: bool) -> Vec<(String, Option<Timestamp>)> {
    let mut overall = None;
    let mut members: Vec<(String, Option<Timestamp>)> = Vec::new();
    for found in &seen.found {
        let Found {
            member, field, at, ..
        } = found;
        match *field {
            "tar.global.mtime" => overall = at.filter(|_| global),
            "tar.mtime" => members.push((member.clone(), overall.or(*at))),
            "tar.pax.mtime" if at.is_some() => members.last_mut().unwrap().1 = *at,
            _ => {}
        }
    }
    members
}

/// Archives that are whole, and that every program takes the same way.
fn whole() -> Vec<String> {
    let odd = ["numbers.tar", "pax-odd.tar"];
    let mut names = fixtures("tar", ".tar");
    names.retain(|name| !name.contains("hostile") && !odd.iter().any(|odd| name.ends_with(odd)));
    names.extend(fixtures("tar", "hostile-names.tar"));
    names
}

/// What Python takes an archive for.
fn python(path: &Path) -> Option<Vec<(String, Option<Timestamp>)>> {
    // A pax record is written as it is; Python itself makes a number of it that is not exact.
    let script = "
import sys, tarfile
with tarfile.open(sys.argv[1], ignore_zeros=True, encoding='utf-8', errors='replace') as archive:
    for member in archive:
        at = member.pax_headers.get('mtime') or member.mtime
        print(ascii(member.name)[1:-1], at, sep='\\t')
";
    let mut python = command("python3", &["-c", script]);
    let text = output(python.arg(path))?;
    let line = |line: &str| {
        let (name, at) = line.split_once('\t').unwrap();
        (name.to_owned(), instant(at))
    };
    Some(text.lines().map(line).collect())
}

/// Seconds since 1970 with decimals.
fn instant(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nanos: i128 = format!("{fraction:0<9}")[..9].parse().ok()?;
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    Some(Timestamp::from_nanos(
        whole.parse::<i128>().ok()? * 1_000_000_000 + sign * nanos,
    ))
}

/// A name as Python's `ascii` writes it, without the slash after a folder's.
fn ascii(name: &str) -> String {
    let mut text = String::new();
    for letter in name.strip_suffix('/').unwrap_or(name).chars() {
        match letter {
            '\n' => text.push_str("\\n"),
            ' '..='~' => text.push(letter),
            _ if u32::from(letter) < 256 => text.push_str(&format!("\\x{:02x}", u32::from(letter))),
            _ => text.push_str(&format!("\\u{:04x}", u32::from(letter))),
        }
    }
    text
}

#[test]
fn python_sees_the_same_members() {
    for name in whole() {
        let Some(theirs) = python(&fixture(&name)) else {
            return;
        };
        let mut ours = members(&seen(&bytes(&name)), true);
        for member in &mut ours {
            member.0 = ascii(&member.0);
        }
        if name.ends_with("hostile-names.tar") || name.ends_with("gnu-times.tar") {
            // Each has its own way with what is no UTF-8, and Python takes GNU's times for part of a name.
            assert_eq!(ours.len(), theirs.len());
            continue;
        }
        assert!(!ours.is_empty());
        assert_eq!(ours, theirs, "{name}");
    }
}

/// What GNU tar lists: name and time of each member.
fn gnu(path: &Path) -> Option<Vec<(String, String)>> {
    let words = [
        "--ignore-zeros",
        "--full-time",
        "--quoting-style=escape",
        "--warning=none",
        "-tvf",
    ];
    let text = output(command("tar", &words).arg(path))?;
    let line = |line: &str| {
        // Mode, owner, size, date, time, name; a device has two numbers in place of a size, without a blank.
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let (date, time) = (
            words[3],
            words[4].trim_end_matches('0').trim_end_matches('.'),
        );
        let time = if words[4].contains('.') {
            time
        } else {
            words[4]
        };
        (words[5].to_owned(), format!("{date} {time}"))
    };
    Some(text.lines().map(line).collect())
}

/// A time as GNU tar writes it.
fn as_gnu(at: Timestamp) -> String {
    let text = at.exact().replace('T', " ").replace('Z', "");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[test]
fn gnu_tar_sees_the_same_members() {
    for name in whole() {
        // What is a second late there, names that no line can be told by, and what it complains of.
        let odd = [
            "/pax.tar",
            "hostile-names.tar",
            "signed-checksum.tar",
            "kinds.tar",
            "trailing.tar",
        ];
        if odd.iter().any(|odd| name.ends_with(odd)) {
            continue;
        }
        let Some(theirs) = gnu(&fixture(&name)) else {
            return;
        };
        let ours = members(&seen(&bytes(&name)), true);
        let ours: Vec<_> = ours
            .into_iter()
            .map(|(name, at)| (name, as_gnu(at.unwrap())))
            .collect();
        let theirs: Vec<_> = theirs
            .into_iter()
            .map(|(name, at)| (name, at.trim_end_matches(":").to_owned()))
            .collect();
        assert_eq!(trimmed(ours), trimmed(theirs), "{name}");
    }
}

/// Both write the seconds of a whole minute, and one of them cuts zeros.
fn trimmed(members: Vec<(String, String)>) -> Vec<(String, String)> {
    let cut = |at: String| at.trim_end_matches(['0', '.', ':']).to_owned();
    members
        .into_iter()
        .map(|(name, at)| (name, cut(at)))
        .collect()
}

/// What bsdtar takes an archive for, as an mtree list.
pub(crate) fn bsdtar(path: &Path) -> Option<Vec<(String, Option<Timestamp>)>> {
    let mut bsdtar = command(
        "bsdtar",
        &[
            "--format=mtree",
            "--options=mtree:!all,mtree:time",
            "-cf",
            "-",
        ],
    );
    let text = output(bsdtar.arg(format!("@{}", path.display())))?;
    let line = |line: &str| {
        let (name, at) = line.split_once(" time=")?;
        // The decimals are no fraction but a number of nanoseconds.
        let (seconds, nanos) = at.split_once('.').unwrap();
        let at = Timestamp::from_unix(seconds.parse().unwrap(), nanos.parse().unwrap());
        let name = name.strip_prefix("./").unwrap_or(name);
        Some((name.to_owned(), Some(at)))
    };
    let mut members: Vec<_> = text.lines().filter_map(line).collect();
    members.sort();
    Some(members)
}

/// Ours in the order of bsdtar's list, with names as there.
pub(crate) fn as_bsdtar(
    members: Vec<(String, Option<Timestamp>)>,
) -> Vec<(String, Option<Timestamp>)> {
    let name = |name: String| {
        let name = name.strip_suffix('/').unwrap_or(&name);
        name.strip_prefix("./").unwrap_or(name).to_owned()
    };
    let mut members: Vec<_> = members
        .into_iter()
        .map(|(written, at)| (name(written), at))
        .collect();
    members.sort();
    members
}

#[test]
fn bsdtar_sees_the_same_members() {
    // It stops at the end of an archive, and lists a name once.
    let odd = [
        "concatenated.tar",
        "hostile-names.tar",
        "signed-checksum.tar",
        "git-archive.tar",
    ];
    for name in whole()
        .iter()
        .filter(|name| !odd.iter().any(|odd| name.ends_with(odd)))
    {
        let Some(mut theirs) = bsdtar(&fixture(name)) else {
            return;
        };
        let mut ours = as_bsdtar(members(&seen(&bytes(name)), false));
        // A volume's label is no member there, and a half before 1970 one after its second.
        ours.retain(|(member, _)| member != "label");
        if name.ends_with("/pax.tar") {
            ours.retain(|(member, _)| member != "before.txt");
            theirs.retain(|(member, _)| member != "before.txt");
        }
        assert_eq!(ours, theirs, "{name}");
    }
}

/// Files whose times are known, and the names in their order.
fn tree(folder: &Path) -> Vec<(String, i64)> {
    let long = format!("deep/{}/{}.txt", "directory-".repeat(9), "name-".repeat(25));
    let times = [
        ("first.txt", 1_767_323_046),
        ("second.bin", 2_223_374_400),
        ("ü.txt", 1),
        (&long, 1_767_323_047),
        ("last", 0),
    ];
    for (name, at) in times {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "x".repeat(usize::try_from(at % 2000).unwrap())).unwrap();
        filetime::set_file_mtime(&path, FileTime::from_unix_time(at, 0)).unwrap();
    }
    times.map(|(name, at)| (name.to_owned(), at)).to_vec()
}

#[test]
fn the_times_of_files_are_those_in_their_archive() {
    let folder = tempfile::tempdir().unwrap();
    let files = tree(folder.path());
    let archive = folder.path().join("archive.tar");
    let archive = archive.to_str().unwrap();
    let gnu = ["v7", "oldgnu", "gnu", "ustar", "posix"].map(|format| ("tar", format));
    let bsd = ["v7", "gnutar", "ustar", "pax", "paxr"].map(|format| ("bsdtar", format));
    for (program, format) in gnu.into_iter().chain(bsd) {
        let format_word = format!("--format={format}");
        let words = [
            "-C",
            folder.path().to_str().unwrap(),
            &format_word,
            "-cf",
            archive,
        ];
        // What has no room for a long name does not get one.
        let is_short = format == "v7" || format == "ustar";
        let files: Vec<_> = files
            .iter()
            .filter(|(name, _)| name.len() < 100 || !is_short)
            .collect();
        let mut packer = command(program, &words);
        if output(packer.args(files.iter().map(|(name, _)| name))).is_none() {
            return;
        }
        let seen = seen(&fs::read(archive).unwrap());
        assert!(
            seen.flaws.is_empty() && seen.disagreements.is_empty(),
            "{program} {format}"
        );
        let ours: Vec<_> = members(&seen, true)
            .into_iter()
            .map(|(name, at)| (name, at.unwrap().seconds()))
            .collect();
        let expected: Vec<_> = files.into_iter().cloned().collect();
        assert_eq!(ours, expected, "{program} {format}");
    }
}

#[test]
fn times_of_access_and_change_are_found_where_gnu_tar_puts_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "x").unwrap();
    let (accessed, modified) = (
        FileTime::from_unix_time(1_767_323_050, 0),
        FileTime::from_unix_time(1_767_323_046, 0),
    );
    filetime::set_file_times(&path, accessed, modified).unwrap();
    let (archive, snapshot) = (folder.path().join("a.tar"), folder.path().join("snapshot"));
    let incremental = format!("--listed-incremental={}", snapshot.display());
    let before = skewgate::sys::wall_clock();
    let mut tar = command(
        "tar",
        &[
            "--format=gnu",
            "--atime-preserve=system",
            &incremental,
            "-C",
        ],
    );
    tar.arg(folder.path())
        .arg("-cf")
        .args([&archive])
        .arg("file");
    if output(&mut tar).is_none() {
        return;
    }
    let seen = seen(&fs::read(&archive).unwrap());
    assert_eq!(
        seen.seconds("tar.gnu.atime"),
        [("file".to_owned(), Some(1_767_323_050))]
    );
    let changed = seen.seconds("tar.gnu.ctime")[0].1.unwrap();
    assert!(
        (changed - before.seconds()).abs() <= 2,
        "{changed} {before}"
    );
}

#[test]
fn a_time_written_into_its_slot_is_what_programs_see() {
    let at = Timestamp::from_unix(1_000_000_000, 0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.tar");
    for name in whole() {
        let mut archive = bytes(&name);
        let before = seen(&archive);
        let written = before
            .found
            .iter()
            .filter(|found| found.write(&mut archive, at))
            .count();
        assert_eq!(written, before.found.len(), "{name}: a time without a slot");
        let after = seen(&archive);
        assert!(after.flaws.is_empty(), "{name}");
        let is_at = |found: &Found| found.at == Some(at);
        assert!(after.found.iter().all(is_at), "{name}: {:?}", after.lines());
        fs::write(&path, &archive).unwrap();
        let Some(theirs) = python(&path) else {
            return;
        };
        assert_eq!(theirs.len(), members(&before, true).len(), "{name}");
        assert!(
            theirs.iter().all(|(_, theirs)| *theirs == Some(at)),
            "{name}: {theirs:?}"
        );
    }
}

#[test]
fn numbers_are_read_in_all_ways_in_which_they_are_written() {
    let normal = Some(1_767_323_046);
    let expected = [
        ("spaces.txt", normal),
        ("nul.txt", normal),
        ("full.txt", normal),
        ("blank.txt", None),
        ("zeros.txt", None),
        ("base256.txt", Some(2_223_374_400)),
        ("negative.txt", Some(-1)),
        ("huge.txt", Some(1 << 62)),
        ("garbage.txt", None),
    ];
    let expected = expected.map(|(name, at)| (name.to_owned(), at));
    let seen = seen(&bytes("tar/numbers.tar"));
    assert_eq!(seen.seconds("tar.mtime"), expected);
    let without: Vec<_> = seen
        .found
        .iter()
        .filter(|found| found.slot.is_none())
        .collect();
    assert_eq!(without.len(), 3, "{without:?}");
}

#[test]
fn an_archive_is_the_same_however_it_is_compressed() {
    let expected = [
        ("hello.txt".to_owned(), Some(1_767_323_046)),
        ("late.txt".to_owned(), Some(2_223_374_400)),
    ];
    let mut names = fixtures("tar", "");
    names.retain(|name| name.starts_with("tar/pair") && !name.ends_with(".Z"));
    for name in names {
        let seen = seen(&bytes(&name));
        assert_eq!(seen.seconds("tar.mtime"), expected, "{name}");
        assert!(seen.flaws.is_empty(), "{name}: {:?}", seen.flaws);
        let is_decoded = |found: &Found| matches!(found.slot.unwrap().at, Origin::Decoded { .. });
        let in_tar = seen.found.iter().filter(|found| found.field == "tar.mtime");
        assert!(in_tar.clone().all(is_decoded), "{name}");
    }
}

#[test]
fn what_is_damaged_is_told_and_what_is_behind_it_found() {
    let late = |name: &str| {
        let seen = seen(&bytes(&format!("tar/{name}.tar")));
        let is_late = seen
            .lines()
            .iter()
            .any(|line| line.starts_with("late") && line.ends_with("2040-06-15T12:00:00Z"));
        assert_eq!(seen.flaws.is_empty(), seen.kinds().is_empty());
        let kinds: Vec<_> = seen.kinds().into_iter().map(|(_, kind)| kind).collect();
        (is_late, kinds)
    };
    for (name, expected) in [
        ("hostile-checksum", (true, vec!["malformed"])),
        ("hostile-cut-header", (false, vec!["truncated"])),
        (
            "hostile-longname-size",
            (false, vec!["limit", "truncated", "truncated"]),
        ),
        ("hostile-member-size", (true, vec!["truncated"])),
        ("hostile-negative-size", (true, vec!["malformed"])),
        ("hostile-pax-chain", (true, vec![])),
        ("hostile-pax-last", (false, vec!["truncated"])),
        ("hostile-pax-member-size", (true, vec!["truncated"])),
        ("hostile-pax-records", (true, vec!["malformed"; 5])),
        (
            "hostile-pax-size",
            (false, vec!["limit", "truncated", "truncated"]),
        ),
        ("hostile-sparse", (true, vec!["truncated"])),
        ("hostile-truncated", (true, vec!["truncated"])),
    ] {
        assert_eq!(late(name), expected, "{name}");
    }
}

#[test]
fn what_readers_differ_in_is_told() {
    let told = |name: &str| seen(&bytes(&format!("tar/{name}.tar"))).disagreements;
    let [end] = &told("concatenated")[..] else {
        panic!()
    };
    assert!(end.contains("more members follow at 10240"), "{end}");
    assert_eq!(told("pax-global").len(), 2);
    let [inherits] = &told("python-global")[..] else {
        panic!()
    };
    assert!(
        inherits.starts_with("inherits.txt tar.mtime tar.global.mtime"),
        "{inherits}"
    );
    // Rounded up in the header, or zero there.
    for name in [
        "python-pax",
        "bsdtar-pax",
        "pax",
        "ustar",
        "trailing",
        "pax-size",
    ] {
        assert_eq!(told(name), [""; 0], "{name}");
    }
}
