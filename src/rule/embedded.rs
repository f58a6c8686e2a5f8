//! What the rules share that look at times inside an artifact.

use super::{Artifact, Bound, Cause, Certainty, Facts, Observation};
use crate::format::{Confidence, Kept, Role, Zone, sentinel};
use crate::time::{Span, Timestamp};
use std::borrow::Cow;

/// What there is to say of each time. An archive may have a member's modification time in four places: what says no more
/// than another about the same member is left out.
pub(super) fn of_members(
    stamps: &[Kept],
    judge: impl Fn(&Kept) -> Option<Observation>,
) -> Vec<Observation> {
    let mut seen: Vec<Observation> = Vec::new();
    let mut member = None;
    for kept in stamps {
        let Some(observation) = judge(kept) else {
            continue;
        };
        let is_modified = kept.field.role == Role::Modified;
        let last = seen.last_mut();
        match last.filter(|_| is_modified && member == Some(&kept.member)) {
            Some(last) if says_all_of(last, &observation) => continue,
            Some(last) if says_all_of(&observation, last) => *last = observation,
            _ => seen.push(observation),
        }
        member = is_modified.then_some(&kept.member);
    }
    seen
}

/// Whether one time is held against the same as another, is as sure, and lies within it.
fn says_all_of(one: &Observation, other: &Observation) -> bool {
    let lies_within = one
        .found
        .zip(other.found)
        .is_some_and(|(one, other)| one.hull(other) == other);
    lies_within && one.bound == other.bound && one.certainty >= other.certainty
}

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

#[cfg(test)]
mod tests {
    use super::of_members;
    use crate::format::{Confidence, Field, Kept, Role, Value};
    use crate::rule::{Bound, BoundName, Certainty, Observation};
    use crate::time::{Interval, Timestamp};

    fn kept(member: &str, role: Role) -> Kept {
        Kept {
            member: member.into(),
            field: Box::leak(Box::new(Field {
                name: "a.time",
                what: "a time of a test",
                role,
                confidence: Confidence::High,
            })),
            raw: Vec::new(),
            value: Value::Unset,
        }
    }

    #[test]
    fn what_says_no_more_than_another_of_the_same_member_is_left_out() {
        use Certainty::{Possible, Proven};
        use Role::{Event, Modified};
        let told = |told: &[(&str, Role, (i64, i64), Certainty)]| -> Vec<(i64, i64)> {
            let at = |seconds| Timestamp::from_unix(seconds, 0);
            let stamps: Vec<Kept> = told.iter().map(|told| kept(told.0, told.1)).collect();
            let judged = std::cell::Cell::new(0);
            let seen = of_members(&stamps, |_| {
                let (_, _, (from, to), certainty) = told[judged.replace(judged.get() + 1)];
                let bound = Bound {
                    name: BoundName::Now,
                    at: Interval::exactly(at(0)),
                };
                let found = Interval::between(at(from), at(to));
                Some(Observation::of_time("a.time", found, bound, certainty))
            });
            let found = seen.iter().map(|seen| seen.found.unwrap());
            let seconds = |found: Interval| {
                let (from, to) = (found.earliest().unwrap(), found.latest().unwrap());
                (from.seconds(), to.seconds())
            };
            found.map(seconds).collect()
        };
        let (wide, exact, other) = ((10, 90), (50, 50), (95, 95));
        let zip = [wide, exact, wide, exact].map(|time| ("a", Modified, time, Proven));
        assert_eq!(told(&zip), [exact]);
        let differs = [wide, exact, wide, other].map(|time| ("a", Modified, time, Proven));
        assert_eq!(told(&differs), [exact, other]);
        let members = [("a", exact), ("b", exact), ("b", exact), ("a", exact)];
        let members = members.map(|(member, time)| (member, Modified, time, Proven));
        assert_eq!(told(&members), [exact; 3]);
        // Two things that happened at the same time are two.
        assert_eq!(told(&[("a", Event, exact, Proven); 2]), [exact; 2]);
        let mixed = [("a", Modified, exact, Proven), ("a", Event, exact, Proven)];
        assert_eq!(told(&mixed), [exact; 2]);
        let less_sure = [
            ("a", Modified, wide, Proven),
            ("a", Modified, exact, Possible),
        ];
        assert_eq!(told(&less_sure), [wide, exact]);
        let surer = [
            ("a", Modified, wide, Possible),
            ("a", Modified, exact, Proven),
        ];
        assert_eq!(told(&surer), [exact]);
    }
}
