//! What `skewgate doctor` tells machines.

use super::Path;
use super::scalar::{Gain, Lengths};
use super::shape::Tool;
use crate::doctor::{self, Examination, Fact, Measured, Sign, Suspect};
use crate::time::json::Seconds;
use schemars::JsonSchema;
use serde::Serialize;

/// The version of the shape.
const VERSION: &str = "skewgate/doctor/v1";

/// What a machine says of its own clock and what that means, by skewgate.
///
/// Lengths of time are decimal strings in seconds. What is not known is absent. What facts say in words is for
/// people and may change; their names, states and the names of causes do not.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Doctor", deny_unknown_fields)]
pub(super) struct Document<'found> {
    /// The version of this shape.
    #[schemars(extend("const" = VERSION))]
    schema: &'static str,
    tool: Tool,
    /// Where the captured tree is that was looked at; absent for the running machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    captured: Option<Path<'found>>,
    /// Whether anything is suspicious.
    suspicious: bool,
    /// How the clock really ran; absent when it was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<Measure<'found>>,
    /// Why it was not measured, when somebody wanted it to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    unmeasured: Option<&'found str>,
    /// Every fact.
    facts: Vec<Row<'found>>,
    /// What may be the cause, the likeliest first.
    suspects: Vec<Cause<'found>>,
}

/// How the clock really ran.
#[derive(Serialize, JsonSchema)]
struct Measure<'found> {
    /// How much it gained on the true time; negative when it lost.
    #[serde(flatten)]
    gain: Gain,
    /// Who said what the time was.
    against: &'found str,
    /// For how long.
    over: Seconds,
    /// By how much it was set, or jumped, meanwhile; negative for back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Lengths>,
}

/// A fact.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Row<'found> {
    /// Which (`skewgate list facts`).
    fact: &'static str,
    state: State,
    /// What was seen.
    seen: &'found str,
    /// What that means here.
    meaning: &'found str,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'found str>,
}

/// Whether a fact is as it should be.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum State {
    /// It is.
    Good,
    /// It is not, or speaks for a cause.
    Suspicious,
    /// It cannot be seen, or decides nothing here.
    Unknown,
}

/// What may be the cause.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Cause<'found> {
    /// What it is called.
    cause: &'static str,
    /// What it is, in a phrase.
    title: &'static str,
    /// How much speaks for it, to be compared with the others only.
    points: i32,
    /// What it comes to here.
    message: &'found str,
    /// What to do.
    remedy: &'found str,
    /// What speaks for it.
    speaks_for: &'found [&'static str],
    /// What speaks against it.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    against: &'found [&'static str],
}

impl<'found> Document<'found> {
    pub(super) fn of(found: &'found Examination) -> Self {
        Self {
            schema: VERSION,
            tool: Tool::of(found.version),
            captured: found.captured.as_deref().map(Path::of),
            suspicious: found.is_suspicious(),
            measured: found.measured.as_ref().map(Measure::of),
            unmeasured: found.unmeasured.as_deref(),
            facts: found
                .signs
                .iter()
                .map(|(fact, sign)| Row::of(fact, sign))
                .collect(),
            suspects: found.suspects.iter().map(Cause::of).collect(),
        }
    }
}

impl<'found> Measure<'found> {
    fn of(measured: &'found Measured) -> Self {
        let steps = measured.steps.iter();
        Self {
            gain: measured.gain.into(),
            against: &measured.against,
            over: Seconds(measured.over),
            steps: steps.map(|by| (*by).into()).collect(),
        }
    }
}

impl<'found> Row<'found> {
    fn of(fact: &'static Fact, sign: &'found Sign) -> Self {
        Self {
            fact: fact.id,
            state: match sign.state {
                doctor::State::Good => State::Good,
                doctor::State::Suspicious => State::Suspicious,
                doctor::State::Unknown => State::Unknown,
            },
            seen: &sign.seen,
            meaning: &sign.meaning,
            remedy: sign.remedy.as_deref(),
        }
    }
}

impl<'found> Cause<'found> {
    fn of(suspect: &'found Suspect) -> Self {
        Self {
            cause: suspect.cause.id,
            title: suspect.cause.title,
            points: suspect.points,
            message: &suspect.sentence,
            remedy: &suspect.remedy,
            speaks_for: &suspect.speaks_for,
            against: &suspect.against,
        }
    }
}
