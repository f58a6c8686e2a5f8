//! Whether an answer is a time, and which: the checks of RFC 5905 and those beyond it, in their order.

use super::packet::{Packet, Stamp, seconds_of};
use crate::source::Refusal;
use crate::time::{Interval, Rate, Span};
use std::net::{IpAddr, Ipv4Addr};

/// The most that a server may be off by its own account, to be of use. Root distance, which RFC 5905
/// lets grow to 16 s (`MAXDISP`) and chrony to 3 s (`maxdistance`).
const DISTANCE_LIMIT: Span = Span::from_millis(1500);

/// The longest that an answer may take on the ruler: whoever delays packets can widen an interval no
/// further.
const ELAPSED_LIMIT: Span = Span::from_secs(1);

/// How much longer than the whole exchange a server may claim to have thought: what its clock gains and
/// rounds in that time.
const PROCESSING_SLACK: Span = Span::from_millis(1);

/// For the second that a month with a leap second has more or less, and for servers that smear it.
const LEAP_SECOND: Span = Span::from_secs(1);

/// What stands in the reference identifier for the undisciplined local clock, at stratum 1.
const LOCAL_CLOCK: [u8; 4] = *b"LOCL";

/// What was seen of an exchange from here.
#[derive(Debug, Clone, Copy)]
pub(in crate::source) struct Seen {
    /// From before the request left until the answer was here, on the ruler.
    pub(in crate::source) elapsed: Span,
    /// The address of this machine that the server sees.
    pub(in crate::source) own: IpAddr,
    /// Whether a server that serves its own undisciplined clock counts.
    pub(in crate::source) allow_local_reference: bool,
}

/// What the time was when the answer came.
///
/// Nothing is taken for granted of the way: the true time was at least T3, the server's clock when the
/// answer left, and at most T2, its clock when the request came, with all the time that can truly have
/// passed since it left here. That holds however unlike the two ways are and however long the server
/// took. Both ends are widened by what the server says it may be off.
pub(in crate::source) fn time(packet: &Packet, seen: Seen) -> Result<Interval, Refusal> {
    synchronised(packet)?;
    let (received, sent) = (packet.receive.instant(), packet.transmit.instant());
    // The ruler may be slow, so more may have passed than it shows.
    let (_least, most) = Rate::UNKNOWN.over(seen.elapsed);
    let processing = sent.since(received);
    consistent(packet, processing, most)?;
    let distance = distance(packet);
    if distance >= DISTANCE_LIMIT {
        return Err(Refusal::TooFar {
            distance,
            limit: DISTANCE_LIMIT,
        });
    }
    independent(packet, seen)?;
    if seen.elapsed > ELAPSED_LIMIT {
        return Err(Refusal::TooSlow(seen.elapsed));
    }
    // What the server's clock gained on the whole exchange is an error of one of its two readings.
    let gained = processing
        .plus(Span::from_nanos(-most.as_nanos()))
        .max(Span::ZERO);
    // A stamp is rounded down to a nanosecond: only the later end needs it back.
    let latest = received.later(most.plus(Span::from_nanos(1)));
    let time = Interval::between(sent.earlier(gained), latest.later(gained)).widened(distance);
    Ok(match packet.leap {
        0 => time,
        _ => time.widened(LEAP_SECOND),
    })
}

/// Whether the server has a time to give, and wants to.
fn synchronised(packet: &Packet) -> Result<(), Refusal> {
    let unsynchronised = |why: String| Err(Refusal::ServerUnsynchronised(why));
    if packet.stratum == 0 && packet.reference_id != [0; 4] {
        let code = text(packet.reference_id);
        return Err(Refusal::Kiss { code });
    }
    if packet.leap == 3 {
        return unsynchronised(format!("leap indicator 3, stratum {}", packet.stratum));
    }
    if !(1..16).contains(&packet.stratum) {
        return unsynchronised(format!("stratum {}", packet.stratum));
    }
    Ok(())
}

/// Whether what the server says can be, by itself and by what was measured here.
fn consistent(packet: &Packet, processing: Span, most: Span) -> Result<(), Refusal> {
    let inconsistent = |why: String| Err(Refusal::Inconsistent(why));
    if packet.receive == Stamp::NONE || packet.transmit == Stamp::NONE {
        return inconsistent("it does not say when the request came or the answer left".to_owned());
    }
    if processing < Span::ZERO {
        return inconsistent(format!(
            "the answer left {} before the request came",
            processing.abs()
        ));
    }
    if processing > most.plus(PROCESSING_SLACK) {
        return inconsistent(format!(
            "the server says it took {processing}, but all was over within {most}"
        ));
    }
    let reference = packet.reference.instant();
    let ahead = reference.since(packet.transmit.instant());
    if packet.reference != Stamp::NONE && ahead > Span::ZERO {
        return inconsistent(format!(
            "its clock was set {ahead} after the answer left, at {reference}"
        ));
    }
    Ok(())
}

/// Whether the server's time comes from elsewhere than nowhere, and than here.
fn independent(packet: &Packet, seen: Seen) -> Result<(), Refusal> {
    let is_local = matches!(packet.reference_id, [127, 127, 1, _])
        || (packet.stratum == 1 && packet.reference_id == LOCAL_CLOCK);
    if is_local && !seen.allow_local_reference {
        return Err(Refusal::LocalReference {
            reference: reference(packet),
        });
    }
    // On loopback a server's reference is as good as its own address: every lab looks like a loop.
    let own = seen.own.to_canonical();
    let is_own = own == IpAddr::V4(Ipv4Addr::from(packet.reference_id));
    if packet.stratum > 1 && is_own && !own.is_loopback() {
        return Err(Refusal::Loop {
            reference: reference(packet),
        });
    }
    Ok(())
}

/// How far off the server may be by its own account: root delay / 2 + root dispersion + precision.
fn distance(packet: &Packet) -> Span {
    // Half a delay is rounded down.
    let half = packet.root_delay.half().plus(Span::from_nanos(1));
    half.plus(packet.root_dispersion)
        .plus(seconds_of(packet.precision))
}

/// Where the server's time comes from, as text: a kind of clock at stratum 1, an address else.
pub(in crate::source) fn reference(packet: &Packet) -> String {
    match packet.stratum {
        1 => text(packet.reference_id),
        _ => Ipv4Addr::from(packet.reference_id).to_string(),
    }
}

/// The machine that the server's time comes from, where it says so.
pub(in crate::source) fn upstream(packet: &Packet) -> Option<Ipv4Addr> {
    let reference = Ipv4Addr::from(packet.reference_id);
    let names_one = packet.stratum >= 2 && !reference.is_loopback() && !reference.is_unspecified();
    names_one.then_some(reference)
}

/// Four letters, padded with zeros, as text; as an address when they are none.
fn text(id: [u8; 4]) -> String {
    let length = id
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |at| at + 1);
    match id.get(..length) {
        Some(letters) if length > 0 && letters.iter().all(u8::is_ascii_graphic) => {
            letters.iter().copied().map(char::from).collect()
        }
        _ => Ipv4Addr::from(id).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Seen, reference, time, upstream};
    use crate::source::Refusal;
    use crate::source::ntp::packet::{Packet, Stamp};
    use crate::time::{Interval, Span, Timestamp};
    use proptest::prelude::{ProptestConfig, Strategy, any, proptest};
    use std::net::{IpAddr, Ipv4Addr};

    /// 2026-11-23T00:00:00Z, as NTP has it.
    const NOW: u64 = 4_004_380_800 << 32;

    fn stamp(at: Timestamp) -> Stamp {
        let fraction = (at.subsecond() << 32) / 1_000_000_000;
        let seconds = u64::try_from(at.seconds() + 2_208_988_800).unwrap() & 0xffff_ffff;
        Stamp(seconds << 32 | u64::try_from(fraction).unwrap())
    }

    /// A good answer of 1 ms, during which the server thought for nothing.
    fn good() -> (Packet, Seen) {
        let packet = Packet {
            leap: 0,
            version: 4,
            mode: 4,
            stratum: 2,
            precision: -25,
            root_delay: Span::from_millis(20),
            root_dispersion: Span::from_millis(5),
            reference_id: [192, 0, 2, 7],
            reference: Stamp(NOW - (60 << 32)),
            origin: Stamp(1),
            receive: Stamp(NOW),
            transmit: Stamp(NOW),
        };
        let seen = Seen {
            elapsed: Span::from_millis(1),
            own: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
            allow_local_reference: false,
        };
        (packet, seen)
    }

    /// What becomes of the good answer with a change.
    fn with(change: impl Fn(&mut Packet, &mut Seen)) -> Result<Interval, Refusal> {
        let (mut packet, mut seen) = good();
        change(&mut packet, &mut seen);
        time(&packet, seen)
    }

    fn message(change: impl Fn(&mut Packet, &mut Seen)) -> String {
        with(change).unwrap_err().to_string()
    }

    #[test]
    fn a_good_answer_is_as_wide_as_the_exchange_and_what_the_server_says() {
        let at = Stamp(NOW).instant();
        let distance = Span::from_millis(15).plus(Span::from_nanos(31));
        let exchange = Span::from_nanos(1_500_001);
        let time = with(|_, _| {}).unwrap();
        assert_eq!(
            time,
            Interval::between(at, at.later(exchange)).widened(distance)
        );
        for leap in [1, 2] {
            let wider = with(|packet, _| packet.leap = leap).unwrap();
            assert_eq!(wider, time.widened(Span::from_secs(1)));
        }
    }

    #[test]
    fn a_kiss_comes_first() {
        let kiss = |id: [u8; 4]| {
            with(|packet, _| {
                (packet.stratum, packet.leap) = (0, 3);
                packet.reference_id = id;
                packet.transmit = Stamp::NONE;
            })
        };
        let code = |text: &str| {
            Err(Refusal::Kiss {
                code: text.to_owned(),
            })
        };
        assert_eq!(kiss(*b"RATE"), code("RATE"));
        assert_eq!(kiss(*b"X\0\0\0"), code("X"));
        assert_eq!(kiss(*b"\x1b[2J"), code("27.91.50.74"));
        assert!(matches!(
            kiss([0; 4]),
            Err(Refusal::ServerUnsynchronised(_))
        ));
    }

    #[test]
    fn a_server_that_is_not_set_has_no_time() {
        for stratum in [0, 16, 17, 255] {
            let refused = message(|packet, _| {
                packet.stratum = stratum;
                packet.reference_id = [0; 4];
            });
            assert!(refused.contains(&format!("stratum {stratum}")), "{refused}");
        }
        assert!(message(|packet, _| packet.leap = 3).contains("leap indicator 3"));
        assert!(with(|packet, _| packet.stratum = 15).is_ok());
    }

    #[test]
    fn an_answer_that_cannot_be_is_refused() {
        let missing = "does not say when";
        assert!(message(|packet, _| packet.receive = Stamp::NONE).contains(missing));
        assert!(message(|packet, _| packet.transmit = Stamp::NONE).contains(missing));
        let early = message(|packet, _| packet.transmit.0 -= 1 << 31);
        assert!(early.contains("500 ms before the request"), "{early}");
        let late = message(|packet, _| packet.reference.0 = packet.transmit.0 + (2 << 32));
        assert!(late.contains("2 s after the answer left"), "{late}");
        assert!(with(|packet, _| packet.reference = packet.transmit).is_ok());
        assert!(with(|packet, _| packet.reference = Stamp::NONE).is_ok());
    }

    #[test]
    fn a_server_cannot_have_thought_longer_than_all_took() {
        let thought = |millis: u64, elapsed: i64| {
            with(|packet, seen| {
                packet.transmit.0 += (millis << 32) / 1000;
                seen.elapsed = Span::from_nanos(i128::from(elapsed) * 1000);
            })
        };
        let five = thought(5000, 200).unwrap_err().to_string();
        assert!(
            five.contains("took 5 s, but all was over within 300 us"),
            "{five}"
        );
        // A ruler that is a third slow shows 10 ms where 15 have passed.
        assert!(thought(14, 10_000).is_ok());
        assert!(thought(16, 10_000).is_ok());
        assert!(thought(17, 10_000).is_err());
        // A server that gains on the exchange widens, and turns nothing round.
        let gained = thought(2, 1000).unwrap();
        let at = |micros: i128| Stamp(NOW).instant().later(Span::from_nanos(micros * 1000));
        assert!(gained.earliest() <= Some(at(-13_500)) && gained.latest() >= Some(at(17_000)));
    }

    #[test]
    fn what_is_too_far_or_too_slow_is_of_no_use() {
        let far = |delay, dispersion, precision| {
            with(|packet, _| {
                packet.root_delay = Span::from_millis(delay);
                packet.root_dispersion = Span::from_millis(dispersion);
                packet.precision = precision;
            })
        };
        assert!(far(2000, 499, -30).is_ok());
        for refused in [
            far(2000, 500, -30),
            far(3000, 0, -30),
            far(0, 20_000, -30),
            far(0, 0, 1),
            far(0, 0, i8::MAX),
        ] {
            assert!(matches!(refused, Err(Refusal::TooFar { .. })));
        }
        let second = Span::from_secs(1);
        assert!(with(|_, seen| seen.elapsed = second).is_ok());
        let more = second.plus(Span::from_nanos(1));
        let slow = with(|_, seen| seen.elapsed = more);
        assert_eq!(slow, Err(Refusal::TooSlow(more)));
    }

    #[test]
    fn a_server_that_follows_nothing_is_refused_unless_allowed() {
        for (stratum, id, shown) in [
            (1, [127, 127, 1, 1], "127.127.1.1"),
            (10, [127, 127, 1, 0], "127.127.1.0"),
            (1, *b"LOCL", "LOCL"),
        ] {
            let local = |allow| {
                with(|packet, seen| {
                    (packet.stratum, packet.reference_id) = (stratum, id);
                    seen.allow_local_reference = allow;
                })
            };
            let refused = Refusal::LocalReference {
                reference: shown.to_owned(),
            };
            assert_eq!(local(false), Err(refused));
            assert!(local(true).is_ok());
        }
        assert!(with(|packet, _| packet.reference_id = *b"LOCL").is_ok());
        assert!(
            with(|packet, _| (packet.stratum, packet.reference_id) = (1, [127, 127, 28, 0]))
                .is_ok()
        );
    }

    #[test]
    fn a_server_that_follows_this_machine_is_refused() {
        let own = |id: [u8; 4], own: &str, stratum| {
            with(|packet, seen| {
                (packet.stratum, packet.reference_id) = (stratum, id);
                seen.own = own.parse().unwrap();
            })
        };
        let looped = Err(Refusal::Loop {
            reference: "192.0.2.1".to_owned(),
        });
        assert_eq!(own([192, 0, 2, 1], "192.0.2.1", 2), looped);
        assert_eq!(own([192, 0, 2, 1], "::ffff:192.0.2.1", 3), looped);
        assert!(own([192, 0, 2, 1], "192.0.2.2", 2).is_ok());
        assert!(own([192, 0, 2, 1], "192.0.2.1", 1).is_ok());
        assert!(own([127, 0, 0, 1], "127.0.0.1", 2).is_ok());
    }

    #[test]
    fn a_reference_is_a_kind_of_clock_or_an_address() {
        let of = |stratum, id| {
            let packet = Packet {
                stratum,
                reference_id: id,
                ..good().0
            };
            (reference(&packet), upstream(&packet))
        };
        assert_eq!(of(1, *b"GPS\0"), ("GPS".to_owned(), None));
        let address = Ipv4Addr::new(192, 0, 2, 7);
        assert_eq!(
            of(2, [192, 0, 2, 7]),
            ("192.0.2.7".to_owned(), Some(address))
        );
        assert_eq!(of(2, [127, 0, 0, 1]), ("127.0.0.1".to_owned(), None));
        assert_eq!(of(2, [0; 4]), ("0.0.0.0".to_owned(), None));
    }

    /// A share of a whole, in thousandths.
    fn share() -> impl Strategy<Value = i128> {
        0..=1000_i128
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_truth_is_inside_whatever_the_way_the_ruler_and_the_server(
            elapsed in 0..=1_000_000_000_i128,
            gain in -500..=500_i128,
            to in share(), thought in share(),
            delay in 0..1_000_000_000_i128, dispersion in 0..900_000_000_i128, wrong in -1000..=1000_i128,
            seconds in 1_793_500_000..4_900_000_000_i64, leap in 0..3_u8,
        ) {
            // What truly passed, and what of it on the way there and in the server; the rest is the way back.
            let passed = elapsed + elapsed * gain / 1000;
            let to = passed * to / 1000;
            let thought = (passed - to) * thought / 1000;
            // How wrong the server is: up to all that it admits, either way.
            let wrong = (delay / 2 + dispersion) * wrong / 1000;
            let sent = Timestamp::from_unix(seconds, 0);
            let server = |after: i128| stamp(sent.later(Span::from_nanos(after + wrong)));
            let truth = sent.later(Span::from_nanos(passed));
            let time = with(|packet, seen| {
                packet.leap = leap;
                packet.root_delay = Span::from_nanos(delay);
                packet.root_dispersion = Span::from_nanos(dispersion);
                packet.receive = server(to);
                packet.transmit = server(to + thought);
                packet.reference = server(-2_000_000_000);
                seen.elapsed = Span::from_nanos(elapsed);
            }).unwrap();
            assert!(time.earliest() <= Some(truth) && Some(truth) <= time.latest(), "{truth} {time:?}");
        }

        #[test]
        fn no_answer_panics_or_is_turned_round(bytes in any::<[u8; 32]>(), head in any::<[u8; 16]>(), elapsed in any::<i64>()) {
            let packet = Packet::parse(&[head.as_slice(), &bytes].concat()).unwrap();
            let seen = Seen { elapsed: Span::from_nanos(elapsed.into()), ..good().1 };
            if let Ok(time) = time(&packet, seen) {
                assert!(time.width() < Span::from_secs(8), "{time:?}");
            }
        }
    }
}
