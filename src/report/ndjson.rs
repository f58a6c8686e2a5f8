//! The ndjson report.

use super::{Found, Head, Renderer, Report, Stream, Writing};
use std::io::{self, Write};

pub(super) const SCHEMA: super::Schema = super::Schema {
    name: "report-lines",
    summary: "x",
    text: String::new,
};
pub(super) const RENDERER: Renderer = Renderer {
    name: "ndjson",
    summary: "ndjson",
    write: Writing::Stream(Stream {
        header,
        found,
        trailer,
    }),
};

fn header(_head: &Head, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}

fn found(_found: &Found<'_>, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}

fn trailer(_report: &Report, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
