//! Machines that are well: what is common on them raises no alarm. And those beside them where it must.

use skewgate::doctor::{Machine, Sign, State, examine};
use std::fs;

const SOURCE: &str = "sys/devices/system/clocksource/clocksource0/current_clocksource";
const SOURCES: &str = "sys/devices/system/clocksource/clocksource0/available_clocksource";
const KEPT: &str = r#""discipline":{"synchronised":true,"max_error":"0.020000000","frequency":1310720,"tick":10000}"#;
const UNKEPT: &str =
    r#""discipline":{"synchronised":false,"max_error":"16.000000000","frequency":0,"tick":10000}"#;
const ROOT: (&str, &str) = ("proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/x rw\n");
const KERNEL: (&str, &str) = ("proc/sys/kernel/osrelease", "6.8.0-49-generic\n");

/// What is seen of a machine with these files, and this told beside them.
fn seen(files: &[(&str, &str)], told: &str) -> Vec<(&'static str, Sign)> {
    let tree = tempfile::tempdir().unwrap();
    let told = format!(r#"{{"wall":"2026-11-23T13:00:00.000000000Z",{told}}}"#);
    for (path, text) in files.iter().chain(&[("machine.json", told.as_str())]) {
        let path = tree.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let found = examine(&Machine::under(tree.path()).unwrap(), None);
    let signs = found.signs.into_iter();
    signs.map(|(fact, sign)| (fact.id, sign)).collect()
}

fn alarms(files: &[(&str, &str)], told: &str) -> Vec<String> {
    let suspicious = seen(files, told).into_iter();
    let suspicious = suspicious.filter(|(_, sign)| sign.state == State::Suspicious);
    suspicious
        .map(|(id, sign)| format!("{id}: {}", sign.seen))
        .collect()
}

fn state(id: &str, files: &[(&str, &str)], told: &str) -> State {
    let found = seen(files, told).into_iter().find(|(fact, _)| *fact == id);
    found.unwrap().1.state
}

#[test]
fn a_container_cannot_see_who_keeps_its_clock() {
    let runs = [
        ("proc/1/comm", "sh\n"),
        KERNEL,
        ROOT,
        (SOURCE, "tsc\n"),
        (SOURCES, "tsc\n"),
    ];
    let told = |hypervisor: &str, more: &str| {
        format!(
            r#""hypervisor":"{hypervisor}","boottime":"90000.000000000","monotonic":"80000.000000000",{UNKEPT}{more}"#
        )
    };
    let links = |pid: &str| format!(r#","links":{{"/proc/self/ns/pid":"pid:[{pid}]"}}"#);
    for hypervisor in ["VMwareVMware", "KVMKVMKVM", "Microsoft Hv", "VBoxVBoxVBox"] {
        let docker = [&runs[..], &[("/.dockerenv".trim_start_matches('/'), "")]].concat();
        let told_docker = told(hypervisor, "");
        assert_eq!(alarms(&docker, &told_docker), [""; 0], "{hypervisor}");
        // A step of an image's build leaves nothing but this.
        let step = told(hypervisor, &links("4026532177"));
        assert_eq!(alarms(&runs, &step), [""; 0], "{hypervisor}");
        for fact in [
            "two-masters",
            "time-daemons",
            "guests",
            "scaling-daemons",
            "kernel-discipline",
            "guest-agent",
            "suspend",
        ] {
            assert_eq!(state(fact, &runs, &step), State::Unknown, "{fact}");
        }
        let machine = told(hypervisor, &links("4026531836"));
        let found = alarms(&runs, &machine);
        assert!(
            found
                .iter()
                .any(|alarm| alarm.starts_with("kernel-discipline")),
            "{found:?}"
        );
    }
}

#[test]
fn whoever_sees_only_their_own_processes_does_not_say_that_none_runs() {
    let own = [("proc/4711/comm", "bash\n"), KERNEL];
    for fact in ["time-daemons", "two-masters", "guests", "scaling-daemons"] {
        assert_eq!(state(fact, &own, KEPT), State::Unknown, "{fact}");
    }
}

#[test]
fn a_guest_by_the_clock_of_its_hypervisor_does_not_hang_on_the_cycle_counter() {
    let amd = "model name\t: AMD EPYC 7B13\nflags\t\t: fpu tsc rdtscp hypervisor tsc_known_freq\n";
    let log = "[    1.0] tsc: Marking TSC unstable due to TSCs unsynchronized\n";
    let stat = "cpu  10 0 10 10 0 0 0 70\nbtime 1763900000\n";
    let files = |source| {
        [
            KERNEL,
            ROOT,
            (SOURCE, source),
            ("proc/cpuinfo", amd),
            ("var/log/dmesg", log),
            ("proc/stat", stat),
            ("proc/1/comm", "systemd\n"),
        ]
    };
    let told = format!(r#""hypervisor":"KVMKVMKVM",{KEPT}"#);
    assert_eq!(alarms(&files("kvm-clock\n"), &told), [""; 0]);
    let by_cycles = alarms(&files("tsc\n"), &told);
    assert!(
        by_cycles.iter().any(|alarm| alarm.starts_with("tsc-flags")),
        "{by_cycles:?}"
    );
    assert!(
        by_cycles.iter().any(|alarm| alarm.starts_with("watchdog")),
        "{by_cycles:?}"
    );
    let by_ticks = alarms(&files("jiffies\n"), &told);
    assert!(
        by_ticks.iter().any(|alarm| alarm.starts_with("steal")),
        "{by_ticks:?}"
    );
}

#[test]
fn a_processor_that_is_faster_than_it_is_sold_as_is_no_alarm() {
    let told = format!(r#""hypervisor":"KVMKVMKVM",{KEPT}"#);
    let state = |cpuinfo: &str| {
        state(
            "tsc-frequency",
            &[(SOURCE, "tsc\n"), ("proc/cpuinfo", cpuinfo)],
            &told,
        )
    };
    let cpu = |name: &str, mhz: &str, flags: &str| {
        format!("model name\t: {name}\ncpu MHz\t\t: {mhz}\nflags\t\t: constant_tsc{flags}\n")
    };
    assert_eq!(
        state(&cpu(
            "Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz",
            "1991.998",
            ""
        )),
        State::Unknown
    );
    // What it shows is how fast it just runs.
    assert_eq!(
        state(&cpu(
            "Intel(R) Xeon(R) Platinum 8124M CPU @ 3.00GHz",
            "2411.584",
            " aperfmperf"
        )),
        State::Unknown
    );
    assert_eq!(
        state(&cpu("Intel(R) Xeon(R) CPU @ 2.40GHz", "2000.000", "")),
        State::Suspicious
    );
}

#[test]
fn a_laptop_that_slept_and_is_kept_is_well() {
    let log = "Nov 23 08:14:08 build7 chronyd[611]: Forward time jump detected!\n".repeat(5);
    let files = [
        KERNEL,
        ROOT,
        ("var/log/syslog", log.as_str()),
        ("proc/1/comm", "systemd\n"),
        ("proc/611/comm", "chronyd\n"),
    ];
    let slept = format!(r#""boottime":"90000.000000000","monotonic":"20000.000000000",{KEPT}"#);
    assert_eq!(alarms(&files, &slept), [""; 0]);
    let awake = format!(r#""boottime":"90000.000000000","monotonic":"90000.000000000",{KEPT}"#);
    assert_eq!(alarms(&files, &awake).len(), 1);
    // systemd before 239 leaves no mark of a clock that is kept.
    let files = [
        KERNEL,
        ROOT,
        ("proc/1/comm", "systemd\n"),
        ("proc/611/comm", "systemd-timesyn\n"),
    ];
    assert_eq!(alarms(&files, KEPT), [""; 0]);
    assert_eq!(state("daemon-state", &files, UNKEPT), State::Suspicious);
}

#[test]
fn a_daemon_whom_nobody_answers_keeps_nothing() {
    let files = [KERNEL, ROOT, ("proc/611/comm", "chronyd\n")];
    let heard = |sources: &str| state("daemon-sources", &files, &format!(r#"{KEPT}{sources}"#));
    let chronyd = |sources: &str| heard(&format!(r#","chronyd":[{sources}]"#));
    let (selected, silent) = (r#"{"state":"*","reach":255}"#, r#"{"state":"?","reach":0}"#);
    assert_eq!(heard(""), State::Unknown);
    assert_eq!(chronyd(""), State::Unknown);
    assert_eq!(chronyd(silent), State::Suspicious);
    assert_eq!(chronyd(&format!("{silent},{silent}")), State::Suspicious);
    assert_eq!(chronyd(selected), State::Good);
    assert_eq!(chronyd(&format!("{selected},{silent}")), State::Good);
    assert_eq!(chronyd(r#"{"state":"x","reach":255}"#), State::Unknown);
}

#[test]
fn the_clock_of_a_network_card_is_no_second_master() {
    let files = [
        ("proc/1/comm", "systemd\n"),
        ("proc/611/comm", "chronyd\n"),
        ("proc/612/comm", "phc2sys\n"),
    ];
    assert_eq!(state("two-masters", &files, KEPT), State::Unknown);
    let files = [&files[..], &[("proc/613/comm", "ntpd\n")]].concat();
    assert_eq!(state("two-masters", &files, KEPT), State::Suspicious);
}

#[test]
fn only_the_clock_that_the_system_was_set_by_speaks_against_it() {
    let rtc = |name: &str, by: &str, at: i64| {
        [
            (format!("sys/class/rtc/{name}/hctosys"), format!("{by}\n")),
            (
                format!("sys/class/rtc/{name}/since_epoch"),
                format!("{at}\n"),
            ),
        ]
    };
    let judged = |files: Vec<(String, String)>| {
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        state("rtc", &files, KEPT)
    };
    let now = 1_795_438_800;
    assert_eq!(
        judged([rtc("rtc0", "0", 5), rtc("rtc1", "1", now)].concat()),
        State::Good
    );
    assert_eq!(judged(rtc("rtc0", "0", 5).to_vec()), State::Unknown);
    assert_eq!(judged(rtc("rtc0", "1", 5).to_vec()), State::Suspicious);
}

#[test]
fn file_systems_are_told_by_whose_clock_stamps_there() {
    let judged = |kind: &str, path: &str| {
        let tree = tempfile::tempdir().unwrap();
        fs::create_dir_all(tree.path().join("proc/self")).unwrap();
        let table = format!("1 0 8:1 / / rw - {kind} none rw\n");
        fs::write(tree.path().join("proc/self/mountinfo"), table).unwrap();
        let paths = (!path.is_empty()).then(|| path.to_owned());
        let machine = Machine::under(tree.path())
            .unwrap()
            .with_paths(paths.into_iter().collect());
        examine(&machine, None).sign("mounts").unwrap().state
    };
    for local in [
        "ext4",
        "overlay",
        "fuse.overlayfs",
        "fuse.fuse-overlayfs",
        "fuseblk",
    ] {
        assert_eq!(judged(local, "/work"), State::Good, "{local}");
    }
    for served in ["nfs4", "9p", "virtiofs", "fuse.sshfs", "cifs"] {
        assert_eq!(judged(served, "/work"), State::Suspicious, "{served}");
        // Nobody said that builds write there.
        assert_eq!(judged(served, ""), State::Unknown, "{served}");
    }
    assert_eq!(judged("fuse.mine", "/work"), State::Unknown);
}

#[test]
fn a_zone_is_told_from_one_that_begins_like_utc() {
    let sign = |zone: &str| {
        let told = format!(r#""environment":{{"TZ":"{zone}"}}"#);
        let found = seen(&[], &told)
            .into_iter()
            .find(|(id, _)| *id == "time-zone");
        found.unwrap().1.meaning
    };
    assert_eq!(sign("Etc/UTC"), "local times are UTC");
    assert_ne!(sign("GMT+5"), "local times are UTC");
}
