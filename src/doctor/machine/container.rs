//! Whether a machine is a container: its clock is its host's, and who keeps that cannot be seen in it.

use super::{Hypervisor, Machine};

/// What engines leave behind.
const TRACES: [&str; 4] = [
    "/.dockerenv",
    "/run/.containerenv",
    "/run/systemd/container",
    "/run/secrets/kubernetes.io",
];

/// What the first process's control group is called under them.
const GROUPS: [&str; 6] = [
    "docker",
    "kubepods",
    "containerd",
    "libpod",
    "lxc",
    "garden",
];

/// The first namespace of processes, whose number the kernel never changes (`PROC_PID_INIT_INO`, Linux
/// `include/linux/proc_ns.h`). Steps of an image's build leave no other trace.
const FIRST: &str = "pid:[4026531836]";

impl Machine {
    /// By what sign it is a container, or a sandbox with processes of its own: `Some(None)` where it is none,
    /// `None` where neither is seen.
    pub(in crate::doctor) fn container(&self) -> Option<Option<&str>> {
        let found = self.container.get_or_init(|| {
            let trace = TRACES.into_iter().find(|path| self.has(path));
            if let Some(trace) = trace {
                return Some(Some(trace.to_owned()));
            }
            let group = self.parts("/proc/1/cgroup", |line| {
                GROUPS
                    .into_iter()
                    .find(|name| line.contains(name))
                    .map(str::to_owned)
            });
            if let Some(name) = group.as_ref().and_then(|names| names.first()) {
                return Some(Some(format!("/proc/1/cgroup names {name}")));
            }
            // WSL gives each distribution processes of its own, beside those that keep the clock.
            let processes = self.link("/proc/self/ns/pid");
            let is_wsl = self.hypervisor() == Some(Hypervisor::Wsl);
            match processes.filter(|_| !is_wsl) {
                Some(first) if first == FIRST => Some(None),
                Some(_) => Some(Some(
                    "its processes are in a namespace of their own".to_owned(),
                )),
                None => group.map(|_| None),
            }
        });
        found.as_ref().map(Option::as_deref)
    }

    /// Whether it is known to be a container.
    pub(in crate::doctor) fn is_container(&self) -> bool {
        matches!(self.container(), Some(Some(_)))
    }
}
