//! The HTTP service: routes, limits, errors, health, metrics and the page.
//!
//! Handlers read parameters, ask one function of the core through the CPU
//! pool, and map its answer. Nothing here searches, and nothing here writes a
//! query's text anywhere but into the answer to it.

pub mod cpu_pool;
pub mod errors;
pub mod fhir;
mod fields;
pub mod health;
mod listen;
pub mod metrics;
pub mod middleware;
mod nlm;
pub mod openapi;
mod router;
mod serve;
pub mod state;
pub mod v1;
mod web;
mod who;

pub use router::{ROUTES, router, surrounded};
pub(crate) use serve::silence_panics;
pub use serve::{ServeConfig, ServeError, serve};
