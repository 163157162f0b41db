//! The bytes of a table file, wherever they live.

use std::ops::Deref;
use std::sync::Arc;

use memmap2::Mmap;

/// The alignment of every section: a cache line, so that one test of a pair
/// touches one line of its bitmap.
pub(super) const ALIGNMENT: usize = 64;

/// Shared, immutable bytes: a mapped file, or memory. Cloning shares them.
#[derive(Clone, Debug)]
pub enum Bytes {
    /// A file mapped into memory.
    Mapped(Arc<Mmap>),
    /// Memory of our own.
    Owned(Arc<OwnedBytes>),
}

/// Memory whose first byte stands at the beginning of a cache line.
#[derive(Debug)]
pub struct OwnedBytes {
    buffer: Vec<u8>,
    start: usize,
}

impl Bytes {
    /// Copies `bytes` into memory aligned to a cache line.
    pub fn copied_from(bytes: &[u8]) -> Bytes {
        let mut buffer: Vec<u8> = Vec::with_capacity(bytes.len() + ALIGNMENT);
        // The buffer does not move again: its capacity suffices.
        let start = buffer.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        buffer.resize(start, 0);
        buffer.extend_from_slice(bytes);
        Bytes::Owned(Arc::new(OwnedBytes { buffer, start }))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Owned(owned) => owned.buffer.get(owned.start..).unwrap_or_default(),
        }
    }
}

impl From<Mmap> for Bytes {
    fn from(map: Mmap) -> Bytes {
        Bytes::Mapped(Arc::new(map))
    }
}
