//! One piece of a compressed file: by itself, as far as it has been decompressed.

use crate::bytes::codec::pump::Pump;
use crate::bytes::codec::{damaged, lzma, zstd};
use crate::bytes::{Budget, Codec, Extent, Flaw};
use std::io::{self, BufReader, Cursor, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How much is read from an extent at once.
const CHUNK: usize = 64 * 1024;

/// How much comes out of one piece before it is seen whether to go on: about a millisecond of xz.
const STEP: usize = 128 * 1024;

/// How many bytes are held ahead, for all files together.
static HELD: AtomicU64 = AtomicU64::new(0);

/// A share of what is held ahead, given back when it is dropped.
struct Share(u64);

impl Share {
    /// So many bytes, if there is room for them.
    fn of(size: u64, budget: &Budget<'_>) -> Option<Self> {
        let held = HELD.fetch_add(size, Ordering::Relaxed);
        let share = Self(size);
        (held.saturating_add(size) <= budget.limits.memory).then_some(share)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        HELD.fetch_sub(self.0, Ordering::Relaxed);
    }
}

/// Room for what comes out ahead.
pub(super) struct Room {
    bytes: Vec<u8>,
    _share: Share,
}

impl Room {
    /// Room for so many bytes, if there is any: that of `spare`, which the system need not give and clear again.
    fn of(size: u64, spare: Option<Self>, budget: &Budget<'_>) -> Option<Self> {
        let bytes = spare.map(|room| room.bytes).unwrap_or_default();
        let size = size.max(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let _share = Share::of(size, budget)?;
        Some(Self { bytes, _share })
    }
}

/// Whether as much as may be is held for other files already, which then keep all threads busy.
pub(super) fn is_full(budget: &Budget<'_>) -> bool {
    HELD.load(Ordering::Relaxed) >= budget.limits.memory
}

pub(super) fn reader(extent: Extent<'_>) -> BufReader<Bytes<'_>> {
    BufReader::with_capacity(CHUNK, Bytes { extent, at: 0 })
}

/// An extent from its beginning to its end.
pub(super) struct Bytes<'a> {
    extent: Extent<'a>,
    at: u64,
}

impl Read for Bytes<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.extent.read(self.at, into)?;
        let length = u64::try_from(read).unwrap_or(u64::MAX);
        self.at = self.at.saturating_add(length);
        Ok(read)
    }
}

/// A part of a compressed file that can be decompressed by itself.
pub(super) struct Piece<'a> {
    pub(super) codec: Codec,
    pub(super) extent: Extent<'a>,
    /// What makes a whole file of it.
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
    /// How many bytes come out.
    pub(super) size: u64,
}

/// A piece on its way.
pub(super) struct Begun<'a> {
    piece: Piece<'a>,
    decoder: Option<Box<dyn Read + Send + 'a>>,
    /// How many bytes came out so far.
    out: u64,
    /// What came out ahead: how much of the room is filled, and was given.
    ahead: Option<Room>,
    filled: usize,
    given: usize,
    end: Option<Result<(), Flaw>>,
}

impl<'a> Begun<'a> {
    pub(super) const fn new(piece: Piece<'a>) -> Self {
        Self {
            piece,
            decoder: None,
            out: 0,
            ahead: None,
            filled: 0,
            given: 0,
            end: None,
        }
    }

    /// Whether all that comes out is there.
    pub(super) const fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// Goes on ahead until it is at its end, or another says that it is enough. Says whether there was room for that.
    pub(super) fn run(
        &mut self,
        is_enough: &AtomicBool,
        spare: impl FnOnce() -> Option<Room>,
        budget: &Budget<'_>,
    ) -> bool {
        let taken = self.ahead.take();
        let taken = taken.or_else(|| Room::of(self.piece.size, spare(), budget));
        let Some(mut room) = taken else {
            return false;
        };
        while self.end.is_none() && !is_enough.load(Ordering::Relaxed) {
            let to = self.filled.saturating_add(STEP);
            if room.bytes.len() < to {
                room.bytes.resize(to, 0);
            }
            match self.step(&mut room.bytes[self.filled..to], budget) {
                Ok(read) => self.filled = self.filled.saturating_add(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.end = Some(Err(error.into())),
            }
        }
        self.ahead = Some(room);
        true
    }

    /// What comes next: what came out ahead, then what comes out now. Nothing at its end.
    pub(super) fn read(&mut self, into: &mut [u8], budget: &Budget<'_>) -> io::Result<usize> {
        if let Some(room) = &self.ahead
            && self.given < self.filled
        {
            let ready = &room.bytes[self.given..self.filled];
            let length = ready.len().min(into.len());
            into[..length].copy_from_slice(&ready[..length]);
            self.given += length;
            return Ok(length);
        }
        match &self.end {
            Some(Ok(())) => Ok(0),
            Some(Err(flaw)) => Err(flaw.clone().into()),
            None => self.step(into, budget),
        }
    }

    /// The room that it had.
    pub(super) fn into_room(self) -> Option<Room> {
        self.ahead
    }

    fn step(&mut self, into: &mut [u8], budget: &Budget<'_>) -> io::Result<usize> {
        budget.go_on()?;
        let decoder = match &mut self.decoder {
            Some(decoder) => decoder,
            none => {
                let piece = &mut self.piece;
                let source = Cursor::new(std::mem::take(&mut piece.before))
                    .chain(reader(piece.extent))
                    .chain(Cursor::new(std::mem::take(&mut piece.after)));
                let limits = &budget.limits;
                none.insert(if piece.codec == Codec::Xz {
                    Box::new(Pump::new(source, lzma::Xz::new(limits)?, limits))
                } else {
                    Box::new(Pump::new(source, zstd::Zstd::new(limits)?, limits))
                })
            }
        };
        let read = decoder.read(into)?;
        self.out = self
            .out
            .saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        let is_over = read == 0 && !into.is_empty();
        if self.out > self.piece.size || is_over && self.out < self.piece.size {
            let why = "a piece of it is not as large as it says";
            return Err(damaged(self.piece.codec, why).into());
        }
        if is_over {
            self.decoder = None;
            self.end = Some(Ok(()));
        }
        Ok(read)
    }
}
