//! `clock-skewed`: the builder's clock is wrong.

use super::{Bound, BoundName, BuildFacts, Certainty, Check, Level, Observation, Rule};
use crate::clock::Reading;
use crate::time::Interval;

pub(super) const RULE: Rule = Rule {
    id: "clock-skewed",
    summary: "the builder's clock is off from the trusted time",
    level: Level::Error,
    why: "\
What the compiler, the linker, the packer and the signer write as \"now\" comes from this clock. A clock \
that is ahead makes deliverables from the future, which uploads refuse and incremental builds stumble \
over; one that is behind makes signatures that are not yet valid. It is held against sources outside \
this machine only: a clock that somebody stated judges artifacts, not the builder.",
    example: "\
    error clock-skewed\n      \
clock 2026-11-26T14:59:15Z is 3 d after trusted now (2026-11-23T14:59:15Z)",
    remedy: "\
Set the builder's clock right, then build again. On a virtual machine look at its host first: a timer \
that runs fast is often the host's CPU frequency scaling, and nothing inside the guest mends that.",
    checks: &[Check::Build(judge)],
};

fn judge(facts: &BuildFacts<'_>) -> Vec<Observation> {
    let now = now(facts);
    let then = facts.record.into_iter().flat_map(|(documented, account)| {
        let readings = documented.read.as_ref().ok().filter(|_| !account.is_void());
        readings.into_iter().flat_map(|record| &record.readings)
    });
    let then = then.filter_map(|taken| then_at(&taken.reading, facts));
    // Told once: where it is furthest off.
    let worst = now
        .into_iter()
        .chain(then)
        .max_by_key(|seen| (seen.certainty, seen.by()));
    worst.into_iter().collect()
}

/// What it is off now.
fn now(facts: &BuildFacts<'_>) -> Option<Observation> {
    if !facts.clock.class().is_verified() {
        return None;
    }
    let trusted = facts.clock.at(facts.clock.taken());
    let seen = Interval::exactly(facts.builder.at(facts.clock.taken()));
    let certainty = Certainty::apart(seen, trusted, facts.tolerance)?;
    Some(Observation::of_clock("clock", seen, trusted, certainty))
}

/// What it was off at a reading of the build's record.
fn then_at(reading: &Reading, facts: &BuildFacts<'_>) -> Option<Observation> {
    let trusted = reading.trusted.as_ref().ok()?;
    let seen = reading.local.clocks.wall_at(trusted.taken);
    let certainty = Certainty::apart(seen, trusted.time, facts.tolerance)?;
    let bound = Bound {
        name: BoundName::Then,
        at: trusted.time,
    };
    let is_verified = trusted.class.is_verified();
    is_verified.then(|| Observation::of_time("clock", seen, bound, certainty))
}

#[cfg(test)]
pub(super) mod tests {
    use super::{judge, then_at};
    use crate::clock::{Answer, Builder, Clock, Local, Reading, Standing};
    use crate::rule::{BuildFacts, Certainty};
    use crate::source::{Carry, Class, Evidence, Sample};
    use crate::sys::{Boottime, Discipline};
    use crate::time::{Interval, Rate, Span, Timestamp};

    /// A second of the trusted time, counted from when the sources were asked.
    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_800_000_000 + seconds, 0)
    }

    /// An answer that is so many seconds off, and was had so many seconds on the ruler after zero.
    pub(in crate::rule) fn answer(
        scheme: &'static str,
        class: Class,
        off: i64,
        after: i64,
    ) -> Answer {
        Answer {
            address: format!("{scheme}:{off}"),
            scheme,
            standing: Standing::None,
            said: Ok(Sample {
                class,
                time: Interval::around(at(off + after), Span::from_secs(1)),
                taken: Boottime::at(0).later(Span::from_secs(after)),
                carry: Carry::Ruler(Rate::within(0)),
                evidence: Evidence::default(),
            }),
        }
    }

    /// A builder that is so many seconds off, looked at a hundred seconds on the ruler after zero.
    pub(in crate::rule) fn builder(off: i64, synchronised: bool) -> Builder {
        Builder {
            wall_clock: at(100 + off),
            taken: Boottime::at(100_000_000_000),
            discipline: Some(Discipline {
                synchronised,
                max_error: Span::ZERO,
                frequency: 0,
                tick: 10_000,
            }),
            interposed: None,
            faking: None,
        }
    }

    pub(in crate::rule) fn facts<'audit>(
        clock: &'audit Clock,
        builder: &'audit Builder,
    ) -> BuildFacts<'audit> {
        BuildFacts {
            now: clock.at(clock.taken()),
            clock,
            builder,
            source_date: None,
            record: None,
            drift_limit: 500,
            ignores: &[],
            tolerance: Span::from_secs(2),
        }
    }

    #[test]
    fn the_builder_is_held_against_an_outside_clock_as_of_when_that_was_asked() {
        let seen = |class, off| {
            let clock = Clock::test(vec![answer("test", class, 0, 7)]);
            let seen = judge(&facts(&clock, &builder(off, true)));
            seen.first()
                .map(|seen| (seen.certainty, seen.by().unwrap()))
        };
        let proven = |seconds| Some((Certainty::Proven, Span::from_secs(seconds)));
        assert_eq!(seen(Class::Network, 0), None);
        assert_eq!(seen(Class::Network, 1), None);
        assert_eq!(seen(Class::Host, 10), proven(9));
        assert_eq!(seen(Class::Authenticated, -10), proven(9));
        let possible = seen(Class::Network, 3).unwrap();
        assert_eq!(possible, (Certainty::Possible, Span::from_secs(2)));
        for own in [
            Class::Stated,
            Class::FileServer,
            Class::SelfAsserted,
            Class::System,
        ] {
            assert_eq!(seen(own, 1000), None, "{own:?}");
        }
    }

    #[test]
    fn a_reading_that_took_long_says_no_more_than_it_can() {
        let clock = Clock::test(vec![answer("test", Class::Network, 0, 7)]);
        let builder = builder(0, true);
        // The process stood still for five seconds while it read the clocks, in the midst of them.
        let reading = |ahead: i64| {
            let mut reading = Reading::by(Local::now(), &clock);
            let clocks = &mut reading.local.clocks;
            (clocks.taken, clocks.bracket) = (clock.taken(), Span::from_secs(5));
            clocks.wall = at(7 + ahead);
            then_at(&reading, &facts(&clock, &builder)).map(|seen| seen.by().unwrap())
        };
        assert_eq!([0, 3, 6].map(reading), [None; 3]);
        assert_eq!(reading(9), Some(Span::from_secs(3)));
        assert_eq!(reading(-4), Some(Span::from_secs(3)));
    }
}
