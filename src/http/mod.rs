//! The HTTP service: routes, limits, errors, health, metrics and the page.
//!
//! Handlers read parameters, ask one function of the core through the CPU
//! pool, and map its answer. Nothing here searches, and nothing here writes a
//! query's text anywhere but into the answer to it.

pub mod cpu_pool;
pub mod errors;
pub mod fhir;
pub mod health;
mod listen;
pub mod metrics;
pub mod middleware;
mod router;
mod serve;
pub mod state;
pub mod v1;
mod web;

pub use router::{ROUTES, router, surrounded};
pub use serve::{ServeConfig, ServeError, serve};
