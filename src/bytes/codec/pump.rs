//! Feeds a decompressor from what is read, and gives what comes out to who reads.

use super::{Engine, State, cut_off, damaged};
use crate::bytes::{Flaw, Limit, Limits};
use std::io::{self, BufRead, Read};

/// How much may go in without anything coming out before whoever reads can stop: a few milliseconds' worth.
const PATIENCE: u64 = 1 << 20;

/// A decompressor with what it is fed from.
pub(super) struct Pump<S, E> {
    source: S,
    engine: E,
    state: State,
    /// How many pieces have ended, and how many may.
    ended: u64,
    most: u64,
    /// What is wrong with what comes next.
    flaw: Option<Flaw>,
}

impl<S: BufRead, E: Engine> Pump<S, E> {
    pub(super) const fn new(source: S, engine: E, limits: &Limits) -> Self {
        Self {
            source,
            engine,
            state: State::Within,
            ended: 0,
            most: limits.entries,
            flaw: None,
        }
    }

    /// Goes on to where the decompressor says that it stands.
    fn stand(&mut self, state: Result<State, Flaw>) {
        match state {
            Ok(State::Between) if self.state == State::Within => {
                self.state = State::Between;
                self.ended += 1;
                if self.ended > self.most {
                    self.flaw = Some(Flaw::limit(Limit::Entries, self.most));
                }
            }
            Ok(state) => self.state = state,
            Err(flaw) => self.flaw = Some(flaw),
        }
    }
}

impl<S: BufRead, E: Engine> Read for Pump<S, E> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut went_in = 0_u64;
        let mut idle = 0;
        while self.state != State::Over && !into.is_empty() {
            if let Some(flaw) = &self.flaw {
                return Err(flaw.clone().into());
            }
            if went_in > PATIENCE {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let input = self.source.fill_buf()?;
            let is_last = input.is_empty();
            if is_last && self.state == State::Between {
                break;
            }
            let step = self.engine.step(input, into);
            self.source.consume(step.consumed);
            went_in = went_in.saturating_add(u64::try_from(step.consumed).unwrap_or(u64::MAX));
            self.stand(step.state);
            if step.produced > 0 {
                return Ok(step.produced);
            }
            if step.consumed > 0 || self.flaw.is_some() || self.state != State::Within {
                idle = 0;
                continue;
            }
            if is_last {
                return Err(cut_off(E::CODEC).into());
            }
            // A decompressor may only turn to something else once without taking anything.
            idle += 1;
            if idle > 2 {
                return Err(damaged(E::CODEC, "it makes no sense").into());
            }
        }
        Ok(0)
    }
}
