//! The shape of the list of the times in files.

use super::shape::Tool;
use super::{Path, paths};
use crate::bytes::{self, Origin};
use crate::format::{self, Aged, Content};
use crate::report;
use crate::report::listing::{Counts, Listed};
use crate::time::json::{Exact, Interval};
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

/// The version of the shape.
const VERSION: &str = "skewgate/stamps/v1";

/// Every time in files, by skewgate.
///
/// Instants are RFC 3339 strings in UTC with nine digits, or `@seconds` outside the years 0000 to 9999. What is not
/// known is absent. Times are told in the order in which they are found, which is that of the file as a rule.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Stamps", deny_unknown_fields)]
pub(super) struct Document<'a> {
    #[serde(flatten)]
    begin: Begin,
    /// The files, as they were named.
    files: Vec<File<'a>>,
    #[serde(flatten)]
    end: End<'a>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Begin {
    /// The version of this shape.
    #[schemars(extend("const" = VERSION))]
    schema: &'static str,
    tool: Tool,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct End<'a> {
    /// Files that could not be opened.
    unread: Vec<Unread<'a>>,
}

/// A file that could not be opened.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Unread<'a> {
    #[serde(flatten)]
    path: Path<'a>,
    /// Why.
    reason: &'a str,
}

/// A file, and the times in it.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct File<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    /// Every time in it.
    stamps: Vec<Stamp<'a>>,
    #[serde(flatten)]
    rest: Rest<'a>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Head<'a> {
    #[serde(flatten)]
    path: Path<'a>,
    /// How many bytes it has.
    size: u64,
    /// When it was last modified.
    #[serde(skip_serializing_if = "Option::is_none")]
    mtime: Option<Exact>,
}

/// A member of a file: the names on the way to it, joined by `!`; nothing of the file itself.
#[derive(Serialize, JsonSchema)]
struct Member<'a> {
    /// The way to the member.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<Cow<'a, str>>,
    /// Its exact bytes in base64, only when `member` had to replace what is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    member_bytes: Option<String>,
}

/// One time.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Stamp<'a> {
    #[serde(flatten)]
    member: Member<'a>,
    /// Which field (`docs/formats.md`).
    field: &'static str,
    /// Of what it is the time: `modified` for a member's last change, `event` for anything else.
    role: &'static str,
    /// How far it is to be believed: `high` for a field that holds nothing else, `low` for a date in free text.
    confidence: &'static str,
    /// Its bytes as they stand there, in hexadecimal.
    raw: String,
    state: State,
    /// Why it is no time, where it is invalid.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    /// What is written, as if a zone that lacks were UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<Exact>,
    /// The earliest that it can have been.
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest: Option<Exact>,
    /// The latest that it can have been.
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<Exact>,
    /// What is known of its zone: `known`, `stated`, `inferred` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<&'static str>,
    /// Who writes this time on purpose, where it is a well-known constant.
    #[serde(skip_serializing_if = "Option::is_none")]
    constant: Option<&'static str>,
    /// Where it can be written anew without changing the length of anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    slot: Option<Slot>,
}

/// What a field says.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum State {
    /// A time.
    Time,
    /// That nobody wants to say.
    Unset,
    /// Something that is no time.
    Invalid,
}

/// Where a time can be written anew.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Slot {
    /// What its place is counted in: `file`, or the codec of a stream in it, whose content is meant.
    r#in: &'static str,
    /// Where in the file that stream begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<u64>,
    /// Where its first byte is.
    at: u64,
    /// How many bytes it has.
    length: usize,
    /// What else must change with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<Mend>,
}

/// A checksum that covers a time.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Mend {
    /// Of what: `tar-header`, `gzip-header`, `png-chunk`, `uimage-header` or `pe-checksum`.
    of: &'static str,
    /// Where that begins, counted like the slot.
    at: u64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Rest<'a> {
    /// Records of one thing that exclude each other.
    disagreements: Vec<Disagreement<'a>>,
    /// Archives in it that are older than what lies in them.
    older: Vec<Older<'a>>,
    /// What could not be read.
    faults: Vec<Fault<'a>>,
    /// The formats that were met.
    formats: Vec<&'static str>,
    /// The producers of the constants that were found, each once.
    constants: &'a [&'static str],
    /// What signs the file or something in it.
    signatures: Vec<Signature>,
    counts: Numbers,
}

/// Two records of one thing that exclude each other.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Disagreement<'a> {
    #[serde(flatten)]
    member: Member<'a>,
    /// In how many members the same fields contradict each other in this way; `member` is the first.
    members: u64,
    /// The records.
    records: [FieldTime; 2],
    /// What it comes to.
    message: &'a str,
}

/// A field, and when it says something was.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FieldTime {
    /// Which field.
    field: &'static str,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Interval>,
}

/// An archive that bears a time before that of something in it.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Older<'a> {
    #[serde(flatten)]
    member: Member<'a>,
    /// What it bears.
    own: FieldTime,
    /// The latest time in it.
    newest: Interval,
    /// The way to that.
    newest_member: Cow<'a, str>,
}

/// What could not be read.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Fault<'a> {
    #[serde(flatten)]
    member: Member<'a>,
    /// In what way: `malformed`, `truncated`, `unsupported`, `limit`, `unstable` or `io`.
    kind: &'static str,
    /// What is wrong.
    message: &'a str,
}

/// A signature.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Signature {
    /// Of which kind.
    name: &'static str,
    /// Whether it holds no longer once a time is written anew.
    covers_times: bool,
}

/// How many were found.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Numbers {
    /// Entries of archives.
    entries: u64,
    /// All times, whatever they say.
    stamps: u64,
    /// Those that say when something was.
    times: u64,
    /// Those that are well-known constants.
    constants: u64,
    /// Those that are unset.
    unset: u64,
    /// Those that are no times.
    invalid: u64,
}

impl Begin {
    pub(super) fn of(version: &'static str) -> Self {
        Self {
            schema: VERSION,
            tool: Tool::of(version),
        }
    }
}

impl<'a> End<'a> {
    pub(super) fn of(unread: &'a [report::Unread]) -> Self {
        let unread = unread.iter().map(|unread| Unread {
            path: Path::of(&unread.path),
            reason: &unread.reason,
        });
        Self {
            unread: unread.collect(),
        }
    }
}

impl<'a> Head<'a> {
    pub(super) fn of(file: &Listed<'a>) -> Self {
        Self {
            path: Path::of(file.path),
            size: file.size,
            mtime: file.modified.map(Exact),
        }
    }
}

impl<'a> Member<'a> {
    fn of(member: &'a [u8]) -> Self {
        Self {
            member: (!member.is_empty()).then(|| String::from_utf8_lossy(member)),
            member_bytes: paths::exact(member),
        }
    }
}

impl<'a> Stamp<'a> {
    pub(super) fn of(
        member: &'a [u8],
        stamp: &format::Stamp<'_>,
        constant: Option<&'static str>,
    ) -> Self {
        let moment = stamp.value.moment();
        let (state, why) = match stamp.value {
            format::Value::At(_) => (State::Time, None),
            format::Value::Unset => (State::Unset, None),
            format::Value::Invalid(why) => (State::Invalid, Some(why)),
        };
        Self {
            member: Member::of(member),
            field: stamp.field.name,
            role: stamp.field.role.name(),
            confidence: stamp.field.confidence.name(),
            raw: stamp.raw.iter().map(|byte| format!("{byte:02x}")).collect(),
            state,
            why,
            written: moment.map(|moment| Exact(moment.written)),
            earliest: moment.and_then(|moment| moment.time.earliest()).map(Exact),
            latest: moment.and_then(|moment| moment.time.latest()).map(Exact),
            zone: moment.map(|moment| moment.zone.name()),
            constant,
            slot: stamp.slot.and_then(Slot::of),
        }
    }
}

impl Slot {
    fn of(slot: format::Slot) -> Option<Self> {
        let (r#in, from, at) = match slot.at {
            Origin::File(at) => ("file", None, at),
            Origin::Decoded { codec, from, at } => (codec.name(), Some(from), at),
            Origin::Deep => return None,
        };
        let mend = slot.mend.told().and_then(|(of, origin)| match origin {
            Origin::File(at) | Origin::Decoded { at, .. } => Some(Mend { of, at }),
            Origin::Deep => None,
        });
        Some(Self {
            r#in,
            from,
            at,
            length: slot.form.length(),
            mend,
        })
    }
}

impl<'a> Rest<'a> {
    pub(super) fn of(content: &'a Content, counts: Counts) -> Self {
        let tally = &content.tally;
        let disagreement = |told: format::Contradiction<'a>| Disagreement {
            member: Member::of(told.member),
            members: told.members,
            records: [told.disagreement.one, told.disagreement.other].map(|(field, time)| {
                FieldTime {
                    field: field.name,
                    time: time.map(Interval::from),
                }
            }),
            message: &told.disagreement.what,
        };
        let older = |found: &'a Aged| Older {
            member: Member::of(&found.member),
            own: FieldTime {
                field: found.own.0.name,
                time: Some(found.own.1.time.into()),
            },
            newest: found.newest.into(),
            newest_member: String::from_utf8_lossy(&found.where_newest),
        };
        let fault = |(member, flaw): &'a (Vec<u8>, bytes::Flaw)| Fault {
            member: Member::of(member),
            kind: flaw.kind.name(),
            message: &flaw.message,
        };
        let signature = |signature: &format::Signature| Signature {
            name: signature.name,
            covers_times: signature.covers_times,
        };
        Self {
            disagreements: content.contradictions().map(disagreement).collect(),
            older: content.older.iter().map(older).collect(),
            faults: content.flaws.iter().map(fault).collect(),
            formats: tally.met().map(|format| format.name).collect(),
            constants: &tally.constants,
            signatures: tally.signatures.iter().map(signature).collect(),
            counts: Numbers {
                entries: tally.entries,
                stamps: counts.stamps,
                times: counts.times,
                constants: counts.constants,
                unset: counts.unset,
                invalid: counts.invalid,
            },
        }
    }
}
