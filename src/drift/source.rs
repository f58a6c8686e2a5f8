//! How each source ran by itself, beside the rate that all agreed on.

use super::line::{Anchor, Line, in_order};
use super::segment::{Split, Stretch};
use super::{Segment, segments};
use crate::clock::Reading;
use crate::source::Class;
use crate::sys::RulerId;
use crate::time::Rate;
use std::collections::HashMap;

/// How a source ran by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceDrift {
    /// Its address.
    pub address: String,
    /// How good a witness it was, when it answered last.
    pub class: Class,
    /// What one line fits of what it said, in the order of time.
    pub segments: Vec<Segment>,
    /// How that stands to the rate that was agreed on.
    pub pace: Pace,
}

/// How a source's rate stands to the agreed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It was not heard twice while a rate was agreed on.
    Unknown,
    /// Both can be right.
    Keeps,
    /// It excludes the agreed one: this is how its clock gained on the agreed time, at least, in parts per
    /// billion; negative for lost.
    Strays(i128),
    /// No even rate explains what it said while the agreed one was even.
    Breaks,
}

/// While these readings were taken, an even rate was agreed on.
pub(super) struct Agreed<'all> {
    pub(super) ruler: &'all RulerId,
    pub(super) anchors: &'all [Anchor],
    pub(super) stretch: &'all Stretch,
}

/// What one source said on one ruler.
type Said<'all> = Vec<(&'all RulerId, Vec<Anchor>)>;

/// Every source that speaks for another clock than the builder's, in the order in which they were first heard.
pub(super) fn sources(readings: &[&Reading], agreed: &[Agreed<'_>]) -> Vec<SourceDrift> {
    let mut all: Vec<(&str, Class, Said<'_>)> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (index, reading) in readings.iter().enumerate() {
        let ruler = &reading.local.ruler;
        for witness in &reading.witnesses {
            let Ok((class, time, taken)) = &witness.said else {
                continue;
            };
            let measures = class.is_verified() || *class == Class::FileServer;
            let anchor = Anchor::new(*taken, *time, index);
            let Some(anchor) = anchor.filter(|_| measures && ruler.boot.is_some()) else {
                continue;
            };
            let place = *known.entry(&witness.address).or_insert_with(|| {
                all.push((&witness.address, *class, Vec::new()));
                all.len() - 1
            });
            if let Some((_, last, said)) = all.get_mut(place) {
                *last = *class;
                match said.iter_mut().find(|(other, _)| *other == ruler) {
                    Some((_, anchors)) => anchors.push(anchor),
                    None => said.push((ruler, vec![anchor])),
                }
            }
        }
    }
    let drift = |(address, class, said): (&str, Class, Said<'_>)| {
        let said = said
            .into_iter()
            .map(|(ruler, anchors)| (ruler, in_order(anchors)));
        let said: Said<'_> = said.collect();
        let own = said.iter().flat_map(|(ruler, anchors)| {
            let split = Split::of(anchors);
            segments(ruler, anchors, &split).collect::<Vec<_>>()
        });
        SourceDrift {
            address: address.to_owned(),
            class,
            segments: own.collect(),
            pace: pace(&said, agreed),
        }
    };
    all.into_iter().map(drift).collect()
}

/// How what one source said stands to every rate that was agreed on meanwhile: the worst of it.
fn pace(said: &Said<'_>, agreed: &[Agreed<'_>]) -> Pace {
    let mut pace = Pace::Unknown;
    for agreed in agreed {
        let Some(rate) = agreed.stretch.rate else {
            continue;
        };
        let stretch = agreed.anchors.get(agreed.stretch.anchors.clone());
        let readings = stretch.unwrap_or_default().iter().map(|one| one.reading);
        let (Some(first), Some(last)) = (readings.clone().min(), readings.max()) else {
            continue;
        };
        let anchors = said.iter().find(|(ruler, _)| *ruler == agreed.ruler);
        let meanwhile: Vec<Anchor> = anchors
            .map_or(&[][..], |(_, anchors)| anchors)
            .iter()
            .filter(|anchor| (first..=last).contains(&anchor.reading))
            .copied()
            .collect();
        match Line::through(&meanwhile).map(|line| line.rate()) {
            None => return Pace::Breaks,
            Some(None) => {}
            Some(Some(own)) => match (pace, astray(own, rate)) {
                (Pace::Strays(_), None) => {}
                (_, None) => pace = Pace::Keeps,
                (Pace::Strays(worst), Some(by)) if worst.abs() >= by.abs() => {}
                (_, Some(by)) => pace = Pace::Strays(by),
            },
        }
    }
    pace
}

/// How far a rate lies beside another, at least; `None` where both can be one.
fn astray(own: Rate, agreed: Rate) -> Option<i128> {
    let (above, below) = (own.least() - agreed.most(), own.most() - agreed.least());
    if above > 0 {
        Some(above)
    } else if below < 0 {
        Some(below)
    } else {
        None
    }
}
