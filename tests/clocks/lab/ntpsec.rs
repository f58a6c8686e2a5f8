//! `ntpd` of `NTPsec` as a server: the one that asks to be left alone. It cannot be installed beside chronyd,
//! so it is unpacked among the target's files.

use super::Lab;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program where `.ci/run` unpacked it; `None` where it is not, or may not listen on port 123.
pub(crate) fn ntpd() -> Option<PathBuf> {
    let is_root = rustix::process::getuid().is_root();
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ntpsec/usr/sbin/ntpd");
    let there = is_root && program.is_file();
    assert!(
        there || !is_root || std::env::var_os("CI").is_none(),
        "CI needs ntpsec in {}",
        program.display()
    );
    if !there {
        println!("not tested here: needs root and ntpsec");
    }
    there.then_some(program)
}

/// Starts one on 127.0.0.1 that answers a few times, and then asks to be left alone. Its port is always 123.
pub(crate) fn start(lab: &mut Lab, program: &Path) {
    let configuration = lab.file(
        "ntpsec.conf",
        "interface ignore all\ninterface listen 127.0.0.1\ndisable ntp\ntos orphan 5 orphanwait 1\n\
         limit average 3 burst 3\nrestrict default limited kod\n",
    );
    let mut command = Command::new("setpriv");
    command
        .args(["--bounding-set=-sys_time", "--inh-caps=-sys_time", "--"])
        .arg(program)
        .args(["-n", "-c"])
        .arg(configuration);
    lab.start("ntpsec", &mut command);
}
