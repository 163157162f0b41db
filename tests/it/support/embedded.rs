//! The embedded release, built once for all tests of the process.

use std::sync::{Arc, LazyLock};

use codebook::search::Searcher;
use indexer::build_embedded;
use indexer::bundle::Bundle;
use tempfile::TempDir;

use super::menagerie::Silent;

static BUNDLE: LazyLock<(TempDir, Arc<Bundle>)> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bundle");
    build_embedded(&path, &Silent).unwrap();
    let bundle = Bundle::open(&path).unwrap();
    (folder, Arc::new(bundle))
});

/// A searcher over the embedded release.
pub(crate) fn embedded_searcher() -> Searcher {
    Searcher::new(Arc::clone(&BUNDLE.1))
}
