//! The program in a folder of its own, and small invented releases.

mod release;
mod workshop;

pub(crate) use release::{Invented, newer, older};
pub(crate) use workshop::{Run, Workshop};
