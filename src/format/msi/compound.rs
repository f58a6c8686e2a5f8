//! Compound files: a small file system of sectors, with chains of them as in FAT ([MS-CFB]).

use crate::bytes::{Extent, Flaw, array, le16, le32};

/// Numbers of sectors from here on are marks ([MS-CFB] 2.1).
const MARKS: u32 = 0xffff_fffa;

/// How many entries of the table of tables are in the header.
const IN_HEADER: usize = 109;

/// In how many sectors small streams are looked for: 64 MiB at least.
const SMALL: usize = 128 * 1024;

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
}

impl Chain {
    const fn new(first: u32, most: u64) -> Self {
        Self {
            next: first,
            left: most,
        }
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
    fn after(&self, number: u32) -> Result<u32, Flaw> {
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
        let at = self.place(*table) + within * 4;
        Ok(u32::from_le_bytes(self.extent.array(at)?))
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
        chain.next = self.after(number)?;
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

    /// What a chain of sectors has, at most so much of it.
    fn chained(&self, first: u32, size: usize) -> Result<Vec<u8>, Flaw> {
        let (mut chain, mut content) = (Chain::new(first, self.sectors()), Vec::new());
        while content.len() < size {
            let Some(number) = self.follow(&mut chain)? else {
                break;
            };
            content.extend(self.sector(number)?);
        }
        content.truncate(size);
        Ok(content)
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

    /// What a stream has, at most so much of it. `root` is the first entry of the directory, where small streams are.
    pub(super) fn stream(&self, entry: &Entry, root: &Entry, most: u64) -> Result<Vec<u8>, Flaw> {
        let size = usize::try_from(entry.size.min(most)).unwrap_or(usize::MAX);
        if entry.size >= u64::from(self.small_below) {
            return self.chained(entry.first, size);
        }
        // Small sectors have 64 bytes each, and lie in a stream of their own, with a table of chains of their own.
        let homes = self.numbers(root.first)?;
        let tables = self.numbers(self.small_table)?;
        let within = |numbers: &[u32], at: u64| {
            let sector = numbers.get(usize::try_from(at / self.sector).ok()?)?;
            Some(self.place(*sector) + at % self.sector)
        };
        let (mut number, mut content) = (u64::from(entry.first), Vec::new());
        while content.len() < size
            && let Some(at) = within(&homes, number * 64)
        {
            content.extend(self.extent.array::<64>(at)?);
            let Some(at) = within(&tables, number * 4) else {
                break;
            };
            number = u64::from(u32::from_le_bytes(self.extent.array(at)?));
        }
        content.truncate(size);
        Ok(content)
    }
}

/// An entry of the directory ([MS-CFB] 2.6.1).
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) created: [u8; 8],
    pub(super) modified: [u8; 8],
    first: u32,
    size: u64,
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
            name: String::from_utf16_lossy(&units),
            kind,
            created: array(bytes, 100)?,
            modified: array(bytes, 108)?,
            first: le32(bytes, 116)?,
            // The upper half may be rubbish in what has small sectors, where nothing is so large.
            size: u64::from(le32(bytes, 120)?),
        })
    }
}
