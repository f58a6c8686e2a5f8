//! How the wall clock stood to the ruler, and where somebody set it.
//!
//! The kernel runs and slews both as one, so what the wall clock is ahead of the ruler stays the same until
//! somebody sets it; that takes no outside clock to see. Two wall clocks are looked at: the one that
//! programs see, which a preloaded library can replace, and the kernel's, which stamps files. Either can be set.

use crate::clock::Local;
use crate::sys::{Boottime, Clocks, RulerId};
use crate::time::{Interval, Span, Timestamp};

/// What moved less than this was not set: a program that stood still between two readings of one clock
/// and a set by less are not told apart.
const SLACK: i128 = Clocks::SLACK.as_nanos();

/// How long a wall clock stood so to the ruler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stand {
    /// Which local reading is the first of it …
    pub(super) first: usize,
    /// … and what the ruler showed there, at the earliest and at the latest.
    began: (i128, i128),
    /// The same of the last one.
    ended: (i128, i128),
    /// How far the wall clock was ahead of the ruler, at least.
    least: i128,
    /// And at most.
    most: i128,
    /// By how much it had moved forward when this began, the least and the most, if it was set.
    set: Option<(i128, i128)>,
}

/// When the wall clock showed something, on the ruler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    /// At the earliest.
    pub(super) from: i128,
    /// At the latest.
    pub(super) to: i128,
    /// Whether it was between two readings of the clocks.
    pub(super) is_between: bool,
    /// Whether it showed that more than once, or not at all.
    pub(super) is_ambiguous: bool,
}

/// A wall clock, as it stood to the ruler.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Wall(Vec<Stand>);

impl Wall {
    /// Of local readings in the order of one ruler.
    pub(super) fn of(locals: &[&Local], wall: impl Fn(&Local) -> Timestamp) -> Self {
        let mut stands: Vec<Stand> = Vec::new();
        for (index, local) in locals.iter().enumerate() {
            let (taken, bracket) = (
                local.clocks.taken.as_nanos(),
                local.clocks.bracket.as_nanos().max(0),
            );
            // It was read at some time in the bracket.
            let most = wall(local).as_nanos().saturating_sub(taken);
            let least = most.saturating_sub(bracket);
            let during = (taken, taken.saturating_add(bracket));
            let set = match stands.last_mut() {
                Some(stand) if least <= stand.most && most >= stand.least => {
                    stand.least = stand.least.max(least);
                    stand.most = stand.most.min(most);
                    stand.ended = during;
                    continue;
                }
                Some(stand) => {
                    let moved = (
                        least.saturating_sub(stand.most),
                        most.saturating_sub(stand.least),
                    );
                    (moved.0 > SLACK || moved.1 < -SLACK).then_some(moved)
                }
                None => None,
            };
            stands.push(Stand {
                first: index,
                began: during,
                ended: during,
                least,
                most,
                set,
            });
        }
        Self(stands)
    }

    /// Where it was set: before which local reading, and by how much, the least and the most.
    pub(super) fn sets(&self) -> impl Iterator<Item = (usize, (Span, Span))> + '_ {
        self.0.iter().filter_map(|stand| {
            let (least, most) = stand.set?;
            let by = (Span::from_nanos(least), Span::from_nanos(most));
            Some((stand.first, by))
        })
    }

    /// What it showed at a reading of the ruler, at least and at most.
    pub(super) fn at(&self, ruler: i128) -> Option<(i128, i128)> {
        let next = self.0.partition_point(|stand| stand.began.0 <= ruler);
        let stand = self.0.get(next.checked_sub(1)?)?;
        let (least, most) = (stand.least, stand.most);
        Some((ruler.saturating_add(least), ruler.saturating_add(most)))
    }

    /// When it showed a time. A clock that was set twice between two readings is not seen to be.
    pub(super) fn shown(&self, wall: Interval) -> Option<Shown> {
        let (earliest, latest) = (wall.earliest()?.as_nanos(), wall.latest()?.as_nanos());
        let (first, last) = (self.0.first()?, self.0.last()?);
        let mut all: Option<Shown> = None;
        let mut sets_before = 0;
        let mut seen_after = None;
        for (index, stand) in self.0.iter().enumerate() {
            sets_before += usize::from(stand.set.is_some());
            // In the gap between two readings it stood either way.
            let before = index.checked_sub(1).and_then(|index| self.0.get(index));
            let from = before.map_or(i128::MIN, |stand| stand.ended.0);
            let to = self.0.get(index + 1).map_or(i128::MAX, |next| next.began.1);
            let from = from.max(earliest.saturating_sub(stand.most));
            let to = to.min(latest.saturating_sub(stand.least));
            if from > to {
                continue;
            }
            let is_again = seen_after.is_some_and(|sets| sets != sets_before);
            seen_after = Some(sets_before);
            all = Some(match all {
                None => Shown {
                    from,
                    to,
                    is_between: true,
                    is_ambiguous: false,
                },
                Some(shown) => Shown {
                    from: shown.from.min(from),
                    to: shown.to.max(to),
                    is_ambiguous: shown.is_ambiguous || is_again,
                    ..shown
                },
            });
        }
        let mut shown = all.or_else(|| self.skipped(earliest, latest))?;
        shown.is_between = shown.from >= first.began.0 && shown.to <= last.ended.1;
        Some(shown)
    }

    /// The gap in which it was set forward past a time that it never showed.
    fn skipped(&self, earliest: i128, latest: i128) -> Option<Shown> {
        let gap = self.0.windows(2).find_map(|pair| match pair {
            [before, after] => {
                let is_past = before.most.saturating_add(after.began.1) < earliest;
                let is_to_come = after.least.saturating_add(before.ended.0) > latest;
                (is_past && is_to_come).then_some((before.ended.0, after.began.1))
            }
            _ => None,
        });
        gap.map(|(from, to)| Shown {
            from,
            to,
            is_between: true,
            is_ambiguous: true,
        })
    }
}

/// The local readings of one ruler, in its order.
pub(super) fn of_ruler<'all>(
    locals: impl Iterator<Item = &'all Local>,
    ruler: &RulerId,
) -> Vec<&'all Local> {
    let mut all: Vec<&Local> = locals.filter(|local| local.ruler == *ruler).collect();
    all.sort_by_key(|local| local.clocks.taken);
    all
}

/// A wall clock was set between two local readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Set {
    pub(super) after: Boottime,
    pub(super) before: Boottime,
    pub(super) by: (Span, Span),
    pub(super) wall: (Timestamp, Timestamp),
}

/// Where the wall clock was set: the one that programs see, or the kernel's where only that one was.
pub(super) fn sets(locals: &[&Local], programs: &Wall, kernel: &Wall) -> Vec<Set> {
    let mut all: Vec<(usize, (Span, Span))> = programs.sets().collect();
    // The sort is stable: what programs see stays first.
    all.extend(kernel.sets());
    all.sort_by_key(|(before, _)| *before);
    all.dedup_by_key(|(before, _)| *before);
    let set = |(next, by): (usize, (Span, Span))| {
        let (last, next) = (locals.get(next.checked_sub(1)?)?, locals.get(next)?);
        Some(Set {
            after: last.clocks.taken,
            before: next.clocks.taken,
            by,
            wall: (last.clocks.wall, next.clocks.wall),
        })
    };
    all.into_iter().filter_map(set).collect()
}
