//! What can be tested of a hypervisor's clock without one: names, devices, brackets.

use super::{Reading, answer, clocks, first_host, host_clocks_in, host_name, open};
use crate::source::{Class, Options, Upstream};
use crate::sys::Boottime;
use crate::time::{Interval, Span, Timestamp};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

/// A made-up `/sys/class/ptp`, its devices numbered as they come, each with a node in `dev`.
fn tree(clocks: &[(&str, &str)]) -> tempfile::TempDir {
    let tree = tempfile::tempdir().unwrap();
    fs::create_dir(tree.path().join("dev")).unwrap();
    for (minor, (device, name)) in clocks.iter().enumerate() {
        let folder = tree.path().join("class").join(device);
        fs::create_dir_all(&folder).unwrap();
        let file = |path: &Path| File::create(path).unwrap();
        writeln!(file(&folder.join("clock_name")), "{name}").unwrap();
        writeln!(file(&folder.join("dev")), "247:{minor}").unwrap();
        drop(file(&tree.path().join("dev").join(device)));
    }
    tree
}

#[test]
fn the_first_clock_of_a_host_is_found_by_its_name() {
    let tree = tree(&[
        ("ptp10", "ptp_vmw"),
        ("ptp9", "hyperv"),
        ("ptp0", "mlx5_p2p"),
        ("ptp1", "ena-ptp-05"),
        ("ptp2", "KVM virtual PTP"),
        ("ptp3", "hyperv2"),
        ("ptp4", "not an ena-ptp"),
    ]);
    let (class, dev) = (tree.path().join("class"), tree.path().join("dev"));
    let found = |name: &str| format!("phc:{}", dev.join(name).display());
    let all = ["ptp1", "ptp2", "ptp9", "ptp10"].map(found).to_vec();
    assert_eq!(host_clocks_in(&class, &dev), all);
    let first = first_host(&clocks(&class)).unwrap();
    assert_eq!(first, Path::new("/dev/ptp1"));
    // A container that was not given the device is not sent there.
    fs::remove_file(dev.join("ptp1")).unwrap();
    assert_eq!(host_clocks_in(&class, &dev), all[1..]);
}

#[test]
fn a_device_is_known_by_its_number_and_a_network_cards_is_refused_by_name() {
    let tree = tree(&[("ptp0", "mlx5_p2p"), ("ptp1", "KVM virtual PTP")]);
    let known = clocks(&tree.path().join("class"));
    let name = |number| {
        host_name(&known, Path::new("/dev/ptp0"), number).map_err(|refusal| refusal.to_string())
    };
    assert_eq!(name("247:1"), Ok("KVM virtual PTP"));
    let card = name("247:0").unwrap_err();
    assert!(
        card.contains("`mlx5_p2p`") && card.contains("TAI"),
        "{card}"
    );
    let stranger = name("247:10").unwrap_err();
    assert!(
        stranger.contains("no clock in /sys/class/ptp"),
        "{stranger}"
    );
    let none = first_host(&known[..1]).unwrap_err().to_string();
    assert!(none.contains("ptp0 is `mlx5_p2p`"), "{none}");
}

#[test]
fn where_there_is_no_such_thing_nothing_is_found() {
    let nowhere = Path::new("/nowhere");
    assert_eq!(host_clocks_in(nowhere, nowhere), Vec::<String>::new());
    let refusal = first_host(&clocks(nowhere)).unwrap_err().to_string();
    assert!(refusal.contains("ptp_kvm"), "{refusal}");
}

#[test]
fn the_shortest_reading_counts_and_the_clock_was_read_somewhere_in_it() {
    let read = Timestamp::from_unix(1000, 0);
    let later = |nanos| read.later(Span::from_nanos(nanos));
    let reading = |before, after| Reading {
        before: Boottime::at(before),
        said: later(before),
        after: Boottime::at(after),
    };
    let readings = [reading(1000, 1200), reading(2000, 2300)];
    let best = readings
        .into_iter()
        .fold(reading(0, 900), Reading::or_shorter);
    let sample = answer(best);
    assert_eq!(sample.taken, Boottime::at(1200));
    // The ruler may have shown two thirds of what passed.
    assert_eq!(sample.time, Interval::between(later(1000), later(1300)));
    assert_eq!(sample.class, Class::Host);
    assert_eq!(sample.evidence.upstreams, [Upstream::Host]);
    assert_eq!(sample.evidence.facts, [("bracket", "200 ns".to_owned())]);
}

#[test]
fn a_device_is_named_by_its_path() {
    for rest in ["", "/dev/ptp0", "/dev/ptp_kvm"] {
        assert!(open(rest, &Options::default()).is_ok(), "{rest}");
    }
    for rest in ["ptp0", "0", " "] {
        let error = open(rest, &Options::default()).unwrap_err().to_string();
        assert!(error.contains("phc:/dev/ptp0"), "{error}");
    }
}
