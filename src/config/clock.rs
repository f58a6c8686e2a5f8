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
            "`{text}` is too short: write a length of time above zero, such as 5s"
        ));
    }
    Ok(span)
}

#[cfg(test)]
mod tests {
    use super::{ClockGiven, ClockSettings};
    use crate::config::{Origin, Value};
    use crate::time::Span;
    use std::num::NonZeroUsize;
    use std::path::PathBuf;

    /// A place that sets everything, told apart by its number.
    fn given(number: u8, origin: &Origin) -> ClockGiven {
        let span = |seconds: i64| Value::new(Span::from_secs(seconds), origin.clone());
        let number_of = NonZeroUsize::new(number.into()).unwrap();
        ClockGiven {
            sources: Some(Value::new(vec![format!("fixed:@{number}")], origin.clone())),
            minimum: Some(Value::new(number_of, origin.clone())),
            timeout: Some(span(number.into())),
            max_uncertainty: Some(span(i64::from(number) + 100)),
            ca_file: Some(Value::new(
                PathBuf::from(number.to_string()),
                origin.clone(),
            )),
            allow_local_reference: Some(Value::new(number == 1, origin.clone())),
        }
    }

    /// What is in force, and who set it.
    fn in_force(settings: &ClockSettings) -> (String, Vec<Origin>) {
        let (asking, file) = (settings.of_agreement(), &settings.ca_file.value);
        let values = (
            &settings.sources.value,
            file,
            settings.allow_local_reference.value,
        );
        let origins = [
            &settings.sources.origin,
            &settings.minimum.origin,
            &settings.timeout.origin,
            &settings.max_uncertainty.origin,
            &settings.ca_file.origin,
            &settings.allow_local_reference.origin,
        ];
        let origins = origins.into_iter().cloned().collect();
        (format!("{values:?} {asking:?}"), origins)
    }

    #[test]
    fn the_command_line_wins_over_the_file_in_all_of_it() {
        let (flag, line) = (
            Origin::Flag("--clock".to_owned()),
            Origin::Environment("X".to_owned()),
        );
        let both = ClockSettings::new(given(1, &flag), given(2, &line));
        let first = ClockSettings::new(given(1, &flag), ClockGiven::default());
        assert_eq!(in_force(&both), in_force(&first));
        assert_eq!(in_force(&both).1, vec![flag; 6]);
        let second = ClockSettings::new(ClockGiven::default(), given(2, &line));
        let (values, origins) = in_force(&second);
        assert_eq!(origins, vec![line; 6]);
        assert!(
            values.contains("fixed:@2") && values.contains("minimum: 2"),
            "{values}"
        );
        let agreement = second.of_agreement();
        assert_eq!(agreement.timeout, Span::from_secs(2));
        assert_eq!(agreement.max_uncertainty, Some(Span::from_secs(102)));
    }

    #[test]
    fn sources_are_asked_as_is_in_force() {
        let origin = &Origin::Default;
        let mut settings = ClockSettings::new(given(1, origin), ClockGiven::default());
        let error = settings.of_sources().unwrap_err().to_string();
        assert!(
            error.starts_with("cannot read the certificate authorities in `1`"),
            "{error}"
        );
        settings.ca_file.value = None;
        let asking = settings.of_sources().unwrap();
        assert!(asking.allow_local_reference);
        assert_eq!(asking.max_uncertainty, Some(Span::from_secs(101)));
        let none = ClockSettings::new(ClockGiven::default(), ClockGiven::default());
        assert_eq!(none.sources.value, ["auto"]);
        assert!(!none.of_sources().unwrap().allow_local_reference);
    }
}
