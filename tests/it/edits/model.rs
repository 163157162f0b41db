//! The slow, obvious checker, written straight from the rules over the raw rows.
//!
//! It shares no code with the checker that it is compared with: files are split
//! at tabs and commas, days are numbers, and every rule is a loop.
//!
//! 1. PTP: for one provider and one day, a row of (column 1, column 2) denies
//!    column 2. It counts from its effective day through its deletion day.
//!    Indicator 9 never counts, 1 is bypassed by a listed modifier on either
//!    line, 0 by none.
//! 2. MUE: indicator 1 holds each line against the value, 2 and 3 the sum of the
//!    day. No row is neither pass nor fail.
//! 3. Add-on: one of the primaries in force is on another line of the day, or
//!    the add-on fails, unless the contractor may allow others.
//! 4. A table answers for the days it can: PTP and add-on tables for all days
//!    until their quarter ends, MUE tables for their quarter. The oldest such
//!    table answers.

use std::collections::{BTreeMap, HashMap};

use codebook::edits::{Claim, ClaimLine};
use codesets::edit::{AddOnEdit, Setting};
use jiff::civil::Date;

const BYPASSING: &str = " E1 E2 E3 E4 FA F1 F2 F3 F4 F5 F6 F7 F8 F9 TA T1 T2 T3 T4 T5 T6 T7 T8 T9 \
    LT RT LC LD RC LM RI 24 25 57 58 78 79 27 59 91 XE XS XP XU ";

/// A row of a PTP file.
#[derive(Clone)]
pub(crate) struct PtpRow {
    pub(crate) line: u32,
    pub(crate) effective: u32,
    /// 99999999 while active.
    pub(crate) deletion: u32,
    pub(crate) indicator: char,
}

/// A PTP table: its setting, the first and last day of its quarter, and its rows by pair.
pub(crate) struct PtpTable {
    pub(crate) setting: Setting,
    pub(crate) last_day: u32,
    pub(crate) rows: HashMap<[u8; 10], Vec<PtpRow>>,
}

/// An MUE table: value and indicator by code.
pub(crate) struct MueTable {
    pub(crate) setting: Setting,
    pub(crate) days: (u32, u32),
    pub(crate) rows: BTreeMap<String, (u32, char)>,
}

/// An add-on table's rows in force on any day, by add-on code.
#[derive(Default)]
pub(crate) struct AddOnTable {
    pub(crate) last_day: u32,
    pub(crate) rows: HashMap<String, Vec<AddOnRow>>,
}

pub(crate) struct AddOnRow {
    pub(crate) kind: char,
    pub(crate) primary: Option<String>,
    pub(crate) from: u32,
    pub(crate) through: u32,
}

impl AddOnRow {
    pub(crate) fn of(edit: &AddOnEdit<'_>) -> AddOnRow {
        let ends = [edit.deletion, edit.add_on_deletion, edit.primary_deletion];
        AddOnRow {
            kind: char::from(edit.kind.digit()),
            primary: edit.primary.map(|code| code.to_string()),
            from: number(edit.effective),
            through: ends
                .into_iter()
                .flatten()
                .map(number)
                .min()
                .unwrap_or(99_999_999),
        }
    }
}

/// All raw tables.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) ptp: Vec<PtpTable>,
    pub(crate) mue: Vec<MueTable>,
    pub(crate) add_on: AddOnTable,
}

pub(crate) fn number(day: Date) -> u32 {
    u32::from(day.year().unsigned_abs()) * 10_000
        + u32::from(day.month().unsigned_abs()) * 100
        + u32::from(day.day().unsigned_abs())
}

/// Whether two lines are of one day, and of one provider as far as the claim says.
fn together(claim: &Claim, a: &ClaimLine, b: &ClaimLine) -> bool {
    let day = |line: &ClaimLine| line.date.unwrap_or(claim.date);
    let provider = |line: &ClaimLine| line.provider.clone().or(claim.provider.clone());
    let (one, two) = (provider(a), provider(b));
    day(a) == day(b) && (one.is_none() || two.is_none() || one == two)
}

impl PtpTable {
    /// Adds the rows of a file: those whose fourth field has eight digits.
    pub(crate) fn add(&mut self, text: &str) {
        for (line, row) in (1..).zip(text.split('\n')) {
            let fields: Vec<&str> = row.trim_end_matches('\r').split('\t').collect();
            if fields.len() != 7 || fields[3].len() != 8 {
                continue;
            }
            let Ok(effective) = fields[3].parse() else {
                continue;
            };
            let pair: [u8; 10] = format!("{}{}", fields[0], fields[1])
                .as_bytes()
                .try_into()
                .unwrap();
            self.rows.entry(pair).or_default().push(PtpRow {
                line,
                effective,
                deletion: fields[4].parse().unwrap_or(99_999_999),
                indicator: fields[5].chars().next().unwrap(),
            });
        }
    }
}

impl MueTable {
    /// Adds the rows of a file: those that begin with a code of five characters.
    pub(crate) fn add(&mut self, text: &str) {
        for row in text.lines() {
            let fields: Vec<&str> = row.split(',').collect();
            if fields.len() < 4 || fields[0].len() != 5 {
                continue;
            }
            let Ok(value) = fields[1].parse() else {
                continue;
            };
            let indicator = fields[2].chars().next().unwrap();
            self.rows.insert(fields[0].to_owned(), (value, indicator));
        }
    }
}

impl Model {
    /// How many pairs of lines PTP edits look at.
    pub(crate) fn pairs(claim: &Claim) -> usize {
        let mut pairs = 0;
        for (i, one) in claim.lines.iter().enumerate() {
            pairs += claim.lines[..i]
                .iter()
                .filter(|two| together(claim, one, two))
                .count();
        }
        pairs
    }

    /// Every verdict on a claim whose lines can all be read, sorted.
    pub(crate) fn verdicts(&self, claim: &Claim) -> Vec<String> {
        let mut verdicts = Vec::new();
        let lines: Vec<(usize, &ClaimLine)> = claim.lines.iter().enumerate().collect();
        let day = |line: &ClaimLine| number(line.date.unwrap_or(claim.date));
        let provider = |line: &ClaimLine| line.provider.clone().or(claim.provider.clone());
        let together = |a: &ClaimLine, b: &ClaimLine| together(claim, a, b);
        for (i, one) in &lines {
            for (j, two) in &lines {
                if i != j && together(one, two) {
                    self.ptp(claim.setting, day(one), (*i, one), (*j, two), &mut verdicts);
                }
            }
        }
        for (i, line) in &lines {
            let same: Vec<(usize, &ClaimLine)> = lines
                .iter()
                .copied()
                .filter(|(_, other)| other.code == line.code && day(other) == day(line))
                .collect();
            let silent = same.iter().any(|(_, other)| provider(other).is_none());
            let counted: Vec<(usize, &ClaimLine)> = same
                .into_iter()
                .filter(|(_, other)| silent || provider(other) == provider(line))
                .collect();
            self.mue(
                claim.setting,
                day(line),
                (*i, line),
                &counted,
                &mut verdicts,
            );
            let others: Vec<&str> = lines
                .iter()
                .filter(|(j, other)| j != i && together(line, other))
                .map(|(_, other)| other.code.as_str())
                .collect();
            self.add_on(day(line), (*i, line), &others, &mut verdicts);
        }
        verdicts.sort();
        verdicts.dedup();
        verdicts
    }

    fn ptp(
        &self,
        setting: Setting,
        day: u32,
        (i, one): (usize, &ClaimLine),
        (j, two): (usize, &ClaimLine),
        verdicts: &mut Vec<String>,
    ) {
        let table = self
            .ptp
            .iter()
            .filter(|table| table.setting == setting && day <= table.last_day)
            .min_by_key(|table| table.last_day);
        let Some(table) = table else {
            verdicts.push("ptp no_data".to_owned());
            return;
        };
        let pair: [u8; 10] = format!("{}{}", one.code, two.code)
            .as_bytes()
            .try_into()
            .unwrap();
        let rows = table.rows.get(&pair).map_or(&[][..], Vec::as_slice);
        for row in rows {
            if row.indicator == '9' || day < row.effective || day > row.deletion {
                continue;
            }
            let modifiers = one.modifiers.iter().chain(&two.modifiers);
            let bypassing = modifiers
                .filter(|modifier| BYPASSING.contains(&format!(" {} ", modifier.to_uppercase())))
                .count();
            let denied = row.indicator == '0' || bypassing == 0;
            let verdict = if denied { "deny" } else { "review" };
            verdicts.push(format!(
                "ptp {i} {j} {} {verdict} line {}",
                row.indicator, row.line
            ));
        }
    }

    fn mue(
        &self,
        setting: Setting,
        day: u32,
        (i, line): (usize, &ClaimLine),
        counted: &[(usize, &ClaimLine)],
        verdicts: &mut Vec<String>,
    ) {
        let table = self
            .mue
            .iter()
            .find(|table| table.setting == setting && table.days.0 <= day && day <= table.days.1);
        let Some(table) = table else {
            verdicts.push("mue no_data".to_owned());
            return;
        };
        let Some((value, indicator)) = table.rows.get(&line.code) else {
            verdicts.push(format!("mue unpublished {}", line.code));
            return;
        };
        let units = |line: &ClaimLine| line.units.to_string().parse::<f64>().unwrap();
        let total: f64 = counted.iter().map(|(_, line)| units(line)).sum();
        let first = counted.iter().map(|(j, _)| *j).min().unwrap();
        let (at, held) = match indicator {
            '1' => (i, units(line)),
            _ => (first, total),
        };
        let verdict = match (held > f64::from(*value) + 1e-9, indicator) {
            (false, _) => "pass",
            (true, '3') if *value > 0 => "review",
            (true, _) => "deny",
        };
        verdicts.push(format!("mue {at} {value} {indicator} {verdict}"));
    }

    fn add_on(
        &self,
        day: u32,
        (i, line): (usize, &ClaimLine),
        others: &[&str],
        verdicts: &mut Vec<String>,
    ) {
        if day > self.add_on.last_day {
            verdicts.push("addon no_data".to_owned());
            return;
        }
        let rows = self
            .add_on
            .rows
            .get(&line.code)
            .map_or(&[][..], Vec::as_slice);
        let rows: Vec<&AddOnRow> = rows
            .iter()
            .filter(|row| row.from <= day && day <= row.through)
            .collect();
        if rows.is_empty() {
            return;
        }
        let satisfied = rows.iter().any(|row| {
            row.primary
                .as_deref()
                .is_some_and(|code| others.contains(&code))
        });
        let open = rows
            .iter()
            .any(|row| row.kind != '1' || row.primary.is_none());
        let verdict = match (satisfied, open) {
            (true, _) => "pass",
            (false, true) => "review",
            (false, false) => "deny",
        };
        verdicts.push(format!("addon {i} {verdict}"));
    }
}
