//! `tsa:`, a time-stamp authority (RFC 3161): coarse, and the one source whose answer can be kept and
//! shown to others.
//!
//! A random challenge is stamped. As nobody could stamp it before it was sent, the stamp was made between
//! then and the end of the answer; and as the stamp is signed, nobody on the way made it up, even over
//! `http:`.
//!
//! The certificate in the evidence is the signer's, on which the answer rests. It must have been valid at
//! the stamped time, so one that has expired proves no time after its end. That somebody with its old key
//! dates back to when it was valid cannot be seen from the token; `is_strict` tells whether it could
//! matter. Of an `https:` server's certificate no more is asked than that the time lies in its validity.

mod asn1;
mod attributes;
pub(in crate::source) mod info;
pub(in crate::source) mod reply;
mod request;
pub(in crate::source) mod signer;
mod token;

pub use token::{Stamped, verify_token};

use super::net::http::{Body, Connection, Response, Url};
use super::{
    AddressError, Authorities, Budget, Carry, Class, Evidence, Options, Refusal, Sample, Scheme,
    Source, Token, Upstream,
};
use crate::sys::boottime;
use crate::time::{Rate, Span};
use request::Request;

pub(super) const SCHEME: Scheme = Scheme {
    name: "tsa",
    form: "tsa:URL",
    summary: "a time-stamp authority (RFC 3161) by its http or https URL, to a second or two; its token is kept as proof",
    class: Class::Authenticated,
    open,
};

/// What a request is, and what an answer must be (RFC 3161 §3.4).
const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";

#[derive(Debug)]
struct Tsa {
    url: Url,
    authorities: Authorities,
}

fn open(rest: &str, options: &Options) -> Result<Box<dyn Source>, AddressError> {
    let (is_secure, behind) = match rest.split_once(':') {
        Some(("https", behind)) => (true, behind),
        Some(("http", behind)) => (false, behind),
        _ => {
            return Err(AddressError::Server {
                server: rest.to_owned(),
                why: "write tsa:http://… or tsa:https://…",
            });
        }
    };
    Ok(Box::new(Tsa {
        url: Url::parse(is_secure, behind)?,
        authorities: options.authorities.clone(),
    }))
}

impl Source for Tsa {
    fn sample(&self, budget: Budget) -> Result<Sample, Refusal> {
        let request = Request::new()?;
        let mut connection = Connection::open(&self.url, &self.authorities, budget)?;
        let response = connection.ask(Some(Body {
            content_type: QUERY,
            bytes: &request.der,
        }))?;
        // Not when the head came: a server may send that before it makes the stamp.
        let taken = boottime();
        let token = Token {
            challenge: request.challenge,
            der: reply::token(body(&response)?)?.to_vec(),
        };
        let stamped = verify_token(&token, &self.authorities)?;
        if stamped.nonce != Some(request.nonce) {
            return Err(Refusal::Forged(
                "its token is not for this request (nonce)".to_owned(),
            ));
        }
        let (_, since) = Rate::UNKNOWN.over(taken.since(response.sent));
        let time = stamped.time.after((Span::ZERO, since));
        if let Some(certificate) = connection.certificate {
            certificate.admit(time)?;
        }
        Ok(Sample {
            class: SCHEME.class,
            time,
            taken,
            carry: Carry::Ruler(Rate::UNKNOWN),
            evidence: Evidence {
                server: Some(connection.server),
                upstreams: vec![Upstream::of(connection.server)],
                certificate: Some(stamped.certificate),
                facts: stamped.facts,
                token: Some(token),
            },
        })
    }
}

/// The body of an answer, if it says that it is a time-stamp reply.
pub(in crate::source) fn body(response: &Response) -> Result<&[u8], Refusal> {
    if response.status != 200 {
        return Err(Refusal::Useless(format!(
            "HTTP status {}, where a time-stamp authority says 200",
            response.status
        )));
    }
    let stated = response.header("content-type").unwrap_or_default();
    let kind = stated.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(REPLY) {
        let kind: String = kind
            .chars()
            .filter(char::is_ascii_graphic)
            .take(60)
            .collect();
        return Err(Refusal::Useless(format!(
            "it is `{kind}`, not {REPLY}: is the URL that of a time-stamp authority?"
        )));
    }
    Ok(&response.body)
}
