//! Audits the timestamps of build artifacts.
