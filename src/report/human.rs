//! The human report.

use super::{Renderer, Report, Style, Writing};
use std::io::{self, Write};

pub(super) const RENDERER: Renderer = Renderer {
    name: "human",
    summary: "human",
    write: Writing::Whole(write),
};

fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{report:#?}")
}
