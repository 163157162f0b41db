//! Invented releases of ICD-10-CM, small enough to read.

use std::fmt::Write;

/// A release in the making: headings and codes in tabular order.
///
/// A code stands below the longest code before it that begins it. It is
/// billable when nothing stands below it; below a code with seventh characters
/// each such code gets one entry a character, filled up with `X`.
#[derive(Clone, Debug)]
pub(crate) struct Invented {
    year: u16,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
enum Row {
    Chapter {
        number: &'static str,
        title: &'static str,
    },
    Section {
        range: &'static str,
        title: &'static str,
    },
    Code(InventedCode),
}

#[derive(Clone, Debug)]
struct InventedCode {
    code: &'static str,
    title: &'static str,
    /// Element names of the Tabular List with their texts.
    notes: Vec<(&'static str, &'static str)>,
    seventh: Vec<(char, &'static str)>,
}

impl Invented {
    pub(crate) fn of(year: u16) -> Invented {
        Invented {
            year,
            rows: Vec::new(),
        }
    }

    pub(crate) fn chapter(mut self, number: &'static str, title: &'static str) -> Invented {
        self.rows.push(Row::Chapter { number, title });
        self
    }

    pub(crate) fn section(mut self, range: &'static str, title: &'static str) -> Invented {
        self.rows.push(Row::Section { range, title });
        self
    }

    pub(crate) fn code(mut self, code: &'static str, title: &'static str) -> Invented {
        self.rows.push(Row::Code(InventedCode {
            code,
            title,
            notes: Vec::new(),
            seventh: Vec::new(),
        }));
        self
    }

    /// Puts a note at the last code: `includes`, `excludes1`, `useAdditionalCode`, `inclusionTerm` ….
    pub(crate) fn note(mut self, element: &'static str, text: &'static str) -> Invented {
        if let Some(Row::Code(code)) = self.rows.last_mut() {
            code.notes.push((element, text));
        }
        self
    }

    /// Gives the codes below the last one a seventh character.
    pub(crate) fn seventh(mut self, values: &[(char, &'static str)]) -> Invented {
        if let Some(Row::Code(code)) = self.rows.last_mut() {
            code.seventh = values.to_vec();
        }
        self
    }

    pub(crate) fn order_file_name(&self) -> String {
        format!("icd10cm_order_{}.txt", self.year)
    }

    pub(crate) fn tabular_name(&self) -> String {
        format!("icd10cm_tabular_{}.xml", self.year)
    }

    /// The order file, as CMS lays it out.
    pub(crate) fn order_file(&self) -> String {
        let mut text = String::new();
        let mut number = 0;
        let mut row = |code: &str, billable: bool, title: &str| {
            number += 1;
            let code = code.replace('.', "");
            let short: String = title.chars().take(60).collect();
            let flag = u8::from(billable);
            writeln!(text, "{number:05} {code:<7} {flag} {short:<60} {title}").unwrap();
        };
        for code in self.codes() {
            let is_leaf = !self.codes().any(|other| is_below(other.code, code.code));
            let seventh = if is_leaf {
                self.seventh_of(code.code)
            } else {
                &[]
            };
            row(code.code, is_leaf && seventh.is_empty(), code.title);
            for (character, meaning) in seventh {
                let stem = format!("{:X<6}", code.code.replace('.', ""));
                row(
                    &format!("{stem}{character}"),
                    true,
                    &format!("{}, {meaning}", code.title),
                );
            }
        }
        text
    }

    /// The Tabular List, as NCHS marks it up.
    pub(crate) fn tabular(&self) -> String {
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<ICD10CM.tabular>\n<version>{}</version>\n",
            self.year
        );
        let mut open: Vec<&'static str> = Vec::new();
        let mut close_to = |xml: &mut String, code: Option<&'static str>| {
            while let Some(last) = open.last().copied() {
                if code.is_some_and(|code| is_below(code, last)) {
                    break;
                }
                xml.push_str("</diag>\n");
                open.pop();
            }
            open.extend(code);
        };
        let (mut in_section, mut in_chapter) = (false, false);
        for row in &self.rows {
            match row {
                Row::Chapter { number, title } => {
                    close_to(&mut xml, None);
                    xml.push_str(if in_section { "</section>\n" } else { "" });
                    xml.push_str(if in_chapter { "</chapter>\n" } else { "" });
                    (in_section, in_chapter) = (false, true);
                    writeln!(xml, "<chapter><name>{number}</name><desc>{title}</desc>").unwrap();
                }
                Row::Section { range, title } => {
                    close_to(&mut xml, None);
                    xml.push_str(if in_section { "</section>\n" } else { "" });
                    in_section = true;
                    writeln!(
                        xml,
                        "<section id=\"{range}\"><desc>{title} ({range})</desc>"
                    )
                    .unwrap();
                }
                Row::Code(code) => {
                    close_to(&mut xml, Some(code.code));
                    write!(
                        xml,
                        "<diag><name>{}</name><desc>{}</desc>",
                        code.code, code.title
                    )
                    .unwrap();
                    for (element, text) in &code.notes {
                        write!(xml, "<{element}><note>{text}</note></{element}>").unwrap();
                    }
                    if !code.seventh.is_empty() {
                        xml.push_str("<sevenChrDef>");
                        for (character, meaning) in &code.seventh {
                            write!(xml, "<extension char=\"{character}\">{meaning}</extension>")
                                .unwrap();
                        }
                        xml.push_str("</sevenChrDef>");
                    }
                    xml.push('\n');
                }
            }
        }
        close_to(&mut xml, None);
        xml.push_str("</section>\n</chapter>\n</ICD10CM.tabular>\n");
        xml
    }

    fn codes(&self) -> impl Iterator<Item = &InventedCode> {
        self.rows.iter().filter_map(|row| match row {
            Row::Code(code) => Some(code),
            Row::Chapter { .. } | Row::Section { .. } => None,
        })
    }

    /// The seventh characters of the nearest code at or above `code` that has some.
    fn seventh_of(&self, code: &str) -> &[(char, &'static str)] {
        self.codes()
            .filter(|other| other.code == code || is_below(code, other.code))
            .filter(|other| !other.seventh.is_empty())
            .max_by_key(|other| other.code.len())
            .map_or(&[], |other| &other.seventh)
    }
}

fn is_below(code: &str, other: &str) -> bool {
    code.len() > other.len() && code.starts_with(other)
}

/// The release of 2099: diabetes, a fracture with seventh characters, a code with placeholders.
pub(crate) fn newer() -> Invented {
    Invented::of(2099)
        .chapter("4", "Invented sugar troubles (E00-E89)")
        .section("E08-E13", "Diabetes mellitus")
        .code("E11", "Type 2 diabetes mellitus")
        .note("includes", "diabetes NOS")
        .note("excludes1", "type 1 diabetes mellitus (E10.-)")
        .code(
            "E11.6",
            "Type 2 diabetes mellitus with other specified complications",
        )
        .code("E11.62", "Type 2 diabetes mellitus with skin complications")
        .code("E11.621", "Type 2 diabetes mellitus with foot ulcer")
        .note("inclusionTerm", "Sugar foot")
        .note(
            "useAdditionalCode",
            "code to identify site of ulcer (L97.4-, L97.5-)",
        )
        .code(
            "E11.628",
            "Type 2 diabetes mellitus with other skin complications",
        )
        .code("E11.9", "Type 2 diabetes mellitus without complications")
        .chapter("19", "Invented injuries (S00-T88)")
        .section("S50-S59", "Injuries to the forearm")
        .code("S52", "Fracture of forearm")
        .note("excludes2", "fracture at wrist and hand level (S62.-)")
        .seventh(&[
            ('A', "initial encounter for closed fracture"),
            ('D', "subsequent encounter for closed fracture"),
            ('S', "sequela"),
        ])
        .code("S52.5", "Fracture of lower end of radius")
        .code(
            "S52.501",
            "Unspecified fracture of the lower end of right radius",
        )
        .code(
            "S52.502",
            "Unspecified fracture of the lower end of left radius",
        )
        .chapter("20", "Invented causes (V00-Y99)")
        .section("W20-W49", "Exposure to things")
        .code("W21", "Striking against sports equipment")
        .seventh(&[('A', "initial encounter"), ('D', "subsequent encounter")])
        .code("W21.89", "Striking against other sports equipment")
}

/// The release of 2098: other titles, a code that is gone in 2099, one that became a header.
pub(crate) fn older() -> Invented {
    Invented::of(2098)
        .chapter("4", "Invented sugar troubles (E00-E89)")
        .section("E08-E13", "Diabetes mellitus")
        .code("E11", "Type 2 diabetes mellitus")
        .note("includes", "diabetes NOS")
        .code(
            "E11.6",
            "Type 2 diabetes mellitus with other specified complications",
        )
        .code("E11.62", "Type 2 diabetes mellitus with skin troubles")
        .code("E11.7", "Type 2 diabetes mellitus with bad luck")
        .code("E11.9", "Type 2 diabetes mellitus without complications")
}
