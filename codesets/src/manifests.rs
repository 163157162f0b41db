//! The manifests of known releases, as text: publisher, licence, days, files.

/// The text of every manifest, TOML.
pub const FILES: [&str; 5] = [
    include_str!("../manifests/icd10cm.toml"),
    include_str!("../manifests/icd10pcs.toml"),
    include_str!("../manifests/hcpcs.toml"),
    include_str!("../manifests/icd11.toml"),
    include_str!("../manifests/icd10who.toml"),
];

/// The manifests of edits, which are of no one system: publisher, licence, notice, addresses.
pub const EDITS: [&str; 1] = [include_str!("../manifests/ncci.toml")];
