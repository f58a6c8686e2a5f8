//! `skewgate doctor` by a real time server that serves a slower clock, beside which this machine's is fast.

use crate::lab::chronyd::{Chronyd, LOCAL};
use crate::lab::{Lab, available};
use serde_json::Value;
use std::process::{Command, Output};

fn skewgate(lab: &Lab, port: u16, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skewgate"));
    command.args(arguments).current_dir(lab.path());
    command.args(["--no-config", "--clock-allow-local-reference"]);
    command.arg("--clock").arg(format!("ntp:127.0.0.1:{port}"));
    command.output().unwrap()
}

#[test]
fn a_clock_that_gains_a_fifth_is_measured_and_blamed_on_the_host() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let server = Chronyd::start(&mut lab, "truth", LOCAL);
    // 0.833333 of this machine's rate, which is then 1.2 of the server's.
    assert!(server.tell(&["dfreq", "166667"]));
    let output = skewgate(&lab, server.port, &["doctor", "--for", "4s", "-o", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{report:#}");
    is_a_fifth(&report);
    let schema = (skewgate::report::find_schema("doctor").unwrap().text)();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    assert!(jsonschema::is_valid(&schema, &report), "{report:#}");
}

fn is_a_fifth(report: &Value) {
    let ppm = |name: &str| {
        let text = report["measured"][name].as_str().unwrap();
        text.split('.').next().unwrap().parse::<i64>().unwrap()
    };
    let (least, most) = (ppm("least"), ppm("most"));
    assert!(least <= 200_001 && most >= 199_999, "{least} {most}");
    assert!(least > 180_000 && most < 220_000, "{least} {most}");
    assert_eq!(report["suspicious"], true);
}

#[test]
fn a_record_of_a_build_measures_as_well() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let server = Chronyd::start(&mut lab, "truth", LOCAL);
    assert!(server.tell(&["dfreq", "166667"]));
    let record = ["--record", "record.json"];
    let begun = skewgate(&lab, server.port, &["begin", record[0], record[1]]);
    assert!(
        begun.status.success(),
        "{}",
        String::from_utf8_lossy(&begun.stderr)
    );
    let doctor = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skewgate"));
        command
            .args(["doctor", "--no-config", "-o", format])
            .args(record);
        command.current_dir(lab.path()).output().unwrap()
    };
    // One reading is no rate, and who wanted one is told so.
    let open: Value = serde_json::from_slice(&doctor("json").stdout).unwrap();
    assert!(
        open["unmeasured"]
            .as_str()
            .unwrap()
            .contains("not two readings"),
        "{open:#}"
    );
    std::thread::sleep(std::time::Duration::from_secs(4));
    let ended = skewgate(&lab, server.port, &["end", record[0], record[1]]);
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let report: Value = serde_json::from_slice(&doctor("json").stdout).unwrap();
    is_a_fifth(&report);
    let address = format!("ntp:127.0.0.1:{}", server.port);
    assert_eq!(report["measured"]["against"], address);
    let page = String::from_utf8_lossy(&doctor("human").stdout).into_owned();
    assert!(
        page.contains("% fast") && page.contains("verdict, the likeliest"),
        "{page}"
    );
}
