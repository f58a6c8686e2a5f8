//! Verifying a time-stamp token: `SignedData` of RFC 5652 with what RFC 3161 §2.4.2 and RFC 5816 ask of
//! it. No clock is consulted: a token says by itself when it was made, and its signer must have been
//! entitled then.
//!
//! Only DER is read. Not handled, each with a refusal that says so: BER with indefinite lengths; RSA-PSS,
//! SHA-1 and whatever else [`super::signer`] does not list. Revocation is not looked up.

use super::asn1::{Elements, ONE, ZERO};
use super::attributes::Attributes;
use super::info::Info;
use super::signer::{self, Signature, Signer};
use crate::source::{Authorities, Certificate, Refusal, Token};
use crate::time::Interval;
use der::Tag;
use der::asn1::ObjectIdentifier;
use ring::digest;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");

/// What a kept token proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// When it was made: the second (or fraction) that is written in it, give or take the accuracy that it
    /// states, or a second when it states none.
    pub time: Interval,
    /// The signer's certificate. It was valid when the token was made; whether this machine's clock lies
    /// in its validity now says nothing of the token.
    pub certificate: Certificate,
    /// What else it says, each with its name.
    pub facts: Vec<(&'static str, String)>,
    /// The content of the nonce's INTEGER.
    pub(super) nonce: Option<Vec<u8>>,
}

/// Verifies a token without asking anybody: that it is over the challenge, and signed by a time-stamp
/// authority whose certificate, at the time that the token states, led to one of `authorities`.
///
/// # Errors
/// When it is malformed, over something else, not authentic, or of a kind that is not handled.
pub fn verify_token(token: &Token, authorities: &Authorities) -> Result<Stamped, Refusal> {
    let signed = Signed::parse(&token.der)?;
    let info = Info::parse(signed.content)?;
    if !info.stamps(&token.challenge) {
        return Err(forged(
            "its token is over other data than was sent, an old answer perhaps (messageImprint)",
        ));
    }
    let attributes = signed.attributes()?;
    let certificate = signed.signing_certificate(&attributes)?;
    let signer = Signer::verified(
        certificate,
        &signed.certificates,
        info.generated,
        authorities,
    )?;
    signer.is(signed.signer)?;
    signer.signed(&attributes.message()?, &signed.signature)?;
    let mut facts = vec![
        ("policy", info.policy.to_string()),
        ("serial", hex(info.serial)),
        ("generated", info.generated.to_string()),
    ];
    facts.extend(info.accuracy.map(|stated| ("accuracy", stated.to_string())));
    facts.extend(signer.name.map(|name| ("signer", name)));
    Ok(Stamped {
        time: info.time(),
        certificate: signer.certificate,
        facts,
        nonce: info.nonce.map(<[u8]>::to_vec),
    })
}

fn forged(why: &str) -> Refusal {
    Refusal::Forged(why.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `SignedData`, with its only `SignerInfo`.
struct Signed<'der> {
    content: &'der [u8],
    certificates: Vec<&'der [u8]>,
    /// The `SignerIdentifier`.
    signer: &'der [u8],
    digest: &'static digest::Algorithm,
    /// What the `SET OF` signed attributes holds.
    attributes: &'der [u8],
    signature: Signature<'der>,
}

impl<'der> Signed<'der> {
    fn parse(der: &'der [u8]) -> Result<Self, Refusal> {
        let mut outer = Elements::inside(der, Tag::Sequence, "token")?;
        if outer.oid()? != SIGNED_DATA {
            return Err(outer.refused("it is no SignedData"));
        }
        let explicit = outer.content(ZERO)?;
        outer.end()?;
        let mut data = Elements::inside(explicit, Tag::Sequence, "SignedData")?;
        let _version = data.content(Tag::Integer)?;
        let mut digests = data.enter(Tag::Set, "digestAlgorithms")?;
        let mut encapsulated = data.enter(Tag::Sequence, "encapContentInfo")?;
        if encapsulated.oid()? != TST_INFO {
            return Err(encapsulated.refused("what is signed is no TSTInfo"));
        }
        let mut explicit = encapsulated.enter(ZERO, "eContent")?;
        encapsulated.end()?;
        let content = explicit.content(Tag::OctetString)?;
        explicit.end()?;
        let certificates = data.optional(ZERO)?.map_or(Ok(Vec::new()), certificates)?;
        let _revocations = data.optional(ONE)?;
        let mut signers = data.enter(Tag::Set, "signerInfos")?;
        data.end()?;
        let mut signer = signers.enter(Tag::Sequence, "SignerInfo")?;
        if !signers.is_at_end() {
            return Err(signers.refused("a token has one signer, not several"));
        }
        let _version = signer.content(Tag::Integer)?;
        let identifier = signer.whole()?;
        let digest = signer.algorithm()?;
        // Others do not verify it otherwise (RFC 5652 §5.1), and it is to be shown to others.
        let mut is_listed = false;
        while !digests.is_at_end() {
            is_listed |= digests.algorithm()? == digest;
        }
        if !is_listed {
            return Err(digests.refused("the signer's is not among them"));
        }
        let attributes = signer
            .optional(ZERO)?
            .ok_or_else(|| signer.refused("it has no signed attributes"))?;
        let algorithm = signer.algorithm()?;
        let bits = signer.content(Tag::OctetString)?;
        let _unsigned = signer.optional(ONE)?;
        signer.end()?;
        Ok(Self {
            content,
            certificates,
            signer: identifier,
            digest: signer::digest(digest)?,
            attributes,
            signature: Signature {
                digest,
                algorithm,
                bits,
            },
        })
    }

    /// The signed attributes, of which those that a token needs are there once and right.
    fn attributes(&self) -> Result<Attributes<'der>, Refusal> {
        let attributes = Attributes::parse(self.attributes)?;
        let mut content_type = attributes.required(CONTENT_TYPE, "contentType")?;
        if content_type.oid()? != TST_INFO {
            return Err(forged("another type of content was signed (contentType)"));
        }
        content_type.end()?;
        let mut stated = attributes.required(MESSAGE_DIGEST, "messageDigest")?;
        let digest = digest::digest(self.digest, self.content);
        if stated.content(Tag::OctetString)? != digest.as_ref() {
            return Err(forged("another content was signed (messageDigest)"));
        }
        stated.end()?;
        Ok(attributes)
    }

    /// The certificate that the signer names under the signature: without that, another certificate for
    /// the same key could be put in its place (RFC 5035 §2). What is named, is named by its hash; its
    /// issuer and serial number, which may stand there too, say no more.
    fn signing_certificate(&self, attributes: &Attributes<'der>) -> Result<&'der [u8], Refusal> {
        let mut named = Vec::new();
        if let Some(mut value) = attributes.single(SIGNING_CERTIFICATE, "signingCertificate")? {
            let mut list = value.enter(Tag::Sequence, "signingCertificate")?;
            let mut ids = list.enter(Tag::Sequence, "ESSCertIDs")?;
            let mut id = ids.enter(Tag::Sequence, "ESSCertID")?;
            let hash = id.content(Tag::OctetString)?;
            named.push((&digest::SHA1_FOR_LEGACY_USE_ONLY, hash));
        }
        if let Some(mut value) =
            attributes.single(SIGNING_CERTIFICATE_V2, "signingCertificateV2")?
        {
            let mut list = value.enter(Tag::Sequence, "signingCertificateV2")?;
            let mut ids = list.enter(Tag::Sequence, "ESSCertIDv2s")?;
            let mut id = ids.enter(Tag::Sequence, "ESSCertIDv2")?;
            let digest = match id.next_is(Tag::Sequence) {
                true => match id.algorithm()? {
                    SHA_1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
                    other => signer::digest(other)?,
                },
                false => &digest::SHA256,
            };
            named.push((digest, id.content(Tag::OctetString)?));
        }
        if named.is_empty() {
            return Err(forged("it does not sign who signs it (no ESSCertID)"));
        }
        let is_named = |certificate: &&&[u8]| {
            let right = |(digest, hash): &(&'static digest::Algorithm, &[u8])| {
                digest::digest(digest, certificate).as_ref() == *hash
            };
            named.iter().all(right)
        };
        let found = self.certificates.iter().find(is_named).copied();
        found
            .ok_or_else(|| forged("the certificate that its signer names is not in it (ESSCertID)"))
    }
}

/// The X.509 certificates of a `CertificateSet`, whole. The other choices are obsolete, or for attributes.
fn certificates(set: &[u8]) -> Result<Vec<&[u8]>, Refusal> {
    let mut set = Elements::of(set, "certificates")?;
    let mut found = Vec::new();
    while !set.is_at_end() {
        let is_plain = set.next_is(Tag::Sequence);
        let whole = set.whole()?;
        if is_plain {
            found.push(whole);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{Elements, Stamped, Tag, Token, verify_token};
    use crate::source::tsa::asn1::element;
    use crate::source::{Authorities, Refusal};
    use crate::time::{Interval, Span};
    use proptest::prelude::{any, proptest};
    use std::path::PathBuf;

    fn fixture(name: &str) -> PathBuf {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        root.join("fixtures/tsa").join(name)
    }

    fn read(name: &str) -> Vec<u8> {
        std::fs::read(fixture(name)).unwrap()
    }

    fn root() -> Authorities {
        Authorities::with_file(&fixture("root.pem")).unwrap()
    }

    fn verify(der: Vec<u8>) -> Result<Stamped, Refusal> {
        let challenge = read("challenge.bin");
        verify_token(&Token { challenge, der }, &root())
    }

    fn refusal(name: &str) -> Refusal {
        verify(read(&format!("{name}.der"))).expect_err(name)
    }

    fn fact<'stamped>(stamped: &'stamped Stamped, name: &str) -> &'stamped str {
        let mut facts = stamped.facts.iter();
        let (_, value) = facts.find(|(other, _)| *other == name).unwrap();
        value
    }

    /// The token with one byte changed: the `offset`th behind the `nth` place where these bytes stand.
    fn changed(name: &str, behind: &[u8], nth: usize, offset: usize) -> Vec<u8> {
        let mut der = read(&format!("{name}.der"));
        let mut places = (0..der.len()).filter(|&at| der[at..].starts_with(behind));
        let at = places.nth(nth).unwrap() + behind.len() + offset;
        der[at] ^= 1;
        der
    }

    fn says(refusal: &Result<Stamped, Refusal>, word: &str) {
        let Err(refusal) = refusal else {
            panic!("{word}: it is taken");
        };
        assert!(refusal.to_string().contains(word), "{refusal} ({word})");
    }

    #[test]
    fn a_good_token_proves_its_time_whatever_signs_it() {
        for (name, half) in [("p256", 1_500_100), ("p384", 1_000_000), ("rsa", 1_000_000)] {
            let stamped = verify(read(&format!("{name}.der"))).unwrap();
            let generated = fact(&stamped, "generated");
            assert!(generated.starts_with("2026-11-23T08:57:35."), "{generated}");
            let at = crate::time::parse_instant(generated).unwrap();
            let at = at.earliest().unwrap();
            let written = Interval::between(at, at.later(Span::from_millis(1)));
            let half = Span::from_nanos(half * 1000);
            assert_eq!(stamped.time, written.widened(half), "{name}");
            assert_eq!(fact(&stamped, "policy"), "1.2.3.4.1");
            assert_eq!(fact(&stamped, "serial"), "50");
            assert_eq!(fact(&stamped, "signer"), format!("skewgate test {name}"));
            assert!(stamped.nonce.is_some(), "{name}");
            assert!(stamped.certificate.not_before < at && at < stamped.certificate.not_after);
        }
        verify(read("ess512.der")).unwrap();
        verify(read("key-identifier.der")).unwrap();
    }

    #[test]
    fn who_may_not_stamp_is_refused() {
        says(&Err(refusal("web")), "not for time-stamping");
        says(&Err(refusal("both")), "other things than time-stamping");
        says(&Err(refusal("casual")), "does not say so critically");
        let token = Token {
            challenge: read("challenge.bin"),
            der: read("p256.der"),
        };
        says(
            &verify_token(&token, &Authorities::default()),
            "no authority",
        );
        // It has the name of the right one.
        let other = Authorities::with_file(&fixture("other.pem")).unwrap();
        says(&verify_token(&token, &other), "chain is wrong");
    }

    #[test]
    fn an_expired_signer_proves_no_time_after_its_end() {
        let refusal = refusal("expired");
        let Refusal::Expired {
            not_after, time, ..
        } = refusal
        else {
            panic!("{refusal}");
        };
        assert!(time.unwrap() > not_after, "{refusal}");
    }

    #[test]
    fn what_is_not_handled_says_so() {
        for (name, word) in [
            ("pss", "RSA-PSS"),
            ("indefinite", "BER"),
            ("sha1", "1.3.14.3.2.26"),
        ] {
            let refusal = refusal(name);
            assert!(matches!(refusal, Refusal::Unhandled(_)), "{refusal}");
            says(&Err(refusal), word);
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for (name, word) in [
            ("two", "one signer"),
            ("bare", "no signed attributes"),
            ("plain", "no ESSCertID"),
            ("no-certificate", "(ESSCertID)"),
            ("data", "no TSTInfo"),
        ] {
            says(&Err(refusal(name)), word);
        }
        let mut longer = read("p256.der");
        longer.push(0);
        says(&verify(longer), "follows its end");
        let whole = read("p256.der");
        let mut inside = Elements::of(&whole, "it").unwrap();
        let inside = inside.content(Tag::Sequence).unwrap();
        let longer = element(Tag::Sequence, &[inside, &[5, 0]].concat()).unwrap();
        says(&verify(longer), "token: something follows its end");
    }

    #[test]
    fn a_token_over_something_else_is_refused() {
        let mut challenge = read("challenge.bin");
        challenge[7] ^= 1;
        let der = read("p256.der");
        says(
            &verify_token(&Token { challenge, der }, &root()),
            "messageImprint",
        );
    }

    #[test]
    fn each_part_that_is_signed_must_be_right() {
        // The OIDs of the attributes, with the SET and the head of what is in it behind them.
        const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 13, 1, 9, 3, 0x31, 13, 6, 11];
        const DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 13, 1, 9, 4, 0x31, 34, 4, 32];
        const ESS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 13, 1, 9, 16, 2, 47];
        const ISSUER_NAME: &[u8] = b"skewgate test root";
        let says = |der, word| says(&verify(der), word);
        says(changed("p256", CONTENT_TYPE, 0, 10), "(contentType)");
        says(changed("p256", DIGEST, 0, 0), "(messageDigest)");
        // The TSTInfo, whose digest that is.
        says(changed("p256", b"20261123", 0, 2), "(messageDigest)");
        says(changed("p256", ESS, 0, 20), "(ESSCertID)");
        says(changed("rsa", b"\x09\x10\x02\x0c", 0, 12), "(ESSCertID)");
        // The certificate: the digests of it fit no more.
        says(changed("p256", ISSUER_NAME, 0, 40), "(ESSCertID)");
        // The name of its issuer beside the signature.
        let last = changed("p256", b"skewgate test ", 2, 0);
        says(last, "(SignerIdentifier)");
        let mut der = read("p256.der");
        *der.last_mut().unwrap() ^= 1;
        says(der, "signature is wrong");
        let mut der = read("rsa.der");
        *der.last_mut().unwrap() ^= 1;
        says(der, "signature is wrong");
    }

    #[test]
    fn no_single_bit_changes_what_a_token_says() {
        for name in ["p256", "key-identifier"] {
            let good = read(&format!("{name}.der"));
            let says = verify(good.clone()).unwrap();
            let mut taken = 0;
            for at in 0..good.len() {
                for bit in [0x01, 0x20, 0x80] {
                    let mut der = good.clone();
                    der[at] ^= bit;
                    if let Ok(other) = verify(der) {
                        assert_eq!(other, says, "{name}: byte {at}");
                        taken += 1;
                    }
                }
            }
            // Only the two versions, which say nothing.
            assert!(taken <= 6, "{name}: {taken} are taken");
        }
    }

    #[test]
    fn a_token_that_is_cut_off_is_refused() {
        for name in ["p256", "rsa", "indefinite"] {
            let good = read(&format!("{name}.der"));
            for length in 0..good.len() {
                assert!(verify(good[..length].to_vec()).is_err(), "{name}: {length}");
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(at in any::<usize>(), bytes: Vec<u8>, is_rsa: bool) {
            let name = if is_rsa { "rsa.der" } else { "p384.der" };
            let mut der = read(name);
            let at = at % der.len();
            let good = verify(der.clone());
            der.splice(at..(at + bytes.len()).min(der.len()), bytes);
            let verified = verify(der);
            assert!(verified.is_err() || verified == good);
        }
    }
}
