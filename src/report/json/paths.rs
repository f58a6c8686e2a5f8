//! Paths and fingerprints, as the JSON reports write them.

use crate::report::text::slashed;
use crate::rule::Finding;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;
use std::path::{MAIN_SEPARATOR, Path};

/// A path for people and for most machines.
pub(super) fn text(path: &Path) -> Cow<'_, str> {
    slashed(path)
}

/// Its bytes, where the text is not exact.
pub(super) fn bytes(path: &Path) -> Option<String> {
    exact(path.as_os_str().as_encoded_bytes())
}

/// Bytes that are no text.
pub(super) fn exact(bytes: &[u8]) -> Option<String> {
    let is_text = std::str::from_utf8(bytes).is_ok();
    (!is_text).then(|| STANDARD.encode(bytes))
}

/// A finding's fingerprint: FNV-1a with 128 bits over rule, path, member, field and, where there is no
/// artifact, what else tells it from others of its rule; a zero byte between each, in hexadecimal. No
/// time is in it, so the same finding has it in every run.
pub(super) fn fingerprint(finding: &Finding) -> String {
    let path = finding.path.as_deref().unwrap_or(Path::new(""));
    let slashed = path.as_os_str().as_encoded_bytes().iter().map(|&byte| {
        if char::from(byte) == MAIN_SEPARATOR {
            b'/'
        } else {
            byte
        }
    });
    let seen = &finding.observation;
    let member = seen.member.as_deref().unwrap_or_default();
    let bytes = finding.rule.id.bytes().chain([0]).chain(slashed).chain([0]);
    let bytes = bytes.chain(member.iter().copied()).chain([0]);
    let bytes = bytes.chain(seen.field.bytes());
    let subject = seen.subject.as_deref().unwrap_or_default();
    let bytes = bytes
        .chain((!subject.is_empty()).then_some(0))
        .chain(subject.bytes());
    format!("{:032x}", fnv1a(bytes))
}

/// FNV-1a with 128 bits (draft-eastlake-fnv, section 5).
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.fold(BASIS, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::{bytes, fingerprint, fnv1a, text};
    use crate::report::sample::future;
    use crate::sys::path_from_bytes;
    use std::path::Path;

    #[test]
    fn the_hash_is_the_one_that_others_know() {
        // The test vectors of the draft, appendix C.
        assert_eq!(fnv1a("".bytes()), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(
            fnv1a("a".bytes()),
            0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964
        );
        assert_eq!(
            fnv1a("foobar".bytes()),
            0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18
        );
    }

    #[test]
    fn a_fingerprint_knows_no_time() {
        let print = |path, by| fingerprint(&future(path, by));
        assert_eq!(print("dist/app", 60), print("dist/app", 61));
        assert_ne!(print("dist/app", 60), print("dist/app2", 60));
    }

    #[test]
    fn only_what_is_not_exact_is_given_in_bytes_too() {
        assert_eq!(bytes(Path::new("dist/app")), None);
        let hostile = path_from_bytes(b"dist/\xff").unwrap();
        assert_eq!(text(&hostile), "dist/\u{fffd}");
        assert_eq!(bytes(&hostile).as_deref(), Some("ZGlzdC//"));
    }
}
