//! `oci`: the JSON of container images.

use super::piece::dates::stated;
use super::piece::json::{self, Pick, time};
use super::{Field, Format, Head, Layer, Reads};

pub(super) const FORMAT: Format = Format {
    name: "oci",
    summary: "the JSON of OCI and Docker images, in a layout, in what `docker save` writes, or by itself: when the image \
and each of its layers was made. Layers are archives of their own. Every blob is read, whether the index leads to it or \
not",
    names: &[".oci", "index.json"],
    is,
    layer: Layer::Leaf,
    fields: &[&CREATED, &HISTORY, &ANNOTATION, &LABEL],
    reads: Reads::Extent(|visit, extent| json::read(visit, extent, PICKS)),
};

static CREATED: Field = Field::event(
    "oci.created",
    "when the image was made, RFC 3339 (OCI image-spec config.md, `created`)",
);

static HISTORY: Field = Field::event(
    "oci.history",
    "when a layer of the image was made, RFC 3339; those of the image it is built on are older (OCI image-spec \
config.md, `history[].created`)",
);

static ANNOTATION: Field = Field::event(
    "oci.annotation",
    "org.opencontainers.image.created of an index, of a manifest, or of what one lists (OCI image-spec \
annotations.md)",
);

static LABEL: Field = Field::in_text(
    "oci.label",
    "a label of the image that says when it was made, which may be that of the image it is built on \
(org.opencontainers.image.created, org.label-schema.build-date)",
);

const PICKS: &[Pick] = &[
    time("created", &CREATED, stated),
    time("history/*/created", &HISTORY, stated),
    time(
        "annotations/org.opencontainers.image.created",
        &ANNOTATION,
        stated,
    ),
    time(
        "manifests/*/annotations/org.opencontainers.image.created",
        &ANNOTATION,
        stated,
    ),
    time(
        "layers/*/annotations/org.opencontainers.image.created",
        &ANNOTATION,
        stated,
    ),
    time(
        "config/Labels/org.opencontainers.image.created",
        &LABEL,
        stated,
    ),
    time("config/Labels/org.label-schema.build-date", &LABEL, stated),
];

fn is(head: &Head<'_>) -> bool {
    let [
        architecture,
        created,
        history,
        rootfs,
        docker,
        version,
        oci,
        distribution,
    ] = json::mentions(
        json::beginning(head),
        [
            "architecture\"",
            "created\"",
            "history\"",
            "rootfs\"",
            "container_config\"",
            "schemaVersion\"",
            "application/vnd.oci.image.",
            "application/vnd.docker.distribution.manifest.",
        ],
    );
    // A config keeps its keys in the order of the specification or in that of the alphabet, where a long history
    // stands before `rootfs`.
    let is_config = architecture && (history || (created && rootfs));
    is_config
        || is_part(head)
        || (created && (docker || is_legacy(json::beginning(head))))
        || (version && (oci || distribution))
}

/// Whether it is a part of such a document that is cut off before what it is mostly told by: with the keys that come first
/// in a config or in a manifest.
fn is_part(head: &Head<'_>) -> bool {
    if !json::is_cut_off(head) {
        return false;
    }
    let words = [
        "architecture\"",
        "config\"",
        "created\"",
        "os\"",
        "schemaVersion\"",
    ];
    let [architecture, config, created, os, version] = json::mentions(json::beginning(head), words);
    version || (architecture && (config || created || os))
}

/// Whether it is what `docker save` wrote of each layer before version 25: its name comes first, a digest.
fn is_legacy(first: &[u8]) -> bool {
    let id = first
        .strip_prefix(b"{\"id\":\"")
        .and_then(|rest| rest.get(..65));
    id.is_some_and(|id| id.ends_with(b"\"") && id[..64].iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    #[test]
    fn the_times_of_an_image_are_told() {
        let config = r#"{"created":"2026-01-02T03:04:06.5Z","architecture":"amd64","os":"linux",
"config":{"Labels":{"org.opencontainers.image.created":"2025-01-01T00:00:00Z"}},
"rootfs":{"type":"layers","diff_ids":[]},"history":[{"created":"2024-01-01T00:00:00Z"},{"created_by":"x"},
{"created":"0001-01-01T00:00:00Z"}]}"#;
        assert_eq!(
            lines(config.as_bytes()),
            [
                " oci.created 2026-01-02T03:04:06.500000000Z known",
                " oci.label 2025-01-01T00:00:00.000000000Z known",
                " oci.history 2024-01-01T00:00:00.000000000Z known",
                " oci.history 0001-01-01T00:00:00.000000000Z known",
            ]
        );
        let index = r#"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",
"annotations":{"org.opencontainers.image.created":"2026-01-02T03:04:06Z"}}],
"annotations":{"org.opencontainers.image.created":"soon"}}"#;
        assert_eq!(
            lines(index.as_bytes()),
            [
                " oci.annotation 2026-01-02T03:04:06.000000000Z known",
                " oci.annotation invalid: it is no date such as 2026-01-02T03:04:05Z",
            ]
        );
    }

    #[test]
    fn what_is_cut_off_is_told_wherever_that_is() {
        let config = r#"{"architecture":"amd64","config":{"Env":["PATH=/bin"]},"created":"2026-01-02T03:04:06Z",
"history":[{"created":"2024-01-01T00:00:00Z"}],"os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
        let manifest = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[]}"#;
        for (text, known_by) in [(config, "config\""), (manifest, "Version\"")] {
            assert!(
                lines(text.as_bytes())
                    .iter()
                    .all(|line| !line.contains("cut off"))
            );
            let from = text.find(known_by).unwrap() + known_by.len();
            for length in from..text.len() {
                let told = lines(&text.as_bytes()[..length]);
                let last = told.last().map_or("", |line| line);
                assert!(
                    last.starts_with(" truncated its JSON is cut off"),
                    "{length}: {told:?}"
                );
            }
        }
        // What says nothing of an image is no part of one.
        assert_eq!(lines(br#"{"architecture":"amd64","name":["#), [""; 0]);
        assert_eq!(lines(br#"{"schemaVersion":2,"version":1}"#), [""; 0]);
    }

    #[test]
    fn other_json_is_nothing() {
        assert_eq!(
            lines(br#"{"created":"2026-01-02T03:04:06Z","architecture":1}"#),
            [""; 0]
        );
        assert_eq!(
            lines(br#"[{"architecture":1,"history":[{"created":"2026-01-02T03:04:06Z"}]}]"#),
            [""; 0]
        );
    }
}
