//! The Date of nginx, as it is and with another clock; and of servers that are none.

use crate::lab::ca::{Authority, EXPIRED, Pair, VALID};
use crate::lab::nginx::Nginx;
use crate::lab::{Lab, available, fact};
use skewgate::source::{Authorities, Budget, Class, Named, Options, Refusal, Sample};
use skewgate::sys::{boottime, wall_clock};
use skewgate::time::{Interval, Order, Span};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;

fn is_here() -> bool {
    ["nginx", "openssl", "faketime"].into_iter().all(available)
}

/// A lab with an authority and its certificate for localhost.
fn lab() -> (Lab, Authority, Pair) {
    let lab = Lab::new();
    let authority = Authority::new(&lab, "ca");
    let pair = authority.certificate(&lab, "localhost", VALID);
    (lab, authority, pair)
}

fn trusting(authority: &Authority) -> Options {
    Options {
        authorities: Authorities::with_file(&authority.pem).unwrap(),
        ..Options::default()
    }
}

fn ask(address: &str, options: &Options) -> Result<Sample, Refusal> {
    let named = Named::open(address, options).unwrap();
    named.sample(Budget::of(Span::from_secs(5)))
}

/// Holds an answer against this machine's clock, moved by `shift`.
fn holds_truth(sample: &Sample, shift: Span) {
    let now = Interval::exactly(wall_clock().later(shift));
    let said = sample.at(boottime());
    assert_eq!(
        said.order(now),
        Order::Overlaps,
        "{said:?} does not hold {now:?}"
    );
}

#[test]
fn a_date_holds_the_true_time() {
    if !is_here() {
        return;
    }
    let (mut lab, authority, pair) = lab();
    let nginx = Nginx::start(&mut lab, "nginx", &pair, None);
    let options = trusting(&authority);
    let (plain, secure) = (nginx.plain, nginx.secure);
    for path in ["", "/", "/r", "/no", "/once", "/?q"] {
        let sample = ask(&format!("http://127.0.0.1:{plain}{path}"), &options).unwrap();
        holds_truth(&sample, Span::ZERO);
        assert_eq!(sample.class, Class::Network);
        assert!(sample.time.width() < Span::from_millis(2500), "{sample:?}");
        assert!(sample.evidence.certificate.is_none());
        assert_eq!(fact(&sample, "requests"), Some("1"));
    }
    for host in ["localhost", "127.0.0.1"] {
        let sample = ask(&format!("https://{host}:{secure}"), &options).unwrap();
        holds_truth(&sample, Span::ZERO);
        assert_eq!(sample.class, Class::Authenticated);
        assert!(sample.evidence.certificate.unwrap().is_strict);
        assert_eq!(sample.evidence.server.unwrap().port(), secure);
        assert_eq!(sample.evidence.upstreams.len(), 1);
    }
    for path in ["/old", "/via"] {
        let refusal = ask(&format!("http://127.0.0.1:{plain}{path}"), &options);
        assert!(
            matches!(refusal, Err(Refusal::Useless(_))),
            "{path}: {refusal:?}"
        );
    }
}

#[test]
fn a_sharper_answer_is_had_for_the_asking() {
    if !is_here() {
        return;
    }
    let (mut lab, authority, pair) = lab();
    let nginx = Nginx::start(&mut lab, "nginx", &pair, None);
    let options = Options {
        max_uncertainty: Some(Span::from_millis(100)),
        ..trusting(&authority)
    };
    for address in [
        format!("http://127.0.0.1:{}", nginx.plain),
        format!("https://localhost:{}", nginx.secure),
    ] {
        let sample = ask(&address, &options).unwrap();
        holds_truth(&sample, Span::ZERO);
        let width = sample.time.width();
        assert!(
            width <= Span::from_millis(200),
            "{address}: {width} {sample:?}"
        );
        assert!(fact(&sample, "date-turned-within").is_some());
    }
    // One answer a connection: the first of the second connection stands.
    let sample = ask(&format!("http://127.0.0.1:{}/once", nginx.plain), &options).unwrap();
    holds_truth(&sample, Span::ZERO);
    assert!(sample.time.width() > Span::from_secs(2));
    assert_eq!(fact(&sample, "requests"), Some("2"));
}

#[test]
fn a_server_three_days_behind_is_heard_three_days_behind() {
    if !is_here() {
        return;
    }
    let (mut lab, authority, pair) = lab();
    let nginx = Nginx::start(&mut lab, "nginx", &pair, Some("-3d"));
    let three_days = Span::from_secs(-3 * 86_400);
    let address = format!("http://127.0.0.1:{}", nginx.plain);
    holds_truth(&ask(&address, &Options::default()).unwrap(), three_days);
    let sharper = Options {
        max_uncertainty: Some(Span::from_millis(100)),
        ..Options::default()
    };
    holds_truth(&ask(&address, &sharper).unwrap(), three_days);
    // The certificate is of today: what the server says is not in its validity.
    let refusal = ask(
        &format!("https://localhost:{}", nginx.secure),
        &trusting(&authority),
    );
    assert!(
        matches!(refusal, Err(Refusal::Expired { .. })),
        "{refusal:?}"
    );
}

#[test]
fn a_server_must_prove_its_name() {
    if !is_here() {
        return;
    }
    let (mut lab, authority, pair) = lab();
    let nginx = Nginx::start(&mut lab, "nginx", &pair, None);
    let stranger = Authority::new(&lab, "stranger");
    let other = authority.certificate(&lab, "other.example", VALID);
    let misnamed = Nginx::start(&mut lab, "misnamed", &other, None);
    let cases = [
        (nginx.secure, trusting(&stranger), "UnknownIssuer"),
        (nginx.secure, Options::default(), "UnknownIssuer"),
        (misnamed.secure, trusting(&authority), "not valid for name"),
        (nginx.plain, trusting(&authority), ""),
    ];
    for (port, options, why) in cases {
        let refusal = ask(&format!("https://localhost:{port}"), &options);
        let shown = format!("{:?}", refusal.as_ref().map_err(ToString::to_string));
        assert!(matches!(refusal, Err(Refusal::Tls(_))), "{shown}");
        assert!(shown.contains(why), "{shown}");
    }
}

#[test]
fn an_expired_certificate_vouches_for_nothing() {
    if !is_here() {
        return;
    }
    let (mut lab, authority, _pair) = lab();
    let expired = authority.certificate(&lab, "localhost", EXPIRED);
    let nginx = Nginx::start(&mut lab, "nginx", &expired, None);
    let refusal = ask(
        &format!("https://localhost:{}", nginx.secure),
        &trusting(&authority),
    );
    assert!(
        matches!(refusal, Err(Refusal::Expired { .. })),
        "{refusal:?}"
    );
}

/// Does nothing but when `a_builder_a_year_ahead_still_learns_the_time` runs it, on another clock.
#[test]
fn helper_on_another_clock() {
    let Ok(address) = std::env::var("SKEWGATE_TEST_ADDRESS") else {
        return;
    };
    let ca = std::env::var("SKEWGATE_TEST_CA").unwrap();
    let options = Options {
        authorities: Authorities::with_file(ca.as_ref()).unwrap(),
        ..Options::default()
    };
    let sample = ask(&address, &options).unwrap();
    let is_strict = sample.evidence.certificate.unwrap().is_strict;
    let middle = sample.time.middle().unwrap().seconds();
    println!(
        "heard {middle} by {} strictly {is_strict}",
        wall_clock().seconds()
    );
}

#[test]
fn a_builder_a_year_ahead_still_learns_the_time() {
    if !is_here() {
        return;
    }
    let (mut lab, authority, pair) = lab();
    let nginx = Nginx::start(&mut lab, "nginx", &pair, None);
    let output = Command::new("faketime")
        .args(["-f", "+400d"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "http::helper_on_another_clock", "--nocapture"])
        .env(
            "SKEWGATE_TEST_ADDRESS",
            format!("https://localhost:{}", nginx.secure),
        )
        .env("SKEWGATE_TEST_CA", &authority.pem)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let heard = said
        .lines()
        .find_map(|line| line.split_once("heard "))
        .map(|(_, rest)| rest);
    let Some(["by", by, "strictly", strictly]) = heard
        .map(|rest| rest.split(' ').skip(1).collect::<Vec<_>>())
        .as_deref()
        .map(|words| <[&str; 4]>::try_from(words).unwrap())
    else {
        panic!("{said}{}", String::from_utf8_lossy(&output.stderr));
    };
    let middle: i64 = heard.unwrap().split(' ').next().unwrap().parse().unwrap();
    let (now, by) = (wall_clock().seconds(), by.parse::<i64>().unwrap());
    assert!((middle - now).abs() <= 4, "{said}");
    assert!((by - now - 400 * 86_400).abs() <= 4, "{said}");
    assert_eq!(strictly, "false", "{said}");
}

/// A server that does one thing with each connection.
fn serving(serve: impl Fn(&mut TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            serve(&mut stream.unwrap());
        }
    });
    port
}

#[test]
fn what_is_no_server_is_told_within_the_budget() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let black_hole = silent.local_addr().unwrap().port();
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let garbage = serving(|stream| {
        let _asked = stream.read(&mut [0; 4096]);
        let _told = stream.write_all(&[0xff; 4096]);
    });
    let hangs_up = serving(|stream| {
        let _asked = stream.read(&mut [0; 4096]);
    });
    let drips = serving(|stream| {
        let _asked = stream.read(&mut [0; 4096]);
        // The beginning of a TLS record that never ends, or of nothing.
        while stream.write_all(&[0x16]).is_ok() {
            thread::sleep(std::time::Duration::from_millis(20));
        }
    });
    let sample = |scheme: &str, port| {
        let began = boottime();
        let named = Named::open(&format!("{scheme}://127.0.0.1:{port}"), &Options::default());
        let refusal = named
            .unwrap()
            .sample(Budget::of(Span::from_millis(400)))
            .unwrap_err();
        let took = boottime().since(began);
        assert!(took < Span::from_millis(900), "{scheme} {port}: {took}");
        refusal
    };
    for scheme in ["http", "https"] {
        let refusal = sample(scheme, black_hole);
        assert!(matches!(refusal, Refusal::Timeout { .. }), "{refusal:?}");
        let refusal = sample(scheme, closed);
        assert!(matches!(refusal, Refusal::Refused { .. }), "{refusal:?}");
        let refusal = sample(scheme, hangs_up);
        assert!(matches!(refusal, Refusal::Broken { .. }), "{refusal:?}");
        let refusal = sample(scheme, garbage);
        assert!(
            matches!(refusal, Refusal::Malformed(_) | Refusal::Tls(_)),
            "{refusal:?}"
        );
        let refusal = sample(scheme, drips);
        let told = matches!(
            refusal,
            Refusal::Malformed(_) | Refusal::Tls(_) | Refusal::Timeout { .. }
        );
        assert!(told, "{refusal:?}");
    }
}

/// A server whose Dates are these, one a request.
fn dating(seconds: &'static [u64]) -> u16 {
    serving(move |stream| {
        for second in seconds {
            let mut asked = [0; 4096];
            if stream.read(&mut asked).unwrap_or(0) == 0 {
                return;
            }
            let date = format!("Sun, 22 Nov 2026 10:00:{second:02} GMT");
            let _told =
                stream.write_all(format!("HTTP/1.1 204 No\r\nDate: {date}\r\n\r\n").as_bytes());
        }
        let _gone = stream.read(&mut [0; 1]);
    })
}

#[test]
fn dates_that_no_clock_shows_are_a_contradiction() {
    let sharper = Options {
        max_uncertainty: Some(Span::from_millis(100)),
        ..Options::default()
    };
    let sample = |port: u16| ask(&format!("http://127.0.0.1:{port}"), &sharper);
    for dates in [&[30, 30, 29][..], &[30, 32], &[30, 30, 50]] {
        let refusal = sample(dating(dates));
        assert!(
            matches!(refusal, Err(Refusal::Inconsistent(_))),
            "{dates:?}: {refusal:?}"
        );
    }
    let turned = sample(dating(&[30, 30, 31])).unwrap();
    assert_eq!(fact(&turned, "date"), Some("2026-11-22T10:00:31Z"));
    assert_eq!(fact(&turned, "requests"), Some("3"));
}
