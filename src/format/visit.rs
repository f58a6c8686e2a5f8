//! A visit to one file: what its readers tell as they go through it, and the way down into what lies in it.

use super::{
    Calm, FORMATS, Field, Format, Head, Layer, Moment, Options, Reads, Signature, Stamp, Tally,
    Value,
};
use crate::bytes::{
    Budget, Codec, Decoded, Extent, Flaw, FlawKind, Limit, Origin, Spool, Straight, Stream,
};
use crate::time::{Interval, Order};
use std::fmt;
use std::io::Read;

/// Takes what a visit finds. `member` is the way to it: names joined by `!`, empty for the file itself.
pub trait Sink {
    /// A time that [`Calm`] does not cover.
    fn stamp(&mut self, member: &[u8], stamp: &Stamp<'_>);

    /// Something that readers of the format will see differently, or that contradicts itself.
    fn disagreement(&mut self, member: &[u8], disagreement: Disagreement);

    /// An archive that is older than what lies in it.
    fn older(&mut self, member: &[u8], older: Older<'_>);

    /// Something could not be read. The visit goes on.
    fn flaw(&mut self, member: &[u8], flaw: Flaw);
}

/// Two records of one thing that exclude each other.
#[derive(Debug, Clone)]
pub struct Disagreement {
    /// What one says, and where.
    pub one: (&'static Field, Option<Interval>),
    /// What the other says, and where.
    pub other: (&'static Field, Option<Interval>),
    /// What it comes to, for somebody who does not know the format.
    pub what: String,
}

/// An archive in an archive that bears a time before that of something in it.
#[derive(Debug, Clone, Copy)]
pub struct Older<'a> {
    /// What it bears.
    pub own: (&'static Field, Moment),
    /// The latest time in it.
    pub newest: Interval,
    /// Where that is.
    pub where_newest: &'a [u8],
}

/// A visit to one file.
pub struct Visit<'a> {
    options: &'a Options,
    budget: &'a Budget<'a>,
    calm: Calm,
    sink: &'a mut dyn Sink,
    /// The way to where it is.
    member: Vec<u8>,
    /// How many archives lie around where it is.
    depth: u64,
    /// Whether it is compressed, with no archive in between.
    is_compressed: bool,
    /// Whether a digest or a signature covers what is told from here on.
    is_sealed: bool,
    tally: Tally,
}

impl fmt::Debug for Visit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit")
            .field("member", &String::from_utf8_lossy(&self.member))
            .field("depth", &self.depth)
            .finish_non_exhaustive()
    }
}

/// Where a member lies, and what its archive says of it.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Its name as it is written there.
    pub name: &'a [u8],
    /// Its time as the archive has it, if it has one.
    pub own: Option<(&'static Field, Moment)>,
}

impl<'a> Visit<'a> {
    pub(super) fn new(
        options: &'a Options,
        budget: &'a Budget<'a>,
        calm: Calm,
        sink: &'a mut dyn Sink,
    ) -> Self {
        Self {
            options,
            budget,
            calm,
            sink,
            member: Vec::new(),
            depth: 0,
            is_compressed: false,
            is_sealed: false,
            tally: Tally::default(),
        }
    }

    /// What was asked for.
    pub const fn options(&self) -> &'a Options {
        self.options
    }

    /// What is left of the limits.
    pub const fn budget(&self) -> &'a Budget<'a> {
        self.budget
    }

    /// About which times nobody wants to hear.
    pub const fn calm(&self) -> Calm {
        self.calm
    }

    /// What was found so far in the archive that is being read.
    pub const fn tally_mut(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// Goes to a member to tell of its times.
    pub fn at<T>(&mut self, name: &[u8], tell: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.member.len();
        if length > 0 {
            self.member.push(b'!');
        }
        let most = usize::try_from(self.budget.limits.header).unwrap_or(usize::MAX);
        self.member.extend_from_slice(&name[..name.len().min(most)]);
        let told = tell(self);
        self.member.truncate(length);
        told
    }

    /// A time of the member where it is.
    pub fn stamp(&mut self, stamp: &Stamp<'_>) {
        self.tally.count(stamp, &self.member, self.calm);
        if !self.calm.covers(stamp) {
            let slot = stamp.slot.filter(|_| !self.is_sealed);
            self.sink.stamp(&self.member, &Stamp { slot, ..*stamp });
        }
    }

    /// A digest or a signature covers what comes from here on to the end of the member where it is, and all that lies in
    /// that: nothing there can be written anew, so that no [`Stamp::slot`] is told.
    pub const fn seal(&mut self) {
        self.is_sealed = true;
    }

    /// The same for what is told by `tell` alone, where `is` says so.
    pub fn sealed<T>(&mut self, is: bool, tell: impl FnOnce(&mut Self) -> T) -> T {
        let was_sealed = self.is_sealed;
        self.is_sealed |= is;
        let told = tell(self);
        self.is_sealed = was_sealed;
        told
    }

    /// A time of the member where it is that was counted without being told: it may be the latest.
    pub(super) fn newer(&mut self, time: Interval) {
        self.tally.newer(time, &self.member);
    }

    /// What is read is signed.
    pub fn signed(&mut self, name: &'static str, covers_times: bool) {
        self.tally.signed(Signature { name, covers_times });
    }

    /// Two times of the member where it is that should be one: tells if they exclude each other.
    pub fn compare(&mut self, one: (&'static Field, Value), other: (&'static Field, Value)) {
        let (Value::At(first), Value::At(second)) = (one.1, other.1) else {
            return;
        };
        if first.time.order(second.time) != Order::Overlaps {
            self.disagree(Disagreement {
                one: (one.0, Some(first.time)),
                other: (other.0, Some(second.time)),
                what: "two records of this member's time exclude each other: which one counts depends on who unpacks it"
                    .to_owned(),
            });
        }
    }

    /// Something that readers of the format will see differently.
    pub fn disagree(&mut self, disagreement: Disagreement) {
        self.sink.disagreement(&self.member, disagreement);
    }

    /// Something about the member where it is could not be read. The visit goes on.
    pub fn flaw(&mut self, flaw: Flaw) {
        if flaw.kind != FlawKind::Told {
            self.sink.flaw(&self.member, flaw);
        }
    }

    /// Takes one more entry of the archive that is being read.
    ///
    /// # Errors
    /// When it has too many, or somebody wants it all to stop.
    pub fn entry(&mut self) -> Result<(), Flaw> {
        self.tally.entries += 1;
        if self.tally.entries > self.budget.limits.entries {
            return Err(Flaw::limit(Limit::Entries, self.budget.limits.entries));
        }
        if self.tally.entries.is_multiple_of(1024) {
            self.budget.go_on()?;
        }
        Ok(())
    }

    /// Reads a member that lies in its archive as it is.
    ///
    /// # Errors
    /// Only what ends the reading of the whole file; what else is wrong with the member was told.
    pub fn extent(&mut self, member: Member<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
        self.inside(member, |visit| visit.read_extent(extent, None))
    }

    /// Reads a member that comes by. What is left of it is not skipped.
    ///
    /// # Errors
    /// Only what ends the reading of the whole file; what else is wrong with the member was told.
    pub fn stream(&mut self, member: Member<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
        self.inside(member, |visit| visit.read_stream(stream))
    }

    /// Reads what comes out of a decompressor: the same member, one archive deeper only if it is compressed
    /// twice.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn decoded(
        &mut self,
        codec: Codec,
        source: Origin,
        decoder: Box<dyn Read + '_>,
    ) -> Result<(), Flaw> {
        let mut stream = Decoded::new(decoder, source, codec, self.budget);
        let inside = self.read_stream(&mut stream);
        if inside.as_ref().is_err_and(Flaw::ends_file) {
            return inside;
        }
        // To its end, so that damage there does not go unseen.
        let rest = stream.skip(u64::MAX).map(drop);
        match (inside, rest) {
            (Err(inside), Err(rest)) => {
                // Where the compressed data fails, what is in it ends too early.
                if inside.kind != FlawKind::Truncated && inside != rest {
                    self.flaw(inside);
                }
                Err(rest)
            }
            (inside, rest) => inside.and(rest),
        }
    }

    fn inside(
        &mut self,
        member: Member<'_>,
        read: impl FnOnce(&mut Visit<'_>) -> Result<(), Flaw>,
    ) -> Result<(), Flaw> {
        self.at(member.name, |visit| {
            let outer = std::mem::take(&mut visit.tally);
            let read = visit.sealed(false, read);
            let inner = std::mem::replace(&mut visit.tally, outer);
            if let Some(own) = member.own
                && let Some((newest, where_newest)) = inner.newer_than(own)
            {
                let older = Older {
                    own,
                    newest,
                    where_newest,
                };
                visit.sink.older(&visit.member, older);
            }
            visit.tally.add(inner);
            let Err(flaw) = read else { return Ok(()) };
            let ends_file = flaw.ends_file();
            visit.flaw(flaw);
            if ends_file { Err(Flaw::told()) } else { Ok(()) }
        })
    }

    /// Reads all that a piece is, by its bytes.
    pub(super) fn read_extent(
        &mut self,
        extent: Extent<'_>,
        first: Option<&[u8]>,
    ) -> Result<(), Flaw> {
        let read;
        let first = match first {
            Some(first) => first,
            None => {
                read = extent.bytes(0, Head::SHORT)?;
                &read
            }
        };
        let head = Head::new(first, Some(extent));
        let mut outcome = Ok(());
        for format in FORMATS.iter().filter(|format| (format.is)(&head)) {
            outcome = outcome.and(self.read_as(format, |visit| match format.reads {
                Reads::Extent(read) => read(visit, extent),
                Reads::Stream(read) => read(visit, &mut Straight::new(extent)),
            }));
        }
        outcome
    }

    /// Reads all that a stream is, by its bytes.
    pub(super) fn read_stream(&mut self, stream: &mut dyn Stream) -> Result<(), Flaw> {
        if stream.extent().is_some() {
            // What was read ahead already need not be read again.
            let next = stream.peek(Head::SHORT)?;
            let mut first = [0; Head::SHORT];
            let length = next.len().min(Head::SHORT);
            first[..length].copy_from_slice(&next[..length]);
            if let Some(extent) = stream.extent() {
                return self.read_extent(extent, Some(&first[..length]));
            }
        }
        let head = Head::new(stream.peek(Head::LENGTH)?, None);
        let mut formats = FORMATS.iter().filter(|format| (format.is)(&head));
        match (formats.next(), formats.next()) {
            (None, _) => Ok(()),
            (
                Some(
                    format @ Format {
                        reads: Reads::Stream(read),
                        ..
                    },
                ),
                None,
            ) => self.read_as(format, |visit| read(visit, stream)),
            _ => {
                let kept = Spool::keep(stream, self.budget)?;
                self.read_extent(Extent::of_kept(&kept), None)
            }
        }
    }

    fn read_as(
        &mut self,
        format: &'static Format,
        read: impl FnOnce(&mut Self) -> Result<(), Flaw>,
    ) -> Result<(), Flaw> {
        self.tally.formats |= format.bit();
        // What is compressed counts as one with the archive in it, but not what is compressed twice.
        let (deeper, is_compressed) = match format.layer {
            Layer::Leaf => return read(self),
            Layer::Archive => (1, false),
            Layer::Compression => (u64::from(self.is_compressed), true),
        };
        let nesting = self.budget.limits.nesting;
        if self.depth.saturating_add(deeper) > nesting {
            return Err(Flaw::limit(Limit::Nesting, nesting));
        }
        self.depth += deeper;
        let was_compressed = std::mem::replace(&mut self.is_compressed, is_compressed);
        let outcome = read(self);
        self.is_compressed = was_compressed;
        self.depth -= deeper;
        outcome
    }
}
