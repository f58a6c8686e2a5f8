//! `fit`: what U-Boot boots as a tree of images (FIT), with when it was made.

use super::{Field, Form, Format, Head, Layer, Member, Mend, Reads, Slot, Stamp, Value, Visit};
use crate::bytes::{Extent, Flaw, be32};

pub(super) const FORMAT: Format = Format {
    name: "fit",
    summary: "Flattened image trees for U-Boot (mkimage -f): when they were made; the images that lie in the tree itself are \
looked into; device trees without images have no time",
    names: &[".itb", ".fit"],
    is,
    layer: Layer::Archive,
    fields: &[&MADE],
    reads: Reads::Extent(read),
};

static MADE: Field = Field::event(
    "fit.timestamp",
    "the property timestamp of the root: when it was made, 32 bits big-endian, seconds since 1970 UTC (Flat Image Tree \
Specification)",
);

/// The tokens of the tree (Devicetree Specification 0.4 §5.4.1).
const BEGIN: u32 = 1;
const END: u32 = 2;
const PROPERTY: u32 = 3;
const NOTHING: u32 = 4;
const LAST: u32 = 9;

/// How long a name may be; the specification has 31 characters, and writers go beyond that.
const NAME: usize = 256;

fn is(head: &Head<'_>) -> bool {
    // The version, and the one that it can be read as.
    let versions = (be32(head.first, 20), be32(head.first, 24));
    head.has(0, b"\xd0\x0d\xfe\xed")
        && matches!(versions, (Some(version @ 16..=17), Some(like)) if like <= version)
}

/// The tree, and how far it was gone through.
struct Tree<'a> {
    extent: Extent<'a>,
    structure: Extent<'a>,
    strings: Extent<'a>,
    /// Where the structure is in the whole.
    from: u64,
    at: u64,
}

/// What comes next in a tree.
enum Next {
    /// A node begins.
    Begin(Vec<u8>),
    /// A node ends.
    End,
    /// A property, where its value lies in the whole, and how long it is.
    Property(Vec<u8>, u64, u64),
    Last,
}

impl<'a> Tree<'a> {
    fn new(extent: Extent<'a>) -> Result<Self, Flaw> {
        let header: [u8; 40] = extent.array(0)?;
        let number = |at| u64::from(be32(&header, at).unwrap_or(0));
        let (from, strings) = (number(8), number(12));
        // Version 16 does not have the size of the structure.
        let size = if number(20) < 17 {
            u64::MAX
        } else {
            number(36)
        };
        Ok(Self {
            extent,
            structure: extent.part(from, size),
            strings: extent.part(strings, number(32)),
            from,
            at: 0,
        })
    }

    fn next(&mut self) -> Result<Next, Flaw> {
        loop {
            let from = self.at;
            let token = u32::from_be_bytes(self.structure.array(from)?);
            self.at = from + 4;
            match token {
                BEGIN => {
                    let name = name(self.structure, self.at)?;
                    let length = u64::try_from(name.len()).unwrap_or(0) + 1;
                    self.at += length.next_multiple_of(4);
                    return Ok(Next::Begin(name));
                }
                END => return Ok(Next::End),
                PROPERTY => {
                    let head: [u8; 8] = self.structure.array(self.at)?;
                    let number = |at| u64::from(be32(&head, at).unwrap_or(0));
                    let (length, value) = (number(0), self.at + 8);
                    let name = name(self.strings, number(4))?;
                    self.at = value + length.next_multiple_of(4);
                    return Ok(Next::Property(name, self.from + value, length));
                }
                NOTHING => {}
                LAST => return Ok(Next::Last),
                _ => {
                    return Err(Flaw::malformed(format!(
                        "the tree has the token {token:#x} at {}, which there is not: the rest of it was not read",
                        self.from + from
                    )));
                }
            }
        }
    }
}

/// The text that ends with a zero.
fn name(extent: Extent<'_>, at: u64) -> Result<Vec<u8>, Flaw> {
    let mut bytes = extent.bytes(at, NAME)?;
    let Some(end) = bytes.iter().position(|byte| *byte == 0) else {
        return Err(Flaw::malformed(format!(
            "a name in the tree is longer than {NAME} bytes or has no end: the rest of it was not read"
        )));
    };
    bytes.truncate(end);
    Ok(bytes)
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let mut tree = Tree::new(extent)?;
    let (mut depth, mut made, mut in_images) = (0_u64, None, false);
    let mut image = Vec::new();
    loop {
        match tree.next()? {
            Next::Begin(name) => {
                visit.entry()?;
                depth += 1;
                if depth == 2 {
                    in_images = name == b"images";
                    // What is told only of a tree of images; its own properties come before its nodes.
                    if in_images && let Some(at) = made.take() {
                        stamp(visit, extent, at)?;
                    }
                } else if depth == 3 {
                    image = name;
                }
            }
            Next::End => {
                depth = depth.saturating_sub(1);
                in_images &= depth > 1;
                if depth == 0 {
                    return Ok(());
                }
            }
            Next::Property(name, at, 4) if depth == 1 && name == b"timestamp" => made = Some(at),
            Next::Property(name, at, length) if depth == 3 && in_images && name == b"data" => {
                // Hashes in the tree cover it.
                let data = tree.extent.part(at, length);
                let member = Member {
                    name: &image,
                    own: None,
                };
                visit.sealed(true, |visit| visit.extent(member, data))?;
            }
            Next::Property(..) => {}
            Next::Last => return Ok(()),
        }
    }
}

fn stamp(visit: &mut Visit<'_>, extent: Extent<'_>, at: u64) -> Result<(), Flaw> {
    let raw: [u8; 4] = extent.array(at)?;
    let form = Form::Unix32Be;
    let value = if raw == [0; 4] {
        Value::Unset
    } else {
        form.decode(&raw)
    };
    // Signatures cover configurations and images, and not the root.
    let slot = Slot::new(extent.origin(at), form, Mend::Nothing);
    visit.stamp(&Stamp {
        field: &MADE,
        raw: &raw,
        value,
        slot,
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    /// A tree of words, with the names of its properties at the end: `timestamp` at 0, `data` at 10.
    fn tree(structure: &[&[u8]]) -> Vec<u8> {
        let structure = structure.concat();
        let strings = b"timestamp\0data\0";
        let number = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
        let end = 56 + structure.len();
        let header = [
            0xd00d_feed,
            end + strings.len(),
            56,
            end,
            40,
            17,
            16,
            0,
            strings.len(),
            structure.len(),
        ];
        let header: Vec<u8> = header.into_iter().flat_map(number).collect();
        [&header[..], &[0; 16], &structure, strings].concat()
    }

    const MADE: &[u8] = b"\0\0\0\x03\0\0\0\x04\0\0\0\0\x84\x86\x00\x40";

    #[test]
    fn only_a_tree_of_images_has_a_time() {
        let image = [
            &b"\0\0\0\x03\0\0\0\x40\0\0\0\x0a"[..],
            b"bFLT\0\0\0\x04",
            &[0; 32],
            b"\x84\x86\x00\x40",
            &[0; 20],
        ];
        let image = image.concat();
        let parts = |name: &'static [u8]| {
            let begin: [&[u8]; 7] = [
                b"\0\0\0\x01\0\0\0\0",
                MADE,
                b"\0\0\0\x04\0\0\0\x01",
                name,
                b"\0\0\0\x01k\0\0\0",
                &image,
                b"\0\0\0\x02",
            ];
            [begin.concat(), b"\0\0\0\x02\0\0\0\x02\0\0\0\x09".to_vec()].concat()
        };
        let late = "2040-06-15T12:00:00.000000000Z known";
        assert_eq!(
            lines(&tree(&[&parts(b"images\0\0")])),
            [
                format!(" fit.timestamp {late}"),
                format!("k bflt.build {late}")
            ]
        );
        assert_eq!(lines(&tree(&[&parts(b"image\0\0\0")])), [""; 0]);
        // One of another node is not the tree's.
        let other: [&[u8]; 4] = [
            b"\0\0\0\x01\0\0\0\0\0\0\0\x01k\0\0\0",
            MADE,
            b"\0\0\0\x02",
            b"\0\0\0\x01images\0\0\0\0\0\x02\0\0\0\x02",
        ];
        assert_eq!(lines(&tree(&other)), [""; 0]);
    }

    #[test]
    fn damage_ends_the_reading() {
        let begin = b"\0\0\0\x01\0\0\0\0";
        assert!(lines(&tree(&[begin, b"\0\0\0\x77"]))[0].contains("token 0x77"));
        assert!(lines(&tree(&[begin]))[0].contains("truncated"));
        assert!(lines(&tree(&[begin, b"\0\0\0\x03\0\0\0\x04\0\0\xff\0"]))[0].contains("name"));
    }
}
