//! `http:`, the Date of a server that anybody on the way could pretend to be.

use super::{AddressError, Class, Options, Scheme, Source, date};

pub(super) const SCHEME: Scheme = Scheme {
    name: "http",
    form: "http://HOST[:PORT][/PATH]",
    summary: "the Date of a web server, to two seconds, as whoever is on the way lets it pass",
    class: Class::Network,
    open,
};

fn open(rest: &str, options: &Options) -> Result<Box<dyn Source>, AddressError> {
    date::open(SCHEME.class, false, rest, options)
}
