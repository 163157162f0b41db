//! The files of every system but ICD-10-CM: what each is by its content, what
//! it says, and where that is kept until the releases are put together.

use std::collections::BTreeMap;

use codesets::formats::claml::ClamlRow;
use codesets::formats::cpt::{CptDescriptor, CptLayout};
use codesets::formats::gem::GemRow;
use codesets::formats::hcpcs_record::HcpcsRecord;
use codesets::formats::icd_addenda::{AddendaLayout, AddendaRow};
use codesets::formats::icd10_who::Icd10Row;
use codesets::formats::icd10pcs_definitions::PcsDefinition;
use codesets::formats::icd10pcs_index::PcsIndexEntry;
use codesets::formats::icd10pcs_tables::PcsTable;
use codesets::formats::icd11_maps::{MapDirection, MapRow};
use codesets::formats::icd11_mms::MmsRow;
use codesets::formats::omop::OmopConcept;
use codesets::formats::poa::PoaExemptRow;
use codesets::formats::{
    claml, cpt, gem, hcpcs, hcpcs_columns, icd_addenda, icd10_who, icd10pcs_definitions,
    icd10pcs_index, icd10pcs_tables, icd11_maps, icd11_mms, omop, poa,
};
use codesets::{CodeSystem, Parsed, RowError};

use crate::declared::DeclaredTable;
use crate::known::{hcpcs_version, month_in, year_in};
use crate::recognise::workbook_rows;

/// How much of a file is looked at to recognise a descriptor file, whose licence may be long.
const LONG_HEAD_BYTES: usize = 256 << 10;

/// A format of a system other than ICD-10-CM, or one that joins systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SystemFormat {
    /// The ICD-10-PCS tables.
    PcsTables,
    /// The ICD-10-PCS index.
    PcsIndex,
    /// The ICD-10-PCS definitions.
    PcsDefinitions,
    /// WHO's simple tabulation of ICD-11, text.
    Mms,
    /// The same, a workbook.
    MmsSheet,
    /// A map between ICD-10 and ICD-11.
    Icd11Map(MapDirection),
    /// ICD-10 of WHO, XML of titles or flat text.
    Icd10Who,
    /// ClaML: ICD-10 of WHO or a national modification.
    Claml,
    /// HCPCS Level II, fixed columns.
    Hcpcs,
    /// HCPCS Level II, comma-separated.
    HcpcsColumns,
    /// HCPCS Level II, a workbook.
    HcpcsSheet,
    /// General Equivalence Mappings.
    Gem(CodeSystem, CodeSystem),
    /// Codes exempt from present-on-admission.
    Poa,
    /// Addenda of code and order files.
    Addenda(AddendaLayout),
    /// A descriptor file of a CPT licensee.
    Cpt(CptLayout),
    /// Concepts of the OMOP vocabularies.
    Omop,
}

impl SystemFormat {
    /// The system that a file of the format is of; the source, for a map.
    pub(crate) fn system(self) -> CodeSystem {
        match self {
            SystemFormat::PcsTables | SystemFormat::PcsIndex | SystemFormat::PcsDefinitions => {
                CodeSystem::Icd10Pcs
            }
            SystemFormat::Mms
            | SystemFormat::MmsSheet
            | SystemFormat::Icd11Map(MapDirection::From11To10) => CodeSystem::Icd11Mms,
            SystemFormat::Icd11Map(MapDirection::From10To11 | MapDirection::From10ToFoundation)
            | SystemFormat::Icd10Who
            | SystemFormat::Claml => CodeSystem::Icd10Who,
            SystemFormat::Hcpcs | SystemFormat::HcpcsColumns | SystemFormat::HcpcsSheet => {
                CodeSystem::Hcpcs
            }
            SystemFormat::Gem(source, _) => source,
            SystemFormat::Addenda(AddendaLayout::Icd10PcsOrder) => CodeSystem::Icd10Pcs,
            SystemFormat::Poa | SystemFormat::Addenda(_) => CodeSystem::Icd10Cm,
            SystemFormat::Cpt(_) => CodeSystem::Cpt,
            // The file names the systems row by row.
            SystemFormat::Omop => CodeSystem::Cpt,
        }
    }

    /// The name in reports.
    pub(crate) fn label(self) -> &'static str {
        match self {
            SystemFormat::PcsTables => "ICD-10-PCS tables",
            SystemFormat::PcsIndex => "ICD-10-PCS index",
            SystemFormat::PcsDefinitions => "ICD-10-PCS definitions",
            SystemFormat::Mms => "ICD-11 MMS simple tabulation",
            SystemFormat::MmsSheet => "ICD-11 MMS simple tabulation, workbook",
            SystemFormat::Icd11Map(MapDirection::From10To11) => "map from ICD-10 to ICD-11",
            SystemFormat::Icd11Map(MapDirection::From11To10) => "map from ICD-11 to ICD-10",
            SystemFormat::Icd11Map(MapDirection::From10ToFoundation) => {
                "map from ICD-10 to the ICD-11 foundation"
            }
            SystemFormat::Icd10Who => "ICD-10 of WHO",
            SystemFormat::Claml => "ClaML",
            SystemFormat::Hcpcs => "HCPCS Level II, fixed columns",
            SystemFormat::HcpcsColumns => "HCPCS Level II, comma-separated",
            SystemFormat::HcpcsSheet => "HCPCS Level II, workbook",
            SystemFormat::Gem(CodeSystem::Icd9Cm, _) => "GEM from ICD-9-CM",
            SystemFormat::Gem(..) => "GEM to ICD-9-CM",
            SystemFormat::Poa => "codes exempt from present-on-admission",
            SystemFormat::Addenda(AddendaLayout::Codes) => "addenda of a codes file",
            SystemFormat::Addenda(AddendaLayout::Icd10CmOrder) => {
                "addenda of an ICD-10-CM order file"
            }
            SystemFormat::Addenda(AddendaLayout::Icd10PcsOrder) => {
                "addenda of an ICD-10-PCS order file"
            }
            SystemFormat::Cpt(CptLayout::LongTabbed | CptLayout::LongLines) => {
                "CPT long descriptors"
            }
            SystemFormat::Cpt(CptLayout::Medium) => "CPT medium descriptors",
            SystemFormat::Cpt(CptLayout::Short) => "CPT short descriptors",
            SystemFormat::Cpt(CptLayout::Consumer) => "CPT consumer descriptors",
            SystemFormat::Cpt(CptLayout::Clinician) => "CPT clinician descriptors",
            SystemFormat::Omop => "OMOP concepts",
        }
    }

    /// The release that a file's name and folders say, where the year alone would not do.
    pub(crate) fn version_in(self, name: &str) -> Option<String> {
        match self {
            SystemFormat::Hcpcs | SystemFormat::HcpcsColumns | SystemFormat::HcpcsSheet => {
                hcpcs_version(name)
            }
            SystemFormat::Mms | SystemFormat::MmsSheet | SystemFormat::Icd11Map(_) => {
                month_in(name).or_else(|| year_in(name))
            }
            SystemFormat::Omop => Some(year_in(name).unwrap_or_else(|| "current".to_owned())),
            _ => year_in(name),
        }
    }
}

/// The format of a text or XML file that begins with `head`; `bytes` is all of it.
pub(crate) fn recognise_text(bytes: &[u8], head: &[u8]) -> Option<SystemFormat> {
    type Test = fn(&[u8]) -> bool;
    let tests: [(Test, SystemFormat); 9] = [
        (icd10pcs_tables::looks_like, SystemFormat::PcsTables),
        (icd10pcs_index::looks_like, SystemFormat::PcsIndex),
        (
            icd10pcs_definitions::looks_like,
            SystemFormat::PcsDefinitions,
        ),
        (icd10_who::looks_like, SystemFormat::Icd10Who),
        (claml::looks_like, SystemFormat::Claml),
        (icd11_mms::looks_like, SystemFormat::Mms),
        (poa::looks_like, SystemFormat::Poa),
        (omop::looks_like, SystemFormat::Omop),
        (hcpcs_columns::looks_like, SystemFormat::HcpcsColumns),
    ];
    if let Some((_, format)) = tests.into_iter().find(|(test, _)| test(head)) {
        return Some(format);
    }
    if let Some(direction) = icd11_maps::direction(head) {
        return Some(SystemFormat::Icd11Map(direction));
    }
    if icd_addenda::looks_like(head) {
        return icd_addenda::layout(bytes).map(SystemFormat::Addenda);
    }
    if hcpcs::looks_like(head) {
        return Some(SystemFormat::Hcpcs);
    }
    if let Some((source, target)) = gem::systems(head) {
        return Some(SystemFormat::Gem(source, target));
    }
    None
}

/// The layout of a CPT licensee's file. Asked last: its rows are only a code and words.
pub(crate) fn recognise_descriptors(bytes: &[u8]) -> Option<SystemFormat> {
    let head = bytes.get(..LONG_HEAD_BYTES).unwrap_or(bytes);
    cpt::layout(head).map(SystemFormat::Cpt)
}

/// The format of a workbook whose first rows are `rows`.
pub(crate) fn recognise_sheet(rows: &[Vec<String>]) -> Option<SystemFormat> {
    let names = |row: &[String]| -> Vec<String> {
        row.iter()
            .map(|cell| {
                cell.chars()
                    .filter(char::is_ascii_alphanumeric)
                    .map(|c| c.to_ascii_lowercase())
                    .collect()
            })
            .collect()
    };
    rows.iter().find_map(|row| {
        let names = names(row);
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        if has("foundationuri") && has("classkind") {
            Some(SystemFormat::MmsSheet)
        } else if has("hcpc") && has("seqnum") && has("recid") {
            Some(SystemFormat::HcpcsSheet)
        } else {
            None
        }
    })
}

/// What a file of another system holds.
pub(crate) enum SystemContent {
    PcsTables(Vec<PcsTable>),
    PcsIndex(Vec<PcsIndexEntry>),
    PcsDefinitions(Vec<PcsDefinition>),
    Mms(Vec<MmsRow>),
    Icd11Map(MapDirection, Vec<MapRow>),
    /// Whether they are the XML, which is WHO's own, and the rows.
    Icd10Who(bool, Vec<Icd10Row>),
    Claml(Option<(String, String)>, Vec<ClamlRow>),
    Hcpcs(Vec<HcpcsRecord>),
    Gem(CodeSystem, CodeSystem, Vec<GemRow>),
    Poa(Vec<PoaExemptRow>),
    Addenda(AddendaLayout, Vec<AddendaRow>),
    Cpt(CptLayout, Vec<CptDescriptor>),
    Omop(Vec<OmopConcept>),
    Declared(Box<DeclaredTable>),
}

impl SystemContent {
    /// Whether it is taken before another file of the same release that says the same.
    pub(crate) fn goes_first(&self) -> bool {
        matches!(self, SystemContent::Icd10Who(true, _))
    }
}

/// A file read: what it holds, the release it says it is of, its rows and what could not be read.
pub(crate) struct SystemRead {
    pub(crate) content: SystemContent,
    pub(crate) said: Option<String>,
    pub(crate) rows: u64,
    pub(crate) errors: Vec<RowError>,
}

impl SystemRead {
    fn new<T>(
        parsed: Parsed<T>,
        said: Option<String>,
        content: impl FnOnce(Vec<T>) -> SystemContent,
    ) -> SystemRead {
        SystemRead {
            rows: parsed.rows.len() as u64,
            content: content(parsed.rows),
            said,
            errors: parsed.errors,
        }
    }
}

/// Reads a file of `format`.
pub(crate) fn parse(format: SystemFormat, bytes: &[u8]) -> SystemRead {
    use SystemContent as C;
    let head = bytes.get(..64 << 10).unwrap_or(bytes);
    let sheet = || workbook_rows(bytes, usize::MAX).unwrap_or_default();
    match format {
        SystemFormat::PcsTables => SystemRead::new(
            icd10pcs_tables::parse(bytes),
            icd10pcs_tables::version(head),
            C::PcsTables,
        ),
        SystemFormat::PcsIndex => SystemRead::new(
            icd10pcs_index::parse(bytes),
            icd10pcs_index::version(head),
            C::PcsIndex,
        ),
        SystemFormat::PcsDefinitions => {
            let said = icd10pcs_definitions::version(head);
            SystemRead::new(icd10pcs_definitions::parse(bytes), said, C::PcsDefinitions)
        }
        SystemFormat::Mms => {
            let said = icd11_mms::release(head).and_then(|release| release.name());
            SystemRead::new(icd11_mms::parse(bytes), said, C::Mms)
        }
        SystemFormat::MmsSheet => {
            let rows = sheet();
            let said = rows
                .first()
                .and_then(|header| icd11_mms::release_in_header(header)?.name());
            SystemRead::new(icd11_mms::parse_rows(&rows), said, C::Mms)
        }
        SystemFormat::Icd11Map(direction) => {
            SystemRead::new(icd11_maps::parse(bytes), None, |rows| {
                C::Icd11Map(direction, rows)
            })
        }
        SystemFormat::Icd10Who => {
            let is_xml = icd10_who::looks_like_xml(head);
            SystemRead::new(icd10_who::parse(bytes), None, |rows| {
                C::Icd10Who(is_xml, rows)
            })
        }
        SystemFormat::Claml => {
            let named = claml::classification(head);
            let said = named.as_ref().map(|(_, version)| version.clone());
            SystemRead::new(claml::parse(bytes), said, |rows| C::Claml(named, rows))
        }
        SystemFormat::Hcpcs => SystemRead::new(hcpcs::parse(bytes), None, C::Hcpcs),
        SystemFormat::HcpcsColumns => SystemRead::new(hcpcs_columns::parse(bytes), None, C::Hcpcs),
        SystemFormat::HcpcsSheet => {
            SystemRead::new(hcpcs_columns::parse_rows(&sheet()), None, C::Hcpcs)
        }
        SystemFormat::Gem(source, target) => {
            SystemRead::new(gem::parse(bytes, source, target), None, |rows| {
                C::Gem(source, target, rows)
            })
        }
        SystemFormat::Poa => SystemRead::new(poa::parse(bytes), None, C::Poa),
        SystemFormat::Addenda(layout) => SystemRead::new(icd_addenda::parse(bytes), None, |rows| {
            C::Addenda(layout, rows)
        }),
        SystemFormat::Cpt(layout) => {
            SystemRead::new(cpt::parse(bytes, layout), None, |rows| C::Cpt(layout, rows))
        }
        SystemFormat::Omop => {
            // A whole download has millions of rows; those of other vocabularies are not kept.
            let ours = ["ICD10CM", "ICD10PCS", "HCPCS", "CPT4", "ICD10", "ICD9CM"];
            let parsed = omop::parse_vocabularies(bytes, |name| ours.contains(&name));
            SystemRead::new(parsed, None, C::Omop)
        }
    }
}

/// The descriptor files of one release of CPT.
#[derive(Default)]
pub(crate) struct CptFiles {
    pub(crate) long: Option<Vec<CptDescriptor>>,
    pub(crate) medium: Option<Vec<CptDescriptor>>,
    pub(crate) short: Option<Vec<CptDescriptor>>,
    pub(crate) consumer: Option<Vec<CptDescriptor>>,
    pub(crate) clinician: Option<Vec<CptDescriptor>>,
}

/// A map as its file gave it, with the release it is of.
pub(crate) enum MapFile {
    Gem(CodeSystem, CodeSystem, Vec<GemRow>),
    Icd11(MapDirection, bool, Vec<MapRow>),
}

/// What the files of the other systems say, sorted.
#[derive(Default)]
pub(crate) struct SystemFiles {
    /// ICD-10-PCS tables by version.
    pub(crate) pcs_tables: BTreeMap<String, Vec<PcsTable>>,
    /// The newest ICD-10-PCS index, with its version.
    pub(crate) pcs_index: Option<(String, Vec<PcsIndexEntry>)>,
    /// The newest ICD-10-PCS definitions, with their version.
    pub(crate) pcs_definitions: Option<(String, Vec<PcsDefinition>)>,
    /// ICD-11 by version.
    pub(crate) mms: BTreeMap<String, Vec<MmsRow>>,
    /// ICD-10 of WHO by version.
    pub(crate) who: BTreeMap<String, Vec<Icd10Row>>,
    /// ClaML by version.
    pub(crate) claml: BTreeMap<String, Vec<ClamlRow>>,
    /// HCPCS Level II by version.
    pub(crate) hcpcs: BTreeMap<String, Vec<HcpcsRecord>>,
    /// CPT by version.
    pub(crate) cpt: BTreeMap<String, CptFiles>,
    /// OMOP concepts by version.
    pub(crate) omop: BTreeMap<String, Vec<OmopConcept>>,
    /// Declared tables.
    pub(crate) declared: Vec<DeclaredTable>,
    /// Maps with their versions, in the order of the files.
    pub(crate) maps: Vec<(String, MapFile)>,
    /// Codes exempt from present-on-admission, by version.
    pub(crate) poa: BTreeMap<String, Vec<PoaExemptRow>>,
    /// Addenda with their versions.
    pub(crate) addenda: Vec<(String, AddendaLayout, Vec<AddendaRow>)>,
}

impl SystemFiles {
    /// Takes in what a file of release `version` holds; `Err` says why it is not used.
    pub(crate) fn take(&mut self, content: SystemContent, version: String) -> Result<(), String> {
        match content {
            SystemContent::PcsTables(rows) => put(&mut self.pcs_tables, version, rows),
            SystemContent::PcsIndex(rows) => newest(&mut self.pcs_index, version, rows),
            SystemContent::PcsDefinitions(rows) => newest(&mut self.pcs_definitions, version, rows),
            SystemContent::Mms(rows) => put(&mut self.mms, version, rows),
            SystemContent::Icd10Who(_, rows) => put(&mut self.who, version, rows),
            SystemContent::Claml(named, rows) => {
                let name = named.map_or(String::new(), |(name, _)| name);
                if !name.to_ascii_uppercase().starts_with("ICD-10")
                    && !name.to_ascii_uppercase().starts_with("ICD10")
                {
                    return Err(format!(
                        "ClaML of `{name}`; only ICD-10 and its modifications have a place here"
                    ));
                }
                put(&mut self.claml, version, rows)
            }
            SystemContent::Hcpcs(rows) => {
                let procedures = rows
                    .iter()
                    .filter(|row| row.code.as_str().len() == 5)
                    .count();
                if procedures == 0 {
                    return Err(format!(
                        "{} modifiers and no procedure code: an excerpt, and no release that could answer",
                        rows.len()
                    ));
                }
                put(&mut self.hcpcs, version, rows)
            }
            SystemContent::Cpt(layout, rows) => {
                let files = self.cpt.entry(version).or_default();
                let place = match layout {
                    CptLayout::LongTabbed | CptLayout::LongLines => &mut files.long,
                    CptLayout::Medium => &mut files.medium,
                    CptLayout::Short => &mut files.short,
                    CptLayout::Consumer => &mut files.consumer,
                    CptLayout::Clinician => &mut files.clinician,
                };
                if place.is_some() {
                    return Err(already_read());
                }
                *place = Some(rows);
                Ok(())
            }
            SystemContent::Omop(rows) => put(&mut self.omop, version, rows),
            SystemContent::Declared(table) => {
                self.declared.push(*table);
                Ok(())
            }
            SystemContent::Icd11Map(direction, rows) => {
                // The two maps from ICD-10 differ in whether a code may have several targets.
                let many = rows
                    .windows(2)
                    .any(|pair| pair[0].source.code == pair[1].source.code);
                self.maps
                    .push((version, MapFile::Icd11(direction, many, rows)));
                Ok(())
            }
            SystemContent::Gem(source, target, rows) => {
                self.maps
                    .push((version, MapFile::Gem(source, target, rows)));
                Ok(())
            }
            SystemContent::Poa(rows) => put(&mut self.poa, version, rows),
            SystemContent::Addenda(layout, rows) => {
                self.addenda.push((version, layout, rows));
                Ok(())
            }
        }
    }
}

fn already_read() -> String {
    "not used: another file of the same release says the same and was read before".to_owned()
}

fn put<T>(releases: &mut BTreeMap<String, T>, version: String, value: T) -> Result<(), String> {
    if releases.contains_key(&version) {
        return Err(already_read());
    }
    releases.insert(version, value);
    Ok(())
}

fn newest<T>(kept: &mut Option<(String, T)>, version: String, value: T) -> Result<(), String> {
    if let Some((known, _)) = kept.as_ref().filter(|(known, _)| *known >= version) {
        return Err(format!("not used: the one of {known} is as new or newer"));
    }
    *kept = Some((version, value));
    Ok(())
}
