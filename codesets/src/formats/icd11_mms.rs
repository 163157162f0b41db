//! ICD-11 for Mortality and Morbidity Statistics, as WHO publishes it in the
//! "simple tabulation": `SimpleTabulation-ICD-11-MMS-en.txt` and `.xlsx`.
//!
//! The text file and the rows of the workbook hold the same columns (WHO's
//! `readme.txt` beside them says what each is); columns are found by name,
//! since releases add some. Chapter X holds the extension codes.

use std::collections::HashSet;

use jiff::civil::Date;

use super::source_text::{TextEncoding, cells, filled, head_lines, is_blank, lines};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// What kind of entity a row is (`ClassKind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MmsKind {
    /// A chapter.
    Chapter,
    /// A grouping below a chapter; it has no code, though most have a block id.
    Block,
    /// An entity with a code.
    Category,
}

/// An entity of the tabulation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MmsRow {
    /// The 1-based line of the text file, or row of the sheet.
    pub line: u64,
    /// The identifier that does not change between releases; residuals have none.
    pub foundation_uri: Option<String>,
    /// The identifier in this linearization.
    pub linearization_uri: String,
    /// The code; only categories have one.
    pub code: Option<Code>,
    /// The identifier of a block: `BlockL1-1A0`; blocks of extension codes have none.
    pub block_id: Option<String>,
    /// The title, without the dashes that show its depth.
    pub title: String,
    /// Whether it is a chapter, a block or a category.
    pub kind: MmsKind,
    /// The depth among entities of its kind, from 1.
    pub depth_in_kind: u8,
    /// The depth in the tree, 0 for a chapter: how many dashes stand before the title.
    pub depth: u32,
    /// Whether it is "other specified" or "unspecified" (codes in Y and Z).
    pub is_residual: bool,
    /// The chapter: `01` to `26`, `V` or `X`.
    pub chapter: String,
    /// Whether nothing stands below it.
    pub is_leaf: bool,
    /// Whether it belongs to the primary tabulation, by which causes are counted.
    pub primary_tabulation: Option<bool>,
    /// The ids of the blocks it belongs to, outermost first.
    pub groupings: Vec<String>,
    /// WHO's coding note, in releases that print it.
    pub coding_note: Option<String>,
    /// Where in the rows the entity above stands; `None` for a chapter.
    pub parent: Option<usize>,
}

/// The release that the header's `Version:` cell names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MmsRelease {
    /// WHO's words: `2025 Jan 24 - 22:30 UTC`.
    pub text: String,
    /// The day in them.
    pub day: Option<Date>,
}

impl MmsRelease {
    /// The name that WHO gives the release, its year and month: `2025-01`.
    pub fn name(&self) -> Option<String> {
        let day = self.day?;
        Some(format!("{:04}-{:02}", day.year(), day.month()))
    }
}

/// Whether a file's beginning is the header of the tabulation, as text.
pub fn looks_like(head: &[u8]) -> bool {
    header_cells(head).is_some_and(|cells| Layout::of(&cells).is_some())
}

/// The release that the text file's header names.
pub fn release(head: &[u8]) -> Option<MmsRelease> {
    release_in_header(&header_cells(head)?)
}

/// The release that the sheet's header row names.
pub fn release_in_header(header: &[String]) -> Option<MmsRelease> {
    let text = header
        .iter()
        .find_map(|cell| cell.trim().strip_prefix("Version:"))?
        .trim();
    let mut words = text.split_whitespace();
    let (year, month, day) = (words.next(), words.next(), words.next());
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = MONTHS
        .into_iter()
        .zip(1..)
        .find(|(name, _)| month.is_some_and(|month| month.eq_ignore_ascii_case(name)));
    let day = match (year.map(str::parse), month, day.map(str::parse)) {
        (Some(Ok(year)), Some((_, month)), Some(Ok(day))) => Date::new(year, month, day).ok(),
        _ => None,
    };
    Some(MmsRelease {
        text: text.chars().take(60).collect(),
        day,
    })
}

fn header_cells(head: &[u8]) -> Option<Vec<String>> {
    let line = head_lines(head, 1).into_iter().next()?;
    Some(cells(&line, '\t'))
}

/// Reads the text file: UTF-8 with a byte-order mark, tab-separated, titles in quotes.
pub fn parse(bytes: &[u8]) -> Parsed<MmsRow> {
    let mut tabulation = Tabulation::default();
    for (line, raw) in lines(bytes) {
        match TextEncoding::Utf8.decode(raw) {
            Ok(text) if is_blank(&text) => {}
            Ok(text) => tabulation.take(line, &cells(&text, '\t')),
            Err(problem) => tabulation.report(line, problem),
        }
    }
    tabulation.parsed
}

/// Reads the rows of the workbook's sheet, the header first.
pub fn parse_rows(rows: &[Vec<String>]) -> Parsed<MmsRow> {
    let mut tabulation = Tabulation::default();
    for (line, row) in (1..).zip(rows) {
        if row.iter().any(|cell| !is_blank(cell)) {
            tabulation.take(line, row);
        }
    }
    tabulation.parsed
}

/// Where the columns stand.
struct Layout {
    foundation_uri: usize,
    linearization_uri: usize,
    code: usize,
    block_id: usize,
    title: usize,
    kind: usize,
    depth_in_kind: usize,
    is_residual: usize,
    chapter: usize,
    is_leaf: usize,
    primary_tabulation: Option<usize>,
    coding_note: Option<usize>,
    groupings: Vec<usize>,
    /// How many cells a whole row has at least.
    width: usize,
}

impl Layout {
    fn of(header: &[String]) -> Option<Layout> {
        // Case and blanks differ between releases: `isLeaf`, `IsLeaf`, `Coding Note`.
        let names: Vec<String> = header
            .iter()
            .map(|name| {
                name.chars()
                    .filter(|c| c.is_alphanumeric())
                    .flat_map(char::to_lowercase)
                    .collect()
            })
            .collect();
        let find = |wanted: &str| names.iter().position(|name| name == wanted);
        let groupings: Vec<usize> = (1..=5)
            .filter_map(|n| find(&format!("grouping{n}")))
            .collect();
        let mut layout = Layout {
            foundation_uri: find("foundationuri")?,
            linearization_uri: find("linearizationuri")
                .or_else(|| find("linearizationreleaseuri"))?,
            code: find("code")?,
            block_id: find("blockid")?,
            title: find("title")?,
            kind: find("classkind")?,
            depth_in_kind: find("depthinkind")?,
            is_residual: find("isresidual")?,
            chapter: find("chapterno")?,
            is_leaf: find("isleaf")?,
            primary_tabulation: find("primarytabulation"),
            coding_note: find("codingnote")
                .or_else(|| find("codingnotes"))
                .or_else(|| find("notes")),
            groupings,
            width: 0,
        };
        let last = names
            .iter()
            .rposition(|name| !name.is_empty() && !name.starts_with("version"))?;
        layout.width = last + 1;
        Some(layout)
    }
}

#[derive(Default)]
struct Tabulation {
    layout: Option<Layout>,
    header_missing: bool,
    parsed: Parsed<MmsRow>,
    codes: HashSet<Code>,
    /// The row above and those it stands below: depth and place in the rows.
    above: Vec<(u32, usize)>,
}

impl Tabulation {
    fn report(&mut self, line: u64, problem: RowProblem) {
        self.parsed.errors.push(RowError { line, problem });
    }

    fn take(&mut self, line: u64, cells: &[String]) {
        let Some(layout) = &self.layout else {
            self.layout = Layout::of(cells);
            // Without its header no line can be read; one report says so.
            if self.layout.is_none() && !self.header_missing {
                self.header_missing = true;
                let expected = "the header of WHO's simple tabulation";
                let found = cells.first().map_or("", String::as_str);
                self.report(line, RowProblem::field("header", found, expected));
            }
            return;
        };
        let row = match read_row(layout, line, cells) {
            Ok(row) => row,
            Err(problem) => return self.report(line, problem),
        };
        if let Some(code) = &row.code
            && !self.codes.insert(code.clone())
        {
            let found = code.to_string();
            let field = "Code";
            return self.report(line, RowProblem::Duplicate { field, found });
        }
        self.place(row);
    }

    fn place(&mut self, mut row: MmsRow) {
        while self
            .above
            .last()
            .is_some_and(|(depth, _)| *depth >= row.depth)
        {
            self.above.pop();
        }
        row.parent = self.above.last().map(|(_, index)| *index);
        let depth_above = self.above.last().map(|(depth, _)| *depth);
        if depth_above.map_or(0, |depth| depth + 1) != row.depth {
            let expected = "at most one dash more than the row above";
            let found = format!("{} dashes", row.depth);
            self.report(row.line, RowProblem::field("Title", &found, expected));
        }
        self.above.push((row.depth, self.parsed.rows.len()));
        self.parsed.rows.push(row);
    }
}

fn read_row(layout: &Layout, line: u64, cells: &[String]) -> Result<MmsRow, RowProblem> {
    if cells.len() < layout.width {
        let found = cells.len().to_string();
        return Err(RowProblem::field(
            "cells",
            &found,
            "as many as the header has",
        ));
    }
    let cell = |index: usize| cells.get(index).map_or("", |cell| cell.trim());
    let kind = match cell(layout.kind) {
        "chapter" => MmsKind::Chapter,
        "block" => MmsKind::Block,
        "category" => MmsKind::Category,
        other => {
            let expected = "chapter, block or category";
            return Err(RowProblem::field("ClassKind", other, expected));
        }
    };
    let code = match (kind, cell(layout.code)) {
        (MmsKind::Category, text) => Some(
            Code::parse(CodeSystem::Icd11Mms, text)
                .map_err(|source| RowProblem::code(text, source))?,
        ),
        (MmsKind::Chapter | MmsKind::Block, "") => None,
        (MmsKind::Chapter | MmsKind::Block, text) => {
            return Err(RowProblem::field("Code", text, "no code but at a category"));
        }
    };
    let depth_in_kind = cell(layout.depth_in_kind);
    let depth_in_kind = depth_in_kind
        .parse()
        .map_err(|_| RowProblem::field("DepthInKind", depth_in_kind, "a small number"))?;
    let (depth, title) = dashes(cell(layout.title))?;
    Ok(MmsRow {
        line,
        foundation_uri: filled(cell(layout.foundation_uri)),
        linearization_uri: cell(layout.linearization_uri).to_owned(),
        code,
        block_id: filled(cell(layout.block_id)),
        title: title.to_owned(),
        kind,
        depth_in_kind,
        depth,
        is_residual: truth("IsResidual", cell(layout.is_residual))?,
        chapter: cell(layout.chapter).to_owned(),
        is_leaf: truth("isLeaf", cell(layout.is_leaf))?,
        primary_tabulation: match layout.primary_tabulation.map(cell) {
            None | Some("") => None,
            Some(text) => Some(truth("Primary tabulation", text)?),
        },
        groupings: layout
            .groupings
            .iter()
            .filter_map(|&index| filled(cell(index)))
            .collect(),
        coding_note: layout.coding_note.and_then(|index| filled(cell(index))),
        parent: None,
    })
}

/// The dashes before a title, counted, and the title behind them.
fn dashes(text: &str) -> Result<(u32, &str), RowProblem> {
    let mut depth: u32 = 0;
    let mut title = text;
    while let Some(rest) = title.strip_prefix("- ") {
        depth = depth.saturating_add(1);
        title = rest;
    }
    if title.is_empty() || title == "-" {
        return Err(RowProblem::field("Title", text, "a title"));
    }
    Ok((depth, title))
}

fn truth(field: &'static str, text: &str) -> Result<bool, RowProblem> {
    if text.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if text.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(RowProblem::field(field, text, "True or False"))
    }
}

#[cfg(test)]
#[path = "icd11_mms_tests.rs"]
mod tests;
