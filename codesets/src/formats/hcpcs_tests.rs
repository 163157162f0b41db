//! Invented records in the fixed-width layout of every vintage, and their damage.

use super::{looks_like, parse};
use crate::formats::damage;
use crate::formats::hcpcs_record::{FIELDS, HcpcsAction, HcpcsCoverage};

/// A line of `width` characters with the named fields filled in.
fn line(width: usize, fields: &[(&str, &str)]) -> String {
    let mut line: Vec<char> = vec![' '; width];
    for (name, text) in fields {
        let field = FIELDS.iter().find(|field| field.column == *name);
        let first = field.map_or(1, |field| field.first);
        for (offset, character) in text.chars().enumerate() {
            line[first - 1 + offset] = character;
        }
    }
    line.into_iter().collect()
}

/// A modifier, a procedure of three lines and one without a short description.
fn sample(width: usize, continuation_width: usize) -> String {
    let day = ("ADD DT", "20310101");
    let lines = [
        line(
            width,
            &[
                ("HCPC", "   Q1"),
                ("SEQNUM", "00100"),
                ("RECID", "7"),
                ("LONG DESCRIPTION", "Left wing"),
                ("SHORT DESCRIPTION", "Left wing"),
                ("COV", "D"),
                day,
                ("ACTION CD", "N"),
            ],
        ),
        line(
            width,
            &[
                ("HCPC", "W0001"),
                ("SEQNUM", "00100"),
                ("RECID", "3"),
                ("LONG DESCRIPTION", "Splint for a bent wing,"),
                ("SHORT DESCRIPTION", "Wing splint"),
                ("PRICE1", "38"),
                ("MULT_PI", "A"),
                ("CIM1", "60-9"),
                ("MCM2", "2130"),
                ("LABCERT8", "010"),
                ("XREF1", "W0009"),
                ("XREF5", "W0008"),
                ("COV", "C"),
                ("ASC_GRP", "YY"),
                ("ASC_DT", "20310401"),
                ("PROCNOTE", "0101"),
                ("BETOS", "D1F"),
                ("TOS1", "1"),
                ("TOS2", "P"),
                ("ANEST_BU", "  0"),
                day,
                ("ACT EFF DT", "20320101"),
                ("TERM DT", "20321231"),
                ("ACTION CD", "D"),
            ],
        ),
        line(
            continuation_width,
            &[
                ("HCPC", "W0001"),
                ("SEQNUM", "00200"),
                ("RECID", "4"),
                ("LONG DESCRIPTION", "any\u{a0}material,"),
            ],
        ),
        line(
            continuation_width,
            &[
                ("HCPC", "W0001"),
                ("SEQNUM", "00300"),
                ("RECID", "4"),
                ("LONG DESCRIPTION", "each"),
            ],
        ),
        line(
            width,
            &[
                ("HCPC", "W0002"),
                ("SEQNUM", "00100"),
                ("RECID", "3"),
                ("LONG DESCRIPTION", "Feather"),
                day,
                ("ACTION CD", "A"),
            ],
        ),
    ];
    lines.join("\r\n") + "\r\n"
}

const PREAMBLE: &str = "***Disclaimers\t\t\r\n\t\t\r\n*Inclusion of a wing does not imply coverage.\u{a0}\t\r\n   wings will no longer appear.  \r\n\r\n";

/// The text in latin-1.
fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect()
}

#[test]
fn every_vintage_gives_the_same_records() {
    for bytes in [
        sample(320, 320).into_bytes(),
        sample(320, 91).into_bytes(),
        sample(293, 293).into_bytes(),
        latin1(&(PREAMBLE.to_owned() + &sample(320, 320))),
    ] {
        assert!(looks_like(&bytes));
        let parsed = parse(&bytes);
        assert_eq!(parsed.errors, []);
        let said: Vec<String> = parsed
            .rows
            .iter()
            .map(|row| format!("{} {:?}: {}", row.code, row.kind, row.long_description))
            .collect();
        assert_eq!(
            said,
            [
                "Q1 Modifier: Left wing",
                "W0001 Procedure: Splint for a bent wing, any material, each",
                "W0002 Procedure: Feather",
            ]
        );
    }
}

#[test]
fn every_field_finds_its_place() {
    let parsed = parse(sample(320, 320).as_bytes());
    let splint = &parsed.rows[1];
    assert_eq!(splint.short_description.as_deref(), Some("Wing splint"));
    assert_eq!(
        (splint.pricing.join(","), splint.multiple_pricing.as_deref()),
        ("38".to_owned(), Some("A"))
    );
    assert_eq!(
        (&splint.coverage_manual[..], &splint.carriers_manual[..]),
        (&["60-9".to_owned()][..], &["2130".to_owned()][..])
    );
    assert_eq!(splint.laboratory_certifications, ["010"]);
    assert_eq!(splint.cross_references, ["W0009", "W0008"]);
    assert_eq!(splint.coverage, Some(HcpcsCoverage::CarrierJudgment));
    assert_eq!(splint.types_of_service, ["1", "P"]);
    assert_eq!(splint.betos.as_deref(), Some("D1F"));
    assert_eq!(splint.processing_note.as_deref(), Some("0101"));
    assert_eq!(splint.anesthesia_units, Some(0));
    let days = [
        splint.asc_day,
        splint.added,
        splint.action_effective,
        splint.last_day,
    ];
    let days = days.map(|day| day.map_or(String::new(), |day| day.to_string()));
    assert_eq!(
        days,
        ["2031-04-01", "2031-01-01", "2032-01-01", "2032-12-31"]
    );
    assert_eq!(splint.action, Some(HcpcsAction::Discontinue));
    assert_eq!(parsed.rows[2].short_description, None);
}

#[track_caller]
fn check_error(from: &str, to: &str, expected: &[&str]) {
    let text = sample(320, 320).replacen(from, to, 1);
    let said: Vec<String> = parse(text.as_bytes())
        .errors
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(said, expected);
}

#[test]
fn damage_is_reported_once_a_record() {
    check_error(
        "20321231",
        "20321331",
        &["line 2: TERM DT is `20321331`, expected a day as YYYYMMDD, or blanks"],
    );
    check_error(
        "W0001002004",
        "W0007002004",
        &[
            "line 3: HCPC is `W0007`, expected the code whose first line stands above",
            "line 4: SEQNUM is `300`, expected one step more than the line above",
        ],
    );
    check_error(
        "W0002001003",
        "W0001001003",
        &["line 5: HCPC `W0001` stands twice; the first row is kept"],
    );
    check_error(
        "W0002001003Feather",
        "W0002 01003Feather",
        &[
            "line 5: line is `W0002 01003`, expected a code, a sequence number and the kind of \
             record in columns 1 to 11",
        ],
    );
}

#[test]
fn damage_never_panics() {
    damage::check(
        &latin1(&(PREAMBLE.to_owned() + &sample(320, 91))),
        |bytes| {
            let parsed = parse(bytes);
            parsed.rows.len() + parsed.errors.len()
        },
    );
}
