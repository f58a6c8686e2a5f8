//! A piece of something that can be read at any place.

use super::{Flaw, Origin};
use std::fmt;
use std::fs::{File, Metadata};
use std::io;

/// Something that can be read at any place, by several threads at once.
pub trait ReadAt: Sync {
    /// How many bytes there are.
    fn size(&self) -> u64;

    /// Reads what is at `at`, as much as comes at once; nothing at the end.
    ///
    /// # Errors
    /// When the system fails to read.
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize>;
}

impl ReadAt for &[u8] {
    fn size(&self) -> u64 {
        u64::try_from(self.len()).unwrap_or(u64::MAX)
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(at).ok().and_then(|at| self.get(at..));
        let rest = rest.unwrap_or_default();
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(at, into)
    }
}

/// A file as it was when it was opened: what is appended later is not there.
#[derive(Debug)]
pub struct OpenFile {
    file: File,
    opened: Metadata,
}

impl OpenFile {
    /// Takes an open file.
    ///
    /// # Errors
    /// When the system does not tell its size.
    pub fn new(file: File) -> io::Result<Self> {
        let opened = file.metadata()?;
        Ok(Self { file, opened })
    }

    /// Whether it was written since it was opened, or the system does not tell.
    pub fn has_changed(&self) -> bool {
        let is_same = |now: Metadata| {
            now.len() == self.opened.len() && now.modified().ok() == self.opened.modified().ok()
        };
        !self.file.metadata().is_ok_and(is_same)
    }
}

impl ReadAt for OpenFile {
    fn size(&self) -> u64 {
        self.opened.len()
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        crate::sys::read_at(&self.file, at, into)
    }
}

/// A piece of something that can be read at any place: a file, or a member of one that is not compressed.
#[derive(Clone, Copy)]
pub struct Extent<'a> {
    base: &'a dyn ReadAt,
    start: u64,
    size: u64,
    is_file: bool,
}

impl<'a> Extent<'a> {
    /// All of a file.
    pub fn of_file(file: &'a dyn ReadAt) -> Self {
        Self {
            base: file,
            start: 0,
            size: file.size(),
            is_file: true,
        }
    }

    /// All of what was kept of something that lies compressed in a file.
    pub fn of_kept(kept: &'a dyn ReadAt) -> Self {
        Self {
            is_file: false,
            ..Self::of_file(kept)
        }
    }

    /// How many bytes it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Where a place of it is.
    pub const fn origin(&self, at: u64) -> Origin {
        if self.is_file {
            Origin::File(self.start.saturating_add(at))
        } else {
            Origin::Deep
        }
    }

    /// A piece of it, cut off where it ends itself.
    #[must_use]
    pub fn part(&self, at: u64, size: u64) -> Self {
        let at = at.min(self.size);
        Self {
            start: self.start.saturating_add(at),
            size: size.min(self.size - at),
            ..*self
        }
    }

    /// Fills the buffer as far as there are bytes, and says how far.
    ///
    /// # Errors
    /// When the system fails to read.
    pub fn read(&self, at: u64, into: &mut [u8]) -> Result<usize, Flaw> {
        let left = self.size.saturating_sub(at);
        let wanted = usize::try_from(left).map_or(into.len(), |left| left.min(into.len()));
        let into = &mut into[..wanted];
        let mut filled = 0;
        while filled < wanted {
            let offset = u64::try_from(filled).unwrap_or(u64::MAX);
            let from = self.start.saturating_add(at).saturating_add(offset);
            match self.base.read_at(from, &mut into[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let kind = super::FlawKind::Io;
                    let message = error.to_string().into();
                    return Err(Flaw { kind, message });
                }
            }
        }
        Ok(filled)
    }

    /// Fills the buffer.
    ///
    /// # Errors
    /// When there are not so many bytes, or the system fails to read.
    pub fn read_exact(&self, at: u64, into: &mut [u8]) -> Result<(), Flaw> {
        let read = self.read(at, into)?;
        if read < into.len() {
            let wanted = into.len();
            return Err(Flaw::truncated(format!(
                "{wanted} bytes were to be at {at}, and it ends after {read} of them"
            )));
        }
        Ok(())
    }

    /// `N` bytes at `at`.
    ///
    /// # Errors
    /// When there are not so many bytes, or the system fails to read.
    pub fn array<const N: usize>(&self, at: u64) -> Result<[u8; N], Flaw> {
        let mut bytes = [0; N];
        self.read_exact(at, &mut bytes)?;
        Ok(bytes)
    }

    /// At most `most` bytes at `at`: as many as there are.
    ///
    /// # Errors
    /// When the system fails to read.
    pub fn bytes(&self, at: u64, most: usize) -> Result<Vec<u8>, Flaw> {
        let left = self.size.saturating_sub(at);
        let wanted = usize::try_from(left).map_or(most, |left| left.min(most));
        let mut bytes = vec![0; wanted];
        let read = self.read(at, &mut bytes)?;
        bytes.truncate(read);
        Ok(bytes)
    }
}

impl fmt::Debug for Extent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extent")
            .field("start", &self.start)
            .field("size", &self.size)
            .field("is_file", &self.is_file)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Extent;
    use crate::bytes::{FlawKind, Origin};

    #[test]
    fn a_part_never_reaches_beyond_the_whole() {
        let bytes: Vec<u8> = (0..100).collect();
        let whole = Extent::of_file(&bytes);
        let part = whole.part(90, 50);
        assert_eq!((part.size(), part.origin(3)), (10, Origin::File(93)));
        assert_eq!(part.bytes(0, 100).unwrap(), (90..100).collect::<Vec<u8>>());
        assert_eq!(part.part(5, 2).bytes(0, 100).unwrap(), [95, 96]);
        assert_eq!(part.part(11, 2).size(), 0);
        assert_eq!(whole.part(u64::MAX, u64::MAX).size(), 0);
        assert_eq!(part.array::<2>(8).unwrap(), [98, 99]);
        assert_eq!(part.array::<2>(9).unwrap_err().kind, FlawKind::Truncated);
        assert_eq!(part.read(u64::MAX, &mut [0; 4]).unwrap(), 0);
        assert_eq!(Extent::of_kept(&bytes).origin(0), Origin::Deep);
    }
}
