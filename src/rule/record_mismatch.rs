//! `record-mismatch`: the record is not of this build.

use super::{BuildFacts, Certainty, Check, Level, Observation, Rule};

pub(super) const RULE: Rule = Rule {
    id: "record-mismatch",
    summary: "the record is of another host, boot or tree, was changed, or is from the future",
    level: Level::Error,
    why: "\
A record says when this build began and ended, and how the clock ran meanwhile. One of another build says \
that of another build: held against it, deliverables pass that should not, and others fail that are in \
order. One that was cut off or edited says nothing at all.",
    example: "\
    error record-mismatch\n      \
record: .skewgate/record.json was begun on `builder-7`, this is `builder-9`",
    remedy: "\
Begin a record in the job that builds (`skewgate begin`, or `skewgate run -- CMD`), and hand the file to the \
audit as it is. Where the audit is meant to run elsewhere, accept this with an ignore and its reason.",
    checks: &[Check::Build(judge)],
};

fn judge(facts: &BuildFacts<'_>) -> Vec<Observation> {
    let Some((documented, account)) = facts.record else {
        return Vec::new();
    };
    let path = documented.path.display().to_string();
    let observe = |(number, mismatch): (usize, &crate::record::Mismatch)| Observation {
        subject: Some(format!("{path}: {}", number + 1)),
        ..Observation::of_state(
            "record",
            Certainty::Proven,
            format!("`{path}`: {}", mismatch.reason),
        )
    };
    account.mismatches.iter().enumerate().map(observe).collect()
}
