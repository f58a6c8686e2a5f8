//! A certificate authority of the tests' own, made with openssl.

use super::Lab;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An authority, by its certificate.
pub(crate) struct Authority {
    folder: PathBuf,
    /// Its own certificate, in PEM.
    pub(crate) pem: PathBuf,
}

/// The files of a server's certificate.
pub(crate) struct Issued {
    pub(crate) key: PathBuf,
    pub(crate) pem: PathBuf,
}

const NEW_KEY: [&str; 6] = [
    "req",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
];

impl Authority {
    pub(crate) fn new(lab: &Lab) -> Self {
        let folder = lab.path().to_path_buf();
        let own = [
            "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-days", "3650",
        ];
        openssl(
            &folder,
            0,
            &[&NEW_KEY, &own[..], &["-subj", "/CN=lab"]].concat(),
        );
        let pem = folder.join("ca.pem");
        Self { folder, pem }
    }

    /// A certificate for a name or an address, valid from so many days after now (negative: before) to so
    /// many. It is another one each time, under the same name.
    pub(crate) fn certificate_for(&self, host: &str, from: i32, to: i32) -> Issued {
        let kind = match host.parse::<IpAddr>() {
            Ok(_) => "IP",
            Err(_) => "DNS",
        };
        let extensions = format!("subjectAltName={kind}:{host}\nextendedKeyUsage=serverAuth\n");
        std::fs::write(self.folder.join("server.ext"), extensions).unwrap();
        let wanted = [
            "-keyout",
            "server.key",
            "-out",
            "server.csr",
            "-subj",
            "/CN=server",
        ];
        openssl(&self.folder, 0, &[&NEW_KEY, &wanted[..]].concat());
        let days = (to - from).to_string();
        let sign =
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile server.ext";
        let into = ["-out", "server.pem", "-days", &days];
        let sign: Vec<_> = sign.split(' ').chain(into).collect();
        openssl(&self.folder, from, &sign);
        Issued {
            key: self.folder.join("server.key"),
            pem: self.folder.join("server.pem"),
        }
    }
}

/// Runs openssl so many days after now.
fn openssl(folder: &Path, days: i32, arguments: &[&str]) {
    let mut command = match days {
        0 => Command::new("openssl"),
        _ => {
            let mut command = Command::new("faketime");
            command.args(["-f", &format!("{days:+}d"), "openssl"]);
            command
        }
    };
    let output = command
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
}
