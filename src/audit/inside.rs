//! Looking into artifacts for the times inside: which are opened, by whom, and how often.

use crate::bytes::{Flaw, OpenFile, ReadAt as _};
use crate::format::{self, Calm, Content, Embedded};
use crate::rule::Subject;
use crate::sys::{self, Boottime, Identity, Kind};
use crate::walk::{DEFERRED, Entry, Fault};
use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Files up to this size are read where they are met: to hand them on would cost more.
const SMALL: u64 = 128 * 1024;

/// The part of an audit that looks into artifacts.
pub(super) struct Inside<'audit> {
    options: &'audit format::Options,
    calm: Calm,
    stop: &'audit AtomicBool,
    /// How many more may wait with their file open.
    room: AtomicUsize,
    /// Files with several names: each is read once.
    twins: Mutex<HashMap<Identity, Twin>>,
}

/// What is known of a file with several names.
enum Twin {
    /// It is being read; these are the names that were met meanwhile.
    Reading(Vec<Subject>),
    /// It was read by then.
    Read(Arc<Content>, Boottime),
}

/// What meeting an entry comes to.
pub(super) enum Met {
    /// It could not be opened, by this name and those met meanwhile.
    Faults(Vec<Fault>),
    /// It is large, and waits for a thread.
    Waits(Box<Waiting>),
    /// It was looked into.
    Read(Looked),
}

/// An artifact that waits to be looked into.
pub(super) struct Waiting {
    subject: Subject,
    file: OpenFile,
}

/// An artifact that was looked into.
pub(super) struct Looked {
    /// What was found.
    pub(super) content: Arc<Content>,
    /// When it had been read.
    pub(super) read: Boottime,
    /// The other names that it was met by while it was read.
    pub(super) others: Vec<Subject>,
    /// Whether it was read for this, and not under another name before.
    pub(super) is_new: bool,
}

impl<'audit> Inside<'audit> {
    pub(super) fn new(
        options: &'audit format::Options,
        calm: Calm,
        stop: &'audit AtomicBool,
    ) -> Self {
        Self {
            options,
            calm,
            stop,
            room: AtomicUsize::new(DEFERRED),
            twins: Mutex::default(),
        }
    }

    /// Looks into an entry, or lets it wait; `None` where there is nothing to look into.
    #[inline]
    pub(super) fn meet(&self, entry: &Entry<'_>) -> Option<Met> {
        let wanted = match self.options.embedded {
            Embedded::None => false,
            Embedded::All => true,
            Embedded::Auto => format::is_named(entry.name().as_encoded_bytes()),
        };
        (wanted && entry.stat.kind == Kind::File).then(|| self.open(entry))?
    }

    fn open(&self, entry: &Entry<'_>) -> Option<Met> {
        let twin = entry.stat.identity().filter(|_| entry.stat.links > 1);
        if let Some(identity) = twin {
            match self.twins().entry(identity) {
                Slot::Vacant(slot) => {
                    slot.insert(Twin::Reading(Vec::new()));
                }
                Slot::Occupied(mut slot) => match slot.get_mut() {
                    Twin::Reading(names) => {
                        names.push(Subject::of(entry));
                        return None;
                    }
                    Twin::Read(content, read) => {
                        return Some(Met::Read(Looked {
                            content: Arc::clone(content),
                            read: *read,
                            others: Vec::new(),
                            is_new: false,
                        }));
                    }
                },
            }
        }
        let file = match entry.open() {
            Ok(file) => file,
            Err(error) => {
                // Whoever meets another name tries again.
                let left = twin.and_then(|identity| self.twins().remove(&identity));
                let others = match left {
                    Some(Twin::Reading(names)) => names,
                    Some(Twin::Read(..)) | None => Vec::new(),
                };
                let others = others.iter().map(|other| other.path().to_owned());
                let paths = std::iter::once(entry.path()).chain(others);
                return Some(Met::Faults(
                    paths.map(|path| Fault::new(path, &error)).collect(),
                ));
            }
        };
        if file.size() > SMALL && self.take_room() {
            let subject = Subject::of(entry);
            return Some(Met::Waits(Box::new(Waiting { subject, file })));
        }
        Some(Met::Read(self.look(&file, twin)))
    }

    /// Looks into what waited.
    pub(super) fn read(&self, waiting: Box<Waiting>) -> (Looked, Subject) {
        let Waiting { subject, file } = *waiting;
        let stat = subject.stat();
        let looked = self.look(&file, stat.identity().filter(|_| stat.links > 1));
        drop(file);
        self.room.fetch_add(1, Ordering::Relaxed);
        (looked, subject)
    }

    fn look(&self, file: &OpenFile, twin: Option<Identity>) -> Looked {
        let mut content = format::look(file, self.options, self.calm, self.stop);
        if file.has_changed() {
            content.flaws.push((Vec::new(), Flaw::unstable()));
        }
        let (content, read) = (Arc::new(content), sys::boottime());
        let known = twin.and_then(|identity| {
            let twin = Twin::Read(Arc::clone(&content), read);
            self.twins().insert(identity, twin)
        });
        let others = match known {
            Some(Twin::Reading(names)) => names,
            Some(Twin::Read(..)) | None => Vec::new(),
        };
        Looked {
            content,
            read,
            others,
            is_new: true,
        }
    }

    fn take_room(&self) -> bool {
        let take = |room: usize| room.checked_sub(1);
        let taken = self
            .room
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.is_ok()
    }

    fn twins(&self) -> std::sync::MutexGuard<'_, HashMap<Identity, Twin>> {
        self.twins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
