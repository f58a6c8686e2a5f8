//! `debian`: Debian's control files of sources, uploads, builds and archives, which are deb822 (deb822(5)), perhaps in
//! the cleartext signature framework of `OpenPGP` (RFC 9580 §7).

use super::piece::keep::keep;
use super::piece::openpgp::{self, SIGNATURE};
use super::{Field, Format, Head, Layer, Moment, Reads, Stamp, Value, Visit};
use crate::bytes::{Flaw, Limit, Stream};
use crate::time::parse_rfc5322;

pub(super) const FORMAT: Format = Format {
    name: "debian",
    summary: "Debian's .dsc, .changes, .buildinfo, Release and InRelease: their Date and Build-Date, and when they were signed",
    names: &[".dsc", ".changes", ".buildinfo", "release", "inrelease"],
    is,
    layer: Layer::Leaf,
    fields: &[&DATE, &BUILD_DATE, &SIGNATURE],
    reads: Reads::Stream(read),
};

static DATE: Field = Field::event(
    "debian.date",
    "Date: of a .changes that of its entry in the changelog (deb-changes(5)), of a Release when it was made",
);

static BUILD_DATE: Field = Field::event(
    "debian.build-date",
    "Build-Date: when the build was done, by the builder's clock (deb-buildinfo(5))",
);

const BEGIN: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNED: &[u8] = b"-----BEGIN PGP SIGNATURE-----";

/// The fields that tell one kind of file from other text: each line one of which some must be there. A Release has a
/// Valid-Until, too, which is meant to be in the future and is no time of anything that was.
const KINDS: [&[&[&[u8]]]; 3] = [
    // dsc(5)
    &[
        &[b"format"],
        &[b"source"],
        &[b"version"],
        &[b"maintainer"],
        &[b"files", b"checksums-sha256"],
    ],
    // deb-buildinfo(5)
    &[&[b"format"], &[b"source"], &[b"checksums-sha256"]],
    // Debian's wiki, DebianRepository/Format: "Release" files
    &[&[b"date"], &[b"md5sum", b"sha1", b"sha256", b"sha512"]],
];

fn is(head: &Head<'_>) -> bool {
    // Most of what is no such file shows in its first bytes.
    let first = &head.first[..head.first.len().min(BEGIN.len())];
    if first != BEGIN && !first.contains(&b':') && !first.starts_with(b"#") {
        return false;
    }
    let long = head.long();
    let is_whole = long.len() < Head::LENGTH;
    let Some(fields) = fields(long, is_whole) else {
        return false;
    };
    let has = |name: &&[u8]| {
        fields
            .iter()
            .any(|(field, _)| field.eq_ignore_ascii_case(name))
    };
    KINDS
        .iter()
        .any(|kind| kind.iter().all(|names| names.iter().any(has)))
}

/// The names and values of the fields of the first stanza, out of the signature around them; `None` if there is
/// anything in it that is no field. What is not `whole` can end within a line.
fn fields(text: &[u8], is_whole: bool) -> Option<Vec<(&[u8], &[u8])>> {
    let is_signed = text.starts_with(BEGIN);
    let mut lines = text
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii_end)
        .peekable();
    if is_signed {
        // The headers of the armor end with a blank line.
        lines.find(|line| line.is_empty())?;
    }
    let mut fields = Vec::new();
    while let Some(line) = lines.next_if(|line| !line.is_empty() && *line != SIGNED) {
        let line = line
            .strip_prefix(b"- ")
            .filter(|_| is_signed)
            .unwrap_or(line);
        let is_cut = lines.peek().is_none() && !is_whole;
        if line.starts_with(b" ") || line.starts_with(b"\t") || line.starts_with(b"#") {
            // More of the field before it.
            if fields.is_empty() && !line.starts_with(b"#") {
                return None;
            }
            continue;
        }
        let Some(colon) = line.iter().position(|&byte| byte == b':') else {
            return is_cut.then_some(fields);
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        // deb822(5): printable, without blanks and colons.
        if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        fields.push((name, value));
    }
    (!fields.is_empty()).then_some(fields)
}

fn read(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
    let most = visit.budget().limits.header;
    let mut text = Vec::new();
    keep(stream, most, &mut text)?;
    if !stream.peek(1)?.is_empty() {
        visit.flaw(Flaw::limit(Limit::Header, most));
    }
    let Some(fields) = fields(&text, true) else {
        return Err(Flaw::malformed(
            "it begins like one of Debian's control files, and has a line that is no field: its dates were not looked at",
        ));
    };
    for field in [&DATE, &BUILD_DATE] {
        let mut before = None;
        for raw in named(&fields, field) {
            let value = date(raw);
            visit.stamp(&Stamp::fixed(field, raw, value));
            if let Some(before) = before {
                visit.compare((field, before), (field, value));
            }
            before = Some(value);
        }
    }
    if text.starts_with(BEGIN) {
        visit.signed("OpenPGP signature", true);
    }
    openpgp::tell(visit, &openpgp::armored_signatures(&text));
    Ok(())
}

/// What the field says, each time it is there.
fn named<'text>(
    fields: &[(&'text [u8], &'text [u8])],
    field: &Field,
) -> impl Iterator<Item = &'text [u8]> {
    let name: &[u8] = if field.name == DATE.name {
        b"date"
    } else {
        b"build-date"
    };
    let is = move |asked: &[u8]| asked.eq_ignore_ascii_case(name);
    fields
        .iter()
        .filter(move |(asked, _)| is(asked))
        .map(|(_, value)| *value)
}

/// A date as mail has it; of a Release the zone is a word.
fn date(raw: &[u8]) -> Value {
    const BAD: Value = Value::Invalid("it is no date such as Fri, 02 Jan 2026 03:04:05 +0000");
    let Ok(text) = std::str::from_utf8(raw) else {
        return BAD;
    };
    let utc = ["UTC", "GMT", "Z"]
        .into_iter()
        .find_map(|zone| text.strip_suffix(zone));
    let read = match utc {
        Some(text) => parse_rfc5322(&format!("{text}+0000")),
        None => parse_rfc5322(text),
    };
    read.map_or(BAD, |time| Value::At(Moment::of(time)))
}
