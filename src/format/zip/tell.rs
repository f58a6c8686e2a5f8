//! One member's times, told one by one, and whether they agree with each other.

use super::extra::{self, Found};
use super::fields::{Kind, Side};
use super::zone::{self, Known};
use crate::bytes::{Extent, Flaw};
use crate::format::form::DOS_ROUNDING;
use crate::format::{Disagreement, Field, Form, Mend, Moment, Slot, Stamp, Value, Visit};
use crate::time::Span;

/// One of a member's headers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) side: Side,
    pub(super) dos: u32,
    /// Where the DOS time stands.
    pub(super) dos_at: u64,
    pub(super) extra: &'a [u8],
    /// Where the extra fields begin.
    pub(super) extra_at: u64,
    /// Whether the DOS time is what a password is checked by.
    pub(super) is_locked: bool,
}

/// The same header, read.
#[derive(Debug)]
pub(super) struct Header<'a> {
    record: Record<'a>,
    /// Seconds of the DOS time as if in UTC.
    dos: Option<i64>,
    found: Vec<Found>,
    wrong: Option<&'static str>,
}

impl<'a> Header<'a> {
    pub(super) fn read(record: Record<'a>) -> Self {
        let mut found = Vec::new();
        let wrong = extra::each(record.extra, record.side == Side::Central, |one| {
            found.push(one);
        });
        Self {
            record,
            dos: zone::seconds(record.dos),
            found,
            wrong,
        }
    }

    /// When it was modified by those of its times that are exact, the first that says.
    pub(super) fn modified(&self) -> Option<(&'static Field, Moment)> {
        let mut modified = self.found.iter().filter(|found| found.is_modified());
        modified.find_map(|found| Some((self.field(found.kind), *found.value(self.dos).moment()?)))
    }

    fn field(&self, kind: Kind) -> &'static Field {
        self.record.side.field(kind)
    }

    /// When it was modified by its DOS time, where `exact` may be known from the other header.
    pub(super) fn dos(
        &self,
        exact: Option<(&'static Field, Moment)>,
        known: &Known,
    ) -> (&'static Field, Value) {
        let dos = self.record.dos;
        let value = match exact {
            Some((_, moment)) => zone::beside(dos, moment.written.seconds(), known),
            None => known.value(dos),
        };
        (self.field(Kind::Dos), value)
    }

    /// Tells of each of its times.
    fn tell(
        &self,
        visit: &mut Visit<'_>,
        extent: Extent<'_>,
        exact: Option<(&'static Field, Moment)>,
        known: &Known,
    ) {
        let Record { dos, dos_at, .. } = self.record;
        let (field, value) = self.dos(exact, known);
        let slot = Slot::new(extent.origin(dos_at), Form::DosTimeDate, Mend::Nothing);
        visit.stamp(&Stamp {
            field,
            raw: &dos.to_le_bytes(),
            value,
            slot: slot.filter(|_| !self.record.is_locked),
        });
        for found in &self.found {
            let form = found.form();
            let at = u64::try_from(found.at).unwrap_or(u64::MAX);
            let at = self.record.extra_at.saturating_add(at);
            let raw = found.raw.to_le_bytes();
            visit.stamp(&Stamp {
                field: self.field(found.kind),
                raw: raw.get(..form.length()).unwrap_or(&raw),
                value: found.value(self.dos),
                slot: Slot::new(extent.origin(at), form, Mend::Nothing),
            });
        }
        if let Some(wrong) = self.wrong {
            let at = self.record.extra_at;
            visit.flaw(Flaw::malformed(format!("{wrong} (extra fields at {at})")));
        }
    }

    /// Whether its own times agree.
    fn agrees(&self, visit: &mut Visit<'_>, known: &Known) {
        let Some(first) = self.modified() else {
            return;
        };
        let modified = self.found.iter().filter(|found| found.is_modified());
        for other in modified {
            let value = other.value(self.dos);
            same(
                visit,
                first,
                (self.field(other.kind), value),
                "two extra fields give this member different times: \
which one it gets depends on who unpacks it",
            );
        }
        let exact = first.1.written.seconds();
        if self
            .dos
            .is_some_and(|dos| !zone::agree(self.record.dos, dos, exact))
        {
            let dos = known.value(self.record.dos);
            let (one, other) = (first.1.time, dos.moment().map(|moment| moment.time));
            visit.disagree(Disagreement {
                one: (first.0, Some(one)),
                other: (self.field(Kind::Dos), other),
                what: "the DOS time of this member is further from its exact time than any zone is from UTC: which one it \
gets depends on who unpacks it"
                    .to_owned(),
            });
        }
    }
}

/// Tells of a member's times, and where they contradict each other.
pub(super) fn tell(
    visit: &mut Visit<'_>,
    extent: Extent<'_>,
    (central, local): (&Header<'_>, Option<&Header<'_>>),
    known: &Known,
) {
    let exact = central.modified().or_else(|| local?.modified());
    central.tell(visit, extent, exact, known);
    if let Some(local) = local {
        local.tell(visit, extent, local.modified().or(exact), known);
    }
    central.agrees(visit, known);
    let Some(local) = local else {
        return;
    };
    local.agrees(visit, known);
    const WHAT: &str = "the central directory and the header in front of this member give it different times: which one it \
gets depends on who unpacks it";
    if let (Some(one), Some((field, moment))) = (central.modified(), local.modified()) {
        same(visit, one, (field, Value::At(moment)), WHAT);
    }
    // Both were written in the same zone, whichever that is.
    if let (Some(one), Some(other)) = (central.dos, local.dos)
        && one.abs_diff(other) > DOS_ROUNDING.unsigned_abs()
    {
        let time = |header: &Header<'_>| {
            let (field, value) = header.dos(header.modified(), known);
            (field, value.moment().map(|moment| moment.time))
        };
        visit.disagree(Disagreement {
            one: time(central),
            other: time(local),
            what: WHAT.to_owned(),
        });
    }
}

/// Tells if two exact times are further apart than what tools round.
fn same(
    visit: &mut Visit<'_>,
    (field, moment): (&'static Field, Moment),
    other: (&'static Field, Value),
    what: &str,
) {
    let Some(second) = other.1.moment() else {
        return;
    };
    let apart = moment.written.since(second.written).abs();
    if apart > Span::from_secs(DOS_ROUNDING) {
        visit.disagree(Disagreement {
            one: (field, Some(moment.time)),
            other: (other.0, Some(second.time)),
            what: what.to_owned(),
        });
    }
}
