//! Which times a file carries inside: the table of formats.
//!
//! A format only locates times; what they mean is for the rules, and to change them is for another. It is told
//! from others by its bytes, and reads either an [`Extent`], at any place, or a [`Stream`], from its beginning to
//! its end. What lies in it goes back to the [`Visit`], which finds out what it is and goes down, as deep and as far as
//! the limits allow.
//!
//! To add a format: write `format/<name>.rs` with its `FORMAT`, and list it below, twice. What several have in common, such
//! as dates in text, is in `format/piece/`.

mod ar;
mod attestation;
mod bflt;
mod bzip2;
mod cab;
mod compress;
mod cpio;
mod debian;
mod ext;
mod fit;
mod font;
mod gettext;
mod gzip;
mod iso9660;
mod javadoc;
mod lz4;
mod lzma;
mod macho;
mod manifest;
mod msi;
mod oci;
mod office;
mod package;
mod pdf;
mod pe;
mod png;
mod properties;
mod pyc;
mod rpm;
mod sbom;
mod squashfs;
mod tar;
mod uimage;
mod xz;
mod zip;
mod zstd;

// What rows have in common.
mod piece;
// What they find, and the visit that goes through a file with them.
mod content;
mod form;
// Only in a build for the fuzzers in `fuzz/`.
#[cfg(fuzzing)]
pub mod fuzzing;
mod sentinel;
mod stamp;
mod tally;
mod visit;

/// Every format, in the order in which they are listed.
pub const FORMATS: &[Format] = &[
    zip::FORMAT,
    tar::FORMAT,
    ar::FORMAT,
    cpio::FORMAT,
    rpm::FORMAT,
    package::FORMAT,
    oci::FORMAT,
    gzip::FORMAT,
    xz::FORMAT,
    lzma::FORMAT,
    zstd::FORMAT,
    bzip2::FORMAT,
    lz4::FORMAT,
    compress::FORMAT,
    pe::FORMAT,
    macho::FORMAT,
    msi::FORMAT,
    cab::FORMAT,
    pyc::FORMAT,
    png::FORMAT,
    pdf::FORMAT,
    font::FORMAT,
    office::FORMAT,
    manifest::FORMAT,
    properties::FORMAT,
    javadoc::FORMAT,
    gettext::FORMAT,
    sbom::FORMAT,
    attestation::FORMAT,
    debian::FORMAT,
    iso9660::FORMAT,
    squashfs::FORMAT,
    ext::FORMAT,
    uimage::FORMAT,
    fit::FORMAT,
    bflt::FORMAT,
];

pub use content::{Aged, Content, Contradiction, Kept};
pub use form::Form;
pub use sentinel::{Base, SENTINELS, Scope, Sentinel, sentinel};
pub use stamp::{Confidence, Field, Mend, Moment, Role, Slot, Stamp, Value, Zone};
pub use tally::{Signature, Tally};
pub use visit::{Disagreement, Member, Older, Sink, Visit};

use crate::bytes::{Budget, Extent, Flaw, Limits, ReadAt, Stream};
use crate::time::{Span, Timestamp};
use content::Passing;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

/// One kind of file that carries times.
#[derive(Debug)]
pub struct Format {
    /// As reports name it.
    pub name: &'static str,
    /// Which files it covers, and which of their times, in a sentence or two.
    pub summary: &'static str,
    /// Ends of the names of such files, in small letters: what `--embedded auto` opens.
    pub names: &'static [&'static str],
    /// Whether bytes are the beginning of one.
    pub is: fn(&Head<'_>) -> bool,
    /// What it is to what lies in it.
    pub layer: Layer,
    /// The places where it keeps times.
    pub fields: &'static [&'static Field],
    /// Reads one.
    pub reads: Reads,
}

// Each has a bit in `Tally::formats`.
const _: () = assert!(FORMATS.len() <= 64, "Tally::formats has no bit for it");

/// What a format is to what lies in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Nothing lies in it that is a file.
    Leaf,
    /// One file, compressed.
    Compression,
    /// Many files.
    Archive,
}

/// How a format is read.
#[derive(Debug, Clone, Copy)]
pub enum Reads {
    /// At any place.
    Extent(fn(&mut Visit<'_>, Extent<'_>) -> Result<(), Flaw>),
    /// From its beginning to its end.
    Stream(fn(&mut Visit<'_>, &mut dyn Stream) -> Result<(), Flaw>),
}

impl Format {
    /// Its bit in [`Tally::formats`].
    fn bit(&self) -> u64 {
        let at = FORMATS.iter().position(|format| format.name == self.name);
        at.map_or(0, |at| 1 << at)
    }
}

/// The format with this name.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// What a file is told by.
#[derive(Debug)]
pub struct Head<'a> {
    /// How it begins: [`Head::SHORT`] bytes at least, if there are so many.
    pub first: &'a [u8],
    /// All of it, where it can be read at any place.
    pub extent: Option<Extent<'a>>,
    long: OnceCell<Vec<u8>>,
}

impl<'a> Head<'a> {
    /// How many bytes of the beginning are there for all: for nearly all formats that is enough.
    pub const SHORT: usize = 4096;

    /// How many bytes of the beginning can be had: as far as the first descriptor of ISO 9660.
    pub const LENGTH: usize = 34 * 1024;

    /// The beginning of something that may be readable at any place.
    pub const fn new(first: &'a [u8], extent: Option<Extent<'a>>) -> Self {
        Self {
            first,
            extent,
            long: OnceCell::new(),
        }
    }

    /// Up to [`Head::LENGTH`] bytes of the beginning: for what can be told from the first bytes only to be worth it.
    pub fn long(&self) -> &[u8] {
        let whole = self.first.len().try_into().unwrap_or(u64::MAX);
        match self.extent.filter(|extent| extent.size() > whole) {
            Some(extent) if self.first.len() < Self::LENGTH => self
                .long
                .get_or_init(|| extent.bytes(0, Self::LENGTH).unwrap_or_default()),
            _ => self.first,
        }
    }

    /// Whether these bytes are at `at`. All formats ask that of every member: the first byte mostly says no.
    #[inline]
    pub fn has(&self, at: usize, bytes: &[u8]) -> bool {
        match (self.first.get(at), bytes.first()) {
            (Some(here), Some(first)) if here != first => false,
            _ => self.has_all(at, bytes),
        }
    }

    fn has_all(&self, at: usize, bytes: &[u8]) -> bool {
        let end = at.saturating_add(bytes.len());
        if let Some(here) = self.first.get(at..end) {
            return here == bytes;
        }
        let place = u64::try_from(at).unwrap_or(u64::MAX);
        let there = self.extent.map(|extent| extent.bytes(place, bytes.len()));
        there.is_some_and(|there| there.is_ok_and(|there| there == bytes))
    }

    /// Whether it is an object file of ELF that was not linked yet (`ET_REL`). Most members of static libraries are:
    /// nobody puts anything behind such, so no read is spent to look for that.
    pub(super) fn is_object(&self) -> bool {
        let kind = self.first.get(16..18);
        self.first.starts_with(b"\x7fELF") && matches!(kind, Some([1, 0] | [0, 1]))
    }
}

/// How deliverables are looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Which files are opened.
    pub embedded: Embedded,
    /// In which zone DOS times are.
    pub zip_zone: ZipZone,
    /// Whether the local headers of zip members are read beside the central directory.
    pub local_headers: bool,
    /// How far one file is read.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            embedded: Embedded::Auto,
            zip_zone: ZipZone::Unknown,
            local_headers: true,
            limits: Limits::DEFAULT,
        }
    }
}

/// Which files are opened for the times in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Embedded {
    /// Those whose name says that they carry times.
    Auto,
    /// All.
    All,
    /// None.
    None,
}

impl Embedded {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Auto, Self::All, Self::None];

    /// As `--embedded` names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::All => "all",
            Self::None => "none",
        }
    }
}

/// In which zone DOS times are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZipZone {
    /// Nobody says.
    Unknown,
    /// This far ahead of UTC: `utc`, `+05:30`.
    Ahead(Span),
    /// In this machine's.
    Local,
}

/// Times about which nobody wants to hear: they are counted, and not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calm {
    /// What cannot have been before this …
    pub from: Timestamp,
    /// … nor after this.
    pub to: Timestamp,
    /// Whether what may have been is of interest, too.
    pub possible: bool,
    /// What a time that lacks its zone cannot be told to be before or after.
    pub now: Timestamp,
    /// Whether the times of signatures are of interest whenever they are, to be compared with each other.
    pub signatures: bool,
}

impl Calm {
    /// Every time is shown.
    pub const NEVER: Self = Self {
        from: Timestamp::DISTANT_FUTURE,
        to: Timestamp::DISTANT_PAST,
        possible: true,
        now: Timestamp::DISTANT_FUTURE,
        signatures: true,
    };

    /// Whether nobody wants to hear of this.
    pub fn covers(self, stamp: &Stamp<'_>) -> bool {
        if self.signatures && stamp.field.is_of_signature() {
            return false;
        }
        let time = match stamp.value {
            Value::At(moment) => moment.time,
            Value::Unset => return self.from <= self.to,
            Value::Invalid(_) => return false,
        };
        let (earliest, latest) = (
            time.earliest().unwrap_or(Timestamp::DISTANT_PAST),
            time.latest().unwrap_or(Timestamp::DISTANT_FUTURE),
        );
        if self.possible {
            earliest >= self.from && latest <= self.to
        } else {
            latest >= self.from && earliest <= self.to
        }
    }
}

/// The ends of names, by the letters after the last dot in them as a number: most names have none that is known.
static NAMES: LazyLock<HashMap<u64, Vec<&'static str>>> = LazyLock::new(|| {
    let mut names: HashMap<u64, Vec<&'static str>> = HashMap::new();
    for end in FORMATS.iter().flat_map(|format| format.names) {
        let same = names.entry(extension(end.as_bytes())).or_default();
        same.push(end);
    }
    names
});

/// The letters after the last dot as a number, small; of a name without one, its own end.
fn extension(name: &[u8]) -> u64 {
    let letters = name
        .iter()
        .rev()
        .take(8)
        .take_while(|&&letter| letter != b'.');
    letters.fold(0, |number, letter| {
        (number << 8) | u64::from(letter.to_ascii_lowercase())
    })
}

/// Whether the name of a file says that it carries times.
pub fn is_named(name: &[u8]) -> bool {
    let Some(ends) = NAMES.get(&extension(name)) else {
        // A blob of an OCI image layout is named by its SHA-256.
        return name.len() == 64 && name.iter().all(u8::is_ascii_hexdigit);
    };
    ends.iter().any(|end| {
        let from = name.len().checked_sub(end.len());
        from.is_some_and(|from| name[from..].eq_ignore_ascii_case(end.as_bytes()))
    })
}

/// Looks into a file, and keeps what `calm` does not cover.
pub fn look(file: &dyn ReadAt, options: &Options, calm: Calm, stop: &AtomicBool) -> Content {
    let mut content = Content::with_room(options.limits.reported, calm);
    let tally = read(file, options, calm, &mut content, stop);
    content.close(tally);
    content
}

/// Looks into a file: hands every time on as it is found, with the way to its member, and keeps all else.
pub fn list(
    file: &dyn ReadAt,
    options: &Options,
    stop: &AtomicBool,
    each: &mut dyn FnMut(&[u8], &Stamp<'_>),
) -> Content {
    let mut passing = Passing {
        each,
        rest: Content::with_room(options.limits.reported, Calm::NEVER),
    };
    let tally = read(file, options, Calm::NEVER, &mut passing, stop);
    let mut rest = passing.rest;
    rest.close(tally);
    rest
}

/// Looks into a file: tells `sink` what it finds, and gives back what it comes to.
pub fn read(
    file: &dyn ReadAt,
    options: &Options,
    calm: Calm,
    sink: &mut dyn Sink,
    stop: &AtomicBool,
) -> Tally {
    let budget = Budget::new(options.limits, file.size(), stop);
    let mut visit = Visit::new(options, &budget, calm, sink);
    if let Err(flaw) = visit.read_extent(Extent::of_file(file), None) {
        visit.flaw(flaw);
    }
    std::mem::take(visit.tally_mut())
}
