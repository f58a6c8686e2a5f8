//! Through which readings one line goes, and how steep it can be: the true time against the ruler.
//!
//! A line goes through all intervals when, for every two of them, it can rise from the first to the second; how
//! steep it can be is what all pairs allow together, no more and no less. Only the corners of a convex hull
//! can be the steepest to reach, so a reading is added in logarithmic time.

use crate::clock::{Reading, Trusted};
use crate::sys::{Boottime, RulerId};
use crate::time::{Interval, Rate, Span, Timestamp};

/// Instants further than this from zero, in nanoseconds, measure nothing: 146 years, so the true time is of
/// the years 1824 to 2116. Products of two differences fit an `i128`.
const FAR: i128 = 1 << 62;

/// The truth lay in an interval when the ruler showed this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anchor {
    /// What the ruler showed, in nanoseconds.
    pub(super) at: i128,
    /// When it was no earlier than that …
    pub(super) earliest: i128,
    /// … and no later.
    pub(super) latest: i128,
    /// Which reading it is of.
    pub(super) reading: usize,
}

impl Anchor {
    /// One that can be computed with; `None` where a side is open or out of all reason.
    pub(super) fn new(taken: Boottime, time: Interval, reading: usize) -> Option<Self> {
        let anchor = Self {
            at: taken.as_nanos(),
            earliest: time.earliest()?.as_nanos(),
            latest: time.latest()?.as_nanos(),
            reading,
        };
        let is_near = |nanos: i128| (-FAR..=FAR).contains(&nanos);
        let is_sane = [anchor.at, anchor.earliest, anchor.latest]
            .into_iter()
            .all(is_near);
        is_sane.then_some(anchor)
    }

    /// When it was.
    pub(super) fn time(&self) -> Interval {
        Interval::between(
            Timestamp::from_nanos(self.earliest),
            Timestamp::from_nanos(self.latest),
        )
    }

    /// How uncertain that is, in nanoseconds.
    pub(super) const fn width(&self) -> i128 {
        self.latest - self.earliest
    }

    /// The same, with both the ruler and the time counted backwards.
    const fn mirrored(&self) -> Self {
        Self {
            at: -self.at,
            earliest: -self.latest,
            latest: -self.earliest,
            reading: self.reading,
        }
    }

    /// How the true time gained on the ruler between two, on the whole; this one is the earlier. `None` where
    /// it is not.
    pub(super) fn rate_to(&self, later: &Self) -> Option<Rate> {
        let span = |from: i128, to: i128| Span::from_nanos(to - from);
        let least = span(self.latest, later.earliest);
        let most = span(self.earliest, later.latest);
        Rate::of((least, most), span(self.at, later.at))
    }
}

/// How much the builder's clock gained on the true time between two readings of one ruler; `None` where that
/// bounds nothing.
pub fn gain_between(earlier: &Trusted, later: &Trusted) -> Option<Rate> {
    let anchor = |trusted: &Trusted| Anchor::new(trusted.taken, trusted.time, 0);
    let (from, to) = (anchor(earlier)?, anchor(later)?);
    from.rate_to(&to)?.inverse()
}

/// What the readings of one ruler say of the true time, in the order of the ruler, each instant once.
pub(super) fn anchors(readings: &[&Reading], ruler: &RulerId) -> Vec<Anchor> {
    let all = readings.iter().enumerate().filter_map(|(index, reading)| {
        // What the builder says of itself measures nothing, nor does what somebody stated.
        let trusted = reading.trusted.as_ref().ok()?;
        let counts = reading.local.ruler == *ruler && trusted.class.is_verified();
        counts
            .then(|| Anchor::new(trusted.taken, trusted.time, index))
            .flatten()
    });
    in_order(all.collect())
}

/// In the order of the ruler. What is said twice of one instant is what both say; what contradicts itself
/// there is either.
pub(super) fn in_order(mut anchors: Vec<Anchor>) -> Vec<Anchor> {
    anchors.sort_by_key(|anchor| anchor.at);
    anchors.dedup_by(|next, kept| {
        let is_same = next.at == kept.at;
        if is_same {
            let (from, to) = (
                kept.earliest.max(next.earliest),
                kept.latest.min(next.latest),
            );
            if from <= to {
                (kept.earliest, kept.latest) = (from, to);
            } else {
                (kept.earliest, kept.latest) = (
                    kept.earliest.min(next.earliest),
                    kept.latest.max(next.latest),
                );
            }
        }
        is_same
    });
    anchors
}

/// The lines that go through all anchors so far, each later than the one before.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Below these no line starts to rise: the latest that it was.
    latest: Hull,
    /// The same of the earliest that it was, upside down.
    earliest: Hull,
    /// How steep they are.
    rate: Rate,
    /// Of how many anchors.
    anchors: usize,
}

impl Line {
    pub(super) fn new() -> Self {
        Self {
            latest: Hull::default(),
            earliest: Hull::default(),
            rate: Rate::UNKNOWN,
            anchors: 0,
        }
    }

    /// Makes it go through one more, if it can: a ruler of which nothing is known still is one.
    pub(super) fn take(&mut self, anchor: &Anchor) -> bool {
        let least = self.latest.steepest(anchor.at, anchor.earliest);
        let most = self.earliest.steepest(anchor.at, -anchor.latest);
        let slope = |rise: i128, run: i128| {
            let rise = Span::from_nanos(rise);
            Rate::of((rise, rise), Span::from_nanos(run))
        };
        let least = least.and_then(|(rise, run)| Some(slope(rise, run)?.least()));
        let most = most.and_then(|(rise, run)| Some(slope(-rise, run)?.most()));
        if let (Some(least), Some(most)) = (least, most) {
            let (least, most) = (least.max(self.rate.least()), most.min(self.rate.most()));
            if least > most {
                return false;
            }
            self.rate = Rate::between(least, most);
        }
        self.latest.push(anchor.at, anchor.latest);
        self.earliest.push(anchor.at, -anchor.earliest);
        self.anchors += 1;
        true
    }

    /// How much the true time gains on the ruler; `None` for a single anchor.
    pub(super) fn rate(&self) -> Option<Rate> {
        (self.anchors > 1).then_some(self.rate)
    }

    /// The line through all of these; `None` where there is none.
    pub(super) fn through(anchors: &[Anchor]) -> Option<Self> {
        let mut line = Self::new();
        anchors
            .iter()
            .all(|anchor| line.take(anchor))
            .then_some(line)
    }
}

/// The corners of points, seen from below.
#[derive(Debug, Clone, Default)]
struct Hull(Vec<(i128, i128)>);

impl Hull {
    /// Adds a point to the right of all others.
    fn push(&mut self, x: i128, y: i128) {
        while let [.., first, last] = self.0.as_slice() {
            let (over, up) = (last.0 - first.0, last.1 - first.1);
            if up * (x - first.0) < (y - first.1) * over {
                break;
            }
            self.0.pop();
        }
        self.0.push((x, y));
    }

    /// The steepest way from a point to one that is right of all: how far up, how far over. `None` without
    /// points.
    fn steepest(&self, x: i128, y: i128) -> Option<(i128, i128)> {
        let way = |(from, base): &(i128, i128)| (y - base, x - from);
        // It gets steeper from corner to corner up to the steepest one, and flatter from there.
        let is_before = |pair: &&[(i128, i128)]| match pair {
            [one, next] => {
                let ((up, over), (next_up, next_over)) = (way(one), way(next));
                up * next_over < next_up * over
            }
            _ => false,
        };
        let (mut from, mut to) = (0, self.0.len().checked_sub(1)?);
        while from < to {
            let middle = from.midpoint(to);
            if self
                .0
                .get(middle..=middle + 1)
                .as_ref()
                .is_some_and(is_before)
            {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        self.0.get(from).map(way)
    }
}

/// How many anchors each of the fewest lines goes through, if each goes as far as it can.
pub(super) fn runs(anchors: &[Anchor]) -> Vec<usize> {
    greedy(anchors.iter().copied())
}

/// The same from the end; the run at the end comes first.
pub(super) fn runs_from_end(anchors: &[Anchor]) -> Vec<usize> {
    greedy(anchors.iter().rev().map(Anchor::mirrored))
}

fn greedy(anchors: impl Iterator<Item = Anchor>) -> Vec<usize> {
    let mut runs = Vec::new();
    let mut line = Line::new();
    for anchor in anchors {
        if !line.take(&anchor) {
            runs.push(line.anchors);
            line = Line::new();
            // The first one always fits.
            line.take(&anchor);
        }
    }
    if line.anchors > 0 {
        runs.push(line.anchors);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::{Anchor, Line, in_order, runs, runs_from_end};
    use crate::sys::Boottime;
    use crate::time::{Interval, Rate, Timestamp};
    use proptest::prelude::{prop, proptest};

    fn anchor(at: i128, earliest: i128, latest: i128) -> Anchor {
        Anchor {
            at,
            earliest,
            latest,
            reading: 0,
        }
    }

    /// What all pairs allow, as it is defined.
    fn by_pairs(anchors: &[Anchor]) -> Option<Rate> {
        let mut rate = Rate::UNKNOWN;
        for (index, later) in anchors.iter().enumerate() {
            for earlier in anchors.iter().take(index) {
                rate = rate.intersection(earlier.rate_to(later)?)?;
            }
        }
        Some(rate)
    }

    proptest! {
        #[test]
        fn the_hull_says_what_all_pairs_say(
            points in prop::collection::vec((1..50_i128, 0..60_i128, 0..80_i128), 2..12),
        ) {
            let mut at = 0;
            let anchors: Vec<Anchor> = points.into_iter().map(|(step, early, width)| {
                at += step;
                anchor(at, at + early, at + early + width)
            }).collect();
            let line = Line::through(&anchors);
            assert_eq!(line.and_then(|line| line.rate()), by_pairs(&anchors), "{anchors:?}");
        }

        #[test]
        fn from_both_ends_it_takes_as_many_lines(
            points in prop::collection::vec((1..50_i128, 0..60_i128, 0..20_i128), 1..30),
        ) {
            let mut at = 0;
            let anchors: Vec<Anchor> = points.into_iter().map(|(step, early, width)| {
                at += step;
                anchor(at, at + early, at + early + width)
            }).collect();
            let (there, back) = (runs(&anchors), runs_from_end(&anchors));
            assert_eq!(there.len(), back.len(), "{there:?} {back:?}");
            assert_eq!(there.iter().sum::<usize>(), anchors.len());
            assert_eq!(back.iter().sum::<usize>(), anchors.len());
        }
    }

    #[test]
    fn the_rate_is_exact_and_rounded_outward() {
        // Ten seconds pass while the ruler shows twelve.
        let anchors = [
            anchor(0, 0, 0),
            anchor(12_000_000_000, 10_000_000_000, 10_000_000_000),
        ];
        let rate = Line::through(&anchors).unwrap().rate().unwrap();
        assert_eq!((rate.least(), rate.most()), (-166_666_667, -166_666_666));
        assert_eq!(Line::through(&anchors[..1]).unwrap().rate(), None);
    }

    #[test]
    fn no_line_is_steeper_than_a_clock_can_be() {
        let second = 1_000_000_000;
        let jump = [anchor(0, 0, 0), anchor(second, 2 * second, 2 * second)];
        assert!(Line::through(&jump).is_none());
        assert_eq!(runs(&jump), [1, 1]);
    }

    #[test]
    fn one_instant_is_told_once() {
        let told = |pairs: &[(i128, i128)]| {
            let all = pairs.iter().map(|(from, to)| anchor(5, *from, *to));
            in_order(all.collect())
        };
        assert_eq!(told(&[(0, 10), (5, 15)]), [anchor(5, 5, 10)]);
        assert_eq!(told(&[(0, 1), (5, 15)]), [anchor(5, 0, 15)]);
    }

    #[test]
    fn what_is_out_of_all_reason_measures_nothing() {
        let at = |nanos| Interval::exactly(Timestamp::from_nanos(nanos));
        let zero = Boottime::at(0);
        assert!(Anchor::new(zero, at(1 << 62), 0).is_some());
        assert!(Anchor::new(zero, at((1 << 62) + 1), 0).is_none());
        assert!(Anchor::new(Boottime::at(i128::MIN), at(0), 0).is_none());
        assert!(Anchor::new(zero, Interval::from(Timestamp::from_nanos(0)), 0).is_none());
        // The extremes do not overflow.
        let far = 1_i128 << 62;
        let mut line = Line::new();
        for corner in [
            anchor(-far, -far, far),
            anchor(0, -far, far),
            anchor(far, -far, far),
        ] {
            assert!(line.take(&corner));
        }
    }
}
