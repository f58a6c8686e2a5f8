//! What the rules share that look at times inside an artifact.

use super::{Artifact, Bound, Cause, Certainty, Facts, Observation};
use crate::format::{Confidence, Kept, Zone, sentinel};
use crate::time::{Span, Timestamp};
use std::borrow::Cow;

/// A time inside an artifact that is later than a bound.
pub(super) fn later(kept: &Kept, bound: Bound, tolerance: Span) -> Option<Observation> {
    let moment = kept.value.moment()?;
    let certainty = Certainty::later(moment.time, bound.at, tolerance)?;
    let constant = constant(kept);
    let is_sure = kept.field.confidence == Confidence::High
        && moment.zone != Zone::Inferred
        && constant.is_none();
    let certainty = if is_sure {
        certainty
    } else {
        Certainty::Possible
    };
    let observation = Observation::of_time(kept.field.name, moment.time, bound, certainty);
    let detail = detail(kept, moment.written, moment.zone, constant);
    Some(Observation {
        detail,
        ..observation.inside(&kept.member)
    })
}

/// The producer of the well-known constant that a time is.
pub(super) fn constant(kept: &Kept) -> Option<&'static str> {
    let moment = kept.value.moment()?;
    let is_civil = moment.zone == Zone::Unknown;
    sentinel(moment.written, kept.field.name, is_civil).map(|known| known.producer)
}

fn detail(
    kept: &Kept,
    written: Timestamp,
    zone: Zone,
    constant: Option<&'static str>,
) -> Option<Cow<'static, str>> {
    if let Some(producer) = constant {
        return Some(format!("{written} is the constant of {producer}").into());
    }
    let written = written.to_string();
    let written = written.trim_end_matches('Z');
    match zone {
        Zone::Unknown => Some(
            format!(
                "written as {written} without a zone; counted in the zone furthest ahead of UTC"
            )
            .into(),
        ),
        Zone::Inferred => Some(
            format!("written as {written} without a zone; the zone is that of other members")
                .into(),
        ),
        Zone::Known | Zone::Stated if kept.field.confidence == Confidence::Low => Some(
            Cow::Borrowed("a date in text, which may mean something else"),
        ),
        Zone::Known | Zone::Stated => None,
    }
}

/// Why a time inside an artifact is later than `facts` allow, by the artifact's own times.
pub(super) fn cause(artifact: &Artifact, facts: &Facts<'_>) -> Cause {
    match artifact.cause_of_later(facts.now) {
        Cause::Clock => Cause::Clock,
        Cause::Filesystem => Cause::Filesystem,
        Cause::Drift | Cause::Imported | Cause::Late | Cause::Untouched | Cause::Embedded => {
            Cause::Embedded
        }
    }
}
