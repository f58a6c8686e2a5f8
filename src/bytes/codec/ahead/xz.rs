//! The blocks of an .xz file, by the index at the end of each of its streams (.xz file format 1.2.1).

use super::piece::Piece;
use crate::bytes::{Codec, Extent, Limits, le32};
use flate2::Crc;

/// Under this, blocks are taken together: a decoder a block would cost more than it saves.
const LEAST: u64 = 1 << 20;

/// How large an index may be: 100,000 blocks.
const INDEX: u64 = 1 << 20;

/// How many streams may follow each other, and how many words of padding may stand between two.
const STREAMS: usize = 1000;
const PADDING: usize = 16 * 1024;

const HEADER_MAGIC: &[u8] = b"\xfd7zXZ\0";
const FOOTER_MAGIC: &[u8] = b"YZ";

/// The length of a stream's header, and of its footer (§2.1.1, §2.1.2).
const EDGE: u64 = 12;

/// A block, as the index has it: its size without padding, and what comes out.
#[derive(Debug, Clone, Copy)]
struct Block {
    unpadded: u64,
    size: u64,
}

impl Block {
    /// How much it takes in the file.
    const fn length(self) -> Option<u64> {
        self.unpadded.checked_next_multiple_of(4)
    }
}

/// The blocks of one stream.
struct Stream {
    header: [u8; 12],
    /// Where the first block begins.
    at: u64,
    blocks: Vec<Block>,
}

/// What can be decompressed at once. `None` where that is not worth it, or what the file says of itself does not
/// fit together: whoever reads it from the beginning to the end will see.
pub(super) fn pieces<'a>(extent: Extent<'a>, limits: &Limits) -> Option<Vec<Piece<'a>>> {
    let mut streams = Vec::new();
    let mut end = extent.size();
    while end > 0 {
        let (stream, start) = stream(extent, end)?;
        streams.push(stream);
        end = start;
        if streams.len() > STREAMS {
            return None;
        }
    }
    let mut pieces = Vec::new();
    for stream in streams.iter().rev() {
        let mut at = stream.at;
        let mut rest = stream.blocks.as_slice();
        while !rest.is_empty() {
            let (mut count, mut size, mut length) = (0, 0_u64, 0_u64);
            while let Some(block) = rest.get(count)
                && size < LEAST
            {
                count += 1;
                size = size.checked_add(block.size)?;
                length = length.checked_add(block.length()?)?;
            }
            if size > limits.memory / 2 {
                return None;
            }
            let (now, later) = rest.split_at(count);
            pieces.push(Piece {
                codec: Codec::Xz,
                extent: extent.part(at, length),
                before: stream.header.to_vec(),
                after: tail(now, [stream.header[6], stream.header[7]])?,
                size,
            });
            at = at.checked_add(length)?;
            rest = later;
        }
    }
    (pieces.len() > 1).then_some(pieces)
}

/// The stream that ends at `end`, and where it starts.
fn stream(extent: Extent<'_>, mut end: u64) -> Option<(Stream, u64)> {
    // Stream padding (§2.2).
    let mut footer: [u8; 12] = extent.array(end.checked_sub(EDGE)?).ok()?;
    for _ in 0..PADDING {
        if footer[8..] != [0; 4] {
            break;
        }
        end = end.checked_sub(4)?;
        footer = extent.array(end.checked_sub(EDGE)?).ok()?;
    }
    let flags = [footer[8], footer[9]];
    let index_size = u64::from(le32(&footer, 4)?)
        .checked_add(1)?
        .checked_mul(4)?;
    let is_footer = footer[10..] == *FOOTER_MAGIC && le32(&footer, 0)? == crc(&footer[4..10]);
    if !is_footer || index_size > INDEX {
        return None;
    }
    let index_at = end.checked_sub(EDGE)?.checked_sub(index_size)?;
    let index = extent
        .bytes(index_at, usize::try_from(index_size).ok()?)
        .ok()?;
    let blocks = blocks(&index)?;
    let length = blocks
        .iter()
        .try_fold(0_u64, |sum, block| sum.checked_add(block.length()?))?;
    let at = index_at.checked_sub(length)?;
    let start = at.checked_sub(EDGE)?;
    let header: [u8; 12] = extent.array(start).ok()?;
    let is_header = header.starts_with(HEADER_MAGIC)
        && header[6..8] == flags
        && le32(&header, 8)? == crc(&header[6..8]);
    let stream = Stream { header, at, blocks };
    is_header.then_some((stream, start))
}

/// The records of an index (§4).
fn blocks(index: &[u8]) -> Option<Vec<Block>> {
    let (body, checksum) = index.split_at_checked(index.len().checked_sub(4)?)?;
    let mut rest = body.strip_prefix(&[0])?;
    let count = number(&mut rest)?;
    if le32(checksum, 0)? != crc(body) || count > u64::try_from(rest.len()).ok()? / 2 {
        return None;
    }
    let mut blocks = Vec::new();
    for _ in 0..count {
        blocks.push(Block {
            unpadded: number(&mut rest)?,
            size: number(&mut rest)?,
        });
    }
    (rest.len() < 4 && rest.iter().all(|&byte| byte == 0)).then_some(blocks)
}

/// A number of seven bits a byte, the lowest first (§1.2).
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for place in 0..9 {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn write(mut number: u64, into: &mut Vec<u8>) {
    while number > 0x7f {
        into.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    into.push((number & 0x7f) as u8);
}

/// The index and the footer of a stream of these blocks alone, so that the library checks each against what the
/// whole file's index says.
fn tail(blocks: &[Block], flags: [u8; 2]) -> Option<Vec<u8>> {
    let mut tail = vec![0];
    write(u64::try_from(blocks.len()).ok()?, &mut tail);
    for block in blocks {
        write(block.unpadded, &mut tail);
        write(block.size, &mut tail);
    }
    tail.resize(tail.len().next_multiple_of(4), 0);
    tail.extend_from_slice(&crc(&tail).to_le_bytes());
    let size = u32::try_from(tail.len() / 4).ok()?.checked_sub(1)?;
    let mut edge = size.to_le_bytes().to_vec();
    edge.extend_from_slice(&flags);
    tail.extend_from_slice(&crc(&edge).to_le_bytes());
    tail.extend_from_slice(&edge);
    tail.extend_from_slice(FOOTER_MAGIC);
    Some(tail)
}

/// The CRC32 that gzip and xz share.
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
