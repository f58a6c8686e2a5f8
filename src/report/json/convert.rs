//! From what an audit found to the shape of the JSON reports.

use super::clock::Clock;
use super::paths;
use super::recorded::Record;
use super::scalar::{Path, Sentence};
use super::shape::{Bound, Document, Fault, Finding, HardLink, Levels, Member};
use super::shape::{Side, Summary, Suppressed, Tool, VERSION, Window, Written};
use crate::report::{self, Head, Report};
use crate::time::json::{Exact, Interval, Seconds};
use crate::{record, rule, walk};
use serde::Serializer;

impl<'report> Document<'report> {
    pub(super) fn of(report: &'report Report) -> Self {
        let Head {
            version,
            roots,
            roots_are_default: _,
            profile,
            clock,
            window,
            record,
            source_date,
        } = &report.head;
        Self {
            schema: VERSION,
            tool: Tool::of(version),
            verdict: report.verdict.into(),
            reason: &report.reason,
            profile,
            roots: roots.iter().map(|root| Path::of(root)).collect(),
            clock: Clock::of(clock),
            window: Window::of(window),
            record: record.as_ref().map(Record::of),
            source_date_epoch: source_date.and_then(Exact::first),
            summary: Summary::of(&report.summary),
            findings: &report.findings,
            suppressed: &report.suppressed,
            faults: &report.faults,
        }
    }
}

impl Tool {
    pub(in crate::report) fn of(version: &'static str) -> Self {
        Self {
            name: "skewgate",
            version,
        }
    }
}

impl<'report> Window<'report> {
    pub(in crate::report) fn of(window: &'report record::Window) -> Self {
        let side = |bound: &'report record::Bound| Side {
            at: bound.at.into(),
            source: &bound.source,
            trust: bound.trust.name(),
        };
        Self {
            not_before: window.began.as_ref().map(side),
            not_after: window.ended.as_ref().map(side),
        }
    }
}

impl Summary {
    pub(in crate::report) fn of(summary: &report::Summary) -> Self {
        let [note, warning, error] = summary.tally.findings;
        Self {
            entries: summary.entries,
            files: summary.tally.files,
            opened: summary.looked.files,
            stamps: summary.looked.stamps,
            findings: Levels {
                error,
                warning,
                note,
            },
            suppressed: summary.suppressed,
            faults: summary.tally.faults,
            vanished: summary.tally.vanished,
            elapsed: Seconds(summary.elapsed),
        }
    }
}

impl<'report> Finding<'report> {
    pub(in crate::report) fn of(finding: &'report rule::Finding) -> Self {
        let seen = &finding.observation;
        let path = finding.path.as_deref();
        Self {
            rule: finding.rule.id,
            level: finding.level.into(),
            certainty: seen.certainty.into(),
            path: path.map(paths::text),
            path_bytes: path.and_then(paths::bytes),
            member: Member::of(seen.member.as_deref()),
            field: seen.field,
            found: seen.found.map(Interval::from),
            bound: seen.bound.map(|bound| Bound {
                name: bound.name.name(),
                at: bound.at.into(),
            }),
            by: finding.by().map(Seconds),
            cause: seen.cause.map(rule::Cause::name),
            message: Sentence(seen),
            remedy: rule::remedy(finding.rule, finding.observation.cause),
            written: finding.written.map(|written| Written {
                field: written.field,
                at: written.located.time.into(),
                quality: written.located.quality.name(),
            }),
            fingerprint: paths::fingerprint(finding),
            hard_link: finding.names.map(|names| HardLink {
                device: names.device.to_string(),
                inode: names.inode.to_string(),
                links: names.links,
            }),
        }
    }
}

impl<'report> Member<'report> {
    fn of(member: Option<&'report [u8]>) -> Self {
        Self {
            member: member.map(String::from_utf8_lossy),
            member_bytes: member.and_then(paths::exact),
        }
    }
}

impl<'report> Suppressed<'report> {
    pub(in crate::report) fn of(suppressed: &'report rule::Suppressed) -> Self {
        Self {
            finding: Finding::of(&suppressed.finding),
            reason: &suppressed.reason,
        }
    }
}

impl<'report> Fault<'report> {
    pub(in crate::report) fn of(fault: &'report walk::Fault) -> Self {
        Self {
            path: Path::of(&fault.path),
            member: Member::of(fault.member.as_deref()),
            kind: fault.kind.name(),
            message: &fault.message,
        }
    }
}

/// Writes findings one by one.
pub(super) fn findings<S: Serializer>(
    list: &&[rule::Finding],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(list.iter().map(Finding::of))
}

/// Writes accepted findings one by one.
pub(super) fn suppressed<S: Serializer>(
    list: &&[rule::Suppressed],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(list.iter().map(Suppressed::of))
}

/// Writes faults one by one.
pub(super) fn faults<S: Serializer>(
    list: &&[walk::Fault],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(list.iter().map(Fault::of))
}
