//! The trusted clock in the JSON reports: who was asked, what each said, and what speaks for it.

use super::scalar::Lengths;
use crate::clock::{self, Answer, Standing};
use crate::report::ClockEvidence;
use crate::source;
use crate::time::json::{Exact, Interval, Seconds};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What the trusted time was when the sources were asked, and who says so.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::report) struct Clock<'report> {
    /// Whether skewgate itself had the time from outside.
    verified: bool,
    /// How good the best witness is: `authenticated`, `network`, `host`, `stated`, `file-server`,
    /// `self-asserted`, `system`; later versions may know more.
    class: &'static str,
    #[serde(flatten)]
    time: Interval,
    votes: Votes,
    /// What the builder's own clock said at the same time; absent where the trusted time is a stated
    /// one.
    #[serde(skip_serializing_if = "Option::is_none")]
    builder: Option<Exact>,
    /// How far the builder's clock was ahead; negative for behind. Absent where `builder` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    ahead: Option<Lengths>,
    /// What every source said, each when it answered.
    samples: Vec<Sample<'report>>,
}

/// How the agreement came about.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Votes {
    /// How many sources agree.
    agreeing: usize,
    /// Of how many; sources that have the time from each other count as one.
    of: usize,
}

/// What one source of time said.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::report) struct Sample<'report> {
    /// The source, as it was named.
    address: &'report str,
    /// How good a witness it is; absent when it did not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<Exact>,
    /// How it stands to the agreement: `agrees`; `follows` (it overlaps it, but better witnesses were
    /// there, so its word did not count); `outside`. Absent when it did not answer or nothing was agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<&'static str>,
    /// How far outside it lies, at least; negative for earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    outside_by: Option<Seconds>,
    /// Why it did not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    /// Who answered, as it was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<Certificate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Token>,
    /// What else the answer says, by name; which names there are depends on the kind of source.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    facts: BTreeMap<&'static str, &'report str>,
}

/// The certificate that an answer rests on.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Certificate {
    not_before: Exact,
    not_after: Exact,
    /// Whether the builder's clock lay in the validity as well. If not, only the time that was obtained
    /// did, which somebody with an old key could have made up.
    strict: bool,
}

/// A time-stamp token (RFC 3161), which others can verify later.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Token {
    /// The data whose digest was stamped, in base64.
    challenge: String,
    /// The `TimeStampToken`, DER in base64.
    der: String,
}

impl<'report> Clock<'report> {
    pub(in crate::report) fn of(clock: &'report ClockEvidence) -> Self {
        let clock::Votes { agreeing, of } = clock.votes;
        Self {
            verified: clock.class.is_verified(),
            class: clock.class.name(),
            time: clock.trusted.into(),
            votes: Votes { agreeing, of },
            builder: clock.builder.map(Exact),
            ahead: clock.ahead().map(Lengths::from),
            samples: clock.answers.iter().map(Sample::of).collect(),
        }
    }
}

impl<'report> Sample<'report> {
    pub(super) fn of(answer: &'report Answer) -> Self {
        let blank = Self {
            address: &answer.address,
            class: None,
            earliest: None,
            latest: None,
            standing: None,
            outside_by: None,
            refused: None,
            server: None,
            certificate: None,
            token: None,
            facts: BTreeMap::new(),
        };
        let sample = match &answer.said {
            Ok(sample) => sample,
            Err(refusal) => {
                let refused = Some(refusal.to_string());
                return Self { refused, ..blank };
            }
        };
        let evidence = &sample.evidence;
        let (standing, outside_by) = match answer.standing {
            Standing::None => (None, None),
            Standing::Agrees => (Some("agrees"), None),
            Standing::Follows => (Some("follows"), None),
            Standing::Outside { by, is_later } => {
                let signed = if is_later { by } else { by.negated() };
                (Some("outside"), Some(Seconds(signed)))
            }
        };
        Self {
            class: Some(sample.class.name()),
            earliest: sample.time.earliest().map(Exact),
            latest: sample.time.latest().map(Exact),
            standing,
            outside_by,
            server: evidence.server.map(|server| server.to_string()),
            certificate: evidence.certificate.map(Certificate::of),
            token: evidence.token.as_ref().map(Token::of),
            facts: evidence
                .facts
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect(),
            ..blank
        }
    }
}

impl Certificate {
    fn of(certificate: source::Certificate) -> Self {
        Self {
            not_before: Exact(certificate.not_before),
            not_after: Exact(certificate.not_after),
            strict: certificate.is_strict,
        }
    }
}

impl Token {
    fn of(token: &source::Token) -> Self {
        Self {
            challenge: STANDARD.encode(&token.challenge),
            der: STANDARD.encode(&token.der),
        }
    }
}
