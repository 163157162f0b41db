//! Claims drawn at random from what the tables hold: pairs that exist, near
//! misses, boundary days, units around the value, every modifier.

use codebook::edits::{Claim, ClaimLine, Units};
use codesets::edit::{PTP_ASSOCIATED_MODIFIERS, Setting};
use jiff::civil::Date;

use super::support::{claim, shifted};

/// A small generator of numbers; the same seed gives the same claims.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub(crate) fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// What claims are drawn from.
#[derive(Default)]
pub(crate) struct Pool {
    /// Rows of PTP tables: both codes, effective and deletion day.
    pub(crate) pairs: Vec<(String, String, Date, Option<Date>)>,
    /// Codes with their MUE values.
    pub(crate) units: Vec<(String, u32)>,
    /// Add-on codes with a primary.
    pub(crate) add_ons: Vec<(String, String)>,
    /// Days at the edges of the tables' quarters.
    pub(crate) days: Vec<Date>,
}

impl Pool {
    pub(crate) fn claim(&self, random: &mut Random) -> Claim {
        let mut drawn = claim();
        drawn.setting = *random.of(&[
            Setting::Practitioner,
            Setting::Practitioner,
            Setting::OutpatientHospital,
            Setting::Dme,
        ]);
        let (_, _, effective, deletion) = random.of(&self.pairs).clone();
        let base = if random.one_in(2) {
            *random.of(&self.days)
        } else {
            deletion.filter(|_| random.one_in(2)).unwrap_or(effective)
        };
        let step = *random.of(&[-1, 0, 0, 1]);
        drawn.date = shifted(base, step);
        drawn.provider = random.of(&[None, Some("P"), Some("P")]).map(str::to_owned);
        while drawn.lines.len() < 1 + random.below(9) {
            self.add_lines(&mut drawn, random);
        }
        drawn
    }

    fn add_lines(&self, drawn: &mut Claim, random: &mut Random) {
        match random.below(4) {
            0 | 1 => {
                let (one, two, ..) = random.of(&self.pairs).clone();
                let (one, two) = if random.one_in(2) {
                    (one, two)
                } else {
                    (two, one)
                };
                // A near miss: the partner of another pair.
                let two = if random.one_in(4) {
                    random.of(&self.pairs).1.clone()
                } else {
                    two
                };
                self.add_line(drawn, one, 1, random);
                self.add_line(drawn, two, 1, random);
            }
            2 => {
                let (code, value) = random.of(&self.units).clone();
                let step = *random.of(&[0, 1, 2]);
                let units = (value + step).saturating_sub(1).max(1);
                self.add_line(drawn, code.clone(), units, random);
                if random.one_in(2) {
                    self.add_line(drawn, code, 1, random);
                }
            }
            _ if self.add_ons.is_empty() => {}
            _ => {
                let (add_on, primary) = random.of(&self.add_ons).clone();
                self.add_line(drawn, add_on, 1, random);
                if random.one_in(2) {
                    self.add_line(drawn, primary, 1, random);
                }
            }
        }
    }

    fn add_line(&self, drawn: &mut Claim, code: String, units: u32, random: &mut Random) {
        let mut modifiers = Vec::new();
        while modifiers.len() < 4 && random.one_in(3) {
            let modifier = if random.one_in(2) {
                random.of(&PTP_ASSOCIATED_MODIFIERS).to_string()
            } else {
                (*random.of(&["22", "76", "77", "26", "TC", "xs", "59", "lt"])).to_owned()
            };
            modifiers.push(modifier);
        }
        drawn.lines.push(ClaimLine {
            id: (drawn.lines.len() + 1).to_string(),
            code,
            modifiers,
            units: if random.one_in(20) {
                "0.5".parse().unwrap()
            } else {
                Units::whole(units)
            },
            date: random.one_in(12).then(|| shifted(drawn.date, 1)),
            provider: random.one_in(12).then(|| "Q".to_owned()),
            diagnosis_pointers: Vec::new(),
        });
    }
}
