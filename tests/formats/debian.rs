//! Debian's control files, beside GNU date and gpg.

use crate::look::{bytes, command, fixture, output, seen};
use std::fs;

/// A Release as apt-ftparchive and dak write it.
const RELEASE: &str = "\
Origin: Debian
Suite: stable
Codename: bookworm
Date: Sat, 11 Jan 2025 09:51:04 UTC
Valid-Until: Sat, 18 Jan 2099 09:51:04 UTC
Architectures: all amd64
Components: main
SHA256:
 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 main/binary-amd64/Packages
";

#[test]
fn gnu_date_takes_the_dates_for_the_same() {
    for (name, field) in [("_all.buildinfo", "Build-Date"), ("_all.changes", "Date")] {
        let text = String::from_utf8(bytes(&format!("deb/hello_1.0-1{name}"))).unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{field}: ")))
            .unwrap();
        let Some(theirs) = output(&mut command("date", &["+%s", "-d", line])) else {
            return;
        };
        let seen = seen(text.as_bytes());
        let [found] = &seen.found[..] else {
            panic!("{:?}", seen.found)
        };
        assert_eq!(
            found.at.unwrap().seconds(),
            theirs.trim().parse::<i64>().unwrap()
        );
        assert_eq!(found.slot, None);
    }
}

#[test]
fn a_release_is_as_old_as_its_date_and_never_as_its_end() {
    assert_eq!(
        seen(RELEASE.as_bytes()).lines(),
        ["debian.date 2025-01-11T09:51:04Z"]
    );
    let twice = RELEASE.replace("Suite: stable", "date: Sat, 11 Jan 2025 09:51:05 UTC");
    let twice = seen(twice.as_bytes());
    assert_eq!((twice.found.len(), twice.disagreements.len()), (2, 1));
    let bad = seen(RELEASE.replace("Sat, 11", "Sun, 11").as_bytes());
    assert_eq!(bad.lines(), ["debian.date invalid"]);
}

#[test]
fn gpg_sees_the_same_time_of_signing() {
    let path = fixture("../records/buildinfo/signed.buildinfo");
    let seen_of = seen(&fs::read(&path).unwrap());
    let signature = seen_of.tally.signatures.first().unwrap();
    assert_eq!(
        (signature.name, signature.covers_times),
        ("OpenPGP signature", true)
    );
    assert!(seen(RELEASE.as_bytes()).tally.signatures.is_empty());
    let lines = seen_of.lines();
    let [build, signed] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert_eq!(build, "debian.build-date 2017-01-01T10:20:00Z");
    // Of a signed text it lists the text only.
    let text = fs::read_to_string(&path).unwrap();
    let home = tempfile::tempdir().unwrap();
    let armor = home.path().join("signature");
    fs::write(
        &armor,
        &text[text.find("-----BEGIN PGP SIGNATURE").unwrap()..],
    )
    .unwrap();
    let mut gpg = command("gpg", &["--batch", "--list-packets"]);
    let Some(packets) = output(gpg.arg(&armor).env("GNUPGHOME", home.path())) else {
        return;
    };
    let created = packets.split("version 4, created ").nth(1).unwrap();
    let seconds: i64 = created.split(',').next().unwrap().parse().unwrap();
    let at = skewgate::time::Timestamp::from_unix(seconds, 0);
    assert_eq!(*signed, format!("openpgp.signature {at}"));
}

#[test]
fn other_text_is_no_control_file() {
    for text in [
        "",
        "Date: Sat, 11 Jan 2025 09:51:04 UTC\n",
        "Date: Sat, 11 Jan 2025 09:51:04 UTC\nFrom: a@example.org\nSubject: x\n\nSHA256: y\n",
        "# Notes\n\nFormat: 1.0\nSource: x\n",
        "{\"Format\": 1, \"Source\": 2, \"Checksums-Sha256\": 3}",
        "Format: 1.0\nSource: x\nChecksums-Sha256:\n 1 2 3\nand then prose.\n",
        " Format: 1.0\nSource: x\nChecksums-Sha256:\n",
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nDear all, at 12:30\n-----BEGIN PGP SIGNATURE-----\n\niHUEARYIAB0=\n",
    ] {
        let seen = seen(text.as_bytes());
        assert!(seen.found.is_empty() && seen.flaws.is_empty(), "{text}");
    }
}

#[test]
fn a_long_one_is_read_as_far_as_a_limit_allows() {
    let long = format!(
        "{RELEASE}{}",
        " 0 0 main/binary-amd64/Packages\n".repeat(40_000)
    );
    let seen = seen(long.as_bytes());
    assert_eq!(seen.kinds(), [("", "limit")]);
    assert_eq!(seen.found.len(), 1);
}
