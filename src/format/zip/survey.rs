//! The first pass over a directory: it counts the times about which nobody wants to hear, by comparing integers,
//! and notes which members need a closer look.

use super::extra;
use super::fields::{Kind, Side};
use super::zone::{self, Known};
use crate::format::form::DOS_ROUNDING;
use crate::format::{Calm, Form, Moment, SENTINELS, Scope, Tally, Visit, sentinel};
use crate::time::{Span, Timestamp};

/// What one header's times come to, if nobody wants to hear of any.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    stamps: u64,
    evidence: u64,
    /// The DOS time, if it is evidence and the only one.
    newest_dos: u32,
    newest: Option<i64>,
    dos: u32,
    modified: Option<i64>,
}

impl Sum {
    /// Whether two headers of one member say the same.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        // Some tools write the exact times into one of the headers only.
        let modified = self.modified.zip(other.modified);
        self.dos == other.dos
            && modified
                .is_none_or(|(one, other)| one.abs_diff(other) <= DOS_ROUNDING.unsigned_abs())
    }
}

/// What a DOS time is, without a look at anything else.
#[derive(Debug, Clone, Copy)]
struct Class {
    is_calm: bool,
    constant: Option<&'static str>,
}

/// What is known after the first pass.
#[derive(Debug)]
pub(super) struct Survey {
    /// Between which DOS times nobody wants to hear of any, whatever the zone.
    dos: (u32, u32),
    /// Between which seconds since 1970.
    exact: (i64, i64),
    /// No constant is later than this.
    last_constant: u32,
    last_constant_at: i64,
    /// The DOS time before, and what it is.
    last: (u32, Class),
    stamps: u64,
    evidence: u64,
    newest_dos: u32,
    newest: i64,
    newest_name: Vec<u8>,
    newest_dos_name: Vec<u8>,
    /// How far ahead of UTC the writers were, from the least to the most.
    pub(super) offsets: Option<(i64, i64)>,
    constants: Vec<&'static str>,
}

/// What a class is before anything was seen: no DOS time is all zeros and calm.
const NOT_CALM: Class = Class {
    is_calm: false,
    constant: None,
};

/// The greatest DOS time not after `at`, which is not before 1980.
fn dos_until(at: Timestamp) -> Option<u32> {
    if at < Timestamp::from_unix(315_532_800, 0) {
        return None;
    }
    let raw = Form::DosTimeDate.encode(at, &[]);
    let raw = raw.map_or(Some(u32::MAX), |raw| crate::bytes::le32(&raw, 0));
    raw.map(|raw| raw.min(zone::CEILING))
}

impl Survey {
    pub(super) fn new(calm: Calm, known: &Known) -> Self {
        let (ahead, behind) = known.widest();
        let almost_two = Span::from_nanos(1_999_999_999);
        let second = Span::from_nanos(999_999_999);
        let rounding = Span::from_secs(DOS_ROUNDING);
        let from = calm.from.later(Span::from_secs(ahead).plus(rounding));
        let to = calm.to.earlier(Span::from_secs(behind).plus(rounding));
        let dos = dos_until(
            from.later(almost_two)
                .max(Timestamp::from_unix(315_532_800, 0)),
        )
        .zip(dos_until(to))
        .unwrap_or((1, 0));
        let constants = SENTINELS.iter().filter(|sentinel| match sentinel.scope {
            Scope::Anywhere => true,
            Scope::Fields(prefix) => prefix.starts_with("zip"),
        });
        let last = constants
            .map(|sentinel| sentinel.seconds)
            .max()
            .unwrap_or(0);
        // Those of the local time of whoever wrote them are found a zone away, too.
        let last_constant_at = last.saturating_add(86_400);
        Self {
            dos,
            // DOS times beside exact ones are off by their rounding.
            exact: (
                calm.from
                    .later(second)
                    .later(rounding)
                    .seconds()
                    .saturating_add(2),
                calm.to.earlier(rounding).seconds().saturating_sub(2),
            ),
            last_constant: dos_until(Timestamp::from_unix(last_constant_at, 0)).unwrap_or(u32::MAX),
            last_constant_at,
            last: (0, NOT_CALM),
            stamps: 0,
            evidence: 0,
            newest_dos: 0,
            newest: i64::MIN,
            newest_name: Vec::new(),
            newest_dos_name: Vec::new(),
            offsets: None,
            constants: Vec::new(),
        }
    }

    /// What the times of a header come to, if nobody wants to hear of any.
    #[inline]
    pub(super) fn sum(&mut self, dos: u32, extra: &[u8], side: Side) -> Option<Sum> {
        let class = self.class(dos);
        if extra.is_empty() {
            return class.is_calm.then(|| Self::bare(dos, class));
        }
        self.rich(dos, class, extra, side)
    }

    const fn bare(dos: u32, class: Class) -> Sum {
        let is_evidence = class.constant.is_none();
        Sum {
            stamps: 1,
            evidence: is_evidence as u64,
            newest_dos: if is_evidence { dos } else { 0 },
            newest: None,
            dos,
            modified: None,
        }
    }

    /// The same where there are extra fields.
    fn rich(&mut self, dos: u32, class: Class, extra: &[u8], side: Side) -> Option<Sum> {
        let mut at = None;
        let (mut sum, mut is_calm) = (Sum::default(), true);
        let (mut modified, mut newest) = (None, i64::MIN);
        let wrong = extra::each(extra, side == Side::Central, |found| {
            let at = *at.get_or_insert_with(|| zone::seconds(dos));
            sum.stamps += 1;
            let Some(seconds) = found.seconds(at) else {
                return;
            };
            is_calm &= (self.exact.0..=self.exact.1).contains(&seconds);
            // Constants and what contradicts itself are for a closer look.
            is_calm &= seconds > self.last_constant_at;
            sum.evidence += 1;
            newest = newest.max(seconds);
            if found.is_modified() {
                let first = *modified.get_or_insert(seconds);
                is_calm &= first.abs_diff(seconds) <= DOS_ROUNDING.unsigned_abs();
            }
        });
        if sum.stamps == 0 && wrong.is_none() {
            return class.is_calm.then(|| Self::bare(dos, class));
        }
        let (Some(exact), Some(Some(at))) = (modified, at) else {
            return None;
        };
        let offset = zone::offset(at, exact)?;
        let (least, most) = self.offsets.unwrap_or((offset, offset));
        self.offsets = Some((least.min(offset), most.max(offset)));
        sum.stamps += 1;
        sum.evidence += 1;
        sum.newest = Some(newest);
        (sum.dos, sum.modified) = (dos, modified);
        let is_constant = dos <= self.last_constant;
        (is_calm && wrong.is_none() && !is_constant).then_some(sum)
    }

    #[inline]
    fn class(&mut self, dos: u32) -> Class {
        if self.last.0 != dos {
            self.last = (dos, self.classify(dos));
        }
        self.last.1
    }

    fn classify(&self, dos: u32) -> Class {
        let at = zone::seconds(dos).filter(|_| (self.dos.0..=self.dos.1).contains(&dos));
        let Some(at) = at else {
            return NOT_CALM;
        };
        let name = Side::Central.field(Kind::Dos).name;
        let constant = (dos <= self.last_constant)
            .then(|| sentinel(Timestamp::from_unix(at, 0), name, true))
            .flatten();
        Class {
            is_calm: true,
            constant: constant.map(|constant| constant.producer),
        }
    }

    /// Counts the times of a header of the member with this name.
    #[inline]
    pub(super) fn count(&mut self, sum: &Sum, name: &[u8]) {
        self.stamps += sum.stamps;
        self.evidence += sum.evidence;
        if sum.evidence == 0 {
            self.constant(sum.dos);
        }
        if sum.newest_dos > self.newest_dos {
            self.newest_dos = sum.newest_dos;
            self.newest_dos_name.clear();
            self.newest_dos_name.extend_from_slice(name);
        }
        if let Some(newest) = sum.newest
            && newest > self.newest
        {
            self.newest = newest;
            self.newest_name.clear();
            self.newest_name.extend_from_slice(name);
        }
    }

    fn constant(&mut self, dos: u32) {
        if let Some(producer) = self.class(dos).constant
            && !self.constants.contains(&producer)
        {
            self.constants.push(producer);
        }
    }

    /// Adds what was counted to what the archive comes to.
    pub(super) fn finish(&self, visit: &mut Visit<'_>, known: &Known) {
        let tally: &mut Tally = visit.tally_mut();
        tally.stamps += self.stamps;
        tally.evidence += self.evidence;
        for constant in &self.constants {
            tally.constant(constant);
        }
        if let Some(moment) = known.value(self.newest_dos).moment() {
            visit.at(&self.newest_dos_name, |visit| visit.newer(moment.time));
        }
        if self.newest > i64::MIN {
            let moment = Moment::exactly(Timestamp::from_unix(self.newest, 0));
            visit.at(&self.newest_name, |visit| visit.newer(moment.time));
        }
    }
}
