//! What all tasks of an audit found, put together.

use super::Task;
use crate::gate::{self, Gate, Tally};
use crate::report::{Contents, Head, Report, Summary};
use crate::rule::{Batch, Finding, Level, Suppressed};
use crate::time::Span;
use crate::walk::{Fault, FaultKind};

/// What all tasks found.
#[derive(Default)]
pub(super) struct Gathered {
    entries: u64,
    files: u64,
    looked: Contents,
    levels: [u64; 3],
    suppressed_count: u64,
    faults_count: u64,
    vanished: u64,
    findings: Vec<Finding>,
    suppressed: Vec<Suppressed>,
    faults: Vec<Fault>,
}

impl Gathered {
    /// Adds what one task found; what is not to be kept is only counted.
    pub(super) fn add(&mut self, task: Task, keep: bool) {
        let Task {
            judged,
            faults,
            looked,
        } = task;
        self.count(&judged, &faults);
        self.looked.add(looked);
        if keep {
            self.findings.extend(judged.findings);
            self.suppressed.extend(judged.suppressed);
            self.faults.extend(faults);
        }
    }

    fn count(&mut self, judged: &Batch, faults: &[Fault]) {
        self.entries += judged.entries;
        self.files += judged.files;
        for finding in &judged.findings {
            let [notes, warnings, errors] = &mut self.levels;
            match finding.level {
                Level::Off => {}
                Level::Note => *notes += 1,
                Level::Warning => *warnings += 1,
                Level::Error => *errors += 1,
            }
        }
        self.suppressed_count += count(judged.suppressed.len());
        let vanished = faults
            .iter()
            .filter(|fault| fault.kind == FaultKind::Vanished)
            .count();
        self.vanished += count(vanished);
        self.faults_count += count(faults.len() - vanished);
    }

    /// What it comes to.
    pub(super) fn into_report(mut self, head: Head, gate: &Gate, elapsed: Span) -> Report {
        self.findings.sort_unstable_by(Finding::order);
        self.suppressed
            .sort_unstable_by(|one, other| one.finding.order(&other.finding));
        self.faults
            .sort_unstable_by(|one, other| one.order().cmp(&other.order()));
        let tally = Tally {
            files: self.files,
            findings: self.levels,
            faults: self.faults_count,
            vanished: self.vanished,
            class: head.clock.class,
        };
        let (verdict, reason) = gate::decide(&tally, gate);
        Report {
            head,
            verdict,
            reason,
            summary: Summary {
                entries: self.entries,
                looked: self.looked,
                tally,
                suppressed: self.suppressed_count,
                elapsed,
            },
            findings: self.findings,
            suppressed: self.suppressed,
            faults: self.faults,
        }
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
