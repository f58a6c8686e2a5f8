//! A contender with few file descriptors.

use std::error::Error;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::process::{Resource, Rlimit, setrlimit};

/// The hidden first argument that makes the benchmark give itself few file descriptors and become a contender.
pub(crate) const COMMAND: &str = "limited";

/// Takes the limit upon itself, hard and soft, and becomes the program: `limited DESCRIPTORS PROGRAM ARGUMENT...`.
pub(crate) fn main(arguments: &[&str]) -> Box<dyn Error> {
    let [descriptors, program, rest @ ..] = arguments else {
        return "usage: limited DESCRIPTORS PROGRAM ARGUMENT...".into();
    };
    let most = match descriptors.parse() {
        Ok(most) => Some(most),
        Err(error) => return Box::<dyn Error>::from(error),
    };
    let limit = Rlimit {
        current: most,
        maximum: most,
    };
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => Command::new(program).args(rest).exec().into(),
        Err(error) => error.into(),
    }
}
