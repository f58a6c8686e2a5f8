//! The shape of `skewgate.toml`, as serde and the published schema see it. What the values mean is
//! checked in `file.rs`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use toml::Spanned;
use toml::value::Datetime;

/// skewgate.toml: how skewgate audits this project.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(title = "skewgate.toml")]
pub(super) struct Shape {
    /// The starting point: default, release or strict.
    #[schemars(with = "Option<String>")]
    pub(super) profile: Option<Spanned<String>>,
    /// What to audit when the command line names nothing, from this file's folder.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) paths: Option<Spanned<Vec<String>>>,
    /// The least level that fails the audit: error, warning, note or never.
    #[schemars(with = "Option<String>")]
    pub(super) fail_on: Option<Spanned<String>>,
    /// Whether findings that are only possible count too.
    #[schemars(with = "Option<bool>")]
    pub(super) strict: Option<Spanned<bool>>,
    /// What every rule lets pass, such as "2s".
    #[schemars(with = "Option<String>")]
    pub(super) tolerance: Option<Spanned<String>>,
    /// Only what these patterns cover is audited.
    #[schemars(with = "Vec<String>")]
    pub(super) include: Vec<Spanned<String>>,
    /// What these patterns cover is not.
    #[schemars(with = "Vec<String>")]
    pub(super) exclude: Vec<Spanned<String>>,
    /// Whether to stay on the file system of each root.
    #[schemars(with = "Option<bool>")]
    pub(super) one_file_system: Option<Spanned<bool>>,
    /// How many directories deep to go; deeper ones are a fault.
    #[schemars(with = "Option<u32>")]
    pub(super) depth_limit: Option<Spanned<u32>>,
    /// How many threads to walk with.
    #[schemars(with = "Option<NonZeroUsize>")]
    pub(super) threads: Option<Spanned<NonZeroUsize>>,
    /// The trusted clock.
    pub(super) clock: ClockShape,
    /// The build's records.
    pub(super) record: RecordShape,
    /// The times inside deliverables.
    pub(super) embedded: EmbeddedShape,
    /// How bad each rule is: a level, or a level and a tolerance.
    #[schemars(with = "BTreeMap<String, RuleShape>")]
    pub(super) rules: BTreeMap<String, Spanned<RuleShape>>,
    /// What differs below some paths; later entries win.
    #[schemars(with = "Vec<PathShape>")]
    pub(super) path: Vec<Spanned<PathShape>>,
    /// Findings that are known and accepted.
    #[schemars(with = "Vec<IgnoreShape>")]
    pub(super) ignore: Vec<Spanned<IgnoreShape>>,
}

/// The trusted clock.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct ClockShape {
    /// Addresses of sources, presets, or "auto"; `skewgate list sources` has them.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) sources: Option<Spanned<Vec<String>>>,
    /// How many sources must agree at least.
    #[schemars(with = "Option<NonZeroUsize>")]
    pub(super) minimum: Option<Spanned<NonZeroUsize>>,
    /// How long to wait for all of them together, such as "5s".
    #[schemars(with = "Option<String>")]
    pub(super) timeout: Option<Spanned<String>>,
    /// How far off their agreement may be, such as "100ms".
    #[schemars(with = "Option<String>")]
    pub(super) max_uncertainty: Option<Spanned<String>>,
    /// A PEM file of certificate authorities to trust beside those of Mozilla, from this file's folder.
    #[schemars(with = "Option<String>")]
    pub(super) ca_file: Option<Spanned<String>>,
    /// Whether a server counts that serves its own undisciplined clock.
    #[schemars(with = "Option<bool>")]
    pub(super) allow_local_reference: Option<Spanned<bool>>,
}

/// The build's records.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct RecordShape {
    /// What says when the build began and ended: files (from this file's folder), "ci" or "git:REV";
    /// `skewgate list records` has them.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) sources: Option<Spanned<Vec<String>>>,
    /// Ed25519 keys, as OpenSSH writes them, of those who may have signed skewgate's own record. Where there
    /// are any, a record that none of them signed is not used.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) trusted_keys: Option<Spanned<Vec<String>>>,
    /// How far the builder's clock may run too fast or too slow, such as "500ppm".
    #[schemars(with = "Option<String>")]
    pub(super) drift_limit: Option<Spanned<String>>,
}

/// The times inside deliverables.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct EmbeddedShape {
    /// Which files are opened: auto (those whose name says that they carry times), all or none.
    #[schemars(with = "Option<String>")]
    pub(super) files: Option<Spanned<String>>,
    /// In which zone the local times of zip archives are: unknown, utc, local, or how far from UTC ("+05:30").
    #[schemars(with = "Option<String>")]
    pub(super) zip_tz: Option<Spanned<String>>,
    /// Whether the local headers of zip members are read beside the central directory.
    #[schemars(with = "Option<bool>")]
    pub(super) local_headers: Option<Spanned<bool>>,
    /// Who will be given the deliverables: `skewgate list receivers` has them.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) receivers: Option<Spanned<Vec<String>>>,
    /// How far one file is read at most, by the names of the limits.
    #[schemars(with = "BTreeMap<String, u64>")]
    pub(super) limits: BTreeMap<String, Spanned<u64>>,
}

/// A level, or a level and a tolerance.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(super) enum RuleShape {
    /// error, warning, note or off.
    Level(String),
    /// Both, or one of them.
    Both(LevelAndTolerance),
}

/// A level and a tolerance.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct LevelAndTolerance {
    /// error, warning, note or off.
    pub(super) level: Option<String>,
    /// What the rule lets pass, such as "10s".
    pub(super) tolerance: Option<String>,
}

/// What differs below some paths.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PathShape {
    /// One pattern or several.
    pub(super) r#match: OneOrMore,
    /// What every rule lets pass here.
    pub(super) tolerance: Option<String>,
    /// How bad each rule is here.
    #[serde(default)]
    pub(super) rules: BTreeMap<String, RuleShape>,
}

/// Findings that are known and accepted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct IgnoreShape {
    /// Of which rule.
    pub(super) rule: String,
    /// On which paths; left out for findings about the build as a whole.
    pub(super) path: Option<OneOrMore>,
    /// Why they are accepted.
    pub(super) reason: String,
    /// The last day on which they are, such as 2027-01-31.
    #[schemars(with = "Option<String>")]
    pub(super) expires: Option<Datetime>,
}

/// One pattern or several.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(super) enum OneOrMore {
    /// One.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl OneOrMore {
    pub(super) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::More(more) => more,
        }
    }
}

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Patterns;
        impl<'de> Visitor<'de> for Patterns {
            type Value = OneOrMore;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a pattern or a list of patterns")
            }
            fn visit_str<E: de::Error>(self, one: &str) -> Result<OneOrMore, E> {
                Ok(OneOrMore::One(one.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, more: A) -> Result<OneOrMore, A::Error> {
                Vec::deserialize(de::value::SeqAccessDeserializer::new(more)).map(OneOrMore::More)
            }
        }
        from.deserialize_any(Patterns)
    }
}

impl<'de> Deserialize<'de> for RuleShape {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Levels;
        impl<'de> Visitor<'de> for Levels {
            type Value = RuleShape;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a level or { level = …, tolerance = … }")
            }
            fn visit_str<E: de::Error>(self, level: &str) -> Result<RuleShape, E> {
                Ok(RuleShape::Level(level.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, both: A) -> Result<RuleShape, A::Error> {
                LevelAndTolerance::deserialize(de::value::MapAccessDeserializer::new(both))
                    .map(RuleShape::Both)
            }
        }
        from.deserialize_any(Levels)
    }
}

/// The JSON schema of the file, for editors.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Shape);
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}
