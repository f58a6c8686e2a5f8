//! Holds a contender to its work: whoever skips a part of the tree is out of the comparison.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::child::Run;
use crate::contender::{Contender, Errand, Tool};
use crate::trees::Census;

/// How many findings an audit may have that are not about an entry: its clock is that of this machine.
const ASIDE: usize = 20;

/// Of skewgate's JSON report, what tells whether the whole tree was audited.
#[derive(Deserialize)]
struct Report {
    summary: Summary,
    /// Only counted, and of no size: the report is not held in memory.
    findings: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Summary {
    entries: u64,
}

/// Says why a run does not count, if it does not.
pub(crate) fn check(
    contender: &Contender,
    errand: Errand,
    run: &Run,
    census: &Census,
    report: &Path,
) -> Result<(), String> {
    let Some(code) = run.code else {
        return Err(format!("killed by a signal. {}", run.complaint));
    };
    if !expected_codes(contender, census).contains(&code) {
        return Err(format!("exit code {code}. {} {}", run.complaint, run.said));
    }
    match (contender.tool, errand) {
        (Tool::Skewgate, Errand::Measure) if contender.output == "ndjson" => {
            check_lines(census, report)
        }
        (Tool::Skewgate, Errand::Measure) => Ok(()),
        (Tool::Skewgate, Errand::Prove) => check_report(contender, census, report),
        (Tool::Floor, _) => check_count(run.said.parse().unwrap_or(0), errand, census),
        (Tool::Find | Tool::Fd | Tool::Bfs, _) => check_count(run.lines, errand, census),
    }
}

fn expected_codes(contender: &Contender, census: &Census) -> &'static [i32] {
    match contender.tool {
        // Warnings may or may not fail an audit, and one of no files may come to no verdict.
        Tool::Skewgate if contender.has_findings() => &[0, 1],
        Tool::Skewgate if census.files == 0 => &[0, 3],
        Tool::Skewgate | Tool::Floor | Tool::Find | Tool::Fd | Tool::Bfs => &[0],
    }
}

fn check_count(reported: u64, errand: Errand, census: &Census) -> Result<(), String> {
    let expected = match errand {
        Errand::Prove => census.entries(),
        Errand::Measure => 0,
    };
    match reported == expected {
        true => Ok(()),
        false => Err(format!("reported {reported} entries of {expected}")),
    }
}

fn check_report(contender: &Contender, census: &Census, report: &Path) -> Result<(), String> {
    let unreadable = |reason: String| format!("no JSON report: {reason}");
    let file = File::open(report).map_err(|error| unreadable(error.to_string()))?;
    let report: Report = serde_json::from_reader(BufReader::new(file))
        .map_err(|error| unreadable(error.to_string()))?;
    let seen = report.summary.entries;
    // Directories, and the root among them, may or may not count as entries.
    if !(census.files..=census.entries() + 1).contains(&seen) {
        return Err(format!("audited {seen} entries of {census}"));
    }
    let found = report.findings.len();
    let expected = match contender.has_findings() {
        true => usize::try_from(census.old).unwrap_or(usize::MAX),
        false => 0,
    };
    match (expected..=expected + ASIDE).contains(&found) {
        true => Ok(()),
        false => Err(format!("has {found} findings instead of {expected}")),
    }
}

/// A report that is streamed has a line a finding.
fn check_lines(census: &Census, report: &Path) -> Result<(), String> {
    let file = File::open(report).map_err(|error| format!("no report: {error}"))?;
    let lines = BufReader::new(file).split(b'\n').count();
    match u64::try_from(lines).is_ok_and(|lines| lines >= census.old) {
        true => Ok(()),
        false => Err(format!("reported {lines} findings of {}", census.old)),
    }
}
