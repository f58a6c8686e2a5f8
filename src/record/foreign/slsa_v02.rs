//! SLSA provenance v0.2, as `BuildKit` writes by default, and v0.1 (slsa.dev/provenance/v0.2,
//! "`ProvenanceMetadata`").

use super::statement::{self, Fields};
use super::{Means, Provenance};
use crate::record::Trust;

pub(super) const PROVENANCE: Provenance = Provenance {
    name: "slsa-v0.2",
    form: "FILE",
    summary: "SLSA provenance v0.2 or v0.1, packed in the same ways",
    trust: Trust::Builder,
    bounds: "start and end: metadata.buildStartedOn and buildFinishedOn",
    traps: "\
BuildKit writes v0.2 unless it is told otherwise, and times each platform of an image by itself: name the \
provenance of the platform that is audited. The signature is not checked.",
    example: "\
docker buildx build --provenance=mode=max --output type=local,dest=out . && \
skewgate audit out --record out/provenance.json",
    silent: "\
it has neither buildStartedOn nor buildFinishedOn, which SLSA v0.2 leaves to the builder; use --record ci, or \
name the start with --not-before",
    means: Means::File {
        read: |document| statement::window(document, &FIELDS),
        variable: None,
    },
};

const FIELDS: Fields = Fields {
    predicates: &[
        "https://slsa.dev/provenance/v0.2",
        "https://slsa.dev/provenance/v0.1",
    ],
    name: "SLSA v0.2",
    began: "predicate.metadata.buildStartedOn",
    ended: "predicate.metadata.buildFinishedOn",
};
