//! One module a published format. Each takes the bytes or the text of a file
//! and returns rows and errors; none knows where the file came from.

pub mod mce;
pub mod ncci_aoc;
pub mod ncci_mue;
pub mod ncci_ptp;
pub mod x12;
