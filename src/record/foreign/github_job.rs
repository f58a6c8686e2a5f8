//! A job of GitHub Actions, as the REST API gives it (docs.github.com/rest/actions/workflow-jobs, "Get a job for
//! a workflow run", "List jobs for a workflow run attempt").

use super::document::Document;
use super::github::{listed, not_one};
use super::when::{self, Wrong};
use super::{Means, Provenance, json, said};
use crate::record::{Trust, Window};
use serde_json::Value;

pub(super) const PROVENANCE: Provenance = Provenance {
    name: "github-job",
    form: "FILE",
    summary: "a job from GitHub's REST API, by its runner",
    trust: Trust::Builder,
    bounds: "start, from below: started_at, else created_at (by the server); end, from above: completed_at",
    traps: "\
The runner reports when a job started and completed, and GitHub does not say by whose clock: jobs were seen that \
start before they were created. So these times count as the builder's own; only created_at is the server's. Of a \
list, the job counts that RUNNER_NAME and GITHUB_JOB tell; GITHUB_JOB is the key in the workflow, and the list \
has the names that are shown.",
    example: "\
gh api repos/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID/jobs >jobs.json && \
skewgate audit dist --record jobs.json",
    silent: "the job has not started; ask the API for it once it has",
    means: Means::File {
        read,
        variable: None,
    },
};

fn read(document: &Document<'_>) -> Option<Result<Window, Wrong>> {
    let jobs = listed(document, "jobs", is_job)?;
    Some(chosen(document, &jobs).and_then(|job| window(document.place, job)))
}

fn is_job(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("started_at") && has("run_id") && has("steps")
}

/// The job that is meant: the only one, or the only one that is run by this runner or named like this job.
fn chosen<'value>(document: &Document<'_>, jobs: &[&'value Value]) -> Result<&'value Value, Wrong> {
    let (runner, own) = (
        said(document.variables, "RUNNER_NAME"),
        said(document.variables, "GITHUB_JOB"),
    );
    let on_runner =
        |job: &Value| runner.is_some() && json::text(job, "runner_name") == runner.as_deref();
    let is_named = |job: &Value| {
        let named = json::text(job, "name").zip(own.as_deref());
        // The jobs of a matrix have its values behind the name.
        named.is_some_and(|(name, own)| {
            let rest = name.strip_prefix(own);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
        })
    };
    let mut left = jobs.to_vec();
    let tests: [&dyn Fn(&Value) -> bool; 2] = [&on_runner, &is_named];
    for test in tests {
        let some: Vec<&Value> = left.iter().filter(|job| test(job)).copied().collect();
        if !some.is_empty() {
            left = some;
        }
    }
    if let [job] = left[..] {
        return Ok(job);
    }
    let name = |job: &Value| {
        json::text(job, "name")
            .unwrap_or("a job without a name")
            .to_owned()
    };
    let remedy = "keep the job of the build: gh api … --jq '.jobs[] | select(.name == \"NAME\")'";
    Err(not_one("jobs", name, &left, remedy))
}

fn window(place: &str, job: &Value) -> Result<Window, Wrong> {
    let source = |field: &str| format!("{place}: GitHub job {field}");
    let began = match when::zoned_at(job, "started_at")? {
        Some(at) => Some((at, "started_at", Trust::Builder)),
        None => when::zoned_at(job, "created_at")?.map(|at| (at, "created_at", Trust::Server)),
    };
    let ended = when::zoned_at(job, "completed_at")?;
    let field = began.map_or("", |(_, field, _)| field);
    let window = Window {
        began: began.map(|(at, field, trust)| when::bound(when::since(at), source(field), trust)),
        ended: ended.map(|at| when::bound(when::until(at), source("completed_at"), Trust::Builder)),
    };
    when::in_order(window, (field, "completed_at"))
}
