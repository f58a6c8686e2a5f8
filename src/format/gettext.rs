//! `gettext`: catalogues of messages.

use super::piece::dates::stated;
use super::piece::text::{self, tell};
use super::{Field, Format, Head, Layer, Reads, Value, Visit};
use crate::bytes::{Extent, Flaw, be32, le32};

pub(super) const FORMAT: Format = Format {
    name: "gettext",
    summary: "GNU gettext's catalogues (.po, .mo): when the messages were taken out of the sources, and when they were last \
translated, to the minute; of .po the first 64 KiB",
    names: &[".mo", ".gmo", ".po", ".pot"],
    is: |head| endian(head.first).is_some() || is_text(head),
    layer: Layer::Leaf,
    fields: &[&CREATED, &REVISED],
    reads: Reads::Extent(read),
};

static CREATED: Field = Field::event(
    "gettext.pot-creation-date",
    "POT-Creation-Date, when the messages were taken out of the sources, which builds do anew (GNU gettext manual, 6.2)",
);

static REVISED: Field = Field::event(
    "gettext.po-revision-date",
    "PO-Revision-Date, when the messages were last translated, by the translator's clock (GNU gettext manual, 6.2)",
);

/// How far into a catalogue in text its first entry begins at most: comments about its authors stand before it.
const COMMENTS: usize = 8192;

/// Reads a number at a place.
type Number = fn(&[u8], usize) -> Option<u32>;

/// How a catalogue writes its numbers; `None` for what is none (GNU gettext manual, 10.3).
fn endian(first: &[u8]) -> Option<Number> {
    match first.get(..4)? {
        [0xde, 0x12, 0x04, 0x95] => Some(le32),
        [0x95, 0x04, 0x12, 0xde] => Some(be32),
        _ => None,
    }
}

fn is_text(head: &Head<'_>) -> bool {
    if !(head.has(0, b"#") || head.has(0, b"msgid ")) {
        return false;
    }
    let first = &head.first[..head.first.len().min(COMMENTS)];
    let entry = text::lines(first).find(|line| !line.starts_with('#') && !line.is_empty());
    entry == Some("msgid \"\"")
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let first = text::beginning(extent)?;
    let Some(number) = endian(&first) else {
        // The entry without a message is the first, and ends with an empty line.
        let entry = text::lines(&first).skip_while(|line| line.starts_with('#') || line.is_empty());
        for line in entry.take_while(|line| !line.is_empty()) {
            if let Some(line) = line.strip_prefix('"') {
                header(visit, line.split("\\n").next().unwrap_or(line));
            }
        }
        return Ok(());
    };
    // The translation of the message without text is the first, since they are in order.
    let at = |from: usize| number(&first, from).map(u64::from);
    let cut =
        || Flaw::truncated("it ends before its first translation, so its dates were not read");
    let (table, count) = at(16).zip(at(8)).ok_or_else(cut)?;
    if count == 0 {
        return Ok(());
    }
    let entry: [u8; 8] = extent.array(table)?;
    let (length, from) = number(&entry, 0).zip(number(&entry, 4)).ok_or_else(cut)?;
    let most = visit.budget().limits.header.min(u64::from(length));
    let bytes = extent.bytes(u64::from(from), usize::try_from(most).unwrap_or(0))?;
    for line in text::lines(&bytes) {
        header(visit, line);
    }
    Ok(())
}

fn header(visit: &mut Visit<'_>, line: &str) {
    let Some((key, date)) = text::pair(line, ':') else {
        return;
    };
    match key {
        "POT-Creation-Date" => tell(visit, &CREATED, filled, date),
        "PO-Revision-Date" => tell(visit, &REVISED, filled, date),
        _ => {}
    }
}

/// What xgettext leaves for others to fill in is no date.
fn filled(text: &str) -> Value {
    if text.starts_with("YEAR-") {
        return Value::Unset;
    }
    stated(text)
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    const TIMES: [&str; 2] = [
        " gettext.pot-creation-date 2026-01-02T03:04:00.000000000Z known",
        " gettext.po-revision-date unset",
    ];

    #[test]
    fn both_kinds_of_catalogue_are_read() {
        let header = "Project-Id-Version: x\nPOT-Creation-Date: 2026-01-02 05:04+0200\nPO-Revision-Date: YEAR-MO-DA HO:MI+ZONE\n";
        let quoted: String = header
            .lines()
            .map(|line| format!("\"{line}\\n\"\n"))
            .collect();
        let text = format!(
            "# Someone\n#\n#, fuzzy\nmsgid \"\"\nmsgstr \"\"\n{quoted}\nmsgid \"a\"\nmsgstr \"\"\n\"POT-Creation-Date: 1\\n\"\n"
        );
        assert_eq!(lines(text.as_bytes()), TIMES);
        for to in [u32::to_le_bytes, u32::to_be_bytes] {
            let length = u32::try_from(header.len()).unwrap();
            let words = [0x9504_12de, 0, 1, 28, 36, 0, 0, 0, 44, length, 44];
            let mut mo: Vec<u8> = words.into_iter().flat_map(to).collect();
            mo.extend_from_slice(header.as_bytes());
            assert_eq!(lines(&mo), TIMES);
            for cut in 0..mo.len() {
                let _told = lines(&mo[..cut]);
            }
        }
        assert_eq!(
            lines(b"#!/bin/sh\nPOT-Creation-Date: 2026-01-02 03:04+0000\n"),
            [""; 0]
        );
    }
}
