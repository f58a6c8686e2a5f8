//! `nts:` against chronyd, with keys and certificates made for it.

use crate::lab::ca::{Authority, Pair, VALID};
use crate::lab::chronyd::{Chronyd, LOCAL};
use crate::lab::{Lab, available, free_port};
use skewgate::source::{Authorities, Budget, Class, Named, Options, Refusal, Sample, Upstream};
use skewgate::sys::{boottime, raw_wall_clock, wall_clock};
use skewgate::time::Span;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::thread;

/// Whether all that is needed is there.
fn can_run() -> bool {
    ["chronyd", "openssl", "faketime"]
        .into_iter()
        .all(available)
}

/// A chronyd that establishes keys, and the port where.
pub(crate) fn server(lab: &mut Lab, name: &str, certificate: &Pair, how: &str) -> (Chronyd, u16) {
    let port = free_port();
    let cookies = lab.path().join(format!("{name}.cookies"));
    std::fs::create_dir_all(&cookies).unwrap();
    let how = format!(
        "{LOCAL}\nntsport {port}\nntsserverkey {}\nntsservercert {}\nntsdumpdir {}\n{how}",
        certificate.key.display(),
        certificate.certificate.display(),
        cookies.display(),
    );
    let chronyd = Chronyd::start(lab, name, &how);
    (chronyd, port)
}

fn ask(address: &str, authorities: &Path) -> Result<Sample, Refusal> {
    let options = Options {
        authorities: Authorities::with_file(authorities).unwrap(),
        allow_local_reference: true,
        ..Options::default()
    };
    let source = Named::open(&format!("nts:{address}"), &options).unwrap();
    source.sample(Budget::of(Span::from_secs(5)))
}

/// Whether the sample holds the kernel's wall clock, whatever the clock of this process is made to say.
fn holds_the_truth(sample: &Sample) -> bool {
    let before = sample.at(boottime()).earliest().unwrap();
    let now = raw_wall_clock().unwrap();
    let after = sample.at(boottime()).latest().unwrap();
    before <= now && now <= after && sample.time.width() < Span::from_millis(500)
}

#[test]
fn a_server_proves_its_time() {
    if !can_run() {
        return;
    }
    let mut lab = Lab::new();
    let authority = Authority::new(&lab, "ca");
    let certificate = authority.certificate(&lab, "localhost", VALID);
    let (chronyd, port) = server(&mut lab, "nts", &certificate, "");
    let sample = ask(&format!("localhost:{port}"), &authority.pem).unwrap();
    assert!(holds_the_truth(&sample), "{sample:?}");
    assert_eq!(sample.class, Class::Authenticated);
    let certificate = sample.evidence.certificate.unwrap();
    assert!(certificate.is_strict);
    let valid = certificate.not_after.since(certificate.not_before);
    assert_eq!(valid, Span::from_secs(30 * 86_400));
    // Who tells the time is the server of NTP, not that of the keys.
    let told = sample.evidence.server.unwrap();
    assert_eq!(told.port(), chronyd.port);
    assert_eq!(sample.evidence.upstreams, [Upstream::Loopback(told)]);

    let strict = Options {
        authorities: Authorities::with_file(&authority.pem).unwrap(),
        ..Options::default()
    };
    let strict = Named::open(&format!("nts:localhost:{port}"), &strict).unwrap();
    let refused = strict.sample(Budget::of(Span::from_secs(5)));
    assert!(
        matches!(refused, Err(Refusal::LocalReference { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_certificate_of_nobody_known_or_of_another_is_refused() {
    if !can_run() {
        return;
    }
    let (mut lab, elsewhere) = (Lab::new(), Lab::new());
    // The other one bears the same name.
    let (authority, other) = (Authority::new(&lab, "ca"), Authority::new(&elsewhere, "ca"));
    let certificate = authority.certificate(&lab, "localhost", VALID);
    let (_chronyd, port) = server(&mut lab, "nts", &certificate, "");
    let bundled = Named::open(&format!("nts:localhost:{port}"), &Options::default()).unwrap();
    for (refused, expected) in [
        (
            bundled.sample(Budget::of(Span::from_secs(5))),
            "UnknownIssuer",
        ),
        (
            ask(&format!("localhost:{port}"), &other.pem),
            "BadSignature",
        ),
        (
            ask(&format!("127.0.0.2:{port}"), &authority.pem),
            "not valid for name",
        ),
    ] {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, Refusal::Tls(_)), "{refused}");
        assert!(refused.to_string().contains(expected), "{refused}");
    }
}

#[test]
fn a_certificate_that_does_not_hold_the_time_is_refused() {
    if !can_run() {
        return;
    }
    for (from, to) in [(-60, -30), (30, 60)] {
        let mut lab = Lab::new();
        let authority = Authority::new(&lab, "ca");
        let certificate = authority.certificate(&lab, "localhost", from..to);
        let (_chronyd, port) = server(&mut lab, "nts", &certificate, "");
        let refused = ask(&format!("localhost:{port}"), &authority.pem);
        assert!(
            matches!(refused, Err(Refusal::Expired { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn who_speaks_no_key_establishment_is_refused() {
    if !can_run() {
        return;
    }
    let lab = Lab::new();
    let authority = Authority::new(&lab, "ca");
    let nobody = free_port();
    let refused = ask(&format!("127.0.0.1:{nobody}"), &authority.pem);
    assert!(
        matches!(refused, Err(Refusal::Refused { .. })),
        "{refused:?}"
    );
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let began = boottime();
    let refused = ask(&silent.local_addr().unwrap().to_string(), &authority.pem);
    assert!(
        matches!(refused, Err(Refusal::Timeout { .. })),
        "{refused:?}"
    );
    assert!(boottime().since(began) < Span::from_secs(6));
}

#[test]
fn who_speaks_tls_but_not_this_is_refused() {
    if !can_run() {
        return;
    }
    let mut lab = Lab::new();
    let authority = Authority::new(&lab, "ca");
    let pair = authority.certificate(&lab, "localhost", VALID);
    let (key, certificate) = (pair.key.display(), pair.certificate.display());
    for (what, expected) in [
        ("-tls1_3", "does not speak ntske/1"),
        ("-tls1_3 -alpn http/1.1", "no secure connection"),
        ("-tls1_2 -alpn ntske/1", "no secure connection"),
        ("-tls1_3 -alpn ntske/1", "what it sent does not end"),
    ] {
        let port = free_port();
        let speak = format!(
            "exec openssl s_server -quiet -accept {port} -key {key} -cert {certificate} {what} </dev/urandom"
        );
        lab.start("tls", Command::new("sh").args(["-c", &speak]));
        lab.until(what, || TcpStream::connect(("127.0.0.1", port)).is_ok());
        let refused = ask(&format!("localhost:{port}"), &authority.pem).unwrap_err();
        assert!(refused.to_string().contains(expected), "{what}: {refused}");
        lab.stop("tls");
    }
}

/// Where the test of a builder far ahead finds what to ask, and by which authority.
const ADDRESS: &str = "SKEWGATE_TEST_NTS_ADDRESS";
const AUTHORITY: &str = "SKEWGATE_TEST_NTS_AUTHORITY";

#[test]
fn a_builder_far_ahead_learns_the_time_all_the_same() {
    if !can_run() {
        return;
    }
    let mut lab = Lab::new();
    let authority = Authority::new(&lab, "ca");
    let certificate = authority.certificate(&lab, "localhost", VALID);
    let (_chronyd, port) = server(&mut lab, "nts", &certificate, "");
    let child = Command::new("faketime")
        .args(["-f", "+400d"])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "nts::the_builder_far_ahead",
            "--ignored",
            "--nocapture",
        ])
        .env(ADDRESS, format!("localhost:{port}"))
        .env(AUTHORITY, &authority.pem)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    let errors = String::from_utf8_lossy(&child.stderr);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}{errors}"
    );
}

#[test]
#[ignore = "runs where the clock is 400 days ahead, started by the test above"]
fn the_builder_far_ahead() {
    let variable = |name| std::env::var_os(name).unwrap();
    let ahead = wall_clock().since(raw_wall_clock().unwrap());
    assert!(ahead > Span::from_secs(399 * 86_400), "{ahead}");
    let address = variable(ADDRESS).into_string().unwrap();
    let sample = ask(&address, Path::new(&variable(AUTHORITY))).unwrap();
    assert!(holds_the_truth(&sample), "{sample:?}");
    assert!(!sample.evidence.certificate.unwrap().is_strict);
}

/// What somebody on the way does to datagrams: to the n-th request, and to the n-th answer.
type Meddle = fn(&mut [u8], u32);

/// Somebody on the way to an NTP server.
struct Between {
    /// How many requests came.
    requests: Arc<AtomicU32>,
    /// What the requests were like: their lengths.
    longest: Arc<AtomicUsize>,
}

impl Between {
    fn new(listen: SocketAddr, server: SocketAddr, request: Meddle, answer: Meddle) -> Self {
        let socket = UdpSocket::bind(listen).unwrap();
        let (requests, longest) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counted, measured) = (Arc::clone(&requests), Arc::clone(&longest));
        thread::spawn(move || {
            let mut buffer = [0; 2048];
            while let Ok((length, client)) = socket.recv_from(&mut buffer) {
                let count = counted.fetch_add(1, Ordering::Relaxed);
                measured.fetch_max(length, Ordering::Relaxed);
                request(&mut buffer[..length], count);
                let onward = UdpSocket::bind("127.0.0.1:0").unwrap();
                let second = std::time::Duration::from_secs(1);
                onward.set_read_timeout(Some(second)).unwrap();
                onward.send_to(&buffer[..length], server).unwrap();
                if let Ok(length) = onward.recv(&mut buffer) {
                    answer(&mut buffer[..length], count);
                    let _gone = socket.send_to(&buffer[..length], client);
                }
            }
        });
        Self { requests, longest }
    }
}

/// What is done on the way, what must be said of it (nothing when the time is learned all the same: new
/// keys mend what somebody did once), and how many requests it takes.
const MEDDLING: &[(&str, Meddle, Meddle, &str, u32)] = &[
    ("nothing", |_, _| {}, |_, _| {}, "", 1),
    (
        "the cookie",
        |bytes, _| bytes[100] ^= 1,
        |_, _| {},
        "kiss-o'-death NTSN",
        2,
    ),
    (
        "the request's proof",
        |bytes, _| *bytes.last_mut().unwrap() ^= 1,
        |_, _| {},
        "kiss-o'-death NTSN",
        2,
    ),
    (
        "the answer's T2",
        |_, _| {},
        |bytes, _| bytes[35] ^= 1,
        "not authentic: it was changed",
        1,
    ),
    (
        "the answer's proof",
        |_, _| {},
        |bytes, _| *bytes.last_mut().unwrap() ^= 1,
        "not authentic: it was changed",
        1,
    ),
    (
        "the cookie, once",
        |bytes, count| bytes[100] ^= u8::from(count == 0),
        |_, _| {},
        "",
        2,
    ),
];

#[test]
fn nobody_on_the_way_can_change_anything() {
    if !can_run() {
        return;
    }
    for &(what, request, answer, expected, asked) in MEDDLING {
        let mut lab = Lab::new();
        let authority = Authority::new(&lab, "ca");
        // chronyd is on another address of loopback, and sends its clients to whoever is between.
        let certificate = authority.certificate(&lab, "127.0.0.2", VALID);
        let how = "bindaddress 127.0.0.2\nntsntpserver 127.0.0.1";
        let (chronyd, port) = server(&mut lab, "nts", &certificate, how);
        let at = |ip: [u8; 4]| SocketAddr::from((ip, chronyd.port));
        let between = Between::new(at([127, 0, 0, 1]), at([127, 0, 0, 2]), request, answer);
        let outcome = ask(&format!("127.0.0.2:{port}"), &authority.pem);
        match outcome {
            Ok(sample) => {
                assert!(
                    expected.is_empty() && holds_the_truth(&sample),
                    "{what}: {sample:?}"
                );
                assert_eq!(sample.evidence.server, Some(at([127, 0, 0, 1])));
            }
            Err(refusal) => {
                let is_it = !expected.is_empty() && refusal.to_string().contains(expected);
                assert!(is_it, "{what}: {refusal}");
            }
        }
        assert_eq!(between.requests.load(Ordering::Relaxed), asked, "{what}");
        assert_eq!(between.longest.load(Ordering::Relaxed), 228, "{what}");
    }
}
