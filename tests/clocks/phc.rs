//! `phc:` as far as it goes without a hypervisor that gives its clock.

use crate::child;
use skewgate::source::{Budget, Named, Options, host_clocks};
use skewgate::time::Span;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn refusal(device: &Path) -> String {
    let address = format!("phc:{}", device.display());
    let named = Named::open(&address, &Options::default()).unwrap();
    let refusal = named.sample(Budget::of(Span::from_secs(5))).unwrap_err();
    refusal.to_string()
}

#[test]
fn what_is_not_there_or_is_no_clock_is_told() {
    let missing = refusal(Path::new("/dev/ptp-of-nobody"));
    assert!(
        missing.contains("there is no /dev/ptp-of-nobody"),
        "{missing}"
    );
    for no_clock in ["/dev/null", "/proc/self/status", "/"] {
        let refusal = refusal(Path::new(no_clock));
        assert!(
            refusal.contains(&format!("{no_clock} is no clock")),
            "{refusal}"
        );
    }
}

#[test]
fn without_a_device_the_hosts_clock_is_read_where_there_is_one() {
    let named = Named::open("phc:", &Options::default()).unwrap();
    let said = named.sample(Budget::of(Span::from_secs(5)));
    match said {
        Ok(_) => assert!(
            host_clocks()
                .iter()
                .any(|address| address.starts_with("phc:/dev/ptp"))
        ),
        Err(refusal) => assert!(
            host_clocks().is_empty() || refusal.to_string().contains("group"),
            "{refusal}"
        ),
    }
}

#[test]
fn a_device_of_somebody_else_is_told_with_its_group() {
    const SELF: &str = "phc::a_device_of_somebody_else_is_told_with_its_group";
    let Some(folder) = child::folder() else {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let device = folder.path().join("ptp0");
        drop(fs::File::create(&device).unwrap());
        fs::set_permissions(&device, fs::Permissions::from_mode(0o000)).unwrap();
        return child::run(child::as_nobody(), SELF, folder.path());
    };
    let refusal = refusal(&folder.join("ptp0"));
    assert!(
        refusal.contains("may not open") && refusal.contains("group"),
        "{refusal}"
    );
}
