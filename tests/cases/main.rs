//! A folder is a test: `fixtures/cases/<group>/<case>/case.toml` says what is there, what is run and
//! what comes of it. git keeps no times, so a case declares them. `UPDATE=1 cargo test --test cases`
//! writes the expected outputs anew; look at what it changed.
//!
//! Change times cannot be set: they are those of the run. A case that wants them in order judges
//! against a stated time after any such run (2035), one that wants them ahead against one before it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes the files it looks at"
)]

mod ntp;

use ntp::Servers;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a case declares.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    /// What it shows, in a sentence.
    shows: String,
    /// What is run before it, and must succeed.
    #[serde(default)]
    before: Vec<Vec<String>>,
    /// The command line.
    args: Vec<String>,
    /// Where it is run, below the tree.
    #[serde(default)]
    folder: PathBuf,
    /// The environment beside an otherwise clean one.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Time servers, by how each is off from this machine's clock; `NTP1`, `NTP2` … name them.
    #[serde(default)]
    servers: Vec<String>,
    /// What is on standard input.
    #[serde(default)]
    stdin: String,
    /// The tree.
    #[serde(default)]
    tree: Vec<Node>,
    /// Files with content.
    #[serde(default)]
    files: BTreeMap<PathBuf, String>,
    /// What the process exits with.
    exit: i32,
    /// Every finding that the JSON report of the same audit has.
    findings: Option<Vec<Finding>>,
    /// What standard error has, line by line.
    #[serde(default)]
    stderr: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Node {
    path: PathBuf,
    #[serde(default)]
    kind: Kind,
    /// Of a link, what it points to; of a hard link, the other name.
    target: Option<PathBuf>,
    /// Of a file, whose content it has: one below `fixtures/formats`.
    copy: Option<PathBuf>,
    /// RFC 3339 or `@seconds`; left out, that of the run.
    mtime: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    #[default]
    File,
    Directory,
    Link,
    HardLink,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
struct Finding {
    rule: String,
    path: Option<String>,
    /// What inside the artifact.
    member: Option<String>,
    /// Which of the times there; left open, any.
    field: Option<String>,
    #[serde(default = "proven")]
    certainty: String,
    cause: Option<String>,
    level: Option<String>,
    /// Only where the kernel's clock is in this state.
    when: Option<KernelState>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KernelState {
    Unsynchronised,
}

impl KernelState {
    fn holds(self) -> bool {
        match self {
            Self::Unsynchronised => {
                skewgate::sys::discipline().is_some_and(|state| !state.synchronised)
            }
        }
    }
}

fn proven() -> String {
    "proven".to_owned()
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let folders = |of: &Path| -> Vec<PathBuf> {
        fs::read_dir(of)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect()
    };
    let mut cases: Vec<PathBuf> = folders(&root)
        .iter()
        .flat_map(|group| folders(group))
        .collect();
    cases.sort();
    cases
}

fn plant(case: &Case, root: &Path) {
    for (path, text) in &case.files {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), text).unwrap();
    }
    for node in &case.tree {
        let path = root.join(&node.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match node.kind {
            Kind::File => {
                let formats = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats");
                let content = node.copy.as_ref().map(|copy| fs::read(formats.join(copy)));
                fs::write(&path, content.transpose().unwrap().unwrap_or_default()).unwrap();
            }
            Kind::Directory => fs::create_dir_all(&path).unwrap(),
            Kind::Link => symlink(node.target.as_ref().unwrap(), &path).unwrap(),
            Kind::HardLink => {
                fs::hard_link(root.join(node.target.as_ref().unwrap()), &path).unwrap();
            }
        }
    }
    // Directories last and the deepest first: what is put into one changes its time.
    let mut nodes: Vec<&Node> = case.tree.iter().collect();
    nodes.sort_by_key(|node| {
        (
            node.kind == Kind::Directory,
            std::cmp::Reverse(node.path.components().count()),
        )
    });
    for node in nodes {
        if let Some(text) = &node.mtime {
            let at = skewgate::time::parse_instant(text)
                .unwrap()
                .earliest()
                .unwrap();
            let nanos = u32::try_from(at.subsecond()).unwrap();
            let time = filetime::FileTime::from_unix_time(at.seconds(), nanos);
            filetime::set_symlink_file_times(root.join(&node.path), time, time).unwrap();
        }
    }
}

/// Runs the command line of a case.
fn run(case: &Case, servers: &Servers, root: &Path, more: &[&str]) -> Output {
    let more = more.iter().map(|&arg| arg.to_owned());
    let args: Vec<String> = case.args.iter().cloned().chain(more).collect();
    run_with(case, servers, root, &args)
}

fn run_with(case: &Case, servers: &Servers, root: &Path, args: &[String]) -> Output {
    use std::io::Write as _;
    let mut child = Command::new(env!("CARGO_BIN_EXE_skewgate"))
        .args(args.iter().map(|arg| servers.named(arg)))
        .current_dir(root.join(&case.folder))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(&case.env)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    let _unread = child.stdin.take().unwrap().write_all(case.stdin.as_bytes());
    child.wait_with_output().unwrap()
}

/// The text without what differs from run to run and from release to release: how long it took, the
/// version, and where the tree lay.
fn steady(text: &str, root: &Path) -> String {
    let text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let text = text.replace(root.to_str().unwrap(), "ROOT");
    let mut lines = Vec::new();
    for line in text.lines() {
        let closing = line
            .rfind(" entries in ")
            .or_else(|| line.rfind(" entry in "));
        let closing = closing.filter(|_| !line.starts_with(char::is_uppercase));
        let masked = match (closing, line.find("\"elapsed\":")) {
            (Some(at), _) => {
                let from = at + line[at..].find(" in ").unwrap() + " in ".len();
                let to = from + line[from..].find(": ").unwrap();
                format!("{}TIME{}", &line[..from], &line[to..])
            }
            (None, Some(at)) => format!("{}\"elapsed\": TIME", &line[..at]),
            (None, None) => line.to_owned(),
        };
        lines.push(masked);
    }
    lines.join("\n") + "\n"
}

fn findings(output: &Output) -> Vec<Finding> {
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!(
                "no JSON report ({error}): {}",
                String::from_utf8_lossy(&output.stderr)
            )
        });
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().map(str::to_owned);
    let mut findings: Vec<Finding> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| Finding {
            rule: text(finding, "rule").unwrap(),
            path: text(finding, "path"),
            member: text(finding, "member"),
            field: text(finding, "field"),
            certainty: text(finding, "certainty").unwrap(),
            cause: text(finding, "cause"),
            level: text(finding, "level"),
            when: None,
        })
        .collect();
    findings.sort();
    findings
}

/// What a case expects, with what it leaves open taken from what was found.
fn filled(expected: &[Finding], found: &[Finding]) -> Vec<Finding> {
    let mut filled = expected.to_vec();
    filled.retain(|finding| finding.when.is_none_or(KernelState::holds));
    for finding in &mut filled {
        finding.when = None;
        let is_twin = |other: &&Finding| {
            let fields = finding.field.is_none() || finding.field == other.field;
            let place = other.path == finding.path && other.member == finding.member;
            other.rule == finding.rule && place && fields
        };
        let twin = found.iter().find(is_twin);
        finding.field = finding.field.take().or_else(|| twin?.field.clone());
        finding.level = finding.level.take().or_else(|| twin?.level.clone());
        finding.cause = finding.cause.take().or_else(|| twin?.cause.clone());
    }
    filled.sort();
    filled
}

fn check(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("case.toml")).unwrap();
    let case: Case =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    assert!(
        case.shows.len() > 10,
        "{}: says what it shows",
        folder.display()
    );
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    plant(&case, root);
    let servers = Servers::start(&case.servers);
    for args in &case.before {
        let done = run_with(&case, &servers, root, args);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{}: {said}", folder.display());
    }
    let output = run(&case, &servers, root, &[]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut wrong = Vec::new();
    if output.status.code() != Some(case.exit) {
        wrong.push(format!(
            "exits with {:?}, not {}\n{stderr}",
            output.status.code(),
            case.exit
        ));
    }
    let said = servers.masked(&steady(&stderr, root));
    let said: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
    if said != case.stderr {
        wrong.push(format!(
            "standard error is {said:#?}, not {:#?}",
            case.stderr
        ));
    }
    let stdout = servers.masked(&steady(&String::from_utf8_lossy(&output.stdout), root));
    let expected = folder.join("expected.stdout");
    if std::env::var_os("UPDATE").is_some() && expected.exists() {
        fs::write(&expected, &stdout).unwrap();
    }
    if let Ok(expected) = fs::read_to_string(&expected)
        && expected != stdout
    {
        wrong.push(format!("standard output is\n{stdout}\nnot\n{expected}"));
    }
    wrong.extend(check_findings(&case, &servers, root));
    wrong
}

/// What is wrong with the findings of a case: in either walker the same, and those it declares.
fn check_findings(case: &Case, servers: &Servers, root: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Some(expected) = &case.findings {
        let found = findings(&run(case, servers, root, &["-o", "json"]));
        let expected = filled(expected, &found);
        if found != expected {
            wrong.push(format!("finds {found:#?}, not {expected:#?}"));
        }
        let portable = findings(&run(
            case,
            servers,
            root,
            &["-o", "json", "--walker", "portable"],
        ));
        if portable != found {
            wrong.push(format!(
                "the portable walker finds {portable:#?}, not {found:#?}"
            ));
        }
    }
    wrong
}

#[test]
fn every_case_holds() {
    let cases = cases();
    assert!(cases.len() >= skewgate::rule::RULES.len());
    let mut failures = Vec::new();
    for folder in cases {
        let wrong = check(&folder);
        let name = folder
            .strip_prefix(env!("CARGO_MANIFEST_DIR"))
            .unwrap()
            .display();
        failures.extend(wrong.into_iter().map(|what| format!("{name}: {what}")));
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

#[test]
fn no_case_is_without_a_claim() {
    for folder in cases() {
        let text = fs::read_to_string(folder.join("case.toml")).unwrap();
        let claims = ["findings =", "stderr =", "exit = 3"]
            .iter()
            .any(|claim| text.contains(claim));
        assert!(
            claims || folder.join("expected.stdout").is_file(),
            "{} claims nothing",
            folder.display()
        );
    }
}
