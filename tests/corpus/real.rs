//! Nothing is found in what others deliver.

use crate::gather::{crates, fetched, system};
use crate::harness::{alarms, audit};

/// How many packages and archives are looked into at least.
const LEAST: usize = 200;

#[test]
fn real_packages_and_archives_raise_no_alarm() {
    let parts = [
        ("crates", crates()),
        ("system", system()),
        ("registries", fetched()),
    ];
    let mut files = Vec::new();
    for (name, part) in parts {
        println!("{name}: {} files", part.len());
        files.extend(part);
    }
    let report = audit(&files, "system:", &[], &[]);
    assert_eq!(alarms(&report), [""; 0]);
    assert_eq!(report["verdict"], "pass");
    assert_eq!(report["summary"]["opened"], files.len());
    assert!(
        report["summary"]["stamps"].as_u64().unwrap() > 10_000,
        "{}",
        report["summary"]
    );
    let is_enough = files.len() >= LEAST;
    assert!(
        is_enough || std::env::var_os("CI").is_none(),
        "CI needs {LEAST} files, and has {}",
        files.len()
    );
    if !is_enough {
        println!(
            "tested here with {} files only, {LEAST} are wanted",
            files.len()
        );
    }
}
