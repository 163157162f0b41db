//! The program in a folder of its own, and small invented releases.

mod release;
mod workshop;

pub use release::{Invented, newer, older};
pub use workshop::{Run, Workshop};
