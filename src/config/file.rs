//! `skewgate.toml`: found upward, read strictly. A key that is not known is an error, because a policy
//! that is misspelt is a policy that is not in force.

use super::embedded::limit_name;
use super::record::is_file;
use super::shape::{
    ClockShape, EmbeddedShape, IgnoreShape, OneOrMore, PathShape, RecordShape, RuleShape, Shape,
};
use super::{
    Accepted, ClockGiven, EmbeddedGiven, FILE_NAME, FailOn, Origin, Place, Profile, RecordGiven,
    Value, did_you_mean, fail_on, level, positive, ppm, profile,
};
use crate::clock::{Sources, SourcesError};
use crate::record::TrustedKey;
use crate::rule::Change;
use crate::time::{Interval, Span, parse_duration};
use crate::walk::Patterns;
use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::value::Datetime;

/// Why a configuration is not in force.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something in it is wrong.
    #[error("{path}:{line}: {message}")]
    Invalid {
        /// The file.
        path: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong, and what to write instead.
        message: String,
    },
}

/// What a file says, checked.
#[derive(Debug, Default)]
pub struct File {
    pub(super) path: Option<PathBuf>,
    pub(super) folder: PathBuf,
    pub(super) profile: Option<Value<&'static Profile>>,
    pub(super) paths: Option<Value<Vec<PathBuf>>>,
    pub(super) fail_on: Option<Value<FailOn>>,
    pub(super) strict: Option<Value<bool>>,
    pub(super) tolerance: Option<Value<Span>>,
    pub(super) include: Vec<Value<String>>,
    pub(super) exclude: Vec<Value<String>>,
    pub(super) one_file_system: Option<Value<bool>>,
    pub(super) depth_limit: Option<Value<u32>>,
    pub(super) threads: Option<Value<NonZeroUsize>>,
    pub(super) clock: ClockGiven,
    pub(super) record: RecordGiven,
    pub(super) embedded: EmbeddedGiven,
    pub(super) rules: Vec<Value<Change>>,
    pub(super) places: Vec<Place>,
    pub(super) accepted: Vec<Accepted>,
}

impl File {
    /// What it says of the trusted clock.
    pub fn into_clock(self) -> ClockGiven {
        self.clock
    }

    /// What it says of looking into deliverables.
    pub fn into_embedded(self) -> EmbeddedGiven {
        self.embedded
    }
}

/// The file that is in force in a directory: there, or in the nearest directory above.
pub fn find(current: &Path) -> Option<PathBuf> {
    current
        .ancestors()
        .map(|folder| folder.join(FILE_NAME))
        .find(|path| path.is_file())
}

/// Reads a file.
///
/// # Errors
/// When it cannot be read, or something in it is not known or not valid.
pub fn load(path: &Path, current: &Path) -> Result<File, Error> {
    let shown = path.strip_prefix(current).unwrap_or(path).to_path_buf();
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: shown.display().to_string(),
        source,
    })?;
    let folder = current.join(path).parent().unwrap_or(current).to_path_buf();
    let source = Source {
        path: shown,
        text: &text,
        current,
        folder,
    };
    let shape: Shape = toml::from_str(&text).map_err(|error| {
        source.invalid(error.span().unwrap_or_default(), explained(error.message()))
    })?;
    source.check(shape)
}

/// Serde's message, with the word that was probably meant. Serde puts what it met first, in
/// backticks, and what it knows after it (`serde::de::Error::unknown_field`).
fn explained(message: &str) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    let unknown = message
        .starts_with("unknown field")
        .then(|| words.next())
        .flatten();
    let Some(unknown) = unknown else {
        // Serde names Rust's types.
        return message
            .replace("a nonzero usize", "a whole number above zero")
            .replace("a boolean", "true or false");
    };
    let known: Vec<&str> = words.collect();
    match did_you_mean(unknown, known.iter().copied()) {
        Some(meant) => format!("unknown key `{unknown}`; did you mean `{meant}`?"),
        None => format!("unknown key `{unknown}`; here are {}", known.join(", ")),
    }
}

/// The text of a file, to say where something stands.
struct Source<'text> {
    path: PathBuf,
    text: &'text str,
    current: &'text Path,
    folder: PathBuf,
}

impl Source<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        self.text
            .bytes()
            .take(span.start)
            .filter(|&byte| byte == b'\n')
            .count()
            + 1
    }

    fn origin(&self, span: &Range<usize>) -> Origin {
        Origin::File {
            path: self.path.clone(),
            line: self.line(span),
        }
    }

    fn invalid(&self, span: Range<usize>, message: impl fmt::Display) -> Error {
        Error::Invalid {
            path: self.path.display().to_string(),
            line: self.line(&span),
            message: message.to_string(),
        }
    }

    /// A value as it stands.
    fn plain<T>(&self, value: Spanned<T>) -> Value<T> {
        let origin = self.origin(&value.span());
        Value::new(value.into_inner(), origin)
    }

    /// A value that is read further.
    fn read<T, U, E: fmt::Display>(
        &self,
        value: Option<Spanned<T>>,
        read: impl Fn(T) -> Result<U, E>,
    ) -> Result<Option<Value<U>>, Error> {
        let Some(value) = value else { return Ok(None) };
        let span = value.span();
        let origin = self.origin(&span);
        match read(value.into_inner()) {
            Ok(read) => Ok(Some(Value::new(read, origin))),
            Err(message) => Err(self.invalid(span, message)),
        }
    }

    /// A path that the file names, which starts in the file's folder, from the current directory.
    fn relative(&self, path: &str) -> PathBuf {
        let path = self.folder.join(path);
        path.strip_prefix(self.current)
            .map(Path::to_path_buf)
            .unwrap_or(path)
    }

    fn check(&self, shape: Shape) -> Result<File, Error> {
        let from_folder = |paths: Vec<String>| -> Result<Vec<PathBuf>, String> {
            Ok(paths.iter().map(|path| self.relative(path)).collect())
        };
        let patterns = |patterns: Vec<Spanned<String>>| {
            let one = |pattern| {
                self.read(Some(pattern), |pattern: String| {
                    Patterns::new([&pattern]).map(|_compiled| pattern)
                })
            };
            patterns
                .into_iter()
                .filter_map(|pattern| one(pattern).transpose())
                .collect::<Result<Vec<_>, _>>()
        };
        let mut rules = Vec::new();
        for (id, setting) in shape.rules {
            let span = setting.span();
            let change =
                change(&id, setting.into_inner()).map_err(|why| self.invalid(span.clone(), why))?;
            rules.push(Value::new(change, self.origin(&span)));
        }
        let each_place = shape.path.into_iter().map(|place| self.place(place));
        let each_ignore = shape.ignore.into_iter().map(|ignore| self.ignore(ignore));
        Ok(File {
            path: Some(self.path.clone()),
            profile: self.read(shape.profile, |name| profile(&name))?,
            paths: self.read(shape.paths, from_folder)?,
            fail_on: self.read(shape.fail_on, |text| fail_on(&text))?,
            strict: shape.strict.map(|value| self.plain(value)),
            tolerance: self.read(shape.tolerance, |text| parse_duration(&text))?,
            include: patterns(shape.include)?,
            exclude: patterns(shape.exclude)?,
            one_file_system: shape.one_file_system.map(|value| self.plain(value)),
            depth_limit: shape.depth_limit.map(|value| self.plain(value)),
            threads: shape.threads.map(|value| self.plain(value)),
            clock: self.clock(shape.clock)?,
            record: self.record(shape.record)?,
            embedded: self.embedded(shape.embedded)?,
            rules,
            places: each_place.collect::<Result<_, _>>()?,
            accepted: each_ignore.collect::<Result<_, _>>()?,
            folder: self.folder.clone(),
        })
    }

    /// A source that the file names. A directory starts in the file's folder.
    fn source(&self, address: &str) -> String {
        let Some(directory) = address.strip_prefix("filesystem:") else {
            return address.to_owned();
        };
        let directory = self.relative(directory);
        // What is left of the folder itself is empty.
        let directory = directory.to_str().filter(|path| !path.is_empty());
        format!("filesystem:{}", directory.unwrap_or("."))
    }

    fn clock(&self, shape: ClockShape) -> Result<ClockGiven, Error> {
        let from_folder = |path: String| Ok::<_, Error>(self.relative(&path));
        Ok(ClockGiven {
            sources: self.read(shape.sources, |sources| {
                Sources::check(&sources)?;
                Ok::<_, SourcesError>(sources.iter().map(|source| self.source(source)).collect())
            })?,
            minimum: shape.minimum.map(|value| self.plain(value)),
            timeout: self.read(shape.timeout, |text| positive(&text))?,
            max_uncertainty: self.read(shape.max_uncertainty, |text| positive(&text))?,
            ca_file: self.read(shape.ca_file, from_folder)?,
            allow_local_reference: shape.allow_local_reference.map(|value| self.plain(value)),
        })
    }

    fn record(&self, shape: RecordShape) -> Result<RecordGiven, Error> {
        let from_folder = |name: String| match self.relative(&name).to_str() {
            _ if name.is_empty() => {
                Err("a record is a file, `ci` or git:REV, not nothing".to_owned())
            }
            Some(path) if is_file(&name) => Ok(path.to_owned()),
            _ => Ok(name),
        };
        Ok(RecordGiven {
            sources: self.read(shape.sources, |names| {
                let names = names.into_iter().map(from_folder);
                names.collect::<Result<_, String>>()
            })?,
            trusted_keys: self.read(shape.trusted_keys, |keys| {
                let keys = keys.iter().map(|key| key.parse::<TrustedKey>());
                keys.collect::<Result<_, _>>()
            })?,
            drift_limit: self.read(shape.drift_limit, |limit| ppm(&limit))?,
        })
    }

    fn embedded(&self, shape: EmbeddedShape) -> Result<EmbeddedGiven, Error> {
        let mut limits = Vec::new();
        for (name, value) in shape.limits {
            let limit = limit_name(&name).map_err(|why| self.invalid(value.span(), why))?;
            let value = self.plain(value);
            limits.push(Value::new((limit, value.value), value.origin));
        }
        Ok(EmbeddedGiven {
            files: self.read(shape.files, |text| super::embedded(&text))?,
            zip_zone: self.read(shape.zip_tz, |text| super::zip_zone(&text))?,
            local_headers: shape.local_headers.map(|value| self.plain(value)),
            limits,
            receivers: self.read(shape.receivers, |names| {
                let names = names.iter().map(|name| super::receiver(name));
                names.collect::<Result<_, String>>()
            })?,
        })
    }

    fn place(&self, place: Spanned<PathShape>) -> Result<Place, Error> {
        let span = place.span();
        let invalid = |why: String| self.invalid(span.clone(), why);
        let place = place.into_inner();
        let patterns = place.r#match.into_vec();
        Patterns::new(&patterns).map_err(|why| invalid(why.to_string()))?;
        let mut changes = Vec::new();
        if let Some(text) = place.tolerance {
            let tolerance = parse_duration(&text).map_err(|why| invalid(why.to_string()))?;
            changes.push(Change {
                rule: None,
                level: None,
                tolerance: Some(tolerance),
            });
        }
        for (id, setting) in place.rules {
            changes.push(change(&id, setting).map_err(invalid)?);
        }
        Ok(Place {
            patterns,
            changes,
            origin: self.origin(&span),
        })
    }

    fn ignore(&self, ignore: Spanned<IgnoreShape>) -> Result<Accepted, Error> {
        let span = ignore.span();
        let invalid = |why: String| self.invalid(span.clone(), why);
        let ignore = ignore.into_inner();
        let patterns = ignore.path.map(OneOrMore::into_vec).unwrap_or_default();
        Patterns::new(&patterns).map_err(|why| invalid(why.to_string()))?;
        if ignore.reason.trim().is_empty() {
            return Err(invalid(
                "an ignore needs its reason: say why this is accepted".to_owned(),
            ));
        }
        Ok(Accepted {
            rule: super::rule(&ignore.rule).map_err(invalid)?,
            patterns,
            reason: ignore.reason,
            expires: ignore
                .expires
                .map(|at| expiry(&at))
                .transpose()
                .map_err(invalid)?,
            origin: self.origin(&span),
        })
    }
}

fn change(id: &str, setting: RuleShape) -> Result<Change, String> {
    let rule = Some(super::rule(id)?);
    let (level, tolerance) = match setting {
        RuleShape::Level(level) => (Some(level), None),
        RuleShape::Both(both) => (both.level, both.tolerance),
    };
    Ok(Change {
        rule,
        level: level.map(|text| self::level(&text)).transpose()?,
        tolerance: tolerance
            .map(|text| parse_duration(&text).map_err(|why| why.to_string()))
            .transpose()?,
    })
}

/// The end of a term: the last instant of a day (in UTC), or an instant.
fn expiry(at: &Datetime) -> Result<Interval, String> {
    let text = at.to_string();
    let end = match (at.date, at.time, at.offset) {
        (Some(_), None, None) => format!("{text}T23:59:59Z"),
        _ => text.clone(),
    };
    let refused = || format!("`{text}` is no day: write one like 2027-01-31");
    let at = crate::time::parse_instant(&end)
        .ok()
        .and_then(Interval::latest)
        .ok_or_else(refused)?;
    Ok(Interval::exactly(at))
}
