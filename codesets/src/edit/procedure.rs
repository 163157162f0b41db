//! Procedure codes and modifiers as claims and edit tables print them.

use std::fmt;

use crate::CodeSystem;

/// A five-character procedure code, HCPCS Level II or CPT-style.
///
/// Edit tables and claims mix both systems in one column, so this is a code
/// without its book: five letters and digits, in upper case. Codes order as
/// their texts do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcedureCode(u32);

/// Why a text is not a procedure code. The text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProcedureCodeError {
    /// There are not exactly five characters.
    #[error("the code has {found} characters, but procedure codes have 5")]
    Length {
        /// How many characters there are.
        found: usize,
    },
    /// A character is neither a letter A-Z nor a digit.
    #[error("procedure codes hold letters A-Z and digits, but character {position} is neither")]
    Character {
        /// The 1-based position of the first such character.
        position: usize,
    },
}

/// One more than the greatest number of a code.
const CODE_COUNT: u32 = 36 * 36 * 36 * 36 * 36;

impl ProcedureCode {
    /// Reads `text` as a procedure code: any case, blanks around it ignored.
    ///
    /// # Errors
    /// When the text is not five letters and digits.
    pub fn parse(text: &str) -> Result<ProcedureCode, ProcedureCodeError> {
        ProcedureCode::from_bytes(text.trim().as_bytes())
    }

    /// Reads `bytes` as a procedure code: any case, nothing around it.
    ///
    /// # Errors
    /// When the bytes are not five letters and digits.
    pub fn from_bytes(bytes: &[u8]) -> Result<ProcedureCode, ProcedureCodeError> {
        let bytes: [u8; 5] = bytes.try_into().map_err(|_| ProcedureCodeError::Length {
            found: String::from_utf8_lossy(bytes).chars().count(),
        })?;
        let mut number = 0;
        for (index, byte) in bytes.into_iter().enumerate() {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'A'..=b'Z' => byte - b'A' + 10,
                b'a'..=b'z' => byte - b'a' + 10,
                _ => {
                    return Err(ProcedureCodeError::Character {
                        position: index + 1,
                    });
                }
            };
            number = number * 36 + u32::from(digit);
        }
        Ok(ProcedureCode(number))
    }

    /// The code as a number below 36⁵, in the order of the texts.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The code whose [`ProcedureCode::number`] is `number`, if there is one.
    pub fn from_number(number: u32) -> Option<ProcedureCode> {
        (number < CODE_COUNT).then_some(ProcedureCode(number))
    }

    /// The five characters.
    pub fn text(self) -> [u8; 5] {
        let mut rest = self.0;
        let mut text = [b'0'; 5];
        for byte in text.iter_mut().rev() {
            let digit = u8::try_from(rest % 36).unwrap_or(0);
            *byte = if digit < 10 {
                b'0' + digit
            } else {
                b'A' + digit - 10
            };
            rest /= 36;
        }
        text
    }

    /// The book the code's shape belongs to: a leading letter is HCPCS Level II,
    /// anything else is CPT-style.
    pub fn system(self) -> CodeSystem {
        if self.text()[0].is_ascii_alphabetic() {
            CodeSystem::Hcpcs
        } else {
            CodeSystem::Cpt
        }
    }
}

impl fmt::Display for ProcedureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl fmt::Debug for ProcedureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProcedureCode({self})")
    }
}

/// A two-character modifier of a procedure code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Modifier([u8; 2]);

/// The modifiers that may bypass a PTP edit with indicator 1, in CMS's order
/// (NCCI Policy Manual, chapter I, section E): anatomic, global surgery, other.
///
/// Modifiers 22, 76 and 77 are not among them and bypass nothing. CMS accepts
/// 59 and XE, XP, XS, XU on either code of the pair.
pub const PTP_ASSOCIATED_MODIFIERS: [Modifier; 44] = [
    Modifier(*b"E1"),
    Modifier(*b"E2"),
    Modifier(*b"E3"),
    Modifier(*b"E4"),
    Modifier(*b"FA"),
    Modifier(*b"F1"),
    Modifier(*b"F2"),
    Modifier(*b"F3"),
    Modifier(*b"F4"),
    Modifier(*b"F5"),
    Modifier(*b"F6"),
    Modifier(*b"F7"),
    Modifier(*b"F8"),
    Modifier(*b"F9"),
    Modifier(*b"TA"),
    Modifier(*b"T1"),
    Modifier(*b"T2"),
    Modifier(*b"T3"),
    Modifier(*b"T4"),
    Modifier(*b"T5"),
    Modifier(*b"T6"),
    Modifier(*b"T7"),
    Modifier(*b"T8"),
    Modifier(*b"T9"),
    Modifier(*b"LT"),
    Modifier(*b"RT"),
    Modifier(*b"LC"),
    Modifier(*b"LD"),
    Modifier(*b"RC"),
    Modifier(*b"LM"),
    Modifier(*b"RI"),
    Modifier(*b"24"),
    Modifier(*b"25"),
    Modifier(*b"57"),
    Modifier(*b"58"),
    Modifier(*b"78"),
    Modifier(*b"79"),
    Modifier(*b"27"),
    Modifier(*b"59"),
    Modifier(*b"91"),
    Modifier(*b"XE"),
    Modifier(*b"XS"),
    Modifier(*b"XP"),
    Modifier(*b"XU"),
];

impl Modifier {
    /// Reads two letters or digits in any case; `None` for anything else.
    pub fn parse(text: &str) -> Option<Modifier> {
        let bytes: [u8; 2] = text.trim().as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_alphanumeric)
            .then(|| Modifier(bytes.map(|byte| byte.to_ascii_uppercase())))
    }

    /// Whether the modifier is on CMS's list of [`PTP_ASSOCIATED_MODIFIERS`].
    pub fn is_ptp_associated(self) -> bool {
        PTP_ASSOCIATED_MODIFIERS.contains(&self)
    }
}

impl fmt::Display for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(str::from_utf8(&self.0).unwrap_or_default())
    }
}

impl fmt::Debug for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Modifier({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{Modifier, PTP_ASSOCIATED_MODIFIERS, ProcedureCode};
    use crate::CodeSystem;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let printed = match ProcedureCode::parse(text) {
            Ok(code) => format!("{code} {}", code.system()),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(printed, expected);
    }

    #[test]
    fn a_code_is_five_letters_or_digits() {
        check("j0001", "J0001 HCPCS");
        check(" 00001 ", "00001 CPT");
        check("0001a", "0001A CPT");
        check(
            "123",
            "error: the code has 3 characters, but procedure codes have 5",
        );
        check(
            "12é4",
            "error: procedure codes hold letters A-Z and digits, but character 3 is neither",
        );
    }

    #[test]
    fn numbers_order_as_texts_do_and_are_read_back() {
        let texts = ["00000", "0001A", "00100", "99999", "A0000", "ZZZZZ"];
        let codes: Vec<ProcedureCode> = texts
            .iter()
            .filter_map(|text| ProcedureCode::parse(text).ok())
            .collect();
        assert!(codes.is_sorted());
        for (code, text) in codes.iter().zip(texts) {
            assert_eq!(code.to_string(), text);
            assert_eq!(ProcedureCode::from_number(code.number()), Some(*code));
        }
        assert_eq!(ProcedureCode::from_number(u32::MAX), None);
        let hcpcs = ProcedureCode::parse("A0000").map(ProcedureCode::system);
        assert_eq!(hcpcs, Ok(CodeSystem::Hcpcs));
    }

    #[test]
    fn only_listed_modifiers_bypass() {
        let bypasses = |text: &str| Modifier::parse(text).is_some_and(Modifier::is_ptp_associated);
        for text in ["59", "xu", "25", "E4", "F9", "TA", "RI"] {
            assert!(bypasses(text), "{text}");
        }
        for text in ["22", "76", "77", "26", "TC", "F10", ""] {
            assert!(!bypasses(text), "{text}");
        }
        let mut distinct = PTP_ASSOCIATED_MODIFIERS.to_vec();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), PTP_ASSOCIATED_MODIFIERS.len());
    }
}
