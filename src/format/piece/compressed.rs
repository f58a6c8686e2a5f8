//! What the formats that compress one file have in common.

use crate::bytes::{Codec, Flaw, Reader, Stream, decoder, extent_decoder, le32};
use crate::format::{Head, Visit};

/// Reads what comes out of a decompressor. It is read to its end even where it is nothing that carries times:
/// only so can damage be told, and how the rest of it begins.
pub(in crate::format) fn read(
    visit: &mut Visit<'_>,
    stream: &mut dyn Stream,
    codec: Codec,
) -> Result<(), Flaw> {
    let origin = stream.origin().plus(stream.position());
    let budget = visit.budget();
    if stream.position() == 0
        && let Some(extent) = stream.extent()
    {
        return extent_decoder(codec, extent, budget, |decoder| {
            visit.decoded(codec, origin, decoder)
        });
    }
    let decoder = decoder(codec, Reader(stream), &budget.limits)?;
    visit.decoded(codec, origin, decoder)
}

/// How many frames to be skipped are gone over to see what comes after them.
const SKIPPED: usize = 16;

/// The magic number of the first frame that is not to be skipped: zstd and lz4 share those that are (RFC 8878
/// §3.1.2; LZ4 frame format, "Skippable Frames"). `None` where none can be seen.
pub(in crate::format) fn first_frame(head: &Head<'_>) -> Option<u32> {
    let mut at = 0_u64;
    for _ in 0..SKIPPED {
        let near = usize::try_from(at).ok().and_then(|at| head.first.get(at..));
        let read: [u8; 8];
        let bytes = match near {
            Some(bytes) if bytes.len() >= 8 || head.extent.is_none() => bytes,
            _ => {
                read = head.extent?.array(at).ok()?;
                &read
            }
        };
        let magic = le32(bytes, 0)?;
        if !is_skippable(magic) {
            return Some(magic);
        }
        at = at.saturating_add(8 + u64::from(le32(bytes, 4)?));
    }
    None
}

/// Whether a frame that begins so is to be skipped.
pub(in crate::format) const fn is_skippable(magic: u32) -> bool {
    magic & !15 == 0x184d_2a50
}
