//! Reports for the tests of the renderers.

use super::{ClockEvidence, Contents, Disagreement, Head, Reading, Report, Style, Summary, Within};
use crate::clock::{Answer, Standing, Votes};
use crate::gate::{Gate, Tally, Verdict, decide};
use crate::record::{Bound as WindowBound, Trust, Window};
use crate::rule::{Bound, BoundName, Cause, Certainty, Finding, Level, Names, Observation};
use crate::rule::{Suppressed, find};
use crate::source::{Carry, Class, Evidence, Refusal, Sample};
use crate::sys::{Boottime, path_from_bytes};
use crate::time::{Interval, Rate, Span, Timestamp, parse_instant};
use crate::walk::{Fault, FaultKind};
use std::path::PathBuf;

/// 2026-11-23T11:21:00Z, when all samples are audited.
pub(super) const NOW: i64 = 1_795_432_860;

pub(super) const PLAIN: Style = Style {
    colour: false,
    verbose: false,
};

pub(super) const VERBOSE: Style = Style {
    colour: false,
    verbose: true,
};

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds, 0)
}

const ONE: Votes = Votes { agreeing: 1, of: 1 };

fn answer(address: &str, class: Class, time: Interval) -> Answer {
    Answer {
        address: address.to_owned(),
        scheme: "fixed",
        standing: Standing::Agrees,
        said: Ok(Sample {
            class,
            time,
            taken: Boottime::at(0),
            carry: Carry::Ruler(Rate::within(500)),
            evidence: Evidence::default(),
        }),
    }
}

/// An audit of `dist` in which nothing was found, by the builder's own clock.
pub(super) fn clean() -> Report {
    let trusted = Interval::exactly(at(NOW));
    let refused = Answer {
        address: "kernel:".to_owned(),
        scheme: "kernel",
        standing: Standing::None,
        said: Err(Refusal::Unsynchronised),
    };
    let head = Head {
        version: "0.1.0",
        roots: vec![PathBuf::from("dist")],
        roots_are_default: false,
        profile: "default",
        clock: ClockEvidence {
            trusted,
            taken: Boottime::at(0),
            class: Class::System,
            votes: ONE,
            answers: vec![refused, answer("system:", Class::System, trusted)],
            builder: Some(at(NOW)),
        },
        window: Window::default(),
        record: None,
        source_date: None,
    };
    Report {
        head,
        verdict: Verdict::Pass,
        reason: String::new(),
        summary: Summary {
            entries: 1234,
            looked: Contents::default(),
            tally: Tally {
                files: 1200,
                findings: [0; 3],
                faults: 0,
                vanished: 0,
                class: Class::System,
            },
            suppressed: 0,
            elapsed: Span::from_millis(12),
        },
        findings: Vec::new(),
        suppressed: Vec::new(),
        faults: Vec::new(),
    }
    .counted()
}

/// The same by a stated clock.
pub(super) fn stated() -> Report {
    let mut report = clean();
    let time = Interval::around(at(NOW), Span::from_secs(1));
    report.head.clock = ClockEvidence {
        trusted: time,
        taken: Boottime::at(0),
        class: Class::Stated,
        votes: ONE,
        answers: vec![answer("fixed:2026-11-23T11:21:00Z±1s", Class::Stated, time)],
        builder: None,
    };
    report.head.window = Window {
        began: Some(stated_bound("@1795431000")),
        ended: Some(stated_bound("2026-11-23T11:20:00Z")),
    };
    report.head.source_date = parse_instant("@1795000000").ok();
    report.summary.tally.class = Class::Stated;
    report.counted()
}

fn stated_bound(text: &str) -> WindowBound {
    WindowBound {
        at: parse_instant(text).unwrap(),
        source: text.to_owned(),
        trust: Trust::Stated,
    }
}

/// Something of everything: two rules, two causes, hard links, what is accepted, what was not read.
pub(super) fn full() -> Report {
    let mut report = stated();
    report.head.roots.push(PathBuf::from("out/bin"));
    report.findings = vec![
        future("dist/lib/libfoo.so", 266_400),
        future("dist/lib/libbar.so", 7_260),
        linked("dist/bin/app", 3),
        linked("dist/bin/app-1.0", 3),
        imported("out/bin/vendor.js", 86_400 * 400),
        late("dist/app.sig", 30),
        possible("dist/app.tar", 3_600),
        unsynchronised(),
    ];
    report.suppressed = vec![Suppressed {
        finding: imported("dist/vendor/old.js", 60),
        reason: "Bazel's install base is dated ten years ahead".to_owned(),
    }];
    report.faults = vec![
        fault("dist/secret", FaultKind::Unreadable),
        fault("dist/tmp1234", FaultKind::Vanished),
    ];
    report.counted()
}

/// Names that try to steer the terminal and the CI system.
pub(super) fn hostile() -> Report {
    let names: [&[u8]; 6] = [
        b"dist/::error::gotcha",
        b"::stop-commands::x/a##[error]b",
        b"dist/a\n::error::b\x1b[31m",
        b"dist/\xff\xfe.bin",
        "dist/exe\u{202e}gpj.sh\u{9b}".as_bytes(),
        b"dist/  blank ",
    ];
    let mut report = clean();
    report.findings = names
        .iter()
        .map(|name| Finding {
            path: path_from_bytes(name).ok(),
            ..future("", 60)
        })
        .collect();
    let reason = "##[error]because\n::error::of".to_owned();
    report.suppressed = vec![Suppressed {
        finding: report.findings[1].clone(),
        reason: reason.clone(),
    }];
    report.faults = vec![Fault {
        path: path_from_bytes(names[3]).unwrap(),
        member: None,
        kind: FaultKind::Io,
        message: reason,
    }];
    report.head.roots = vec![path_from_bytes(names[2]).unwrap()];
    report.counted()
}

/// This many findings over 100 directories.
pub(super) fn many(count: i64) -> Report {
    let mut report = clean();
    report.findings = (0..count)
        .map(|index| {
            let path = format!("dist/{:02}/{index:06}.o", index % 100);
            future(&path, 1 + index)
        })
        .collect();
    report.counted()
}

/// A finding of `future-mtime` by `by` seconds, by a clock that was ahead.
pub(super) fn future(path: &str, by: i64) -> Finding {
    finding("future-mtime", path, NOW + by, (BoundName::Now, NOW))
}

pub(super) fn imported(path: &str, by: i64) -> Finding {
    let mut finding = future(path, by);
    finding.observation.cause = Some(Cause::Imported);
    finding
}

/// One name of a file that has several.
pub(super) fn linked(path: &str, links: u64) -> Finding {
    Finding {
        names: Some(Names {
            device: 66_306,
            inode: u64::MAX,
            links,
        }),
        ..future(path, 180)
    }
}

fn late(path: &str, by: i64) -> Finding {
    let end = NOW - 60;
    let mut finding = finding(
        "after-build-end",
        path,
        end + by,
        (BoundName::BuildEnd, end),
    );
    finding.observation.cause = Some(Cause::Late);
    finding
}

fn possible(path: &str, by: i64) -> Finding {
    let date = 1_795_000_000;
    let mut finding = finding(
        "beyond-source-date",
        path,
        date + by,
        (BoundName::SourceDate, date),
    );
    finding.observation.certainty = Certainty::Possible;
    finding.observation.cause = None;
    finding
}

pub(super) fn unsynchronised() -> Finding {
    let mut finding = finding("clock-unsynchronised", "", 0, (BoundName::Now, 0));
    finding.path = None;
    finding.observation = Observation {
        member: None,
        field: "adjtimex",
        found: None,
        bound: None,
        cause: None,
        subject: None,
        detail: Some("nothing keeps this machine's clock in step".into()),
        ..finding.observation
    };
    finding
}

fn finding(rule: &str, path: &str, found: i64, bound: (BoundName, i64)) -> Finding {
    let rule = find(rule).unwrap();
    Finding {
        rule,
        level: rule.level,
        path: Some(PathBuf::from(path)),
        names: None,
        observation: Observation {
            member: None,
            field: "mtime",
            found: Some(Interval::exactly(at(found))),
            bound: Some(Bound {
                name: bound.0,
                at: Interval::exactly(at(bound.1)),
            }),
            certainty: Certainty::Proven,
            cause: Some(Cause::Clock),
            subject: None,
            detail: None,
        },
        written: None,
    }
}

pub(super) fn fault(path: &str, kind: FaultKind) -> Fault {
    Fault {
        path: PathBuf::from(path),
        member: None,
        kind,
        message: "Permission denied (os error 13)".to_owned(),
    }
}

impl Report {
    /// Sorted, counted and judged as an audit does it.
    pub(super) fn counted(mut self) -> Self {
        self.findings.sort_by(Finding::order);
        let of = |level| self.findings.iter().filter(move |one| one.level == level);
        let tally = &mut self.summary.tally;
        tally.findings = [Level::Note, Level::Warning, Level::Error]
            .map(|level| u64::try_from(of(level).count()).unwrap());
        let gone = |fault: &&Fault| fault.kind == FaultKind::Vanished;
        tally.vanished = u64::try_from(self.faults.iter().filter(gone).count()).unwrap();
        tally.faults = u64::try_from(self.faults.len()).unwrap() - tally.vanished;
        self.summary.suppressed = u64::try_from(self.suppressed.len()).unwrap();
        let gate = Gate {
            fail_on: Some(Level::Error),
            independent_clock: false,
            nothing_vanishes: false,
        };
        (self.verdict, self.reason) = decide(&self.summary.tally, &gate);
        self
    }
}

/// A reading in which one agrees, one follows, one lies and one is silent; their addresses are hostile.
pub(super) fn reading() -> Reading {
    let seconds = |from: i64, to: i64| Interval::between(at(NOW + from), at(NOW + to));
    let outside = Standing::Outside {
        by: Span::from_secs(85),
        is_later: true,
    };
    let with = |address: &str, standing, time| Answer {
        standing,
        ..answer(address, Class::Network, time)
    };
    let silent = Answer {
        said: Err(Refusal::Unavailable("no\n##[error]".to_owned())),
        ..with("::silent\u{202e}", Standing::None, seconds(0, 0))
    };
    let answers = vec![
        with("ntp:one", Standing::Agrees, seconds(-10, 5)),
        with("ntp:two\x1b[31m", Standing::Follows, seconds(-20, 20)),
        with("ntp:three##[x]", outside, seconds(90, 100)),
        silent,
    ];
    Reading {
        version: "0.1.0",
        clock: Ok(ClockEvidence {
            trusted: seconds(-10, 5),
            taken: Boottime::at(0),
            class: Class::Network,
            votes: Votes { agreeing: 2, of: 3 },
            answers,
            builder: Some(at(NOW - 4)),
        }),
        is_kept: Some(false),
        within: Some(Within {
            limit: Span::from_secs(2),
            is_proven: false,
        }),
    }
}

/// The same sources without an agreement.
pub(super) fn disagreement() -> Reading {
    let mut reading = reading();
    reading.within = None;
    if let Ok(clock) = reading.clock {
        reading.clock = Err(Disagreement {
            remedy: "name more",
            reason: "they do not\nagree".to_owned(),
            answers: clock.answers,
        });
    }
    reading
}
