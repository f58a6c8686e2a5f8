//! `https:`, the Date of a server that proves its name.

use super::{AddressError, Class, Options, Scheme, Source, date};

pub(super) const SCHEME: Scheme = Scheme {
    name: "https",
    form: "https://HOST[:PORT][/PATH]",
    summary: "the Date of a web server, to two seconds; nobody on the way can have made it up",
    class: Class::Authenticated,
    open,
};

fn open(rest: &str, options: &Options) -> Result<Box<dyn Source>, AddressError> {
    date::open(SCHEME.class, true, rest, options)
}

#[cfg(test)]
mod tests {
    use super::open;
    use crate::source::Options;

    #[test]
    fn an_address_is_that_of_a_page() {
        for rest in ["//a", "//a:8443", "//[::1]:1/x?y", "//a?x", "//a/#top"] {
            assert!(open(rest, &Options::default()).is_ok(), "{rest}");
        }
        for rest in [
            "", "a", "/a", "//", "///x", "//a:0", "//a b", "//u@a", "//a/ b",
        ] {
            assert!(open(rest, &Options::default()).is_err(), "{rest}");
        }
    }
}
