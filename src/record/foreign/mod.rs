//! What others write of when a build began or ended: the table of their records.
//!
//! A row reads one kind of record, and says what bounds it gives and whose clock they are by. No
//! signature is checked: what a record says is worth what the clock is worth that it was written by.
//!
//! To add a kind: write `record/foreign/<name>.rs` with its `PROVENANCE`, and list it below, twice.

mod azure;
mod buildinfo;
mod drone;
mod git;
mod github_event;
mod github_job;
mod github_run;
mod gitlab;
mod jenkins;
mod slsa_v02;
mod slsa_v1;
mod woodpecker;

/// Every kind of record that others write: files, then what CI systems say in the environment.
pub const PROVENANCES: &[Provenance] = &[
    slsa_v1::PROVENANCE,
    slsa_v02::PROVENANCE,
    buildinfo::PROVENANCE,
    github_run::PROVENANCE,
    github_job::PROVENANCE,
    github_event::PROVENANCE,
    gitlab::PROVENANCE,
    azure::PROVENANCE,
    jenkins::PROVENANCE,
    woodpecker::PROVENANCE,
    drone::PROVENANCE,
    git::PROVENANCE,
];

mod document;
mod error;
mod github;
mod json;
mod statement;
mod when;

pub use error::GivenError;

use super::stated;
use super::{Trust, Window, combined};
pub(crate) use document::unwrap_base64;
use document::{Document, LIMIT};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use when::{Wrong, brief};

/// What stands for whatever the CI system says in the environment.
pub const CI: &str = "ci";

/// What skewgate's own records have for their schema.
const OWN: &str = "skewgate/record/";

/// One kind of record that others write.
#[derive(Debug)]
pub struct Provenance {
    /// What it is called.
    pub name: &'static str,
    /// How it is named: `FILE`, `ci` (by variables), `git:REV`.
    pub form: &'static str,
    /// What it is, in a line.
    pub summary: &'static str,
    /// How far the best of its bounds can be relied on.
    pub trust: Trust,
    /// Which bounds it gives, from which fields.
    pub bounds: &'static str,
    /// What to mind.
    pub traps: &'static str,
    /// How it is used.
    pub example: &'static str,
    /// Why such a record may bound nothing, and what to do then.
    silent: &'static str,
    means: Means,
}

/// How a kind of record is read.
#[derive(Debug)]
enum Means {
    /// A file, known by what is in it.
    File {
        /// What it says; `None` where it is of another kind.
        read: fn(&Document<'_>) -> Option<Result<Window, Wrong>>,
        /// The variable in which a CI system names such a file.
        variable: Option<&'static str>,
    },
    /// The environment.
    Variables {
        /// Which variables matter.
        names: &'static [&'static str],
        /// What they say, given what each says.
        read: fn(&Said<'_>) -> Result<Window, Wrong>,
    },
    /// Something that the rest of the name tells.
    Prefix {
        /// What the name starts with.
        prefix: &'static str,
        /// What it says.
        read: fn(&str) -> Result<Window, stated::Error>,
    },
}

/// The environment: what a variable says.
pub type Variables<'run> = dyn Fn(&str) -> Option<OsString> + 'run;

/// What a variable says, as text; nothing where it is empty.
type Said<'run> = dyn Fn(&str) -> Option<String> + 'run;

impl Provenance {
    /// Whether it is a file.
    const fn is_file(&self) -> bool {
        matches!(self.means, Means::File { .. })
    }

    /// The variables in which it is looked for.
    fn variables(&self) -> &[&'static str] {
        match &self.means {
            Means::File { variable, .. } => variable.as_slice(),
            Means::Variables { names, .. } => names,
            Means::Prefix { .. } => &[],
        }
    }
}

/// What was found where a record was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// A record of skewgate's own, for the loader of those.
    Own(PathBuf),
    /// Records of others: what each says.
    Foreign(Vec<Window>),
}

/// What a record says that is named on the command line: `ci`, `git:REV`, or a file (write `./ci` for a file
/// of that name).
///
/// # Errors
/// When there is no such record, nobody knows it, or it says nothing, or what cannot be.
pub fn given(text: &str, variables: &Variables<'_>) -> Result<Given, GivenError> {
    if text == CI {
        return from_ci(variables).map(Given::Foreign);
    }
    for row in PROVENANCES {
        let Means::Prefix { prefix, read } = row.means else {
            continue;
        };
        let Some(rest) = text.strip_prefix(prefix) else {
            continue;
        };
        let window = read(rest).map_err(|source| GivenError::Revision {
            place: text.to_owned(),
            source,
        })?;
        return Ok(Given::Foreign(vec![window]));
    }
    from_file(Path::new(text), text, variables)
}

/// What a variable says, as text; nothing where it is empty.
fn said(variables: &Variables<'_>, name: &str) -> Option<String> {
    let text = variables(name)?.to_string_lossy().into_owned();
    (!text.is_empty()).then_some(text)
}

/// What every variable says that a CI system sets.
fn from_ci(variables: &Variables<'_>) -> Result<Vec<Window>, GivenError> {
    let said = |name: &str| said(variables, name);
    let mut windows = Vec::new();
    let mut silent = String::new();
    for row in PROVENANCES {
        match &row.means {
            Means::Variables { read, .. } => {
                let window =
                    read(&said).map_err(|wrong| GivenError::wrong(CI, row.name, &wrong))?;
                windows.extend((window != Window::default()).then_some(window));
            }
            Means::File {
                variable: Some(name),
                ..
            } => {
                let Some(path) = variables(name).filter(|path| !path.is_empty()) else {
                    continue;
                };
                match from_file(Path::new(&path), name, variables) {
                    Ok(Given::Foreign(found)) => windows.extend(found),
                    // Whoever runs a workflow elsewhere may leave no more than `{}` there.
                    Ok(Given::Own(_)) | Err(GivenError::Unknown { .. }) => {
                        silent = format!("{silent} ({name} names a file of another kind)");
                    }
                    Err(GivenError::Silent { why, .. }) => {
                        silent = format!("{silent} ({name}: {why})");
                    }
                    Err(error) => return Err(error),
                }
            }
            Means::File { variable: None, .. } | Means::Prefix { .. } => {}
        }
    }
    if !windows.is_empty() {
        return Ok(windows);
    }
    let names = PROVENANCES.iter().flat_map(Provenance::variables).copied();
    let looked_for = names.collect::<Vec<_>>().join(", ");
    Err(GivenError::NoCi { looked_for, silent })
}

/// What a file says, which messages call `place`.
fn from_file(path: &Path, place: &str, variables: &Variables<'_>) -> Result<Given, GivenError> {
    let bytes = read(path).map_err(|source| GivenError::Read {
        place: place.to_owned(),
        source,
    })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LIMIT {
        return Err(GivenError::Long {
            place: place.to_owned(),
            limit: LIMIT >> 20,
        });
    }
    recognised(&bytes, place, variables).map(|window| match window {
        Some(window) => Given::Foreign(vec![window]),
        None => Given::Own(path.to_owned()),
    })
}

/// No more of a file than shows that it is too long.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What a record says by what is in it; `None` for one of skewgate's own.
pub(super) fn recognised(
    bytes: &[u8],
    place: &str,
    variables: &Variables<'_>,
) -> Result<Option<Window>, GivenError> {
    let document = match Document::read(place, bytes, variables) {
        Ok(document) => document,
        // Its own loader can say best what is wrong with it.
        Err(_) if looks_own(bytes) => return Ok(None),
        Err(why) => {
            let place = place.to_owned();
            return Err(GivenError::Damaged { place, why });
        }
    };
    let schema = document.single().and_then(|own| json::text(own, "schema"));
    if schema.is_some_and(|schema| schema.starts_with(OWN)) {
        return Ok(None);
    }
    let mut rows = Vec::new();
    let mut windows = Vec::new();
    for row in PROVENANCES {
        let Means::File { read, .. } = row.means else {
            continue;
        };
        if let Some(read) = read(&document) {
            windows.push(read.map_err(|wrong| GivenError::wrong(place, row.name, &wrong))?);
            rows.push(row);
        }
    }
    let window = combined(windows).map_err(|contradiction| GivenError::Contradiction {
        place: place.to_owned(),
        contradiction,
    })?;
    match rows.first() {
        Some(_) if window != Window::default() => Ok(Some(window)),
        Some(row) => Err(GivenError::Silent {
            place: place.to_owned(),
            row: row.name,
            why: row.silent,
        }),
        None => Err(GivenError::Unknown {
            place: place.to_owned(),
            saw: document.look(),
        }),
    }
}

/// Whether bytes that cannot be read begin like a record of skewgate's own.
fn looks_own(bytes: &[u8]) -> bool {
    let start = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    start.windows(OWN.len()).any(|part| part == OWN.as_bytes())
}
