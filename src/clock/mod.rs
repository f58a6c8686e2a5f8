//! The clock that an audit trusts: what the sources agree on, carried along by the ruler.

mod agree;
mod ask;
mod builder;
mod jury;
mod live;
mod preset;
mod reading;
mod sources;

pub use ask::{Error, Options, Unwanted, ask, ask_unless};
pub use builder::Builder;
pub use live::{Live, during};
pub use preset::{CI_VARIABLES, PRESETS, Preset};
pub use reading::{Local, Reading, Trusted, Witness};
pub use sources::{AUTO, Sources, SourcesError};

use crate::source::{Carry, Class, Refusal, Sample};
use crate::sys::{Boottime, boottime};
use crate::time::{Interval, Order, Rate, Span};

/// What the time is, and who says so.
#[derive(Debug, Clone)]
pub struct Clock {
    /// What was agreed on.
    time: Interval,
    /// When it was that: when the sharpest of those who agree was asked.
    taken: Boottime,
    carry: Carry,
    class: Class,
    votes: Votes,
    answers: Vec<Answer>,
}

/// How an agreement came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Votes {
    /// How many agree.
    pub agreeing: usize,
    /// Of how many. Sources that have the time from each other have one vote.
    pub of: usize,
}

/// What one source said.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its address.
    pub address: String,
    /// The name of its kind.
    pub scheme: &'static str,
    /// What it said, or why it did not.
    pub said: Result<Sample, Refusal>,
    /// How it stands to what was agreed on.
    pub standing: Standing,
}

/// How a source stands to what was agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It did not answer, or there is no agreement.
    None,
    /// It overlaps the agreement, and is one of those whose word counts.
    Agrees,
    /// It overlaps the agreement, but better witnesses were there, so its word did not count.
    Follows,
    /// It lies outside.
    Outside {
        /// How far outside, at least.
        by: Span,
        /// Whether it is later than the agreement.
        is_later: bool,
    },
}

impl Clock {
    /// What the time is, or was, at a reading of the ruler.
    pub fn at(&self, ruler: Boottime) -> Interval {
        self.carry.from(self.time, ruler.since(self.taken))
    }

    /// What the time is now. Asked after something was read, it is no earlier than that.
    pub fn now(&self) -> Interval {
        self.at(boottime())
    }

    /// When the sources were asked: there it is sharpest.
    pub const fn taken(&self) -> Boottime {
        self.taken
    }

    /// How good a witness of it there is.
    pub const fn class(&self) -> Class {
        self.class
    }

    /// How many agree on it.
    pub const fn votes(&self) -> Votes {
        self.votes
    }

    /// What every source said.
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// Whether it is the same clock that was asked again: as good a witness, and of a time that can be.
    fn is_confirmed_by(&self, later: &Self) -> bool {
        later.class == self.class && later.time.order(self.at(later.taken)) == Order::Overlaps
    }

    /// The same clock asked again later, carried on at the rate that both together allow. Each time the
    /// ruler has run far enough for the rate to be known that much better.
    fn asked_again(&self, later: Self) -> Self {
        let rate = rate_between((self.time, self.taken), (later.time, later.taken));
        let carry = match (later.carry, rate) {
            (Carry::Ruler(known), Some(rate)) => {
                known.intersection(rate).map_or(later.carry, Carry::Ruler)
            }
            (Carry::Ruler(_) | Carry::Steps(_), _) => later.carry,
        };
        Self { carry, ..later }
    }
}

#[cfg(test)]
impl Clock {
    /// What comes of these answers.
    pub(crate) fn test(answers: Vec<Answer>) -> Self {
        jury::agree(answers, &Options::default()).expect("they agree")
    }
}

/// How fast true time ran on the ruler between two readings.
fn rate_between(
    (earlier, from): (Interval, Boottime),
    (later, to): (Interval, Boottime),
) -> Option<Rate> {
    let least = later.earliest()?.since(earlier.latest()?);
    let most = later.latest()?.since(earlier.earliest()?);
    Some(Rate::of((least, most), to.since(from))?.widened(Rate::UNSTEADY_PPM))
}

#[cfg(test)]
mod tests {
    use super::{Clock, Votes, rate_between};
    use crate::source::{Carry, Class};
    use crate::sys::Boottime;
    use crate::time::{Interval, Order, Rate, Span, Timestamp};
    use proptest::prelude::proptest;

    fn clock(time: Interval, taken: Boottime) -> Clock {
        Clock {
            time,
            taken,
            carry: Carry::Ruler(Rate::UNKNOWN),
            class: Class::Network,
            votes: Votes { agreeing: 1, of: 1 },
            answers: Vec::new(),
        }
    }

    proptest! {
        /// Two readings, however asymmetric, and any steady ruler: what they say of a later time holds it.
        #[test]
        fn asked_twice_a_clock_still_holds_the_truth(
            ppm in -400_000..400_000_i128,
            errors in proptest::array::uniform4(0..50_000_000_i128),
            baseline in 500_000_000..100_000_000_000_i128,
            after in 0..1_000_000_000_000_i128,
        ) {
            let truth = |ruler: i128| Timestamp::from_nanos(ruler + ruler * ppm / 1_000_000);
            let reading = |ruler: i128, early: i128, late: i128| {
                let at = truth(ruler);
                let time = Interval::between(at.earlier(Span::from_nanos(early)), at.later(Span::from_nanos(late)));
                clock(time, Boottime::at(ruler))
            };
            let [a, b, c, d] = errors;
            let once = reading(0, a, b);
            let twice = once.asked_again(reading(baseline, c, d));
            let ruler = baseline + after;
            let now = twice.at(Boottime::at(ruler));
            assert_eq!(now.order(Interval::exactly(truth(ruler))), Order::Overlaps);
            assert!(now.width() <= once.at(Boottime::at(ruler)).width().plus(twice.time.width()));
        }
    }

    #[test]
    fn a_clock_tells_what_the_time_was_and_will_be() {
        let zero = Interval::exactly(Timestamp::from_unix(0, 0));
        let clock = clock(zero, Boottime::at(0));
        let at = |seconds| clock.at(Boottime::at(0).later(Span::from_secs(seconds)));
        let between = |from, to| {
            Interval::between(Timestamp::from_unix(from, 0), Timestamp::from_unix(to, 0))
        };
        assert_eq!(
            [at(-10), at(0), at(10)],
            [between(-15, -5), zero, between(5, 15)]
        );
    }

    #[test]
    fn a_kernel_may_slew_after_the_rate_was_known() {
        let exactly = |nanos| {
            clock(
                Interval::exactly(Timestamp::from_nanos(nanos)),
                Boottime::at(nanos),
            )
        };
        let twice = exactly(0).asked_again(exactly(10_000_000_000));
        // A hundred seconds later, at 500 ppm.
        let truth = Timestamp::from_nanos(110_050_000_000);
        let now = twice.at(Boottime::at(110_000_000_000));
        assert_eq!(now.order(Interval::exactly(truth)), Order::Overlaps);
        assert!(now.width() < Span::from_millis(101), "{}", now.width());
    }

    #[test]
    fn a_rate_beyond_what_a_ruler_may_do_is_not_taken() {
        let at = |nanos| Interval::exactly(Timestamp::from_nanos(nanos));
        let first = clock(at(0), Boottime::at(0));
        // By the second reading true time ran four times as fast; and part of what another allows is too fast.
        let again = first.asked_again(clock(at(40_000_000_000), Boottime::at(10_000_000_000)));
        assert_eq!(again.carry, Carry::Ruler(Rate::UNKNOWN));
        let vague = Interval::around(Timestamp::from_nanos(2_000_000_000), Span::from_secs(2));
        let again = first.asked_again(clock(vague, Boottime::at(2_000_000_000)));
        assert_eq!(again.carry, Carry::Ruler(Rate::UNKNOWN));
    }

    #[test]
    fn two_readings_bound_the_rate() {
        let at = |seconds, error| {
            Interval::around(Timestamp::from_unix(seconds, 0), Span::from_millis(error))
        };
        // Twelve is the new ten: the ruler counts 12 s while 10 s pass.
        let rate = rate_between(
            (at(0, 1), Boottime::at(0)),
            (at(10, 1), Boottime::at(12_000_000_000)),
        );
        let (least, most) = rate.unwrap().over(Span::from_secs(120));
        assert!(least < Span::from_secs(100) && most > Span::from_secs(100));
        assert!(
            most.plus(Span::from_nanos(-least.as_nanos())) < Span::from_millis(200),
            "{least} {most}"
        );
        assert_eq!(
            rate_between((at(0, 1), Boottime::at(5)), (at(10, 1), Boottime::at(5))),
            None
        );
    }
}
