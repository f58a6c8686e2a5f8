//! Named starting points: how strict an audit is before anybody sets anything.

use super::FailOn;
use crate::gate::Gate;
use crate::rule::Level;
use crate::time::Span;

/// A named starting point.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// What it is called.
    pub name: &'static str,
    /// What it is for, in a line.
    pub summary: &'static str,
    /// The level to fail on.
    pub fail_on: FailOn,
    /// Whether what is only possible is reported too.
    pub possible: bool,
    /// What every rule lets pass.
    pub tolerance: Span,
    independent_clock: bool,
    nothing_vanishes: bool,
}

pub(super) const DEFAULT: Profile = Profile {
    name: "default",
    summary: "after a build: errors fail, the builder's own clock will do but is named as such",
    fail_on: Some(Level::Error),
    possible: false,
    // What peers arrived at after years of complaints lies between 1 s and 30 s; below two, FAT and
    // zip could not tell.
    tolerance: Span::from_secs(2),
    independent_clock: false,
    nothing_vanishes: false,
};

/// Every profile, the default first.
pub const PROFILES: &[Profile] = &[
    DEFAULT,
    Profile {
        name: "release",
        summary: "before signing: warnings fail, and the clock must not be the builder's own",
        fail_on: Some(Level::Warning),
        independent_clock: true,
        nothing_vanishes: true,
        ..DEFAULT
    },
    Profile {
        name: "strict",
        summary: "no tolerance: warnings fail, and so does what is only possible",
        fail_on: Some(Level::Warning),
        possible: true,
        tolerance: Span::ZERO,
        nothing_vanishes: true,
        ..DEFAULT
    },
];

impl Profile {
    /// What a pass takes under this profile.
    pub const fn gate(&self, fail_on: FailOn) -> Gate {
        Gate {
            fail_on,
            independent_clock: self.independent_clock,
            nothing_vanishes: self.nothing_vanishes,
        }
    }
}

/// The profile with this name.
///
/// # Errors
/// With the sentence to show.
pub fn profile(name: &str) -> Result<&'static Profile, String> {
    PROFILES
        .iter()
        .find(|profile| profile.name == name)
        .ok_or_else(|| {
            let known: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
            format!("there is no profile `{name}`: write {}", known.join(", "))
        })
}
