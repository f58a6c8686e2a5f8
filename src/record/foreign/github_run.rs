//! A workflow run of GitHub Actions, as the REST API gives it (docs.github.com/rest/actions/workflow-runs, "Get
//! a workflow run", "Get a workflow run attempt", "List workflow runs").

use super::document::Document;
use super::github::{listed, not_one};
use super::when::{self, Wrong};
use super::{Means, Provenance, json, said};
use crate::record::{Trust, Window};
use serde_json::Value;

pub(super) const PROVENANCE: Provenance = Provenance {
    name: "github-run",
    form: "FILE",
    summary: "a workflow run from GitHub's REST API, by its server",
    trust: Trust::Server,
    bounds: "start, from below: run_started_at, else created_at; end, from above: updated_at once it is completed",
    traps: "\
`/runs/{id}` is the latest attempt: ask `/runs/{id}/attempts/{n}` for the one that built. A run that was started \
again keeps its created_at. updated_at is an end only of what is completed, and moves when anything is done to \
the run later. The token needs `actions: read`. Of a list, the run counts that GITHUB_RUN_ID names.",
    example: "\
gh api repos/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID/attempts/$GITHUB_RUN_ATTEMPT >run.json && \
skewgate audit dist --record run.json",
    silent: "it has neither run_started_at nor created_at; ask the API for the run once more",
    means: Means::File {
        read,
        variable: None,
    },
};

fn read(document: &Document<'_>) -> Option<Result<Window, Wrong>> {
    let runs = listed(document, "workflow_runs", is_run)?;
    Some(chosen(document, &runs).and_then(|run| window(document, run)))
}

fn is_run(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("run_started_at") || has("workflow_id") && has("run_number")
}

/// The run that is meant: the only one, or the one of this job.
fn chosen<'value>(document: &Document<'_>, runs: &[&'value Value]) -> Result<&'value Value, Wrong> {
    if let [run] = runs {
        return Ok(run);
    }
    let own = said(document.variables, "GITHUB_RUN_ID");
    let is_own = |run: &&&Value| own.is_some() && number(run, "id") == own;
    let named: Vec<&Value> = runs.iter().filter(is_own).copied().collect();
    if let [run] = named[..] {
        return Ok(run);
    }
    let name = |run: &Value| number(run, "id").unwrap_or_else(|| "a run without an id".to_owned());
    let remedy = "keep the run of the build: gh api repos/OWNER/REPO/actions/runs/ID";
    Err(not_one("workflow_runs", name, runs, remedy))
}

fn window(document: &Document<'_>, run: &Value) -> Result<Window, Wrong> {
    // Of this very run another attempt would be another build.
    let own = |name| said(document.variables, name);
    let (attempt, own_attempt) = (number(run, "run_attempt"), own("GITHUB_RUN_ATTEMPT"));
    if let (Some(attempt), Some(own_attempt)) = (attempt, own_attempt)
        && number(run, "id") == own("GITHUB_RUN_ID")
        && attempt != own_attempt
    {
        let why = format!(
            "but this job is of attempt {own_attempt}: ask the API for runs/ID/attempts/{own_attempt}"
        );
        return Err(Wrong::new("run_attempt", attempt, why));
    }
    let source = |field: &str| format!("{}: GitHub run {field}", document.place);
    let began = match when::zoned_at(run, "run_started_at")? {
        Some(at) => Some((at, "run_started_at")),
        None => when::zoned_at(run, "created_at")?.map(|at| (at, "created_at")),
    };
    let is_completed = json::text(run, "status") == Some("completed");
    let ended = when::zoned_at(run, "updated_at")?.filter(|_| is_completed);
    let field = began.map_or("", |(_, field)| field);
    let window = Window {
        began: began.map(|(at, field)| when::bound(when::since(at), source(field), Trust::Server)),
        ended: ended.map(|at| when::bound(when::until(at), source("updated_at"), Trust::Server)),
    };
    when::in_order(window, (field, "updated_at"))
}

/// A whole number as text: identifiers come as numbers here and as text in variables.
fn number(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_u64().map(|number| number.to_string())
}
