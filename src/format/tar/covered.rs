//! Which members of an archive a digest or a signature covers that lies in another, by what they are called.

/// Whether a digest in another member covers what is in this one: blobs of an OCI image layout, which are called by it
/// (image-layout.md, "Blobs"), layers and configurations of what `docker save` writes, and what a gem's checksums.yaml covers.
pub(super) fn by_digest(name: &[u8]) -> bool {
    let name = name.strip_prefix(b"./").unwrap_or(name);
    let mut parts = name.rsplit(|&byte| byte == b'/');
    let last = parts.next().unwrap_or_default();
    let (algorithm, blobs) = (parts.next(), parts.next());
    let is_blob = algorithm.is_some_and(|name| !name.is_empty())
        && blobs == Some(b"blobs")
        && parts.next().is_none()
        && is_digest(last);
    let is_layer = last == b"layer.tar" && algorithm.is_some();
    let is_configuration =
        algorithm.is_none() && last.strip_suffix(b".json").is_some_and(is_digest);
    let is_of_gem = matches!(name, b"metadata.gz" | b"data.tar.gz");
    is_blob || is_layer || is_configuration || is_of_gem
}

/// Whether it signs what follows in one of Alpine's packages (apk-v2(5)).
pub(super) fn is_signature(name: &[u8]) -> bool {
    [&b".SIGN.RSA"[..], b".SIGN.DSA"]
        .iter()
        .any(|beginning| name.starts_with(beginning))
}

/// SHA-256 or longer, in hexadecimal digits.
fn is_digest(name: &[u8]) -> bool {
    name.len() >= 64 && name.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::{by_digest, is_signature};

    #[test]
    fn what_a_digest_covers_is_told_by_its_name() {
        let hex = "0123456789abcdef".repeat(4);
        for name in [
            format!("blobs/sha256/{hex}"),
            format!("./blobs/sha512/{hex}{hex}"),
            format!("{hex}/layer.tar"),
            format!("{hex}.json"),
            "metadata.gz".to_owned(),
            "data.tar.gz".to_owned(),
        ] {
            assert!(by_digest(name.as_bytes()), "{name}");
        }
        for name in [
            format!("blobs/{hex}"),
            format!("blobs//{hex}"),
            format!("x/blobs/sha256/{hex}"),
            format!("blobs/sha256/{}", &hex[..40]),
            format!("{hex}/json"),
            format!("x/{hex}.json"),
            "layer.tar".to_owned(),
            "manifest.json".to_owned(),
            "checksums.yaml.gz".to_owned(),
            "x/data.tar.gz".to_owned(),
            String::new(),
        ] {
            assert!(!by_digest(name.as_bytes()), "{name}");
        }
        assert!(is_signature(b".SIGN.RSA.builder@example.org.rsa.pub"));
        assert!(!is_signature(b"usr/.SIGN.RSA") && !is_signature(b".PKGINFO"));
    }
}
