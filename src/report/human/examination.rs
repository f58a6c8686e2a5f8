//! What a machine says of its clock: a row a fact, then what may be the cause.

use super::paint::Page;
use crate::doctor::{Examination, Fact, Sign, State, Suspect};
use crate::report::Style;
use crate::report::text::shown;
use crate::rule::Level;
use std::io::{self, Write};

/// How many causes are told.
const CAUSES: usize = 3;

/// How far what is said of a fact stands in.
const INDENT: &str = "            ";

/// What the name of a fact is widened to.
const NAME: usize = 18;

pub(super) fn write(found: &Examination, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let page = &mut Page::new(out, *style);
    head(found, page)?;
    page.gap()?;
    for (fact, sign) in &found.signs {
        row(fact, sign, page)?;
    }
    page.gap()?;
    verdict(found, page)
}

fn head(found: &Examination, page: &mut Page<'_>) -> io::Result<()> {
    let of = |state| found.count(state);
    let (suspicious, good, unknown) = (of(State::Suspicious), of(State::Good), of(State::Unknown));
    let about = match &found.captured {
        Some(root) => format!(" of the machine captured in {}", shown(root)),
        None => String::new(),
    };
    let counts = format!("{suspicious} suspicious, {good} good, {unknown} unknown");
    let counts = if suspicious > 0 {
        page.level(Level::Warning, counts).to_string()
    } else {
        page.bold(counts).to_string()
    };
    page.line(format_args!(
        "facts    {}{about}: {counts}",
        found.signs.len()
    ))?;
    match (&found.measured, &found.unmeasured) {
        (Some(measured), _) => {
            let told = page.bold(measured.told());
            let (bounds, against, over) =
                (measured.bounds(), shown(&measured.against), measured.over);
            page.line(format_args!(
                "measured {told} ({bounds}), against {against}, over {over}"
            ))?;
            let steps = match measured.steps.len() {
                0 => return Ok(()),
                1 => "once".to_owned(),
                several => format!("{several} times"),
            };
            page.line(format_args!(
                "         it was set, or jumped, {steps} meanwhile"
            ))
        }
        (None, Some(why)) => {
            let nothing = page.level(Level::Warning, "nothing");
            page.line(format_args!("measured {nothing}: {}", shown(why)))
        }
        (None, None) => page.line(format_args!(
            "measured nothing: run it with --clock ADDRESS, so that causes can be told apart"
        )),
    }
}

fn row(fact: &Fact, sign: &Sign, page: &mut Page<'_>) -> io::Result<()> {
    let (name, seen) = (fact.id, shown(&sign.seen));
    let name = format!("{name:NAME$}");
    match sign.state {
        State::Good => page.line(format_args!("good        {name} {seen}"))?,
        State::Unknown => {
            let unknown = page.dim(format!("unknown     {name} {seen}"));
            page.line(format_args!("{unknown}"))?;
        }
        State::Suspicious => {
            let word = page.level(Level::Warning, "SUSPICIOUS");
            page.line(format_args!("{word}  {name} {seen}"))?;
        }
    }
    if sign.state == State::Suspicious || page.is_verbose() {
        page.line(format_args!("{INDENT}{}", shown(&sign.meaning)))?;
        if let Some(remedy) = &sign.remedy {
            page.line(format_args!("{INDENT}remedy: {}", shown(remedy)))?;
        }
    }
    if page.is_verbose() {
        let place = page.dim(format!("read from {}", fact.place.replace('`', "")));
        page.line(format_args!("{INDENT}{place}"))?;
    }
    Ok(())
}

fn verdict(found: &Examination, page: &mut Page<'_>) -> io::Result<()> {
    if found.suspects.is_empty() {
        let text = if found.count(State::Unknown) == found.signs.len() {
            "nothing can be said: no fact could be read here"
        } else {
            match (&found.measured, found.is_suspicious()) {
                (Some(_), true) => {
                    "what is seen here explains nothing of what was measured: look at the host, or further up"
                }
                (None, true) => "what is suspicious names no cause; measure the clock to tell more",
                (Some(measured), false) if measured.is_in_step() => {
                    "nothing speaks against this clock: it runs in step, and all that can be seen is in order"
                }
                (_, false) => {
                    "nothing that can be seen here speaks against this clock; only an outside clock proves it right"
                }
            }
        };
        return page.line(format_args!("verdict  {text}"));
    }
    let title = page.bold("verdict, the likeliest cause first");
    page.line(format_args!("{title}"))?;
    let some = page.some_of(found.suspects.len(), CAUSES);
    for (place, suspect) in found.suspects.iter().take(some).enumerate() {
        cause(place + 1, suspect, page)?;
    }
    match found.suspects.len() - some {
        0 => Ok(()),
        left => page.more("   ", &format!("and {left} less likely")),
    }
}

fn cause(place: usize, suspect: &Suspect, page: &mut Page<'_>) -> io::Result<()> {
    let title = page.bold(suspect.cause.title);
    let points = page.dim(format!("({}, {} points)", suspect.cause.id, suspect.points));
    page.line(format_args!("{place}. {title} {points}"))?;
    page.line(format_args!("   {}", shown(&suspect.sentence)))?;
    page.line(format_args!("   for: {}", suspect.speaks_for.join("; ")))?;
    if !suspect.against.is_empty() {
        page.line(format_args!("   against: {}", suspect.against.join("; ")))?;
    }
    page.line(format_args!("   remedy: {}", shown(&suspect.remedy)))
}
