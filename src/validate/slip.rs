//! How a text that is no code differs from a code that it looks like, and how a code
//! that is one was written.

use codesets::Code;
use serde::Serialize;
use utoipa::ToSchema;

/// How a code was written otherwise than its publisher prints it, though it is read all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Its dot is missing.
    MissingDot,
    /// It has a dot where none belongs.
    MisplacedDot,
    /// Its letters are small.
    LowerCase,
    /// There are blanks around it.
    Blanks,
}

impl Look {
    /// What is unusual about `text`, which was read as `code`.
    pub(super) fn of(text: &str, code: &Code) -> Vec<Look> {
        let printed = code.to_string();
        let plain = text.trim();
        let dot = |text: &str| text.find('.');
        let mut looks = Vec::new();
        match (dot(plain), dot(&printed)) {
            (None, Some(_)) => looks.push(Look::MissingDot),
            (found, wanted) if found != wanted || plain.len() > printed.len() => {
                looks.push(Look::MisplacedDot);
            }
            _ => {}
        }
        if plain.contains(|c: char| c.is_ascii_lowercase()) {
            looks.push(Look::LowerCase);
        }
        if plain.len() != text.len() {
            looks.push(Look::Blanks);
        }
        looks
    }
}

/// The slip of the pen that makes one code of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Slip {
    /// A letter stands for a digit or a digit for a letter: `O` for `0`, `I` or `l` for `1`.
    LetterForDigit,
    /// Two characters that stand side by side are swapped.
    Transposed,
    /// One character is another.
    WrongCharacter,
    /// One character is missing.
    MissingCharacter,
    /// There is one character too many.
    ExtraCharacter,
}

impl Slip {
    /// The slip that turned the canonical code `meant` into `typed`; `None` if none alone did.
    pub(super) fn between(typed: &str, meant: &str) -> Option<Slip> {
        let (a, b) = (typed.as_bytes(), meant.as_bytes());
        if a.len() != b.len() {
            return match (a.len() + 1 == b.len(), a.len() == b.len() + 1) {
                (true, _) => lacks_one(a, b).then_some(Slip::MissingCharacter),
                (_, true) => lacks_one(b, a).then_some(Slip::ExtraCharacter),
                _ => None,
            };
        }
        let differing: Vec<usize> = (0..a.len()).filter(|at| a[*at] != b[*at]).collect();
        if !differing.is_empty() && differing.iter().all(|at| alike(a[*at], b[*at])) {
            return Some(Slip::LetterForDigit);
        }
        match *differing {
            [_] => Some(Slip::WrongCharacter),
            [first, second]
                if second == first + 1 && a[first] == b[second] && a[second] == b[first] =>
            {
                Some(Slip::Transposed)
            }
            _ => None,
        }
    }

    /// What happened, in words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Slip::LetterForDigit => "a letter stands for a digit or a digit for a letter",
            Slip::Transposed => "two characters are swapped",
            Slip::WrongCharacter => "one character is another",
            Slip::MissingCharacter => "one character is missing",
            Slip::ExtraCharacter => "there is one character too many",
        }
    }
}

/// Whether `short` is `long` without one of its characters.
fn lacks_one(short: &[u8], long: &[u8]) -> bool {
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    short.get(same..) == long.get(same + 1..)
}

/// Whether a reader may take one character for the other.
fn alike(a: u8, b: u8) -> bool {
    [
        (b'O', b'0'),
        (b'I', b'1'),
        (b'L', b'1'),
        (b'S', b'5'),
        (b'Z', b'2'),
        (b'B', b'8'),
    ]
    .iter()
    .any(|(letter, digit)| (a, b) == (*letter, *digit) || (b, a) == (*letter, *digit))
}

#[cfg(test)]
mod tests {
    use codesets::{Code, CodeSystem};

    use super::{Look, Slip};

    #[track_caller]
    fn check(typed: &str, meant: &str, expected: Option<Slip>) {
        assert_eq!(Slip::between(typed, meant), expected, "{typed} for {meant}");
    }

    #[test]
    fn a_slip_is_told_by_what_it_did() {
        check("E1O9", "E109", Some(Slip::LetterForDigit));
        check("EI1OO", "E1100", Some(Slip::LetterForDigit));
        check("E191", "E119", Some(Slip::Transposed));
        check("E117", "E119", Some(Slip::WrongCharacter));
        check("E19", "E119", Some(Slip::MissingCharacter));
        check("E1119", "E119", Some(Slip::ExtraCharacter));
        check("E11", "E1162", None);
        check("Q9Z8", "E119", None);
        check("", "E", Some(Slip::MissingCharacter));
        check("E119", "E119", None);
    }

    #[test]
    fn a_code_is_read_however_it_is_written() {
        let looks = |text: &str| {
            Code::parse(CodeSystem::Icd10Cm, text)
                .map(|code| Look::of(text, &code))
                .unwrap()
        };
        assert_eq!(looks("E11.9"), []);
        assert_eq!(looks("E119"), [Look::MissingDot]);
        assert_eq!(looks("E1.19"), [Look::MisplacedDot]);
        assert_eq!(looks("E11.9."), [Look::MisplacedDot]);
        assert_eq!(
            looks(" e119"),
            [Look::MissingDot, Look::LowerCase, Look::Blanks]
        );
        assert_eq!(looks("E11"), []);
    }
}
