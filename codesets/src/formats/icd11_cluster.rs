//! ICD-11 clusters: codes that together say one thing (postcoordination).
//!
//! ICD-11 Reference Guide, on postcoordination: a stem code may be extended by extension codes,
//! joined by `&`, and combined with further stem codes, joined by `/`. An
//! extension code never stands first or alone. Whether WHO sanctions the
//! combination is not known here: that is no part of the tabulation.

use std::fmt;

use crate::{Code, CodeError, CodeSystem};

/// The most codes that a cluster is read with; WHO's own maps need four.
const MOST_CODES: usize = 64;

/// A stem code with its extension codes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExtendedStem {
    /// The stem code.
    pub stem: Code,
    /// The extension codes, in the order written.
    pub extensions: Vec<Code>,
}

/// One or several stem codes with their extension codes, at least one code in all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cluster {
    stems: Vec<ExtendedStem>,
}

/// Why a text is not a cluster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// A part is not a code.
    #[error("part {part} of the cluster is not a code: {source}")]
    Code {
        /// The 1-based place of the part.
        part: usize,
        /// Why it is not a code.
        source: CodeError,
    },
    /// An extension code stands where a stem code must: first, alone or after `/`.
    #[error("part {part} of the cluster is an extension code; one may only follow `&`")]
    ExtensionWithoutStem {
        /// The 1-based place of the part.
        part: usize,
    },
    /// A stem code follows `&`.
    #[error("part {part} of the cluster is a stem code; stem codes are joined by `/`, not `&`")]
    StemAsExtension {
        /// The 1-based place of the part.
        part: usize,
    },
    /// There are more codes than any cluster has.
    #[error("the cluster has more than {MOST_CODES} codes")]
    TooLong,
}

impl Cluster {
    /// Reads `text`: codes joined by `&` and `/`, blanks around them ignored; a lone stem code will do.
    ///
    /// # Errors
    /// When a part is no code, or stands where its kind may not.
    pub fn parse(text: &str) -> Result<Cluster, ClusterError> {
        let mut stems: Vec<ExtendedStem> = Vec::new();
        let mut part = 0;
        for stem_text in text.split('/') {
            for (place, code_text) in stem_text.split('&').enumerate() {
                part += 1;
                if part > MOST_CODES {
                    return Err(ClusterError::TooLong);
                }
                let code = Code::parse(CodeSystem::Icd11Mms, code_text)
                    .map_err(|source| ClusterError::Code { part, source })?;
                match (place, is_extension(&code), stems.last_mut()) {
                    (0, true, _) => return Err(ClusterError::ExtensionWithoutStem { part }),
                    (0, false, _) | (_, _, None) => stems.push(ExtendedStem {
                        stem: code,
                        extensions: Vec::new(),
                    }),
                    (_, true, Some(last)) => last.extensions.push(code),
                    (_, false, Some(_)) => return Err(ClusterError::StemAsExtension { part }),
                }
            }
        }
        Ok(Cluster { stems })
    }

    /// The stem codes with their extension codes, in the order written; never empty.
    pub fn stems(&self) -> &[ExtendedStem] {
        &self.stems
    }

    /// Every code of the cluster, in the order written.
    pub fn codes(&self) -> impl Iterator<Item = &Code> {
        self.stems
            .iter()
            .flat_map(|stem| std::iter::once(&stem.stem).chain(&stem.extensions))
    }

    /// The code, when the cluster is a lone stem code.
    pub fn single(&self) -> Option<&Code> {
        let mut codes = self.codes();
        codes.next().filter(|_| codes.next().is_none())
    }
}

/// Whether an ICD-11 code is an extension code: those of chapter X, and only those, begin with X.
pub fn is_extension(code: &Code) -> bool {
    code.as_str().starts_with('X')
}

impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, stem) in self.stems.iter().enumerate() {
            if place > 0 {
                f.write_str("/")?;
            }
            write!(f, "{}", stem.stem)?;
            for extension in &stem.extensions {
                write!(f, "&{extension}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Cluster;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let said = match Cluster::parse(text) {
            Ok(cluster) => cluster.to_string(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn stems_and_extensions_are_told_apart() {
        check("1a00", "1A00");
        check(" 1B12.3&XA0NE9 / 5A740 & xk9j", "1B12.3&XA0NE9/5A74.0&XK9J");
    }

    #[test]
    fn an_extension_never_stands_first_or_alone() {
        let first = "error: part 1 of the cluster is an extension code; one may only follow `&`";
        check("XA0NE9", first);
        check("XA0NE9&1B12.3", first);
        check(
            "1B12.3/XA0NE9",
            "error: part 2 of the cluster is an extension code; one may only follow `&`",
        );
        check(
            "1B12.3&5A74.0",
            "error: part 2 of the cluster is a stem code; stem codes are joined by `/`, not `&`",
        );
        check(
            "1B12.3&",
            "error: part 2 of the cluster is not a code: \
             the code has 0 characters, but ICD-11 codes have 4 to 6",
        );
        check(
            &"1A00/".repeat(100),
            "error: the cluster has more than 64 codes",
        );
    }

    proptest! {
        #[test]
        fn any_text_is_a_cluster_or_an_error(text in "\\PC{0,40}") {
            let _ = Cluster::parse(&text);
        }

        #[test]
        fn a_printed_cluster_reads_back(
            text in "[1-9A-H][A-H][0-9][0-9A-H](\\.[0-9A-H])?(&X[A-H][0-9][0-9A-H]){0,3}(/[1-9][A-H][0-9]{2}){0,2}"
        ) {
            let printed = Cluster::parse(&text).map(|cluster| cluster.to_string());
            prop_assert_eq!(printed, Ok(text));
        }
    }
}
