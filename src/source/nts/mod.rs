//! `nts:HOST[:PORT]`, a time server whose answers nobody on the way can make up (RFC 8915): keys by TLS,
//! then NTP with proof.

pub(in crate::source) mod establish;
pub(in crate::source) mod protect;

use super::net::{Authorities, Endpoint};
use super::{AddressError, Budget, Class, Options, Refusal, Sample, Scheme, Source, ntp};
use protect::Protection;

pub(super) const SCHEME: Scheme = Scheme {
    name: "nts",
    form: "nts:HOST[:PORT]",
    summary: "a time server that proves its answers (NTS); nobody on the way can forge them",
    class: Class::Authenticated,
    open,
};

/// Where keys are established (RFC 8915 §7.1).
const PORT: u16 = 4460;

#[derive(Debug)]
struct Nts {
    endpoint: Endpoint,
    authorities: Authorities,
    allow_local_reference: bool,
}

fn open(rest: &str, options: &Options) -> Result<Box<dyn Source>, AddressError> {
    Ok(Box::new(Nts {
        endpoint: Endpoint::parse(rest, PORT)?,
        authorities: options.authorities.clone(),
        allow_local_reference: options.allow_local_reference,
    }))
}

impl Source for Nts {
    fn sample(&self, budget: Budget) -> Result<Sample, Refusal> {
        match self.ask(budget) {
            // The server changed its own keys in between, or somebody says so: nothing proves it. New keys
            // settle it (RFC 8915 §5.7), once.
            Err(Refusal::Kiss { code }) if code == protect::UNKNOWN_COOKIE => self.ask(budget),
            other => other,
        }
    }
}

impl Nts {
    /// Asks with keys of its own, which no other answer is for.
    fn ask(&self, budget: Budget) -> Result<Sample, Refusal> {
        let established = establish::establish(&self.endpoint, &self.authorities, budget)?;
        let certificate = established.certificate;
        let addresses = established.server.resolve(budget)?;
        let mut protection = Protection::new(established.keys, established.cookies);
        let answer = ntp::ask(
            &addresses,
            &mut protection,
            self.allow_local_reference,
            budget,
        )?;
        certificate.admit(answer.time)?;
        let mut sample = answer.sample(SCHEME.class);
        sample.evidence.certificate = Some(certificate);
        Ok(sample)
    }
}
