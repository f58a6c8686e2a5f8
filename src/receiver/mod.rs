//! Who will refuse a deliverable for the times in it: the table of receivers.
//!
//! A row repeats what a receiver does, as it was read in the receiver's own code, and not what would be right: which
//! times it looks at, how it reads them, which instant it accepts last.
//!
//! To add a receiver: write `receiver/<name_with_underscores>.rs` with its `RECEIVER`, and list it below, twice.

mod apt;
mod codesign;
mod cran;
mod dak;
mod gnu_tar;
mod hackage;
mod launchpad;
mod lintian;
mod nuget;
mod nuget_pack;
mod python_zipfile;
mod rpm_sequoia;
mod rpmlint;
mod rubygems;

/// Every receiver, in the order in which they are listed.
pub const RECEIVERS: &[Receiver] = &[
    dak::RECEIVER,
    launchpad::RECEIVER,
    lintian::RECEIVER,
    apt::RECEIVER,
    hackage::RECEIVER,
    nuget::RECEIVER,
    nuget_pack::RECEIVER,
    cran::RECEIVER,
    rubygems::RECEIVER,
    rpm_sequoia::RECEIVER,
    rpmlint::RECEIVER,
    codesign::RECEIVER,
    python_zipfile::RECEIVER,
    gnu_tar::RECEIVER,
];

mod deb;
mod limit;
mod others;
#[cfg(test)]
mod sample;
mod way;

pub use others::{OTHERS, Other, Why};

use crate::format::Content;
use crate::time::{Interval, Timestamp};
use std::ffi::OsStr;

/// Somebody who takes deliverables, or refuses them.
#[derive(Debug)]
pub struct Receiver {
    /// As `--for` names it.
    pub name: &'static str,
    /// Who it is, and which files it looks at.
    pub summary: &'static str,
    /// What it refuses, exactly: which fields, which limit, by which clock.
    pub rule: &'static str,
    /// Where that was read: repository, commit, file and line.
    pub source: &'static str,
    /// What it looks at.
    pub looks: Looks,
}

/// The times that a receiver has nothing against, from and to, when it is `now`.
type Calm = fn(Interval) -> (Timestamp, Timestamp);

/// What a receiver looks at.
#[derive(Debug, Clone, Copy)]
pub enum Looks {
    /// The times inside a file.
    Inside {
        /// The times that it has nothing against, from and to, when it is `now`.
        calm: Calm,
        /// Whether it compares the times of a signature with each other, so that all of them are wanted.
        signatures: bool,
        /// What it has against a delivery when it is `now`.
        judge: fn(&Delivery<'_>, Interval) -> Vec<Rejection>,
    },
    /// The modification time of a file itself.
    Outside {
        /// The times that it has nothing against, from and to, when it is `now`.
        calm: Calm,
        /// What it has against a file with this `mtime` when it is `now`.
        judge: fn(Timestamp, Interval) -> Option<Rejection>,
    },
}

/// What a receiver does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It does not take the file, or ends with an error.
    Refuses,
    /// It takes it, and complains.
    Warns,
}

/// A file as a receiver gets it.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// Its name, without the way to it.
    pub name: &'a OsStr,
    /// What is in it: of its times those that are not calm.
    pub content: &'a Content,
}

/// What a receiver has against a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// What it does.
    pub answer: Answer,
    /// The way to the member that is the worst; empty for the file itself.
    pub member: Vec<u8>,
    /// Which of its times.
    pub field: &'static str,
    /// What the receiver reads there.
    pub found: Interval,
    /// What the receiver accepts last, or first.
    pub limit: Interval,
    /// Whether it will do so whatever the true time and zones are.
    pub is_proven: bool,
    /// What it will say, in a sentence: by whose rule, how many members, by which clock.
    pub what: String,
}

/// The receiver with this name.
pub fn find(name: &str) -> Option<&'static Receiver> {
    RECEIVERS.iter().find(|receiver| receiver.name == name)
}

#[cfg(test)]
mod tests;
