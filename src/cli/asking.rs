//! Whom a command asks the time, and how: by the command line, the environment and the configuration.

use super::Failure;
use super::args::{ClockArgs, FileArgs};
use super::audit::configured;
use crate::clock::{self, Clock, Sources, Unwanted, ask_unless};
use crate::config::{ClockSettings, File};
use clap::ArgMatches;
use std::path::Path;

/// What is in force of the clock, for a command that needs nothing else of the configuration.
pub(super) fn settings(
    clock: &ClockArgs,
    file: &FileArgs,
    matches: &ArgMatches,
    current: &Path,
) -> Result<ClockSettings, Failure> {
    let file = configured(file, current)?.map(File::into_clock);
    Ok(ClockSettings::new(
        clock.given(matches),
        file.unwrap_or_default(),
    ))
}

/// Whom to ask the time, and how.
#[derive(Debug, Clone)]
pub(super) struct Asking {
    pub(super) sources: Sources,
    pub(super) options: clock::Options,
}

impl Asking {
    /// As these settings say.
    pub(super) fn by(settings: &ClockSettings) -> Result<Self, Failure> {
        let asking = settings.of_sources()?;
        Ok(Self {
            sources: Sources::open(&settings.sources.value, &asking)?,
            options: settings.of_agreement(),
        })
    }

    /// Asks, unless it is no longer wanted.
    pub(super) fn ask(&self, is_unwanted: Unwanted<'_>) -> Result<Clock, clock::Error> {
        ask_unless(&self.sources, &self.options, is_unwanted)
    }
}
