//! Recording a build while it runs: readings every now and then, and whenever the clock is set. One thread,
//! which sleeps.

use super::{Phase, Record, Recorded, Store, StoreError, Surroundings};
use crate::clock::{self, Clock, Local, Reading, Sources, ask};
use crate::sys::{Boottime, Clocks, Stop, Watch, Woken, boottime};
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

/// More than two readings of one clock can lie apart, beyond what they themselves took.
const SLACK: Span = Span::from_millis(1);

/// What the trusted time of a reading at a step is.
const JUST_SET: &str = "not asked: the clock had just been set";

/// What that of the last reading is until the sources have answered.
const UNASKED: &str = "not asked yet";

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
            asking: None,
            looking: None,
            known: None,
            failed: None,
        };
        let course = thread::Builder::new().spawn(move || course.run(&watch, began))?;
        Ok(Self { course, stop })
    }

    /// The build has ended, with this code if with any, when the clocks showed this.
    ///
    /// # Errors
    /// When the record could not be written, at whatever moment that was.
    pub fn end(self, exit: Option<i32>, local: Local) -> Result<Record, RecorderError> {
        drop(self.stop);
        let course = self.course.join().map_err(|_panic| RecorderError::Lost)?;
        Ok(course.end(exit, local)?)
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
    asking: Option<Asking>,
    looking: Option<JoinHandle<Surroundings>>,
    /// The last that the sources said.
    known: Option<Result<Clock, clock::Error>>,
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
            let woken = watch.wait(if is_waiting { ASKING } else { GLANCE });
            if woken == Woken::Stopped {
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
        self.due = self.asked_at.later(LEAST_GAP);
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

    /// Changes the record, unless it could not be written before: the build goes on.
    fn update(&mut self, change: impl FnOnce(&mut Record)) {
        if self.failed.is_none() {
            let changed = self.store.update(&self.id, |record| {
                if record.is_open() {
                    change(record);
                }
            });
            self.failed = changed.err();
        }
    }

    fn end(mut self, exit: Option<i32>, local: Local) -> Result<Record, StoreError> {
        self.see_step(&local);
        if self.looking.is_some() {
            self.look_around();
        }
        // What is not yet heard would have been said of another moment than this, but will do for it.
        if let Some(asking) = self.asking.take() {
            self.hear(asking);
        }
        self.update(|record| {
            if let Some(command) = &mut record.command {
                command.exit = exit;
            }
        });
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let unasked = Reading::unasked(local.clone(), UNASKED);
        self.store.close(&self.id, unasked)?;
        let is_fresh = |clock: &Clock| boottime().since(clock.taken()) < LEAST_GAP;
        let asked = match self.known {
            Some(Ok(clock)) if is_fresh(&clock) => Ok(clock),
            _ => ask(&self.plan.sources, &self.plan.options),
        };
        self.store.update(&self.id, |record| {
            record.end_with(Reading::of(local, &asked));
        })
    }
}

/// Whether the wall clock, as programs see it or as the kernel has it, moved against the ruler. The kernel slews
/// both as one, so what is slewed does not.
fn is_step(before: &Clocks, after: &Clocks) -> bool {
    let elapsed = after.taken.since(before.taken);
    let allowed = before.bracket.plus(after.bracket).plus(SLACK);
    let has_moved = |before: Timestamp, after: Timestamp| {
        after.since(before).plus(elapsed.negated()).abs() > allowed
    };
    let kernel = before.kernel_wall.zip(after.kernel_wall);
    has_moved(before.wall, after.wall)
        || kernel.is_some_and(|(before, after)| has_moved(before, after))
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
