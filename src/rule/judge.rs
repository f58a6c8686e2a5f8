//! Every rule on one artifact: the hot path of an audit, and what is said when it is left.

use super::embedded;
use super::policy::Anchor;
use super::{
    Artifact, BuildFacts, Calm, Certainty, Check, Facts, Finding, Names, Observation, Opened,
};
use super::{Policy, RULES, Times, Written};
use crate::clock::{Builder, Clock, Live};
use crate::format::{self, Content, sentinel};
use crate::receiver::{Looks, Receiver};
use crate::record::{Consulted, Window};
use crate::sys::{Boottime, Filesystem, Kind, Stat, boottime};
use crate::time::{Interval, Span, Timestamp};
use crate::walk::Entry;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

/// What one task found.
#[derive(Debug, Default)]
pub struct Batch {
    /// How many artifacts were judged.
    pub entries: u64,
    /// How many of them are no directories.
    pub files: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What is wrong and accepted.
    pub suppressed: Vec<Suppressed>,
    /// The file system that was asked for last. Most of a batch is on one.
    filesystem: Option<(u64, Filesystem)>,
}

/// A finding that is accepted.
#[derive(Debug, Clone)]
pub struct Suppressed {
    /// What was found.
    pub finding: Finding,
    /// Why it is accepted.
    pub reason: String,
}

/// What every artifact is held against beside the clock.
#[derive(Debug, Clone, Copy)]
pub struct Against<'audit> {
    /// When the build began and ended.
    pub window: &'audit Window,
    /// What the builder's own clock showed when the build began, where artifacts are held against that.
    pub begin_by_builder: Option<Interval>,
    /// The second that `SOURCE_DATE_EPOCH` names.
    pub source_date: Option<Interval>,
    /// Who will be given the artifacts.
    pub receivers: &'audit [&'static Receiver],
    /// How far the clock that stamps files may lag the wall clock.
    pub lag: Span,
    /// The record of the build.
    pub record: Option<&'audit Consulted<'audit>>,
    /// By how many parts per million the builder's clock may run too fast or too slow.
    pub drift_limit: u32,
}

/// What every artifact of an audit is held against.
#[derive(Debug)]
pub struct Judge<'audit> {
    policy: &'audit Policy,
    clock: &'audit Live,
    against: Against<'audit>,
    /// Where no rule has anything to say. Trusted now only ever gets later, so what was calm at the
    /// start stays calm.
    calm: Calm,
    /// The same of times inside artifacts.
    inside: Calm,
    /// The earliest that it can have been when it began.
    now: Timestamp,
}

/// An artifact that was looked into, as it was when the walk met it.
#[derive(Debug)]
pub struct Subject {
    stat: Stat,
    path: PathBuf,
    anchored: PathBuf,
    created: Option<Timestamp>,
    filesystem: Filesystem,
}

impl Subject {
    /// Takes along what is needed to judge an entry once the walk is elsewhere.
    pub fn of(entry: &Entry<'_>) -> Self {
        Self {
            stat: entry.stat,
            path: entry.path(),
            anchored: entry.anchored(),
            created: entry.created(),
            filesystem: entry.filesystem(),
        }
    }

    /// Its path, as reports show it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the system said of it.
    pub const fn stat(&self) -> &Stat {
        &self.stat
    }
}

/// Where an artifact is, as far as anybody asks, and when that was.
struct Place<'a> {
    stat: &'a Stat,
    path: &'a dyn Fn() -> PathBuf,
    anchor: Anchor<'a>,
    /// When it was really written, if the record of the build tells.
    written: Option<Written>,
    /// What the time was once it had been read.
    now: Interval,
}

impl<'audit> Judge<'audit> {
    /// Gets ready to judge. `now` is what the time is, or is presumed to be while the clock is not known.
    pub fn new(
        policy: &'audit Policy,
        clock: &'audit Live,
        now: Interval,
        against: Against<'audit>,
    ) -> Self {
        let mut judge = Self {
            policy,
            clock,
            against,
            calm: Calm::ALWAYS,
            inside: Calm::ALWAYS,
            now: now.earliest().unwrap_or(Timestamp::DISTANT_PAST),
        };
        (judge.calm, judge.inside) = judge.calm_at(now);
        judge
    }

    /// Where no rule has anything to say from `now` on: of artifacts' own times, and of those inside.
    fn calm_at(&self, now: Interval) -> (Calm, Calm) {
        let facts = self.facts(now, Span::ZERO);
        let checks = RULES
            .iter()
            .filter(|rule| self.policy.is_on(rule))
            .flat_map(|rule| rule.checks);
        checks.fold(
            (Calm::ALWAYS, Calm::ALWAYS),
            |(own, inside), check| match check {
                Check::Artifact { calm, .. } => (own.and(calm(&facts)), inside),
                Check::Stamp { calm, .. } => (own, inside.and(calm(&facts))),
                Check::Content(_) | Check::Build(_) => (own, inside),
            },
        )
    }

    /// The times inside artifacts that need not be kept.
    pub fn calm_inside(&self) -> format::Calm {
        let end = self.against.window.end().and_then(Interval::earliest);
        let mut receivers = self.against.receivers.iter();
        let compares = |receiver: &&'static Receiver| {
            matches!(
                receiver.looks,
                Looks::Inside {
                    signatures: true,
                    ..
                }
            )
        };
        format::Calm {
            from: self.inside.from,
            to: self.inside.to,
            possible: self.policy.possible,
            now: end.map_or(self.now, |end| end.min(self.now)),
            signatures: receivers.any(compares),
        }
    }

    /// What an artifact is held against that was read when it was `now`.
    fn facts(&self, now: Interval, tolerance: Span) -> Facts<'audit> {
        let Against {
            window,
            begin_by_builder,
            source_date,
            receivers,
            ..
        } = self.against;
        Facts {
            now,
            window,
            begin_by_builder,
            source_date,
            receivers,
            tolerance,
        }
    }

    /// Whether what was passed over since `began` would have been by this clock, too.
    pub fn passed_over_rightly(&self, clock: &Clock, began: Boottime) -> bool {
        let now = clock.at(began);
        let (own, inside) = self.calm_at(now);
        // Times that lack their zone are counted as of then: to the minute that count is the same.
        let off = now.earliest().map(|now| now.since(self.now).abs());
        let is_near = off.is_some_and(|off| off <= Span::from_secs(60));
        own.covers(self.calm) && inside.covers(self.inside) && is_near
    }

    /// Judges one artifact.
    #[inline]
    pub fn judge(&self, entry: &Entry<'_>, batch: &mut Batch) {
        let stat = &entry.stat;
        batch.entries += 1;
        batch.files += u64::from(stat.kind != Kind::Directory);
        let changed = stat.changed.unwrap_or(Timestamp::DISTANT_PAST);
        let is_calm = stat.modified >= self.calm.from
            && stat.modified <= self.calm.to
            && changed <= self.calm.changed_to;
        if !is_calm {
            self.look_closely(entry, batch);
        }
    }

    #[cold]
    fn look_closely(&self, entry: &Entry<'_>, batch: &mut Batch) {
        // As of now, after the entry was read: what was written meanwhile is not from the future. And
        // not as of when the clock is known at last: what is from the future would be so no more.
        let read = boottime();
        // Without a clock there is no verdict, and this artifact needs none.
        let Ok(clock) = self.clock.wait() else { return };
        let now = clock.at(read);
        let filesystem = batch.filesystem_of(entry);
        let artifact = self.artifact(&entry.stat, entry.created(), filesystem, &clock);
        let anchored = OnceCell::new();
        let anchor = || anchored.get_or_init(|| entry.anchored()).as_path();
        let place = Place {
            stat: &entry.stat,
            path: &|| entry.path(),
            anchor: &anchor,
            written: artifact.really,
            now,
        };
        let look = |check: &Check, facts: &Facts<'_>, seen: &mut Vec<Observation>| {
            if let Check::Artifact { judge, .. } = check {
                seen.extend(judge(&artifact, facts));
            }
        };
        self.hold(&place, &look, batch);
    }

    /// Judges what was found inside an artifact, which was read by `read`.
    pub fn judge_content(
        &self,
        subject: &Subject,
        content: &Content,
        read: Boottime,
        batch: &mut Batch,
    ) {
        let Ok(clock) = self.clock.wait() else { return };
        let now = clock.at(read);
        let artifact = self.artifact(&subject.stat, subject.created, subject.filesystem, &clock);
        let place = Place {
            stat: &subject.stat,
            path: &|| subject.path.clone(),
            anchor: &|| subject.anchored.as_path(),
            written: artifact.really,
            now,
        };
        let opened = Opened {
            name: subject.path.file_name().unwrap_or_default(),
            artifact: &artifact,
            content,
        };
        let look = |check: &Check, facts: &Facts<'_>, seen: &mut Vec<Observation>| match check {
            Check::Stamp { judge, .. } => {
                let judge = |kept: &_| judge(kept, &artifact, facts);
                seen.extend(embedded::of_members(&content.stamps, judge));
            }
            Check::Content(judge) => seen.extend(judge(&opened, facts)),
            Check::Artifact { .. } | Check::Build(_) => {}
        };
        self.hold(&place, &look, batch);
    }

    /// An artifact as the rules see it.
    fn artifact(
        &self,
        stat: &Stat,
        created: Option<Timestamp>,
        filesystem: Filesystem,
        clock: &Clock,
    ) -> Artifact {
        let source_date = self.against.source_date.and_then(Interval::earliest);
        let is_constant = sentinel(stat.modified, "mtime", false).is_some();
        let mut artifact = Artifact {
            kind: stat.kind,
            times: Times {
                modified: stat.modified,
                changed: stat.changed,
                created,
            },
            filesystem,
            lag: self.against.lag,
            is_deliberate: source_date == Some(stat.modified) || is_constant,
            really: None,
        };
        artifact.really = self.really_written(&artifact, clock);
        artifact
    }

    /// Holds an artifact against every rule, and files what `look` sees by each of their checks.
    fn hold(
        &self,
        place: &Place<'_>,
        look: &dyn Fn(&Check, &Facts<'_>, &mut Vec<Observation>),
        batch: &mut Batch,
    ) {
        let settings = self.policy.settings_at(place.anchor);
        let mut seen = Vec::new();
        for (rule, setting) in settings.on() {
            let facts = self.facts(place.now, setting.tolerance);
            for check in rule.checks {
                look(check, &facts, &mut seen);
            }
            for observation in seen.drain(..).filter(|seen| self.reports(seen)) {
                let stat = place.stat;
                let names = stat
                    .identity()
                    .filter(|_| stat.links > 1 && stat.kind != Kind::Directory);
                let finding = Finding {
                    rule,
                    level: setting.level,
                    path: Some((place.path)()),
                    names: names.map(|(device, inode)| Names {
                        device,
                        inode,
                        links: stat.links,
                    }),
                    written: place.written.filter(|_| observation.member.is_none()),
                    observation,
                };
                self.file(finding, Some(place.anchor), place.now, batch);
            }
        }
    }

    /// When an artifact was really written, if the record tells.
    fn really_written(&self, artifact: &Artifact, clock: &Clock) -> Option<Written> {
        let record = self.against.record?;
        let drift = record.account(clock).until_now.as_ref()?;
        let is_builder = record.documented.is_builder();
        is_builder.then(|| artifact.really_written(drift)).flatten()
    }

    /// Judges the build as a whole, once all artifacts were seen.
    pub fn judge_build(&self, clock: &Clock, builder: &Builder, batch: &mut Batch) {
        // What the time is by now is known best by what was asked last.
        let now = self
            .clock
            .wait()
            .map_or_else(|_none| clock.now(), |last| last.now());
        let record = self.against.record;
        for (rule, setting) in self.policy.settings.on() {
            let judges = rule.checks.iter().filter_map(|check| match check {
                Check::Build(judge) => Some(judge),
                Check::Artifact { .. } | Check::Stamp { .. } | Check::Content(_) => None,
            });
            let facts = BuildFacts {
                now,
                clock,
                builder,
                source_date: self.against.source_date,
                record: record.map(|record| (record.documented, record.account(clock))),
                drift_limit: self.against.drift_limit,
                ignores: &self.policy.ignores,
                tolerance: setting.tolerance,
            };
            for observation in judges.flat_map(|judge| judge(&facts)) {
                if !self.reports(&observation) {
                    continue;
                }
                let finding = Finding {
                    rule,
                    level: setting.level,
                    path: None,
                    names: None,
                    observation,
                    written: None,
                };
                self.file(finding, None, now, batch);
            }
        }
    }

    /// Puts a finding where it belongs: beside the others, or among what is accepted.
    fn file(&self, finding: Finding, anchor: Option<Anchor<'_>>, now: Interval, batch: &mut Batch) {
        match self.policy.ignore(finding.rule, anchor, now) {
            Some(ignore) => {
                let reason = ignore.reason.clone();
                batch.suppressed.push(Suppressed { finding, reason });
            }
            None => batch.findings.push(finding),
        }
    }

    fn reports(&self, observation: &Observation) -> bool {
        self.policy.possible || observation.certainty == Certainty::Proven
    }
}

impl Batch {
    fn filesystem_of(&mut self, entry: &Entry<'_>) -> Filesystem {
        match self.filesystem {
            Some((device, known)) if device == entry.stat.device => known,
            _ => {
                let found = entry.filesystem();
                self.filesystem = Some((entry.stat.device, found));
                found
            }
        }
    }
}
