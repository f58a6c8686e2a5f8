//! Whose word counts, tried with answers made up.

use super::agree;
use crate::clock::{Answer, Error, Options, Standing, Votes};
use crate::source::{Carry, Certificate, Class, Evidence, Refusal, Sample, Upstream};
use crate::sys::Boottime;
use crate::time::{Interval, Rate, Span, Timestamp};
use proptest::collection::vec;
use proptest::prelude::proptest;
use std::net::{IpAddr, SocketAddr};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds, 0)
}

fn answer(class: Class, seconds: i64, error: i64) -> Answer {
    Answer {
        address: format!("{}:{seconds}", class.name()),
        scheme: "test",
        standing: Standing::None,
        said: Ok(Sample {
            class,
            time: Interval::around(at(seconds), Span::from_secs(error)),
            taken: Boottime::at(0),
            carry: Carry::Ruler(Rate::UNKNOWN),
            evidence: Evidence::default(),
        }),
    }
}

/// An authenticated answer whose certificate holds by the builder's clock as well, or not.
fn certified(seconds: i64, is_strict: bool) -> Answer {
    let mut answer = answer(Class::Authenticated, seconds, 1);
    if let Ok(sample) = &mut answer.said {
        let (not_before, not_after) = (at(-9999), at(9999));
        sample.evidence.certificate = Some(Certificate {
            not_before,
            not_after,
            is_strict,
        });
    }
    answer
}

fn seconds(answers: &[Answer]) -> Option<i128> {
    let clock = agree(answers.to_vec(), &Options::default()).ok()?;
    Some(clock.at(clock.taken()).middle()?.since(at(0)).as_nanos() / 1_000_000_000)
}

#[test]
fn the_authenticated_outvote_all_others() {
    let network = [0, 0, 0].map(|seconds| answer(Class::Network, seconds, 1));
    let mut answers = network.to_vec();
    answers.push(answer(Class::Authenticated, 500, 1));
    let clock = agree(answers, &Options::default()).unwrap();
    assert_eq!(clock.class(), Class::Authenticated);
    let by = Span::from_secs(498);
    let outside = Standing::Outside {
        by,
        is_later: false,
    };
    assert_eq!(clock.answers()[0].standing, outside);
    assert_eq!(clock.answers()[3].standing, Standing::Agrees);
}

#[test]
fn the_builder_has_no_vote_beside_anybody_else() {
    let answers = [
        answer(Class::System, 0, 0),
        answer(Class::SelfAsserted, 0, 0),
        answer(Class::Network, 9, 1),
    ];
    assert_eq!(seconds(&answers), Some(9));
    let answers = [answer(Class::FileServer, 3, 0), answer(Class::System, 0, 0)];
    assert_eq!(seconds(&answers), Some(3));
    let follows = [answer(Class::Network, 9, 1), answer(Class::System, 9, 0)];
    let clock = agree(follows.to_vec(), &Options::default()).unwrap();
    assert_eq!(clock.answers()[1].standing, Standing::Follows);
}

#[test]
fn two_against_two_and_one_against_one_are_no_agreement() {
    let network = |seconds| answer(Class::Network, seconds, 1);
    assert_eq!(seconds(&[network(0), network(9)]), None);
    assert_eq!(
        seconds(&[network(0), network(0), network(9), network(9)]),
        None
    );
    assert_eq!(
        seconds(&[network(0), network(0), network(0), network(9)]),
        Some(0)
    );
    assert_eq!(seconds(&[network(0), answer(Class::Host, 9, 1)]), None);
}

#[test]
fn old_certificates_do_not_overrule_one_that_holds() {
    let (strict, old) = (
        |seconds| certified(seconds, true),
        |seconds| certified(seconds, false),
    );
    assert_eq!(seconds(&[old(9), old(9), strict(0)]), None);
    assert_eq!(seconds(&[old(9), old(9)]), Some(9));
    assert_eq!(seconds(&[old(9), strict(9), strict(0)]), Some(9));
    assert_eq!(seconds(&[strict(0), strict(0), old(9)]), Some(0));
}

#[test]
fn too_few_or_too_vague_is_no_clock() {
    let two = vec![answer(Class::Network, 0, 3), answer(Class::Network, 0, 3)];
    let asked = |minimum, limit: Option<i64>| {
        let max_uncertainty = limit.map(Span::from_secs);
        agree(
            two.clone(),
            &Options {
                minimum,
                max_uncertainty,
                ..Options::default()
            },
        )
    };
    assert!(asked(2, Some(3)).is_ok());
    assert!(matches!(
        asked(3, None),
        Err(Error::TooFew { minimum: 3, .. })
    ));
    let error = asked(1, Some(2)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("only to within 3 s, and it must be within 2 s"),
        "{error}"
    );
}

#[test]
fn those_who_are_silent_do_not_count() {
    let mut silent = answer(Class::Authenticated, 0, 0);
    silent.said = Err(Refusal::Unsupported);
    assert_eq!(
        seconds(&[silent.clone(), answer(Class::Network, 4, 1)]),
        Some(4)
    );
    assert!(matches!(
        agree(vec![silent], &Options::default()),
        Err(Error::Silent(_))
    ));
}

#[test]
fn the_sharpest_is_not_blurred_by_one_who_took_long() {
    let sharp = answer(Class::Network, 0, 0);
    let mut slow = answer(Class::Network, 4, 2);
    if let Ok(sample) = &mut slow.said {
        sample.taken = Boottime::at(4_000_000_000);
    }
    let clock = agree(vec![slow, sharp], &Options::default()).unwrap();
    assert_eq!(clock.at(clock.taken()), Interval::exactly(at(0)));
}

/// A server's answer, with whom it says it follows; each number is a machine.
fn follows(server: u8, reference: u8, seconds: i64) -> Answer {
    let ip = |last| IpAddr::from([10, 0, 0, last]);
    let mut answer = answer(Class::Network, seconds, 1);
    if let Ok(sample) = &mut answer.said {
        sample.evidence.server = Some(SocketAddr::new(ip(server), 123));
        sample.evidence.upstreams = vec![
            Upstream::Machine(ip(server)),
            Upstream::Machine(ip(reference)),
        ];
    }
    answer
}

#[test]
fn those_who_follow_one_upstream_have_one_vote() {
    let wrong = [1, 2, 3].map(|server| follows(server, 9, 500));
    let right = [follows(4, 14, 0), follows(5, 15, 0)];
    let clock = agree([&wrong[..], &right].concat(), &Options::default()).unwrap();
    assert_eq!(clock.votes(), Votes { agreeing: 2, of: 3 });
    assert_eq!(clock.at(clock.taken()).middle(), Some(at(0)));
    // And they do not come up to a minimum together.
    let two = Options {
        minimum: 2,
        ..Options::default()
    };
    let error = agree(wrong.to_vec(), &two).unwrap_err().to_string();
    assert!(
        error.contains("1 of 1 sources agree, and at least 2 must; those that have"),
        "{error}"
    );
}

#[test]
fn a_liar_with_many_names_does_not_tie_the_honest_together() {
    let honest = [1, 2, 3].map(|server| follows(server, server + 10, 0));
    // One liar under three names claims to follow each of them; another has his own.
    let liar = [1, 2, 3].map(|reference| follows(7, reference, 500));
    let answers = [&honest[..], &liar, &[follows(8, 18, 500)]].concat();
    assert_eq!(seconds(&answers), Some(0));
    let turned: Vec<Answer> = answers.into_iter().rev().collect();
    assert_eq!(seconds(&turned), Some(0));
}

#[test]
fn a_stated_time_beside_others_ages_with_the_ruler() {
    let mut stated = answer(Class::Stated, 0, 60);
    let mut network = answer(Class::Network, 4, 1);
    if let (Ok(stated), Ok(network)) = (&mut stated.said, &mut network.said) {
        stated.carry = Carry::Steps(Span::from_secs(60));
        // The truth was at the end of what was stated; four seconds later it is beyond.
        network.time = Interval::around(at(64), Span::from_secs(1));
        network.taken = Boottime::at(4_000_000_000);
    }
    let clock = agree(vec![stated.clone(), network], &Options::default()).unwrap();
    assert_eq!(clock.answers()[0].standing, Standing::Follows);
    let clock = agree(vec![stated], &Options::default()).unwrap();
    let still = Interval::around(at(0), Span::from_secs(60));
    assert_eq!(clock.at(clock.taken().later(Span::from_secs(59))), still);
}

#[test]
fn a_file_server_is_another_witness_than_the_builder() {
    let builder = answer(Class::SelfAsserted, 0, 0);
    let clock = agree(
        vec![builder.clone(), answer(Class::FileServer, 30, 1)],
        &Options::default(),
    );
    let clock = clock.unwrap();
    assert_eq!(clock.class(), Class::FileServer);
    assert!(matches!(
        clock.answers()[0].standing,
        Standing::Outside {
            is_later: false,
            ..
        }
    ));
    let clock = agree(
        vec![builder, answer(Class::System, 0, 0)],
        &Options::default(),
    );
    assert_eq!(clock.unwrap().class(), Class::SelfAsserted);
}

#[test]
fn the_class_is_that_of_those_who_agree() {
    let class = |answers: &[Answer]| {
        agree(answers.to_vec(), &Options::default())
            .unwrap()
            .class()
    };
    let host = || answer(Class::Host, 0, 1);
    assert_eq!(
        class(&[host(), host(), answer(Class::Network, 500, 1)]),
        Class::Host
    );
    assert_eq!(
        class(&[host(), answer(Class::Network, 0, 1)]),
        Class::Network
    );
}

#[test]
fn what_is_stated_neither_outvotes_nor_sharpens_what_was_had_from_outside() {
    let network = answer(Class::Network, 0, 5);
    let stated = |off| answer(Class::Stated, off, 1);
    let clock = agree(
        vec![network.clone(), stated(3), stated(3)],
        &Options::default(),
    );
    let clock = clock.unwrap();
    assert_eq!(
        clock.at(clock.taken()),
        Interval::around(at(0), Span::from_secs(5))
    );
    assert_eq!(clock.answers()[1].standing, Standing::Follows);
    let clock = agree(vec![network, stated(900), stated(900)], &Options::default());
    assert!(matches!(
        clock.unwrap().answers()[1].standing,
        Standing::Outside { .. }
    ));
}

#[test]
fn an_answer_without_a_certificate_is_not_suspect() {
    let mut roughtime = certified(0, true);
    if let Ok(sample) = &mut roughtime.said {
        sample.evidence.certificate = None;
    }
    let old = || certified(9, false);
    assert_eq!(seconds(&[old(), old(), roughtime]), None);
}

proptest! {
    /// However many names the liars have, and whomever they claim to follow.
    #[test]
    fn no_claims_make_a_minority_outvote_the_honest(
        honest in 1..6_u8,
        claims in vec(vec(1..12_u8, 1..5), 0..5),
        turn in 0..20_usize,
    ) {
        let mut answers: Vec<Answer> = (1..=honest).map(|server| follows(server, server + 5, 0)).collect();
        let liars = (50..).zip(&claims).take(usize::from(honest - 1));
        answers.extend(liars.flat_map(|(liar, claims)| claims.iter().map(move |&of| follows(liar, of, 500))));
        let turn = turn % answers.len();
        answers.rotate_left(turn);
        assert!(seconds(&answers).is_none_or(|seconds| seconds == 0));
    }
}
