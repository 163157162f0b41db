//! Numbers written as words or as Roman numerals.

/// Words after which a single Roman `I`, `V` or `X` is a number, and a single `a` a letter.
const NUMBERED: [&str; 22] = [
    "type",
    "stage",
    "class",
    "grade",
    "group",
    "factor",
    "degree",
    "phase",
    "level",
    "bipolar",
    "mobitz",
    "category",
    "vitamin",
    "hepatitis",
    "influenza",
    "hemophilia",
    "haemophilia",
    "streptococcus",
    "immunoglobulin",
    "zone",
    "collagen",
    "subtype",
];

/// Whether a number or a letter that names a kind may follow `word`.
pub fn names_kinds(word: &str) -> bool {
    NUMBERED.contains(&word)
}

/// The digits that `word` stands for, given the word before it.
///
/// With `last`, the word ends the text in capitals: `Neurofibromatosis I`.
/// `iv` is a number only after such a word: alone it is the intravenous way.
pub(super) fn digits(word: &str, previous: Option<&str>, last: bool) -> Option<&'static str> {
    let numbered = last || previous.is_some_and(names_kinds);
    let digits = match word {
        "one" => "1",
        "two" => "2",
        "three" => "3",
        "four" => "4",
        "five" => "5",
        "six" => "6",
        "seven" => "7",
        "eight" => "8",
        "nine" => "9",
        "ten" => "10",
        "first" => "1st",
        "second" => "2nd",
        "third" => "3rd",
        "fourth" => "4th",
        "fifth" => "5th",
        "sixth" => "6th",
        "seventh" => "7th",
        "eighth" => "8th",
        "ninth" => "9th",
        "tenth" => "10th",
        "eleventh" => "11th",
        "twelfth" => "12th",
        "ii" => "2",
        "iii" => "3",
        "vi" => "6",
        "vii" => "7",
        "viii" => "8",
        "ix" => "9",
        "xi" => "11",
        "xii" => "12",
        "xiii" => "13",
        "i" if numbered => "1",
        "iv" if numbered => "4",
        "v" if numbered => "5",
        "x" if numbered => "10",
        _ => return None,
    };
    Some(digits)
}
