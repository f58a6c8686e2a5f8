//! `pyc`: Python's compiled modules, with the time of their source.

use super::{Confidence, Field, Form, Format, Head, Layer, Mend, Reads, Role, Slot, Stamp, Visit};
use crate::bytes::{Extent, Flaw, le16, le32};

pub(super) const FORMAT: Format = Format {
    name: "pyc",
    summary: "Python bytecode since 3.0: the modification time of its source, where that is what tells whether it is \
stale (PEP 552)",
    names: &[".pyc"],
    is,
    layer: Layer::Leaf,
    fields: &[&SOURCE],
    reads: Reads::Extent(read),
};

static SOURCE: Field = Field {
    name: "pyc.source",
    what: "mtime of the source, 32 bits, seconds since 1970 UTC (PEP 552; before Python 3.7 right after the magic number)",
    role: Role::Event,
    confidence: Confidence::High,
};

/// The first magic number with flags in the header: Python 3.7 (PEP 552, `importlib._bootstrap_external`).
const WITH_FLAGS: u16 = 3390;

fn is(head: &Head<'_>) -> bool {
    // Every magic number of CPython 3 ends in CR LF, so that a text conversion shows.
    let magic = le16(head.first, 0).is_some_and(|magic| (3000..4000).contains(&magic));
    magic && head.has(2, b"\r\n") && head.first.len() >= 16
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let head: [u8; 16] = extent.array(0)?;
    let has_flags = le16(&head, 0).is_some_and(|magic| magic >= WITH_FLAGS);
    if has_flags && le32(&head, 4) != Some(0) {
        // Told by the source's hash, so there is no time.
        return Ok(());
    }
    let at = if has_flags { 8 } else { 4 };
    let raw = &head[at..at + 4];
    let place = u64::try_from(at).unwrap_or(0);
    visit.stamp(&Stamp {
        field: &SOURCE,
        raw,
        value: Form::Unix32Le.decode(raw),
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
        // Told by a hash.
        assert_eq!(lines(&pyc(3495, [1, time, 9])), [""; 0]);
        assert_eq!(lines(&pyc(2999, [0, time, 9])), [""; 0]);
    }
}
