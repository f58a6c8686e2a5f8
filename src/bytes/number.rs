//! Numbers at a place in a slice: `None` where the slice ends before them.

/// `N` bytes at `at`.
pub fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// A little-endian number of 16 bits at `at`.
pub fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

/// A little-endian number of 32 bits at `at`.
pub fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

/// A little-endian number of 64 bits at `at`.
pub fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// A big-endian number of 16 bits at `at`.
pub fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

/// A big-endian number of 32 bits at `at`.
pub fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

/// A big-endian number of 64 bits at `at`.
pub fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::{be16, be32, le16, le32, le64};

    #[test]
    fn a_number_that_is_cut_off_is_none() {
        let bytes = [1, 2, 3, 4, 5];
        assert_eq!(
            (le16(&bytes, 0), be16(&bytes, 3)),
            (Some(0x0201), Some(0x0405))
        );
        assert_eq!(
            (le32(&bytes, 1), be32(&bytes, 1)),
            (Some(0x0504_0302), Some(0x0203_0405))
        );
        assert_eq!(
            (le16(&bytes, 4), le64(&bytes, 0), le32(&bytes, usize::MAX)),
            (None, None, None)
        );
    }
}
