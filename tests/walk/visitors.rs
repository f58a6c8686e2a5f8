//! What a visitor may rely on.

use crate::harness::{WALKERS, everything};
use crate::tree::Place;
use skewgate::walk::{Entry, Fault, Root, Visitor, Walker, walk};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts what is asked of it, and has enough after some entries.
#[derive(Debug, Default)]
struct Counter {
    enough: usize,
    begun: AtomicUsize,
    ended: AtomicUsize,
    entries: AtomicUsize,
    /// Entries in the batches that were ended.
    gathered: AtomicUsize,
}

impl Visitor for Counter {
    /// How many entries it holds.
    type Batch = usize;
    type Work = ();

    fn begin(&self) -> usize {
        self.begun.fetch_add(1, Ordering::Relaxed);
        0
    }

    fn entry(&self, batch: &mut usize, _entry: &Entry<'_>) -> Option<()> {
        self.entries.fetch_add(1, Ordering::Relaxed);
        *batch += 1;
        None
    }

    fn work(&self, (): ()) {}

    fn fault(&self, _batch: &mut usize, fault: Fault) {
        assert_eq!(Some(fault), None, "nothing is wrong with this tree");
    }

    fn end(&self, batch: usize) {
        self.ended.fetch_add(1, Ordering::Relaxed);
        self.gathered.fetch_add(batch, Ordering::Relaxed);
    }

    fn stopped(&self) -> bool {
        self.entries.load(Ordering::Relaxed) >= self.enough
    }
}

const FILES: usize = 1_000;
const DIRECTORIES: usize = 1 + 10 + 100;

fn count(walker: Walker, threads: usize, enough: usize) -> Counter {
    let place = Place::new();
    for at in 0..FILES {
        place.file(format!("{}/{}/{at}", at % 10, at % 100));
    }
    let counter = Counter {
        enough,
        ..Counter::default()
    };
    let mut options = everything([Root::named(place.path())]);
    options.walker = walker;
    options.threads = NonZeroUsize::new(threads);
    walk(&options, &counter).unwrap();
    counter
}

#[test]
fn every_batch_that_is_begun_is_ended() {
    for walker in WALKERS {
        for (threads, enough) in [(1, usize::MAX), (8, usize::MAX), (8, 50)] {
            let counter = count(walker, threads, enough);
            let (begun, entries) = (counter.begun.into_inner(), counter.entries.into_inner());
            assert_eq!(begun, counter.ended.into_inner());
            assert_eq!(entries, counter.gathered.into_inner());
            // A batch is worth having only when it is for a whole directory; three are for the roots.
            assert!(begun <= DIRECTORIES + 3, "{begun}");
            if enough == usize::MAX {
                assert_eq!(entries, FILES + DIRECTORIES);
            }
        }
    }
}

#[test]
fn a_visitor_that_has_enough_is_shown_one_more_a_thread_at_most() {
    for walker in WALKERS {
        for threads in [1, 2, 8] {
            for enough in [0, 1, 50] {
                let shown = count(walker, threads, enough).entries.into_inner();
                // Nobody is asked before the root is shown.
                let most = enough + threads + 1;
                assert!(shown <= most, "{walker:?} on {threads}: {shown} of {most}");
            }
        }
    }
}
