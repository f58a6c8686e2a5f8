//! What is in force: the command line over the environment over `skewgate.toml` over the profile.
//!
//! Every setting remembers where it came from, for `skewgate config show` and for messages.

mod clock;
mod embedded;
mod file;
mod profile;
mod record;
mod shape;
mod show;

pub use clock::{ClockGiven, ClockSettings, positive};
pub use embedded::{EmbeddedGiven, EmbeddedSettings, embedded, limit, receiver, zip_zone};
pub use file::{Error, File, find, load};
pub use profile::{PROFILES, Profile, profile};
pub use record::{RecordGiven, RecordSettings, ppm};
pub use shape::schema;

/// The commented configuration that `skewgate init` writes.
pub const TEMPLATE: &str = include_str!("template.toml");

/// What a configuration file is called.
pub const FILE_NAME: &str = "skewgate.toml";

use crate::rule::{Change, Level, RULES, Rule, Settings};
use crate::time::{Interval, Span};
use crate::walk::DEPTH_LIMIT;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// A setting and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value<T> {
    /// What it is.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Value<T> {
    /// A setting from somewhere.
    pub const fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The profile.
    Profile(&'static str),
    /// The file, at a line.
    File {
        /// Which file, as it was found.
        path: PathBuf,
        /// Which line, counted from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// A flag on the command line.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => write!(f, "default"),
            Self::Profile(name) => write!(f, "profile {name}"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) | Self::Flag(name) => write!(f, "{name}"),
        }
    }
}

/// The level to fail on; `None` for never.
pub type FailOn = Option<Level>;

/// What the command line and the environment set.
#[derive(Debug, Default)]
pub struct Given {
    /// The profile.
    pub profile: Option<Value<&'static Profile>>,
    /// What to audit.
    pub paths: Option<Value<Vec<PathBuf>>>,
    /// The level to fail on.
    pub fail_on: Option<Value<FailOn>>,
    /// Whether what is only possible counts too.
    pub strict: Option<Value<bool>>,
    /// What every rule lets pass.
    pub tolerance: Option<Value<Span>>,
    /// Patterns of what to audit, from the current directory.
    pub include: Vec<Value<String>>,
    /// Patterns of what not to, from the current directory.
    pub exclude: Vec<Value<String>>,
    /// Whether to stay on the file system of each root.
    pub one_file_system: Option<Value<bool>>,
    /// How many levels to go down.
    pub depth_limit: Option<Value<u32>>,
    /// How many threads.
    pub threads: Option<Value<NonZeroUsize>>,
    /// The trusted clock.
    pub clock: ClockGiven,
    /// The build's records.
    pub record: RecordGiven,
    /// What is looked into.
    pub embedded: EmbeddedGiven,
}

/// What is in force.
#[derive(Debug)]
pub struct Effective {
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// The folder that patterns with a slash begin in.
    pub base: PathBuf,
    /// The profile.
    pub profile: Value<&'static Profile>,
    /// What to audit; empty for the usual output folders.
    pub paths: Value<Vec<PathBuf>>,
    /// The level to fail on.
    pub fail_on: Value<FailOn>,
    /// Whether what is only possible counts too.
    pub strict: Value<bool>,
    /// What every rule lets pass unless it says otherwise.
    pub tolerance: Value<Span>,
    /// Patterns of what to audit.
    pub include: Vec<Value<String>>,
    /// Patterns of what not to.
    pub exclude: Vec<Value<String>>,
    /// Whether to stay on the file system of each root.
    pub one_file_system: Value<bool>,
    /// How many levels to go down.
    pub depth_limit: Value<u32>,
    /// How many threads; `None` to suit the machine.
    pub threads: Value<Option<NonZeroUsize>>,
    /// The trusted clock.
    pub clock: ClockSettings,
    /// The build's records.
    pub record: RecordSettings,
    /// What is looked into.
    pub embedded: EmbeddedSettings,
    /// How single rules differ, in the order in which they were changed.
    pub rules: Vec<Value<Change>>,
    /// How rules differ below some paths.
    pub places: Vec<Place>,
    /// What is known and accepted.
    pub accepted: Vec<Accepted>,
}

/// How rules differ below some paths.
#[derive(Debug, Clone)]
pub struct Place {
    /// Where, as patterns.
    pub patterns: Vec<String>,
    /// What differs.
    pub changes: Vec<Change>,
    /// Where that stands.
    pub origin: Origin,
}

/// Findings that are known and accepted.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Of which rule.
    pub rule: &'static Rule,
    /// On which paths; none for findings about the build.
    pub patterns: Vec<String>,
    /// Why.
    pub reason: String,
    /// Until when.
    pub expires: Option<Interval>,
    /// Where that stands.
    pub origin: Origin,
}

impl Effective {
    /// Puts together what was given, what the file says, and what the profile has.
    pub fn new(given: Given, file: Option<File>, current: &Path) -> Self {
        let base = file
            .as_ref()
            .map_or(current, |file| &*file.folder)
            .to_path_buf();
        let file = file.unwrap_or_default();
        let default = Value::new(
            PROFILES.first().unwrap_or(&profile::DEFAULT),
            Origin::Default,
        );
        let profile = given.profile.or(file.profile).unwrap_or(default);
        let from_profile = Origin::Profile(profile.value.name);
        let own = &profile.value;
        let prefix = prefix(current, &base);
        let from_base = |patterns: Vec<Value<String>>| {
            patterns
                .into_iter()
                .map(|pattern| anchor(pattern, &prefix))
                .collect::<Vec<_>>()
        };
        let threads = given.threads.or(file.threads);
        Self {
            paths: pick(given.paths, file.paths, Vec::new(), &Origin::Default),
            fail_on: pick(given.fail_on, file.fail_on, own.fail_on, &from_profile),
            strict: pick(given.strict, file.strict, own.possible, &from_profile),
            tolerance: pick(
                given.tolerance,
                file.tolerance,
                own.tolerance,
                &from_profile,
            ),
            include: joined(file.include, from_base(given.include)),
            exclude: joined(file.exclude, from_base(given.exclude)),
            one_file_system: pick(
                given.one_file_system,
                file.one_file_system,
                false,
                &Origin::Default,
            ),
            depth_limit: pick(
                given.depth_limit,
                file.depth_limit,
                DEPTH_LIMIT,
                &Origin::Default,
            ),
            threads: threads.map_or(Value::new(None, Origin::Default), |set| {
                Value::new(Some(set.value), set.origin)
            }),
            clock: ClockSettings::new(given.clock, file.clock),
            record: RecordSettings::new(given.record, file.record),
            embedded: EmbeddedSettings::new(given.embedded, file.embedded),
            rules: file.rules,
            places: file.places,
            accepted: file.accepted,
            file: file.path,
            base,
            profile,
        }
    }

    /// How every rule stands where nothing differs.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::new(self.tolerance.value);
        for change in &self.rules {
            settings.change(&change.value);
        }
        settings
    }

    /// Who decided the level of a rule, and its tolerance.
    fn origins_of(&self, rule: &Rule) -> (&Origin, &Origin) {
        let is_own =
            |change: &&Value<Change>| change.value.rule.is_some_and(|own| own.id == rule.id);
        let last = |sets: fn(&Change) -> bool| {
            let mut own = self
                .rules
                .iter()
                .filter(is_own)
                .filter(|change| sets(&change.value));
            own.next_back().map(|change| &change.origin)
        };
        (
            last(|change| change.level.is_some()).unwrap_or(&Origin::Default),
            last(|change| change.tolerance.is_some()).unwrap_or(&self.tolerance.origin),
        )
    }
}

/// The first that says anything.
fn pick<T>(
    given: Option<Value<T>>,
    file: Option<Value<T>>,
    default: T,
    origin: &Origin,
) -> Value<T> {
    given
        .or(file)
        .unwrap_or_else(|| Value::new(default, origin.clone()))
}

fn joined<T>(mut first: Vec<T>, second: Vec<T>) -> Vec<T> {
    first.extend(second);
    first
}

/// The way from the base to the current directory, which command-line patterns start in.
fn prefix(current: &Path, base: &Path) -> String {
    let way = current.strip_prefix(base).unwrap_or(current);
    globset::escape(&way.to_string_lossy())
}

/// A pattern of the command line as one from the base.
fn anchor(pattern: Value<String>, prefix: &str) -> Value<String> {
    let Value { value, origin } = pattern;
    let stays = prefix.is_empty() || !value.contains('/') || value.starts_with('/');
    let plain = value.strip_prefix("./").unwrap_or(&value);
    let value = if stays {
        value
    } else {
        format!("{prefix}/{plain}")
    };
    Value { value, origin }
}

/// The word a person most likely meant.
pub fn did_you_mean<'word>(
    word: &str,
    known: impl IntoIterator<Item = &'word str>,
) -> Option<&'word str> {
    let distance = |other: &&str| strsim::damerau_levenshtein(word, other);
    let near = word.chars().count() / 3 + 1;
    known
        .into_iter()
        .filter(|other| distance(other) <= near)
        .min_by_key(distance)
}

/// The rule with this id, or who it may have been.
///
/// # Errors
/// With the sentence to show.
pub fn rule(id: &str) -> Result<&'static Rule, String> {
    crate::rule::find(id).ok_or_else(|| {
        let known = RULES.iter().map(|rule| rule.id);
        match did_you_mean(id, known) {
            Some(meant) => format!("there is no rule `{id}`; did you mean `{meant}`?"),
            None => format!("there is no rule `{id}`; see `skewgate list rules`"),
        }
    })
}

/// Reads a level to fail on.
///
/// # Errors
/// With the sentence to show.
pub fn fail_on(text: &str) -> Result<FailOn, String> {
    match text {
        "never" => Ok(None),
        "off" => Err("`off` is no level to fail on: write `never`".to_owned()),
        level => self::level(level).map(Some).map_err(|_unlike| {
            format!("`{level}` is no level to fail on: write error, warning, note or never")
        }),
    }
}

/// Reads a level.
///
/// # Errors
/// With the sentence to show.
pub fn level(text: &str) -> Result<Level, String> {
    let found = Level::ALL.into_iter().find(|level| level.name() == text);
    found.ok_or_else(|| format!("`{text}` is no level: write error, warning, note or off"))
}

#[cfg(test)]
mod tests {
    use super::{Effective, Given, Origin, Value, anchor, did_you_mean, fail_on, prefix};
    use crate::rule::Level;
    use std::path::Path;

    #[test]
    fn nearby_words_are_suggested_and_no_others() {
        let known = ["tolerance", "threads", "exclude"];
        assert_eq!(did_you_mean("tolerence", known), Some("tolerance"));
        assert_eq!(did_you_mean("thread", known), Some("threads"));
        assert_eq!(did_you_mean("verbosity", known), None);
    }

    #[test]
    fn a_pattern_of_the_command_line_starts_in_the_current_directory() {
        let from = |pattern: &str, current: &str| {
            let pattern = Value::new(pattern.to_owned(), Origin::Default);
            anchor(pattern, &prefix(Path::new(current), Path::new("/p"))).value
        };
        assert_eq!(from("dist/*.map", "/p"), "dist/*.map");
        assert_eq!(from("dist/*.map", "/p/sub"), "sub/dist/*.map");
        assert_eq!(from("./x", "/p/s[1]"), "s[[]1[]]/x");
        assert_eq!(from("*.map", "/p/sub"), "*.map");
        assert_eq!(from("/usr/lib", "/p/sub"), "/usr/lib");
        assert_eq!(from("a/b", "/elsewhere"), "/elsewhere/a/b");
    }

    #[test]
    fn the_command_line_wins_over_the_profile() {
        let flag = || Origin::Flag("--fail-on".to_owned());
        let given = Given {
            fail_on: Some(Value::new(None, flag())),
            ..Given::default()
        };
        let effective = Effective::new(given, None, Path::new("/p"));
        assert_eq!(effective.fail_on, Value::new(None, flag()));
        assert_eq!(effective.strict.origin, Origin::Profile("default"));
    }

    #[test]
    fn a_level_to_fail_on_is_checked() {
        assert_eq!(fail_on("warning"), Ok(Some(Level::Warning)));
        assert_eq!(fail_on("never"), Ok(None));
        assert!(fail_on("fatal").unwrap_err().contains("`fatal`"));
        assert!(fail_on("off").unwrap_err().contains("never"));
    }
}
