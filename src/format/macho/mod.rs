//! `macho`: programs and libraries of macOS and its kin, with the times of libraries and objects, and when they were
//! signed.

mod signature;
mod symbols;

use super::{Field, Format, Head, Layer, Member, Moment, Reads, Stamp, Value, Visit};
use crate::bytes::{Extent, Flaw, array};
use crate::time::Timestamp;

pub(super) const FORMAT: Format = Format {
    name: "macho",
    summary: "Programs and libraries of macOS and iOS, for one machine or several: the timestamps of libraries, where they are \
not the constants that linkers write today, the mtimes of object files that debuggers want, and when they were signed",
    names: &[".dylib", ".bundle"],
    is,
    layer: Layer::Leaf,
    fields: &[&LIBRARY, &USED, &OBJECT, &SIGNED, &COUNTERSIGNED, &STAMPED],
    reads: Reads::Extent(read),
};

static LIBRARY: Field = Field::event(
    "macho.id-dylib",
    "timestamp of LC_ID_DYLIB: when the library was built, 32 bits, seconds since 1970 UTC; linkers write 1 today \
(mach-o/loader.h)",
);
static USED: Field = Field::event(
    "macho.load-dylib",
    "timestamp of LC_LOAD_DYLIB and its kin: that of a library that is used, 32 bits, seconds since 1970 UTC; linkers write 2 today \
(mach-o/loader.h)",
);
static OBJECT: Field = Field::event(
    "macho.oso",
    "value of the symbol N_OSO: mtime of an object file with what a debugger wants to know, seconds since 1970 UTC, 0 where its \
linker does not say (mach-o/stab.h)",
);
static SIGNED: Field = Field::event(
    "macho.signing-time",
    "signingTime in the code signature: what the signer's clock said (RFC 5652 §11.3)",
);
static COUNTERSIGNED: Field = Field::event(
    "macho.countersigning-time",
    "signingTime in a countersignature of the code signature",
);
static STAMPED: Field = Field::event(
    "macho.timestamp-token",
    "genTime of the RFC 3161 token in the code signature: what the time-stamp authority's clock said",
);

/// The commands that are looked at (mach-o/loader.h).
const SYMBOLS: u32 = 0x2;
const USED_LIBRARIES: [u32; 5] = [0xc, 0x8000_0018, 0x8000_001f, 0x20, 0x8000_0023];
const ID_LIBRARY: u32 = 0xd;
const SIGNATURE: u32 = 0x1d;

/// How a file writes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    is_big: bool,
    is_wide: bool,
}

impl Shape {
    /// By the first bytes of a file for one machine.
    const fn of(magic: [u8; 4]) -> Option<Self> {
        let (is_big, is_wide) = match magic {
            [0xfe, 0xed, 0xfa, 0xce] => (true, false),
            [0xfe, 0xed, 0xfa, 0xcf] => (true, true),
            [0xce, 0xfa, 0xed, 0xfe] => (false, false),
            [0xcf, 0xfa, 0xed, 0xfe] => (false, true),
            _ => return None,
        };
        Some(Self { is_big, is_wide })
    }

    /// A number of 32 bits; 0 where there is none.
    fn number(self, bytes: &[u8], at: usize) -> u32 {
        let raw = array(bytes, at).unwrap_or_default();
        if self.is_big {
            u32::from_be_bytes(raw)
        } else {
            u32::from_le_bytes(raw)
        }
    }
}

/// Whether a file for several machines has places of 64 bits, and how many machines; `None` for others.
fn fat(first: &[u8]) -> Option<(bool, u32)> {
    let is_wide = match array(first, 0)? {
        [0xca, 0xfe, 0xba, 0xbe] => false,
        [0xca, 0xfe, 0xba, 0xbf] => true,
        _ => return None,
    };
    // Classes of Java begin the same, and have their version there: 45 and up in the lower half.
    let count = array(first, 4).map(u32::from_be_bytes)?;
    let kind = array(first, 8).map(u32::from_be_bytes)?;
    // Every machine there is has a small number, with the bit of 64 or not.
    let is_machine = kind & 0x00ff_ffff <= 0x20;
    ((1..=44).contains(&count) && is_machine).then_some((is_wide, count))
}

fn is(head: &Head<'_>) -> bool {
    let shape = array(head.first, 0).and_then(Shape::of);
    let is_one = shape.is_some_and(|shape| {
        // Which kind of file it is, of those that there are.
        head.first.len() >= 28 && (1..=16).contains(&shape.number(head.first, 12))
    });
    is_one || fat(head.first).is_some()
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let first: [u8; 12] = extent.array(0)?;
    let Some((is_wide, count)) = fat(&first) else {
        return slice(visit, extent);
    };
    let length = if is_wide { 32 } else { 20 };
    for number in 0..u64::from(count) {
        let entry = extent.bytes(8 + number * length, 32)?;
        let word = |at| u64::from(array(&entry, at).map_or(0, u32::from_be_bytes));
        let (from, size) = if is_wide {
            (word(8) << 32 | word(12), word(16) << 32 | word(20))
        } else {
            (word(8), word(12))
        };
        let part = extent.part(from, size);
        let name = format!("{}", Machine(word(0)));
        let first = part.bytes(0, 8)?;
        if first == b"!<arch>\n" {
            // A library of objects for each machine. Nothing else is gone down into: it might hold itself.
            let own = None;
            let name = name.as_bytes();
            visit.extent(Member { name, own }, part)?;
            continue;
        }
        visit.at(name.as_bytes(), |visit| {
            let outcome = if array(&first, 0).and_then(Shape::of).is_some() {
                slice(visit, part)
            } else {
                Err(Flaw::malformed(format!(
                    "what this machine has at {from} is no Mach-O file: it was cut off, or the list of machines is damaged"
                )))
            };
            match outcome {
                Err(flaw) if !flaw.ends_file() => {
                    visit.flaw(flaw);
                    Ok(())
                }
                other => other,
            }
        })?;
    }
    Ok(())
}

/// A machine as people call it (mach/machine.h).
struct Machine(u64);

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            7 => f.write_str("i386"),
            0x0100_0007 => f.write_str("x86_64"),
            12 => f.write_str("arm"),
            0x0100_000c => f.write_str("arm64"),
            18 => f.write_str("ppc"),
            0x0100_0012 => f.write_str("ppc64"),
            other => write!(f, "machine-{other}"),
        }
    }
}

/// What is for one machine.
fn slice(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let header: [u8; 28] = extent.array(0)?;
    let Some(shape) = array(&header, 0).and_then(Shape::of) else {
        return Ok(());
    };
    let at = if shape.is_wide { 32 } else { 28 };
    let size = u64::from(shape.number(&header, 20));
    let limits = visit.budget().limits;
    if size > limits.header {
        let limit = crate::bytes::Limit::Header;
        return Err(Flaw::limit(limit, limits.header));
    }
    let commands = extent.bytes(at, usize::try_from(size).unwrap_or(usize::MAX))?;
    let mut rest = &commands[..];
    for number in 0..shape.number(&header, 16) {
        let (kind, length) = (shape.number(rest, 0), shape.number(rest, 4));
        let command = usize::try_from(length)
            .ok()
            .and_then(|length| rest.split_at_checked(length));
        let Some((command, after)) = command.filter(|_| length >= 8) else {
            return Err(Flaw::malformed(format!(
                "its load command of number {} is damaged or cut off: the times in it and behind it were not read",
                u64::from(number) + 1
            )));
        };
        match kind {
            ID_LIBRARY => library(visit, shape, &LIBRARY, command),
            SYMBOLS => symbols::read(visit, extent, shape, command)?,
            SIGNATURE => {
                let (at, size) = (shape.number(command, 8), shape.number(command, 12));
                signature::read(visit, extent.part(u64::from(at), u64::from(size)))?;
            }
            used if USED_LIBRARIES.contains(&used) => library(visit, shape, &USED, command),
            _ => {}
        }
        rest = after;
    }
    Ok(())
}

fn library(visit: &mut Visit<'_>, shape: Shape, field: &'static Field, command: &[u8]) {
    let Some(raw) = command.get(12..16) else {
        return;
    };
    let seconds = shape.number(command, 12);
    let value = if seconds <= 2 {
        Value::Unset
    } else {
        at(u64::from(seconds))
    };
    visit.stamp(&Stamp::fixed(field, raw, value));
}

fn at(seconds: u64) -> Value {
    let Ok(seconds) = i64::try_from(seconds) else {
        return Value::Invalid("it does not fit in 63 bits");
    };
    Value::At(Moment::exactly(Timestamp::from_unix(seconds, 0)))
}

#[cfg(test)]
mod tests;
