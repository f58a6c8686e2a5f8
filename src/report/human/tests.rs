//! The human report, word by word.

use super::RENDERER;
use crate::report::sample::{
    NOW, PLAIN, VERBOSE, at, clean, fault, full, future, hostile, linked, many, reading, stated,
};
use crate::report::text::is_hidden;
use crate::report::{Report, Style, Writing};
use crate::walk::FaultKind;
use proptest::prelude::{Just, Strategy as _, proptest};

fn told(report: &Report, style: Style) -> String {
    let Writing::Whole(write) = RENDERER.write else {
        panic!("the human report is written all at once");
    };
    let mut out = Vec::new();
    write(report, &style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn assert_told(report: &Report, style: Style, expected: &str) {
    let text = told(report, style);
    assert_eq!(text, expected.trim_start_matches('\n'), "\n{text}");
    assert_safe(&text);
}

fn assert_safe(text: &str) {
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        assert!(!line.contains("##[") && !line.contains(is_hidden), "{line}");
        assert_eq!(line, line.trim_end());
    }
}

fn one() -> Report {
    let mut report = clean();
    report.findings.push(future("app", 180));
    report.head.roots = vec![".".into()];
    report.head.roots_are_default = true;
    report.head.profile = "release";
    report.head.clock.builder = Some(at(NOW + 180));
    report.counted()
}

#[test]
fn a_pass_says_what_it_rests_on() {
    let expected = r"
PASS: nothing to fail on (1,234 entries in dist; the clock is not verified)
clock    2026-11-23T11:21:00Z, this machine's own (system:), not verified: no outside source was asked
         `kernel:` gave no time: nothing keeps this machine's clock in step (adjtimex: not synchronised)
builder  2026-11-23T11:21:00Z, in step with the clock

0 findings, 1,234 entries in 12 ms: PASS, nothing to fail on
";
    assert_told(&clean(), PLAIN, expected);
}

#[test]
fn a_stated_clock_is_shown_as_stated() {
    let expected = r"
PASS: nothing to fail on (1,234 entries in dist; the clock is as stated, not verified)
clock    2026-11-23T11:21:00Z ± 1 s, as stated (fixed:2026-11-23T11:21:00Z±1s), not verified
window   not before 2026-11-23T10:50:00Z (@1795431000)
window   not after 2026-11-23T11:20:00Z
date     SOURCE_DATE_EPOCH 2026-11-18T11:06:40Z

0 findings, 1,234 entries in 12 ms: PASS, nothing to fail on
";
    assert_told(&stated(), PLAIN, expected);
}

#[test]
fn one_finding_is_told_with_its_whole_path() {
    let expected = r"
FAIL: 1 error (1,234 entries in ., the usual output folders found here; profile release; the clock is not verified)
clock    2026-11-23T11:21:00Z, this machine's own (system:), not verified: no outside source was asked
         `kernel:` gave no time: nothing keeps this machine's clock in step (adjtimex: not synchronised)
builder  2026-11-23T11:24:00Z, 3 min ahead of the clock

error future-mtime, 1 finding: a file's modification time is later than the trusted time
  cause clock: the clock that stamped it was ahead: its ctime or btime, which nobody can set, is too
  app  mtime 2026-11-23T11:24:00Z is 3 min after trusted now (2026-11-23T11:21:00Z)
  fix  Set the builder's clock right (a virtual machine's runs fast for reasons on its host), then build again
  why  skewgate explain future-mtime

1 finding (1 error), 1,234 entries in 12 ms: FAIL, 1 error
";
    assert_told(&one(), PLAIN, expected);
}

#[test]
fn findings_are_grouped_by_rule_cause_and_directory() {
    let expected = r"
FAIL: 6 errors (1,234 entries in dist, out/bin; the clock is as stated, not verified)
clock    2026-11-23T11:21:00Z ± 1 s, as stated (fixed:2026-11-23T11:21:00Z±1s), not verified
window   not before 2026-11-23T10:50:00Z (@1795431000)
window   not after 2026-11-23T11:20:00Z
date     SOURCE_DATE_EPOCH 2026-11-18T11:06:40Z

error future-mtime, 5 findings: a file's modification time is later than the trusted time
  cause imported, 1 finding: copied, extracted or set with that time: its ctime is in order
    out/bin/vendor.js  mtime 2027-12-28T11:21:00Z is 1 y 35 d after trusted now (2026-11-23T11:21:00Z)
    fix  Find what brings the time in (an archive, cp -p, touch -d) and have it set another, or accept it with an ignore
  cause clock, 4 findings: the clock that stamped it was ahead: its ctime or btime, which nobody can set, is too
    dist/lib/  2 findings, by up to 3 d 2 h
      libfoo.so  mtime 2026-11-26T13:21:00Z is 3 d 2 h after trusted now (2026-11-23T11:21:00Z)
      libbar.so  mtime 2026-11-23T13:22:00Z is 2 h 1 min after trusted now (2026-11-23T11:21:00Z)
    dist/bin/app (also app-1.0; 3 names in all)  mtime 2026-11-23T11:24:00Z is 3 min after trusted now (2026-11-23T11:21:00Z)
    fix  Set the builder's clock right (a virtual machine's runs fast for reasons on its host), then build again
  why  skewgate explain future-mtime

error after-build-end, 1 finding: a time of a file, or inside it, is later than the end of the build
  cause late: written after the build ended, unless the builder's clock ran ahead
  dist/app.sig  mtime 2026-11-23T11:20:30Z is 30 s after the end of the build (2026-11-23T11:20:00Z)
  fix  Let the build end after what writes there (signing, stripping, packaging); if nothing does, the clock was ahead
  why  skewgate explain after-build-end

warning beyond-source-date, 1 finding: a time of a file, or inside it, is later than SOURCE_DATE_EPOCH
  dist/app.tar (possible)  mtime 2026-11-18T12:06:40Z may be up to 1 h after SOURCE_DATE_EPOCH (2026-11-18T11:06:40Z)
  fix  Have the packer clamp (`tar --mtime=@$SOURCE_DATE_EPOCH --clamp-mtime`, dpkg-deb, rpm's build_mtime_policy), or set the times before packing (`find stage -newermt @$SOURCE_DATE_EPOCH -exec touch -hd @$SOURCE_DATE_EPOCH {} +`)
  why  skewgate explain beyond-source-date

note clock-unsynchronised, 1 finding: nothing keeps the builder's clock in step
  adjtimex: nothing keeps this machine's clock in step
  fix  Run chrony or systemd-timesyncd on the machine (on the host, for a container), or have the audit use an outside clock
  why  skewgate explain clock-unsynchronised

suppressed, 1 finding
  1 of future-mtime: Bazel's install base is dated ten years ahead

fault unreadable, 1 artifact: reading is not permitted
  dist/secret  Permission denied (os error 13)

fault vanished, 1 artifact: listed by its directory, and gone when looked at
  dist/tmp1234  Permission denied (os error 13)

8 findings (6 errors, 1 warning, 1 note), 1 suppressed, 1 fault, 1 vanished, 1,234 entries in 12 ms: FAIL, 6 errors
";
    assert_told(&full(), PLAIN, expected);
}

#[test]
fn ten_thousand_findings_are_a_page() {
    let expected = r"
FAIL: 10,000 errors (1,234 entries in dist; the clock is not verified)
clock    2026-11-23T11:21:00Z, this machine's own (system:), not verified: no outside source was asked
         `kernel:` gave no time: nothing keeps this machine's clock in step (adjtimex: not synchronised)
builder  2026-11-23T11:21:00Z, in step with the clock

error future-mtime, 10,000 findings: a file's modification time is later than the trusted time
  cause clock: the clock that stamped it was ahead: its ctime or btime, which nobody can set, is too
  dist/99/  100 findings, by up to 2 h 46 min
    009999.o  mtime 2026-11-23T14:07:40Z is 2 h 46 min after trusted now (2026-11-23T11:21:00Z)
    009899.o  mtime 2026-11-23T14:06:00Z is 2 h 45 min after trusted now (2026-11-23T11:21:00Z)
    009799.o  mtime 2026-11-23T14:04:20Z is 2 h 43 min after trusted now (2026-11-23T11:21:00Z)
    … 97 more; -v lists all
  dist/98/  100 findings, by up to 2 h 46 min
    009998.o  mtime 2026-11-23T14:07:39Z is 2 h 46 min after trusted now (2026-11-23T11:21:00Z)
    009898.o  mtime 2026-11-23T14:05:59Z is 2 h 44 min after trusted now (2026-11-23T11:21:00Z)
    009798.o  mtime 2026-11-23T14:04:19Z is 2 h 43 min after trusted now (2026-11-23T11:21:00Z)
    … 97 more; -v lists all
  dist/97/  100 findings, by up to 2 h 46 min
    009997.o  mtime 2026-11-23T14:07:38Z is 2 h 46 min after trusted now (2026-11-23T11:21:00Z)
    009897.o  mtime 2026-11-23T14:05:58Z is 2 h 44 min after trusted now (2026-11-23T11:21:00Z)
    009797.o  mtime 2026-11-23T14:04:18Z is 2 h 43 min after trusted now (2026-11-23T11:21:00Z)
    … 97 more; -v lists all
  dist/96/  100 findings, by up to 2 h 46 min
    009996.o  mtime 2026-11-23T14:07:37Z is 2 h 46 min after trusted now (2026-11-23T11:21:00Z)
    009896.o  mtime 2026-11-23T14:05:57Z is 2 h 44 min after trusted now (2026-11-23T11:21:00Z)
    009796.o  mtime 2026-11-23T14:04:17Z is 2 h 43 min after trusted now (2026-11-23T11:21:00Z)
    … 97 more; -v lists all
  dist/95/  100 findings, by up to 2 h 46 min
    009995.o  mtime 2026-11-23T14:07:36Z is 2 h 46 min after trusted now (2026-11-23T11:21:00Z)
    009895.o  mtime 2026-11-23T14:05:56Z is 2 h 44 min after trusted now (2026-11-23T11:21:00Z)
    009795.o  mtime 2026-11-23T14:04:16Z is 2 h 43 min after trusted now (2026-11-23T11:21:00Z)
    … 97 more; -v lists all
  dist/94/  100 findings, by up to 2 h 46 min
    009994.o  mtime 2026-11-23T14:07:35Z is 2 h 46 min after trusted now (2026-11-23T11:21:00Z)
    009894.o  mtime 2026-11-23T14:05:55Z is 2 h 44 min after trusted now (2026-11-23T11:21:00Z)
    009794.o  mtime 2026-11-23T14:04:15Z is 2 h 43 min after trusted now (2026-11-23T11:21:00Z)
    … 97 more; -v lists all
  dist/93/  100 findings, by up to 2 h 46 min
    009993.o  mtime 2026-11-23T14:07:34Z is 2 h 46 min after trusted now (2026-11-23T11:21:00Z)
    009893.o  mtime 2026-11-23T14:05:54Z is 2 h 44 min after trusted now (2026-11-23T11:21:00Z)
    009793.o  mtime 2026-11-23T14:04:14Z is 2 h 43 min after trusted now (2026-11-23T11:21:00Z)
    … 97 more; -v lists all
  dist/92/  100 findings, by up to 2 h 46 min
    009992.o  mtime 2026-11-23T14:07:33Z is 2 h 46 min after trusted now (2026-11-23T11:21:00Z)
    009892.o  mtime 2026-11-23T14:05:53Z is 2 h 44 min after trusted now (2026-11-23T11:21:00Z)
    009792.o  mtime 2026-11-23T14:04:13Z is 2 h 43 min after trusted now (2026-11-23T11:21:00Z)
    … 97 more; -v lists all
  … 9,200 findings in 92 more directories; -v lists all
  fix  Set the builder's clock right (a virtual machine's runs fast for reasons on its host), then build again
  why  skewgate explain future-mtime

10,000 findings (10,000 errors), 1,234 entries in 12 ms: FAIL, 10,000 errors
";
    assert_told(&many(10_000), PLAIN, expected);
}

#[test]
fn names_from_outside_do_not_steer() {
    let expected = r"
FAIL: 6 errors (1,234 entries in dist/a\n::error::b\x1b[31m; the clock is not verified)
clock    2026-11-23T11:21:00Z, this machine's own (system:), not verified: no outside source was asked
         `kernel:` gave no time: nothing keeps this machine's clock in step (adjtimex: not synchronised)
builder  2026-11-23T11:21:00Z, in step with the clock

error future-mtime, 6 findings: a file's modification time is later than the trusted time
  cause clock: the clock that stamped it was ahead: its ctime or btime, which nobody can set, is too
  :\x3astop-commands::x/a#\x23[error]b  mtime 2026-11-23T11:22:00Z is 1 min after trusted now (2026-11-23T11:21:00Z)
  dist/  5 findings, by up to 1 min
    \x20 blank\x20  mtime 2026-11-23T11:22:00Z is 1 min after trusted now (2026-11-23T11:21:00Z)
    :\x3aerror::gotcha  mtime 2026-11-23T11:22:00Z is 1 min after trusted now (2026-11-23T11:21:00Z)
    a\n::error::b\x1b[31m  mtime 2026-11-23T11:22:00Z is 1 min after trusted now (2026-11-23T11:21:00Z)
    exe\u{202e}gpj.sh\u{9b}  mtime 2026-11-23T11:22:00Z is 1 min after trusted now (2026-11-23T11:21:00Z)
    \xff\xfe.bin  mtime 2026-11-23T11:22:00Z is 1 min after trusted now (2026-11-23T11:21:00Z)
  fix  Set the builder's clock right (a virtual machine's runs fast for reasons on its host), then build again
  why  skewgate explain future-mtime

suppressed, 1 finding
  1 of future-mtime: #\x23[error]because\n::error::of
    :\x3astop-commands::x/a#\x23[error]b

fault io, 1 artifact: the system failed to read
  dist/\xff\xfe.bin  #\x23[error]because\n::error::of

6 findings (6 errors), 1 suppressed, 1 fault, 1,234 entries in 12 ms: FAIL, 6 errors
";
    assert_told(&hostile(), VERBOSE, expected);
}

#[test]
fn verbose_leaves_nothing_out() {
    let text = told(&many(10_000), VERBOSE);
    assert_eq!(text.matches(".o  mtime").count(), 10_000);
    assert!(!text.contains("more"));
    let text = told(&full(), VERBOSE);
    assert!(text.contains("    dist/vendor/old.js\n"), "{text}");
}

#[test]
fn the_names_of_one_file_are_one_line() {
    let mut report = clean();
    report.findings = ["a/1", "a/2", "b/3", "b/4", "b/5", "b/6"]
        .map(|path| linked(path, 6))
        .into();
    let text = told(&report.counted(), PLAIN);
    assert_eq!(text.matches("  mtime ").count(), 1, "{text}");
    assert!(
        text.contains("\n  a/1 (also 2, b/3, b/4 and 2 more)  mtime "),
        "{text}"
    );
    assert!(text.contains("error future-mtime, 6 findings: "), "{text}");
}

#[test]
fn faults_are_cut_short_unless_all_are_wanted() {
    let mut report = clean();
    let paths = (0..20).map(|index| format!("dist/{index:02}"));
    report.faults = paths.map(|path| fault(&path, FaultKind::Io)).collect();
    let report = report.counted();
    let text = told(&report, PLAIN);
    assert!(text.starts_with("INCOMPLETE: 20 artifacts could not be read ("));
    assert!(text.contains("\nfault io, 20 artifacts: the system failed to read\n  dist/00  "));
    assert!(text.contains("\n  … 12 more; -v lists all\n"), "{text}");
    assert_eq!(told(&report, VERBOSE).matches("\n  dist/").count(), 20);
}

#[test]
fn colour_changes_nothing_but_the_colour() {
    let colour = Style {
        colour: true,
        ..PLAIN
    };
    let text = told(&full(), colour);
    assert!(
        text.starts_with("\u{1b}[1m\u{1b}[31mFAIL\u{1b}[0m: "),
        "{text:?}"
    );
    let mut pieces = text.split('\u{1b}');
    let first = pieces.next().unwrap().to_owned();
    let stripped = pieces.fold(first, |all, piece| all + piece.split_once('m').unwrap().1);
    assert_eq!(stripped, told(&full(), PLAIN));
}

proptest! {
    #[test]
    fn no_name_steers(name in "[#:\\[/\\\\ \n\u{1b}\u{202e}ax]{1,12}") {
        let mut report = full();
        report.findings.push(future(&name, 60));
        report.findings.push(future(&format!("{name}/b"), 60));
        report.suppressed[0].reason.clone_from(&name);
        report.faults.push(fault(&name, FaultKind::Io));
        report.head.roots.push(name.clone().into());
        assert_safe(&told(&report, VERBOSE));
    }

    #[test]
    fn the_order_of_finding_does_not_show(findings in Just(full().findings).prop_shuffle()) {
        let shuffled = Report { findings, ..full() }.counted();
        assert_eq!(told(&shuffled, PLAIN), told(&full(), PLAIN));
    }
}

#[test]
fn what_sources_are_called_and_say_steers_nothing_either() {
    let mut report = clean();
    report.head.clock = reading().clock.unwrap();
    let text = told(&report, PLAIN);
    assert_safe(&text);
    let told = r"`:\x3asilent\u{202e}` gave no time: no\n#\x23[error]";
    assert!(text.contains(told), "{text}");
    assert!(text.contains("`ntp:two\\x1b[31m` answered"), "{text}");
    assert!(
        text.contains("1 min 25 s later than the agreement"),
        "{text}"
    );
}
