//! The Medicare Code Editor's lists as JSON (fiscal year 2026).
//!
//! `codes` maps a list's name to its codes, `age_categories` an age's name to
//! its first and last year. The lists' codes stand in the file's order, so a
//! code's line is that of its `"code":` key.

use std::fmt;

use codesets::edit::{AgeRange, AtLine, MceList, MceRow};
use codesets::formats::mce;
use codesets::{Parsed, RowError, RowProblem};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};

/// What a file of JSON lists says.
#[derive(Debug, Default)]
pub(super) struct MceJson {
    pub(super) rows: Parsed<AtLine<MceRow>>,
    pub(super) ages: Vec<(MceList, AgeRange)>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    age_categories: Ordered<Ages>,
    codes: Ordered<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Ages {
    min_age: u16,
    max_age: u16,
}

#[derive(Deserialize)]
struct Entry {
    code: String,
}

/// A JSON object in the order of its keys in the file.
struct Ordered<T>(Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Ordered<T> {
        Ordered(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys<T>(Vec<(String, T)>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Keys<T> {
            type Value = Vec<(String, T)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
                while let Some(entry) = map.next_entry()? {
                    self.0.push(entry);
                }
                Ok(self.0)
            }
        }
        deserializer.deserialize_map(Keys(Vec::new())).map(Ordered)
    }
}

/// Whether `head`, the beginning of a file, is that of JSON lists.
pub(super) fn looks_like(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    head.starts_with(b"{")
        && head
            .windows(20)
            .any(|window| window == b"Medicare Code Editor")
}

/// Reads the lists; a file that is no such JSON gives one error.
pub(super) fn parse(bytes: &[u8]) -> MceJson {
    let mut read = MceJson::default();
    let file: File = match serde_json::from_slice(bytes) {
        Ok(file) => file,
        Err(error) => {
            read.rows.errors.push(RowError {
                line: error.line() as u64,
                problem: RowProblem::field("the JSON", "", "an object with the lists in `codes`"),
            });
            return read;
        }
    };
    for (name, ages) in file.age_categories.0 {
        if let Some(list) = MceList::from_name(&format!("age_{name}")) {
            let ages = AgeRange {
                least: ages.min_age,
                most: ages.max_age,
            };
            read.ages.push((list, ages));
        }
    }
    let mut lines = key_lines(bytes);
    for (list, entries) in file.codes.0 {
        for entry in entries {
            let line = lines.next().unwrap_or(1);
            match mce::listed(&list, &entry.code) {
                Ok(row) => read.rows.rows.push(AtLine { line, row }),
                Err(problem) => read.rows.errors.push(RowError { line, problem }),
            }
        }
    }
    read
}

/// The line of every `"code":` key.
fn key_lines(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    (1..)
        .zip(bytes.split(|&byte| byte == b'\n'))
        .flat_map(|(line, text)| {
            let keys = text.windows(7).filter(|window| window == b"\"code\":");
            std::iter::repeat_n(line, keys.count())
        })
}

#[cfg(test)]
mod tests {
    use super::{looks_like, parse};

    #[test]
    fn lists_and_ages_are_read_with_their_lines() {
        let text = r#"{
 "description": "CMS Medicare Code Editor (MCE) diagnosis edit lists",
 "age_categories": {"maternity": {"min_age": 9, "max_age": 64}},
 "codes": {
  "unacceptable_pdx": [
   {"code": "B950", "description": "x"},
   {"code": "no", "description": "x"}
  ],
  "age_maternity": [{"code": "A34"}]
 }
}"#;
        assert!(looks_like(text.as_bytes()));
        let read = parse(text.as_bytes());
        let printed: Vec<String> = read
            .rows
            .rows
            .iter()
            .map(|row| format!("{} {} {}", row.line, row.row.list.id(), row.row.code))
            .collect();
        assert_eq!(
            printed,
            ["6 unacceptable_principal B95.0", "9 maternity_only A34"]
        );
        assert_eq!(read.rows.errors.len(), 1);
        assert_eq!(read.rows.errors[0].line, 7);
        assert_eq!(read.ages.len(), 1);
        assert_eq!(parse(b"[]").rows.errors.len(), 1);
    }
}
