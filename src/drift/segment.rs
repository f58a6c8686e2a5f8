//! Into which stretches the readings fall, so that each is explained by an even rate: the fewest.
//!
//! Where one stretch ends and the next begins is not always certain: what lies beside a border may fit on
//! both sides of it. So beside the borders that are told there are all gaps in which they could be.

use super::line::{Anchor, Line, runs, runs_from_end};
use crate::time::{Rate, Span};
use std::ops::Range;

/// A stretch of anchors that one line goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Which anchors.
    pub(super) anchors: Range<usize>,
    /// How much the true time gains on the ruler; `None` for a single anchor.
    pub(super) rate: Option<Rate>,
}

/// The anchors of one ruler, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Split {
    /// The stretches, one after the other.
    pub(super) stretches: Vec<Stretch>,
    /// For each border between two, the first and the last anchor that the later stretch can begin with.
    pub(super) borders: Vec<(usize, usize)>,
}

impl Split {
    pub(super) fn of(anchors: &[Anchor]) -> Self {
        let starts = |runs: Vec<usize>| {
            let mut next = 0;
            let starts = runs.into_iter().map(move |run| {
                next += run;
                next
            });
            starts.collect::<Vec<usize>>()
        };
        // As late as they can be, and as early.
        let latest = starts(runs(anchors));
        let mut back = runs_from_end(anchors);
        back.reverse();
        let earliest = starts(back);
        let inner = latest.len().saturating_sub(1);
        let mut borders: Vec<(usize, usize)> = earliest.into_iter().zip(latest).collect();
        borders.truncate(inner);
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut from = 0;
        for &(first, last) in &borders {
            let to = border(anchors, from, first, last);
            stretches.push(stretch(anchors, from..to));
            from = to;
        }
        if from < anchors.len() {
            stretches.push(stretch(anchors, from..anchors.len()));
        }
        Self { stretches, borders }
    }

    /// Whether nothing is known of the gap before this anchor but that a border may lie in it.
    pub(super) fn may_part_before(&self, anchor: usize) -> bool {
        let next = self.borders.partition_point(|(_, last)| *last < anchor);
        self.borders
            .get(next)
            .is_some_and(|(first, _)| *first <= anchor)
    }
}

/// Where a stretch ends that begins with `from`: as late as it can, unless the rates on both sides lie nearer to
/// each other when it ends as early as it can. A jump is told apart from the rates so, and is no rate itself.
fn border(anchors: &[Anchor], from: usize, first: usize, last: usize) -> usize {
    let longest = longest(anchors, from).min(last);
    let first = first.max(from + 1).min(longest);
    let apart = |to: usize| {
        let before = rate(anchors, from..to);
        let after = rate(anchors, to..self::longest(anchors, to));
        match (before, after) {
            (Some(before), Some(after)) => before.distance(after),
            _ => 0,
        }
    };
    if first < longest && apart(first) < apart(longest) {
        first
    } else {
        longest
    }
}

/// One past the last anchor that a line from this one on can go through.
fn longest(anchors: &[Anchor], from: usize) -> usize {
    let mut line = Line::new();
    let rest = anchors.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|anchor| line.take(anchor)).count()
}

fn stretch(anchors: &[Anchor], range: Range<usize>) -> Stretch {
    Stretch {
        rate: rate(anchors, range.clone()),
        anchors: range,
    }
}

fn rate(anchors: &[Anchor], range: Range<usize>) -> Option<Rate> {
    Line::through(anchors.get(range)?)?.rate()
}

/// By how much the ruler jumped forward against the true time between two stretches, the least and the
/// most; `None` where a change of rate explains it.
///
/// It does when the rate between them is one between theirs, give or take what a kernel slews.
pub(super) fn jump(anchors: &[Anchor], before: &Stretch, after: &Stretch) -> Option<(Span, Span)> {
    let from = anchors.get(before.anchors.end.checked_sub(1)?)?;
    let to = anchors.get(after.anchors.start)?;
    let rate = match (before.rate, after.rate) {
        (Some(one), Some(other)) => one.hull(other),
        (Some(known), None) | (None, Some(known)) => known,
        (None, None) => Rate::UNKNOWN,
    };
    let elapsed = Span::from_nanos(to.at - from.at);
    let (least, most) = rate.widened(Rate::UNSTEADY_PPM).over(elapsed);
    // What passed truly falls short of what should have passed.
    let least = least.as_nanos() - (to.latest - from.earliest);
    let most = most.as_nanos() - (to.earliest - from.latest);
    (least > 0 || most < 0).then(|| (Span::from_nanos(least), Span::from_nanos(most)))
}

#[cfg(test)]
mod tests {
    use super::{Split, jump};
    use crate::drift::line::Anchor;
    use crate::time::Span;

    const SECOND: i128 = 1_000_000_000;

    /// Anchors that are known to 2 ms, of seconds of the ruler and the milliseconds that the true time gained.
    fn anchors(all: &[(i128, i128)]) -> Vec<Anchor> {
        let one = |(reading, (at, gained)): (usize, &(i128, i128))| Anchor {
            at: at * SECOND,
            earliest: at * SECOND + (gained - 1) * 1_000_000,
            latest: at * SECOND + (gained + 1) * 1_000_000,
            reading,
        };
        all.iter().enumerate().map(one).collect()
    }

    fn split(all: &[(i128, i128)]) -> (Vec<usize>, Vec<Option<Span>>) {
        let anchors = anchors(all);
        let split = Split::of(&anchors);
        let jumps = split.stretches.windows(2).map(|pair| {
            let (least, most) = jump(&anchors, &pair[0], &pair[1])?;
            Some(least.plus(most).half())
        });
        (
            split
                .stretches
                .iter()
                .map(|one| one.anchors.start)
                .collect(),
            jumps.collect(),
        )
    }

    #[test]
    fn an_even_rate_is_one_stretch() {
        let even: Vec<(i128, i128)> = (0..20).map(|at| (at, at * 200)).collect();
        assert_eq!(split(&even), (vec![0], vec![]));
        assert_eq!(split(&even[..1]), (vec![0], vec![]));
        assert_eq!(split(&[]), (vec![], vec![]));
    }

    #[test]
    fn a_jump_is_placed_where_it_was() {
        // The true time is 5 s further of a sudden: the machine stood still.
        let jumped = |after: i128| -> Vec<(i128, i128)> {
            (0..8)
                .map(|at| (at * 10, if at >= after { 5000 } else { 0 }))
                .collect()
        };
        for after in [1, 2, 4, 6, 7] {
            let (starts, jumps) = split(&jumped(after));
            assert_eq!(starts, [0, usize::try_from(after).unwrap()], "{after}");
            let by = jumps[0].unwrap();
            assert!(
                by.plus(Span::from_secs(5)).abs() < Span::from_millis(1),
                "{by}"
            );
        }
    }

    #[test]
    fn a_change_of_rate_is_no_jump() {
        // Even, and a fifth too fast from 40 s on.
        let changed: Vec<(i128, i128)> = (0..8)
            .map(|at| (at * 10, (at - 4).max(0) * -2000))
            .collect();
        let (starts, jumps) = split(&changed);
        assert_eq!((starts.len(), jumps), (2, vec![None]));
    }

    #[test]
    fn a_border_that_could_lie_elsewhere_is_open() {
        let anchors = anchors(&[(0, 0), (10, 0), (20, 5000)]);
        let split = Split::of(&anchors);
        assert_eq!(split.stretches.len(), 2);
        assert!(split.may_part_before(1) && split.may_part_before(2));
        let anchors =
            self::anchors(&[(0, 0), (10, 0), (20, 0), (30, 5000), (40, 5000), (50, 5000)]);
        let split = Split::of(&anchors);
        let open: Vec<usize> = (1..6).filter(|at| split.may_part_before(*at)).collect();
        assert_eq!(open, [3]);
    }
}
