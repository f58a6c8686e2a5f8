//! gzip (RFC 1952): members one after the other, each with a header that has a time.

use super::deflate::Deflate;
use super::pump::Pump;
use super::{Engine, State, Step, cut_off, damaged, trailing};
use crate::bytes::{Codec, Flaw, Limit, Limits, array, le32};
use flate2::Crc;
use std::cell::RefCell;
use std::io::{BufRead, Read};

/// What the header of one member says (RFC 1952 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GzipMember {
    /// How far from where the first begins.
    pub at: u64,
    /// MTIME as it stands there.
    pub mtime: [u8; 4],
    /// Whether the header has a checksum of its own (FHCRC).
    pub has_checksum: bool,
    /// Whether that is another than the header's.
    pub is_damaged: bool,
}

/// The headers that a decompressor came by, from the first.
#[derive(Debug, Default)]
pub struct GzipMembers(RefCell<Vec<GzipMember>>);

impl GzipMembers {
    /// Takes those that it came by until now.
    pub fn take(&self) -> Vec<GzipMember> {
        self.0.take()
    }

    fn push(&self, member: GzipMember, limits: &Limits) -> Result<(), Flaw> {
        let mut members = self.0.borrow_mut();
        let size = members.len().saturating_mul(size_of::<GzipMember>());
        if u64::try_from(size).is_ok_and(|size| size >= limits.memory) {
            return Err(Flaw::limit(Limit::Memory, limits.memory));
        }
        members.push(member);
        Ok(())
    }

    fn last_is_damaged(&self) {
        if let Some(last) = self.0.borrow_mut().last_mut() {
            last.is_damaged = true;
        }
    }
}

/// What a member's header says that begins with these bytes, if there are ten; of its checksum only if all of it
/// is there.
pub fn gzip_header(bytes: &[u8]) -> Option<GzipMember> {
    let members = GzipMembers::default();
    let mut reader = Gzip::new(&Limits::DEFAULT, Some(&members));
    let mut rest = bytes;
    while reader.part != Part::Content && !rest.is_empty() {
        // What cannot be read on may have told its time all the same.
        let Ok(taken) = reader.header(rest) else {
            break;
        };
        rest = &rest[taken..];
    }
    members.take().pop()
}

/// What comes out of all members in `source`; what their headers say goes to `members`. Zeros after the last are
/// padding.
pub fn gzip<'a>(
    source: impl BufRead + 'a,
    limits: &Limits,
    members: Option<&'a GzipMembers>,
) -> Box<dyn Read + 'a> {
    Box::new(Pump::new(source, Gzip::new(limits, members), limits))
}

/// A decompressor of members.
struct Gzip<'a> {
    part: Part,
    inside: Deflate,
    /// What has come of a part of the format that has a fixed length.
    kept: Vec<u8>,
    flags: u8,
    header_crc: Crc,
    content_crc: Crc,
    /// How much was taken, and how much when the member began.
    position: u64,
    start: u64,
    members: Option<&'a GzipMembers>,
    limits: Limits,
}

/// Which part of a member comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The first ten bytes.
    Fixed,
    /// The length of FEXTRA.
    ExtraLength,
    /// So many bytes more of it.
    Extra(usize),
    /// FNAME, to its zero.
    Name,
    /// FCOMMENT, to its zero.
    Comment,
    /// FHCRC.
    Checksum,
    /// The compressed data.
    Content,
    /// CRC32 and ISIZE.
    Trailer,
    /// Nothing, or another member, or zeros.
    Between,
    /// Zeros.
    Padding,
}

// FLG (RFC 1952 §2.3.1).
const FHCRC: u8 = 2;
const FEXTRA: u8 = 4;
const FNAME: u8 = 8;
const FCOMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

impl Part {
    /// The next part of the header that is there.
    const fn after(self, flags: u8) -> Self {
        match self {
            Self::Fixed if flags & FEXTRA != 0 => Self::ExtraLength,
            Self::Fixed | Self::ExtraLength | Self::Extra(_) if flags & FNAME != 0 => Self::Name,
            Self::Fixed | Self::ExtraLength | Self::Extra(_) | Self::Name
                if flags & FCOMMENT != 0 =>
            {
                Self::Comment
            }
            Self::Checksum => Self::Content,
            Self::Fixed | Self::ExtraLength | Self::Extra(_) | Self::Name | Self::Comment
                if flags & FHCRC != 0 =>
            {
                Self::Checksum
            }
            Self::Fixed | Self::ExtraLength | Self::Extra(_) | Self::Name | Self::Comment => {
                Self::Content
            }
            Self::Content => Self::Trailer,
            Self::Trailer | Self::Between | Self::Padding => Self::Between,
        }
    }
}

impl<'a> Gzip<'a> {
    fn new(limits: &Limits, members: Option<&'a GzipMembers>) -> Self {
        Self {
            part: Part::Fixed,
            inside: Deflate::new(false),
            kept: Vec::new(),
            flags: 0,
            header_crc: Crc::new(),
            content_crc: Crc::new(),
            position: 0,
            start: 0,
            members,
            limits: *limits,
        }
    }

    /// Takes bytes of a part that has `N`, until it has all.
    fn keep<const N: usize>(&mut self, input: &[u8]) -> (usize, Option<[u8; N]>) {
        let wanted = N.saturating_sub(self.kept.len()).min(input.len());
        self.kept.extend_from_slice(&input[..wanted]);
        let all = array(&self.kept, 0);
        if all.is_some() {
            self.kept.clear();
        }
        (wanted, all)
    }

    /// Takes a part of the header, or some of it, and says how much.
    fn header(&mut self, input: &[u8]) -> Result<usize, Flaw> {
        let taken = match self.part {
            Part::Fixed => {
                let (taken, all) = self.keep(input);
                self.header_crc.update(&input[..taken]);
                if let Some(fixed) = all {
                    self.fixed(&fixed)?;
                }
                taken
            }
            Part::ExtraLength => {
                let (taken, all) = self.keep(input);
                self.header_crc.update(&input[..taken]);
                if let Some(length) = all {
                    self.part = Part::Extra(usize::from(u16::from_le_bytes(length)));
                }
                taken
            }
            Part::Extra(left) => {
                let taken = left.min(input.len());
                self.header_crc.update(&input[..taken]);
                self.part = if taken == left {
                    self.part.after(self.flags)
                } else {
                    Part::Extra(left - taken)
                };
                taken
            }
            Part::Checksum => {
                let (taken, all) = self.keep(input);
                if let Some(checksum) = all {
                    // The lower half of the CRC of all before it.
                    let [low, high, _, _] = self.header_crc.sum().to_le_bytes();
                    if let Some(members) = self.members.filter(|_| checksum != [low, high]) {
                        members.last_is_damaged();
                    }
                    self.part = self.part.after(self.flags);
                }
                taken
            }
            Part::Name
            | Part::Comment
            | Part::Content
            | Part::Trailer
            | Part::Between
            | Part::Padding => {
                let end = input.iter().position(|&byte| byte == 0);
                let taken = end.map_or(input.len(), |end| end + 1);
                self.header_crc.update(&input[..taken]);
                if end.is_some() {
                    self.part = self.part.after(self.flags);
                }
                taken
            }
        };
        let length = self.position.saturating_sub(self.start);
        if length > self.limits.header {
            return Err(Flaw::limit(Limit::Header, self.limits.header));
        }
        Ok(taken)
    }

    /// The first ten bytes of a member.
    fn fixed(&mut self, fixed: &[u8; 10]) -> Result<(), Flaw> {
        let [first, second, method, flags, t0, t1, t2, t3, _, _] = *fixed;
        if [first, second] != [0x1f, 0x8b] {
            return Err(if self.start > 0 {
                trailing(Self::CODEC)
            } else {
                damaged(Self::CODEC, "it does not begin like that")
            });
        }
        if let Some(members) = self.members {
            let member = GzipMember {
                at: self.start,
                mtime: [t0, t1, t2, t3],
                has_checksum: flags & FHCRC != 0,
                is_damaged: false,
            };
            members.push(member, &self.limits)?;
        }
        if method != 8 || flags & RESERVED != 0 {
            return Err(Flaw::unsupported(format!(
                "its gzip header says method {method} and flags {flags:#04x}, and RFC 1952 has only method 8 and flags up to 0x1f: its content was not looked at"
            )));
        }
        self.flags = flags;
        self.part = self.part.after(flags);
        Ok(())
    }

    fn content(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let step = self.inside.step(Self::CODEC, input, output);
        self.content_crc.update(&output[..step.produced]);
        if step.state == Ok(State::Over) {
            self.part = Part::Trailer;
        }
        Step {
            state: step.state.map(|_| State::Within),
            ..step
        }
    }

    /// What is not content: how much of it was taken.
    fn around(&mut self, input: &[u8]) -> Result<usize, Flaw> {
        match self.part {
            Part::Between | Part::Padding => self.between(input),
            // What follows a member and is cut off within the magic number may be anything.
            Part::Fixed if input.is_empty() && self.start > 0 && self.kept.len() < 2 => {
                Err(trailing(Self::CODEC))
            }
            _ if input.is_empty() => Err(cut_off(Self::CODEC)),
            Part::Trailer => self.trailer(input),
            Part::Fixed
            | Part::ExtraLength
            | Part::Extra(_)
            | Part::Name
            | Part::Comment
            | Part::Checksum
            | Part::Content => self.header(input),
        }
    }

    fn trailer(&mut self, input: &[u8]) -> Result<usize, Flaw> {
        let (taken, all) = self.keep::<8>(input);
        if let Some(trailer) = all {
            if le32(&trailer, 0) != Some(self.content_crc.sum()) {
                return Err(damaged(Self::CODEC, "the checksum of its content is wrong"));
            }
            if le32(&trailer, 4) != Some(self.content_crc.amount()) {
                return Err(damaged(Self::CODEC, "the length of its content is wrong"));
            }
            self.part = Part::Between;
        }
        Ok(taken)
    }

    /// What follows a member.
    fn between(&mut self, input: &[u8]) -> Result<usize, Flaw> {
        match input.first() {
            Some(0) => {
                self.part = Part::Padding;
                let end = input.iter().position(|&byte| byte != 0);
                return Ok(end.unwrap_or(input.len()));
            }
            Some(0x1f) if self.part == Part::Between => {}
            Some(_) => return Err(trailing(Self::CODEC)),
            None => return Ok(0),
        }
        self.part = Part::Fixed;
        self.start = self.position;
        self.inside.reset();
        self.header_crc.reset();
        self.content_crc.reset();
        Ok(0)
    }
}

impl Engine for Gzip<'_> {
    const CODEC: Codec = Codec::Gzip;

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let step = if self.part == Part::Content {
            self.content(input, output)
        } else {
            let taken = self.around(input);
            Step {
                consumed: taken.as_ref().map_or(0, |&taken| taken),
                produced: 0,
                state: taken.map(|_| match self.part {
                    Part::Between | Part::Padding => State::Between,
                    _ => State::Within,
                }),
            }
        };
        let consumed = u64::try_from(step.consumed).unwrap_or(u64::MAX);
        self.position = self.position.saturating_add(consumed);
        step
    }
}
