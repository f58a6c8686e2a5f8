//! `[clock]`: whom to ask the time, and what makes an agreement.

use super::{Origin, Value, pick};
use crate::clock::{self, AUTO};
use crate::source::{self, Authorities, AuthoritiesError};
use crate::time::{Span, parse_duration};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// What one place sets of it.
#[derive(Debug, Default)]
pub struct ClockGiven {
    /// Addresses, presets or `auto`.
    pub sources: Option<Value<Vec<String>>>,
    /// How many must agree.
    pub minimum: Option<Value<NonZeroUsize>>,
    /// How long to wait for all.
    pub timeout: Option<Value<Span>>,
    /// How far off the agreement may be.
    pub max_uncertainty: Option<Value<Span>>,
    /// A file of certificate authorities.
    pub ca_file: Option<Value<PathBuf>>,
    /// Whether a server's own undisciplined clock counts.
    pub allow_local_reference: Option<Value<bool>>,
}

/// What is in force of it.
#[derive(Debug)]
pub struct ClockSettings {
    /// Addresses, presets or `auto`.
    pub sources: Value<Vec<String>>,
    /// How many must agree.
    pub minimum: Value<NonZeroUsize>,
    /// How long to wait for all.
    pub timeout: Value<Span>,
    /// How far off the agreement may be; `None` for as far as it happens to be.
    pub max_uncertainty: Value<Option<Span>>,
    /// A file of certificate authorities to trust beside the bundled ones.
    pub ca_file: Value<Option<PathBuf>>,
    /// Whether a server's own undisciplined clock counts.
    pub allow_local_reference: Value<bool>,
}

impl ClockSettings {
    /// Puts together what was given and what the file says.
    pub fn new(given: ClockGiven, file: ClockGiven) -> Self {
        let default = clock::Options::default();
        let none = &Origin::Default;
        Self {
            sources: pick(given.sources, file.sources, vec![AUTO.to_owned()], none),
            minimum: pick(given.minimum, file.minimum, NonZeroUsize::MIN, none),
            timeout: pick(given.timeout, file.timeout, default.timeout, none),
            max_uncertainty: pick(
                some(given.max_uncertainty),
                some(file.max_uncertainty),
                None,
                none,
            ),
            ca_file: pick(some(given.ca_file), some(file.ca_file), None, none),
            allow_local_reference: pick(
                given.allow_local_reference,
                file.allow_local_reference,
                false,
                none,
            ),
        }
    }

    /// How each source is asked.
    ///
    /// # Errors
    /// When the authorities cannot be read.
    pub fn of_sources(&self) -> Result<source::Options, AuthoritiesError> {
        let authorities = self.ca_file.value.as_deref().map(Authorities::with_file);
        Ok(source::Options {
            authorities: authorities.transpose()?.unwrap_or_default(),
            allow_local_reference: self.allow_local_reference.value,
            max_uncertainty: self.max_uncertainty.value,
        })
    }

    /// How all are asked, and what makes an agreement.
    pub fn of_agreement(&self) -> clock::Options {
        clock::Options {
            minimum: self.minimum.value.get(),
            timeout: self.timeout.value,
            max_uncertainty: self.max_uncertainty.value,
        }
    }
}

fn some<T>(value: Option<Value<T>>) -> Option<Value<Option<T>>> {
    value.map(|Value { value, origin }| Value::new(Some(value), origin))
}

/// Reads a length of time that must be longer than nothing.
///
/// # Errors
/// With the sentence to show.
pub fn positive(text: &str) -> Result<Span, String> {
    let span = parse_duration(text).map_err(|error| error.to_string())?;
    if span <= Span::ZERO {
        return Err(format!(
            "`{text}` is no time to wait for: write one such as 5s"
        ));
    }
    Ok(span)
}
