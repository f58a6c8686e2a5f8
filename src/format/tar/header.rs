//! The 512 bytes that every member of a tar begins with (POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual,
//! "Basic Tar Format").

use crate::bytes::Origin;
use crate::format::{Form, Mend, Slot, Value};
use std::ops::Range;

/// What everything in a tar is counted in.
pub(super) const BLOCK: usize = 512;

/// One header.
#[derive(Debug)]
pub(super) struct Header(pub(super) [u8; BLOCK]);

const NAME: Range<usize> = 0..100;
const SIZE: Range<usize> = 124..136;
pub(super) const MTIME: Range<usize> = 136..148;
const CHECKSUM: Range<usize> = 148..156;
const KIND: usize = 156;
const MAGIC: Range<usize> = 257..265;
/// GNU's times of access and of change, where POSIX has the beginning of a long name.
pub(super) const GNU_ATIME: Range<usize> = 345..357;
pub(super) const GNU_CTIME: Range<usize> = 357..369;
const PREFIX: Range<usize> = 345..500;
/// Whether a block with more of a sparse file's map follows the header (GNU).
const IS_EXTENDED: usize = 482;

/// One more than what eleven octal digits can hold: 2242-03-16, which is where ustar ends.
pub(super) const OCTAL_END: i64 = 1 << 33;

impl Header {
    /// Whether the checksum is right, summed up as the standard wants it, or of signed bytes as some old tars did.
    pub(super) fn is_sound(&self) -> bool {
        let Value::At(told) = Form::Octal(8).decode(&self.0[CHECKSUM]) else {
            return false;
        };
        let told = told.written.seconds();
        let sum = |bytes: &[u8]| bytes.iter().map(|&byte| i64::from(byte)).sum::<i64>();
        // The checksum counts as eight blanks.
        let unsigned = sum(&self.0) - sum(&self.0[CHECKSUM]) + 8 * 32;
        if unsigned == told {
            return true;
        }
        let is_high = |byte: &&u8| **byte > 127;
        let high = self.0.iter().filter(is_high).count();
        let high = high - self.0[CHECKSUM].iter().filter(is_high).count();
        i64::try_from(high).is_ok_and(|high| unsigned - 256 * high == told)
    }

    /// Whether it looks like one beyond its checksum: has the magic of POSIX or GNU, or, as the tar of Unix v7 had none,
    /// a name and numbers in all of its fields.
    pub(super) fn is_plausible(&self) -> bool {
        let is_number = |field| {
            let octal = Form::Octal(field_length(&field)).decode(&self.0[field]);
            !matches!(octal, Value::Invalid(_))
        };
        let is_v7 = || {
            let numbers = [100..108, 108..116, 116..124, SIZE, MTIME];
            let is_kind = matches!(self.0[KIND], 0 | b'0'..=b'7');
            self.0[0] != 0 && is_kind && numbers.into_iter().all(is_number)
        };
        self.0[MAGIC].starts_with(b"ustar") || is_v7()
    }

    /// Nothing but zeros, as at the end of an archive.
    pub(super) fn is_zero(block: &[u8]) -> bool {
        block.iter().all(|&byte| byte == 0)
    }

    /// What it is the header of.
    pub(super) const fn kind(&self) -> u8 {
        self.0[KIND]
    }

    /// Whether GNU tar wrote it, whose fields after the magic are its own.
    pub(super) fn is_gnu(&self) -> bool {
        self.0[MAGIC] == *b"ustar  \0"
    }

    /// How many bytes follow it; `None` where it does not say.
    pub(super) fn size(&self) -> Option<u64> {
        match number(&self.0[SIZE]).decode(&self.0[SIZE]) {
            Value::At(size) => u64::try_from(size.written.seconds()).ok(),
            Value::Unset => Some(0),
            Value::Invalid(_) => None,
        }
    }

    /// Adds the name to a buffer.
    pub(super) fn name(&self, into: &mut Vec<u8>) {
        // POSIX has more of a name in front.
        if self.0[MAGIC].starts_with(b"ustar\0") && self.0[PREFIX.start] != 0 {
            into.extend_from_slice(until_nul(&self.0[PREFIX]));
            into.push(b'/');
        }
        into.extend_from_slice(until_nul(&self.0[NAME]));
    }

    /// A time in it, of which the header begins at `origin`: its bytes, what they say, and where they can be written anew.
    pub(super) fn time(&self, field: Range<usize>, origin: Origin) -> (&[u8], Value, Option<Slot>) {
        let from = u64::try_from(field.start).unwrap_or(0);
        let raw = &self.0[field];
        let form = number(raw);
        let value = form.decode(raw);
        let at = origin.plus(from);
        let slot = value
            .moment()
            .and_then(|_| Slot::new(at, form, Mend::TarHeader(origin)));
        (raw, value, slot)
    }

    /// Whether a block with more of the map of a sparse file follows.
    pub(super) const fn is_extended(&self) -> bool {
        self.0[IS_EXTENDED] != 0
    }
}

fn field_length(field: &Range<usize>) -> u8 {
    u8::try_from(field.len()).unwrap_or(u8::MAX)
}

/// How a field of twelve bytes is written: what does not fit in octal has a mark.
pub(super) fn number(raw: &[u8]) -> Form {
    match raw.first() {
        Some(0x80..) => Form::Base256(12),
        _ => Form::Octal(12),
    }
}

/// What stands before the first NUL.
pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|&byte| byte == 0);
    &bytes[..end.unwrap_or(bytes.len())]
}
