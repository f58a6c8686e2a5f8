//! `zip`: zip archives and what is one by another name, with the times of their members.
//!
//! A zip archive ends in a record ([`end`]) that says where its central directory is; that is walked ([`walk`]) once
//! to count what nobody wants to hear of ([`survey`]), by comparing integers; then again, if there is more, to
//! tell of it ([`tell`]); and again to go into the members that carry times themselves ([`inside`]).

mod end;
mod extra;
mod fields;
mod header;
mod inside;
mod local;
mod names;
mod pass;
mod survey;
mod tell;
mod walk;
mod window;
mod zone;

use super::{Disagreement, Format, Head, Layer, Reads, Visit};
use crate::bytes::{Extent, Flaw};
use fields::{Kind, Side};
use window::Window;

pub(super) const FORMAT: Format = Format {
    name: "zip",
    summary: "Zip archives and what is one by another name (jar, wheel, apk, docx, nupkg, ...): the DOS times of every \
member and those in extra fields, in the central directory and in front of the members",
    names: &[
        ".zip",
        ".jar",
        ".war",
        ".ear",
        ".rar",
        ".sar",
        ".par",
        ".jmod",
        ".hpi",
        ".jpi",
        ".kar",
        ".nbm",
        ".apk",
        ".apks",
        ".xapk",
        ".aab",
        ".aar",
        ".ipa",
        ".whl",
        ".egg",
        ".pyz",
        ".pyzw",
        ".pex",
        ".nupkg",
        ".snupkg",
        ".vsix",
        ".appx",
        ".msix",
        ".appxbundle",
        ".msixbundle",
        ".xap",
        ".xpi",
        ".ja",
        ".crx",
        ".epub",
        ".docx",
        ".xlsx",
        ".pptx",
        ".dotx",
        ".xltx",
        ".potx",
        ".docm",
        ".xlsm",
        ".pptm",
        ".odt",
        ".ods",
        ".odp",
        ".odg",
        ".ott",
        ".ots",
        ".otp",
        ".oxt",
        ".kmz",
        ".3mf",
        ".cbz",
        ".love",
        ".mcpack",
        ".conda",
    ],
    is,
    layer: Layer::Archive,
    fields: fields::ALL,
    reads: Reads::Extent(read),
};

/// An archive is told by its first member or, if it is empty, by its end record; behind the mark of one that was
/// to be split, or the four bytes of a jmod, or the header of a Chrome extension. Something else may stand in front
/// of it: then only its end tells. That costs a read, so among files that begin otherwise only those without a comment
/// at their end are found, and with one only those that begin like a program or a script, or with a central directory.
fn is(head: &Head<'_>) -> bool {
    let first = [b"PK\x03\x04", b"PK\x05\x06"];
    if first
        .iter()
        .any(|mark| head.has(0, *mark) || head.has(4, *mark))
    {
        return true;
    }
    let Some(extent) = head.extent.filter(|_| !head.is_object()) else {
        return false;
    };
    let is_prefix = [&b"#!"[..], b"MZ", b"\x7fELF", b"Cr24"];
    let is_likely = is_prefix.iter().any(|mark| head.has(0, mark)) || head.has(4, header::CENTRAL);
    let end_at = usize::try_from(extent.size().saturating_sub(22));
    let is_end = || end_at.is_ok_and(|at| head.has(at, first[1]));
    (is_likely || is_end())
        && end::find(&mut Window::new(extent))
            .is_ok_and(|found| found.iter().any(|directory| directory.entries > 0))
}

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let mut window = Window::new(extent);
    let directories = end::find(&mut window)?;
    if let [first, .., other] = directories.as_slice() {
        let field = Side::Central.field(Kind::Dos);
        visit.disagree(Disagreement {
            one: (field, None),
            other: (field, None),
            what: format!(
                "it has {} central directories (at {} and at {}), so that programs see different members: all were read, \
but nobody should be given such a file",
                directories.len(),
                first.start,
                other.start
            ),
        });
    }
    for directory in directories {
        pass::read(visit, &mut window, &directory)?;
    }
    Ok(())
}
