//! One answer's Date: whether it can be relied on, and what it says of the time.

use crate::source::Refusal;
use crate::source::net::http::Response;
use crate::sys::{Boottime, timestamp};
use crate::time::{Interval, Rate, Span, Timestamp};

/// What a Date cannot say: it is cut off to the second.
pub(super) const SECOND: Span = Span::from_secs(1);

/// How long a server may go on giving a Date that it has written once. RFC 9110 §6.6.1 asks for no more
/// than an approximation: Apache takes the time at which a request came, Go's and Tomcat's servers that
/// of the answer, and nginx that of its event loop's last turn (milliseconds, unless a disk holds it up),
/// but Envoy renews its Date every half second, and Kestrel and fasthttp renew theirs once a second, at no
/// particular time in it.
const KEPT: Span = Span::from_secs(1);

/// Where one answer's Date lies on the ruler.
#[derive(Debug, Clone, Copy)]
pub(in crate::source) struct Reading {
    pub(in crate::source) date: Timestamp,
    /// Before the request left.
    pub(super) sent: Boottime,
    /// When the answer's head was here.
    pub(super) received: Boottime,
}

impl Reading {
    /// The Date of an answer. Its status does not matter: a server that refuses, redirects or has no such
    /// page dates that as well, and one that finds its back end gone dates it itself.
    pub(in crate::source) fn of(response: &Response) -> Result<Self, Refusal> {
        if let Some(why) = stored(response) {
            return Err(Refusal::Useless(why));
        }
        let date = match response.header("date") {
            Some(date) => date,
            None if response.has("date") => {
                let why = "it has two Dates, or one that is no text";
                return Err(Refusal::Malformed(why.to_owned()));
            }
            None => {
                let why = format!("it has no Date (status {})", response.status);
                return Err(Refusal::Useless(why));
            }
        };
        let read = httpdate::parse_http_date(date);
        let read = read.map_err(|_no_date| {
            Refusal::Malformed(format!("its Date is no HTTP-date: `{}`", shown(date)))
        })?;
        Ok(Self {
            date: timestamp(read),
            sent: response.sent,
            received: response.received,
        })
    }

    /// How long it took, by the ruler.
    pub(in crate::source) fn round_trip(&self) -> Span {
        self.received.since(self.sent)
    }

    /// What the time was when the answer was here. The Date was written at some time between then and
    /// when the request left.
    pub(in crate::source) fn time(&self) -> Interval {
        let (_least, most) = Rate::UNKNOWN.over(self.round_trip());
        let latest = self.date.later(SECOND).later(KEPT).later(most);
        Interval::between(self.date, latest)
    }
}

/// Why an answer may be one that a cache had in store, with the Date of then.
fn stored(response: &Response) -> Option<String> {
    let aged = response.values("age").find(|age| age.trim_ascii() != b"0");
    if let Some(age) = aged {
        let age = shown(&String::from_utf8_lossy(age));
        return Some(format!(
            "it comes from a cache, which had it for {age} s (Age)"
        ));
    }
    if let Some(via) = response.values("via").next() {
        let via = shown(&String::from_utf8_lossy(via));
        return Some(format!(
            "it came through a proxy, which may have had it in store (Via: {via})"
        ));
    }
    let told = response.fields().find(|(name, value)| {
        name.contains("cache") && !name.ends_with("cache-control") && is_hit(value)
    });
    told.map(|(name, value)| {
        let value = shown(&String::from_utf8_lossy(value));
        format!("it comes from a cache ({}: {value})", shown(name))
    })
}

/// Whether a cache says that it answered from its store. There are many such fields (`X-Cache`,
/// `CF-Cache-Status`, RFC 9211's `Cache-Status`, …), but they share their words.
fn is_hit(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 4] = [b"hit", b"stale", b"updating", b"revalidated"];
    let mut words = value.split(|letter| !letter.is_ascii_alphanumeric());
    words.any(|word| WORDS.iter().any(|hit| word.eq_ignore_ascii_case(hit)))
}

/// The beginning of what a server said.
fn shown(value: &str) -> String {
    value.trim().chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::Reading;
    use crate::source::Refusal;
    use crate::source::net::http::Response;
    use crate::time::{Interval, Span, Timestamp};
    use proptest::prelude::{any, proptest};

    const DATE: (&str, &str) = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");

    fn read(fields: &[(&str, &str)]) -> Result<Reading, Refusal> {
        Reading::of(&Response::with(fields, 100, 300))
    }

    #[test]
    fn a_date_is_worth_a_second_and_what_the_server_and_the_way_add() {
        let at = Timestamp::from_unix(784_111_777, 0);
        for date in [
            DATE.1,
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            let reading = read(&[("date", date)]).unwrap();
            let latest = at.later(Span::from_secs(2)).later(Span::from_nanos(300));
            assert_eq!(reading.time(), Interval::between(at, latest), "{date}");
            assert_eq!(reading.round_trip(), Span::from_nanos(200));
        }
    }

    #[test]
    fn without_one_true_date_there_is_no_time() {
        assert!(matches!(read(&[]), Err(Refusal::Useless(_))));
        assert!(matches!(read(&[DATE, DATE]), Err(Refusal::Malformed(_))));
        for no in [
            "",
            "0",
            "1994-11-06T08:49:37Z",
            "Sun, 06 Nov 1994 08:49:60 GMT",
        ] {
            let refusal = read(&[("date", no)]);
            assert!(
                matches!(refusal, Err(Refusal::Malformed(_))),
                "{no}: {refusal:?}"
            );
        }
    }

    #[test]
    fn what_a_cache_had_in_store_is_refused() {
        for field in [
            ("age", "7"),
            ("age", "00"),
            ("age", ""),
            ("via", "1.1 varnish"),
            ("x-cache", "HIT"),
            ("x-cache", "MISS, HIT"),
            ("x-cache", "Hit from cloudfront"),
            ("x-cache", "TCP_MEM_HIT"),
            ("x-cache-status", "STALE"),
            ("cf-cache-status", "REVALIDATED"),
            ("cache-status", "\"edge\"; hit; ttl=5"),
        ] {
            let refusal = read(&[DATE, field]);
            assert!(
                matches!(refusal, Err(Refusal::Useless(_))),
                "{field:?}: {refusal:?}"
            );
        }
        for field in [
            ("age", "0"),
            ("x-cache", "MISS"),
            ("cf-cache-status", "DYNAMIC"),
            ("cache-control", "stale-while-revalidate=5, stale"),
            ("x-cache-hits", "0"),
            ("whites", "hit"),
        ] {
            assert!(read(&[DATE, field]).is_ok(), "{field:?}");
        }
    }

    #[test]
    fn only_the_beginning_of_what_a_server_says_is_repeated() {
        let long = "x".repeat(9000);
        let (name, value) = (format!("cache{long}"), format!("hit {long}"));
        for field in [
            ("date", &*long),
            ("age", &long),
            ("via", &long),
            (&name, &value),
        ] {
            let words = read(&[field]).unwrap_err().to_string();
            assert!(words.len() < 300, "{words}");
        }
    }

    proptest! {
        #[test]
        fn any_date_is_read_or_refused(date in any::<String>(), digits in "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT") {
            let _read = (read(&[("date", &date)]), read(&[("date", &digits)]));
        }
    }
}
