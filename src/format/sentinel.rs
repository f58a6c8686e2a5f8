//! Times that producers write on purpose, whatever the clock says. They are no evidence of when
//! something was built, and not a fault.

use crate::time::{Span, Timestamp};

/// A well-known constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentinel {
    /// Who writes it.
    pub producer: &'static str,
    /// The value in seconds since 1970; of a local time, as if the zone were UTC.
    pub seconds: i64,
    /// Whether the zone of whoever wrote it shifts it.
    pub base: Base,
    /// Where it stands; elsewhere the same time is a time like others.
    pub scope: Scope,
}

/// Where a constant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// On files and in them.
    Anywhere,
    /// In fields whose name begins so.
    Fields(&'static str),
}

/// Where a constant counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// UTC: one exact value.
    Utc,
    /// The writer's local time: off by a zone's whole quarter hours, from 14 hours ahead of UTC to 12
    /// behind.
    Local,
}

/// Quarter hours, which all zones since 1980 are multiples of.
const QUARTER: i64 = 900;

/// How far behind a local constant the same can be in UTC, and how far after it, in seconds.
const ZONES: (i64, i64) = (14 * 3600, 12 * 3600);

const fn utc(producer: &'static str, seconds: i64) -> Sentinel {
    Sentinel {
        producer,
        seconds,
        base: Base::Utc,
        scope: Scope::Anywhere,
    }
}

const fn local(producer: &'static str, seconds: i64) -> Sentinel {
    Sentinel {
        producer,
        seconds,
        base: Base::Local,
        scope: Scope::Anywhere,
    }
}

const fn only(fields: &'static str, producer: &'static str, seconds: i64) -> Sentinel {
    Sentinel {
        scope: Scope::Fields(fields),
        ..utc(producer, seconds)
    }
}

/// The constants, each with where it was found.
pub const SENTINELS: &[Sentinel] = &[
    // google/go-containerregistry pkg/v1/mutate, kaniko --reproducible: Go's zero time.
    utc("crane, kaniko (year 1)", -62_135_596_800),
    // The zero of FILETIME and of HFS+, where a converter takes "unset" for a time.
    utc("FILETIME zero", -11_644_473_600),
    utc("HFS+ zero", -2_082_844_800),
    // What lib.exe /Brepro writes into the members of an import library.
    only("ar.", "MSVC lib", -1),
    // ostree src/libostree/ostree-core.h; RFC 1952 section 2.3.1 MTIME 0; ar D; SOURCE_DATE_EPOCH=0.
    utc("OSTree, gzip -n, ar D, SOURCE_DATE_EPOCH=0", 0),
    // nix src/libstore/posix-fs-canonicalise.cc mtimeStore; Jib layers.
    utc("Nix store, Jib", 1),
    // tar-rs before 0.4.31, HeaderMode::Deterministic; on files, where such a crate was unpacked.
    utc("tar-rs", 123_456_789),
    // What bsdtar, Go and PHP make of DOS date and time zero: the 0th of the 0th month of 1980.
    local("DOS zero date", 312_768_000),
    // pypa/wheel wheelfile.py, pex, rules_pkg, NuGet deterministic; local where a zip was unpacked.
    local("zip epoch (wheel, pex, NuGet)", 315_532_800),
    utc("Cloud Native Buildpacks", 315_532_801),
    utc("Maven, jar --date", 315_532_802),
    // Archive::Zip, strip-nondeterminism SAFE_EPOCH.
    utc("strip-nondeterminism", 315_576_060),
    utc("RubyGems", 315_619_200),
    // Gradle ZipCopyAction: 1980-02-01 in the default zone; Spring Boot: the same in UTC.
    local("Gradle, Spring Boot", 318_211_200),
    local("Android Gradle plugin", 347_158_862),
    utc("Yarn", 456_789_000),
    // facebook/buck ZipConstants: 1985-02-01 local.
    local("Buck", 476_064_000),
    utc("npm", 499_162_500),
    // The linkers of Borland and of Delphi up to 2006: 1992-06-19, whenever it was linked.
    only("pe.", "Borland, Delphi", 708_992_537),
    utc("Bazel rules_pkg", 946_684_800),
    utc("cabal sdist", 1_000_000_000),
    // tar-rs HeaderMode::Deterministic.
    utc("cargo package", 1_153_704_088),
    // bazel JarHelper.DEFAULT_TIMESTAMP, class files two seconds later.
    local("Bazel Java", 1_262_304_000),
    local("Bazel Java classes", 1_262_304_002),
    // GRUB's STABLE_EMBEDDING_TIMESTAMP.
    only("pe.", "GRUB", 1_420_070_400),
    utc("flit, poetry", 1_451_606_400),
    utc("Hatchling", 1_580_601_600),
    // klauspost/pgzip writes Go's zero time cut to 32 bits: every layer that umoci makes has it.
    only("gzip.", "Go zero time (pgzip)", 2_288_912_640),
    // The export directories of MSVC's linker.
    only("pe.", "MSVC link (all ones)", 4_294_967_295),
];

/// The constant that a time is, exactly and to the second, in a field of this name: `mtime` is a file's own.
///
/// `is_civil` is whether `at` is a local time that lacks its zone, taken as if it were in UTC.
pub fn sentinel(at: Timestamp, field: &str, is_civil: bool) -> Option<&'static Sentinel> {
    let near = near(at);
    if near.is_empty() || at.subsecond() != 0 {
        return None;
    }
    let seconds = at.seconds();
    let stands_here = |sentinel: &&Sentinel| match sentinel.scope {
        Scope::Anywhere => true,
        Scope::Fields(prefix) => field.starts_with(prefix),
    };
    let is = |sentinel: &&Sentinel| match sentinel.base {
        Base::Local if !is_civil => {
            let behind = seconds.saturating_sub(sentinel.seconds);
            (-ZONES.0..=ZONES.1).contains(&behind) && behind % QUARTER == 0
        }
        Base::Local | Base::Utc => seconds == sentinel.seconds,
    };
    near.iter().filter(stands_here).find(is)
}

/// The constants that a time can be in any zone. Nearly all times are near none, and are done with here.
fn near(at: Timestamp) -> &'static [Sentinel] {
    let (ahead, behind) = ZONES;
    let from = at.earlier(Span::from_secs(behind));
    let to = at.later(Span::from_secs(ahead));
    let stands = |sentinel: &Sentinel| Timestamp::from_unix(sentinel.seconds, 0);
    let first = SENTINELS.partition_point(|sentinel| stands(sentinel) < from);
    let rest = SENTINELS.get(first..).unwrap_or_default();
    let count = rest.partition_point(|sentinel| stands(sentinel) <= to);
    rest.get(..count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Base, SENTINELS, Scope, Sentinel, sentinel};
    use crate::time::Timestamp;

    fn producer(seconds: i64) -> Option<&'static str> {
        sentinel(Timestamp::from_unix(seconds, 0), "mtime", false).map(|sentinel| sentinel.producer)
    }

    #[test]
    fn a_constant_is_known_only_to_the_second() {
        assert_eq!(producer(499_162_500), Some("npm"));
        assert_eq!(producer(499_162_501), None);
        assert_eq!(
            sentinel(Timestamp::from_unix(499_162_500, 1), "mtime", false),
            None
        );
    }

    #[test]
    fn a_local_constant_is_known_in_every_zone() {
        // 1980-01-01 at midnight in Tokyo and in New York.
        assert_eq!(
            producer(315_532_800 - 9 * 3600),
            Some("zip epoch (wheel, pex, NuGet)")
        );
        assert_eq!(
            producer(315_532_800 + 5 * 3600),
            Some("zip epoch (wheel, pex, NuGet)")
        );
        assert_eq!(producer(315_532_800 - 9 * 3600 + 60), None);
        assert_eq!(producer(312_768_000 + 15 * 3600), None);
    }

    #[test]
    fn a_constant_counts_where_its_producer_writes_it() {
        let at = Timestamp::from_unix(2_288_912_640, 0);
        let producer = |field| sentinel(at, field, false).map(|found| found.producer);
        assert_eq!(producer("gzip.mtime"), Some("Go zero time (pgzip)"));
        assert_eq!(producer("tar.mtime"), None);
        assert_eq!(producer("mtime"), None);
    }

    #[test]
    fn a_local_constant_without_a_zone_is_known_by_its_digits() {
        let is =
            |seconds| sentinel(Timestamp::from_unix(seconds, 0), "zip.central", true).is_some();
        assert!(is(318_211_200) && is(315_532_800));
        assert!(!is(318_211_200 + 3600) && !is(318_211_200 - 900));
    }

    #[test]
    fn the_table_is_in_order_of_time() {
        assert!(SENTINELS.is_sorted_by_key(|sentinel| sentinel.seconds));
    }

    /// What it is said to be, with a look at the whole table.
    fn slow(seconds: i64, field: &str, is_civil: bool) -> Option<&'static Sentinel> {
        SENTINELS.iter().find(|sentinel| {
            let stands_here = match sentinel.scope {
                Scope::Anywhere => true,
                Scope::Fields(prefix) => field.starts_with(prefix),
            };
            let behind = seconds.saturating_sub(sentinel.seconds);
            let is_in_a_zone = sentinel.base == Base::Local
                && !is_civil
                && (-14 * 3600..=12 * 3600).contains(&behind)
                && behind % 900 == 0;
            stands_here && (behind == 0 || is_in_a_zone)
        })
    }

    #[test]
    fn nothing_is_missed_by_looking_only_nearby() {
        let hours = (-16..=16).flat_map(|hour| [-1, 0, 1, 900].map(|by| hour * 3600 + by));
        let hours: Vec<i64> = hours.collect();
        for (constant, by) in SENTINELS
            .iter()
            .flat_map(|one| hours.iter().map(move |by| (one, by)))
        {
            let seconds = constant.seconds.saturating_add(*by);
            for (field, is_civil) in [("mtime", false), ("zip.central", true), ("pe.x", false)] {
                let at = Timestamp::from_unix(seconds, 0);
                let (fast, slow) = (
                    sentinel(at, field, is_civil),
                    slow(seconds, field, is_civil),
                );
                assert_eq!(fast, slow, "{seconds} {field}");
            }
        }
        for at in [Timestamp::DISTANT_PAST, Timestamp::DISTANT_FUTURE] {
            assert_eq!(sentinel(at, "mtime", false), None);
        }
    }
}
