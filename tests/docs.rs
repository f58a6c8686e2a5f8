//! Holds the documentation against the tables and the files it speaks of. `UPDATE=1 cargo test --test
//! docs` writes the generated pages anew.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and writes the pages it generates"
)]

use skewgate::cli::Exit;
use skewgate::doctor::{CAUSES, FACTS};
use skewgate::format::{Base, FORMATS, Layer, SENTINELS, Scope};
use skewgate::receiver::{OTHERS, RECEIVERS, Why};
use skewgate::record::PROVENANCES;
use skewgate::rule::RULES;
use skewgate::time::Timestamp;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The page that `docs/rules.md` is.
fn rules() -> String {
    let mut page = String::from(
        "# Rules\n\nGenerated from the table in `src/rule/mod.rs` by `tests/docs.rs`; change it there.\n\n\
         | rule | level | finds |\n|---|---|---|\n",
    );
    for rule in RULES {
        writeln!(
            page,
            "| [{0}](#{0}) | {1} | {2} |",
            rule.id,
            rule.level.name(),
            rule.summary
        )
        .unwrap();
    }
    page.push_str(
        "\nA finding is *proven* when the intervals of what was found and of what it is held against exclude \
         each other by more than the tolerance, and *possible* when they do not; possible ones are reported \
         under `--strict` only.\n",
    );
    for rule in RULES {
        let example = rule.example.replace("\n\n", "\n").replace("    ", "");
        writeln!(
            page,
            "\n## {}\n\n{} (default: {}).",
            rule.id,
            capital(rule.summary),
            rule.level.name()
        )
        .unwrap();
        writeln!(page, "\n### Why\n\n{}", rule.why).unwrap();
        writeln!(page, "\n### Example\n\n```text\n{example}\n```").unwrap();
        writeln!(page, "\n### Remedy\n\n{}", rule.remedy).unwrap();
    }
    page.push_str(
        "\n## Well-known constants\n\nTimes that packers write on purpose. They are no evidence of when something \
         was built: ancient-time lets them pass, and so does before-build-start where the change time shows that \
         this build wrote the file. Local ones are known in every zone.\n\n| time | zone | where | written by |\n|---|---|---|---|\n",
    );
    for sentinel in SENTINELS {
        let at = Timestamp::from_unix(sentinel.seconds, 0);
        let zone = match sentinel.base {
            Base::Utc => "UTC",
            Base::Local => "local",
        };
        let scope = match sentinel.scope {
            Scope::Anywhere => "anywhere".to_owned(),
            Scope::Fields(prefix) => format!("`{prefix}*`"),
        };
        writeln!(page, "| {at} | {zone} | {scope} | {} |", sentinel.producer).unwrap();
    }
    page
}

/// The page that `docs/records.md` is.
fn records() -> String {
    let mut page = String::from(
        "# Records of others\n\nGenerated from the table in `src/record/foreign/mod.rs` by `tests/docs.rs`; change it there.\n\n\
         `--record` (repeatable; `SKEWGATE_RECORD`, a line each; `[record] sources` in `skewgate.toml`) names what says when a \
         build began and ended: a file, which is known by what is in it, `ci` for what the CI system says in the environment, or \
         `git:REV`. On each side of the window the best trust wins, in the order stated (`--not-before`, `--not-after`), verified, \
         server, builder, author; of the same trust the strictest. Records that exclude each other end the audit before it begins. \
         No signature is checked, no server is asked, and a record never makes an audit pass that would fail without it: it only adds \
         what artifacts are held against.\n\n\
         | record | named by | trust | is |\n|---|---|---|---|\n",
    );
    for row in PROVENANCES {
        let anchor = row.name.replace('.', "");
        let (name, form, trust) = (row.name, row.form, row.trust.name());
        let summary = row.summary;
        writeln!(
            page,
            "| [{name}](#{anchor}) | {form} | {trust} | {summary} |"
        )
        .unwrap();
    }
    for row in PROVENANCES {
        let (name, summary) = (row.name, capital(row.summary));
        let (bounds, clock) = (capital(row.bounds), row.trust.clock());
        let (traps, example) = (row.traps, row.example);
        writeln!(page, "\n## {name}\n\n{summary}.\n").unwrap();
        writeln!(page, "Bounds: {bounds}. Trust: {clock}.\n\n{traps}\n").unwrap();
        writeln!(page, "```console\n{example}\n```").unwrap();
    }
    page
}

/// The page that `docs/receivers.md` is.
fn receivers() -> String {
    let mut page = String::from(
        "# Receivers\n\nGenerated from the table in `src/receiver/mod.rs` by `tests/docs.rs`; change it there.\n\n\
         `--for NAME[,NAME]` (`[embedded] receivers` in `skewgate.toml`) names who will be given what is built. The rule \
         [receiver-rejects](rules.md#receiver-rejects) then says what they would refuse, as it was read in their own code at \
         the commit named; nobody is asked. Their clock is the trusted time: what even the latest it can be does not let pass is \
         *proven*. When they get the file it is later, so each message says from when on they would take it. What they take and \
         only warn of, and what depends on the zone of their server, is *possible*, and reported under `--strict` only.\n\n\
         A member whose name has an exclamation mark in it is taken for one of an archive inside, and not judged.\n\n\
         | receiver | is |\n|---|---|\n",
    );
    for row in RECEIVERS {
        writeln!(page, "| [{0}](#{0}) | {1} |", row.name, row.summary).unwrap();
    }
    for row in RECEIVERS {
        writeln!(page, "\n## {}\n\n{}.", row.name, capital(row.summary)).unwrap();
        writeln!(page, "\n- **Rule** {}.", row.rule).unwrap();
        writeln!(page, "- **Source** {}.", row.source).unwrap();
    }
    for why in Why::ALL {
        let (title, sentence) = match why {
            Why::Unchecked => (
                "Read, and no such check",
                "Where that was looked for, and what was found:",
            ),
            Why::Undecidable => (
                "Left out",
                "What these go by, a file alone does not tell, or it is not kept:",
            ),
            Why::Unread => ("Could not be read", "Nothing is said of what these do:"),
        };
        writeln!(page, "\n## {title}\n\n{sentence}\n").unwrap();
        for other in OTHERS.iter().filter(|other| other.why == why) {
            writeln!(page, "- **{}** {}", other.name, other.what).unwrap();
        }
    }
    page
}

#[test]
fn the_receivers_page_is_what_the_table_says() {
    let (path, page) = (root().join("docs/receivers.md"), receivers());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        read("docs/receivers.md") == page,
        "docs/receivers.md is not what the table says: UPDATE=1 writes it anew"
    );
}

/// The page that `docs/doctor.md` is.
fn doctor() -> String {
    let mut page = String::from(
        "# What `skewgate doctor` looks at\n\nGenerated from the tables in `src/doctor/mod.rs` and \
         `src/doctor/verdict/mod.rs` by `tests/docs.rs`; change it there.\n\nEach fact is good, suspicious or \
         unknown; what cannot be read is unknown, never an error. `skewgate doctor --clock ADDRESS --for 1m` \
         measures how the clock really runs as well, without which causes cannot be told apart well. \
         `--capture DIR` writes down what was looked at and nothing else: of the kernel's options, its log, the \
         processes, the mounts and the environment only what has to do with time. `--root DIR` looks at such a \
         capture.\n\n| fact | looks at |\n|---|---|\n",
    );
    for fact in FACTS {
        writeln!(page, "| [{0}](#{0}) | {1} |", fact.id, fact.summary).unwrap();
    }
    for fact in FACTS {
        writeln!(page, "\n## {}\n\n{}.", fact.id, capital(fact.summary)).unwrap();
        writeln!(page, "\n- **Read from** {}", fact.place).unwrap();
        writeln!(page, "- **Meaning** {}", fact.meaning).unwrap();
        writeln!(page, "- **Remedy** {}", fact.remedy).unwrap();
        writeln!(page, "- **Source** {}", fact.source).unwrap();
    }
    page.push_str(
        "\n## Causes\n\nWhat is seen and what was measured speaks for and against each of these; the verdict \
         ranks them. Points compare causes of one examination with each other and mean nothing else.\n\n\
         | cause | what it is |\n|---|---|\n",
    );
    for cause in CAUSES {
        writeln!(page, "| {} | {} |", cause.id, cause.title).unwrap();
    }
    page
}

/// The page that `docs/formats.md` is.
fn formats() -> String {
    let mut page = String::from(
        "# Formats\n\nGenerated from the table in `src/format/mod.rs` by `tests/docs.rs`; change it there.\n\n\
         What is told from others by its bytes, and the times that are read in it. `skewgate stamps FILE` lists them; \
         `skewgate audit` judges them in files whose names end as below (`--embedded auto`), in all or in none. What \
         lies in an archive or comes out of a decompressor is looked into in the same way.\n\n\
         A *modified* time says when a member was last changed: all records of it must agree. An *event* is anything \
         else. A field of *high* confidence holds nothing but a time, one of *low* confidence is a date in text that \
         may be anybody's.\n\n| format | is | names end in |\n|---|---|---|\n",
    );
    for format in FORMATS {
        let name = format.name;
        let layer = match format.layer {
            Layer::Leaf => "a file",
            Layer::Compression => "a compressed file",
            Layer::Archive => "an archive",
        };
        let names: Vec<String> = format.names.iter().map(|end| format!("`{end}`")).collect();
        let names = names.join(" ");
        writeln!(page, "| [{name}](#{name}) | {layer} | {names} |").unwrap();
    }
    for format in FORMATS {
        writeln!(page, "\n## {}\n\n{}", format.name, format.summary).unwrap();
        if format.fields.is_empty() {
            continue;
        }
        page.push_str("\n| field | role | confidence | is |\n|---|---|---|---|\n");
        for field in format.fields {
            let (role, confidence) = (field.role.name(), field.confidence.name());
            let what = field.what.replace('|', "\\|");
            writeln!(
                page,
                "| `{}` | {role} | {confidence} | {what} |",
                field.name
            )
            .unwrap();
        }
    }
    page
}

#[test]
fn the_page_of_formats_is_what_the_table_says() {
    let (path, page) = (root().join("docs/formats.md"), formats());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        read("docs/formats.md") == page,
        "docs/formats.md is not what the table says: UPDATE=1 writes it anew"
    );
}

#[test]
fn the_doctors_page_is_what_the_tables_say() {
    let (path, page) = (root().join("docs/doctor.md"), doctor());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        read("docs/doctor.md") == page,
        "docs/doctor.md is not what the tables say: UPDATE=1 writes it anew"
    );
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[test]
fn the_records_page_is_what_the_table_says() {
    let (path, page) = (root().join("docs/records.md"), records());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        read("docs/records.md") == page,
        "docs/records.md is not what the table says: UPDATE=1 writes it anew"
    );
}

#[test]
fn the_rules_page_is_what_the_table_says() {
    let (path, page) = (root().join("docs/rules.md"), rules());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        read("docs/rules.md") == page,
        "docs/rules.md is not what the table says: UPDATE=1 writes it anew"
    );
}

#[test]
fn the_readme_knows_the_exit_codes() {
    let readme = read("README.md");
    for (exit, meaning) in Exit::ALL {
        let row = format!("| {} | {meaning} |", exit as u8);
        assert!(readme.contains(&row), "README.md lacks the row\n{row}");
    }
}

#[test]
fn ci_runs_the_readmes_test_command() {
    let command = "./.ci/test";
    assert!(read("README.md").contains(command) && read(".ci/run").contains(command));
}

/// What stands in backticks and looks like a path of this project.
fn named_paths(text: &str) -> Vec<&str> {
    let words = text.split('`').skip(1).step_by(2);
    let ours = ["src/", "tests/", "docs/", "fixtures/", "benches/", ".ci/"];
    words
        .filter(|word| {
            ours.iter().any(|start| word.starts_with(start)) && !word.contains(['<', '*', ' ', '{'])
        })
        .collect()
}

#[test]
fn every_file_that_a_page_names_exists() {
    let mut pages = vec![
        PathBuf::from("README.md"),
        PathBuf::from("CONTRIBUTING.md"),
        PathBuf::from("CHANGELOG.md"),
    ];
    for folder in ["docs", "docs/decisions", "benches"] {
        let entries = fs::read_dir(root().join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path());
        pages.extend(
            entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")),
        );
    }
    let mut count = 0;
    for page in pages {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        for named in named_paths(&text) {
            count += 1;
            let exists = root().join(Path::new(named)).exists();
            assert!(
                exists,
                "{} names `{named}`, which does not exist",
                page.display()
            );
        }
    }
    assert!(count > 10, "pages name files");
}
