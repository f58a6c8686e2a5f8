//! `chrony:` against real chronyds, which keep a clock of their own (`-x`) that can be bent.

use crate::lab::chronyd::{Chronyd, LOCAL};
use crate::lab::{Lab, available};
use skewgate::source::{Budget, Class, Named, Options, Refusal, Sample, Upstream};
use skewgate::sys::{boottime, wall_clock};
use skewgate::time::Span;
use std::fs;
use std::os::unix::net::UnixDatagram;

fn ask_with(daemon: &Chronyd, options: &Options) -> Result<Sample, Refusal> {
    let address = format!("chrony:{}", daemon.socket.display());
    let named = Named::open(&address, options).unwrap();
    named.sample(Budget::of(Span::from_secs(5)))
}

fn ask(daemon: &Chronyd) -> Result<Sample, Refusal> {
    ask_with(daemon, &Options::default())
}

fn local() -> Options {
    Options {
        allow_local_reference: true,
        ..Options::default()
    }
}

fn fact<'a>(sample: &'a Sample, name: &str) -> &'a str {
    let facts = &sample.evidence.facts;
    &facts.iter().find(|fact| fact.0 == name).unwrap().1
}

fn can_run() -> bool {
    available("chronyd") && available("chronyc")
}

/// How much later than the builder's clock a sample says it is, at the least and the most.
fn ahead(sample: &Sample) -> (Span, Span) {
    let now = wall_clock();
    let time = sample.at(boottime());
    let (earliest, latest) = (time.earliest().unwrap(), time.latest().unwrap());
    (earliest.since(now), latest.since(now))
}

#[test]
fn a_clock_of_ones_own_counts_only_when_that_is_allowed() {
    if !can_run() {
        return;
    }
    let mut lab = Lab::new();
    let own = Chronyd::start(&mut lab, "own", LOCAL);
    let refusal = ask(&own).unwrap_err();
    assert!(
        matches!(refusal, Refusal::LocalReference { .. }),
        "{refusal}"
    );
    let sample = ask_with(&own, &local()).unwrap();
    assert_eq!(sample.class, Class::SelfAsserted);
    assert_eq!(sample.evidence.upstreams, [Upstream::Builder]);
    assert_eq!(fact(&sample, "reference"), "7F7F0101");
    assert_eq!(fact(&sample, "stratum"), "1");
    let (least, most) = ahead(&sample);
    let bound = Span::from_millis(50);
    assert!(
        least <= Span::ZERO && most >= least && most < bound,
        "{least} {most}"
    );
}

#[test]
fn the_correction_is_added() {
    if !can_run() {
        return;
    }
    let mut lab = Lab::new();
    let own = Chronyd::start(&mut lab, "own", LOCAL);
    // Its time is made earlier by three days, then later by a minute; 24 bits tell the first to 16 ms.
    for (offset, ahead_by) in [("259200", -259_200), ("-259260", 60)] {
        assert!(own.tell(&["doffset", offset]));
        let sample = ask_with(&own, &local()).unwrap();
        let (least, most) = ahead(&sample);
        let right = Span::from_secs(ahead_by);
        let bound = Span::from_millis(50);
        assert!(least <= right && right <= most, "{least} {most}");
        assert!(most < least.plus(bound).plus(bound), "{least} {most}");
    }
}

#[test]
fn what_a_chronyd_learned_from_another_is_had_with_its_bounds() {
    if !can_run() {
        return;
    }
    let mut lab = Lab::new();
    let far = Chronyd::start(&mut lab, "far", LOCAL);
    assert!(far.tell(&["doffset", "86400"]));
    let server = format!(
        "server 127.0.0.1 port {} iburst minpoll 0 maxpoll 0",
        far.port
    );
    let near = Chronyd::start(&mut lab, "near", &server);
    let refusal = ask(&near).unwrap_err();
    assert!(
        matches!(refusal, Refusal::ServerUnsynchronised(_)),
        "{refusal}"
    );
    // At first it finds itself a day off, and is only as sure of what it makes of that.
    let bound = Span::from_millis(500);
    lab.until("near to follow far", || {
        ask(&near).is_ok_and(|sample| sample.time.width() < bound)
    });

    let sample = ask(&near).unwrap();
    assert_eq!(fact(&sample, "reference"), "7F000001 (127.0.0.1)");
    assert_eq!(fact(&sample, "stratum"), "2");
    assert_eq!(fact(&sample, "leap"), "Normal");
    let truth = ask_with(&far, &local()).unwrap();
    let now = boottime();
    assert!(
        sample.at(now).intersection(truth.at(now)).is_some(),
        "{sample:?} {truth:?}"
    );
    let (least, most) = ahead(&sample);
    let day = Span::from_secs(-86_400);
    assert!(least <= day && day <= most, "{least} {most}");
}

#[test]
fn a_chronyd_that_could_not_step_its_clock_is_not_taken_at_its_word() {
    if !can_run() {
        return;
    }
    let mut lab = Lab::new();
    let far = Chronyd::start(&mut lab, "far", LOCAL);
    assert!(far.tell(&["doffset", "86400"]));
    // It says that it follows, with no correction, and its clock stays a day off.
    let server = format!(
        "server 127.0.0.1 port {} iburst minpoll 0 maxpoll 0\nmakestep 1 -1",
        far.port
    );
    let near = Chronyd::start(&mut lab, "near", &server);
    lab.until("near to follow far", || ask(&near).is_ok());
    let (least, most) = ahead(&ask(&near).unwrap());
    let day = Span::from_secs(-86_400);
    assert!(least <= day && Span::ZERO <= most, "{least} {most}");
}

#[test]
fn a_daemon_that_is_not_there_is_told_in_chronycs_words_and_one_that_hangs_in_time() {
    if !can_run() {
        return;
    }
    let lab = Lab::new();
    let nowhere = format!("chrony:{}/nobody.sock", lab.path().display());
    let nowhere = Named::open(&nowhere, &local()).unwrap();
    let refusal = nowhere
        .sample(Budget::of(Span::from_secs(5)))
        .unwrap_err()
        .to_string();
    assert!(refusal.contains("Could not open connection"), "{refusal}");

    let _deaf = UnixDatagram::bind(lab.path().join("deaf.sock")).unwrap();
    let named = Named::open(
        &format!("chrony:{}/deaf.sock", lab.path().display()),
        &local(),
    );
    let began = boottime();
    let refusal = named.unwrap().sample(Budget::of(Span::from_millis(300)));
    assert!(
        matches!(refusal, Err(Refusal::Timeout { .. })),
        "{refusal:?}"
    );
    assert!(boottime().since(began) < Span::from_secs(2));
    // It was ended, and its end taken note of; what other tests run ends by itself.
    lab.until("chronyc to be gone", || children("chronyc") == 0);
}

/// How many processes of this name this one has started and not yet waited for.
fn children(name: &str) -> usize {
    let own = std::process::id().to_string();
    let is_child = |stat: &String| {
        // proc_pid_stat(5): number (name) state parent
        let (before, behind) = stat.rsplit_once(") ").unwrap_or_default();
        before.ends_with(&format!("({name}")) && behind.split(' ').nth(1) == Some(&own)
    };
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let stats = processes.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    stats.filter(is_child).count()
}
