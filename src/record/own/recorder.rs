//! Recording a build while it runs: readings every now and then, and whenever the clock is set. One thread,
//! which sleeps.

use super::{Phase, Record, Recorded, Store, StoreError, Surroundings};
use crate::clock::{self, Clock, Local, Reading, Sources, ask};
use crate::sys::{Boottime, Clocks, Stop, Watch, boottime};
use crate::time::{Span, Timestamp};
use std::io;
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// When the sources are asked for the second and the third time: the rate of the ruler is the better known the
/// further apart two readings are, and the first comes soon.
const FIRST_GAPS: [Span; 2] = [Span::from_secs(2), Span::from_secs(6)];

/// No server is asked more often.
const LEAST_GAP: Span = Span::from_secs(2);

/// How long between two glances at the clock, where the system does not tell when it is set.
const GLANCE: Duration = Duration::from_secs(1);

/// The same while an answer is waited for.
const ASKING: Duration = Duration::from_millis(100);

/// What the trusted time of a reading at a step is.
const JUST_SET: &str = "not asked: the clock had just been set";

/// What that of the last reading is until the sources have answered, and for good when the process ends before.
const UNASKED: &str = "no source had answered yet";

/// Whom to ask, how often, and where to look around.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whom to ask the time.
    pub sources: Sources,
    /// How.
    pub options: clock::Options,
    /// How often, once the build runs for a while; at least two seconds.
    pub every: Span,
    /// The folder in which the build runs.
    pub folder: PathBuf,
    /// Where it writes artifacts to.
    pub paths: Vec<PathBuf>,
}

/// A build that is being recorded.
#[derive(Debug)]
pub struct Recorder {
    course: JoinHandle<Course>,
    stop: Stop,
}

impl Recorder {
    /// Goes on with a record that was just begun. Its sources are asked from now on, beside the build.
    ///
    /// # Errors
    /// When the system gives no thread, or nothing to wait with.
    pub fn start(store: Store, record: &Record, plan: Plan) -> io::Result<Self> {
        let Some(first) = record.readings.first() else {
            return Err(io::Error::other("the record has no beginning"));
        };
        let began = first.reading.local.clone();
        let (watch, stop) = Watch::new()?;
        let course = Course {
            store,
            id: record.id.clone(),
            plan,
            last: began.clone(),
            gaps: 0,
            due: began.clocks.taken,
            asked_at: began.clocks.taken,
            after_step: LEAST_GAP,
            asking: None,
            looking: None,
            known: None,
            is_closed: false,
            failed: None,
        };
        let course = thread::Builder::new().spawn(move || course.run(&watch, began))?;
        Ok(Self { course, stop })
    }

    /// The build has ended, with this code if with any, when the clocks showed this. That is written down before
    /// anybody is waited for: whatever ends this process then, the record has its end.
    ///
    /// # Errors
    /// When the record could not be written, at whatever moment that was.
    pub fn close(self, exit: Option<i32>, local: Local) -> Result<Closing, RecorderError> {
        drop(self.stop);
        let mut course = self.course.join().map_err(|_panic| RecorderError::Lost)?;
        course.close(exit, &local);
        match course.failed {
            Some(failed) => Err(failed.into()),
            None => Ok(Closing { course, local }),
        }
    }
}

/// A record that has its end, but not yet what the sources say to it.
#[derive(Debug)]
pub struct Closing {
    course: Course,
    local: Local,
}

impl Closing {
    /// Asks the sources what the time is, unless that was asked just before, and writes it down.
    ///
    /// # Errors
    /// When the record could not be written.
    pub fn ask(self) -> Result<Record, RecorderError> {
        Ok(self.course.ask_at_end(self.local)?)
    }
}

/// Why a build was not recorded to its end.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// The record could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread that records has come to grief.
    #[error("the build was not recorded to its end: skewgate has a fault, please report it")]
    Lost,
}

/// An answer that is waited for.
#[derive(Debug)]
struct Asking {
    phase: Phase,
    local: Local,
    answer: JoinHandle<Result<Clock, clock::Error>>,
}

/// What is known while the build runs.
#[derive(Debug)]
struct Course {
    store: Store,
    id: String,
    plan: Plan,
    /// The last glance at the clocks.
    last: Local,
    /// How many times it was waited for the next reading.
    gaps: usize,
    /// When the sources are to be asked next.
    due: Boottime,
    /// When they were asked last.
    asked_at: Boottime,
    /// How long after that they are asked when the clock was set.
    after_step: Span,
    asking: Option<Asking>,
    looking: Option<JoinHandle<Surroundings>>,
    /// The last that the sources said.
    known: Option<Result<Clock, clock::Error>>,
    /// Whether the build has ended.
    is_closed: bool,
    /// Why nothing is written any more.
    failed: Option<StoreError>,
}

impl Course {
    fn run(mut self, watch: &Watch, began: Local) -> Self {
        let (folder, paths) = (self.plan.folder.clone(), self.plan.paths.clone());
        self.looking = Some(thread::spawn(move || Surroundings::look(&folder, &paths)));
        self.ask(Phase::Begin, began);
        loop {
            let is_waiting = self.asking.is_some() || self.looking.is_some();
            if !watch.wait(if is_waiting { ASKING } else { GLANCE }) {
                return self;
            }
            self.glance(Local::now());
        }
    }

    /// Looks at the clocks, and at what has come meanwhile.
    fn glance(&mut self, now: Local) {
        let at = now.clocks.taken;
        self.see_step(&now);
        if self.looking.as_ref().is_some_and(JoinHandle::is_finished) {
            self.look_around();
        }
        if let Some(asking) = self.asking.take_if(|asking| asking.answer.is_finished()) {
            self.hear(asking);
        }
        if self.asking.is_none() && at >= self.due {
            self.ask(Phase::During, now);
        }
    }

    /// Writes down a step, if there was one since the last glance, with the readings before and after.
    fn see_step(&mut self, now: &Local) {
        let before = std::mem::replace(&mut self.last, now.clone());
        if !is_step(&before.clocks, &now.clocks) {
            return;
        }
        let taken = [before, now.clone()].map(|local| Recorded {
            phase: Phase::Step,
            reading: Reading::unasked(local, JUST_SET),
        });
        self.update(|record| {
            let [before, after] = taken;
            // Of two steps in a row the reading between is that after the first.
            let is_there = record
                .readings
                .last()
                .is_some_and(|last| last.reading.local.clocks == before.reading.local.clocks);
            if !is_there {
                record.push(before);
            }
            record.push(after);
        });
        self.hurry();
    }

    /// Asks the sources soon, but less soon after each step: where a clock is set all the time, no server is asked
    /// all the time.
    fn hurry(&mut self) {
        let soon = self.asked_at.later(self.after_step);
        if soon < self.due {
            self.due = soon;
            self.after_step = self.after_step.plus(self.after_step);
        }
    }

    fn look_around(&mut self) {
        if let Some(Ok(surroundings)) = self.looking.take().map(JoinHandle::join) {
            self.update(|record| record.settle(surroundings));
        }
    }

    /// Asks the sources, in a thread of its own: a step is noticed meanwhile.
    fn ask(&mut self, phase: Phase, local: Local) {
        let gap = match FIRST_GAPS.get(self.gaps) {
            Some(gap) => (*gap).min(self.plan.every),
            None => self.plan.every,
        };
        self.gaps = self.gaps.saturating_add(1);
        self.asked_at = local.clocks.taken;
        self.due = local.clocks.taken.later(gap.max(LEAST_GAP));
        let (sources, options) = (self.plan.sources.clone(), self.plan.options);
        let answer = thread::spawn(move || ask(&sources, &options));
        self.asking = Some(Asking {
            phase,
            local,
            answer,
        });
    }

    /// Writes down what the sources said.
    fn hear(&mut self, asking: Asking) {
        let Asking {
            phase,
            local,
            answer,
        } = asking;
        let asked = answer.join().unwrap_or(Err(clock::Error::Unasked));
        let reading = Reading::of(local, &asked);
        self.known = Some(asked);
        self.update(|record| {
            if phase == Phase::Begin {
                record.begin_with(reading);
            } else {
                record.push_in_order(Recorded { phase, reading });
            }
        });
    }

    /// Changes the record, unless it could not be written before: the build goes on. Who else says meanwhile that
    /// the build has ended (`skewgate end`, an audit) is wrong, but read the clocks.
    fn update(&mut self, change: impl FnOnce(&mut Record)) {
        if self.failed.is_none() {
            let is_closed = self.is_closed;
            let changed = self.store.update(&self.id, |record| {
                if !is_closed {
                    record.reopen();
                }
                change(record);
            });
            self.failed = changed.err();
        }
    }

    /// Writes down that the build has ended.
    fn close(&mut self, exit: Option<i32>, local: &Local) {
        self.see_step(local);
        let end = Recorded {
            phase: Phase::End,
            reading: Reading::unasked(local.clone(), UNASKED),
        };
        self.update(|record| {
            if let Some(command) = &mut record.command {
                command.exit = exit;
            }
            record.push(end);
        });
        self.is_closed = true;
    }

    fn ask_at_end(mut self, local: Local) -> Result<Record, StoreError> {
        if self.looking.is_some() {
            self.look_around();
        }
        // What is not yet heard would have been said of another moment than this, but will do for it.
        if let Some(asking) = self.asking.take() {
            self.hear(asking);
        }
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let asked_at = self.asked_at;
        let is_fresh = |known: &Result<Clock, _>| {
            let heard = known.as_ref().map_or(asked_at, Clock::taken);
            boottime().since(heard.max(asked_at)) < LEAST_GAP
        };
        let reading = match self.known.filter(is_fresh) {
            Some(known) => Reading::carried(local, &known),
            None => Reading::of(local, &ask(&self.plan.sources, &self.plan.options)),
        };
        self.store
            .update(&self.id, |record| record.end_with(reading))
    }
}

/// Whether the wall clock moved against the ruler. The kernel slews both as one, so what is slewed does not.
fn is_step(before: &Clocks, after: &Clocks) -> bool {
    moved(before, after) > before.bracket.plus(after.bracket).plus(Clocks::SLACK)
}

/// How far the wall clock moved against the ruler, forward or back: as programs see it or as the kernel has it,
/// whichever is further.
pub(super) fn moved(before: &Clocks, after: &Clocks) -> Span {
    let elapsed = after.taken.since(before.taken);
    let of = |before: Timestamp, after: Timestamp| {
        let moved = after.since(before).plus(elapsed.negated());
        moved.abs()
    };
    let kernel = before.kernel_wall.zip(after.kernel_wall);
    let kernel = kernel.map_or(Span::ZERO, |(before, after)| of(before, after));
    of(before.wall, after.wall).max(kernel)
}

#[cfg(test)]
mod tests {
    use super::is_step;
    use crate::sys::{Clocks, clocks};
    use crate::time::Span;

    /// A second later by the ruler, and by so many more milliseconds on each wall clock.
    fn after(first: &Clocks, program: i64, kernel: i64) -> Clocks {
        let second = Span::from_secs(1);
        Clocks {
            taken: first.taken.later(second),
            wall: first.wall.later(second.plus(Span::from_millis(program))),
            kernel_wall: first
                .kernel_wall
                .map(|at| at.later(second.plus(Span::from_millis(kernel)))),
            ..*first
        }
    }

    #[test]
    fn a_step_is_what_a_wall_clock_moves_against_the_ruler() {
        let first = Clocks {
            bracket: Span::ZERO,
            kernel_wall: Some(clocks().wall),
            ..clocks()
        };
        for (program, kernel, expected) in [
            (0, 0, false),
            (1, -1, false),
            (2, 0, true),
            (0, -2, true),
            (-60_000, -60_000, true),
        ] {
            let then = after(&first, program, kernel);
            assert_eq!(is_step(&first, &then), expected, "{program} {kernel}");
            let busy = Clocks {
                bracket: Span::from_secs(100),
                ..then
            };
            assert!(!is_step(&first, &busy));
        }
        let without = Clocks {
            kernel_wall: None,
            ..after(&first, 0, 60_000)
        };
        assert!(!is_step(&first, &without));
    }
}
