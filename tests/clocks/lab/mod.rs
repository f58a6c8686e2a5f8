//! A folder with servers in it, all of which end with it.

pub(crate) mod ca;
pub(crate) mod chronyd;
pub(crate) mod nginx;
pub(crate) mod ntpsec;
#[cfg(feature = "roughtime")]
pub(crate) mod roughtime;
mod tsa;

pub(crate) use tsa::{Answer, REPLY, shell};

use rustix::process::{Pid, Signal, kill_process_group};
use skewgate::source::Sample;
use skewgate::sys::{Boottime, boottime, discipline, wall_clock};
use skewgate::time::Span;
use std::fs::{self, File};
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// A folder with servers in it.
pub(crate) struct Lab {
    folder: tempfile::TempDir,
    servers: Vec<(String, Child)>,
    /// What the clock of this machine was like before.
    before: (
        Option<(bool, i64, i64)>,
        Boottime,
        skewgate::time::Timestamp,
    ),
}

impl Lab {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // chronyd refuses a folder that others may write to.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o750)).unwrap();
        Self {
            folder,
            servers: Vec::new(),
            before: clock_state(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file and says where.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Starts a server, in the foreground, in a session of its own; what it says is in `NAME.log`.
    pub(crate) fn start(&mut self, name: &str, command: &mut Command) {
        let log = File::create(self.path().join(format!("{name}.log"))).unwrap();
        // Servers are where not everybody's shell looks.
        let path = std::env::var("PATH").unwrap_or_default();
        let child = command
            .env("PATH", format!("{path}:/usr/sbin:/sbin"))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            // A group of its own, so that what it starts ends with it.
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        self.servers.push((name.to_owned(), child));
    }

    /// Waits for something to come true, and shows what the servers said when it does not.
    pub(crate) fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let began = boottime();
        while !is_so() {
            if boottime().since(began) > Span::from_secs(20) {
                let logs = self.servers.iter().map(|(name, _)| {
                    let log = fs::read_to_string(self.path().join(format!("{name}.log")));
                    format!("--- {name}\n{}", log.unwrap_or_default())
                });
                panic!("waited in vain for {what}\n{}", logs.collect::<String>());
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops the servers whose name begins like this.
    pub(crate) fn stop(&mut self, name: &str) {
        for (_, child) in self
            .servers
            .iter_mut()
            .filter(|(other, _)| other.starts_with(name))
        {
            let group = Pid::from_child(child);
            let _ended = kill_process_group(group, Signal::KILL);
            let _status = child.wait();
            // What faketime shares with those it starts, and would have removed itself.
            for kind in ["faketime_shm", "sem.faketime_sem"] {
                let _none = fs::remove_file(format!("/dev/shm/{kind}_{}", child.id()));
            }
        }
        self.servers.retain(|(other, _)| !other.starts_with(name));
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.stop("");
        if thread::panicking() {
            return;
        }
        let (state, ruler, wall) = clock_state();
        let (state_before, ruler_before, wall_before) = self.before;
        assert_eq!(
            state, state_before,
            "a server changed how the clock of this machine is kept"
        );
        let stepped = Span::from_nanos(
            wall.since(wall_before).as_nanos() - ruler.since(ruler_before).as_nanos(),
        );
        assert!(
            stepped.abs() < Span::from_millis(50),
            "a server set the clock of this machine by {stepped}"
        );
    }
}

fn clock_state() -> (
    Option<(bool, i64, i64)>,
    Boottime,
    skewgate::time::Timestamp,
) {
    let state = discipline().map(|state| (state.synchronised, state.frequency, state.tick));
    (state, boottime(), wall_clock())
}

/// A port that is free for TCP and UDP now.
pub(crate) fn free_port() -> u16 {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = tcp.local_addr().unwrap().port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Whether a test can run here: it must when CI runs it.
pub(crate) fn available(program: &str) -> bool {
    let there = Command::new("sh")
        .args([
            "-c",
            &format!("PATH=$PATH:/usr/sbin:/sbin command -v {program}"),
        ])
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(
        there || std::env::var_os("CI").is_none(),
        "CI needs {program}"
    );
    if !there {
        println!("not tested here: needs {program}");
    }
    there
}

/// What an answer says of itself under a name.
pub(crate) fn fact<'sample>(sample: &'sample Sample, name: &str) -> Option<&'sample str> {
    let mut facts = sample.evidence.facts.iter();
    facts
        .find(|(other, _)| *other == name)
        .map(|(_, value)| value.as_str())
}
