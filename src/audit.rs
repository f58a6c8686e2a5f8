//! One audit, from options to report.

use crate::clock::{self, Builder, Clock};
use crate::gate::{self, Gate, Tally};
use crate::record::Window;
use crate::report::{ClockEvidence, Found, Head, Report, Summary};
use crate::rule::{Batch, Finding, Judge, Level, Policy, Suppressed};
use crate::source::{Class, Named};
use crate::sys;
use crate::time::{Interval, Order, Span};
use crate::walk::{self, Entry, Fault, FaultKind, Visitor};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What to audit, against what, and what a pass takes.
#[derive(Debug)]
pub struct Options {
    /// What to walk.
    pub walk: walk::Options,
    /// Whether skewgate chose the roots itself.
    pub roots_are_default: bool,
    /// Whom to ask the time; none for `auto`.
    pub sources: Vec<Named>,
    /// When the build began and ended.
    pub window: Window,
    /// The second that `SOURCE_DATE_EPOCH` names.
    pub source_date: Option<Interval>,
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
    Clock(#[from] clock::Error),
    /// The roots cannot be walked.
    #[error(transparent)]
    Walk(#[from] walk::Error),
    /// The window is empty.
    #[error("the build cannot end ({ended}) before it began ({began})")]
    Window {
        /// What was said of its start.
        began: String,
        /// What was said of its end.
        ended: String,
    },
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

/// Audits.
///
/// # Errors
/// When nothing could be audited at all.
pub fn run(options: &Options, watch: Watch<'_>) -> Result<Report, Error> {
    let started = sys::boottime();
    let clock = clock::ask(&options.sources)?;
    let builder = Builder::look();
    let now = clock.now();
    check_window(&options.window, now)?;
    let head = head(options, &clock, &builder, now);
    if let Some(sink) = watch.sink {
        sink.begin(&head);
    }
    let lag = sys::coarse_tick().unwrap_or(Span::ZERO).max(LEAST_LAG);
    let judge = Judge::new(
        &options.policy,
        &clock,
        &options.window,
        options.source_date,
        lag,
    );
    let audit = Audit {
        judge,
        watch,
        gathered: Mutex::default(),
    };
    walk::walk(&options.walk, &audit)?;
    let mut batch = audit.begin();
    audit.judge.judge_build(&builder, &mut batch.judged);
    audit.end(batch);
    if audit.stopped() {
        return Err(Error::Interrupted);
    }
    let gathered = audit
        .gathered
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    Ok(gathered.into_report(head, &options.gate, sys::boottime().since(started)))
}

/// The coarsest tick of any Linux kernel (`HZ=100`): what another machine's kernel may have that
/// stamps the files of a network file system.
const LEAST_LAG: Span = Span::from_millis(10);

fn check_window(window: &Window, now: Interval) -> Result<(), Error> {
    let Some(began) = &window.began else {
        return Ok(());
    };
    if let Some(ended) = window
        .ended
        .as_ref()
        .filter(|end| end.at.order(began.at) == Order::Before)
    {
        return Err(Error::Window {
            began: began.source.clone(),
            ended: ended.source.clone(),
        });
    }
    if began.at.order(now) == Order::After {
        let now = now.latest().map(|at| at.to_string()).unwrap_or_default();
        return Err(Error::NotYet {
            began: began.source.clone(),
            now,
        });
    }
    Ok(())
}

fn head(options: &Options, clock: &Clock, builder: &Builder, now: Interval) -> Head {
    let judges_builder = clock.class() != Class::Stated;
    Head {
        version: env!("CARGO_PKG_VERSION"),
        roots: options
            .walk
            .roots
            .iter()
            .map(|root| root.path().to_owned())
            .collect(),
        roots_are_default: options.roots_are_default,
        profile: options.profile,
        clock: ClockEvidence {
            trusted: now,
            class: clock.class(),
            answers: clock.answers().to_vec(),
            builder: judges_builder.then_some(builder.wall_clock),
        },
        window: options.window.clone(),
        source_date: options.source_date,
    }
}

/// An audit under way.
struct Audit<'audit> {
    judge: Judge<'audit>,
    watch: Watch<'audit>,
    gathered: Mutex<Gathered>,
}

/// What one task found.
struct Task {
    judged: Batch,
    faults: Vec<Fault>,
}

/// What all tasks found.
#[derive(Default)]
struct Gathered {
    entries: u64,
    files: u64,
    levels: [u64; 3],
    suppressed_count: u64,
    faults_count: u64,
    vanished: u64,
    findings: Vec<Finding>,
    suppressed: Vec<Suppressed>,
    faults: Vec<Fault>,
}

impl Visitor for Audit<'_> {
    type Batch = Task;

    fn begin(&self) -> Task {
        Task {
            judged: Batch::default(),
            faults: Vec::new(),
        }
    }

    fn entry(&self, task: &mut Task, entry: &Entry<'_>) {
        self.judge.judge(entry, &mut task.judged);
    }

    fn fault(&self, task: &mut Task, fault: Fault) {
        task.faults.push(fault);
    }

    fn end(&self, task: Task) {
        let Task { judged, faults } = task;
        self.watch.seen.fetch_add(judged.entries, Ordering::Relaxed);
        if let Some(sink) = self.watch.sink {
            let all = [
                (
                    judged.findings.is_empty(),
                    Found::Findings(&judged.findings),
                ),
                (
                    judged.suppressed.is_empty(),
                    Found::Suppressed(&judged.suppressed),
                ),
                (faults.is_empty(), Found::Faults(&faults)),
            ];
            all.iter()
                .filter(|(empty, _)| !empty)
                .for_each(|(_, found)| sink.found(found));
        }
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.count(&judged, &faults);
        if self.watch.keep {
            gathered.findings.extend(judged.findings);
            gathered.suppressed.extend(judged.suppressed);
            gathered.faults.extend(faults);
        }
    }

    fn stopped(&self) -> bool {
        self.watch.stop.load(Ordering::Relaxed)
    }
}

impl Gathered {
    fn count(&mut self, judged: &Batch, faults: &[Fault]) {
        self.entries += judged.entries;
        self.files += judged.files;
        for finding in &judged.findings {
            let [notes, warnings, errors] = &mut self.levels;
            match finding.level {
                Level::Off => {}
                Level::Note => *notes += 1,
                Level::Warning => *warnings += 1,
                Level::Error => *errors += 1,
            }
        }
        self.suppressed_count += count(judged.suppressed.len());
        let vanished = faults
            .iter()
            .filter(|fault| fault.kind == FaultKind::Vanished)
            .count();
        self.vanished += count(vanished);
        self.faults_count += count(faults.len() - vanished);
    }

    fn into_report(mut self, head: Head, gate: &Gate, elapsed: Span) -> Report {
        self.findings.sort_unstable_by(Finding::order);
        self.suppressed
            .sort_unstable_by(|one, other| one.finding.order(&other.finding));
        self.faults
            .sort_unstable_by(|one, other| (&one.path, one.kind).cmp(&(&other.path, other.kind)));
        let tally = Tally {
            files: self.files,
            findings: self.levels,
            faults: self.faults_count,
            vanished: self.vanished,
            class: head.clock.class,
        };
        let (verdict, reason) = gate::decide(&tally, gate);
        Report {
            head,
            verdict,
            reason,
            summary: Summary {
                entries: self.entries,
                tally,
                suppressed: self.suppressed_count,
                elapsed,
            },
            findings: self.findings,
            suppressed: self.suppressed,
            faults: self.faults,
        }
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
