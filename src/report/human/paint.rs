//! The page that the human report is written on: where to, in what colours, how much of it.

use crate::gate::Verdict;
use crate::report::Style as Wanted;
use crate::rule::Level;
use anstyle::{AnsiColor, Style};
use std::fmt;
use std::io::{self, Write};

/// A page.
pub(super) struct Page<'page> {
    out: &'page mut dyn Write,
    wanted: Wanted,
}

impl<'page> Page<'page> {
    pub(super) fn new(out: &'page mut dyn Write, wanted: Wanted) -> Self {
        Self { out, wanted }
    }

    /// A line, which brings its own indentation.
    pub(super) fn line(&mut self, text: fmt::Arguments<'_>) -> io::Result<()> {
        self.out.write_fmt(text)?;
        self.out.write_all(b"\n")
    }

    /// What is left out.
    pub(super) fn more(&mut self, indent: &str, what: &str) -> io::Result<()> {
        let what = self.dim(what);
        let hint = self.dim("; -v lists all");
        self.line(format_args!("{indent}{what}{hint}"))
    }

    /// An empty line.
    pub(super) fn gap(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// How many of `there` are shown where `most` are enough. One more is shown rather than counted:
    /// to say so takes a line as well.
    pub(super) fn some_of(&self, there: usize, most: usize) -> usize {
        if self.wanted.verbose || there <= most + 1 {
            there
        } else {
            most
        }
    }

    pub(super) const fn is_verbose(&self) -> bool {
        self.wanted.verbose
    }

    /// A headline.
    pub(super) fn bold<T: fmt::Display>(&self, text: T) -> Painted<T> {
        self.painted(Style::new().bold(), text)
    }

    /// What may be passed over.
    pub(super) fn dim<T: fmt::Display>(&self, text: T) -> Painted<T> {
        self.painted(Style::new().dimmed(), text)
    }

    /// In the colour of a level.
    pub(super) fn level<T: fmt::Display>(&self, level: Level, text: T) -> Painted<T> {
        let colour = match level {
            Level::Error => AnsiColor::Red,
            Level::Warning => AnsiColor::Yellow,
            Level::Note | Level::Off => AnsiColor::Cyan,
        };
        self.painted(colour.on_default().bold(), text)
    }

    /// In the colour of a verdict.
    pub(super) fn verdict<T: fmt::Display>(&self, verdict: Verdict, text: T) -> Painted<T> {
        let colour = match verdict {
            Verdict::Pass => AnsiColor::Green,
            Verdict::Fail => AnsiColor::Red,
            Verdict::Incomplete | Verdict::Unknown => AnsiColor::Yellow,
        };
        self.painted(colour.on_default().bold(), text)
    }

    fn painted<T: fmt::Display>(&self, style: Style, text: T) -> Painted<T> {
        let style = if self.wanted.colour {
            style
        } else {
            Style::new()
        };
        Painted { style, text }
    }
}

/// A text in a colour.
pub(super) struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = self.style;
        write!(f, "{style}{}{style:#}", self.text)
    }
}
