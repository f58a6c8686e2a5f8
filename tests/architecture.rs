//! Holds the law of `src/lib.rs` and the shape of the tables, and names the offender.
//!
//! Every check is a function from sources to offences, so that each is also shown a planted violation
//! here: a check that cannot fail is no check.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The sources: path below `src/`, and text.
type Sources = BTreeMap<String, String>;

fn sources() -> Sources {
    fn gather(folder: &Path, into: &mut Sources) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(src())
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                into.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut sources = Sources::new();
    gather(&src(), &mut sources);
    sources
}

fn src() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The modules in the order in which `lib.rs` declares them.
fn modules(sources: &Sources) -> Vec<String> {
    let declared = |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    sources["lib.rs"].lines().filter_map(declared).collect()
}

/// The top-level module that a file belongs to.
fn module_of(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The text without its comments and what stands in string literals on one line.
fn code(text: &str) -> String {
    let uncommented = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    uncommented.collect::<Vec<_>>().join("\n")
}

/// The words after each `crate::`, groups (`crate::{a, b::c}`) taken apart.
fn imports(text: &str) -> Vec<String> {
    let code = code(text);
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.push(std::mem::take(&mut word)),
                    _ if depth == 0 => word.push(letter),
                    _ => {}
                }
            }
            found.push(word);
        } else {
            found.push(rest.to_owned());
        }
    }
    let first = |path: &String| {
        let path = path.trim();
        path[..path
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(path.len())]
            .to_owned()
    };
    found
        .iter()
        .map(first)
        .filter(|word| !word.is_empty())
        .collect()
}

/// A module uses only what is declared above it, and nobody reaches up two levels.
fn law(sources: &Sources) -> Vec<String> {
    let order = modules(sources);
    let place = |module: &str| order.iter().position(|other| other == module);
    let mut offences = Vec::new();
    for (file, text) in sources
        .iter()
        .filter(|(file, _)| *file != "lib.rs" && *file != "main.rs")
    {
        let own = place(module_of(file));
        if own.is_none() {
            offences.push(format!("src/{file}: its module is not declared in lib.rs"));
        }
        for used in imports(text) {
            if place(&used) > own {
                offences.push(format!(
                    "src/{file} uses crate::{used}, which is declared below it"
                ));
            }
        }
        if code(text).contains("super::super") {
            offences.push(format!(
                "src/{file} reaches up with super::super; name it from crate::"
            ));
        }
    }
    offences
}

/// Only `sys` knows which system it is on, and only it is unsafe.
fn systems(sources: &Sources) -> Vec<String> {
    const SYSTEM: [&str; 6] = [
        "cfg(unix",
        "cfg(windows",
        "target_os",
        "cfg(not(unix",
        "std::os::",
        "unsafe ",
    ];
    let outside = sources.iter().filter(|(file, _)| !file.starts_with("sys/"));
    outside
        .flat_map(|(file, text)| {
            let code = code(text);
            let words = SYSTEM.into_iter().filter(move |word| code.contains(word));
            words.map(move |word| format!("src/{file} has `{word}`, which belongs in src/sys"))
        })
        .collect()
}

/// Only `cli` prints, and only `sys` reads clocks.
fn doors(sources: &Sources) -> Vec<String> {
    const DOORS: [(&str, &str); 5] = [
        ("io::stdout", "cli/"),
        ("io::stderr", "cli/"),
        ("println!", "cli/"),
        ("SystemTime::now", "sys/"),
        ("Instant::now", "sys/"),
    ];
    let mut offences = Vec::new();
    for (file, text) in sources {
        let code = code(text);
        for (word, room) in DOORS
            .into_iter()
            .filter(|(word, room)| code.contains(word) && !file.starts_with(room))
        {
            offences.push(format!(
                "src/{file} has `{word}`, which belongs in src/{room}"
            ));
        }
    }
    offences
}

/// Every file says what it is for.
fn headings(sources: &Sources) -> Vec<String> {
    let silent = sources.iter().filter(|(_, text)| !text.starts_with("//! "));
    silent
        .map(|(file, _)| format!("src/{file} does not begin with `//!` and what it is for"))
        .collect()
}

/// Every row of a table is listed in its folder, and a rule's id is its file's name.
fn tables(sources: &Sources) -> Vec<String> {
    const TABLES: [(&str, &str, &str); 6] = [
        ("rule", "RULE", "const RULE: Rule"),
        ("source", "SCHEME", "const SCHEME: Scheme"),
        ("report", "RENDERER", "const RENDERER: Renderer"),
        (
            "record/foreign",
            "PROVENANCE",
            "const PROVENANCE: Provenance",
        ),
        ("doctor", "FACT", "const FACT: Fact"),
        ("receiver", "RECEIVER", "const RECEIVER: Receiver"),
    ];
    let mut offences = Vec::new();
    for (folder, row, declaration) in TABLES {
        let table = &sources[&format!("{folder}/mod.rs")];
        let inside = format!("{folder}/");
        for (file, text) in sources.iter().filter(|(file, _)| file.starts_with(&inside)) {
            if !text.contains(&format!("pub(super) {declaration}")) {
                continue;
            }
            let path = file.trim_start_matches(&inside).trim_end_matches(".rs");
            let name = path.trim_end_matches("/mod");
            let listed = [" ", "["].map(|before| format!("{before}{name}::{row}"));
            if !listed.iter().any(|listed| table.contains(listed)) {
                offences.push(format!("src/{file} is not listed in src/{folder}/mod.rs"));
            }
            let id = format!("id: \"{}\"", name.replace('_', "-"));
            if ["rule", "doctor"].contains(&folder) && !text.contains(&id) {
                offences.push(format!(
                    "src/{file} holds a row whose id is not its file's name"
                ));
            }
            // What a record is called may have a dot in it: `slsa-v0.2` is `slsa_v02`.
            let called = format!("name: \"{}\"", name.replace('_', "-"));
            if row == "RECEIVER" && !text.contains(&called) {
                offences.push(format!(
                    "src/{file} holds a receiver that is not called like its file"
                ));
            }
            if row == "PROVENANCE" && !text.replace("0.2", "02").contains(&called) {
                offences.push(format!(
                    "src/{file} holds a record that is not called like its file"
                ));
            }
        }
    }
    offences
}

/// Files stay small enough to be read in one go. A bound to notice, not a target.
fn sizes(sources: &Sources) -> Vec<String> {
    const MOST: usize = 500;
    let long = sources
        .iter()
        .map(|(file, text)| (file, text.lines().count()));
    long.filter(|(_, lines)| *lines > MOST)
        .map(|(file, lines)| format!("src/{file} has {lines} lines: cut it along the grain"))
        .collect()
}

/// From sources to offences.
type Check = fn(&Sources) -> Vec<String>;

const CHECKS: [(&str, Check); 6] = [
    ("law", law),
    ("systems", systems),
    ("doors", doors),
    ("headings", headings),
    ("tables", tables),
    ("sizes", sizes),
];

#[test]
fn the_house_is_in_order() {
    let sources = sources();
    assert!(modules(&sources).len() > 5, "lib.rs declares the modules");
    let offences: Vec<String> = CHECKS
        .iter()
        .flat_map(|(_, check)| check(&sources))
        .collect();
    assert!(offences.is_empty(), "\n{}", offences.join("\n"));
}

/// A check, a file, and what that would hold to offend against it.
const PLANTED: [(&str, &str, &str); 19] = [
    ("law", "time/mod.rs", "//! A.\nuse crate::rule::Rule;"),
    (
        "law",
        "time/mod.rs",
        "//! A.\nuse crate::{sys::{a, b}, time::X};",
    ),
    ("law", "gate.rs", "//! A.\nfn f() { crate::cli::run(); }"),
    ("law", "walk/pattern.rs", "//! A.\nuse super::super::time;"),
    ("law", "stranger.rs", "//! A."),
    ("systems", "walk/mod.rs", "//! A.\n#[cfg(unix)]\nfn f() {}"),
    ("systems", "gate.rs", "//! A.\nuse std::os::unix::fs;"),
    ("systems", "gate.rs", "//! A.\nfn f() { unsafe { g() } }"),
    ("doors", "report/json.rs", "//! A.\nfn f() { println!(); }"),
    (
        "doors",
        "gate.rs",
        "//! A.\nfn f() { std::time::Instant::now(); }",
    ),
    ("headings", "gate.rs", "use std::fmt;"),
    (
        "tables",
        "rule/lost.rs",
        "//! A.\npub(super) const RULE: Rule = Rule { id: \"lost\" };",
    ),
    (
        "tables",
        "rule/future_mtime.rs",
        "//! A.\npub(super) const RULE: Rule = Rule { id: \"other\" };",
    ),
    (
        "tables",
        "record/foreign/lost.rs",
        "//! A.\npub(super) const PROVENANCE: Provenance = Provenance { name: \"lost\" };",
    ),
    (
        "tables",
        "record/foreign/azure.rs",
        "//! A.\npub(super) const PROVENANCE: Provenance = Provenance { name: \"other\" };",
    ),
    (
        "tables",
        "doctor/lost.rs",
        "//! A.\npub(super) const FACT: Fact = Fact { id: \"lost\" };",
    ),
    (
        "tables",
        "doctor/steal.rs",
        "//! A.\npub(super) const FACT: Fact = Fact { id: \"other\" };",
    ),
    (
        "tables",
        "receiver/lost.rs",
        "//! A.\npub(super) const RECEIVER: Receiver = Receiver { name: \"lost\" };",
    ),
    (
        "tables",
        "receiver/dak.rs",
        "//! A.\npub(super) const RECEIVER: Receiver = Receiver { name: \"other\" };",
    ),
];

#[test]
fn every_check_notices_a_planted_violation() {
    let long = format!("//! A.\n{}", "// x\n".repeat(600));
    for (name, file, text) in PLANTED.into_iter().chain([("sizes", "gate.rs", &*long)]) {
        let (_, check) = CHECKS.iter().find(|(check, _)| *check == name).unwrap();
        let mut sources = sources();
        sources.insert(file.to_owned(), text.to_owned());
        let offences = check(&sources);
        assert!(
            offences.iter().any(|offence| offence.contains(file)),
            "{name} overlooks {file}: {offences:?}"
        );
    }
}

#[test]
fn every_rule_has_a_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/rules");
    for rule in skewgate::rule::RULES {
        let case = root.join(rule.id).join("case.toml");
        assert!(
            case.is_file(),
            "the rule {} has no case: write {}",
            rule.id,
            case.display()
        );
    }
}

#[test]
fn every_fact_and_cause_explains_itself() {
    for fact in skewgate::doctor::FACTS {
        for (heading, text) in [
            ("summary", fact.summary),
            ("place", fact.place),
            ("meaning", fact.meaning),
            ("remedy", fact.remedy),
            ("source", fact.source),
        ] {
            assert!(
                text.len() > 7 && !text.contains("  "),
                "{}: its {heading} says too little, or is not laid out",
                fact.id
            );
        }
        assert!(
            fact.meaning.ends_with('.') && !fact.summary.ends_with('.'),
            "{}: the meaning is sentences, the summary a phrase",
            fact.id
        );
    }
    let mut ids: Vec<&str> = skewgate::doctor::CAUSES
        .iter()
        .map(|cause| cause.id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), skewgate::doctor::CAUSES.len());
}

#[test]
fn every_rule_explains_itself() {
    for rule in skewgate::rule::RULES {
        for (heading, text) in [
            ("summary", rule.summary),
            ("why", rule.why),
            ("remedy", rule.remedy),
        ] {
            assert!(
                text.len() > 20,
                "{}: its {heading} says too little",
                rule.id
            );
        }
        assert!(
            rule.example.contains(rule.id),
            "{}: its example does not show it",
            rule.id
        );
        assert!(
            !rule.summary.ends_with('.'),
            "{}: the summary is a phrase",
            rule.id
        );
    }
}
