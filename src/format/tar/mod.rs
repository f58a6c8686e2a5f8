//! `tar`: archives of Unix v7, POSIX (ustar and pax) and GNU tar.

mod covered;
mod extended;
mod header;
mod member;
mod walk;

use super::{Field, Format, Head, Layer, Reads};
use crate::bytes::array;
use header::Header;

pub(super) const FORMAT: Format = Format {
    name: "tar",
    summary: "tar archives of Unix v7, POSIX and GNU: the times in each member's header, in pax records before it, and in \
pax records for all members",
    names: &[".tar", ".gem", ".ova", ".oci"],
    is,
    layer: Layer::Archive,
    fields: &[
        &MTIME,
        &PAX_MTIME,
        &PAX_ATIME,
        &PAX_CTIME,
        &PAX_CREATION,
        &PAX_HEADER,
        &GLOBAL_MTIME,
        &GLOBAL_ATIME,
        &GLOBAL_CTIME,
        &GLOBAL_CREATION,
        &GNU_ATIME,
        &GNU_CTIME,
    ],
    reads: Reads::Stream(walk::read),
};

static MTIME: Field = Field::modified(
    "tar.mtime",
    "mtime in a member's header, seconds since 1970 UTC in octal, or in base 256 where that is too little (POSIX.1-2017 pax, \
ustar Interchange Format; GNU tar, Extensions to the Standard); a pax record overrides it",
);

static PAX_MTIME: Field = Field::modified(
    "tar.pax.mtime",
    "mtime in a pax record before a member, decimal seconds since 1970 UTC (POSIX.1-2017 pax, pax Extended Header)",
);

static PAX_ATIME: Field = Field::event(
    "tar.pax.atime",
    "atime in a pax record before a member: when the file was last read, often by the packer itself",
);

static PAX_CTIME: Field = Field::event(
    "tar.pax.ctime",
    "ctime in a pax record before a member (GNU and libarchive): when the file's inode last changed, as the packer's system \
had it",
);

static PAX_CREATION: Field = Field::event(
    "tar.pax.creationtime",
    "LIBARCHIVE.creationtime in a pax record before a member: when the file was made",
);

static PAX_HEADER: Field = Field::event(
    "tar.pax.header",
    "mtime in the header of a pax header itself, which only readers without pax use; GNU tar puts the time of packing into \
that of a global one",
);

static GLOBAL_MTIME: Field = Field::modified(
    "tar.global.mtime",
    "mtime in a global pax header, for every member after it without one of its own (POSIX.1-2017 pax); bsdtar ignores it",
);

static GLOBAL_ATIME: Field = Field::event("tar.global.atime", "atime in a global pax header");

static GLOBAL_CTIME: Field = Field::event("tar.global.ctime", "ctime in a global pax header");

static GLOBAL_CREATION: Field = Field::event(
    "tar.global.creationtime",
    "LIBARCHIVE.creationtime in a global pax header",
);

static GNU_ATIME: Field = Field::event(
    "tar.gnu.atime",
    "atime in a GNU header (offset 345), which incremental backups have",
);

static GNU_CTIME: Field = Field::event(
    "tar.gnu.ctime",
    "ctime in a GNU header (offset 357), which incremental backups have",
);

/// Zeros are no tar, though an empty one has nothing else: they would be anything.
fn is(head: &Head<'_>) -> bool {
    let header = array(head.first, 0).map(Header);
    header.is_some_and(|header| header.is_sound() && header.is_plausible())
}
