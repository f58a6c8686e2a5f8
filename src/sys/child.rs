//! A command that is run in this process's stead: signals are passed on to it, and what it ends with is
//! what this process ends with.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It exited.
    Exited(i32),
    /// A signal ended it.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no signals"))]
    Signalled(i32),
}

#[cfg(unix)]
mod system {
    use super::Ended;
    use rustix::process::{
        Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, getpgid, getpgrp, getpid, getrlimit,
        kill_process, setrlimit, waitid,
    };
    use std::io;
    use std::mem::{MaybeUninit, zeroed};
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Child, Command};
    use std::ptr;
    use std::sync::atomic::{AtomicI32, Ordering};

    /// What asks a command to end.
    const SIGNALS: [i32; 4] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];

    /// What `kill(2)` says of where a signal comes from (`<signal.h>`; the `libc` crate has it for Linux alone).
    #[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
    const SI_USER: i32 = 0x1_0001;
    #[cfg(not(any(target_vendor = "apple", target_os = "freebsd")))]
    const SI_USER: i32 = 0;

    /// The process to pass signals on to; 0 while there is none.
    static CHILD: AtomicI32 = AtomicI32::new(0);

    /// A signal that came while there was none.
    static EARLY: AtomicI32 = AtomicI32::new(0);

    /// A command that runs. As long as there is this, signals are passed on to it; those that come when it has
    /// ended take effect when this is dropped.
    #[derive(Debug)]
    pub(crate) struct Running {
        child: Child,
        pid: Pid,
        _before: Before,
    }

    impl Running {
        /// Starts it. From now on signals are its, and not this process's.
        pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
            let before = Before::pass_signals_on();
            let child = command.spawn()?;
            let number = i32::try_from(child.id()).unwrap_or(0);
            let pid = Pid::from_raw(number).ok_or(io::ErrorKind::NotFound)?;
            CHILD.store(number, Ordering::SeqCst);
            if let Some(signal) = Signal::from_named_raw(EARLY.swap(0, Ordering::SeqCst)) {
                // It may have ended already.
                let _gone = kill_process(pid, signal);
            }
            Ok(Self {
                child,
                pid,
                _before: before,
            })
        }

        /// Waits until it has ended. No signal is sent to its number once that may be another's.
        pub(crate) fn wait(&mut self) -> io::Result<Ended> {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while let Err(error) = waitid(WaitId::Pid(self.pid), options) {
                if error != rustix::io::Errno::INTR {
                    break;
                }
            }
            CHILD.store(0, Ordering::SeqCst);
            let status = self.child.wait()?;
            Ok(match (status.code(), status.signal()) {
                (Some(code), _) => Ended::Exited(code),
                (None, signal) => Ended::Signalled(signal.unwrap_or(libc::SIGKILL)),
            })
        }
    }

    /// What was done on each signal before; put back when this goes.
    struct Before(Vec<(i32, libc::sigaction)>);

    impl std::fmt::Debug for Before {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_list()
                .entries(self.0.iter().map(|(signal, _)| signal))
                .finish()
        }
    }

    impl Before {
        /// A signal that is ignored (`nohup`) stays so, for this process and for the command.
        #[expect(unsafe_code, reason = "no safe binding tells who sent a signal")]
        fn pass_signals_on() -> Self {
            let mut before = Vec::new();
            for signal in SIGNALS {
                // SAFETY: `sigaction` is plain data, for which zero is valid; both pointers are to such data or
                // null; and the handler does only what may be done in one (`signal-safety(7)`).
                unsafe {
                    let mut old: libc::sigaction = zeroed();
                    let is_known = libc::sigaction(signal, ptr::null(), &raw mut old) == 0;
                    if !is_known || old.sa_sigaction == libc::SIG_IGN {
                        continue;
                    }
                    let mut new: libc::sigaction = zeroed();
                    let handler: extern "C" fn(_, *mut libc::siginfo_t, _) = pass_on;
                    new.sa_sigaction = handler as libc::sighandler_t;
                    new.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
                    if libc::sigaction(signal, &raw const new, ptr::null_mut()) == 0 {
                        before.push((signal, old));
                    }
                }
            }
            Self(before)
        }
    }

    impl Drop for Before {
        #[expect(unsafe_code, reason = "no safe binding exists")]
        fn drop(&mut self) {
            for (signal, old) in &self.0 {
                // SAFETY: what is put back is what the system gave.
                unsafe {
                    libc::sigaction(*signal, &raw const *old, ptr::null_mut());
                }
            }
            // One that came when there was no command to have it is this process's own.
            if let Some(signal) = Signal::from_named_raw(EARLY.swap(0, Ordering::SeqCst)) {
                let _survived = kill_process(getpid(), signal);
            }
        }
    }

    /// Passes a signal on. One from the terminal went to the whole of its foreground group already, the command
    /// included, unless that has made a group of its own.
    extern "C" fn pass_on(signal: i32, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
        #[expect(
            unsafe_code,
            reason = "a handler is told by a pointer who sent the signal"
        )]
        // SAFETY: with `SA_SIGINFO` the system gives a valid pointer; a null one is not looked behind.
        let code = unsafe { info.as_ref() }.map_or(SI_USER, |info| info.si_code);
        let is_from_process = code <= 0 || code == SI_USER;
        let Some(child) = Pid::from_raw(CHILD.load(Ordering::SeqCst)) else {
            EARLY.store(signal, Ordering::SeqCst);
            return;
        };
        let is_reached = !is_from_process && getpgid(Some(child)) == Ok(getpgrp());
        if let (false, Some(signal)) = (is_reached, Signal::from_named_raw(signal)) {
            let _gone = kill_process(child, signal);
        }
    }

    /// Dies of a signal, as the command did, and leaves no core: that is the command's to leave. Returns where
    /// the signal does not end a process.
    pub(crate) fn die_of(signal: i32) {
        let limit = getrlimit(Resource::Core);
        let none = Rlimit {
            current: Some(0),
            ..limit
        };
        let _best_effort = setrlimit(Resource::Core, none);
        #[expect(unsafe_code, reason = "no safe binding exists")]
        // SAFETY: the default is a valid disposition, and the set is filled before it is used.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            let mut set = MaybeUninit::<libc::sigset_t>::uninit();
            libc::sigemptyset(set.as_mut_ptr());
            libc::sigaddset(set.as_mut_ptr(), signal);
            libc::pthread_sigmask(libc::SIG_UNBLOCK, set.as_ptr(), ptr::null_mut());
        }
        if let Some(signal) = Signal::from_named_raw(signal) {
            let _survived = kill_process(getpid(), signal);
        }
    }
}

#[cfg(not(unix))]
mod system {
    use super::Ended;
    use std::io;
    use std::process::{Child, Command};

    /// A command that runs. The console tells it of Ctrl-C itself.
    #[derive(Debug)]
    pub(crate) struct Running(Child);

    impl Running {
        /// Starts it.
        pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
            command.spawn().map(Self)
        }

        /// Waits until it has ended.
        pub(crate) fn wait(&mut self) -> io::Result<Ended> {
            let status = self.0.wait()?;
            Ok(Ended::Exited(status.code().unwrap_or(1)))
        }
    }

    /// There are no signals here.
    pub(crate) fn die_of(_signal: i32) {}
}

pub(crate) use system::{Running, die_of};
