//! Pictures beside pngcheck.
//!
//! What it cannot see: texts that are compressed or international, which dates are in a text, and seconds that the chunk's
//! own time says wrongly: it stops there.

use crate::look::{Seen, bytes, command, fixture, fixtures, run, seen};
use skewgate::bytes::Origin;
use skewgate::format::Mend;
use skewgate::time::Timestamp;

/// What pngcheck says of a picture, and whether it is content with it.
fn pngcheck(words: &str, name: &str) -> Option<(String, bool)> {
    let said = run(command("pngcheck", &[words]).arg(fixture(name)))?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    Some((text, said.status.success()))
}

/// The first time of a picture as pngcheck writes it, ` 2 Jan 2026 03:04:06 UTC`, and where its chunk's kind is.
fn time(seen: &Seen) -> Option<String> {
    let found = seen.of("png.time").next()?;
    let at = found.at?;
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    // Its year has four digits or five, the rest stands in the bytes as it is.
    let year = u16::from_be_bytes([found.raw[0], found.raw[1]]);
    let clock = Timestamp::from_unix(at.seconds().rem_euclid(86_400), 0).to_string();
    let month = months[usize::from(found.raw[2]) - 1];
    let day = format!("{} {month} {year}", found.raw[3]);
    Some(format!("{day} {} UTC", &clock[11..19]))
}

#[test]
fn the_time_of_a_picture_is_what_pngcheck_says() {
    let mut all = 0;
    for name in fixtures("png", ".png") {
        if name.contains("bomb") {
            continue;
        }
        let Some((said, is_content)) = pngcheck("-v", &name) else {
            return;
        };
        let seen = seen(&bytes(&name));
        assert!(
            seen.flaws.is_empty() || !is_content,
            "{name}: {:?}",
            seen.flaws
        );
        let mut chunks = said.lines().filter(|line| line.contains("chunk tIME at"));
        let theirs = chunks.next().filter(|line| line.ends_with("UTC"));
        let theirs = theirs.map(|line| {
            let (_, at) = line.split_once("length 7:").unwrap();
            at.trim().to_owned()
        });
        assert_eq!(time(&seen), theirs, "{name}");
        all += usize::from(theirs.is_some());
        // Where a chunk is that can be written anew: its length comes before its kind, of which they say the place.
        for found in seen.of("png.time") {
            if let Some(slot) = found.slot
                && let Mend::PngChunk(Origin::File(at)) = slot.mend
            {
                let place = format!("chunk tIME at offset {:#07x}", at + 4);
                assert!(
                    said.contains(&place) || !is_content,
                    "{name}: {place} {said}"
                );
            }
        }
    }
    assert!(all >= 4, "{all}");
}

#[test]
fn texts_of_a_picture_are_those_that_pngcheck_prints() {
    let mut all = 0;
    for (name, keyword, field) in [
        ("imagemagick", "date:create", "png.date-create"),
        ("imagemagick", "date:modify", "png.date-modify"),
        ("imagemagick", "date:timestamp", "png.date-timestamp"),
        ("texts", "Creation Time", "png.creation-time"),
    ] {
        let name = format!("png/{name}.png");
        let Some((said, _)) = pngcheck("-t", &name) else {
            return;
        };
        let (_, text) = said.split_once(&format!("\n{keyword}:\n")).unwrap();
        let theirs = text.lines().next().unwrap().trim();
        let seen = seen(&bytes(&name));
        let ours = seen.of(field).next().unwrap();
        assert_eq!(String::from_utf8_lossy(&ours.raw), theirs, "{name}");
        all += 1;
    }
    assert_eq!(all, 4);
}
