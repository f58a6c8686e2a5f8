//! Records that others write: documents like those that programs write (`fixtures/records`), what a CI system
//! sets, and the programs themselves where they are here.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test fails by panicking, and makes the files it looks at"
)]

mod environment;
mod files;
mod github;
mod hostile;
mod oracles;

use skewgate::record::{Bound, Given, GivenError, Trust, Window, given};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A fixture's path.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/records")
        .join(name)
}

/// What is found where a record is named, with these variables.
fn found(name: &str, variables: &[(&str, &str)]) -> Result<Given, GivenError> {
    let variable = |asked: &str| {
        let mut named = variables.iter().filter(|(name, _)| *name == asked);
        named.next().map(|(_, value)| OsString::from(value))
    };
    given(name, &variable)
}

/// What a fixture says, with these variables.
fn said_with(name: &str, variables: &[(&str, &str)]) -> Result<Window, String> {
    let path = fixture(name);
    match found(path.to_str().unwrap(), variables).map_err(|error| error.to_string())? {
        Given::Foreign(windows) => Ok(skewgate::record::combined(windows).unwrap()),
        Given::Own(path) => Err(format!("{} is taken for one of its own", path.display())),
    }
}

/// What a fixture says.
fn said(name: &str) -> Result<Window, String> {
    said_with(name, &[])
}

/// A bound in short: its ends, its trust, and its source without the folder.
fn short(bound: Option<&Bound>) -> Option<(String, Trust, String)> {
    let bound = bound?;
    let end =
        |at: Option<skewgate::time::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let at = format!("{}..{}", end(bound.at.earliest()), end(bound.at.latest()));
    let source = bound.source.rsplit('/').next().unwrap().to_owned();
    Some((at, bound.trust, source))
}

/// Both bounds in short.
#[track_caller]
fn shorts(window: Result<Window, String>) -> [Option<(String, Trust, String)>; 2] {
    let window = window.unwrap();
    [short(window.began.as_ref()), short(window.ended.as_ref())]
}

/// What [`short`] gives for these.
fn expected(at: &str, trust: Trust, source: &str) -> Option<(String, Trust, String)> {
    Some((at.to_owned(), trust, source.to_owned()))
}
