//! What a title or a query says on the axes of its group: side, trimester,
//! encounter, intent, fetus.

use indexer::text::AxisWord;

use super::traits::{Mark, Traits};

/// An axis, in the order of [`Axes`]' fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    /// Right, left or both.
    Side,
    /// First to third.
    Trimester,
    /// Initial, subsequent or sequela.
    Encounter,
    /// Closed or open.
    Wound,
    /// Routine, delayed, nonunion or malunion.
    Healing,
    /// Accidental to underdosing.
    Intent,
    /// Which of several.
    Fetus,
}

impl Axis {
    /// Every axis.
    pub(crate) const ALL: [Axis; 7] = [
        Axis::Side,
        Axis::Trimester,
        Axis::Encounter,
        Axis::Wound,
        Axis::Healing,
        Axis::Intent,
        Axis::Fetus,
    ];

    /// The identifier in answers.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Axis::Side => "laterality",
            Axis::Trimester => "trimester",
            Axis::Encounter => "encounter",
            Axis::Wound => "wound",
            Axis::Healing => "healing",
            Axis::Intent => "intent",
            Axis::Fetus => "fetus",
        }
    }

    /// Its values with their names in answers; 0 is a title that says `unspecified`.
    pub(crate) const fn values(self) -> &'static [(u8, &'static str)] {
        match self {
            Axis::Side => &[
                (1, "right"),
                (2, "left"),
                (3, "bilateral"),
                (0, "unspecified"),
            ],
            Axis::Trimester => &[
                (1, "first"),
                (2, "second"),
                (3, "third"),
                (0, "unspecified"),
            ],
            Axis::Encounter => &[(1, "initial"), (2, "subsequent"), (3, "sequela")],
            Axis::Wound => &[(1, "closed"), (2, "open")],
            Axis::Healing => &[
                (1, "routine"),
                (2, "delayed"),
                (3, "nonunion"),
                (4, "malunion"),
            ],
            Axis::Intent => &[
                (1, "accidental"),
                (2, "self-harm"),
                (3, "assault"),
                (4, "undetermined"),
                (5, "adverse effect"),
                (6, "underdosing"),
            ],
            Axis::Fetus => &[
                (1, "1"),
                (2, "2"),
                (3, "3"),
                (4, "4"),
                (5, "5"),
                (9, "other"),
                (0, "unspecified"),
            ],
        }
    }
}

/// A value on each axis; 0 where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Axes {
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
    /// Reads tokens in order. `title` says whether they are a title's: there a
    /// number of fetus or an intent stands in fixed words.
    pub(super) fn of(traits: &Traits, tokens: &[u32], title: bool) -> Axes {
        let all = || tokens.iter().map(|token| traits.of(*token));
        let has = |mark: Mark| all().any(|traits| traits.mark == mark);
        let mut axes = Axes::default();
        for (place, word) in all().enumerate() {
            let Some(word) = word.axis else {
                continue;
            };
            let near = |place: Option<usize>| {
                place
                    .and_then(|place| tokens.get(place))
                    .map(|token| traits.of(*token))
            };
            match word {
                // "Right and left" is both.
                AxisWord::Right => axes.side = if axes.side == 2 { 3 } else { 1 },
                AxisWord::Left => axes.side = if axes.side == 1 { 3 } else { 2 },
                AxisWord::Both => axes.side = 3,
                AxisWord::Trimester => {
                    if let Some(AxisWord::Ordinal(ordinal)) =
                        near(place.checked_sub(1)).and_then(|word| word.axis)
                    {
                        axes.trimester = ordinal;
                    }
                }
                AxisWord::Initial if !title || has(Mark::Encounter) => axes.encounter = 1,
                AxisWord::Subsequent if !title || has(Mark::Encounter) => axes.encounter = 2,
                AxisWord::Sequela => axes.encounter = 3,
                AxisWord::Closed if has(Mark::Fracture) => axes.wound = 1,
                AxisWord::Open if has(Mark::Fracture) => axes.wound = 2,
                AxisWord::Routine => axes.healing = 1,
                AxisWord::Delayed if has(Mark::Healing) || has(Mark::Union) => axes.healing = 2,
                AxisWord::Nonunion => axes.healing = 3,
                AxisWord::Malunion => axes.healing = 4,
                AxisWord::Accidental if axes.intent == 0 => axes.intent = 1,
                AxisWord::SelfHarm => axes.intent = 2,
                AxisWord::Assault => axes.intent = 3,
                AxisWord::Undetermined => axes.intent = 4,
                AxisWord::AdverseEffect => axes.intent = 5,
                AxisWord::Underdosing => axes.intent = 6,
                AxisWord::Fetus => {
                    let number = near(Some(place + 1)).and_then(|word| word.number);
                    let other =
                        near(place.checked_sub(1)).is_some_and(|word| word.mark == Mark::Other);
                    axes.fetus = fetus(number, other);
                }
                _ => {}
            }
        }
        if axes.healing > 0 && axes.encounter == 0 {
            axes.encounter = 2;
        }
        if !title && axes.trimester == 0 {
            axes.trimester = trimester_of_weeks(traits, tokens);
        }
        axes
    }

    /// Whether anything is said.
    pub(super) fn is_said(self) -> bool {
        self != Axes::default()
    }

    /// The value on `axis`.
    pub(crate) fn value(self, axis: Axis) -> u8 {
        self.values()[axis as usize]
    }

    /// The same with `value` on `axis`.
    pub(crate) fn with(mut self, axis: Axis, value: u8) -> Axes {
        let place = match axis {
            Axis::Side => &mut self.side,
            Axis::Trimester => &mut self.trimester,
            Axis::Encounter => &mut self.encounter,
            Axis::Wound => &mut self.wound,
            Axis::Healing => &mut self.healing,
            Axis::Intent => &mut self.intent,
            Axis::Fetus => &mut self.fetus,
        };
        *place = value;
        self
    }

    /// Whether a title with the axes `self` keeps what `wanted` says elsewhere than on `chosen`.
    ///
    /// A later encounter brings its own healing, and a sequela says nothing of the wound.
    pub(crate) fn keeps(self, wanted: Axes, chosen: Axis) -> bool {
        Axis::ALL.into_iter().all(|axis| {
            let (own, wanted) = (self.value(axis), wanted.value(axis));
            let gives_way = match axis {
                Axis::Healing => chosen == Axis::Encounter,
                Axis::Wound => own == 0,
                _ => false,
            };
            axis == chosen || wanted == 0 || own == wanted || gives_way
        })
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
    pub(crate) fn agreement(self, asked: Axes) -> f32 {
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
                (1, 0) if axis == 2 => -0.2,
                (_, 0) => -0.5,
                (_, _) => -1.5,
            };
        }
        agreement
    }
}

fn fetus(number: Option<f32>, other: bool) -> u8 {
    (1u8..=5)
        .find(|n| number == Some(f32::from(*n)))
        .unwrap_or(if other { 9 } else { 0 })
}

/// The trimester that a number of weeks is in: the first is less than 14 weeks 0 days,
/// the second less than 28 weeks 0 days (ICD-10-CM Tabular List, chapter 15).
fn trimester_of_weeks(traits: &Traits, tokens: &[u32]) -> u8 {
    let weeks = tokens
        .windows(2)
        .filter(|pair| traits.of(pair[1]).mark == Mark::Week)
        .find_map(|pair| traits.of(pair[0]).number);
    match weeks {
        Some(weeks) if weeks < 14.0 => 1,
        Some(weeks) if weeks < 28.0 => 2,
        Some(weeks) if weeks < 45.0 => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Axes;

    #[test]
    fn contradictions_cost_more_than_silence() {
        let side = |side| Axes {
            side,
            ..Axes::default()
        };
        let asked = side(2);
        assert!(side(2).agreement(asked) > side(0).agreement(asked));
        assert!(side(0).agreement(asked) > side(1).agreement(asked));
    }
}
