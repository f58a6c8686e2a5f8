//! How the builder's clock ran beside the true time: from readings to rates, steps and what they mean,
//! and back from what the builder's clock showed to when it really was.
//!
//! Two questions are kept apart.
//!
//! - **Was the wall clock set?** The kernel runs and slews the wall clock and the ruler (`CLOCK_BOOTTIME`) as
//!   one, so their difference changes only when somebody sets the wall clock. That takes no outside clock: two
//!   local readings tell, however long the process stood still in between or the machine was suspended.
//! - **How did the true time run on the ruler?** Each reading of a clock from outside says in which
//!   interval the truth lay when the ruler showed something. The lines through all intervals bound the rate: a
//!   guarantee, where a regression is surest of itself when a route changed in the middle. Where no one line
//!   goes through all, the rate changed or a clock jumped, and the readings are taken apart into the fewest
//!   stretches with a line each.
//!
//! Both together lead from a time that the wall clock showed, on a file say, over the ruler to when it was.
//! Readings of different boots or time namespaces share no ruler: they are never compared.

mod cause;
mod claim;
mod diagnosis;
mod line;
mod segment;
mod source;
#[cfg(test)]
pub(crate) mod tests;
mod track;
mod wall;
mod words;

pub use diagnosis::Diagnosis;
pub use line::gain_between;
pub use source::{Pace, SourceDrift};
pub use words::Gain;

use crate::clock::Reading;
use crate::sys::{Boottime, RulerId};
use crate::time::{Interval, Rate, Span, Timestamp};
use line::Anchor;
use segment::{Split, Stretch};
use source::{Agreed, sources};
use std::collections::HashSet;
use track::Track;
use wall::{Wall, of_ruler, sets};

/// How the builder's clock ran beside the true time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drift {
    /// What one line fits, in the order of time. One when the ruler ran evenly.
    pub segments: Vec<Segment>,
    /// Where the clock was set, or jumped against the true time.
    pub steps: Vec<Step>,
    /// How each source ran by itself.
    pub sources: Vec<SourceDrift>,
    /// What was read of each ruler.
    tracks: Vec<Track>,
}

/// Readings through all of which one line goes: an even rate explains them.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Which ruler it is.
    pub ruler: RulerId,
    /// The first of them.
    pub from: Boottime,
    /// The last of them.
    pub to: Boottime,
    /// How many.
    pub readings: usize,
    /// How much the true time gained on the ruler; `None` for a single reading.
    pub rate: Option<Rate>,
    /// What the timer alone gained on the true time, where that is right and all else was slewing that brought the
    /// clock nearer to the true time: what a time daemon is for.
    pub mended: Option<Rate>,
    /// How uncertain the least certain of its ends is.
    pub width: Span,
}

/// The clock was set, or jumped against the true time.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which ruler it is.
    pub ruler: RulerId,
    /// After this reading of it …
    pub after: Boottime,
    /// … and before this one.
    pub before: Boottime,
    /// By how much the wall clock moved forward, the least and the most; negative for back.
    pub by: (Span, Span),
    /// What moved.
    pub kind: StepKind,
    /// When that really was, as far as it is known.
    pub when: Option<Interval>,
    /// What the wall clock said before and after.
    pub wall: (Timestamp, Timestamp),
}

/// What moved in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// The wall clock against this machine's others: somebody set it.
    Set,
    /// All clocks of this machine together against the true time: it stood still, or a source was set.
    Jumped,
}

/// What a measured rate says of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Wherever in its bounds the rate lies, it is beyond the limit.
    Exceeds,
    /// Wherever in its bounds the rate lies, it is within.
    Within,
    /// The bounds reach over the limit.
    Inconclusive {
        /// How long a baseline would decide it; `None` where nothing was measured, or no baseline would.
        needs: Option<Span>,
    },
}

/// When something really was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// When.
    pub time: Interval,
    /// How that is known.
    pub quality: Quality,
}

/// How it is known when something really was, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// It lies between two readings.
    Between,
    /// It lies before the first or after the last.
    Extrapolated,
    /// The clock showed this time more than once, or not at all.
    Ambiguous,
}

impl Quality {
    /// As the reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Between => "between",
            Self::Extrapolated => "extrapolated",
            Self::Ambiguous => "ambiguous",
        }
    }
}

impl Drift {
    /// What readings come to, in the order in which they were taken.
    ///
    /// Only readings that agree on a clock from outside measure the builder's ([`Class::is_verified`]). In
    /// O(n log n).
    ///
    /// [`Class::is_verified`]: crate::source::Class::is_verified
    #[expect(
        single_use_lifetimes,
        reason = "an item of an iterator cannot do without"
    )]
    pub fn of<'all>(readings: impl IntoIterator<Item = &'all Reading>) -> Self {
        let readings = &*readings.into_iter().collect::<Vec<_>>();
        let mut drift = Self::default();
        let rulers: Vec<Ruled<'_>> = rulers(readings)
            .into_iter()
            .map(|ruler| Ruled::of(readings, ruler))
            .collect();
        for ruled in &rulers {
            drift.add(readings, ruled);
        }
        let agreed = rulers.iter().flat_map(Ruled::agreed);
        drift.sources = sources(readings, &agreed.collect::<Vec<_>>());
        drift
    }

    fn add(&mut self, readings: &[&Reading], ruled: &Ruled<'_>) {
        let Ruled {
            ruler,
            anchors,
            split,
        } = ruled;
        let locals = of_ruler(readings.iter().map(|reading| &reading.local), ruler);
        let programs = Wall::of(&locals, |local| local.clocks.wall);
        let kernel = Wall::of(&locals, |local| local.clocks.stamping());
        let set = sets(&locals, &programs, &kernel);
        let locals = locals.into_iter().cloned().collect();
        let ruler = *ruler;
        let track = Track::new(ruler.clone(), locals, kernel, (anchors, split));
        let mut steps: Vec<Step> = Vec::new();
        for set in set {
            steps.push(Step {
                ruler: ruler.clone(),
                after: set.after,
                before: set.before,
                by: set.by,
                kind: StepKind::Set,
                when: when(&track, set.after, set.before),
                wall: set.wall,
            });
        }
        steps.extend(jumps(readings, &track, anchors, split));
        steps.sort_by_key(|step| step.after);
        let segments = segments(ruler, anchors, split).map(|segment| Segment {
            mended: cause::mended(&segment, &track),
            ..segment
        });
        self.segments.extend(segments);
        self.steps.extend(steps);
        self.tracks.push(track);
    }

    /// When the ruler really showed this.
    pub fn at(&self, ruler: &RulerId, at: Boottime) -> Option<Located> {
        let track = self.tracks.iter().find(|track| track.ruler == *ruler)?;
        track.at(at.as_nanos())
    }

    /// When the builder's wall clock really showed this, as its kernel has it: the clock that stamps files.
    /// `None` where no reading from outside tells, or a side of it is open.
    ///
    /// Of several boots the one counts that was read when its clock showed this.
    pub fn locate(&self, wall: Interval) -> Option<Located> {
        let all = self.tracks.iter().filter_map(|track| track.locate(wall));
        let all: Vec<Located> = all.collect();
        let is_inside = |located: &Located| located.quality != Quality::Extrapolated;
        let any_inside = all.iter().any(is_inside);
        let mut all = all
            .into_iter()
            .filter(|located| !any_inside || is_inside(located));
        let first = all.next()?;
        Some(all.fold(first, |one, other| Located {
            time: one.time.hull(other.time),
            quality: Quality::Ambiguous,
        }))
    }
}

/// What the readings of one ruler say of the true time.
struct Ruled<'all> {
    ruler: &'all RulerId,
    anchors: Vec<Anchor>,
    split: Split,
}

impl<'all> Ruled<'all> {
    fn of(readings: &[&Reading], ruler: &'all RulerId) -> Self {
        let anchors = line::anchors(readings, ruler);
        let split = Split::of(&anchors);
        Self {
            ruler,
            anchors,
            split,
        }
    }

    /// Its stretches.
    fn agreed(&self) -> impl Iterator<Item = Agreed<'_>> {
        self.split.stretches.iter().map(|stretch| Agreed {
            ruler: self.ruler,
            anchors: &self.anchors,
            stretch,
        })
    }
}

/// The rulers, in the order in which they were read. One of no known boot is nobody's.
fn rulers<'all>(readings: &[&'all Reading]) -> Vec<&'all RulerId> {
    let mut all: Vec<&RulerId> = Vec::new();
    let mut known = HashSet::new();
    for reading in readings {
        let ruler = &reading.local.ruler;
        if ruler.boot.is_some() && known.insert(ruler) {
            all.push(ruler);
        }
    }
    all
}

/// When something really was that happened between two readings of the ruler.
fn when(track: &Track, after: Boottime, before: Boottime) -> Option<Interval> {
    let (from, to) = (track.at(after.as_nanos())?, track.at(before.as_nanos())?);
    Some(from.time.hull(to.time))
}

fn segments<'all>(
    ruler: &'all RulerId,
    anchors: &'all [Anchor],
    split: &'all Split,
) -> impl Iterator<Item = Segment> + 'all {
    split.stretches.iter().filter_map(move |stretch| {
        let (first, last) = ends(anchors, stretch)?;
        Some(Segment {
            ruler: ruler.clone(),
            from: Boottime::at(first.at),
            to: Boottime::at(last.at),
            readings: stretch.anchors.len(),
            rate: stretch.rate,
            mended: None,
            width: Span::from_nanos(first.width().max(last.width())),
        })
    })
}

/// The first and the last anchor of a stretch.
fn ends<'all>(anchors: &'all [Anchor], stretch: &Stretch) -> Option<(&'all Anchor, &'all Anchor)> {
    let all = anchors.get(stretch.anchors.clone())?;
    Some((all.first()?, all.last()?))
}

/// Where all clocks jumped against the true time, and not because the wall clock was slewed towards it.
fn jumps(readings: &[&Reading], track: &Track, anchors: &[Anchor], split: &Split) -> Vec<Step> {
    let pairs = split.stretches.iter().zip(split.stretches.iter().skip(1));
    let jump = |(before, after): (&Stretch, &Stretch)| {
        let by = segment::jump(anchors, before, after)?;
        let (from, to) = (ends(anchors, before)?.1, ends(anchors, after)?.0);
        let wall = |anchor: &Anchor| Some(readings.get(anchor.reading)?.local.clocks.wall);
        if cause::is_mended(track, from, to) {
            return None;
        }
        let (from_at, to_at) = (Boottime::at(from.at), Boottime::at(to.at));
        Some(Step {
            ruler: track.ruler.clone(),
            after: from_at,
            before: to_at,
            by,
            kind: StepKind::Jumped,
            when: when(track, from_at, to_at),
            wall: (wall(from)?, wall(to)?),
        })
    };
    pairs.filter_map(jump).collect()
}
