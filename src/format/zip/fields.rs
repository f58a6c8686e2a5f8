//! The places where a zip archive keeps times, once in the central directory and once in front of each member.

use crate::format::Field;

/// Which of a member's two headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// In the central directory.
    Central,
    /// In front of the member.
    Local,
}

/// Which of a header's times, in the order of [`FIELDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Dos,
    UtModified,
    UtAccessed,
    UtCreated,
    NtfsModified,
    NtfsAccessed,
    NtfsCreated,
    UxAccessed,
    UxModified,
    PkwareAccessed,
    PkwareModified,
}

/// How many kinds there are.
const KINDS: usize = 11;

impl Side {
    /// The field of this kind in this header.
    pub(super) const fn field(self, kind: Kind) -> &'static Field {
        let first = match self {
            Self::Central => 0,
            Self::Local => KINDS,
        };
        &FIELDS[first + kind as usize]
    }
}

static FIELDS: [Field; 2 * KINDS] = [
    Field::modified(
        "zip.central",
        "central directory: DOS date and time, local time of the writer, in steps of two seconds (APPNOTE 4.4.6)",
    ),
    Field::modified(
        "zip.central.ut.mtime",
        "central directory: mtime in the extra field 0x5455, 32 bits, seconds since 1970 UTC, cut to 32 bits (Info-ZIP)",
    ),
    Field::event(
        "zip.central.ut.atime",
        "central directory: atime in the extra field 0x5455: mostly when it was packed (Info-ZIP)",
    ),
    Field::event(
        "zip.central.ut.ctime",
        "central directory: creation time in the extra field 0x5455 (Info-ZIP)",
    ),
    Field::modified(
        "zip.central.ntfs.mtime",
        "central directory: mtime in the extra field 0x000a, steps of 100 ns since 1601 UTC (APPNOTE 4.5.5)",
    ),
    Field::event(
        "zip.central.ntfs.atime",
        "central directory: atime in the extra field 0x000a (APPNOTE 4.5.5)",
    ),
    Field::event(
        "zip.central.ntfs.ctime",
        "central directory: creation time in the extra field 0x000a (APPNOTE 4.5.5)",
    ),
    Field::event(
        "zip.central.ux.atime",
        "central directory: atime in the extra field 0x5855, 32 bits, seconds since 1970 UTC (Info-ZIP)",
    ),
    Field::modified(
        "zip.central.ux.mtime",
        "central directory: mtime in the extra field 0x5855, 32 bits, seconds since 1970 UTC (Info-ZIP)",
    ),
    Field::event(
        "zip.central.pkware.atime",
        "central directory: atime in the extra field 0x000d, 32 bits, seconds since 1970 UTC (APPNOTE 4.5.7)",
    ),
    Field::modified(
        "zip.central.pkware.mtime",
        "central directory: mtime in the extra field 0x000d, 32 bits, seconds since 1970 UTC (APPNOTE 4.5.7)",
    ),
    Field::modified(
        "zip.local",
        "local header: DOS date and time, local time of the writer, in steps of two seconds (APPNOTE 4.4.6)",
    ),
    Field::modified(
        "zip.local.ut.mtime",
        "local header: mtime in the extra field 0x5455, 32 bits, seconds since 1970 UTC, cut to 32 bits (Info-ZIP)",
    ),
    Field::event(
        "zip.local.ut.atime",
        "local header: atime in the extra field 0x5455: mostly when it was packed (Info-ZIP)",
    ),
    Field::event(
        "zip.local.ut.ctime",
        "local header: creation time in the extra field 0x5455 (Info-ZIP)",
    ),
    Field::modified(
        "zip.local.ntfs.mtime",
        "local header: mtime in the extra field 0x000a, steps of 100 ns since 1601 UTC (APPNOTE 4.5.5)",
    ),
    Field::event(
        "zip.local.ntfs.atime",
        "local header: atime in the extra field 0x000a (APPNOTE 4.5.5)",
    ),
    Field::event(
        "zip.local.ntfs.ctime",
        "local header: creation time in the extra field 0x000a (APPNOTE 4.5.5)",
    ),
    Field::event(
        "zip.local.ux.atime",
        "local header: atime in the extra field 0x5855, 32 bits, seconds since 1970 UTC (Info-ZIP)",
    ),
    Field::modified(
        "zip.local.ux.mtime",
        "local header: mtime in the extra field 0x5855, 32 bits, seconds since 1970 UTC (Info-ZIP)",
    ),
    Field::event(
        "zip.local.pkware.atime",
        "local header: atime in the extra field 0x000d, 32 bits, seconds since 1970 UTC (APPNOTE 4.5.7)",
    ),
    Field::modified(
        "zip.local.pkware.mtime",
        "local header: mtime in the extra field 0x000d, 32 bits, seconds since 1970 UTC (APPNOTE 4.5.7)",
    ),
];

/// All of them.
pub(super) const ALL: &[&Field] = &[
    &FIELDS[0],
    &FIELDS[1],
    &FIELDS[2],
    &FIELDS[3],
    &FIELDS[4],
    &FIELDS[5],
    &FIELDS[6],
    &FIELDS[7],
    &FIELDS[8],
    &FIELDS[9],
    &FIELDS[10],
    &FIELDS[11],
    &FIELDS[12],
    &FIELDS[13],
    &FIELDS[14],
    &FIELDS[15],
    &FIELDS[16],
    &FIELDS[17],
    &FIELDS[18],
    &FIELDS[19],
    &FIELDS[20],
    &FIELDS[21],
];
