//! Claims against edit tables.

mod claims;
mod days;
mod diagnoses;
mod model;
mod model_agreement;
mod random;
mod support;
mod x12;
