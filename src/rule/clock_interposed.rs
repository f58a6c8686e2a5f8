//! `clock-interposed`: programs here see a clock that somebody made up.

use super::{BuildFacts, Certainty, Check, Level, Observation, Rule};
use crate::time::Span;

pub(super) const RULE: Rule = Rule {
    id: "clock-interposed",
    summary: "a preloaded library fakes the time that programs see",
    level: Level::Warning,
    why: "\
Under libfaketime the compiler, the linker and the packer see a made-up time, while the kernel stamps \
files with the real one. What a build says of its time under it is no evidence. Reproducibility tests do \
this on purpose; a release build should not.",
    example: "\
    warning clock-interposed\n      \
clock: programs see a time 3 d 0 h ahead of the kernel's (LD_PRELOAD names libfaketime)",
    remedy: "Unset LD_PRELOAD and FAKETIME for the build and the audit, or accept it with an ignore.",
    checks: &[Check::Build(judge)],
};

fn judge(facts: &BuildFacts<'_>) -> Vec<Observation> {
    let seen = |certainty, detail: String| Observation::of_state("clock", certainty, detail);
    let named = facts.builder.faking.as_deref();
    let observation = match (facts.builder.interposed, named) {
        (Some(by), named) => {
            let side = if by < Span::ZERO {
                "behind"
            } else {
                "ahead of"
            };
            let named = named.map(|named| format!(" ({named})")).unwrap_or_default();
            let detail = format!(
                "programs see a time {} {side} the kernel's{named}",
                by.abs()
            );
            seen(Certainty::Proven, detail)
        }
        (None, Some(named)) => {
            let detail = format!("{named}, though the time it shows is the kernel's just now");
            seen(Certainty::Possible, detail)
        }
        (None, None) => return Vec::new(),
    };
    vec![observation]
}
