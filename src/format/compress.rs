//! compress: files of Unix's first compressor, which are told of and not read.

use super::{Format, Head, Layer, Reads, Visit};
use crate::bytes::{Flaw, Stream};

pub(super) const FORMAT: Format = Format {
    name: "compress",
    summary: "Files compressed with compress (LZW): no time of their own, and what lies in them is not looked at, which is told",
    names: &[".z"],
    is,
    layer: Layer::Compression,
    fields: &[],
    reads: Reads::Stream(read),
};

/// The magic number, and how many bits a code has at most: 9 to 16, beside one flag and two bits that are not used
/// (ncompress, `compress.c`).
fn is(head: &Head<'_>) -> bool {
    let flags = head.first.get(2).copied().unwrap_or(0);
    head.has(0, b"\x1f\x9d") && matches!(flags & 0x1f, 9..=16) && flags & 0x60 == 0
}

fn read(_visit: &mut Visit<'_>, _stream: &mut dyn Stream) -> Result<(), Flaw> {
    Err(Flaw::unsupported(
        "it is compressed with compress (.Z), which skewgate does not read: the times in it were not looked at; compress it \
with gzip, or audit what is in it",
    ))
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    #[test]
    fn that_it_is_not_read_is_told() {
        // What `compress` makes of "a\n".
        let told = lines(b"\x1f\x9d\x90\x61\x14\x00");
        assert!(
            told.len() == 1 && told[0].contains(" unsupported "),
            "{told:?}"
        );
        assert_eq!(lines(b"\x1f\x9d\x88\x00"), [""; 0]);
        assert_eq!(lines(b"\x1f\x9d\xf0\x00"), [""; 0]);
        assert!(crate::format::is_named(b"x.tar.Z"));
    }
}
