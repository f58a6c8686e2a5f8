//! What CI systems say in the environment, and what stands for it.

use crate::{fixture, found, short};
use skewgate::record::{Given, PROVENANCES, Trust};

/// When each record found begins, in short.
fn began(variables: &[(&str, &str)]) -> Result<Vec<(String, Trust, String)>, String> {
    match found("ci", variables).map_err(|error| error.to_string())? {
        Given::Foreign(windows) => {
            assert!(windows.iter().all(|window| window.ended.is_none()));
            let starts = windows.iter().map(|window| short(window.began.as_ref()));
            Ok(starts.map(Option::unwrap).collect())
        }
        Given::Own(path) => Err(path.display().to_string()),
    }
}

/// The one start that these variables give.
#[track_caller]
fn single(variables: &[(&str, &str)]) -> (String, Trust, String) {
    let mut all = began(variables).unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn start(at: &str, trust: Trust, source: &str) -> (String, Trust, String) {
    (format!("{at}.."), trust, source.to_owned())
}

#[test]
fn gitlab_says_when_the_job_or_else_the_pipeline_began_in_the_zone_of_its_server() {
    // gitlab#337294
    let pipeline = ("CI_PIPELINE_CREATED_AT", "2021-07-30T12:45:03+03:00");
    let job = ("CI_JOB_STARTED_AT", "2021-07-30T12:45:04+03:00");
    let of_job = start("2021-07-30T09:45:04Z", Trust::Server, job.0);
    assert_eq!(single(&[pipeline, job]), of_job);
    let of_pipeline = start("2021-07-30T09:45:03Z", Trust::Server, pipeline.0);
    assert_eq!(single(&[pipeline]), of_pipeline);
    assert_eq!(single(&[pipeline, (job.0, "")]), of_pipeline);
}

#[test]
fn azure_says_when_the_run_was_queued() {
    let name = "SYSTEM_PIPELINESTARTTIME";
    let queued = start("2020-02-10T18:29:58Z", Trust::Server, name);
    assert_eq!(single(&[(name, "2020-02-10 13:29:58-05:00")]), queued);
}

#[test]
fn jenkins_says_when_the_build_was_scheduled_if_its_plugin_writes_a_zone() {
    let name = "BUILD_TIMESTAMP";
    let scheduled = start("2020-02-10T13:29:58Z", Trust::Server, name);
    for text in [
        "2020-02-10 13:29:58 UTC",
        "2020-02-10T14:29:58+0100",
        "2020-02-10T14:29:58+01:00",
    ] {
        let jenkins = ("JENKINS_URL", "https://ci.example/");
        assert_eq!(single(&[(name, text), jenkins]), scheduled);
    }
}

#[test]
fn what_an_agent_fills_in_is_the_builders_own() {
    for (created, started) in [
        ("CI_PIPELINE_CREATED", "CI_PIPELINE_STARTED"),
        ("CI_PIPELINE_CREATED", "CI_STEP_STARTED"),
        ("DRONE_BUILD_CREATED", "DRONE_STAGE_STARTED"),
        ("DRONE_BUILD_CREATED", "DRONE_BUILD_STARTED"),
    ] {
        let by_server = start("1999-01-01T00:00:00Z", Trust::Server, created);
        let both = [(created, "915148800"), (started, "915148805")];
        assert_eq!(single(&both), by_server);
        let by_agent = start("1999-01-01T00:00:05Z", Trust::Builder, started);
        for unset in ["0", ""] {
            assert_eq!(single(&[(created, unset), both[1]]), by_agent);
        }
    }
}

#[test]
fn github_names_a_file() {
    let event = fixture("github-event/push.json");
    let name = "GITHUB_EVENT_PATH";
    let source = "GITHUB_EVENT_PATH: event repository.pushed_at";
    let pushed = start("2017-01-01T10:00:00Z", Trust::Server, source);
    assert_eq!(single(&[(name, event.to_str().unwrap())]), pushed);
}

#[test]
fn all_that_apply_are_taken() {
    let variables = [
        ("CI_PIPELINE_CREATED", "915148800"),
        ("DRONE_BUILD_CREATED", "915148800"),
    ];
    assert_eq!(began(&variables).unwrap().len(), 2);
}

#[test]
fn what_a_variable_says_wrong_is_named() {
    let jenkins = ("JENKINS_URL", "https://ci.example/");
    for (variables, parts) in [
        (
            &[("BUILD_TIMESTAMP", "2020-02-10 13:29:58 CST"), jenkins][..],
            [
                "(jenkins) cannot be used: BUILD_TIMESTAMP is `2020-02-10 13:29:58 CST`",
                "yyyy-MM-dd'T'HH:mm:ssXXX",
            ],
        ),
        (
            &[("CI_JOB_STARTED_AT", "yesterday")],
            [
                "(gitlab) cannot be used: CI_JOB_STARTED_AT is `yesterday`",
                "RFC 3339",
            ],
        ),
        (
            &[("CI_PIPELINE_STARTED", "1.5")],
            ["CI_PIPELINE_STARTED is `1.5`", "seconds since 1970"],
        ),
        (
            &[("GITHUB_EVENT_PATH", "/no/such/file")],
            [
                "cannot read the record `GITHUB_EVENT_PATH`",
                "a file, `ci` or git:REV",
            ],
        ),
    ] {
        let told = began(variables).unwrap_err();
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    }
}

#[test]
fn outside_of_ci_it_is_said_what_was_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let event = folder.path().join("event.json");
    std::fs::write(&event, "{}").unwrap();
    let path = event.to_str().unwrap();
    for (variables, part) in [
        (&[][..], "none of GITHUB_EVENT_PATH, CI_JOB_STARTED_AT"),
        // It is not Jenkins that set this.
        (
            &[("BUILD_TIMESTAMP", "2020-02-10T13:29:58Z")],
            "DRONE_BUILD_STARTED",
        ),
        (
            &[("GITHUB_EVENT_PATH", path)],
            "(GITHUB_EVENT_PATH names a file of another kind)",
        ),
    ] {
        let told = began(variables).unwrap_err();
        assert!(
            told.contains(part) && told.contains("--not-before"),
            "{told}"
        );
    }
}

#[test]
fn every_row_says_how_it_is_used() {
    for row in PROVENANCES {
        for text in [row.summary, row.bounds, row.traps] {
            assert!(text.len() > 20, "{}: `{text}` says too little", row.name);
        }
        assert!(row.example.contains("skewgate audit"), "{}", row.name);
        assert!(row.example.contains("--record"), "{}", row.name);
        assert!(!row.summary.ends_with('.'), "{}", row.name);
    }
}
