//! `rpm`: RPM packages.

mod header;

use super::piece::openpgp::{self, SIGNATURE};
use super::{Field, Form, Format, Layer, Member, Moment, Reads, Stamp, Value, Visit, Zone};
use crate::bytes::{Extent, Flaw};
use crate::record::unwrap_base64;
use crate::time::{Interval, Span};
use header::{Header, index};

pub(super) const FORMAT: Format = Format {
    name: "rpm",
    summary: "RPM packages, binary and source: when they were built, when they were signed, the times of their files by the \
header and again by the payload, and their changelog",
    names: &[".rpm", ".drpm"],
    is: |head| head.has(0, &[0xed, 0xab, 0xee, 0xdb]) && head.has(96, &[0x8e, 0xad, 0xe8, 0x01]),
    layer: Layer::Archive,
    fields: &[&BUILD, &SIGNATURE, &FILE, &CHANGELOG],
    reads: Reads::Extent(read),
};

static BUILD: Field = Field::event(
    "rpm.build-time",
    "BUILDTIME (1006) of the header, 32 bits, seconds since 1970 UTC",
);

static FILE: Field = Field::modified(
    "rpm.file-mtime",
    "FILEMTIMES (1034) of the header, a file's modification time, 32 bits, seconds since 1970 UTC",
);

static CHANGELOG: Field = Field::event(
    "rpm.changelog",
    "CHANGELOGTIME (1080) of the header; at 12:00 UTC it stands for a day in the zone of whoever wrote the entry, from \
26 hours before to 24 hours after",
);

// Tags of the signature header (rpm include/rpm/rpmtag.h) …
const DSA_HEADER: u32 = 267;
const RSA_HEADER: u32 = 268;
const OPENPGP: u32 = 278;
const SIG_PGP: u32 = 1002;
const SIG_GPG: u32 = 1005;
const SIGNATURES: [u32; 5] = [DSA_HEADER, RSA_HEADER, OPENPGP, SIG_PGP, SIG_GPG];
// … and of the main one.
const BUILD_TIME: u32 = 1006;
const OLD_FILE_NAMES: u32 = 1027;
const FILE_MTIMES: u32 = 1034;
const CHANGELOG_TIME: u32 = 1080;
const DIR_INDEXES: u32 = 1116;
const BASE_NAMES: u32 = 1117;
const DIR_NAMES: u32 = 1118;

/// How long the lead is, which tells nothing but that it is a package.
const LEAD: u64 = 96;

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let signatures = Header::read("signature", extent, LEAD, visit.budget())?;
    // The main header begins at a multiple of eight.
    let main = Header::read(
        "main",
        extent,
        signatures.end.next_multiple_of(8),
        visit.budget(),
    )?;
    // One value that cannot be read does not keep the others from being read.
    let mut outcomes = vec![times(visit, &main, BUILD_TIME, &BUILD, seconds)];
    for tag in [RSA_HEADER, DSA_HEADER, SIG_PGP, SIG_GPG] {
        outcomes.push(
            signatures
                .bytes(tag)
                .map(|packets| openpgp::tell(visit, packets)),
        );
    }
    if SIGNATURES.iter().any(|tag| signatures.has(*tag)) {
        visit.signed("RPM signature", true);
    }
    outcomes.push(signatures.texts(OPENPGP).map(|texts| {
        for text in texts {
            let packets = str::from_utf8(text).ok().and_then(unwrap_base64);
            openpgp::tell(visit, &packets.unwrap_or_default());
        }
    }));
    outcomes.push(times(visit, &main, CHANGELOG_TIME, &CHANGELOG, changelog));
    outcomes.push(files(visit, &main));
    for flaw in outcomes.into_iter().filter_map(Result::err) {
        if flaw.ends_file() {
            return Err(flaw);
        }
        visit.flaw(flaw);
    }
    let payload = extent.part(main.end, u64::MAX);
    // PAYLOADDIGEST of the main header, or a digest of both in that of signatures, covers all of it.
    visit.seal();
    let member = Member {
        name: b"payload",
        own: None,
    };
    visit.extent(member, payload)
}

fn seconds(raw: [u8; 4]) -> Value {
    Form::Unix32Be.decode(&raw)
}

/// An entry of the changelog. Its date is a day, which rpmbuild writes as noon in UTC; where the day was written, it
/// may have begun 14 hours before it did in UTC, and have ended 12 hours after. Since rpm 4.14 it may have a time of
/// day, and then it is that.
fn changelog(raw: [u8; 4]) -> Value {
    const NOON: i64 = 12 * 3600;
    let Value::At(moment) = seconds(raw) else {
        return seconds(raw);
    };
    if moment.written.seconds().rem_euclid(86_400) != NOON {
        return Value::At(moment);
    }
    Value::At(Moment {
        written: moment.written,
        time: Interval::between(
            moment.written.earlier(Span::from_secs(26 * 3600)),
            moment.written.later(Span::from_secs(24 * 3600)),
        ),
        zone: Zone::Unknown,
    })
}

fn stamp(visit: &mut Visit<'_>, field: &'static Field, raw: [u8; 4], value: Value) {
    // No slot: header and payload are covered by digests and signatures.
    visit.stamp(&Stamp::fixed(field, &raw, value));
}

fn times(
    visit: &mut Visit<'_>,
    header: &Header,
    tag: u32,
    field: &'static Field,
    read: fn([u8; 4]) -> Value,
) -> Result<(), Flaw> {
    for raw in header.numbers(tag)? {
        stamp(visit, field, raw, read(raw));
    }
    Ok(())
}

fn files(visit: &mut Visit<'_>, header: &Header) -> Result<(), Flaw> {
    let folders: Vec<&[u8]> = header.texts(DIR_NAMES)?.collect();
    let mut in_folder = header.numbers(DIR_INDEXES)?.map(index);
    // Packages from before rpm 4 have whole paths.
    let mut names = header
        .texts(BASE_NAMES)?
        .chain(header.texts(OLD_FILE_NAMES)?);
    let mut path = Vec::new();
    for raw in header.numbers(FILE_MTIMES)? {
        visit.entry()?;
        let Some(name) = names.next() else {
            return Err(Flaw::malformed(
                "its main header has times for more files than it names: those of the rest were not read",
            ));
        };
        path.clear();
        let folder = in_folder.next().and_then(|folder| folders.get(folder));
        path.extend_from_slice(folder.copied().unwrap_or_default());
        path.extend_from_slice(name);
        visit.at(&path, |visit| stamp(visit, &FILE, raw, seconds(raw)));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
