//! TLS for a machine whose clock is under suspicion.
//!
//! Certificates are only valid for a time, and the time is what is being asked for: on a builder whose
//! clock is a year ahead every certificate looks expired, so exactly the builders that need an
//! authenticated clock could not reach one. So a certificate is checked as of the builder's clock *moved
//! into the certificate's own validity*, and the time that is then obtained must lie in that validity.
//! Everything else (chain, name, signature, usage) is checked as ever.

use super::Stream;
use crate::source::{Certificate, Refusal};
use crate::sys::wall_clock;
use crate::time::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme,
    StreamOwned,
};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use x509_cert::der::Decode as _;

/// Whose word on a server's name is taken: the authorities that Mozilla trusts, and those of a file.
#[derive(Clone)]
pub struct Authorities(Arc<RootCertStore>);

/// Why a file of authorities is not taken.
#[derive(Debug, thiserror::Error)]
pub enum AuthoritiesError {
    /// It cannot be read.
    #[error("cannot read the certificate authorities in `{path}`: {why}")]
    Read {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// It has none.
    #[error("there is no certificate in `{path}`: it takes PEM, `-----BEGIN CERTIFICATE-----`")]
    Empty {
        /// The file.
        path: String,
    },
}

impl Authorities {
    /// Those that Mozilla trusts, and those in a PEM file.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no certificate, or one that is none.
    pub fn with_file(path: &Path) -> Result<Self, AuthoritiesError> {
        let shown = path.display().to_string();
        let unread = |why: String| AuthoritiesError::Read {
            path: shown.clone(),
            why,
        };
        let mut roots = bundled();
        let before = roots.len();
        for certificate in
            CertificateDer::pem_file_iter(path).map_err(|error| unread(error.to_string()))?
        {
            let certificate = certificate.map_err(|error| unread(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| unread(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(AuthoritiesError::Empty { path: shown });
        }
        Ok(Self(Arc::new(roots)))
    }

    /// Where chains may end.
    pub(in crate::source) fn anchors(&self) -> &[TrustAnchor<'static>] {
        &self.0.roots
    }
}

fn bundled() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}

impl Default for Authorities {
    fn default() -> Self {
        static BUNDLED: OnceLock<Arc<RootCertStore>> = OnceLock::new();
        Self(Arc::clone(BUNDLED.get_or_init(|| Arc::new(bundled()))))
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authorities").field(&self.0.len()).finish()
    }
}

/// What is spoken inside.
#[derive(Debug, Clone, Copy)]
pub(in crate::source) struct Protocol {
    /// Its name in ALPN; required of the server when `exclusive`.
    pub(in crate::source) alpn: &'static [u8],
    /// Only TLS 1.3, and only with the server agreeing to the protocol (RFC 8915 §3).
    pub(in crate::source) exclusive: bool,
}

/// A TLS connection, its handshake done.
#[derive(Debug)]
pub(in crate::source) struct Secured {
    pub(in crate::source) stream: StreamOwned<ClientConnection, Stream>,
    /// The server's certificate; what is obtained must be held against it.
    pub(in crate::source) certificate: Certificate,
}

/// Makes a connection secure.
pub(in crate::source) fn secure(
    mut stream: Stream,
    host: &str,
    authorities: &Authorities,
    protocol: Protocol,
) -> Result<Secured, Refusal> {
    let broken = |why: String| Refusal::Tls(why);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(Verifier::new(authorities, Arc::clone(&provider))?);
    let versions: &[&rustls::SupportedProtocolVersion] = match protocol.exclusive {
        true => &[&rustls::version::TLS13],
        false => rustls::DEFAULT_VERSIONS,
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|error| broken(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::<Verifier>::clone(&verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.alpn.to_vec()];
    // Each connection is asked for a certificate of its own.
    config.resumption = rustls::client::Resumption::disabled();
    let name = ServerName::try_from(host.to_owned()).map_err(|error| broken(error.to_string()))?;
    let mut connection =
        ClientConnection::new(Arc::new(config), name).map_err(|error| broken(error.to_string()))?;
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(&mut stream) {
            return Err(refusal(&error, &stream));
        }
    }
    if protocol.exclusive && connection.alpn_protocol() != Some(protocol.alpn) {
        let wanted = String::from_utf8_lossy(protocol.alpn).into_owned();
        return Err(broken(format!("the server does not speak {wanted}")));
    }
    let certificate = *verifier
        .seen
        .get()
        .ok_or_else(|| broken("no certificate".to_owned()))?;
    let stream = StreamOwned::new(connection, stream);
    Ok(Secured {
        stream,
        certificate,
    })
}

/// What an error of a TLS connection means: the protocol's, or the network's.
pub(in crate::source) fn refusal(error: &io::Error, stream: &Stream) -> Refusal {
    let protocol = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match protocol {
        Some(error) => Refusal::Tls(error.to_string()),
        None => stream.refusal(error),
    }
}

/// Checks all of a certificate but that it is valid by the builder's clock.
#[derive(Debug)]
struct Verifier {
    webpki: Arc<WebPkiServerVerifier>,
    builder: Timestamp,
    seen: OnceLock<Certificate>,
}

impl Verifier {
    fn new(authorities: &Authorities, provider: Arc<CryptoProvider>) -> Result<Self, Refusal> {
        let webpki =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(&authorities.0), provider)
                .build();
        Ok(Self {
            webpki: webpki.map_err(|error| Refusal::Tls(error.to_string()))?,
            builder: wall_clock(),
            seen: OnceLock::new(),
        })
    }
}

/// The validity of a certificate, and whether it holds `builder`.
pub(in crate::source) fn validity(
    certificate: &CertificateDer<'_>,
    builder: Timestamp,
) -> Option<Certificate> {
    let parsed = x509_cert::Certificate::from_der(certificate).ok()?;
    let validity = parsed.tbs_certificate.validity;
    let at = |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
    let not_before = Timestamp::from_unix(at(validity.not_before)?, 0);
    let not_after = Timestamp::from_unix(at(validity.not_after)?, 0);
    (not_before <= not_after).then(|| Certificate {
        not_before,
        not_after,
        is_strict: (not_before..=not_after).contains(&builder),
    })
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _builder: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let malformed = rustls::Error::InvalidCertificate(rustls::CertificateError::BadEncoding);
        let certificate = validity(end_entity, self.builder).ok_or_else(|| malformed.clone())?;
        let as_of = self
            .builder
            .clamp(certificate.not_before, certificate.not_after);
        let seconds = u64::try_from(as_of.seconds()).map_err(|_negative| malformed)?;
        let as_of = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let verified = self.webpki.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            as_of,
        )?;
        // Only the first: a connection has one.
        let _seen = self.seen.set(certificate);
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.webpki
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.webpki
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}
