//! What comes out of a decompressor, counted against the limits.

use super::{Budget, Codec, Extent, Flaw, Origin, Stream, WINDOW};
use std::fmt;
use std::io::{self, Read};

/// What comes out of a decompressor, as a stream.
pub struct Decoded<'a> {
    decoder: Box<dyn Read + 'a>,
    budget: &'a Budget<'a>,
    origin: Origin,
    /// Room that grows as more comes out: most of what is looked into is small.
    buffer: Vec<u8>,
    /// What of the buffer is filled and not gone over yet.
    from: usize,
    to: usize,
    position: u64,
    is_over: bool,
    /// What is wrong with what comes after what is in the buffer.
    flaw: Option<Flaw>,
}

/// Room for a window's worth of looking ahead beside what a decoder gives at once.
const BUFFER: usize = 4 * WINDOW;

/// How much room there is at first.
const LEAST: usize = WINDOW / 8;

impl<'a> Decoded<'a> {
    /// What comes out of `decoder`, which is fed from `source`.
    pub fn new(
        decoder: Box<dyn Read + 'a>,
        source: Origin,
        codec: Codec,
        budget: &'a Budget<'a>,
    ) -> Self {
        Self {
            decoder,
            budget,
            origin: source.decoded(codec),
            buffer: vec![0; LEAST],
            from: 0,
            to: 0,
            position: 0,
            is_over: false,
            flaw: None,
        }
    }

    /// Makes room for a window's worth from where it is; where all was filled, more than there was.
    fn make_room(&mut self) {
        if self.to == self.buffer.len() && self.to < BUFFER {
            self.buffer.resize(self.to.saturating_mul(4).min(BUFFER), 0);
        }
        if self.buffer.len() - self.from < WINDOW {
            self.buffer.copy_within(self.from..self.to, 0);
            self.to -= self.from;
            self.from = 0;
        }
    }

    /// Lets the decoder fill what is free of the buffer, once.
    fn fill(&mut self) {
        let filled = match self.decoder.read(&mut self.buffer[self.to..]) {
            Ok(0) => {
                self.is_over = true;
                Ok(())
            }
            Ok(read) => {
                self.to += read;
                let read = u64::try_from(read).unwrap_or(u64::MAX);
                self.budget.decoded(read)
            }
            // Much went in, and nothing came out yet.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.budget.go_on(),
            Err(error) => Err(error.into()),
        };
        if let Err(flaw) = filled {
            self.is_over = true;
            self.flaw = Some(flaw);
        }
    }

    /// What is wrong with what comes next, where nothing is left before it.
    fn check(&self) -> Result<(), Flaw> {
        match &self.flaw {
            Some(flaw) if self.from == self.to => Err(flaw.clone()),
            Some(_) | None => Ok(()),
        }
    }
}

impl Stream for Decoded<'_> {
    fn peek(&mut self, least: usize) -> Result<&[u8], Flaw> {
        let least = least.min(WINDOW);
        while self.to - self.from < least && !self.is_over {
            self.make_room();
            self.fill();
        }
        if least > 0 {
            self.check()?;
        }
        Ok(&self.buffer[self.from..self.to])
    }

    fn skip(&mut self, by: u64) -> Result<u64, Flaw> {
        let mut left = by;
        loop {
            let here = self.to - self.from;
            let step = usize::try_from(left).map_or(here, |left| left.min(here));
            self.from += step;
            let step = u64::try_from(step).unwrap_or(u64::MAX);
            self.position = self.position.saturating_add(step);
            left -= step;
            if left == 0 {
                return Ok(by);
            }
            if self.is_over {
                self.check()?;
                return Ok(by - left);
            }
            self.from = self.to;
            self.make_room();
            (self.from, self.to) = (0, 0);
            self.fill();
        }
    }

    fn position(&self) -> u64 {
        self.position
    }

    fn origin(&self) -> Origin {
        self.origin
    }

    fn extent(&self) -> Option<Extent<'_>> {
        None
    }
}

impl fmt::Debug for Decoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoded")
            .field("origin", &self.origin)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Decoded;
    use crate::bytes::{Budget, Codec, Flaw, FlawKind, Limit, Limits, Origin, Stream as _, WINDOW};
    use std::io::Read;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Gives its bytes in pieces of odd sizes.
    struct Dribble<'a>(&'a [u8], usize);

    impl Read for Dribble<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.1 = self.1 * 7 % 40_961 + 1;
            let length = self.1.min(into.len()).min(self.0.len());
            let (now, rest) = self.0.split_at(length);
            into[..length].copy_from_slice(now);
            self.0 = rest;
            Ok(length)
        }
    }

    #[test]
    fn what_comes_out_is_the_same_however_it_is_gone_through() {
        let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let stop = AtomicBool::new(false);
        let budget = Budget::new(Limits::DEFAULT, 1 << 20, &stop);
        let mut stream = Decoded::new(
            Box::new(Dribble(&bytes, 3)),
            Origin::File(8),
            Codec::Gzip,
            &budget,
        );
        let mut at = 0;
        for step in [0, 1, 511, 70_000, 5, 300_000, WINDOW, 400_000, 100_000] {
            for least in [1, 512, WINDOW] {
                let seen = stream.peek(least).unwrap();
                assert!(seen.len() >= least);
                assert_eq!(seen, &bytes[at..at + seen.len()]);
            }
            let step = u64::try_from(step).unwrap();
            assert_eq!(stream.skip(step).unwrap(), step);
            at = usize::try_from(stream.position()).unwrap();
        }
        assert_eq!(
            stream.skip(u64::MAX).unwrap(),
            u64::try_from(bytes.len() - at).unwrap()
        );
        assert!(stream.peek(1).unwrap().is_empty());
        let codec = Codec::Gzip;
        assert_eq!(
            stream.origin().plus(5),
            Origin::Decoded {
                codec,
                from: 8,
                at: 5
            }
        );
    }

    /// Gives some bytes, and then nothing but trouble.
    struct Failing(usize);

    impl Read for Failing {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let length = std::mem::take(&mut self.0).min(into.len());
            if length == 0 {
                return Err(Flaw::malformed("broken").into());
            }
            Ok(length)
        }
    }

    #[test]
    fn what_comes_before_a_flaw_is_there() {
        let stop = AtomicBool::new(false);
        let budget = Budget::new(Limits::DEFAULT, 1, &stop);
        let decoder = Box::new(Failing(1000));
        let mut stream = Decoded::new(decoder, Origin::Deep, Codec::Xz, &budget);
        assert_eq!(stream.peek(WINDOW).unwrap().len(), 1000);
        assert_eq!(stream.skip(999).unwrap(), 999);
        assert_eq!(stream.peek(512).unwrap().len(), 1);
        assert_eq!(stream.skip(2).unwrap_err(), Flaw::malformed("broken"));
        assert_eq!(stream.peek(1).unwrap_err(), Flaw::malformed("broken"));
    }

    #[test]
    fn what_never_comes_out_can_be_stopped() {
        struct Silent<'a>(&'a AtomicBool, u32);
        impl Read for Silent<'_> {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                self.1 += 1;
                self.0.store(self.1 > 3, Ordering::Relaxed);
                Err(std::io::ErrorKind::Interrupted.into())
            }
        }
        let stop = AtomicBool::new(false);
        let budget = Budget::new(Limits::DEFAULT, 1, &stop);
        let decoder = Box::new(Silent(&stop, 0));
        let mut stream = Decoded::new(decoder, Origin::Deep, Codec::Xz, &budget);
        assert_eq!(stream.peek(1).unwrap_err(), Flaw::told());
    }

    #[test]
    fn what_comes_out_is_counted() {
        let stop = AtomicBool::new(false);
        let mut limits = Limits::DEFAULT;
        limits.set(Limit::Decoded, 1000);
        let budget = Budget::new(limits, 1, &stop);
        let mut stream = Decoded::new(
            Box::new(std::io::repeat(0)),
            Origin::Deep,
            Codec::Xz,
            &budget,
        );
        assert_eq!(
            stream.skip(u64::MAX).unwrap_err().kind,
            FlawKind::Limit(Limit::Decoded)
        );
    }
}
