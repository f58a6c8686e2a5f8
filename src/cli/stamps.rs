//! `skewgate stamps`: every time in files, where it is, its bytes and what they say.

use super::args::FileArgs;
use super::audit::configured;
use super::embedded::InsideArgs;
use super::output::{self, OpenListing, Request};
use super::{Exit, Failure, complain, interrupt};
use crate::bytes::{Flaw, OpenFile, ReadAt as _};
use crate::config::{EmbeddedSettings, File};
use crate::format::{self, Options};
use crate::report::{Listed, Style, Unread, shown};
use crate::sys::{Stat, open_regular};
use crate::time::Timestamp;
use clap::{ArgMatches, Args, ColorChoice};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// What the help says last.
pub(super) const AFTER_HELP: &str = "\
Examples:
  skewgate stamps dist/app.jar                      what times are in it, a line each
  skewgate stamps --zip-tz +05:30 dist/*.zip        the zone in which zip's local times are
  skewgate stamps -o json dist/app.deb | jq '.files[].stamps[] | select(.earliest > \"2027\")'
A line is the time as it is written (`Z`: UTC; `local?`: somebody's local time; `inferred`,
`stated`: local time of the zone that other members, or --zip-tz, tell), the field
(docs/formats.md), its bytes, where they can be written anew, [whose constant or why it is none] and
the member. `@271` is byte 271 of the file, `gzip@10:512` byte 512 of what comes out of the gzip
stream that begins at byte 10; `-` nowhere, since more than a checksum depends on it.
Exit codes: 0 everything was read, 2 a file could not be opened, 3 something was not wholly read.";

#[derive(Debug, Args)]
pub(super) struct StampsArgs {
    /// The files to look into, whatever their names
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    inside: InsideArgs,
    /// A report to write: human, json or ndjson, to standard output or to a file; repeatable
    #[arg(short, long, value_name = "NAME[=FILE]", value_parser = Request::parse, value_delimiter = '\n')]
    #[arg(default_value = "human", help_heading = "Output")]
    output: Vec<Request>,
    #[command(flatten)]
    file: FileArgs,
}

pub(super) fn run(
    args: &StampsArgs,
    matches: &ArgMatches,
    color: ColorChoice,
) -> Result<Exit, Failure> {
    let current = std::env::current_dir()?;
    let file = configured(&args.file, &current)?.map(File::into_embedded);
    let given = args.inside.given(matches);
    let options = EmbeddedSettings::new(given, file.unwrap_or_default()).options();
    output::check(&args.output)?;
    let style = Style {
        colour: output::wants_colour(color),
        verbose: false,
    };
    let listings = args.output.iter().map(|to| to.open_listing(style));
    let mut lists = Lists(listings.collect::<Result<_, _>>()?);
    let interrupt = interrupt::watch()?;
    let (mut unread, mut is_whole) = (Vec::new(), true);
    lists.each(|list| list.write(|list, out| list.begin(env!("CARGO_PKG_VERSION"), out)));
    for path in &args.files {
        match open(path) {
            Ok(opened) => is_whole &= lists.list(path, &opened, &options, interrupt.flag()),
            Err(error) => {
                let reason = error.to_string();
                let (named, why) = (shown(path), shown(&reason));
                complain(&format!("error: cannot read `{named}`: {why}\n"));
                let path = path.clone();
                unread.push(Unread { path, reason });
            }
        }
        if lists.are_over() {
            break;
        }
        if interrupt.flag().load(Ordering::Relaxed) {
            drop(lists);
            complain("interrupted: not everything was read\n");
            interrupt.end_process();
            return Ok(Exit::NoVerdict);
        }
    }
    lists.each(|list| list.write(|list, out| list.end(&unread, out)));
    lists.0.into_iter().try_for_each(OpenListing::finish)?;
    Ok(exit(unread.is_empty(), is_whole))
}

/// What cannot be opened weighs more: who mistypes a name wants to know that first.
const fn exit(is_opened: bool, is_whole: bool) -> Exit {
    match (is_opened, is_whole) {
        (false, _) => Exit::Error,
        (true, false) => Exit::NoVerdict,
        (true, true) => Exit::Pass,
    }
}

/// A file that is read, and when it was modified.
struct Opened {
    file: OpenFile,
    modified: Timestamp,
}

/// Opens a file that somebody named: through links, and nothing that is no file.
fn open(path: &Path) -> io::Result<Opened> {
    let file = open_regular(&path.canonicalize()?)?;
    let modified = Stat::of(&file.metadata()?).modified;
    let file = OpenFile::new(file)?;
    Ok(Opened { file, modified })
}

/// Every list that was asked for.
struct Lists(Vec<OpenListing>);

impl Lists {
    fn each(&mut self, tell: impl FnMut(&mut OpenListing)) {
        self.0.iter_mut().for_each(tell);
    }

    /// Whether nobody reads any of them.
    fn are_over(&self) -> bool {
        self.0.iter().all(OpenListing::is_over)
    }

    /// Lists the times in a file, and says whether it was wholly read.
    fn list(&mut self, path: &Path, opened: &Opened, options: &Options, stop: &AtomicBool) -> bool {
        let listed = Listed {
            path,
            size: opened.file.size(),
            modified: Some(opened.modified),
        };
        self.each(|list| list.write(|list, out| list.file(&listed, out)));
        let mut content = format::list(&opened.file, options, stop, &mut |member, stamp| {
            self.each(|list| list.write(|list, out| list.stamp(member, stamp, out)));
            if self.are_over() {
                stop.store(true, Ordering::Relaxed);
            }
        });
        if opened.file.has_changed() {
            content.flaws.push((Vec::new(), Flaw::unstable()));
        }
        self.each(|list| list.write(|list, out| list.rest(&content, out)));
        content.flaws.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::exit;
    use crate::cli::Exit;

    #[test]
    fn what_was_not_read_is_no_pass() {
        assert_eq!(exit(true, true), Exit::Pass);
        assert_eq!(exit(true, false), Exit::NoVerdict);
        assert_eq!(
            [true, false].map(|whole| exit(false, whole)),
            [Exit::Error; 2]
        );
    }
}
