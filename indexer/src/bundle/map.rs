//! Maps a bundle's files into memory: the one place with `unsafe` in this project.
#![expect(
    unsafe_code,
    reason = "mapping a file is unsafe by nature; the bundle's rule makes it sound"
)]

use std::fs::File;
use std::io;
use std::path::Path;

use memmap2::Mmap;

/// Maps the file at `path` for reading.
///
/// # Errors
/// When the file cannot be opened or mapped.
pub(super) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: a bundle's files never change once written: the builder writes
    // them in a folder of its own, moves that in whole, and nothing in this
    // program opens them for writing afterwards. A mapping of a file that
    // another program truncates could fault; that breaks the bundle's rule and
    // is the one case no check here can exclude.
    unsafe { Mmap::map(&file) }
}
