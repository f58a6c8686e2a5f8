//! skewgate's reader by itself, without a walk, a clock and a report; and the bare decompressor that it is held against.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader};
use std::sync::atomic::AtomicBool;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use skewgate::bytes::OpenFile;
use skewgate::format::{self, Calm, Embedded, Options};
use skewgate::time::Timestamp;

/// The hidden first argument that makes the benchmark a reader of the files that follow.
pub(crate) const COMMAND: &str = "read";

/// The hidden first argument that makes it a decompressor of gzip, and nothing else.
pub(crate) const BARE: &str = "bare";

/// Room for what comes out of the bare decompressor: as large as where skewgate puts it.
const ROOM: usize = 256 * 1024;

/// Reads the times in files, and says how many entries there are: `read THREADS WHAT FILE...`. `WHAT` is `directories`
/// (of zips, nothing else of them), `headers` (their local headers, too) or `all` (what lies in the archives, too).
pub(crate) fn main(arguments: &[&str]) -> Result<u64, Box<dyn Error>> {
    let [threads, what, files @ ..] = arguments else {
        return Err("usage: read THREADS WHAT FILE...".into());
    };
    let options = Options {
        embedded: if *what == "all" {
            Embedded::Auto
        } else {
            Embedded::None
        },
        local_headers: *what != "directories",
        ..Options::default()
    };
    // What an audit without a window asks: nothing from before 1970, and nothing from the future.
    let calm = Calm {
        from: Timestamp::from_unix(0, 0),
        to: Timestamp::from_unix(2_000_000_000, 0),
        possible: false,
        signatures: false,
        now: Timestamp::from_unix(2_000_000_000, 0),
    };
    let read = |file: &&str| -> io::Result<u64> {
        let file = OpenFile::new(File::open(file)?)?;
        let content = format::look(&file, &options, calm, &AtomicBool::new(false));
        Ok(content.tally.entries)
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?);
    let entries: io::Result<Vec<u64>> = pool
        .build()?
        .install(|| files.par_iter().map(read).collect());
    Ok(entries?.iter().sum())
}

/// Decompresses files and throws away what comes out: `bare FILE...`.
pub(crate) fn bare(files: &[&str]) -> Result<u64, Box<dyn Error>> {
    let mut room = vec![0; ROOM];
    let mut size = 0;
    for file in files {
        let packed = BufReader::with_capacity(64 * 1024, File::open(file)?);
        let mut decoder = flate2::bufread::MultiGzDecoder::new(packed);
        loop {
            match io::Read::read(&mut decoder, &mut room)? {
                0 => break,
                read => size += u64::try_from(read)?,
            }
        }
    }
    Ok(size)
}
