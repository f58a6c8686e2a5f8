//! A clock that is asked for while other work goes on, and asked again while that lasts.

use super::ask::{Unwanted, ask_unless};
use super::{Clock, Error, Options, Sources};
use std::iter;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// When to ask again: so long after the time before, and from then on as the last. Nothing is known of the
/// ruler at first but that it may run half as fast again, so the first comes soon; each further one makes the
/// rate that much better known. The last is the pace of a time daemon, which no server takes amiss (`minpoll`
/// 6, RFC 5905 §7.2).
const AGAIN: [Duration; 4] = [
    Duration::from_secs(2),
    Duration::from_secs(8),
    Duration::from_secs(32),
    LAST,
];
const LAST: Duration = Duration::from_secs(64);

/// A clock that may not be known yet.
#[derive(Debug)]
pub struct Live {
    state: Mutex<State>,
    changed: Condvar,
    /// Set when the work is done or nobody wants to know any more.
    over: AtomicBool,
    /// Set when it is known that there is none: read once a directory by every thread of a walk.
    lost: AtomicBool,
}

#[derive(Debug, Clone)]
enum State {
    Asking,
    Known(Arc<Clock>),
    Failed(Arc<Error>),
}

impl Live {
    /// Whether it is known that there is none.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        if matches!(state, State::Failed(_)) {
            self.lost.store(true, Ordering::Relaxed);
        }
        *self.state() = state;
        self.changed.notify_all();
    }

    /// The clock, as soon as it is known.
    ///
    /// # Errors
    /// When there is none.
    pub fn wait(&self) -> Result<Arc<Clock>, Arc<Error>> {
        let mut state = self.state();
        loop {
            match &*state {
                State::Known(clock) => return Ok(Arc::clone(clock)),
                State::Failed(error) => return Err(Arc::clone(error)),
                State::Asking => {
                    state = self
                        .changed
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// Whether it is known, or known not to be had, within a moment.
    pub fn is_settled_within(&self, moment: Duration) -> bool {
        let state = self.state();
        let (state, _) = self
            .changed
            .wait_timeout_while(state, moment, |state| matches!(state, State::Asking))
            .unwrap_or_else(PoisonError::into_inner);
        !matches!(*state, State::Asking)
    }

    /// Ends the asking: nobody wants to know any more.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
        let _state = self.state();
        self.changed.notify_all();
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Asks, and asks again while the work lasts.
    fn keep(&self, sources: &Sources, options: &Options, is_unwanted: Unwanted<'_>) {
        let is_over = || self.is_over() || is_unwanted();
        let first = match ask_unless(sources, options, &is_over) {
            Ok(clock) => Arc::new(clock),
            Err(error) => return self.set(State::Failed(Arc::new(error))),
        };
        self.set(State::Known(Arc::clone(&first)));
        if !first.class().is_verified() {
            return;
        }
        let mut kept = Kept {
            last: Arc::clone(&first),
            first,
            is_steady: true,
        };
        for pause in AGAIN.into_iter().chain(iter::repeat(LAST)) {
            let state = self.state();
            let waited = self
                .changed
                .wait_timeout_while(state, pause, |_| !self.is_over());
            drop(waited.unwrap_or_else(PoisonError::into_inner));
            if self.is_over() {
                return;
            }
            // When they do not answer again, what is known goes on holding, ever less sharply.
            let asked = ask_unless(sources, options, &is_over).ok();
            if let Some(clock) = asked.and_then(|clock| kept.take(clock)) {
                self.set(State::Known(clock));
            }
        }
    }
}

/// What is known of a clock that is asked again and again.
struct Kept {
    first: Arc<Clock>,
    last: Arc<Clock>,
    /// Whether the ruler ran as evenly so far as two readings made of it.
    is_steady: bool,
}

impl Kept {
    /// What a later reading makes of it; nothing when it contradicts the first: nobody knows which of the
    /// two was wrong, and what was passed over by the first must stay so.
    fn take(&mut self, later: Clock) -> Option<Arc<Clock>> {
        if !self.first.is_confirmed_by(&later) {
            return None;
        }
        // A ruler that has changed its rate once is not relied on again: what its rate was says nothing of
        // what it will be.
        self.is_steady &= self.last.is_confirmed_by(&later);
        let clock = if self.is_steady {
            self.first.asked_again(later)
        } else {
            later
        };
        self.last = Arc::new(clock);
        Some(Arc::clone(&self.last))
    }
}

/// Does some work while the sources are asked, unless that is no longer wanted.
pub fn during<T>(
    sources: &Sources,
    options: &Options,
    is_unwanted: Unwanted<'_>,
    work: impl FnOnce(&Live) -> T,
) -> T {
    let live = Live {
        state: Mutex::new(State::Asking),
        changed: Condvar::new(),
        over: AtomicBool::new(false),
        lost: AtomicBool::new(false),
    };
    thread::scope(|scope| {
        let keep = || {
            let _settles = Settles(&live);
            live.keep(sources, options, is_unwanted);
        };
        let asking = thread::Builder::new().spawn_scoped(scope, keep);
        let done = {
            // However the work ends, the asking does; and where there is none, nobody waits for it.
            let _ends = EndsWith(&live);
            if asking.is_err() {
                drop(Settles(&live));
            }
            work(&live)
        };
        // What it panicked of, it said; those who waited were told.
        let _panicked = asking.map(thread::ScopedJoinHandle::join);
        done
    })
}

/// Nobody waits for an answer that cannot come any more, whatever became of the asking.
struct Settles<'live>(&'live Live);

impl Drop for Settles<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if matches!(*state, State::Asking) {
            self.0.lost.store(true, Ordering::Relaxed);
            *state = State::Failed(Arc::new(Error::Unasked));
            self.0.changed.notify_all();
        }
    }
}

struct EndsWith<'live>(&'live Live);

impl Drop for EndsWith<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, during};
    use crate::clock::{Answer, Clock, Error, Options, Sources, Standing};
    use crate::source::{self, Budget, Carry, Class, Evidence, Named, Refusal, Sample, Source};
    use crate::sys::{Boottime, boottime};
    use crate::time::{Interval, Rate, Span, Timestamp};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_ruler_that_changed_its_rate_once_is_not_relied_on_again() {
        // Where true time is, at so many seconds on the ruler.
        let reading = |ruler: i64, truth: i64| {
            let time = Interval::around(
                Timestamp::from_unix(2_000_000_000 + truth, 0),
                Span::from_millis(1),
            );
            let taken = Boottime::at(0).later(Span::from_secs(ruler));
            let evidence = Evidence::default();
            let carry = Carry::Ruler(Rate::UNKNOWN);
            let said = Ok(Sample {
                class: Class::Network,
                time,
                taken,
                carry,
                evidence,
            });
            let (address, scheme) = ("test:".to_owned(), "test");
            Clock::test(vec![Answer {
                address,
                scheme,
                said,
                standing: Standing::None,
            }])
        };
        let first = Arc::new(reading(0, 0));
        let mut kept = Kept {
            last: Arc::clone(&first),
            first,
            is_steady: true,
        };
        let mut width_after = |ruler, truth| {
            let clock = kept.take(reading(ruler, truth))?;
            Some(clock.at(clock.taken().later(Span::from_secs(10))).width())
        };
        assert!(width_after(10, 10).unwrap() < Span::from_millis(50));
        assert!(width_after(20, 20).unwrap() < Span::from_millis(50));
        // From here on it runs a fifth too fast.
        assert!(width_after(32, 30).unwrap() > Span::from_secs(9));
        assert!(width_after(44, 40).unwrap() > Span::from_secs(9));
        assert_eq!(width_after(45, 400), None);
    }

    #[test]
    fn nobody_waits_for_ever_when_asking_fails() {
        let sources = Sources::open(&["system:"], &source::Options::default()).unwrap();
        let unwanted = || panic!("as a test wants it");
        let said = during(&sources, &Options::default(), &unwanted, |live| {
            let said = live.wait().map(|_clock| ());
            assert!(live.is_lost());
            said
        });
        assert!(matches!(&*said.unwrap_err(), Error::Unasked));
    }

    /// Answers first as one class, and then as another and so many seconds off.
    #[derive(Debug)]
    struct Fickle {
        began: Boottime,
        classes: [Class; 2],
        off: i64,
        asked: Arc<AtomicUsize>,
    }

    impl Source for Fickle {
        fn sample(&self, _budget: Budget) -> Result<Sample, Refusal> {
            let is_first = self.asked.fetch_add(1, Ordering::Relaxed) == 0;
            let [first, then] = self.classes;
            let taken = boottime();
            let now = Timestamp::from_unix(2_000_000_000, 0).later(taken.since(self.began));
            let off = Span::from_secs(if is_first { 0 } else { self.off });
            Ok(Sample {
                class: if is_first { first } else { then },
                time: Interval::around(now.later(off), Span::from_millis(1)),
                taken,
                carry: Carry::Ruler(Rate::UNKNOWN),
                evidence: Evidence::default(),
            })
        }
    }

    /// The clock after work that lasts so long that it is asked again, how far off it is, and how often
    /// it was asked.
    fn after_work(classes: [Class; 2], off: i64) -> (Arc<Clock>, Interval, usize) {
        let (began, asked) = (boottime(), Arc::new(AtomicUsize::new(0)));
        let fickle = Fickle {
            began,
            classes,
            off,
            asked: Arc::clone(&asked),
        };
        let sources = Sources(vec![vec![Arc::new(Named::test("test:", Box::new(fickle)))]]);
        let (clock, now) = during(&sources, &Options::default(), &|| false, |live| {
            live.wait().unwrap();
            thread::sleep(Duration::from_millis(2300));
            let clock = live.wait().unwrap();
            let now = clock.now();
            (clock, now)
        });
        (clock, now, asked.load(Ordering::Relaxed))
    }

    #[test]
    fn who_is_asked_again_and_what_of_that_counts() {
        use Class::{Host, Network, Stated};
        thread::scope(|scope| {
            let run = |classes, off| scope.spawn(move || after_work(classes, off));
            let same = run([Network, Network], 0);
            let (worse, contradicts) = (run([Network, Stated], 0), run([Network, Network], 300));
            let (best, stated) = (run([Host, Host], 0), run([Stated, Stated], 0));
            let sharp = Span::from_millis(400);
            for (again, class) in [(same, Network), (best, Host)] {
                let (clock, now, asked) = again.join().unwrap();
                assert_eq!((clock.class(), asked), (class, 2));
                assert!(now.width() < sharp, "{}", now.width());
            }
            for fickle in [worse, contradicts] {
                let (clock, now, asked) = fickle.join().unwrap();
                assert_eq!((clock.class(), asked), (Network, 2));
                assert!(now.width() > Span::from_secs(2), "{}", now.width());
                assert!(now.latest() < Some(Timestamp::from_unix(2_000_000_100, 0)));
            }
            let (clock, _, asked) = stated.join().unwrap();
            assert_eq!((clock.class(), asked), (Stated, 1));
        });
    }

    #[test]
    fn the_asking_ends_with_the_work() {
        let sources = Sources::open(&["system:"], &source::Options::default()).unwrap();
        let began = boottime();
        let fickle = Fickle {
            began,
            classes: [Class::Network; 2],
            off: 0,
            asked: Arc::default(),
        };
        let network = Sources(vec![vec![Arc::new(Named::test("test:", Box::new(fickle)))]]);
        for sources in [sources, network] {
            during(&sources, &Options::default(), &|| false, |live| {
                live.wait().is_ok()
            });
        }
        let took = boottime().since(began);
        assert!(took < Span::from_millis(1000), "{took}");
    }
}
