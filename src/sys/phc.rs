//! The clock behind a device file: a PTP hardware clock, by `clock_gettime` on its handle.

#[cfg(target_os = "linux")]
mod system {
    use crate::time::Timestamp;
    use rustix::fs::{Mode, OFlags, fstat, major, minor, open};
    use rustix::time::{DynamicClockId, clock_gettime_dynamic};
    use std::io;
    use std::os::fd::{AsFd as _, OwnedFd};
    use std::path::Path;

    /// An open device.
    #[derive(Debug)]
    pub(crate) struct DeviceClock(OwnedFd);

    impl DeviceClock {
        /// Opens a device to read from. Never waits: what was named may be a pipe.
        pub(crate) fn open(path: &Path) -> io::Result<Self> {
            let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
            Ok(Self(open(path, flags, Mode::empty())?))
        }

        /// Its number as `/sys` writes it, `major:minor`, whatever name it was opened by.
        pub(crate) fn number(&self) -> io::Result<String> {
            let device = fstat(&self.0)?.st_rdev;
            Ok(format!("{}:{}", major(device), minor(device)))
        }

        /// Reads it. What is no clock says so (`EINVAL`).
        pub(crate) fn read(&self) -> io::Result<Timestamp> {
            let read = clock_gettime_dynamic(DynamicClockId::Dynamic(self.0.as_fd()))?;
            let nanos = u32::try_from(read.tv_nsec).unwrap_or(0);
            Ok(Timestamp::from_unix(read.tv_sec, nanos))
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use crate::time::Timestamp;
    use std::io;
    use std::path::Path;

    /// An open device, which no value is: this system has no such clocks.
    #[derive(Debug)]
    pub(crate) enum DeviceClock {}

    impl DeviceClock {
        pub(crate) fn open(_path: &Path) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(crate) fn number(&self) -> io::Result<String> {
            match *self {}
        }

        pub(crate) fn read(&self) -> io::Result<Timestamp> {
            match *self {}
        }
    }
}

pub(crate) use system::DeviceClock;
