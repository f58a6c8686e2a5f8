//! Findings put together so that ten thousand of them can be read: by rule, by likely cause, by
//! directory, and hard links of one file on one line.
//!
//! Linear but for sorting, in the number of findings.

use crate::rule::{Cause, Certainty, Finding, Level, Rule};
use crate::time::Span;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// The findings of one rule at one level.
pub(super) struct Group<'report> {
    pub(super) level: Level,
    pub(super) rule: &'static Rule,
    pub(super) count: usize,
    /// By cause, the worst first.
    pub(super) causes: Vec<Caused<'report>>,
}

/// Those with the same likely cause.
pub(super) struct Caused<'report> {
    pub(super) cause: Option<Cause>,
    pub(super) count: usize,
    /// By directory, the worst first.
    pub(super) places: Vec<Place<'report>>,
}

/// Those in one directory.
pub(super) struct Place<'report> {
    /// Which; `None` for those about the build.
    pub(super) directory: Option<&'report Path>,
    pub(super) count: usize,
    /// The worst first.
    pub(super) lines: Vec<Line<'report>>,
}

/// What one line tells of.
pub(super) struct Line<'report> {
    pub(super) finding: &'report Finding,
    /// The same on other names of the same file.
    pub(super) others: Vec<&'report Finding>,
}

impl Line<'_> {
    pub(super) fn count(&self) -> usize {
        1 + self.others.len()
    }
}

/// All findings, the worst level first, then in the order of the rules.
pub(super) fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut rules: BTreeMap<_, (&'static Rule, BTreeMap<_, Vec<&Finding>>)> = BTreeMap::new();
    for finding in findings {
        let key = (Reverse(finding.level), finding.rule.index());
        let (_, causes) = rules
            .entry(key)
            .or_insert_with(|| (finding.rule, BTreeMap::new()));
        let same = causes.entry(finding.observation.cause).or_default();
        same.push(finding);
    }
    let groups = rules.into_iter().map(|((level, _), (rule, causes))| {
        let mut causes: Vec<Caused<'_>> = causes
            .into_iter()
            .map(|(cause, findings)| Caused {
                cause,
                count: findings.len(),
                places: places(&findings),
            })
            .collect();
        causes.sort_by_key(|caused| caused.places.first().map(Place::weight));
        Group {
            level: level.0,
            rule,
            count: causes.iter().map(|caused| caused.count).sum(),
            causes,
        }
    });
    groups.collect()
}

fn places<'report>(findings: &[&'report Finding]) -> Vec<Place<'report>> {
    let mut places: Vec<Place<'report>> = Vec::new();
    let mut at_directory = HashMap::new();
    let mut at_file: HashMap<_, (usize, usize)> = HashMap::new();
    for &finding in findings {
        let file = finding.names.map(|names| {
            (
                names.device,
                names.inode,
                &finding.observation.member,
                finding.observation.field,
            )
        });
        let known = file.and_then(|file| at_file.get(&file).copied());
        let line = known.and_then(|(place, line)| {
            let place = places.get_mut(place)?;
            place.count += 1;
            place.lines.get_mut(line)
        });
        if let Some(line) = line {
            line.others.push(finding);
            continue;
        }
        let directory = finding.path.as_deref().map(directory);
        let at = *at_directory.entry(directory).or_insert(places.len());
        if at == places.len() {
            places.push(Place {
                directory,
                count: 0,
                lines: Vec::new(),
            });
        }
        let Some(place) = places.get_mut(at) else {
            continue;
        };
        if let Some(file) = file {
            at_file.insert(file, (at, place.lines.len()));
        }
        place.count += 1;
        place.lines.push(Line {
            finding,
            others: Vec::new(),
        });
    }
    for place in &mut places {
        place.lines.sort_by_key(|line| weight(line.finding));
    }
    places.sort_by_key(Place::weight);
    places
}

/// The folder a path is in; empty for what is named alone.
pub(super) fn directory(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// How findings of one rule are sorted: the surest first, then the worst.
type Weight<'report> = (
    Reverse<Certainty>,
    Reverse<Option<Span>>,
    Option<&'report Path>,
    Option<&'report [u8]>,
    Option<&'report str>,
);

fn weight(finding: &Finding) -> Weight<'_> {
    (
        Reverse(finding.observation.certainty),
        Reverse(finding.by()),
        finding.path.as_deref(),
        finding.observation.member.as_deref(),
        finding.observation.detail.as_deref(),
    )
}

impl<'report> Place<'report> {
    fn weight(&self) -> Option<Weight<'report>> {
        self.lines.first().map(|line| weight(line.finding))
    }

    /// The most that a finding here is off by.
    pub(super) fn worst(&self) -> Option<Span> {
        self.lines.iter().filter_map(|line| line.finding.by()).max()
    }
}
