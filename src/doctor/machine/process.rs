//! Which programs run, by the names that the kernel keeps of them.

use super::Machine;

/// The kernel keeps the first 15 bytes of a name (`TASK_COMM_LEN`, `proc_pid_comm(5)`).
const KEPT: usize = 15;

/// The most processes that are looked at.
const PROCESSES: usize = 8192;

impl Machine {
    /// Which of these programs run, each once, in their order; `None` where no process can be seen.
    pub(in crate::doctor) fn running<'name>(
        &self,
        names: impl IntoIterator<Item = &'name str>,
    ) -> Option<Vec<&'name str>> {
        let seen = self.processes().as_ref()?;
        let runs = |name: &&str| seen.iter().any(|(_, seen)| is_name(seen, name));
        let running: Vec<&str> = names.into_iter().filter(runs).collect();
        let mut taken = self.taken.borrow_mut();
        // That processes can be seen at all is part of what was seen.
        if let Some((process, name)) = seen.iter().find(|(process, _)| process == "1") {
            let is_known = running.iter().any(|known| is_name(name, known));
            let name = if is_known { name } else { "init" };
            taken.line(&comm(process), 0, name);
        }
        for (process, name) in seen {
            if running.iter().any(|known| is_name(name, known)) {
                taken.line(&comm(process), 0, name);
            }
        }
        drop(taken);
        Some(running)
    }

    /// The processes with their names.
    fn processes(&self) -> &Option<Vec<(String, String)>> {
        self.processes.get_or_init(|| {
            let is_process = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
            let names = self.names("/proc")?;
            let processes = names.into_iter().filter(is_process).take(PROCESSES);
            let named: Vec<(String, String)> = processes
                .filter_map(|process| {
                    let text = self.text(&comm(&process))?;
                    let name = text.lines().next().unwrap_or_default().trim().to_owned();
                    Some((process, name))
                })
                .collect();
            // Whoever does not see the first process (`hidepid`, proc(5)) sees their own only.
            let sees_all = named.iter().any(|(process, _)| process == "1");
            sees_all.then_some(named)
        })
    }
}

fn comm(process: &str) -> String {
    format!("/proc/{process}/comm")
}

fn is_name(seen: &str, name: &str) -> bool {
    let kept = name.get(..KEPT).unwrap_or(name);
    // Cut from the program's name: no longer than the kernel keeps.
    seen == kept
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn long_names_are_known_by_what_the_kernel_keeps_of_them() {
        assert!(is_name("systemd-timesyn", "systemd-timesyncd"));
        assert!(is_name("powernowd", "powernowd") && !is_name("powernowd2", "powernowd"));
        assert!(is_name("power-profiles-", "power-profiles-daemon"));
    }
}
