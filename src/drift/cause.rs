//! What the rates of the builder's clocks, beside the true time and beside each other, come from.

use super::line::Anchor;
use super::track::Track;
use super::{Diagnosis, Drift, Segment, StepKind};
use crate::clock::Local;
use crate::sys::{Boottime, Clocks};
use crate::time::{Rate, Span};

/// Parts in a whole.
const BILLION: i128 = 1_000_000_000;

impl Drift {
    /// What it comes from, by a limit in parts per million beyond which a rate is off.
    pub fn diagnoses(&self, limit: u32) -> Vec<Diagnosis> {
        let limit = Rate::within(limit);
        let mut all = Vec::new();
        if let Some(worst) = self.worst() {
            let track = self.tracks.iter().find(|track| track.ruler == worst.ruler);
            let locals = track.map_or(&[][..], |track| &track.locals);
            all.extend(rate(worst, locals, limit));
        }
        all.extend(self.unsteady());
        let stepped = |times, by| Diagnosis::Stepped { times, by };
        let stood = |times, by| Diagnosis::StoodStill { times, by };
        let ahead = |times, by| Diagnosis::RanAhead { times, by };
        all.extend(self.steps_of(|kind, _| kind == StepKind::Set, stepped));
        all.extend(self.steps_of(|kind, is_back| kind == StepKind::Jumped && is_back, stood));
        all.extend(self.steps_of(|kind, is_back| kind == StepKind::Jumped && !is_back, ahead));
        let suspended = self.tracks.iter().map(|track| suspended(&track.locals));
        let suspended = suspended.fold(Span::ZERO, Span::plus);
        if suspended > Span::ZERO {
            all.push(Diagnosis::Suspended { by: suspended });
        }
        let locals = self.tracks.iter().flat_map(|track| &track.locals);
        let interposed = locals.filter_map(|local| local.clocks.interposed());
        if let Some(by) = interposed.max_by_key(|by| by.abs()) {
            all.push(Diagnosis::Interposed { by });
        }
        if self.tracks.len() > 1 {
            let rulers = self.tracks.len();
            all.push(Diagnosis::OtherRulers { rulers });
        }
        all
    }

    /// The slowest and the fastest segment, where no rate can be that of both.
    fn unsteady(&self) -> Option<Diagnosis> {
        let gains = || self.segments.iter().filter_map(Segment::gain);
        let slowest = gains().min_by_key(|gain| gain.most())?;
        let fastest = gains().max_by_key(|gain| gain.least())?;
        (slowest.most() < fastest.least()).then_some(Diagnosis::Unsteady { slowest, fastest })
    }

    fn steps_of(
        &self,
        is_meant: impl Fn(StepKind, bool) -> bool,
        told: impl Fn(usize, (Span, Span)) -> Diagnosis,
    ) -> Option<Diagnosis> {
        let meant = self
            .steps
            .iter()
            .filter(|step| is_meant(step.kind, step.by.1 < Span::ZERO));
        let farthest = meant
            .clone()
            .max_by_key(|step| step.by.0.plus(step.by.1).abs())?;
        Some(told(meant.count(), farthest.by))
    }
}

/// What a rate comes from: the hardware, or slewing.
fn rate(segment: &Segment, locals: &[Local], limit: Rate) -> Option<Diagnosis> {
    let gain = segment.gain()?;
    let is_off = |rate: Rate| rate.distance(limit) > 0;
    let is_right = |rate: Rate| limit.holds(rate);
    if segment.mended.is_some() {
        return is_off(gain).then_some(Diagnosis::Mended { gain });
    }
    let slew = slew(locals, segment.from, segment.to);
    let Some((slew, hardware)) = slew.and_then(|slew| Some((slew, without(gain, slew)?))) else {
        return is_off(gain).then_some(Diagnosis::Runs { gain });
    };
    if is_off(gain) && is_off(hardware) {
        Some(Diagnosis::Timer { gain, hardware })
    } else if is_off(gain) && is_right(hardware) {
        Some(Diagnosis::Slewed { gain, slew })
    } else if is_off(gain) {
        Some(Diagnosis::Runs { gain })
    } else if is_right(gain) && is_off(hardware) {
        Some(Diagnosis::Disciplined { hardware })
    } else {
        None
    }
}

/// What the timer alone gained during a segment, if that is right, the rest is slewing, and the wall clock was
/// nearer to the true time in the end.
pub(super) fn mended(segment: &Segment, track: &Track) -> Option<Rate> {
    let slew = slew(&track.locals, segment.from, segment.to)?;
    let hardware = without(segment.gain()?, slew)?;
    let is_right = Rate::within(Rate::UNSTEADY_PPM).holds(hardware);
    let (before, after) = apart(track, segment.from, segment.to)?;
    (is_right && after.1 < before.0).then_some(hardware)
}

/// Whether a right timer and slewing explain how the true time ran from one anchor to another, and the wall clock
/// need not have been farther from it in the end.
pub(super) fn is_mended(track: &Track, from: &Anchor, to: &Anchor) -> bool {
    let (from_at, to_at) = (Boottime::at(from.at), Boottime::at(to.at));
    let slew = slew(&track.locals, from_at, to_at);
    let gain = from.rate_to(to).and_then(Rate::inverse);
    let hardware = gain.and_then(|gain| without(gain, slew?));
    let is_right = hardware.and_then(|rate| rate.intersection(Rate::within(Rate::UNSTEADY_PPM)));
    let may_be_nearer = |(before, after): (Apart, Apart)| after.0 <= before.1;
    is_right.is_some() && apart(track, from_at, to_at).is_some_and(may_be_nearer)
}

/// How far the wall clock was from the true time, at least and at most.
type Apart = (Span, Span);

/// That at two readings of the ruler.
fn apart(track: &Track, from: Boottime, to: Boottime) -> Option<(Apart, Apart)> {
    Some((track.apart(from.as_nanos())?, track.apart(to.as_nanos())?))
}

/// How much slewing made the clocks gain on the hardware's count between two readings of the ruler.
fn slew(locals: &[Local], from: Boottime, to: Boottime) -> Option<Rate> {
    // The local clocks are read before the sources are asked.
    let near = |at| {
        let after = locals.partition_point(|local| local.clocks.taken <= at);
        locals.get(after.saturating_sub(1))
    };
    let (first, last) = (near(from)?.clocks, near(to)?.clocks);
    let passed = |from: Option<Span>, to: Option<Span>| Some(to?.plus(from?.negated()));
    let slewed = passed(first.monotonic, last.monotonic)?;
    let raw = passed(first.monotonic_raw, last.monotonic_raw)?;
    let unsure = first.bracket.plus(last.bracket).max(Span::ZERO);
    Rate::of((slewed.plus(unsure.negated()), slewed.plus(unsure)), raw)
}

/// What is left of a gain without the part that is slewing: that of the hardware.
fn without(gain: Rate, slew: Rate) -> Option<Rate> {
    let of = |gain: i128, slew: i128| {
        let whole = (BILLION + gain).checked_mul(BILLION)?;
        let slewed = BILLION.checked_add(slew).filter(|slewed| *slewed > 0)?;
        Some(whole / slewed - BILLION)
    };
    let (least, most) = (
        of(gain.least(), slew.most())?,
        of(gain.most(), slew.least())?,
    );
    Some(Rate::between(least - 1, most + 1))
}

/// How long the machine was suspended at least: the ruler counts on, the other clock stands.
fn suspended(locals: &[Local]) -> Span {
    let mut all = Span::ZERO;
    for (before, after) in locals.iter().zip(locals.iter().skip(1)) {
        let (before, after) = (&before.clocks, &after.clocks);
        let (Some(from), Some(to)) = (before.monotonic, after.monotonic) else {
            continue;
        };
        let stood = after
            .taken
            .since(before.taken)
            .plus(to.plus(from.negated()).negated());
        if stood > before.bracket.plus(after.bracket).plus(Clocks::SLACK) {
            all = all.plus(stood);
        }
    }
    all
}
