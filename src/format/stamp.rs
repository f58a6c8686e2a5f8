//! One time found in a file: what it says, where its bytes are, and how another would be written there.

use super::Form;
use crate::bytes::Origin;
use crate::time::{Interval, Timestamp};

/// A place where a format keeps a time.
#[derive(Debug)]
pub struct Field {
    /// `<format>.<field>`, as reports name it; never changed.
    pub name: &'static str,
    /// What it is, where it is defined, and what its values mean, in a sentence.
    pub what: &'static str,
    /// Of what it is the time.
    pub role: Role,
    /// How far it is to be believed.
    pub confidence: Confidence,
}

impl Field {
    /// When a member was last modified, in a field that holds nothing else.
    pub(in crate::format) const fn modified(name: &'static str, what: &'static str) -> Self {
        Self {
            name,
            what,
            role: Role::Modified,
            confidence: Confidence::High,
        }
    }

    /// When something happened, in a field that holds nothing else.
    pub(in crate::format) const fn event(name: &'static str, what: &'static str) -> Self {
        Self {
            role: Role::Event,
            ..Self::modified(name, what)
        }
    }

    /// When something happened, in free text or by anybody's word.
    pub(in crate::format) const fn in_text(name: &'static str, what: &'static str) -> Self {
        Self {
            confidence: Confidence::Low,
            ..Self::event(name, what)
        }
    }

    /// Whether it is when something was signed, or when an authority says that it was (RFC 5652 §11.3, RFC 3161): two
    /// clocks that can be compared, however long ago that was.
    pub fn is_of_signature(&self) -> bool {
        let ends = [".signing-time", ".timestamp-token"];
        ends.iter().any(|end| self.name.ends_with(end))
    }
}

/// Of what a time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// When a member was last modified: what a member's records must agree on.
    Modified,
    /// When something was packed, made, read or signed.
    Event,
}

/// How far a time is to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A date in free text: it may be anybody's.
    Low,
    /// A field that holds nothing else.
    High,
}

/// One time found in a file.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'a> {
    /// Which.
    pub field: &'static Field,
    /// Its bytes as they stand there.
    pub raw: &'a [u8],
    /// What they say.
    pub value: Value,
    /// Where they can be written anew, if nothing but what [`Mend`] tells must change with them.
    pub slot: Option<Slot>,
}

impl<'a> Stamp<'a> {
    /// One that cannot be written anew where it stands.
    pub(in crate::format) const fn fixed(
        field: &'static Field,
        raw: &'a [u8],
        value: Value,
    ) -> Self {
        let slot = None;
        Self {
            field,
            raw,
            value,
            slot,
        }
    }
}

/// What a field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// A time.
    At(Moment),
    /// What the format's writers put there when they do not want to say.
    Unset,
    /// Something that is no time, and why.
    Invalid(&'static str),
}

/// A time as a file tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// What is written, as if any lacking zone were UTC.
    pub written: Timestamp,
    /// When that can have been.
    pub time: Interval,
    /// What is known of its zone.
    pub zone: Zone,
}

/// What is known of a time's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zone {
    /// It is in UTC, or says how far from it.
    Known,
    /// The user says what it is (`--zip-tz`).
    Stated,
    /// It was worked out from other members of the same archive.
    Inferred,
    /// It is somebody's local time.
    Unknown,
}

impl Role {
    /// As reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Modified => "modified",
            Self::Event => "event",
        }
    }
}

impl Confidence {
    /// As reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::High => "high",
        }
    }
}

impl Zone {
    /// As reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Stated => "stated",
            Self::Inferred => "inferred",
            Self::Unknown => "unknown",
        }
    }
}

impl Moment {
    /// A time in UTC that is known exactly.
    pub const fn exactly(at: Timestamp) -> Self {
        Self {
            written: at,
            time: Interval::exactly(at),
            zone: Zone::Known,
        }
    }

    /// A time whose zone is known, as precisely as it is written.
    pub fn of(time: Interval) -> Self {
        let written = time.earliest().or(time.latest());
        Self {
            written: written.unwrap_or(Timestamp::from_unix(0, 0)),
            time,
            zone: Zone::Known,
        }
    }
}

impl Value {
    /// The time, if it is one.
    pub const fn moment(&self) -> Option<&Moment> {
        match self {
            Self::At(moment) => Some(moment),
            Self::Unset | Self::Invalid(_) => None,
        }
    }
}

/// Where a time can be written anew: as many bytes as there are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot {
    /// Where its first byte is.
    pub at: Origin,
    /// How it is written.
    pub form: Form,
    /// What else must change with it.
    pub mend: Mend,
}

impl Slot {
    /// Where a time can be written anew; `None` for what lies too deep to be reached.
    pub fn new(at: Origin, form: Form, mend: Mend) -> Option<Self> {
        (at != Origin::Deep).then_some(Self { at, form, mend })
    }
}

/// What else must change when a time is written anew, all places counted like that of the slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mend {
    /// Nothing.
    Nothing,
    /// The checksum of the tar header of 512 bytes that begins here (POSIX.1-2017 pax, "ustar Interchange
    /// Format").
    TarHeader(Origin),
    /// The CRC16 of the gzip header that begins here (RFC 1952 §2.3.1, FHCRC).
    GzipHeader(Origin),
    /// The CRC of the PNG chunk that begins here (PNG §5.3).
    PngChunk(Origin),
    /// The CRC of the uImage header of 64 bytes that begins here.
    ImageHeader(Origin),
    /// The checksum of a PE image whose optional header begins here.
    PeChecksum(Origin),
}

impl Mend {
    /// What must change, as reports name it, and where it begins; `None` for nothing.
    pub const fn told(self) -> Option<(&'static str, Origin)> {
        match self {
            Self::Nothing => None,
            Self::TarHeader(at) => Some(("tar-header", at)),
            Self::GzipHeader(at) => Some(("gzip-header", at)),
            Self::PngChunk(at) => Some(("png-chunk", at)),
            Self::ImageHeader(at) => Some(("uimage-header", at)),
            Self::PeChecksum(at) => Some(("pe-checksum", at)),
        }
    }
}
