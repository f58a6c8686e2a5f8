//! A tree that somebody made to hang, fill or fool whoever looks at it.

use skewgate::doctor::{Machine, State, examine};
use skewgate::report::{Style, find};
use skewgate::sys::boottime;
use skewgate::time::Span;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

fn pipe(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn file(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn link(path: &Path, target: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    symlink(target, path).unwrap();
}

/// Pipes, links out, files far larger than memory, and text that steers.
fn plant(root: &Path, outside: &Path) {
    file(&outside.join("secret"), b"hunter2 scaling_governor\n");
    let at = |path: &str| root.join(path);
    pipe(&at("proc/cmdline"));
    pipe(&at("proc/1/comm"));
    pipe(&at("sys/class/rtc/rtc0/since_epoch"));
    let secret = outside.join("secret");
    link(&at("proc/version"), secret.to_str().unwrap());
    link(&at("sys/class/dmi"), outside.to_str().unwrap());
    link(
        &at("etc/timezone"),
        "../../../../../../../../../../etc/hostname",
    );
    link(&at("etc/adjtime"), "adjtime");
    link(&at("sys/devices/system/cpu/cpu0"), "/");
    // Far more than is read, and holes cost nothing to make.
    fs::create_dir_all(at("var/log")).unwrap();
    File::create(at("var/log/dmesg"))
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    File::create(at("var/log/syslog"))
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    let mut long = b"flags : ".to_vec();
    long.extend(std::iter::repeat_n(b'x', 4 << 20));
    file(&at("proc/cpuinfo"), &long);
    file(
        &at("proc/stat"),
        b"cpu  99999999999999999999999 -1 x\nbtime 9223372036854775807\n",
    );
    file(
        &at("proc/self/mountinfo"),
        "1 2 3 - - - \n - \n".repeat(10_000).as_bytes(),
    );
    let told = r#"{"wall":"9999-01-01T00:00:00.000000000Z","boottime":"99999999999999999999.000000000",
        "monotonic":"-99999999999999999999.000000000","interposed":"-1.000000000",
        "discipline":{"synchronised":false,"max_error":"-5.000000000","frequency":-9223372036854775808,"tick":9223372036854775807},
        "hypervisor":"\u001b[31m##[error]\n::error::gotcha"}"#;
    file(&at("machine.json"), told.as_bytes());
    let source = "sys/devices/system/clocksource/clocksource0";
    file(
        &at(&format!("{source}/current_clocksource")),
        b"\x1b[2J\xff##[error]::error::gotcha\r\n",
    );
    for process in 2..400 {
        file(&at(&format!("proc/{process}/comm")), b"powernowd\n\xff\n");
    }
}

#[test]
fn a_hostile_tree_is_looked_at_in_bounded_time_and_space() {
    let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    plant(root.path(), outside.path());
    let began = boottime();
    let machine = Machine::under(root.path()).unwrap();
    let found = examine(&machine, None);
    let capture = machine.capture();
    let took = boottime().since(began);
    assert!(took < Span::from_secs(5), "{took}");
    let size: usize = capture
        .files
        .iter()
        .map(|(path, text)| path.len() + text.len())
        .sum();
    assert!(size < 8 << 20, "{size} bytes");
    let style = Style {
        colour: false,
        verbose: true,
    };
    for name in ["human", "json", "ndjson"] {
        let mut out = Vec::new();
        (find(name).unwrap().examination)(&found, &style, &mut out).unwrap();
        let page = String::from_utf8(out).unwrap();
        assert!(!page.contains("hunter2"), "{page}");
        for line in page.lines() {
            assert!(!line.contains('\u{1b}') && !line.contains("##["), "{line}");
            assert!(!line.trim_start().starts_with("::"), "{line}");
        }
    }
    assert!(!format!("{capture:?}").contains("hunter2"));
    assert_eq!(found.sign("smp-kernel").unwrap().state, State::Unknown);
}

#[test]
fn any_bytes_in_any_file_are_borne() {
    let paths = [
        "proc/cmdline",
        "proc/cpuinfo",
        "proc/stat",
        "proc/version",
        "proc/self/mountinfo",
        "proc/self/timens_offsets",
        "proc/sys/kernel/osrelease",
        "proc/1/cgroup",
        "proc/modules",
        "etc/redhat-release",
        "etc/SuSE-release",
        "var/log/dmesg",
        "var/lib/chrony/drift",
        "machine.json",
        "sys/class/rtc/rtc0/since_epoch",
        "sys/hypervisor/type",
    ];
    let bits: [&[u8]; 14] = [
        b"",
        b"\0\xff\xfe",
        b"\n\n",
        b"=====:::@@@",
        b"release 99999999999999999999.99999999999999 (Update x)",
        b"2.6.99999999999999999999",
        b"model name : @ 99999999999999999999GHz",
        b"cpu MHz : 0\nmodel name : x @ 0.0GHz",
        b"Detected 0.000001 MHz processor\nTSC freq read from hypervisor : . MHz",
        b"btime x\ncpu  1 2 3 4 5 6 7 18446744073709551615",
        b"-99999999999999999999999 5",
        "Hypervisor detected: \u{e9}\u{202e}VMware @\u{e9} 1.0".as_bytes(),
        b"SUSE Linux Enterprise\nVERSION = \nPATCHLEVEL =",
        b" - - - a b c d e",
    ];
    for bytes in bits {
        let root = tempfile::tempdir().unwrap();
        for path in paths {
            file(&root.path().join(path), bytes);
        }
        let machine = Machine::under(root.path()).unwrap();
        let _found = examine(&machine, None);
    }
}
