//! Compound files: a small file system of sectors, with chains of them as in FAT ([MS-CFB]).

use crate::bytes::{Budget, Extent, Flaw, ReadAt, array, le16, le32};
use std::io;

/// Numbers of sectors from here on are marks ([MS-CFB] 2.1).
const MARKS: u32 = 0xffff_fffa;

/// How many entries of the table of tables are in the header.
const IN_HEADER: usize = 109;

/// In how many sectors small streams are looked for: 64 MiB at least.
const SMALL: usize = 128 * 1024;

/// In how many pieces a stream may lie: more than any writer makes.
const PARTS: usize = 1 << 20;

/// Bytes of an entry of the directory.
pub(super) const ENTRY: usize = 128;

/// A compound file.
#[derive(Debug)]
pub(super) struct Compound<'a> {
    extent: Extent<'a>,
    /// Bytes of a sector: 512 or 4096.
    sector: u64,
    /// Which sectors the table of chains is in.
    tables: Vec<u32>,
    directory: u32,
    /// Where the table of small sectors begins, and what is smaller than this is in them.
    small_table: u32,
    small_below: u32,
}

/// A chain of sectors that is being followed.
#[derive(Debug)]
pub(super) struct Chain {
    next: u32,
    /// How many more there can be, so that a ring ends.
    left: u64,
    /// The part of the table that was read last, and the sector that it is in.
    table: (u32, Vec<u8>),
}

impl Chain {
    const fn new(first: u32, most: u64) -> Self {
        Self {
            next: first,
            left: most,
            table: (MARKS, Vec::new()),
        }
    }
}

/// A stream of a compound file, to be read at any place.
#[derive(Debug)]
pub(super) struct Content<'a> {
    extent: Extent<'a>,
    size: u64,
    /// Where its parts begin, in it and in the file, each part in one piece.
    parts: Vec<(u64, u64)>,
}

impl ReadAt for Content<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let after = self.parts.partition_point(|(from, _)| *from <= at);
        let end = self.parts.get(after).map_or(self.size, |(from, _)| *from);
        let part = after.checked_sub(1).and_then(|part| self.parts.get(part));
        let Some((from, place)) = part.filter(|_| at < end) else {
            return Ok(0);
        };
        let room = usize::try_from(end - at).map_or(into.len(), |left| left.min(into.len()));
        Ok(self.extent.read(place + (at - from), &mut into[..room])?)
    }
}

impl<'a> Compound<'a> {
    pub(super) fn read(extent: Extent<'a>) -> Result<Self, Flaw> {
        let header: [u8; 512] = extent.array(0)?;
        let number = |at| le32(&header, at).unwrap_or(MARKS);
        let sector = match le16(&header, 30) {
            Some(9) => 512,
            Some(12) => 4096,
            _ => {
                return Err(Flaw::malformed(
                    "its header has a size of sectors that there is not: it is damaged, and nothing of it was read",
                ));
            }
        };
        let mut compound = Self {
            extent,
            sector,
            tables: Vec::new(),
            directory: number(48),
            small_table: number(60),
            small_below: number(56),
        };
        // No more tables than the sectors that there are need.
        let most = (compound.sectors() / (sector / 4) + 1).min(u64::from(number(44)));
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        compound.take(&header[76..], IN_HEADER, most);
        let mut further = Chain::new(number(68), compound.sectors());
        while compound.tables.len() < most && further.next < MARKS && further.left > 0 {
            let content = compound.sector(further.next)?;
            let count = content.len() / 4 - 1;
            compound.take(&content, count, most);
            further.next = le32(&content, count * 4).unwrap_or(MARKS);
            further.left -= 1;
        }
        Ok(compound)
    }

    /// How many bytes the file has.
    pub(super) const fn size(&self) -> u64 {
        self.extent.size()
    }

    /// How many sectors the file has room for.
    fn sectors(&self) -> u64 {
        self.extent.size() / self.sector
    }

    fn take(&mut self, numbers: &[u8], count: usize, most: usize) {
        let numbers = numbers.chunks_exact(4).take(count);
        let numbers = numbers.map(|number| le32(number, 0).unwrap_or(MARKS));
        let room = most.saturating_sub(self.tables.len());
        self.tables
            .extend(numbers.filter(|number| *number < MARKS).take(room));
    }

    fn place(&self, number: u32) -> u64 {
        (u64::from(number) + 1) * self.sector
    }

    fn sector(&self, number: u32) -> Result<Vec<u8>, Flaw> {
        let size = usize::try_from(self.sector).unwrap_or(0);
        let mut content = vec![0; size];
        self.extent.read_exact(self.place(number), &mut content)?;
        Ok(content)
    }

    /// Which sector follows this one.
    fn after(&self, number: u32, (known, content): &mut (u32, Vec<u8>)) -> Result<u32, Flaw> {
        let each = self.sector / 4;
        let (table, within) = (u64::from(number) / each, u64::from(number) % each);
        let table = usize::try_from(table)
            .ok()
            .and_then(|at| self.tables.get(at));
        let Some(table) = table else {
            return Err(Flaw::malformed(format!(
                "the chain of its sectors leads to number {number}, of which it has no record: what comes there was not read"
            )));
        };
        if known != table {
            *content = self.sector(*table)?;
            *known = *table;
        }
        let within = usize::try_from(within * 4).ok();
        Ok(within.and_then(|at| le32(content, at)).unwrap_or(MARKS))
    }

    /// The next sector of a chain.
    fn follow(&self, chain: &mut Chain) -> Result<Option<u32>, Flaw> {
        let number = chain.next;
        if number >= MARKS {
            return Ok(None);
        }
        if chain.left == 0 {
            return Err(Flaw::malformed(
                "the chain of its sectors is longer than the file, so it goes in a ring: what comes there was not read",
            ));
        }
        chain.left -= 1;
        chain.next = self.after(number, &mut chain.table)?;
        Ok(Some(number))
    }

    /// The directory from its beginning.
    pub(super) fn directory(&self) -> Chain {
        Chain::new(self.directory, self.sectors())
    }

    /// The next entries of the directory.
    pub(super) fn entries(&self, chain: &mut Chain) -> Result<Option<Vec<u8>>, Flaw> {
        let number = self.follow(chain)?;
        number.map(|number| self.sector(number)).transpose()
    }

    /// Where small streams lie. `root` is the first entry of the directory.
    pub(super) fn small(&self, root: &Entry) -> Result<Small, Flaw> {
        Ok(Small {
            homes: self.numbers(root.first)?,
            table: self.numbers(self.small_table)?,
        })
    }

    /// The numbers of a chain's sectors, as many as small streams may take.
    fn numbers(&self, first: u32) -> Result<Vec<u32>, Flaw> {
        let (mut chain, mut numbers) = (Chain::new(first, self.sectors()), Vec::new());
        while numbers.len() < SMALL
            && let Some(number) = self.follow(&mut chain)?
        {
            numbers.push(number);
        }
        Ok(numbers)
    }

    /// What a stream has.
    pub(super) fn content(
        &self,
        entry: &Entry,
        small: &Small,
        budget: &Budget<'_>,
    ) -> Result<Content<'a>, Flaw> {
        let mut content = Content {
            extent: self.extent,
            size: 0,
            parts: Vec::new(),
        };
        let mut next = None;
        let mut add = |place: u64, length: u64| {
            if next != Some(place) {
                budget.go_on()?;
                content.parts.push((content.size, place));
            }
            if content.parts.len() > PARTS {
                return Err(Flaw::unsupported(format!(
                    "it lies in more than {PARTS} pieces, and was not looked into"
                )));
            }
            next = Some(place + length);
            content.size += length;
            Ok(content.size < entry.size)
        };
        let mut is_wanted = entry.size > 0;
        if entry.size >= u64::from(self.small_below) {
            let mut chain = Chain::new(entry.first, self.sectors());
            while is_wanted && let Some(number) = self.follow(&mut chain)? {
                is_wanted = add(self.place(number), self.sector)?;
            }
        } else {
            let mut number = u64::from(entry.first);
            while is_wanted && let Some(place) = self.within(&small.homes, number * 64) {
                is_wanted = add(place, 64)?;
                let Some(at) = self.within(&small.table, number * 4) else {
                    break;
                };
                number = u64::from(u32::from_le_bytes(self.extent.array(at)?));
            }
        }
        if content.size < entry.size {
            return Err(Flaw::truncated(format!(
                "the chain of its sectors ends after {} bytes, and it should have {}: it was not looked into",
                content.size, entry.size
            )));
        }
        content.size = entry.size;
        Ok(content)
    }

    /// Where in the file a place lies in what these sectors hold.
    fn within(&self, numbers: &[u32], at: u64) -> Option<u64> {
        let sector = numbers.get(usize::try_from(at / self.sector).ok()?)?;
        Some(self.place(*sector) + at % self.sector)
    }
}

/// The sectors in which small streams lie, in parts of 64 bytes, and those of the table of their chains.
#[derive(Debug)]
pub(super) struct Small {
    homes: Vec<u32>,
    table: Vec<u32>,
}

/// An entry of the directory ([MS-CFB] 2.6.1).
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) created: [u8; 8],
    pub(super) modified: [u8; 8],
    first: u32,
    pub(super) size: u64,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Unused,
    Storage,
    Stream,
    Root,
}

impl Entry {
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let length = usize::from(le16(bytes, 64)?).saturating_sub(2).min(62);
        let units = bytes.get(..length)?.chunks_exact(2);
        let units: Vec<u16> = units.map(|unit| le16(unit, 0).unwrap_or(0)).collect();
        let kind = match bytes.get(66)? {
            1 => Kind::Storage,
            2 => Kind::Stream,
            5 => Kind::Root,
            _ => Kind::Unused,
        };
        Some(Self {
            name: name(&units),
            kind,
            created: array(bytes, 100)?,
            modified: array(bytes, 108)?,
            first: le32(bytes, 116)?,
            // The upper half may be rubbish in what has small sectors, where nothing is so large.
            size: u64::from(le32(bytes, 120)?),
        })
    }
}

/// A name as Windows Installer means it, which packs two characters of table and stream names into one unit.
fn name(units: &[u16]) -> String {
    const LETTERS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
    let letter = |number: u16| u16::from(LETTERS[usize::from(number & 63)]);
    let units = units.iter().flat_map(|&unit| match unit {
        0x3800..0x4800 => {
            let pair = unit - 0x3800;
            [Some(letter(pair)), Some(letter(pair >> 6))]
        }
        0x4800..0x4840 => [Some(letter(unit - 0x4800)), None],
        // What stands before the name of a table.
        0x4840 => [Some(u16::from(b'!')), None],
        _ => [Some(unit), None],
    });
    let units: Vec<u16> = units.flatten().collect();
    String::from_utf16_lossy(&units)
}
