//! The shape of a record's file, as serde and the published schema see it. Between it and [`Record`] stands
//! `convert.rs`.
//!
//! [`Record`]: super::Record

use crate::time::json::{Exact, Interval, Seconds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the shape.
pub(super) const VERSION: &str = "skewgate/record/v1";

/// A record of a build, by skewgate: readings of the builder's clocks at its begin, while it ran, and at its
/// end.
///
/// Instants are RFC 3339 strings in UTC with nine digits; lengths of time, and readings of clocks that count
/// from the machine's start, are decimal strings in seconds. What is not known is absent. The file is valid
/// only as skewgate wrote it, to the byte.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Record")]
pub(crate) struct Shape {
    /// The version of this shape.
    #[schemars(extend("const" = VERSION))]
    pub(super) schema: String,
    /// What the record is called: random, so that it can be told from others.
    pub(super) id: String,
    /// The version of skewgate that began it.
    pub(super) version: String,
    /// Where it was begun.
    pub(super) host: Host,
    /// What was built.
    pub(super) tree: Tree,
    /// Where artifacts were going to be written to, and whose clock stamps them there.
    pub(super) mounts: Vec<Mount>,
    /// What else is worth knowing of the machine.
    pub(super) facts: Vec<Fact>,
    /// What was run under `skewgate run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) command: Option<Command>,
    /// The readings, in the order in which they were taken. The first began the build.
    pub(super) readings: Vec<Reading>,
    /// `sha256:` and the digest, in hexadecimal, of all of this as compact JSON without this member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) digest: Option<String>,
}

/// Where a record was begun.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Host {
    /// What the machine calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// A digest of what tells it from others for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) machine: Option<String>,
}

/// What was built.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Tree {
    /// The folder in which it was begun.
    pub(super) folder: Path,
    /// The device and the inode of that folder, in decimal, as `DEVICE:INODE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+:[0-9]+$"))]
    pub(super) identity: Option<String>,
    /// The commit that was checked out there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) commit: Option<String>,
}

/// A path.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Path {
    /// The path, lossy where it is no UTF-8.
    pub(super) path: String,
    /// Its exact bytes in base64, only when `path` had to replace what is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path_bytes: Option<String>,
}

/// A place that artifacts are written to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Mount {
    /// The folder.
    pub(super) folder: Path,
    /// The kind of file system, as `mount(8)` calls it.
    pub(super) filesystem: String,
    /// Whose clock stamps there: `local`, `server` or `image`.
    pub(super) stamper: String,
    /// The time that a new file got there; absent when none could be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stamp: Option<Stamp>,
    /// Why no file could be made there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fault: Option<String>,
}

/// The time that a new file got, between two readings of the wall clock.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Stamp {
    /// The wall clock before the file was written.
    pub(super) before: Exact,
    /// The time that the file got.
    pub(super) file: Exact,
    /// The wall clock after that was read.
    pub(super) after: Exact,
}

/// Something worth knowing of the machine.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Fact {
    /// What, such as `kernel`.
    pub(super) name: String,
    /// How it is.
    pub(super) value: String,
}

/// What was run.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Command {
    /// The program's name, without its folder, lossy where it is no UTF-8.
    pub(super) program: String,
    /// How many arguments it was given; what they were is not recorded.
    pub(super) arguments: u64,
    /// What it exited with; absent while it runs, or when a signal ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exit: Option<i32>,
}

/// A reading: the builder's clocks and what the sources said, taken together at one moment.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reading {
    /// What it was taken for.
    pub(super) phase: Phase,
    /// What the builder's own clocks said.
    pub(super) local: Local,
    /// What the sources agreed on; absent when they did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trusted: Option<Trusted>,
    /// Why nobody knows what the time was; absent when it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) untrusted: Option<String>,
    /// What every source said; empty where nobody was asked for this reading, and `trusted` is what was agreed on
    /// shortly before.
    pub(super) witnesses: Vec<Witness>,
}

/// What a reading was taken for.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    /// The build begins.
    Begin,
    /// It runs.
    During,
    /// The clock was just seen to be set: the last reading before and the first after.
    Step,
    /// The build has ended.
    End,
}

/// What the builder's own clocks said.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Local {
    /// The ruler: seconds since the machine started, suspended time counted (`CLOCK_BOOTTIME`).
    pub(super) ruler: Seconds,
    /// How long it took to read all of these clocks: they are as of one instant only so far.
    pub(super) bracket: Seconds,
    /// The wall clock as programs see it.
    pub(super) wall: Exact,
    /// The wall clock as the kernel has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kernel_wall: Option<Exact>,
    /// `CLOCK_MONOTONIC`, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) monotonic: Option<Seconds>,
    /// `CLOCK_MONOTONIC_RAW`, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) monotonic_raw: Option<Seconds>,
    /// Of which boot the ruler is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) boot: Option<String>,
    /// By how much the time namespace moves the ruler, as the kernel writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) time_namespace: Option<String>,
    /// How the kernel says the clock is kept; absent where it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) discipline: Option<Discipline>,
}

/// How the kernel says its clock is kept (`adjtimex(2)`).
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Discipline {
    /// Whether something keeps the clock in step.
    pub(super) synchronised: bool,
    /// The most the clock can be off, as whoever keeps it claims.
    pub(super) max_error: Seconds,
    /// The correction of its rate, in parts per million times 65,536 (`freq`).
    pub(super) frequency: i64,
    /// Microseconds that it gains with each tick of 100 a second (`tick`).
    pub(super) tick: i64,
}

/// What the sources agreed on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Trusted {
    /// What the time was …
    pub(super) time: Interval,
    /// … when the ruler showed this, in seconds.
    pub(super) ruler: Seconds,
    /// How good the best witness is.
    pub(super) class: Class,
    /// How many agree.
    pub(super) agreeing: u32,
    /// Of how many.
    pub(super) of: u32,
}

/// How good a witness is, the best first.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Class {
    /// Another machine, whose answer nobody on the way can have made up.
    Authenticated,
    /// Another machine, whose answer somebody on the way can have made up.
    Network,
    /// The machine that the builder is a guest of.
    Host,
    /// Somebody who vouches for the run stated it.
    Stated,
    /// The machine that keeps the files.
    FileServer,
    /// The builder's own clock, by what its kernel or its time daemon says of itself.
    SelfAsserted,
    /// The builder's own clock, of which nobody says anything.
    System,
}

/// What one source said.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Witness {
    /// Its address.
    pub(super) address: String,
    /// What it said; absent when it gave no time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) said: Option<Said>,
    /// Why it gave none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<String>,
    /// How it stood to the agreement.
    pub(super) standing: Standing,
    /// How far outside the agreement it was at least, of one that was later or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outside: Option<Seconds>,
}

/// What a source said the time was.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    /// How good a witness it is.
    pub(super) class: Class,
    /// What it said the time was …
    pub(super) time: Interval,
    /// … when the ruler showed this, in seconds.
    pub(super) ruler: Seconds,
}

/// How a source stood to the agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Standing {
    /// It did not answer, or there was no agreement.
    None,
    /// It is one of those who agree.
    Agrees,
    /// It overlaps the agreement, but better witnesses were there.
    Follows,
    /// It lies outside and later.
    Later,
    /// It lies outside and earlier.
    Earlier,
}
