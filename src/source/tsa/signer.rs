//! Who signed a time-stamp token: the certificate, its chain at the stamped time, and the signature.

use super::asn1::{Elements, ZERO_PRIMITIVE};
use crate::source::net::tls::validity;
use crate::source::{Authorities, Certificate, Refusal};
use crate::sys::wall_clock;
use crate::time::{Interval, Timestamp};
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Tag};
use ring::digest;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use std::time::Duration;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, KeyUsage, ring as algorithms};
use x509_cert::ext::pkix::ExtendedKeyUsage;

/// id-kp-timeStamping, 1.3.6.1.5.5.7.3.8, as DER has it.
const TIME_STAMPING_DER: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 8];
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const RSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const ECDSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The longest name that is repeated (`ub-common-name`, RFC 5280 appendix A.1).
const MOST_NAME: usize = 64;

/// A signature, and how it was made.
pub(super) struct Signature<'der> {
    pub(super) digest: ObjectIdentifier,
    pub(super) algorithm: ObjectIdentifier,
    pub(super) bits: &'der [u8],
}

type Algorithms = Vec<&'static dyn SignatureVerificationAlgorithm>;

/// The digest of this name.
pub(super) fn digest(name: ObjectIdentifier) -> Result<&'static digest::Algorithm, Refusal> {
    match name {
        SHA_256 => Ok(&digest::SHA256),
        SHA_384 => Ok(&digest::SHA384),
        SHA_512 => Ok(&digest::SHA512),
        _ => Err(Refusal::Unhandled(format!(
            "its token uses the digest {name}; SHA-256, SHA-384 and SHA-512 are handled"
        ))),
    }
}

impl Signature<'_> {
    /// What may verify it; the key decides between several.
    fn algorithms(&self) -> Result<Algorithms, Refusal> {
        let name = match (self.algorithm, self.digest) {
            (RSA, SHA_256) => RSA_SHA_256,
            (RSA, SHA_384) => RSA_SHA_384,
            (RSA, SHA_512) => RSA_SHA_512,
            (name, _) => name,
        };
        match name {
            RSA_SHA_256 => Ok(vec![algorithms::RSA_PKCS1_2048_8192_SHA256]),
            RSA_SHA_384 => Ok(vec![algorithms::RSA_PKCS1_2048_8192_SHA384]),
            RSA_SHA_512 => Ok(vec![algorithms::RSA_PKCS1_2048_8192_SHA512]),
            ECDSA_SHA_256 => Ok(vec![
                algorithms::ECDSA_P256_SHA256,
                algorithms::ECDSA_P384_SHA256,
            ]),
            ECDSA_SHA_384 => Ok(vec![
                algorithms::ECDSA_P384_SHA384,
                algorithms::ECDSA_P256_SHA384,
            ]),
            ED25519 => Ok(vec![algorithms::ED25519]),
            other => {
                let name = match other {
                    RSA_PSS => "RSA-PSS".to_owned(),
                    other => other.to_string(),
                };
                Err(Refusal::Unhandled(format!(
                    "its token is signed with {name}; RSA (PKCS #1 v1.5) and ECDSA on P-256 and P-384 with SHA-256 or \
                     better, and Ed25519 are handled"
                )))
            }
        }
    }
}

/// A certificate that led to an authority at the stamped time and was for time-stamping.
pub(in crate::source) struct Signer<'der> {
    der: CertificateDer<'der>,
    pub(super) certificate: Certificate,
    /// Its common name, when that is plain text.
    pub(in crate::source) name: Option<String>,
    /// Its `SubjectKeyIdentifier`.
    key: Option<Vec<u8>>,
}

impl<'der> Signer<'der> {
    /// Checks a certificate as of the time that its token states, whatever clock this machine has.
    pub(in crate::source) fn verified(
        certificate: &'der [u8],
        others: &[&'der [u8]],
        at: Timestamp,
        authorities: &Authorities,
    ) -> Result<Self, Refusal> {
        let der = CertificateDer::from(certificate);
        let others: Vec<_> = others.iter().copied().map(CertificateDer::from).collect();
        let seconds = u64::try_from(at.seconds())
            .map_err(|_negative| Refusal::Malformed("genTime: it is before 1970".to_owned()))?;
        let validity = validity(&der, wall_clock()).ok_or_else(unreadable)?;
        parsed(&der)?
            .verify_for_usage(
                ALL_VERIFICATION_ALGS,
                authorities.anchors(),
                &others,
                UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
                KeyUsage::required(TIME_STAMPING_DER),
                None,
                None,
            )
            .map(|_path| ())
            .map_err(|error| refusal(&error, validity, at))?;
        let parsed = x509_cert::Certificate::from_der(&der)
            .map_err(|_why| unreadable())?
            .tbs_certificate;
        let extension = |name| {
            let all = parsed.extensions.iter().flatten();
            all.into_iter()
                .find(move |extension| extension.extn_id == name)
        };
        let is_for_this_alone = extension(EXTENDED_KEY_USAGE).is_some_and(|usage| {
            let purposes = ExtendedKeyUsage::from_der(usage.extn_value.as_bytes());
            usage.critical && purposes.is_ok_and(|purposes| purposes.0 == [TIME_STAMPING])
        });
        if !is_for_this_alone {
            return Err(Refusal::Forged(
                "its signer's certificate is for other things than time-stamping too, or does not say so critically \
                 (RFC 3161 §2.3)"
                    .to_owned(),
            ));
        }
        let key = extension(KEY_IDENTIFIER).and_then(|key| {
            let key = OctetStringRef::from_der(key.extn_value.as_bytes()).ok()?;
            Some(key.as_bytes().to_vec())
        });
        let name = plain_name(&parsed.subject);
        Ok(Self {
            der,
            certificate: validity,
            name,
            key,
        })
    }

    /// Refuses when the `SignerInfo` is about somebody else: other readers of the token would look there.
    pub(super) fn is(&self, identifier: &[u8]) -> Result<(), Refusal> {
        let own = parsed(&self.der)?;
        match identifies(identifier, own.issuer(), own.serial(), self.key.as_deref())? {
            true => Ok(()),
            false => Err(Refusal::Forged(
                "its signer is said to be somebody else (SignerIdentifier)".to_owned(),
            )),
        }
    }

    /// Refuses when it did not sign this.
    pub(super) fn signed(&self, message: &[u8], signature: &Signature<'_>) -> Result<(), Refusal> {
        let own = parsed(&self.der)?;
        let verifies = |algorithm: &&dyn SignatureVerificationAlgorithm| {
            own.verify_signature(*algorithm, message, signature.bits)
                .is_ok()
        };
        match signature.algorithms()?.iter().any(verifies) {
            true => Ok(()),
            false => Err(Refusal::Forged("its signature is wrong".to_owned())),
        }
    }
}

fn parsed<'der>(der: &'der CertificateDer<'der>) -> Result<EndEntityCert<'der>, Refusal> {
    EndEntityCert::try_from(der).map_err(|_why| unreadable())
}

fn unreadable() -> Refusal {
    Refusal::Malformed("its signer's certificate cannot be read".to_owned())
}

/// Why a certificate does not lead to an authority.
fn refusal(error: &Error, certificate: Certificate, at: Timestamp) -> Refusal {
    let why = match error {
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => {
            let own = certificate.admit(Interval::exactly(at));
            return own.err().unwrap_or_else(|| {
                Refusal::Forged("a certificate above its signer's was not valid then".to_owned())
            });
        }
        Error::UnknownIssuer => {
            "its signer's certificate leads to no authority that is trusted here; if this time-stamp authority \
             should be, give the file of its root certificate"
        }
        Error::RequiredEkuNotFoundContext(_) => {
            "its signer's certificate is not for time-stamping (extended key usage)"
        }
        Error::InvalidSignatureForPublicKey => "a signature in its signer's chain is wrong",
        other => {
            return Refusal::Forged(format!("its signer's certificate is refused ({other:?})"));
        }
    };
    Refusal::Forged(why.to_owned())
}

fn plain_name(subject: &x509_cert::name::Name) -> Option<String> {
    let mut parts = subject.0.iter().flat_map(|part| part.0.iter());
    let name = parts.find(|part| part.oid == COMMON_NAME)?;
    let text = std::str::from_utf8(name.value.value()).ok()?;
    let is_plain = |letter: char| letter.is_ascii_graphic() || letter == ' ';
    let is_short = !text.is_empty() && text.len() <= MOST_NAME;
    (is_short && text.chars().all(is_plain)).then(|| text.to_owned())
}

/// Whether a `SignerIdentifier` is about a certificate with this issuer, serial number (the contents of
/// their elements) and key identifier.
fn identifies(
    identifier: &[u8],
    issuer: &[u8],
    serial: &[u8],
    key: Option<&[u8]>,
) -> Result<bool, Refusal> {
    let mut choice = Elements::of(identifier, "SignerIdentifier")?;
    if let Some(stated) = choice.optional(ZERO_PRIMITIVE)? {
        return Ok(Some(stated) == key);
    }
    let mut both = choice.enter(Tag::Sequence, "issuerAndSerialNumber")?;
    Ok(both.content(Tag::Sequence)? == issuer && both.content(Tag::Integer)? == serial)
}
