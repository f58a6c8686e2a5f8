//! `skewgate run`: what the command sees, what it exits with, and what is audited.

use crate::harness::{CLOCK, PLACE, folder, phases, record, shell, skewgate, told};
use skewgate::record::{Phase, Recorded, load};
use skewgate::time::Span;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;

#[test]
fn a_command_exits_as_it_would_alone() {
    let root = folder();
    fs::write(root.path().join("text"), "no program").unwrap();
    for (command, code, (program, exit)) in [
        (&["true"][..], 0, ("true", Some(0))),
        (&["/bin/sh", "-c", "exit 7"], 7, ("sh", Some(7))),
        (&["sh", "-c", "exit 255"], 255, ("sh", Some(255))),
        (&["no-such-command"], 127, ("no-such-command", None)),
        (&["./no-such-file"], 127, ("no-such-file", None)),
        (&["./text"], 126, ("text", None)),
        (&["/"], 126, ("/", None)),
        (&[""], 127, ("", None)),
    ] {
        let args = [&["run", "--no-audit", "--"][..], command].concat();
        told(root.path(), &args).expect(code, &[]);
        let record = record(root.path());
        let recorded = record.command.clone().unwrap();
        assert_eq!((recorded.program.as_str(), recorded.exit), (program, exit));
        assert_eq!(
            recorded.arguments,
            u64::try_from(command.len()).unwrap() - 1
        );
        assert_eq!(phases(&record), [Phase::Begin, Phase::End], "{command:?}");
    }
}

#[test]
fn what_a_command_is_told_is_not_recorded() {
    let root = folder();
    let script = "exit 0 # hunter2";
    told(
        root.path(),
        &["run", "--no-audit", "--", "sh", "-c", script],
    )
    .expect(0, &[]);
    let text = fs::read_to_string(root.path().join(PLACE)).unwrap();
    assert!(
        text.contains("\"program\": \"sh\"") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn the_commands_streams_are_its_own() {
    let root = folder();
    fs::create_dir(root.path().join("dist")).unwrap();
    let input: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let script = "cat; echo heard >&2; touch -d 2034-01-01 dist/app dist";
    let mut child = skewgate(
        root.path(),
        &["run", "dist", "--clock", CLOCK, "--", "sh", "-c", script],
    )
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let sent = input.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&sent));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(output.stdout == input, "{} bytes", output.stdout.len());
    assert!(
        stderr.starts_with("heard\n") && stderr.contains("PASS"),
        "{stderr}"
    );
}

#[test]
fn what_it_made_is_audited_only_when_it_succeeds() {
    let root = folder();
    fs::create_dir(root.path().join("dist")).unwrap();
    let future = "touch -d 2036-01-01 dist/app";
    let run = |script: &str, more: &[&str]| {
        let args = [&["run", "dist"][..], more, &["--", "sh", "-c", script]].concat();
        told(root.path(), &args)
    };
    run(future, &[]).expect(1, &["FAIL", "dist/app"]);
    run(&format!("{future}; exit 3"), &[]).expect(3, &["the build ended"]);
    let failed = run(&format!("{future}; exit 3"), &[]);
    assert!(!failed.stderr.contains("FAIL"), "{failed:?}");
    run(future, &["--no-audit"]).expect(0, &[]);
    let json = run(future, &["-o", "json"]);
    json.expect(1, &["skewgate: fail"]);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(report["verdict"], "fail");
    run("touch ran", &["-o", "json=missing/r.json"]).expect(2, &["missing/r.json"]);
    assert!(
        !root.path().join("ran").exists(),
        "what is wrong is said before a long build"
    );
}

#[test]
fn the_sources_are_asked_while_it_runs() {
    let root = folder();
    told(
        root.path(),
        &["run", "--no-audit", "--every", "2s", "--", "sleep", "5"],
    )
    .expect(0, &[]);
    let record = record(root.path());
    let expected = [Phase::Begin, Phase::During, Phase::During, Phase::End];
    assert_eq!(phases(&record), expected);
    assert!(
        record
            .readings
            .iter()
            .all(|taken| taken.reading.trusted.is_ok())
    );
    assert!(record.mounts.len() == 1 && !record.facts.is_empty());
    told(root.path(), &["run", "--every", "1s", "--", "true"]).expect(2, &["every 2s"]);
}

#[test]
fn an_end_that_nobody_was_asked_for_has_no_witness() {
    let root = folder();
    let run = |every: &str, seconds: &str| {
        let clock = ["--clock", "system:", "--every", every];
        let args = [
            &["run", "--no-audit"],
            &clock[..],
            &["--", "sleep", seconds],
        ]
        .concat();
        told(root.path(), &args).expect(0, &["the build ended"]);
        record(root.path()).readings
    };
    let taken = |taken: &Recorded| taken.reading.trusted.clone().unwrap().taken;
    let readings = run("30s", "0.1");
    let [begin, end] = &readings[..] else {
        panic!("{readings:?}")
    };
    assert!(begin.reading.witnesses.len() == 1 && end.reading.witnesses.is_empty());
    // It is the same word, of the same instant: not another one that confirms it.
    assert_eq!(begin.reading.trusted, end.reading.trusted);
    for (every, seconds) in [("2s", "1.6"), ("2s", "2.5"), ("2s", "4.5"), ("30s", "4.5")] {
        let readings = run(every, seconds);
        let (end, before) = readings.split_last().unwrap();
        let asked = taken(before.last().unwrap());
        let age = end.reading.local.clocks.taken.since(asked);
        let is_asked = !end.reading.witnesses.is_empty();
        assert_eq!(is_asked, age >= Span::from_secs(2), "{seconds}: {age}");
        assert_eq!(is_asked, taken(end) >= end.reading.local.clocks.taken);
        assert_eq!(is_asked, taken(end) != asked);
    }
    let (last, asked) = (run("30s", "4.5"), 2);
    assert_eq!(last.len(), asked + 1);
    assert!(!last[asked].reading.witnesses.is_empty(), "{last:?}");
}

#[test]
fn sources_that_refuse_are_not_asked_again_at_once_and_are_named() {
    let root = folder();
    let args = [
        "run",
        "--no-audit",
        "--clock",
        "ntp:127.0.0.1:1",
        "--",
        "true",
    ];
    let told = told(root.path(), &args);
    told.expect(0, &["no source answered", "`ntp:127.0.0.1:1`"]);
    let record = record(root.path());
    let witnesses = record.readings.iter();
    let count: Vec<usize> = witnesses
        .map(|taken| taken.reading.witnesses.len())
        .collect();
    assert_eq!(count, [1, 0]);
}

#[test]
fn only_the_run_knows_when_its_command_has_ended() {
    let root = folder();
    fs::create_dir(root.path().join("dist")).unwrap();
    let script = r#""$skewgate" run --no-audit -- sh -c 'touch ready; sleep 4; exit 6' & 
        while [ ! -e ready ]; do sleep 0.05; done; "$skewgate" end; "$skewgate" audit dist; wait $!"#;
    shell(root.path(), script).expect(6, &["the build ended"]);
    let record = record(root.path());
    let (end, before) = record.readings.split_last().unwrap();
    assert_eq!(end.phase, Phase::End);
    assert!(before.len() >= 3 && before.iter().all(|taken| taken.phase != Phase::End));
    let long = |reading: &skewgate::clock::Reading| reading.local.clocks.taken;
    let lasted = long(&end.reading).since(long(&before[0].reading));
    assert!(lasted >= Span::from_secs(4), "{lasted}");
    assert_eq!(record.command.unwrap().exit, Some(6));
}

#[test]
fn what_could_not_run_is_told_apart() {
    let root = folder();
    let script = r#"printf '#!/no/such/interpreter\n' > script; chmod +x script
        "$skewgate" run --no-audit -- ./script"#;
    let ended = "nothing ran; the record";
    shell(root.path(), script).expect(126, &["the interpreter", "`./script`", ended]);
    told(root.path(), &["run", "--", "no-such"]).expect(127, &["no command `no-such`", ended]);
    let why = "not asked: the command could not be run".to_owned();
    assert_eq!(record(root.path()).readings[1].reading.trusted, Err(why));
}

#[test]
fn sources_that_keep_silent_delay_no_command() {
    let root = folder();
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let clock = format!("ntp:127.0.0.1:{}", silent.local_addr().unwrap().port());
    let script = r#"date +%s%N > began; exit 5"#;
    let before = skewgate::sys::wall_clock();
    let args = [
        "run",
        "--no-audit",
        "--clock",
        &clock,
        "--clock-timeout",
        "2s",
        "--",
        "sh",
        "-c",
        script,
    ];
    let told = told(root.path(), &args);
    told.expect(5, &["warning: no outside clock told the time", &clock]);
    let began: i128 = fs::read_to_string(root.path().join("began"))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    assert!(began - before.as_nanos() < 1_000_000_000);
    assert_eq!(phases(&record(root.path())), [Phase::Begin, Phase::End]);
}

#[test]
fn a_run_within_a_run_adds_to_its_record() {
    let root = folder();
    let script = r#""$skewgate" run --no-audit -- sh -c '"$skewgate" run --no-audit -- sh -c "exit 7"; echo $?
        "$skewgate" begin; "$skewgate" end; cat "$SKEWGATE_RECORD"'"#;
    let told = shell(root.path(), script);
    told.expect(0, &["is open already and stays", "`skewgate run` ends it"]);
    let (code, inner) = told.stdout.split_once('\n').unwrap();
    assert_eq!(code, "7");
    let record = record(root.path());
    assert!(inner.contains(&record.id) && !inner.contains("\"end\""));
    assert_eq!(phases(&record), [Phase::Begin, Phase::End]);
    assert_eq!(record.command.unwrap().arguments, 2);
    assert!(!root.path().join(".skewgate/record.previous.json").exists());
}

#[test]
fn a_run_after_a_run_that_was_killed_begins_anew() {
    let root = folder();
    told(root.path(), &["begin"]).expect(0, &[]);
    let open = record(root.path()).id;
    told(root.path(), &["run", "--no-audit", "--", "true"]).expect(0, &["is now `"]);
    assert_ne!(record(root.path()).id, open);
    let kept = load(&root.path().join(".skewgate/record.previous.json")).unwrap();
    assert_eq!(kept.id, open);
}

#[test]
fn the_record_is_found_from_any_folder() {
    let root = folder();
    fs::create_dir(root.path().join("sub")).unwrap();
    let script = r#"cd sub && test -f "$SKEWGATE_RECORD""#;
    told(
        root.path(),
        &["run", "--no-audit", "--", "sh", "-c", script],
    )
    .expect(0, &[]);
    assert!(root.path().join(PLACE).exists() && !root.path().join("sub/.skewgate").exists());
}
