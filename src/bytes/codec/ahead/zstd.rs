//! The frames of a zstd file, by the headers of their blocks (RFC 8878 §3.1).

use super::piece::Piece;
use crate::bytes::{Budget, Codec, Extent, Flaw, Straight, Stream as _, le32};

/// Under this, frames are taken together: a decoder a frame would cost more than it saves.
const LEAST: u64 = 4 << 20;

/// Under this, a file is not worth several threads.
const WORTH: u64 = 1 << 20;

const MAGIC: u32 = 0xfd2f_b528;

/// How many frames are gone over before it is seen whether to stop.
const PATIENCE: u64 = 1024;

/// What can be decompressed at once. `None` where that is not worth it, or what the file says of itself does not
/// fit together: whoever reads it from the beginning to the end will see.
///
/// # Errors
/// When somebody wants it all to stop.
pub(super) fn pieces<'a>(
    extent: Extent<'a>,
    budget: &Budget<'_>,
) -> Result<Option<Vec<Piece<'a>>>, Flaw> {
    if extent.size() < WORTH {
        return Ok(None);
    }
    let most = budget.limits.memory / 2;
    let mut stream = Straight::new(extent);
    let mut pieces = Vec::new();
    let (mut from, mut size) = (0, 0_u64);
    for count in 1_u64.. {
        let at = stream.position();
        let is_end = at >= extent.size();
        if size >= LEAST || is_end {
            pieces.push(Piece {
                codec: Codec::Zstd,
                extent: extent.part(from, at.saturating_sub(from)),
                before: Vec::new(),
                after: Vec::new(),
                size,
            });
            (from, size) = (at, 0);
        }
        if is_end {
            break;
        }
        if count.is_multiple_of(PATIENCE) {
            budget.go_on()?;
        }
        match frame(&mut stream, most) {
            Some(out) => size = size.saturating_add(out),
            None => return Ok(None),
        }
        if size > most {
            return Ok(None);
        }
    }
    Ok((pieces.len() > 1).then_some(pieces))
}

/// Goes over a frame, and says how much comes out of it. `None` where it does not say or that is more than
/// `most`, where it wants a dictionary, and where it is cut off.
fn frame(stream: &mut Straight<'_>, most: u64) -> Option<u64> {
    // The longest header.
    let head = stream.peek(18).ok()?;
    let magic = le32(head, 0)?;
    if magic & !15 == 0x184d_2a50 {
        let length = 8 + u64::from(le32(head, 4)?);
        return skip(stream, length).map(|()| 0);
    }
    let descriptor = *head.get(4)?;
    let (is_single, has_checksum) = (descriptor & 0x20 != 0, descriptor & 4 != 0);
    let size_at = if is_single { 5 } else { 6 };
    // No dictionary, and the bit that is reserved.
    if magic != MAGIC || descriptor & 0b1011 != 0 {
        return None;
    }
    let length = match descriptor >> 6 {
        0 if is_single => 1,
        0 => return None,
        1 => 2,
        2 => 4,
        _ => 8,
    };
    let bytes = head.get(size_at..size_at + length)?.iter().rev();
    let size = bytes.fold(0, |size: u64, &byte| size << 8 | u64::from(byte));
    // Two bytes count from 256 (§3.1.1.1.4).
    let size = if length == 2 { size + 256 } else { size };
    if size > most {
        return None;
    }
    skip(stream, u64::try_from(size_at + length).ok()?)?;
    blocks(stream)?;
    skip(stream, if has_checksum { 4 } else { 0 })?;
    Some(size)
}

/// Goes over the blocks of a frame (§3.1.1.2).
fn blocks(stream: &mut Straight<'_>) -> Option<()> {
    loop {
        let head = stream.peek(3).ok()?;
        let header = u32::from_le_bytes([*head.first()?, *head.get(1)?, *head.get(2)?, 0]);
        let length = match header >> 1 & 3 {
            0 | 2 => header >> 3,
            // One byte, repeated.
            1 => 1,
            _ => return None,
        };
        skip(stream, 3 + u64::from(length))?;
        if header & 1 != 0 {
            return Some(());
        }
    }
}

/// Goes on by so many bytes, if there are so many.
fn skip(stream: &mut Straight<'_>, by: u64) -> Option<()> {
    (stream.skip(by).ok()? == by).then_some(())
}
