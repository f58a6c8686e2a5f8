//! From one header of a tar to the next.

use super::covered;
use super::extended::{Broken, Extended, Time, What, next};
use super::header::{self, BLOCK, Header};
use super::member::{MTIME_AT, Own, Said, tell, tell_extended};
use super::{GLOBAL_MTIME, MTIME, PAX_MTIME};
use crate::bytes::{Flaw, Limit, Origin, Part, Stream};
use crate::format::piece::keep::{count, keep};
use crate::format::{Disagreement, FORMATS, Head, Member, Visit};
use std::ops::Range;

/// Where in an archive a walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A header comes next.
    Between,
    /// What came was none: the next good one is looked for.
    Lost,
    /// Behind the blocks of zeros that end an archive.
    Behind,
}

struct Walk<'v, 'a> {
    visit: &'v mut Visit<'a>,
    stream: &'v mut dyn Stream,
    /// Where the archive begins.
    start: Origin,
    place: Place,
    /// What was said before the header that comes next.
    extended: Extended,
    /// The mtime of all members without one of their own.
    global: Option<Said>,
    /// The name of the member, in room that is used again.
    name: Vec<u8>,
    /// Whether that it does not end where it ends, or is damaged, was told.
    told_behind: bool,
    told_lost: bool,
}

pub(super) fn read(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
    let start = stream.origin();
    let mut walk = Walk {
        visit,
        stream,
        start,
        place: Place::Between,
        extended: Extended::default(),
        global: None,
        name: Vec::new(),
        told_behind: false,
        told_lost: false,
    };
    while walk.step()? {}
    Ok(())
}

/// Up to the next block.
fn padded(size: u64) -> u64 {
    size.checked_next_multiple_of(count(BLOCK))
        .unwrap_or(u64::MAX)
}

impl Walk<'_, '_> {
    /// Takes a block and what belongs to it; whether there was one.
    fn step(&mut self) -> Result<bool, Flaw> {
        self.visit.budget().go_on()?;
        let at = self.stream.position();
        let block = self.stream.peek(BLOCK)?;
        let (is_empty, is_zero) = (
            block.is_empty(),
            Header::is_zero(&block[..block.len().min(BLOCK)]),
        );
        let header = block.first_chunk().copied().map(Header);
        if is_zero {
            self.forget();
            self.place = Place::Behind;
            return Ok(!is_empty && self.stream.skip(count(BLOCK))? > 0);
        }
        let Some(header) = header else {
            if self.place == Place::Between {
                let message =
                    format!("the archive ends within the header at {at}: members are missing");
                self.visit.flaw(Flaw::truncated(message));
            }
            self.forget();
            return Ok(false);
        };
        self.stream.skip(count(BLOCK))?;
        if header.is_sound() {
            self.arrive(at);
            self.take(&header, at)?;
        } else {
            self.lose(at);
        }
        Ok(true)
    }

    /// What was said before a header that does not come is told all the same.
    fn forget(&mut self) {
        if !self.extended.is_any {
            return;
        }
        let Self {
            visit,
            extended,
            start,
            ..
        } = self;
        visit.at(extended.name().unwrap_or_default(), |visit| {
            let message = "a pax header or long name stands here, and no member follows that it could belong to";
            visit.flaw(Flaw::truncated(message));
            tell_extended(visit, extended, *start, false);
        });
        self.extended.clear();
    }

    /// A good header was found.
    fn arrive(&mut self, at: u64) {
        if self.place == Place::Behind && !self.told_behind {
            self.told_behind = true;
            self.visit.disagree(Disagreement {
                one: (&MTIME, None),
                other: (&MTIME, None),
                what: format!(
                    "the archive ends, and more members follow at {at}: most readers stop before them, tar \
                     --ignore-zeros and skewgate go on"
                ),
            });
        }
        self.place = Place::Between;
    }

    /// No header was found where one should be.
    fn lose(&mut self, at: u64) {
        if self.place == Place::Behind {
            // What stands behind the end is of no meaning (POSIX.1-2017 pax), unless it is a header.
            return;
        }
        self.forget();
        self.place = Place::Lost;
        if !self.told_lost {
            self.told_lost = true;
            self.visit.flaw(Flaw::malformed(format!(
                "the block at {at} should be a member's header, and its checksum is wrong: the archive is damaged; what \
                 follows was searched for headers that are whole"
            )));
        }
    }

    /// Takes a header and what follows it.
    fn take(&mut self, header: &Header, at: u64) -> Result<(), Flaw> {
        let Some(size) = header.size() else {
            self.visit.flaw(Flaw::malformed(format!(
                "the header at {at} does not say how large its member is: what follows was searched for the next header"
            )));
            self.tell(header, at)?;
            self.extended.clear();
            self.place = Place::Lost;
            return Ok(());
        };
        match header.kind() {
            // Sun's tar called it X.
            b'x' | b'X' => self.extended(header, at, size),
            b'g' => self.global(header, at, size),
            b'L' => {
                let read = self.keep(size)?;
                self.extended.is_any = true;
                self.extended.take_name(read);
                Ok(())
            }
            // The name that a link leads to.
            b'K' => self.pass(size, 0),
            _ => {
                let done = self.member(header, at, size);
                self.extended.clear();
                done
            }
        }
    }

    /// Reads the body of a header that says something of the next member, and gives back where it was put.
    fn keep(&mut self, size: u64) -> Result<Range<usize>, Flaw> {
        let from = self.extended.bytes.len();
        let most = self.visit.budget().limits.header;
        let room = most.saturating_sub(count(from)).min(size);
        keep(self.stream, room, &mut self.extended.bytes)?;
        let read = from..self.extended.bytes.len();
        if room < size {
            self.visit.flaw(Flaw::limit(Limit::Header, most));
        }
        self.pass(size, count(read.len()))?;
        Ok(read)
    }

    /// Goes to the end of the body of a header that says something of the next member; so much of it is done.
    fn pass(&mut self, size: u64, done: u64) -> Result<(), Flaw> {
        let there = done.saturating_add(self.stream.skip(padded(size).saturating_sub(done))?);
        if there < size {
            let at = self.stream.position().saturating_sub(there);
            self.visit.flaw(Flaw::truncated(format!(
                "what is said at {at} of the next member should have {size} bytes, and the archive ends after {there} \
                 of them"
            )));
        }
        Ok(())
    }

    /// Takes a pax header: what it says is told with its member.
    fn extended(&mut self, header: &Header, at: u64, size: u64) -> Result<(), Flaw> {
        let place = self.extended.bytes.len();
        self.extended
            .bytes
            .extend_from_slice(&header.0[header::MTIME]);
        let raw = place..self.extended.bytes.len();
        self.extended.is_any = true;
        self.extended.times.push(Time {
            what: What::Header,
            raw,
            at: at.saturating_add(MTIME_AT),
        });
        let start = self.stream.position();
        let read = self.keep(size)?;
        self.records(&read, start, size);
        Ok(())
    }

    /// Takes the records of a pax header that was read and of which the body begins at `start`.
    fn records(&mut self, read: &Range<usize>, start: u64, size: u64) {
        let is_whole = count(read.len()) == size;
        let mut from = Some(0);
        while let Some(place) = from.filter(|&place| place < read.len()) {
            let (record, after) = next(&self.extended.bytes[read.clone()], place);
            match record {
                Ok(record) => self.extended.take(&record, read.start, start),
                // That it is cut off was told.
                Err(Broken::End | Broken::Length) if !is_whole => {}
                Err(broken) => {
                    let at = start.saturating_add(count(place));
                    let why = match broken {
                        Broken::Length => "does not begin with its length",
                        Broken::End => "ends after its header",
                        Broken::Shape => "is no key=value with a newline at its end",
                    };
                    self.visit.flaw(Flaw::malformed(format!(
                        "the pax record at {at} {why}: readers differ in what they make of it"
                    )));
                }
            }
            from = after;
        }
    }

    /// Takes a pax header that counts for all members after it, and tells what it says at once.
    fn global(&mut self, header: &Header, at: u64, size: u64) -> Result<(), Flaw> {
        let before = std::mem::take(&mut self.extended);
        self.extended(header, at, size)?;
        let global = std::mem::replace(&mut self.extended, before);
        if let Some(said) = tell_extended(self.visit, &global, self.start, true) {
            self.global = Some(said);
        }
        if global.size.is_some() || global.is_sparse {
            self.visit.disagree(Disagreement {
                one: (&MTIME, None),
                other: (&GLOBAL_MTIME, None),
                what: format!(
                    "the global pax header at {at} says how large all members after it are: readers that take it at its \
                     word see other members than those that do not"
                ),
            });
        }
        Ok(())
    }

    /// Puts the member's name together.
    fn name(&mut self, header: &Header) {
        self.name.clear();
        match self.extended.name() {
            Some(name) => self.name.extend_from_slice(name),
            None => header.name(&mut self.name),
        }
    }

    /// Tells the times of a member, and gives back the one that counts.
    fn tell(&mut self, header: &Header, at: u64) -> Result<Option<Own>, Flaw> {
        self.visit.entry()?;
        self.name(header);
        let Self {
            visit,
            extended,
            start,
            global,
            name,
            ..
        } = self;
        let (origin, extended) = (start.plus(at), (&*extended, *start));
        Ok(visit.at(name, |visit| tell(visit, header, origin, extended, *global)))
    }

    /// Takes a member and its content.
    fn member(&mut self, header: &Header, at: u64, in_header: u64) -> Result<(), Flaw> {
        let own = self.tell(header, at)?;
        let name = std::mem::take(&mut self.name);
        let outcome = self.content(header, (&name, own), in_header);
        self.name = name;
        outcome
    }

    fn content(
        &mut self,
        header: &Header,
        (name, own): (&[u8], Option<Own>),
        in_header: u64,
    ) -> Result<(), Flaw> {
        let size = self.extended.size.unwrap_or(in_header);
        if in_header != 0 && size != in_header && in_header < 1 << 33 && size < 1 << 33 {
            self.visit.at(name, |visit| {
                visit.disagree(Disagreement {
                    one: (&MTIME, None),
                    other: (&PAX_MTIME, None),
                    what: format!(
                        "its header says it has {in_header} bytes, its pax record {size}: readers that take the \
                         header's word see other members after it"
                    ),
                });
            });
        }
        let kind = header.kind();
        if size > 0 && self.is_bare(kind, name)? {
            return Ok(());
        }
        let is_old_sparse = kind == b'S' && header.is_gnu();
        if is_old_sparse && header.is_extended() {
            self.skip_map()?;
        }
        let from = self.stream.position();
        if is_old_sparse || self.extended.is_sparse {
            self.look_for_more(name)?;
        } else if kind == b'M' {
            let message = "it is the rest of a file that began on another volume, and was not looked into: join the volumes";
            self.visit
                .at(name, |visit| visit.flaw(Flaw::unsupported(message)));
        } else if size > 0 && !matches!(kind, b'V' | b'N' | b'D') {
            let mut part = Part::new(&mut *self.stream, size);
            self.visit.sealed(covered::by_digest(name), |visit| {
                visit.stream(Member { name, own }, &mut part)
            })?;
        }
        // The first of Alpine's gzip members, which nothing covers, signs the second, which has a digest of the third.
        if covered::is_signature(name) {
            self.visit.signed("Alpine package signature", true);
            self.visit.seal();
        }
        let done = self.stream.position().saturating_sub(from);
        let skipped = self.stream.skip(padded(size).saturating_sub(done))?;
        let there = done.saturating_add(skipped);
        if there < size {
            let message =
                format!("it should have {size} bytes, and the archive ends after {there} of them");
            self.visit
                .at(name, |visit| visit.flaw(Flaw::truncated(message)));
        }
        Ok(())
    }

    /// Whether a link, a device or a folder, which can say that it has bytes and not have any, is followed by none.
    fn is_bare(&mut self, kind: u8, name: &[u8]) -> Result<bool, Flaw> {
        let can_be = matches!(kind, b'1'..=b'6') || (kind == 0 && name.ends_with(b"/"));
        if !can_be {
            return Ok(false);
        }
        let next = self.stream.peek(BLOCK)?;
        let header = next.first_chunk().copied().map(Header);
        Ok(header.is_none_or(|header| Header::is_zero(&header.0) || header.is_sound()))
    }

    /// Goes over the blocks with the rest of the map of a sparse file (GNU).
    fn skip_map(&mut self) -> Result<(), Flaw> {
        /// Whether one more follows.
        const MORE: usize = 504;
        loop {
            self.visit.budget().go_on()?;
            let has_more = self
                .stream
                .peek(BLOCK)?
                .get(MORE)
                .is_some_and(|&more| more != 0);
            if self.stream.skip(count(BLOCK))? < count(BLOCK) {
                self.visit.flaw(Flaw::truncated(
                    "the archive ends within the map of a sparse file",
                ));
                return Ok(());
            }
            if !has_more {
                return Ok(());
            }
        }
    }

    /// Tells if a file with holes holds more times: where they are can only be known with its holes filled.
    fn look_for_more(&mut self, name: &[u8]) -> Result<(), Flaw> {
        let first = self.stream.peek(Head::LENGTH)?;
        let first = &first[after_map(first)..];
        let head = Head::new(first, None);
        if let Some(format) = FORMATS.iter().find(|format| (format.is)(&head)) {
            let message = format!(
                "it is stored without its holes (sparse) and is {}, so the times in it were not looked at: unpack it, and \
                 audit the file",
                format.name
            );
            self.visit
                .at(name, |visit| visit.flaw(Flaw::unsupported(message)));
        }
        Ok(())
    }
}

/// How long the map is that a sparse file of GNU's pax format 1.0 begins with: a count, that many pairs of numbers, a
/// line each, up to the next block. Zero where there is none.
fn after_map(first: &[u8]) -> usize {
    let line = first
        .split(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    let count = std::str::from_utf8(line)
        .ok()
        .and_then(|line| line.parse::<usize>().ok());
    let Some(lines) = count.and_then(|count| count.checked_mul(2)) else {
        return 0;
    };
    let ends = first.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let end = ends.map(|(at, _)| at + 1).nth(lines);
    end.map_or(0, |end| end.next_multiple_of(BLOCK).min(first.len()))
}
