//! Several pieces of one compressed file at once: the blocks of xz, the frames of zstd.
//!
//! Where a file says how it falls into pieces and how large each one becomes, they are decompressed by all threads
//! of the pool that has nothing else to do, and given in order. What was made ahead, of all files together, takes no
//! more than [`Limits::memory`](crate::bytes::Limits) beside one piece a file, and one dictionary a thread. Nothing waits for another thread but as rayon does, which does
//! other work in the meantime: so whoever reads must not hold a lock.

mod xz;
mod zstd;

use super::{Codec, damaged, decoder, lzma, pump::Pump};
use crate::bytes::{Budget, Extent, Flaw};
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefMutIterator as _, ParallelIterator as _,
};
use std::collections::VecDeque;
use std::io::{self, BufReader, Cursor, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What comes out of a decompressor that is fed with all of `extent`, by several threads where that is possible
/// and worth it. What is read is as from [`decoder`].
///
/// # Errors
/// When there is no memory for it, the system fails to read, or somebody wants it all to stop.
pub fn extent_decoder<'a>(
    codec: Codec,
    extent: Extent<'a>,
    budget: &'a Budget<'a>,
) -> Result<Box<dyn Read + 'a>, Flaw> {
    let threads = rayon::current_num_threads();
    // Where as much as may be is held for other files already, they keep all threads busy.
    let is_full = HELD.load(Ordering::Relaxed) >= budget.limits.memory;
    let pieces = match codec {
        _ if threads < 2 || is_full => None,
        Codec::Xz => xz::pieces(extent, &budget.limits),
        Codec::Zstd => zstd::pieces(extent, budget)?,
        Codec::Deflate | Codec::Gzip | Codec::Zlib | Codec::Lzma | Codec::Bzip2 | Codec::Lz4 => {
            None
        }
    };
    Ok(match pieces {
        Some(waiting) => Box::new(Ahead {
            waiting,
            begun: VecDeque::new(),
            given: 0,
            most: threads.saturating_add(1),
            spare: Vec::new(),
            budget,
        }),
        None => decoder(codec, reader(extent), &budget.limits)?,
    })
}

/// How many bytes are held ahead, for all files together.
static HELD: AtomicU64 = AtomicU64::new(0);

/// A share of what is held ahead, given back when it is dropped.
struct Share(u64);

impl Share {
    fn of(piece: &Piece<'_>) -> Self {
        let size = u64::try_from(piece.size).unwrap_or(u64::MAX);
        HELD.fetch_add(size, Ordering::Relaxed);
        Self(size)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        HELD.fetch_sub(self.0, Ordering::Relaxed);
    }
}

/// How much is read from an extent at once.
const CHUNK: usize = 64 * 1024;

/// How much comes out of one piece before it is seen whether to go on: about a millisecond of xz.
const STEP: usize = 128 * 1024;

fn reader(extent: Extent<'_>) -> BufReader<Bytes<'_>> {
    BufReader::with_capacity(CHUNK, Bytes { extent, at: 0 })
}

/// An extent from its beginning to its end.
struct Bytes<'a> {
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
struct Piece<'a> {
    codec: Codec,
    extent: Extent<'a>,
    /// What makes a whole file of it.
    before: Vec<u8>,
    after: Vec<u8>,
    /// How many bytes come out.
    size: usize,
}

impl<'a> Piece<'a> {
    fn open(&self, budget: &Budget<'_>) -> Result<Box<dyn Read + Send + 'a>, Flaw> {
        let source = Cursor::new(self.before.clone())
            .chain(reader(self.extent))
            .chain(Cursor::new(self.after.clone()));
        let limits = &budget.limits;
        Ok(if self.codec == Codec::Xz {
            Box::new(Pump::new(source, lzma::Xz::new(limits)?, limits))
        } else {
            Box::new(Pump::new(source, super::zstd::Zstd::new(limits)?, limits))
        })
    }
}

/// A piece that is being decompressed, or is.
struct Begun<'a> {
    piece: Piece<'a>,
    _share: Share,
    decoder: Option<Box<dyn Read + Send + 'a>>,
    out: Vec<u8>,
    /// How many bytes of that came out.
    filled: usize,
    end: Option<Result<(), Flaw>>,
}

impl Begun<'_> {
    /// Goes on until it is at its end, or another says that it is enough.
    fn run(&mut self, is_enough: &AtomicBool, budget: &Budget<'_>) {
        while self.end.is_none() && !is_enough.load(Ordering::Relaxed) {
            match self.step(budget) {
                Ok(false) => {}
                Ok(true) => self.end = Some(Ok(())),
                Err(flaw) => self.end = Some(Err(flaw)),
            }
        }
        if self.end.is_some() {
            self.decoder = None;
        }
    }

    /// One step; says whether it was the last.
    fn step(&mut self, budget: &Budget<'_>) -> Result<bool, Flaw> {
        budget.go_on()?;
        let decoder = match &mut self.decoder {
            Some(decoder) => decoder,
            none => none.insert(self.piece.open(budget)?),
        };
        // One byte more than there should be, to see whether there is. What has room already is not cleared again.
        let most = self.piece.size.saturating_add(1);
        if self.filled == self.out.len() {
            self.out
                .resize(most.min(self.filled.saturating_add(STEP)), 0);
        }
        let room = self.out.len().min(most);
        let read = match decoder.read(&mut self.out[self.filled..room]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(false),
            read => read?,
        };
        self.filled = self.filled.saturating_add(read);
        let is_over = read == 0;
        if self.filled > self.piece.size || is_over && self.filled < self.piece.size {
            let why = "a piece of it is not as large as it says";
            return Err(damaged(self.piece.codec, why));
        }
        Ok(is_over)
    }
}

/// Pieces of which several are decompressed at once, as one stream.
struct Ahead<'a> {
    waiting: VecDeque<Piece<'a>>,
    /// In order; the first is the one that is being given.
    begun: VecDeque<Begun<'a>>,
    /// How much of the first was given.
    given: usize,
    /// How many may be begun.
    most: usize,
    /// Room that was used, which the system need not give and clear again.
    spare: Vec<Vec<u8>>,
    budget: &'a Budget<'a>,
}

impl Ahead<'_> {
    /// Takes as many pieces as there is room for, one at least.
    fn begin(&mut self) {
        while self.begun.len() < self.most
            && let Some(next) = self.waiting.front()
        {
            let size = u64::try_from(next.size).unwrap_or(u64::MAX);
            let held = HELD.load(Ordering::Relaxed).saturating_add(size);
            if held > self.budget.limits.memory && !self.begun.is_empty() {
                return;
            }
            self.begun
                .extend(self.waiting.pop_front().map(|piece| Begun {
                    _share: Share::of(&piece),
                    piece,
                    decoder: None,
                    out: self.spare.pop().unwrap_or_default(),
                    filled: 0,
                    end: None,
                }));
        }
    }

    /// Brings the first piece to its end, and the others as far as they come in that time.
    fn run(&mut self) {
        let (is_enough, budget) = (AtomicBool::new(false), self.budget);
        let each = self.begun.par_iter_mut().enumerate().with_max_len(1);
        each.for_each(|(at, begun)| {
            begun.run(&is_enough, budget);
            if at == 0 {
                is_enough.store(true, Ordering::Relaxed);
            }
        });
    }
}

impl Read for Ahead<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            self.budget.go_on()?;
            let Some(first) = self.begun.front_mut() else {
                if self.waiting.is_empty() {
                    return Ok(0);
                }
                self.begin();
                continue;
            };
            let rest = first.out.get(self.given..first.filled);
            let rest = rest.unwrap_or_default();
            if !rest.is_empty() && first.end.is_some() {
                let length = rest.len().min(into.len());
                into[..length].copy_from_slice(&rest[..length]);
                self.given += length;
                return Ok(length);
            }
            match &first.end {
                Some(Ok(())) => {
                    let done = self.begun.pop_front();
                    self.spare.extend(done.map(|done| done.out));
                    self.given = 0;
                    self.begin();
                }
                Some(Err(flaw)) => return Err(flaw.clone().into()),
                None => self.run(),
            }
        }
    }
}

#[cfg(test)]
mod tests;
