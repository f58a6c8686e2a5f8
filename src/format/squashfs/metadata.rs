//! The blocks in which squashfs keeps its tables: 8 KiB each, compressed one by one (Linux
//! `fs/squashfs/squashfs_fs.h`).

use crate::bytes::{Budget, Codec, Extent, Flaw, decoder, le16};
use std::collections::HashMap;
use std::io::Read as _;

/// How much a block holds at most.
const BLOCK: usize = 8192;
/// How many blocks are kept: 8 MiB.
const KEPT: usize = 1024;

/// How the tables are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// As a stream of a format that others use, too.
    Stream(Codec),
    /// As a block of LZ4 without a frame.
    Lz4Block,
}

impl Packing {
    /// What the superblock's number says; `None` for lzo (3), of which there is no decompressor here.
    pub(super) const fn of(number: u16) -> Option<Self> {
        match number {
            1 => Some(Self::Stream(Codec::Zlib)),
            2 => Some(Self::Stream(Codec::Lzma)),
            4 => Some(Self::Stream(Codec::Xz)),
            5 => Some(Self::Lz4Block),
            6 => Some(Self::Stream(Codec::Zstd)),
            _ => None,
        }
    }
}

/// A place in a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Where the block begins in the image.
    pub(super) block: u64,
    /// Where in what the block holds.
    pub(super) offset: usize,
}

/// Reads at places of tables.
#[derive(Debug)]
pub(super) struct Tables<'a> {
    extent: Extent<'a>,
    packing: Packing,
    budget: &'a Budget<'a>,
    /// What blocks hold, and where the next one begins.
    kept: HashMap<u64, (Vec<u8>, u64)>,
}

impl<'a> Tables<'a> {
    pub(super) fn new(extent: Extent<'a>, packing: Packing, budget: &'a Budget<'a>) -> Self {
        Self {
            extent,
            packing,
            budget,
            kept: HashMap::new(),
        }
    }

    /// Fills the buffer from a place on, and puts the place behind it.
    ///
    /// # Errors
    /// When there is not so much, or a block cannot be read.
    pub(super) fn read(&mut self, place: &mut Place, mut into: &mut [u8]) -> Result<(), Flaw> {
        while !into.is_empty() {
            let at = place.block;
            let (block, next) = self.block(at)?;
            let rest = block.get(place.offset..).unwrap_or_default();
            let length = rest.len().min(into.len());
            if length == 0 && (place.offset > block.len() || block.is_empty()) {
                return Err(Flaw::malformed(format!(
                    "a table leads to byte {} of the block at {at}, which has only {}",
                    place.offset,
                    block.len()
                )));
            }
            let (filled, left) = into.split_at_mut(length);
            filled.copy_from_slice(&rest[..length]);
            into = left;
            place.offset += length;
            if place.offset >= block.len() {
                *place = Place {
                    block: next,
                    offset: 0,
                };
            }
        }
        Ok(())
    }

    /// `N` bytes from a place on, and puts the place behind them.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) fn array<const N: usize>(&mut self, place: &mut Place) -> Result<[u8; N], Flaw> {
        let mut bytes = [0; N];
        self.read(place, &mut bytes)?;
        Ok(bytes)
    }

    /// What the block at `at` holds, and where the next one begins.
    fn block(&mut self, at: u64) -> Result<(&[u8], u64), Flaw> {
        if !self.kept.contains_key(&at) {
            if self.kept.len() >= KEPT {
                self.kept.clear();
            }
            let block = self.unpacked(at)?;
            self.kept.insert(at, block);
        }
        let (block, next) = self.kept.get(&at).ok_or_else(Flaw::told)?;
        Ok((block, *next))
    }

    fn unpacked(&self, at: u64) -> Result<(Vec<u8>, u64), Flaw> {
        let damaged = |why: &str| {
            Flaw::malformed(format!(
                "the block of a table at {at} {why}: the image is damaged, and times in that table were not read"
            ))
        };
        let head: [u8; 2] = self.extent.array(at)?;
        let head = le16(&head, 0).unwrap_or(0);
        // The first bit says that it is not compressed.
        let (is_plain, size) = (head & 0x8000 != 0, u64::from(head & 0x7fff));
        let most = u64::try_from(BLOCK).unwrap_or(0);
        if size > most || size == 0 {
            return Err(damaged(
                "says that it is longer than a block can be, or empty",
            ));
        }
        let from = at.saturating_add(2);
        let packed = self
            .extent
            .bytes(from, usize::try_from(size).unwrap_or(0))?;
        let block = match self.packing {
            _ if is_plain => packed,
            Packing::Lz4Block => {
                let mut block = vec![0; BLOCK];
                let length = lz4_flex::block::decompress_into(&packed, &mut block).ok();
                block.truncate(length.ok_or_else(|| damaged("cannot be decompressed"))?);
                block
            }
            Packing::Stream(codec) => {
                let mut block = Vec::new();
                let unpacked = decoder(codec, &packed[..], &self.budget.limits)?;
                let read = unpacked.take(most).read_to_end(&mut block);
                let codec = codec.name();
                read.map_err(|error| damaged(&format!("is no {codec} ({error})")))?;
                block
            }
        };
        self.budget
            .decoded(u64::try_from(block.len()).unwrap_or(u64::MAX))?;
        Ok((block, from.saturating_add(size)))
    }
}
