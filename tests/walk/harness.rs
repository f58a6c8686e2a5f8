//! Walking for a test: what was seen, gathered and sorted, and both walkers held against each other.

use skewgate::sys::Stat;
use skewgate::time::Timestamp;
use skewgate::walk::{
    DEPTH_LIMIT, Entry, Fault, FaultKind, Options, Root, Select, Visitor, Walker, walk,
};
use std::ffi::{OsStr, OsString};
use std::fmt::Debug;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

pub(crate) const WALKERS: [Walker; 2] = [Walker::Beneath, Walker::Portable];

/// One thread finds what depends on an order of tasks, two what depends on another thread, and
/// eight are more than there are processors.
const THREADS: [usize; 3] = [1, 2, 8];

/// One entry as it was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) path: OsString,
    pub(crate) stat: Stat,
    pub(crate) created: Option<Timestamp>,
}

/// All that one walk reported, sorted.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Walked {
    pub(crate) entries: Vec<Seen>,
    pub(crate) faults: Vec<(OsString, FaultKind)>,
}

impl Walked {
    fn sort(&mut self) {
        self.entries.sort_by(|a, b| {
            let key = |seen: &Seen| (seen.stat.kind, seen.stat.device, seen.stat.inode);
            (&a.path, key(a)).cmp(&(&b.path, key(b)))
        });
        self.faults.sort();
    }

    /// The paths below `root`, as text: enough where a test chose plain names.
    pub(crate) fn below(&self, root: &Path) -> Vec<String> {
        let below = |seen: &Seen| text_below(&seen.path, root);
        self.entries.iter().map(below).collect()
    }

    /// The faults, the same way.
    pub(crate) fn faults_below(&self, root: &Path) -> Vec<(String, FaultKind)> {
        let below = |(path, kind): &(OsString, FaultKind)| (text_below(path, root), *kind);
        self.faults.iter().map(below).collect()
    }
}

fn text_below(path: &OsStr, root: &Path) -> String {
    let path = Path::new(path);
    let below = path.strip_prefix(root).unwrap_or(path);
    below.to_str().unwrap().to_owned()
}

/// Gathers what a walk reports, and does something the moment that an entry is: the walk of that
/// thread stands still meanwhile.
pub(crate) struct Collect<'test> {
    all: Mutex<Walked>,
    each: &'test (dyn Fn(&Path) + Sync),
}

impl<'test> Collect<'test> {
    pub(crate) fn new(each: &'test (dyn Fn(&Path) + Sync)) -> Self {
        Self {
            all: Mutex::default(),
            each,
        }
    }

    fn into_walked(self) -> Walked {
        let mut walked = self.all.into_inner().unwrap();
        walked.sort();
        walked
    }
}

impl Visitor for Collect<'_> {
    type Batch = Walked;
    type Work = ();

    fn begin(&self) -> Walked {
        Walked::default()
    }

    fn entry(&self, batch: &mut Walked, entry: &Entry<'_>) -> Option<()> {
        let path = entry.path();
        (self.each)(&path);
        batch.entries.push(Seen {
            path: path.into_os_string(),
            stat: entry.stat,
            created: entry.created(),
        });
        None
    }

    fn work(&self, (): ()) {}

    fn fault(&self, batch: &mut Walked, fault: Fault) {
        batch.faults.push((fault.path.into_os_string(), fault.kind));
    }

    fn end(&self, mut batch: Walked) {
        let mut all = self.all.lock().unwrap();
        all.entries.append(&mut batch.entries);
        all.faults.append(&mut batch.faults);
    }

    fn stopped(&self) -> bool {
        false
    }
}

/// Options that report all there is below the roots.
pub(crate) fn everything(roots: impl IntoIterator<Item = Root>) -> Options {
    Options {
        roots: roots.into_iter().collect(),
        base: PathBuf::from("/"),
        select: Select::default(),
        one_file_system: false,
        depth_limit: DEPTH_LIMIT,
        threads: None,
        walker: Walker::Beneath,
    }
}

/// Walks once.
pub(crate) fn walk_once(options: &mut Options, walker: Walker, threads: usize) -> Walked {
    walk_while(options, walker, threads, &|_| {})
}

/// Walks once, and does something at each entry.
pub(crate) fn walk_while(
    options: &mut Options,
    walker: Walker,
    threads: usize,
    each: &(dyn Fn(&Path) + Sync),
) -> Walked {
    options.walker = walker;
    options.threads = NonZeroUsize::new(threads);
    let collect = Collect::new(each);
    walk(options, &collect).unwrap();
    collect.into_walked()
}

/// Walks with both walkers, with few threads and many; all must report the same.
pub(crate) fn agree(options: &mut Options) -> Walked {
    let first = walk_once(options, Walker::Beneath, 1);
    for walker in WALKERS {
        for threads in THREADS {
            let next = walk_once(options, walker, threads);
            let with = format!("{walker:?} on {threads}");
            assert_same(&next.entries, &first.entries, &with);
            assert_same(&next.faults, &first.faults, &with);
        }
    }
    first
}

/// Whether two long lists are equal; shows the first difference and not the lists.
pub(crate) fn assert_same<T: Debug + PartialEq>(found: &[T], wanted: &[T], what: &str) {
    let same = found.iter().zip(wanted).take_while(|(a, b)| a == b).count();
    assert!(
        found.len() == wanted.len() && same == found.len(),
        "{what}: {} instead of {}, first difference at {same}:\n found {:?}\nwanted {:?}",
        found.len(),
        wanted.len(),
        found.get(same),
        wanted.get(same),
    );
}

/// Walks a tree in every way and holds the entries against walkdir's; there must be no fault.
pub(crate) fn assert_complete(root: &Path) -> Walked {
    let walked = agree(&mut everything([Root::named(root)]));
    assert_same(&walked.entries, &crate::oracle::walkdir(root), "walkdir");
    assert_eq!(walked.faults_below(root), []);
    walked
}
