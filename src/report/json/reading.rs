//! What `skewgate clock` tells machines.

use super::clock::{Clock, Sample};
use super::shape::Tool;
use crate::report::{self, Reading};
use crate::time::json::Seconds;
use schemars::JsonSchema;
use serde::Serialize;

/// The version of the shape.
const VERSION: &str = "skewgate/clock/v1";

/// What time it is and who says so, by skewgate.
///
/// Instants are RFC 3339 strings in UTC with nine digits; lengths of time are decimal strings in
/// seconds. What is not known is absent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Clock", deny_unknown_fields)]
pub(super) struct Document<'reading> {
    /// The version of this shape.
    #[schemars(extend("const" = VERSION))]
    schema: &'static str,
    tool: Tool,
    /// What was agreed on; absent when nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<Clock<'reading>>,
    /// Why there is no agreement; absent when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    disagreement: Option<Disagreement<'reading>>,
    /// Whether something keeps the builder's clock in step, by its kernel's word; absent where it does
    /// not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<bool>,
    /// Whether the builder's clock is as near to the trusted time as was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<Within>,
}

/// Why there is no agreement.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Disagreement<'reading> {
    /// In a sentence.
    reason: &'reading str,
    /// What to do about it.
    remedy: &'static str,
    /// What every source said.
    samples: Vec<Sample<'reading>>,
}

/// Whether the builder's clock is as near to the trusted time as was asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Within {
    /// How near.
    limit: Seconds,
    /// Whether it is, wherever in its interval the true time lies.
    proven: bool,
}

impl<'reading> Document<'reading> {
    pub(super) fn of(reading: &'reading Reading) -> Self {
        let (clock, disagreement) = match &reading.clock {
            Ok(clock) => (Some(Clock::of(clock)), None),
            Err(disagreement) => (None, Some(Disagreement::of(disagreement))),
        };
        Self {
            schema: VERSION,
            tool: Tool::of(reading.version),
            clock,
            disagreement,
            kept: reading.is_kept,
            within: reading.within.map(|within| Within {
                limit: Seconds(within.limit),
                proven: within.is_proven,
            }),
        }
    }
}

impl<'reading> Disagreement<'reading> {
    fn of(disagreement: &'reading report::Disagreement) -> Self {
        let answers = disagreement.answers.iter();
        Self {
            reason: &disagreement.reason,
            remedy: disagreement.remedy,
            samples: answers.map(Sample::of).collect(),
        }
    }
}
