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

#[test]
fn each_ci_system_says_when_it_began() {
    let event = fixture("github-event/push.json");
    let jenkins = ("JENKINS_URL", "https://ci.example/");
    for (variables, at, trust, source) in [
        (
            // The server's zone (gitlab#337294).
            &[
                ("CI_JOB_STARTED_AT", "2021-07-30T12:45:04+03:00"),
                ("CI_PIPELINE_CREATED_AT", "2021-07-30T12:45:03+03:00"),
            ][..],
            "2021-07-30T09:45:04Z..",
            Trust::Server,
            "CI_JOB_STARTED_AT",
        ),
        (
            &[("CI_PIPELINE_CREATED_AT", "2021-07-30T12:45:03Z")],
            "2021-07-30T12:45:03Z..",
            Trust::Server,
            "CI_PIPELINE_CREATED_AT",
        ),
        (
            &[("SYSTEM_PIPELINESTARTTIME", "2020-02-10 13:29:58-05:00")],
            "2020-02-10T18:29:58Z..",
            Trust::Server,
            "SYSTEM_PIPELINESTARTTIME",
        ),
        (
            &[("BUILD_TIMESTAMP", "2020-02-10 13:29:58 UTC"), jenkins],
            "2020-02-10T13:29:58Z..",
            Trust::Server,
            "BUILD_TIMESTAMP",
        ),
        (
            &[("BUILD_TIMESTAMP", "2020-02-10T13:29:58+0100"), jenkins],
            "2020-02-10T12:29:58Z..",
            Trust::Server,
            "BUILD_TIMESTAMP",
        ),
        (
            &[
                ("CI_PIPELINE_CREATED", "915148800"),
                ("CI_PIPELINE_STARTED", "915148805"),
            ],
            "1999-01-01T00:00:00Z..",
            Trust::Server,
            "CI_PIPELINE_CREATED",
        ),
        (
            &[
                ("CI_PIPELINE_CREATED", "0"),
                ("CI_STEP_STARTED", "915148805"),
            ],
            "1999-01-01T00:00:05Z..",
            Trust::Builder,
            "CI_STEP_STARTED",
        ),
        (
            &[
                ("DRONE_BUILD_CREATED", ""),
                ("DRONE_STAGE_STARTED", "915148806"),
            ],
            "1999-01-01T00:00:06Z..",
            Trust::Builder,
            "DRONE_STAGE_STARTED",
        ),
        (
            &[("GITHUB_EVENT_PATH", event.to_str().unwrap())],
            "2017-01-01T10:00:00Z..",
            Trust::Server,
            "GITHUB_EVENT_PATH: event repository.pushed_at",
        ),
    ] {
        let expected = (at.to_owned(), trust, source.to_owned());
        assert_eq!(began(variables), Ok(vec![expected]));
    }
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
