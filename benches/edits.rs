//! Claim edits: the 90 ordered pair checks of a ten-line claim beside hash maps
//! of the same pairs, and the whole check of a claim.
//!
//! With `CODEBOOK_DATA` the tables are the published ones; without, a table of
//! the same size is made up, and the names of the groups say so.
#![expect(clippy::unwrap_used, reason = "a bench may fail loudly")]

use std::collections::HashMap;
use std::fmt::Write;
use std::hash::{BuildHasher, Hash};
use std::hint::black_box;
use std::path::PathBuf;

use codebook::edits::{
    Age, Claim, ClaimLine, ClaimRules, CodeStatus, DiagnosisRules, LineRules, Patient, RuleNote,
    Sex, Units, check,
};
use codesets::NoteKind;
use codesets::edit::{EditTableKind, Payer, ProcedureCode, Setting, TableName};
use criterion::{Criterion, criterion_group, criterion_main};
use indexer::edits::{Bytes, EditFile, EditTables, EditsBuild, EditsBuilder, ParsedFile, Ptp};
use jiff::civil::date;
use rustc_hash::FxHashMap;

/// Claims in a round; enough that their codes do not all stay in the nearest cache.
const CLAIMS: usize = 1_000;

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
}

struct Setup {
    name: &'static str,
    tables: EditTables,
    /// Every pair with a number that stands for what the table says of it.
    pairs: Vec<(ProcedureCode, ProcedureCode)>,
    codes: Vec<ProcedureCode>,
}

fn setup() -> Setup {
    let (name, built) = match std::env::var("CODEBOOK_DATA") {
        Ok(root) => ("published", published(&PathBuf::from(root))),
        Err(_) => ("made-up", made_up()),
    };
    let tables = EditTables::open(Bytes::copied_from(&built.bytes)).unwrap();
    let ptp = tables.ptp();
    let pairs: Vec<_> = ptp.all().map(|(one, two, _)| (one, two)).collect();
    let mut codes: Vec<_> = pairs.iter().flat_map(|(one, two)| [*one, *two]).collect();
    codes.sort();
    codes.dedup();
    Setup {
        name,
        tables,
        pairs,
        codes,
    }
}

fn published(root: &std::path::Path) -> EditsBuild {
    let folders = [
        "ncci-ptp-2024q2",
        "ncci-ptp-2024q3",
        "ncci-mue-2024q2",
        "ncci-mue-2024q3",
        "ncci-aoc-2026q2",
        "mce",
    ];
    let mut paths = Vec::new();
    for folder in folders {
        let entries = std::fs::read_dir(root.join(folder)).unwrap();
        paths.extend(entries.map(|entry| entry.unwrap().path()));
    }
    EditsBuild::from_paths(&paths).unwrap()
}

/// 2.2 million pairs of 13,000 codes, partners in clusters, as the published ones stand.
fn made_up() -> EditsBuild {
    let mut random = Random(7);
    let mut text = "Column 1\tColumn 2\t*\tEffective\tDeletion\tModifier\tRationale\n".to_owned();
    for one in 0..13_000 {
        for _ in 0..6 {
            let cluster = random.below(12_900);
            for step in 0..28 {
                let two = cluster + step * (1 + random.below(2));
                writeln!(text, "{one:05}\t{two:05}\t\t20130101\t*\t{}\tWhy", step % 2).unwrap();
            }
        }
    }
    let mut builder = EditsBuilder::new();
    let name = "ccipra-v302r0-f1.txt";
    builder.add(ParsedFile::parse(&EditFile {
        table: TableName::from_file_name(name).unwrap(),
        name: name.to_owned(),
        bytes: text.into_bytes(),
    }));
    builder.finish().unwrap()
}

/// Ten codes a claim: at random, or five pairs that exist.
fn claims(setup: &Setup, of_pairs: bool) -> Vec<[ProcedureCode; 10]> {
    let mut random = Random(11);
    (0..CLAIMS)
        .map(|_| {
            let mut claim = [setup.codes[0]; 10];
            for slots in claim.chunks_mut(2) {
                let (one, two) = setup.pairs[random.below(setup.pairs.len())];
                let code = |random: &mut Random| setup.codes[random.below(setup.codes.len())];
                slots[0] = if of_pairs { two } else { code(&mut random) };
                slots[1] = if of_pairs { one } else { code(&mut random) };
            }
            claim
        })
        .collect()
}

fn key(one: ProcedureCode, two: ProcedureCode) -> u64 {
    u64::from(one.number()) << 32 | u64::from(two.number())
}

fn hash_check<S: BuildHasher>(map: &HashMap<u64, u16, S>, claim: &[ProcedureCode; 10]) -> usize
where
    u64: Hash,
{
    let mut found = 0;
    for (i, one) in claim.iter().enumerate() {
        for (j, two) in claim.iter().enumerate() {
            if i != j && map.get(&key(*one, *two)).is_some_and(|value| *value != 0) {
                found += 1;
            }
        }
    }
    found
}

fn bitmap_check(ptp: &Ptp<'_>, table: usize, claim: &[ProcedureCode; 10]) -> usize {
    let places = claim.map(|code| ptp.locate(code));
    ptp.among(&places)
        .filter(|(_, _, pair)| ptp.is_in(table, *pair))
        .count()
}

fn pair_checks(criterion: &mut Criterion) {
    let setup = setup();
    let table = setup
        .tables
        .answering(
            EditTableKind::Ptp,
            Setting::Practitioner,
            Payer::Medicare,
            date(2024, 8, 1),
        )
        .unwrap()
        .ptp_place();
    let ptp = setup.tables.ptp();
    // 0 for a pair that only another table has, so that all three count the same.
    let values: Vec<(u64, u16)> = ptp
        .all()
        .map(|(one, two, pair)| (key(one, two), u16::from(ptp.is_in(table, pair))))
        .collect();
    let std_map: HashMap<u64, u16> = values.iter().copied().collect();
    let fx_map: FxHashMap<u64, u16> = values.iter().copied().collect();
    for (kind, of_pairs) in [("random", false), ("partners", true)] {
        let claims = claims(&setup, of_pairs);
        for claim in &claims {
            let found = bitmap_check(&ptp, table, claim);
            assert_eq!(found, hash_check(&std_map, claim));
            assert_eq!(found, hash_check(&fx_map, claim));
        }
        let mut group = criterion.benchmark_group(format!("ptp_90_pairs_{kind}_{}", setup.name));
        let mut next = claims.iter().cycle();
        group.bench_function("bitmap", |bencher| {
            bencher.iter(|| bitmap_check(&ptp, table, black_box(next.next().unwrap())));
        });
        let mut next = claims.iter().cycle();
        group.bench_function("std_hash_map", |bencher| {
            bencher.iter(|| hash_check(&std_map, black_box(next.next().unwrap())));
        });
        let mut next = claims.iter().cycle();
        group.bench_function("fx_hash_map", |bencher| {
            bencher.iter(|| hash_check(&fx_map, black_box(next.next().unwrap())));
        });
        group.finish();
    }
}

fn full_checks(criterion: &mut Criterion) {
    let setup = setup();
    let notes: Vec<RuleNote> = (0..12)
        .map(|n| {
            let kind = [
                NoteKind::Excludes1,
                NoteKind::Excludes2,
                NoteKind::CodeFirst,
            ][n % 3];
            RuleNote::new(
                kind,
                "E08-E13",
                &format!("a condition (A{n:02}.-, B{n:02}.0-B{n:02}.9)"),
            )
        })
        .collect();
    let diagnoses = ["E11.9", "I10", "A01.0", "Z79.4"];
    let rules = ClaimRules {
        diagnoses: Some(
            diagnoses
                .iter()
                .map(|_| DiagnosisRules {
                    status: CodeStatus::Valid,
                    is_manifestation: false,
                    notes: notes.iter().collect(),
                })
                .collect(),
        ),
        past_release: None,
        lines: Some(vec![
            LineRules {
                code: CodeStatus::Valid,
                modifiers: vec![CodeStatus::Valid]
            };
            10
        ]),
    };
    let mut group = criterion.benchmark_group(format!("full_check_{}", setup.name));
    for (kind, of_pairs) in [("random", false), ("partners", true)] {
        let claims: Vec<Claim> = claims(&setup, of_pairs)
            .iter()
            .map(|codes| Claim {
                date: date(2024, 8, 1),
                setting: Setting::Practitioner,
                payer: Payer::Medicare,
                provider: Some("1234567893".to_owned()),
                patient: Patient {
                    age: Some(Age { years: 50 }),
                    sex: Some(Sex::Female),
                },
                diagnoses: diagnoses.map(str::to_owned).to_vec(),
                lines: (1..).zip(codes).map(|(id, code)| line(id, *code)).collect(),
            })
            .collect();
        let findings: usize = claims
            .iter()
            .map(|claim| check(&setup.tables, claim, &rules).findings.len())
            .sum();
        let mean = findings / claims.len();
        let mut next = claims.iter().cycle();
        group.bench_function(format!("{kind}_{mean}_findings"), |bencher| {
            bencher.iter(|| check(&setup.tables, black_box(next.next().unwrap()), &rules));
        });
    }
    group.finish();
}

fn line(id: usize, code: ProcedureCode) -> ClaimLine {
    ClaimLine {
        id: id.to_string(),
        code: code.to_string(),
        modifiers: vec!["59".to_owned()],
        units: Units::whole(1),
        date: None,
        provider: None,
        diagnosis_pointers: vec![1, 2],
    }
}

fn settings() -> Criterion {
    Criterion::default()
        .sample_size(50)
        .warm_up_time(std::time::Duration::from_secs(1))
        .measurement_time(std::time::Duration::from_secs(3))
}

criterion_group!(name = edits; config = settings(); targets = pair_checks, full_checks);
criterion_main!(edits);
