//! Audits the timestamps of build artifacts.

pub mod time;
pub mod sys;
pub mod walk;
