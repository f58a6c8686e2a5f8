//! `ntp:` against chronyd and `NTPsec`.

use crate::lab::chronyd::{Chronyd, LOCAL, UNSYNCHRONISED};
use crate::lab::{Lab, available, ntpsec};
use skewgate::source::{Budget, Class, Named, Options, Refusal, Sample, Upstream};
use skewgate::sys::{boottime, wall_clock};
use skewgate::time::{Span, Timestamp};
use std::thread;
use std::time::Duration;

fn source(address: &str, allow_local_reference: bool) -> Named {
    let options = Options {
        allow_local_reference,
        ..Options::default()
    };
    Named::open(address, &options).unwrap()
}

fn ask(address: &str) -> Result<Sample, Refusal> {
    source(address, true).sample(Budget::of(Span::from_secs(5)))
}

fn fact<'sample>(sample: &'sample Sample, name: &str) -> &'sample str {
    let facts = &sample.evidence.facts;
    let named = facts.iter().find(|(other, _)| *other == name);
    &named.unwrap_or_else(|| panic!("no {name}: {facts:?}")).1
}

/// Whether the sample, carried to now, holds the clock of this machine moved by `offset`.
fn holds(sample: &Sample, offset: Span) -> bool {
    let before = sample.at(boottime()).earliest().unwrap();
    let now = wall_clock().later(offset);
    let after = sample.at(boottime()).latest().unwrap();
    before <= now && now <= after
}

#[test]
fn an_honest_server_tells_the_time_and_who_it_is() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let server = Chronyd::start(&mut lab, "honest", LOCAL);
    let address = format!("127.0.0.1:{}", server.port);
    let sample = ask(&format!("ntp:{address}")).unwrap();
    assert!(holds(&sample, Span::ZERO), "{sample:?}");
    assert!(sample.time.width() < Span::from_millis(100), "{sample:?}");
    assert_eq!(sample.class, Class::Network);
    let at = address.parse().unwrap();
    assert_eq!(sample.evidence.server, Some(at));
    assert_eq!(sample.evidence.upstreams, [Upstream::Loopback(at)]);
    assert_eq!(fact(&sample, "stratum"), "1");
    assert_eq!(fact(&sample, "reference"), "127.127.1.1");
    for name in ["localhost", "[::1]"] {
        if name == "localhost" || std::net::UdpSocket::bind("[::1]:0").is_ok() {
            let sample = ask(&format!("ntp:{name}:{}", server.port)).unwrap();
            assert!(holds(&sample, Span::ZERO), "{name}: {sample:?}");
        }
    }
}

#[test]
fn a_server_that_follows_nothing_counts_only_when_allowed() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let server = Chronyd::start(&mut lab, "local", LOCAL);
    let strict = source(&format!("ntp:127.0.0.1:{}", server.port), false);
    let refused = Refusal::LocalReference {
        reference: "127.127.1.1".to_owned(),
    };
    assert_eq!(strict.sample(Budget::of(Span::from_secs(5))), Err(refused));
}

#[test]
fn a_server_that_does_not_want_this_machine_is_silent_and_waited_for_no_longer_than_told() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let server = Chronyd::start(&mut lab, "refusing", &format!("{LOCAL}\ndeny 127.0.0.0/8"));
    let source = source(&format!("ntp:127.0.0.1:{}", server.port), true);
    let began = boottime();
    let refused = source.sample(Budget::of(Span::from_millis(400)));
    assert!(
        matches!(refused, Err(Refusal::Timeout { ignored: 0, .. })),
        "{refused:?}"
    );
    let waited = boottime().since(began);
    assert!(
        waited > Span::from_millis(350) && waited < Span::from_millis(800),
        "{waited}"
    );
}

#[test]
fn a_bent_server_is_believed_as_it_is() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let server = Chronyd::start(&mut lab, "bent", LOCAL);
    let address = format!("ntp:127.0.0.1:{}", server.port);
    assert!(server.tell(&["doffset", "259200"]));
    let sample = ask(&address).unwrap();
    assert!(holds(&sample, Span::from_secs(-259_200)), "{sample:?}");

    // Twelve of its minutes are ten here.
    assert!(server.tell(&["dfreq", "-200000"]));
    let (first, began) = (ask(&address).unwrap(), boottime());
    thread::sleep(Duration::from_secs(1));
    let second = ask(&address).unwrap();
    let passed = boottime().since(began);
    let gained = second
        .time
        .middle()
        .unwrap()
        .since(first.time.middle().unwrap());
    let expected = Span::from_nanos(passed.as_nanos() * 12 / 10);
    let wrong = Span::from_nanos(gained.as_nanos() - expected.as_nanos());
    assert!(wrong.abs() < Span::from_millis(60), "{gained} in {passed}");
}

#[test]
fn a_server_that_is_not_set_is_refused() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let server = Chronyd::start(&mut lab, "unset", UNSYNCHRONISED);
    let refusal = ask(&format!("ntp:127.0.0.1:{}", server.port)).unwrap_err();
    assert!(
        matches!(refusal, Refusal::ServerUnsynchronised(_)),
        "{refusal}"
    );
}

#[test]
fn a_second_hop_says_whom_it_follows() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let first = Chronyd::start(&mut lab, "first", LOCAL);
    let how = format!(
        "server 127.0.0.1 port {} iburst minpoll 0 maxpoll 0",
        first.port
    );
    let second = Chronyd::start(&mut lab, "second", &how);
    let strict = source(&format!("ntp:127.0.0.1:{}", second.port), false);
    let mut sample = None;
    lab.until("the second hop to follow the first", || {
        sample = strict.sample(Budget::of(Span::from_secs(5))).ok();
        sample.is_some()
    });
    let sample = sample.unwrap();
    assert_eq!(fact(&sample, "stratum"), "2");
    assert_eq!(fact(&sample, "reference"), "127.0.0.1");
    assert!(holds(&sample, Span::ZERO), "{sample:?}");
}

#[test]
fn time_goes_on_when_its_era_ends() {
    if !available("chronyd") || !available("faketime") {
        return;
    }
    let mut lab = Lab::new();
    let under = ["faketime", "-f", "@2036-02-07 06:28:10"];
    let server = Chronyd::start_under(&mut lab, "era", &under, LOCAL);
    let address = format!("ntp:127.0.0.1:{}", server.port);
    let rollover = Timestamp::from_unix(2_085_978_496, 0);
    let first = ask(&address).unwrap();
    assert!(first.time.latest().unwrap() < rollover, "{first:?}");
    let began = rollover.earlier(Span::from_secs(6));
    assert!(first.time.earliest().unwrap() > began.earlier(Span::from_millis(100)));
    let mut last = first.clone();
    while last.time.earliest().unwrap() < rollover.later(Span::from_secs(1)) {
        thread::sleep(Duration::from_millis(250));
        let next = ask(&address).unwrap();
        // As much time has passed as here, to what the first reading was unsure of and what chronyd drifts.
        let passed = next.taken.since(first.taken);
        let expected = first.time.later(passed).widened(Span::from_millis(20));
        assert!(
            next.time.intersection(expected).is_some(),
            "{next:?} after {passed}"
        );
        last = next;
    }
}

#[test]
fn who_is_asked_too_often_says_so_once() {
    let Some(program) = ntpsec::ntpd() else {
        return;
    };
    let mut lab = Lab::new();
    ntpsec::start(&mut lab, &program);
    // Each time it is asked counts, so it is not asked often before it has a time.
    lab.until("ntpsec to have a time", || {
        thread::sleep(Duration::from_millis(1200));
        ask("ntp:127.0.0.1").is_ok()
    });
    let asked = std::iter::repeat_with(|| ask("ntp:127.0.0.1"));
    let refusal = asked.take(40).find_map(Result::err);
    let rate = Refusal::Kiss {
        code: "RATE".to_owned(),
    };
    assert_eq!(refusal, Some(rate));
}
