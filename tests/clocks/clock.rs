//! `skewgate clock` by real time servers: what it shows, and the gate that it is.

use crate::lab::ca::{Authority, VALID};
use crate::lab::chronyd::{Chronyd, LOCAL};
use crate::lab::nginx::Nginx;
use crate::lab::{Lab, available};
use serde_json::Value;
use skewgate::sys::boottime;
use skewgate::time::Span;
use std::net::UdpSocket;
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

fn clock(arguments: &[&str], servers: &[&Chronyd]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skewgate"));
    command
        .args(["clock", "--no-config", "--clock-allow-local-reference"])
        .args(arguments);
    for server in servers {
        command
            .arg("--clock")
            .arg(format!("ntp:127.0.0.1:{}", server.port));
    }
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn it_shows_who_agrees_and_who_lies() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let servers: Vec<Chronyd> = (0..4)
        .map(|place| Chronyd::start(&mut lab, &format!("chronyd{place}"), LOCAL))
        .collect();
    assert!(servers[1].tell(&["doffset", "120"]));
    let servers: Vec<&Chronyd> = servers.iter().collect();
    let output = clock(&[], &servers);
    let page = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{page}");
    assert!(page.contains("verified: 3 of 4 sources agree"), "{page}");
    let bar = |server: &Chronyd| {
        let address = format!("ntp:127.0.0.1:{}", server.port);
        page.lines()
            .find(|line| line.starts_with(&address))
            .unwrap()
            .to_owned()
    };
    let liar = bar(servers[1]);
    assert!(
        liar.contains('◂') && liar.contains("outside: 1 min 59 s earlier"),
        "{liar}"
    );
    for honest in [0, 2, 3] {
        assert!(bar(servers[honest]).ends_with("agrees"), "{page}");
    }
    let report: Value = serde_json::from_slice(&clock(&["-o", "json"], &servers).stdout).unwrap();
    let schema = (skewgate::report::find_schema("clock").unwrap().text)();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    assert!(jsonschema::is_valid(&schema, &report), "{report:#}");
    assert_eq!(report["clock"]["votes"]["agreeing"], 3);
}

#[test]
fn no_agreement_is_shown_with_what_each_said() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let honest = Chronyd::start(&mut lab, "honest", LOCAL);
    let liar = Chronyd::start(&mut lab, "liar", LOCAL);
    assert!(liar.tell(&["doffset", "120"]));
    let output = clock(&[], &[&honest, &liar]);
    let page = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{page}");
    assert!(page.contains("no trusted time: more than half"), "{page}");
    assert_eq!(
        page.lines()
            .filter(|line| line.contains("answered 2"))
            .count(),
        2,
        "{page}"
    );
    let report: Value =
        serde_json::from_slice(&clock(&["-o", "json"], &[&honest, &liar]).stdout).unwrap();
    assert_eq!(
        report["disagreement"]["samples"].as_array().unwrap().len(),
        2
    );
    assert!(report.get("clock").is_none());
}

#[test]
fn the_gate_opens_when_the_builder_is_in_step() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let server = Chronyd::start(&mut lab, "chronyd", LOCAL);
    let within = ["--within", "50ms"];
    assert_eq!(clock(&within, &[&server]).status.code(), Some(0));
    assert!(server.tell(&["doffset", "2"]));
    let output = clock(&within, &[&server]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(
        text(&output.stdout).contains("not proven to be within 50 ms"),
        "{}",
        text(&output.stdout)
    );
    // Nobody mends it: the gate stays shut until time runs out.
    let began = boottime();
    let waits = ["--within", "50ms", "--wait", "--timeout", "5s"];
    assert_eq!(clock(&waits, &[&server]).status.code(), Some(1));
    let waited = boottime().since(began);
    assert!(
        waited > Span::from_secs(2) && waited < Span::from_secs(6),
        "{waited}"
    );
    // Somebody does.
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(1000));
            assert!(server.tell(&["doffset", "-2"]));
        });
        let waits = ["--within", "50ms", "--wait", "--timeout", "20s"];
        let output = clock(&waits, &[&server]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    });
}

#[test]
fn waiting_is_over_in_time_whatever_the_sources_do() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = format!("ntp:{}", silent.local_addr().unwrap());
    let waits = [
        "--clock",
        &*address,
        "--within",
        "50ms",
        "--wait",
        "--timeout",
        "1s",
    ];
    let began = boottime();
    assert_eq!(clock(&waits, &[]).status.code(), Some(3));
    let waited = boottime().since(began);
    assert!(waited < Span::from_millis(1600), "{waited}");
}

#[test]
fn asking_can_be_interrupted() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = format!("ntp:{}", silent.local_addr().unwrap());
    let script = r#"timeout -s INT 0.3 "$0" clock --no-config --clock "$1" --clock-timeout 30s"#;
    let began = boottime();
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_skewgate"), &address])
        .output()
        .unwrap();
    let took = boottime().since(began);
    assert!(took < Span::from_secs(3), "{took}");
    assert!(output.stdout.is_empty() && text(&output.stderr).contains("interrupted"));
}

#[test]
fn a_limit_wants_an_outside_clock() {
    let output = clock(&["--clock", "system:", "--within", "1s"], &[]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stdout));
}

#[test]
fn it_watches_until_it_is_told_to_stop() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let server = Chronyd::start(&mut lab, "chronyd", LOCAL);
    let script = r#"timeout -s INT 5 "$0" clock --no-config --clock-allow-local-reference --clock "$1" --watch 2s -o ndjson"#;
    let address = format!("ntp:127.0.0.1:{}", server.port);
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_skewgate"), &address])
        .output()
        .unwrap();
    let lines: Vec<Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3, "{}", text(&output.stdout));
    assert!(lines.iter().all(|line| line["clock"]["verified"] == true));
}

#[test]
fn a_date_is_asked_as_sharply_as_the_limit_wants() {
    if !["nginx", "openssl"].into_iter().all(available) {
        return;
    }
    let mut lab = Lab::new();
    let pair = Authority::new(&lab, "ca").certificate(&lab, "localhost", VALID);
    let nginx = Nginx::start(&mut lab, "nginx", &pair, None);
    let address = format!("http://127.0.0.1:{}/", nginx.plain);
    // One Date is good for two seconds. That the agreement may be that far off makes no difference.
    let limit = ["--clock", &*address, "--within", "400ms"];
    for more in [[].as_slice(), &["--clock-max-uncertainty", "3s"]] {
        let output = clock(&[&limit, more].concat(), &[]);
        let page = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{page}");
    }
}

#[test]
fn an_authority_is_trusted_when_it_is_named() {
    if !["nginx", "openssl"].into_iter().all(available) {
        return;
    }
    let mut lab = Lab::new();
    let authority = Authority::new(&lab, "ca");
    let pair = authority.certificate(&lab, "localhost", VALID);
    let nginx = Nginx::start(&mut lab, "nginx", &pair, None);
    let address = format!("https://localhost:{}/", nginx.secure);
    let pem = authority.pem.to_str().unwrap();
    let unknown = clock(&["--clock", &address], &[]);
    assert_eq!(unknown.status.code(), Some(3), "{}", text(&unknown.stdout));
    let known = clock(&["--clock", &address, "--clock-ca-file", pem], &[]);
    let page = text(&known.stdout);
    assert_eq!(known.status.code(), Some(0), "{page}");
    assert!(
        page.contains("authenticated, verified: one source"),
        "{page}"
    );
}
