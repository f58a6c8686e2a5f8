//! Dates in a packet of XMP (ISO 16684-1), wherever it stands: found by their names, without reading XML.

use super::dates;
use crate::format::{Field, Stamp, Value, Visit};

/// The fields of a format that carries XMP.
#[derive(Debug)]
pub(in crate::format) struct Fields {
    pub(in crate::format) created: &'static Field,
    pub(in crate::format) modified: &'static Field,
    /// When the packet itself was changed.
    pub(in crate::format) described: &'static Field,
}

impl Fields {
    pub(in crate::format) const fn created(name: &'static str) -> Field {
        Field::in_text(name, "xmp:CreateDate, a text of ISO 8601")
    }

    pub(in crate::format) const fn modified(name: &'static str) -> Field {
        Field::in_text(name, "xmp:ModifyDate, a text of ISO 8601")
    }

    pub(in crate::format) const fn described(name: &'static str) -> Field {
        let what = "xmp:MetadataDate: when the XMP was changed, a text of ISO 8601";
        Field::in_text(name, what)
    }
}

/// A date with its decimals and zone is shorter.
const LONGEST: usize = 64;

/// Tells the dates in a text.
pub(in crate::format) fn read(visit: &mut Visit<'_>, fields: &Fields, text: &[u8]) {
    let mut from = 0;
    while let Some(colon) = next(text, from, b':') {
        from = colon + 1;
        let (before, after) = (&text[..colon], &text[from..]);
        // `xap` was its name at first. What ends an element has a slash before it.
        let is_xmp = before.ends_with(b"xmp") || before.ends_with(b"xap");
        if !is_xmp || before[..colon - 3].ends_with(b"/") {
            continue;
        }
        let names: [(&[u8], _); 3] = [
            (b"CreateDate", fields.created),
            (b"ModifyDate", fields.modified),
            (b"MetadataDate", fields.described),
        ];
        let named = names
            .into_iter()
            .find_map(|(name, field)| Some((after.strip_prefix(name)?, field)));
        if let Some((rest, field)) = named
            && let Some(raw) = value(rest)
        {
            visit.stamp(&Stamp::fixed(field, raw, said(raw)));
        }
    }
}

/// Where this byte is next.
pub(in crate::format) fn next(text: &[u8], from: usize, byte: u8) -> Option<usize> {
    let at = text.get(from..)?.iter().position(|other| *other == byte)?;
    Some(from + at)
}

/// What stands in an element or an attribute of which the name was read.
fn value(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest.trim_ascii_start();
    let (rest, end) = match rest.split_first()? {
        (b'>', rest) => (rest, b'<'),
        (b'=', rest) => {
            let (quote, rest) = rest.trim_ascii_start().split_first()?;
            (rest, *quote)
        }
        _ => return None,
    };
    let most = rest.len().min(LONGEST);
    let end = rest[..most].iter().position(|byte| *byte == end)?;
    Some(rest[..end].trim_ascii()).filter(|raw| !raw.is_empty())
}

fn said(raw: &[u8]) -> Value {
    if raw.iter().all(|byte| !matches!(byte, b'1'..=b'9')) && raw.starts_with(b"0000") {
        return Value::Unset;
    }
    let read = dates::partial(raw);
    read.map_or(Value::Invalid("it is no date of ISO 8601"), Value::At)
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    #[test]
    fn dates_are_found_in_elements_and_attributes() {
        let text = b"%PDF-1.4 %%EOF <xmp:CreateDate>2026-01-02T03:04:06Z</xmp:CreateDate> <x xap:ModifyDate = '2026-01-02' \
xmp:MetadataDate=\"soon\" xmp:CreateDate=\"0000-00-00T00:00:00\" dc:CreateDate='2026' xmp:CreatorTool='x'/> <xmp:ModifyDate/> \
<xmp:ModifyDate>2026";
        assert_eq!(
            lines(text),
            [
                " pdf.xmp.create-date 2026-01-02T03:04:06.000000000Z known",
                " pdf.xmp.modify-date 2026-01-02T00:00:00.000000000Z unknown",
                " pdf.xmp.metadata-date invalid: it is no date of ISO 8601",
                " pdf.xmp.create-date unset",
            ]
        );
    }
}
