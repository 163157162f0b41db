//! The ICD-10-PCS table builder: what a code's characters mean, and what may
//! follow the characters already chosen. It reads the rows of
//! [`icd10pcs_tables`](super::icd10pcs_tables), no file.

use std::collections::BTreeMap;

use super::icd10pcs_tables::{PcsAxis, PcsRow, PcsTable, PcsValue};

/// One character of a code, explained.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PcsCharacter<'a> {
    /// The axis's title: `Approach`.
    pub axis: &'a str,
    /// The value that the code has there.
    pub value: &'a PcsValue,
}

/// What may follow the first characters of an ICD-10-PCS code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PcsNext {
    /// The values allowed at the next position, sorted by character.
    ///
    /// The axis's title is that of the first table or row that fits; its
    /// definition is absent, since it may span several values.
    Values(PcsAxis),
    /// The seven characters are a code.
    Complete,
    /// No code begins this way.
    Impossible {
        /// How many of the first characters do begin a code.
        possible: usize,
    },
}

/// The seven characters of `code`, explained by the first table row that makes it.
///
/// `None` when no row makes the code. Only upper case is read.
pub fn characters<'a>(tables: &'a [PcsTable], code: &str) -> Option<Vec<PcsCharacter<'a>>> {
    if code.len() != 7 {
        return None;
    }
    table_rows(tables).find_map(|(table, row)| {
        let axes = table.axes.iter().chain(&row.axes);
        axes.zip(code.chars())
            .map(|(axis, character)| {
                Some(PcsCharacter {
                    axis: &axis.title,
                    value: axis.value(character)?,
                })
            })
            .collect()
    })
}

/// What may follow `stub`, the first nought to seven characters of a code.
///
/// Only upper case is read.
pub fn next_values(tables: &[PcsTable], stub: &str) -> PcsNext {
    let wanted: Vec<char> = stub.chars().take(8).collect();
    let mut possible = 0;
    let mut title: Option<&str> = None;
    let mut labels: BTreeMap<char, &str> = BTreeMap::new();
    for (table, row) in table_rows(tables) {
        let mut axes = table.axes.iter().chain(&row.axes);
        let matched = wanted
            .iter()
            .zip(axes.by_ref())
            .take_while(|(character, axis)| axis.value(**character).is_some())
            .count();
        possible = possible.max(matched);
        if matched < wanted.len() {
            continue;
        }
        if let Some(axis) = axes.next() {
            title = title.or(Some(&axis.title));
            for value in &axis.values {
                labels.entry(value.character).or_insert(&value.label);
            }
        }
    }
    match (title, u8::try_from(wanted.len() + 1)) {
        (Some(title), Ok(position)) => PcsNext::Values(PcsAxis {
            position,
            title: title.to_owned(),
            values: labels
                .into_iter()
                .map(|(character, label)| PcsValue {
                    character,
                    label: label.to_owned(),
                })
                .collect(),
            definition: None,
        }),
        _ if possible == 7 && wanted.len() == 7 => PcsNext::Complete,
        _ => PcsNext::Impossible { possible },
    }
}

fn table_rows(tables: &[PcsTable]) -> impl Iterator<Item = (&PcsTable, &PcsRow)> {
    tables
        .iter()
        .flat_map(|table| table.rows.iter().map(move |row| (table, row)))
}

#[cfg(test)]
mod tests {
    use super::{PcsNext, characters, next_values};
    use crate::formats::icd10pcs_tables::parse;
    use crate::formats::icd10pcs_tables::tests::SAMPLE;

    #[track_caller]
    fn check_next(stub: &str, expected: &str) {
        let parsed = parse(SAMPLE.as_bytes());
        let found = match next_values(&parsed.rows, stub) {
            PcsNext::Values(axis) => {
                let values: Vec<String> = axis
                    .values
                    .iter()
                    .map(|value| format!("{} {}", value.character, value.label))
                    .collect();
                format!("{} {}: {}", axis.position, axis.title, values.join(", "))
            }
            PcsNext::Complete => "complete".to_owned(),
            PcsNext::Impossible { possible } => format!("impossible after {possible}"),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn the_table_builder_says_what_may_come_next() {
        check_next("", "1 Section: 0 Invented & Made Up");
        check_next("0Q1", "4 Body Part: 0 Left, 1 Right, 2 Tail");
        check_next("0Q12X", "6 Device: Z No Device");
        check_next("0Q12XZ", "7 Qualifier: A Short");
        check_next("0Q12XZA", "complete");
        check_next("0Q12XZZ", "impossible after 6");
        check_next("0R", "impossible after 1");
        check_next("0Q12XZAA", "impossible after 7");
    }

    #[test]
    fn a_code_is_explained_by_the_row_that_makes_it() {
        let parsed = parse(SAMPLE.as_bytes());
        let said: Option<Vec<String>> = characters(&parsed.rows, "0Q12XZA").map(|characters| {
            characters
                .iter()
                .map(|character| format!("{}={}", character.axis, character.value.label))
                .collect()
        });
        assert_eq!(
            said.unwrap_or_default().join("; "),
            "Section=Invented & Made Up; Body System=Wings; Operation=Folding; Body Part=Tail; \
             Approach=External; Device=No Device; Qualifier=Short"
        );
        assert!(characters(&parsed.rows, "0Q12XZZ").is_none());
    }
}
