//! The descriptor files that the American Medical Association gives to CPT
//! licensees: `LONGULT`, `MEDU`, `SHORTU`, `ConsumerDescriptor`,
//! `ClinicianDescriptor` and the older `LONGULF`.
//!
//! Only the layouts are here. The descriptors are the AMA's: a licensee loads
//! their own files, and every sample in the tests is invented. The body of a
//! file is what follows its last blank line; licence text stands above.

use std::collections::HashSet;

use super::source_text::{Columns, TextEncoding, head_lines, is_blank, lines};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// Which of the files it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CptLayout {
    /// `LONGULT`: code, tab, long descriptor.
    LongTabbed,
    /// `LONGULF`: code 1-5, line 6-7, long descriptor 9-80; several lines a code.
    LongLines,
    /// `MEDU`: code 1-5, medium descriptor 7-54.
    Medium,
    /// `SHORTU`: code 1-5, short descriptor 7-34.
    Short,
    /// `ConsumerDescriptor`: concept id, code, descriptor; tabs and a header.
    Consumer,
    /// `ClinicianDescriptor`: concept id, code, descriptor id, descriptor; many rows a code.
    Clinician,
}

/// A descriptor of a code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CptDescriptor {
    /// The 1-based line at which it begins.
    pub line: u64,
    /// The code.
    pub code: Code,
    /// The words.
    pub text: String,
    /// The concept's identifier, in the consumer's and the clinician's file.
    pub concept_id: Option<String>,
    /// The descriptor's own identifier, in the clinician's file.
    pub descriptor_id: Option<String>,
}

/// Whether a file's beginning is that of one of the files.
pub fn looks_like(head: &[u8]) -> bool {
    layout(head).is_some()
}

/// Which of the files it is, by the header or by the shape of the body's lines.
///
/// A head that ends within the licence text tells nothing.
pub fn layout(head: &[u8]) -> Option<CptLayout> {
    let lines = head_lines(head, 2_000);
    let numbered: Vec<(u64, &str)> = (1..).zip(lines.iter().map(String::as_str)).collect();
    if let Some(header) = header_of(&numbered) {
        return Some(header.layout);
    }
    let body = numbered.get(body_start(&numbered)..)?;
    let body: Vec<&str> = body
        .iter()
        .map(|(_, line)| *line)
        .filter(|line| !is_blank(line))
        .collect();
    let most = |test: fn(&str) -> bool| {
        body.iter().filter(|line| test(line)).count() * 10 > body.len() * 9
    };
    if body.is_empty() || !most(begins_with_code) {
        None
    } else if most(|line| line.get(5..6) == Some("\t") && line.matches('\t').count() == 1) {
        Some(CptLayout::LongTabbed)
    } else if most(is_numbered_line) {
        Some(CptLayout::LongLines)
    } else if most(|line| is_column_line(line, 34)) {
        Some(CptLayout::Short)
    } else if most(|line| is_column_line(line, 54)) {
        Some(CptLayout::Medium)
    } else {
        None
    }
}

/// Whether a line has its code, a blank and words that end at column `last`.
///
/// Order files of ICD-10 begin with a row number of five digits, but are longer.
fn is_column_line(line: &str, last: usize) -> bool {
    line.get(5..6) == Some(" ") && Columns::new(line.trim_end()).len() <= last
}

fn begins_with_code(line: &str) -> bool {
    line.get(..5)
        .is_some_and(|code| Code::parse(CodeSystem::Cpt, code).is_ok())
}

fn is_numbered_line(line: &str) -> bool {
    line.get(5..7)
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        && line.get(7..8) == Some(" ")
}

/// Where the body begins: behind the last blank line that has something after it.
fn body_start(lines: &[(u64, &str)]) -> usize {
    let Some(last) = lines.iter().rposition(|(_, line)| !is_blank(line)) else {
        return 0;
    };
    lines
        .iter()
        .take(last)
        .rposition(|(_, line)| is_blank(line))
        .map_or(0, |blank| blank + 1)
}

/// The header of the consumer's or the clinician's file.
struct Header {
    layout: CptLayout,
    /// Its place among the lines.
    index: usize,
    concept_id: usize,
    code: usize,
    descriptor_id: Option<usize>,
    descriptor: usize,
}

fn header_of(lines: &[(u64, &str)]) -> Option<Header> {
    let enough = lines.iter().take(200).enumerate();
    enough
        .filter(|(_, (_, line))| line.contains('\t'))
        .find_map(|(index, (_, line))| {
            let names: Vec<String> = line
                .split('\t')
                .map(|name| {
                    name.chars()
                        .filter(char::is_ascii_alphanumeric)
                        .map(|c| c.to_ascii_lowercase())
                        .collect()
                })
                .collect();
            let find = |test: fn(&str) -> bool| names.iter().position(|name| test(name));
            let descriptor_id = find(|name| name == "cliniciandescriptorid");
            Some(Header {
                layout: match descriptor_id {
                    Some(_) => CptLayout::Clinician,
                    None => CptLayout::Consumer,
                },
                index,
                concept_id: find(|name| name == "conceptid")?,
                code: find(|name| name == "cptcode")?,
                descriptor_id,
                descriptor: find(|name| name.ends_with("descriptor"))?,
            })
        })
}

/// Reads a file of `layout`; [`layout`] tells which it is.
pub fn parse(bytes: &[u8], layout: CptLayout) -> Parsed<CptDescriptor> {
    let encoding = TextEncoding::of(bytes);
    let mut file = File::default();
    let mut decoded = Vec::new();
    for (line, raw) in lines(bytes) {
        match encoding.decode(raw) {
            Ok(text) => decoded.push((line, text)),
            Err(problem) => file.report(line, problem),
        }
    }
    let lines: Vec<(u64, &str)> = decoded
        .iter()
        .map(|(line, text)| (*line, &**text))
        .collect();
    if matches!(layout, CptLayout::Consumer | CptLayout::Clinician) {
        file.take_table(layout, &lines);
        return file.parsed;
    }
    let start = body_start(&lines);
    let (above, body) = lines.split_at_checked(start).unwrap_or((&[], &lines));
    // Licence text may hold a line like a row, but not two running: a blank line among rows is damage.
    for pair in above.windows(2) {
        if let [(_, before), (line, text)] = pair
            && begins_with_code(before)
            && begins_with_code(text)
        {
            let expected = "no row above the last blank line";
            file.report(*line, RowProblem::field("line", text, expected));
        }
    }
    for (line, text) in body {
        if is_blank(text) {
            continue;
        }
        let taken = match layout {
            CptLayout::LongLines => file.take_long_line(*line, text),
            _ => file.take_line(layout, *line, text),
        };
        if let Err(problem) = taken {
            file.report(*line, problem);
        }
    }
    file.parsed
}

#[derive(Default)]
struct File {
    parsed: Parsed<CptDescriptor>,
    seen: HashSet<Code>,
    /// The code and number of the last line of a descriptor in several lines, and whether it was kept.
    open: Option<(Code, u8, bool)>,
}

impl File {
    fn report(&mut self, line: u64, problem: RowProblem) {
        self.parsed.errors.push(RowError { line, problem });
    }

    fn add(&mut self, line: u64, code: Code, text: &str) -> Result<(), RowProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(RowProblem::field("descriptor", "", "words"));
        }
        if !self.seen.insert(code.clone()) {
            return Err(RowProblem::Duplicate {
                field: "code",
                found: code.to_string(),
            });
        }
        self.parsed.rows.push(CptDescriptor {
            line,
            code,
            text: text.to_owned(),
            concept_id: None,
            descriptor_id: None,
        });
        Ok(())
    }

    /// A row that is whole: `LONGULT`, `MEDU` or `SHORTU`.
    fn take_line(&mut self, layout: CptLayout, line: u64, text: &str) -> Result<(), RowProblem> {
        let columns = Columns::new(text);
        let code = code_of(columns.field(1, 5))?;
        let (divider, last) = match layout {
            CptLayout::LongTabbed => ("\t", usize::MAX - 1),
            CptLayout::Short => (" ", 34),
            _ => (" ", 54),
        };
        if columns.field(6, 6) != divider {
            let expected = "the code's end and the descriptor's beginning";
            return Err(RowProblem::field("column 6", columns.field(6, 6), expected));
        }
        let beyond = columns.rest(last + 1);
        if !is_blank(beyond) {
            let expected = "nothing beyond the descriptor's columns";
            return Err(RowProblem::field("line", beyond, expected));
        }
        self.add(line, code, columns.field(7, last))
    }

    /// A line of `LONGULF`: the first of a descriptor, or more of it.
    fn take_long_line(&mut self, line: u64, text: &str) -> Result<(), RowProblem> {
        let columns = Columns::new(text);
        let code = code_of(columns.field(1, 5))?;
        let (number, more) = (columns.field(6, 7), columns.field(9, 80));
        if !is_numbered_line(text) || !is_blank(columns.rest(81)) {
            let expected = "a line number in 6-7 and words in 9-80";
            return Err(RowProblem::field("line", text, expected));
        }
        let number: u8 = number
            .parse()
            .map_err(|_| RowProblem::field("line number", number, "two digits"))?;
        match &mut self.open {
            Some((open, last, kept)) if *open == code => {
                let expected = last.saturating_add(1);
                *last = number;
                if *kept && let Some(row) = self.parsed.rows.last_mut() {
                    row.text.push(' ');
                    row.text.push_str(more.trim());
                }
                if number != expected {
                    let found = number.to_string();
                    let expected = "one more than the line above";
                    return Err(RowProblem::field("line number", &found, expected));
                }
                Ok(())
            }
            _ => {
                let added = self.add(line, code.clone(), more);
                self.open = Some((code, number, added.is_ok()));
                added
            }
        }
    }

    /// The rows below a header: the consumer's or the clinician's file.
    fn take_table(&mut self, layout: CptLayout, lines: &[(u64, &str)]) {
        let Some(header) = header_of(lines).filter(|header| header.layout == layout) else {
            let expected = "the header of a table of descriptors";
            return self.report(1, RowProblem::field("header", "", expected));
        };
        for (line, text) in lines.iter().skip(header.index + 1) {
            if is_blank(text) {
                continue;
            }
            match read_cells(&header, *line, text) {
                Ok(row) => self.parsed.rows.push(row),
                Err(problem) => self.report(*line, problem),
            }
        }
    }
}

fn read_cells(header: &Header, line: u64, text: &str) -> Result<CptDescriptor, RowProblem> {
    let cells: Vec<&str> = text.split('\t').map(str::trim).collect();
    let cell = |index: usize| match cells.get(index).copied() {
        None | Some("") => Err(RowProblem::field("cell", text, "something in every column")),
        Some(cell) => Ok(cell.to_owned()),
    };
    Ok(CptDescriptor {
        line,
        code: code_of(&cell(header.code)?)?,
        text: cell(header.descriptor)?,
        concept_id: Some(cell(header.concept_id)?),
        descriptor_id: header.descriptor_id.map(cell).transpose()?,
    })
}

fn code_of(text: &str) -> Result<Code, RowProblem> {
    Code::parse(CodeSystem::Cpt, text).map_err(|source| RowProblem::code(text, source))
}

#[cfg(test)]
#[path = "cpt_tests.rs"]
mod tests;
