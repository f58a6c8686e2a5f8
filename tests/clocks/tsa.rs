//! `tsa:` against `openssl ts`.

use crate::lab::{Answer, Lab, REPLY, available, fact, shell};
use skewgate::source::{
    Authorities, Budget, Certificate, Named, Options, Refusal, Sample, verify_token,
};
use skewgate::sys::{boottime, wall_clock};
use skewgate::time::{Interval, Span};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

const EC: &str = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256";
const PRECISE: &str =
    "digests = sha256\nclock_precision_digits = 3\naccuracy = secs:0, millisecs:250";

/// Tells the re-executed test whom to ask; what the authority's certificate is.
const ASK: &str = "SKEWGATE_TEST_TSA";
const ROOT: &str = "SKEWGATE_TEST_TSA_ROOT";

fn ready() -> bool {
    available("openssl") && available("faketime")
}

/// A lab with an authority and a time-stamp authority of it.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.authority("root");
    lab.leaf("tsa", "tsa", EC, ("+0", 800));
    lab
}

fn ask_at(address: &str, root: &Path) -> Result<Sample, Refusal> {
    let options = Options {
        authorities: Authorities::with_file(root).unwrap(),
        ..Options::default()
    };
    let named = Named::open(address, &options).unwrap();
    named.sample(Budget::of(Span::from_secs(10)))
}

fn ask(lab: &Lab, answer: Answer) -> Result<Sample, Refusal> {
    let address = format!("tsa:http://127.0.0.1:{}/tsr", lab.serve(answer));
    ask_at(&address, &lab.path().join("root.pem"))
}

fn refused(asked: Result<Sample, Refusal>, word: &str) {
    let refusal = asked.map(|sample| sample.time).expect_err(word).to_string();
    println!("{refusal}");
    assert!(refusal.contains(word), "{refusal}");
}

/// What it says, moved to now, against this machine's clock moved by `shift`.
fn holds(sample: &Sample, shift: Span) {
    let (now, ruler) = (wall_clock().later(shift), boottime());
    let time = sample.at(ruler);
    println!(
        "{:?} {} {:?}",
        time.earliest(),
        time.width(),
        sample.evidence.facts
    );
    let distance = time.distance(Interval::exactly(now));
    assert_eq!(distance, Span::ZERO, "{now} is not in {time:?}");
}

#[test]
fn a_stamp_tells_the_time_as_sharply_as_it_is_written() {
    if !ready() {
        return;
    }
    let lab = lab();
    let precise = ask(&lab, lab.stamps("tsa", "+0", PRECISE)).unwrap();
    holds(&precise, Span::ZERO);
    assert!(
        precise.time.width() < Span::from_millis(1000),
        "{precise:?}"
    );
    assert_eq!(
        fact(&precise, "accuracy"),
        Some(Span::from_millis(250).to_string().as_str())
    );
    assert_eq!(fact(&precise, "policy"), Some("1.2.3.4.1"));
    assert_eq!(fact(&precise, "serial"), Some("1234567890abcdf0"));
    assert_eq!(fact(&precise, "signer"), Some("lab tsa"));
    assert!(precise.evidence.certificate.unwrap().is_strict);

    let coarse = ask(&lab, lab.stamps("tsa", "+0", "digests = sha256")).unwrap();
    holds(&coarse, Span::ZERO);
    assert!(coarse.time.width() >= Span::from_secs(3), "{coarse:?}");
    assert_eq!(fact(&coarse, "accuracy"), None);
}

#[test]
fn rsa_and_p384_stamp_as_well() {
    if !ready() {
        return;
    }
    let lab = lab();
    for key in [
        "-algorithm RSA -pkeyopt rsa_keygen_bits:3072",
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
    ] {
        lab.leaf("other", "tsa", key, ("+0", 800));
        holds(
            &ask(&lab, lab.stamps("other", "+0", PRECISE)).unwrap(),
            Span::ZERO,
        );
    }
}

#[test]
fn an_authority_that_is_behind_is_seen_to_be() {
    if !ready() {
        return;
    }
    let lab = Lab::new();
    lab.authority("root");
    lab.leaf("tsa", "tsa", EC, ("-1d", 800));
    let behind = ask(&lab, lab.stamps("tsa", "-600s", PRECISE)).unwrap();
    holds(&behind, Span::from_secs(-600));
}

#[test]
fn an_old_answer_is_refused() {
    if !ready() {
        return;
    }
    let lab = lab();
    let stamp = lab.stamps("tsa", "+0", PRECISE);
    let first = Mutex::new(None);
    let replays: Answer = Box::new(move |folder| {
        let mut first = first.lock().unwrap();
        (REPLY, first.get_or_insert_with(|| stamp(folder).1).clone())
    });
    let address = format!("tsa:http://127.0.0.1:{}/tsr", lab.serve(replays));
    let root = lab.path().join("root.pem");
    ask_at(&address, &root).unwrap();
    refused(ask_at(&address, &root), "messageImprint");
}

#[test]
fn a_stamp_of_the_right_data_for_another_request_is_refused() {
    if !ready() {
        return;
    }
    let lab = lab();
    let stamp = lab.stamps("tsa", "+0", PRECISE);
    // The nonce stands before the last three bytes, which ask for the certificate.
    let other: Answer = Box::new(move |folder| {
        let mut query = fs::read(folder.join("query")).unwrap();
        let at = query.len() - 4;
        query[at] ^= 1;
        fs::write(folder.join("query"), query).unwrap();
        stamp(folder)
    });
    refused(ask(&lab, other), "(nonce)");
}

#[test]
fn a_certificate_that_is_not_for_it_is_refused() {
    if !ready() {
        return;
    }
    let lab = lab();
    lab.leaf("web", "web", EC, ("+0", 800));
    let stamp = lab.stamps("tsa", "+0", PRECISE);
    // `openssl ts` does not sign for it, but `openssl cms` does.
    let signed_again: Answer = Box::new(move |folder| {
        stamp(folder);
        shell(
            folder,
            "openssl ts -reply -config ts.cnf -in reply -token_out -out token 2>&1; \
             openssl cms -verify -noverify -binary -inform DER -in token -out info 2>&1; \
             openssl cms -sign -binary -nodetach -cades -econtent_type 1.2.840.113549.1.9.16.1.4 -in info \
             -signer web.pem -inkey web.key -outform DER -out again; \
             openssl ts -reply -config ts.cnf -token_in -in again -out reply 2>&1",
        );
        (REPLY, fs::read(folder.join("reply")).unwrap())
    });
    refused(ask(&lab, signed_again), "not for time-stamping");
}

#[test]
fn an_authority_that_is_not_trusted_is_refused() {
    if !ready() {
        return;
    }
    let lab = lab();
    let other = lab.authority("other");
    let port = lab.serve(lab.stamps("tsa", "+0", PRECISE));
    let address = format!("tsa:http://127.0.0.1:{port}/tsr");
    refused(ask_at(&address, &other), "no authority");
}

#[test]
fn a_certificate_that_had_expired_is_refused() {
    if !ready() {
        return;
    }
    let lab = Lab::new();
    lab.authority("root");
    lab.leaf("tsa", "tsa", EC, ("-60d", 30));
    refused(
        ask(&lab, lab.stamps("tsa", "+0", PRECISE)),
        "certificate is valid from",
    );
    // A stamp from before its end is as good as ever.
    let honest = ask(&lab, lab.stamps("tsa", "-40d", PRECISE));
    match honest {
        Ok(sample) => assert!(!sample.evidence.certificate.unwrap().is_strict),
        Err(refusal) => assert!(matches!(refusal, Refusal::BeforeFloor { .. }), "{refusal}"),
    }
}

#[test]
fn why_no_stamp_is_granted_is_told() {
    if !ready() {
        return;
    }
    let lab = lab();
    let refuses = lab.stamps("tsa", "+0", "digests = sha512");
    refused(
        ask(&lab, refuses),
        "rejection: `Message digest algorithm is not supported.`; badAlg",
    );
}

#[test]
fn what_is_no_stamp_is_refused() {
    let lab = Lab::new();
    let answers: [(&'static str, Vec<u8>, &str); 5] = [
        (
            "text/html; charset=utf-8",
            b"<html>".to_vec(),
            "`text/html`, not",
        ),
        (REPLY, b"<html>".to_vec(), "malformed"),
        (REPLY, Vec::new(), "malformed"),
        (REPLY, vec![0x30, 0x80, 0, 0], "BER"),
        (REPLY, vec![0x30; 64 << 20], "too large"),
    ];
    for (kind, body, word) in answers {
        let port = lab.serve(Box::new(move |_| (kind, body.clone())));
        let named = Named::open(
            &format!("tsa:http://127.0.0.1:{port}/tsr"),
            &Options::default(),
        );
        refused(named.unwrap().sample(Budget::of(Span::from_secs(10))), word);
    }
}

#[test]
fn the_wait_is_in_the_answer() {
    if !ready() {
        return;
    }
    let lab = lab();
    let root = lab.path().join("root.pem");
    let wait = Duration::from_millis(1500);
    let beyond = |sample: &Sample| {
        let authorities = Authorities::with_file(&root).unwrap();
        let stamped = verify_token(sample.evidence.token.as_ref().unwrap(), &authorities).unwrap();
        assert_eq!(sample.time.earliest(), stamped.time.earliest());
        sample
            .time
            .latest()
            .unwrap()
            .since(stamped.time.latest().unwrap())
    };
    // Nobody knows when in the wait the stamp was made, or how fast the ruler is.
    let stamp = lab.stamps("tsa", "+0", PRECISE);
    let early: Answer = Box::new(move |folder| {
        let stamped = stamp(folder);
        thread::sleep(wait);
        stamped
    });
    let sample = ask(&lab, early).unwrap();
    holds(&sample, Span::ZERO);
    assert!(beyond(&sample) > Span::from_millis(2250), "{sample:?}");

    // A head that comes long before the stamp is made says nothing.
    let port = lab.serve_after(Some(wait), lab.stamps("tsa", "+0", PRECISE));
    let sample = ask_at(&format!("tsa:http://127.0.0.1:{port}/tsr"), &root).unwrap();
    holds(&sample, Span::ZERO);
    assert!(beyond(&sample) > Span::from_millis(2250), "{sample:?}");
}

#[test]
fn a_secure_server_must_have_been_valid_then_too() {
    if !ready() || !available("nginx") {
        return;
    }
    let mut lab = lab();
    lab.leaf("web", "web", EC, ("-1d", 30));
    lab.leaf("old", "web", EC, ("-60d", 30));
    let port = lab.serve(lab.stamps("tsa", "+0", PRECISE));
    let root = lab.path().join("root.pem");
    let at = |port, path| format!("tsa:https://localhost:{port}/{path}");
    let web = lab.secure("web", port);
    let sample = ask_at(&at(web, "tsr"), &root).unwrap();
    holds(&sample, Span::ZERO);
    let days = |certificate: Certificate| certificate.not_after.since(certificate.not_before);
    let signers = days(sample.evidence.certificate.unwrap());
    assert!(
        signers > Span::from_secs(700 * 86_400),
        "it is the signer's"
    );
    refused(ask_at(&at(web, "other"), &root), "HTTP status 404");
    let old = lab.secure("old", port);
    refused(ask_at(&at(old, "tsr"), &root), "certificate is valid from");
}

#[test]
fn an_address_is_a_url() {
    for no in [
        "tsa:",
        "tsa:localhost",
        "tsa:ftp://localhost",
        "tsa:http:localhost",
        "tsa:https://",
    ] {
        let refused = Named::open(no, &Options::default()).map(|named| named.address);
        assert!(refused.is_err(), "{no}");
    }
}

#[test]
fn a_kept_token_proves_its_time_without_the_server() {
    if !ready() {
        return;
    }
    let lab = lab();
    let sample = ask(&lab, lab.stamps("tsa", "+0", PRECISE)).unwrap();
    let token = sample.evidence.token.clone().unwrap();
    let root = lab.path().join("root.pem");
    let stamped = verify_token(&token, &Authorities::with_file(&root).unwrap()).unwrap();
    assert_eq!(stamped.facts, sample.evidence.facts);
    assert_eq!(Some(stamped.certificate), sample.evidence.certificate);
    // What the wait adds is not in it.
    assert_eq!(stamped.time.earliest(), sample.time.earliest());
    // Twice the accuracy, and the last digit, which is not written when it is a zero.
    let widths = [501, 510, 600, 1500].map(Span::from_millis);
    assert!(widths.contains(&stamped.time.width()), "{stamped:?}");
    fs::write(lab.path().join("challenge"), &token.challenge).unwrap();
    fs::write(lab.path().join("token"), &token.der).unwrap();
    shell(
        lab.path(),
        "openssl ts -verify -data challenge -in token -token_in -CAfile root.pem 2>&1",
    );
}

#[test]
fn a_report_is_proven_by_its_token_years_later() {
    if !ready() {
        return;
    }
    let lab = lab();
    lab.authority("stranger");
    let port = lab.serve(lab.stamps("tsa", "+0", PRECISE));
    let skewgate = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skewgate"));
        command.current_dir(lab.path()).arg("clock").args(arguments);
        let output = command.output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(told).unwrap())
    };
    let address = format!("tsa:http://127.0.0.1:{port}/tsr");
    let (ca, own) = ("--clock-ca-file", "root.pem");
    let asked = skewgate(&["--clock", &address, ca, own, "-o", "json=report.json"]);
    assert_eq!(asked.0, Some(0), "{}", asked.1);
    let (code, told) = skewgate(&["--verify", "report.json", ca, own]);
    assert!(
        code == Some(0) && told.contains("proves a time from 20"),
        "{told}"
    );
    let (code, told) = skewgate(&["--verify", "report.json", ca, "stranger.pem"]);
    assert!(code == Some(1) && told.contains("REFUTED"), "{told}");
    // Somebody writes another year into the report.
    let text = fs::read_to_string(lab.path().join("report.json")).unwrap();
    let year = &wall_clock().to_string()[..4];
    fs::write(
        lab.path().join("forged.json"),
        text.replace(&format!("\"{year}-"), "\"2031-"),
    )
    .unwrap();
    let (code, told) = skewgate(&["--verify", "forged.json", ca, own]);
    assert!(
        code == Some(1) && told.contains("another time than the report says"),
        "{told}"
    );
    skewgate(&["--clock", "system:", "-o", "json=none.json"]);
    assert_eq!(skewgate(&["--verify", "none.json"]).0, Some(3));
    assert_eq!(skewgate(&["--verify", "root.pem"]).0, Some(2));
    assert_eq!(skewgate(&["--verify", "nowhere.json"]).0, Some(2));
}

#[test]
fn what_is_taken_openssl_takes_too() {
    if !ready() {
        return;
    }
    let lab = lab();
    let sample = ask(&lab, lab.stamps("tsa", "+0", PRECISE)).unwrap();
    let token = sample.evidence.token.unwrap();
    let authorities = Authorities::with_file(&lab.path().join("root.pem")).unwrap();
    fs::write(lab.path().join("challenge"), &token.challenge).unwrap();
    // The bits of the versions, as it is: nothing else outside of what is signed may change.
    let mut taken = 0;
    for bit in 0..token.der.len() * 8 {
        let mut other = token.clone();
        other.der[bit / 8] ^= 1 << (bit % 8);
        if verify_token(&other, &authorities).is_err() {
            continue;
        }
        taken += 1;
        fs::write(lab.path().join("token"), &other.der).unwrap();
        shell(
            lab.path(),
            "openssl ts -verify -data challenge -in token -token_in -CAfile root.pem 2>&1",
        );
    }
    assert!(taken <= 16, "{taken} bits do not matter");
}

/// Asks whom the environment names; nothing by itself.
#[test]
fn asked_by_another_test() {
    let Some(address) = std::env::var_os(ASK) else {
        return;
    };
    let root = std::env::var_os(ROOT).unwrap();
    let sample = ask_at(address.to_str().unwrap(), Path::new(&root)).unwrap();
    let certificate = sample.evidence.certificate.unwrap();
    println!("builder {}", wall_clock().seconds());
    println!("middle {}", sample.time.middle().unwrap().seconds());
    println!("strict {}", certificate.is_strict);
}

#[test]
fn a_builder_that_is_a_year_ahead_still_verifies() {
    if !ready() {
        return;
    }
    let lab = Lab::new();
    lab.authority("root");
    lab.leaf("tsa", "tsa", EC, ("-1d", 30));
    let port = lab.serve(lab.stamps("tsa", "+0", PRECISE));
    let output = Command::new("faketime")
        .args(["-f", "+400d"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "tsa::asked_by_another_test", "--nocapture"])
        .env(ASK, format!("tsa:http://127.0.0.1:{port}/tsr"))
        .env(ROOT, lab.path().join("root.pem"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let number = |name: &str| -> i64 {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{said}"))
            .trim()
            .parse()
            .unwrap()
    };
    assert!(
        number("builder ") - wall_clock().seconds() > 399 * 86_400,
        "{said}"
    );
    assert!(
        (number("middle ") - wall_clock().seconds()).abs() < 10,
        "{said}"
    );
    assert!(said.contains("strict false"), "{said}");
}
