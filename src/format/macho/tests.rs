//! Files made word by word.

use super::Shape;
use crate::format::piece::cms::tests::message;
use crate::format::piece::listing::{lines, signatures};

/// 2026-01-02T03:04:06Z, and 2040-06-15T12:00:00Z.
const TODAY: u32 = 1_767_323_046;
const LATE: u32 = 2_223_374_400;

fn words(is_big: bool, words: &[u32]) -> Vec<u8> {
    let bytes = |word: &u32| {
        if is_big {
            word.to_be_bytes()
        } else {
            word.to_le_bytes()
        }
    };
    words.iter().flat_map(bytes).collect()
}

/// A library that uses two others, with an object file, signed.
fn made(shape: Shape) -> Vec<u8> {
    let words = |of: &[u32]| words(shape.is_big, of);
    let from = if shape.is_wide { 32 } else { 28 };
    let commands = 4 * 24 + 16;
    let symbols = from + commands;
    let each = if shape.is_wide { 16 } else { 12 };
    let names = symbols + 2 * each;
    let signature = names + 8;
    let message = message();
    let length = u32::try_from(message.len()).unwrap();
    let magic = if shape.is_wide {
        0xfeed_facf
    } else {
        0xfeed_face
    };
    let mut header = words(&[magic, 7, 3, 6, 5, commands, 0, 0]);
    header.truncate(usize::try_from(from).unwrap());
    let dylib = |kind: u32, stamp: u32| words(&[kind, 24, 24, stamp, 0, 0]);
    let value = |seconds: u32| match (shape.is_wide, shape.is_big) {
        (true, true) => words(&[0, seconds]),
        (true, false) => words(&[seconds, 0]),
        (false, _) => words(&[seconds]),
    };
    let symbol = |kind: u8| [words(&[1]), vec![kind, 0, 0, 0], value(LATE)].concat();
    [
        header,
        dylib(0xd, TODAY),
        dylib(0xc, 2),
        dylib(0x8000_0018, LATE),
        words(&[2, 24, symbols, 2, names, 8]),
        words(&[0x1d, 16, signature, 28 + length]),
        symbol(0x24),
        symbol(0x66),
        b"\0a.o\0\0\0\0".to_vec(),
        self::words(
            true,
            &[
                0xfade_0cc0,
                28 + length,
                1,
                0x1_0000,
                20,
                0xfade_0b01,
                8 + length,
            ],
        ),
        message,
    ]
    .concat()
}

fn expected(before: &str) -> Vec<String> {
    let (today, late) = (
        "2026-01-02T03:04:06.000000000Z known",
        "2040-06-15T12:00:00.000000000Z known",
    );
    let object = if before.is_empty() {
        "a.o".to_owned()
    } else {
        format!("{before}!a.o")
    };
    vec![
        format!("{before} macho.id-dylib {today}"),
        format!("{before} macho.load-dylib unset"),
        format!("{before} macho.load-dylib {late}"),
        format!("{object} macho.oso {late}"),
        format!("{before} macho.signing-time {today}"),
        format!("{before} macho.countersigning-time 2026-01-02T03:04:07.000000000Z known"),
        format!("{before} macho.timestamp-token 2040-06-15T12:00:00.500000000Z known"),
    ]
}

#[test]
fn times_are_found_in_either_order_and_width() {
    for (is_big, is_wide) in [(false, false), (false, true), (true, false), (true, true)] {
        let shape = Shape { is_big, is_wide };
        assert_eq!(lines(&made(shape)), expected(""), "{shape:?}");
        let signed = [("Mach-O code signature", true)];
        assert_eq!(signatures(&made(shape)), signed, "{shape:?}");
    }
}

#[test]
fn every_machine_is_looked_at() {
    let (big, little) = (
        made(Shape {
            is_big: true,
            is_wide: false,
        }),
        made(Shape {
            is_big: false,
            is_wide: true,
        }),
    );
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap();
    let narrow = words(
        true,
        &[
            0xcafe_babe,
            2,
            18,
            0,
            48,
            length(&big),
            0,
            0x0100_000c,
            0,
            48 + length(&big),
            length(&little),
            0,
        ],
    );
    let bytes = [narrow, big, little.clone()].concat();
    assert_eq!(lines(&bytes), [expected("ppc"), expected("arm64")].concat());
    let wide = words(
        true,
        &[
            0xcafe_babf,
            1,
            0x0100_0007,
            0,
            0,
            40,
            0,
            length(&little),
            0,
            0,
        ],
    );
    assert_eq!(lines(&[wide, little].concat()), expected("x86_64"));
    // Cut before the second.
    let told = lines(&bytes[..60]);
    assert!(
        told.iter()
            .filter(|line| line.contains("truncated") || line.contains("malformed"))
            .count()
            >= 2,
        "{told:?}"
    );
}

#[test]
fn a_class_of_java_is_none() {
    for version in [45_u32, 52, 61, 0xffff] {
        // Even one that has the number of a machine behind its version.
        assert_eq!(
            lines(&words(true, &[0xcafe_babe, version, 7, 0, 0])),
            [""; 0]
        );
        assert_eq!(
            lines(&words(true, &[0xcafe_babe, version, 0x0100_0a00, 0, 0])),
            [""; 0]
        );
    }
}

#[test]
fn damage_ends_the_reading() {
    let mut bytes = made(Shape {
        is_big: false,
        is_wide: true,
    });
    bytes[36] = 4;
    assert!(lines(&bytes)[0].contains("load command of number 1"));
    bytes[20..24].copy_from_slice(&[0xff; 4]);
    assert!(lines(&bytes)[0].contains("limit"));
}
