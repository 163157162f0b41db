//! Finds and opens the bundle that a command asks.

use std::path::PathBuf;
use std::sync::Arc;

use codebook::cache;
use codebook::search::Searcher;
use indexer::bundle::Bundle;

use super::CliError;
use super::options::BundleOption;
use super::progress::TerminalProgress;

/// The folder of the bundle that was named, or of the embedded release, which is built if need be.
pub(super) fn folder(option: &BundleOption) -> Result<PathBuf, CliError> {
    if let Some(named) = &option.bundle {
        return Ok(named.clone());
    }
    let caches = cache::folder()?;
    Ok(cache::embedded_bundle(&caches, &TerminalProgress::new())?)
}

/// The bundle, opened.
pub(super) fn open(option: &BundleOption) -> Result<Arc<Bundle>, CliError> {
    Ok(Arc::new(Bundle::open(&folder(option)?)?))
}

/// The bundle, opened and made ready for search.
pub(super) fn searcher(option: &BundleOption) -> Result<Searcher, CliError> {
    Ok(Searcher::new(open(option)?))
}
