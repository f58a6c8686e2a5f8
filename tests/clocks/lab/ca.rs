//! Certificates, by openssl.

use super::Lab;
use std::net::IpAddr;
use std::ops::Range;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A certificate authority.
pub(crate) struct Authority {
    /// Its own certificate.
    pub(crate) pem: PathBuf,
    key: PathBuf,
    name: String,
}

/// A certificate and its key, in PEM.
pub(crate) struct Pair {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// The days, counted from now, on which a certificate is valid.
pub(crate) type Days = Range<i32>;

/// Those of one that is valid.
pub(crate) const VALID: Days = 0..30;

/// Those of one that is not any more.
pub(crate) const EXPIRED: Days = -60..-30;

impl Authority {
    /// A new one; the name is that of its files too.
    pub(crate) fn new(lab: &Lab, name: &str) -> Self {
        let (pem, key) = (file(lab, name, "pem"), file(lab, name, "key"));
        let config = lab.file(
            &format!("{name}.cnf"),
            "[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\n\
             keyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n",
        );
        new_key(&key);
        run(Command::new("faketime")
            .args([
                "-f", "-90d", "openssl", "req", "-x509", "-new", "-days", "3650",
            ])
            .args(["-extensions", "ca", "-config"])
            .arg(config)
            .args(["-subj", &format!("/CN={name}"), "-key"])
            .arg(&key)
            .arg("-out")
            .arg(&pem));
        let name = name.to_owned();
        Self { pem, key, name }
    }

    /// A certificate for a server, by its name or its address, or at 127.0.0.1.
    pub(crate) fn certificate(&self, lab: &Lab, host: &str, valid: Days) -> Pair {
        let Days { start, end } = valid;
        let name = format!("{}-{host}{start:+}{end:+}", self.name);
        let (certificate, key) = (file(lab, &name, "pem"), file(lab, &name, "key"));
        let request = file(lab, &name, "csr");
        let config = lab.file(
            &format!("{name}.cnf"),
            "[req]\ndistinguished_name=dn\n[dn]\n",
        );
        let kind = match host.parse::<IpAddr>() {
            Ok(_) => "IP",
            Err(_) => "DNS",
        };
        let extensions = lab.file(
            &format!("{name}.ext"),
            &format!(
                "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\n\
                 subjectAltName={kind}:{host},IP:127.0.0.1\n"
            ),
        );
        new_key(&key);
        run(Command::new("openssl")
            .args(["req", "-new", "-config"])
            .arg(config)
            .args(["-subj", &format!("/CN={host}"), "-key"])
            .arg(&key)
            .arg("-out")
            .arg(&request));
        let mut sign = Command::new("faketime");
        sign.args(["-f", &format!("{start:+}d"), "openssl"]);
        let days = (end - start).to_string();
        run(sign
            .args(["x509", "-req", "-days", &days, "-CAcreateserial", "-in"])
            .arg(request)
            .arg("-CA")
            .arg(&self.pem)
            .arg("-CAkey")
            .arg(&self.key)
            .arg("-extfile")
            .arg(extensions)
            .arg("-out")
            .arg(&certificate));
        Pair { certificate, key }
    }
}

fn file(lab: &Lab, name: &str, extension: &str) -> PathBuf {
    lab.path().join(format!("{name}.{extension}"))
}

fn new_key(key: &PathBuf) {
    run(Command::new("openssl")
        .args(["genpkey", "-algorithm", "EC", "-pkeyopt"])
        .args(["ec_paramgen_curve:P-256", "-out"])
        .arg(key));
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
