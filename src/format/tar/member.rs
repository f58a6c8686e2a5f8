//! The times of one member, in its header and before it, and whether they agree.

use super::extended::{Extended, What, decode};
use super::header::{self, Header, OCTAL_END};
use super::{
    GLOBAL_ATIME, GLOBAL_CREATION, GLOBAL_CTIME, GLOBAL_MTIME, GNU_ATIME, GNU_CTIME, MTIME,
    PAX_ATIME, PAX_CREATION, PAX_CTIME, PAX_HEADER, PAX_MTIME,
};
use crate::bytes::Origin;
use crate::format::{Field, Mend, Moment, Slot, Stamp, Value, Visit};
use crate::time::Span;

/// A time and which it is.
pub(super) type Said = (&'static Field, Value);

/// The time that counts for a member.
pub(super) type Own = (&'static Field, Moment);

impl What {
    const fn field(self) -> &'static Field {
        match self {
            Self::Modified => &PAX_MTIME,
            Self::Accessed => &PAX_ATIME,
            Self::Changed => &PAX_CTIME,
            Self::Created => &PAX_CREATION,
            Self::Header => &PAX_HEADER,
        }
    }

    const fn global(self) -> &'static Field {
        match self {
            Self::Modified => &GLOBAL_MTIME,
            Self::Accessed => &GLOBAL_ATIME,
            Self::Changed => &GLOBAL_CTIME,
            Self::Created => &GLOBAL_CREATION,
            Self::Header => &PAX_HEADER,
        }
    }
}

/// Tells the times in pax headers, and gives back the last mtime among them. `start` is where the archive begins.
pub(super) fn tell_extended(
    visit: &mut Visit<'_>,
    extended: &Extended,
    start: Origin,
    is_global: bool,
) -> Option<Said> {
    let mut modified: Option<Said> = None;
    for time in &extended.times {
        let raw = &extended.bytes[time.raw.clone()];
        let field = if is_global {
            time.what.global()
        } else {
            time.what.field()
        };
        let at = start.plus(time.at);
        let (value, slot) = if time.what == What::Header {
            let header = start.plus(time.at.saturating_sub(MTIME_AT));
            let form = header::number(raw);
            let value = form.decode(raw);
            (
                value,
                value
                    .moment()
                    .and_then(|_| Slot::new(at, form, Mend::TarHeader(header))),
            )
        } else {
            let (value, form) = decode(raw);
            (
                value,
                form.and_then(|form| Slot::new(at, form, Mend::Nothing)),
            )
        };
        visit.stamp(&Stamp {
            field,
            raw,
            value,
            slot,
        });
        if time.what == What::Modified {
            if let Some(before) = modified {
                visit.compare(before, (field, value));
            }
            modified = Some((field, value));
        }
    }
    modified
}

/// Where the mtime stands in a header.
pub(super) const MTIME_AT: u64 = 136;

/// Tells all times of a member whose header begins at `origin`, and gives back the one that counts.
pub(super) fn tell(
    visit: &mut Visit<'_>,
    header: &Header,
    origin: Origin,
    (extended, start): (&Extended, Origin),
    global: Option<Said>,
) -> Option<Own> {
    let (raw, own, slot) = header.time(header::MTIME, origin);
    visit.stamp(&Stamp {
        field: &MTIME,
        raw,
        value: own,
        slot,
    });
    if header.is_gnu() {
        for (field, place) in [
            (&GNU_ATIME, header::GNU_ATIME),
            (&GNU_CTIME, header::GNU_CTIME),
        ] {
            let (raw, value, slot) = header.time(place, origin);
            if value != Value::Unset {
                visit.stamp(&Stamp {
                    field,
                    raw,
                    value,
                    slot,
                });
            }
        }
    }
    let overriding = tell_extended(visit, extended, start, false).or(global);
    if let Some((field, value)) = overriding {
        if contradicts(own, value) {
            visit.compare((&MTIME, own), (field, value));
        }
        if let Value::At(moment) = value {
            return Some((field, moment));
        }
    }
    own.moment().map(|moment| (&MTIME, *moment))
}

/// Whether a header says something else than what overrides it. Writers leave it zero then, cut or round it to a
/// second (Python up), or put their largest number where the time has no room.
fn contradicts(header: Value, overriding: Value) -> bool {
    let (Value::At(header), Value::At(overriding)) = (header, overriding) else {
        return false;
    };
    let seconds = header.written.seconds();
    let is_full = seconds == OCTAL_END - 1 && overriding.written.seconds() >= OCTAL_END;
    let apart = overriding.written.since(header.written).abs();
    seconds != 0 && !is_full && apart > Span::from_secs(1)
}
