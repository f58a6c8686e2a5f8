//! `sbom`: bills of materials.

use super::piece::dates::stated;
use super::piece::json::{self, Pick, time};
use super::piece::text::{self, Markup, tell};
use super::{Field, Format, Head, Layer, Reads, Visit};
use crate::bytes::{Extent, Flaw};

pub(super) const FORMAT: Format = Format {
    name: "sbom",
    summary: "SPDX 2 (JSON, tag and value), SPDX 3 (JSON-LD) and CycloneDX (JSON, XML): when the bill of materials was \
written, and when what it lists was built. Until when something is valid is not read: that lies ahead on purpose. Of tag and \
value and XML the first 64 KiB are read",
    names: &[
        ".spdx.json",
        ".spdx",
        ".cdx.json",
        ".cdx.xml",
        ".spdx3.json",
        "bom.json",
        "bom.xml",
        ".bom.json",
        "sbom.json",
        ".jsonld",
    ],
    is: |head| is_json(head) || is_tags(head) || is_cyclonedx(head),
    layer: Layer::Leaf,
    fields: &[&CREATED, &BUILT, &ANNOTATED],
    reads: Reads::Extent(read),
};

static CREATED: Field = Field::event(
    "sbom.created",
    "when the bill of materials was written, RFC 3339 (SPDX 2 and 3 `created`, CycloneDX `metadata.timestamp`)",
);

static BUILT: Field = Field::event(
    "sbom.built",
    "when something that it lists was built, RFC 3339 (SPDX 2.3 `builtDate`, SPDX 3 `builtTime`, `buildStartTime`, \
`buildEndTime`)",
);

static ANNOTATED: Field = Field::event(
    "sbom.annotated",
    "when somebody annotated something in it, RFC 3339 (SPDX 2 `annotationDate`, CycloneDX `annotations[].timestamp`)",
);

const PICKS: &[Pick] = &[
    time("creationInfo/created", &CREATED, stated),
    time("annotations/*/annotationDate", &ANNOTATED, stated),
    time(
        "packages/*/annotations/*/annotationDate",
        &ANNOTATED,
        stated,
    ),
    time("packages/*/builtDate", &BUILT, stated),
    time("metadata/timestamp", &CREATED, stated),
    time("annotations/*/timestamp", &ANNOTATED, stated),
    time("created", &CREATED, stated),
    time("@graph/*/created", &CREATED, stated),
    time("@graph/*/creationInfo/created", &CREATED, stated),
    time("@graph/*/builtTime", &BUILT, stated),
    time("@graph/*/software_builtTime", &BUILT, stated),
    time("@graph/*/build_buildStartTime", &BUILT, stated),
    time("@graph/*/build_buildEndTime", &BUILT, stated),
];

/// Lines of SPDX's tag and value (SPDX 2.3, clause 6 to 12).
const TAGS: [(&str, &Field); 3] = [
    ("Created:", &CREATED),
    ("BuiltDate:", &BUILT),
    ("AnnotationDate:", &ANNOTATED),
];

fn is_json(head: &Head<'_>) -> bool {
    let marks = json::mentions(
        json::beginning(head),
        [
            "spdxVersion\"",
            "SPDXID\"",
            "https://spdx.org/rdf/3.",
            "bomFormat\"",
        ],
    );
    marks.contains(&true)
}

fn is_tags(head: &Head<'_>) -> bool {
    head.has(0, b"SPDXVersion:")
}

fn is_cyclonedx(head: &Head<'_>) -> bool {
    let markup = Markup::of(head.first);
    markup.is_some_and(|markup| {
        markup.root() == "bom" && markup.names("http://cyclonedx.org/schema/bom")
    })
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let first = text::beginning(extent)?;
    let head = Head::new(&first, None);
    if is_tags(&head) {
        for line in text::lines(&first) {
            for (tag, field) in TAGS {
                if let Some(date) = line.strip_prefix(tag) {
                    tell(visit, field, stated, date.trim());
                }
            }
        }
        return Ok(());
    }
    let Some(markup) = Markup::of(&first).filter(|_| is_cyclonedx(&head)) else {
        return json::read(visit, extent, PICKS);
    };
    // The first is that of the metadata; those of annotations come after it.
    let mut all = markup.elements(&["timestamp"]);
    if let Some((_, date)) = all.next() {
        tell(visit, &CREATED, stated, date);
    }
    for (_, date) in all {
        tell(visit, &ANNOTATED, stated, date);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    const CREATED: &str = " sbom.created 2026-01-02T03:04:06.000000000Z known";

    #[test]
    fn every_kind_says_when_it_was_written() {
        for text in [
            r#"{"SPDXID":"SPDXRef-DOCUMENT","creationInfo":{"created":"2026-01-02T03:04:06Z"},"packages":
[{"validUntilDate":"2040-01-02T03:04:06Z"}],"spdxVersion":"SPDX-2.3"}"#,
            r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"CreationInfo",
"created":"2026-01-02T03:04:06Z"}]}"#,
            r#"{"bomFormat":"CycloneDX","metadata":{"timestamp":"2026-01-02T04:04:06+01:00"}}"#,
            "SPDXVersion: SPDX-2.3\r\nCreator: Tool: x\r\nCreated: 2026-01-02T03:04:06Z\r\n",
            "<?xml version=\"1.0\"?>\n<!-- <timestamp> -->\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"><metadata>\
<timestamp>2026-01-02T03:04:06Z</timestamp></metadata></bom>",
            "<c:bom xmlns:c='http://cyclonedx.org/schema/bom/1.5'><c:metadata><c:timestamp>2026-01-02T03:04:06Z\
</c:timestamp></c:metadata></c:bom>",
        ] {
            assert_eq!(lines(text.as_bytes()), [CREATED], "{text}");
        }
        let built =
            r#"{"spdxVersion":"SPDX-2.3","packages":[{"builtDate":"2026-01-02T03:04:06Z"}]}"#;
        assert_eq!(
            lines(built.as_bytes()),
            [CREATED.replace("created", "built")]
        );
    }

    #[test]
    fn a_time_without_a_zone_is_somebodys_local_time() {
        let text = br#"{"bomFormat":"CycloneDX","metadata":{"timestamp":"2026-01-02T04:04:06.5"}}"#;
        assert_eq!(
            lines(text),
            [" sbom.created 2026-01-02T04:04:06.500000000Z unknown"]
        );
    }

    #[test]
    fn other_documents_are_nothing() {
        for text in [
            "<bom><timestamp>2026-01-02T03:04:06Z</timestamp></bom>",
            "Created: 2026-01-02T03:04:06Z",
            "{}",
        ] {
            assert_eq!(lines(text.as_bytes()), [""; 0], "{text}");
        }
    }
}
