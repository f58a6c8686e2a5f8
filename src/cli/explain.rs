//! `skewgate explain`: what a rule means.

use super::output::{print, wants_colour};
use super::{Exit, Failure};
use crate::config;
use anstyle::Style;
use clap::ColorChoice;

pub(super) fn run(id: &str, color: ColorChoice) -> Result<Exit, Failure> {
    let rule = config::rule(id).map_err(Failure::usage)?;
    let bold = if wants_colour(color) {
        Style::new().bold()
    } else {
        Style::new()
    };
    let mut text = format!(
        "{bold}{}{bold:#} ({})\n{}\n",
        rule.id,
        rule.level.name(),
        rule.summary
    );
    for (heading, body) in [
        ("Why", rule.why),
        ("Example", rule.example),
        ("Remedy", rule.remedy),
    ] {
        text.push_str(&format!("\n{bold}{heading}{bold:#}\n{body}\n"));
    }
    print(&text)
}
