//! The manifests of known releases, as text: publisher, licence, days, files.

/// The text of every manifest, TOML.
pub const FILES: [&str; 1] = [include_str!("../manifests/icd10cm.toml")];
