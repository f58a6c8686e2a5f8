//! The code signature, of which one blob is a signed message (CMS).

use super::{COUNTERSIGNED, SIGNED, STAMPED};
use crate::bytes::{Extent, Flaw, be32};
use crate::format::Visit;
use crate::format::piece::cms;

const FIELDS: cms::Fields = cms::Fields {
    signed: &SIGNED,
    countersigned: &COUNTERSIGNED,
    stamped: &STAMPED,
};

/// `CSMAGIC_EMBEDDED_SIGNATURE`, `CSMAGIC_BLOBWRAPPER` and `CSSLOT_SIGNATURESLOT` (`cs_blobs.h` of XNU).
const EMBEDDED: u32 = 0xfade_0cc0;
const WRAPPER: u32 = 0xfade_0b01;
const SLOT: u32 = 0x1_0000;

/// How many blobs there are at most; there are fewer than twenty kinds.
const BLOBS: usize = 256;

/// Tells the times of the signed message, if there is one: signatures ad hoc have none.
pub(super) fn read(visit: &mut Visit<'_>, signature: Extent<'_>) -> Result<(), Flaw> {
    let head = signature.bytes(0, 12 + BLOBS * 8)?;
    if be32(&head, 0) != Some(EMBEDDED) {
        return Ok(());
    }
    // Its hashes cover all before it, ad hoc or not.
    visit.signed("Mach-O code signature", true);
    let count = be32(&head, 8).and_then(|count| usize::try_from(count).ok());
    let blobs = head.get(12..).unwrap_or_default().chunks_exact(8);
    let blobs = blobs.take(count.unwrap_or(0));
    for blob in blobs.filter(|blob| be32(blob, 0) == Some(SLOT)) {
        let at = u64::from(be32(blob, 4).unwrap_or(0));
        let wrapper = signature.bytes(at, 8)?;
        let length = u64::from(be32(&wrapper, 4).unwrap_or(0)).saturating_sub(8);
        if be32(&wrapper, 0) == Some(WRAPPER) && length > 0 {
            let most = length.min(visit.budget().limits.header);
            let message = signature.bytes(at + 8, usize::try_from(most).unwrap_or(usize::MAX))?;
            cms::read(visit, &FIELDS, &message);
        }
    }
    Ok(())
}
