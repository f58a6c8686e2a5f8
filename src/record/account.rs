//! What a build's record comes to here and now: whether it belongs to what is audited, when the build
//! began and ended in trusted time, and how the clock ran.

use super::own::{self, Here, LoadError, Mismatch, Phase, Record, Store, TrustedKey};
use super::{Bound, Trust, Window};
use crate::clock::{Clock, Local, Reading};
use crate::drift::{Drift, StepKind};
use crate::time::Interval;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A record that an audit is to go by.
#[derive(Debug, Clone)]
pub struct Documented {
    /// Where it is.
    pub path: PathBuf,
    /// What it says; or in what way it is damaged, in a sentence.
    pub read: Result<Record, String>,
    /// Why its signature does not hold, where keys are trusted.
    pub unsigned: Option<Mismatch>,
    /// Where the audit is made.
    pub here: Here,
    /// Whether somebody else is going to end it.
    pub is_kept_open: bool,
}

/// What a record comes to.
#[derive(Debug, Clone)]
pub struct Account {
    /// Why it does not belong here, if it does not.
    pub mismatches: Vec<Mismatch>,
    /// How the clock ran in the build: while the record is open, up to the audit's own reading. `None` where
    /// nothing of the record can be used.
    pub drift: Option<Drift>,
    /// The same up to the audit's own reading in any case, where that is one of the same ruler: what was written
    /// after the build is located by it.
    pub until_now: Option<Drift>,
    /// The closing reading that the record still lacks.
    pub closing: Option<Reading>,
}

impl Documented {
    /// A record, read and held against the keys that are trusted. One that is damaged is read as that.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn load(path: PathBuf, keys: &[TrustedKey], folder: &Path) -> Result<Self, LoadError> {
        let (read, unsigned) = match own::load_signed(&path, keys) {
            Ok((record, unsigned)) => (Ok(record), unsigned),
            Err(LoadError::Damaged { why, .. }) => (Err(why), None),
            Err(error @ (LoadError::Missing { .. } | LoadError::Read { .. })) => return Err(error),
        };
        Ok(Self {
            path,
            read,
            unsigned,
            here: Here::look(folder),
            is_kept_open: false,
        })
    }

    /// When the build began and ended, as far as the record itself tells.
    pub fn window(&self) -> Window {
        let Ok(record) = &self.read else {
            return Window::default();
        };
        let drift = record.drift();
        let bound = |phase: Phase, what: &str| {
            let taken = record.readings.iter().find(|taken| taken.phase == phase)?;
            let (at, trust) = when(&taken.reading, &drift);
            let source = format!("{what} of {}", self.path.display());
            Some(Bound { at, source, trust })
        };
        let window = Window {
            began: bound(Phase::Begin, "begin"),
            ended: bound(Phase::End, "end"),
        };
        // Where the true time seems to have run back, a source was set: that is found as a step, and
        // nobody knows which of the two sides is right.
        window
            .check()
            .map_or_else(|_contradiction| Window::default(), |()| window)
    }

    /// What the builder's own clock showed when the build began: what its kernel stamped files with since
    /// is no earlier. `None` where that clock was set since, up to `now`, or where the files may bear another's
    /// stamps.
    pub fn begin_by_builder(&self, now: &Local) -> Option<Interval> {
        let record = self.read.as_ref().ok().filter(|_| self.is_builder())?;
        let begin = record.readings.first()?.reading.local.clocks;
        let now = Reading::unasked(now.clone(), "only whether it was set counts");
        let readings = record.readings.iter().map(|taken| &taken.reading);
        let steps = Drift::of(readings.chain([&now])).steps;
        if steps.iter().any(|step| step.kind == StepKind::Set) {
            return None;
        }
        let wall = begin.stamping();
        Some(Interval::between(wall, wall.later(begin.bracket)))
    }

    /// Whether the files here were stamped by the clock that the record is of.
    pub fn is_builder(&self) -> bool {
        let is_host = |record: &Record| {
            let begun = record
                .readings
                .first()
                .map(|taken| &taken.reading.local.ruler);
            begun == Some(&self.here.ruler) || record.host == self.here.host
        };
        self.read.as_ref().is_ok_and(is_host)
    }

    /// What it comes to, when the audit has a reading of its own.
    pub fn account(&self, own: &Reading) -> Account {
        let void = |mismatches| Account {
            mismatches,
            drift: None,
            until_now: None,
            closing: None,
        };
        let record = match &self.read {
            Ok(record) => record,
            Err(reason) => {
                let (reason, is_void) = (reason.clone(), true);
                return void(vec![Mismatch { reason, is_void }]);
            }
        };
        let unsigned = self.unsigned.clone();
        let mut mismatches = own::mismatches(record, &self.here, now_of(own));
        mismatches.extend(unsigned);
        if mismatches.iter().any(|mismatch| mismatch.is_void) {
            return void(mismatches);
        }
        let built = record.drift();
        let readings = record.readings.iter().map(|taken| &taken.reading);
        let is_same = |reading: &Reading| reading.local.ruler == own.local.ruler;
        let until_now = if readings.clone().all(is_same) {
            Drift::of(readings.chain([own]))
        } else {
            built.clone()
        };
        // What happened to the clock once the build had ended is nothing of the build.
        let drift = if record.is_open() {
            until_now.clone()
        } else {
            built
        };
        Account {
            mismatches,
            drift: Some(drift),
            until_now: Some(until_now),
            closing: record.is_open().then(|| own.clone()),
        }
    }
}

/// A record that is consulted as soon as the time is known.
#[derive(Debug)]
pub struct Consulted<'audit> {
    /// The record.
    pub documented: &'audit Documented,
    local: Local,
    window: Window,
    begin_by_builder: Option<Interval>,
    account: OnceLock<Account>,
    ended: OnceLock<Result<(), String>>,
}

impl<'audit> Consulted<'audit> {
    /// A record, and the builder's clocks when the audit began.
    pub fn new(documented: &'audit Documented, local: Local) -> Self {
        Self {
            window: documented.window(),
            begin_by_builder: documented.begin_by_builder(&local),
            documented,
            local,
            account: OnceLock::new(),
            ended: OnceLock::new(),
        }
    }

    /// Ends the record if it is open and may be ended here.
    pub fn end(&self, clock: &Clock) {
        let Ok(record) = &self.documented.read else {
            return;
        };
        let Some(closing) = self.account(clock).closing.clone() else {
            return;
        };
        let store = Store::new(self.documented.path.clone(), None);
        self.ended.get_or_init(|| {
            if self.documented.is_kept_open {
                return Err("it is of a build that still runs".to_owned());
            }
            if store.is_signed() {
                return Err(
                    "it is signed, so end it with `skewgate end --sign-key FILE`".to_owned(),
                );
            }
            let ended = store.close(&record.id, closing);
            ended.map(|_record| ()).map_err(|error| sentence(&error))
        });
    }

    /// Whether the audit ended it, or why it is still open; `None` where it had ended or is void.
    pub fn ended(&self) -> Option<&Result<(), String>> {
        self.ended.get()
    }

    /// What it comes to, by this clock; what it came to first stays so.
    pub fn account(&self, clock: &Clock) -> &Account {
        let own = || Reading::by(self.local.clone(), clock);
        self.account.get_or_init(|| self.documented.account(&own()))
    }

    /// When the build began and ended ([`Documented::window`]).
    pub const fn window(&self) -> &Window {
        &self.window
    }

    /// What the builder's own clock showed when the build began ([`Documented::begin_by_builder`]).
    pub const fn begin_by_builder(&self) -> Option<Interval> {
        self.begin_by_builder
    }
}

impl Account {
    /// Whether nothing of the record can be used.
    pub fn is_void(&self) -> bool {
        self.mismatches.iter().any(|mismatch| mismatch.is_void)
    }
}

/// An error with what caused it.
fn sentence(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text.push_str(&format!(": {deeper}"));
        cause = deeper.source();
    }
    text
}

/// What the time was when a reading of the builder's clocks was taken, and how far that can be relied on.
fn when(reading: &Reading, drift: &Drift) -> (Interval, Trust) {
    let Local { clocks, ruler, .. } = &reading.local;
    if let Some(located) = drift.at(ruler, clocks.taken) {
        return (located.time, Trust::Verified);
    }
    match &reading.trusted {
        Ok(trusted) if trusted.class.is_independent() => (trusted.at(clocks.taken), Trust::Stated),
        Ok(_) | Err(_) => {
            let wall = Interval::between(clocks.wall, clocks.wall.later(clocks.bracket));
            (wall, Trust::Builder)
        }
    }
}

/// What the time is now, by the best that a reading has: a record from after it is from the future.
fn now_of(reading: &Reading) -> Interval {
    match &reading.trusted {
        Ok(trusted) => trusted.at(reading.local.clocks.taken),
        Err(_) => Interval::exactly(reading.local.clocks.wall),
    }
}

#[cfg(test)]
mod tests {
    use super::{Consulted, Documented};
    use crate::clock::Reading;
    use crate::drift::tests::{EPOCH, MILLI, Machine, Random, SECOND};
    use crate::record::sample::record;
    use crate::record::{Here, Record};
    use crate::time::{Order, Span};
    use std::path::PathBuf;

    fn readings(machine: &Machine, at: &[i128]) -> Vec<Reading> {
        let at: Vec<i128> = at.iter().map(|at| at * SECOND).collect();
        machine.readings(&at, MILLI, &mut Random(3))
    }

    fn documented(record: Record) -> Documented {
        let here = Here {
            ruler: record.readings[0].reading.local.ruler.clone(),
            host: record.host.clone(),
            tree: record.tree.clone(),
        };
        Documented {
            path: PathBuf::from("record.json"),
            read: Ok(record),
            unsigned: None,
            here,
            is_kept_open: false,
        }
    }

    /// A machine whose wall clock is set forward by a minute after 100 s.
    fn set_at_100() -> Machine {
        let mut machine = Machine::even(0);
        machine.walls.push((100 * SECOND, EPOCH + 60 * SECOND));
        machine
    }

    #[test]
    fn what_becomes_of_the_clock_after_the_build_is_nothing_of_the_build() {
        let mut machine = set_at_100();
        // The machine is suspended, too, and its ruler is a minute behind from then on.
        machine.pieces.push((150 * SECOND, 0, 60 * SECOND));
        let own = readings(&machine, &[1000]).remove(0);
        let ended = documented(record("one", readings(&machine, &[0, 30, 60])));
        let account = ended.account(&own);
        assert_eq!(account.mismatches, []);
        assert_eq!(account.drift.unwrap().steps, []);
        assert_eq!(account.until_now.unwrap().steps.len(), 2);
        // While nobody ended it, it is of the build.
        let mut open = record("one", readings(&machine, &[0, 30, 60]));
        open.readings.truncate(2);
        let account = documented(open).account(&own);
        assert_eq!(account.drift, account.until_now);
        assert_eq!(account.drift.unwrap().steps.len(), 2);
    }

    #[test]
    fn a_clock_that_was_set_since_the_last_reading_shows_no_begin() {
        let documented = documented(record("one", readings(&set_at_100(), &[0, 30, 60])));
        let by_builder = |at| {
            let local = readings(&set_at_100(), &[at]).remove(0).local;
            Consulted::new(&documented, local).begin_by_builder()
        };
        let begin = by_builder(90).unwrap();
        let truth = documented.window().began.unwrap().at;
        assert_eq!(begin.order(truth), Order::Overlaps);
        assert!(begin.width() < Span::from_millis(1));
        assert_eq!(by_builder(110), None);
    }
}
