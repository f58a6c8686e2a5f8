//! Several pieces of one compressed file at once: the blocks of xz, the frames of zstd.
//!
//! Where a file says how it falls into pieces and how large each one becomes, other threads of the pool that have
//! nothing else to do decompress those that come next, while the first is read; they are given in order. What was made
//! ahead, of all files together, takes no more than [`Limits::memory`](crate::bytes::Limits), beside a dictionary a
//! thread. Who reads waits for another thread only where that is at the piece that comes next, which ends by itself:
//! a thread at a piece waits for nobody.

mod piece;
mod xz;
mod zstd;

use super::{Codec, decoder};
use crate::bytes::{Budget, Extent, Flaw};
use piece::{Begun, Piece, Room, reader};
use rayon::Scope;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Lets `read` have what comes out of a decompressor that is fed with all of `extent`, by several threads where that is
/// possible and worth it. What comes out is as from [`decoder`].
///
/// # Errors
/// When there is no memory for it, the system fails to read, or somebody wants it all to stop; and those of `read`.
pub fn extent_decoder<T>(
    codec: Codec,
    extent: Extent<'_>,
    budget: &Budget<'_>,
    read: impl FnOnce(Box<dyn Read + '_>) -> Result<T, Flaw>,
) -> Result<T, Flaw> {
    let threads = rayon::current_num_threads();
    let pieces = match codec {
        _ if threads < 2 || piece::is_full(budget) => None,
        Codec::Xz => xz::pieces(extent, &budget.limits),
        Codec::Zstd => zstd::pieces(extent, budget)?,
        Codec::Deflate | Codec::Gzip | Codec::Zlib | Codec::Lzma | Codec::Bzip2 | Codec::Lz4 => {
            None
        }
    };
    let Some(pieces) = pieces else {
        return read(decoder(codec, reader(extent), &budget.limits)?);
    };
    let shared = Shared {
        slots: pieces.into_iter().map(Slot::new).collect(),
        spare: Mutex::default(),
        next: AtomicUsize::new(0),
        others: AtomicUsize::new(0),
        most: threads,
        is_given_up: AtomicBool::new(false),
        budget,
    };
    rayon::in_place_scope(|scope| {
        read(Box::new(Ahead {
            scope,
            shared: &shared,
            first: None,
        }))
    })
}

/// The place of a piece.
struct Slot<'a> {
    /// None once whoever reads has come to it. Locked as long as a thread is at it.
    piece: Mutex<Option<Begun<'a>>>,
    /// Whether all that comes out is there.
    is_over: AtomicBool,
}

impl<'a> Slot<'a> {
    const fn new(piece: Piece<'a>) -> Self {
        Self {
            piece: Mutex::new(Some(Begun::new(piece))),
            is_over: AtomicBool::new(false),
        }
    }

    /// The piece, if no other thread is at it.
    fn try_lock(&self) -> Option<MutexGuard<'_, Option<Begun<'a>>>> {
        self.piece.try_lock().ok()
    }
}

/// What all threads know of one file.
struct Shared<'a> {
    slots: Vec<Slot<'a>>,
    /// Room that was used, which the system need not give and clear again.
    spare: Mutex<Vec<Room>>,
    /// The number of the piece after that which is being read.
    next: AtomicUsize,
    /// How many other threads were asked to help, and have not ended.
    others: AtomicUsize,
    /// How many pieces may be there ahead.
    most: usize,
    /// Nobody reads any more.
    is_given_up: AtomicBool,
    budget: &'a Budget<'a>,
}

impl Shared<'_> {
    /// Goes on with one of the pieces that come after number `from`, until `is_enough`. Says whether there was one.
    fn go_on(&self, from: usize, is_enough: &AtomicBool) -> bool {
        for slot in self.slots.iter().skip(from).take(self.most) {
            let Some(mut piece) = slot.try_lock() else {
                continue;
            };
            let Some(begun) = piece.as_mut().filter(|begun| !begun.is_over()) else {
                continue;
            };
            let is_room = begun.run(is_enough, || self.spare().pop(), self.budget);
            slot.is_over.store(begun.is_over(), Ordering::Relaxed);
            return is_room;
        }
        false
    }

    fn spare(&self) -> MutexGuard<'_, Vec<Room>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What another thread does: all that may be there ahead.
    fn help(&self) {
        loop {
            let next = self.next.load(Ordering::Relaxed);
            let is_given_up = self.is_given_up.load(Ordering::Relaxed);
            if is_given_up || !self.go_on(next, &self.is_given_up) {
                break;
            }
        }
        self.others.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The pieces as one stream.
struct Ahead<'read, 'scope, 'a> {
    scope: &'read Scope<'scope>,
    shared: &'scope Shared<'a>,
    /// The piece that is being read.
    first: Option<Begun<'a>>,
}

impl<'a> Ahead<'_, '_, 'a> {
    /// The piece that comes next, once no other thread is at it.
    fn next(&mut self) -> Option<Begun<'a>> {
        let shared = self.shared;
        let number = shared.next.load(Ordering::Relaxed);
        let slot = shared.slots.get(number)?;
        shared.next.store(number + 1, Ordering::Relaxed);
        let others = shared.others.load(Ordering::Relaxed);
        if others + 1 < shared.most && number + 1 < shared.slots.len() {
            shared.others.fetch_add(1, Ordering::Relaxed);
            self.scope.spawn(|_| shared.help());
        }
        loop {
            if let Some(mut piece) = slot.try_lock() {
                return piece.take();
            }
            if !shared.go_on(number + 1, &slot.is_over) {
                let piece = slot.piece.lock();
                return piece.unwrap_or_else(PoisonError::into_inner).take();
            }
        }
    }
}

impl Read for Ahead<'_, '_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(first) = &mut self.first else {
                self.first = self.next();
                if self.first.is_none() {
                    return Ok(0);
                }
                continue;
            };
            let read = first.read(into, self.shared.budget)?;
            if read > 0 || into.is_empty() {
                return Ok(read);
            }
            let room = self.first.take().and_then(Begun::into_room);
            self.shared.spare().extend(room);
        }
    }
}

impl Drop for Ahead<'_, '_, '_> {
    fn drop(&mut self) {
        self.shared.is_given_up.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
