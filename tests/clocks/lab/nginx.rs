//! nginx, of which nothing is wanted but its Date.

use super::ca::Pair;
use super::{Lab, free_port};
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

/// A running nginx.
pub(crate) struct Nginx {
    /// Where it speaks HTTP.
    pub(crate) plain: u16,
    /// Where it speaks HTTPS.
    pub(crate) secure: u16,
}

impl Nginx {
    /// Starts one whose clock is `shift` away from this machine's (as faketime has it: `-3d`).
    ///
    /// `/` answers, `/old` as if from a cache, `/via` as if through a proxy, `/r` with a redirect, `/no`
    /// with a refusal, `/once` with an answer after which the connection ends.
    pub(crate) fn start(lab: &mut Lab, name: &str, pair: &Pair, shift: Option<&str>) -> Self {
        let (plain, secure) = (free_port(), free_port());
        let text = config(lab.path(), name, pair, (plain, secure));
        let config = lab.file(&format!("{name}.conf"), &text);
        let mut command = Command::new("/usr/sbin/nginx");
        if let Some(shift) = shift {
            // `faketime` itself would stay as a parent, and nginx behind when that is killed.
            command.env("LD_PRELOAD", preload()).env("FAKETIME", shift);
        }
        command.arg("-p").arg(lab.path());
        command.args(["-e", "stderr", "-c"]).arg(config);
        lab.start(name, &mut command);
        for port in [plain, secure] {
            lab.until("nginx", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        }
        if shift.is_some() {
            forget_shared_memory(lab, name);
        }
        Self { plain, secure }
    }
}

/// Removes what faketime's library shares with children that nginx does not have, and would leave behind
/// when nginx is killed.
fn forget_shared_memory(lab: &Lab, name: &str) {
    let pid = fs::read_to_string(lab.path().join(format!("{name}.pid"))).unwrap();
    for kind in ["faketime_shm", "sem.faketime_sem"] {
        let _none = fs::remove_file(format!("/dev/shm/{kind}_{}", pid.trim()));
    }
}

/// The library that faketime puts before others.
fn preload() -> String {
    let output = Command::new("faketime")
        .args(["-f", "+0", "printenv", "LD_PRELOAD"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn config(lab: &Path, name: &str, pair: &Pair, (plain, secure): (u16, u16)) -> String {
    let lab = lab.display();
    let (certificate, key) = (pair.certificate.display(), pair.key.display());
    let scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {lab}/{name}-{what};\n"))
        .concat();
    // Without a master there is one process to stop, and it stays the user who started it.
    format!(
        "daemon off;
master_process off;
pid {lab}/{name}.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    {scratch}
    server {{
        listen 127.0.0.1:{plain};
        listen 127.0.0.1:{secure} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{ return 200 x; }}
        location /old {{ add_header Age 7; return 200 x; }}
        location /via {{ add_header Via '1.1 proxy'; return 200 x; }}
        location /r {{ return 302 http://127.0.0.1:1/; }}
        location /no {{ return 405; }}
        location /once {{ keepalive_timeout 0; return 200 x; }}
    }}
}}
"
    )
}
