//! `bflt`: programs of uClinux, with when they were built.

use super::{Field, Form, Format, Head, Layer, Mend, Reads, Slot, Stamp, Value, Visit};
use crate::bytes::{Flaw, Stream, be32};

pub(super) const FORMAT: Format = Format {
    name: "bflt",
    summary: "Programs of uClinux in the flat format: when they were built",
    names: &[".bflt", ".flat"],
    is,
    layer: Layer::Leaf,
    fields: &[&BUILD],
    reads: Reads::Stream(read),
};

static BUILD: Field = Field::event(
    "bflt.build",
    "build_date: when it was built, 32 bits, seconds since 1970 UTC, 0 where its writer does not say (Linux, \
include/linux/flat.h)",
);

/// The header of which `build_date` is the eleventh number.
const HEADER: usize = 64;
const PLACE: usize = 40;

fn is(head: &Head<'_>) -> bool {
    // Revision 2 has nothing where the date is.
    head.has(0, b"bFLT\0\0\0\x04") && head.first.len() >= HEADER
}

fn read(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
    let origin = stream.origin().plus(u64::try_from(PLACE).unwrap_or(0));
    let Some(raw) = stream.peek(HEADER)?.get(PLACE..PLACE + 4) else {
        return Ok(());
    };
    let form = Form::Unix32Be;
    let value = match be32(raw, 0) {
        Some(0) => Value::Unset,
        _ => form.decode(raw),
    };
    let slot = Slot::new(origin, form, Mend::Nothing);
    visit.stamp(&Stamp {
        field: &BUILD,
        raw,
        value,
        slot,
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    #[test]
    fn the_date_is_the_eleventh_number() {
        let mut bytes: Vec<u8> = b"bFLT\0\0\0\x04".to_vec();
        bytes.resize(64, 0xee);
        bytes[40..44].copy_from_slice(&2_223_374_400_u32.to_be_bytes());
        assert_eq!(
            lines(&bytes),
            [" bflt.build 2040-06-15T12:00:00.000000000Z known"]
        );
        bytes[40..44].copy_from_slice(&[0; 4]);
        assert_eq!(lines(&bytes), [" bflt.build unset"]);
        bytes[7] = 2;
        assert_eq!(lines(&bytes), [""; 0]);
    }
}
