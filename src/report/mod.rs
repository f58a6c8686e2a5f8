//! How a result is written: the table of renderers, and the plain data they see.
//!
//! A renderer writes what it is given and looks at nothing else: no clock, no file, no environment.
//!
//! To add a report: write `report/<name>.rs` with its `RENDERER`, and list it below, twice. If
//! machines are to read it, list what it promises them in `SCHEMAS` as well.

#[cfg(test)]
mod drift_sample;
mod human;
mod json;
mod listing;
mod ndjson;
#[cfg(test)]
mod sample;
mod text;

pub(crate) use human::said;
pub use listing::{Listed, Listing};
pub(crate) use text::{is_hidden, shown};

/// Every way to write a result.
pub const RENDERERS: &[Renderer] = &[human::RENDERER, json::RENDERER, ndjson::RENDERER];

/// What the reports for machines promise: their JSON schemas.
pub const SCHEMAS: &[Schema] = &[
    json::SCHEMA,
    ndjson::SCHEMA,
    json::READING_SCHEMA,
    json::RECORD_SCHEMA,
    json::DRIFT_SCHEMA,
    json::EXAMINATION_SCHEMA,
    json::LISTING_SCHEMA,
];

use crate::clock::{Answer, Builder, Clock, Votes};
use crate::doctor::Examination;
use crate::drift::{Claim, Drift};
use crate::gate::{Tally, Verdict};
use crate::record::{BuildDrift, BuilderDrift, Consulted, Window};
use crate::rule::{Finding, Suppressed};
use crate::source::Class;
use crate::sys::Boottime;
use crate::time::{Interval, Span, Timestamp};
use crate::walk::Fault;
use std::io::{self, Write};
use std::path::PathBuf;

/// One way to write a result.
#[derive(Debug)]
pub struct Renderer {
    /// What it is called.
    pub name: &'static str,
    /// What it is for, in a line.
    pub summary: &'static str,
    /// How it writes an audit.
    pub write: Writing,
    /// How it writes what time it is.
    pub reading: fn(&Reading, &Style, &mut dyn Write) -> io::Result<()>,
    /// How it writes how clocks ran.
    pub drift: fn(&Drifts, &Style, &mut dyn Write) -> io::Result<()>,
    /// How it writes what a machine says of its clock.
    pub examination: fn(&Examination, &Style, &mut dyn Write) -> io::Result<()>,
    /// How it lists the times in files, as they are found.
    pub listing: fn(Style) -> Box<dyn Listing>,
}

/// How a renderer writes.
#[derive(Debug, Clone, Copy)]
pub enum Writing {
    /// All at once, when everything is known and sorted.
    Whole(fn(&Report, &Style, &mut dyn Write) -> io::Result<()>),
    /// As it is found, in no promised order, without keeping anything.
    Stream(Stream),
}

/// The parts of a report that is written as things are found.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    /// Once, before anything is audited.
    pub header: fn(&Head, &mut dyn Write) -> io::Result<()>,
    /// For everything found by one task.
    pub found: fn(&Found<'_>, &mut dyn Write) -> io::Result<()>,
    /// Once, at the end: without it the report was cut off.
    pub trailer: fn(&Report, &mut dyn Write) -> io::Result<()>,
}

/// What one task found.
#[derive(Debug, Clone, Copy)]
pub enum Found<'found> {
    /// Findings.
    Findings(&'found [Finding]),
    /// Findings that are accepted.
    Suppressed(&'found [Suppressed]),
    /// What could not be read.
    Faults(&'found [Fault]),
}

/// What a report promises those who read it by machine.
#[derive(Debug)]
pub struct Schema {
    /// What it is called.
    pub name: &'static str,
    /// Of what it is the schema, in a line.
    pub summary: &'static str,
    /// The JSON schema (draft 2020-12), made from the very structs that are written.
    pub text: fn() -> String,
}

/// How the human report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colour.
    pub colour: bool,
    /// Whether to list everything.
    pub verbose: bool,
}

/// What is known before anything is audited.
#[derive(Debug, Clone)]
pub struct Head {
    /// The version of skewgate.
    pub version: &'static str,
    /// What is audited, as it was named.
    pub roots: Vec<PathBuf>,
    /// Whether skewgate chose the roots itself.
    pub roots_are_default: bool,
    /// The profile.
    pub profile: &'static str,
    /// The clock.
    pub clock: ClockEvidence,
    /// When the build began and ended.
    pub window: Window,
    /// skewgate's own record of the build, and what it tells.
    pub record: Option<RecordEvidence>,
    /// The second that `SOURCE_DATE_EPOCH` names.
    pub source_date: Option<Interval>,
}

/// What the record of a build tells.
#[derive(Debug, Clone)]
pub struct RecordEvidence {
    /// Where it is.
    pub path: PathBuf,
    /// What it is called, and on which machine it was begun; `None` where it is damaged.
    pub of: Option<(String, Option<String>)>,
    /// How many readings there are.
    pub readings: usize,
    /// How the builder's clock ran; `None` where nothing of the record can be used.
    pub drift: Option<Drift>,
    /// What that says of the limit, in parts per million.
    pub claim: Option<(u32, Claim)>,
    /// Why it does not belong to what was audited, in a sentence each.
    pub mismatches: Vec<String>,
    /// Whether this audit ended it, or why it is still open; `None` where it had ended before.
    pub ended: Option<Result<(), String>>,
}

impl RecordEvidence {
    /// That of a record by a clock, held against a limit in parts per million.
    pub fn of(consulted: &Consulted<'_>, clock: &Clock, limit: u32) -> Self {
        let (documented, account) = (consulted.documented, consulted.account(clock));
        let record = documented.read.as_ref().ok();
        let drift = account.drift.clone();
        let mismatches = account.mismatches.iter();
        Self {
            path: documented.path.clone(),
            of: record.map(|record| (record.id.clone(), record.host.name.clone())),
            readings: record.map_or(0, |record| record.readings.len()),
            claim: drift.as_ref().map(|drift| (limit, drift.claim(limit))),
            drift,
            mismatches: mismatches.map(|mismatch| mismatch.reason.clone()).collect(),
            ended: consulted.ended().cloned(),
        }
    }
}

/// What the time was, and who says so.
#[derive(Debug, Clone)]
pub struct ClockEvidence {
    /// What the trusted clock said when the sources were asked.
    pub trusted: Interval,
    /// When that was.
    pub taken: Boottime,
    /// How good the best witness of it is.
    pub class: Class,
    /// How many agree on it.
    pub votes: Votes,
    /// What every source said.
    pub answers: Vec<Answer>,
    /// What the builder's own clock said at the same time; `None` where the trusted time is a stated
    /// one, which never judges the builder's.
    pub builder: Option<Timestamp>,
}

impl ClockEvidence {
    /// That of a clock, beside the builder's own, at the instant at which it is sharpest.
    pub fn of(clock: &Clock, builder: &Builder) -> Self {
        let judges_builder = clock.class() != Class::Stated;
        Self {
            trusted: clock.at(clock.taken()),
            taken: clock.taken(),
            class: clock.class(),
            votes: clock.votes(),
            answers: clock.answers().to_vec(),
            builder: judges_builder.then(|| builder.at(clock.taken())),
        }
    }

    /// How far the builder's clock was ahead: the least and the most, negative for behind.
    pub fn ahead(&self) -> Option<(Span, Span)> {
        let builder = self.builder?;
        let (earliest, latest) = (self.trusted.earliest()?, self.trusted.latest()?);
        Some((builder.since(latest), builder.since(earliest)))
    }
}

/// What time it is, and who says so.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The version of skewgate.
    pub version: &'static str,
    /// What was agreed on; without an agreement, what each source said and why that is none.
    pub clock: Result<ClockEvidence, Disagreement>,
    /// How the builder's kernel says its clock is kept; `None` where it does not say.
    pub is_kept: Option<bool>,
    /// How far off the builder's clock was allowed to be, when somebody wanted to know.
    pub within: Option<Within>,
}

/// Why there is no agreement.
#[derive(Debug, Clone)]
pub struct Disagreement {
    /// In a sentence.
    pub reason: String,
    /// What to do about it.
    pub remedy: &'static str,
    /// What every source said.
    pub answers: Vec<Answer>,
}

/// Whether the builder's clock is as near to the trusted time as was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    /// How near.
    pub limit: Span,
    /// Whether it is, wherever in its interval the true time lies.
    pub is_proven: bool,
}

/// How the clocks of builders ran.
#[derive(Debug, Clone)]
pub struct Drifts {
    /// The version of skewgate.
    pub version: &'static str,
    /// Beyond how many parts per million a rate is too far off.
    pub limit: u32,
    /// Build by build.
    pub builds: Vec<BuildDrift>,
    /// Builder by builder, the worst first.
    pub builders: Vec<BuilderDrift>,
    /// Records that could not be read, sorted by path.
    pub unread: Vec<Unread>,
}

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// Where it is.
    pub path: PathBuf,
    /// Why, in a sentence.
    pub reason: String,
}

/// The result of an audit.
#[derive(Debug, Clone)]
pub struct Report {
    /// What was known before.
    pub head: Head,
    /// What it comes to.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub reason: String,
    /// What was counted.
    pub summary: Summary,
    /// What is wrong, sorted; empty when it was streamed instead.
    pub findings: Vec<Finding>,
    /// What is wrong and accepted, sorted.
    pub suppressed: Vec<Suppressed>,
    /// What could not be read, sorted.
    pub faults: Vec<Fault>,
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Artifacts judged, directories included.
    pub entries: u64,
    /// What was looked into.
    pub looked: Contents,
    /// What the gate counted.
    pub tally: Tally,
    /// Findings that are accepted.
    pub suppressed: u64,
    /// How long it took.
    pub elapsed: Span,
}

/// What was looked into for the times inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contents {
    /// How many files were opened, one with several names once.
    pub files: u64,
    /// How many times were found inside them.
    pub stamps: u64,
}

impl Contents {
    /// Adds what another task looked into.
    pub fn add(&mut self, other: Self) {
        self.files += other.files;
        self.stamps += other.stamps;
    }
}

/// The renderer with this name.
pub fn find(name: &str) -> Option<&'static Renderer> {
    RENDERERS.iter().find(|renderer| renderer.name == name)
}

/// The schema with this name.
pub fn find_schema(name: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.name == name)
}

#[cfg(test)]
mod tests {
    use super::{RENDERERS, SCHEMAS, find, find_schema};

    #[test]
    fn every_name_finds_its_own() {
        for renderer in RENDERERS {
            assert_eq!(find(renderer.name).unwrap().summary, renderer.summary);
        }
        for schema in SCHEMAS {
            assert_eq!(find_schema(schema.name).unwrap().summary, schema.summary);
        }
        assert!(find("sundial").is_none() && find_schema("sundial").is_none());
    }
}
