//! A table of fixed records in a file: header, then records.
//!
//! Header, 16 bytes: the magic `CBTABLE1`, the record's size and the number of
//! records, both `u32` little-endian.

use std::marker::PhantomData;

use memmap2::Mmap;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

const MAGIC: &[u8; 8] = b"CBTABLE1";
const HEADER_LEN: usize = 16;

/// Records of one type, read from a mapped file.
#[derive(Debug)]
pub(super) struct Table<T> {
    bytes: Mmap,
    records: PhantomData<T>,
}

impl<T: FromBytes + Immutable + KnownLayout + Unaligned> Table<T> {
    /// Checks the header of `bytes`; `Err` says what is wrong.
    pub(super) fn new(bytes: Mmap) -> Result<Table<T>, String> {
        let header = bytes
            .get(..HEADER_LEN)
            .ok_or_else(|| format!("the file has {} bytes, fewer than its header", bytes.len()))?;
        if &header[..8] != MAGIC {
            return Err("the file does not begin with the mark of a table".to_owned());
        }
        let number = |at: usize| {
            <[u8; 4]>::try_from(&header[at..at + 4]).map_or(0, u32::from_le_bytes) as usize
        };
        let (size, count) = (number(8), number(12));
        if size != size_of::<T>() {
            return Err(format!(
                "records have {size} bytes, expected {}",
                size_of::<T>()
            ));
        }
        let expected = count
            .checked_mul(size)
            .and_then(|len| len.checked_add(HEADER_LEN));
        if expected != Some(bytes.len()) {
            return Err(format!(
                "{count} records of {size} bytes do not make a file of {} bytes",
                bytes.len()
            ));
        }
        Ok(Table {
            bytes,
            records: PhantomData,
        })
    }

    /// Every record.
    pub(super) fn records(&self) -> &[T] {
        // The length was checked on opening, so the cast cannot fail.
        <[T]>::ref_from_bytes(&self.bytes[HEADER_LEN..]).unwrap_or(&[])
    }
}

/// The bytes of a table of `records`.
pub(super) fn table_bytes<T: IntoBytes + Immutable>(records: &[T]) -> Vec<u8> {
    let body = records.as_bytes();
    let mut bytes = Vec::with_capacity(HEADER_LEN + body.len());
    bytes.extend_from_slice(MAGIC);
    for number in [size_of::<T>(), records.len()] {
        bytes.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
    }
    bytes.extend_from_slice(body);
    bytes
}
