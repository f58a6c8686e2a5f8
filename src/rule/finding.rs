//! What a rule saw, and the finding that is made of it.

use super::{Cause, Level, Rule};
use crate::drift::Located;
use crate::time::{Interval, Order, Span};
use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

/// What a rule saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The way to what inside the artifact it is about: names joined by `!`; `None` for the artifact itself.
    pub member: Option<Vec<u8>>,
    /// Which field of the artifact or the build.
    pub field: &'static str,
    /// The time that was found.
    pub found: Option<Interval>,
    /// What it was held against.
    pub bound: Option<Bound>,
    /// Whether found and bound exclude each other.
    pub certainty: Certainty,
    /// Why it is so, if the other times tell.
    pub cause: Option<Cause>,
    /// What tells it from others of its rule where there is no artifact to do so.
    pub subject: Option<String>,
    /// What the times alone do not say.
    pub detail: Option<Cow<'static, str>>,
}

/// When an artifact was really written: what its stamp comes to by the record of the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Which of its times tells: the `ctime`, where the `mtime` was set by somebody.
    pub field: &'static str,
    /// When it was, and how that is known.
    pub located: Located,
}

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// The intervals overlap, or something that cannot be seen from here decides.
    Possible,
    /// The intervals exclude each other.
    Proven,
}

impl Certainty {
    /// As reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Proven => "proven",
        }
    }

    /// How sure it is that `found` is later than `bound` by more than `tolerance`; `None` when it is
    /// not later at all.
    pub(super) fn later(found: Interval, bound: Interval, tolerance: Span) -> Option<Self> {
        if found.order(bound) == Order::After && found.distance(bound) > tolerance {
            return Some(Self::Proven);
        }
        (found.latest() > bound.earliest()).then_some(Self::Possible)
    }

    /// How sure it is that two clocks differ by more than `tolerance`; `None` when they may be the same.
    pub(super) fn apart(found: Interval, bound: Interval, tolerance: Span) -> Option<Self> {
        match found.order(bound) {
            Order::Overlaps => None,
            Order::Before | Order::After if found.distance(bound) > tolerance => Some(Self::Proven),
            Order::Before | Order::After => Some(Self::Possible),
        }
    }

    /// The same as [`Self::later`] for earlier.
    pub(super) fn earlier(found: Interval, bound: Interval, tolerance: Span) -> Option<Self> {
        if found.order(bound) == Order::Before && found.distance(bound) > tolerance {
            return Some(Self::Proven);
        }
        (found.earliest() < bound.latest()).then_some(Self::Possible)
    }
}

/// What a time was held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bound {
    /// What it is.
    pub name: BoundName,
    /// When it is.
    pub at: Interval,
}

/// What a bound is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BoundName {
    /// The trusted time, once the artifact had been read.
    Now,
    /// The start of the build.
    BuildStart,
    /// The end of the build.
    BuildEnd,
    /// `SOURCE_DATE_EPOCH`.
    SourceDate,
    /// 1980, where zip begins.
    ZipEpoch,
    /// 1970, where unsigned fields begin.
    UnixEpoch,
    /// The last second a format can hold.
    FormatLimit,
    /// The end of an ignore's term.
    Expiry,
    /// The trusted time at a reading of the build's record.
    Then,
    /// Another record of the same time.
    Record,
    /// The latest time inside the artifact.
    Newest,
    /// What a receiver accepts.
    Receiver,
}

impl BoundName {
    /// As the JSON reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::BuildStart => "build-start",
            Self::BuildEnd => "build-end",
            Self::SourceDate => "source-date-epoch",
            Self::ZipEpoch => "zip-epoch",
            Self::UnixEpoch => "unix-epoch",
            Self::FormatLimit => "format-limit",
            Self::Expiry => "expiry",
            Self::Then => "then",
            Self::Record => "other-record",
            Self::Newest => "newest-content",
            Self::Receiver => "receiver",
        }
    }

    /// As a sentence names it.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Now => "trusted now",
            Self::BuildStart => "the start of the build",
            Self::BuildEnd => "the end of the build",
            Self::SourceDate => "SOURCE_DATE_EPOCH",
            Self::ZipEpoch => "the first year that zip can hold",
            Self::UnixEpoch => "the first second that unsigned fields can hold",
            Self::FormatLimit => "the last second that signed 32-bit fields can hold",
            Self::Expiry => "the end of its term",
            Self::Then => "the trusted time then",
            Self::Record => "what its other record says",
            Self::Newest => "the latest time in it",
            Self::Receiver => "what the receiver accepts",
        }
    }
}

/// Something wrong, with where and how bad.
#[derive(Debug, Clone)]
pub struct Finding {
    /// By which rule.
    pub rule: &'static Rule,
    /// How bad.
    pub level: Level,
    /// On which artifact; `None` when it is about the build.
    pub path: Option<PathBuf>,
    /// What other names the file has, if it has any.
    pub names: Option<Names>,
    /// What the rule saw.
    pub observation: Observation,
    /// When the artifact was really written, if the record of the build tells.
    pub written: Option<Written>,
}

/// A file with several names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Names {
    /// The file system it is on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// How many names it has, in the roots or outside.
    pub links: u64,
}

impl Finding {
    /// By how much: at least that when proven, at most that when possible.
    pub fn by(&self) -> Option<Span> {
        self.observation.by()
    }

    /// How it is sorted among the findings of one report.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |finding: &'_ Self| (finding.observation.field, finding.rule.index());
        let subject = |finding: &Self| finding.observation.subject.clone();
        self.path
            .cmp(&other.path)
            .then_with(|| self.observation.member.cmp(&other.observation.member))
            .then_with(|| key(self).cmp(&key(other)))
            .then_with(|| subject(self).cmp(&subject(other)))
    }
}

impl Observation {
    /// A time that a bound speaks against.
    pub(super) fn of_time(
        field: &'static str,
        found: Interval,
        bound: Bound,
        certainty: Certainty,
    ) -> Self {
        let (found, bound) = (Some(found), Some(bound));
        Self {
            member: None,
            field,
            found,
            bound,
            certainty,
            cause: None,
            subject: None,
            detail: None,
        }
    }

    /// The time of a clock, that is held against the trusted one.
    pub(super) fn of_clock(
        field: &'static str,
        found: Interval,
        trusted: Interval,
        certainty: Certainty,
    ) -> Self {
        let bound = Bound {
            name: BoundName::Now,
            at: trusted,
        };
        Self::of_time(field, found, bound, certainty)
    }

    /// A state of the builder that no time tells.
    pub(super) fn of_state(
        field: &'static str,
        certainty: Certainty,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        let detail = Some(detail.into());
        Self {
            member: None,
            field,
            found: None,
            bound: None,
            certainty,
            cause: None,
            subject: None,
            detail,
        }
    }

    /// The same, about something inside the artifact.
    pub(super) fn inside(self, member: &[u8]) -> Self {
        let member = (!member.is_empty()).then(|| member.to_vec());
        Self { member, ..self }
    }

    /// The same, with what the times alone do not say.
    pub(super) fn saying(self, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = Some(detail.into());
        Self { detail, ..self }
    }

    /// The same, with why it is so.
    pub(super) fn because(self, cause: Cause) -> Self {
        Self {
            cause: Some(cause),
            ..self
        }
    }

    /// By how much found and bound differ: at least that when proven, at most that when possible.
    pub fn by(&self) -> Option<Span> {
        let (found, bound) = (self.found?, self.bound?.at);
        Some(match (self.certainty, found.order(bound)) {
            (_, Order::Before | Order::After) => found.distance(bound),
            (_, Order::Overlaps) if self.is_before() => most_later(bound, found)?,
            (_, Order::Overlaps) => most_later(found, bound)?,
        })
    }

    /// Whether it is about being earlier: by what it found, or else by what it looked for.
    fn is_before(&self) -> bool {
        let Some((found, bound)) = self.found.zip(self.bound) else {
            return false;
        };
        match (found.order(bound.at), bound.name) {
            (Order::Before, _) => true,
            (Order::After, _) => false,
            (
                Order::Overlaps,
                BoundName::BuildStart
                | BoundName::ZipEpoch
                | BoundName::UnixEpoch
                | BoundName::Newest,
            ) => true,
            (
                Order::Overlaps,
                BoundName::Now
                | BoundName::BuildEnd
                | BoundName::SourceDate
                | BoundName::FormatLimit
                | BoundName::Expiry
                | BoundName::Then
                | BoundName::Record
                | BoundName::Receiver,
            ) => false,
        }
    }
}

/// By how much one can be later than the other at most; `None` where nothing bounds it.
fn most_later(one: Interval, other: Interval) -> Option<Span> {
    Some(one.latest()?.since(other.earliest()?))
}

/// The finding in a sentence, without its path.
impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.found.and_then(Interval::earliest);
        match (found, self.bound, self.by()) {
            (Some(found), Some(bound), Some(by)) => {
                let verb = match self.certainty {
                    Certainty::Proven => "is",
                    Certainty::Possible => "may be up to",
                };
                let side = if self.is_before() { "before" } else { "after" };
                write!(
                    f,
                    "{} {found} {verb} {by} {side} {}",
                    self.field,
                    bound.name.phrase()
                )?;
                if let Some(at) = if self.is_before() {
                    bound.at.earliest()
                } else {
                    bound.at.latest()
                } {
                    write!(f, " ({at})")?;
                }
            }
            _ => write!(f, "{}", self.field)?,
        }
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bound, BoundName, Certainty, Observation};
    use crate::time::{Interval, Span, Timestamp};
    use proptest::prelude::proptest;

    fn interval(from: i64, to: i64) -> Interval {
        Interval::between(Timestamp::from_unix(from, 0), Timestamp::from_unix(to, 0))
    }

    #[test]
    fn proven_beyond_the_tolerance_possible_within() {
        let (bound, tolerance) = (interval(100, 110), Span::from_secs(2));
        let later = |at| Certainty::later(interval(at, at), bound, tolerance);
        assert_eq!(later(113), Some(Certainty::Proven));
        assert_eq!(later(112), Some(Certainty::Possible));
        assert_eq!(later(101), Some(Certainty::Possible));
        assert_eq!(later(100), None);
        let earlier = |at| Certainty::earlier(interval(at, at), bound, tolerance);
        assert_eq!(earlier(97), Some(Certainty::Proven));
        assert_eq!(earlier(98), Some(Certainty::Possible));
        assert_eq!(earlier(110), None);
    }

    #[test]
    fn a_finding_reads_as_a_sentence() {
        let observation = |from, to, certainty| Observation {
            member: None,
            field: "mtime",
            found: Some(interval(from, from)),
            bound: Some(Bound {
                name: BoundName::Now,
                at: interval(100, to),
            }),
            certainty,
            cause: None,
            subject: None,
            detail: None,
        };
        assert_eq!(
            observation(4_000, 100, Certainty::Proven).to_string(),
            "mtime 1970-01-01T01:06:40Z is 1 h 5 min after trusted now (1970-01-01T00:01:40Z)"
        );
        assert_eq!(
            observation(105, 110, Certainty::Possible).to_string(),
            "mtime 1970-01-01T00:01:45Z may be up to 5 s after trusted now (1970-01-01T00:01:50Z)"
        );
    }

    #[test]
    fn clocks_are_apart_either_way() {
        let (trusted, tolerance) = (interval(100, 110), Span::from_secs(2));
        let apart = |at| Certainty::apart(interval(at, at), trusted, tolerance);
        assert_eq!([97, 113].map(apart), [Some(Certainty::Proven); 2]);
        assert_eq!([98, 112].map(apart), [Some(Certainty::Possible); 2]);
        // Every clock that is held against an interval may be off within it: that is no finding.
        assert_eq!([100, 105, 110].map(apart), [None; 3]);
    }

    proptest! {
        #[test]
        fn a_wider_bound_or_tolerance_never_proves_more(
            at in 0..300_i64, from in 0..300_i64, width in 0..50_i64, wider in 0..50_i64, tolerance in 0..20_i64,
        ) {
            let found = interval(at, at);
            let (narrow, wide) = (interval(from, from + width), interval(from - wider, from + width + wider));
            let zero = Span::ZERO;
            let proven = |certainty| certainty == Some(Certainty::Proven);
            assert!(!proven(Certainty::later(found, wide, zero)) || proven(Certainty::later(found, narrow, zero)));
            let tolerance = Span::from_secs(tolerance);
            assert!(!proven(Certainty::later(found, narrow, tolerance)) || proven(Certainty::later(found, narrow, zero)));
        }
    }
}
