//! What a file is, by its content.

use codesets::CodeSystem;
use codesets::edit::{self, EditTableKind};
use codesets::formats::icd10cm_index::IndexName;
use codesets::formats::icd10cm_tables::TableName;
use codesets::formats::sniff::{XmlFormat, xml_format};
use codesets::formats::{icd_order, icd10cm_code_list, icd10cm_codes, ncci_aoc};

use crate::edits::kind_of_text;
use crate::systems::{SystemFormat, recognise_descriptors, recognise_sheet, recognise_text};
use crate::unpack::UnpackedFile;

/// A published format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// An order file of ICD-10-CM or ICD-10-PCS.
    Order(CodeSystem),
    /// The file of billable ICD-10-CM codes.
    Icd10CmCodes,
    /// A list of ICD-10-CM codes without titles.
    Icd10CmCodeList,
    /// The ICD-10-CM Tabular List.
    Icd10CmTabular,
    /// The ICD-10-CM Alphabetic Index or External Cause Index.
    Icd10CmIndex(IndexName),
    /// The ICD-10-CM Neoplasm or Drug table.
    Icd10CmTable(TableName),
    /// The ICD-10-CM conversion table, a workbook.
    Icd10CmConversion,
    /// A format of another system, or one that joins systems.
    System(SystemFormat),
}

impl Format {
    /// The system that a file of the format is of.
    pub(crate) fn system(self) -> CodeSystem {
        match self {
            Format::Order(system) => system,
            Format::Icd10CmCodes
            | Format::Icd10CmCodeList
            | Format::Icd10CmTabular
            | Format::Icd10CmIndex(_)
            | Format::Icd10CmTable(_)
            | Format::Icd10CmConversion => CodeSystem::Icd10Cm,
            Format::System(format) => format.system(),
        }
    }

    /// The name in reports.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Format::Order(CodeSystem::Icd10Pcs) => "ICD-10-PCS order file",
            Format::Order(_) => "ICD-10-CM order file",
            Format::Icd10CmCodes => "ICD-10-CM codes file",
            Format::Icd10CmCodeList => "ICD-10-CM code list",
            Format::Icd10CmTabular => "ICD-10-CM Tabular List",
            Format::Icd10CmIndex(IndexName::Diseases) => "ICD-10-CM Alphabetic Index",
            Format::Icd10CmIndex(IndexName::ExternalCauses) => "ICD-10-CM External Cause Index",
            Format::Icd10CmTable(TableName::Neoplasm) => "ICD-10-CM Neoplasm Table",
            Format::Icd10CmTable(TableName::Drug) => "ICD-10-CM Table of Drugs",
            Format::Icd10CmConversion => "ICD-10-CM conversion table",
            Format::System(format) => format.label(),
        }
    }
}

/// The kind of table of claim edits that a file is by its content.
///
/// A workbook is opened only if its name says that it may be one: the name has
/// to say the quarter in any case.
pub(crate) fn recognise_edits(file: &UnpackedFile) -> Option<EditTableKind> {
    if file.bytes.starts_with(b"PK\x03\x04") {
        let table = edit::TableName::from_file_name(file.base_name())?;
        let rows = workbook_rows(&file.bytes, 20).ok()?;
        return (table.kind == EditTableKind::AddOn && ncci_aoc::looks_like(&rows))
            .then_some(EditTableKind::AddOn);
    }
    kind_of_text(&file.bytes)
}

/// The name of a table of claim edits in reports.
pub(crate) fn edits_label(kind: EditTableKind) -> &'static str {
    match kind {
        EditTableKind::Ptp => "NCCI PTP edits",
        EditTableKind::Mue => "NCCI medically unlikely edits",
        EditTableKind::AddOn => "NCCI add-on code edits",
        EditTableKind::Mce => "Medicare Code Editor lists",
    }
}

/// A name that the publisher gives to a file of such a table.
pub(crate) fn edits_name(kind: EditTableKind) -> &'static str {
    match kind {
        EditTableKind::Ptp => "ccipra-v302r0-f1.txt",
        EditTableKind::Mue => "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv",
        EditTableKind::AddOn => "AOC_V2026Q2-MCR.xlsx",
        EditTableKind::Mce => "MCE_Simple_Code_Edits_v37.txt or mce_edits_fy2026.json",
    }
}

/// The format of the file with these bytes, or why it is none that is read.
///
/// # Errors
/// A sentence for the report: what the file looks like.
pub(crate) fn recognise(bytes: &[u8]) -> Result<Format, String> {
    let head = bytes.get(..64 << 10).unwrap_or(bytes);
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    if bytes.starts_with(b"%PDF") {
        return Err("a PDF; nothing is read from PDF files".to_owned());
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return recognise_workbook(bytes);
    }
    if let Some(format) = recognise_text(bytes, head) {
        return Ok(Format::System(format));
    }
    if let Some(xml) = xml_format(head) {
        return match xml {
            XmlFormat::Icd10CmTabular => Ok(Format::Icd10CmTabular),
            XmlFormat::Icd10CmIndex(name) => Ok(Format::Icd10CmIndex(name)),
            XmlFormat::Icd10CmTable(name) => Ok(Format::Icd10CmTable(name)),
            XmlFormat::Other(root) if root.ends_with(":schema") || root == "schema" => {
                Err("an XML schema: it describes a format and holds no codes".to_owned())
            }
            XmlFormat::Other(root) if !root.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                Err(describe_text(head))
            }
            XmlFormat::Other(root) => Err(format!(
                "XML with root element `{root}`, which no reader knows"
            )),
        };
    }
    if let Some(system) = icd_order::looks_like(head) {
        return Ok(Format::Order(system));
    }
    if icd10cm_code_list::looks_like(head) {
        return Ok(Format::Icd10CmCodeList);
    }
    if icd10cm_codes::looks_like(head) {
        return Ok(Format::Icd10CmCodes);
    }
    if let Some(format) = recognise_descriptors(bytes) {
        return Ok(Format::System(format));
    }
    Err(describe_text(head))
}

/// What a text that no reader knows looks like.
fn describe_text(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let letters = text
        .chars()
        .filter(|c| c.is_alphabetic() || c.is_whitespace())
        .count();
    let is_prose = letters * 10 > text.chars().count() * 7;
    if is_prose {
        "a text that no reader knows: a notice, a description or a list of changes, but no table of codes".to_owned()
    } else {
        "no reader knows this content".to_owned()
    }
}

fn recognise_workbook(bytes: &[u8]) -> Result<Format, String> {
    let rows = workbook_rows(bytes, 20)?;
    let conversion = rows.iter().any(|row| {
        row.first()
            .is_some_and(|cell| cell.trim() == "Current code assignment")
    });
    if conversion {
        return Ok(Format::Icd10CmConversion);
    }
    if ncci_aoc::looks_like(&rows) {
        return Err(format!(
            "a table of add-on codes whose name does not say its quarter; keep the publisher's name, such as {}",
            edits_name(EditTableKind::AddOn)
        ));
    }
    if let Some(format) = recognise_sheet(&rows) {
        return Ok(Format::System(format));
    }
    Err("a workbook whose first rows no reader knows".to_owned())
}

/// The cells of the first sheet of a workbook as text, at most `most` rows.
///
/// # Errors
/// What the workbook reader says.
pub(crate) fn workbook_rows(bytes: &[u8], most: usize) -> Result<Vec<Vec<String>>, String> {
    use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
    let mut workbook: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(bytes))
        .map_err(|error: calamine::XlsxError| format!("the workbook cannot be read: {error}"))?;
    let sheet = workbook
        .worksheet_range_at(0)
        .ok_or("the workbook has no sheet")?
        .map_err(|error| format!("the workbook's first sheet cannot be read: {error}"))?;
    let text = |cell: &Data| match cell {
        Data::Empty => String::new(),
        other => other.to_string(),
    };
    Ok(sheet
        .rows()
        .take(most)
        .map(|row| row.iter().map(text).collect())
        .collect())
}
