//! Servers that answer as they should not, one request each.

use super::{Body, Connection, HEAD_LIMIT, Response, Url};
use crate::source::net::Authorities;
use crate::source::{Budget, Refusal};
use crate::sys::boottime;
use crate::time::Span;
use proptest::prelude::{any, prop, proptest};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

const TOKEN: Body<'_> = Body {
    content_type: "application/timestamp-query",
    bytes: b"query",
};

/// Asks a server that answers as `serve` does.
fn ask(
    body: Option<Body<'_>>,
    serve: impl FnOnce(&mut TcpStream) + Send + 'static,
) -> Result<Response, Refusal> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(false, &format!("//{}/p?q", listener.local_addr().unwrap())).unwrap();
    let server = thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut asked = [0; 1024];
        let read = stream.read(&mut asked).unwrap();
        serve(&mut stream);
        String::from_utf8_lossy(&asked[..read]).into_owned()
    });
    let budget = Budget::of(Span::from_millis(700));
    let mut connection = Connection::open(&url, &Authorities::default(), budget).unwrap();
    let response = connection.ask(body);
    drop(connection);
    let asked = server.join().unwrap();
    let method = if body.is_some() { "POST" } else { "HEAD" };
    assert!(
        asked.starts_with(&format!("{method} /p?q HTTP/1.")),
        "{asked}"
    );
    response
}

fn told(body: Option<Body<'_>>, bytes: &[u8]) -> Result<Response, Refusal> {
    let bytes = bytes.to_vec();
    ask(body, move |stream| drop(stream.write_all(&bytes)))
}

fn is_malformed(told: &Result<Response, Refusal>) -> bool {
    matches!(told, Err(Refusal::Malformed(_)))
}

#[test]
fn an_answer_has_a_status_and_fields() {
    let head = b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 405 No\r\nDATE:  d \r\nA: 1\r\nA: 2\r\n\r\n";
    let response = told(None, head).unwrap();
    assert_eq!(response.status, 405);
    assert_eq!(response.header("date"), Some("d"));
    assert_eq!((response.header("a"), response.has("a")), (None, true));
    assert!(!response.has("link") && response.stays_open);
    assert!(response.received >= response.sent);
}

#[test]
fn a_connection_is_used_again_only_when_nothing_is_left_on_it() {
    let stays = |head: &str| told(None, head.as_bytes()).unwrap().stays_open;
    assert!(stays("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n"));
    for head in [
        "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: keep-alive, Close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: x\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n<html>",
    ] {
        assert!(!stays(head), "{head}");
    }
}

#[test]
fn what_is_no_answer_is_malformed() {
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(101));
    let long = format!("HTTP/1.1 200 OK\r\na: {}", "b".repeat(HEAD_LIMIT));
    let later = "HTTP/1.1 100 Continue\r\n\r\n".repeat(9);
    for head in [
        "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 2 OK\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno field\r\n\r\n",
        "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{0}",
        &many,
        &long,
        &later,
    ] {
        let told = told(None, head.as_bytes());
        assert!(is_malformed(&told), "{head:?}: {told:?}");
    }
}

#[test]
fn a_connection_that_ends_early_is_broken() {
    for head in [
        "",
        "HTTP/1.1 200 OK\r\nDate: x\r\n",
        "HTTP/1.1 100 C\r\n\r\n",
    ] {
        let told = told(None, head.as_bytes());
        assert!(
            matches!(told, Err(Refusal::Broken { .. })),
            "{head:?}: {told:?}"
        );
    }
}

#[test]
fn dripping_and_silence_end_with_the_budget() {
    let drip = |stream: &mut TcpStream| {
        while stream.write_all(b"HTTP/1.1 200 OK\r\na: ").is_ok() {
            thread::sleep(Duration::from_millis(5));
            if stream.write_all(b"b\r\n").is_err() {
                break;
            }
        }
    };
    let slowly = |stream: &mut TcpStream| {
        for byte in b"HTTP/1.1 200 OK\r\n".iter().chain([b'a'; 4000].iter()) {
            if stream.write_all(&[*byte]).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
    };
    let silent = |stream: &mut TcpStream| drop(stream.read(&mut [0; 1]));
    let began = boottime();
    assert!(is_malformed(&ask(None, drip)));
    assert!(matches!(ask(None, slowly), Err(Refusal::Timeout { .. })));
    assert!(matches!(ask(None, silent), Err(Refusal::Timeout { .. })));
    let took = boottime().since(began);
    assert!(took < Span::from_secs(4), "{took}");
}

#[test]
fn a_body_is_as_long_as_it_says_or_until_the_end() {
    let body = |bytes: &str| told(Some(TOKEN), bytes.as_bytes()).map(|told| told.body);
    let head = "HTTP/1.1 200 OK\r\n";
    assert_eq!(
        body(&format!("{head}Content-Length: 3\r\n\r\nabcdef")),
        Ok(b"abc".to_vec())
    );
    assert_eq!(body(&format!("{head}\r\nabcdef")), Ok(b"abcdef".to_vec()));
    assert_eq!(
        body(&format!("{head}Content-Length: 0\r\n\r\n")),
        Ok(Vec::new())
    );
    let short = body(&format!("{head}Content-Length: 9\r\n\r\nabc"));
    assert!(matches!(short, Err(Refusal::Broken { .. })), "{short:?}");
    for fields in [
        "Content-Length: -1\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Content-Length: 300000\r\n",
        "Content-Length: 3\r\nContent-Length: 3\r\n",
        "Content-Length: 3, 3\r\n",
        "Transfer-Encoding: chunked\r\n",
    ] {
        let told = told(Some(TOKEN), format!("{head}{fields}\r\nabc").as_bytes());
        assert!(is_malformed(&told), "{fields}: {told:?}");
    }
}

#[test]
fn a_body_without_an_end_is_too_large() {
    let endless = |stream: &mut TcpStream| {
        let mut write = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while write.is_ok() {
            write = stream.write_all(&[b'x'; 4096]);
        }
    };
    assert!(is_malformed(&ask(Some(TOKEN), endless)));
}

#[test]
fn an_answer_is_here_when_its_body_is() {
    let late = |stream: &mut TcpStream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")
            .unwrap();
        thread::sleep(Duration::from_millis(60));
        stream.write_all(b"x").unwrap();
    };
    let response = ask(Some(TOKEN), late).unwrap();
    let took = response.received.since(response.sent);
    assert!(took >= Span::from_millis(60), "{took}");
}

#[test]
fn a_host_is_named_without_the_port_that_goes_without_saying() {
    let host = |is_secure, rest| Url::parse(is_secure, rest).unwrap().host();
    assert_eq!(host(false, "//a:80/"), "a");
    assert_eq!(host(true, "//a:80"), "a:80");
    assert_eq!(host(true, "//[::1]"), "[::1]");
    assert_eq!(host(false, "//[::1]:8080/x"), "[::1]:8080");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), from in 0..40_usize) {
        let head = b"HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 5\r\n\r\n";
        let mixed: Vec<u8> = head.iter().take(from).copied().chain(bytes).collect();
        let _parsed = super::parse(&mixed, boottime()).is_ok();
    }
}
