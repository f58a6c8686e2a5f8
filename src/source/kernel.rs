//! `kernel:`, the builder's clock by its kernel's NTP state: the suspect's own word, with a width.

use super::{AddressError, Carry, Class, Refusal, Sample, Scheme, Source, nothing_behind};
use crate::sys::{boottime, discipline, wall_clock};
use crate::time::Interval;

/// The most a kernel slews its clock, and with it the ruler (`MAXFREQ`, 500 ppm).
pub(super) const SLEW: Carry = Carry::Ruler { ppm: 500 };

pub(super) const SCHEME: Scheme = Scheme {
    name: "kernel",
    form: "kernel:",
    summary: "this machine's clock, as sure as its kernel says it is (adjtimex), if it is kept at all",
    class: Class::SelfAsserted,
    open,
};

#[derive(Debug)]
struct Kernel;

fn open(rest: &str) -> Result<Box<dyn Source>, AddressError> {
    nothing_behind(SCHEME.name, rest)?;
    Ok(Box::new(Kernel))
}

impl Source for Kernel {
    fn sample(&self) -> Result<Sample, Refusal> {
        let state = discipline().ok_or(Refusal::Unsupported)?;
        if !state.synchronised {
            return Err(Refusal::Unsynchronised);
        }
        let taken = boottime();
        let time = Interval::around(wall_clock(), state.max_error);
        Ok(Sample {
            class: SCHEME.class,
            time,
            taken,
            carry: SLEW,
        })
    }
}
