//! Tables of service lines: which column holds what, and rows as claims.

use codebook::edits::{Age, Claim, ClaimDefaults, ClaimLine, Patient, Units, day, sex};
use codesets::edit::{Payer, Setting};
use csv::StringRecord;

/// What a column may hold, by its title.
const TITLES: [&str; 17] = [
    "claim",
    "date",
    "setting",
    "payer",
    "provider",
    "age_days",
    "age_years",
    "birth_date",
    "sex",
    "diagnoses",
    "line",
    "code",
    "modifiers",
    "units",
    "line_date",
    "line_provider",
    "pointers",
];

/// The place of each title of [`TITLES`] in a table.
pub(super) struct Columns([Option<usize>; TITLES.len()]);

impl Columns {
    /// Whether a line is the head of such a table.
    pub(super) fn looks_like(line: &[u8]) -> bool {
        let mut titles = line
            .split(|byte| *byte == b',')
            .map(|title| title.trim_ascii().to_ascii_lowercase());
        titles.any(|title| title.trim_ascii() == b"code" || title == b"\"code\"")
    }

    /// Reads the head of a table.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub(super) fn read(header: &StringRecord) -> Result<Columns, String> {
        let mut columns = Columns([None; TITLES.len()]);
        for (place, title) in header.iter().enumerate() {
            let title = title.trim_start_matches('\u{feff}').to_ascii_lowercase();
            let known = TITLES.iter().position(|known| *known == title);
            let slot = known.and_then(|known| columns.0.get_mut(known));
            let Some(slot) = slot else {
                return Err(format!(
                    "column {} of the table has a title that is not one of {}",
                    place + 1,
                    TITLES.join(", ")
                ));
            };
            if slot.replace(place).is_some() {
                return Err(format!("two columns of the table have the title `{title}`"));
            }
        }
        if !columns.has("code") {
            return Err("the table has no column with the title `code`".to_owned());
        }
        Ok(columns)
    }

    fn has(&self, title: &str) -> bool {
        self.place(title).is_some()
    }

    fn place(&self, title: &str) -> Option<usize> {
        let known = TITLES.iter().position(|known| *known == title)?;
        *self.0.get(known)?
    }

    /// What a row has under a title; `None` if that is nothing.
    fn get<'a>(&self, row: &'a StringRecord, title: &str) -> Option<&'a str> {
        row.get(self.place(title)?).filter(|text| !text.is_empty())
    }

    /// The name of a row's claim.
    pub(super) fn claim<'a>(&self, row: &'a StringRecord) -> Option<&'a str> {
        self.get(row, "claim")
    }

    /// Whether two rows that follow each other are lines of one claim: rows without a name stand alone.
    pub(super) fn are_one_claim(&self, before: &StringRecord, row: &StringRecord) -> bool {
        let claim = self.claim(row);
        claim.is_some() && claim == self.claim(before)
    }

    /// The claim of rows that belong together; what is said of the claim is taken from the first.
    ///
    /// # Errors
    /// The line and the column of what cannot be read.
    pub(super) fn claim_of(
        &self,
        rows: &[(u64, &StringRecord)],
        defaults: ClaimDefaults,
    ) -> Result<Claim, (u64, String)> {
        let Some((at, first)) = rows.first().copied() else {
            return Err((0, "the claim has no row".to_owned()));
        };
        let wrong = |what: &str| (at, format!("column {what}"));
        let of_day = |title: &str| {
            let text = self.get(first, title);
            text.map(|text| day(text).ok_or_else(|| wrong(&format!("{title}: not YYYY-MM-DD"))))
                .transpose()
        };
        let date = of_day("date")?.unwrap_or(defaults.date);
        let setting = self.get(first, "setting").map(|id| {
            let wrong = || wrong("setting: expected practitioner, outpatient_hospital or dme");
            Setting::from_id(id).ok_or_else(wrong)
        });
        let payer = self.get(first, "payer").map(|id| {
            let wrong = || wrong("payer: expected medicare or medicaid");
            Payer::from_id(id).ok_or_else(wrong)
        });
        let born = of_day("birth_date")?.map(|birth| {
            let wrong = || wrong("birth_date: it lies after the day of service");
            Age::on(date, birth).ok_or_else(wrong)
        });
        let number = |title: &str| {
            let text = self.get(first, title);
            let wrong = || wrong(&format!("{title}: not a whole number"));
            text.map(|text| text.parse::<u32>().map_err(|_| wrong()))
                .transpose()
        };
        let years = number("age_years")?
            .map(|years| u16::try_from(years).map_err(|_| wrong("age_years: no age")));
        let age = born
            .transpose()?
            .or(number("age_days")?.map(Age::from_days))
            .or(years.transpose()?.map(|years| Age { years }));
        let diagnoses = self.get(first, "diagnoses").unwrap_or("");
        let mut claim = Claim {
            date,
            setting: setting.transpose()?.unwrap_or(defaults.setting),
            payer: payer.transpose()?.unwrap_or(defaults.payer),
            provider: self.get(first, "provider").map(str::to_owned),
            patient: Patient {
                age,
                sex: sex(self.get(first, "sex").unwrap_or(""))
                    .map_err(|_| wrong("sex: expected F, M or U"))?,
            },
            diagnoses: listed(diagnoses).map(str::to_owned).collect(),
            lines: Vec::with_capacity(rows.len()),
        };
        for (at, row) in rows {
            let number = claim.lines.len() + 1;
            let line = self
                .line(row, number)
                .map_err(|what| (*at, format!("column {what}")))?;
            claim.lines.push(line);
        }
        Ok(claim)
    }

    fn line(&self, row: &StringRecord, number: usize) -> Result<ClaimLine, String> {
        let units = match self.get(row, "units") {
            Some(text) => text
                .parse::<Units>()
                .map_err(|error| format!("units: {error}"))?,
            None => Units::whole(1),
        };
        let date = match self.get(row, "line_date") {
            Some(text) => Some(day(text).ok_or_else(|| "line_date: not YYYY-MM-DD".to_owned())?),
            None => None,
        };
        let pointers = listed(self.get(row, "pointers").unwrap_or(""));
        let pointers: Result<Vec<usize>, _> = pointers.map(str::parse).collect();
        Ok(ClaimLine {
            id: self
                .get(row, "line")
                .map_or_else(|| number.to_string(), str::to_owned),
            code: self
                .get(row, "code")
                .ok_or_else(|| "code: a line needs the code of its service".to_owned())?
                .to_owned(),
            modifiers: listed(self.get(row, "modifiers").unwrap_or(""))
                .map(str::to_owned)
                .collect(),
            units,
            date,
            provider: self.get(row, "line_provider").map(str::to_owned),
            diagnosis_pointers: pointers.map_err(|_| "pointers: not whole numbers".to_owned())?,
        })
    }
}

/// The parts of a list in one field.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ';', '|']).filter(|part| !part.is_empty())
}
