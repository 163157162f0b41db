//! Writes the PTP tables; [`super::ptp`] says what they look like and reads them.

use std::collections::HashMap;

use codesets::edit::PtpEdit;
use zerocopy::little_endian::{U16, U32};

use super::build::BuildError;
use super::pairs_writer;
use super::ptp::COUNT_EVERY;
use super::records::{PtpFact, day_number};
use super::sections::{Section, SectionWriter};
use super::texts::{TextWriter, count};

/// A row of a PTP table while building: its pair and the number of its fact.
#[derive(Clone, Copy, Debug)]
pub(super) struct PtpRow {
    pub pair: (u32, u32),
    pub fact: u32,
}

/// Gives every distinct fact a number, in the order of first use.
#[derive(Default)]
pub(super) struct FactWriter {
    facts: Vec<PtpFact>,
    known: HashMap<([u8; 2], u32, u32, u32), u32>,
}

impl FactWriter {
    pub(super) fn number(&mut self, edit: &PtpEdit<'_>, texts: &mut TextWriter) -> u32 {
        let fact = PtpFact {
            indicator: edit.indicator.digit(),
            prior_to_1996: u8::from(edit.prior_to_1996),
            reserved: U16::ZERO,
            rationale: U32::new(texts.number(edit.rationale)),
            effective: day_number(Some(edit.effective)),
            deletion: day_number(edit.deletion),
        };
        self.add(fact)
    }

    /// Takes in the facts of `other`, and returns their numbers here.
    pub(super) fn merge(
        &mut self,
        other: &FactWriter,
        text_number: impl Fn(U32) -> U32,
    ) -> Vec<u32> {
        let facts = other.facts.iter().map(|fact| PtpFact {
            rationale: text_number(fact.rationale),
            ..*fact
        });
        facts.map(|fact| self.add(fact)).collect()
    }

    fn add(&mut self, fact: PtpFact) -> u32 {
        let key = (
            [fact.indicator, fact.prior_to_1996],
            fact.rationale.get(),
            fact.effective.get(),
            fact.deletion.get(),
        );
        *self.known.entry(key).or_insert_with(|| {
            self.facts.push(fact);
            count(self.facts.len() - 1)
        })
    }
}

/// Writes the sections of all PTP tables. The rows of each table are sorted by pair.
///
/// # Errors
/// When there are more codes than the format can number.
pub(super) fn write(
    tables: &[Vec<PtpRow>],
    facts: &FactWriter,
    sections: &mut SectionWriter,
) -> Result<(), BuildError> {
    let mut lists = Numbered::default();
    let mut histories = Numbered::default();
    // List 0 is the empty one: the table does not have the pair.
    lists.number(&[]);
    let mut pairs = Vec::new();
    let mut values = Vec::new();
    let mut rows_before: Vec<U32> = Vec::new();
    let mut next: Vec<&[PtpRow]> = tables.iter().map(Vec::as_slice).collect();
    let mut seen = vec![0_u32; tables.len()];
    let mut list = Vec::new();
    let mut history = Vec::with_capacity(tables.len());
    while let Some(pair) = next
        .iter()
        .filter_map(|rows| rows.first())
        .map(|row| row.pair)
        .min()
    {
        if pairs.len() % COUNT_EVERY == 0 {
            rows_before.extend(seen.iter().copied().map(U32::new));
        }
        history.clear();
        for (rows, seen) in next.iter_mut().zip(&mut seen) {
            let length = rows.iter().take_while(|row| row.pair == pair).count();
            let (here, rest) = rows.split_at(length);
            *rows = rest;
            *seen += count(length);
            list.clear();
            list.extend(here.iter().map(|row| row.fact));
            history.push(lists.number(&list));
        }
        pairs.push(pair);
        values.push(histories.number(&history));
    }
    pairs_writer::write(&pairs, sections)?;
    put_values(&values, histories.starts.len(), sections);
    sections.put(Section::Histories, &histories.items);
    lists.starts.push(U32::new(count(lists.items.len())));
    sections.put(Section::ListStarts, &lists.starts);
    sections.put(Section::ListFacts, &lists.items);
    sections.put(Section::Facts, &facts.facts);
    sections.put(Section::RowsBefore, &rows_before);
    Ok(())
}

/// Two bytes a pair while the histories can be numbered so, else four.
fn put_values(values: &[u32], histories: usize, sections: &mut SectionWriter) {
    if histories <= 1 << 16 {
        let narrow: Vec<U16> = values
            .iter()
            .map(|value| U16::new(u16::try_from(*value).unwrap_or(u16::MAX)))
            .collect();
        sections.put(Section::PairValues, &narrow);
    } else {
        let wide: Vec<U32> = values.iter().copied().map(U32::new).collect();
        sections.put(Section::PairValues, &wide);
    }
}

/// Gives every distinct sequence of numbers a number, in the order of first use.
#[derive(Default)]
struct Numbered {
    items: Vec<U32>,
    starts: Vec<U32>,
    known: HashMap<Box<[u32]>, u32>,
}

impl Numbered {
    fn number(&mut self, sequence: &[u32]) -> u32 {
        if let Some(number) = self.known.get(sequence) {
            return *number;
        }
        let number = count(self.starts.len());
        self.starts.push(U32::new(count(self.items.len())));
        self.items.extend(sequence.iter().copied().map(U32::new));
        self.known.insert(sequence.into(), number);
        number
    }
}
