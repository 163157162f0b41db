//! What a title or a query says on the axes of its group: side, trimester,
//! encounter, intent, fetus.

use indexer::text::{AxisWord, axis_word};

/// A value on each axis; 0 where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Axes {
    /// 1 right, 2 left, 3 both.
    pub(super) side: u8,
    /// 1 to 3.
    pub(super) trimester: u8,
    /// 1 initial, 2 subsequent, 3 sequela.
    pub(super) encounter: u8,
    /// 1 closed, 2 open.
    pub(super) wound: u8,
    /// 1 routine, 2 delayed, 3 nonunion, 4 malunion.
    pub(super) healing: u8,
    /// 1 accidental, 2 self-harm, 3 assault, 4 undetermined, 5 adverse effect, 6 underdosing.
    pub(super) intent: u8,
    /// 1 to 5 the fetus' number, 9 another.
    pub(super) fetus: u8,
}

impl Axes {
    /// Reads stems in order. `title` says whether they are a title's: there a
    /// number of fetus or an intent stands in fixed words.
    pub(super) fn of<'a>(stems: impl Iterator<Item = &'a str>, title: bool) -> Axes {
        let stems: Vec<&str> = stems.collect();
        let has = |wanted: &str| stems.contains(&wanted);
        let mut axes = Axes::default();
        for (place, stem) in stems.iter().enumerate() {
            let Some(word) = axis_word(stem) else {
                continue;
            };
            match word {
                // "Right and left" is both.
                AxisWord::Right => axes.side = if axes.side == 2 { 3 } else { 1 },
                AxisWord::Left => axes.side = if axes.side == 1 { 3 } else { 2 },
                AxisWord::Both => axes.side = 3,
                AxisWord::Trimester => {
                    let before = place.checked_sub(1).and_then(|before| stems.get(before));
                    if let Some(AxisWord::Ordinal(ordinal)) = before.and_then(|stem| axis_word(stem)) {
                        axes.trimester = ordinal;
                    }
                }
                AxisWord::Initial if !title || has("encount") => axes.encounter = 1,
                AxisWord::Subsequent if !title || has("encount") => axes.encounter = 2,
                AxisWord::Sequela => axes.encounter = 3,
                AxisWord::Closed if has("fractur") => axes.wound = 1,
                AxisWord::Open if has("fractur") => axes.wound = 2,
                AxisWord::Routine => axes.healing = 1,
                AxisWord::Delayed if has("heal") || has("union") => axes.healing = 2,
                AxisWord::Nonunion => axes.healing = 3,
                AxisWord::Malunion => axes.healing = 4,
                AxisWord::Accidental if axes.intent == 0 => axes.intent = 1,
                AxisWord::SelfHarm => axes.intent = 2,
                AxisWord::Assault => axes.intent = 3,
                AxisWord::Undetermined => axes.intent = 4,
                AxisWord::AdverseEffect => axes.intent = 5,
                AxisWord::Underdosing => axes.intent = 6,
                AxisWord::Fetus => axes.fetus = fetus_number(&stems, place),
                _ => {}
            }
        }
        if axes.healing > 0 && axes.encounter == 0 {
            axes.encounter = 2;
        }
        if !title {
            axes.infer(&stems);
        }
        axes
    }

    /// What a query says in other words: weeks for a trimester, an overdose for a poisoning.
    fn infer(&mut self, stems: &[&str]) {
        if self.trimester == 0 {
            let weeks = stems
                .windows(2)
                .filter(|pair| matches!(pair[1], "week" | "wk" | "wks"))
                .find_map(|pair| pair[0].parse::<f32>().ok());
            // First: before 14 weeks 0 days; second: before 28 weeks 0 days (ICD-10-CM chapter 15).
            self.trimester = match weeks {
                Some(weeks) if weeks < 14.0 => 1,
                Some(weeks) if weeks < 28.0 => 2,
                Some(weeks) if weeks < 45.0 => 3,
                _ => 0,
            };
        }
    }

    /// Whether anything is said.
    pub(super) fn is_said(self) -> bool {
        self != Axes::default()
    }

    fn values(self) -> [u8; 7] {
        [
            self.side,
            self.trimester,
            self.encounter,
            self.wound,
            self.healing,
            self.intent,
            self.fetus,
        ]
    }

    /// How a title with the axes `self` meets a query that says `asked`: each axis that
    /// agrees counts 1, each that contradicts −1.5, each that the title adds −0.4.
    pub(super) fn agreement(self, asked: Axes) -> f32 {
        let mut agreement = 0.0;
        for (axis, (said, asked)) in self.values().into_iter().zip(asked.values()).enumerate() {
            agreement += match (said, asked) {
                (0, 0) => 0.0,
                (said, asked) if said == asked => 1.0,
                (0, _) => 0.0,
                // A poisoning is accidental where nothing says otherwise (Guidelines I.C.19.e.5.b).
                (1, 0) if axis == 5 => 0.0,
                // A fracture not said to be open is closed (Guidelines I.C.19.c).
                (1, 0) if axis == 3 => -0.1,
                // Care that is not said to be later is the first.
                (1, 0) if axis == 2 => -0.3,
                (_, 0) => -0.5,
                (_, _) => -1.5,
            };
        }
        agreement
    }
}

fn fetus_number(stems: &[&str], place: usize) -> u8 {
    match stems.get(place + 1) {
        Some(&"1") => 1,
        Some(&"2") => 2,
        Some(&"3") => 3,
        Some(&"4") => 4,
        Some(&"5") => 5,
        _ if place > 0 && stems.get(place - 1) == Some(&"other") => 9,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Axes;

    fn of(text: &str, title: bool) -> Axes {
        Axes::of(text.split(' '), title)
    }

    #[test]
    fn a_title_says_its_side_and_encounter() {
        let axes = of("fractur right femur subsequ encount close fractur malunion", true);
        assert_eq!((axes.side, axes.encounter, axes.wound, axes.healing), (1, 2, 1, 4));
    }

    #[test]
    fn weeks_name_a_trimester() {
        assert_eq!(of("mild pre eclampsia 34 week", false).trimester, 3);
        assert_eq!(of("bleed 13.5 week", false).trimester, 1);
    }

    #[test]
    fn contradictions_cost_more_than_silence() {
        let asked = of("pain left knee", false);
        let left = of("pain left knee", true).agreement(asked);
        let none = of("pain unspecifi knee", true).agreement(asked);
        let right = of("pain right knee", true).agreement(asked);
        assert!(left > none && none > right);
    }
}
