//! The JSON report, held against its schema.

use super::{DRIFT_SCHEMA, READING_SCHEMA, RENDERER, SCHEMA, drift_lines};
use crate::record::Trust;
use crate::report::drift_sample::{drifts, fleet_drifts};
use crate::report::sample::{PLAIN, clean, disagreement, full, hostile, many, reading, stated};
use crate::report::text::is_hidden;
use crate::report::{Drifts, Reading, Report, Writing};
use crate::rule;
use crate::time::Interval;
use proptest::prelude::{Just, Strategy as _, proptest};
use serde_json::{Value, json};

fn written(report: &Report) -> String {
    let Writing::Whole(write) = RENDERER.write else {
        panic!("the JSON report is written all at once");
    };
    let mut out = Vec::new();
    write(report, &PLAIN, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn value(report: &Report) -> Value {
    serde_json::from_str(&written(report)).unwrap()
}

fn validator() -> jsonschema::Validator {
    let schema = serde_json::from_str(&(SCHEMA.text)()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn every_report_keeps_the_promise() {
    let validator = validator();
    for report in [clean(), stated(), full(), hostile(), many(100)] {
        validator.validate(&value(&report)).unwrap();
    }
}

#[test]
fn a_side_of_the_window_is_open_where_it_is_and_says_how_far_it_is_trusted() {
    let mut report = stated();
    let began = report.head.window.began.as_mut().unwrap();
    began.at = Interval::from(began.at.earliest().unwrap());
    began.trust = Trust::Server;
    let report = value(&report);
    validator().validate(&report).unwrap();
    let expected = json!({"earliest": "2026-11-23T10:50:00.000000000Z", "source": "@1795431000", "trust": "server"});
    assert_eq!(report["window"]["not_before"], expected);
    assert_eq!(report["window"]["not_after"]["trust"], "stated");
}

#[test]
fn the_promise_has_teeth() {
    let validator = validator();
    for (pointer, broken) in [
        ("/verdict", json!("maybe")),
        ("/schema", json!("skewgate/report/v0")),
        ("/findings/0/level", json!("off")),
        ("/findings/1/by", json!(30)),
        ("/findings/1/found/earliest", json!("2026-11-23T11:20:30Z")),
        ("/findings/1/found/earliest", Value::Null),
        ("/findings/1/bound/surplus", Value::Null),
        ("/findings/3/hard_link/inode", json!(1)),
        ("/suppressed/0/surplus", Value::Null),
        ("/clock/builder", Value::Null),
        ("/window/not_before/trust", Value::Null),
        ("/clock/surplus", Value::Null),
        ("/faults/0/surplus", Value::Null),
        ("/source_date_epoch", Value::Null),
    ] {
        let mut report = value(&full());
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        report.pointer_mut(parent).unwrap()[key] = broken;
        assert!(!validator.is_valid(&report), "{pointer}");
    }
}

#[test]
fn the_schema_knows_no_null() {
    assert!(!(SCHEMA.text)().contains("null"));
}

/// What a pass looks like.
const PASS: &str = r#"{
  "schema": "skewgate/report/v1",
  "tool": {
    "name": "skewgate",
    "version": "0.1.0"
  },
  "verdict": "pass",
  "reason": "nothing to fail on",
  "profile": "default",
  "roots": [
    {
      "path": "dist"
    }
  ],
  "clock": {
    "verified": false,
    "class": "system",
    "earliest": "2026-11-23T11:21:00.000000000Z",
    "latest": "2026-11-23T11:21:00.000000000Z",
    "votes": {
      "agreeing": 1,
      "of": 1
    },
    "builder": "2026-11-23T11:21:00.000000000Z",
    "ahead": {
      "least": "0.000000000",
      "most": "0.000000000"
    },
    "samples": [
      {
        "address": "kernel:",
        "refused": "nothing keeps this machine's clock in step (adjtimex: not synchronised)"
      },
      {
        "address": "system:",
        "class": "system",
        "earliest": "2026-11-23T11:21:00.000000000Z",
        "latest": "2026-11-23T11:21:00.000000000Z",
        "standing": "agrees"
      }
    ]
  },
  "window": {},
  "summary": {
    "entries": 1234,
    "files": 1200,
    "opened": 0,
    "stamps": 0,
    "findings": {
      "error": 0,
      "warning": 0,
      "note": 0
    },
    "suppressed": 0,
    "faults": 0,
    "vanished": 0,
    "elapsed": "0.012000000"
  },
  "findings": [],
  "suppressed": [],
  "faults": []
}
"#;

#[test]
fn a_pass_is_written_like_this() {
    let text = written(&clean());
    assert_eq!(text, PASS, "{text}");
}

#[test]
fn findings_say_all_they_know() {
    let report = value(&full());
    let linked = &report["findings"][3];
    let expected = json!({
        "rule": "future-mtime",
        "level": "error",
        "certainty": "proven",
        "path": "dist/bin/app",
        "field": "mtime",
        "found": {
            "earliest": "2026-11-23T11:24:00.000000000Z",
            "latest": "2026-11-23T11:24:00.000000000Z",
        },
        "bound": {
            "name": "now",
            "earliest": "2026-11-23T11:21:00.000000000Z",
            "latest": "2026-11-23T11:21:00.000000000Z",
        },
        "by": "180.000000000",
        "cause": "clock",
        "message": "mtime 2026-11-23T11:24:00Z is 3 min after trusted now (2026-11-23T11:21:00Z)",
        "remedy": rule::Cause::Clock.remedy(),
        "fingerprint": "3f794ba64db5f9595d4835955bb8eacd",
        "hard_link": { "device": "66306", "inode": "18446744073709551615", "links": 3 },
    });
    assert_eq!(linked, &expected);
    let suppressed = &report["suppressed"][0];
    assert_eq!(suppressed["path"], "dist/vendor/old.js");
    assert_eq!(
        suppressed["reason"],
        "Bazel's install base is dated ten years ahead"
    );
}

#[test]
fn names_from_outside_neither_steer_nor_get_lost() {
    let text = written(&hostile());
    for line in text.lines() {
        assert!(!line.contains("##[") && !line.contains(is_hidden), "{line}");
    }
    let report = value(&hostile());
    let findings = report["findings"].as_array().unwrap();
    let paths: Vec<_> = findings.iter().map(|one| &one["path"]).collect();
    assert!(paths.contains(&&json!("dist/a\n::error::b\u{1b}[31m")));
    assert!(paths.contains(&&json!("::stop-commands::x/a##[error]b")));
    let exact: Vec<_> = findings
        .iter()
        .filter_map(|one| one.get("path_bytes"))
        .collect();
    assert_eq!(exact, [&json!("ZGlzdC///i5iaW4=")]);
}

proptest! {
    #[test]
    fn the_order_of_finding_does_not_show(findings in Just(full().findings).prop_shuffle()) {
        let shuffled = Report { findings, ..full() }.counted();
        assert_eq!(written(&shuffled), written(&full()));
    }
}

fn value_of(reading: &Reading) -> Value {
    let mut out = Vec::new();
    (RENDERER.reading)(reading, &PLAIN, &mut out).unwrap();
    assert!(!String::from_utf8_lossy(&out).contains(|one| one != '\n' && is_hidden(one)));
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn a_reading_keeps_its_promise() {
    let schema = serde_json::from_str(&(READING_SCHEMA.text)()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for reading in [reading(), disagreement()] {
        validator.validate(&value_of(&reading)).unwrap();
    }
    for (pointer, broken) in [
        ("/schema", json!("skewgate/clock/v0")),
        ("/clock/builder", Value::Null),
        ("/clock/samples/0/surplus", Value::Null),
        ("/clock/votes/surplus", Value::Null),
        ("/within/limit", json!(2)),
        ("/surplus", Value::Null),
    ] {
        let mut reading = value_of(&reading());
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        reading.pointer_mut(parent).unwrap()[key] = broken;
        assert!(!validator.is_valid(&reading), "{pointer}");
    }
}

#[test]
fn a_reading_says_by_how_much_with_its_sign() {
    let value = value_of(&reading());
    let clock = &value["clock"];
    assert_eq!(
        clock["ahead"],
        json!({ "least": "-9.000000000", "most": "6.000000000" })
    );
    let standings: Vec<&str> = (0..3)
        .filter_map(|place| clock["samples"][place]["standing"].as_str())
        .collect();
    assert_eq!(standings, ["agrees", "follows", "outside"]);
    assert_eq!(clock["samples"][2]["outside_by"], "85.000000000");
    assert_eq!(clock["samples"][3]["address"], "::silent\u{202e}");
    assert_eq!(clock["samples"][3].get("standing"), None);
    assert_eq!(
        value["within"],
        json!({ "limit": "2.000000000", "proven": false })
    );
    let value = value_of(&disagreement());
    assert_eq!(value.get("clock"), None);
    assert_eq!(
        value["disagreement"]["samples"].as_array().unwrap().len(),
        4
    );
}

#[test]
fn how_clocks_ran_keeps_its_promise() {
    let schema = serde_json::from_str(&(DRIFT_SCHEMA.text)()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value = |drifts: &Drifts| -> Value {
        let mut out = Vec::new();
        (RENDERER.drift)(drifts, &PLAIN, &mut out).unwrap();
        assert!(!String::from_utf8_lossy(&out).contains(|one| one != '\n' && is_hidden(one)));
        serde_json::from_slice(&out).unwrap()
    };
    for drifts in [drifts(), fleet_drifts()] {
        validator.validate(&value(&drifts)).unwrap();
        let mut lines = Vec::new();
        drift_lines(&drifts, &PLAIN, &mut lines).unwrap();
        let lines = String::from_utf8(lines).unwrap();
        assert_eq!(
            lines.lines().count(),
            drifts.builds.len() + drifts.unread.len() + 1
        );
        for line in lines.lines() {
            validator
                .validate(&serde_json::from_str(line).unwrap())
                .unwrap();
        }
    }
    for (pointer, broken) in [
        ("/schema", json!("skewgate/drift/v0")),
        ("/builds/0/claim", json!("maybe")),
        ("/builds/0/gain/least", json!(1)),
        ("/builds/0/steps/0/surplus", Value::Null),
        ("/builds/0/sources/0/pace", json!(1)),
        ("/builds/0/readings/0/into", json!(0)),
        ("/surplus", Value::Null),
    ] {
        let mut drifts = value(&drifts());
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        drifts.pointer_mut(parent).unwrap()[key] = broken;
        assert!(!validator.is_valid(&drifts), "{pointer}");
    }
    let build = &value(&drifts())["builds"][0];
    assert_eq!(build["claim"], "exceeds");
    assert_eq!(build["steps"][0]["kind"], "set");
    assert_eq!(build["readings"][4]["unknown"], "nobody\n##[error]answered");
    let fleet = value(&fleet_drifts());
    assert_eq!(fleet["builders"][0]["builds"].as_array().unwrap().len(), 3);
}
