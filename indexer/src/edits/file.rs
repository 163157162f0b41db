//! A publisher's edit file on its way in: which table it holds, and its rows.

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use calamine::{Reader, Xlsx};
use codesets::RowError;
use codesets::edit::{EditTableKind, Setting, TableName};
use codesets::formats::{mce, ncci_mue, ncci_ptp};
use flate2::read::GzDecoder;

use super::mce_json;

/// No edit file is as long, unpacked; a longer one is refused, not unpacked.
const LONGEST_BYTES: u64 = 1 << 30;

/// A publisher's edit file, unpacked.
#[derive(Clone, Debug)]
pub struct EditFile {
    /// The table it is part of.
    pub table: TableName,
    /// Its name, without `.gz`.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why a file could not be taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditFileError {
    /// The file could not be read or unpacked.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file unpacks to more than any edit file has.
    #[error("{} unpacks to more than {LONGEST_BYTES} bytes", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
}

impl EditFile {
    /// Reads and unpacks the file at `path` (plain or `.gz`); `None` if its name is not an edit file's.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(path: &Path) -> Result<Option<EditFile>, EditFileError> {
        let full_name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = full_name.strip_suffix(".gz").unwrap_or(&full_name);
        let Some(table) = TableName::from_file_name(name) else {
            return Ok(None);
        };
        let unreadable = |source| EditFileError::Read {
            path: path.to_owned(),
            source,
        };
        let mut bytes = Vec::new();
        let file = fs::File::open(path).map_err(unreadable)?;
        let read = if name.len() == full_name.len() {
            file.take(LONGEST_BYTES + 1).read_to_end(&mut bytes)
        } else {
            let unpacked = GzDecoder::new(std::io::BufReader::new(file));
            unpacked.take(LONGEST_BYTES + 1).read_to_end(&mut bytes)
        };
        if read.map_err(unreadable)? as u64 > LONGEST_BYTES {
            return Err(EditFileError::TooLong {
                path: path.to_owned(),
            });
        }
        Ok(Some(EditFile {
            table,
            name: name.to_owned(),
            bytes,
        }))
    }
}

/// How much of a file is looked at to tell what it is.
const HEAD_BYTES: usize = 8192;

/// The kind of edit table that a text file is by its content.
pub(crate) fn kind_of_text(bytes: &[u8]) -> Option<EditTableKind> {
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    if ncci_ptp::looks_like(head) {
        Some(EditTableKind::Ptp)
    } else if ncci_mue::looks_like(head) {
        Some(EditTableKind::Mue)
    } else if mce::looks_like(head) || mce_json::looks_like(head) {
        Some(EditTableKind::Mce)
    } else {
        None
    }
}

/// Whether the content is what the table's name says: the right format, and the
/// right setting where the file names it.
pub(crate) fn content_fits(table: TableName, bytes: &[u8]) -> bool {
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    match table.kind {
        EditTableKind::Ptp => ncci_ptp::looks_like(head),
        EditTableKind::Mue => {
            let named: Option<Setting> = ncci_mue::setting(head);
            named.is_some() && named == table.setting
        }
        EditTableKind::AddOn => bytes.starts_with(b"PK"),
        EditTableKind::Mce => mce::looks_like(head) || mce_json::looks_like(head),
    }
}

/// The rows of a workbook's first sheet as text; errors in reading are one error of row 1.
pub(super) fn sheet_rows(bytes: &[u8]) -> Result<Vec<Vec<String>>, RowError> {
    let unreadable = |_| RowError {
        line: 1,
        problem: codesets::RowProblem::Encoding { expected: "xlsx" },
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let Some(sheet) = book.worksheet_range_at(0) else {
        return Ok(Vec::new());
    };
    let range = sheet.map_err(unreadable)?;
    // Rows above the first used cell are left out of the range; they still count as lines.
    let above = range.start().map_or(0, |(row, _)| row as usize);
    let mut rows = vec![Vec::new(); above];
    rows.extend(
        range
            .rows()
            .map(|row| row.iter().map(ToString::to_string).collect()),
    );
    Ok(rows)
}
