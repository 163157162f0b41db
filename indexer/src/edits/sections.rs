//! The container: a header, a directory of sections, and the sections, each at
//! the beginning of a cache line.

use std::ops::Range;

use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, IntoBytes};

use super::bytes::{ALIGNMENT, Bytes};
use super::records::{Header, Record, SectionRecord};
use super::{EDITS_VERSION, EditTablesError};

const MAGIC: [u8; 8] = *b"cbkedits";

/// A section of the file. Their order here is their order in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Texts,
    TextRefs,
    Tables,
    Files,
    Runs,
    CodeSlots,
    RowCodes,
    ColumnCodes,
    PairDirectory,
    RowBlocks,
    PairBlocks,
    PairValues,
    Histories,
    ListStarts,
    ListFacts,
    Facts,
    RowsBefore,
    Mue,
    AddOn,
    AddOnByPrimary,
    Mce,
    MceAges,
}

/// How many sections there are.
pub(super) const SECTIONS: usize = Section::MceAges as usize + 1;

/// Collects the sections and lays them out.
#[derive(Default)]
pub(super) struct SectionWriter {
    sections: [Vec<u8>; SECTIONS],
}

impl SectionWriter {
    /// Sets a section to `records`.
    pub(super) fn put<T: Record>(&mut self, section: Section, records: &[T]) {
        if let Some(slot) = self.sections.get_mut(section as usize) {
            *slot = records.as_bytes().to_vec();
        }
    }

    /// The file: the same sections give the same bytes.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut offset = size_of::<Header>() + SECTIONS * size_of::<SectionRecord>();
        let mut directory = Vec::with_capacity(SECTIONS);
        for section in &self.sections {
            offset = offset.next_multiple_of(ALIGNMENT);
            directory.push(SectionRecord {
                offset: U64::new(offset as u64),
                bytes: U64::new(section.len() as u64),
            });
            offset += section.len();
        }
        let header = Header {
            magic: MAGIC,
            version: U32::new(EDITS_VERSION),
            sections: U32::new(u32::try_from(SECTIONS).unwrap_or(0)),
            file_bytes: U64::new(offset as u64),
        };
        let mut file = Vec::with_capacity(offset);
        file.extend_from_slice(header.as_bytes());
        file.extend_from_slice(directory.as_bytes());
        for section in &self.sections {
            file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
            file.extend_from_slice(section);
        }
        file
    }
}

/// An opened file whose directory has been checked against its length.
#[derive(Clone, Debug)]
pub(super) struct Sections {
    bytes: Bytes,
    ranges: [Range<usize>; SECTIONS],
}

impl Sections {
    /// Sections of which each is empty.
    pub(super) fn empty() -> Sections {
        Sections {
            bytes: Bytes::copied_from(&[]),
            ranges: [const { 0..0 }; SECTIONS],
        }
    }

    /// Reads the header and the directory.
    pub(super) fn open(bytes: Bytes) -> Result<Sections, EditTablesError> {
        let (header, rest) = Header::ref_from_prefix(&bytes)
            .map_err(|_| EditTablesError::damaged("the file is shorter than its header"))?;
        if header.magic != MAGIC {
            return Err(EditTablesError::NotEditTables);
        }
        let version = header.version.get();
        if version != EDITS_VERSION {
            return Err(EditTablesError::Version { found: version });
        }
        if header.file_bytes.get() != bytes.len() as u64 {
            return Err(EditTablesError::damaged(
                "the file does not have the length its header says",
            ));
        }
        let (directory, _) = <[SectionRecord; SECTIONS]>::ref_from_prefix(rest)
            .map_err(|_| EditTablesError::damaged("the directory of sections is cut"))?;
        let mut ranges = [const { 0..0 }; SECTIONS];
        for (range, record) in ranges.iter_mut().zip(directory) {
            let start = usize::try_from(record.offset.get());
            let length = usize::try_from(record.bytes.get());
            let (Ok(start), Ok(length)) = (start, length) else {
                return Err(EditTablesError::damaged("a section is too long"));
            };
            let end = start.checked_add(length).filter(|end| *end <= bytes.len());
            let Some(end) = end else {
                return Err(EditTablesError::damaged("a section ends after the file"));
            };
            *range = start..end;
        }
        Ok(Sections { bytes, ranges })
    }

    /// The bytes of a section.
    pub(super) fn bytes(&self, section: Section) -> &[u8] {
        self.ranges
            .get(section as usize)
            .and_then(|range| self.bytes.get(range.clone()))
            .unwrap_or_default()
    }

    /// The records of a section; none if its length is no multiple of theirs,
    /// which [`Sections::check_lengths`] excludes.
    pub(super) fn records<T: Record>(&self, section: Section) -> &[T] {
        <[T]>::ref_from_bytes(self.bytes(section)).unwrap_or_default()
    }

    /// Checks that a section holds whole records, and returns how many.
    pub(super) fn check_lengths<T: Record>(
        &self,
        section: Section,
    ) -> Result<usize, EditTablesError> {
        let bytes = self.bytes(section).len();
        if !bytes.is_multiple_of(size_of::<T>()) {
            return Err(EditTablesError::damaged("a section holds half a record"));
        }
        Ok(bytes / size_of::<T>())
    }
}
