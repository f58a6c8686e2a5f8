//! The builder that all this is for: its clock is far off, every certificate looks expired to it, and it
//! learns the time all the same, from three kinds of servers that prove it.

use crate::lab::ca::{Authority, VALID};
use crate::lab::nginx::Nginx;
use crate::lab::{Lab, available};
use crate::nts;
use serde_json::Value;
use std::fs;
use std::process::Command;

#[test]
fn a_builder_400_days_ahead_is_told_so_by_those_who_can_prove_it() {
    if !["chronyd", "nginx", "openssl", "faketime"]
        .into_iter()
        .all(available)
    {
        return;
    }
    let mut lab = Lab::new();
    lab.file("dist/app.bin", "just built");
    let authority = Authority::new(&lab, "ca");
    let pair = authority.certificate(&lab, "localhost", VALID);
    let (_chronyd, keys) = nts::server(&mut lab, "nts", &pair, "");
    let nginx = Nginx::start(&mut lab, "nginx", &pair, None);
    lab.authority("root");
    lab.leaf(
        "tsa",
        "tsa",
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        ("+0", 30),
    );
    let stamps = lab.serve(lab.stamps("tsa", "+0", "digests = sha256\naccuracy = secs:1"));
    let roots =
        ["ca.pem", "root.pem"].map(|name| fs::read_to_string(lab.path().join(name)).unwrap());
    lab.file("roots.pem", &roots.concat());
    let addresses = [
        format!("nts:localhost:{keys}"),
        format!("https://localhost:{}/", nginx.secure),
        format!("tsa:http://127.0.0.1:{stamps}/tsr"),
    ];
    let (code, report) = audit(&lab, &addresses);
    let clock = &report["clock"];
    assert_eq!(clock["class"], "authenticated", "{report:#}");
    assert_eq!(clock["votes"]["agreeing"], 3, "{report:#}");
    for sample in clock["samples"].as_array().unwrap() {
        assert_eq!(sample["certificate"]["strict"], false, "{sample:#}");
    }
    let ahead = clock["ahead"]["least"].as_str().unwrap();
    let days = ahead.split('.').next().unwrap().parse::<i64>().unwrap();
    assert!((400 * 86_400 - 5..=400 * 86_400).contains(&days), "{ahead}");
    let findings = report["findings"].as_array().unwrap();
    let rules: Vec<&str> = findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    // The kernel stamped the file with its own time, which is right: only what programs see is ahead.
    assert!(
        rules.contains(&"clock-skewed") && rules.contains(&"clock-interposed"),
        "{rules:?}"
    );
    assert!(!rules.contains(&"future-mtime"), "{rules:?}");
    assert_eq!(code, Some(1));
}

/// An audit to which it is 400 days later; what it exits with and reports.
fn audit(lab: &Lab, addresses: &[String]) -> (Option<i32>, Value) {
    let mut command = Command::new("faketime");
    command
        .args(["-f", "+400d", env!("CARGO_BIN_EXE_skewgate")])
        .args(["audit", "dist", "-o", "json", "--no-config"])
        .args([
            "--clock-ca-file",
            "roots.pem",
            "--clock-allow-local-reference",
        ])
        .args(["--clock-minimum", "3"])
        .current_dir(lab.path());
    for address in addresses {
        command.args(["--clock", address]);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout);
    (
        output.status.code(),
        report.unwrap_or_else(|error| panic!("{error}: {said}")),
    )
}
