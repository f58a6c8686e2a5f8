//! `chrony:`, the builder's clock by what the chronyd that keeps it says: the suspect's own word, by
//! somebody who has asked others.
//!
//! What chronyd says is had from `chronyc -c tracking`, chrony's own program, because its protocol is its
//! own affair.

mod program;
mod sources;
pub(in crate::source) mod tracking;

use super::kernel::{SLEW, of_builder};
use super::{AddressError, Budget, Class, Options, Refusal, Sample, Scheme, Source};
use crate::sys::{Boottime, boottime, raw_wall_clock, wall_clock};
use crate::time::{Interval, Rate, Span, Timestamp};
pub(crate) use sources::{Heard, heard};
use tracking::Tracking;

/// The most that chronyd lets a clock gain or lose to bring it right (`maxslewrate`, at most a tenth).
const FASTEST_SLEW: Rate = Rate::within(100_000);

pub(super) const SCHEME: Scheme = Scheme {
    name: "chrony",
    form: "chrony:[/path/to/chronyd.sock]",
    summary: "this machine's clock, as sure as its chronyd says it is (chronyc tracking)",
    class: Class::SelfAsserted,
    open,
};

#[derive(Debug)]
struct Chrony {
    /// Its command socket; `None` for where chronyc looks by itself.
    socket: Option<String>,
    allow_local_reference: bool,
}

fn open(rest: &str, options: &Options) -> Result<Box<dyn Source>, AddressError> {
    let socket = match rest {
        "" => None,
        // chronyc takes a comma for the end of one address and the start of another.
        path if path.starts_with('/') && !path.contains([',', '\0']) => Some(path.to_owned()),
        _ => {
            return Err(AddressError::Behind {
                scheme: SCHEME.name,
                rest: rest.to_owned(),
                why: "write the path of chronyd's command socket, without a comma, or nothing for the usual one",
            });
        }
    };
    Ok(Box::new(Chrony {
        socket,
        allow_local_reference: options.allow_local_reference,
    }))
}

impl Source for Chrony {
    fn sample(&self, budget: Budget) -> Result<Sample, Refusal> {
        let mut arguments = vec!["-n", "-c"];
        if let Some(socket) = &self.socket {
            arguments.extend(["-h", socket]);
        }
        arguments.push("tracking");
        let asked = boottime();
        let said = program::ask("chronyc", &arguments, budget)?;
        let taken = boottime();
        // The kernel's own clock is what chronyd corrects, not what a preloaded library makes of it.
        let clock = raw_wall_clock().unwrap_or_else(wall_clock);
        let tracking = Tracking::parse(&said).map_err(Refusal::Malformed)?;
        tracking.admit(self.allow_local_reference)?;
        Ok(answer(&tracking, clock, taken, taken.since(asked)))
    }
}

/// What chronyd's word amounts to, of a clock read at `taken`, when it took this long to have it.
pub(in crate::source) fn answer(
    tracking: &Tracking,
    clock: Timestamp,
    taken: Boottime,
    took: Span,
) -> Sample {
    // While it was on its way the clock was slewed on.
    let (least, most) = FASTEST_SLEW.over(took);
    let slewed = most.plus(Span::from_nanos(-least.as_nanos()));
    let time = Interval::around(clock.later(tracking.correction), tracking.uncertainty())
        .widened(slewed.half());
    let mut evidence = of_builder();
    evidence.facts = tracking.facts();
    Sample {
        class: SCHEME.class,
        time,
        taken,
        carry: SLEW,
        evidence,
    }
}

#[cfg(test)]
mod tests {
    use super::tracking::Tracking;
    use super::{answer, open};
    use crate::source::{Options, Upstream};
    use crate::sys::Boottime;
    use crate::time::{Interval, Span, Timestamp};

    #[test]
    fn the_clock_is_brought_right_by_the_correction_and_widened_by_the_rest() {
        let line =
            "0A000001,10.0.0.1,3,1795186402.0,-2.5,0.0,0.0,-1.5,0.0,0.1,0.010,0.001,64.0,Normal\n";
        let tracking = Tracking::parse(line).unwrap();
        let clock = Timestamp::from_unix(1000, 0);
        let sample = answer(&tracking, clock, Boottime::at(7), Span::from_millis(10));
        // Half the delay, the dispersion, a tenth of the 10 ms, and what 24 bits cannot say.
        let error = Span::from_millis(5 + 1 + 1);
        let right = Interval::around(Timestamp::from_unix(997, 500_000_000), error);
        assert_eq!(sample.time.intersection(right), Some(right));
        assert!(sample.time.width().as_nanos() - right.width().as_nanos() < 2_000);
        assert_eq!(sample.taken, Boottime::at(7));
        assert_eq!(sample.evidence.upstreams, [Upstream::Builder]);
    }

    #[test]
    fn a_socket_is_a_path() {
        for rest in ["", "/run/chrony/chronyd.sock"] {
            assert!(open(rest, &Options::default()).is_ok(), "{rest}");
        }
        for rest in ["time.example", "run/chronyd.sock", "/a,/b", "/a\0", "-h"] {
            let error = open(rest, &Options::default()).unwrap_err().to_string();
            assert!(error.contains("command socket"), "{error}");
        }
    }
}
