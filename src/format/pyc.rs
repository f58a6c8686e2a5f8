//! `pyc`: Python's compiled modules, with the time of their source.

use super::{Field, Form, Format, Head, Layer, Mend, Reads, Slot, Stamp, Visit};
use crate::bytes::{Extent, Flaw, le16};

pub(super) const FORMAT: Format = Format {
    name: "pyc",
    summary: "Python bytecode since 2.0: the modification time of its source, where that is what tells whether it is \
stale (PEP 552)",
    names: &[".pyc"],
    is,
    layer: Layer::Leaf,
    fields: &[&SOURCE],
    reads: Reads::Extent(read),
};

static SOURCE: Field = Field::event(
    "pyc.source",
    "mtime of the source, 32 bits, seconds since 1970 UTC (PEP 552; before Python 3.7 right after the magic number)",
);

/// The first magic number with flags in the header: Python 3.7 (PEP 552, `importlib._bootstrap_external`).
const WITH_FLAGS: u16 = 3390;

/// Whether it is a magic number of Python 2.0, 2.1, 2.2, or 2.3 to 2.7 (`Python/import.c` of 2.7).
const fn is_python_2(magic: u16) -> bool {
    matches!(magic, 50823 | 60202 | 60717 | 62011..=62212)
}

/// The first magic number with the size of the source in the header: Python 3.3.
const WITH_SIZE: u16 = 3210;

/// Whether it is a magic number of Python 3.
const fn is_python_3(magic: u16) -> bool {
    matches!(magic, 3000..4000)
}

fn is(head: &Head<'_>) -> bool {
    // Every magic number of CPython ends in CR LF, so that a text conversion shows.
    let Some(magic) = le16(head.first, 0).filter(|_| head.has(2, b"\r\n")) else {
        return false;
    };
    // What is cut off is told from a short text by a byte that no text has.
    let is_text = |byte: &u8| matches!(byte, b'\t'..=b'~');
    let is_binary = |rest: &[u8]| rest.len() >= 12 || !rest.iter().all(is_text);
    let rest = head.first.get(4..).unwrap_or_default();
    is_python_2(magic) && !rest.is_empty() || is_python_3(magic) && is_binary(rest)
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let magic = u16::from_le_bytes(extent.array(0)?);
    let (flags, place, header) = match magic {
        WITH_FLAGS..4000 => (u32::from_le_bytes(extent.array(4)?), 8, 16),
        WITH_SIZE..WITH_FLAGS => (0, 4, 12),
        _ => (0, 4, 8),
    };
    if flags > 3 {
        return Err(Flaw::malformed(format!(
            "its flags are {flags:#x}, and PEP 552 has none but 1 and 2: Python will not load it, and whether it holds a time cannot be told"
        )));
    }
    // Otherwise it is told by the source's hash, so there is no time.
    if flags & 1 == 0 {
        let raw: [u8; 4] = extent.array(place)?;
        visit.stamp(&Stamp {
            field: &SOURCE,
            raw: &raw,
            value: Form::Unix32Le.decode(&raw),
            slot: Slot::new(extent.origin(place), Form::Unix32Le, Mend::Nothing),
        });
    }
    if extent.size() < header {
        return Err(Flaw::truncated(format!(
            "it ends after {} bytes, and its header alone takes {header}: it was cut off",
            extent.size()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    fn pyc(magic: u16, words: [u32; 3]) -> Vec<u8> {
        let words = words.iter().flat_map(|word| word.to_le_bytes());
        magic
            .to_le_bytes()
            .into_iter()
            .chain(*b"\r\n")
            .chain(words)
            .collect()
    }

    #[test]
    fn the_time_stands_where_the_magic_number_says() {
        let time = 1_767_323_046;
        let expected = [" pyc.source 2026-01-02T03:04:06.000000000Z known"];
        assert_eq!(lines(&pyc(3495, [0, time, 9])), expected);
        assert_eq!(lines(&pyc(3379, [time, 9, 0])), expected);
        // It is compared with the source, or not; the second of the flags says nothing of a time.
        assert_eq!(lines(&pyc(3495, [2, time, 9])), expected);
        // Of Python 2 and of Python 3 before 3.3 there is nothing else in the header.
        for magic in [62211, 3180] {
            let old = pyc(magic, [time, 0xe3, 0]);
            assert_eq!(lines(&old), expected);
            assert_eq!(lines(&old[..9]), expected);
        }
        assert_eq!(lines(&pyc(62213, [time, 0xe3, 0])), [""; 0]);
        // Told by a hash.
        for flags in [1, 3] {
            assert_eq!(lines(&pyc(3495, [flags, time, 9])), [""; 0]);
        }
        assert_eq!(lines(&pyc(2999, [0, time, 9])), [""; 0]);
    }

    #[test]
    fn what_is_cut_off_is_told() {
        for (magic, words, header, time_to) in [
            (3495, [0, 1_767_323_046, 9], 16, 12),
            (3495, [1, 1_767_323_046, 9], 16, usize::MAX),
            (3379, [1_767_323_046, 9, 0], 12, 8),
            (62211, [1_767_323_046, 0, 0], 8, 8),
        ] {
            let bytes = pyc(magic, words);
            for length in 5..header {
                let told = lines(&bytes[..length]);
                let has_time = told.iter().any(|line| line.contains("pyc.source"));
                assert_eq!(has_time, length >= time_to, "{magic} {length} {told:?}");
                // Nothing tells these from a text.
                let may_be_text = magic == 3379 && length < 8 && told.is_empty();
                let is_told = told
                    .last()
                    .is_some_and(|line| line.starts_with(" truncated "));
                assert!(is_told || may_be_text, "{magic} {length} {told:?}");
            }
            let whole = lines(&bytes[..header]);
            assert!(
                whole.iter().all(|line| line.contains("pyc.source")),
                "{whole:?}"
            );
            assert_eq!(lines(&bytes[..4]), [""; 0]);
        }
        let flags = lines(&pyc(3495, [4, 1_767_323_046, 9]));
        assert!(
            flags[0].starts_with(" malformed its flags are 0x4,"),
            "{flags:?}"
        );
        // Texts that begin alike: with a form feed, and with two carriage returns.
        for text in [&b"1\x0c\r\n"[..], b"B\r\r\nnothing", b"B\r\r\n\r\r\n"] {
            assert_eq!(lines(text), [""; 0]);
        }
    }
}
