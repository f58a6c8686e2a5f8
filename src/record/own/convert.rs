//! From a record to the shape of its file, and back.

use super::{Command, Host, Mount, Phase, Record, Recorded, Tree, shape};
use crate::clock::{Local, Reading, Standing, Trusted, Votes, Witness};
use crate::source::Class;
use crate::sys::{Boottime, Clocks, Discipline, RulerId, path_from_bytes};
use crate::time::json::{Exact, Seconds};
use crate::time::{Span, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::{Path, PathBuf};

impl shape::Shape {
    pub(super) fn of(record: &Record) -> Self {
        Self {
            schema: shape::VERSION.to_owned(),
            id: record.id.clone(),
            version: record.version.clone(),
            host: shape::Host {
                name: record.host.name.clone(),
                machine: record.host.machine.clone(),
            },
            tree: shape::Tree {
                folder: path(&record.tree.path),
                identity: record
                    .tree
                    .identity
                    .map(|(device, inode)| format!("{device}:{inode}")),
                commit: record.tree.commit.clone(),
            },
            mounts: record.mounts.iter().map(mount).collect(),
            facts: record.facts.iter().map(fact).collect(),
            command: record.command.as_ref().map(|command| shape::Command {
                program: command.program.clone(),
                arguments: command.arguments,
                exit: command.exit,
            }),
            readings: record.readings.iter().map(reading).collect(),
            digest: None,
        }
    }

    /// The record it is of; or what in it cannot be.
    pub(super) fn into_record(self) -> Result<Record, String> {
        Ok(Record {
            id: self.id,
            version: self.version,
            host: Host {
                name: self.host.name,
                machine: self.host.machine,
            },
            tree: Tree {
                path: into_path(self.tree.folder)?,
                identity: self.tree.identity.map(|text| identity(&text)).transpose()?,
                commit: self.tree.commit,
            },
            mounts: self
                .mounts
                .into_iter()
                .map(into_mount)
                .collect::<Result<_, _>>()?,
            facts: self
                .facts
                .into_iter()
                .map(|fact| (fact.name, fact.value))
                .collect(),
            command: self.command.map(|command| Command {
                program: command.program,
                arguments: command.arguments,
                exit: command.exit,
            }),
            readings: self
                .readings
                .into_iter()
                .map(into_reading)
                .collect::<Result<_, _>>()?,
        })
    }
}

fn path(path: &Path) -> shape::Path {
    let exact = path.to_str();
    shape::Path {
        path: path.to_string_lossy().into_owned(),
        path_bytes: match exact {
            Some(_) => None,
            None => Some(STANDARD.encode(path.as_os_str().as_encoded_bytes())),
        },
    }
}

fn into_path(from: shape::Path) -> Result<PathBuf, String> {
    let Some(text) = from.path_bytes else {
        return Ok(PathBuf::from(from.path));
    };
    let bytes = STANDARD.decode(&text).ok();
    let read = bytes.and_then(|bytes| path_from_bytes(&bytes).ok());
    read.ok_or_else(|| format!("`path_bytes` is `{text}`, which is no path in base64"))
}

fn identity(text: &str) -> Result<(u64, u64), String> {
    let read = || {
        let (device, inode) = text.split_once(':')?;
        Some((device.parse().ok()?, inode.parse().ok()?))
    };
    read().ok_or_else(|| format!("`identity` is `{text}`, not DEVICE:INODE in decimal"))
}

fn mount(mount: &Mount) -> shape::Mount {
    let stamp = |(before, file, after): &(Timestamp, Timestamp, Timestamp)| shape::Stamp {
        before: Exact(*before),
        file: Exact(*file),
        after: Exact(*after),
    };
    shape::Mount {
        folder: path(&mount.path),
        filesystem: mount.filesystem.clone(),
        stamper: mount.stamper.clone(),
        stamp: mount.stamp.as_ref().ok().map(stamp),
        fault: mount.stamp.as_ref().err().cloned(),
    }
}

fn into_mount(from: shape::Mount) -> Result<Mount, String> {
    let stamp = from
        .stamp
        .map(|stamp| (stamp.before.0, stamp.file.0, stamp.after.0));
    Ok(Mount {
        path: into_path(from.folder)?,
        filesystem: from.filesystem,
        stamper: from.stamper,
        stamp: either(stamp, from.fault, ["stamp", "fault"])?,
    })
}

/// One of two members, of which there must be exactly one.
fn either<T>(
    good: Option<T>,
    bad: Option<String>,
    names: [&str; 2],
) -> Result<Result<T, String>, String> {
    match (good, bad) {
        (Some(good), None) => Ok(Ok(good)),
        (None, Some(bad)) => Ok(Err(bad)),
        _ => {
            let [one, other] = names;
            Err(format!(
                "there must be one of `{one}` and `{other}`, not both and not none"
            ))
        }
    }
}

fn fact((name, value): &(String, String)) -> shape::Fact {
    shape::Fact {
        name: name.clone(),
        value: value.clone(),
    }
}

fn reading(taken: &Recorded) -> shape::Reading {
    let Reading {
        local,
        trusted,
        witnesses,
    } = &taken.reading;
    shape::Reading {
        phase: match taken.phase {
            Phase::Begin => shape::Phase::Begin,
            Phase::During => shape::Phase::During,
            Phase::Step => shape::Phase::Step,
            Phase::End => shape::Phase::End,
        },
        local: of_local(local),
        trusted: trusted.as_ref().ok().map(|trusted| shape::Trusted {
            time: trusted.time.into(),
            ruler: ruler(trusted.taken),
            class: class(trusted.class),
            agreeing: u32::try_from(trusted.votes.agreeing).unwrap_or(u32::MAX),
            of: u32::try_from(trusted.votes.of).unwrap_or(u32::MAX),
        }),
        untrusted: trusted.as_ref().err().cloned(),
        witnesses: witnesses.iter().map(witness).collect(),
    }
}

fn into_reading(from: shape::Reading) -> Result<Recorded, String> {
    let trusted = from.trusted.map(|trusted| Trusted {
        time: trusted.time.into(),
        taken: into_ruler(trusted.ruler),
        class: into_class(trusted.class),
        votes: Votes {
            agreeing: usize::try_from(trusted.agreeing).unwrap_or(usize::MAX),
            of: usize::try_from(trusted.of).unwrap_or(usize::MAX),
        },
    });
    let witnesses = from.witnesses.into_iter().map(into_witness);
    Ok(Recorded {
        phase: match from.phase {
            shape::Phase::Begin => Phase::Begin,
            shape::Phase::During => Phase::During,
            shape::Phase::Step => Phase::Step,
            shape::Phase::End => Phase::End,
        },
        reading: Reading {
            local: into_local(from.local),
            trusted: either(trusted, from.untrusted, ["trusted", "untrusted"])?,
            witnesses: witnesses.collect::<Result<_, _>>()?,
        },
    })
}

fn of_local(local: &Local) -> shape::Local {
    let Clocks {
        taken,
        bracket,
        wall,
        kernel_wall,
        monotonic,
        monotonic_raw,
    } = local.clocks;
    shape::Local {
        ruler: ruler(taken),
        bracket: Seconds(bracket),
        wall: Exact(wall),
        kernel_wall: kernel_wall.map(Exact),
        monotonic: monotonic.map(Seconds),
        monotonic_raw: monotonic_raw.map(Seconds),
        boot: local.ruler.boot.clone(),
        time_namespace: local.ruler.namespace.clone(),
        discipline: local.discipline.map(|state| shape::Discipline {
            synchronised: state.synchronised,
            max_error: Seconds(state.max_error),
            frequency: state.frequency,
            tick: state.tick,
        }),
    }
}

fn into_local(from: shape::Local) -> Local {
    Local {
        clocks: Clocks {
            taken: into_ruler(from.ruler),
            bracket: from.bracket.0,
            wall: from.wall.0,
            kernel_wall: from.kernel_wall.map(|at| at.0),
            monotonic: from.monotonic.map(|span| span.0),
            monotonic_raw: from.monotonic_raw.map(|span| span.0),
        },
        ruler: RulerId {
            boot: from.boot,
            namespace: from.time_namespace,
        },
        discipline: from.discipline.map(|state| Discipline {
            synchronised: state.synchronised,
            max_error: state.max_error.0,
            frequency: state.frequency,
            tick: state.tick,
        }),
    }
}

fn witness(witness: &Witness) -> shape::Witness {
    let (standing, outside) = match witness.standing {
        Standing::None => (shape::Standing::None, None),
        Standing::Agrees => (shape::Standing::Agrees, None),
        Standing::Follows => (shape::Standing::Follows, None),
        Standing::Outside { by, is_later: true } => (shape::Standing::Later, Some(Seconds(by))),
        Standing::Outside {
            by,
            is_later: false,
        } => (shape::Standing::Earlier, Some(Seconds(by))),
    };
    shape::Witness {
        address: witness.address.clone(),
        said: witness.said.as_ref().ok().map(|said| shape::Said {
            class: class(said.0),
            time: said.1.into(),
            ruler: ruler(said.2),
        }),
        refusal: witness.said.as_ref().err().cloned(),
        standing,
        outside,
    }
}

fn into_witness(from: shape::Witness) -> Result<Witness, String> {
    let by = from.outside.map_or(Span::ZERO, |by| by.0);
    let said = from.said.map(|said| {
        (
            into_class(said.class),
            said.time.into(),
            into_ruler(said.ruler),
        )
    });
    Ok(Witness {
        address: from.address,
        said: either(said, from.refusal, ["said", "refusal"])?,
        standing: match from.standing {
            shape::Standing::None => Standing::None,
            shape::Standing::Agrees => Standing::Agrees,
            shape::Standing::Follows => Standing::Follows,
            shape::Standing::Later => Standing::Outside { by, is_later: true },
            shape::Standing::Earlier => Standing::Outside {
                by,
                is_later: false,
            },
        },
    })
}

/// A reading of the ruler, in seconds.
fn ruler(taken: Boottime) -> Seconds {
    Seconds(Span::from_nanos(taken.as_nanos()))
}

const fn into_ruler(seconds: Seconds) -> Boottime {
    Boottime::at(seconds.0.as_nanos())
}

const fn class(class: Class) -> shape::Class {
    match class {
        Class::Authenticated => shape::Class::Authenticated,
        Class::Network => shape::Class::Network,
        Class::Host => shape::Class::Host,
        Class::Stated => shape::Class::Stated,
        Class::FileServer => shape::Class::FileServer,
        Class::SelfAsserted => shape::Class::SelfAsserted,
        Class::System => shape::Class::System,
    }
}

const fn into_class(class: shape::Class) -> Class {
    match class {
        shape::Class::Authenticated => Class::Authenticated,
        shape::Class::Network => Class::Network,
        shape::Class::Host => Class::Host,
        shape::Class::Stated => Class::Stated,
        shape::Class::FileServer => Class::FileServer,
        shape::Class::SelfAsserted => Class::SelfAsserted,
        shape::Class::System => Class::System,
    }
}
