//! The event that started a run of GitHub Actions, Gitea or Forgejo: a webhook payload, which
//! `GITHUB_EVENT_PATH` names (docs.github.com/webhooks/webhook-events-and-payloads).

use super::document::Document;
use super::when::{self, Wrong};
use super::{Means, Provenance, json};
use crate::record::{Trust, Window};
use crate::time::Interval;
use serde_json::Value;

pub(super) const PROVENANCE: Provenance = Provenance {
    name: "github-event",
    form: "FILE or ci",
    summary: "GitHub, Gitea, Forgejo: the event that started this run, by its server",
    trust: Trust::Server,
    bounds: "start, from below: the latest of repository.pushed_at, repository.updated_at, pull_request.updated_at",
    traps: "\
Whatever the server has stamped in the event was before the run. An event can be old: a schedule has the last \
push, and a run that is started again has the event of its first attempt. Times of commits (head_commit.timestamp) \
are not used, since whoever commits chooses them; `git:HEAD` is there for that. repository.pushed_at is a number \
of seconds in a push and RFC 3339 in other events.",
    example: "skewgate audit dist --record ci",
    silent: "\
its repository has neither pushed_at nor updated_at; name the start with --not-before, or the run's document from \
the REST API (github-run)",
    means: Means::File {
        read,
        variable: Some("GITHUB_EVENT_PATH"),
    },
};

/// What the server stamps.
const STAMPED: [&str; 3] = [
    "repository.pushed_at",
    "repository.updated_at",
    "pull_request.updated_at",
];

fn read(document: &Document<'_>) -> Option<Result<Window, Wrong>> {
    let event = document.single()?;
    let is_other = ["run_started_at", "workflow_runs", "jobs", "steps", "_type"];
    let is_event = json::at(event, "repository").is_some_and(Value::is_object)
        && !is_other.iter().any(|key| event.get(key).is_some());
    is_event.then(|| window(document.place, event))
}

fn window(place: &str, event: &Value) -> Result<Window, Wrong> {
    let mut last: Option<(Interval, &str)> = None;
    for path in STAMPED {
        let Some(at) = time(event, path)? else {
            continue;
        };
        if last.is_none_or(|(known, _)| at.earliest() > known.earliest()) {
            last = Some((at, path));
        }
    }
    let window =
        |(at, path)| when::began_since(at, format!("{place}: event {path}"), Trust::Server);
    Ok(last.map(window).unwrap_or_default())
}

/// A time that is a number in some events and a text in others.
fn time(event: &Value, path: &str) -> Result<Option<Interval>, Wrong> {
    match json::at(event, path) {
        Some(Value::Number(number)) => when::seconds(path, &number.to_string()),
        _ => when::zoned_at(event, path),
    }
}
