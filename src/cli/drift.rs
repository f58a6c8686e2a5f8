//! `skewgate drift`: how the clock ran over a build, or the clocks of a fleet over many.

use super::output::Request;
use super::{Exit, Failure, output};
use crate::config::ppm;
use crate::drift::Claim;
use crate::record::{self, BuildDrift, LoadError, Record, fleet};
use crate::report::{Drifts, Style, Unread, shown};
use clap::{Args, ColorChoice};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How deep folders are searched for records.
const DEEPEST: usize = 16;

/// How many records are read at most.
const MOST: usize = 10_000;

#[derive(Debug, Args)]
pub(super) struct DriftArgs {
    /// Records, or folders with records (every *.json below)
    #[arg(value_name = "RECORD", required = true)]
    records: Vec<PathBuf>,
    /// How far a rate may be off
    #[arg(long, value_name = "PPM", value_parser = ppm, default_value = "500ppm")]
    limit: u32,
    /// A report to write: human, json or ndjson, to standard output or to a file; repeatable
    #[arg(short, long, value_name = "NAME[=FILE]", value_parser = Request::parse, value_delimiter = '\n')]
    #[arg(default_value = "human", help_heading = "Output")]
    output: Vec<Request>,
    /// List every reading, or every build of a fleet
    #[arg(short, long, help_heading = "Output")]
    verbose: bool,
}

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

/// Reads a record. What is wrong with it is told beside its path.
fn load(path: &Path) -> Result<Record, String> {
    record::load(path).map_err(|error| match error {
        LoadError::Missing { .. } => "it is not there".to_owned(),
        LoadError::Read { source, .. } => source.to_string(),
        LoadError::Damaged { why, .. } => why,
    })
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

#[cfg(test)]
mod tests {
    use super::{exit, gathered, nothing};
    use crate::cli::Exit;
    use crate::drift::tests::{MILLI, Machine, SECOND};
    use crate::record::Record;
    use crate::record::sample::{minutes, record};
    use crate::report::Drifts;
    use std::fs;
    use std::path::{Path, PathBuf};

    /// A record with the rate and the builder that a file names.
    fn load(path: &Path) -> Result<Record, String> {
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let mut machine = match text.as_str() {
            "fast" => Machine::even(-200 * MILLI),
            "good" | "set" | "vague" => Machine::even(0),
            _ => return Err(format!("`{text}` is no record")),
        };
        if text == "set" {
            machine.walls.push((70 * SECOND, 0));
        }
        let mut readings = minutes(&machine, 0);
        if text == "vague" {
            readings.truncate(1);
        }
        Ok(record(&text, readings))
    }

    fn of(files: &[(&str, &str)], named: &[&str]) -> Drifts {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            #[expect(clippy::disallowed_methods, reason = "a test's own file")]
            fs::write(path, text).unwrap();
        }
        let named: Vec<PathBuf> = named.iter().map(|name| folder.path().join(name)).collect();
        gathered(&named, 500, &load)
    }

    #[test]
    fn a_clock_that_is_proven_to_be_bad_comes_first() {
        let exits = |texts: &[&'static str]| {
            let names: Vec<String> = (0..texts.len())
                .map(|index| format!("{index}.json"))
                .collect();
            let files: Vec<(&str, &str)> = names
                .iter()
                .map(String::as_str)
                .zip(texts.iter().copied())
                .collect();
            exit(&of(&files, &["."]))
        };
        assert_eq!(exits(&["good"]), Exit::Pass);
        assert_eq!(exits(&["good", "fast"]), Exit::Findings);
        assert_eq!(exits(&["good", "set"]), Exit::Findings);
        assert_eq!(exits(&["good", "vague"]), Exit::NoVerdict);
        assert_eq!(exits(&["good", "vague", "junk"]), Exit::Error);
        assert_eq!(exits(&["junk", "fast"]), Exit::Findings);
    }

    #[test]
    fn a_folder_is_searched_and_a_file_is_taken_as_it_is_called() {
        let files = [
            ("a/one.json", "good"),
            ("a/b/two.json", "fast"),
            ("a/b/notes.txt", "good"),
            ("a/b/three.json", "junk"),
            ("named", "good"),
        ];
        let drifts = of(&files, &["a", "named", "missing"]);
        assert_eq!((drifts.builds.len(), drifts.builders.len()), (3, 2));
        let unread: Vec<&str> = drifts
            .unread
            .iter()
            .map(|one| one.reason.as_str())
            .collect();
        assert_eq!(unread.len(), 2, "{unread:?}");
        assert!(unread.contains(&"`junk` is no record"), "{unread:?}");
    }

    #[test]
    fn a_tree_without_an_end_is_searched_so_deep() {
        let deep = format!("{}x.json", "d/".repeat(30));
        let drifts = of(&[(&deep, "good"), ("near.json", "good")], &["."]);
        assert_eq!((drifts.builds.len(), drifts.unread.len()), (1, 1));
        assert!(
            drifts.unread[0].reason.contains("16 deep"),
            "{:?}",
            drifts.unread
        );
    }

    #[test]
    fn without_any_record_it_is_said_why() {
        let failure = nothing(&of(&[("x.json", "junk\n::error::")], &["."]));
        assert_eq!(failure.exit, Exit::Error);
        assert!(
            failure.details[0].ends_with(r"`junk\n::error::` is no record"),
            "{:?}",
            failure.details
        );
    }
}
