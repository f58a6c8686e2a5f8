//! The list of the times in files for machines: one document, of which no more than a time is held.
//!
//! An array that goes on while a file is read cannot be written by a serializer from the outside, so what is around
//! the times is put together here, of objects that are.

use super::Guarded;
use super::stamps::{Begin, End, Head, Rest, Stamp};
use crate::format::{self, Content};
use crate::report::listing::{Counts, Listed, Listing, constant};
use crate::report::{self, Style};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Serializer};
use std::io::{self, Write};

/// One document.
pub(super) fn document(_style: Style) -> Box<dyn Listing> {
    Box::new(Writer::new(false))
}

/// A document a file, each in a line.
pub(in crate::report) fn lines(_style: Style) -> Box<dyn Listing> {
    Box::new(Writer::new(true))
}

/// Writes documents as their parts become known.
struct Writer {
    /// Whether each file is a document, and that a line.
    lines: bool,
    version: &'static str,
    counts: Counts,
    files: u64,
}

impl Writer {
    fn new(lines: bool) -> Self {
        Self {
            lines,
            version: "",
            counts: Counts::default(),
            files: 0,
        }
    }

    /// Ends a line, where a document has more than one.
    fn breaks(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.lines {
            Ok(())
        } else {
            out.write_all(b"\n")
        }
    }

    fn open(&self, out: &mut dyn Write) -> io::Result<()> {
        let begin = Begin::of(self.version);
        out.write_all(unclosed(&object(&begin)?))?;
        out.write_all(b",\"files\":[")?;
        self.breaks(out)
    }

    fn close(&self, unread: &[report::Unread], out: &mut dyn Write) -> io::Result<()> {
        let end = End::of(unread);
        out.write_all(b"],")?;
        out.write_all(unopened(&object(&end)?))?;
        out.write_all(b"\n")
    }
}

impl Listing for Writer {
    fn begin(&mut self, version: &'static str, out: &mut dyn Write) -> io::Result<()> {
        self.version = version;
        if self.lines { Ok(()) } else { self.open(out) }
    }

    fn file(&mut self, file: &Listed<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.counts = Counts::default();
        if self.lines {
            self.open(out)?;
        } else if self.files > 0 {
            out.write_all(b",\n")?;
        }
        self.files += 1;
        let head = Head::of(file);
        out.write_all(unclosed(&object(&head)?))?;
        out.write_all(b",\"stamps\":[")
    }

    fn stamp(
        &mut self,
        member: &[u8],
        stamp: &format::Stamp<'_>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if self.counts.stamps > 0 {
            out.write_all(b",")?;
        }
        self.breaks(out)?;
        let constant = constant(stamp);
        self.counts.take(stamp.value, constant);
        out.write_all(&object(&Stamp::of(member, stamp, constant))?)
    }

    fn rest(&mut self, content: &Content, out: &mut dyn Write) -> io::Result<()> {
        self.breaks(out)?;
        out.write_all(b"],")?;
        out.write_all(unopened(&object(&Rest::of(content, self.counts))?))?;
        if self.lines {
            self.close(&[], out)?;
        }
        Ok(())
    }

    fn end(&mut self, unread: &[report::Unread], out: &mut dyn Write) -> io::Result<()> {
        if self.lines {
            if unread.is_empty() {
                return Ok(());
            }
            self.open(out)?;
        } else if self.files > 0 {
            out.write_all(b"\n")?;
        }
        self.close(unread, out)
    }
}

/// A struct in a line.
fn object<T: Serialize>(value: &T) -> io::Result<Vec<u8>> {
    let mut written = Vec::new();
    value.serialize(&mut Serializer::with_formatter(
        &mut written,
        Guarded(CompactFormatter),
    ))?;
    Ok(written)
}

/// The same without its last brace, for more to come.
fn unclosed(object: &[u8]) -> &[u8] {
    object.strip_suffix(b"}").unwrap_or(object)
}

/// The same without its first brace, after what came before.
fn unopened(object: &[u8]) -> &[u8] {
    object.strip_prefix(b"{").unwrap_or(object)
}
