//! Why a record that somebody names cannot be used.

use super::{PROVENANCES, when::Wrong};
use crate::record::stated;
use std::fmt;
use std::io;

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GivenError {
    /// It cannot be read.
    #[error("cannot read the record `{place}`; a record is {KINDS}")]
    Read {
        /// Which file.
        place: String,
        /// What the system said.
        source: io::Error,
    },
    /// It is longer than any record is.
    #[error(
        "the record `{place}` is longer than {limit} MiB, which no record is: name another file"
    )]
    Long {
        /// Which file.
        place: String,
        /// The limit in MiB.
        limit: u64,
    },
    /// It is no text, or no JSON although it begins like it.
    #[error("the record `{place}` cannot be made out: {why}")]
    Damaged {
        /// Which file.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody knows such a record.
    #[error(
        "`{place}` is no record that skewgate knows: {saw}; it knows {}",
        Known
    )]
    Unknown {
        /// Which file.
        place: String,
        /// What there is instead.
        saw: String,
    },
    /// It says something that cannot be.
    #[error("the record `{place}` ({row}) cannot be used: {wrong}")]
    Wrong {
        /// Which file, or `ci`.
        place: String,
        /// What kind of record it is.
        row: &'static str,
        /// Which field says what, and what is wrong with it.
        wrong: String,
    },
    /// It says nothing of when the build began or ended.
    #[error("the record `{place}` ({row}) bounds nothing: {why}")]
    Silent {
        /// Which file.
        place: String,
        /// What kind of record it is.
        row: &'static str,
        /// Why, and what to do.
        why: &'static str,
    },
    /// Several things it says exclude each other.
    #[error("the record `{place}` contradicts itself: {contradiction}")]
    Contradiction {
        /// Which file, or `ci`.
        place: String,
        /// Which two.
        contradiction: crate::record::Contradiction,
    },
    /// The commit cannot be looked up.
    #[error("the record `{place}` cannot be looked up")]
    Revision {
        /// As it was named.
        place: String,
        /// Why not.
        source: stated::Error,
    },
    /// No variable of any CI system says anything.
    #[error(
        "the record `ci` finds nothing: none of {looked_for} says when this job or pipeline began{silent}; leave `ci` out outside of CI, or name the start with --not-before"
    )]
    NoCi {
        /// The variables.
        looked_for: String,
        /// Which of them were there and why they say nothing.
        silent: String,
    },
}

/// What may stand where a record is named.
const KINDS: &str = "a file, `ci` or git:REV";

impl GivenError {
    pub(super) fn wrong(place: &str, row: &'static str, wrong: &Wrong) -> Self {
        Self::Wrong {
            place: place.to_owned(),
            row,
            wrong: wrong.to_string(),
        }
    }
}

/// Every row, by its name.
struct Known;

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its own")?;
        for row in PROVENANCES.iter().filter(|row| row.is_file()) {
            write!(f, ", {}", row.name)?;
        }
        write!(f, " (`skewgate list records`)")
    }
}
