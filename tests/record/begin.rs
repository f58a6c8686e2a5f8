//! Begin and end: once, twice, at the same time, and in the wrong place.

use crate::harness::{
    CLOCK, PLACE, folder, phases, place, record, shell, skewgate, succeeds, text, told,
};
use skewgate::record::{LoadError, Phase, Store, load};
use std::fs;
use std::path::Path;

#[test]
fn a_build_begins_and_ends() {
    let root = folder();
    let began = told(root.path(), &["begin", "dist"]);
    began.expect(0, &["skewgate: the build began 203", "(stated)"]);
    assert_eq!(
        (began.stdout.as_str(), began.stderr.lines().count()),
        ("", 1)
    );
    let open = record(root.path());
    assert!(open.is_open() && open.mounts[0].path == root.path().canonicalize().unwrap());
    told(root.path(), &["end"]).expect(0, &["the build ended 203", "has 2 readings"]);
    let ended = record(root.path());
    assert_eq!(phases(&ended), [Phase::Begin, Phase::End]);
    assert_eq!(ended.id, open.id);
    let ignored = fs::read_to_string(root.path().join(".skewgate/.gitignore")).unwrap();
    assert_eq!(ignored, "*\n");
}

#[test]
fn begun_and_ended_twice_a_record_stays_as_it_is() {
    let root = folder();
    let read = || fs::read(place(root.path())).unwrap();
    told(root.path(), &["end"]).expect(
        2,
        &[
            "there is no record at `.skewgate/record.json`",
            "skewgate begin",
        ],
    );
    told(root.path(), &["begin"]).expect(0, &[]);
    let begun = read();
    told(root.path(), &["begin"]).expect(0, &["is open already and stays"]);
    assert_eq!(read(), begun);
    told(root.path(), &["end"]).expect(0, &[]);
    let ended = read();
    told(root.path(), &["end"]).expect(0, &["it ended already"]);
    assert_eq!(read(), ended);
}

#[test]
fn what_was_there_before_is_kept() {
    let root = folder();
    let previous = root.path().join(".skewgate/record.previous.json");
    let read = || fs::read(place(root.path())).unwrap();
    for (first, again) in [("end", "begin"), ("begin", "begin --new")] {
        told(root.path(), &["begin"]).expect(0, &[]);
        told(root.path(), &[first]).expect(0, &[]);
        let old = read();
        let again: Vec<&str> = again.split(' ').collect();
        told(root.path(), &again).expect(0, &["is now `.skewgate/record.previous.json`"]);
        assert_eq!(fs::read(&previous).unwrap(), old);
        assert!(load(&previous).is_ok() && record(root.path()).is_open());
    }
}

#[test]
fn of_two_that_begin_at_once_one_wins_and_the_others_keep_it() {
    let root = folder();
    let children: Vec<_> = (0..16)
        .map(|_| {
            let mut command = skewgate(root.path(), &["begin", "--clock", CLOCK]);
            command
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut won = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let kept = said.contains("is open already and stays");
        assert_ne!(kept, said.contains("the build began"), "{said}");
        won += usize::from(!kept);
    }
    assert_eq!(won, 1);
    assert!(record(root.path()).readings[0].reading.trusted.is_ok());
    assert!(!root.path().join(".skewgate/record.previous.json").exists());
}

#[test]
fn what_is_written_keeps_the_promise() {
    let root = folder();
    let told = told(root.path(), &["schema", "record"]);
    let schema = serde_json::from_str(&told.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let script = r#""$skewgate" run --no-audit --clock system: -- true; "$skewgate" begin --record open.json"#;
    shell(root.path(), script).expect(0, &[]);
    for path in [PLACE, "open.json"] {
        let text = fs::read_to_string(root.path().join(path)).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        validator.validate(&value).unwrap();
        value["surplus"] = true.into();
        assert!(validator.validate(&value).is_err());
    }
}

/// Changes the record in a folder in a way that nobody would notice who looks at its digest only.
fn forge(root: &Path, change: impl FnOnce(&mut skewgate::record::Record)) {
    let store = Store::new(place(root), None);
    let id = record(root).id;
    store.update(&id, change).unwrap();
}

#[test]
fn a_record_of_another_boot_cannot_be_ended_and_gives_way() {
    let root = folder();
    told(root.path(), &["begin"]).expect(0, &[]);
    forge(root.path(), |record| {
        record.readings[0].reading.local.ruler.boot = Some("another".to_owned());
    });
    told(root.path(), &["end"]).expect(
        2,
        &[
            "it is of another boot (another, this is",
            "begin again and build again",
        ],
    );
    assert!(record(root.path()).is_open());
    told(root.path(), &["begin"]).expect(0, &["is now `", "the build began"]);
}

#[test]
fn a_record_of_another_time_namespace_cannot_be_ended() {
    let root = folder();
    told(root.path(), &["begin"]).expect(0, &[]);
    forge(root.path(), |record| {
        record.readings[0].reading.local.ruler.namespace = Some("boottime 9 0".to_owned());
    });
    told(root.path(), &["end"]).expect(2, &["another time namespace", "boottime 9 0"]);
}

#[test]
fn a_record_that_was_touched_is_refused_and_kept() {
    let root = folder();
    told(root.path(), &["begin"]).expect(0, &[]);
    let whole = fs::read_to_string(place(root.path())).unwrap();
    let cut = whole[..whole.len() - 20].to_owned();
    let edited = whole.replacen("\"wall\": \"20", "\"wall\": \"19", 1);
    for (text, said) in [
        (cut, "it is cut off"),
        (edited, "it was edited after skewgate wrote it"),
    ] {
        fs::write(place(root.path()), &text).unwrap();
        told(root.path(), &["end"]).expect(2, &[said, "skewgate begin --new"]);
        told(root.path(), &["begin"]).expect(2, &[said]);
        assert_eq!(fs::read_to_string(place(root.path())).unwrap(), text);
        told(root.path(), &["begin", "--new"]).expect(0, &[]);
        let kept = root.path().join(".skewgate/record.previous.json");
        assert_eq!(fs::read_to_string(&kept).unwrap(), text);
        assert!(matches!(load(&kept), Err(LoadError::Damaged { .. })));
    }
}

#[test]
fn a_builder_that_nobody_vouches_for_is_warned_of() {
    let root = folder();
    let system = ["begin", "--clock", "system:"];
    told(root.path(), &system).expect(0, &["warning: no outside clock told the time", "--clock"]);
    told(
        root.path(),
        &["end", "--clock", "ntp:127.0.0.1:1", "--clock-timeout", "1s"],
    )
    .expect(0, &["no source answered", "`ntp:127.0.0.1:1`"]);
    assert!(!record(root.path()).is_open());
}

#[test]
fn the_record_is_where_it_is_said_to_be() {
    let root = folder();
    let run = |script: &str| shell(root.path(), script);
    fs::create_dir(root.path().join("temp")).unwrap();
    run(r#"RUNNER_TEMP=$PWD/temp "$skewgate" begin"#).expect(0, &["temp/skewgate/record.json"]);
    run(r#"RUNNER_TEMP=$PWD/temp SKEWGATE_RECORD=a.json "$skewgate" begin"#)
        .expect(0, &["`a.json`"]);
    run(r#"SKEWGATE_RECORD=a.json "$skewgate" begin --record b.json"#).expect(0, &["`b.json`"]);
    run(r#"RUNNER_TEMP= "$skewgate" begin"#).expect(0, &["`.skewgate/record.json`"]);
    for path in ["temp/skewgate/record.json", "a.json", "b.json", PLACE] {
        assert!(load(&root.path().join(path)).is_ok(), "{path}");
    }
    assert!(!root.path().join("temp/skewgate/.gitignore").exists());
}

#[test]
fn the_commit_is_in_it_and_git_sees_nothing_of_it() {
    let root = folder();
    if !succeeds("git", &["--version"]) {
        return;
    }
    let script = r#"git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x &&
        "$skewgate" begin && git status --porcelain && git rev-parse HEAD"#;
    let told = shell(root.path(), script);
    told.expect(0, &[]);
    let commit = record(root.path()).tree.commit;
    assert_eq!(commit.as_deref(), Some(told.stdout.trim()));
}
