//! The two headers of a member: its entry in the central directory, and what stands in front of it.

use crate::bytes::{le16, le32, le64};

/// Begins an entry of the central directory.
pub(super) const CENTRAL: &[u8; 4] = b"PK\x01\x02";
/// Begins a member.
pub(super) const LOCAL: &[u8; 4] = b"PK\x03\x04";

/// The member is encrypted.
const ENCRYPTED: u16 = 1;
/// Its sizes stand behind it.
const STREAMED: u16 = 1 << 3;
/// Its local header is blanked out, because the central directory is encrypted.
const MASKED: u16 = 1 << 13;
/// `WinZip` AES, which has a check of its own.
const AES: u16 = 99;

/// What a 32-bit field holds whose value stands in the zip64 extra field.
const WIDE: u64 = 0xffff_ffff;

/// An entry of the central directory (APPNOTE 4.3.12).
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) flags: u16,
    pub(super) method: u16,
    /// Date and time of DOS, the date in the high half: later is greater.
    pub(super) dos: u32,
    pub(super) crc: u32,
    /// How many bytes it takes in the archive.
    pub(super) packed: u64,
    /// How many bytes come out.
    pub(super) size: u64,
    /// Where it begins, counted from the archive's own beginning.
    pub(super) local: u64,
    pub(super) name: &'a [u8],
    pub(super) extra: &'a [u8],
    /// How long the entry is.
    pub(super) length: usize,
}

impl<'a> Entry<'a> {
    /// How long one is without its name, extra fields and comment.
    pub(super) const FIXED: usize = 46;
    /// How long one can be.
    pub(super) const LONGEST: usize = Self::FIXED + 3 * 0xffff;

    /// The entry that begins with these bytes; `None` if they are none, or not all of it.
    #[inline]
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let fixed: &[u8; Entry::FIXED] = bytes.first_chunk()?;
        if !fixed.starts_with(CENTRAL) {
            return None;
        }
        let short = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let long = |at: usize| {
            u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]])
        };
        let extra_at = Self::FIXED + usize::from(short(28));
        let comment_at = extra_at + usize::from(short(30));
        let length = comment_at + usize::from(short(32));
        if length > bytes.len() {
            return None;
        }
        let mut entry = Self {
            flags: short(8),
            method: short(10),
            dos: long(12),
            crc: long(16),
            packed: u64::from(long(20)),
            size: u64::from(long(24)),
            local: u64::from(long(42)),
            name: bytes.get(Self::FIXED..extra_at)?,
            extra: bytes.get(extra_at..comment_at)?,
            length,
        };
        if entry.size.max(entry.packed).max(entry.local) == WIDE {
            entry.widen();
        }
        Some(entry)
    }

    /// Takes from the zip64 extra field (APPNOTE 4.5.3) what does not fit.
    fn widen(&mut self) {
        let Some((_, mut body)) = fields(self.extra).find(|(id, _)| *id == 1) else {
            return;
        };
        for value in [&mut self.size, &mut self.packed, &mut self.local] {
            if *value == WIDE
                && let Some(wide) = le64(body, 0)
            {
                *value = wide;
                body = body.get(8..).unwrap_or_default();
            }
        }
    }

    /// Whether its content cannot be read without a key.
    pub(super) const fn is_encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0
    }

    /// Whether the password is checked by the DOS time, so that with another time nobody gets at the content
    /// (APPNOTE 6.1.6).
    pub(super) const fn is_locked(&self) -> bool {
        self.flags & (ENCRYPTED | STREAMED) == ENCRYPTED | STREAMED && self.method != AES
    }

    /// Whether its local header says nothing.
    pub(super) const fn is_masked(&self) -> bool {
        self.flags & MASKED != 0
    }
}

/// What stands in front of a member (APPNOTE 4.3.7).
#[derive(Debug, Clone, Copy)]
pub(super) struct Local<'a> {
    pub(super) dos: u32,
    pub(super) name: &'a [u8],
    pub(super) extra: &'a [u8],
}

impl<'a> Local<'a> {
    /// How long one is without its name and extra fields.
    pub(super) const FIXED: usize = 30;

    /// How long the header is that begins with these bytes; `None` if they are none.
    #[inline]
    pub(super) fn length(bytes: &[u8]) -> Option<usize> {
        let (name, extra) = (le16(bytes, 26)?, le16(bytes, 28)?);
        bytes
            .starts_with(LOCAL)
            .then_some(Self::FIXED + usize::from(name) + usize::from(extra))
    }

    /// The header that begins with these bytes; `None` if they are none, or not all of it.
    #[inline]
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let bytes = bytes.get(..Self::length(bytes)?)?;
        let extra_at = Self::FIXED + usize::from(le16(bytes, 26)?);
        Some(Self {
            dos: le32(bytes, 10)?,
            name: bytes.get(Self::FIXED..extra_at)?,
            extra: bytes.get(extra_at..)?,
        })
    }
}

/// The extra fields: what each is, and its bytes. Ends before one that is cut off.
pub(super) fn fields(extra: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = extra;
    std::iter::from_fn(move || {
        let (id, size) = (le16(rest, 0)?, le16(rest, 2)?);
        let body = rest.get(4..)?.get(..usize::from(size))?;
        rest = rest.get(4 + body.len()..)?;
        Some((id, body))
    })
}
