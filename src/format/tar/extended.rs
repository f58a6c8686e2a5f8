//! What headers before a member's own say of it: pax records (POSIX.1-2017 pax, "pax Extended Header") and GNU's long
//! names.

use super::header::until_nul;
use crate::format::{Form, Value};
use std::ops::Range;

/// What the headers before a member's own say of it.
#[derive(Debug, Default)]
pub(super) struct Extended {
    /// What was read of them, one after another.
    pub(super) bytes: Vec<u8>,
    /// The times in them, in their order.
    pub(super) times: Vec<Time>,
    /// Whether there was any such header.
    pub(super) is_any: bool,
    /// Whether the member's content has holes.
    pub(super) is_sparse: bool,
    /// How many bytes the member takes.
    pub(super) size: Option<u64>,
    long_name: Option<Range<usize>>,
    path: Option<Range<usize>>,
    sparse_name: Option<Range<usize>>,
}

/// A time before a member's header.
#[derive(Debug)]
pub(super) struct Time {
    /// Which.
    pub(super) what: What,
    /// Where in [`Extended::bytes`] it is.
    pub(super) raw: Range<usize>,
    /// Where in the archive.
    pub(super) at: u64,
}

/// Which time a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Modified,
    Accessed,
    Changed,
    Created,
    /// That of the pax header itself, which is a member of its own for those who do not know pax.
    Header,
}

impl Extended {
    /// Forgets all, but keeps the room.
    pub(super) fn clear(&mut self) {
        let (mut bytes, mut times) = (
            std::mem::take(&mut self.bytes),
            std::mem::take(&mut self.times),
        );
        bytes.clear();
        times.clear();
        *self = Self {
            bytes,
            times,
            ..Self::default()
        };
    }

    /// Takes a long name that was read to here.
    pub(super) fn take_name(&mut self, name: Range<usize>) {
        self.long_name = Some(name);
    }

    /// Takes one record, `start` bytes into the archive's header of which the bytes began at `from`.
    pub(super) fn take(&mut self, record: &Record, from: usize, start: u64) {
        let value = from + record.value.start..from + record.value.end;
        let text = &self.bytes[value.clone()];
        let what = match &self.bytes[from + record.key.start..from + record.key.end] {
            b"path" => return self.path = Some(value),
            b"GNU.sparse.name" => {
                self.is_sparse = true;
                return self.sparse_name = Some(value);
            }
            b"size" => return self.size = decimal(text),
            b"mtime" => What::Modified,
            b"atime" => What::Accessed,
            b"ctime" => What::Changed,
            b"LIBARCHIVE.creationtime" => What::Created,
            key => {
                self.is_sparse |= key.starts_with(b"GNU.sparse.");
                return;
            }
        };
        if text.is_empty() {
            // Takes back what was said before it.
            self.times.retain(|time| time.what != what);
        } else {
            let at = start.saturating_add(u64::try_from(record.value.start).unwrap_or(u64::MAX));
            self.times.push(Time {
                what,
                raw: value,
                at,
            });
        }
    }

    /// The name, if one of them says it.
    pub(super) fn name(&self) -> Option<&[u8]> {
        let name = self.sparse_name.as_ref().or(self.path.as_ref());
        let whole = name
            .filter(|name| !name.is_empty())
            .map(|name| &self.bytes[name.clone()]);
        whole.or_else(|| Some(until_nul(&self.bytes[self.long_name.clone()?])))
    }
}

/// A decimal number, as large as it may be.
fn decimal(text: &[u8]) -> Option<u64> {
    let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(text).ok().filter(|_| is_number)?;
    Some(text.parse().unwrap_or(u64::MAX))
}

/// What a pax record says is the time, and how it is written, where that can be written anew.
pub(super) fn decode(raw: &[u8]) -> (Value, Option<Form>) {
    let Ok(length) = u8::try_from(raw.len()) else {
        // Nobody writes so many digits; those beyond nanoseconds say nothing.
        return (
            Form::PaxDecimal(u8::MAX).decode(&raw[..usize::from(u8::MAX)]),
            None,
        );
    };
    let form = Form::PaxDecimal(length);
    let value = form.decode(raw);
    (value, value.moment().map(|_| form))
}

/// Where in a pax header a record's key and value are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
}

/// Why a pax header cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// Where its length should be is none.
    Length,
    /// It would end after its header.
    End,
    /// It does not end in a newline, or has no equals sign: the next can be read.
    Shape,
}

/// The next record at `at`, and where the one after it is; the latter also where the record is broken in a way
/// that lets the next be read.
pub(super) fn next(bytes: &[u8], at: usize) -> (Result<Record, Broken>, Option<usize>) {
    let rest = bytes.get(at..).unwrap_or_default();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    // Twenty digits are more than any header has bytes.
    let length = rest.get(..digits).filter(|_| digits < 20).and_then(decimal);
    let length = length.and_then(|length| usize::try_from(length).ok());
    let Some(length) =
        length.filter(|&length| rest.get(digits) == Some(&b' ') && length > digits + 1)
    else {
        return (Err(Broken::Length), None);
    };
    let Some(record) = rest.get(..length) else {
        return (Err(Broken::End), None);
    };
    let after = Some(at + length);
    let key = digits + 1;
    let equals = record[key..].iter().position(|&byte| byte == b'=');
    let Some(equals) = equals.filter(|_| record.ends_with(b"\n")) else {
        return (Err(Broken::Shape), after);
    };
    let record = Record {
        key: at + key..at + key + equals,
        value: at + key + equals + 1..at + length - 1,
    };
    (Ok(record), after)
}

#[cfg(test)]
mod tests {
    use super::{Broken, Record, next};

    #[test]
    fn a_record_says_how_long_it_is() {
        let header = b"9 path=a\n13 mtime=1.5\n5 a=\n";
        let (first, at) = next(header, 0);
        assert_eq!(
            first,
            Ok(Record {
                key: 2..6,
                value: 7..8
            })
        );
        let (second, at) = next(header, at.unwrap());
        let second = second.unwrap();
        assert_eq!(
            (&header[second.key], &header[second.value]),
            (&b"mtime"[..], &b"1.5"[..])
        );
        let (third, at) = next(header, at.unwrap());
        assert!(third.unwrap().value.is_empty());
        assert_eq!(at, Some(header.len()));
    }

    #[test]
    fn what_is_no_record_is_told() {
        let broken = |header: &[u8]| next(header, 0).0.unwrap_err();
        for header in [
            &b""[..],
            b"0 a=b\n",
            b"x a=b\n",
            b" 6 a=b\n",
            b"6",
            b"2 \n",
            b"99999999999999999999 a=b\n",
        ] {
            assert_eq!(broken(header), Broken::Length, "{header:?}");
        }
        assert_eq!(broken(b"7 a=b\n"), Broken::End);
        assert_eq!(next(b"6 a=bc7 c=de\n", 0), (Err(Broken::Shape), Some(6)));
        assert_eq!(next(b"6 a-b\n", 0), (Err(Broken::Shape), Some(6)));
    }
}
