//! The signature of a record: an SSHSIG (PROTOCOL.sshsig of OpenSSH) by an Ed25519 key, beside the record, which
//! `ssh-keygen -Y verify -n skewgate-record@v1` checks as well.

use super::file::{LoadError, of_bytes, read_bytes};
use super::{Mismatch, Record};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Algorithm, SHA256, SHA512, digest};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What is signed can be taken for nothing but a record.
const NAMESPACE: &[u8] = b"skewgate-record@v1";

const MAGIC: &[u8] = b"SSHSIG";
const VERSION: u32 = 1;
const KEY_TYPE: &[u8] = b"ssh-ed25519";

const ARMOUR: [&str; 2] = [
    "-----BEGIN SSH SIGNATURE-----",
    "-----END SSH SIGNATURE-----",
];
const OPENSSH: [&str; 2] = [
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "-----END OPENSSH PRIVATE KEY-----",
];
const PKCS8: [&str; 2] = ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"];

/// What an OpenSSH private key begins with (PROTOCOL.key of OpenSSH).
const OPENSSH_MAGIC: &[u8] = b"openssh-key-v1\0";

/// More bytes than a file with a key has.
const MOST_BYTES: u64 = 64 << 10;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Its file cannot be read.
    #[error("cannot read the key `{path}`")]
    Read {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// It is of no kind that skewgate signs with.
    #[error(
        "the key `{path}` cannot sign records: {why}; `ssh-keygen -t ed25519 -N '' -f FILE` makes one that can"
    )]
    Private {
        /// Which.
        path: String,
        /// Why not.
        why: &'static str,
    },
    /// It is no public key in OpenSSH's form.
    #[error(
        "`{0}` is no public key: write it as in an Ed25519 key's .pub file (`ssh-ed25519 AAAA… who`)"
    )]
    Public(String),
}

/// Who signs records.
#[derive(Debug)]
pub struct Signer(Ed25519KeyPair);

impl Signer {
    /// Reads an Ed25519 key: PKCS #8 in PEM, or OpenSSH's own form without a passphrase.
    ///
    /// # Errors
    /// When the file cannot be read or holds something else.
    pub fn of_file(path: &Path) -> Result<Self, KeyError> {
        let shown = path.display().to_string();
        let mut text = String::new();
        let read =
            File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text));
        if let Err(source) = read {
            return Err(KeyError::Read {
                path: shown,
                source,
            });
        }
        let pair = match (unarmoured(&text, OPENSSH), unarmoured(&text, PKCS8)) {
            (Some(key), _) => openssh_pair(&key),
            (None, Some(key)) => Ed25519KeyPair::from_pkcs8_maybe_unchecked(&key)
                .map_err(|_rejected| "it is no Ed25519 key"),
            (None, None) => {
                Err("it is neither an OpenSSH private key nor PKCS #8 in PEM without encryption")
            }
        };
        pair.map(Self)
            .map_err(|why| KeyError::Private { path: shown, why })
    }

    /// The signature over a file's bytes, as the text of a file.
    pub(super) fn sign(&self, bytes: &[u8]) -> String {
        let hash = b"sha512";
        let signature = self.0.sign(&signed(hash, &SHA512, bytes));
        let key = public_blob(self.0.public_key().as_ref());
        let mut framed = Vec::new();
        string(&mut framed, KEY_TYPE);
        string(&mut framed, signature.as_ref());
        let mut blob = MAGIC.to_vec();
        blob.extend(VERSION.to_be_bytes());
        string(&mut blob, &key);
        string(&mut blob, NAMESPACE);
        string(&mut blob, b"");
        string(&mut blob, hash);
        string(&mut blob, &framed);
        armoured(&blob)
    }
}

/// A public key as the protocol writes it (RFC 8709 §4).
fn public_blob(public: &[u8]) -> Vec<u8> {
    let mut blob = Vec::new();
    string(&mut blob, KEY_TYPE);
    string(&mut blob, public);
    blob
}

/// A key whose signatures are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    public: Vec<u8>,
}

impl FromStr for TrustedKey {
    type Err = KeyError;

    /// Reads a line as in a `.pub` file of OpenSSH.
    fn from_str(line: &str) -> Result<Self, KeyError> {
        let read = || {
            let mut words = line.split_whitespace();
            let kind = words.next().filter(|kind| kind.as_bytes() == KEY_TYPE)?;
            let blob = STANDARD.decode(words.next()?).ok()?;
            let mut wire = Wire(&blob);
            let is_so = wire.string()? == kind.as_bytes();
            let public = wire.string()?.to_vec();
            (is_so && wire.0.is_empty() && public.len() == 32).then_some(Self { public })
        };
        read().ok_or_else(|| KeyError::Public(line.to_owned()))
    }
}

/// As OpenSSH writes it, without the comment.
impl fmt::Display for TrustedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = String::from_utf8_lossy(KEY_TYPE);
        write!(f, "{kind} {}", STANDARD.encode(public_blob(&self.public)))
    }
}

/// Where the signature of a record is.
pub(super) fn beside(record: &Path) -> PathBuf {
    let mut path = OsString::from(record);
    path.push(".sig");
    PathBuf::from(path)
}

/// Reads a record, and holds it against the keys that are trusted. Without any, nothing is held against it.
///
/// # Errors
/// As [`load`](super::load). A record without a signature that holds is no error but void.
pub fn load_signed(
    path: &Path,
    keys: &[TrustedKey],
) -> Result<(Record, Option<Mismatch>), LoadError> {
    let bytes = read_bytes(path)?;
    let record = of_bytes(&bytes).map_err(|why| LoadError::Damaged {
        path: path.display().to_string(),
        why,
    })?;
    if keys.is_empty() {
        return Ok((record, None));
    }
    let signature = beside(path);
    let checked = match read_bytes(&signature) {
        Ok(text) => check(&bytes, &text, keys),
        Err(LoadError::Missing { .. }) => Err("there is no signature"),
        Err(_unread) => Err("its signature cannot be read"),
    };
    let mismatch = checked.err().map(|why| Mismatch {
        reason: format!(
            "{why} by one of the {} trusted keys in `{}`: sign it with `--sign-key FILE` at `begin` and at `end`, or trust the key that did",
            keys.len(),
            signature.display()
        ),
        is_void: true,
    });
    Ok((record, mismatch))
}

/// Whether an armoured signature is one of the keys' over these bytes; or else why not, to be followed by
/// whose it should be.
fn check(bytes: &[u8], signature: &[u8], keys: &[TrustedKey]) -> Result<(), &'static str> {
    let malformed = "there is a malformed signature, and none";
    let text = std::str::from_utf8(signature).map_err(|_binary| malformed)?;
    let blob = unarmoured(text, ARMOUR).ok_or(malformed)?;
    let parts = Parts::of(&blob).ok_or(malformed)?;
    if parts.namespace != NAMESPACE {
        return Err("it is signed as something else than a record, and not");
    }
    let hash: &Algorithm = match parts.hash {
        b"sha512" => &SHA512,
        b"sha256" => &SHA256,
        _ => return Err(malformed),
    };
    if !keys.iter().any(|key| key.public == parts.public) {
        return Err("it is signed, and not");
    }
    UnparsedPublicKey::new(&ED25519, parts.public)
        .verify(&signed(parts.hash, hash, bytes), parts.signature)
        .map_err(|_unspecified| {
            "its signature is of other bytes (it was changed since, or a process was killed while it signed), and it has none"
        })
}

/// What an SSHSIG consists of.
struct Parts<'blob> {
    public: &'blob [u8],
    namespace: &'blob [u8],
    hash: &'blob [u8],
    signature: &'blob [u8],
}

impl<'blob> Parts<'blob> {
    fn of(blob: &'blob [u8]) -> Option<Self> {
        let mut wire = Wire(blob.strip_prefix(MAGIC)?);
        if wire.number()? != VERSION {
            return None;
        }
        let public = of_type(wire.string()?)?;
        let namespace = wire.string()?;
        let _reserved = wire.string()?;
        let hash = wire.string()?;
        let signature = of_type(wire.string()?)?;
        wire.0.is_empty().then_some(Self {
            public,
            namespace,
            hash,
            signature,
        })
    }
}

/// What is behind the name of the key's type: a key, or a signature.
fn of_type(blob: &[u8]) -> Option<&[u8]> {
    let mut wire = Wire(blob);
    let is_known = wire.string()? == KEY_TYPE;
    let value = wire.string()?;
    (is_known && wire.0.is_empty()).then_some(value)
}

/// What is signed of a file.
fn signed(name: &[u8], hash: &'static Algorithm, bytes: &[u8]) -> Vec<u8> {
    let mut all = MAGIC.to_vec();
    string(&mut all, NAMESPACE);
    string(&mut all, b"");
    string(&mut all, name);
    string(&mut all, digest(hash, bytes).as_ref());
    all
}

/// The key pair of an OpenSSH private key.
fn openssh_pair(blob: &[u8]) -> Result<Ed25519KeyPair, &'static str> {
    let (seed, public) = openssh_seed(blob)?;
    Ed25519KeyPair::from_seed_and_public_key(seed, public)
        .map_err(|_rejected| "its public half is not that of its private half")
}

fn openssh_seed(blob: &[u8]) -> Result<(&[u8], &[u8]), &'static str> {
    let malformed = "it is malformed";
    let mut wire = Wire(blob.strip_prefix(OPENSSH_MAGIC).ok_or(malformed)?);
    if wire.string().ok_or(malformed)? != b"none" {
        return Err("it has a passphrase, and nobody is there to be asked for it");
    }
    let mut private = Wire(openssh_private(&mut wire).ok_or(malformed)?);
    let _check = (private.number(), private.number());
    match (private.string(), private.string(), private.string()) {
        (Some(KEY_TYPE), Some(public), Some(key)) => Ok((key.get(..32).ok_or(malformed)?, public)),
        (Some(_), ..) => Err("it is no Ed25519 key"),
        (None, ..) => Err(malformed),
    }
}

/// The private part of a file with one key, behind the name of its cipher.
fn openssh_private<'blob>(wire: &mut Wire<'blob>) -> Option<&'blob [u8]> {
    let _kdf = (wire.string()?, wire.string()?);
    if wire.number()? != 1 {
        return None;
    }
    let _public = wire.string()?;
    wire.string()
}

/// The text in base64 between two lines.
fn unarmoured(text: &str, [begin, end]: [&str; 2]) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(begin)?;
    let (body, _) = rest.split_once(end)?;
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).ok()
}

fn armoured(blob: &[u8]) -> String {
    /// As wide as OpenSSH writes it.
    const WIDTH: usize = 70;
    let [begin, end] = ARMOUR;
    let mut text = format!("{begin}\n");
    for (at, letter) in STANDARD.encode(blob).chars().enumerate() {
        if at > 0 && at % WIDTH == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    format!("{text}\n{end}\n")
}

/// Appends a string as SSH frames it (RFC 4251 §5).
fn string(into: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    into.extend(length.to_be_bytes());
    into.extend(bytes);
}

/// What is left of bytes that SSH framed.
struct Wire<'bytes>(&'bytes [u8]);

impl<'bytes> Wire<'bytes> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn string(&mut self) -> Option<&'bytes [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }
}
