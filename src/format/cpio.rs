//! `cpio`: archives of System V and POSIX, which initial RAM disks and the payload of RPM packages are.

use super::piece::keep::{count, keep};
use super::{
    Field, Form, Format, Head, Layer, Member, Mend, Moment, Reads, Slot, Stamp, Value, Visit,
};
use crate::bytes::{Flaw, Limit, Origin, Part, Stream, array};
use crate::time::Timestamp;
use std::ops::Range;

pub(super) const FORMAT: Format = Format {
    name: "cpio",
    summary: "cpio archives (newc, crc, odc, and binary ones of both byte orders), and initial RAM disks of several: the \
mtime in each member's header",
    names: &[".cpio", "initrd.img", "initramfs.img"],
    is,
    layer: Layer::Archive,
    fields: &[&MTIME],
    reads: Reads::Stream(read),
};

static MTIME: Field = Field::modified(
    "cpio.mtime",
    "mtime in a member's header, 32 bits, seconds since 1970 UTC: eight hexadecimal digits (newc), eleven octal ones \
(odc: POSIX.1-2017 pax, cpio Interchange Format), or two numbers of 16 bits",
);

/// The name of what comes after the last member.
const TRAILER: &[u8] = b"TRAILER!!!";

/// How the headers of an archive are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// System V Release 4, with a sum of the content or without.
    New,
    /// POSIX.
    Odc,
    /// Numbers of 16 bits, the lower byte first or last.
    Binary { is_little: bool },
}

/// What a header says.
struct Header {
    kind: Kind,
    /// How long it is.
    length: usize,
    mode: u64,
    name: u64,
    size: u64,
    /// Where the mtime is in it.
    time: Range<usize>,
    value: Value,
}

/// The longest header, that of newc.
const LONGEST: usize = 110;

impl Header {
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'0', b'7', b'0', b'7', b'0', b'1' | b'2', ..] => Self::new(bytes),
            [b'0', b'7', b'0', b'7', b'0', b'7', ..] => Self::odc(bytes),
            [0xc7, 0x71, ..] => Self::binary(bytes, true),
            [0x71, 0xc7, ..] => Self::binary(bytes, false),
            _ => None,
        }
    }

    fn new(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; LONGEST] = array(bytes, 0)?;
        let all = bytes[6..].iter().all(u8::is_ascii_hexdigit);
        // Thirteen numbers: ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor,
        // namesize, check.
        let field = |at: usize| 6 + 8 * at..14 + 8 * at;
        let number = |at: usize| number(&bytes[field(at)], 16).filter(|_| all);
        Some(Self {
            kind: Kind::New,
            length: LONGEST,
            mode: number(1)?,
            name: number(11)?,
            size: number(6)?,
            time: field(5),
            value: Form::Hex(8).decode(&bytes[field(5)]),
        })
    }

    fn odc(bytes: &[u8]) -> Option<Self> {
        /// The magic, dev, ino, mode, uid, gid, nlink, rdev: six digits each; mtime: eleven; namesize: six;
        /// filesize: eleven.
        const LENGTH: usize = 76;
        let bytes: [u8; LENGTH] = array(bytes, 0)?;
        let all = bytes.iter().all(|byte| matches!(byte, b'0'..=b'7'));
        let number = |field: Range<usize>| number(&bytes[field], 8).filter(|_| all);
        Some(Self {
            kind: Kind::Odc,
            length: LENGTH,
            mode: number(18..24)?,
            name: number(59..65)?,
            size: number(65..76)?,
            time: 48..59,
            value: Form::Octal(11).decode(&bytes[48..59]),
        })
    }

    fn binary(bytes: &[u8], is_little: bool) -> Option<Self> {
        /// The magic, dev, ino, mode, uid, gid, nlink, rdev, mtime, namesize, filesize: 16 bits each, but mtime and
        /// filesize twice that, the upper half first.
        const LENGTH: usize = 26;
        let bytes: [u8; LENGTH] = array(bytes, 0)?;
        let half = |at: usize| {
            let bytes = array(&bytes, at)?;
            Some(u64::from(if is_little {
                u16::from_le_bytes(bytes)
            } else {
                u16::from_be_bytes(bytes)
            }))
        };
        let whole = |at: usize| Some(half(at)? << 16 | half(at + 2)?);
        let seconds = i64::try_from(whole(16)?).ok()?;
        Some(Self {
            kind: Kind::Binary { is_little },
            length: LENGTH,
            mode: half(6)?,
            name: half(20)?,
            size: whole(22)?,
            time: 16..20,
            value: Value::At(Moment::exactly(Timestamp::from_unix(seconds, 0))),
        })
    }

    /// To what header and name together, and the content, are padded.
    const fn step(&self) -> u64 {
        match self.kind {
            Kind::New => 4,
            Kind::Odc => 1,
            Kind::Binary { .. } => 2,
        }
    }

    const fn form(&self) -> Option<Form> {
        match self.kind {
            Kind::New => Some(Form::Hex(8)),
            Kind::Odc => Some(Form::Octal(11)),
            // Its halves are in an order that nothing else has.
            Kind::Binary { .. } => None,
        }
    }

    /// Whether it is a regular file, and so can be anything.
    const fn is_file(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }

    /// What the bytes after it must hold if it is one: a name that ends where it says.
    fn is_followed_by_name(&self, rest: &[u8]) -> bool {
        let last = usize::try_from(self.name)
            .ok()
            .and_then(|name| name.checked_sub(1));
        last.and_then(|last| rest.get(last)) == Some(&0)
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

fn is(head: &Head<'_>) -> bool {
    Header::of(head.first).is_some_and(|header| match header.kind {
        Kind::New | Kind::Odc => true,
        // Two bytes are little to go by.
        Kind::Binary { .. } => {
            let is_kind = matches!(
                header.mode & 0o170_000,
                0 | 0o010_000
                    | 0o020_000
                    | 0o040_000
                    | 0o060_000
                    | 0o100_000
                    | 0o120_000
                    | 0o140_000
            );
            is_kind
                && header.is_followed_by_name(head.first.get(header.length..).unwrap_or_default())
        }
    })
}

fn read(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
    let mut name = Vec::new();
    loop {
        let at = stream.position();
        let next = stream.peek(LONGEST)?;
        if next.is_empty() {
            let message =
                format!("the archive ends at {at} without its trailer: members may be missing");
            return Err(Flaw::truncated(message));
        }
        let is_cut = next.len() < LONGEST;
        let Some(header) = Header::of(next) else {
            let message = format!("what stands at {at} should be a member's header, and is none");
            return Err(if is_cut {
                Flaw::truncated(format!(
                    "{message}: the archive ends here without its trailer"
                ))
            } else {
                Flaw::malformed(format!(
                    "{message}: the archive is damaged, and what follows was not looked at"
                ))
            });
        };
        if member(visit, stream, &header, &mut name)? && !goes_on(visit, stream)? {
            return Ok(());
        }
    }
}

/// Takes one member; whether it is the trailer.
fn member(
    visit: &mut Visit<'_>,
    stream: &mut dyn Stream,
    header: &Header,
    name: &mut Vec<u8>,
) -> Result<bool, Flaw> {
    visit.entry()?;
    let at = stream.position();
    let most = visit.budget().limits.header;
    let mut raw = [0; 11];
    let raw = &mut raw[..header.time.len()];
    let in_header = stream.peek(header.length)?.get(header.time.clone());
    raw.copy_from_slice(in_header.unwrap_or(&[0; 11][..raw.len()]));
    stream.skip(count(header.length))?;
    name.clear();
    keep(stream, header.name.min(most), name)?;
    let kept = count(name.len());
    let has_end = name.pop_if(|last| *last == 0).is_some();
    if has_end && name == TRAILER {
        pad(stream, header, at)?;
        stream.skip(header.size)?;
        return Ok(true);
    }
    if !has_end {
        // Of what is no whole name, what looks like one.
        let end = name.iter().position(|&byte| byte == 0);
        name.truncate(end.unwrap_or(name.len()));
    }
    let own = tell(visit, (header, raw), stream.origin().plus(at), name);
    if header.name > most {
        visit.flaw(Flaw::limit(Limit::Header, most));
    }
    let skipped = stream.skip(header.name.saturating_sub(kept))?;
    if kept.saturating_add(skipped) < header.name {
        let message = format!("the archive ends within the name of the member at {at}");
        return Err(Flaw::truncated(message));
    }
    if header.name <= most && !has_end {
        return Err(Flaw::malformed(format!(
            "the name of the member at {at} does not end where its header says: the archive is damaged, and what follows was \
             not looked at"
        )));
    }
    pad(stream, header, at)?;
    let begin = stream.position();
    if header.is_file() && header.size > 0 {
        visit.stream(Member { name, own }, &mut Part::new(stream, header.size))?;
    }
    let done = stream.position().saturating_sub(begin);
    let there = done.saturating_add(stream.skip(header.size.saturating_sub(done))?);
    if there < header.size {
        let message = format!(
            "it should have {} bytes, and the archive ends after {there} of them",
            header.size
        );
        visit.at(name, |visit| visit.flaw(Flaw::truncated(message)));
    }
    pad(stream, header, begin)?;
    Ok(false)
}

/// Goes to where the next thing begins that does so at a multiple, counted from `from`.
fn pad(stream: &mut dyn Stream, header: &Header, from: u64) -> Result<(), Flaw> {
    let over = stream.position().saturating_sub(from) % header.step();
    if over > 0 {
        stream.skip(header.step() - over)?;
    }
    Ok(())
}

/// Tells the mtime of a member whose header begins at `origin`.
fn tell(
    visit: &mut Visit<'_>,
    (header, raw): (&Header, &[u8]),
    origin: Origin,
    name: &[u8],
) -> Option<(&'static Field, Moment)> {
    let at = origin.plus(count(header.time.start));
    let form = header.value.moment().and(header.form());
    let slot = form.and_then(|form| Slot::new(at, form, Mend::Nothing));
    visit.at(name, |visit| {
        visit.stamp(&Stamp {
            field: &MTIME,
            raw,
            value: header.value,
            slot,
        });
    });
    header.value.moment().map(|moment| (&MTIME, *moment))
}

/// What stands behind a trailer: another archive, as it is or compressed, in an initial RAM disk (Linux,
/// "initramfs buffer format"). Whether it is one as it is, of which the stream is at the beginning then.
fn goes_on(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<bool, Flaw> {
    loop {
        visit.budget().go_on()?;
        let next = stream.peek(LONGEST)?;
        let zeros = next.iter().take_while(|&&byte| byte == 0).count();
        let (zeros, is_all) = (count(zeros), zeros == next.len());
        if next.is_empty() {
            return Ok(false);
        }
        stream.skip(zeros)?;
        if !is_all {
            break;
        }
    }
    if Header::of(stream.peek(LONGEST)?).is_some() {
        return Ok(true);
    }
    let member = Member {
        name: b"(after the trailer)",
        own: None,
    };
    visit.stream(member, &mut Part::new(stream, u64::MAX))?;
    Ok(false)
}
