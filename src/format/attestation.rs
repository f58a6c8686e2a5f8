//! `attestation`: what builders state about a build, signed or not.

use super::piece::dates::{seconds, stated};
use super::piece::json::{self, Pick, What, documents, pick, time, whole};
use super::piece::text::tell;
use super::{Field, Format, Head, Layer, Reads, Visit};
use crate::bytes::{Extent, Flaw};
use crate::record::unwrap_base64;

pub(super) const FORMAT: Format = Format {
    name: "attestation",
    summary: "in-toto statements, SLSA provenance, DSSE envelopes, Sigstore bundles and OpenVEX documents, one or one a line: \
when the build ran and when it was signed. No signature is checked",
    names: &[
        ".intoto.jsonl",
        ".intoto.json",
        ".sigstore.json",
        ".sigstore",
        ".bundle.json",
        ".provenance.json",
        "provenance.json",
        ".att.json",
        ".dsse.json",
        ".vex.json",
    ],
    is,
    layer: Layer::Leaf,
    fields: &[&STARTED, &FINISHED, &STATED, &LOGGED],
    reads: Reads::Extent(read),
};

static STARTED: Field = Field::event(
    "attestation.started",
    "when the build, or the scan, began (SLSA v1 `startedOn`, v0.2 `buildStartedOn`), RFC 3339",
);

static FINISHED: Field = Field::event(
    "attestation.finished",
    "when the build, or the scan, ended (SLSA v1 `finishedOn`, v0.2 `buildFinishedOn`), RFC 3339",
);

static STATED: Field = Field::event(
    "attestation.stated",
    "when a statement was made: of SLSA's verification summary, of cosign, of an SBOM in a statement, of OpenVEX; RFC 3339",
);

static LOGGED: Field = Field::event(
    "attestation.logged",
    "when a transparency log took the signature, by the log's clock (Rekor `integratedTime`), seconds since 1970 UTC",
);

const fn signature(path: &'static str) -> Pick {
    let what = What::Signature;
    Pick { path, what }
}

const PICKS: &[Pick] = &[
    time("predicate/runDetails/metadata/startedOn", &STARTED, stated),
    time(
        "predicate/runDetails/metadata/finishedOn",
        &FINISHED,
        stated,
    ),
    time("predicate/metadata/buildStartedOn", &STARTED, stated),
    time("predicate/metadata/buildFinishedOn", &FINISHED, stated),
    time("predicate/metadata/scanStartedOn", &STARTED, stated),
    time("predicate/metadata/scanFinishedOn", &FINISHED, stated),
    time("predicate/timeVerified", &STATED, stated),
    time("predicate/Timestamp", &STATED, stated),
    time("predicate/timestamp", &STATED, stated),
    time("predicate/metadata/timestamp", &STATED, stated),
    time("predicate/creationInfo/created", &STATED, stated),
    time(
        "verificationMaterial/tlogEntries/*/integratedTime",
        &LOGGED,
        seconds,
    ),
    time("rekorBundle/Payload/integratedTime", &LOGGED, seconds),
    time("timestamp", &STATED, stated),
    time("last_updated", &STATED, stated),
    time("statements/*/timestamp", &STATED, stated),
    Pick {
        path: "payload",
        what: What::Payload,
    },
    Pick {
        path: "dsseEnvelope/payload",
        what: What::Payload,
    },
    signature("signatures/*/sig"),
    signature("dsseEnvelope/signatures/*/sig"),
    signature("messageSignature/signature"),
    signature("base64Signature"),
    Pick {
        path: "payloadType",
        what: What::PayloadType,
    },
    Pick {
        path: "dsseEnvelope/payloadType",
        what: What::PayloadType,
    },
];

fn is(head: &Head<'_>) -> bool {
    let marks = json::mentions(
        json::beginning(head),
        [
            "https://in-toto.io/Statement/",
            "payloadType\"",
            "application/vnd.dev.sigstore.bundle",
            "dsseEnvelope\"",
            "integratedTime\"",
            "https://openvex.dev/ns",
        ],
    );
    marks.contains(&true) || begins_with_payload(json::beginning(head))
}

/// Whether it begins with the payload of an envelope, behind which its type may stand too far away to be seen.
fn begins_with_payload(first: &[u8]) -> bool {
    let rest = first.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let rest = rest.and_then(|rest| rest.strip_prefix(b"\"payload\""));
    rest.is_some() && first.len() >= Head::LENGTH
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let bytes = whole(visit, extent)?;
    for document in documents(&bytes) {
        visit.budget().go_on()?;
        let (mut payloads, mut is_envelope, mut is_signed) = (Vec::new(), false, false);
        let outcome = pick(document, PICKS, &mut |pick, text| match pick.what {
            What::Time(field, read) => tell(visit, field, read, text),
            What::Payload => payloads.push(text.to_owned()),
            What::PayloadType => is_envelope = true,
            What::Signature => is_signed |= !text.is_empty(),
        });
        if is_signed {
            visit.signed("DSSE or Sigstore signature", true);
        }
        for payload in payloads.iter().filter(|_| is_envelope) {
            statement(visit, payload);
        }
        outcome?;
    }
    Ok(())
}

/// What lies in an envelope.
fn statement(visit: &mut Visit<'_>, payload: &str) {
    let Some(bytes) = unwrap_base64(payload) else {
        visit.flaw(Flaw::malformed(
            "the payload of its DSSE envelope is no base64, so the times in that were not read",
        ));
        return;
    };
    // An envelope may hold anything; what is no JSON object is no statement.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return;
    }
    let outcome = pick(&bytes, PICKS, &mut |pick, text| {
        if let What::Time(field, read) = pick.what {
            tell(visit, field, read, text);
        }
    });
    if let Err(flaw) = outcome {
        let message = format!("in the payload of its DSSE envelope, {}", flaw.message);
        visit.flaw(Flaw::malformed(message));
    }
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::{lines, signatures};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    const STATEMENT: &str = r#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1",
"predicate":{"runDetails":{"metadata":{"startedOn":"2026-01-02T03:04:06Z","finishedOn":"2026-01-02T03:05:06Z"}}}}"#;

    const TIMES: [&str; 2] = [
        " attestation.started 2026-01-02T03:04:06.000000000Z known",
        " attestation.finished 2026-01-02T03:05:06.000000000Z known",
    ];

    #[test]
    fn a_statement_is_read_out_of_its_envelopes() {
        let payload = STANDARD.encode(STATEMENT);
        let envelope =
            format!(r#"{{"payload":"{payload}","payloadType":"application/vnd.in-toto+json"}}"#);
        let bundle = format!(
            r#"{{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{envelope},
"verificationMaterial":{{"tlogEntries":[{{"integratedTime":"1767323047"}}]}}}}"#
        );
        assert_eq!(lines(STATEMENT.as_bytes()), TIMES);
        assert_eq!(signatures(envelope.as_bytes()), []);
        let signed = envelope.replacen('{', r#"{"signatures":[{"keyid":"","sig":"YQ=="}],"#, 1);
        let expected = [("DSSE or Sigstore signature", true)];
        assert_eq!(signatures(signed.as_bytes()), expected);
        let bundle_of = format!(r#"{{"dsseEnvelope":{signed}}}"#);
        assert_eq!(signatures(bundle_of.as_bytes()), expected);
        assert_eq!(lines(envelope.as_bytes()), TIMES);
        let logged = " attestation.logged 2026-01-02T03:04:07.000000000Z known";
        assert_eq!(lines(bundle.as_bytes()), [logged, TIMES[0], TIMES[1]]);
        let both = format!("{envelope}\n{}\n", bundle.replace('\n', ""));
        assert_eq!(lines(both.as_bytes()).len(), 5);
    }

    #[test]
    fn a_payload_that_comes_before_its_type_is_found() {
        let statement = STATEMENT.replace(
            "\"_type\"",
            &format!("\"x\":\"{}\",\"_type\"", "y".repeat(40_000)),
        );
        let payload = STANDARD.encode(statement);
        let envelope =
            format!(r#"{{"payload":"{payload}","payloadType":"application/vnd.in-toto+json"}}"#);
        assert_eq!(lines(envelope.as_bytes()), TIMES);
    }

    #[test]
    fn what_is_wrong_with_a_payload_is_told() {
        let wrong = |payload: &str| {
            lines(format!(r#"{{"payloadType":"x","payload":"{payload}"}}"#).as_bytes())
        };
        assert!(wrong("?").join("").contains("is no base64"));
        assert!(wrong("eyJ").join("").contains("is no base64"));
        assert!(wrong("eyJh").join("").contains("JSON is cut off"));
        assert_eq!(wrong("YWJj"), [""; 0]);
        assert_eq!(lines(br#"{"payload":"?","integratedTime":1}"#), [""; 0]);
    }

    #[test]
    fn provenance_of_every_version_is_read() {
        let v02 = r#"{"_type":"https://in-toto.io/Statement/v0.1","predicate":{"metadata":
{"buildStartedOn":"2026-01-02T03:04:06Z","buildFinishedOn":"2026-01-02T03:05:06Z"}}}"#;
        assert_eq!(lines(v02.as_bytes()), TIMES);
        let vex = r#"{"@context":"https://openvex.dev/ns/v0.2.0","timestamp":"2026-01-02T03:04:06Z",
"statements":[{"timestamp":"2026-01-02T03:04:07Z"}]}"#;
        assert_eq!(lines(vex.as_bytes()).len(), 2);
    }
}
