//! The shape of the JSON reports: what is promised to those who read them by machine.
//!
//! The doc comments are the descriptions in the published schema. A field may be added within a
//! version; none is renamed, removed, or given another meaning.

use super::clock::Clock;
use super::convert;
use super::recorded::Record;
use super::scalar::{Certainty, Level, Path, Sentence, Verdict};
use crate::time::json::{Exact, Interval, Seconds};
use crate::{rule, walk};
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

/// The version of the shape.
pub(super) const VERSION: &str = "skewgate/report/v1";

/// The result of an audit of build artifacts' timestamps by skewgate.
///
/// Instants are RFC 3339 strings in UTC with nine digits, or `@seconds` outside the years 0000 to
/// 9999; lengths of time are decimal strings in seconds. An interval is where an uncertain instant
/// lies, both ends included; a side that nothing bounds is absent, as is all that is not known.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Report", deny_unknown_fields)]
pub(in crate::report) struct Document<'report> {
    /// The version of this shape.
    #[schemars(extend("const" = VERSION))]
    pub(super) schema: &'static str,
    pub(super) tool: Tool,
    pub(super) verdict: Verdict,
    /// Why the verdict is what it is, in a sentence.
    pub(super) reason: &'report str,
    /// The profile that the audit's options started from.
    pub(super) profile: &'static str,
    /// What was audited, as it was named.
    pub(super) roots: Vec<Path<'report>>,
    pub(super) clock: Clock<'report>,
    pub(super) window: Window<'report>,
    /// skewgate's own record of the build; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) record: Option<Record<'report>>,
    /// The second that `SOURCE_DATE_EPOCH` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_date_epoch: Option<Exact>,
    pub(super) summary: Summary,
    /// What is wrong, sorted by path, member, field and rule.
    #[serde(serialize_with = "convert::findings")]
    #[schemars(with = "Vec<Finding<'static>>")]
    pub(super) findings: &'report [rule::Finding],
    /// What is wrong and accepted, sorted in the same way. Not counted among the findings.
    #[serde(serialize_with = "convert::suppressed")]
    #[schemars(with = "Vec<Suppressed<'static>>")]
    pub(super) suppressed: &'report [rule::Suppressed],
    /// What could not be read, sorted by path.
    #[serde(serialize_with = "convert::faults")]
    #[schemars(with = "Vec<Fault<'static>>")]
    pub(super) faults: &'report [walk::Fault],
}

/// What wrote the report.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::report) struct Tool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

/// When the build began and ended, as far as somebody said.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::report) struct Window<'report> {
    /// Its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) not_before: Option<Side<'report>>,
    /// Its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) not_after: Option<Side<'report>>,
}

/// One side of the window.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Side<'report> {
    #[serde(flatten)]
    pub(super) at: Interval,
    /// Who says so, or as it was written.
    pub(super) source: &'report str,
    /// How far that can be relied on, the best first: `stated`, `verified`, `server` (the CI system's clock),
    /// `builder` (the builder's own clock), `author`; later versions may know more.
    pub(super) trust: &'static str,
}

/// What was counted.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::report) struct Summary {
    /// Artifacts judged, directories included.
    pub(super) entries: u64,
    /// Those that are no directories.
    pub(super) files: u64,
    /// Files that were opened for the times inside, one with several names once.
    pub(super) opened: u64,
    /// Times that were found inside them.
    pub(super) stamps: u64,
    pub(super) findings: Levels,
    /// Findings that are accepted.
    pub(super) suppressed: u64,
    /// What could not be read, but for what vanished.
    pub(super) faults: u64,
    /// What was listed, and gone when it was looked at.
    pub(super) vanished: u64,
    /// How long the audit took.
    pub(super) elapsed: Seconds,
}

/// Findings by level.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Levels {
    pub(super) error: u64,
    pub(super) warning: u64,
    pub(super) note: u64,
}

/// One thing that is wrong with a time.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::report) struct Finding<'report> {
    /// The rule's id, which never changes: `skewgate explain` tells more.
    pub(super) rule: &'static str,
    pub(super) level: Level,
    pub(super) certainty: Certainty,
    /// The artifact, `/`-separated, below the root as it was named; absent when the finding is about
    /// the build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<Cow<'report, str>>,
    /// The path's exact bytes in base64, only when `path` had to replace what is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path_bytes: Option<String>,
    #[serde(flatten)]
    pub(super) member: Member<'report>,
    /// Which of its times.
    pub(super) field: &'static str,
    /// The time that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) found: Option<Interval>,
    /// What it was held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bound: Option<Bound>,
    /// By how much the two differ: at least that when proven, at most that when possible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) by: Option<Seconds>,
    /// Why it is so, as far as the artifact's other times tell: `clock`, `drift`, `imported`,
    /// `filesystem`, `late`, `untouched`, `embedded`; later versions may know more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cause: Option<&'static str>,
    /// The finding in a sentence, without its path.
    pub(super) message: Sentence<'report>,
    /// What to do about it.
    pub(super) remedy: &'static str,
    /// When the artifact was really written, by the record of the build; absent where that does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) written: Option<Written>,
    /// The same for the same finding in every run: FNV-1a with 128 bits over rule, path, member and
    /// field, a zero byte between each, in hexadecimal. It holds no time.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    pub(super) fingerprint: String,
    /// Present when the file has other names: they are changed with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hard_link: Option<HardLink>,
}

/// What inside an artifact; absent when it is the artifact itself.
#[derive(Serialize, JsonSchema)]
pub(super) struct Member<'report> {
    /// The way to it: the names of what lies in what, joined by `!`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) member: Option<Cow<'report, str>>,
    /// Its exact bytes in base64, only when `member` had to replace what is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) member_bytes: Option<String>,
}

/// What a time was held against.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Bound {
    /// What it is: `now` (the trusted time, once the artifact had been read), `build-start`,
    /// `build-end`, `source-date-epoch`, `zip-epoch`, `unix-epoch`, `format-limit`, `expiry`, `then` (the
    /// trusted time at a reading of the record), `other-record` (of the same time), `newest-content` (the latest
    /// time inside), `receiver` (what it accepts); later versions may know more.
    pub(super) name: &'static str,
    #[serde(flatten)]
    pub(super) at: Interval,
}

/// When an artifact was really written.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Written {
    /// Which of its times tells: `mtime`, or `ctime` where the `mtime` was set by somebody.
    pub(super) field: &'static str,
    #[serde(flatten)]
    pub(super) at: Interval,
    /// How that is known: `between` readings of the record, `extrapolated` beyond them, or `ambiguous`
    /// (the clock was set, and showed this time more than once or never).
    pub(super) quality: &'static str,
}

/// A file with several names.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct HardLink {
    /// The file system's number; a string, since JSON numbers cannot hold it.
    #[schemars(regex(pattern = "^[0-9]+$"))]
    pub(super) device: String,
    /// The file's number there; a string, since JSON numbers cannot hold it.
    #[schemars(regex(pattern = "^[0-9]+$"))]
    pub(super) inode: String,
    /// How many names it has, audited or not.
    pub(super) links: u64,
}

/// A finding that is accepted.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::report) struct Suppressed<'report> {
    #[serde(flatten)]
    pub(super) finding: Finding<'report>,
    /// Why it is accepted.
    pub(super) reason: &'report str,
}

/// An artifact that could not be read, or not wholly.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::report) struct Fault<'report> {
    #[serde(flatten)]
    pub(super) path: Path<'report>,
    #[serde(flatten)]
    pub(super) member: Member<'report>,
    /// In what way: `unreadable`, `vanished`, `changed`, `too-deep`, `io`, and of what inside could not be read
    /// `malformed`, `truncated`, `unsupported`, `limit`, `unstable`; later versions may know more.
    pub(super) kind: &'static str,
    /// What the system said.
    pub(super) message: &'report str,
}
