//! `pdf`: documents, with when they were made, changed and signed.
//!
//! The dates are found by their names, in the beginning and the end of the file and in the streams of objects there;
//! the structure is not followed.

use super::piece::dates;
use super::piece::xmp::{self, next};
use super::{Field, Format, Head, Layer, Reads, Stamp, Value, Visit};
use crate::bytes::{Extent, Flaw};
use std::io::Read as _;

pub(super) const FORMAT: Format = Format {
    name: "pdf",
    summary: "PDF documents: the dates of the document information, of XMP and of signatures and annotations, those of \
earlier revisions included, in the first and the last MiB; of what is compressed, only streams of objects are seen",
    names: &[".pdf"],
    is,
    layer: Layer::Leaf,
    fields: &[
        &CREATED,
        &CHANGED,
        &OBJECT,
        &XMP_CREATED,
        &XMP_MODIFIED,
        &XMP_DESCRIBED,
    ],
    reads: Reads::Extent(read),
};

static CREATED: Field = Field::in_text(
    "pdf.creation-date",
    "/CreationDate of the document information: a text, with its zone or without (ISO 32000-1 §14.3.3)",
);
static CHANGED: Field = Field::in_text(
    "pdf.mod-date",
    "/ModDate of the document information: a text, with its zone or without (ISO 32000-1 §14.3.3)",
);
static OBJECT: Field = Field::in_text(
    "pdf.m",
    "/M of a signature or an annotation: when it was signed or changed, a text, with its zone or without (ISO 32000-1 §12.8.1)",
);
static XMP_CREATED: Field = xmp::Fields::created("pdf.xmp.create-date");
static XMP_MODIFIED: Field = xmp::Fields::modified("pdf.xmp.modify-date");
static XMP_DESCRIBED: Field = xmp::Fields::described("pdf.xmp.metadata-date");

const XMP: xmp::Fields = xmp::Fields {
    created: &XMP_CREATED,
    modified: &XMP_MODIFIED,
    described: &XMP_DESCRIBED,
};

/// How much of the beginning and of the end is looked through.
const SIDE: usize = 1 << 20;

/// A date is shorter, however it is written.
const LONGEST: usize = 256;

fn is(head: &Head<'_>) -> bool {
    head.has(0, b"%PDF-")
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let (size, side) = (extent.size(), u64::try_from(SIDE).unwrap_or(u64::MAX));
    let is_whole = size <= 2 * side;
    let first = extent.bytes(0, if is_whole { 2 * SIDE } else { SIDE })?;
    visit.budget().go_on()?;
    let last = if is_whole {
        Vec::new()
    } else {
        extent.bytes(size - side, SIDE)?
    };
    let sides = [&first[..], &last];
    let is_encrypted = sides.iter().any(|side| has(side, b"/Encrypt"));
    let mut unread = 0_u64;
    for side in sides {
        unread += dates(visit, side, is_encrypted);
        xmp::read(visit, &XMP, side);
        if !is_encrypted {
            objects(visit, side)?;
        }
    }
    if unread > 0 {
        visit.flaw(Flaw::unsupported(format!(
            "the document is encrypted, and {unread} of its dates with it: they were not read"
        )));
    }
    let end = if is_whole { &first } else { &last };
    if !has(end, b"%%EOF") && !has(end, b"startxref") {
        return Err(Flaw::truncated(
            "it lacks the mark that ends a PDF document (%%EOF): it was cut off, and dates behind that are lost",
        ));
    }
    Ok(())
}

fn has(text: &[u8], words: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = next(text, from, words[0]) {
        if text[at..].starts_with(words) {
            return true;
        }
        from = at + 1;
    }
    false
}

/// Tells the dates in streams of objects (ISO 32000-1 §7.5.7), where the document information may be.
fn objects(visit: &mut Visit<'_>, text: &[u8]) -> Result<(), Flaw> {
    let mut from = 0;
    while let Some(slash) = next(text, from, b'/') {
        from = slash + 1;
        let Some(dictionary) = text[from..].strip_prefix(b"ObjStm") else {
            continue;
        };
        let near = &dictionary[..dictionary.len().min(LONGEST)];
        let begin = near.windows(6).position(|word| word == b"stream");
        let Some(data) = begin.and_then(|at| dictionary.get(at + 6..)) else {
            continue;
        };
        let data = data.strip_prefix(b"\r").unwrap_or(data);
        let data = data.strip_prefix(b"\n").unwrap_or(data);
        let mut inflated = Vec::new();
        let decoder = flate2::read::ZlibDecoder::new(data);
        // Written in another way, or cut off by the end of the side: what came out before is looked at.
        let _damage = decoder
            .take(visit.budget().limits.header)
            .read_to_end(&mut inflated);
        visit
            .budget()
            .decoded(u64::try_from(inflated.len()).unwrap_or(u64::MAX))?;
        dates(visit, &inflated, false);
    }
    Ok(())
}

/// Tells the dates that stand behind their names, and gives back how many could not be read for being encrypted.
fn dates(visit: &mut Visit<'_>, text: &[u8], is_encrypted: bool) -> u64 {
    let (mut from, mut unread) = (0, 0);
    while let Some(slash) = next(text, from, b'/') {
        from = slash + 1;
        let names: [(&[u8], _); 3] = [
            (b"CreationDate", &CREATED),
            (b"ModDate", &CHANGED),
            (b"M", &OBJECT),
        ];
        let rest = &text[from..];
        let named = names
            .into_iter()
            .find_map(|(name, field)| Some((rest.strip_prefix(name)?, field)));
        let Some((rest, field)) = named else { continue };
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0 | b'(' | b'<');
        let Some(written) = rest
            .first()
            .filter(|byte| is_end(byte))
            .and_then(|_| string(rest))
        else {
            continue;
        };
        let value = said(&written);
        // Other things are called /M, too.
        if field.name == OBJECT.name && !matches!(value, Value::At(_)) {
            continue;
        }
        if is_encrypted && matches!(value, Value::Invalid(_)) {
            unread += 1;
            continue;
        }
        visit.stamp(&Stamp::fixed(field, &written, value));
    }
    unread
}

/// The text of the string that comes next (ISO 32000-1 §7.3.4); `None` where there is none, or none that ends.
fn string(rest: &[u8]) -> Option<Vec<u8>> {
    let rest = &rest[..rest.len().min(2 * LONGEST)];
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    let from = rest.iter().position(|byte| !is_blank(byte))?;
    let bytes = match rest[from..].split_first()? {
        (b'(', rest) => literal(rest)?,
        (b'<', rest) => hexadecimal(rest)?,
        _ => return None,
    };
    // UTF-16 with a mark: a date has nothing but ASCII.
    Some(match bytes.strip_prefix(b"\xfe\xff") {
        Some(wide) => wide.chunks_exact(2).map(|unit| unit[1]).collect(),
        None => bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&bytes)
            .to_vec(),
    })
}

/// What stands before the parenthesis that closes one.
fn literal(text: &[u8]) -> Option<Vec<u8>> {
    let (mut bytes, mut depth) = (Vec::new(), 0_u32);
    let mut rest = text.iter().copied().peekable();
    loop {
        match rest.next()? {
            b'\\' => {
                let mut octal: Option<u32> = None;
                for _ in 0..3 {
                    if let Some(digit) = rest.next_if(|byte| matches!(byte, b'0'..=b'7')) {
                        octal = Some(octal.unwrap_or(0) * 8 + u32::from(digit - b'0'));
                    }
                }
                match octal {
                    // What does not fit in a byte is cut to one.
                    Some(octal) => bytes.extend(u8::try_from(octal & 0xff)),
                    // A line that goes on in the next.
                    None => bytes.extend(Some(rest.next()?).filter(|byte| *byte != b'\n')),
                }
            }
            b')' if depth == 0 => return Some(bytes),
            byte => {
                match byte {
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    _ => {}
                }
                bytes.push(byte);
            }
        }
    }
}

/// What stands before the bracket that closes one; an odd digit at the end is the first of two.
fn hexadecimal(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().position(|byte| *byte == b'>')?;
    let digits = text[..end]
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace());
    let digits: Option<Vec<u8>> = digits
        .map(|byte| {
            let digit = char::from(*byte).to_digit(16)?;
            u8::try_from(digit).ok()
        })
        .collect();
    let pair = |pair: &[u8]| pair[0] * 16 + pair.get(1).unwrap_or(&0);
    Some(digits?.chunks(2).map(pair).collect())
}

fn said(written: &[u8]) -> Value {
    let text = written.strip_prefix(b"D:").unwrap_or(written);
    let is_filling = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    let Some(last) = text.iter().rposition(|byte| !is_filling(byte)) else {
        return Value::Unset;
    };
    let text = &text[..=last];
    let read = dates::compact(text).or_else(|| dates::documented(text));
    read.map_or(
        Value::Invalid("it is no date as PDF has it (D:YYYYMMDDHHmmSS and a zone)"),
        Value::At,
    )
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    fn pdf(text: &str) -> Vec<String> {
        lines(format!("%PDF-1.7\n{text}\n%%EOF").as_bytes())
    }

    #[test]
    fn a_date_is_read_however_it_is_written() {
        let late = " pdf.mod-date 2040-06-15T12:00:00.000000000Z known";
        for text in [
            "/ModDate(D:20400615120000Z)",
            "/ModDate (D:20400615173000+05'30')",
            "/ModDate\n(D\\07220400615120000Z)",
            "/ModDate <443A32303430303631353132303030305A>",
            "/ModDate (D:2040061512\\\n0000Z)",
        ] {
            assert_eq!(pdf(text), [late], "{text}");
        }
        assert_eq!(
            pdf("/M (D:2040)"),
            [" pdf.m 2040-01-01T00:00:00.000000000Z unknown"]
        );
        assert_eq!(pdf("/ModDate ()"), [" pdf.mod-date unset"]);
        for nothing in [
            "/M (words)",
            "/ModDate 3 0 R",
            "/ModDates (D:2040)",
            "/Max (D:2040)",
            "/ModDate (D:2040",
        ] {
            assert_eq!(pdf(nothing), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn what_is_encrypted_is_told_once() {
        let told = pdf("/CreationDate (\u{1}x\\)) /ModDate (zzz) /Encrypt 4 0 R");
        assert_eq!(told.len(), 1);
        assert!(
            told[0].contains("unsupported") && told[0].contains("2 of its dates"),
            "{told:?}"
        );
    }

    #[test]
    fn both_sides_of_a_large_document_are_read() {
        let mut text = b"%PDF-1.7 /CreationDate (D:2026)".to_vec();
        text.resize(3 << 20, b' ');
        text[3 << 19..][..20].copy_from_slice(b"/ModDate (D:20200101");
        text.extend(b"/ModDate (D:2026)");
        let told = lines(&text);
        assert_eq!(told.len(), 3);
        assert!(
            told[0].contains("creation-date") && told[1].contains("mod-date 2026"),
            "{told:?}"
        );
        assert!(told[2].contains("truncated"), "{told:?}");
    }
}
