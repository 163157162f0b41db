//! The records of the table file, little-endian, without padding of the compiler's.

use codesets::edit::{EditTableKind, Payer, Setting};
use jiff::civil::Date;
use zerocopy::little_endian::{I16, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Stands for "none" in a field of four bytes.
pub(super) const NONE: u32 = u32::MAX;
/// Stands for "none" in a field of two bytes.
pub(super) const NONE16: u16 = u16::MAX;
/// Stands for "none" in a field of one byte.
pub(super) const NONE8: u8 = u8::MAX;

/// What a record must be to be read in place.
pub(super) trait Record:
    FromBytes + IntoBytes + Immutable + KnownLayout + Unaligned
{
}
impl<T: FromBytes + IntoBytes + Immutable + KnownLayout + Unaligned> Record for T {}

/// The first bytes of the file.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Header {
    pub magic: [u8; 8],
    pub version: U32,
    pub sections: U32,
    pub file_bytes: U64,
}

/// Where a section stands, counted from the beginning of the file.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct SectionRecord {
    pub offset: U64,
    pub bytes: U64,
}

/// A text in the section of texts.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct TextRecord {
    pub offset: U32,
    pub bytes: U32,
}

/// A table: what it is, its rows (of its kind's section) and its runs.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct TableRecord {
    pub kind: u8,
    pub setting: u8,
    pub payer: u8,
    /// 1 to 4, or 0 for a fiscal year.
    pub quarter: u8,
    pub year: I16,
    pub reserved: U16,
    /// The first row in the section of the kind; for PTP, the table's place among the PTP tables.
    pub first_row: U32,
    pub rows: U32,
    pub first_run: U32,
    pub runs: U32,
}

/// A file that a table was read from.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct FileRecord {
    /// A text.
    pub name: U32,
    /// Rows read.
    pub rows: U32,
    pub sha256: [u8; 32],
}

/// Rows of a table, from `first_row` on, that stand on consecutive lines of a file.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct RunRecord {
    pub first_row: U32,
    pub file: U32,
    pub line: U32,
}

/// A slot of the table that finds a code's row and column in the pair bitmap.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct CodeSlot {
    /// The code's number, or [`NONE`] in an empty slot.
    pub code: U32,
    /// Its row, as a column 1 code, or [`NONE16`].
    pub row: U16,
    /// Its column, as a column 2 code, or [`NONE16`].
    pub column: U16,
}

/// Half a cache line of the pair bitmap: 192 columns of a row, how many pairs
/// stand before the block, and how many of the block before its second and third word.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Block {
    pub bits: [U64; 3],
    pub before: U32,
    /// The first is 0.
    pub before_word: [u8; 3],
    pub reserved: u8,
}

/// What a PTP row says beside its pair.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct PtpFact {
    /// The digit CMS publishes.
    pub indicator: u8,
    pub prior_to_1996: u8,
    pub reserved: U16,
    /// A text.
    pub rationale: U32,
    pub effective: U32,
    pub deletion: U32,
}

/// A row of an MUE table.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct MueRecord {
    pub code: U32,
    pub value: U32,
    /// A text.
    pub rationale: U32,
    /// The digit CMS publishes, or [`NONE8`].
    pub adjudication: u8,
    pub reserved: [u8; 3],
}

/// A row of an add-on table.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct AddOnRecord {
    pub add_on: U32,
    /// The primary's number, or [`NONE`] where the contractor defines it.
    pub primary: U32,
    pub add_on_deletion: U32,
    pub primary_deletion: U32,
    pub effective: U32,
    pub deletion: U32,
    /// A text.
    pub note: U32,
    /// The digit CMS publishes.
    pub kind: u8,
    pub reserved: [u8; 3],
}

/// A code on a list of the MCE.
#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct MceRecord {
    /// [`codesets::CodeSystem::number`].
    pub system: u8,
    /// The canonical text, filled up with zeros.
    pub code: [u8; 7],
    /// The list's place in [`codesets::edit::MceList::ALL`].
    pub list: u8,
    pub reserved: [u8; 3],
}

/// The ages of an MCE list.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct AgeRecord {
    /// The table's place among all tables.
    pub table: U32,
    /// The list's place in [`codesets::edit::MceList::ALL`].
    pub list: u8,
    pub reserved: [u8; 3],
    pub least: U16,
    pub most: U16,
}

/// A day as the number YYYYMMDD; [`NONE`] for no day.
pub(super) fn day_number(day: Option<Date>) -> U32 {
    let number = day.and_then(|day| {
        let year = u32::try_from(day.year()).ok()?;
        let month = u32::try_from(day.month()).ok()?;
        let day = u32::try_from(day.day()).ok()?;
        Some(year * 10_000 + month * 100 + day)
    });
    U32::new(number.unwrap_or(NONE))
}

/// The day of a number YYYYMMDD; `None` for any number that is not one.
pub(super) fn day_of(number: U32) -> Option<Date> {
    let number = number.get();
    let year = i16::try_from(number / 10_000).ok()?;
    let month = i8::try_from(number / 100 % 100).ok()?;
    let day = i8::try_from(number % 100).ok()?;
    Date::new(year, month, day).ok()
}

/// A number of the file as an index into memory.
pub(super) fn index(number: U32) -> usize {
    number.get() as usize
}

pub(super) const fn kind_number(kind: EditTableKind) -> u8 {
    match kind {
        EditTableKind::Ptp => 1,
        EditTableKind::Mue => 2,
        EditTableKind::AddOn => 3,
        EditTableKind::Mce => 4,
    }
}

pub(super) fn kind_of(number: u8) -> Option<EditTableKind> {
    [
        EditTableKind::Ptp,
        EditTableKind::Mue,
        EditTableKind::AddOn,
        EditTableKind::Mce,
    ]
    .into_iter()
    .find(|kind| kind_number(*kind) == number)
}

pub(super) const fn setting_number(setting: Option<Setting>) -> u8 {
    match setting {
        Some(Setting::Practitioner) => 1,
        Some(Setting::OutpatientHospital) => 2,
        Some(Setting::Dme) => 3,
        None => NONE8,
    }
}

pub(super) fn setting_of(number: u8) -> Option<Setting> {
    Setting::ALL
        .into_iter()
        .find(|setting| setting_number(Some(*setting)) == number)
}

pub(super) const fn payer_number(payer: Payer) -> u8 {
    match payer {
        Payer::Medicare => 1,
        Payer::Medicaid => 2,
    }
}

pub(super) fn payer_of(number: u8) -> Option<Payer> {
    Payer::ALL
        .into_iter()
        .find(|payer| payer_number(*payer) == number)
}
