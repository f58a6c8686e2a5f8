//! `lintian`: the checker of Debian packages, which dak runs on uploads, too.

use super::deb;
use super::limit::Limit;
use super::way::{bare, within};
use super::{Answer, Delivery, Looks, Receiver, Rejection};
use crate::time::{Interval, Timestamp};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "lintian",
    summary: "lintian, which dak runs on uploads to unstable, too: .deb, .udeb and .ddeb",
    rule: "\
error package-contains-ancient-file, which dak lets nobody override: a member of data.tar is from 1975 or before in UTC, \
unless it is a Cargo.toml or .cargo_vcs_info.json below usr/share/cargo/registry; it has no rule about the future, \
and its rule about gzip times goes by the changelog, which is not read here",
    source: "\
live-clones/lintian@4e9bd2fd lib/Lintian/Check/Files/Date.pm:35,47-55, data/files/allowed-ancient-files; \
Debian/dak@1d539f9a config/debian/lintian.tags:113",
    looks: Looks::Inside {
        calm: |_now| (YEAR_1976, Timestamp::DISTANT_FUTURE),
        signatures: false,
        judge,
    },
};

/// 1976-01-01T00:00:00Z.
const YEAR_1976: Timestamp = Timestamp::from_unix(189_302_400, 0);

fn judge(delivery: &Delivery<'_>, _now: Interval) -> Vec<Rejection> {
    if !delivery.is_named(&[".deb", ".udeb", ".ddeb"]) {
        return Vec::new();
    }
    let members = deb::members(delivery, &["data.tar"]);
    let members = members.filter(|reading| !is_allowed(reading.member));
    let passed = Limit::First(Interval::exactly(YEAR_1976)).passed(delivery, members);
    let rejection = passed.map(|passed| {
        let counted = passed.members();
        let what = format!(
            "lintian ends with the error package-contains-ancient-file, for which Debian's archive rejects uploads: \
{counted} from 1975 or before"
        );
        passed.rejection(Answer::Refuses, what)
    });
    rejection.into_iter().collect()
}

/// Whether it may be ancient: what cargo packs.
fn is_allowed(member: &[u8]) -> bool {
    let name = within(member).map(|(_, name)| bare(name));
    let rest = name.and_then(|name| name.strip_prefix(b"usr/share/cargo/registry/"));
    rest.is_some_and(|rest| {
        rest.ends_with(b"/Cargo.toml") || rest.ends_with(b"/.cargo_vcs_info.json")
    })
}

#[cfg(test)]
mod tests {
    use super::RECEIVER;
    use crate::receiver::sample::{NOW, certainties};

    fn judged(member: &str, at: i64) -> Vec<bool> {
        certainties(&RECEIVER, "a.deb", &[(member, "tar.mtime", at)])
    }

    #[test]
    fn all_of_1975_is_ancient() {
        assert_eq!(judged("data.tar.xz!./a", 189_302_399), [true]);
        assert_eq!(judged("data.tar.xz!./a", 189_302_400), [true; 0]);
        assert_eq!(judged("data.tar.xz!./a", NOW + 90_000), [true; 0]);
        assert_eq!(judged("control.tar.xz!./a", 0), [true; 0]);
    }

    #[test]
    fn what_cargo_packs_may_be() {
        let registry = "data.tar.xz!./usr/share/cargo/registry/";
        for (name, is_judged) in [
            ("a-1/Cargo.toml", false),
            ("a-1/.cargo_vcs_info.json", false),
            ("a-1/src/lib.rs", true),
            ("a-1/notCargo.toml", true),
        ] {
            let found = !judged(&format!("{registry}{name}"), 0).is_empty();
            assert_eq!(found, is_judged, "{name}");
        }
    }
}
