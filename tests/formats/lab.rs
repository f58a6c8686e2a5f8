//! Reading a file as skewgate does, and running the programs that read the same.

use skewgate::bytes::{Flaw, FlawKind};
use skewgate::format::{self, Calm, Disagreement, Older, Options, Sink, Stamp, Value};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

/// What a visit told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Member, field and seconds since 1970, `None` for what is unset or no time.
    pub(crate) times: Vec<(String, &'static str, Option<i64>)>,
    pub(crate) flaws: Vec<FlawKind>,
}

impl Sink for Told {
    fn stamp(&mut self, member: &[u8], stamp: &Stamp<'_>) {
        let seconds = match stamp.value {
            Value::At(moment) => Some(moment.written.seconds()),
            Value::Unset | Value::Invalid(_) => None,
        };
        let member = String::from_utf8_lossy(member).into_owned();
        self.times.push((member, stamp.field.name, seconds));
    }

    fn disagreement(&mut self, _: &[u8], _: Disagreement) {}

    fn older(&mut self, _: &[u8], _: Older<'_>) {}

    fn flaw(&mut self, _: &[u8], flaw: Flaw) {
        assert!(flaw.message.len() < 500, "{flaw}");
        self.flaws.push(flaw.kind);
    }
}

/// All that is in some bytes.
pub(crate) fn told(bytes: &[u8]) -> Told {
    let mut told = Told::default();
    let stop = AtomicBool::new(false);
    format::read(&bytes, &Options::default(), Calm::NEVER, &mut told, &stop);
    told
}

/// Where the fixtures of a format are.
pub(crate) fn fixtures(folder: &str) -> Vec<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/formats/");
    let entries = std::fs::read_dir(format!("{root}{folder}")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    // What is told of one lies beside it.
    paths.retain(|path| path.extension().is_none_or(|end| end != "stamps"));
    paths.sort();
    paths
}

/// Reads every beginning of a small file, and the file with every byte changed: nothing may panic or hang.
pub(crate) fn survives(bytes: &[u8]) {
    for length in 0..bytes.len() {
        told(&bytes[..length]);
    }
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len() {
        for flip in [0x01, 0xff] {
            bytes[at] ^= flip;
            told(&bytes);
            bytes[at] ^= flip;
        }
    }
}

/// What a program wrote, and whether it was content; `None` where it is not here, which under CI it must be.
pub(crate) fn run(command: &mut Command) -> Option<(Vec<u8>, bool)> {
    let program = command.get_program().to_string_lossy().into_owned();
    let Ok(output) = command.stderr(Stdio::null()).output() else {
        assert!(std::env::var_os("CI").is_none(), "CI needs {program}");
        println!("not tested here: needs {program}");
        return None;
    };
    Some((output.stdout, output.status.success()))
}
