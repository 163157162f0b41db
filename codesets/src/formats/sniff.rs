//! Which of the publishers' XML formats a file is, seen in its first bytes.

use super::icd10cm_index::IndexName;
use super::icd10cm_tables::TableName;
use super::xml::{XmlReader, XmlText};

/// A format recognised in the head of an XML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum XmlFormat {
    /// The ICD-10-CM Tabular List.
    Icd10CmTabular,
    /// The ICD-10-CM Alphabetic Index or External Cause Index.
    Icd10CmIndex(IndexName),
    /// The ICD-10-CM Neoplasm Table or Table of Drugs and Chemicals.
    Icd10CmTable(TableName),
    /// Another XML file; holds the root element's name.
    Other(String),
}

/// How much of a file is looked at.
const HEAD_BYTES: usize = 64 * 1024;

/// The format of the XML file that begins with `head`; `None` if it is not XML.
///
/// The index and the two tables share a root element and differ in what comes
/// before the first letter: a title, or the heads of the table's columns.
pub fn xml_format(head: &[u8]) -> Option<XmlFormat> {
    let head = head.get(..HEAD_BYTES).unwrap_or(head);
    // A title of another format may hold a tag; an XML file begins with one.
    let marked = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if !marked.trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let text = XmlText::new(head);
    let mut xml = XmlReader::new(&text);
    let root = xml.next_child()?;
    match root.name.as_str() {
        "ICD10CM.tabular" => return Some(XmlFormat::Icd10CmTabular),
        "ICD10CM.index" => {}
        _ => return Some(XmlFormat::Other(root.name)),
    }
    while let Some(element) = xml.next_child() {
        match element.name.as_str() {
            "title" => return Some(XmlFormat::Icd10CmIndex(IndexName::of_title(&xml.text()))),
            "indexHeading" => {
                xml.next_child()?;
                let name = TableName::of_head(&xml.text());
                return Some(name.map_or(XmlFormat::Other(root.name), XmlFormat::Icd10CmTable));
            }
            "letter" => break,
            _ => xml.skip(),
        }
    }
    Some(XmlFormat::Other(root.name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{XmlFormat, xml_format};
    use crate::formats::icd10cm_index::IndexName;
    use crate::formats::icd10cm_tables::TableName;

    #[track_caller]
    fn check(head: &str, expected: Option<XmlFormat>) {
        assert_eq!(xml_format(head.as_bytes()), expected);
    }

    #[test]
    fn each_format_is_known_by_its_content() {
        check(
            "\u{feff}<?xml version=\"1.0\"?>\r\n<ICD10CM.tabular><version>",
            Some(XmlFormat::Icd10CmTabular),
        );
        check(
            "<ICD10CM.index><version>2022</version><title>ICD-10-CM External Cause of Injuries Index</title>",
            Some(XmlFormat::Icd10CmIndex(IndexName::ExternalCauses)),
        );
        check(
            "<ICD10CM.index><title>ICD-10-CM INDEX TO DISEASES and INJURIES</title>",
            Some(XmlFormat::Icd10CmIndex(IndexName::Diseases)),
        );
        check(
            "<ICD10CM.index><indexHeading><head col=\"1\">Substance</head>",
            Some(XmlFormat::Icd10CmTable(TableName::Drug)),
        );
        check(
            "<ICD10CM.index><indexHeading><head col=\"1\">Neoplasm</head>",
            Some(XmlFormat::Icd10CmTable(TableName::Neoplasm)),
        );
        check(
            "<ICD10PCS.index><version>",
            Some(XmlFormat::Other("ICD10PCS.index".to_owned())),
        );
        check("00001 A00     0 Cholera", None);
        check("00001 A00     0 Cholera <i>El Tor</i>", None);
        check("", None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            xml_format(&bytes);
        }
    }
}
