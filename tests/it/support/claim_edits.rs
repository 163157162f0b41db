//! Invented tables of claim edits for the first quarter of 2099, in the publishers' formats.

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use super::Workshop;
use super::menagerie::hcpcs;

impl Workshop {
    /// A folder with a bundle of both invented releases, HCPCS and every kind of edit table at `bundle`.
    pub(crate) fn with_edits() -> Workshop {
        let workshop = Workshop::with_edit_files();
        let run = workshop.run(&["build", "data", "--out", "bundle"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        workshop
    }

    /// The folder of [`Workshop::with_edits`], before the bundle is built.
    pub(crate) fn with_edit_files() -> Workshop {
        let workshop = Workshop::new();
        workshop.release("data", &super::older());
        workshop.release("data", &super::newer());
        workshop.write("data/HCPC2099_JAN_ANWEB.txt", hcpcs(true));
        workshop.write("data/ccipra-v1050r0-f1.txt", PTP_Q1);
        workshop.write("data/ccipra-v1051r0-f1.txt", PTP_Q2);
        workshop.write("data/MCD-PTP-DME-v2099q1-F1-P.txt", MEDICAID_PTP);
        let mue = "MCR_MUE_PractitionerServices_Eff_01-01-2099.csv";
        workshop.write(&format!("data/{mue}"), MUE_Q1);
        let mue = "MCR_MUE_PractitionerServices_Eff_04-01-2099.csv";
        workshop.write(&format!("data/{mue}"), MUE_Q2);
        workshop.write("data/AOC_V2099Q1-MCR.xlsx", add_on_workbook());
        workshop.write("data/mce_edits_fy2099.json", MCE);
        workshop
    }
}

const PTP_Q1: &str = "Column 1\tColumn 2\t*\tEffective\tDeletion\tModifier\tRationale\r\n\
    0001A\t0002A\t\t20500101\t*\t1\tMisuse of an invented code\r\n\
    0001A\t0003A\t\t20500101\t*\t0\tStandards of invented practice\r\n\
    0001A\t0004A\t\t20990115\t20990115\t9\tStandards of invented practice\r\n\
    0001A\t0005A\t\t20500101\t20990131\t1\tStandards of invented practice\r\n\
    0006A\t0001A\t\t20990201\t*\t1\tMore extensive invention\r\n";

const PTP_Q2: &str = "Column 1\tColumn 2\t*\tEffective\tDeletion\tModifier\tRationale\r\n\
    0001A\t0002A\t\t20500101\t*\t0\tMisuse of an invented code\r\n\
    0001A\t0003A\t\t20500101\t20990331\t0\tStandards of invented practice\r\n\
    0006A\t0001A\t\t20990201\t*\t1\tMore extensive invention\r\n\
    0007A\t0008A\t\t20990401\t*\t1\tMore extensive invention\r\n";

const MEDICAID_PTP: &str = "Column 1\tColumn 2\t*\tEffective\tDeletion\tModifier\tRationale\r\n\
    E9990\tA9990\t\t20500101\t\t1\tMisuse of an invented code\r\n";

const MUE_Q1: &str = "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n\
    0001A,1,1 Line Edit,Nature of the invention\n\
    0002A,2,2 Date of Service Edit: Policy,Anatomic consideration\n\
    0003A,2,3 Date of Service Edit: Clinical,Clinical data\n\
    E9990,0,2 Date of Service Edit: Policy,Nature of the invention\n";

const MUE_Q2: &str = "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n\
    0001A,3,1 Line Edit,Nature of the invention\n\
    0002A,2,2 Date of Service Edit: Policy,Anatomic consideration\n\
    0003A,2,3 Date of Service Edit: Clinical,Clinical data\n\
    0009A,4,3 Date of Service Edit: Clinical,Clinical data\n";

const MCE: &str = r#"{
 "description": "CMS Medicare Code Editor (MCE) diagnosis edit lists",
 "age_categories": {"maternity": {"min_age": 9, "max_age": 64}},
 "codes": {
  "unacceptable_pdx": [{"code": "E11621"}],
  "age_maternity": [{"code": "E119"}]
 }
}"#;

/// A workbook of add-on codes: one of each type.
fn add_on_workbook() -> Vec<u8> {
    let rows: [[&str; 8]; 6] = [
        ["An invented notice", "", "", "", "", "", "", ""],
        [
            "AOC_Edit_Type",
            "Add-On_Code",
            "AOC_DelDT",
            "Primary_Code",
            "Primary_Code_DelDT",
            "AOC_Edit_EffDT",
            "AOC_Edit_DelDT",
            "Special_Instruction_Notes",
        ],
        ["1", "0011A", "", "0010A", "", "2050001", "", ""],
        ["2", "0012A", "", "CCCCC", "", "2050001", "", ""],
        [
            "3",
            "0013A",
            "",
            "0010A",
            "",
            "2050001",
            "",
            "Ask the inventor",
        ],
        ["1", "0014A", "", "0010A", "", "2050001", "2060001", ""],
    ];
    let mut cells = String::new();
    for (number, row) in (1..).zip(rows) {
        write!(cells, "<row r=\"{number}\">").unwrap();
        for (column, text) in ('A'..).zip(row) {
            write!(
                cells,
                "<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"
            )
            .unwrap();
        }
        cells.push_str("</row>");
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let packaged = "http://schemas.openxmlformats.org/package/2006";
    let files = [
        (
            "[Content_Types].xml",
            format!("<Types xmlns=\"{packaged}/content-types\"></Types>"),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{packaged}/relationships\"><Relationship Id=\"r1\" Type=\"{relation}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relation}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{packaged}/relationships\"><Relationship Id=\"r1\" Type=\"{relation}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{main}\"><dimension ref=\"A1:H6\"/><sheetData>{cells}</sheetData></worksheet>"
            ),
        ),
    ];
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A professional interchange of one claim with these segments.
pub(crate) fn interchange(claims: &str) -> String {
    format!(
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *990115*1200*^*00501*000000001*0*P*:~\n\
         GS*HC*S*R*20990115*1200*1*X*005010X222A1~\nST*837*0001*005010X222A1~\n\
         HL*1**20*1~\nNM1*85*2*CLINIC*****XX*1111111111~\nHL*2*1*22*0~\nSBR*P*18*******MB~\n\
         DMG*D8*20500228*F~\n{claims}SE*1*0001~\nGE*1*1~\nIEA*1*000000001~\n"
    )
}
