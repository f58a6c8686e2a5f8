//! The values that the JSON reports are made of.

use super::paths;
use crate::time::json::Seconds;
use crate::time::{Rate, Span};
use crate::{gate, rule};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A rate, in parts per billion.
pub(super) struct Ppm(pub(super) i128);

impl Serialize for Ppm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sign = if self.0 < 0 { "-" } else { "" };
        let ppb = self.0.unsigned_abs();
        serializer.collect_str(&format_args!("{sign}{}.{:03}", ppb / 1000, ppb % 1000))
    }
}

impl JsonSchema for Ppm {
    fn schema_name() -> Cow<'static, str> {
        "PartsPerMillion".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A rate in parts per million, as an exact decimal.",
            "type": "string",
            "pattern": r"^-?[0-9]+\.[0-9]{3}$"
        })
    }
}

/// How much one clock gains on another, in parts per million.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Gain {
    /// The least.
    least: Ppm,
    /// The most.
    most: Ppm,
}

impl From<Rate> for Gain {
    fn from(gain: Rate) -> Self {
        Self {
            least: Ppm(gain.least()),
            most: Ppm(gain.most()),
        }
    }
}

/// A length of time of which only the least and the most are known.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Lengths {
    /// The least.
    least: Seconds,
    /// The most.
    most: Seconds,
}

impl From<(Span, Span)> for Lengths {
    fn from((least, most): (Span, Span)) -> Self {
        Self {
            least: Seconds(least),
            most: Seconds(most),
        }
    }
}

/// A finding in a sentence.
pub(super) struct Sentence<'report>(pub(super) &'report rule::Observation);

impl Serialize for Sentence<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

impl JsonSchema for Sentence<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Sentence".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// A path.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::report) struct Path<'report> {
    /// The path, `/`-separated, as it was named.
    path: Cow<'report, str>,
    /// Its exact bytes in base64, only when `path` had to replace what is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
}

impl<'report> Path<'report> {
    pub(in crate::report) fn of(path: &'report std::path::Path) -> Self {
        Self {
            path: paths::text(path),
            path_bytes: paths::bytes(path),
        }
    }
}

/// What the audit comes to.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::report) enum Verdict {
    /// Everything was read and nothing at or above the level to fail on was found.
    Pass,
    /// Something was.
    Fail,
    /// Nothing was, but not everything could be read.
    Incomplete,
    /// Nothing was, but that says nothing: there was nothing to audit, or no clock to rely on.
    Unknown,
}

impl From<gate::Verdict> for Verdict {
    fn from(verdict: gate::Verdict) -> Self {
        match verdict {
            gate::Verdict::Pass => Self::Pass,
            gate::Verdict::Fail => Self::Fail,
            gate::Verdict::Incomplete => Self::Incomplete,
            gate::Verdict::Unknown => Self::Unknown,
        }
    }
}

/// How bad it is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// Worth knowing.
    Note,
    /// Worth a look.
    Warning,
    /// Wrong.
    Error,
}

impl From<rule::Level> for Level {
    fn from(level: rule::Level) -> Self {
        match level {
            // What is off is not looked for, so nothing is found at that level.
            rule::Level::Off | rule::Level::Note => Self::Note,
            rule::Level::Warning => Self::Warning,
            rule::Level::Error => Self::Error,
        }
    }
}

/// How sure it is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Certainty {
    /// What was found and what it was held against exclude each other.
    Proven,
    /// They overlap, or something that cannot be seen from here decides.
    Possible,
}

impl From<rule::Certainty> for Certainty {
    fn from(certainty: rule::Certainty) -> Self {
        match certainty {
            rule::Certainty::Possible => Self::Possible,
            rule::Certainty::Proven => Self::Proven,
        }
    }
}
