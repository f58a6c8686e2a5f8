//! Signatures, both ways: what skewgate signs `ssh-keygen` verifies, and what it signs skewgate takes.

use crate::harness::{Told, available, folder, place, record, shell, succeeds, told};
use skewgate::record::{LoadError, Mismatch, Record, TrustedKey, load_signed};
use std::fs;
use std::path::Path;

fn has_keygen() -> bool {
    let works = succeeds("sh", &["-c", "command -v ssh-keygen && command -v openssl"]);
    available("ssh-keygen and openssl", works)
}

/// A folder with keys of many kinds.
fn keys() -> tempfile::TempDir {
    let root = folder();
    let script = r#"set -e
        ssh-keygen -q -t ed25519 -N '' -C who@where -f key
        ssh-keygen -q -t ed25519 -N '' -f other
        ssh-keygen -q -t ed25519 -N secret -f locked
        ssh-keygen -q -t ecdsa -N '' -f ecdsa
        openssl genpkey -quiet -algorithm ed25519 -out pkcs8 2>/dev/null || openssl genpkey -algorithm ed25519 -out pkcs8
        openssl genpkey -quiet -algorithm rsa -out rsa 2>/dev/null || openssl genpkey -algorithm rsa -out rsa
        echo "who $(cat key.pub)" > allowed"#;
    shell(root.path(), script).expect(0, &[]);
    root
}

fn verified(root: &Path) -> Told {
    let script = "ssh-keygen -Y verify -f allowed -I who -n skewgate-record@v1 \
                  -s .skewgate/record.json.sig < .skewgate/record.json";
    shell(root, script)
}

fn trusted(root: &Path, name: &str) -> TrustedKey {
    fs::read_to_string(root.join(format!("{name}.pub")))
        .unwrap()
        .parse()
        .unwrap()
}

fn loaded(root: &Path, keys: &[TrustedKey]) -> Result<(Record, Option<Mismatch>), LoadError> {
    load_signed(&place(root), keys)
}

/// Why the record in a folder is void for who trusts this key.
fn void(root: &Path, key: &TrustedKey) -> Option<String> {
    let (_, mismatch) = loaded(root, std::slice::from_ref(key)).unwrap();
    mismatch.map(|mismatch| {
        assert!(mismatch.is_void);
        mismatch.reason
    })
}

#[test]
fn what_is_signed_here_is_verified_there() {
    if !has_keygen() {
        return;
    }
    let root = keys();
    let key = trusted(root.path(), "key");
    for command in [
        &["begin", "--sign-key", "key"][..],
        &["end", "--sign-key", "key"],
        &["run", "--no-audit", "--sign-key", "key", "--", "true"],
    ] {
        told(root.path(), command).expect(0, &[]);
        verified(root.path()).expect(0, &[]);
        assert_eq!(void(root.path(), &key), None);
        let reason = void(root.path(), &trusted(root.path(), "other")).unwrap();
        assert!(
            reason.starts_with("it is signed, and not by one of the 1 trusted keys"),
            "{reason}"
        );
    }
    // The one before is kept with its signature.
    let previous = root.path().join(".skewgate/record.previous.json");
    let (_, mismatch) = load_signed(&previous, &[key]).unwrap();
    assert_eq!(mismatch, None);
}

#[test]
fn what_is_signed_there_is_taken_here() {
    if !has_keygen() {
        return;
    }
    let root = keys();
    let key = trusted(root.path(), "key");
    told(root.path(), &["begin"]).expect(0, &[]);
    let unsigned = void(root.path(), &key).unwrap();
    assert!(
        unsigned.starts_with("there is no signature by one of"),
        "{unsigned}"
    );
    assert!(loaded(root.path(), &[]).unwrap().1.is_none());
    let sign = |how: &str| {
        let script = format!(
            "rm -f {0}.sig; ssh-keygen -q -Y sign {how} {0}",
            ".skewgate/record.json"
        );
        shell(root.path(), &script).expect(0, &[]);
        void(root.path(), &key)
    };
    assert_eq!(sign("-f key -n skewgate-record@v1"), None);
    assert_eq!(sign("-O hashalg=sha256 -f key -n skewgate-record@v1"), None);
    for (how, said) in [
        ("-f key -n file", "as something else than a record"),
        ("-f other -n skewgate-record@v1", "it is signed, and not by"),
        ("-f ecdsa -n skewgate-record@v1", "malformed signature"),
    ] {
        let reason = sign(how).unwrap();
        assert!(reason.contains(said), "{reason}");
    }
}

#[test]
fn an_old_signature_is_none_and_end_again_mends_it() {
    if !has_keygen() {
        return;
    }
    let root = keys();
    let key = trusted(root.path(), "key");
    let signature = root.path().join(".skewgate/record.json.sig");
    told(root.path(), &["begin", "--sign-key", "key"]).expect(0, &[]);
    let old = fs::read(&signature).unwrap();
    told(root.path(), &["end", "--sign-key", "key"]).expect(0, &[]);
    // As a kill between the two files leaves them.
    fs::write(&signature, &old).unwrap();
    let reason = void(root.path(), &key).unwrap();
    assert!(
        reason.starts_with("its signature is of other bytes"),
        "{reason}"
    );
    assert_ne!(verified(root.path()).code, Some(0));
    told(root.path(), &["end", "--sign-key", "key"]).expect(0, &["it ended already"]);
    verified(root.path()).expect(0, &[]);
    assert_eq!(void(root.path(), &key), None);
    // Who does not sign leaves nobody's signature.
    told(root.path(), &["begin"]).expect(0, &[]);
    assert!(!signature.exists() && record(root.path()).is_open());
}

#[test]
fn every_byte_of_a_signature_counts() {
    if !has_keygen() {
        return;
    }
    let root = keys();
    let key = trusted(root.path(), "key");
    told(root.path(), &["begin", "--sign-key", "key"]).expect(0, &[]);
    let path = root.path().join(".skewgate/record.json.sig");
    let whole = fs::read(&path).unwrap();
    let body = whole.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    for at in body..whole.len() - 32 {
        let mut edited = whole.clone();
        edited[at] = if edited[at] == b'A' { b'B' } else { b'A' };
        fs::write(&path, &edited).unwrap();
        assert!(
            void(root.path(), &key).is_some() || edited[at] == whole[at],
            "{at}"
        );
        fs::write(&path, &whole[..at]).unwrap();
        assert!(void(root.path(), &key).is_some(), "cut off at {at}");
    }
}

#[test]
fn a_key_that_cannot_sign_is_named_before_anything_is_written() {
    if !has_keygen() {
        return;
    }
    let root = keys();
    for (key, said) in [
        ("locked", "it has a passphrase"),
        ("ecdsa", "it is no Ed25519 key"),
        ("rsa", "it is no Ed25519 key"),
        ("key.pub", "neither an OpenSSH private key nor PKCS #8"),
        ("missing", "cannot read the key `missing`"),
    ] {
        told(root.path(), &["begin", "--sign-key", key]).expect(2, &[key, said]);
        assert!(!place(root.path()).exists());
    }
    told(root.path(), &["begin", "--sign-key", "pkcs8"]).expect(0, &[]);
    let script = r#"set -e; openssl pkey -in pkcs8 -pubout -outform DER | tail -c 32 > raw
        (printf '\0\0\0\013ssh-ed25519\0\0\0\040'; cat raw) | base64 -w0 > blob
        echo "who ssh-ed25519 $(cat blob)" > allowed"#;
    shell(root.path(), script).expect(0, &[]);
    verified(root.path()).expect(0, &[]);
}

#[test]
fn what_is_no_public_key_is_named() {
    for line in [
        "",
        "ssh-ed25519",
        "ssh-ed25519 AAAA who",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB",
        "key.pub",
    ] {
        let error = line.parse::<TrustedKey>().unwrap_err().to_string();
        assert!(error.contains(&format!("`{line}`")), "{error}");
    }
}
