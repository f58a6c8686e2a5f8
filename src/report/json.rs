//! The json report.

use super::{Renderer, Report, Style, Writing};
use std::io::{self, Write};

pub(super) const SCHEMA: super::Schema = super::Schema {
    name: "report",
    summary: "x",
    text: schema,
};
pub(super) const RENDERER: Renderer = Renderer {
    name: "json",
    summary: "json",
    write: Writing::Whole(write),
};

fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{report:#?}")
}

/// The JSON schema of the report.
pub fn schema() -> String {
    String::new()
}
