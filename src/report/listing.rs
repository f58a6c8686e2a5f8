//! What a list of the times in files tells, as they are found.

use super::Unread;
use crate::format::{Content, Stamp, Value, Zone, sentinel};
use crate::time::Timestamp;
use std::io::{self, Write};
use std::path::Path;

/// A file whose times are listed.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// As it was named.
    pub path: &'a Path,
    /// How many bytes it has.
    pub size: u64,
    /// When it was last modified; `None` where nobody wants to know.
    pub modified: Option<Timestamp>,
}

/// Writes the times in files as they are found, and keeps none of them.
pub trait Listing {
    /// Once, before the first file, with the version of skewgate.
    ///
    /// # Errors
    /// When it cannot be written, as all below.
    fn begin(&mut self, version: &'static str, out: &mut dyn Write) -> io::Result<()>;

    /// A file was opened.
    ///
    /// # Errors
    /// When it cannot be written.
    fn file(&mut self, file: &Listed<'_>, out: &mut dyn Write) -> io::Result<()>;

    /// A time in it; `member` is the way to it, empty for the file itself.
    ///
    /// # Errors
    /// When it cannot be written.
    fn stamp(&mut self, member: &[u8], stamp: &Stamp<'_>, out: &mut dyn Write) -> io::Result<()>;

    /// All of it was told, but for what is not a time.
    ///
    /// # Errors
    /// When it cannot be written.
    fn rest(&mut self, content: &Content, out: &mut dyn Write) -> io::Result<()>;

    /// Once, after the last file, with those that could not be opened.
    ///
    /// # Errors
    /// When it cannot be written.
    fn end(&mut self, unread: &[Unread], out: &mut dyn Write) -> io::Result<()>;
}

/// The producer of the constant that a time is, if it is one.
pub(super) fn constant(stamp: &Stamp<'_>) -> Option<&'static str> {
    let moment = stamp.value.moment()?;
    let is_civil = moment.zone != Zone::Known;
    sentinel(moment.written, stamp.field.name, is_civil).map(|constant| constant.producer)
}

/// How many times of a file were listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// All.
    pub(super) stamps: u64,
    /// Those that say when something was.
    pub(super) times: u64,
    /// Those that are well-known constants.
    pub(super) constants: u64,
    /// Those that are unset.
    pub(super) unset: u64,
    /// Those that are no times.
    pub(super) invalid: u64,
}

impl Counts {
    /// Takes one, and whose constant it is.
    pub(super) fn take(&mut self, value: Value, constant: Option<&'static str>) {
        self.stamps += 1;
        let kind = match value {
            Value::At(_) if constant.is_some() => &mut self.constants,
            Value::At(_) => &mut self.times,
            Value::Unset => &mut self.unset,
            Value::Invalid(_) => &mut self.invalid,
        };
        *kind += 1;
    }
}
