//! What an audit rests on: the verdict, the clock, the window.

use super::findings::number;
use super::{entries, paint::Page};
use crate::clock::{Answer, Standing, Votes};
use crate::drift::{Claim, Gain};
use crate::record::Trust;
use crate::report::text::shown;
use crate::report::{ClockEvidence, Head, RecordEvidence, Report};
use crate::rule::Level;
use crate::source::{Class, is_outside};
use crate::time::{Interval, Order, Span, Timestamp};
use std::io;
use std::path::PathBuf;

/// How many roots the headline names.
const ROOTS: usize = 4;

/// Two readings of the same clock lie this far apart at most: they are not taken at one instant.
const APART: Span = Span::from_millis(10);

/// Widths below the digits that are shown would be noise.
const FINE: Span = Span::from_millis(1);

/// The verdict with its reason, and what was audited.
pub(super) fn headline(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let head = &report.head;
    let mut about = format!(
        "{} in {}",
        entries(report.summary.entries),
        roots(&head.roots, page)
    );
    if head.roots_are_default {
        about.push_str(", the usual output folders found here");
    }
    if head.profile != "default" {
        about.push_str("; profile ");
        about.push_str(head.profile);
    }
    about.push_str(match head.clock.class {
        Class::Authenticated | Class::Network | Class::Host => "",
        Class::Stated => "; the clock is as stated, not verified",
        Class::FileServer | Class::SelfAsserted | Class::System => "; the clock is not verified",
    });
    let word = report.verdict.name().to_uppercase();
    let word = page.verdict(report.verdict, word);
    let reason = page.bold(shown(&report.reason));
    page.line(format_args!("{word}: {reason} ({about})"))
}

fn roots(roots: &[PathBuf], page: &Page<'_>) -> String {
    let some = page.some_of(roots.len(), ROOTS);
    let names = roots.iter().take(some).map(|root| shown(root).into_owned());
    let mut text = names.collect::<Vec<_>>().join(", ");
    if roots.len() > some {
        text.push_str(&format!(" and {} more", roots.len() - some));
    }
    text
}

/// The clocks and the bounds, a line each.
pub(super) fn evidence(head: &Head, page: &mut Page<'_>) -> io::Result<()> {
    clock(&head.clock, page)?;
    if let Some(builder) = head.clock.builder {
        let trusted = head.clock.trusted;
        let told = beside(builder, trusted);
        page.line(format_args!("builder  {builder}, {told}"))?;
    }
    let sides = [
        ("not before", &head.window.began),
        ("not after", &head.window.ended),
    ];
    for (side, bound) in sides {
        let Some(bound) = bound else { continue };
        let at = bound.at.earliest().or(bound.at.latest());
        let at = at.map(|at| at.to_string()).unwrap_or_default();
        let source = shown(&bound.source);
        let said = match bound.trust {
            Trust::Stated if source == at => String::new(),
            Trust::Stated => format!(" ({source})"),
            trust => format!(", by {} ({source})", trust.clock()),
        };
        page.line(format_args!("window   {side} {at}{said}"))?;
    }
    if let Some(record) = &head.record {
        self::record(record, page)?;
    }
    if let Some(date) = head.source_date.and_then(Interval::earliest) {
        page.line(format_args!("date     SOURCE_DATE_EPOCH {date}"))?;
    }
    Ok(())
}

/// How the clock ran, by the record of the build.
fn record(record: &RecordEvidence, page: &mut Page<'_>) -> io::Result<()> {
    let path = shown(&record.path);
    let host = record.of.as_ref().and_then(|(_, host)| host.as_deref());
    let host = host.map(|host| format!(" of `{}`", shown(host)));
    let host = host.unwrap_or_default();
    let readings = number(record.readings, "reading");
    let told = match (&record.drift, record.claim) {
        (Some(drift), Some((_, claim))) => {
            let level = match claim {
                Claim::Exceeds => Level::Error,
                Claim::Within | Claim::Inconclusive { .. } => Level::Note,
            };
            let gain = drift
                .gain()
                .map(|gain| format!("the clock ran {}", Gain(gain)));
            let none = || "how the clock ran was not measured".to_owned();
            page.level(level, gain.unwrap_or_else(none))
        }
        (None, _) | (_, None) => page.level(Level::Error, "nothing of it can be used".to_owned()),
    };
    page.line(format_args!("record   `{path}`{host}, {readings}: {told}"))?;
    match &record.ended {
        Some(Ok(())) => page.line(format_args!("         ended by this audit")),
        Some(Err(why)) => {
            let open = page.level(Level::Warning, "still open");
            page.line(format_args!("         {open}: {}", shown(why)))
        }
        None => Ok(()),
    }
}

fn clock(clock: &ClockEvidence, page: &mut Page<'_>) -> io::Result<()> {
    let from = clock
        .answers
        .iter()
        .filter(|answer| answer.standing == Standing::Agrees);
    let from: Vec<_> = from.map(|answer| shown(&answer.address)).collect();
    let (time, whose) = (told(clock.trusted), whose(clock.class));
    let (several, from) = (clock.answers.len() > 1, from.join(", "));
    let standing = standing(clock, page);
    page.line(format_args!(
        "clock    {time}, {whose} ({from}), {standing}"
    ))?;
    for answer in &clock.answers {
        let (address, said) = (shown(&answer.address), said(answer));
        match (&answer.said, answer.standing) {
            (Ok(_), Standing::Agrees) if !several || clock.votes.of == 1 => {}
            (Ok(_), Standing::Outside { .. }) => {
                let said = page.level(Level::Warning, said);
                page.line(format_args!("         `{address}` {said}"))?;
            }
            (Ok(_) | Err(_), _) => page.line(format_args!("         `{address}` {said}"))?,
        }
    }
    Ok(())
}

/// Whose time it is.
pub(super) const fn whose(class: Class) -> &'static str {
    match class {
        Class::Authenticated => "of other machines, authenticated",
        Class::Network => "of other machines, not authenticated",
        Class::Host => "of the machine that this one is a guest of",
        Class::Stated => "as stated",
        Class::FileServer => "of the machine that keeps the files",
        Class::SelfAsserted => "this machine's own, by its own word",
        Class::System => "this machine's own",
    }
}

/// How far it can be relied on.
pub(super) fn standing(clock: &ClockEvidence, page: &Page<'_>) -> String {
    let warning = page.level(Level::Warning, "not verified");
    match clock.class {
        Class::Authenticated | Class::Network | Class::Host => {
            format!("verified: {}", agreeing(clock.votes))
        }
        Class::Stated => warning.to_string(),
        Class::FileServer | Class::SelfAsserted | Class::System => {
            let asked = clock.answers.iter().any(|answer| is_outside(answer.scheme));
            let why = if asked { "answered" } else { "was asked" };
            format!("{warning}: no outside source {why}")
        }
    }
}

fn agreeing(votes: Votes) -> String {
    match votes.of {
        1 => "one source".to_owned(),
        of => format!("{} of {of} sources agree", votes.agreeing),
    }
}

/// What one source said, as people say it.
pub(crate) fn said(answer: &Answer) -> String {
    let sample = match &answer.said {
        Ok(sample) => sample,
        Err(refusal) => return format!("gave no time: {}", shown(&refusal.to_string())),
    };
    let time = told(sample.time);
    match answer.standing {
        Standing::None => format!("answered {time}"),
        Standing::Agrees => format!("answered {time}, agrees"),
        Standing::Follows => {
            format!("answered {time}, agrees, but has no vote beside better witnesses")
        }
        Standing::Outside { by, is_later } => {
            let side = if is_later { "later" } else { "earlier" };
            format!("answered {time}, {by} {side} than the agreement")
        }
    }
}

/// Where the builder's clock lies to the trusted time.
pub(super) fn beside(builder: Timestamp, trusted: Interval) -> String {
    let builder = Interval::exactly(builder);
    let apart = builder.distance(trusted);
    match builder.order(trusted) {
        Order::After if apart > APART => format!("{apart} ahead of the clock"),
        Order::Before if apart > APART => format!("{apart} behind the clock"),
        Order::Before | Order::Overlaps | Order::After => "in step with the clock".to_owned(),
    }
}

/// An interval as people say it.
pub(super) fn told(time: Interval) -> String {
    if let Some(middle) = time.middle() {
        let half = time.width().half();
        if half < FINE {
            return middle.to_string();
        }
        return format!("{middle} ± {half}");
    }
    match (time.earliest(), time.latest()) {
        (Some(earliest), _) => format!("{earliest} or later"),
        (None, Some(latest)) => format!("{latest} or earlier"),
        (None, None) => "any time".to_owned(),
    }
}
