//! What is wrong with the times of a build: the table of rules.
//!
//! A rule looks at one artifact, or at the build as a whole, and says what it sees; level, path and
//! suppression are added around it, so that no rule can speak for another. Every comparison is between
//! intervals: what it finds is *proven* when they exclude each other, and only *possible* when they
//! overlap.
//!
//! To add a rule: write `rule/<id_with_underscores>.rs` with its `RULE`, and list it below, twice.

mod after_build_end;
mod ancient_time;
mod before_build_start;
mod beyond_source_date;
mod clock_drifting;
mod clock_interposed;
mod clock_skewed;
mod clock_stepped;
mod clock_unsynchronised;
mod disagreeing_stamps;
mod filesystem_clock_skewed;
mod future_ctime;
mod future_member;
mod future_mtime;
mod older_than_content;
mod only_sentinels;
mod receiver_rejects;
mod record_mismatch;
mod source_date_future;
mod source_disagrees;
mod stale_ignore;
mod unrepresentable_time;
mod unzoned_member;

mod artifact;
mod cause;
mod embedded;
mod finding;
mod judge;
mod policy;

/// Every rule, in the order in which reports show them.
pub const RULES: &[Rule] = &[
    future_mtime::RULE,
    future_ctime::RULE,
    future_member::RULE,
    after_build_end::RULE,
    before_build_start::RULE,
    source_date_future::RULE,
    beyond_source_date::RULE,
    ancient_time::RULE,
    unrepresentable_time::RULE,
    disagreeing_stamps::RULE,
    older_than_content::RULE,
    unzoned_member::RULE,
    only_sentinels::RULE,
    receiver_rejects::RULE,
    clock_skewed::RULE,
    clock_drifting::RULE,
    clock_stepped::RULE,
    clock_unsynchronised::RULE,
    clock_interposed::RULE,
    filesystem_clock_skewed::RULE,
    source_disagrees::RULE,
    record_mismatch::RULE,
    stale_ignore::RULE,
];

pub use artifact::{Artifact, Times};
pub use cause::{Cause, remedy};
pub use finding::{Bound, BoundName, Certainty, Finding, Names, Observation, Written};
pub use judge::{Against, Batch, Judge, Subject, Suppressed};
pub use policy::{Change, Ignore, Override, Policy, Setting, Settings};

use crate::clock::{Builder, Clock};
use crate::format::{Content, Kept};
use crate::receiver::Receiver;
use crate::record::{Account, Documented, Window};
use crate::time::{Interval, Span, Timestamp};
use std::ffi::OsStr;

/// One thing that can be wrong.
#[derive(Debug)]
pub struct Rule {
    /// `<subject>-<what-is-wrong>`; never changed, never used again for something else.
    pub id: &'static str,
    /// The rule in a sentence.
    pub summary: &'static str,
    /// How bad it is unless the configuration says otherwise.
    pub level: Level,
    /// Why it matters.
    pub why: &'static str,
    /// What it looks like.
    pub example: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// What it looks at.
    pub checks: &'static [Check],
}

impl Rule {
    /// Where it stands in [`RULES`].
    pub(crate) fn index(&self) -> usize {
        RULES
            .iter()
            .position(|rule| rule.id == self.id)
            .unwrap_or(RULES.len())
    }
}

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Not looked for.
    Off,
    /// Worth knowing.
    Note,
    /// Worth a look.
    Warning,
    /// Wrong.
    Error,
}

impl Level {
    /// Every level, the least first.
    pub const ALL: [Self; 4] = [Self::Off, Self::Note, Self::Warning, Self::Error];

    /// As configuration and reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a rule looks at.
#[derive(Debug)]
pub enum Check {
    /// Each artifact.
    Artifact {
        /// The times about which the rule has nothing to say, so that most artifacts are passed over
        /// by comparing integers.
        calm: fn(&Facts<'_>) -> Calm,
        /// What it sees in one.
        judge: fn(&Artifact, &Facts<'_>) -> Option<Observation>,
    },
    /// Each time inside an artifact.
    Stamp {
        /// The times about which the rule has nothing to say.
        calm: fn(&Facts<'_>) -> Calm,
        /// What it sees in one.
        judge: fn(&Kept, &Artifact, &Facts<'_>) -> Option<Observation>,
    },
    /// All times inside an artifact together.
    Content(fn(&Opened<'_>, &Facts<'_>) -> Vec<Observation>),
    /// The build as a whole, once all artifacts were seen.
    Build(fn(&BuildFacts<'_>) -> Vec<Observation>),
}

/// An artifact that was looked into.
#[derive(Debug, Clone, Copy)]
pub struct Opened<'a> {
    /// Its name, without the way to it.
    pub name: &'a OsStr,
    /// It from outside.
    pub artifact: &'a Artifact,
    /// What was found inside.
    pub content: &'a Content,
}

/// What a rule holds an artifact against.
#[derive(Debug)]
pub struct Facts<'audit> {
    /// What the time was once the artifact had been read.
    pub now: Interval,
    /// When the build began and ended.
    pub window: &'audit Window,
    /// What the builder's own clock showed when the build began, where it stamped the artifacts and was
    /// not set since: stamps of one clock compare with each other whatever the time really was.
    pub begin_by_builder: Option<Interval>,
    /// The second that `SOURCE_DATE_EPOCH` names.
    pub source_date: Option<Interval>,
    /// Who will be given the artifacts.
    pub receivers: &'audit [&'static Receiver],
    /// What the rule lets pass.
    pub tolerance: Span,
}

/// What a rule holds a build against.
#[derive(Debug)]
pub struct BuildFacts<'audit> {
    /// What the time is.
    pub now: Interval,
    /// Who says so, and what else they say.
    pub clock: &'audit Clock,
    /// What the builder says of its clocks.
    pub builder: &'audit Builder,
    /// The second that `SOURCE_DATE_EPOCH` names.
    pub source_date: Option<Interval>,
    /// The build's record, and what it comes to.
    pub record: Option<(&'audit Documented, &'audit Account)>,
    /// By how many parts per million the builder's clock may run too fast or too slow.
    pub drift_limit: u32,
    /// What was to be ignored.
    pub ignores: &'audit [Ignore],
    /// What the rule lets pass.
    pub tolerance: Span,
}

/// Times about which nothing can be found, whatever else is true of the artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calm {
    /// A modification time no earlier than this …
    pub from: Timestamp,
    /// … and no later than this …
    pub to: Timestamp,
    /// … beside an inode change time no later than this.
    pub changed_to: Timestamp,
}

impl Calm {
    /// All times: the rule has nothing to hold them against.
    pub const ALWAYS: Self = Self {
        from: Timestamp::DISTANT_PAST,
        to: Timestamp::DISTANT_FUTURE,
        changed_to: Timestamp::DISTANT_FUTURE,
    };

    /// Modification times no later than what `bound` can be.
    fn until(bound: Interval) -> Self {
        Self {
            to: bound.earliest().unwrap_or(Timestamp::DISTANT_PAST),
            ..Self::ALWAYS
        }
    }

    /// Modification times no earlier than what `bound` can be.
    fn since(bound: Interval) -> Self {
        Self {
            from: bound.latest().unwrap_or(Timestamp::DISTANT_FUTURE),
            ..Self::ALWAYS
        }
    }

    /// Whether nothing can be found at these times where nothing could at those of `other`.
    fn covers(self, other: Self) -> bool {
        self.from <= other.from && self.to >= other.to && self.changed_to >= other.changed_to
    }

    /// Where both rules have nothing to say.
    fn and(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
            changed_to: self.changed_to.min(other.changed_to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::artifact::tests::file;
    use super::{Artifact, Calm, Check, Facts, RULES};
    use crate::record::{Bound, Trust, Window};
    use crate::sys::{Filesystem, Kind, Stamper};
    use crate::time::{Interval, Span, Timestamp};
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

    /// Seconds near everything that rules compare with, and far away.
    fn seconds() -> impl Strategy<Value = i64> {
        let near = prop_oneof![
            Just(0),
            Just(315_532_800),
            Just(2_147_483_647),
            Just(4_294_967_295),
            Just(1_800_000_000)
        ];
        prop_oneof![(near, -5..5_i64).prop_map(|(at, by)| at + by), any::<i64>()]
    }

    fn artifact() -> impl Strategy<Value = Artifact> {
        let kind = prop_oneof![Just(Kind::File), Just(Kind::Directory), Just(Kind::Symlink)];
        let stamper = prop_oneof![
            Just(Stamper::Local),
            Just(Stamper::Server),
            Just(Stamper::Image)
        ];
        (
            seconds(),
            seconds(),
            any::<bool>(),
            any::<bool>(),
            kind,
            stamper,
        )
            .prop_map(|(modified, changed, whole, is_deliberate, kind, stamper)| {
                let mut artifact = file(modified, changed, changed);
                if whole {
                    artifact.times.modified = Timestamp::from_unix(modified, 0);
                }
                let filesystem = Filesystem {
                    stamper,
                    ..Filesystem::UNKNOWN
                };
                Artifact {
                    kind,
                    filesystem,
                    is_deliberate,
                    ..artifact
                }
            })
    }

    fn interval() -> impl Strategy<Value = Interval> {
        (seconds(), 0..100_i64).prop_map(|(at, width)| {
            let at = Timestamp::from_unix(at, 0);
            Interval::between(at, at.later(Span::from_secs(width)))
        })
    }

    /// A side of a window, which may be open on either side.
    fn window_side() -> impl Strategy<Value = Interval> {
        (interval(), 0..3).prop_map(|(at, open)| match open {
            0 => at,
            1 => Interval::from(at.earliest().unwrap()),
            _ => Interval::until(at.latest().unwrap()),
        })
    }

    #[test]
    fn a_window_that_is_open_outward_leaves_what_lies_in_it_calm() {
        let at = |seconds| Timestamp::from_unix(seconds, 0);
        let bound = |at| {
            Some(Bound {
                at,
                source: String::new(),
                trust: Trust::Server,
            })
        };
        let window = Window {
            began: bound(Interval::from(at(1000))),
            ended: bound(Interval::until(at(2000))),
        };
        let (now, tolerance) = (Interval::exactly(at(5000)), Span::ZERO);
        let facts = Facts {
            now,
            window: &window,
            begin_by_builder: None,
            source_date: None,
            receivers: &[],
            tolerance,
        };
        let calm = RULES
            .iter()
            .filter(|rule| rule.id.contains("build"))
            .flat_map(|rule| rule.checks)
            .fold(Calm::ALWAYS, |all, check| match check {
                Check::Artifact { calm, .. } => all.and(calm(&facts)),
                Check::Stamp { .. } | Check::Content(_) | Check::Build(_) => all,
            });
        assert_eq!((calm.from, calm.to), (at(1000), at(2000)));
    }

    #[test]
    fn what_is_calm_here_covers_what_was_calm_there_only_when_all_of_it_is() {
        let calm = |from, to, changed_to| Calm {
            from: Timestamp::from_unix(from, 0),
            to: Timestamp::from_unix(to, 0),
            changed_to: Timestamp::from_unix(changed_to, 0),
        };
        let presumed = calm(10, 20, 30);
        assert!(presumed.covers(presumed) && calm(9, 21, 31).covers(presumed));
        for less in [calm(11, 20, 30), calm(10, 19, 30), calm(10, 20, 29)] {
            assert!(!less.covers(presumed), "{less:?}");
        }
    }

    proptest! {
        /// Not even under `--strict`: otherwise the hot path would pass over findings.
        #[test]
        fn no_rule_speaks_up_while_it_is_calm(
            artifact in artifact(),
            now in interval(),
            began in window_side(),
            ended in window_side(),
            source_date in interval(),
            tolerance in 0..10_i64,
            by_builder in any::<bool>(),
        ) {
            let bound = |at| Some(Bound { at, source: String::new(), trust: Trust::Stated });
            let window = Window { began: bound(began), ended: bound(ended) };
            let tolerance = Span::from_secs(tolerance);
            let facts = Facts {
                now,
                window: &window,
                begin_by_builder: by_builder.then_some(began),
                source_date: Some(source_date),
                receivers: &[],
                tolerance,
            };
            for rule in RULES {
                for check in rule.checks {
                    let Check::Artifact { calm, judge } = check else { continue };
                    let (calm, times) = (calm(&facts), artifact.times);
                    let changed = times.changed.unwrap_or(Timestamp::DISTANT_PAST);
                    let is_calm = (calm.from..=calm.to).contains(&times.modified) && changed <= calm.changed_to;
                    assert!(!is_calm || judge(&artifact, &facts).is_none(), "{}", rule.id);
                }
            }
        }
    }
}
