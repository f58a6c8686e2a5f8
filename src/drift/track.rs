//! From the ruler to the true time: what the readings of one ruler allow between them.
//!
//! Between two readings the true time runs at a rate that both of them allow, and those around them, give
//! or take what a kernel may slew; where two stretches part, all that is known is that it does not run back.
//! What this rests on: a rate that changed by more, and still by so little that one line goes through all, did not
//! do so twice within a few readings, nor next to the first or the last. Each reading is first made as sharp as its neighbours make it, so that any two that stand side by side
//! say all that all of them say.

use super::line::Anchor;
use super::segment::Split;
use super::wall::{Shown, Wall};
use super::{Located, Quality};
use crate::clock::Local;
use crate::sys::RulerId;
use crate::time::{Interval, Rate, Span, Timestamp};

/// One ruler: when it showed what, and how the wall clock stood to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    pub(super) ruler: RulerId,
    /// Its local readings, in its order.
    pub(super) locals: Vec<Local>,
    /// What the ruler showed, and when that was.
    knots: Vec<(i128, Interval)>,
    /// How much the true time may have gained on the ruler from each knot to the next; `None` where two
    /// stretches may part.
    gaps: Vec<Option<Rate>>,
    /// The clock that stamps files.
    wall: Wall,
}

impl Track {
    pub(super) fn new(
        ruler: RulerId,
        locals: Vec<Local>,
        wall: Wall,
        (anchors, split): (&[Anchor], &Split),
    ) -> Self {
        let (anchors, parts) = telling(anchors, split);
        let gaps: Vec<Option<Rate>> = gaps(&anchors, &parts);
        let mut knots: Vec<(i128, Interval)> = anchors
            .iter()
            .map(|anchor| (anchor.at, anchor.time()))
            .collect();
        for index in 0..gaps.len() {
            sharpen(&mut knots, &gaps, index, index + 1);
        }
        for index in (0..gaps.len()).rev() {
            sharpen(&mut knots, &gaps, index + 1, index);
        }
        Self {
            ruler,
            locals,
            knots,
            gaps,
            wall,
        }
    }

    /// When the ruler showed this; `None` where no reading from outside tells.
    pub(super) fn at(&self, ruler: i128) -> Option<Located> {
        let next = self.knots.partition_point(|(at, _)| *at <= ruler);
        let before = next.checked_sub(1).and_then(|index| {
            let rate = self.gaps.get(index).copied();
            Some((self.knots.get(index)?, rate))
        });
        let (time, quality) = match (before, self.knots.get(next)) {
            (None, None) => return None,
            (Some((knot, _)), _) if knot.0 == ruler => (knot.1, Quality::Between),
            (Some((knot, _)), None) => (carried(knot, ruler), Quality::Extrapolated),
            (None, Some(knot)) => (carried(knot, ruler), Quality::Extrapolated),
            (Some((before, rate)), Some(after)) => {
                let rate = rate.flatten();
                let (one, other) = (reached(before, rate, ruler), reached(after, rate, ruler));
                // Two that exclude each other are both as good as the other.
                let both = one.intersection(other);
                (
                    both.unwrap_or_else(|| before.1.hull(after.1)),
                    Quality::Between,
                )
            }
        };
        Some(Located { time, quality })
    }

    /// How far the wall clock was from the true time when the ruler showed this, at least and at most.
    pub(super) fn apart(&self, ruler: i128) -> Option<(Span, Span)> {
        let (least, most) = self.wall.at(ruler)?;
        let (least, most) = (Timestamp::from_nanos(least), Timestamp::from_nanos(most));
        let (wall, time) = (Interval::between(least, most), self.at(ruler)?.time);
        let farthest = wall.latest()?.since(time.earliest()?).abs();
        let farthest = farthest.max(time.latest()?.since(wall.earliest()?).abs());
        Some((wall.distance(time), farthest))
    }

    /// When the wall clock showed this.
    pub(super) fn locate(&self, wall: Interval) -> Option<Located> {
        let Shown {
            from,
            to,
            is_between,
            is_ambiguous,
        } = self.wall.shown(wall)?;
        let (from, to) = (self.at(from)?, self.at(to)?);
        let quality = if is_ambiguous {
            Quality::Ambiguous
        } else if is_between {
            from.quality.max(to.quality)
        } else {
            Quality::Extrapolated
        };
        Some(Located {
            time: from.time.hull(to.time),
            quality,
        })
    }
}

/// Beyond the readings nothing is known of the ruler but that it is a clock, whatever its rate was before.
fn carried((at, time): &(i128, Interval), ruler: i128) -> Interval {
    time.after(Rate::UNKNOWN.over(Span::from_nanos(ruler.saturating_sub(*at))))
}

/// What one knot says of another reading of the ruler. Without a rate: that time does not run back.
fn reached((at, time): &(i128, Interval), rate: Option<Rate>, ruler: i128) -> Interval {
    match rate {
        Some(rate) => time.after(rate.over(Span::from_nanos(ruler - at))),
        None if ruler < *at => Interval::between(
            Timestamp::DISTANT_PAST,
            time.latest().unwrap_or(Timestamp::DISTANT_FUTURE),
        ),
        None => Interval::from(time.earliest().unwrap_or(Timestamp::DISTANT_PAST)),
    }
}

/// Makes a knot as sharp as the one beside it does.
fn sharpen(knots: &mut [(i128, Interval)], gaps: &[Option<Rate>], by: usize, index: usize) {
    let rate = gaps.get(by.min(index)).copied().flatten();
    let Some(known) = knots.get(by).copied() else {
        return;
    };
    if let Some((at, time)) = knots.get_mut(index)
        && let Some(both) = time.intersection(reached(&known, rate, *at))
    {
        *time = both;
    }
}

/// The anchors that tell something, and whether two stretches may part in each gap between them.
///
/// One that is far vaguer than what those around it say of the same instant only blurs the rate beside it.
fn telling(anchors: &[Anchor], split: &Split) -> (Vec<Anchor>, Vec<bool>) {
    let mut kept = vec![false; anchors.len()];
    let mut keep = |index: usize| {
        if let Some(one) = kept.get_mut(index) {
            *one = true;
        }
    };
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut from = 0;
    for next in 1..=anchors.len() {
        if next == anchors.len() || split.may_part_before(next) {
            keep(from);
            keep(next - 1);
            open.push((from, next - 1));
            from = next;
        }
    }
    while let Some((from, to)) = open.pop() {
        let (Some(before), Some(after)) = (anchors.get(from), anchors.get(to)) else {
            continue;
        };
        let inner = anchors.get(from + 1..to).unwrap_or_default();
        let Some(rate) = before.rate_to(after) else {
            continue;
        };
        let rate = rate.widened(Rate::UNSTEADY_PPM);
        let tells = |(_, anchor): &(usize, &Anchor)| {
            anchor.width() <= 2 * width(before, after, rate, anchor.at)
        };
        let sharpest = inner
            .iter()
            .enumerate()
            .filter(tells)
            .min_by_key(|(_, anchor)| anchor.width());
        if let Some((index, _)) = sharpest {
            let middle = from + 1 + index;
            keep(middle);
            open.extend([(from, middle), (middle, to)]);
        }
    }
    let kept: Vec<(usize, &Anchor)> = anchors
        .iter()
        .enumerate()
        .filter(|(index, _)| kept.get(*index) == Some(&true))
        .collect();
    let parts = kept
        .iter()
        .skip(1)
        .map(|(index, _)| split.may_part_before(*index));
    (
        kept.iter().map(|(_, anchor)| **anchor).collect(),
        parts.collect(),
    )
}

/// How uncertain, in nanoseconds, two anchors with a rate between them leave an instant between.
fn width(before: &Anchor, after: &Anchor, rate: Rate, at: i128) -> i128 {
    let reach = |anchor: &Anchor| {
        anchor
            .time()
            .after(rate.over(Span::from_nanos(at - anchor.at)))
    };
    let both = reach(before).intersection(reach(after));
    both.map_or(i128::MAX / 4, |both| both.width().as_nanos())
}

/// The rate in each gap between two anchors.
fn gaps(anchors: &[Anchor], parts: &[bool]) -> Vec<Option<Rate>> {
    // Where the unparted run of each anchor begins and ends.
    let mut begins: Vec<usize> = vec![0];
    for (index, is_parted) in parts.iter().enumerate() {
        let begin = begins.last().copied().unwrap_or(0);
        begins.push(if *is_parted { index + 1 } else { begin });
    }
    let mut ends: Vec<usize> = vec![anchors.len().saturating_sub(1)];
    for (index, is_parted) in parts.iter().enumerate().rev() {
        let end = ends.last().copied().unwrap_or(0);
        ends.push(if *is_parted { index } else { end });
    }
    ends.reverse();
    let pairs = anchors.iter().zip(anchors.iter().skip(1)).enumerate();
    let gap = |(index, (from, to)): (usize, (&Anchor, &Anchor))| {
        if parts.get(index).copied().unwrap_or(true) {
            return None;
        }
        let mut rate = from.rate_to(to)?;
        // If the rate changed in the gap, so little that one line still fits, it was that of before and then
        // that of after: as seen over half as long a time at least, else that says less than the gap itself.
        let far = (to.at - from.at) / 2;
        let run = anchors.get(*begins.get(index)?..=*ends.get(index)?)?;
        let earlier = run.partition_point(|other| other.at <= from.at - far);
        let before = earlier
            .checked_sub(1)
            .and_then(|at| run.get(at)?.rate_to(from));
        if let Some(before) = before {
            rate = rate.hull(before);
        }
        let later = run.partition_point(|other| other.at < to.at + far);
        let after = run.get(later).and_then(|other| to.rate_to(other));
        if let Some(after) = after {
            rate = rate.hull(after);
        }
        let rate = rate.widened(Rate::UNSTEADY_PPM);
        Some(rate.intersection(Rate::UNKNOWN).unwrap_or(Rate::UNKNOWN))
    };
    pairs.map(gap).collect()
}
