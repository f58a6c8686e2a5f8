//! `stale-ignore`: something is accepted that does not happen any more.

use super::{Bound, BoundName, BuildFacts, Certainty, Check, Level, Observation, Rule};
use crate::rule::Ignore;
use crate::time::Interval;

pub(super) const RULE: Rule = Rule {
    id: "stale-ignore",
    summary: "an ignore took no finding, or its term is over",
    level: Level::Warning,
    why: "\
An ignore that outlives its reason hides the next finding on the same path. One whose term is over takes \
nothing any more, so what it used to take is reported again.",
    example: "\
    warning stale-ignore\n      \
skewgate.toml:14: `vendor/**` took no finding of future-mtime (\"Bazel's install base\")",
    remedy: "\
Remove it, correct its path, or give it a new term with a new reason. Ignores outside the audited paths \
are not judged.",
    checks: &[Check::Build(judge)],
};

fn judge(facts: &BuildFacts<'_>) -> Vec<Observation> {
    facts
        .ignores
        .iter()
        .filter_map(|ignore| see(ignore, facts.now))
        .collect()
}

fn see(ignore: &Ignore, now: Interval) -> Option<Observation> {
    let about = format!(
        "{}: `{}` for {} (\"{}\")",
        ignore.origin, ignore.written, ignore.rule.id, ignore.reason
    );
    let observation = if ignore.has_expired(now) {
        let bound = ignore.expires.map(|at| Bound {
            name: BoundName::Expiry,
            at,
        });
        let state = Observation::of_state("ignore", Certainty::Proven, about);
        Observation {
            found: Some(now),
            bound,
            ..state
        }
    } else if ignore.in_scope && ignore.taken() == 0 {
        let about = format!("{about} took no finding");
        Observation::of_state("ignore", Certainty::Proven, about)
    } else {
        return None;
    };
    let subject = Some(format!("{}: {}", ignore.rule.id, ignore.written));
    Some(Observation {
        subject,
        ..observation
    })
}
