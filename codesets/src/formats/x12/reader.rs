//! Turns segments into claims.

use jiff::civil::Date;

use super::claim::{
    ClaimForm, X12Claim, X12ClaimError, X12Diagnosis, X12DiagnosisKind, X12Line, X12Problem,
};
use super::segments::Segment;
use crate::edit::Payer;

/// What the loops around a claim say of it.
#[derive(Clone, Default)]
struct Around {
    billing_provider: Option<Box<str>>,
    payer: Option<Payer>,
    birth: Option<Date>,
    sex: Option<char>,
}

struct OpenClaim {
    claim: X12Claim,
    line_number: Option<Box<str>>,
    errors: Vec<X12ClaimError>,
}

/// Reads claims from segments given one by one, so that a file of any length
/// is read in the memory of one claim.
pub struct ClaimReader {
    form: ClaimForm,
    around: Around,
    open: Option<OpenClaim>,
    last_segment: u64,
    has_begun: bool,
    is_cut: bool,
}

impl Default for ClaimReader {
    fn default() -> ClaimReader {
        ClaimReader::new()
    }
}

impl ClaimReader {
    /// A reader before the first segment.
    pub fn new() -> ClaimReader {
        ClaimReader {
            form: ClaimForm::Professional,
            around: Around::default(),
            open: None,
            last_segment: 0,
            has_begun: false,
            is_cut: false,
        }
    }

    /// Takes in a segment; returns the claim that it ends, or why that could not be read.
    pub fn read(&mut self, segment: &Segment<'_>) -> Option<Result<X12Claim, Vec<X12ClaimError>>> {
        self.last_segment = segment.number;
        if segment.id.is_empty() && !self.has_begun {
            return Some(Err(vec![X12ClaimError {
                claim: "".into(),
                segment: segment.number,
                problem: X12Problem::NotAnInterchange,
            }]));
        }
        self.has_begun = true;
        if !segment.is_complete {
            self.is_cut = true;
            return None;
        }
        let ended = match segment.id {
            "CLM" | "HL" | "ST" | "SE" | "GE" | "IEA" | "ISA" => self.close(),
            _ => None,
        };
        if segment.id == "CLM" {
            self.open = Some(self.begin(segment));
        } else if let Some(open) = &mut self.open {
            open.read(segment);
        } else {
            self.read_around(segment);
        }
        ended
    }

    /// Ends the file; a claim or a segment that is still open was cut.
    pub fn finish(self) -> Option<Result<X12Claim, Vec<X12ClaimError>>> {
        if let Some(mut open) = self.open {
            open.say(self.last_segment, X12Problem::Cut);
            return Some(Err(open.errors));
        }
        self.is_cut.then(|| {
            Err(vec![X12ClaimError {
                claim: "".into(),
                segment: self.last_segment,
                problem: X12Problem::Cut,
            }])
        })
    }

    fn close(&mut self) -> Option<Result<X12Claim, Vec<X12ClaimError>>> {
        let mut open = self.open.take()?;
        if !open.errors.is_empty() {
            return Some(Err(open.errors));
        }
        let claim = &mut open.claim;
        claim.date = claim.date.or(claim.lines.iter().find_map(|line| line.date));
        Some(Ok(open.claim))
    }

    fn begin(&self, segment: &Segment<'_>) -> OpenClaim {
        OpenClaim {
            claim: X12Claim {
                segment: segment.number,
                id: segment.element(1).into(),
                form: self.form,
                payer: self.around.payer,
                provider: self.around.billing_provider.clone(),
                birth: self.around.birth,
                sex: self.around.sex,
                date: None,
                diagnoses: Vec::new(),
                lines: Vec::new(),
            },
            line_number: None,
            errors: Vec::new(),
        }
    }

    fn read_around(&mut self, segment: &Segment<'_>) {
        match segment.id {
            "GS" => self.set_form(segment.element(8)),
            "ST" => {
                self.around = Around::default();
                self.set_form(segment.element(3));
            }
            "HL" if segment.element(3) == "20" => self.around = Around::default(),
            // A subscriber or a patient is a person of its own.
            "HL" => (self.around.birth, self.around.sex) = (None, None),
            "NM1" if segment.element(1) == "85" => {
                self.around.billing_provider = identifier(segment);
            }
            "SBR" => {
                self.around.payer = match segment.element(9) {
                    "MA" | "MB" => Some(Payer::Medicare),
                    "MC" => Some(Payer::Medicaid),
                    _ => None,
                };
            }
            "DMG" => {
                self.around.birth = day(segment.element(2));
                self.around.sex = segment.element(3).chars().next();
            }
            _ => {}
        }
    }

    fn set_form(&mut self, guide: &str) {
        if guide.contains("X223") {
            self.form = ClaimForm::Institutional;
        } else if guide.contains("X222") {
            self.form = ClaimForm::Professional;
        }
    }
}

impl OpenClaim {
    fn say(&mut self, segment: u64, problem: X12Problem) {
        self.errors.push(X12ClaimError {
            claim: self.claim.id.clone(),
            segment,
            problem,
        });
    }

    fn expected(
        &mut self,
        segment: u64,
        element: &'static str,
        found: &str,
        expected: &'static str,
    ) {
        let found = found.chars().take(20).collect();
        self.say(
            segment,
            X12Problem::Element {
                element,
                found,
                expected,
            },
        );
    }

    fn read(&mut self, segment: &Segment<'_>) {
        match segment.id {
            "HI" => self.read_diagnoses(segment),
            "LX" => self.line_number = Some(segment.element(1).into()),
            "SV1" => self.read_line(segment, "units of SV1", (1, 3)),
            "SV2" => self.read_line(segment, "units of SV2", (2, 4)),
            "DTP" => self.read_day(segment),
            "NM1" if segment.element(1) == "82" => {
                let identifier = identifier(segment);
                match self.claim.lines.last_mut() {
                    Some(line) => line.provider = identifier,
                    None => self.claim.provider = identifier.or(self.claim.provider.take()),
                }
            }
            _ => {}
        }
    }

    /// `HI*ABK:E119*ABF:I10`; codes of other lists (procedures, occurrences, values) are passed over.
    fn read_diagnoses(&mut self, segment: &Segment<'_>) {
        for element in segment.elements() {
            let mut components = segment.components(element);
            let kind = match components.next().unwrap_or("") {
                "ABK" => X12DiagnosisKind::Principal,
                "ABF" => X12DiagnosisKind::Other,
                "ABJ" => X12DiagnosisKind::Admitting,
                "APR" => X12DiagnosisKind::ReasonForVisit,
                "ABN" => X12DiagnosisKind::ExternalCause,
                _ => continue,
            };
            match components.next().unwrap_or("") {
                "" => self.expected(
                    segment.number,
                    "diagnosis of HI",
                    element,
                    "a qualifier and a code",
                ),
                code => self.claim.diagnoses.push(X12Diagnosis {
                    kind,
                    code: code.into(),
                }),
            }
        }
    }

    /// `SV1*HC:code:modifiers*charge*basis*quantity*place**pointers`, or
    /// `SV2*revenue*HC:code:modifiers*charge*basis*quantity`.
    fn read_line(
        &mut self,
        segment: &Segment<'_>,
        units_name: &'static str,
        (procedure, basis): (usize, usize),
    ) {
        let mut components = segment.components(segment.element(procedure)).skip(1);
        let code = components.next().unwrap_or("");
        let modifiers = components.take(4).filter(|modifier| !modifier.is_empty());
        let units = segment.element(basis + 1);
        if !is_decimal(units) {
            self.expected(segment.number, units_name, units, "a number");
        }
        let mut pointers = Vec::new();
        if segment.id == "SV1" {
            for pointer in segment.components(segment.element(7)) {
                match pointer.parse() {
                    Ok(number @ 1..=12) => pointers.push(number),
                    _ if pointer.is_empty() => {}
                    _ => self.expected(
                        segment.number,
                        "diagnosis pointer of SV1",
                        pointer,
                        "1 to 12",
                    ),
                }
            }
            if code.is_empty() {
                self.expected(
                    segment.number,
                    "procedure of SV1",
                    segment.element(1),
                    "a qualifier and a code",
                );
            }
        }
        let place = (self.claim.lines.len() + 1).to_string();
        self.claim.lines.push(X12Line {
            segment: segment.number,
            number: self.line_number.take().unwrap_or(place.into()),
            code: code.into(),
            modifiers: modifiers.map(Into::into).collect(),
            units: units.into(),
            unit_basis: segment.element(basis).into(),
            date: None,
            diagnosis_pointers: pointers,
            provider: None,
        });
    }

    /// `DTP*472*D8*day` or `DTP*472*RD8*first-last` of a line, `DTP*434` of the claim.
    fn read_day(&mut self, segment: &Segment<'_>) {
        let text = segment.element(3);
        let first = text.split_once('-').map_or(text, |(first, _)| first);
        match (segment.element(1), self.claim.lines.last_mut()) {
            ("472", Some(line)) => line.date = day(first),
            ("472" | "434", _) => self.claim.date = day(first),
            _ => return,
        }
        if day(first).is_none() {
            let element = if segment.element(1) == "472" {
                "day of DTP*472"
            } else {
                "day of DTP*434"
            };
            self.expected(segment.number, element, first, "YYYYMMDD");
        }
    }
}

/// The identifier of `NM1`.
fn identifier(segment: &Segment<'_>) -> Option<Box<str>> {
    Some(segment.element(9))
        .filter(|text| !text.is_empty())
        .map(Into::into)
}

/// Reads YYYYMMDD.
fn day(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year = text.get(..4)?.parse().ok()?;
    let month = text.get(4..6)?.parse().ok()?;
    Date::new(year, month, text.get(6..)?.parse().ok()?).ok()
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.matches('.').count() <= 1
}
