//! Where a time can be written anew: its bytes are there, and another time written there is read again, and changes no
//! other.

use super::look::{Found, all, bytes, mend, place, seen};
use skewgate::bytes::{Limits, Origin, decoder};
use skewgate::format::{Form, Slot};
use skewgate::time::Timestamp;
use std::collections::BTreeSet;
use std::io::Read as _;

/// So many times of a fixture are written anew.
const MOST: usize = 60;

/// What is written, of which the second is for where the first is already: 2004-03-04T05:06:08Z, which eleven octal
/// digits hold as well, and a year before.
const NEW: [Timestamp; 2] = [
    Timestamp::from_unix(1_078_376_768, 0),
    Timestamp::from_unix(1_046_840_768, 0),
];

/// What is tried at least: every form, and all that changes with one.
const WAYS: &[&str] = &[
    "DosTimeDate",
    "DosDateTime",
    "Unix32Le",
    "Unix32Be",
    "FileTime",
    "Octal(11)",
    "Octal(12)",
    "Decimal",
    "Hex",
    "Base256",
    "PaxDecimal",
    "PngTime",
    "tar-header",
    "gzip-header",
    "png-chunk",
    "uimage-header",
    "pe-checksum",
];

/// What stands in the place of a slot.
fn at_slot(file: &[u8], slot: Slot) -> Vec<u8> {
    let length = slot.form.length();
    match slot.at {
        Origin::File(at) => file[place(at)..place(at) + length].to_vec(),
        Origin::Decoded { codec, from, at } => {
            let mut decoder = decoder(codec, &file[place(from)..], &Limits::DEFAULT).unwrap();
            let mut decoded = Vec::new();
            // What is damaged further on does not matter.
            let _damage = decoder.read_to_end(&mut decoded);
            decoded[place(at)..place(at) + length].to_vec()
        }
        // No slot is that deep.
        Origin::Deep => Vec::new(),
    }
}

/// Whether two times are one; of 32 bits, another field may say how often they went round (zip's UT).
fn same(one: Option<Timestamp>, other: Option<Timestamp>, raw: &[u8]) -> bool {
    match (one, other) {
        (Some(one), Some(other)) if raw.len() == 4 => {
            (one.seconds() - other.seconds()) % (1 << 32) == 0
        }
        _ => one == other,
    }
}

#[test]
fn the_bytes_of_a_time_are_where_it_says() {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for name in all() {
        let file = bytes(&name);
        for one in seen(&file).found {
            let Some(slot) = one.slot else { continue };
            checked += 1;
            let there = at_slot(&file, slot);
            let decoded = slot.form.decode(&there);
            let decoded = decoded.moment().map(|moment| moment.written);
            // Zero says nothing in some formats, whatever it is in seconds.
            let is_unset = one.at.is_none() && there.iter().all(|&byte| byte == 0);
            if there != one.raw || !is_unset && !same(decoded, one.at, &there) {
                wrong.push(format!("{name}: {one:?} has {there:02x?}, {decoded:?}"));
            }
        }
    }
    assert!(checked > 1000, "{checked}");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_time_that_is_written_anew_is_read_and_changes_no_other() {
    let (mut wrong, mut forms) = (Vec::new(), BTreeSet::new());
    for name in all() {
        let file = bytes(&name);
        let before = seen(&file);
        let slots = before.found.iter().filter_map(|one| Some((one, one.slot?)));
        let in_file = slots.filter_map(|(one, slot)| match slot.at {
            Origin::File(at) => Some((one, slot, place(at))),
            Origin::Decoded { .. } | Origin::Deep => None,
        });
        for (one, slot, at) in in_file.take(MOST) {
            let what = format!("{name}: {} of `{}`", one.field, one.member);
            let to = if one.at == Some(NEW[0]) {
                NEW[1]
            } else {
                NEW[0]
            };
            let Some(raw) = slot.form.encode(to, &one.raw) else {
                // Where there is no room for ten digits, the time there is earlier than any that is written.
                let is_short = matches!(slot.form, Form::PaxDecimal(..10));
                assert!(is_short, "{what} cannot hold {to}");
                continue;
            };
            let mut new = file.clone();
            new[at..at + raw.len()].copy_from_slice(&raw);
            mend(&mut new, slot.mend);
            forms.insert(format!("{:?}", slot.form));
            forms.extend(slot.mend.told().map(|(mended, _)| mended.to_owned()));
            let after = seen(&new);
            let flaws = before.kinds();
            if after.kinds().iter().any(|flaw| !flaws.contains(flaw)) {
                wrong.push(format!("{what}: now {:?}", after.flaws));
            }
            wrong.extend(
                changes(&before.found, &after.found, slot, to)
                    .map(|change| format!("{what}: {change}")),
            );
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let met = |form: &&str| forms.iter().any(|met| met.starts_with(form));
    let unmet: Vec<_> = WAYS.iter().filter(|form| !met(form)).collect();
    assert!(unmet.is_empty(), "no fixture has {unmet:?}");
}

/// What changed but for what was to: the time in this slot, told once or several times.
fn changes<'a>(
    before: &'a [Found],
    after: &'a [Found],
    slot: Slot,
    to: Timestamp,
) -> impl Iterator<Item = String> + 'a {
    let count = (before.len() != after.len())
        .then(|| format!("{} times become {}", before.len(), after.len()));
    let pairs = before.iter().zip(after);
    let each = pairs.filter_map(move |(old, new)| {
        let expected = if old.slot == Some(slot) {
            Some(to)
        } else {
            old.at
        };
        let is_one = (old.field, &old.member) == (new.field, &new.member);
        let is_right = is_one && same(new.at, expected, &new.raw);
        (!is_right).then(|| format!("{old:?} becomes {new:?}"))
    });
    count.into_iter().chain(each)
}

/// Which members of a fixture have a time that can be written anew.
fn changeable(name: &str) -> BTreeSet<String> {
    let found = seen(&bytes(name)).found.into_iter();
    let found = found.filter(|found| found.slot.is_some());
    found.map(|found| found.member).collect()
}

#[test]
fn nothing_can_be_written_anew_that_a_digest_covers() {
    let has =
        |members: &BTreeSet<String>, part: &str| members.iter().any(|name| name.contains(part));
    for name in [
        "rpm/hello-1.0-1.noarch.rpm",
        "rpm/hello-xz-1.0-1.noarch.rpm",
        "rpm/hello-signed-1.0-1.noarch.rpm",
    ] {
        assert!(
            seen(&bytes(name))
                .found
                .iter()
                .any(|found| found.member.contains("payload"))
        );
        assert_eq!(changeable(name), BTreeSet::new(), "{name}");
    }
    // The times of the archive itself can.
    let layout = changeable("oci/layout.tar");
    assert!(
        has(&layout, "blobs/sha256/") && !has(&layout, "!"),
        "{layout:?}"
    );
    let saved = changeable("oci/docker-save.tar");
    assert!(has(&saved, "/layer.tar") && !has(&saved, "!"), "{saved:?}");
    let gem = seen(&bytes("gem/hello-1.0.gem")).places();
    assert_eq!(
        gem,
        [
            "tar.mtime File(136)",
            "tar.mtime File(1160)",
            "tar.mtime File(2184)",
            "gzip.mtime File(2564)",
        ]
    );
    // Nor in what is signed but for the signature itself.
    assert_eq!(seen(&bytes("alpine/hello-1.0-r0.apk")).places().len(), 2);
}
