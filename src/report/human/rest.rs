//! What was accepted, what was not read, and the last line.

use super::findings::number;
use super::{entries, paint::Page};
use crate::bytes::FlawKind;
use crate::gate::{counted, grouped};
use crate::report::Report;
use crate::report::text::{shown, shown_bytes};
use crate::rule::{Level, Suppressed};
use crate::walk::{Fault, FaultKind};
use std::collections::BTreeMap;
use std::io;

/// How many reasons are shown, and how many artifacts of one kind of fault.
const MOST: usize = 8;

/// What is accepted, by reason.
pub(super) fn suppressed(list: &[Suppressed], page: &mut Page<'_>) -> io::Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    let mut reasons: BTreeMap<_, Vec<&Suppressed>> = BTreeMap::new();
    for one in list {
        let key = (one.finding.rule.index(), one.reason.as_str());
        reasons.entry(key).or_default().push(one);
    }
    page.gap()?;
    let title = page.bold("suppressed");
    page.line(format_args!("{title}, {}", number(list.len(), "finding")))?;
    let some = page.some_of(reasons.len(), MOST);
    for ((_, reason), same) in reasons.iter().take(some) {
        let id = same.first().map_or("", |one| one.finding.rule.id);
        let (count, reason) = (same.len(), shown(*reason));
        page.line(format_args!("  {count} of {id}: {reason}"))?;
        let paths = same.iter().filter_map(|one| one.finding.path.as_ref());
        for path in paths.filter(|_| page.is_verbose()).collect::<Vec<_>>() {
            page.line(format_args!("    {}", shown(path)))?;
        }
    }
    more(reasons.len() - some, page)
}

/// What could not be read, by kind.
pub(super) fn faults(list: &[Fault], page: &mut Page<'_>) -> io::Result<()> {
    let mut kinds: BTreeMap<FaultKind, Vec<&Fault>> = BTreeMap::new();
    for fault in list {
        kinds.entry(fault.kind).or_default().push(fault);
    }
    for (kind, faults) in kinds {
        page.gap()?;
        let title = page.level(Level::Warning, "fault");
        let name = page.bold(kind.name());
        let count = number(faults.len(), "artifact");
        let phrase = phrase(kind);
        page.line(format_args!("{title} {name}, {count}: {phrase}"))?;
        let some = page.some_of(faults.len(), MOST);
        for fault in faults.iter().take(some) {
            let (path, message) = (shown(&fault.path), shown(&fault.message));
            let member = fault.member.as_deref().map(shown_bytes);
            let member = member.map(|member| format!("!{member}"));
            let member = member.unwrap_or_default();
            page.line(format_args!("  {path}{member}  {message}"))?;
        }
        more(faults.len() - some, page)?;
    }
    Ok(())
}

const fn phrase(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Unreadable => "reading is not permitted",
        FaultKind::Missing => "to be audited, and not there",
        FaultKind::Vanished => "listed by its directory, and gone when looked at",
        FaultKind::Changed => "became something else meanwhile",
        FaultKind::TooDeep => "deeper than the audit goes",
        FaultKind::Io | FaultKind::Inside(FlawKind::Io | FlawKind::Told) => {
            "the system failed to read"
        }
        FaultKind::Inside(FlawKind::Malformed) => "not as its format says, so not wholly read",
        FaultKind::Inside(FlawKind::Truncated) => "it ends too early",
        FaultKind::Inside(FlawKind::Unsupported) => "of a kind that cannot be read",
        FaultKind::Inside(FlawKind::Limit(_)) => "more than the limits let be read",
        FaultKind::Inside(FlawKind::Unstable) => "written while it was read",
    }
}

fn more(count: usize, page: &mut Page<'_>) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    let count = grouped(u64::try_from(count).unwrap_or(u64::MAX));
    page.more("  ", &format!("… {count} more"))
}

/// What was counted, and what it comes to.
pub(super) fn last_line(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let summary = &report.summary;
    let [notes, warnings, errors] = summary.tally.findings;
    let some = |count: u64, noun: &str| (count > 0).then(|| counted(count, noun));
    let levels = [
        some(errors, "error"),
        some(warnings, "warning"),
        some(notes, "note"),
    ];
    let levels: Vec<String> = levels.into_iter().flatten().collect();
    let mut text = counted(notes + warnings + errors, "finding");
    if !levels.is_empty() {
        text.push_str(&format!(" ({})", levels.join(", ")));
    }
    let that_are = |count, what| (count > 0).then(|| format!("{} {what}", grouped(count)));
    let rest = [
        that_are(summary.suppressed, "suppressed"),
        some(summary.tally.faults, "fault"),
        that_are(summary.tally.vanished, "vanished"),
        Some(entries(summary.entries)),
        (summary.looked.stamps > 0).then(|| {
            let (stamps, files) = (summary.looked.stamps, summary.looked.files);
            format!(
                "{} inside {}",
                counted(stamps, "time"),
                counted(files, "file")
            )
        }),
    ];
    for part in rest.into_iter().flatten() {
        text.push_str(", ");
        text.push_str(&part);
    }
    let word = report.verdict.name().to_uppercase();
    let verdict = page.verdict(report.verdict, word);
    let (elapsed, reason) = (summary.elapsed, shown(&report.reason));
    page.gap()?;
    page.line(format_args!("{text} in {elapsed}: {verdict}, {reason}"))
}
