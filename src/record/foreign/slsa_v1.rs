//! SLSA provenance v1 (slsa.dev/spec/v1.0/provenance, "`BuildMetadata`").

use super::statement::{self, Fields};
use super::{Means, Provenance};
use crate::record::Trust;

pub(super) const PROVENANCE: Provenance = Provenance {
    name: "slsa-v1",
    form: "FILE",
    summary: "SLSA provenance v1: a statement, a DSSE envelope, a Sigstore bundle, or a line of one each",
    trust: Trust::Builder,
    bounds: "start and end: runDetails.metadata.startedOn and finishedOn",
    traps: "\
Both times are optional, and GitHub's own provenance (actions/attest) leaves both out. Of several \
provenances in one file (`.intoto.jsonl`) the strictest counts: keep only the line of the build that is \
audited. The signature is not checked: check it first, with `gh attestation verify` or `cosign \
verify-blob-attestation`.",
    example: "skewgate audit dist --record provenance.intoto.jsonl",
    silent: "\
startedOn and finishedOn are optional in SLSA v1, and GitHub's own provenance has neither; use --record ci in \
the job itself, or the run's document from the REST API (github-run)",
    means: Means::File {
        read: |document| statement::window(document, &FIELDS),
        variable: None,
    },
};

const FIELDS: Fields = Fields {
    predicates: &["https://slsa.dev/provenance/v1"],
    name: "SLSA v1",
    began: "predicate.runDetails.metadata.startedOn",
    ended: "predicate.runDetails.metadata.finishedOn",
};
