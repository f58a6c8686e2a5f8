//! Jenkins: what the plugin Build Timestamp exports (plugins.jenkins.io/build-timestamp). Jenkins itself has
//! no variable with a time.

use super::when::Wrong;
use super::{Means, Provenance, Said, when};
use crate::record::{Trust, Window};

pub(super) const PROVENANCE: Provenance = Provenance {
    name: "jenkins",
    form: "ci",
    summary: "Jenkins with its plugin Build Timestamp: when this build was scheduled, by its controller",
    trust: Trust::Server,
    bounds: "start, from below: BUILD_TIMESTAMP",
    traps: "\
The plugin writes whatever its administrator set, by default `yyyy-MM-dd HH:mm:ss z` with the name of a zone. \
Most names (CST, IST, EST) are of several zones: only UTC, GMT, Z and offsets are read. Set the pattern to \
`yyyy-MM-dd'T'HH:mm:ssXXX`. Without the plugin a Pipeline knows its start in milliseconds: \
`sh \"skewgate audit dist --not-before @${currentBuild.startTimeInMillis.intdiv(1000)}\"`.",
    example: "skewgate audit dist --record ci",
    silent: "the variable is not set",
    means: Means::Variables {
        names: &[NAME],
        read,
    },
};

const NAME: &str = "BUILD_TIMESTAMP";

/// Names of zones that mean one offset everywhere.
const UTC: [&str; 3] = [" UTC", " GMT", " Z"];

fn read(said: &Said<'_>) -> Result<Window, Wrong> {
    // The name is anybody's outside of Jenkins.
    let Some(text) = said(NAME).filter(|_| said("JENKINS_URL").is_some()) else {
        return Ok(Window::default());
    };
    let at = when::zoned(NAME, &normal(&text)).map_err(|_wrong| {
        Wrong::new(
            NAME,
            &text,
            "whose zone is not known; set the pattern of Jenkins' plugin Build Timestamp to \
             yyyy-MM-dd'T'HH:mm:ssXXX, or leave `ci` out and name the start with --not-before",
        )
    })?;
    let window = |at| when::began_since(at, NAME.to_owned(), Trust::Server);
    Ok(at.map(window).unwrap_or_default())
}

/// The text as RFC 3339 writes it, where only the zone is written in another way: `+0200`, ` +0200`, ` UTC`.
fn normal(text: &str) -> String {
    if let Some(time) = UTC.iter().find_map(|zone| text.strip_suffix(zone)) {
        return format!("{time}Z");
    }
    let Some((at, _)) = text.char_indices().rev().nth(4) else {
        return text.to_owned();
    };
    let (time, offset) = text.split_at(at);
    let digits = offset.strip_prefix(['+', '-']).unwrap_or_default();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.is_empty() {
        return text.to_owned();
    }
    let (sign_and_hours, minutes) = offset.split_at(3);
    format!("{}{sign_and_hours}:{minutes}", time.trim_end())
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn a_zone_is_put_as_rfc_3339_has_it() {
        for (text, rfc_3339) in [
            ("2026-01-02 03:04:05 UTC", "2026-01-02 03:04:05Z"),
            ("2026-01-02 03:04:05 +0200", "2026-01-02 03:04:05+02:00"),
            ("2026-01-02T03:04:05-0930", "2026-01-02T03:04:05-09:30"),
            ("2026-01-02T03:04:05+02:00", "2026-01-02T03:04:05+02:00"),
            ("2026-01-02 03:04:05", "2026-01-02 03:04:05"),
            ("2026-01-02 03:04:05 CST", "2026-01-02 03:04:05 CST"),
            ("", ""),
            ("ä+ää", "ä+ää"),
            ("+1234", "+12:34"),
        ] {
            assert_eq!(normal(text), rfc_3339);
        }
    }
}
