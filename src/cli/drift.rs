//! `skewgate drift`: how the clock ran over a build, or the clocks of a fleet over many.

use super::args::DriftArgs;
use super::{Exit, Failure, output};
use crate::drift::Claim;
use crate::record::{BuildDrift, Record, fleet};
use crate::report::{Drifts, Style, Unread, shown};
use clap::ColorChoice;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How deep folders are searched for records.
const DEEPEST: usize = 16;

/// How many records are read at most.
const MOST: usize = 10_000;

pub(super) fn run(args: &DriftArgs, color: ColorChoice) -> Result<Exit, Failure> {
    output::check(&args.output)?;
    let drifts = gathered(&args.records, args.limit, &load);
    if drifts.builds.is_empty() {
        return Err(nothing(&drifts));
    }
    let style = Style {
        colour: output::wants_colour(color),
        verbose: args.verbose,
    };
    for request in &args.output {
        request.write_drift(&drifts, style)?;
    }
    Ok(exit(&drifts))
}

/// Reads a record.
fn load(path: &Path) -> Result<Record, String> {
    Err(format!("`{}` is no record", path.display()))
}

/// Reads all that is named, and what is in folders that are.
fn gathered(
    paths: &[PathBuf],
    limit: u32,
    load: &dyn Fn(&Path) -> Result<Record, String>,
) -> Drifts {
    let mut found = Found::default();
    for path in paths {
        found.look(path);
    }
    let Found { files, mut unread } = found;
    let mut builds = Vec::new();
    for path in files {
        match load(&path) {
            Ok(record) => builds.push(BuildDrift::of(&path, &record, limit)),
            Err(reason) => unread.push(Unread { path, reason }),
        }
    }
    builds.sort_by(|one, other| (one.began, &one.path).cmp(&(other.began, &other.path)));
    unread.sort();
    Drifts {
        version: env!("CARGO_PKG_VERSION"),
        limit,
        builders: fleet(&builds),
        builds,
        unread,
    }
}

/// Where records are.
#[derive(Debug, Default)]
struct Found {
    files: Vec<PathBuf>,
    unread: Vec<Unread>,
}

impl Found {
    /// A file is a record, whatever it is called; a folder holds some.
    fn look(&mut self, path: &Path) {
        if path.is_dir() {
            self.search(path, 0);
        } else {
            self.add(path.to_owned());
        }
    }

    fn add(&mut self, path: PathBuf) {
        if self.files.len() < MOST {
            self.files.push(path);
        } else if self.files.len() == MOST {
            // Said once.
            let reason = format!("only the first {MOST} records are read: name fewer at once");
            if !self.unread.iter().any(|unread| unread.reason == reason) {
                self.unread.push(Unread { path, reason });
            }
        }
    }

    /// Every file below that is called like a record. Links to folders are not followed: they can lead round.
    fn search(&mut self, folder: &Path, depth: usize) {
        let entries = match listed(folder) {
            Ok(entries) => entries,
            Err(error) => {
                let reason = format!("cannot list the folder: {error}");
                let path = folder.to_owned();
                return self.unread.push(Unread { path, reason });
            }
        };
        for (path, is_folder) in entries {
            if !is_folder {
                if path
                    .extension()
                    .is_some_and(|extension| extension == "json")
                {
                    self.add(path);
                }
            } else if depth < DEEPEST {
                self.search(&path, depth + 1);
            } else {
                let reason = format!("folders are searched {DEEPEST} deep: name this one itself");
                self.unread.push(Unread { path, reason });
            }
        }
    }
}

/// What is in a folder, by name, and which of it are folders.
fn listed(folder: &Path) -> io::Result<Vec<(PathBuf, bool)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        all.push((entry.path(), entry.file_type()?.is_dir()));
    }
    all.sort();
    Ok(all)
}

/// No record could be read.
fn nothing(drifts: &Drifts) -> Failure {
    let mut failure =
        Failure::usage("there is no record to read: `skewgate begin` and `skewgate end` write one");
    let told = |unread: &Unread| format!("{}: {}", shown(&unread.path), shown(&unread.reason));
    failure.details = drifts.unread.iter().take(10).map(told).collect();
    failure
}

/// A clock that is proven to be bad comes before a record that cannot be read, and that before one that proves
/// nothing.
fn exit(drifts: &Drifts) -> Exit {
    if drifts.builds.iter().any(BuildDrift::is_bad) {
        Exit::Findings
    } else if !drifts.unread.is_empty() {
        Exit::Error
    } else if drifts
        .builds
        .iter()
        .all(|build| build.claim == Claim::Within)
    {
        Exit::Pass
    } else {
        Exit::NoVerdict
    }
}
