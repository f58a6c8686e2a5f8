//! Who can be asked the time: the table of sources.
//!
//! A source is written as an address, `scheme:rest`. Its answer is a [`Sample`]: an interval that held
//! the true time at one reading of the ruler, how good a witness the source is, and what speaks for it.
//!
//! To add a source: write `source/<scheme>.rs` with its `SCHEME`, and list it below, twice.

mod chrony;
mod filesystem;
mod fixed;
mod http;
mod https;
mod kernel;
mod ntp;
mod nts;
mod phc;
#[cfg(feature = "roughtime")]
mod roughtime;
mod system;
mod tsa;

/// Every kind of source, the best witnesses first.
pub const SCHEMES: &[Scheme] = &[
    nts::SCHEME,
    https::SCHEME,
    tsa::SCHEME,
    #[cfg(feature = "roughtime")]
    roughtime::SCHEME,
    ntp::SCHEME,
    http::SCHEME,
    phc::SCHEME,
    fixed::SCHEME,
    filesystem::SCHEME,
    chrony::SCHEME,
    kernel::SCHEME,
    system::SCHEME,
];

mod budget;
mod date;
// Only in a build for the fuzzers in `fuzz/`.
#[cfg(fuzzing)]
pub mod fuzzing;
mod net;
mod random;
mod refusal;
mod sample;

pub use budget::Budget;
pub(crate) use chrony::{Heard, heard};
pub use net::{Authorities, AuthoritiesError};
pub use phc::host_clocks;
pub(crate) use random::random;
pub use refusal::Refusal;
pub use sample::{Carry, Certificate, Class, Evidence, Sample, Token, Upstream};
pub use tsa::{Stamped, verify_token};

use crate::time::{ParseError, Span, Timestamp};
use std::fmt;

/// When this source was written: no true time is earlier. Moved forward by hand with a release, never by
/// the clock of the machine that builds it, so that the same source gives the same program.
pub const FLOOR: Timestamp = Timestamp::from_unix(1_793_491_200, 0); // 2026-11-01T00:00:00Z

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
    open: Open,
}

/// Reads what stands behind the scheme's colon.
type Open = fn(&str, &Options) -> Result<Box<dyn Source>, AddressError>;

/// How sources are asked.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whose word on a server's name is taken.
    pub authorities: Authorities,
    /// Whether a server that serves its own undisciplined clock counts.
    pub allow_local_reference: bool,
    /// How far off an answer may be to be of use; sources that can be asked more sharply are.
    pub max_uncertainty: Option<Span>,
}

/// Whether sources of this kind are outside the builder, so that what they say is verified.
pub fn is_outside(scheme: &str) -> bool {
    let mut schemes = SCHEMES.iter().filter(|other| other.name == scheme);
    schemes.any(|scheme| scheme.class.is_verified())
}

/// Something that can be asked the time.
pub trait Source: Send + Sync + fmt::Debug {
    /// Asks it.
    ///
    /// # Errors
    /// When it has no answer within the budget, or none that can be relied on.
    fn sample(&self, budget: Budget) -> Result<Sample, Refusal>;
}

/// Why an address names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No scheme bears that name.
    #[error("`{address}` is no clock; `skewgate list sources` shows what there is")]
    Scheme {
        /// What was written.
        address: String,
    },
    /// Something stands behind a scheme that takes nothing.
    #[error("`{scheme}:` takes nothing behind the colon, not `{rest}`")]
    Surplus {
        /// The scheme.
        scheme: &'static str,
        /// What stands there.
        rest: String,
    },
    /// What stands behind a scheme is not what it takes.
    #[error("`{scheme}:{rest}` names no clock: {why}")]
    Behind {
        /// The scheme.
        scheme: &'static str,
        /// What stands there.
        rest: String,
        /// What should.
        why: &'static str,
    },
    /// A server in the address cannot be read.
    #[error("`{server}` is no server: {why}")]
    Server {
        /// What was written.
        server: String,
        /// What is wrong with it.
        why: &'static str,
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
    /// The name of its kind.
    pub scheme: &'static str,
    source: Box<dyn Source>,
}

impl Named {
    /// The source that an address names.
    ///
    /// # Errors
    /// When no scheme is called that, or the rest cannot be read.
    pub fn open(address: &str, options: &Options) -> Result<Self, AddressError> {
        let (name, rest) = address.split_once(':').unwrap_or((address, ""));
        let scheme = SCHEMES
            .iter()
            .find(|scheme| scheme.name == name && address.contains(':'));
        let scheme = scheme.ok_or_else(|| AddressError::Scheme {
            address: address.to_owned(),
        })?;
        Ok(Self {
            address: address.to_owned(),
            scheme: scheme.name,
            source: (scheme.open)(rest, options)?,
        })
    }

    /// Asks it.
    ///
    /// # Errors
    /// When it has no answer within the budget, or none that can be relied on.
    pub fn sample(&self, budget: Budget) -> Result<Sample, Refusal> {
        let sample = self.source.sample(budget)?;
        match sample.time.latest() {
            Some(said) if sample.class.is_verified() && said < FLOOR => {
                Err(Refusal::BeforeFloor { said, floor: FLOOR })
            }
            _ => Ok(sample),
        }
    }
}

#[cfg(test)]
impl Named {
    /// The source that a test wishes for.
    pub(crate) fn test(address: &str, source: Box<dyn Source>) -> Self {
        Self {
            address: address.to_owned(),
            scheme: "test",
            source,
        }
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
    use super::{Named, Options, SCHEMES};

    #[test]
    fn an_address_needs_a_scheme_that_exists() {
        for address in ["", "fixed", "sundial:", ":", "2026-01-02T03:04:05Z"] {
            let error = Named::open(address, &Options::default())
                .unwrap_err()
                .to_string();
            assert!(error.contains(&format!("`{address}`")), "{error}");
        }
        assert!(
            Named::open("kernel:now", &Options::default())
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
}
