//! Writes claims to check, one JSON object a line: the same numbers give the same claims.
//!
//! ```sh
//! cargo run --release --example claims -- bundle 1000000 7 > claims.ndjson
//! ```
//!
//! The arguments are a bundle, how many claims, and a seed. A claim has ten
//! lines on one day of the quarter of the bundle's largest PTP table of
//! practitioners: two are a pair that the table has, the others codes at random,
//! with units and modifiers that mean something.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a tool for measuring may fail loudly"
)]

use std::env;
use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use codesets::edit::{EditTableKind, Payer, ProcedureCode, Setting};
use codesets::{Code, CodeSystem};
use indexer::book::Level;
use indexer::bundle::Bundle;
use jiff::ToSpan;
use jiff::civil::Date;

/// Lines of a claim.
const LINES: usize = 10;

/// SplitMix64: the same seed gives the same claims.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ mixed >> 31) % end as u64).unwrap()
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What claims are drawn from.
struct Pool {
    pairs: Vec<(ProcedureCode, ProcedureCode)>,
    codes: Vec<ProcedureCode>,
    diagnoses: Vec<String>,
    first_day: Date,
}

impl Pool {
    fn of(bundle: &Bundle) -> Pool {
        let tables = bundle.edits();
        let ptp = tables.ptp();
        let table = tables.tables().iter().filter(|table| {
            let name = table.name;
            name.kind == EditTableKind::Ptp
                && name.setting == Some(Setting::Practitioner)
                && name.payer == Payer::Medicare
        });
        let table = table.max_by_key(|table| table.rows).expect("a PTP table");
        let all = ptp.all();
        let held = all.filter(|(_, _, pair)| ptp.is_in(table.ptp_place(), *pair));
        let pairs: Vec<_> = held.map(|(one, two, _)| (one, two)).collect();
        let mut codes: Vec<_> = pairs.iter().flat_map(|(one, two)| [*one, *two]).collect();
        codes.sort();
        codes.dedup();
        let icd = bundle.concepts().iter().filter(|record| {
            record.system == CodeSystem::Icd10Cm.number()
                && record.level == Level::Code.number()
                && record.billable.get() != 0
        });
        let text = |key| Code::dotted(CodeSystem::Icd10Cm, bundle.text(key));
        Pool {
            pairs,
            codes,
            diagnoses: icd.map(|record| text(record.key)).collect(),
            first_day: table.name.vintage.days().expect("days").first,
        }
    }

    fn write(&self, number: usize, random: &mut Random, text: &mut String) {
        let day = i64::try_from(random.below(90)).unwrap();
        let day = self.first_day.checked_add(day.days()).unwrap();
        let sex = random.of(&["F", "M"]);
        let age = random.below(36_000);
        write!(
            text,
            r#"{{"id":"{number}","date":"{day}","setting":"practitioner","payer":"medicare","provider":"{:010}","patient":{{"age_days":{age},"sex":"{sex}"}},"diagnoses":["#,
            random.below(100_000)
        )
        .unwrap();
        for place in 0..2 + random.below(3) {
            let comma = if place > 0 { "," } else { "" };
            write!(text, r#"{comma}"{}""#, random.of(&self.diagnoses)).unwrap();
        }
        text.push_str(r#"],"lines":["#);
        let mut held = None;
        for line in 0..LINES {
            let code = match (line, held.take()) {
                (1, Some(other)) => other,
                (0, _) => {
                    let (one, two) = *random.of(&self.pairs);
                    held = Some(one);
                    two
                }
                _ => *random.of(&self.codes),
            };
            let comma = if line > 0 { "," } else { "" };
            let units = [1, 1, 1, 1, 1, 2][random.below(6)];
            let modifiers = random.of(&[
                "",
                "",
                "",
                "\"59\"",
                "\"25\"",
                "\"LT\"",
                "\"RT\",\"XS\"",
                "\"76\"",
            ]);
            write!(
                text,
                r#"{comma}{{"id":"{}","code":"{code}","modifiers":[{modifiers}],"units":{units},"diagnosis_pointers":[1]}}"#,
                line + 1
            )
            .unwrap();
        }
        text.push_str("]}\n");
    }
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [bundle, count, seed] = arguments.as_slice() else {
        panic!("the arguments are a bundle, how many claims, and a seed");
    };
    let bundle = Bundle::open(Path::new(bundle)).unwrap();
    let pool = Pool::of(&bundle);
    let mut random = Random(seed.parse().unwrap());
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let mut text = String::new();
    for number in 1..=count.parse::<usize>().unwrap() {
        text.clear();
        pool.write(number, &mut random, &mut text);
        out.write_all(text.as_bytes()).unwrap();
    }
    out.flush().unwrap();
}
