//! What is wrong, rule by rule.

use super::evidence::told;
use super::group::{Caused, Group, Line, Place, directory, groups};
use super::paint::Page;
use crate::drift::Quality;
use crate::gate::{counted, grouped};
use crate::report::text::{shown, shown_bytes};
use crate::rule::{Certainty, Finding, Rule, remedy};
use std::borrow::Cow;
use std::io;
use std::path::Path;

/// How many directories are shown of one rule and cause.
const PLACES: usize = 8;

/// How many findings are shown of a directory, of the only directory, and of the build.
const EXAMPLES: usize = 3;
const EXAMPLES_ALONE: usize = 8;

/// How many other names of a file are shown.
const NAMES: usize = 3;

/// All findings.
pub(super) fn findings(findings: &[Finding], page: &mut Page<'_>) -> io::Result<()> {
    for group in groups(findings) {
        page.gap()?;
        rule(&group, page)?;
    }
    Ok(())
}

fn rule(group: &Group<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let level = page.level(group.level, group.level.name());
    let id = page.bold(group.rule.id);
    let count = number(group.count, "finding");
    let summary = group.rule.summary;
    page.line(format_args!("{level} {id}, {count}: {summary}"))?;
    for caused in &group.causes {
        let several = group.causes.len() > 1;
        cause(group.rule, caused, several, page)?;
    }
    let (why, id) = (page.dim("why"), group.rule.id);
    page.line(format_args!("  {why}  skewgate explain {id}"))
}

fn cause(rule: &Rule, caused: &Caused<'_>, several: bool, page: &mut Page<'_>) -> io::Result<()> {
    let count = if several {
        format!(", {}", number(caused.count, "finding"))
    } else {
        String::new()
    };
    match caused.cause {
        Some(cause) => {
            let (name, phrase) = (cause.name(), cause.phrase());
            page.line(format_args!("  cause {name}{count}: {phrase}"))?;
        }
        None if several => page.line(format_args!("  cause not known{count}"))?,
        None => {}
    }
    let places = &caused.places;
    let some = page.some_of(places.len(), PLACES);
    let most = if places.len() > 1 {
        EXAMPLES
    } else {
        EXAMPLES_ALONE
    };
    // Below each of several causes, further in.
    let indent = if several { "    " } else { "  " };
    let (now, left) = places.split_at_checked(some).unwrap_or((places, &[]));
    for at in now {
        place(at, most, indent, page)?;
    }
    if !left.is_empty() {
        let count = left.iter().map(|place| place.count).sum();
        let count = number(count, "finding");
        let more = format!("… {count} in {} more directories", left.len());
        page.more(indent, &more)?;
    }
    let (fix, remedy) = (page.dim("fix"), remedy(rule, caused.cause));
    page.line(format_args!("{indent}{fix}  {remedy}"))?;
    Ok(())
}

fn place(place: &Place<'_>, most: usize, indent: &str, page: &mut Page<'_>) -> io::Result<()> {
    let Some(directory) = place.directory else {
        return lines(place, EXAMPLES_ALONE, indent, page);
    };
    // One finding is told with its whole path.
    if let [line] = place.lines.as_slice() {
        let path = line.finding.path.as_deref().unwrap_or(directory);
        return tell(line, indent, Some(with_member(shown(path), line)), page);
    }
    let slash = match directory.as_os_str().as_encoded_bytes() {
        [] => "./",
        [.., b'/'] => "",
        _ => "/",
    };
    let name = page.bold(format!("{}{slash}", shown(directory)));
    let count = number(place.count, "finding");
    match place.worst() {
        Some(by) => page.line(format_args!("{indent}{name}  {count}, by up to {by}"))?,
        None => page.line(format_args!("{indent}{name}  {count}"))?,
    }
    lines(place, most, &format!("{indent}  "), page)
}

fn lines(place: &Place<'_>, most: usize, indent: &str, page: &mut Page<'_>) -> io::Result<()> {
    let some = page.some_of(place.lines.len(), most);
    let mut told = 0;
    for line in place.lines.iter().take(some) {
        let name = line.finding.path.as_deref().map(file_name);
        let name = name.map(|name| with_member(name, line));
        tell(line, indent, name, page)?;
        told += line.count();
    }
    if place.lines.len() > some {
        let count = u64::try_from(place.count - told).unwrap_or(u64::MAX);
        page.more(indent, &format!("… {} more", grouped(count)))?;
    }
    Ok(())
}

/// One line: where, and what was seen there.
fn tell(
    line: &Line<'_>,
    indent: &str,
    name: Option<Cow<'_, str>>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let observation = line.finding.observation.to_string();
    let sentence = shown(&observation);
    let possible = match line.finding.observation.certainty {
        Certainty::Possible => " (possible)",
        Certainty::Proven => "",
    };
    match name {
        Some(name) => {
            let (also, written) = (also(line, page), written(line.finding));
            page.line(format_args!(
                "{indent}{name}{also}{possible}  {sentence}{written}"
            ))
        }
        None => page.line(format_args!("{indent}{sentence}{possible}")),
    }
}

/// When the artifact was really written, if the record of the build tells.
fn written(finding: &Finding) -> String {
    let Some(written) = finding.written else {
        return String::new();
    };
    let what = match written.field {
        "ctime" => "really put there",
        _ => "really written",
    };
    let how = match written.located.quality {
        Quality::Between => "",
        Quality::Extrapolated => ", beyond the readings",
        Quality::Ambiguous => ", if the step of the clock is as recorded",
    };
    format!("; {what} {}{how}", told(written.located.time))
}

/// The other names of the file.
fn also(line: &Line<'_>, page: &Page<'_>) -> String {
    if line.others.is_empty() {
        return String::new();
    }
    let here = line.finding.path.as_deref().map(directory);
    let some = page.some_of(line.others.len(), NAMES);
    let paths = line.others.iter().filter_map(|other| other.path.as_deref());
    let names = paths.take(some).map(|path| {
        if here == Some(directory(path)) {
            file_name(path)
        } else {
            shown(path)
        }
    });
    let mut text = format!(" (also {}", names.collect::<Vec<_>>().join(", "));
    let left = line.others.len() - some;
    if left > 0 {
        text.push_str(&format!(" and {left} more"));
    }
    // Names that were not audited change with these.
    let known = u64::try_from(line.count()).unwrap_or(u64::MAX);
    if let Some(names) = line.finding.names.filter(|names| names.links > known) {
        text.push_str(&format!("; {} names in all", grouped(names.links)));
    }
    text.push(')');
    text
}

/// A name, and what inside the artifact it is about.
fn with_member<'name>(name: Cow<'name, str>, line: &Line<'_>) -> Cow<'name, str> {
    match &line.finding.observation.member {
        Some(member) => Cow::Owned(format!("{name}!{}", shown_bytes(member))),
        None => name,
    }
}

fn file_name(path: &Path) -> Cow<'_, str> {
    path.file_name()
        .map_or_else(|| shown(path), |name| shown(name))
}

pub(super) fn number(count: usize, noun: &str) -> String {
    counted(u64::try_from(count).unwrap_or(u64::MAX), noun)
}
