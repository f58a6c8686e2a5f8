//! Every fixture, cut off and changed: nothing that is done to a file may panic, take long, or take more memory than the
//! limits allow.

use crate::look::{fixture, look};
use rayon::prelude::{IntoParallelIterator as _, ParallelIterator as _};
use skewgate::bytes::{Codec, Limits, decoder};
use skewgate::format::{Calm, Embedded, Options};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::io::Read as _;
use std::time::{Duration, Instant};

/// So much of a larger file is cut off and changed only, in places that hold something, the first of them all.
const PLACES: usize = 400;

/// And of what is made to be as slow as may be.
const PLACES_OF_BOMB: usize = 40;

/// As long as the slowest reading may take on a machine that does much else.
const LONGEST: Duration = Duration::from_secs(20);

/// What a reading takes beside what limits speak of.
const BESIDE: u64 = 64 << 20;

/// The memory of the system, counted for each thread: other tests run beside these.
struct Counting;

#[global_allocator]
static MEMORY: Counting = Counting;

thread_local! {
    /// How much is taken now, and the most that was.
    static TAKEN: Cell<(i64, i64)> = const { Cell::new((0, 0)) };
}

/// Counts more or less memory, of which nobody can say where it ends in a thread that does.
fn count(bytes: usize, sign: i64) {
    let bytes = i64::try_from(bytes)
        .unwrap_or(i64::MAX)
        .saturating_mul(sign);
    let _ends = TAKEN.try_with(|taken| {
        let (now, most) = taken.get();
        let now = now.saturating_add(bytes);
        taken.set((now, most.max(now)));
    });
}

#[expect(unsafe_code, reason = "only so can memory be counted")]
// SAFETY: all is left to the system's, which keeps what it promises; counting takes no memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(place, layout) }
    }
}

/// How much memory is taken at most while something runs, in bytes.
fn most_taken(work: impl FnOnce()) -> u64 {
    let before = TAKEN.get().0;
    TAKEN.set((before, before));
    work();
    u64::try_from(TAKEN.get().1 - before).unwrap_or(0)
}

/// What comes out of a decompressor takes long without optimisation: less does.
fn options() -> Options {
    let mut limits = Limits::DEFAULT;
    limits.decoded = 1 << 18;
    limits.spool = 1 << 18;
    Options {
        embedded: Embedded::All,
        limits,
        ..Options::default()
    }
}

/// Every fixture, its name and its bytes; images of file systems are compressed, and unpacked here.
fn all() -> Vec<(String, Vec<u8>)> {
    let made = ["README.md", "make", "make.d", ".gitattributes"];
    let root = fixture("");
    let entries = walkdir::WalkDir::new(&root).sort_by_file_name();
    let entries = entries.into_iter().filter_entry(|entry| {
        entry.depth() != 1 || !made.iter().any(|made| entry.file_name() == *made)
    });
    let files = entries.map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file());
    let mut paths: Vec<_> = files.map(walkdir::DirEntry::into_path).collect();
    paths.push(fixture("../records/buildinfo/signed.buildinfo"));
    let read = |path: std::path::PathBuf| {
        let (name, bytes) = (path.display().to_string(), fs::read(&path).unwrap());
        let is_image = ["/iso/", "/ext/"].iter().any(|part| name.contains(part));
        if !is_image || !name.ends_with(".gz") {
            return (name, bytes);
        }
        let mut image = Vec::new();
        let decoder = decoder(Codec::Gzip, bytes.as_slice(), &Limits::DEFAULT);
        decoder.unwrap().read_to_end(&mut image).unwrap();
        (name, image)
    };
    paths.into_iter().map(read).collect()
}

/// Where a file is cut off and changed: everywhere, or in so many places.
fn places(bytes: &[u8], most: usize) -> Vec<usize> {
    let all = 0..bytes.len();
    if bytes.len() <= most {
        return all.collect();
    }
    let is_told = |at: &usize| bytes[*at] != 0;
    let told: Vec<usize> = all.filter(is_told).collect();
    let (first, rest) = told.split_at(told.len().min(most / 2));
    let step = rest.len() / (most / 2) + 1;
    let rest = rest.iter().step_by(step);
    first.iter().chain(rest).copied().collect()
}

/// Reads all that can become of a file, a change at a time.
fn survives(name: &str, bytes: &[u8], options: &Options) {
    let limits = options.limits;
    let most = BESIDE + limits.memory + limits.dictionary;
    let reads = |bytes: &[u8], how: &str, at: usize| {
        let began = Instant::now();
        let taken = most_taken(|| {
            let seen = look(&bytes, options, Calm::NEVER);
            assert!(seen.tally.entries <= 10_000, "{name} {how} at {at}");
        });
        assert!(taken <= most, "{name} {how} at {at} takes {taken} bytes");
        let took = began.elapsed();
        assert!(took < LONGEST, "{name} {how} at {at} takes {took:?}");
    };
    let mut changed = bytes.to_vec();
    let is_bomb = name.contains("-bomb.");
    let places = places(bytes, if is_bomb { PLACES_OF_BOMB } else { PLACES });
    for at in places {
        reads(&bytes[..at], "cut off", at);
        for by in [1 << (at % 8), 0xff] {
            changed[at] = bytes[at] ^ by;
            reads(&changed, "changed", at);
        }
        changed[at] = bytes[at];
    }
}

#[test]
fn nothing_that_is_done_to_a_file_ends_a_reading_badly() {
    let options = options();
    let files = all();
    assert!(files.len() > 300, "{}", files.len());
    files
        .into_par_iter()
        .for_each(|(name, bytes)| survives(&name, &bytes, &options));
}

#[test]
fn memory_is_counted() {
    let taken = most_taken(|| drop(std::hint::black_box(vec![1_u8; 1 << 20])));
    assert!((1 << 20..1 << 21).contains(&taken), "{taken}");
}
