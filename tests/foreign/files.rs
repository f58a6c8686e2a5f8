//! Provenances and Debian's records.

use crate::{expected, fixture, found, said, shorts};
use skewgate::record::{Given, Trust};
use std::fs;

#[test]
fn a_provenance_says_the_same_in_every_envelope() {
    let window = |file: &str, checked: &str| {
        let source = |field: &str| format!("{file}: SLSA v1 {field}, {checked}");
        [
            expected(
                "2017-01-01T10:00:00Z..2017-01-01T10:00:00.999Z",
                Trust::Builder,
                &source("startedOn"),
            ),
            expected(
                "2017-01-01T10:20:00.250Z..2017-01-01T10:20:00.250Z",
                Trust::Builder,
                &source("finishedOn"),
            ),
        ]
    };
    for (file, checked) in [
        ("statement.json", "not signed"),
        ("envelope.json", "its signature not checked"),
        ("bundle.sigstore.json", "its signature not checked"),
    ] {
        assert_eq!(
            shorts(said(&format!("slsa-v1/{file}"))),
            window(file, checked)
        );
    }
}

#[test]
fn of_several_provenances_the_strictest_counts_and_other_statements_do_not() {
    let [began, ended] = shorts(said("slsa-v1/several.intoto.jsonl"));
    assert!(began.unwrap().0.starts_with("2017-01-01T10:05:00Z"));
    assert!(ended.unwrap().0.starts_with("2017-01-01T10:15:00Z"));
    let [began, ended] = shorts(said("slsa-v1/several.intoto.jsonl"));
    assert!(began.is_some() && ended.is_some());
    // One that began after the other had ended is of another build.
    let why = said("slsa-v1/apart.intoto.jsonl").unwrap_err();
    assert!(
        why.contains("2017-01-01T10:20:00.250Z") && why.contains("2017-01-01T11:00:00Z"),
        "{why}"
    );
    assert!(why.contains("keep only the line of the build"), "{why}");
}

#[test]
fn the_provenance_of_buildkit_is_read_to_the_nanosecond() {
    let window = said("slsa-v0.2/buildkit.json").unwrap();
    let nanos = |bound: Option<skewgate::record::Bound>| {
        let at = bound.unwrap().at;
        assert_eq!(at.earliest(), at.latest());
        at.earliest().unwrap().exact()
    };
    assert_eq!(nanos(window.began), "2017-01-01T10:00:00.487658432Z");
    assert_eq!(nanos(window.ended), "2017-01-01T10:00:42.104583271Z");
    let [began, _] = shorts(said("slsa-v0.2/envelope.json"));
    assert!(
        began
            .unwrap()
            .2
            .contains("SLSA v0.2 buildStartedOn, its signature not checked")
    );
}

#[test]
fn a_record_that_bounds_nothing_is_no_record() {
    for (file, why) in [
        (
            "slsa-v1/github.sigstore.json",
            "GitHub's own provenance has neither",
        ),
        (
            "slsa-v0.2/unset.json",
            "neither buildStartedOn nor buildFinishedOn",
        ),
        ("buildinfo/undated.buildinfo", "Build-Date is optional"),
    ] {
        let told = said(file).unwrap_err();
        assert!(
            told.contains("bounds nothing") && told.contains(why),
            "{told}"
        );
    }
}

#[test]
fn what_cannot_be_is_named_with_its_field_and_value() {
    for (file, parts) in [
        (
            "slsa-v1/backwards.json",
            [
                "predicate.runDetails.metadata.finishedOn is `2017-01-01T09:59:59.999Z`",
                "before predicate.runDetails.metadata.startedOn (2017-01-01T10:00:00Z)",
            ],
        ),
        (
            "slsa-v1/unzoned.json",
            [
                "predicate.runDetails.metadata.startedOn is `2017-01-01T10:00:00`",
                "RFC 3339 time with its zone",
            ],
        ),
        (
            "slsa-v1/spdx-only.json",
            [
                "statements, but of the type https://spdx.dev/Document",
                "slsa-v1",
            ],
        ),
    ] {
        let told = said(file).unwrap_err();
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
        assert!(told.contains(file), "{told}");
    }
}

#[test]
fn a_buildinfo_bounds_the_end_signed_or_not() {
    for (file, checked) in [
        ("hello.buildinfo", "not signed"),
        ("signed.buildinfo", "its signature not checked"),
    ] {
        let source = format!("{file}: Build-Date, {checked}");
        let ended = expected("..2017-01-01T10:20:00.999Z", Trust::Builder, &source);
        assert_eq!(shorts(said(&format!("buildinfo/{file}"))), [None, ended]);
    }
}

#[test]
fn only_what_was_signed_of_a_signed_buildinfo_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.buildinfo");
    let signed = fs::read_to_string(fixture("buildinfo/signed.buildinfo")).unwrap();
    let end_of = |text: &str| {
        fs::write(&path, text).unwrap();
        let Given::Foreign(windows) = found(path.to_str().unwrap(), &[]).ok()? else {
            return None;
        };
        windows[0].ended.as_ref()?.at.latest()
    };
    let whole = end_of(&signed).unwrap();
    let other = "Build-Date: Thu, 01 Jan 2015 00:00:00 +0000\n";
    let armor = "-----BEGIN PGP SIGNATURE-----\n";
    for (at, put) in [
        (armor, format!("{armor}{other}")),
        ("Hash: SHA256\n", format!("Hash: SHA256\n{other}")),
        // A line that is escaped is the same line, one that goes on belongs to the field before.
        ("Build-Date:", "- Build-Date:".to_owned()),
        ("Environment:\n", format!("Environment:\n {other}")),
    ] {
        let changed = signed.replacen(at, &put, 1);
        assert_ne!(changed, signed);
        assert_eq!(end_of(&changed), Some(whole), "{put}");
    }
    // Twice is refused: readers disagree on which one counts.
    assert_eq!(
        end_of(&signed.replacen("Source:", &format!("{other}Source:"), 1)),
        None
    );
    let unsigned = fs::read_to_string(fixture("buildinfo/hello.buildinfo")).unwrap();
    assert_eq!(end_of(&unsigned.replace('\n', "\r\n")), Some(whole));
    assert_eq!(
        end_of(&unsigned.replace("Build-Date:", "- Build-Date:")),
        None
    );
}

#[test]
fn one_of_its_own_is_left_to_its_loader_even_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.json");
    let name = path.to_str().unwrap();
    for text in [
        r#"{"schema": "skewgate/record/v1", "readings": []}"#,
        r#"{"schema": "skewgate/record/v9"}"#,
        r#"{"schema": "skewgate/record/v1", "readi"#,
    ] {
        fs::write(&path, text).unwrap();
        assert_eq!(
            found(name, &[]).unwrap(),
            Given::Own(path.clone()),
            "{text}"
        );
    }
    fs::write(&path, r#"{"schema": "skewgate/report/v1"}"#).unwrap();
    let told = found(name, &[]).unwrap_err().to_string();
    assert!(told.contains("its schema is skewgate/report/v1"), "{told}");
}
