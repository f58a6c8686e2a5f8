//! What is compressed, against gzip, pigz, xz, zstd, lz4 and bzip2.

use crate::look::{bytes, fixture, fixtures, output, run, seen};
use skewgate::bytes::{Codec, Limits, decoder};
use std::fs;
use std::io::Read as _;
use std::process::Command;

const PROGRAMS: [(&str, &str, Codec); 5] = [
    ("gz", "gzip", Codec::Gzip),
    ("xz", "xz", Codec::Xz),
    ("zst", "zstd", Codec::Zstd),
    ("lz4", "lz4", Codec::Lz4),
    ("bz2", "bzip2", Codec::Bzip2),
];

/// Where the program and the reader may differ, and why.
const EXCEPTIONS: [&str; 3] = [
    // The limit on dictionaries; xz and zstd have others.
    "hostile-dictionary.xz",
    "hostile-window.zst",
    // zstd does not mind a size that is not reached, if no more than that comes.
    "hostile-size.zst",
];

#[test]
fn what_the_programs_find_damaged_has_a_flaw_and_nothing_else() {
    for path in [fixtures("gzip", ""), fixtures("compressed", "")].concat() {
        let (_, name) = path.split_once('/').unwrap();
        let (_, extension) = name.rsplit_once('.').unwrap();
        let Some((_, program, codec)) = PROGRAMS.iter().find(|row| row.0 == extension) else {
            continue;
        };
        // Bombs are for the limits, and take long without optimisation.
        if EXCEPTIONS.contains(&name) || name.contains("-bomb.") {
            continue;
        }
        let mut command = Command::new(program);
        command.args(["-d", "-c"]).arg(fixture(&path));
        let Some(theirs) = run(&mut command) else {
            continue;
        };
        let (expected, is_whole) = (theirs.stdout, theirs.status.success());
        let bytes = bytes(&path);
        let has_flaw = !seen(&bytes).flaws.is_empty();
        assert_eq!(has_flaw, !is_whole, "{name}: {program} says {is_whole}");
        if is_whole {
            let mut out = Vec::new();
            let mut from = decoder(*codec, bytes.as_slice(), &Limits::DEFAULT).unwrap();
            from.read_to_end(&mut out).unwrap();
            assert!(out == expected, "{name}: {program} makes something else");
        }
    }
}

#[test]
fn a_time_is_what_the_programs_show() {
    for name in fixtures("gzip", "") {
        if name.contains("hostile") {
            continue;
        }
        let mut command = Command::new("python3");
        // Python's reader keeps the time of the last member that it went through.
        command.args([
            "-c",
            "import gzip, sys\nwith gzip.open(sys.argv[1]) as f:\n f.read(); print(f.mtime or 'none')",
        ]);
        let Some(shown) = output(command.arg(fixture(&name))) else {
            return;
        };
        let seen = seen(&bytes(&name));
        let last = seen.found.last().unwrap().seconds();
        let last = last.map_or("none".to_owned(), |last| last.to_string());
        assert_eq!(shown.trim(), last, "{name}");
    }
}

#[test]
fn what_pigz_writes_in_parallel_is_one_member_with_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("content");
    let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(&path, content).unwrap();
    let time = filetime::FileTime::from_unix_time(2_000_000_000, 0);
    filetime::set_file_mtime(&path, time).unwrap();
    let mut command = Command::new("pigz");
    let Some(pigz) = run(command.args(["-c", "-b", "128", "-p", "4"]).arg(&path)) else {
        return;
    };
    let seen = seen(&pigz.stdout);
    assert_eq!(seen.lines(), ["gzip.mtime 2033-05-18T03:33:20Z"]);
    assert!(seen.flaws.is_empty());
}
