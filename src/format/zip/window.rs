//! The bytes of an archive around a place: read once, and given out as long as what is wanted is among them.

use crate::bytes::{Extent, Flaw};

/// How much is read at once.
pub(super) const CHUNK: usize = 64 * 1024;

/// The bytes of an archive around a place.
#[derive(Debug)]
pub(super) struct Window<'a> {
    extent: Extent<'a>,
    /// Room that only grows, so that it is not filled with zeros before each read.
    buffer: Vec<u8>,
    /// How much of it is filled.
    filled: usize,
    /// Where the buffer begins.
    start: u64,
}

impl<'a> Window<'a> {
    pub(super) const fn new(extent: Extent<'a>) -> Self {
        Self {
            extent,
            buffer: Vec::new(),
            filled: 0,
            start: 0,
        }
    }

    /// The archive.
    pub(super) const fn extent(&self) -> Extent<'a> {
        self.extent
    }

    /// The bytes from `at` on: at least `least`, if the archive has so many. Where they are not there yet, `most` are
    /// read.
    ///
    /// # Errors
    /// When the system fails to read.
    pub(super) fn at(&mut self, at: u64, least: usize, most: usize) -> Result<&[u8], Flaw> {
        let left = self.extent.size().saturating_sub(at);
        let wanted = usize::try_from(left).map_or(least, |left| left.min(least));
        if self.held(at).len() < wanted {
            let most = most.max(least);
            let most = usize::try_from(left).map_or(most, |left| left.min(most));
            if self.buffer.len() < most {
                self.buffer.resize(most, 0);
            }
            self.filled = 0;
            let room = self.buffer.get_mut(..most).unwrap_or_default();
            self.filled = self.extent.read(at, room)?;
            self.start = at;
        }
        Ok(self.held(at))
    }

    /// `N` bytes at `at`, if the archive has so many, without giving up those that are there.
    ///
    /// # Errors
    /// When the system fails to read.
    pub(super) fn array<const N: usize>(&self, at: u64) -> Result<Option<[u8; N]>, Flaw> {
        if let Some(held) = self.held(at).first_chunk() {
            return Ok(Some(*held));
        }
        let mut bytes = [0; N];
        let read = self.extent.read(at, &mut bytes)?;
        Ok((read == N).then_some(bytes))
    }

    /// What of the bytes from `at` on is there.
    fn held(&self, at: u64) -> &[u8] {
        let from = at.checked_sub(self.start);
        let from = from.and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| self.buffer.get(from..self.filled))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Window;
    use crate::bytes::Extent;

    #[test]
    fn it_is_what_lies_there_whatever_was_read_before() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut window = Window::new(Extent::of_file(&bytes));
        for (at, least, most) in [(200, 10, 40), (210, 30, 30), (190, 5, 5), (250, 50, 99)] {
            let seen = window.at(at, least, most).unwrap();
            let from = usize::try_from(at).unwrap();
            assert!(seen.len() >= least.min(256 - from));
            assert_eq!(seen, &bytes[from..from + seen.len()]);
        }
        for at in [0, 189, 200, 253, 254, 300] {
            let from = usize::try_from(at).unwrap();
            let there = bytes.get(from..from + 3);
            let few: Option<[u8; 3]> = window.array(at).unwrap();
            assert_eq!(few.as_ref().map(<[u8; 3]>::as_slice), there);
        }
        assert!(window.at(256, 1, 1).unwrap().is_empty());
        assert!(window.at(u64::MAX, 1, 1).unwrap().is_empty());
    }
}
