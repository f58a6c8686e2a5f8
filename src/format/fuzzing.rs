//! The readers of formats, opened to the fuzzers in `fuzz/` and to nobody else: this is here only under `cfg(fuzzing)`.

use super::{Calm, Disagreement, Form, Older, Options, Sink, Stamp, Tally, Value, read};
use crate::bytes::{Flaw, Limits, Origin};
use crate::time::{Span, Timestamp};
use std::sync::atomic::AtomicBool;

/// The longest message that bytes from outside may lead to.
const MOST_WORDS: usize = 500;

/// What comes out of decompressors is cut short, since that takes most of the time.
const DECODED: u64 = 1 << 18;

/// Holds all that is told of a file against what must be true of any bytes.
struct Judge<'a> {
    file: &'a [u8],
    stamps: u64,
}

impl Sink for Judge<'_> {
    fn stamp(&mut self, _member: &[u8], stamp: &Stamp<'_>) {
        self.stamps += 1;
        let raw = stamp.raw;
        assert!(raw.len() <= 1 << 20, "{} is kept whole", stamp.field.name);
        if let Value::At(moment) = stamp.value {
            let (from, to) = (moment.time.earliest(), moment.time.latest());
            assert!(from <= to, "it ends before it begins");
        }
        let Some(slot) = stamp.slot else {
            return;
        };
        assert_eq!(raw.len(), slot.form.length(), "{}", stamp.field.name);
        if let Origin::File(at) = slot.at {
            let there = usize::try_from(at)
                .ok()
                .and_then(|at| self.file.get(at..)?.get(..raw.len()));
            assert_eq!(there, Some(raw), "{} is elsewhere", stamp.field.name);
        }
    }

    fn disagreement(&mut self, _member: &[u8], disagreement: Disagreement) {
        assert!(disagreement.what.len() <= MOST_WORDS);
    }

    fn older(&mut self, _member: &[u8], _older: Older<'_>) {}

    fn flaw(&mut self, _member: &[u8], flaw: Flaw) {
        assert!(flaw.message.len() <= MOST_WORDS, "{flaw}");
    }
}

/// What a file comes to, whatever its format: the same, whether its times are told or only counted.
pub fn file(bytes: &[u8]) -> Tally {
    let mut limits = Limits::DEFAULT;
    (limits.decoded, limits.spool) = (DECODED, DECODED);
    let options = Options {
        limits,
        ..Options::default()
    };
    let stop = AtomicBool::new(false);
    let reads = |calm| {
        let mut judge = Judge {
            file: bytes,
            stamps: 0,
        };
        let tally = read(&bytes, &options, calm, &mut judge, &stop);
        (tally, judge.stamps)
    };
    let (every, told) = reads(Calm::NEVER);
    assert_eq!(every.stamps, told, "what is counted is told");
    let (quiet, fewer) = reads(Calm {
        from: Timestamp::DISTANT_PAST,
        to: Timestamp::DISTANT_FUTURE,
        possible: true,
        signatures: false,
        now: Timestamp::DISTANT_FUTURE,
    });
    assert!(fewer <= told);
    let counts = |tally: &Tally| (tally.entries, tally.stamps, tally.evidence, tally.undecided);
    assert_eq!(counts(&every), counts(&quiet), "it is counted otherwise");
    every
}

/// What a time says in a form that the first bytes choose, and that it reads back when it is written anew.
pub fn form(bytes: &[u8]) -> Option<Value> {
    let (which, raw) = bytes.split_first()?;
    let length = u8::try_from(raw.len()).ok()?;
    let form = match which % 12 {
        0 => Form::DosTimeDate,
        1 => Form::DosDateTime,
        2 => Form::Unix32Le,
        3 => Form::Unix32Be,
        4 => Form::Unix64Le,
        5 => Form::FileTime,
        6 => Form::Octal(length),
        7 => Form::Decimal(length),
        8 => Form::Hex(length),
        9 => Form::Base256(length),
        10 => Form::PaxDecimal(length),
        _ => Form::PngTime,
    };
    let value = form.decode(raw);
    let at = value.moment()?.written;
    if let Some(written) = form.encode(at, raw) {
        assert_eq!(written.len(), raw.len(), "{form:?}");
        let again = form.decode(&written);
        let again = again.moment().expect("what is written is a time").written;
        let lost = at.since(again);
        // DOS begins in 1980.
        let is_before = again > at && matches!(form, Form::DosTimeDate | Form::DosDateTime);
        assert!(
            is_before || (Span::ZERO..Span::from_secs(2)).contains(&lost),
            "{form:?}: {at} becomes {again}"
        );
    }
    Some(value)
}
