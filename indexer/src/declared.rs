//! Tables of other layouts, declared in a `table.toml` beside them: a national
//! modification, a charge master, any list of codes and titles.
//!
//! ```toml
//! file = "codes.csv"           # beside the declaration
//! system = "icd10who"          # whose codes they are
//! version = "2031"             # the release's name
//! first_day = "2031-01-01"
//! last_day = "2031-12-31"      # optional
//! publisher = "The ministry"
//! licence = "free"
//! delimiter = ";"              # or `fixed = true`
//! header = true                # the first row names the columns
//! quoted = true
//! encoding = "utf-8"           # or "windows-1252"
//! lines_above = 0
//! days = "iso"                 # compact, month-day-year, day-month-year
//! billable_values = ["y"]
//!
//! [columns]                    # a name, a number from 1, or [first, last]
//! code = "Code"
//! title = "Title"
//! ```

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use codesets::formats::declared_table::{
    self, DayFormat, DeclaredRow, TableColumn, TableColumns, TableDescription, TableLayout,
    TextEncoding,
};
use codesets::{Code, CodeSystem, Parsed, Release, ReleaseDays};
use jiff::civil::Date;
use serde::Deserialize;

use crate::book::{Level, Property};
use crate::facts::{Fact, ReleaseFacts};
use crate::recognise::workbook_rows;
use crate::report::{Skipped, skip};

/// The name of a declaration.
const FILE_NAME: &str = "table.toml";

/// Whether `path` is a declaration.
pub(crate) fn is_declaration(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == FILE_NAME)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Toml {
    file: String,
    system: String,
    version: String,
    first_day: String,
    last_day: Option<String>,
    #[serde(default = "unknown")]
    publisher: String,
    #[serde(default = "unknown")]
    licence: String,
    #[serde(default)]
    delimiter: Option<String>,
    #[serde(default)]
    fixed: bool,
    #[serde(default = "yes")]
    header: bool,
    #[serde(default = "yes")]
    quoted: bool,
    #[serde(default)]
    encoding: Encoding,
    #[serde(default)]
    lines_above: usize,
    #[serde(default)]
    days: Days,
    #[serde(default)]
    billable_values: Vec<String>,
    columns: Columns,
}

fn yes() -> bool {
    true
}

fn unknown() -> String {
    "not declared".to_owned()
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
enum Encoding {
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "windows-1252", alias = "latin-1")]
    Windows1252,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Days {
    #[default]
    Iso,
    Compact,
    MonthDayYear,
    DayMonthYear,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    code: Place,
    title: Place,
    short_title: Option<Place>,
    first_day: Option<Place>,
    last_day: Option<Place>,
    parent: Option<Place>,
    billable: Option<Place>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Place {
    Name(String),
    Number(usize),
    Span([usize; 2]),
}

impl From<Place> for TableColumn {
    fn from(place: Place) -> TableColumn {
        match place {
            Place::Name(name) => TableColumn::Name(name),
            Place::Number(number) => TableColumn::Number(number),
            Place::Span([first, last]) => TableColumn::Span { first, last },
        }
    }
}

/// A declaration, checked.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    /// The release's name.
    pub(crate) version: String,
    /// The system that the codes are of.
    pub(crate) system: CodeSystem,
    days: ReleaseDays,
    publisher: String,
    licence: String,
    description: TableDescription,
}

/// A declared table, read.
pub(crate) struct DeclaredTable {
    /// What was declared.
    pub(crate) declaration: Declaration,
    /// Its rows.
    pub(crate) rows: Vec<DeclaredRow>,
}

impl Declaration {
    /// Reads a declaration: the table's file name and what is said of it.
    fn parse(text: &str) -> Result<(String, Declaration), String> {
        let toml: Toml = toml::from_str(text).map_err(|error| error.to_string())?;
        let system: CodeSystem = toml.system.parse().map_err(|error| format!("{error}"))?;
        let day = |text: &str| {
            text.parse::<Date>()
                .map_err(|_| format!("`{text}` is not a day like 2031-01-31"))
        };
        let layout = if toml.fixed {
            TableLayout::Fixed
        } else {
            let delimiter = match toml.delimiter.as_deref().unwrap_or(",").as_bytes() {
                [one] => *one,
                _ => return Err("`delimiter` is not one ASCII character".to_owned()),
            };
            TableLayout::Delimited {
                delimiter,
                quoted: toml.quoted,
                header: toml.header,
            }
        };
        let columns = toml.columns;
        let description = TableDescription {
            system: Some(system),
            encoding: match toml.encoding {
                Encoding::Utf8 => TextEncoding::Utf8,
                Encoding::Windows1252 => TextEncoding::Windows1252,
            },
            lines_above: toml.lines_above,
            layout,
            columns: TableColumns {
                code: columns.code.into(),
                title: columns.title.into(),
                short_title: columns.short_title.map(Into::into),
                first_day: columns.first_day.map(Into::into),
                last_day: columns.last_day.map(Into::into),
                parent: columns.parent.map(Into::into),
                billable: columns.billable.map(Into::into),
            },
            day_format: match toml.days {
                Days::Iso => DayFormat::Iso,
                Days::Compact => DayFormat::Compact,
                Days::MonthDayYear => DayFormat::MonthDayYear,
                Days::DayMonthYear => DayFormat::DayMonthYear,
            },
            billable_values: toml.billable_values,
        };
        description.check().map_err(|error| error.to_string())?;
        let declaration = Declaration {
            version: toml.version,
            system,
            days: ReleaseDays {
                first: day(&toml.first_day)?,
                last: toml.last_day.as_deref().map(day).transpose()?,
            },
            publisher: toml.publisher,
            licence: toml.licence,
            description,
        };
        Ok((toml.file, declaration))
    }

    /// Reads the table's bytes: text, or a workbook.
    pub(crate) fn read(&self, bytes: &[u8]) -> Parsed<DeclaredRow> {
        if bytes.starts_with(b"PK\x03\x04") {
            let rows = workbook_rows(bytes, usize::MAX).unwrap_or_default();
            return declared_table::parse_rows(&self.description, &rows);
        }
        declared_table::parse(&self.description, bytes)
    }
}

/// The declarations among the files of a build, by the table each is of.
#[derive(Default)]
pub(crate) struct DeclaredFiles {
    tables: HashMap<PathBuf, Declaration>,
    problems: HashMap<PathBuf, String>,
}

impl DeclaredFiles {
    /// Reads every declaration among `paths`.
    pub(crate) fn find(paths: &[PathBuf]) -> DeclaredFiles {
        let mut found = DeclaredFiles::default();
        for path in paths.iter().filter(|path| is_declaration(path)) {
            if let Err(problem) = found.add(path, paths) {
                found.problems.insert(path.clone(), problem);
            }
        }
        found
    }

    fn add(&mut self, path: &Path, paths: &[PathBuf]) -> Result<(), String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let (file, declaration) = Declaration::parse(&text)?;
        let table = path.with_file_name(&file);
        let packed = path.with_file_name(format!("{file}.gz"));
        let Some(table) = [table, packed]
            .into_iter()
            .find(|table| paths.contains(table))
        else {
            return Err(format!("it declares `{file}`, which is not beside it"));
        };
        self.tables.insert(table, declaration);
        Ok(())
    }

    /// The declaration of the table at `path`.
    pub(crate) fn of(&self, path: &Path) -> Option<&Declaration> {
        self.tables.get(path)
    }

    /// What is wrong with the declaration at `path`.
    pub(crate) fn problem(&self, path: &Path) -> Option<&str> {
        self.problems.get(path).map(String::as_str)
    }
}

/// What a declared table says of its release.
pub(crate) fn facts(
    table: DeclaredTable,
    findings: &mut Vec<Skipped>,
) -> (CodeSystem, ReleaseFacts) {
    let DeclaredTable { declaration, rows } = table;
    let system = declaration.system;
    let days = declaration.days;
    let canonical =
        |text: &str| Code::parse_stub(system, text).map(|code| code.as_str().to_owned());
    let mut facts: Vec<Fact> = Vec::with_capacity(rows.len());
    let mut places: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let Ok(key) = canonical(&row.code) else {
            skip(
                findings,
                "declared code that the system cannot have",
                format!("{}, line {}: {}", declaration.version, row.line, row.code),
            );
            continue;
        };
        let in_force = row
            .first_day
            .is_none_or(|first| days.last.is_none_or(|last| first <= last))
            && row.last_day.is_none_or(|last| days.first <= last);
        let mut fact = Fact {
            parent: row
                .parent
                .as_deref()
                .and_then(|parent| canonical(parent).ok())
                .map(|parent| (Level::Code, parent)),
            short_title: row.short_title.unwrap_or_default(),
            billable: in_force && row.billable.unwrap_or(true),
            ..Fact::new(Level::Code, &key, &row.title)
        };
        for (property, day) in [
            (Property::Added, row.first_day),
            (Property::LastDay, row.last_day),
        ] {
            fact.properties
                .extend(day.map(|day| (property, day.to_string())));
        }
        // A code may stand once for each span of days; the one in force names it.
        match places.get(&key) {
            Some(place) if !in_force || facts[*place].billable => {}
            Some(place) => facts[*place] = fact,
            None => {
                places.insert(key, facts.len());
                facts.push(fact);
            }
        }
    }
    let release = ReleaseFacts {
        release: Release {
            system,
            version: declaration.version,
            days,
        },
        publisher: declaration.publisher,
        licence: declaration.licence,
        lists_headers: true,
        has_notes: true,
        facts,
    };
    (system, release)
}

#[cfg(test)]
mod tests {
    use super::Declaration;

    const TOML: &str = "file = \"t.csv\"\nsystem = \"icd10who\"\nversion = \"2031\"\n\
        first_day = \"2031-01-01\"\ndelimiter = \";\"\n[columns]\ncode = \"Code\"\ntitle = 2\n";

    #[test]
    fn a_declaration_is_checked_as_a_whole() {
        let read = |text: &str| Declaration::parse(text).map(|(file, _)| file);
        assert_eq!(read(TOML), Ok("t.csv".to_owned()));
        let wrong = read(&TOML.replace("2031-01-01", "soon"));
        assert_eq!(wrong, Err("`soon` is not a day like 2031-01-31".to_owned()));
        let unknown = read(&TOML.replace("icd10who", "icd12"));
        assert!(unknown.is_err_and(|problem| problem.contains("is not a code system")));
        let fixed = read(&TOML.replace("delimiter = \";\"", "fixed = true"));
        assert!(fixed.is_err_and(|problem| problem.contains("fixed columns")));
    }
}
