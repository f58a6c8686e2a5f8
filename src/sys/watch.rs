//! Waiting, to be woken the moment the wall clock is set.

#[cfg(target_os = "linux")]
mod system {
    use rustix::event::{PollFd, PollFlags, Timespec as PollTime, poll};
    use rustix::io::{Errno, read};
    use rustix::pipe::{PipeFlags, pipe_with};
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    /// Waits.
    #[derive(Debug)]
    pub(crate) struct Watch {
        timer: OwnedFd,
        stop: OwnedFd,
    }

    /// Ends the waiting when it is dropped.
    #[derive(Debug)]
    pub(crate) struct Stop {
        _end: OwnedFd,
    }

    impl Watch {
        /// One, and what ends it.
        pub(crate) fn new() -> io::Result<(Self, Stop)> {
            let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
            let timer = timerfd_create(TimerfdClockId::Realtime, flags)?;
            let (stop, end) = pipe_with(PipeFlags::CLOEXEC)?;
            let watch = Self { timer, stop };
            watch.arm()?;
            Ok((watch, Stop { _end: end }))
        }

        /// A timer that never runs out, unless the clock is set (`timerfd_create(2)`, `TFD_TIMER_CANCEL_ON_SET`).
        fn arm(&self) -> io::Result<()> {
            let zero = Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            // As late as the kernel counts, in 2262: no clock can be set to so late.
            let never = Timespec {
                tv_sec: i64::MAX / 1_000_000_000,
                tv_nsec: 0,
            };
            let once = Itimerspec {
                it_interval: zero,
                it_value: never,
            };
            let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
            match timerfd_settime(&self.timer, flags, &once) {
                // It is armed, and the clock was set since it was last.
                Ok(_) | Err(Errno::CANCELED) => Ok(()),
                Err(error) => Err(error.into()),
            }
        }

        /// Waits, at most so long, and no longer once the system says that the wall clock was set. Whether anybody
        /// still wants it to wait.
        pub(crate) fn wait(&self, at_most: Duration) -> bool {
            let mut both = [
                PollFd::new(&self.stop, PollFlags::IN),
                PollFd::new(&self.timer, PollFlags::IN),
            ];
            let time = PollTime::try_from(at_most).ok();
            // Interrupted by a signal it is only woken early.
            let _count = poll(&mut both, time.as_ref());
            let [stop, timer] = both.map(|one| !one.revents().is_empty());
            // Whoever is woken looks at the clocks anyway, so nobody asks why.
            if timer && read(&self.timer, &mut [0; 8]) == Err(Errno::CANCELED) {
                // Unarmed it tells nothing more, and looking is left.
                let _armed = self.arm();
            }
            !stop
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io;
    use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
    use std::time::Duration;

    /// Waits.
    #[derive(Debug)]
    pub(crate) struct Watch(Receiver<()>);

    /// Ends the waiting when it is dropped.
    #[derive(Debug)]
    pub(crate) struct Stop {
        _end: Sender<()>,
    }

    impl Watch {
        /// One, and what ends it.
        #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
        pub(crate) fn new() -> io::Result<(Self, Stop)> {
            let (end, stop) = channel();
            Ok((Self(stop), Stop { _end: end }))
        }

        /// Waits, at most so long: nobody says here that the wall clock was set. Whether anybody still wants it to
        /// wait.
        pub(crate) fn wait(&self, at_most: Duration) -> bool {
            self.0.recv_timeout(at_most) != Err(RecvTimeoutError::Disconnected)
        }
    }
}

pub(crate) use system::{Stop, Watch};

#[cfg(test)]
mod tests {
    use super::Watch;
    use crate::sys::boottime;
    use crate::time::Span;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_wait_ends_when_its_time_is_up_or_it_is_stopped() {
        let (watch, stop) = Watch::new().unwrap();
        let began = boottime();
        assert!(watch.wait(Duration::from_millis(30)));
        assert!(boottime().since(began) >= Span::from_millis(30));
        let waiting = thread::spawn(move || watch.wait(Duration::from_mins(1)));
        drop(stop);
        assert!(!waiting.join().unwrap());
        assert!(boottime().since(began) < Span::from_secs(30));
    }
}
