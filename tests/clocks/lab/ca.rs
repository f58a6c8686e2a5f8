//! Certificates, by openssl.

use super::Lab;
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

/// When a certificate is valid.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Validity {
    /// Thirty days from now.
    Now,
    /// Thirty days that ended thirty days ago.
    Expired,
}

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

    /// A certificate for a server called `host`, or at 127.0.0.1.
    pub(crate) fn certificate(&self, lab: &Lab, host: &str, validity: Validity) -> Pair {
        let name = format!("{}-{host}-{validity:?}", self.name);
        let (certificate, key) = (file(lab, &name, "pem"), file(lab, &name, "key"));
        let request = file(lab, &name, "csr");
        let config = lab.file(
            &format!("{name}.cnf"),
            "[req]\ndistinguished_name=dn\n[dn]\n",
        );
        let extensions = lab.file(
            &format!("{name}.ext"),
            &format!(
                "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\n\
                 subjectAltName=DNS:{host},IP:127.0.0.1\n"
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
        let mut sign = match validity {
            Validity::Now => Command::new("openssl"),
            Validity::Expired => {
                let mut sign = Command::new("faketime");
                sign.args(["-f", "-60d", "openssl"]);
                sign
            }
        };
        run(sign
            .args(["x509", "-req", "-days", "30", "-CAcreateserial", "-in"])
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
