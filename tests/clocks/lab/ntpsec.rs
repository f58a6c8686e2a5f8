//! `ntpd` of `NTPsec` as a server: the one that asks to be left alone. It cannot be installed beside chronyd,
//! so it is unpacked among the target's files.

use super::Lab;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program, fetched if it is not there yet; `None` where it cannot be had or may not listen on port 123.
pub(crate) fn ntpd() -> Option<PathBuf> {
    let is_root = Command::new("id").arg("-u").output();
    let is_root = is_root.is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ntpsec");
    let program = folder.join("usr/sbin/ntpd");
    if is_root && !program.is_file() {
        std::fs::create_dir_all(&folder).unwrap();
        let _failed = Command::new("sh")
            .args(["-c", "apt-get download ntpsec && dpkg -x ntpsec_*.deb ."])
            .current_dir(&folder)
            .output();
    }
    let there = is_root && program.is_file();
    assert!(
        there || !is_root || std::env::var_os("CI").is_none(),
        "CI needs ntpsec"
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
