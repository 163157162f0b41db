//! Unpacks the release that ships with the program.

use std::io::Read;

use codesets::embedded::{EmbeddedFile, FILES, FRAME};
use codesets::vocab;
use sha2::{Digest, Sha256};

use crate::bundle::hex;
use crate::unpack::UnpackedFile;

/// Why the embedded release cannot be unpacked: the program itself is damaged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// The frame does not decompress to the length of its files.
    #[error("the embedded release does not decompress; install the program again")]
    Frame(#[source] std::io::Error),
    /// A file is not the one that was packed.
    #[error("`{name}` of the embedded release is damaged; install the program again")]
    Digest {
        /// The file.
        name: &'static str,
    },
}

/// The files of the embedded release, unpacked and compared with their digests.
///
/// # Errors
/// When the program's own bytes are damaged.
pub(crate) fn embedded_files() -> Result<Vec<UnpackedFile>, EmbeddedError> {
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(FRAME)
        .map_err(|error| EmbeddedError::Frame(std::io::Error::other(error)))?;
    FILES
        .iter()
        .map(
            |EmbeddedFile {
                 name,
                 bytes,
                 sha256,
             }| {
                let mut content = vec![0; *bytes];
                decoder
                    .read_exact(&mut content)
                    .map_err(EmbeddedError::Frame)?;
                if hex(&Sha256::digest(&content)) != *sha256 {
                    return Err(EmbeddedError::Digest { name });
                }
                Ok(UnpackedFile {
                    name: format!("embedded/{name}"),
                    bytes: content,
                    sha256: (*sha256).to_owned(),
                })
            },
        )
        .collect()
}

/// A digest of everything a bundle of the embedded release is made from: its files
/// and the vocabulary. Another digest means that such a bundle must be built anew.
pub fn embedded_digest() -> String {
    let mut digest = Sha256::new();
    for file in FILES {
        digest.update(file.sha256);
    }
    for (name, text) in vocab::FILES {
        digest.update(name);
        digest.update([0]);
        digest.update(text);
        digest.update([0]);
    }
    hex(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::embedded_files;

    #[test]
    fn every_file_is_the_one_that_was_packed() {
        let names: Vec<String> = embedded_files()
            .unwrap()
            .into_iter()
            .map(|file| file.name)
            .collect();
        assert_eq!(
            names,
            [
                "embedded/icd10c-tabular-April-1-2026.xml",
                "embedded/icd10cm-tabular-April-2025.xml",
                "embedded/code-list-April-2026.txt",
                "embedded/code-list-April-2025.txt",
            ]
        );
    }
}
