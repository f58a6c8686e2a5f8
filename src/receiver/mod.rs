//! Who will refuse a deliverable for the times in it: the table of receivers.
//!
//! A row repeats what a receiver does, as it was read in the receiver's own code, and not what would be right: which
//! times it looks at, how it reads them, which instant it accepts last.
//!
//! To add a receiver: write `receiver/<name>.rs` with its `RECEIVER`, and list it below, twice.

/// Every receiver, in the order in which they are listed.
pub const RECEIVERS: &[Receiver] = &[];

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
    /// What it does with them.
    pub answer: Answer,
    /// The times that it has nothing against, from and to, when it is `now`.
    pub calm: fn(Interval) -> (Timestamp, Timestamp),
    /// What it refuses of a delivery when it is `now`.
    pub judge: fn(&Delivery<'_>, Interval) -> Vec<Rejection>,
}

/// What a receiver does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It does not take the file.
    Refuses,
    /// It takes it, and complains.
    Warns,
}

/// A file as a receiver gets it.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// Its name, without the way to it.
    pub name: &'a OsStr,
    /// Its own modification time.
    pub modified: Timestamp,
    /// What is in it.
    pub content: &'a Content,
}

/// What a receiver refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The way to the member that is the worst; empty for the file itself.
    pub member: Vec<u8>,
    /// Which of its times.
    pub field: &'static str,
    /// What it says.
    pub found: Interval,
    /// What the receiver accepts last, or first.
    pub limit: Interval,
    /// Whether it will refuse whatever the true time and zones are.
    pub is_proven: bool,
    /// What it will say, in a sentence: by whose rule, how many members, by which clock.
    pub what: String,
}

/// The receiver with this name.
pub fn find(name: &str) -> Option<&'static Receiver> {
    RECEIVERS.iter().find(|receiver| receiver.name == name)
}
