//! The sample 837 files hold what a plain split of their segments says.

use codebook::edits::{Claim, ClaimRules, Outcome, check};
use codesets::edit::Payer;
use codesets::formats::x12;

use super::support::{published_paths, tables};

/// A line as `code modifiers xunits on day for pointers`.
fn expected_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for segment in text.split('~').map(str::trim) {
        let elements: Vec<&str> = segment.split('*').collect();
        match elements[..] {
            ["SV1", procedure, _, _, units, ref rest @ ..] => {
                let mut parts = procedure.split(':').skip(1);
                let code = parts.next().unwrap();
                let modifiers: Vec<&str> = parts.collect();
                let pointers = rest.get(2).copied().unwrap_or("").replace(':', ", ");
                lines.push(format!("{code} {modifiers:?} x{units} for [{pointers}]"));
            }
            ["DTP", "472", "D8", day] => lines.last_mut().unwrap().push_str(&format!(" on {day}")),
            _ => {}
        }
    }
    lines
}

#[test]
fn the_sample_claims_hold_their_codes_units_dates_and_pointers() {
    let Some(paths) = published_paths(&["claims-x12"]) else {
        return;
    };
    assert_eq!(paths.len(), 13);
    let no_tables = tables(&[]);
    let mut claims = 0;
    for path in &paths {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(x12::looks_like(text.as_bytes()), "{}", path.display());
        let read = x12::parse(text.as_bytes());
        assert!(
            read.errors.is_empty(),
            "{}: {:?}",
            path.display(),
            read.errors
        );
        let lines: Vec<String> = read
            .claims
            .iter()
            .flat_map(|claim| &claim.lines)
            .map(|line| {
                let day = line.date.unwrap().strftime("%Y%m%d").to_string();
                let pointers = &line.diagnosis_pointers;
                format!(
                    "{} {:?} x{} for {pointers:?} on {day}",
                    line.code, line.modifiers, line.units
                )
            })
            .collect();
        assert_eq!(lines, expected_lines(&text), "{}", path.display());
        let diagnoses: Vec<&str> = read
            .claims
            .iter()
            .flat_map(|claim| claim.diagnoses.iter().map(|diagnosis| &*diagnosis.code))
            .collect();
        let expected: Vec<&str> = text
            .split(['~', '*'])
            .filter_map(|element| element.split_once("ABK:").or(element.split_once("ABF:")))
            .map(|(_, code)| code)
            .collect();
        assert_eq!(diagnoses, expected, "{}", path.display());
        for claim in &read.claims {
            let claim = Claim::from_x12(claim, None, Payer::Medicare).unwrap();
            let report = check(&no_tables, &claim, &ClaimRules::default());
            assert!(
                report
                    .findings
                    .iter()
                    .all(|finding| finding.outcome != Outcome::NoData)
            );
            claims += 1;
        }
    }
    assert_eq!(claims, 19);
    eprintln!("{claims} claims in {} files", paths.len());
}
