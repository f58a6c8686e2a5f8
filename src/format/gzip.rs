//! gzip: a time in the header of every member (RFC 1952 §2.3.1).
//!
//! Where a later member begins can only be found by inflating all before it, so that is done even where nothing
//! in it carries times: `cat a.gz b.gz`, bgzip and Alpine's packages make such files, and a file from the future may be
//! the second.

use super::{Field, Form, Format, Head, Layer, Mend, Reads, Slot, Stamp, Value, Visit};
use crate::bytes::{
    Codec, Flaw, GzipMember, GzipMembers, Origin, Reader, Stream, WINDOW, gzip, gzip_header,
};

pub(super) const FORMAT: Format = Format {
    name: "gzip",
    summary: "Files compressed with gzip: the time in the header of every member, and what lies in them, which \
is one file",
    names: &[".apk", ".crate", ".gz", ".ipk", ".svgz", ".taz", ".tgz"],
    is,
    layer: Layer::Compression,
    fields: &[&MTIME],
    reads: Reads::Stream(read),
};

static MTIME: Field = Field::event(
    "gzip.mtime",
    "mtime of the file that was compressed, or when that was; 32 bits, seconds since 1970 UTC, 0 for none (RFC 1952 §2.3.1)",
);

fn is(head: &Head<'_>) -> bool {
    // Methods below 8 are reserved: no file has them, but one that says so is still to be told of.
    head.has(0, b"\x1f\x8b") && head.first.get(2).is_some_and(|&method| method <= 8)
}

fn read(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
    let origin = stream.origin().plus(stream.position());
    let head = stream.peek(10)?;
    // FHCRC: the whole header is wanted.
    let has_checksum = head.get(3).is_some_and(|flags| flags & 2 != 0);
    let head = if has_checksum {
        stream.peek(WINDOW)?
    } else {
        head
    };
    if let Some(first) = gzip_header(head) {
        tell(visit, origin, first);
    }
    let members = GzipMembers::default();
    let decoder = gzip(Reader(stream), &visit.budget().limits, Some(&members));
    let read = visit.decoded(Codec::Gzip, origin, decoder);
    for member in members.take().into_iter().skip(1) {
        tell(visit, origin, member);
    }
    read
}

/// Tells of a member's time.
fn tell(visit: &mut Visit<'_>, origin: Origin, member: GzipMember) {
    let at = origin.plus(member.at);
    let raw = &member.mtime;
    let mend = if member.has_checksum {
        Mend::GzipHeader(at)
    } else {
        Mend::Nothing
    };
    visit.stamp(&Stamp {
        field: &MTIME,
        raw,
        value: if *raw == [0; 4] {
            Value::Unset
        } else {
            Form::Unix32Le.decode(raw)
        },
        // A header that is damaged stays so.
        slot: Slot::new(at.plus(4), Form::Unix32Le, mend).filter(|_| !member.is_damaged),
    });
    if member.is_damaged {
        visit.flaw(Flaw::malformed(format!(
            "the checksum of the gzip header at {} is not that of its bytes, so its time may be wrong; many tools refuse such a file",
            member.at
        )));
    }
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    fn fixture(name: &str) -> Vec<u8> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/formats/gzip/");
        std::fs::read(format!("{root}{name}")).unwrap()
    }

    const PAST: &str = " gzip.mtime 2026-01-02T03:04:06.000000000Z known";
    const LATE: &str = " gzip.mtime 2040-06-15T12:00:00.000000000Z known";
    const UNSET: &str = " gzip.mtime unset";

    #[test]
    fn every_member_has_its_time() {
        for (name, expected) in [
            ("named.gz", vec![PAST]),
            ("late.gz", vec![LATE]),
            ("unset.gz", vec![UNSET]),
            ("century.gz", vec![UNSET]),
            ("pigz.gz", vec![LATE]),
            ("members.gz", vec![PAST, LATE, UNSET]),
            ("trailing-zeros.gz", vec![LATE]),
            ("header-checksum.gz", vec![LATE]),
            ("header-checksums.gz", vec![PAST, LATE]),
            ("bgzf.gz", vec![UNSET; 3]),
            ("hostile-names.gz", vec![LATE; 3]),
        ] {
            assert_eq!(lines(&fixture(name)), expected, "{name}");
        }
        let empty = lines(&fixture("empty-members.gz"));
        assert_eq!((empty.len(), empty.last().unwrap().as_str()), (100, LATE));
    }

    #[test]
    fn what_is_wrong_is_told_beside_the_time() {
        for (name, stamps, flaw) in [
            ("hostile-crc.gz", 1, "malformed"),
            ("hostile-size.gz", 1, "malformed"),
            ("hostile-truncated.gz", 1, "truncated"),
            ("hostile-name.gz", 1, "truncated"),
            ("hostile-extra.gz", 1, "truncated"),
            ("hostile-flags.gz", 1, "unsupported"),
            ("hostile-method.gz", 1, "unsupported"),
            ("hostile-trailing.gz", 1, "malformed"),
            ("hostile-header-checksum.gz", 1, "malformed"),
            ("hostile-cut-header.gz", 0, "truncated"),
        ] {
            let told = lines(&fixture(name));
            assert_eq!(told.len(), stamps + 1, "{name}: {told:?}");
            assert!(
                told[stamps].starts_with(&format!(" {flaw} ")),
                "{name}: {told:?}"
            );
        }
    }
}
