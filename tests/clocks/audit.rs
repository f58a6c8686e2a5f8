//! Audits by real time servers, from the command line to the exit code.

use crate::child;
use crate::lab::ca::{Authority, VALID};
use crate::lab::chronyd::{Chronyd, LOCAL};
use crate::lab::nginx::Nginx;
use crate::lab::{Lab, available, free_port};
use serde_json::Value;
use skewgate::clock::{self, Sources};
use skewgate::source::Options;
use skewgate::sys::{boottime, wall_clock};
use skewgate::time::Span;
use std::fs;
use std::net::UdpSocket;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

const THREE_DAYS: &str = "259200";

/// A lab with a tree in it, and servers that are as far behind as is said.
fn lab(behind: &[&str]) -> (Lab, Vec<String>) {
    let mut lab = Lab::new();
    lab.file("dist/app.bin", "just built");
    let mut addresses = Vec::new();
    for (place, offset) in behind.iter().enumerate() {
        let server = Chronyd::start(&mut lab, &format!("chronyd{place}"), LOCAL);
        if *offset != "0" {
            assert!(server.tell(&["doffset", offset]));
        }
        addresses.push(format!("ntp:127.0.0.1:{}", server.port));
    }
    (lab, addresses)
}

fn skewgate(lab: &Lab, arguments: &[&str], addresses: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skewgate"));
    command
        .current_dir(lab.path())
        .args(arguments)
        .arg("--clock-allow-local-reference");
    for address in addresses {
        command.args(["--clock", address]);
    }
    command
}

fn run(lab: &Lab, arguments: &[&str], addresses: &[String]) -> Output {
    skewgate(lab, arguments, addresses).output().unwrap()
}

fn report(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn found<'report>(report: &'report Value, rule: &str, path: Option<&str>) -> &'report Value {
    let mut findings = report["findings"].as_array().unwrap().iter();
    let is_it = |finding: &&Value| finding["rule"] == rule && finding["path"].as_str() == path;
    findings
        .find(is_it)
        .unwrap_or_else(|| panic!("no {rule}: {report:#}"))
}

/// Whole milliseconds of a decimal number of seconds.
fn millis(text: &Value) -> i64 {
    let (whole, fraction) = text.as_str().unwrap().split_once('.').unwrap();
    whole.parse::<i64>().unwrap() * 1000 + fraction[..3].parse::<i64>().unwrap()
}

#[test]
fn by_a_server_three_days_behind_what_was_just_built_is_from_the_future() {
    if !available("chronyd") {
        return;
    }
    let (lab, addresses) = lab(&[THREE_DAYS]);
    let output = run(&lab, &["audit", "dist", "-o", "json"], &addresses);
    assert_eq!(output.status.code(), Some(1));
    let report = report(&output);
    let days = 259_200_000;
    for (rule, path) in [
        ("future-mtime", Some("dist/app.bin")),
        ("future-ctime", Some("dist/app.bin")),
        ("clock-skewed", None),
    ] {
        let finding = found(&report, rule, path);
        assert_eq!(finding["certainty"], "proven");
        let by = millis(&finding["by"]);
        assert!((days - 5000..=days).contains(&by), "{rule} by {by} ms");
    }
    assert_eq!(
        found(&report, "future-mtime", Some("dist/app.bin"))["cause"],
        "clock"
    );
    assert_eq!(report["clock"]["verified"], true);
    let (least, most) = (
        millis(&report["clock"]["ahead"]["least"]),
        millis(&report["clock"]["ahead"]["most"]),
    );
    assert!(
        least <= days && days <= most + 1 && most - least < 1000,
        "{least} {most}"
    );
}

#[test]
fn by_an_honest_server_the_same_tree_passes() {
    if !available("chronyd") {
        return;
    }
    let (lab, addresses) = lab(&["0"]);
    let output = run(
        &lab,
        &["audit", "dist", "--profile", "release", "-o", "json"],
        &addresses,
    );
    let report = report(&output);
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    assert_eq!(report["clock"]["class"], "network");
}

#[test]
fn one_liar_among_four_is_outvoted_and_named() {
    if !available("chronyd") {
        return;
    }
    let (lab, addresses) = lab(&["0", "0", THREE_DAYS, "0"]);
    let output = run(
        &lab,
        &["audit", "dist", "-o", "json", "-o", "human=page"],
        &addresses,
    );
    let report = report(&output);
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    let liar = found(&report, "source-disagrees", None)["message"]
        .as_str()
        .unwrap();
    assert!(
        liar.contains(&addresses[2]) && liar.contains("3 of 4 agree"),
        "{liar}"
    );
    let standings: Vec<&Value> = report["clock"]["samples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sample| &sample["standing"])
        .collect();
    assert_eq!(standings, ["agrees", "agrees", "outside", "agrees"]);
    let page = fs::read_to_string(lab.path().join("page")).unwrap();
    assert!(page.contains("verified: 3 of 4 sources agree"), "{page}");
    assert!(
        page.contains(&format!("`{}` answered", addresses[2])),
        "{page}"
    );
    assert!(page.contains("earlier than the agreement"), "{page}");
}

#[test]
fn two_against_two_is_no_verdict() {
    if !available("chronyd") {
        return;
    }
    let (lab, addresses) = lab(&["0", THREE_DAYS, "0", THREE_DAYS]);
    let output = run(&lab, &["audit", "dist"], &addresses);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("more than half of the sources must agree, and they do not"),
        "{said}"
    );
    assert!(
        addresses.iter().all(|address| said.contains(address)),
        "{said}"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn one_who_never_answers_costs_no_more_than_the_timeout() {
    if !available("chronyd") {
        return;
    }
    let (lab, mut addresses) = lab(&["0"]);
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    addresses.push(format!("ntp:{}", silent.local_addr().unwrap()));
    let began = boottime();
    let output = run(
        &lab,
        &["audit", "dist", "--clock-timeout", "700ms", "-o", "json"],
        &addresses,
    );
    let took = boottime().since(began);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    assert!(
        took > Span::from_millis(600) && took < Span::from_millis(1500),
        "{took}"
    );
    let refused = report["clock"]["samples"][1]["refused"].as_str().unwrap();
    assert!(refused.starts_with("no answer within "), "{refused}");
}

#[test]
fn what_was_passed_over_while_the_clock_was_awaited_is_looked_at_again() {
    if !available("chronyd") {
        return;
    }
    // Older than what waits for the clock, and yet later than the server's time.
    let (lab, mut addresses) = lab(&[THREE_DAYS]);
    let yesterday =
        filetime::FileTime::from_unix_time(filetime::FileTime::now().unix_seconds() - 86_400, 0);
    let old = lab.path().join("dist/app.bin");
    filetime::set_file_mtime(&old, yesterday).unwrap();
    // A change time cannot be set, so it has to become old enough.
    thread::sleep(Duration::from_millis(10_500));
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    addresses.push(format!("ntp:{}", silent.local_addr().unwrap()));
    let output = run(
        &lab,
        &[
            "audit",
            "dist/app.bin",
            "--clock-timeout",
            "500ms",
            "-o",
            "json",
        ],
        &addresses,
    );
    let report = report(&output);
    let by = millis(&found(&report, "future-mtime", Some("dist/app.bin"))["by"]);
    assert!((172_000_000..=172_800_000).contains(&by), "{by}");
    assert_eq!(report["summary"]["entries"], 1);
}

#[test]
fn without_a_network_it_is_over_at_once_and_no_pass() {
    if !available("unshare") {
        return;
    }
    let lab = Lab::new();
    lab.file("dist/app.bin", "just built");
    let script = r#"unshare -rn "$0" audit dist --clock ntp:192.0.2.1 --clock nts:time.example.org --clock https://192.0.2.1/"#;
    let began = boottime();
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_skewgate")])
        .current_dir(lab.path())
        .output()
        .unwrap();
    let took = boottime().since(began);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(took < Span::from_millis(1500), "{took}: {said}");
    assert!(
        said.contains("no way to 192.0.2.1:123")
            && said.contains("`time.example.org` has no address"),
        "{said}"
    );
}

#[test]
fn an_audit_that_waits_for_the_time_can_be_interrupted() {
    let lab = Lab::new();
    lab.file("dist/app.bin", "just built");
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = format!("ntp:{}", silent.local_addr().unwrap());
    let began = boottime();
    let mut child = skewgate(
        &lab,
        &["audit", "dist", "--clock-timeout", "30s"],
        &[address],
    )
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    thread::sleep(Duration::from_millis(300));
    assert!(
        Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let status = child.wait().unwrap();
    assert_eq!(status.code(), None, "{status}");
    assert!(boottime().since(began) < Span::from_secs(3));
}

#[test]
fn while_work_goes_on_the_clock_is_asked_again_and_stays_sharp() {
    if !available("chronyd") {
        return;
    }
    let (_lab, addresses) = lab(&["0"]);
    let asking = Options {
        allow_local_reference: true,
        ..Options::default()
    };
    let sources = Sources::open(&addresses, &asking).unwrap();
    let widths = clock::during(&sources, &clock::Options::default(), &|| false, |live| {
        let first = live.wait().unwrap();
        thread::sleep(Duration::from_millis(3000));
        (first.now().width(), live.wait().unwrap().now().width())
    });
    // Once asked, it is half as far off as it is old, both ways; asked again, its rate is known.
    assert!(widths.0 > Span::from_secs(3), "{}", widths.0);
    assert!(widths.1 < Span::from_millis(50), "{}", widths.1);
}

#[test]
fn in_ci_its_own_server_is_asked_without_being_told() {
    if !available("nginx") || !available("openssl") {
        return;
    }
    let mut lab = Lab::new();
    lab.file("dist/app.bin", "just built");
    let pair = Authority::new(&lab, "ca").certificate(&lab, "localhost", VALID);
    let nginx = Nginx::start(&mut lab, "nginx", &pair, None);
    let audit = |port: u16, more: &[&str]| {
        let mut command = skewgate(
            &lab,
            &["audit", "dist", "-o", "json", "-o", "human=page"],
            &[],
        );
        command.args(more);
        for (name, _) in clock::CI_VARIABLES {
            command.env_remove(name);
        }
        command.env("GITHUB_API_URL", format!("http://127.0.0.1:{port}/api/v3"));
        command.output().unwrap()
    };
    let output = audit(nginx.plain, &["--profile", "release"]);
    let told = report(&output);
    assert_eq!(output.status.code(), Some(0), "{told:#}");
    assert_eq!(told["clock"]["class"], "network");
    let address = format!("http://127.0.0.1:{}/", nginx.plain);
    assert_eq!(
        told["clock"]["samples"][0]["address"].as_str(),
        Some(&*address)
    );
    // When it does not answer the builder's own clock will do, and everybody is told.
    let output = audit(free_port(), &[]);
    let told = report(&output);
    assert_eq!(output.status.code(), Some(0), "{told:#}");
    assert_eq!(told["clock"]["verified"], false);
    let page = fs::read_to_string(lab.path().join("page")).unwrap();
    assert!(
        page.contains("the clock is not verified") && page.contains("no outside source answered"),
        "{page}"
    );
    assert_eq!(
        audit(free_port(), &["--profile", "release"]).status.code(),
        Some(3)
    );
}

#[test]
fn what_is_from_the_future_is_so_however_long_the_clock_is_awaited() {
    if !available("chronyd") {
        return;
    }
    let (lab, mut addresses) = lab(&["0"]);
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    addresses.push(format!("ntp:{}", silent.local_addr().unwrap()));
    let soon = wall_clock().later(Span::from_millis(2500));
    let soon = filetime::FileTime::from_unix_time(
        soon.seconds(),
        u32::try_from(soon.subsecond()).unwrap(),
    );
    filetime::set_file_mtime(lab.path().join("dist/app.bin"), soon).unwrap();
    let wanted = ["--clock-timeout", "3s", "--tolerance", "0", "-o", "json"];
    let arguments = [&["audit", "dist/app.bin"], wanted.as_slice()].concat();
    let report = report(&run(&lab, &arguments, &addresses));
    let by = millis(&found(&report, "future-mtime", Some("dist/app.bin"))["by"]);
    assert!((1000..=2500).contains(&by), "{by}");
}

#[test]
fn a_build_does_not_begin_while_the_clock_is_awaited() {
    if !available("chronyd") {
        return;
    }
    let (lab, mut addresses) = lab(&["0"]);
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    addresses.push(format!("ntp:{}", silent.local_addr().unwrap()));
    let soon = wall_clock().later(Span::from_millis(1500)).exact();
    let arguments = ["audit", "dist", "--clock-timeout", "3s", "--not-before"];
    let output = run(
        &lab,
        &[&arguments, [&*soon].as_slice()].concat(),
        &addresses,
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot have begun"), "{said}");
}

#[test]
fn lines_that_are_written_as_things_are_found_begin_with_the_clock() {
    if !available("chronyd") {
        return;
    }
    let (lab, mut addresses) = lab(&[THREE_DAYS]);
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    addresses.push(format!("ntp:{}", silent.local_addr().unwrap()));
    let arguments = ["audit", "dist", "--clock-timeout", "500ms", "-o", "ndjson"];
    let output = run(&lab, &arguments, &addresses);
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kind = |line: Option<&Value>| line.map(|line| line["type"].clone());
    assert_eq!(kind(lines.first()), Some("header".into()));
    assert_eq!(kind(lines.last()), Some("trailer".into()));
    assert_eq!(lines[0]["clock"]["verified"], true);
    let mut once: Vec<String> = lines.iter().map(Value::to_string).collect();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), lines.len());
}

/// A resolver that is there and never answers, on a loopback address of its own.
const RESOLVER: &str = "127.0.0.77";

#[test]
fn a_resolver_that_never_answers_costs_no_more_than_the_timeout() {
    const NAME: &str = "audit::a_resolver_that_never_answers_costs_no_more_than_the_timeout";
    let Some(folder) = child::folder() else {
        let Some(command) = child::with_own_mounts() else {
            println!("not tested here: needs root");
            return;
        };
        let lab = Lab::new();
        lab.file("dist/app.bin", "just built");
        lab.file(
            "resolv.conf",
            &format!("nameserver {RESOLVER}\noptions timeout:5 attempts:2\n"),
        );
        return child::run(command, NAME, lab.path());
    };
    // In a process whose mounts nobody else sees.
    let _silent = UdpSocket::bind((RESOLVER, 53)).unwrap();
    let mount = Command::new("mount")
        .args(["--bind", "resolv.conf", "/etc/resolv.conf"])
        .current_dir(&folder)
        .status();
    assert!(mount.unwrap().success());
    let began = boottime();
    let output = Command::new(env!("CARGO_BIN_EXE_skewgate"))
        .args([
            "audit",
            "dist",
            "--clock",
            "ntp:time.example.org",
            "--clock-timeout",
            "700ms",
        ])
        .current_dir(&folder)
        .output()
        .unwrap();
    let took = boottime().since(began);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        took > Span::from_millis(500) && took < Span::from_millis(1500),
        "{took}: {said}"
    );
    assert!(
        said.contains("the resolver did not answer within"),
        "{said}"
    );
}
