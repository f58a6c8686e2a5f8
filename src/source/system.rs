//! `system:`, the builder's clock as it stands. Nobody vouches for it.

use super::kernel::{SLEW, of_builder};
use super::{
    AddressError, Budget, Class, Options, Refusal, Sample, Scheme, Source, nothing_behind,
};
use crate::sys::{boottime, wall_clock};
use crate::time::Interval;

pub(super) const SCHEME: Scheme = Scheme {
    name: "system",
    form: "system:",
    summary: "this machine's clock as it stands: the suspect itself, when nobody else can be asked",
    class: Class::System,
    open,
};

#[derive(Debug)]
struct System;

fn open(rest: &str, _options: &Options) -> Result<Box<dyn Source>, AddressError> {
    nothing_behind(SCHEME.name, rest)?;
    Ok(Box::new(System))
}

impl Source for System {
    fn sample(&self, _budget: Budget) -> Result<Sample, Refusal> {
        let taken = boottime();
        let time = Interval::exactly(wall_clock());
        Ok(Sample {
            class: SCHEME.class,
            time,
            taken,
            carry: SLEW,
            evidence: of_builder(),
        })
    }
}
