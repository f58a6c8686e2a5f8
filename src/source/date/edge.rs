//! The turn of a Date to the next second: where a clock of whole seconds is sharp.
//!
//! Many answers cannot simply be laid over one another: how much true time passed between two of them is
//! known no better than the ruler, which is the suspect. But between two requests close together little
//! can have passed, whatever the ruler's rate.

use super::reading::{Reading, SECOND};
use crate::source::Refusal;
use crate::sys::Boottime;
use crate::time::{Interval, Rate, Span, Timestamp};

/// How late a server may turn its Date: nginx asks for the time once each turn of its event loop. Servers
/// that keep a Date longer (see `KEPT`) cannot be told from ones whose clock is as much late; who wants it
/// sharper than a second must choose a server that does not.
const LATE: Span = Span::from_millis(100);

/// The least time between two requests, so that forty of them span a second, even by a ruler that is
/// half as fast again.
const LEAST_GAP: Span = Span::from_millis(40);

/// The most: the turn must not be passed over.
const MOST_GAP: Span = Span::from_millis(500);

/// How far apart requests may leave for an answer as narrow as `wanted`.
pub(super) fn gap(wanted: Span, round_trip: Span) -> Span {
    // The answer is as wide as half as much again of gap and round trip, and the lateness; a third is
    // left for what sleeps too long.
    let least = LEAST_GAP.max(round_trip).min(MOST_GAP);
    let spare = wanted.plus(negative(LATE)).half();
    spare.plus(negative(round_trip)).clamp(least, MOST_GAP)
}

const fn negative(span: Span) -> Span {
    Span::from_nanos(span.as_nanos().saturating_neg())
}

/// The search for the turn.
#[derive(Debug)]
pub(super) struct Hunt {
    first: Reading,
    last: Reading,
}

/// The turn, found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    /// What it turned to.
    pub(super) date: Timestamp,
    /// What the time was at `taken`.
    pub(super) time: Interval,
    pub(super) taken: Boottime,
    /// Between what requests it was found, by the ruler.
    pub(super) within: Span,
}

impl Hunt {
    pub(super) const fn from(first: Reading) -> Self {
        Self { first, last: first }
    }

    /// Takes the next answer in, which tells when the Date has turned.
    ///
    /// # Errors
    /// When no clock could have given the answers so far.
    pub(super) fn see(&mut self, next: Reading) -> Result<Option<Turn>, Refusal> {
        let contradiction = |what: &str| {
            let (from, to) = (self.last.date, next.date);
            Refusal::Inconsistent(format!("its Date {what}, from {from} to {to}"))
        };
        if next.date < self.last.date {
            return Err(contradiction("went back"));
        }
        if next.date == self.last.date {
            let seen = next.sent.since(self.first.received).max(Span::ZERO);
            let (least, _most) = Rate::UNKNOWN.over(seen);
            if least > SECOND.plus(LATE) {
                let why = format!("its Date stood still for {seen}: it may be one of a cache");
                return Err(Refusal::Inconsistent(why));
            }
            self.last = next;
            return Ok(None);
        }
        let within = next.received.since(self.last.sent);
        let (_least, most) = Rate::UNKNOWN.over(within);
        let latest = self.last.date.later(SECOND).later(LATE).later(most);
        if latest < next.date {
            return Err(contradiction(&format!("jumped within {within}")));
        }
        Ok(Some(Turn {
            date: next.date,
            time: Interval::between(next.date, latest),
            taken: next.received,
            within,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Hunt, LATE, gap};
    use crate::source::Refusal;
    use crate::source::date::reading::Reading;
    use crate::sys::Boottime;
    use crate::time::{Interval, Order, Span, Timestamp};
    use proptest::prelude::{prop, proptest};

    const MILLI: i128 = 1_000_000;

    fn at(date: i64, sent: i128, received: i128) -> Reading {
        Reading {
            date: Timestamp::from_unix(date, 0),
            sent: Boottime::at(sent * MILLI),
            received: Boottime::at(received * MILLI),
        }
    }

    #[test]
    fn the_turn_is_as_sharp_as_two_requests_are_close() {
        let mut hunt = Hunt::from(at(10, 0, 5));
        assert!(hunt.see(at(10, 60, 70)).unwrap().is_none());
        let turn = hunt.see(at(11, 120, 140)).unwrap().unwrap();
        let begun = Timestamp::from_unix(11, 0);
        let latest = begun.later(LATE).later(Span::from_millis(120));
        assert_eq!(turn.time, Interval::between(begun, latest));
        assert_eq!(turn.taken, Boottime::at(140 * MILLI));
        assert_eq!(turn.within, Span::from_millis(80));
    }

    #[test]
    fn what_no_clock_shows_is_a_contradiction() {
        let see = |next| {
            Hunt::from(at(10, 0, 5))
                .see(next)
                .map(|turn| turn.is_some())
        };
        let refused = |seen| matches!(seen, Err(Refusal::Inconsistent(_)));
        assert!(refused(see(at(9, 60, 70))), "back");
        assert!(refused(see(at(12, 60, 70))), "two seconds in 70 ms");
        assert_eq!(
            see(at(12, 60, 700)),
            Ok(true),
            "two seconds in a slow answer"
        );
        assert!(
            refused(see(at(10, 2206, 2210))),
            "still for longer than a second"
        );
        assert_eq!(
            see(at(10, 2204, 2210)),
            Ok(false),
            "perhaps still the same second"
        );
    }

    #[test]
    fn requests_are_as_close_as_the_wish_needs() {
        let of = |wanted, trip| gap(Span::from_millis(wanted), Span::from_millis(trip));
        assert_eq!(of(200, 0), Span::from_millis(50));
        assert_eq!(of(1000, 50), Span::from_millis(400));
        assert_eq!(of(5000, 0), Span::from_millis(500));
        assert_eq!(of(0, 0), Span::from_millis(40));
        assert_eq!(of(200, 90), Span::from_millis(90));
        assert_eq!(of(200, 9000), Span::from_millis(500));
    }

    proptest! {
        /// True time at a ruler reading is `start` and what `ppm` of the reading adds; the server's Date
        /// is `lag` late; each request and each answer takes its own time.
        #[test]
        fn the_true_time_is_in_every_answer(
            start in 0..1_000_000_000_i128, ppm in -500_000..=500_000_i128, lag in 0..=100_i128,
            gap in 10..500_i128, delays in prop::collection::vec((0..400_i128, 0..400_i128), 120),
        ) {
            let truth = |ruler: i128| {
                Timestamp::from_nanos(start + 1_000_000_000_000 + ruler * MILLI + ruler * MILLI * ppm / 1_000_000)
            };
            let mut sent = 0;
            let mut hunt: Option<Hunt> = None;
            let mut turned = false;
            for (there, back) in delays {
                let (written, received) = (sent + there, sent + there + back);
                let date = truth(written).earlier(Span::from_millis(i64::try_from(lag).unwrap())).seconds();
                let reading = at(date, sent, received);
                let now = Interval::exactly(truth(received));
                assert_eq!(reading.time().order(now), Order::Overlaps, "{reading:?} {now:?}");
                if let Some(hunt) = &mut hunt {
                    if let Some(turn) = hunt.see(reading).unwrap() {
                        assert_eq!(turn.time.order(now), Order::Overlaps, "{turn:?} {now:?}");
                        turned = true;
                        break;
                    }
                } else {
                    hunt = Some(Hunt::from(reading));
                }
                sent = received.max(sent + gap);
            }
            assert!(turned);
        }
    }
}
