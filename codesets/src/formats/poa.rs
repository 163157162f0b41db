//! The codes exempt from reporting whether a diagnosis was present on admission
//! (CMS, `POAexemptCodesFYyy.txt`): tab-separated, with a header, dotted codes.
//! The name of the order column changes each year (`Order26`).

use super::source_text::{TextEncoding, cells, head_lines, is_blank, lines};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// A code that is exempt.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PoaExemptRow {
    /// The 1-based line of the file.
    pub line: u64,
    /// The code.
    pub code: Code,
    /// Its title.
    pub description: String,
}

/// Whether a file's beginning is that of a list of exempt codes.
pub fn looks_like(head: &[u8]) -> bool {
    head_lines(head, 1)
        .first()
        .is_some_and(|line| columns(&cells(line, '\t')).is_some())
}

/// Where the code and the description stand.
fn columns(header: &[String]) -> Option<(usize, usize)> {
    let find = |test: &dyn Fn(&str) -> bool| {
        header
            .iter()
            .position(|name| test(&name.trim().to_ascii_lowercase()))
    };
    let exempt = |name: &str| name.starts_with("poa") && name.contains("code");
    let code = find(&exempt).or_else(|| {
        // Without its prefix the name says too little, unless the order column stands before it.
        let ordered = find(&|name: &str| name.starts_with("order"));
        ordered.and(find(&|name: &str| name == "code"))
    })?;
    Some((code, find(&|name: &str| name.starts_with("desc"))?))
}

/// Reads the list, in the file's order.
pub fn parse(bytes: &[u8]) -> Parsed<PoaExemptRow> {
    let mut parsed = Parsed::default();
    let mut layout = None;
    for (line, raw) in lines(bytes) {
        let text = match TextEncoding::of(raw).decode(raw) {
            Ok(text) => text,
            Err(problem) => {
                parsed.errors.push(RowError { line, problem });
                continue;
            }
        };
        if is_blank(&text) {
            continue;
        }
        let cells = cells(&text, '\t');
        let Some(layout) = layout else {
            layout = columns(&cells);
            if layout.is_none() {
                let expected = "the header of a list of codes exempt from present-on-admission";
                let problem = RowProblem::field("header", &text, expected);
                parsed.errors.push(RowError { line, problem });
                return parsed;
            }
            continue;
        };
        match read_row(line, &cells, layout) {
            Ok(row) => parsed.rows.push(row),
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    parsed
}

fn read_row(
    line: u64,
    cells: &[String],
    (code, description): (usize, usize),
) -> Result<PoaExemptRow, RowProblem> {
    let cell = |index: usize| cells.get(index).map_or("", |cell| cell.trim());
    let found = cell(code);
    let description = cell(description);
    if description.is_empty() {
        return Err(RowProblem::field("Description", description, "a title"));
    }
    Ok(PoaExemptRow {
        line,
        code: Code::parse(CodeSystem::Icd10Cm, found)
            .map_err(|source| RowProblem::code(found, source))?,
        description: description.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{looks_like, parse};
    use crate::formats::damage;

    const SAMPLE: &str = "Order31\tPOAexemptCode\tDescription\r\n\
        00001\tQ99.101\tBent wing, left\r\n00002\tQ99.102\t\"Bent wing, \"\"right\"\"\"\r\n";

    #[test]
    fn codes_lose_their_dots_and_keep_their_titles() {
        let parsed = parse(SAMPLE.as_bytes());
        assert_eq!(parsed.errors, []);
        let said: Vec<String> = parsed
            .rows
            .iter()
            .map(|row| format!("{} {}", row.code.as_str(), row.description))
            .collect();
        assert_eq!(
            said,
            ["Q99101 Bent wing, left", "Q99102 Bent wing, \"right\""]
        );
        assert!(looks_like(SAMPLE.as_bytes()));
        assert!(!looks_like(b"code\tdescription\n"));
    }

    #[test]
    fn damage_never_panics() {
        damage::check(SAMPLE.as_bytes(), |bytes| {
            let parsed = parse(bytes);
            parsed.rows.len() + parsed.errors.len()
        });
    }
}
