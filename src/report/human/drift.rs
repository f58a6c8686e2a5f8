//! How the clock ran during a build: what is proven, a drawing, every reading, and what it comes from.

use super::findings::number;
use super::fleet;
use super::paint::Page;
use super::plot::{Plot, ahead};
use crate::drift::{Claim, Gain, Pace, Step, StepKind};
use crate::record::{BuildDrift, Point};
use crate::report::text::shown;
use crate::report::{Drifts, Style};
use crate::rule::Level;
use crate::time::{Rate, Span};
use std::io::{self, Write};

/// How many readings are shown.
const READINGS: usize = 12;

/// How many steps and sources are.
const FEW: usize = 6;

pub(super) fn write(drifts: &Drifts, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let page = &mut Page::new(out, *style);
    match (drifts.builds.as_slice(), drifts.unread.as_slice()) {
        ([build], []) => one(build, drifts.limit, page),
        _ => fleet::write(drifts, page),
    }
}

fn one(build: &BuildDrift, limit: u32, page: &mut Page<'_>) -> io::Result<()> {
    let (level, word, text) = headline(build, limit);
    let word = page.level(level, word);
    let text = page.bold(text);
    page.line(format_args!("{word}: {text}"))?;
    let host = build.host.as_deref().unwrap_or("a machine without a name");
    let readings = number(build.points.len(), "reading");
    page.line(format_args!(
        "record   {}, of {}, begun {}, {readings}",
        shown(&build.path),
        shown(host),
        build.began
    ))?;
    page.gap()?;
    let bars = build.points.iter();
    let plot = Plot {
        bars: bars
            .filter_map(|point| Some((point.into, point.ahead.clone().ok()?)))
            .collect(),
        steps: build.steps.clone(),
    };
    plot.draw(page)?;
    table(&build.points, page)?;
    rates(build, page)?;
    steps(&build.drift.steps, page)?;
    sources(build, page)?;
    causes(build, page)
}

/// What is proven, in a word and in a sentence.
pub(super) fn headline(build: &BuildDrift, limit: u32) -> (Level, &'static str, String) {
    let limit = format!("the limit of {} ppm", crate::time::grouped(limit.into()));
    let gain = build.drift.gain();
    let told = gain.map(|gain| Gain(gain).to_string()).unwrap_or_default();
    match build.claim {
        Claim::Exceeds => (Level::Error, "DRIFTS", format!("{told}; beyond {limit}")),
        _ if build.is_bad() => {
            let worst = build.diagnoses.iter().find(|one| one.is_trouble());
            let worst = worst.map(ToString::to_string).unwrap_or_default();
            (Level::Error, "STEPPED", worst)
        }
        Claim::Within => (Level::Note, "STEADY", format!("{told}; within {limit}")),
        Claim::Inconclusive { needs: Some(needs) } => {
            let measured = if gain.is_some() {
                told
            } else {
                "one reading of an outside clock is no rate".to_owned()
            };
            let text = format!(
                "{measured}; whether it is within {limit} takes {needs} between two readings"
            );
            (Level::Warning, "UNKNOWN", text)
        }
        Claim::Inconclusive { needs: None } if gain.is_some() => {
            let text = format!("{told}; it lies on {limit}");
            (Level::Warning, "UNKNOWN", text)
        }
        Claim::Inconclusive { needs: None } => {
            let text =
                "no clock from outside was read: name one with --clock when the record begins";
            (Level::Warning, "UNKNOWN", text.to_owned())
        }
    }
}

fn table(points: &[Point], page: &mut Page<'_>) -> io::Result<()> {
    page.gap()?;
    let head = page.dim(format!(
        "{:>12}  {:7} {:26} gained since",
        "into", "for", "ahead"
    ));
    page.line(format_args!("{head}"))?;
    let some = page.some_of(points.len(), READINGS);
    // The first and the last tell most.
    let (first, last) = (some.div_ceil(2), some / 2);
    let last = points.len().saturating_sub(last);
    for (index, point) in points.iter().enumerate() {
        if index >= first && index < last {
            continue;
        }
        if index == last && first < last {
            page.more(
                "  ",
                &format!("and {} between", number(last - first, "reading")),
            )?;
        }
        row(point, page)?;
    }
    Ok(())
}

fn row(point: &Point, page: &mut Page<'_>) -> io::Result<()> {
    let phase = point.phase.name();
    let into = point.into.to_string();
    match &point.ahead {
        Ok(by) => {
            let (by, gain) = (around(*by), point.gain.map(told).unwrap_or_default());
            let line = format!("{into:>12}  {phase:7} {by:26} {gain}");
            page.line(format_args!("{}", line.trim_end()))
        }
        Err(why) => {
            let why = page.dim(format!("unknown: {}", shown(why)));
            page.line(format_args!("{into:>12}  {phase:7} {why}"))
        }
    }
}

/// A length of time between two.
fn around((least, most): (Span, Span)) -> String {
    let width = most.plus(least.negated());
    let middle = least.plus(width.half());
    format!("{} ± {}", ahead(middle), width.half())
}

fn told(gain: Rate) -> String {
    Gain(gain).short()
}

/// The rates, where there are several.
fn rates(build: &BuildDrift, page: &mut Page<'_>) -> io::Result<()> {
    let segments = &build.drift.segments;
    if segments.len() < 2 {
        return Ok(());
    }
    page.gap()?;
    for segment in segments.iter().take(page.some_of(segments.len(), FEW)) {
        let readings = number(segment.readings, "reading");
        let over = segment.to.since(segment.from);
        let gain = segment.gain().map_or("no rate".to_owned(), told);
        page.line(format_args!("rate     {gain}: {readings} over {over}"))?;
    }
    left_out(segments.len(), "rate", page)
}

fn steps(steps: &[Step], page: &mut Page<'_>) -> io::Result<()> {
    if !steps.is_empty() {
        page.gap()?;
    }
    for step in steps.iter().take(page.some_of(steps.len(), FEW)) {
        let what = match step.kind {
            StepKind::Set => "the wall clock was set",
            StepKind::Jumped => "all clocks jumped against the true time",
        };
        let (by, (from, to)) = (around(step.by), step.wall);
        page.line(format_args!(
            "step     {what}: {by}, when it showed {from} to {to}"
        ))?;
    }
    left_out(steps.len(), "step", page)
}

fn sources(build: &BuildDrift, page: &mut Page<'_>) -> io::Result<()> {
    let sources = &build.drift.sources;
    if !sources.is_empty() {
        page.gap()?;
    }
    for source in sources.iter().take(page.some_of(sources.len(), FEW)) {
        let address = shown(&source.address);
        let pace = match source.pace {
            Pace::Unknown => page.level(
                Level::Note,
                "was not heard often enough to tell its rate".to_owned(),
            ),
            Pace::Keeps => page.level(Level::Note, "keeps the agreed pace".to_owned()),
            Pace::Strays(by) => {
                let does = if by < 0 { "loses" } else { "gains" };
                let ppm = crate::time::grouped(by.unsigned_abs() / 1000);
                page.level(
                    Level::Warning,
                    format!("{does} at least {ppm} ppm on what was agreed: do not trust it"),
                )
            }
            Pace::Breaks => page.level(
                Level::Warning,
                "jumps while all agreed: do not trust it".to_owned(),
            ),
        };
        page.line(format_args!("source   {address} {pace}"))?;
    }
    left_out(sources.len(), "source", page)
}

fn causes(build: &BuildDrift, page: &mut Page<'_>) -> io::Result<()> {
    if !build.diagnoses.is_empty() {
        page.gap()?;
    }
    for diagnosis in &build.diagnoses {
        let level = if diagnosis.is_trouble() {
            Level::Error
        } else {
            Level::Note
        };
        let name = page.level(level, diagnosis.name());
        page.line(format_args!("cause    {name}: {diagnosis}"))?;
        page.line(format_args!("remedy   {}", diagnosis.remedy()))?;
    }
    Ok(())
}

/// How many are not shown.
fn left_out(there: usize, what: &str, page: &mut Page<'_>) -> io::Result<()> {
    let left_out = there.saturating_sub(page.some_of(there, FEW));
    match left_out {
        0 => Ok(()),
        count => page.more("         ", &format!("and {} more", number(count, what))),
    }
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::drift::tests::strange;
    use crate::record::sample::record;
    use crate::record::{BuildDrift, fleet};
    use crate::report::drift_sample::{drifts, fleet_drifts};
    use crate::report::sample::{PLAIN, VERBOSE};
    use crate::report::text::is_hidden;
    use crate::report::{Drifts, Style};
    use proptest::prelude::proptest;
    use std::path::Path;

    fn told(drifts: &Drifts, style: Style) -> String {
        let mut out = Vec::new();
        write(drifts, &style, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for line in text.lines() {
            assert!(!line.contains(is_hidden) && !line.contains("##"), "{line}");
            assert!(!line.trim_start().starts_with("::"), "{line}");
        }
        text
    }

    #[test]
    fn a_build_is_drawn_to_scale_with_all_that_happened() {
        let text = told(&drifts(), PLAIN);
        assert_eq!(text, EXPECTED.trim_start_matches('\n'), "\n{text}");
        let drawing = text.lines().skip(3).take(13);
        assert!(
            drawing.clone().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }

    const EXPECTED: &str = r"
DRIFTS: 200,000 ppm ± 0.695 fast: it gains 120 s in 600 s; beyond the limit of 500 ppm
record   r\u{202e}ecord.json, of :\x3aerror::host\n, begun 2026-11-18T11:06:39.999Z, 6 readings

   +1 min 20 s ┤                               ╎                             ●
               │                               ╎
               │                               ╎
               │                               ╎     ●
               │                               ╎
               │                               ╎
               │                               ╎
               │                        ┬      ╎
               │                        ┴      ╎
               │            ●                  ╎
        -21 us ┤●······························╎······························
               └──────────────────────────────────────────────────────────────
                0 s                                                 4 min 10 s
               ╎ the clock was set or jumped

        into  for     ahead                      gained since
         0 s  begin   +477 us ± 497 us
        50 s  during  +10 s ± 108 us             199,988 ppm ± 15 fast
  1 min 40 s  during  +20 s ± 307 us             199,997 ppm ± 9.983 fast
  2 min 30 s  during  +1 min ± 163 us            200,001 ppm ± 12 fast
  3 min 20 s  during  unknown: nobody\n#\x23[error]answered
  4 min 10 s  end     +1 min 20 s ± 271 us       200,004 ppm ± 5.222 fast

step     the wall clock was set: +30 s ± 200 ns, when it showed 2026-11-18T11:08:40Z to 2026-11-18T11:10:10Z

source   ntp:one\x1b[31m keeps the agreed pace
source   :\x3antp:#\x23[two] loses at least 3,332 ppm on what was agreed: do not trust it

cause    runs: the clock runs wrong: 200,000 ppm ± 0.695 fast: it gains 120 s in 600 s; by its timer or by slewing, nothing tells
remedy   have CLOCK_MONOTONIC_RAW read beside it (Linux) to tell a wrong timer from a wrong time daemon; in a virtual machine look at frequency scaling on the host
cause    stepped: the wall clock was set, forward by 30 s
remedy   let the clock be set before builds, not during: wait for the first synchronisation, and let the time daemon slew from then on (chrony: `makestep 1 3`)
";

    proptest! {
        #[test]
        fn no_record_is_too_strange_to_be_told(readings in strange(), limit in 1..500_000_u32) {
            let record = record("any", readings);
            let builds = vec![BuildDrift::of(Path::new("any"), &record, limit)];
            let drifts = Drifts { limit, builders: fleet(&builds), builds, ..drifts() };
            assert!(!told(&drifts, VERBOSE).is_empty());
            let all = Drifts { unread: fleet_drifts().unread, ..drifts };
            assert!(!told(&all, VERBOSE).is_empty());
        }
    }

    #[test]
    fn a_fleet_is_told_by_what_is_proven() {
        let text = told(&fleet_drifts(), PLAIN);
        assert_eq!(text, FLEET.trim_start_matches('\n'), "\n{text}");
        assert!(told(&fleet_drifts(), VERBOSE).lines().count() > text.lines().count());
    }

    const FLEET: &str = r"
1 of 2 builders went bad (4 builds, limit 500 ppm; 1 record could not be read)

builder     builds  last     worst
#\x23[bad]       3  drifts   250,000 ppm ± 0.754 fast
                    went bad 2026-11-18T11:22:39.999Z (records/#\x23[bad]-20.json)
                    250,000 ppm ± 0.754 fast: it gains 150 s in 600 s; beyond the limit of 500 ppm
good             1  steady   1.027 ppm ± 0.483 slow

unread   records/\x1b[2J.json: no\n::error::JSON
";
}
