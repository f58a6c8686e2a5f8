//! Files that were made to break the reader, and fixtures with parts changed: a record or an error, never a
//! panic, and never a long message.

use crate::{fixture, found};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::{Strategy, any, proptest};
use proptest::sample::Index;
use skewgate::record::{Given, combined};
use skewgate::sys::boottime;
use skewgate::time::Span;
use std::fs;
use std::path::PathBuf;

/// What a file with this content says, as a message where it says nothing.
fn told(bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    match found(file.path().to_str().unwrap(), &[]) {
        Ok(Given::Own(_)) => "own".to_owned(),
        Ok(Given::Foreign(windows)) => {
            let window = combined(windows).unwrap();
            assert!(window.began.is_some() || window.ended.is_some());
            format!("{window:?}")
        }
        Err(error) => {
            let told = error.to_string();
            assert!(told.len() < 2000, "{told}");
            told
        }
    }
}

#[test]
fn what_is_made_to_break_it_is_refused() {
    let deep = "[".repeat(100_000);
    let wide = format!("[{}]", vec!["0"; 600_000].join(","));
    let keys = format!(r#"{{"{}": 1}}"#, "k".repeat(100_000));
    for (bytes, part) in [
        (&b""[..], "it is empty"),
        (b"PK\x03\x04", "no record that skewgate knows"),
        (b"\xff\xfe{\0", "UTF-16"),
        (b"{\"a\": \0}", "NUL"),
        (b"{\"a\": 1e999}", "out of range"),
        (b"{\"a\": 1, \"a\": 2}", "`a` stands twice"),
        (deep.as_bytes(), "recursion limit"),
        (wide.as_bytes(), "more than 250000 values"),
        (keys.as_bytes(), "JSON without any field"),
        (b"[]", "JSON without any field"),
        (br#"{"jobs": []}"#, "a list of 0`, which is empty"),
        (br#"{"workflow_runs": [5, "x"]}"#, "a run without an id"),
        (
            br#"{"repository": {"pushed_at": 99999999999999999999}}"#,
            "pushed_at is `",
        ),
        (br#"{"repository": {"pushed_at": -5}}"#, "pushed_at is `-5`"),
        (br#"{"repository": {"pushed_at": {}}}"#, "pushed_at is `{}`"),
        (
            br#"{"_type": "x", "predicateType": "https://slsa.dev/provenance/v1"}"#,
            "_type is `x`",
        ),
    ] {
        let told = told(bytes);
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn many_lines_take_no_longer_than_their_length() {
    let line = format!("{{\"a\": \"{}\"}}\n", "x".repeat(200));
    let began = boottime();
    let told = told(line.repeat(50_000).as_bytes());
    assert!(told.contains("JSON without any field"), "{told}");
    let took = boottime().since(began);
    assert!(took < Span::from_secs(10), "{took}");
}

#[test]
fn what_is_in_envelopes_counts_as_what_is_around_them() {
    let payload = STANDARD.encode(format!("[{}]", vec!["0"; 50_000].join(",")));
    let envelope =
        format!(r#"{{"payloadType": "application/vnd.in-toto+json", "payload": "{payload}"}}"#);
    let few = format!("{envelope}\n").repeat(4);
    assert!(told(few.as_bytes()).contains("JSON without any field"));
    let many = format!("{envelope}\n").repeat(6);
    let told = told(many.as_bytes());
    assert!(told.contains("more than 250000 values"), "{told}");
}

#[test]
fn a_time_far_out_is_a_time() {
    let far = told(br#"{"repository": {"pushed_at": 9223372036854775807}}"#);
    assert!(far.contains("9223372036854775807"), "{far}");
}

#[test]
fn no_more_of_a_file_is_read_than_shows_that_it_is_too_long() {
    // A hole of a tebibyte.
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(1 << 40).unwrap();
    let name = file.path().to_str().unwrap();
    let error = found(name, &[]).unwrap_err().to_string();
    assert!(error.contains("longer than 16 MiB"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let error = found(folder.path().to_str().unwrap(), &[]).unwrap_err();
    assert!(error.to_string().starts_with("cannot read the record"));
}

fn fixtures() -> Vec<PathBuf> {
    let mut all = Vec::new();
    for folder in fs::read_dir(fixture("")).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            all.push(file.unwrap().path());
        }
    }
    all.sort();
    assert!(all.len() > 20);
    all
}

/// One fixture with some places written over, put in, or cut out.
fn changed() -> impl Strategy<Value = Vec<u8>> {
    let change = (
        any::<Index>(),
        0..4_usize,
        proptest::collection::vec(any::<u8>(), 0..4),
    );
    let changes = proptest::collection::vec(change, 1..5);
    (proptest::sample::select(fixtures()), changes).prop_map(|(path, changes)| {
        let mut bytes = fs::read(path).unwrap();
        for (at, cut, put) in changes {
            let at = at.index(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, put);
            if bytes.is_empty() {
                break;
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn a_changed_record_is_read_or_refused(bytes in changed()) {
        let _told = told(&bytes);
    }

    #[test]
    fn any_bytes_are_refused(bytes in any::<Vec<u8>>()) {
        let _told = told(&bytes);
    }
}

#[test]
fn a_record_that_is_cut_off_says_nothing_else_than_a_whole_one() {
    for path in fixtures() {
        let whole = fs::read(&path).unwrap();
        let of_whole = told(&whole);
        for length in (0..whole.len()).step_by(97) {
            let cut = told(&whole[..length]);
            let is_refused = !cut.contains("Window {");
            // Lines, and the fields of Debian's, are whole without those after them.
            let in_lines = path
                .extension()
                .is_some_and(|kind| kind == "jsonl" || kind == "buildinfo");
            assert!(
                is_refused || in_lines,
                "{}: {of_whole} but {cut}",
                path.display()
            );
        }
    }
}
