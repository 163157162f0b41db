//! A thousand damaged copies of a sample of each format whose tests do not do it themselves.

use super::{
    damage, icd_order, icd10cm_code_list, icd10cm_codes, icd10cm_index, icd10cm_tables,
    icd10cm_tabular, mce, ncci_aoc, ncci_mue, ncci_ptp, x12,
};
use crate::{CodeSystem, Parsed};

fn made<T>(parsed: &Parsed<T>) -> usize {
    parsed.rows.len() + parsed.errors.len()
}

const ORDER: &[u8] = b"00001 A00     0 Feather rot                                                  Feather rot\r\n\
00002 A000    1 Feather rot of wing                                          Feather rot of wing\r\n";

const TABULAR: &[u8] = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<ICD10CM.tabular>\n<version>2099</version>\n\
<chapter><name>1</name><desc>Rots (A00-A09)</desc>\n<section id=\"A00-A09\"><desc>Rots (A00-A09)</desc>\n\
<diag><name>A00</name><desc>Feather rot</desc><excludes1><note>moult (B00.-)</note></excludes1>\n\
<sevenChrDef><extension char=\"A\">initial</extension></sevenChrDef>\n\
<diag placeholder=\"true\"><name>A00.0</name><desc>Feather rot of wing</desc></diag></diag>\n\
</section></chapter></ICD10CM.tabular>\n";

const INDEX: &[u8] = b"<ICD10CM.index><version>2099</version><title>Index to Diseases</title>\n\
<letter><title>R</title><mainTerm><title>Rot <nemod>(any)</nemod></title><code>A00.-</code>\n\
<term level=\"1\"><title>wing</title><see>Feather, rot</see></term></mainTerm></letter>\n</ICD10CM.index>\n";

const TABLE: &[u8] = b"<ICD10CM.index><version>2099</version><title>Table of Drugs</title>\n\
<indexHeading><head col=\"1\">Substance</head><head col=\"2\">Accidental</head></indexHeading>\n\
<letter><title>Q</title><mainTerm><title>Quillex</title><cell col=\"2\">T36.0X1</cell>\n\
<cell col=\"3\">--</cell></mainTerm></letter>\n</ICD10CM.index>\n";

const PTP: &[u8] = b"notice\t\t\t\t\t\t\r\nA0001\tA0002\t\t20200101\t*\t1\tMisuse of code\r\n\
A0001\tA0003\t*\t19960101\t20201231\t0\tMore extensive procedure\r\n";

const MUE: &[u8] = b"\"A notice.\n\nOf several, lines\",,,\n\"HCPCS/\nCPT Code\",\
DME Supplier Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n\
A0001,0,3 Date of Service Edit: Clinical,CMS Policy\nA0002,12,1 Line Edit,\"Clinical: Data\"\n";

const MCE: &[u8] =
    b"MCE_Version\tICD_Version\tMCE_Section\tMCE_Subsection\tMCE_Edit_Type\tICD_Code_Type\t\
ICD_Code\tICD_Desc\n37\t10\t4\tA\tNewborn_Only\tD\tE8411\tText\n";

const CLAIM: &[u8] =
    b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *990101*1200*^*00501*\
000000001*0*P*:~\nGS*HC*S*R*20990101*1200*1*X*005010X222A1~\nST*837*0001*005010X222A1~\n\
CLM*1*100***11:B:1*Y*A*Y*Y~\nHI*ABK:A000~\nLX*1~\nSV1*HC:A0001:LT*100*UN*1***1~\n\
DTP*472*D8*20990101~\nSE*8*0001~\nGE*1*1~\nIEA*1*000000001~\n";

#[test]
fn lines_of_fixed_columns() {
    damage::check(ORDER, |bytes| {
        made(&icd_order::parse(CodeSystem::Icd10Cm, bytes))
    });
    damage::check(
        b"A000    Feather rot of wing\r\nA001    Feather rot\r\n",
        |bytes| made(&icd10cm_codes::parse(bytes)),
    );
    damage::check(
        b"A000\tFeather rot of wing\r\nA001\tFeather rot\r\n",
        |bytes| made(&icd10cm_code_list::parse(bytes)),
    );
}

#[test]
fn the_tabular_list_and_the_indexes() {
    damage::check(TABULAR, |bytes| {
        let parsed = icd10cm_tabular::parse(bytes);
        parsed.tabular.chapters.len() + parsed.errors.len()
    });
    damage::check(INDEX, |bytes| {
        let parsed = icd10cm_index::parse(bytes);
        parsed.index.entries.len() + parsed.errors.len()
    });
    damage::check(TABLE, |bytes| {
        let parsed = icd10cm_tables::parse(bytes);
        parsed.table.entries.len() + parsed.errors.len()
    });
}

#[test]
fn the_tables_of_edits_and_claims() {
    damage::check(PTP, |bytes| made(&ncci_ptp::parse(bytes)));
    damage::check(MUE, |bytes| made(&ncci_mue::parse(bytes)));
    damage::check(MCE, |bytes| made(&mce::parse(bytes)));
    // A workbook comes as rows of cells.
    damage::check(MUE, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let rows: Vec<Vec<String>> = text
            .lines()
            .map(|line| line.split(',').map(str::to_owned).collect())
            .collect();
        made(&ncci_aoc::parse(&rows))
    });
    damage::check(CLAIM, |bytes| {
        let parsed = x12::parse(bytes);
        parsed.claims.len() + parsed.errors.len()
    });
}

#[test]
fn many_attributes_take_no_longer_than_their_bytes() {
    let mut text = String::from("<ICD10CM.index");
    for number in 0..200_000 {
        text.push_str(&format!(" a{number}=\"x\""));
    }
    text.push_str("><version>2099</version></ICD10CM.index>");
    let parsed = icd10cm_index::parse(text.as_bytes());
    assert_eq!(parsed.index.version.as_deref(), Some("2099"));
}
