//! The user's cache: where the bundle of the embedded release is kept.
//!
//! It is built when it is first needed. Its folder's name says what it was made
//! from, so another version of the program never meets a bundle it cannot read
//! or that would answer differently.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use indexer::bundle::{Bundle, FORMAT_VERSION};
use indexer::{BuildError, Progress, build_embedded, embedded_digest};

/// Why there is no bundle in the cache.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The system names no folder for caches.
    #[error(
        "there is no cache folder: neither XDG_CACHE_HOME nor HOME is set; \
         name a bundle with --bundle, or build one with `codebook build --embedded --out DIR`"
    )]
    NoFolder,
    /// The cache folder cannot be used.
    #[error("cannot use the cache folder `{}`; name a bundle with --bundle", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The bundle cannot be built.
    #[error("cannot build the embedded release into the cache")]
    Build(#[from] BuildError),
}

/// The cache folder of this program: `$XDG_CACHE_HOME/codebook`, else `~/.cache/codebook`.
///
/// # Errors
/// When the system names neither.
pub fn folder() -> Result<PathBuf, CacheError> {
    let variable = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            // A relative folder would move with the working directory.
            .filter(|path| path.is_absolute())
    };
    let local = if cfg!(windows) {
        "LOCALAPPDATA"
    } else {
        "XDG_CACHE_HOME"
    };
    variable(local)
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .map(|caches| caches.join("codebook"))
        .ok_or(CacheError::NoFolder)
}

/// The name that the bundle of this program's embedded release has in the cache.
pub fn bundle_name() -> String {
    let digest = embedded_digest();
    format!(
        "embedded-{}-{FORMAT_VERSION}-{}",
        env!("CARGO_PKG_VERSION"),
        digest.get(..12).unwrap_or(&digest)
    )
}

/// The bundle of the embedded release in `folder`, built if it is not there or does not open.
///
/// Processes that come at once build it once: one builds, the others wait. Where
/// the file system has no locks each builds its own, and the first in place stays.
///
/// # Errors
/// When the folder cannot be written or the bundle cannot be built.
pub fn embedded_bundle(folder: &Path, progress: &dyn Progress) -> Result<PathBuf, CacheError> {
    let bundle = folder.join(bundle_name());
    if Bundle::open(&bundle).is_ok() {
        return Ok(bundle);
    }
    let io_error = |source| CacheError::Io {
        path: folder.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(io_error)?;
    let lock = fs::File::create(folder.join("building.lock")).map_err(io_error)?;
    if let Err(fs::TryLockError::WouldBlock) = lock.try_lock() {
        progress.stage("waiting for another process that builds the embedded release");
        // A lock that cannot be waited for only means that the work is done twice.
        let _ = lock.lock();
    }
    if Bundle::open(&bundle).is_ok() {
        return Ok(bundle);
    }
    if bundle.exists() {
        // Only a damaged bundle gets here; whoever has it open keeps its files.
        fs::remove_dir_all(&bundle).map_err(io_error)?;
    }
    match build_embedded(&bundle, progress) {
        Ok(_) => Ok(bundle),
        Err(_) if Bundle::open(&bundle).is_ok() => Ok(bundle),
        Err(error) => Err(error.into()),
    }
}
