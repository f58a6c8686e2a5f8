//! chronyd as a server, which keeps a clock of its own (`-x`): the clock of this machine is not its to set,
//! and it has not the right to either.

use super::{Lab, free_port};
use std::path::PathBuf;
use std::process::Command;

/// A chronyd that runs.
pub(crate) struct Chronyd {
    pub(crate) port: u16,
    pub(crate) socket: PathBuf,
}

/// Its time comes from its own undisciplined clock, which says of itself that it is perfect.
pub(crate) const LOCAL: &str = "local stratum 1";

/// Its time comes from nowhere, and it says so.
pub(crate) const UNSYNCHRONISED: &str = "";

impl Chronyd {
    /// Starts one, and waits until it can be spoken to. `how` is what else it is configured to do.
    pub(crate) fn start(lab: &mut Lab, name: &str, how: &str) -> Self {
        Self::start_under(lab, name, &[], how)
    }

    /// Starts one as an argument of another command.
    pub(crate) fn start_under(lab: &mut Lab, name: &str, under: &[&str], how: &str) -> Self {
        let port = free_port();
        let folder = lab.path().to_path_buf();
        let socket = folder.join(format!("{name}.sock"));
        let configuration = lab.file(
            &format!("{name}.conf"),
            &format!(
                "port {port}\ncmdport 0\nbindcmdaddress {}\npidfile {}\nallow all\n{how}\n",
                socket.display(),
                folder.join(format!("{name}.pid")).display(),
            ),
        );
        // Who may not set the clock anyway needs no help to stay so.
        let user = Command::new("id").arg("-un").output().unwrap();
        let user = String::from_utf8(user.stdout).unwrap();
        let bounds = match user.trim() {
            "root" => "setpriv --bounding-set=-sys_time --inh-caps=-sys_time -- chronyd",
            _ => "chronyd -U",
        };
        let served = format!("{bounds} -x -d -u {} -f", user.trim());
        let mut words = under.iter().copied().chain(served.split(' '));
        let mut command = Command::new(words.next().unwrap());
        command.args(words).arg(configuration).env("TZ", "UTC");
        lab.start(name, &mut command);
        let server = Self { port, socket };
        lab.until(&format!("chronyd {name}"), || server.tell(&["tracking"]));
        server
    }

    /// Gives it a command, and says whether it took it. `dfreq` and `doffset` bend its clock.
    pub(crate) fn tell(&self, command: &[&str]) -> bool {
        let chronyc = Command::new("chronyc")
            .arg("-h")
            .arg(&self.socket)
            .args(command)
            .output()
            .unwrap();
        chronyc.status.success() && !String::from_utf8_lossy(&chronyc.stdout).contains("501")
    }
}
