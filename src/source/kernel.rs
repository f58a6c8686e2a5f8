//! `kernel:`, the builder's clock by its kernel's NTP state: the suspect's own word, with a width.

use super::{
    AddressError, Budget, Carry, Class, Evidence, Options, Refusal, Sample, Scheme, Source,
    Upstream, nothing_behind,
};
use crate::sys::{Boottime, Discipline, boottime, discipline, raw_wall_clock, wall_clock};
use crate::time::{Interval, Rate, Timestamp};

/// The most a kernel slews its clock, and with it the ruler (`MAXFREQ`, 500 ppm).
pub(super) const SLEW: Carry = Carry::Ruler(Rate::within(500));

/// What every word of the builder about itself has in common.
pub(super) fn of_builder() -> Evidence {
    Evidence {
        upstreams: vec![Upstream::Builder],
        ..Evidence::default()
    }
}

pub(super) const SCHEME: Scheme = Scheme {
    name: "kernel",
    form: "kernel:",
    summary: "this machine's clock, as sure as its kernel says it is (adjtimex), if it is kept at all",
    class: Class::SelfAsserted,
    open,
};

#[derive(Debug)]
struct Kernel;

fn open(rest: &str, _options: &Options) -> Result<Box<dyn Source>, AddressError> {
    nothing_behind(SCHEME.name, rest)?;
    Ok(Box::new(Kernel))
}

impl Source for Kernel {
    fn sample(&self, _budget: Budget) -> Result<Sample, Refusal> {
        let state = discipline();
        let taken = boottime();
        // What is kept is the kernel's own clock, not what a preloaded library makes of it.
        let kept = raw_wall_clock().unwrap_or_else(wall_clock);
        answer(state, kept, taken)
    }
}

/// What the kernel's word amounts to.
fn answer(
    state: Option<Discipline>,
    wall_clock: Timestamp,
    taken: Boottime,
) -> Result<Sample, Refusal> {
    let state = state.ok_or(Refusal::Unsupported)?;
    if !state.synchronised {
        return Err(Refusal::Unsynchronised);
    }
    let time = Interval::around(wall_clock, state.max_error);
    Ok(Sample {
        class: SCHEME.class,
        time,
        taken,
        carry: SLEW,
        evidence: of_builder(),
    })
}

#[cfg(test)]
mod tests {
    use super::answer;
    use crate::source::Refusal;
    use crate::sys::{Boottime, Discipline};
    use crate::time::{Interval, Span, Timestamp};

    #[test]
    fn a_kernel_is_believed_as_far_as_it_says_itself() {
        let max_error = Span::from_millis(40);
        let ask = |state| answer(state, Timestamp::from_unix(1000, 0), Boottime::at(0));
        let state = |synchronised| Discipline {
            synchronised,
            max_error,
            frequency: 0,
            tick: 10_000,
        };
        let time = Interval::around(Timestamp::from_unix(1000, 0), max_error);
        assert_eq!(ask(Some(state(true))).map(|sample| sample.time), Ok(time));
        assert_eq!(ask(Some(state(false))), Err(Refusal::Unsynchronised));
        assert_eq!(ask(None), Err(Refusal::Unsupported));
    }
}
