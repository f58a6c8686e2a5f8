//! Who can be asked the time: the table of sources.
//!
//! A source is written as an address, `scheme:rest`. Its answer is a [`Sample`]: an interval that held
//! the true time at one reading of the ruler, and how good a witness the source is.
//!
//! To add a source: write `source/<scheme>.rs` with its `SCHEME`, and list it below, twice.

mod fixed;
mod kernel;
mod system;

/// Every kind of source.
pub const SCHEMES: &[Scheme] = &[fixed::SCHEME, kernel::SCHEME, system::SCHEME];

use crate::sys::Boottime;
use crate::time::{Interval, ParseError, Span};
use std::fmt;

/// One kind of source.
#[derive(Debug)]
pub struct Scheme {
    /// What its addresses start with.
    pub name: &'static str,
    /// How its addresses are written.
    pub form: &'static str,
    /// What it is, in a line.
    pub summary: &'static str,
    /// How good a witness it is.
    pub class: Class,
    open: fn(&str) -> Result<Box<dyn Source>, AddressError>,
}

/// How good a witness of the time a source is, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Somebody who vouches for this run stated it.
    Stated,
    /// The builder's own clock, by what its kernel or its time daemon says of itself.
    SelfAsserted,
    /// The builder's own clock, of which nobody says anything.
    System,
}

impl Class {
    /// As the reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::SelfAsserted => "self-asserted",
            Self::System => "system",
        }
    }

    /// Whether it speaks for a clock other than the builder's, so that a release may rest on it.
    pub const fn is_independent(self) -> bool {
        matches!(self, Self::Stated)
    }

    /// Whether skewgate itself had the time from outside. No source here does yet: a stated time is
    /// somebody's word.
    pub const fn is_verified(self) -> bool {
        match self {
            Self::Stated | Self::SelfAsserted | Self::System => false,
        }
    }
}

/// Something that can be asked the time.
pub trait Source: Send + Sync + fmt::Debug {
    /// Asks it.
    ///
    /// # Errors
    /// When it has no answer, or none that can be relied on.
    fn sample(&self) -> Result<Sample, Refusal>;
}

/// What a source answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// How good a witness it is.
    pub class: Class,
    /// What the time was.
    pub time: Interval,
    /// When it was that.
    pub taken: Boottime,
    /// How the answer ages.
    pub carry: Carry,
}

/// How an answer is carried forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carry {
    /// By the ruler, which may be off by this many parts per million.
    Ruler {
        /// Parts per million.
        ppm: u32,
    },
    /// In steps of its own uncertainty, which covers the time within a step: what is made from a
    /// stated time can be made again exactly.
    Steps(Span),
}

impl Sample {
    /// What the time is at a later reading of the ruler.
    pub fn at(&self, ruler: Boottime) -> Interval {
        let elapsed = ruler.since(self.taken).max(Span::ZERO);
        match self.carry {
            Carry::Ruler { ppm } => self
                .time
                .later(elapsed)
                .widened(elapsed.parts_per_million(ppm)),
            Carry::Steps(step) => {
                let steps = elapsed.as_nanos() / step.as_nanos().max(1);
                self.time
                    .later(Span::from_nanos(steps.saturating_mul(step.as_nanos())))
            }
        }
    }
}

/// Why a source did not tell the time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The kernel's clock is kept by nobody.
    #[error("nothing keeps this machine's clock in step (adjtimex: not synchronised)")]
    Unsynchronised,
    /// The system has no such source.
    #[error("this system does not say how its clock is kept")]
    Unsupported,
}

/// Why an address names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No scheme bears that name.
    #[error("`{address}` is no clock: sources are {known}")]
    Scheme {
        /// What was written.
        address: String,
        /// The forms there are.
        known: String,
    },
    /// Something stands behind a scheme that takes nothing.
    #[error("`{scheme}:` takes nothing behind the colon, not `{rest}`")]
    Surplus {
        /// The scheme.
        scheme: &'static str,
        /// What stands there.
        rest: String,
    },
    /// A time in the address cannot be read.
    #[error(transparent)]
    Time(#[from] ParseError),
}

/// A source, by the address it was named with.
#[derive(Debug)]
pub struct Named {
    /// The address.
    pub address: String,
    source: Box<dyn Source>,
}

impl Named {
    /// The source that an address names.
    ///
    /// # Errors
    /// When no scheme is called that, or the rest cannot be read.
    pub fn open(address: &str) -> Result<Self, AddressError> {
        let (name, rest) = address.split_once(':').unwrap_or((address, ""));
        let scheme = SCHEMES
            .iter()
            .find(|scheme| scheme.name == name && address.contains(':'));
        let scheme = scheme.ok_or_else(|| AddressError::Scheme {
            address: address.to_owned(),
            known: SCHEMES
                .iter()
                .map(|scheme| scheme.form)
                .collect::<Vec<_>>()
                .join(", "),
        })?;
        Ok(Self {
            address: address.to_owned(),
            source: (scheme.open)(rest)?,
        })
    }

    /// Asks it.
    ///
    /// # Errors
    /// When it has no answer that can be relied on.
    pub fn sample(&self) -> Result<Sample, Refusal> {
        self.source.sample()
    }
}

/// Refuses what stands behind a scheme that takes nothing.
fn nothing_behind(scheme: &'static str, rest: &str) -> Result<(), AddressError> {
    match rest {
        "" => Ok(()),
        _ => Err(AddressError::Surplus {
            scheme,
            rest: rest.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Carry, Class, Named, SCHEMES, Sample};
    use crate::sys::Boottime;
    use crate::time::{Interval, Span, Timestamp};

    #[test]
    fn an_address_needs_a_scheme_that_exists() {
        for address in ["", "fixed", "sundial:", ":", "2026-01-02T03:04:05Z"] {
            let error = Named::open(address).unwrap_err().to_string();
            assert!(
                error.contains(&format!("`{address}`")) && error.contains("kernel:"),
                "{error}"
            );
        }
        assert!(
            Named::open("kernel:now")
                .unwrap_err()
                .to_string()
                .contains("`now`")
        );
    }

    #[test]
    fn every_form_starts_with_its_scheme() {
        for scheme in SCHEMES {
            assert!(
                scheme.form.starts_with(&format!("{}:", scheme.name)),
                "{}",
                scheme.form
            );
        }
    }

    #[test]
    fn an_answer_ages_as_its_source_says() {
        let zero = Timestamp::from_unix(0, 0);
        let mut sample = Sample {
            class: Class::System,
            time: Interval::exactly(zero),
            taken: Boottime::at(0),
            carry: Carry::Ruler { ppm: 500 },
        };
        let ten = Timestamp::from_unix(10, 0);
        let later = Boottime::at(10_000_000_000);
        assert_eq!(
            sample.at(later),
            Interval::around(ten, Span::from_millis(5))
        );
        sample.carry = Carry::Steps(Span::from_secs(4));
        assert_eq!(
            sample.at(later),
            Interval::exactly(Timestamp::from_unix(8, 0))
        );
    }
}
