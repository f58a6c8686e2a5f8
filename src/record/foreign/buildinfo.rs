//! Debian's record of a build: a `.buildinfo` file (deb-buildinfo(5)), which is deb822 (deb822(5)), perhaps
//! in the cleartext signature framework of `OpenPGP` (RFC 9580 §7).

use super::document::{Content, Document};
use super::when::{self, Wrong};
use super::{Means, Provenance};
use crate::record::{Trust, Window};
use crate::time::parse_rfc5322;

pub(super) const PROVENANCE: Provenance = Provenance {
    name: "buildinfo",
    form: "FILE",
    summary: "Debian's .buildinfo, signed or not",
    trust: Trust::Builder,
    bounds: "end, from above: Build-Date",
    traps: "\
dpkg-genbuildinfo writes Build-Date by the builder's clock when all packages are built; the .buildinfo and .changes \
files themselves are written after it, and debsign writes them anew. SOURCE_DATE_EPOCH in Environment is the time \
of the source and bounds no build. The signature is not checked: `gpg --verify` or `dscverify` does.",
    example: "skewgate audit ../hello_2.10-3_amd64.deb --record ../hello_2.10-3_amd64.buildinfo",
    silent: "Build-Date is optional, and this one has none; name the end with --not-after",
    means: Means::File {
        read,
        variable: None,
    },
};

const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";

/// The fields that every one has (deb-buildinfo(5)).
const REQUIRED: [&str; 3] = ["Format", "Source", "Checksums-Sha256"];

fn read(document: &Document<'_>) -> Option<Result<Window, Wrong>> {
    let Content::Text(text) = document.content else {
        return None;
    };
    let is_signed = text.trim_start().starts_with(BEGIN);
    let has = |name: &&str| values(text, is_signed, name).next().is_some();
    let is_one = REQUIRED.iter().all(has);
    is_one.then(|| window(document.place, text, is_signed))
}

fn window(place: &str, text: &str, is_signed: bool) -> Result<Window, Wrong> {
    const NAME: &str = "Build-Date";
    let mut dates = values(text, is_signed, NAME);
    let Some(date) = dates.next() else {
        return Ok(Window::default());
    };
    if let Some(other) = dates.next() {
        let other = when::brief(other);
        let why = format!("and stands there twice, once more as `{other}`");
        return Err(Wrong::new(NAME, date, why));
    }
    let at = parse_rfc5322(date).map_err(|_unlike| {
        Wrong::new(
            NAME,
            date,
            "which is no date as deb-changelog(5) has it, such as Fri, 02 Jan 2026 03:04:05 +0000",
        )
    })?;
    let checked = if is_signed {
        "its signature not checked"
    } else {
        "not signed"
    };
    let source = format!("{place}: Build-Date, {checked}");
    Ok(Window {
        began: None,
        ended: Some(when::bound(when::until(at), source, Trust::Builder)),
    })
}

/// The lines of the first stanza, out of the signature around them.
fn stanza(text: &str, is_signed: bool) -> impl Iterator<Item = &str> {
    let mut lines = text
        .lines()
        .map(str::trim_end)
        .skip_while(|line| line.is_empty());
    if is_signed {
        // The armor headers end with a blank line.
        lines.by_ref().find(|line| line.is_empty());
    }
    lines
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty() && *line != SIGNATURE)
        .map(move |line| match line.strip_prefix("- ") {
            Some(escaped) if is_signed => escaped,
            _ => line,
        })
}

/// What a field says, each time it is there: names are the same in any case (deb822(5)).
fn values<'text>(
    text: &'text str,
    is_signed: bool,
    name: &str,
) -> impl Iterator<Item = &'text str> {
    stanza(text, is_signed).filter_map(move |line| {
        let (field, value) = line.split_once(':')?;
        let is_it = field.trim_end().eq_ignore_ascii_case(name);
        is_it.then(|| value.trim())
    })
}
