//! The human report: for somebody woken at night who reads the log of a build.
//!
//! First what it comes to and what it rests on, then what is wrong, grouped, with a few examples
//! each; what is left out is counted. All that comes from outside goes through [`shown`].
//!
//! [`shown`]: super::text::shown

mod drift;
mod evidence;
mod examination;
mod findings;
mod fleet;
mod group;
mod listing;
mod paint;
mod plot;
mod reading;
mod rest;
#[cfg(test)]
mod tests;

pub(crate) use evidence::said;

use super::{Renderer, Report, Style, Writing};
use crate::gate::{counted, grouped};
use paint::Page;
use std::io::{self, Write};

pub(super) const RENDERER: Renderer = Renderer {
    name: "human",
    summary: "for people: grouped by rule, cause and directory, with a few examples each",
    write: Writing::Whole(write),
    reading: reading::write,
    drift: drift::write,
    examination: examination::write,
    listing: listing::listing,
};

fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let page = &mut Page::new(out, *style);
    evidence::headline(report, page)?;
    evidence::evidence(&report.head, page)?;
    findings::findings(&report.findings, page)?;
    rest::suppressed(&report.suppressed, page)?;
    rest::faults(&report.faults, page)?;
    rest::last_line(report, page)
}

/// A number of entries: the one noun here whose plural is its own.
fn entries(count: u64) -> String {
    match count {
        1 => counted(1, "entry"),
        _ => format!("{} entries", grouped(count)),
    }
}
