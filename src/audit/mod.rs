//! One audit, from options to report.

mod gathered;
mod inside;

use gathered::Gathered;
use inside::{Inside, Looked, Met, Waiting};

use crate::clock::{self, Builder, Clock, Live, Local, Sources};
use crate::format;
use crate::gate::Gate;
use crate::receiver::Receiver;
use crate::record::{self, Account, Consulted, Documented, Window};
use crate::report::{ClockEvidence, Contents, Found, Head, RecordEvidence, Report};
use crate::rule::{Against, Batch, Judge, Policy, Subject};
use crate::sys::{self, Boottime};
use crate::time::{Interval, Order, Span, Timestamp};
use crate::walk::{self, Entry, Fault, Visitor};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What to audit, against what, and what a pass takes.
#[derive(Debug)]
pub struct Options {
    /// What to walk.
    pub walk: walk::Options,
    /// Whether skewgate chose the roots itself.
    pub roots_are_default: bool,
    /// Whom to ask the time.
    pub sources: Sources,
    /// How they are asked, and what makes an agreement.
    pub clock: clock::Options,
    /// When the build began and ended, as it was stated, or as others wrote.
    pub window: Window,
    /// skewgate's own record of the build.
    pub record: Option<Documented>,
    /// By how many parts per million the builder's clock may run too fast or too slow.
    pub drift_limit: u32,
    /// The second that `SOURCE_DATE_EPOCH` names.
    pub source_date: Option<Interval>,
    /// How deliverables are looked into.
    pub format: format::Options,
    /// Who will be given them.
    pub receivers: Vec<&'static Receiver>,
    /// How bad each rule is where.
    pub policy: Policy,
    /// What a pass takes.
    pub gate: Gate,
    /// The name of the profile that all this started from.
    pub profile: &'static str,
}

/// Why nothing was audited.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no clock.
    #[error(transparent)]
    Clock(clock::Error),
    /// The roots cannot be walked.
    #[error(transparent)]
    Walk(#[from] walk::Error),
    /// The window is empty.
    #[error(transparent)]
    Window(#[from] record::Contradiction),
    /// The build is said to begin after now.
    #[error(
        "the build cannot have begun at {began}: that is after the trusted time ({now}); mend the bound, or the clock"
    )]
    NotYet {
        /// What was said of its start.
        began: String,
        /// The trusted time.
        now: String,
    },
    /// Somebody wants it to stop.
    #[error("interrupted before everything was audited")]
    Interrupted,
}

/// Takes what is found as it is found, from many threads.
pub trait Sink: Sync + fmt::Debug {
    /// Before anything is audited.
    fn begin(&self, head: &Head);
    /// What one task found.
    fn found(&self, found: &Found<'_>);
}

/// How an audit is watched while it runs.
#[derive(Debug, Clone, Copy)]
pub struct Watch<'audit> {
    /// Takes what is found as it is found.
    pub sink: Option<&'audit dyn Sink>,
    /// Whether what is found goes into the report, too.
    pub keep: bool,
    /// Ends the audit early when it is set, with [`Error::Interrupted`].
    pub stop: &'audit AtomicBool,
    /// How many artifacts were judged so far.
    pub seen: &'audit AtomicU64,
}

impl From<Arc<clock::Error>> for Error {
    fn from(error: Arc<clock::Error>) -> Self {
        match &*error {
            clock::Error::Interrupted => Self::Interrupted,
            other => Self::Clock(other.clone()),
        }
    }
}

/// How long the walk waits for the clock before it begins without it: sources on this machine answer in
/// less.
const MOMENT: Duration = Duration::from_millis(2);

/// How much earlier than the builder's clock it is presumed to be while the trusted clock is not known.
/// What was written since waits for it.
const PRESUMED: Span = Span::from_secs(10);

/// Audits.
///
/// The walk begins while the sources are still being asked. Until they have answered, what is older than
/// the builder's own clock by ten seconds is passed over as not from the future, and all else waits. When
/// the builder's clock then proves to be so far ahead that something was passed over wrongly, all is
/// walked again.
///
/// # Errors
/// When nothing could be audited at all.
pub fn run(options: &Options, watch: Watch<'_>) -> Result<Report, Error> {
    let started = sys::boottime();
    options.window.check()?;
    let stop = || watch.stop.load(Ordering::Relaxed);
    clock::during(&options.sources, &options.clock, &stop, |live| {
        let builder = Builder::look();
        let documented = options.record.as_ref();
        let record = documented.map(|record| Consulted::new(record, Local::now()));
        let files = Files {
            options,
            watch,
            live,
            builder: &builder,
            record: record.as_ref(),
            started,
        };
        // What is written as it is found begins with who says what time it is. And a record that contradicts
        // what else is said of the build may prove to be of none.
        if watch.sink.is_none()
            && !live.is_settled_within(MOMENT)
            && let Ok(built) = files.built(None)
        {
            let presumed = Interval::exactly(builder.wall_clock.earlier(PRESUMED));
            let audit = Audit::new(&files, &built, presumed);
            walk::walk(&options.walk, &audit)?;
            let clock = live.wait()?;
            let account = record.as_ref().map(|record| record.account(&clock));
            let is_same = files.built(account)? == built;
            if is_same && audit.judge.passed_over_rightly(&clock, started) {
                check_begun(&built.window, clock.at(started))?;
                files.end_record(&clock);
                return audit.finish(&clock);
            }
            watch.seen.store(0, Ordering::Relaxed);
            options.policy.count_anew();
        }
        let clock = live.wait()?;
        let built = files.built(record.as_ref().map(|record| record.account(&clock)))?;
        check_begun(&built.window, clock.at(started))?;
        files.end_record(&clock);
        if let Some(sink) = watch.sink {
            sink.begin(&files.head(&built.window, &clock));
        }
        let audit = Audit::new(&files, &built, clock.now());
        walk::walk(&options.walk, &audit)?;
        audit.finish(&clock)
    })
}

/// What an audit goes by, however often it walks.
#[derive(Clone, Copy)]
struct Files<'audit> {
    options: &'audit Options,
    watch: Watch<'audit>,
    live: &'audit Live,
    builder: &'audit Builder,
    record: Option<&'audit Consulted<'audit>>,
    started: Boottime,
}

/// When it was built.
#[derive(Debug, PartialEq, Eq)]
struct Built {
    /// By the true time.
    window: Window,
    /// When it began by the builder's own clock, if the window goes by the same record.
    begin_by_builder: Option<Interval>,
}

impl Files<'_> {
    /// What was stated and what others wrote, with what the record tells, unless it turned out to be none of
    /// this build.
    fn built(&self, account: Option<&Account>) -> Result<Built, Error> {
        let is_void = account.is_some_and(Account::is_void);
        let record = self.record.filter(|_| !is_void);
        let told = record.map(|record| record.window().clone());
        let begin = told.as_ref().and_then(|told| told.began.clone());
        let stated = self.options.window.clone();
        let window = record::combined(told.into_iter().chain([stated]))?;
        // Where somebody is trusted more, artifacts are held against their word and no other.
        let goes_by_record = begin.is_some() && begin == window.began;
        let by_builder = record.and_then(Consulted::begin_by_builder);
        Ok(Built {
            window,
            begin_by_builder: by_builder.filter(|_| goes_by_record),
        })
    }

    fn head(&self, window: &Window, clock: &Clock) -> Head {
        let options = self.options;
        let roots = options.walk.roots.iter();
        Head {
            version: env!("CARGO_PKG_VERSION"),
            roots: roots.map(|root| root.path().to_owned()).collect(),
            roots_are_default: options.roots_are_default,
            profile: options.profile,
            clock: ClockEvidence::of(clock, self.builder),
            window: window.clone(),
            record: self.record.map(|record| self.evidence(record, clock)),
            source_date: options.source_date,
        }
    }

    /// Ends the record of the build, which has ended when it is audited.
    fn end_record(&self, clock: &Clock) {
        if let Some(record) = self.record {
            record.end(clock);
        }
    }

    fn evidence(&self, record: &Consulted<'_>, clock: &Clock) -> RecordEvidence {
        RecordEvidence::of(record, clock, self.options.drift_limit)
    }
}

/// Two of the coarsest ticks of any Linux kernel (`HZ=100`): what another machine's kernel may have that
/// stamps the files of a network file system, and what a tick may come late on a busy virtual machine, where
/// stamps were seen 7 ms early at a tick of 4.
const LEAST_LAG: Span = Span::from_millis(20);

fn check_begun(window: &Window, now: Interval) -> Result<(), Error> {
    let after = |began: &&record::Bound| began.at.order(now) == Order::After;
    let Some(began) = window.began.as_ref().filter(after) else {
        return Ok(());
    };
    let now = now.latest().map(|at| at.to_string()).unwrap_or_default();
    Err(Error::NotYet {
        began: began.to_string(),
        now,
    })
}

/// An audit under way.
struct Audit<'audit> {
    files: &'audit Files<'audit>,
    built: &'audit Built,
    judge: Judge<'audit>,
    inside: Inside<'audit>,
    gathered: Mutex<Gathered>,
}

impl<'audit> Audit<'audit> {
    fn new(files: &'audit Files<'audit>, built: &'audit Built, now: Interval) -> Self {
        let Files { options, live, .. } = *files;
        let against = Against {
            window: &built.window,
            begin_by_builder: built.begin_by_builder,
            source_date: options.source_date,
            receivers: &options.receivers,
            lag: sys::coarse_tick().unwrap_or(Span::ZERO).max(LEAST_LAG),
            record: files.record,
            drift_limit: options.drift_limit,
        };
        let judge = Judge::new(&options.policy, live, now, against);
        Self {
            files,
            built,
            inside: Inside::new(&options.format, judge.calm_inside(), files.watch.stop),
            judge,
            gathered: Mutex::default(),
        }
    }

    /// What it all comes to, once everything was walked.
    fn finish(self, clock: &Clock) -> Result<Report, Error> {
        let Files {
            options,
            builder,
            started,
            ..
        } = *self.files;
        let mut batch = self.begin();
        self.judge.judge_build(clock, builder, &mut batch.judged);
        self.end(batch);
        if self.stopped() {
            return Err(Error::Interrupted);
        }
        let gathered = self
            .gathered
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let head = self.files.head(&self.built.window, clock);
        let elapsed = sys::boottime().since(started);
        Ok(gathered.into_report(head, &options.gate, elapsed))
    }
}

impl Audit<'_> {
    /// Judges what was found inside an artifact, under every name by which it was met so far.
    fn judge_content(
        &self,
        looked: &Looked,
        modified: Timestamp,
        subject: impl FnOnce() -> Subject,
        task: &mut Task,
    ) {
        let Looked {
            content,
            read,
            others,
            ..
        } = looked;
        task.looked.files += u64::from(looked.is_new);
        task.looked.stamps += if looked.is_new {
            content.tally.stamps
        } else {
            0
        };
        if content.is_quiet(modified) {
            return;
        }
        for subject in std::iter::once(&subject()).chain(others) {
            let path = subject.path();
            let flaws = content.flaws.iter();
            task.faults
                .extend(flaws.map(|(member, flaw)| Fault::inside(path.to_owned(), member, flaw)));
            self.judge
                .judge_content(subject, content, *read, &mut task.judged);
        }
    }
}

/// What one task found.
struct Task {
    judged: Batch,
    faults: Vec<Fault>,
    looked: Contents,
}

impl Visitor for Audit<'_> {
    type Batch = Task;
    type Work = Box<Waiting>;

    fn begin(&self) -> Task {
        Task {
            judged: Batch::default(),
            faults: Vec::new(),
            looked: Contents::default(),
        }
    }

    fn entry(&self, task: &mut Task, entry: &Entry<'_>) -> Option<Box<Waiting>> {
        self.judge.judge(entry, &mut task.judged);
        match self.inside.meet(entry)? {
            Met::Faults(faults) => task.faults.extend(faults),
            Met::Waits(waiting) => return Some(waiting),
            Met::Read(looked) => {
                self.judge_content(&looked, entry.stat.modified, || Subject::of(entry), task);
            }
        }
        None
    }

    fn work(&self, waiting: Box<Waiting>) {
        let mut task = self.begin();
        let (looked, subject) = self.inside.read(waiting);
        let modified = subject.stat().modified;
        self.judge_content(&looked, modified, || subject, &mut task);
        self.end(task);
    }

    fn fault(&self, task: &mut Task, fault: Fault) {
        task.faults.push(fault);
    }

    fn end(&self, task: Task) {
        let watch = self.files.watch;
        watch.seen.fetch_add(task.judged.entries, Ordering::Relaxed);
        if let Some(sink) = watch.sink {
            let Batch {
                findings,
                suppressed,
                ..
            } = &task.judged;
            let all = [
                (findings.is_empty(), Found::Findings(findings)),
                (suppressed.is_empty(), Found::Suppressed(suppressed)),
                (task.faults.is_empty(), Found::Faults(&task.faults)),
            ];
            all.iter()
                .filter(|(empty, _)| !empty)
                .for_each(|(_, found)| sink.found(found));
        }
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.add(task, watch.keep);
    }

    fn stopped(&self) -> bool {
        self.files.watch.stop.load(Ordering::Relaxed) || self.files.live.is_lost()
    }
}
