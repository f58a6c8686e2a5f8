//! Images made byte by byte.

use crate::format::piece::cms::tests::message;
use crate::format::piece::listing::{lines, signatures, slots};

/// 2026-01-02T03:04:06Z.
const TODAY: u32 = 1_767_323_046;
/// 2040-06-15T12:00:00Z.
const LATE: u32 = 2_223_374_400;

/// An image of one section at address 0x1000, which begins at 0x200 of the file.
struct Made(Vec<u8>);

impl Made {
    fn new(is_wide: bool, stamp: u32) -> Self {
        let mut made = Self(vec![0; 0x400]);
        let (magic, size, count): (u16, u16, usize) = if is_wide {
            (0x20b, 240, 108)
        } else {
            (0x10b, 224, 92)
        };
        made.put(0, b"MZ");
        made.put(60, &0x40_u32.to_le_bytes());
        made.put(0x40, b"PE\0\0");
        made.put(0x46, &1_u16.to_le_bytes());
        made.put(0x48, &stamp.to_le_bytes());
        made.put(0x54, &size.to_le_bytes());
        made.put(0x58, &magic.to_le_bytes());
        made.put(0x58 + 36, &512_u32.to_le_bytes());
        made.put(0x58 + 60, &512_u32.to_le_bytes());
        made.put(0x58 + count, &16_u32.to_le_bytes());
        let section = 0x58 + usize::from(size);
        made.put(section, b".rdata\0\0");
        // As the loader does, from a whole sector: 0x200.
        for (at, value) in [(8, 0x200_u32), (12, 0x1000), (16, 0x200), (20, 0x210)] {
            made.put(section + at, &value.to_le_bytes());
        }
        made
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn directory(&mut self, number: usize, address: u32, content: &[u8]) {
        let from = if self.0[0x59] == 2 && self.0[0x58] == 0x0b {
            112
        } else {
            96
        };
        let place = 0x58 + from + number * 8;
        self.put(place, &address.to_le_bytes());
        let size = u32::try_from(content.len()).unwrap();
        self.put(place + 4, &size.to_le_bytes());
        let at = usize::try_from(address).unwrap();
        let at = if at >= 0x1000 { at - 0xe00 } else { at };
        self.put(at, content);
    }
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn directories_of_resources_are_told_once_and_come_to_an_end() {
    let mut made = Made::new(false, TODAY);
    let below = |at: u32| 1 << 31 | at;
    let resources = [
        // A name and three numbers: data, two directories, and one beyond the end.
        words(&[0, TODAY, 0, 1 | 3 << 16]),
        words(&[1, 0x90, 2, below(0x30), 3, below(0x58), 4, below(0xfff0)]),
        // Back to the root, to itself, and on.
        words(&[0, LATE, 0, 3 << 16]),
        words(&[1, below(0), 2, below(0x30), 3, below(0x70)]),
        words(&[0, 0, 0, 0xffff << 16]),
        words(&[1, below(0x30)]),
        words(&[0, LATE + 1, 0, 0]),
    ];
    made.directory(2, 0x1000, &resources.concat());
    assert_eq!(
        lines(&made.0),
        [
            " pe.coff 2026-01-02T03:04:06.000000000Z known",
            " pe.resource 2026-01-02T03:04:06.000000000Z known",
            " pe.resource 2040-06-15T12:00:00.000000000Z known",
            " pe.resource 2040-06-15T12:00:01.000000000Z known",
        ]
    );
}

#[test]
fn every_directory_has_its_time() {
    for is_wide in [false, true] {
        let mut made = Made::new(is_wide, TODAY);
        made.directory(0, 0x1000, &words(&[0, LATE, 0, 0]));
        made.directory(2, 0x1020, &words(&[0, TODAY, 0, 0]));
        let entry = |stamp, kind| words(&[0, stamp, 0, kind, 0, 0, 0]);
        made.directory(6, 0x1040, &[entry(TODAY, 2), entry(LATE, 12)].concat());
        made.directory(10, 0x1080, &words(&[64, LATE]));
        let descriptor = |stamp| words(&[1, stamp, 0, 1, 1]);
        made.directory(
            1,
            0x10a0,
            &[
                descriptor(TODAY),
                descriptor(u32::MAX),
                descriptor(0),
                words(&[0; 5]),
                descriptor(LATE),
            ]
            .concat(),
        );
        made.directory(
            13,
            0x1120,
            &[words(&[1, 1, 1, 1, 1, 0, 0, LATE]), words(&[0; 8])].concat(),
        );
        made.directory(
            11,
            0x1b0,
            &[words(&[TODAY, 0x10_0010, LATE, 0x20, 0, 0])].concat(),
        );
        let (today, late) = (
            "2026-01-02T03:04:06.000000000Z",
            "2040-06-15T12:00:00.000000000Z",
        );
        let expected = [
            ("coff", today),
            ("export", late),
            ("resource", today),
            ("debug", today),
            ("debug", late),
            ("load-config", late),
            ("import", today),
            ("delay-import", late),
            ("bound-import", today),
            ("bound-import", late),
        ];
        let expected: Vec<String> = expected
            .iter()
            .map(|(field, at)| format!(" pe.{field} {at} known"))
            .collect();
        assert_eq!(lines(&made.0), expected);
    }
}

#[test]
fn a_hash_is_no_time() {
    let mut made = Made::new(true, 0xdead_beef);
    made.directory(0, 0x1000, &words(&[0, 0xdead_beef]));
    made.directory(6, 0x1040, &words(&[0, 0xdead_beef, 0, 16, 0, 0, 0]));
    assert_eq!(
        lines(&made.0),
        [" pe.coff unset", " pe.export unset", " pe.debug unset"]
    );
    // That of an image which is imported is one, unless it is the same.
    let bound = |stamp| [words(&[1, 1, 1, 1, 1, 0, 0, stamp]), words(&[0; 8])].concat();
    let before = made.0.clone();
    made.directory(13, 0x1120, &bound(0xdead_beef));
    assert_eq!(lines(&made.0)[3], " pe.delay-import unset");
    made.directory(13, 0x1120, &bound(LATE));
    assert!(lines(&made.0)[3].contains("pe.delay-import 2040"));
    made.0 = before;
    made.put(0x1040 - 0xe00 + 12, &2_u32.to_le_bytes());
    assert!(lines(&made.0)[0].contains("2088"));
}

#[test]
fn resources_of_borland_have_dos_time() {
    let mut made = Made::new(false, 0x2a42_5e19);
    // 2026-01-02 03:04:06.
    made.directory(2, 0x1000, &words(&[0, 0x5c22_1883]));
    assert_eq!(
        lines(&made.0),
        [
            " pe.coff 1992-06-19T22:22:17.000000000Z known",
            " pe.resource 2026-01-02T03:04:06.000000000Z unknown"
        ]
    );
}

#[test]
fn a_signature_has_times_and_makes_them_stay() {
    let mut made = Made::new(true, TODAY);
    let message = message();
    let mut certificate = words(&[u32::try_from(message.len() + 8).unwrap(), 0x0002_0200]);
    certificate.extend(&message);
    let size = u32::try_from(certificate.len()).unwrap();
    made.put(0x58 + 112 + 32, &words(&[0x400, size]));
    made.0.extend(certificate);
    assert_eq!(
        lines(&made.0),
        [
            " pe.coff 2026-01-02T03:04:06.000000000Z known",
            " pe.signing-time 2026-01-02T03:04:06.000000000Z known",
            " pe.countersigning-time 2026-01-02T03:04:07.000000000Z known",
            " pe.timestamp-token 2040-06-15T12:00:00.500000000Z known",
        ]
    );
    assert_eq!(slots(&made.0), [false; 4]);
    assert_eq!(signatures(&made.0), [("Authenticode", true)]);
    assert_eq!(signatures(&Made::new(true, TODAY).0), []);
    assert_eq!(slots(&Made::new(true, TODAY).0), [true]);
    // Cut off in the signature.
    let cut = lines(&made.0[..made.0.len() - 40]);
    assert!(
        cut[1].contains(" truncated ") && cut[2..].iter().any(|line| line.contains(" malformed ")),
        "{cut:?}"
    );
    // A signature of no length.
    made.put(0x400, &[0; 4]);
    assert!(lines(&made.0)[1].contains(" malformed "));
}

#[test]
fn tables_that_lie_are_told() {
    let kinds = |made: &Made| -> Vec<String> {
        let told = lines(&made.0).into_iter();
        let flaws = told.filter_map(|line| {
            let words = line.split(' ').nth(1).unwrap().to_owned();
            (!words.contains('.')).then_some(words)
        });
        flaws.collect()
    };
    let made = || Made::new(true, TODAY);
    let at = 0x58 + 240;
    assert_eq!(kinds(&made()), [""; 0]);
    // More sections than there are headers of, and all of them further on than the file goes.
    let mut many = made();
    many.put(0x46, &[0xff; 2]);
    assert_eq!(kinds(&many), ["truncated"]);
    let mut far = made();
    far.put(0x54, &[0xff; 2]);
    assert_eq!(kinds(&far), ["truncated"]);
    // Neither PE32 nor PE32+.
    let mut other = made();
    other.put(0x58, &[7, 1]);
    assert_eq!(kinds(&other), ["malformed"]);
    // A section whose data is not there, and one that is in memory only.
    for number in [0, 1, 2, 6, 10, 11, 13] {
        let mut cut = made();
        cut.directory(number, 0x1000, &[1; 64]);
        assert_eq!(kinds(&cut), [""; 0], "{number}");
        cut.put(at + 20, &0xffff_fe00_u32.to_le_bytes());
        assert_eq!(kinds(&cut), ["truncated"], "{number}");
        cut.put(at + 16, &[0; 4]);
        assert_eq!(kinds(&cut), [""; 0], "{number}");
    }
    // More of a table than there is; what ends before that is read to its end.
    let mut debug = made();
    debug.directory(6, 0x11e0 - 28, &words(&[0, LATE, 0, 2, 0, 0, 0]));
    let size = 0x58 + 112 + 6 * 8 + 4;
    debug.put(size, &[0xff; 4]);
    assert_eq!(kinds(&debug), ["truncated"]);
    assert!(lines(&debug.0)[1].starts_with(" pe.debug 2040"));
    // Borland's linkers count its entries.
    debug.put(size, &1_u32.to_le_bytes());
    assert_eq!((kinds(&debug).len(), lines(&debug.0).len()), (0, 2));
    let mut imports = made();
    imports.directory(1, 0x1000, &words(&[1, LATE, 0, 1, 1, 0, 0, 0, 0, 0]));
    imports.put(0x58 + 112 + 8 + 4, &[0xff; 4]);
    assert_eq!((kinds(&imports).len(), lines(&imports.0).len()), (0, 2));
}

#[test]
fn what_lies_nowhere_is_told() {
    let mut made = Made::new(true, TODAY);
    for number in 0..16 {
        made.put(0x58 + 112 + number * 8, &words(&[0xffff_fff0, u32::MAX]));
    }
    let told = lines(&made.0);
    assert_eq!(told[0], " pe.coff 2026-01-02T03:04:06.000000000Z known");
    // Seven tables that have times, and the signatures.
    let nowhere = told
        .iter()
        .filter(|line| line.contains("0xfffffff0, which is in no section"));
    assert_eq!((nowhere.count(), told.len()), (7, 9), "{told:?}");
    // A DOS program, and one whose header is not there.
    made.put(0x40, b"NE\0\0");
    assert_eq!(lines(&made.0), [""; 0]);
    made.put(60, &u32::MAX.to_le_bytes());
    assert_eq!(lines(&made.0), [""; 0]);
}
