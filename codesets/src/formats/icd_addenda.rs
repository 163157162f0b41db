//! The addenda that come with the ICD-10-CM and ICD-10-PCS code and order
//! files: what a fiscal year added, deleted and revised against the one before.
//!
//! Columns 1 to 13 say what happens (`Add:`, `Delete:`, `Revise from:`,
//! `Revise to:`); the rest is a row of the file amended, as `icd10OrderFiles.pdf`
//! and `icd10cmCodesFile.pdf` (NCHS) lay it out. A summary with counts ends the
//! file, and is checked. A code that became a header stands as deleted (a code)
//! and added (a header).

use super::icd10pcs_tables::is_pcs_character;
use super::source_text::{Columns, TextEncoding, filled, head_lines, is_blank, lines};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// Which file the addenda amend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddendaLayout {
    /// A codes file: code in 14-20, long title from 22.
    Codes,
    /// The ICD-10-CM order file: 1 for a code or 0 for a header in 14, code in 16-22, titles in 24-83 and from 85.
    Icd10CmOrder,
    /// The ICD-10-PCS order file: code in 14-20, titles in 22-81 and from 83.
    Icd10PcsOrder,
}

/// A code or header as the addenda state it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AddendaEntry {
    /// The code without its dot.
    pub code: String,
    /// Whether it is a code that may be reported, rather than a header.
    pub billable: bool,
    /// The short title, in the addenda of an order file.
    pub short_title: Option<String>,
    /// The long title.
    pub long_title: String,
}

/// What happened to a code or header.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AddendaChange {
    /// It is new.
    Added(AddendaEntry),
    /// It is gone.
    Deleted(AddendaEntry),
    /// Its titles changed.
    Revised {
        /// As it was.
        from: AddendaEntry,
        /// As it is.
        to: AddendaEntry,
    },
}

/// A change and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AddendaRow {
    /// The 1-based line of the file; of the first of its two lines, for a revision.
    pub line: u64,
    /// What happened.
    pub change: AddendaChange,
}

/// Whether a file's beginning is that of addenda.
pub fn looks_like(head: &[u8]) -> bool {
    head_lines(head, 1)
        .first()
        .is_some_and(|line| verb(line).is_some() && line.len() > 20)
}

/// Which file the addenda amend, by where the rows of a beginning have their code and titles.
pub fn layout(head: &[u8]) -> Option<AddendaLayout> {
    let entries: Vec<String> = head_lines(head, 1_000)
        .into_iter()
        .filter(|line| verb(line).is_some())
        .collect();
    let most = |test: fn(&Columns<'_>) -> bool| {
        let passed = entries.iter().filter(|line| test(&Columns::new(line)));
        passed.count() * 2 > entries.len()
    };
    if entries.is_empty() {
        None
    } else if most(|line| matches!(line.field(14, 15), "0 " | "1 ")) {
        Some(AddendaLayout::Icd10CmOrder)
    } else if most(|line| line.field(82, 82) == " " && !is_blank(line.field(83, 83))) {
        Some(AddendaLayout::Icd10PcsOrder)
    } else {
        Some(AddendaLayout::Codes)
    }
}

/// Reads the addenda of any of the layouts.
pub fn parse(bytes: &[u8]) -> Parsed<AddendaRow> {
    let mut addenda = Addenda {
        layout: layout(bytes).unwrap_or(AddendaLayout::Codes),
        parsed: Parsed::default(),
        revised_from: None,
        summary_of: None,
        codes: Counts::default(),
        headers: Counts::default(),
    };
    for (line, raw) in lines(bytes) {
        let taken = match TextEncoding::of(raw).decode(raw) {
            Ok(text) if is_blank(&text) => Ok(()),
            Ok(text) => addenda.take(line, &text),
            Err(problem) => Err(problem),
        };
        if let Err(problem) = taken {
            addenda.parsed.errors.push(RowError { line, problem });
        }
    }
    addenda.close_revision();
    addenda.parsed
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Add,
    Delete,
    ReviseFrom,
    ReviseTo,
}

fn verb(line: &str) -> Option<Verb> {
    match Columns::new(line).field(1, 13).trim_end() {
        "Add:" => Some(Verb::Add),
        "Delete:" => Some(Verb::Delete),
        "Revise from:" => Some(Verb::ReviseFrom),
        "Revise to:" => Some(Verb::ReviseTo),
        _ => None,
    }
}

struct Addenda {
    layout: AddendaLayout,
    parsed: Parsed<AddendaRow>,
    /// The first line of a revision whose second has not come yet.
    revised_from: Option<(u64, AddendaEntry)>,
    /// Whether the summary's counts are of codes (true) or of headers.
    summary_of: Option<bool>,
    codes: Counts,
    headers: Counts,
}

impl Addenda {
    fn take(&mut self, line: u64, text: &str) -> Result<(), RowProblem> {
        let Some(verb) = verb(text) else {
            self.close_revision();
            return self.take_summary(text);
        };
        if verb != Verb::ReviseTo {
            self.close_revision();
        }
        let entry = self.entry(&Columns::new(text))?;
        let (line, change) = match verb {
            Verb::Add => (line, AddendaChange::Added(entry)),
            Verb::Delete => (line, AddendaChange::Deleted(entry)),
            Verb::ReviseFrom => {
                self.revised_from = Some((line, entry));
                return Ok(());
            }
            Verb::ReviseTo => match self.revised_from.take() {
                Some((line, from)) if from.code == entry.code => {
                    (line, AddendaChange::Revised { from, to: entry })
                }
                before => {
                    self.revised_from = before;
                    self.close_revision();
                    let expected = "the `Revise from:` of the same code in the line above";
                    return Err(RowProblem::field("Revise to:", &entry.code, expected));
                }
            },
        };
        self.add(line, change);
        Ok(())
    }

    /// Reports a revision of which only the first line was read.
    fn close_revision(&mut self) {
        if let Some((line, from)) = self.revised_from.take() {
            let expected = "a `Revise to:` of the same code in the line below";
            let problem = RowProblem::field("Revise from:", &from.code, expected);
            self.parsed.errors.push(RowError { line, problem });
        }
    }

    fn entry(&self, line: &Columns<'_>) -> Result<AddendaEntry, RowProblem> {
        let (flag, code, short_title, long_title) = match self.layout {
            AddendaLayout::Codes => (None, line.field(14, 20), None, line.rest(22)),
            AddendaLayout::Icd10CmOrder => (
                Some(line.field(14, 14)),
                line.field(16, 22),
                Some(line.field(24, 83)),
                line.rest(85),
            ),
            AddendaLayout::Icd10PcsOrder => (
                None,
                line.field(14, 20),
                Some(line.field(22, 81)),
                line.rest(83),
            ),
        };
        let code = code.trim_end();
        check_code(self.layout, code)?;
        let billable = match flag {
            None => self.layout == AddendaLayout::Codes || code.len() == 7,
            Some("1") => true,
            Some("0") => false,
            Some(other) => return Err(RowProblem::field("flag", other, "0 or 1")),
        };
        Ok(AddendaEntry {
            code: code.to_owned(),
            billable,
            short_title: short_title.and_then(filled),
            long_title: filled(long_title)
                .ok_or_else(|| RowProblem::field("title", "", "a long title"))?,
        })
    }

    /// Takes a line of the summary in, and holds its counts against the rows above.
    fn take_summary(&mut self, text: &str) -> Result<(), RowProblem> {
        let text = text.trim();
        match (text, text.split_once(' ')) {
            ("Headers", _) => self.summary_of = Some(false),
            ("Codes", _) => self.summary_of = Some(true),
            ("of which", _) => {}
            (_, Some((number, what))) if self.summary_of.is_some() => {
                let number: usize = number
                    .parse()
                    .map_err(|_| RowProblem::field("summary", text, "a count"))?;
                self.check_count(number, what, text)?;
            }
            _ => {
                let expected = "Add:, Delete:, Revise from: or Revise to: in columns 1 to 13";
                return Err(RowProblem::field("line", text, expected));
            }
        }
        Ok(())
    }

    fn check_count(&self, said: usize, what: &str, text: &str) -> Result<(), RowProblem> {
        let counts = if self.summary_of == Some(true) {
            &self.codes
        } else {
            &self.headers
        };
        let counted = match what {
            "additions" => counts.added,
            "deletions" => counts.deleted,
            "revisions" => counts.revised,
            // How many codes each year has, and which title was revised.
            _ if what.contains(" in ") || what.starts_with("revisions to ") => return Ok(()),
            _ => return Err(RowProblem::field("summary", text, "a count")),
        };
        if counted == said {
            return Ok(());
        }
        let expected = "as many as the rows above";
        Err(RowProblem::field("summary", text, expected))
    }

    fn add(&mut self, line: u64, change: AddendaChange) {
        let (AddendaChange::Added(entry)
        | AddendaChange::Deleted(entry)
        | AddendaChange::Revised { to: entry, .. }) = &change;
        let counts = if entry.billable {
            &mut self.codes
        } else {
            &mut self.headers
        };
        match &change {
            AddendaChange::Added(_) => counts.added += 1,
            AddendaChange::Deleted(_) => counts.deleted += 1,
            AddendaChange::Revised { .. } => counts.revised += 1,
        }
        self.parsed.rows.push(AddendaRow { line, change });
    }
}

/// How many rows of each kind have been read.
#[derive(Default)]
struct Counts {
    added: usize,
    deleted: usize,
    revised: usize,
}

fn check_code(layout: AddendaLayout, code: &str) -> Result<(), RowProblem> {
    let pcs = matches!(code.len(), 3 | 7) && code.chars().all(is_pcs_character);
    if pcs && layout != AddendaLayout::Icd10CmOrder {
        return Ok(());
    }
    let system = match layout {
        AddendaLayout::Codes | AddendaLayout::Icd10CmOrder => CodeSystem::Icd10Cm,
        AddendaLayout::Icd10PcsOrder => CodeSystem::Icd10Pcs,
    };
    match Code::parse(system, code) {
        Ok(parsed) if parsed.as_str() == code => Ok(()),
        Ok(_) => Err(RowProblem::field("code", code, "a code without its dot")),
        Err(source) => Err(RowProblem::code(code, source)),
    }
}

#[cfg(test)]
mod tests {
    use super::{AddendaChange, AddendaLayout, layout, looks_like, parse};
    use crate::formats::damage;

    const CODES: &str = "\
Revise from: Q9910   Bent wing [Ala curva]\r
Revise to:   Q9910   Bent wing [Ala curvata]\r
Add:         Q9911   Bent wing, left\r
Delete:      Q9912   Bent wing, right\r
\r
Codes\r
  74044 codes in icd10cm_order_2030.txt\r
    1 additions\r
    1 deletions\r
    1 revisions\r
";
    const CM_ORDER: &str = "\
Delete:      1 Q991    Bent wing                                                    Bent wing, any\r
Add:         0 Q991    Bent wing                                                    Bent wing, any\r
Add:         1 Q9911   Bent wing, left                                              Bent wing, left side\r
Headers\r
    1 additions\r
    0 deletions\r
of which\r
      0 revisions to long title only\r
Codes\r
    1 additions\r
    1 deletions\r
";
    const PCS_ORDER: &str = "\
Add:         0Q10XZZ Fold Wing, Left, Ext Approach                                Folding of Left Wing, External Approach\r
Revise from: 0Q1     Wings, Fold                                                  Wings, Folding\r
Revise to:   0Q1     Wings, Folding                                               Wings, Folding\r
";

    #[track_caller]
    fn check(text: &str, expected_layout: AddendaLayout, expected: &[&str]) {
        let parsed = parse(text.as_bytes());
        assert_eq!(parsed.errors, []);
        let said: Vec<String> = parsed
            .rows
            .iter()
            .map(|row| match &row.change {
                AddendaChange::Added(entry) => {
                    format!("+{} {} {}", entry.code, entry.billable, entry.long_title)
                }
                AddendaChange::Deleted(entry) => {
                    format!("-{} {} {}", entry.code, entry.billable, entry.long_title)
                }
                AddendaChange::Revised { from, to } => format!(
                    "{} {:?} {} -> {:?} {}",
                    to.code, from.short_title, from.long_title, to.short_title, to.long_title
                ),
            })
            .collect();
        assert_eq!(said, expected);
        assert_eq!(layout(text.as_bytes()), Some(expected_layout));
        assert!(looks_like(text.as_bytes()));
    }

    #[test]
    fn all_three_layouts_are_read() {
        check(
            CODES,
            AddendaLayout::Codes,
            &[
                "Q9910 None Bent wing [Ala curva] -> None Bent wing [Ala curvata]",
                "+Q9911 true Bent wing, left",
                "-Q9912 true Bent wing, right",
            ],
        );
        check(
            CM_ORDER,
            AddendaLayout::Icd10CmOrder,
            &[
                "-Q991 true Bent wing, any",
                "+Q991 false Bent wing, any",
                "+Q9911 true Bent wing, left side",
            ],
        );
        check(
            PCS_ORDER,
            AddendaLayout::Icd10PcsOrder,
            &[
                "+0Q10XZZ true Folding of Left Wing, External Approach",
                "0Q1 Some(\"Wings, Fold\") Wings, Folding -> Some(\"Wings, Folding\") Wings, Folding",
            ],
        );
    }

    #[test]
    fn a_lost_line_shows_in_the_counts() {
        let lost = CODES.replace("Add:         Q9911   Bent wing, left\r\n", "");
        let half = CODES.replace("Revise to:   Q9910   Bent wing [Ala curvata]\r\n", "");
        let said: Vec<String> = [lost, half]
            .iter()
            .flat_map(|text| parse(text.as_bytes()).errors)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(
            said,
            [
                "line 7: summary is `1 additions`, expected as many as the rows above",
                "line 1: Revise from: is `Q9910`, \
                 expected a `Revise to:` of the same code in the line below",
                "line 9: summary is `1 revisions`, expected as many as the rows above",
            ]
        );
    }

    #[test]
    fn damage_never_panics() {
        for sample in [CODES, CM_ORDER, PCS_ORDER] {
            damage::check(sample.as_bytes(), |bytes| {
                let parsed = parse(bytes);
                parsed.rows.len() + parsed.errors.len()
            });
        }
    }
}
