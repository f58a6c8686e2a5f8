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

fn is(head: &Head<'_>) -> bool {
    // Every magic number of CPython ends in CR LF, so that a text conversion shows.
    let length = match le16(head.first, 0) {
        Some(3000..4000) => 16,
        // The time, and at least one byte of code.
        Some(magic) if is_python_2(magic) => 9,
        _ => return false,
    };
    head.has(2, b"\r\n") && head.first.len() >= length
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let magic: [u8; 2] = extent.array(0)?;
    let has_flags = (WITH_FLAGS..4000).contains(&u16::from_le_bytes(magic));
    if has_flags && extent.array(4)? != [0; 4] {
        // Told by the source's hash, so there is no time.
        return Ok(());
    }
    let place = if has_flags { 8 } else { 4 };
    let raw: [u8; 4] = extent.array(place)?;
    visit.stamp(&Stamp {
        field: &SOURCE,
        raw: &raw,
        value: Form::Unix32Le.decode(&raw),
        slot: Slot::new(extent.origin(place), Form::Unix32Le, Mend::Nothing),
    });
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
        // Of Python 2 there is nothing else in the header.
        let two = pyc(62211, [time, 0xe3, 0]);
        assert_eq!(lines(&two), expected);
        assert_eq!(lines(&two[..9]), expected);
        assert_eq!(lines(&two[..8]), [""; 0]);
        assert_eq!(lines(&pyc(62213, [time, 0xe3, 0])), [""; 0]);
        // Told by a hash.
        assert_eq!(lines(&pyc(3495, [1, time, 9])), [""; 0]);
        assert_eq!(lines(&pyc(2999, [0, time, 9])), [""; 0]);
    }
}
