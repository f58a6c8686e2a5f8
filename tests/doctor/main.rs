//! Machines that were captured: a folder of `fixtures/machines` is a test. `case.toml` says how the clock was
//! measured and what must come of it, `tree` is what the machine showed, and `expected.txt` the exact report.
//! `UPDATE=1 cargo test --test doctor` writes the reports anew.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a test fails by panicking, and writes what it expects anew"
)]

mod calm;
mod hostile;
mod live;

use serde::Deserialize;
use skewgate::doctor::{Examination, FACTS, Machine, Measured, State, examine};
use skewgate::report::{Style, find, find_schema};
use skewgate::time::{Rate, parse_duration};
use std::fs;
use std::path::{Path, PathBuf};

/// What a folder claims.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[expect(dead_code, reason = "for people")]
    shows: String,
    /// The least and the most that the clock gained.
    gain_ppb: Option<(i64, i64)>,
    #[serde(default)]
    against: String,
    #[serde(default)]
    over: String,
    /// By how much it was set meanwhile.
    #[serde(default)]
    steps: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    /// The first cause.
    verdict: Option<String>,
    /// Every fact that is suspicious.
    suspicious: Vec<String>,
    /// Some that are good.
    good: Vec<String>,
}

impl Case {
    fn measured(&self) -> Option<Measured> {
        let (least, most) = self.gain_ppb?;
        let steps = self.steps.iter().map(|step| {
            let by = parse_duration(step).unwrap();
            (by, by)
        });
        Some(Measured {
            gain: Rate::between(least.into(), most.into()),
            against: self.against.clone(),
            over: parse_duration(&self.over).unwrap(),
            steps: steps.collect(),
        })
    }
}

/// What comes of a machine, told without where it is.
fn examined(root: &Path, case: &Case) -> (Examination, Machine) {
    let machine = Machine::under(root).unwrap().with_paths(case.paths.clone());
    let mut found = examine(&machine, case.measured());
    found.captured = Some(PathBuf::from("tree"));
    found.version = "0.1.0";
    (found, machine)
}

fn written(name: &str, found: &Examination) -> String {
    let style = Style {
        colour: false,
        verbose: false,
    };
    let mut out = Vec::new();
    (find(name).unwrap().examination)(found, &style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn cases() -> Vec<(PathBuf, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/machines");
    let folders = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    folders
        .map(|folder| {
            let text = fs::read_to_string(folder.join("case.toml")).unwrap();
            let case = toml::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
            (folder, case)
        })
        .collect()
}

fn ids(found: &Examination, state: State) -> Vec<&'static str> {
    let signs = found.signs.iter().filter(|(_, sign)| sign.state == state);
    signs.map(|(fact, _)| fact.id).collect()
}

#[test]
fn every_machine_is_seen_as_it_is() {
    let cases = cases();
    assert!(cases.len() >= 9);
    let mut wrong = Vec::new();
    for (folder, case) in cases {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let nothing = tempfile::tempdir().unwrap();
        let tree = folder.join("tree");
        // What is empty has no folder: git keeps none.
        let root = if tree.is_dir() {
            tree.as_path()
        } else {
            nothing.path()
        };
        let (found, machine) = examined(root, &case);
        let mut check = |holds: bool, what: String| {
            if !holds {
                wrong.push(format!("{name}: {what}"));
            }
        };
        let suspicious = ids(&found, State::Suspicious);
        let mut expected: Vec<&str> = case.suspicious.iter().map(String::as_str).collect();
        let place = |id: &&str| FACTS.iter().position(|fact| fact.id == *id);
        expected.sort_by_key(place);
        check(
            suspicious == expected,
            format!("suspicious are {suspicious:?}, not {expected:?}"),
        );
        let good = ids(&found, State::Good);
        for id in &case.good {
            check(
                good.contains(&id.as_str()),
                format!("{id} is not good: {:?}", found.sign(id)),
            );
        }
        let first = found.suspects.first().map(|suspect| suspect.cause.id);
        check(
            first == case.verdict.as_deref(),
            format!("the first cause is {first:?}, not {:?}", case.verdict),
        );
        let page = written("human", &found);
        let expected = folder.join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &page).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        check(
            page == expected,
            format!("the report is\n{page}\nnot\n{expected}"),
        );
        keeps_the_promise(&found);
        says_the_same_again(&found, &machine, &case);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What machines are told fits the schema, in a document as in a line.
fn keeps_the_promise(found: &Examination) {
    let schema = serde_json::from_str(&(find_schema("doctor").unwrap().text)()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for name in ["json", "ndjson"] {
        let text = written(name, found);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        validator
            .validate(&value)
            .unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(value["facts"].as_array().unwrap().len(), FACTS.len());
        assert_eq!(value["suspicious"], found.is_suspicious());
    }
    assert_eq!(written("ndjson", found).lines().count(), 1);
}

/// A capture of what was looked at says the same to every fact.
fn says_the_same_again(found: &Examination, machine: &Machine, case: &Case) {
    let again = tempfile::tempdir().unwrap();
    for (path, text) in machine.capture().files {
        let path = again.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    // Told without any path: it knows itself which folders it was about, by other names.
    let then = examine(&Machine::under(again.path()).unwrap(), case.measured());
    for ((fact, before), (_, after)) in found.signs.iter().zip(&then.signs) {
        let mut before = before.clone();
        for (at, path) in case.paths.iter().enumerate() {
            before.seen = before.seen.replace(path, &format!("/{at}"));
        }
        assert_eq!(before, *after, "{}", fact.id);
    }
}

#[test]
fn without_a_measurement_a_ranking_is_sane() {
    for (folder, case) in cases() {
        let tree = folder.join("tree");
        if !tree.is_dir() {
            continue;
        }
        let unmeasured = Case {
            gain_ppb: None,
            ..case
        };
        let (found, _) = examined(&tree, &unmeasured);
        let page = written("human", &found);
        assert!(
            page.contains("measured nothing: run it with --clock"),
            "{page}"
        );
        let blamed = found
            .suspects
            .iter()
            .any(|suspect| suspect.cause.id == "host-scaling");
        assert!(!blamed, "a host is blamed for what nobody measured: {page}");
    }
}

#[test]
fn the_story_is_told_in_a_sentence() {
    let (folder, case) = cases()
        .into_iter()
        .find(|(folder, _)| folder.ends_with("vmware-64"))
        .unwrap();
    let (found, _) = examined(&folder.join("tree"), &case);
    let first = found.suspects.first().unwrap();
    assert_eq!(
        first.sentence,
        "the guest's clock runs 20 % fast against ntp:time.example.org while nothing in the guest scales the CPU: look \
at frequency scaling on the host (powernowd, cpuspeed, governors there)"
    );
}
