//! How bad each rule is where, and what is known and accepted: the options of judging.

use super::{Level, RULES, Rule};
use crate::time::{Interval, Span};
use crate::walk::Patterns;
use std::borrow::Cow;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// An artifact's path from the base, put together when a pattern asks for it.
pub(super) type Anchor<'path> = &'path dyn Fn() -> &'path Path;

/// The options of judging.
#[derive(Debug)]
pub struct Policy {
    /// How each rule stands.
    pub settings: Settings,
    /// How that differs below some paths; later ones win.
    pub overrides: Vec<Override>,
    /// What is known and accepted.
    pub ignores: Vec<Ignore>,
    /// Whether what is only possible is reported too.
    pub possible: bool,
}

/// How one rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// How bad its findings are.
    pub level: Level,
    /// What it lets pass.
    pub tolerance: Span,
}

/// How every rule stands, in the order of [`RULES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings(Vec<Setting>);

impl Settings {
    /// As the rules themselves have it, with one tolerance.
    pub fn new(tolerance: Span) -> Self {
        Self(
            RULES
                .iter()
                .map(|rule| Setting {
                    level: rule.level,
                    tolerance,
                })
                .collect(),
        )
    }

    /// How a rule stands.
    pub fn of(&self, rule: &Rule) -> Setting {
        let off = Setting {
            level: Level::Off,
            tolerance: Span::ZERO,
        };
        self.0.get(rule.index()).copied().unwrap_or(off)
    }

    /// Every rule that is looked for, with how it stands.
    pub(super) fn on(&self) -> impl Iterator<Item = (&'static Rule, Setting)> {
        RULES
            .iter()
            .zip(self.0.iter().copied())
            .filter(|(_, setting)| setting.level > Level::Off)
    }

    /// Makes a change.
    pub fn change(&mut self, change: &Change) {
        for (rule, setting) in RULES.iter().zip(&mut self.0) {
            if change.rule.is_none_or(|only| only.id == rule.id) {
                setting.level = change.level.unwrap_or(setting.level);
                setting.tolerance = change.tolerance.unwrap_or(setting.tolerance);
            }
        }
    }
}

/// One change to how rules stand.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// Of which rule; `None` for all.
    pub rule: Option<&'static Rule>,
    /// To which level.
    pub level: Option<Level>,
    /// To which tolerance.
    pub tolerance: Option<Span>,
}

/// What differs below some paths.
#[derive(Debug)]
pub struct Override {
    /// Where.
    pub paths: Patterns,
    /// What.
    pub changes: Vec<Change>,
}

/// Findings that are known and accepted.
#[derive(Debug)]
pub struct Ignore {
    /// Of which rule.
    pub rule: &'static Rule,
    /// On which artifacts; without, those about the build.
    pub paths: Option<Patterns>,
    /// The patterns as they were written.
    pub written: String,
    /// Why that is accepted.
    pub reason: String,
    /// Until when.
    pub expires: Option<Interval>,
    /// Where it stands, for people: file and line.
    pub origin: String,
    /// Whether the audit could have met what it names.
    pub in_scope: bool,
    /// How many findings it took.
    pub taken: AtomicU64,
}

impl Ignore {
    /// Whether its term is over for sure.
    pub fn has_expired(&self, now: Interval) -> bool {
        self.expires
            .is_some_and(|end| now.earliest() > end.latest())
    }

    /// How many findings it took.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Whether it takes a finding of `rule`, and counts that it did.
    fn takes(&self, rule: &Rule, anchor: Option<Anchor<'_>>, now: Interval) -> bool {
        let is_here = || match (&self.paths, anchor) {
            (Some(paths), Some(anchor)) => paths.cover(anchor()),
            (None, None) => true,
            _ => false,
        };
        let takes = self.rule.id == rule.id && is_here() && !self.has_expired(now);
        if takes {
            self.taken.fetch_add(1, Ordering::Relaxed);
        }
        takes
    }
}

impl Policy {
    /// How the rules stand for one artifact.
    pub(super) fn settings_at<'path>(
        &self,
        anchor: impl FnOnce() -> &'path Path,
    ) -> Cow<'_, Settings> {
        if self.overrides.is_empty() {
            return Cow::Borrowed(&self.settings);
        }
        let path = anchor();
        let mut settings = Cow::Borrowed(&self.settings);
        for place in self
            .overrides
            .iter()
            .filter(|place| place.paths.cover(path))
        {
            for change in &place.changes {
                settings.to_mut().change(change);
            }
        }
        settings
    }

    /// Forgets what the ignores took: everything is judged again.
    pub fn count_anew(&self) {
        for ignore in &self.ignores {
            ignore.taken.store(0, Ordering::Relaxed);
        }
    }

    /// Whether a rule is looked for anywhere.
    pub(super) fn is_on(&self, rule: &Rule) -> bool {
        let raised = |change: &Change| {
            change.rule.is_some_and(|other| other.id == rule.id)
                && change.level.is_some_and(|level| level > Level::Off)
        };
        self.settings.of(rule).level > Level::Off
            || self
                .overrides
                .iter()
                .flat_map(|place| &place.changes)
                .any(raised)
    }

    /// The ignore that takes a finding, if one does.
    pub(super) fn ignore(
        &self,
        rule: &Rule,
        anchor: Option<Anchor<'_>>,
        now: Interval,
    ) -> Option<&Ignore> {
        self.ignores
            .iter()
            .find(|ignore| ignore.takes(rule, anchor, now))
    }
}

#[cfg(test)]
mod tests {
    use super::{Ignore, Policy, Settings};
    use crate::rule::RULES;
    use crate::time::{Interval, Span, Timestamp};
    use std::sync::atomic::AtomicU64;

    #[test]
    fn what_is_judged_again_is_counted_anew() {
        let rule = &RULES[0];
        let ignore = Ignore {
            rule,
            paths: None,
            written: String::new(),
            reason: "known".to_owned(),
            expires: None,
            origin: String::new(),
            in_scope: true,
            taken: AtomicU64::new(0),
        };
        let policy = Policy {
            settings: Settings::new(Span::ZERO),
            overrides: Vec::new(),
            ignores: vec![ignore],
            possible: false,
        };
        let now = Interval::exactly(Timestamp::from_unix(0, 0));
        let taken = policy.ignore(rule, None, now).map(Ignore::taken);
        assert_eq!(taken, Some(1));
        policy.count_anew();
        assert_eq!(policy.ignores[0].taken(), 0);
    }
}
