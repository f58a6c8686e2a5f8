//! Roughtime by a real server: honest, two minutes behind, asked by another's key; and by what is none.

use crate::lab::roughtime::{KEY, server, start};
use crate::lab::{Lab, free_port};
use skewgate::source::{Budget, Class, Named, Options, Refusal, Sample};
use skewgate::sys::{boottime, wall_clock};
use skewgate::time::{Interval, Order, Span};
use std::net::UdpSocket;
use std::thread;

fn ask(port: u16, key: &str, budget: Span) -> Result<Sample, Refusal> {
    let address = format!("roughtime:127.0.0.1:{port}?key={key}");
    let named = Named::open(&address, &Options::default()).unwrap();
    named.sample(Budget::of(budget))
}

#[test]
fn a_server_is_believed_by_its_key() {
    let Some(server) = server() else { return };
    let mut lab = Lab::new();
    for offset in [0, -120] {
        let port = start(&mut lab, server, offset);
        let sample = ask(port, KEY, Span::from_secs(5)).unwrap();
        let truth = Interval::exactly(wall_clock().later(Span::from_secs(offset)));
        let said = sample.at(boottime());
        assert_eq!(
            said.order(truth),
            Order::Overlaps,
            "{offset}: {said:?} {truth:?}"
        );
        assert_eq!(sample.class, Class::Authenticated);
        assert!(sample.time.width() < Span::from_secs(12), "{sample:?}");
    }
}

#[test]
fn another_key_is_not_answered_and_the_refusal_says_so() {
    let Some(server) = server() else { return };
    let mut lab = Lab::new();
    let port = start(&mut lab, server, 0);
    let other = KEY.replace("3b6a", "3b6b");
    let refusal = ask(port, &other, Span::from_millis(500)).unwrap_err();
    assert!(
        matches!(refusal, Refusal::UnansweredKey { ignored: 0, .. }),
        "{refusal:?}"
    );
    assert!(
        refusal
            .to_string()
            .contains("key in the address may be wrong"),
        "{refusal}"
    );
}

#[test]
fn what_is_no_answer_ends_with_the_budget() {
    let port = free_port();
    let refusal = ask(port, KEY, Span::from_secs(2)).unwrap_err();
    assert!(matches!(refusal, Refusal::Refused { .. }), "{refusal:?}");

    let garbage = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = garbage.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut request = [0; 2000];
        let (read, from) = garbage.recv_from(&mut request).unwrap();
        for reply in [&[][..], b"ROUGHTIM", &request[..read], &[0xff; 2000]] {
            garbage.send_to(reply, from).unwrap();
        }
        // And then nothing, for as long as it is asked.
        while garbage.recv_from(&mut request).is_ok() {}
    });
    let began = boottime();
    let refusal = ask(port, KEY, Span::from_millis(400)).unwrap_err();
    assert!(
        matches!(refusal, Refusal::UnansweredKey { ignored: 4, .. }),
        "{refusal:?}"
    );
    assert!(boottime().since(began) < Span::from_millis(900));
}
