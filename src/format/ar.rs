//! `ar`: archives of object files, and Debian packages.

use super::piece::keep::count;
use super::{
    Field, Form, Format, Head, Layer, Member, Mend, Moment, Reads, Slot, Stamp, Value, Visit,
};
use crate::bytes::{Flaw, Limit, Origin, Part, Stream};
use std::ops::Range;

pub(super) const FORMAT: Format = Format {
    name: "ar",
    summary: "ar archives: static libraries of Unix (System V, GNU, BSD, Darwin, thin ones too), MSVC and Rust, and Debian \
packages: the date in each member's header",
    names: &[".a", ".lib", ".rlib", ".deb", ".udeb", ".ddeb", ".ipk"],
    is,
    layer: Layer::Archive,
    fields: &[&DATE],
    reads: Reads::Stream(read),
};

static DATE: Field = Field::modified(
    "ar.date",
    "date in a member's header, twelve decimal digits, seconds since 1970 UTC (System V ABI; deb(5)); blank or -1 where \
the writer does not want to say",
);

const MAGIC: &[u8] = b"!<arch>\n";
/// Members are other files, and only the tables have a body (GNU).
const THIN: &[u8] = b"!<thin>\n";
/// AIX since 4.3.
const BIG: &[u8] = b"<bigaf>\n";

const HEADER: usize = 60;
const NAME: Range<usize> = 0..16;
const TIME: Range<usize> = 16..28;
const SIZE: Range<usize> = 48..58;
const END: &[u8] = b"`\n";

fn is(head: &Head<'_>) -> bool {
    [MAGIC, THIN, BIG].iter().any(|magic| head.has(0, magic))
}

/// An archive as far as it was read.
struct Archive {
    is_thin: bool,
    /// The names that are too long for a header (System V).
    names: Vec<u8>,
    /// The name of a member, in room that is used again.
    name: Vec<u8>,
}

fn read(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
    let magic = stream.peek(MAGIC.len())?;
    if magic.starts_with(BIG) {
        return Err(Flaw::unsupported(
            "it is an archive of AIX (<bigaf>), which skewgate does not read: its members' dates were not looked at",
        ));
    }
    let is_thin = magic.starts_with(THIN);
    let mut archive = Archive {
        is_thin,
        names: Vec::new(),
        name: Vec::new(),
    };
    stream.skip(count(MAGIC.len()))?;
    while member(visit, stream, &mut archive)? {}
    Ok(())
}

/// Takes one member; whether there was one.
fn member(
    visit: &mut Visit<'_>,
    stream: &mut dyn Stream,
    archive: &mut Archive,
) -> Result<bool, Flaw> {
    let at = stream.position();
    let next = stream.peek(HEADER)?;
    let Some(header) = next.first_chunk::<HEADER>().copied() else {
        // Some writers pad the whole.
        if next.iter().all(|byte| matches!(byte, b'\n' | 0)) {
            return Ok(false);
        }
        let message = format!("the archive ends within the header at {at}: members are missing");
        return Err(Flaw::truncated(message));
    };
    visit.entry()?;
    stream.skip(count(HEADER))?;
    if !header.ends_with(END) {
        return Err(Flaw::malformed(format!(
            "what stands at {at} should be a member's header, and does not end like one: the archive is damaged, and what \
             follows was not looked at"
        )));
    }
    let size = size(&header[SIZE]);
    let kind = Kind::of(&header[NAME]);
    let begin = stream.position();
    name(visit, stream, archive, (&header, at))?;
    let own = tell(
        visit,
        &header,
        stream.origin().plus(at),
        (kind, &archive.name),
    );
    let Some(size) = size else {
        return Err(Flaw::malformed(format!(
            "the header at {at} does not say how large its member is: the archive is damaged, and what follows was not \
             looked at"
        )));
    };
    if kind == Kind::Names {
        archive.names.clear();
        keep(visit, stream, size, &mut archive.names)?;
    }
    // What a thin archive has of a file is only its size.
    let has_body = !archive.is_thin || matches!(kind, Kind::Names | Kind::Symbols);
    if has_body {
        let name = &archive.name;
        body(visit, stream, (kind, name), own, (begin, size))?;
    }
    Ok(true)
}

/// Puts a member's name together, of which the header stands at `at`.
fn name(
    visit: &mut Visit<'_>,
    stream: &mut dyn Stream,
    archive: &mut Archive,
    (header, at): (&[u8; HEADER], u64),
) -> Result<(), Flaw> {
    let kind = Kind::of(&header[NAME]);
    archive.name.clear();
    let has_name = match (kind, size(&header[SIZE])) {
        (Kind::InBody(length), Some(size)) if length <= size => {
            keep(visit, stream, length, &mut archive.name)?;
            let last = archive.name.iter().rposition(|&byte| byte != 0);
            archive.name.truncate(last.map_or(0, |last| last + 1));
            true
        }
        (Kind::InTable(from), _) => {
            let long = long_name(&archive.names, from);
            archive.name.extend_from_slice(long.unwrap_or_default());
            long.is_some()
        }
        (Kind::InBody(_), _) => false,
        (Kind::Here | Kind::Symbols | Kind::Names, _) => {
            archive.name.extend_from_slice(kind.short(&header[NAME]));
            true
        }
    };
    if !has_name {
        archive.name.extend_from_slice(kind.short(&header[NAME]));
        let message = format!(
            "the header at {at} says that its member's name stands elsewhere, and there is none: the archive is damaged"
        );
        visit.at(&archive.name, |visit| visit.flaw(Flaw::malformed(message)));
    }
    Ok(())
}

/// Goes down into a member's body, and over it.
fn body(
    visit: &mut Visit<'_>,
    stream: &mut dyn Stream,
    (kind, name): (Kind, &[u8]),
    own: Option<(&'static Field, Moment)>,
    (begin, size): (u64, u64),
) -> Result<(), Flaw> {
    let named = stream.position().saturating_sub(begin);
    if size > named && !matches!(kind, Kind::Names | Kind::Symbols) {
        visit.stream(Member { name, own }, &mut Part::new(stream, size - named))?;
    }
    let done = stream.position().saturating_sub(begin);
    let there = done.saturating_add(stream.skip(size.saturating_sub(done))?);
    if there < size {
        let message =
            format!("it should have {size} bytes, and the archive ends after {there} of them");
        visit.at(name, |visit| visit.flaw(Flaw::truncated(message)));
    } else if size % 2 == 1 {
        // Headers begin at even places; the last one's padding may lack.
        stream.skip(1)?;
    }
    Ok(())
}

/// What a member is by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A table of symbols.
    Symbols,
    /// The table of long names.
    Names,
    /// Its name is in that table, so far from the beginning.
    InTable(u64),
    /// Its name is the first so many bytes of its body (BSD).
    InBody(u64),
    /// Its name is what stands there.
    Here,
}

impl Kind {
    fn of(name: &[u8]) -> Self {
        let number = |digits: &[u8]| {
            let text = std::str::from_utf8(digits).ok()?.trim_end_matches(' ');
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| is_number)
        };
        match name.trim_ascii_end() {
            b"/" | b"/SYM64/" | b"__.SYMDEF" => Self::Symbols,
            b"//" | b"ARFILENAMES/" => Self::Names,
            [b'#', b'1', b'/', digits @ ..] => number(digits).map_or(Self::Here, Self::InBody),
            [b'/', digits @ ..] => number(digits).map_or(Self::Here, Self::InTable),
            _ => Self::Here,
        }
    }

    /// The name that stands in the header: System V ends it with a slash, so that it can end in a blank.
    fn short(self, name: &[u8]) -> &[u8] {
        let name = name.trim_ascii_end();
        match self {
            Self::Here if name.len() > 1 => name.strip_suffix(b"/").unwrap_or(name),
            _ => name,
        }
    }
}

/// A name out of the table: to the slash and the newline after it (System V), or a NUL (MSVC).
fn long_name(names: &[u8], from: u64) -> Option<&[u8]> {
    let rest = names.get(usize::try_from(from).ok()?..)?;
    let end = rest.iter().position(|byte| matches!(byte, b'\n' | 0));
    let name = &rest[..end.unwrap_or(rest.len())];
    (!rest.is_empty()).then(|| name.strip_suffix(b"/").unwrap_or(name))
}

fn size(raw: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(raw).ok()?.trim_end_matches(' ');
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// Reads the next bytes, as many as one name may take.
fn keep(
    visit: &mut Visit<'_>,
    stream: &mut dyn Stream,
    length: u64,
    into: &mut Vec<u8>,
) -> Result<(), Flaw> {
    let most = visit.budget().limits.header;
    if length > most {
        visit.flaw(Flaw::limit(Limit::Header, most));
    }
    super::piece::keep::keep(stream, length.min(most), into)
}

/// Tells the date of a member whose header begins at `origin`.
fn tell(
    visit: &mut Visit<'_>,
    header: &[u8; HEADER],
    origin: Origin,
    (kind, name): (Kind, &[u8]),
) -> Option<(&'static Field, Moment)> {
    const FORM: Form = Form::Decimal(12);
    let raw = &header[TIME];
    let value = FORM.decode(raw);
    if kind == Kind::Names && value == Value::Unset {
        // Nobody gives the table a date.
        return None;
    }
    let is_said = |moment: &&Moment| kind != Kind::Names && moment.written.seconds() >= 0;
    let at = origin.plus(count(TIME.start));
    let slot = value
        .moment()
        .filter(is_said)
        .and_then(|_| Slot::new(at, FORM, Mend::Nothing));
    visit.at(name, |visit| {
        visit.stamp(&Stamp {
            field: &DATE,
            raw,
            value,
            slot,
        });
    });
    value.moment().map(|moment| (&DATE, *moment))
}
