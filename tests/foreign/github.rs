//! What GitHub and those like it write.

use crate::{expected, said, said_with, shorts};
use skewgate::record::Trust;

#[test]
fn the_latest_time_that_the_server_stamped_in_an_event_counts() {
    for (file, at, field) in [
        (
            "push.json",
            "2017-01-01T10:00:00Z..",
            "repository.pushed_at",
        ),
        (
            "pull_request.json",
            "2017-01-01T10:00:02Z..",
            "pull_request.updated_at",
        ),
        (
            "schedule.json",
            "2016-12-31T20:15:10Z..",
            "repository.pushed_at",
        ),
        (
            "gitea.json",
            "2017-01-01T10:00:00Z..",
            "repository.updated_at",
        ),
    ] {
        let source = format!("{file}: event {field}");
        // Not by a commit's date, which is in 2031 there.
        let began = expected(at, Trust::Server, &source);
        assert_eq!(shorts(said(&format!("github-event/{file}"))), [began, None]);
    }
}

#[test]
fn a_run_has_an_end_once_it_is_completed() {
    let began = |file: &str| {
        let source = format!("{file}: GitHub run run_started_at");
        expected("2017-01-01T10:00:00Z..", Trust::Server, &source)
    };
    let source = "completed.json: GitHub run updated_at";
    let ended = expected("..2017-01-01T10:20:07.999Z", Trust::Server, source);
    assert_eq!(
        shorts(said("github-run/completed.json")),
        [began("completed.json"), ended]
    );
    assert_eq!(
        shorts(said("github-run/running.json")),
        [began("running.json"), None]
    );
}

#[test]
fn another_attempt_of_the_same_run_is_another_build() {
    let at = |run, attempt| {
        let variables = [("GITHUB_RUN_ID", run), ("GITHUB_RUN_ATTEMPT", attempt)];
        said_with("github-run/completed.json", &variables)
    };
    assert!(at("12345678901", "2").is_ok());
    // A job may well audit what another run has built.
    assert!(at("5", "1").is_ok());
    let why = at("12345678901", "3").unwrap_err();
    assert!(
        why.contains("run_attempt is `2`, but this job is of attempt 3"),
        "{why}"
    );
}

#[test]
fn of_a_list_of_runs_the_one_of_this_job_counts() {
    let own = said_with("github-run/list.json", &[("GITHUB_RUN_ID", "12345678901")]);
    let [began, _] = shorts(own);
    assert!(began.unwrap().0.starts_with("2017-01-01T10:00:00Z"));
    let why = said("github-run/list.json").unwrap_err();
    assert!(why.contains("(12345678902, 12345678901)"), "{why}");
    assert!(why.contains("keep the run of the build"), "{why}");
}

#[test]
fn a_job_is_as_its_runner_says() {
    let source = |file: &str, field: &str| format!("{file}: GitHub job {field}");
    let began = |file: &str| {
        expected(
            "2017-01-01T10:00:03Z..",
            Trust::Builder,
            &source(file, "started_at"),
        )
    };
    let ended = expected(
        "..2017-01-01T10:19:58.999Z",
        Trust::Builder,
        &source("completed.json", "completed_at"),
    );
    assert_eq!(
        shorts(said("github-job/completed.json")),
        [began("completed.json"), ended]
    );
    assert_eq!(
        shorts(said("github-job/running.json")),
        [began("running.json"), None]
    );
    let began = expected(
        "2017-01-01T09:59:40Z..",
        Trust::Server,
        &source("queued.json", "created_at"),
    );
    assert_eq!(shorts(said("github-job/queued.json")), [began, None]);
}

#[test]
fn of_a_list_of_jobs_the_one_counts_that_this_runner_runs_or_that_is_named() {
    let began = |variables: &[(&str, &str)]| {
        let [began, _] = shorts(said_with("github-job/list.json", variables));
        began.unwrap().0
    };
    let by_runner = began(&[("RUNNER_NAME", "GitHub Actions 2"), ("GITHUB_JOB", "build")]);
    assert!(by_runner.starts_with("2017-01-01T10:01:00Z"));
    assert!(began(&[("GITHUB_JOB", "test")]).starts_with("2017-01-01T10:30:00Z"));
    for variables in [&[("GITHUB_JOB", "build")][..], &[("RUNNER_NAME", "x")], &[]] {
        let why = said_with("github-job/list.json", variables).unwrap_err();
        assert!(
            why.contains("build (ubuntu, 1), build (windows, 2)"),
            "{why}"
        );
    }
    let why = said_with("github-job/list.json", &[("GITHUB_JOB", "build")]).unwrap_err();
    assert!(
        why.contains("of which 2 may be meant") && !why.contains("test"),
        "{why}"
    );
}
