//! One binary for every test that needs more than one module.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and helpers are part of their tests"
)]

mod http_answers;
mod http_limits;
mod http_privacy;
mod http_problems;
#[cfg(unix)]
mod http_process;
mod http_service;
