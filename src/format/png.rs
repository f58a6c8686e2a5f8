//! `png`: pictures, with when they were last changed, and what texts in them say of dates.

use super::piece::{dates, xmp};
use super::{Field, Form, Format, Head, Layer, Mend, Reads, Slot, Stamp, Value, Visit};
use crate::bytes::{Flaw, Stream, WINDOW, be32};
use std::io::Read as _;

pub(super) const FORMAT: Format = Format {
    name: "png",
    summary: "PNG and APNG pictures: the chunk tIME, dates in texts (date:create, Creation Time, …) where they can be read, and \
XMP; Exif is not looked into",
    names: &[".png", ".apng"],
    is,
    layer: Layer::Leaf,
    fields: &[
        &TIME,
        &CREATE,
        &MODIFY,
        &WRITTEN,
        &CREATION,
        &TAKEN,
        &XMP_CREATED,
        &XMP_MODIFIED,
        &XMP_DESCRIBED,
    ],
    reads: Reads::Stream(read),
};

static TIME: Field = Field::modified(
    "png.time",
    "tIME: when the picture was last changed, to a second, UTC (PNG §11.3.5.1)",
);

static CREATE: Field = Field::in_text(
    "png.date-create",
    "the text date:create: what ImageMagick took for the time at which the file it read was made",
);
static MODIFY: Field = Field::in_text(
    "png.date-modify",
    "the text date:modify: the modification time of the file that ImageMagick read",
);
static WRITTEN: Field = Field::in_text(
    "png.date-timestamp",
    "the text date:timestamp: when ImageMagick wrote the picture",
);
static CREATION: Field = Field::in_text(
    "png.creation-time",
    "the text Creation Time: when the picture was made, in any form (PNG §11.3.3.2)",
);
static TAKEN: Field = Field::in_text(
    "png.exif-text",
    "a text such as exif:DateTime or tiff:DateTime, copied from Exif",
);
static XMP_CREATED: Field = xmp::Fields::created("png.xmp.create-date");
static XMP_MODIFIED: Field = xmp::Fields::modified("png.xmp.modify-date");
static XMP_DESCRIBED: Field = xmp::Fields::described("png.xmp.metadata-date");

const XMP: xmp::Fields = xmp::Fields {
    created: &XMP_CREATED,
    modified: &XMP_MODIFIED,
    described: &XMP_DESCRIBED,
};

/// Keywords of texts that hold a date.
const KEYWORDS: [(&[u8], &Field); 8] = [
    (b"date:create", &CREATE),
    (b"date:modify", &MODIFY),
    (b"date:timestamp", &WRITTEN),
    (b"Creation Time", &CREATION),
    (b"tiff:DateTime", &TAKEN),
    (b"exif:DateTime", &TAKEN),
    (b"exif:DateTimeOriginal", &TAKEN),
    (b"exif:DateTimeDigitized", &TAKEN),
];

/// The keyword of XMP.
const PACKET: &[u8] = b"XML:com.adobe.xmp";

/// How much of a text is read, and how much of it inflated.
const LONGEST: usize = WINDOW - 8;

fn is(head: &Head<'_>) -> bool {
    head.has(0, b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")
}

fn read(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
    stream.skip(8)?;
    loop {
        let place = stream.position();
        let head = stream.peek(8)?;
        let (Some(length), Some(kind)) = (be32(head, 0), head.get(4..8)) else {
            return Err(Flaw::truncated(format!(
                "the picture ends at {place} without its last chunk (IEND): it was cut off"
            )));
        };
        if length > i32::MAX.unsigned_abs() {
            return Err(Flaw::malformed(format!(
                "the chunk at {place} claims to have {length} bytes, more than PNG allows (2147483647); the chunks behind it were not read"
            )));
        }
        let wanted = usize::try_from(length).unwrap_or(LONGEST).min(LONGEST);
        match kind {
            b"IEND" => return Ok(()),
            b"tIME" => time(visit, stream, length)?,
            b"tEXt" | b"zTXt" | b"iTXt" => {
                let is_plain = kind == b"tEXt";
                let is_deflated = kind == b"zTXt";
                let chunk = stream.peek(8 + wanted)?;
                let chunk = &chunk[8..chunk.len().min(8 + wanted)];
                if let Some(said) = Said::of(chunk, is_plain, is_deflated) {
                    said.tell(visit);
                }
            }
            _ => {}
        }
        // Its length, its kind and its checksum, and what is in it.
        let all = u64::from(length) + 12;
        if stream.skip(all)? < all {
            return Err(Flaw::truncated(format!(
                "the chunk at {place} claims to have {length} bytes, and the picture ends within it: it was cut off"
            )));
        }
        visit.budget().go_on()?;
    }
}

fn time(visit: &mut Visit<'_>, stream: &mut dyn Stream, length: u32) -> Result<(), Flaw> {
    let (place, origin) = (stream.position(), stream.origin());
    if length != 7 {
        visit.flaw(Flaw::malformed(format!(
            "the time of the picture (chunk tIME at {place}) has {length} bytes and not 7: it was not read"
        )));
        return Ok(());
    }
    let chunk = stream.peek(19)?;
    let (Some(raw), Some(stated)) = (chunk.get(8..15), be32(chunk, 15)) else {
        return Ok(());
    };
    let mut checksum = flate2::Crc::new();
    checksum.update(&chunk[4..15]);
    let (at, is_damaged) = (origin.plus(place), checksum.sum() != stated);
    visit.stamp(&Stamp {
        field: &TIME,
        raw,
        value: Form::PngTime.decode(raw),
        // A chunk that is damaged stays so.
        slot: Slot::new(at.plus(8), Form::PngTime, Mend::PngChunk(at)).filter(|_| !is_damaged),
    });
    if is_damaged {
        visit.flaw(Flaw::malformed(format!(
            "the checksum of the picture's time (chunk tIME at {place}) is wrong: it was damaged, or changed by what does not know PNG"
        )));
    }
    Ok(())
}

/// A text of which the keyword says that there is a date in it.
struct Said<'a> {
    keyword: &'a [u8],
    text: &'a [u8],
    is_deflated: bool,
}

impl<'a> Said<'a> {
    /// What a chunk says, its keyword first (PNG §11.3.3).
    fn of(chunk: &'a [u8], is_plain: bool, is_deflated: bool) -> Option<Self> {
        let split = |bytes: &'a [u8]| {
            let end = bytes.iter().position(|byte| *byte == 0)?;
            Some((&bytes[..end], &bytes[end + 1..]))
        };
        let (keyword, rest) = split(chunk)?;
        let (text, is_deflated) = if is_plain {
            (rest, false)
        } else if is_deflated {
            (rest.get(1..)?, true)
        } else {
            // Whether it is compressed and how, its language, and the keyword in that.
            let (_language, after) = split(rest.get(2..)?)?;
            (split(after)?.1, rest.first() == Some(&1))
        };
        Some(Self {
            keyword,
            text,
            is_deflated,
        })
    }

    fn tell(&self, visit: &mut Visit<'_>) {
        let known = KEYWORDS
            .iter()
            .find(|(keyword, _)| self.keyword.eq_ignore_ascii_case(keyword));
        let is_packet = self.keyword == PACKET;
        if known.is_none() && !is_packet {
            return;
        }
        let mut inflated = Vec::new();
        let text = if self.is_deflated {
            let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
            let decoder = flate2::read::ZlibDecoder::new(self.text);
            // What comes before damage is enough, if it is a date.
            let _damage = decoder.take(most).read_to_end(&mut inflated);
            &inflated
        } else {
            self.text
        };
        if is_packet {
            xmp::read(visit, &XMP, text);
        } else if let Some((_, field)) = known
            && text.len() < 100
            && let Some(moment) = dates::documented(text.trim_ascii())
        {
            // Texts are for people, and there are many that are dates for people only.
            visit.stamp(&Stamp::fixed(field, text, Value::At(moment)));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::{lines, slots};

    fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut checksum = flate2::Crc::new();
        checksum.update(kind);
        checksum.update(content);
        let length = u32::try_from(content.len()).unwrap();
        [
            &length.to_be_bytes(),
            &kind[..],
            content,
            &checksum.sum().to_be_bytes(),
        ]
        .concat()
    }

    fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
        let head = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &[0; 13])].concat();
        [head, chunks.concat(), chunk(b"IEND", b"")].concat()
    }

    const LATE: &[u8] = b"\x07\xf8\x06\x0f\x0c\0\0";

    #[test]
    fn chunks_follow_each_other() {
        let filler = chunk(b"IDAT", &[7; 200_000]);
        let text = |text: &str| chunk(b"tEXt", format!("date:create\0{text}").as_bytes());
        let bytes = png(&[
            filler.clone(),
            chunk(b"tIME", LATE),
            filler,
            text("2026-01-02T03:04:06+00:00"),
            text("Monday"),
        ]);
        assert_eq!(
            lines(&bytes),
            [
                " png.time 2040-06-15T12:00:00.000000000Z known",
                " png.date-create 2026-01-02T03:04:06.000000000Z known"
            ]
        );
        for end in 0..bytes.len().min(100) {
            let told = lines(&bytes[..end]);
            assert!(
                end < 16 || told.iter().any(|line| line.contains("truncated")),
                "{end} {told:?}"
            );
        }
    }

    #[test]
    fn damage_is_told() {
        let mut bytes = png(&[chunk(b"tIME", LATE)]);
        assert_eq!(slots(&bytes), [true]);
        bytes[33 + 16] ^= 1;
        assert_eq!(slots(&bytes), [false], "it would pass for whole again");
        let told = lines(&bytes);
        assert!(
            told[0].contains("png.time") && told[1].contains("checksum"),
            "{told:?}"
        );
        let short = lines(&png(&[chunk(b"tIME", &LATE[..3]), chunk(b"tIME", LATE)]));
        assert!(
            short[0].contains("malformed") && short[1].contains("png.time"),
            "{short:?}"
        );
    }
}
