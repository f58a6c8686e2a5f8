//! How the clocks of a fleet ran: builders by what is proven of them, and since when.

use super::drift::headline;
use super::findings::number;
use super::paint::Page;
use crate::drift::{Claim, Gain};
use crate::record::{BuildDrift, BuilderDrift};
use crate::report::Drifts;
use crate::report::text::shown;
use crate::rule::Level;
use std::io;

/// How many builders are shown.
const BUILDERS: usize = 20;

/// How many records that could not be read.
const UNREAD: usize = 6;

/// The widest name that the columns are indented for.
const NAME: usize = 28;

pub(super) fn write(drifts: &Drifts, page: &mut Page<'_>) -> io::Result<()> {
    let builders = &drifts.builders;
    let bad = builders.iter().filter(|one| one.went_bad.is_some()).count();
    let level = if bad > 0 { Level::Error } else { Level::Note };
    let clocks = page.level(
        level,
        format!("{bad} of {}", number(builders.len(), "builder")),
    );
    let limit = crate::time::grouped(drifts.limit.into());
    let mut about = format!(
        "{}, limit {limit} ppm",
        number(drifts.builds.len(), "build")
    );
    if !drifts.unread.is_empty() {
        about.push_str(&format!(
            "; {} could not be read",
            number(drifts.unread.len(), "record")
        ));
    }
    page.line(format_args!("{clocks} went bad ({about})"))?;
    if !builders.is_empty() {
        table(drifts, page)?;
    }
    if !drifts.unread.is_empty() {
        page.gap()?;
    }
    let some = page.some_of(drifts.unread.len(), UNREAD);
    for unread in drifts.unread.iter().take(some) {
        let word = page.level(Level::Warning, "unread");
        page.line(format_args!(
            "{word}   {}: {}",
            shown(&unread.path),
            shown(&unread.reason)
        ))?;
    }
    match drifts.unread.len().saturating_sub(some) {
        0 => Ok(()),
        more => page.more("         ", &format!("and {} more", number(more, "record"))),
    }
}

fn table(drifts: &Drifts, page: &mut Page<'_>) -> io::Result<()> {
    let builders = &drifts.builders;
    let longest = builders
        .iter()
        .map(|one| shown(&one.name).chars().count())
        .max();
    let wide = longest.unwrap_or(0).clamp("builder".len(), NAME);
    page.gap()?;
    let head = page.dim(format!("{:wide$}  builds  last     worst", "builder"));
    page.line(format_args!("{head}"))?;
    let some = page.some_of(builders.len(), BUILDERS);
    for builder in builders.iter().take(some) {
        row(builder, drifts, wide, page)?;
    }
    match builders.len().saturating_sub(some) {
        0 => Ok(()),
        more => {
            let more = number(more, "builder");
            page.more("", &format!("and {more} more"))
        }
    }
}

fn row(
    builder: &BuilderDrift,
    drifts: &Drifts,
    wide: usize,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let build = |index: &usize| drifts.builds.get(*index);
    let last = builder.builds.last().and_then(build);
    let (level, last) = match builder.last {
        Claim::Exceeds => (Level::Error, "drifts"),
        _ if last.is_some_and(BuildDrift::is_bad) => (Level::Error, "stepped"),
        Claim::Within => (Level::Note, "steady"),
        Claim::Inconclusive { .. } => (Level::Warning, "unknown"),
    };
    let last = page.level(level, format!("{last:7}"));
    let worst = builder
        .worst
        .map_or("not measured".to_owned(), |worst| Gain(worst).short());
    let (name, builds) = (shown(&builder.name), builder.builds.len());
    page.line(format_args!("{name:wide$}  {builds:>6}  {last}  {worst}"))?;
    if let Some(bad) = builder.went_bad.as_ref().and_then(build) {
        let path = shown(&bad.path);
        page.line(format_args!(
            "{:wide$}          went bad {} ({path})",
            "", bad.began
        ))?;
        let (_, _, why) = headline(bad, drifts.limit);
        page.line(format_args!("{:wide$}          {why}", ""))?;
    }
    if page.is_verbose() {
        for build in builder.builds.iter().filter_map(build) {
            let (_, word, why) = headline(build, drifts.limit);
            let path = shown(&build.path);
            page.line(format_args!(
                "{:wide$}          {} {word}: {why} ({path})",
                "", build.began
            ))?;
        }
    }
    Ok(())
}
