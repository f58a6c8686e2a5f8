//! Writing reports: to standard output, or whole into a file, beside the target and then renamed, so
//! that nobody ever reads half of one.

use super::{Exit, Failure};
use crate::audit::Sink;
use crate::config::did_you_mean;
use crate::doctor::Examination;
use crate::report::{
    self, Drifts, Found, Head, Listing, RENDERERS, Reading, Renderer, Report, Stream, Style,
    Writing,
};
use crate::sys::Replacement;
use anstream::{AutoStream, ColorChoice as Colour};
use clap::ColorChoice;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A report that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Request {
    renderer: &'static Renderer,
    target: Target,
}

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Standard output.
    Standard,
    /// Standard error: beside a command whose standard output is its own.
    Aside,
    /// A file.
    File(PathBuf),
}

impl Request {
    /// Reads `NAME` or `NAME=FILE`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (name, target) = match text.split_once('=') {
            Some((_, "")) => return Err(format!("`{text}` names no file")),
            Some((name, "-")) => (name, Target::Standard),
            Some((name, file)) => (name, Target::File(PathBuf::from(file))),
            None => (text, Target::Standard),
        };
        let known = || RENDERERS.iter().map(|renderer| renderer.name);
        let renderer = report::find(name).ok_or_else(|| match did_you_mean(name, known()) {
            Some(meant) => format!("there is no report `{name}`; did you mean `{meant}`?"),
            None => format!(
                "there is no report `{name}`: write {}",
                known().collect::<Vec<_>>().join(", ")
            ),
        })?;
        Ok(Self { renderer, target })
    }

    /// The same report, on standard error where it would go to standard output.
    pub(super) fn aside(self) -> Self {
        let target = match self.target {
            Target::Standard => Target::Aside,
            Target::Aside | Target::File(_) => self.target,
        };
        Self { target, ..self }
    }
}

/// Why a report is lost.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// Two reports would be mixed.
    #[error("only one report can go to standard output: give `{0}` a file ({0}=FILE)")]
    TwoOnStandardOutput(&'static str),
    /// Two reports would overwrite each other.
    #[error("two reports cannot go to one file: `{0}`")]
    OneFileTwice(String),
    /// It cannot be written.
    #[error("cannot write the {report} report to {target}: {error}")]
    Write {
        /// Which report.
        report: &'static str,
        /// Where to.
        target: String,
        /// What the system said.
        error: io::Error,
    },
}

/// The reports of one audit.
#[derive(Debug)]
pub(super) struct Outputs {
    requests: Vec<Request>,
    streams: Vec<Open>,
    style: Style,
}

/// A report that is written as things are found.
#[derive(Debug)]
struct Open {
    request: Request,
    stream: Stream,
    /// The writer, and what went wrong with it first.
    state: Mutex<(Writer, io::Result<()>)>,
}

/// A list of the times in files that is being written.
pub(super) struct OpenListing {
    request: Request,
    listing: Box<dyn Listing>,
    writer: Writer,
    /// What went wrong first.
    so_far: io::Result<()>,
}

impl OpenListing {
    /// Writes, unless something went wrong before.
    pub(super) fn write(
        &mut self,
        write: impl FnOnce(&mut dyn Listing, &mut dyn Write) -> io::Result<()>,
    ) {
        if self.so_far.is_ok() {
            self.so_far = write(&mut *self.listing, &mut self.writer);
        }
    }

    /// Whether it is lost, or who read it has seen enough.
    pub(super) const fn is_over(&self) -> bool {
        self.so_far.is_err() || self.writer.is_closed()
    }

    /// Everything is written: puts it where it belongs.
    pub(super) fn finish(self) -> Result<(), Error> {
        let Self {
            request,
            writer,
            so_far,
            ..
        } = self;
        let written = so_far.and_then(|()| writer.finish());
        written.map_err(|error| request.lost(error))
    }
}

/// Checks what was asked for, before any work is done for it.
pub(super) fn check(requests: &[Request]) -> Result<(), Error> {
    let mut targets: Vec<&Target> = Vec::new();
    for request in requests {
        if targets.contains(&&request.target) {
            return Err(match &request.target {
                Target::Standard | Target::Aside => {
                    Error::TwoOnStandardOutput(request.renderer.name)
                }
                Target::File(path) => Error::OneFileTwice(path.display().to_string()),
            });
        }
        targets.push(&request.target);
        request.check().map_err(|error| request.lost(error))?;
    }
    Ok(())
}

/// Puts an empty line between two human reports on standard output.
pub(super) fn separate(requests: &[Request]) -> Result<(), Failure> {
    let is_read =
        |request: &Request| request.renderer.name == "human" && request.target.is_standard_output();
    if requests.iter().any(is_read) {
        print("\n")?;
    }
    Ok(())
}

impl Outputs {
    /// Checks what was asked for, and opens what is written while the audit runs.
    pub(super) fn open(requests: &[Request], style: Style) -> Result<Self, Error> {
        check(requests)?;
        let mut streams = Vec::new();
        for request in requests {
            if let Writing::Stream(stream) = request.renderer.write {
                let writer = Writer::open(&request.target).map_err(|error| request.lost(error))?;
                let state = Mutex::new((writer, Ok(())));
                streams.push(Open {
                    request: request.clone(),
                    stream,
                    state,
                });
            }
        }
        Ok(Self {
            requests: requests.to_vec(),
            streams,
            style,
        })
    }

    /// Whether anything is written as it is found.
    pub(super) fn streams_any(&self) -> bool {
        !self.streams.is_empty()
    }

    /// Whether any report needs all findings at the end.
    pub(super) fn keeps_any(&self) -> bool {
        self.requests
            .iter()
            .any(|request| matches!(request.renderer.write, Writing::Whole(_)))
    }

    /// Whether a person sees the verdict in one of the reports.
    pub(super) fn shows_verdict(&self) -> bool {
        let is_human = |request: &&Request| request.renderer.name == "human";
        self.requests
            .iter()
            .filter(is_human)
            .any(|request| !matches!(request.target, Target::File(_)))
    }

    /// Writes all reports, and gives back those that are lost.
    pub(super) fn write(self, report: &Report) -> Vec<Error> {
        let Self {
            requests,
            streams,
            style,
        } = self;
        let whole = requests
            .iter()
            .filter_map(|request| match request.renderer.write {
                Writing::Whole(render) => Some((request, render)),
                Writing::Stream(_) => None,
            });
        let mut lost = Vec::new();
        for (request, render) in whole {
            let colour = style.colour && request.target.is_standard_output();
            let style = Style { colour, ..style };
            let written = Writer::open(&request.target).and_then(|mut writer| {
                render(report, &style, &mut writer)?;
                writer.finish()
            });
            lost.extend(written.err().map(|error| request.lost(error)));
        }
        for Open {
            request,
            stream,
            state,
        } in streams
        {
            let (mut writer, so_far) = state.into_inner().unwrap_or_else(PoisonError::into_inner);
            let written = so_far
                .and_then(|()| (stream.trailer)(report, &mut writer))
                .and_then(|()| writer.finish());
            lost.extend(written.err().map(|error| request.lost(error)));
        }
        lost
    }
}

impl Sink for Outputs {
    fn begin(&self, head: &Head) {
        for open in &self.streams {
            open.write(|writer| (open.stream.header)(head, writer));
        }
    }

    fn found(&self, found: &Found<'_>) {
        for open in &self.streams {
            // Put into words before the lock is taken: threads wait for the write only.
            let mut words = Vec::new();
            let rendered = (open.stream.found)(found, &mut words);
            open.write(|writer| rendered.and_then(|()| writer.write_all(&words)));
        }
    }
}

impl Open {
    /// Writes, unless something went wrong before: the audit goes on, for its verdict.
    fn write(&self, write: impl FnOnce(&mut Writer) -> io::Result<()>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (writer, so_far) = &mut *state;
        if so_far.is_ok() {
            *so_far = write(writer);
        }
    }
}

impl Request {
    /// Writes what time it is.
    pub(super) fn write_reading(&self, reading: &Reading, style: Style) -> Result<(), Error> {
        self.write(style, |style, out| {
            (self.renderer.reading)(reading, style, out)
        })
    }

    /// Writes how clocks ran.
    pub(super) fn write_drift(&self, drifts: &Drifts, style: Style) -> Result<(), Error> {
        self.write(style, |style, out| {
            (self.renderer.drift)(drifts, style, out)
        })
    }

    fn write(
        &self,
        style: Style,
        render: impl FnOnce(&Style, &mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Error> {
        let colour = style.colour && self.target.is_standard_output();
        let written = Writer::open(&self.target).and_then(|mut writer| {
            render(&Style { colour, ..style }, &mut writer)?;
            writer.finish()
        });
        written.map_err(|error| self.lost(error))
    }

    /// Writes what a machine says of its clock.
    pub(super) fn write_examination(&self, found: &Examination, style: Style) -> Result<(), Error> {
        let colour = style.colour && self.target.is_standard_output();
        let written = Writer::open(&self.target).and_then(|mut writer| {
            (self.renderer.examination)(found, &Style { colour, ..style }, &mut writer)?;
            writer.finish()
        });
        written.map_err(|error| self.lost(error))
    }

    /// Opens a list of the times in files, which is written as they are found.
    pub(super) fn open_listing(&self, style: Style) -> Result<OpenListing, Error> {
        let colour = style.colour && self.target.is_standard_output();
        let writer = Writer::open(&self.target).map_err(|error| self.lost(error))?;
        Ok(OpenListing {
            request: self.clone(),
            listing: (self.renderer.listing)(Style { colour, ..style }),
            writer,
            so_far: Ok(()),
        })
    }

    fn lost(&self, error: io::Error) -> Error {
        let target = match &self.target {
            Target::Standard => "standard output".to_owned(),
            Target::Aside => "standard error".to_owned(),
            Target::File(path) => format!("`{}`", path.display()),
        };
        Error::Write {
            report: self.renderer.name,
            target,
            error,
        }
    }

    /// Notices before the audit what would be in the way after it.
    fn check(&self) -> io::Result<()> {
        let Target::File(path) = &self.target else {
            return Ok(());
        };
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        match path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            Some(parent) => fs::metadata(parent).map(drop),
            None => Ok(()),
        }
    }
}

/// Where the bytes of one report go.
#[derive(Debug)]
enum Writer {
    /// Standard output, until it is closed.
    Standard {
        out: BufWriter<io::Stdout>,
        is_closed: bool,
    },
    /// Standard error.
    Aside(BufWriter<io::Stderr>),
    /// Something that is no regular file: a device, a FIFO.
    Straight(BufWriter<File>),
    /// A new file beside the target.
    Beside(BufWriter<Replacement>),
}

impl Writer {
    fn open(target: &Target) -> io::Result<Self> {
        let path = match target {
            Target::Standard => {
                return Ok(Self::Standard {
                    out: BufWriter::new(io::stdout()),
                    is_closed: false,
                });
            }
            Target::Aside => return Ok(Self::Aside(BufWriter::new(io::stderr()))),
            Target::File(path) => path,
        };
        // Through a link, so that the link stays.
        let target = path.canonicalize().unwrap_or_else(|_new| path.clone());
        if fs::metadata(&target).is_ok_and(|found| !found.is_file()) {
            let file = OpenOptions::new().write(true).open(&target)?;
            return Ok(Self::Straight(BufWriter::new(file)));
        }
        let file = BufWriter::new(Replacement::of(&target)?);
        Ok(Self::Beside(file))
    }

    /// Whether nobody reads it any longer.
    const fn is_closed(&self) -> bool {
        matches!(
            self,
            Self::Standard {
                is_closed: true,
                ..
            }
        )
    }

    /// Everything is written: puts it where it belongs.
    fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        match self {
            Self::Beside(file) => file.into_inner()?.finish(),
            Self::Standard { .. } | Self::Aside(_) | Self::Straight(_) => Ok(()),
        }
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard {
                is_closed: true, ..
            } => Ok(bytes.len()),
            Self::Standard { out, is_closed } => {
                let written = out.write(bytes);
                unless_closed(written, is_closed, bytes.len())
            }
            Self::Aside(out) => out.write(bytes),
            Self::Straight(file) => file.write(bytes),
            Self::Beside(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard {
                is_closed: true, ..
            } => Ok(()),
            Self::Standard { out, is_closed } => {
                let flushed = out.flush();
                unless_closed(flushed, is_closed, ())
            }
            Self::Aside(out) => out.flush(),
            Self::Straight(file) => file.flush(),
            Self::Beside(file) => file.flush(),
        }
    }
}

/// A reader that has seen enough (`| head`) is no fault, and never changes the exit code.
fn unless_closed<T>(result: io::Result<T>, is_closed: &mut bool, pretend: T) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            *is_closed = true;
            Ok(pretend)
        }
        other => other,
    }
}

/// Whether standard output wants colour: `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`, `TERM` and whether it is a
/// terminal, unless the command line says so itself.
pub(super) fn wants_colour(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => AutoStream::choice(&io::stdout()) != Colour::Never,
    }
}

/// Prints a text that is no report.
pub(super) fn print(text: &str) -> Result<Exit, Failure> {
    let mut writer = Writer::open(&Target::Standard)?;
    writer.write_all(text.as_bytes())?;
    writer.finish()?;
    Ok(Exit::Pass)
}

/// Writes a new file whole, or not at all.
pub(super) fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut writer = Writer::open(&Target::File(path.to_owned()))?;
    writer.write_all(text.as_bytes())?;
    writer.finish()
}
