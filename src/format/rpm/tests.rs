//! Packages made by hand.

use crate::format::piece::listing::{lines, signatures};

const AT: u32 = 1_767_323_046;
const NOON: u32 = 1_767_355_200;

/// A header of values: tag, kind, count, bytes.
fn header(values: &[(u32, u32, u32, &[u8])]) -> Vec<u8> {
    let (mut index, mut store) = (Vec::new(), Vec::new());
    for (tag, kind, count, bytes) in values {
        while *kind == 4 && store.len() % 4 != 0 {
            store.push(0);
        }
        let offset = u32::try_from(store.len()).unwrap();
        for word in [*tag, *kind, offset, *count] {
            index.extend(word.to_be_bytes());
        }
        store.extend_from_slice(bytes);
    }
    let count = u32::try_from(values.len()).unwrap();
    let size = u32::try_from(store.len()).unwrap();
    let head = [
        [0x8e, 0xad, 0xe8, 1],
        [0; 4],
        count.to_be_bytes(),
        size.to_be_bytes(),
    ]
    .concat();
    [head, index, store].concat()
}

fn package(signatures: &[u8], main: &[u8]) -> Vec<u8> {
    let mut package = vec![0; 96];
    package[..4].copy_from_slice(&[0xed, 0xab, 0xee, 0xdb]);
    package.extend_from_slice(signatures);
    package.resize(package.len().next_multiple_of(8), 0);
    package.extend_from_slice(main);
    package
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn sample() -> Vec<u8> {
    let packet = [&[0x88, 8, 3, 5, 0], &AT.to_be_bytes()[..], &[0]].concat();
    let signatures = header(&[(268, 7, 10, &packet), (999, 7, 7, b"padding")]);
    let main = header(&[
        (1006, 4, 1, &words(&[AT])),
        (1034, 4, 3, &words(&[AT, AT + 1, AT + 2])),
        (1080, 4, 2, &words(&[NOON, NOON + 60])),
        (1116, 4, 3, &words(&[1, 0, 7])),
        (1117, 8, 3, b"one\0two\0three\0"),
        (1118, 8, 2, b"/a/\0/b/\0"),
    ]);
    package(&signatures, &main)
}

#[test]
fn every_time_of_a_package_is_told() {
    assert_eq!(
        lines(&sample()),
        [
            " rpm.build-time 2026-01-02T03:04:06.000000000Z known",
            " openpgp.signature 2026-01-02T03:04:06.000000000Z known",
            " rpm.changelog 2026-01-02T12:00:00.000000000Z unknown",
            " rpm.changelog 2026-01-02T12:01:00.000000000Z known",
            "/b/one rpm.file-mtime 2026-01-02T03:04:06.000000000Z known",
            "/a/two rpm.file-mtime 2026-01-02T03:04:07.000000000Z known",
            "three rpm.file-mtime 2026-01-02T03:04:08.000000000Z known",
        ]
    );
    assert_eq!(signatures(&sample()), [("RPM signature", true)]);
    let old = header(&[(1027, 8, 1, b"/whole/path\0"), (1034, 4, 1, &words(&[AT]))]);
    let old = package(&header(&[]), &old);
    assert_eq!(signatures(&old), []);
    let old = lines(&old);
    assert_eq!(
        old,
        ["/whole/path rpm.file-mtime 2026-01-02T03:04:06.000000000Z known"]
    );
}

#[test]
fn an_entry_of_the_changelog_may_be_of_tomorrow_ahead_of_utc() {
    let raw = NOON.to_be_bytes();
    let moment = *super::changelog(raw).moment().unwrap();
    // The day begins at Kiritimati 14 hours before midnight UTC, and ends at Baker Island 12 after the next.
    let begins = moment
        .written
        .earlier(crate::time::Span::from_secs(26 * 3600));
    assert_eq!(moment.time.earliest(), Some(begins));
    assert_eq!(moment.time.width(), crate::time::Span::from_secs(50 * 3600));
}

#[test]
fn what_lies_about_itself_is_told_and_the_rest_is_read() {
    let wrong = |values: &[(u32, u32, u32, &[u8])]| lines(&package(&header(&[]), &header(values)));
    let build = words(&[AT]);
    for (values, why) in [
        (&[(1006, 6, 1, &build[..])], "another kind"),
        (&[(1006, 4, u32::MAX, &build)], "4294967295 numbers"),
        (&[(1034, 4, 1, &build)], "more files than it names"),
    ] {
        let told = wrong(values);
        assert!(told.len() == 1 && told[0].contains(why), "{told:?}");
    }
    let told = wrong(&[(1080, 4, 9, &build), (1006, 4, 1, &build)]);
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("rpm.build-time"));
}

#[test]
fn no_damage_is_more_than_told() {
    let sample = sample();
    for cut in 0..sample.len() {
        let _told = lines(&sample[..cut]);
    }
    for at in 96..sample.len() {
        for by in [1, 0x80, 0xff] {
            let mut damaged = sample.clone();
            damaged[at] ^= by;
            let _told = lines(&damaged);
        }
    }
}
