//! A time-stamp reply: `TimeStampResp` of RFC 3161 §2.4.2.

use super::asn1::Elements;
use crate::source::Refusal;
use der::Tag;

/// The most of a server's own words that is repeated.
const MOST_WORDS: usize = 200;

/// The bits of `PKIFailureInfo` that a time-stamp authority may set.
const FAILURES: [(usize, &str); 8] = [
    (0, "badAlg: it does not take SHA-256"),
    (2, "badRequest: it does not allow or support such a request"),
    (5, "badDataFormat: it cannot read the request"),
    (
        14,
        "timeNotAvailable: its own source of time is not available",
    ),
    (15, "unacceptedPolicy: it does not support the policy"),
    (16, "unacceptedExtension: it does not support an extension"),
    (
        17,
        "addInfoNotAvailable: it does not have or know what else was asked for",
    ),
    (25, "systemFailure: something in it failed"),
];

/// The `TimeStampToken` in a reply, if it was granted.
pub(in crate::source) fn token(reply: &[u8]) -> Result<&[u8], Refusal> {
    let mut reply = Elements::inside(reply, Tag::Sequence, "time-stamp reply")?;
    let mut info = reply.enter(Tag::Sequence, "status of the reply")?;
    let status = info.content(Tag::Integer)?;
    // granted, grantedWithMods
    if !matches!(status, [0 | 1]) {
        return Err(Refusal::Rejected(reason(status, &mut info)?));
    }
    if reply.is_at_end() {
        return Err(reply.refused("it is granted and holds no token"));
    }
    let token = reply.whole()?;
    reply.end()?;
    Ok(token)
}

/// Why a request was not granted, as far as the server says.
fn reason(status: &[u8], info: &mut Elements<'_>) -> Result<String, Refusal> {
    let mut reasons = Vec::new();
    if let Some(texts) = info.optional(Tag::Sequence)? {
        let mut texts = Elements::of(texts, "text of the status")?;
        let mut words = String::new();
        while !texts.is_at_end() && words.len() < MOST_WORDS {
            words += &String::from_utf8_lossy(texts.content(Tag::Utf8String)?);
            words.push(' ');
        }
        let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
        let words: String = words.trim().chars().map(plain).take(MOST_WORDS).collect();
        reasons.push(format!("`{words}`"));
    }
    if let Some([_unused, bits @ ..]) = info.optional(Tag::BitString)? {
        let is_set = |bit: usize| {
            bits.get(bit / 8)
                .is_some_and(|byte| byte << (bit % 8) & 0x80 != 0)
        };
        let set = FAILURES.iter().filter(|(bit, _)| is_set(*bit));
        reasons.extend(set.map(|(_, name)| (*name).to_owned()));
    }
    let status = match status {
        [2] => "rejection",
        [3] => "waiting",
        [4] => "revocationWarning",
        [5] => "revocationNotification",
        _ => "an unknown status",
    };
    if reasons.is_empty() {
        reasons.push("it does not say why".to_owned());
    }
    Ok(format!("{status}: {}", reasons.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::token;
    use crate::source::Refusal;

    #[test]
    fn only_a_granted_reply_has_a_token() {
        let granted = |status| vec![0x30, 7, 0x30, 3, 2, 1, status, 0x30, 0];
        for status in [0, 1] {
            assert_eq!(token(&granted(status)), Ok(&[0x30, 0][..]));
        }
        for status in [2, 3, 4, 5, 6, 0x80] {
            let reply = granted(status);
            let refusal = token(&reply);
            assert!(matches!(refusal, Err(Refusal::Rejected(_))), "{refusal:?}");
        }
        for no in [
            &[][..],
            &[0x30, 0],
            &[0x30, 5, 0x30, 3, 2, 1, 0],
            &[0x30, 9, 0x30, 3, 2, 1, 0, 0x30, 0, 5, 0],
            b"<html>",
        ] {
            let refusal = token(no);
            assert!(matches!(refusal, Err(Refusal::Malformed(_))), "{refusal:?}");
        }
    }

    #[test]
    fn the_servers_reason_is_told_and_cannot_command_a_terminal() {
        let status = [
            &[0x30, 23, 0x30, 21, 2, 1, 2, 0x30, 11, 0x0C, 3][..],
            b"no\x1b",
            &[0x0C, 4],
            b"time",
            &[3, 3, 0, 0, 0x02],
        ]
        .concat();
        let Err(Refusal::Rejected(why)) = token(&status) else {
            panic!("{:?}", token(&status));
        };
        assert!(
            why.starts_with("rejection: `no  time`; timeNotAvailable"),
            "{why}"
        );
        let bare = [0x30, 5, 0x30, 3, 2, 1, 2];
        let why = "rejection: it does not say why".to_owned();
        assert_eq!(token(&bare), Err(Refusal::Rejected(why)));
    }

    #[test]
    fn a_long_reason_is_cut() {
        let mut text = vec![0x0C, 0x82, 0x03, 0xE8];
        text.extend([b'a'; 1000]);
        let mut status = vec![0x30, 0x82, 0x03, 0xF7, 0x30, 0x82, 0x03, 0xF3, 2, 1, 2];
        status.extend([0x30, 0x82, 0x03, 0xEC]);
        status.extend(text);
        let Err(Refusal::Rejected(why)) = token(&status) else {
            panic!("{:?}", token(&status));
        };
        assert!(why.len() < 300, "{why}");
    }
}
