//! A time-stamp authority: `openssl ts -reply` behind the least HTTP that will do.

use super::{Lab, free_port};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// What a server does with a query, which is in the file `query` of the folder: the content type and the
/// bytes of its answer.
pub(crate) type Answer = Box<dyn Fn(&Path) -> (&'static str, Vec<u8>) + Send>;

pub(crate) const REPLY: &str = "application/timestamp-reply";

const OK: &str = "HTTP/1.0 200 OK\r\nContent-Type: ";

const CERTIFICATES: &str = "\
[req]
distinguished_name = dn
prompt = no
[dn]
CN = lab root
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[tsa]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[web]
basicConstraints = critical,CA:false
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,IP:127.0.0.1
";

/// Runs a line of shell in a folder; what it writes.
pub(crate) fn shell(folder: &Path, line: &str) -> Vec<u8> {
    let output = Command::new("sh")
        .args(["-ec", line])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}\n{said}");
    output.stdout
}

impl Lab {
    /// Makes an authority: `NAME.pem`, `NAME.key`.
    pub(crate) fn authority(&self, name: &str) -> PathBuf {
        self.file("certificates.cnf", CERTIFICATES);
        shell(
            self.path(),
            &format!(
                "openssl ecparam -name prime256v1 -genkey -noout -out {name}.key; \
                 openssl req -x509 -new -key {name}.key -config certificates.cnf -extensions ca -days 900 \
                 -subj '/CN=lab {name}' -out {name}.pem"
            ),
        );
        self.path().join(format!("{name}.pem"))
    }

    /// Makes a certificate of `root`, with the extensions of a section above; `key` is for `openssl
    /// genpkey`, `valid` from when (as faketime has it) and for how many days.
    pub(crate) fn leaf(&self, name: &str, section: &str, key: &str, valid: (&str, u32)) {
        let (when, days) = valid;
        shell(
            self.path(),
            &format!(
                "openssl genpkey {key} -out {name}.key 2>&1; \
                 openssl req -new -key {name}.key -config certificates.cnf -subj '/CN=lab {name}' -out {name}.csr; \
                 faketime -f {when} openssl x509 -req -in {name}.csr -CA root.pem -CAkey root.key -CAcreateserial \
                 -extfile certificates.cnf -extensions {section} -days {days} -out {name}.pem 2>&1"
            ),
        );
    }

    /// An answer that `signer` stamps at the time that `when` says, with these lines of configuration.
    pub(crate) fn stamps(&self, signer: &str, when: &str, lines: &str) -> Answer {
        let configuration = format!(
            "[tsa]\ndefault_tsa = it\n[it]\nserial = serial\ncrypto_device = builtin\nsigner_cert = {signer}.pem\n\
             signer_key = {signer}.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\n\
             ess_cert_id_alg = sha256\n{lines}\n"
        );
        self.file("ts.cnf", &configuration);
        self.file("serial", "1234567890ABCDEF\n");
        let line = format!(
            "faketime -f '{when}' openssl ts -reply -config ts.cnf -queryfile query -out reply 2>&1"
        );
        Box::new(move |folder| {
            shell(folder, &line);
            let reply = fs::read(folder.join("reply")).unwrap();
            (REPLY, reply)
        })
    }

    /// Serves answers; the port.
    pub(crate) fn serve(&self, answer: Answer) -> u16 {
        self.serve_after(None, answer)
    }

    /// Serves answers whose head is sent that long before they are made; the port.
    pub(crate) fn serve_after(&self, head: Option<Duration>, answer: Answer) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let folder = self.path().to_owned();
        // Ends with the test's process: nothing outside knows of it.
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let Some(query) = query(&stream) else {
                    continue;
                };
                fs::write(folder.join("query"), query).unwrap();
                let written = if let Some(long) = head {
                    let written = stream.write_all(format!("{OK}{REPLY}\r\n\r\n").as_bytes());
                    thread::sleep(long);
                    let (_, body) = answer(&folder);
                    written.and_then(|()| stream.write_all(&body))
                } else {
                    let (kind, body) = answer(&folder);
                    let length = body.len();
                    let head = format!("{OK}{kind}\r\nContent-Length: {length}\r\n\r\n");
                    let written = stream.write_all(head.as_bytes());
                    written.and_then(|()| stream.write_all(&body))
                };
                // A client may have had enough.
                drop(written);
            }
        });
        port
    }

    /// Starts an nginx before a server; the port at which it speaks TLS with the certificate `name`.
    pub(crate) fn secure(&mut self, name: &str, port: u16) -> u16 {
        let secured = free_port();
        self.file(
            &format!("{name}.conf"),
            &format!(
                "daemon off; pid {name}.pid; error_log stderr; events {{}}\n\
                 http {{ access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;\n\
                 uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n\
                 server {{ listen 127.0.0.1:{secured} ssl; ssl_certificate {name}.pem; ssl_certificate_key {name}.key;\n\
                 location /tsr {{ proxy_pass http://127.0.0.1:{port}; }} location / {{ return 404; }} }} }}\n"
            ),
        );
        let mut nginx = Command::new("nginx");
        nginx.args(["-p", ".", "-e", "stderr", "-c", &format!("{name}.conf")]);
        self.start(name, &mut nginx);
        self.until("nginx", || {
            TcpStream::connect(("127.0.0.1", secured)).is_ok()
        });
        secured
    }
}

/// The body of a request, if it is one for a time stamp.
fn query(mut stream: &TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let read = stream.read(&mut buffer).ok().filter(|&read| read > 0)?;
        bytes.extend(&buffer[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        assert!(head.starts_with("POST /tsr HTTP/1."), "{head}");
        assert!(
            head.contains("Content-Type: application/timestamp-query"),
            "{head}"
        );
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "));
        let length: usize = length.unwrap().parse().unwrap();
        if bytes.len() >= end + 4 + length {
            return Some(bytes.split_off(end + 4));
        }
    }
}
