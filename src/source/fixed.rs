//! `fixed:`, a time that somebody states. It judges artifacts, never the builder's clock.

use super::{
    AddressError, Budget, Carry, Class, Evidence, Options, Refusal, Sample, Scheme, Source,
};
use crate::sys::{Boottime, boottime};
use crate::time::{Interval, Span, parse_duration, parse_instant};

/// How far a stated time may be off unless it says so: the time it took to state it.
const ERROR: Span = Span::from_secs(1);

/// The least it may say: a clock has to move on.
const LEAST: Span = Span::from_millis(1);

pub(super) const SCHEME: Scheme = Scheme {
    name: "fixed",
    form: "fixed:INSTANT[±SPAN]",
    summary: "a time you state, off by a second at most unless it says otherwise (`+-` does for `±`)",
    class: Class::Stated,
    open,
};

#[derive(Debug)]
struct Fixed {
    time: Interval,
    error: Span,
    stated: Boottime,
}

fn open(rest: &str, _options: &Options) -> Result<Box<dyn Source>, AddressError> {
    let (instant, error) = match rest.split_once('±').or_else(|| rest.split_once("+-")) {
        Some((instant, error)) => (instant, parse_duration(error)?),
        None => (rest, ERROR),
    };
    let error = error.abs().max(LEAST);
    let at = parse_instant(instant)?;
    let start = at
        .earliest()
        .unwrap_or(crate::time::Timestamp::from_unix(0, 0));
    let time = Interval::around(start, error);
    Ok(Box::new(Fixed {
        time,
        error,
        stated: boottime(),
    }))
}

impl Source for Fixed {
    fn sample(&self, _budget: Budget) -> Result<Sample, Refusal> {
        Ok(Sample {
            class: SCHEME.class,
            time: self.time,
            taken: self.stated,
            carry: Carry::Steps(self.error),
            evidence: Evidence::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::open;
    use crate::source::{Budget, Options};
    use crate::time::{Interval, Span, Timestamp};

    fn time(rest: &str) -> Interval {
        open(rest, &Options::default())
            .unwrap()
            .sample(Budget::of(Span::ZERO))
            .unwrap()
            .time
    }

    #[test]
    fn a_stated_time_is_as_sure_as_it_says() {
        let at = Timestamp::from_unix(1_767_323_045, 0);
        assert_eq!(
            time("2026-01-02T03:04:05Z"),
            Interval::around(at, Span::from_secs(1))
        );
        assert_eq!(
            time("@1767323045±1m"),
            Interval::around(at, Span::from_secs(60))
        );
        assert_eq!(
            time("@1767323045+-500ms"),
            Interval::around(at, Span::from_millis(500))
        );
        assert_eq!(
            time("2026-01-02T04:04:05+01:00+-2s"),
            Interval::around(at, Span::from_secs(2))
        );
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for rest in ["", "yesterday", "@1±", "@1±sure", "±1s"] {
            assert!(open(rest, &Options::default()).is_err(), "{rest}");
        }
    }
}
