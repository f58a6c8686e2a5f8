//! `office`: when documents say that they were written.

use super::piece::dates::stated;
use super::piece::text::{self, Markup, is_named, tell};
use super::{Field, Format, Head, Layer, Reads, Visit};
use crate::bytes::{Extent, Flaw};

pub(super) const FORMAT: Format = Format {
    name: "office",
    summary: "the metadata of Office Open XML and of NuGet packages (core properties), of OpenDocument (meta.xml) and of EPUB \
(the package document): when the document was created, last changed and printed. The date of publication is not read, which \
may lie ahead on purpose; the first 64 KiB are read",
    names: &["core.xml", "meta.xml", ".psmdcp", ".opf"],
    is: |head| kind(head).is_some(),
    layer: Layer::Leaf,
    fields: &[&CREATED, &MODIFIED, &PRINTED],
    reads: Reads::Extent(read),
};

static CREATED: Field = Field::event(
    "office.created",
    "when the document was created (dcterms:created, meta:creation-date); OpenDocument leaves the zone out",
);

static MODIFIED: Field = Field::event(
    "office.modified",
    "when the document was last changed (dcterms:modified, OpenDocument's dc:date)",
);

static PRINTED: Field = Field::event(
    "office.printed",
    "when the document was last printed (cp:lastPrinted, meta:print-date)",
);

/// A root element, its namespace, and the elements under it with a date.
struct Kind {
    roots: [&'static str; 2],
    namespace: &'static str,
    wanted: &'static [&'static str],
    fields: &'static [&'static Field],
    /// What the tag must say besides, where the name of the element is that of others, too.
    told_by: &'static str,
}

const KINDS: [Kind; 3] = [
    // ECMA-376 part 2, 8.3.
    Kind {
        roots: ["coreProperties"; 2],
        namespace: "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
        wanted: &["created", "modified", "lastPrinted"],
        fields: &[&CREATED, &MODIFIED, &PRINTED],
        told_by: "",
    },
    // OpenDocument 1.3 part 3, 4.3.
    Kind {
        roots: ["document-meta", "document"],
        namespace: "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        wanted: &["creation-date", "date", "print-date"],
        fields: &[&CREATED, &MODIFIED, &PRINTED],
        told_by: "",
    },
    // EPUB 3.3, 5.5.3.1.
    Kind {
        roots: ["package"; 2],
        namespace: "http://www.idpf.org/2007/opf",
        wanted: &["meta"],
        fields: &[&MODIFIED],
        told_by: "dcterms:modified",
    },
];

fn kind<'a>(head: &Head<'a>) -> Option<(Markup<'a>, &'static Kind)> {
    let markup = Markup::of(head.first)?;
    let kind = KINDS
        .iter()
        .find(|kind| kind.roots.contains(&markup.root()) && markup.names(kind.namespace))?;
    Some((markup, kind))
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let first = text::beginning(extent)?;
    let head = Head::new(&first, None);
    let Some((markup, kind)) = kind(&head) else {
        return Ok(());
    };
    for (tag, date) in markup.elements(kind.wanted) {
        let fields = kind.wanted.iter().zip(kind.fields);
        for (_, field) in
            fields.filter(|(name, _)| is_named(tag, name) && tag.contains(kind.told_by))
        {
            tell(visit, field, stated, date);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    #[test]
    fn documents_say_when_they_were_written() {
        let core = "<?xml version=\"1.0\"?>\r\n<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/\
metadata/core-properties\" xmlns:dcterms=\"http://purl.org/dc/terms/\"><dc:creator>x</dc:creator>\
<dcterms:created xsi:type=\"dcterms:W3CDTF\">2026-01-02T03:04:06Z</dcterms:created>\
<dcterms:modified xsi:type=\"dcterms:W3CDTF\">2026-01-02T03:04:07Z</dcterms:modified></cp:coreProperties>";
        assert_eq!(
            lines(core.as_bytes()),
            [
                " office.created 2026-01-02T03:04:06.000000000Z known",
                " office.modified 2026-01-02T03:04:07.000000000Z known",
            ]
        );
        let odf = "<office:document-meta xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'><office:meta>\
<meta:creation-date>2026-01-02T03:04:06.5</meta:creation-date><dc:date>2026-01-02T03:04:07</dc:date>\
<meta:editing-duration>P1D</meta:editing-duration></office:meta></office:document-meta>";
        assert_eq!(
            lines(odf.as_bytes()),
            [
                " office.created 2026-01-02T03:04:06.500000000Z unknown",
                " office.modified 2026-01-02T03:04:07.000000000Z unknown",
            ]
        );
        let opf = "<package xmlns=\"http://www.idpf.org/2007/opf\"><metadata><dc:date>2040-01-01</dc:date>\
<meta name=\"x\">y</meta><meta property=\"dcterms:modified\">2026-01-02T03:04:06Z</meta></metadata></package>";
        assert_eq!(
            lines(opf.as_bytes()),
            [" office.modified 2026-01-02T03:04:06.000000000Z known"]
        );
        assert_eq!(lines(b"<package><meta property=\"dcterms:modified\">2026-01-02T03:04:06Z</meta></package>"), [""; 0]);
    }
}
