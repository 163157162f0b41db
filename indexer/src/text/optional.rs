//! Words of a term that a query may leave out, by the conventions of its system.
//!
//! In every system words in parentheses and words for want of detail are
//! optional ([`Analyzer`]). In HCPCS a dose and the form of a drug are, and
//! parentheses hold what sets a code apart; in ICD-10-PCS the approach is.

use codesets::CodeSystem;

use super::fold::Word;
use super::{Analyzer, Token, words};

/// Words that a dose is counted in.
const UNITS: [&str; 34] = [
    "mg",
    "mgs",
    "milligram",
    "milligrams",
    "mcg",
    "microgram",
    "micrograms",
    "ml",
    "cc",
    "l",
    "liter",
    "g",
    "gm",
    "gms",
    "gram",
    "grams",
    "ug",
    "iu",
    "i",
    "u",
    "unit",
    "units",
    "meq",
    "millicurie",
    "millicuries",
    "mci",
    "microcurie",
    "microcuries",
    "uci",
    "kg",
    "million",
    "cells",
    "vial",
    "mmol",
];

/// Words that lead to a dose.
const LEADS: [&str; 8] = ["per", "up", "to", "each", "dose", "study", "unit", "than"];

/// How a drug is given: the first word of most titles of drugs.
const FORMS: [&str; 5] = ["injection", "injections", "inj", "infusion", "infus"];

/// What a drug's base is bound to: a drug is asked for without it.
const SALTS: [&str; 20] = [
    "sodium",
    "phosphate",
    "hydrochloride",
    "hcl",
    "sulfate",
    "sulphate",
    "succinate",
    "mesylate",
    "citrate",
    "tartrate",
    "maleate",
    "fumarate",
    "lactate",
    "hydrobromide",
    "besylate",
    "tosylate",
    "bromide",
    "edisylate",
    "nitrate",
    "tromethamine",
];

/// The tokens of a term of `system`.
pub(crate) fn term_tokens(analyzer: &Analyzer, system: CodeSystem, text: &str) -> Vec<Token> {
    match system {
        CodeSystem::Hcpcs => hcpcs_tokens(analyzer, text),
        CodeSystem::Icd10Pcs => pcs_tokens(analyzer, text),
        CodeSystem::Icd10Cm
        | CodeSystem::Cpt
        | CodeSystem::Icd11Mms
        | CodeSystem::Icd10Who
        | CodeSystem::Icd9Cm => analyzer.tokens(text),
    }
}

fn hcpcs_tokens(analyzer: &Analyzer, text: &str) -> Vec<Token> {
    // Same length, so that tokens lie where they lay; a plural in parentheses is no word.
    let plain = text.replace("(s)", "   ").replace("(es)", "    ");
    let plain = plain.replace(['(', ')', '[', ']'], " ");
    let mut tokens = analyzer.tokens(&plain);
    let written = words(&plain);
    let mut optional = dose_words(&written);
    optional.extend(salts(&written));
    optional.extend(exclusions(&written));
    let is_form = |token: &Token| {
        token.start == 0
            && written
                .first()
                .is_some_and(|word| FORMS.contains(&word.text.as_str()))
            || token.start > 0
                && written.last().is_some_and(|word| {
                    word.start == token.start && FORMS.contains(&word.text.as_str())
                })
    };
    let dose = |token: &Token| optional.contains(&token.start);
    let leaves_some = tokens
        .iter()
        .any(|token| !token.optional && !dose(token) && !is_form(token));
    if leaves_some {
        for token in &mut tokens {
            token.optional |= dose(token) || is_form(token);
        }
    }
    tokens
}

/// Where the words of doses begin: `per 10 mg`, `up to 1 gram`, `5mg`, `250 cc`.
fn dose_words(written: &[Word]) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for (place, word) in written.iter().enumerate() {
        let number = word.text.starts_with(|c: char| c.is_ascii_digit());
        let letters = word
            .text
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let next = written.get(place + 1).map_or("", |next| next.text.as_str());
        let is_dose = number
            && ((letters.is_empty() && UNITS.contains(&next))
                || (!letters.is_empty() && UNITS.contains(&letters)));
        let is_unit = written.get(place.wrapping_sub(1)).is_some_and(|before| {
            let per = before.text == "per";
            UNITS.contains(&word.text.as_str()) && (per || found.contains(&before.start))
        });
        if is_dose {
            for before in written[..place].iter().rev() {
                if !LEADS.contains(&before.text.as_str()) {
                    break;
                }
                found.push(before.start);
            }
        }
        if is_dose || is_unit {
            found.push(word.start);
        }
    }
    found
}

/// Where salts stand behind what they are salts of.
fn salts(written: &[Word]) -> impl Iterator<Item = usize> {
    let is_salt = |word: &Word| SALTS.contains(&word.text.as_str());
    let is_form = |word: &Word| FORMS.contains(&word.text.as_str());
    let base = written
        .iter()
        .position(|word| !is_salt(word) && !is_form(word));
    written
        .iter()
        .enumerate()
        .filter(move |(place, word)| is_salt(word) && base.is_some_and(|base| *place > base))
        .map(|(_, word)| word.start)
}

/// Where a title says that it is not for biosimilars, which have codes of their own.
fn exclusions(written: &[Word]) -> impl Iterator<Item = usize> {
    written
        .windows(2)
        .filter(|pair| pair[0].text.starts_with("exclud") && pair[1].text.starts_with("biosimilar"))
        .flat_map(|pair| [pair[0].start, pair[1].start])
}

fn pcs_tokens(analyzer: &Analyzer, text: &str) -> Vec<Token> {
    let mut tokens = analyzer.tokens(text);
    let mut start = 0;
    for part in text.split_inclusive(", ") {
        let bare = part.trim_end_matches(", ");
        let end = start + part.len();
        if start > 0 && (bare.ends_with(" Approach") || bare.starts_with("Via Natural")) {
            for token in tokens
                .iter_mut()
                .filter(|token| (start..end).contains(&token.start))
            {
                token.optional = true;
            }
        }
        start = end;
    }
    // Every extirpation is of matter.
    if let Some(at) = text.find(" of Matter from ") {
        for token in tokens.iter_mut().filter(|token| token.start == at + 4) {
            token.optional = true;
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use codesets::CodeSystem;
    use codesets::vocab::Vocabulary;

    use super::term_tokens;
    use crate::text::Analyzer;

    /// The stems, those a query may leave out in parentheses.
    #[track_caller]
    fn check(system: CodeSystem, text: &str, expected: &str) {
        let analyzer = Analyzer::new(&Vocabulary::default());
        let shown: Vec<String> = term_tokens(&analyzer, system, text)
            .into_iter()
            .map(|token| {
                if token.optional {
                    format!("({})", token.text)
                } else {
                    token.text
                }
            })
            .collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn doses_and_forms_of_drugs_are_optional() {
        check(
            CodeSystem::Hcpcs,
            "Injection, invented acid, per 10 mg",
            "(inject) invent acid (per) (10) (mg)",
        );
        check(
            CodeSystem::Hcpcs,
            "Inventol hcl 5mg inj",
            "inventol (hcl) (5mg) (inj)",
        );
        check(
            CodeSystem::Hcpcs,
            "Injection, inventol sodium phosphate, 1 mg",
            "(inject) inventol (sodium) (phosphat) (1) (mg)",
        );
        check(CodeSystem::Hcpcs, "Sodium bicarbonate", "sodium bicarbon");
        check(
            CodeSystem::Hcpcs,
            "Quillgrastim, excludes biosimilars",
            "quillgrastim (exclud) (biosimilar)",
        );
        check(CodeSystem::Hcpcs, "Splint (wing), each", "splint wing each");
        check(CodeSystem::Hcpcs, "Infusion", "infus");
    }

    #[test]
    fn approaches_are_optional() {
        check(
            CodeSystem::Icd10Pcs,
            "Excision of Wing, Percutaneous Endoscopic Approach, Diagnostic",
            "excis wing (percutan) (endoscop) (approach) diagnost",
        );
        check(
            CodeSystem::Icd10Pcs,
            "Extirpation of Matter from Wing, Via Natural or Artificial Opening",
            "extirp (matter) wing (via) (natur) (artifici) (open)",
        );
    }
}
