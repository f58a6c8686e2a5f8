//! From what was found to a verdict.

use crate::rule::Level;
use crate::source::Class;
use crate::time;

/// What an audit comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Everything was read and nothing at or above the level to fail on was found.
    Pass,
    /// Something was.
    Fail,
    /// Nothing was, but not everything could be read.
    Incomplete,
    /// Nothing was, but that says nothing: there was nothing to audit, or no clock to rely on.
    Unknown,
}

impl Verdict {
    /// As reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Incomplete => "incomplete",
            Self::Unknown => "unknown",
        }
    }
}

/// What a pass takes: the options of the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// The least level that fails; `None` for never.
    pub fail_on: Option<Level>,
    /// Whether the clock must be another one than the builder's own.
    pub independent_clock: bool,
    /// Whether what vanished while the audit ran leaves it incomplete, as all else that could not be
    /// read does.
    pub nothing_vanishes: bool,
}

/// What the gate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Artifacts that are no directories.
    pub files: u64,
    /// Findings that are notes, warnings, errors.
    pub findings: [u64; 3],
    /// What could not be read, but for what vanished.
    pub faults: u64,
    /// What vanished.
    pub vanished: u64,
    /// How good the best witness of the time is.
    pub class: Class,
}

impl Tally {
    /// How many findings are at or above a level.
    pub fn at_least(&self, level: Level) -> u64 {
        let counts = [Level::Note, Level::Warning, Level::Error]
            .into_iter()
            .zip(self.findings);
        counts
            .filter(|(of, _)| *of >= level)
            .map(|(_, count)| count)
            .sum()
    }
}

/// Decides, and says why in a sentence.
pub fn decide(tally: &Tally, gate: &Gate) -> (Verdict, String) {
    if let Some(level) = gate.fail_on {
        let failing = tally.at_least(level);
        if failing > 0 {
            let reason = match level {
                Level::Error => counted(failing, "error"),
                Level::Warning => format!("{} or worse", counted(failing, "warning")),
                Level::Note | Level::Off => counted(failing, "finding"),
            };
            return (Verdict::Fail, reason);
        }
    }
    let unread = tally.faults
        + if gate.nothing_vanishes {
            tally.vanished
        } else {
            0
        };
    if unread > 0 {
        let reason = format!("{} could not be read", counted(unread, "artifact"));
        return (Verdict::Incomplete, reason);
    }
    if tally.files == 0 {
        return (Verdict::Unknown, "there was no file to audit".to_owned());
    }
    if gate.independent_clock && !tally.class.is_independent() {
        let reason = "the builder's own clock is no witness; name another with --clock".to_owned();
        return (Verdict::Unknown, reason);
    }
    (Verdict::Pass, "nothing to fail on".to_owned())
}

/// A number with its noun: `1 error`, `2 errors`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// A number with commas between its thousands.
pub(crate) fn grouped(number: u64) -> String {
    time::grouped(number.into())
}

#[cfg(test)]
mod tests {
    use super::{Gate, Tally, Verdict, decide, grouped};
    use crate::rule::Level;
    use crate::source::Class;

    const GATE: Gate = Gate {
        fail_on: Some(Level::Error),
        independent_clock: false,
        nothing_vanishes: false,
    };
    const CLEAN: Tally = Tally {
        files: 9,
        findings: [0; 3],
        faults: 0,
        vanished: 0,
        class: Class::System,
    };

    fn verdict(tally: Tally, gate: Gate) -> Verdict {
        decide(&tally, &gate).0
    }

    #[test]
    fn findings_fail_at_the_level_and_above() {
        let warned = Tally {
            findings: [5, 2, 0],
            ..CLEAN
        };
        assert_eq!(verdict(warned, GATE), Verdict::Pass);
        assert_eq!(
            verdict(
                warned,
                Gate {
                    fail_on: Some(Level::Warning),
                    ..GATE
                }
            ),
            Verdict::Fail
        );
        assert_eq!(
            verdict(
                warned,
                Gate {
                    fail_on: Some(Level::Note),
                    ..GATE
                }
            ),
            Verdict::Fail
        );
        let failed = Tally {
            findings: [0, 0, 1],
            ..CLEAN
        };
        assert_eq!(verdict(failed, GATE), Verdict::Fail);
        assert_eq!(
            verdict(
                failed,
                Gate {
                    fail_on: None,
                    ..GATE
                }
            ),
            Verdict::Pass
        );
    }

    #[test]
    fn what_was_not_read_is_never_a_pass_and_never_hides_a_failure() {
        let unread = Tally { faults: 1, ..CLEAN };
        assert_eq!(verdict(unread, GATE), Verdict::Incomplete);
        assert_eq!(
            verdict(
                Tally {
                    findings: [0, 0, 1],
                    ..unread
                },
                GATE
            ),
            Verdict::Fail
        );
        let vanished = Tally {
            vanished: 1,
            ..CLEAN
        };
        assert_eq!(verdict(vanished, GATE), Verdict::Pass);
        assert_eq!(
            verdict(
                vanished,
                Gate {
                    nothing_vanishes: true,
                    ..GATE
                }
            ),
            Verdict::Incomplete
        );
    }

    #[test]
    fn nothing_audited_is_unknown() {
        assert_eq!(verdict(Tally { files: 0, ..CLEAN }, GATE), Verdict::Unknown);
    }

    #[test]
    fn a_release_wants_another_clock_than_the_builders() {
        let release = Gate {
            independent_clock: true,
            ..GATE
        };
        assert_eq!(verdict(CLEAN, release), Verdict::Unknown);
        assert_eq!(
            verdict(
                Tally {
                    class: Class::SelfAsserted,
                    ..CLEAN
                },
                release
            ),
            Verdict::Unknown
        );
        assert_eq!(
            verdict(
                Tally {
                    class: Class::Stated,
                    ..CLEAN
                },
                release
            ),
            Verdict::Pass
        );
    }

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
