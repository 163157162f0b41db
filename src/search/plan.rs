//! A query as data: what was typed, and the ways to read it.

use std::borrow::Cow;

use indexer::bundle::records::{RangeRecord, SenseRecord, TokenRecord};
use indexer::bundle::{Bundle, LONGEST_KEY};
use indexer::text::{AxisWord, INITIALS, Token, Word, axis_word, names_kinds, words};

use super::senses::ChosenSense;
use super::words::{Guess, GuessKind, guesses, is_known};
use fst::{Automaton, IntoStreamer, Streamer};

/// The most words of a query that are read; a phrase has fewer, and a page of text is no phrase.
pub const MOST_WORDS: usize = 48;
/// The most readings of a query that are followed.
const MOST_VARIANTS: usize = 6;
/// The most partial readings kept at each word.
const MOST_PARTIAL: usize = 8;
/// The most words that the last, unfinished word is taken for.
const MOST_COMPLETIONS: usize = 24;
/// The weight of a word that no term has.
const UNKNOWN_WEIGHT: f32 = 4.0;

/// The share of its weight that a word of an axis has: the axes are judged apart.
const AXIS_SHARE: f32 = 0.4;
/// The share of its weight that a word has which never leads a term.
const LEAST_LEAD: f32 = 0.7;

/// The share of its weight that a word has which was denied in passing.
const ASIDE_SHARE: f32 = 0.12;

/// How much a number is trusted to be found in a range that holds it.
const RANGE_TRUST: f32 = 0.9;
/// How much a term is trusted that names the whole of which the query names a part.
const BROADER_TRUST: f32 = 0.75;

/// Words that introduce a statement and say nothing of the condition.
const NOISE: [&str; 41] = [
    "query",
    "patient",
    "patients",
    "pt",
    "pts",
    "presents",
    "presenting",
    "presented",
    "complains",
    "complaining",
    "complaint",
    "reports",
    "reported",
    "states",
    "seen",
    "here",
    "today",
    "has",
    "have",
    "had",
    "his",
    "her",
    "their",
    "my",
    "this",
    "diagnosed",
    "diagnosis",
    "dx",
    "evaluation",
    "eval",
    "please",
    "code",
    "icd",
    "icd10",
    "noted",
    "shows",
    "showed",
    "likely",
    "probable",
    "possible",
    "suspected",
];

/// Words that deny what follows them.
pub(super) const DENIALS: [&str; 3] = ["no", "denies", "denied"];

/// Where an expansion comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The table of abbreviations.
    Abbreviation,
    /// The synonym tables.
    Synonym,
    /// The drug names.
    Drug,
    /// The initials of a term.
    Initials,
    /// Whoever asks.
    Asked,
}

impl Origin {
    /// The identifier in answers.
    pub const fn id(self) -> &'static str {
        match self {
            Origin::Abbreviation => "abbreviation",
            Origin::Synonym => "synonym",
            Origin::Drug => "drug",
            Origin::Initials => "initials",
            Origin::Asked => "asked",
        }
    }

    fn of(sense: &SenseRecord) -> Origin {
        match sense.origin {
            SenseRecord::ABBREVIATION => Origin::Abbreviation,
            SenseRecord::DRUG => Origin::Drug,
            SenseRecord::INITIALS => Origin::Initials,
            _ => Origin::Synonym,
        }
    }
}

/// What was understood of a part of the query.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The words as typed, folded.
    pub from: String,
    /// What they were read as.
    pub to: String,
    /// Why.
    pub kind: ReadingKind,
}

/// Why words were read as others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadingKind {
    /// A vocabulary row says so.
    Expanded(Origin),
    /// The words were misspelled.
    Corrected,
    /// The word was cut short.
    Clipped,
}

/// A place of a reading: the tokens any of which fills it.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    /// Tokens with how much each is trusted, up to 1.
    pub alternatives: Vec<(u32, f32)>,
    /// What filling the slot is worth.
    pub weight: f32,
    /// Whether the query says that it is absent: `without obstruction`, `no fever`.
    pub denied: bool,
    /// Where its words begin in the query, in bytes.
    pub start: usize,
    /// Whether it was denied in passing ("no fever"): a term need not speak of it.
    pub aside: bool,
}

/// One way to read the query.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What must be found.
    pub slots: Vec<Slot>,
    /// How likely the reading is, up to 1.
    pub weight: f32,
    /// What differs from the words as typed.
    pub readings: Vec<Reading>,
}

impl Variant {
    /// What filling every slot is worth.
    pub fn total(&self) -> f32 {
        self.slots.iter().map(|slot| slot.weight).sum()
    }
}

/// What the query says of detail: nothing, that there is none, or that it is another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Specificity {
    /// Nothing.
    #[default]
    Unsaid,
    /// `NOS`, `unspecified`: the code for want of detail.
    Unspecified,
    /// `NEC`, `other specified`: the code for detail that has none of its own.
    Other,
}

/// A query, read.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The query's words, folded, joined by blanks.
    pub normalized: String,
    /// Codes or beginnings of codes that were typed, canonical, without dots.
    pub codes: Vec<String>,
    /// The ways to read the words that are not codes; the likeliest first.
    pub variants: Vec<Variant>,
    /// Words that were denied ("no fever"): a code is not found by them, but one that denies
    /// them too answers better.
    pub negated: Vec<String>,
    /// The statements of a query that holds several, in order, folded; else none.
    pub statements: Vec<String>,
    /// What the query says of detail.
    pub specificity: Specificity,
    /// Folded words that count, for features that look at single words.
    pub words: Vec<String>,
}

impl Plan {
    /// Adds the readings of another system, behind its own, and the codes that only it knows.
    pub(super) fn take_in(&mut self, other: Plan) {
        self.variants.extend(other.variants);
        for code in other.codes {
            if !self.codes.contains(&code) {
                self.codes.push(code);
            }
        }
    }
}

/// A word of the query with its tokens.
struct Place<'a> {
    word: &'a Word,
    tokens: Vec<&'a str>,
    /// Whether the query says that it is absent.
    denied: bool,
    /// Whether it says so in passing: `no fever`.
    aside: bool,
}

/// Reads `text`. With `unfinished`, the last word is the beginning of one.
///
/// With `procedural`, words are also read as names of procedures, supplies and devices.
/// A phrase with a `chosen` sense has that sense alone.
pub fn plan(
    bundle: &Bundle,
    text: &str,
    unfinished: bool,
    procedural: bool,
    chosen: &[ChosenSense],
) -> Plan {
    let text = &*with_signs_spelled(text);
    let mut typed = words(text);
    typed.truncate(MOST_WORDS);
    let normalized = join(typed.iter().map(|word| word.text.as_str()));
    let codes = take_codes(bundle, text, &mut typed);
    let asides = take_negations(text, &mut typed);
    let negated = typed
        .iter()
        .filter(|word| asides.contains(&word.start))
        .map(|word| word.text.clone())
        .collect();
    if typed
        .iter()
        .any(|word| !NOISE.contains(&word.text.as_str()))
    {
        typed.retain(|word| !NOISE.contains(&word.text.as_str()));
    }
    let specificity = take_specificity(&mut typed);
    let tokens = bundle.analyzer().tokens_of_words(&typed);
    let places: Vec<Place<'_>> = typed
        .iter()
        .map(|word| Place {
            word,
            tokens: tokens_at(&tokens, word),
            denied: tokens
                .iter()
                .any(|token| token.start == word.start && token.denied),
            aside: asides.contains(&word.start),
        })
        .collect();
    let unfinished = unfinished && text.ends_with(|c: char| c.is_alphanumeric());
    let variants = Reader {
        bundle,
        places: &places,
        stems: tokens.iter().map(|token| token.text.as_str()).collect(),
        unfinished,
        procedural,
        chosen,
        shouted: typed.len() > 1 && !text.chars().any(char::is_lowercase),
    }
    .variants();
    Plan {
        normalized,
        codes,
        variants,
        negated,
        statements: Vec::new(),
        specificity,
        words: typed.into_iter().map(|word| word.text).collect(),
    }
}

/// Arrows and signs that speak, as words: `↑K`, `CRP (+)`, `RF -ve`.
fn with_signs_spelled(text: &str) -> Cow<'_, str> {
    const SIGNS: [(&str, &str); 8] = [
        ("↑", " elevated "),
        ("\u{21e7}", " elevated "),
        ("↓", " decreased "),
        ("\u{21e9}", " decreased "),
        ("(+)", " positive "),
        ("(-)", " negative "),
        ("+ve", " positive "),
        ("-ve", " negative "),
    ];
    let mut spelled = Cow::Borrowed(text);
    for (sign, word) in SIGNS {
        if spelled.contains(sign) {
            spelled = Cow::Owned(spelled.replace(sign, word));
        }
    }
    spelled
}

fn tokens_at<'a>(tokens: &'a [Token], word: &Word) -> Vec<&'a str> {
    tokens
        .iter()
        .filter(|token| token.start == word.start)
        .map(|token| token.text.as_str())
        .collect()
}

fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<&str>>().join(" ")
}

/// Takes the codes and beginnings of codes out of the words: `E11`, `e11.621`, `S52.5-`.
fn take_codes(bundle: &Bundle, text: &str, typed: &mut Vec<Word>) -> Vec<String> {
    let mut codes = Vec::new();
    let mut taken: Vec<(usize, usize)> = Vec::new();
    let mut start = 0;
    for chunk in text
        .split_inclusive(char::is_whitespace)
        .take(MOST_WORDS * 2)
    {
        let end = start + chunk.len();
        let bare = chunk
            .trim()
            .trim_matches(|c: char| matches!(c, ',' | ';' | ':' | '(' | ')'));
        if let Some(code) = code_or_stub(bundle, bare) {
            codes.push(code);
            taken.push((start, end));
        }
        start = end;
    }
    typed.retain(|word| {
        !taken
            .iter()
            .any(|(start, end)| word.start >= *start && word.start < *end)
    });
    codes
}

fn code_or_stub(bundle: &Bundle, chunk: &str) -> Option<String> {
    let bare = chunk.trim_end_matches('-').trim_end_matches('.');
    if !(3..=9).contains(&bare.len())
        || !bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
    {
        return None;
    }
    if !bare.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let code: String = bare
        .chars()
        .filter(|c| *c != '.')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    bundle
        .systems()
        .any(|system| {
            let mut key = vec![system.number()];
            key.extend_from_slice(code.as_bytes());
            let automaton = fst::automaton::AlwaysMatch;
            let mut upper = key.clone();
            upper.push(0xff);
            bundle
                .codes()
                .search(automaton)
                .ge(&key)
                .lt(&upper)
                .into_stream()
                .next()
                .is_some()
        })
        .then_some(code)
}

/// Takes out the words that deny others, and says where the denied words start: from `no` or
/// `denies` to the next comma or `but`.
fn take_negations(text: &str, typed: &mut Vec<Word>) -> Vec<usize> {
    let mut negated = Vec::new();
    let mut kept: Vec<Word> = Vec::with_capacity(typed.len());
    let mut denying = false;
    let mut last_end = 0;
    for (place, word) in typed.iter().enumerate() {
        let gap = text.get(last_end..word.start).unwrap_or("");
        last_end = word.end;
        if gap.contains([',', ';', '.', ':'])
            || matches!(word.text.as_str(), "but" | "presents" | "with" | "has")
        {
            denying = false;
        }
        let next = typed.get(place + 1).map_or("", |next| next.text.as_str());
        // "Tremor, not Parkinson's", but "Pneumonia, not elsewhere classified".
        let not = word.text == "not"
            && (word.after_comma || word.in_parentheses)
            && !matches!(next, "elsewhere" | "otherwise" | "specified");
        if not || DENIALS.contains(&word.text.as_str()) {
            denying = true;
            continue;
        }
        if denying {
            negated.push(word.start);
        }
        kept.push(word.clone());
    }
    if kept.len() == negated.len() || negated.is_empty() {
        return Vec::new();
    }
    *typed = kept;
    negated
}

/// Takes the words that speak of detail out, unless there are no others.
fn take_specificity(typed: &mut Vec<Word>) -> Specificity {
    let said = |word: &Word| match word.text.as_str() {
        "nos" | "unspecified" | "unsp" | "unspec" => Specificity::Unspecified,
        "nec" => Specificity::Other,
        _ => Specificity::Unsaid,
    };
    let found = typed
        .iter()
        .map(said)
        .find(|said| *said != Specificity::Unsaid);
    let Some(found) = found else {
        let other = typed
            .iter()
            .any(|word| matches!(word.text.as_str(), "other" | "oth"));
        return if other {
            Specificity::Other
        } else {
            Specificity::Unsaid
        };
    };
    if typed.iter().any(|word| said(word) == Specificity::Unsaid) {
        typed.retain(|word| said(word) == Specificity::Unsaid);
    }
    found
}

/// Builds the readings of a query from left to right, keeping the likeliest.
struct Reader<'a> {
    bundle: &'a Bundle,
    places: &'a [Place<'a>],
    stems: Vec<&'a str>,
    unfinished: bool,
    procedural: bool,
    chosen: &'a [ChosenSense],
    /// Whether the query is several words in nothing but capitals, so that they say nothing.
    shouted: bool,
}

impl Reader<'_> {
    fn variants(&self) -> Vec<Variant> {
        let empty = Variant {
            slots: Vec::new(),
            weight: 1.0,
            readings: Vec::new(),
        };
        let mut reached: Vec<Vec<Variant>> = vec![Vec::new(); self.places.len() + 1];
        reached[0].push(empty);
        for at in 0..self.places.len() {
            let mut here = std::mem::take(&mut reached[at]);
            keep_best(&mut here, MOST_PARTIAL);
            if here.is_empty() {
                continue;
            }
            for (to, mut option) in self.options(at) {
                self.mark_denied(at, &mut option);
                for partial in &here {
                    reached[to].push(extended(partial, &option));
                }
            }
        }
        let mut variants = reached.pop().unwrap_or_default();
        variants.retain(|variant| !variant.slots.is_empty());
        self.keep_chosen(&mut variants);
        for variant in &mut variants {
            merge_repeats(variant);
        }
        keep_best(&mut variants, MOST_VARIANTS);
        variants
    }

    /// Marks what the query denies, and what a meaning does: `type 2 diabetes without complications`.
    fn mark_denied(&self, at: usize, option: &mut Variant) {
        let place = &self.places[at];
        for slot in &mut option.slots {
            slot.start = place.word.start;
            slot.denied |= place.denied || place.aside;
            if place.aside {
                slot.aside = true;
                slot.weight *= ASIDE_SHARE;
            }
        }
    }

    /// The ways to read on from word `at`: how far each reaches, and what it adds.
    fn options(&self, at: usize) -> Vec<(usize, Variant)> {
        if let Some(option) = self.chosen_option(at) {
            return vec![option];
        }
        let mut options = Vec::new();
        let mut spoken_for = 0.0f32;
        // The letter of "vitamin K" or "type A" stands for itself.
        let names_a_kind = self.places[at].word.text.len() == 1 && !self.counts(at);
        for to in at + 1..=(at + LONGEST_KEY).min(self.places.len()) {
            let key = join(
                self.places[at..to]
                    .iter()
                    .map(|place| place.word.text.as_str()),
            );
            let senses = self.bundle.senses_of_words(&key);
            for sense in senses.filter(|_| to > at + 1 || !names_a_kind) {
                if let Some(option) = self.sense_option(at, to, sense) {
                    if to == at + 1 {
                        spoken_for += sense.prior.get();
                    }
                    options.push((to, option));
                }
            }
        }
        if spoken_for == 0.0 {
            options.extend(self.initials_options(at));
        }
        options.extend(self.synonym_options(at));
        options.push((at + 1, self.literal(at, spoken_for.min(1.0))));
        options
    }

    /// The sense that was chosen for the words from `at` on.
    fn chosen_option(&self, at: usize) -> Option<(usize, Variant)> {
        let typed = |to| {
            let places = self.places.get(at..to)?;
            Some(join(places.iter().map(|place| place.word.text.as_str())))
        };
        let chosen = self
            .chosen
            .iter()
            .find(|chosen| typed(at + chosen.len()).is_some_and(|key| key == chosen.from()))?;
        let to = at + chosen.len();
        if let Some(sense) = chosen.sense(self.bundle) {
            return Some((to, self.meaning(at, to, sense, 1.0)));
        }
        let stems = self.bundle.analyzer().stems(chosen.to());
        Some((
            to,
            Variant {
                slots: stems.iter().map(|stem| self.slot(stem, 1.0)).collect(),
                weight: 1.0,
                readings: vec![Reading {
                    from: chosen.from().to_owned(),
                    to: chosen.to().to_owned(),
                    kind: ReadingKind::Expanded(Origin::Asked),
                }],
            },
        ))
    }

    /// Drops readings that take the words of a chosen sense for part of something longer.
    fn keep_chosen(&self, variants: &mut Vec<Variant>) {
        for chosen in self.chosen {
            let has = |variant: &Variant| variant.readings.iter().any(|one| chosen.is_read(one));
            if variants.iter().any(has) {
                variants.retain(has);
            }
        }
    }

    fn sense_option(&self, at: usize, to: usize, sense: &SenseRecord) -> Option<Variant> {
        let places = &self.places[at..to];
        if sense.has(SenseRecord::CAPITALS_ONLY) && !places.iter().all(|place| place.word.capitals)
        {
            return None;
        }
        // A synonym that holds at the unfinished end may yet become another word.
        let favoured = self
            .bundle
            .text(sense.context)
            .split_whitespace()
            .any(|stem| self.stems.contains(&stem));
        let prior = if favoured {
            (sense.prior.get() * 3.0).min(1.0)
        } else {
            sense.prior.get()
        };
        Some(self.meaning(at, to, sense, prior.sqrt().sqrt()))
    }

    fn meaning(&self, at: usize, to: usize, sense: &SenseRecord, weight: f32) -> Variant {
        let from = join(
            self.places[at..to]
                .iter()
                .map(|place| place.word.text.as_str()),
        );
        let slots: Vec<Slot> = self
            .bundle
            .text(sense.stems)
            .split_whitespace()
            .scan(false, |absent, stem| {
                let slot = Slot {
                    denied: *absent,
                    ..self.slot(stem, 1.0)
                };
                *absent |= stem == "without";
                Some(slot)
            })
            .collect();
        self.reading_of(from, sense, slots, weight)
    }

    fn reading_of(
        &self,
        from: String,
        sense: &SenseRecord,
        slots: Vec<Slot>,
        weight: f32,
    ) -> Variant {
        let mut readings = Vec::new();
        if !slots.is_empty() {
            readings.push(Reading {
                from,
                to: self.bundle.text(sense.means).to_owned(),
                kind: ReadingKind::Expanded(Origin::of(sense)),
            });
        }
        Variant {
            slots,
            weight,
            readings,
        }
    }

    /// An unknown run of letters, read as the initials of a term.
    fn initials_options(&self, at: usize) -> Vec<(usize, Variant)> {
        let word = self.places[at].word;
        let letters = INITIALS.contains(&word.text.len())
            && word.text.bytes().all(|b| b.is_ascii_lowercase());
        if !letters || (is_known(self.bundle, &word.text) && !word.capitals) {
            return Vec::new();
        }
        let senses = self.bundle.senses_of_initials(&word.text);
        // Small letters are more often a word cut short.
        let doubt = if word.capitals { 1.0 } else { 0.7 };
        let weight = |sense: &SenseRecord| sense.prior.get().sqrt() * doubt;
        senses
            .map(|sense| {
                let stems = self.bundle.analyzer().stems(self.bundle.text(sense.means));
                let slots = stems.iter().map(|stem| self.slot(stem, 1.0)).collect();
                let reading = self.reading_of(word.text.clone(), sense, slots, weight(sense));
                (at + 1, reading)
            })
            .collect()
    }

    fn synonym_options(&self, at: usize) -> Vec<(usize, Variant)> {
        let mut options = Vec::new();
        if self.places[at].tokens.is_empty() {
            return options;
        }
        let mut key = String::new();
        let mut length = 0;
        for to in at + 1..=self.places.len() {
            let place = &self.places[to - 1];
            for token in &place.tokens {
                if !key.is_empty() {
                    key.push(' ');
                }
                key.push_str(token);
                length += 1;
            }
            if length > LONGEST_KEY {
                break;
            }
            if place.tokens.is_empty() {
                continue;
            }
            for sense in self.bundle.senses_of_stems(&key) {
                if sense.has(SenseRecord::PROCEDURAL) && !self.procedural {
                    continue;
                }
                let whole = at == 0 && to == self.places.len();
                let weight = match (sense.has(SenseRecord::INTERCHANGEABLE), whole) {
                    (true, _) => 0.98,
                    (false, true) => 0.93,
                    (false, false) => 0.86,
                };
                options.push((to, self.meaning(at, to, sense, weight)));
            }
        }
        options
    }

    /// The word as typed; `spoken_for` is how surely it is shorthand for something else.
    fn literal(&self, at: usize, spoken_for: f32) -> Variant {
        let place = &self.places[at];
        let mut option = Variant {
            slots: Vec::new(),
            weight: 1.0,
            readings: Vec::new(),
        };
        let capitals = place.word.capitals && !self.shouted;
        if place.tokens.is_empty() {
            // `AS` in capitals is hardly the word.
            if capitals {
                option.weight = 1.0 - 0.7 * spoken_for;
            }
            return option;
        }
        let known = is_known(self.bundle, &place.word.text)
            || place.tokens.iter().all(|token| self.has_token(token));
        if spoken_for > 0.0 {
            let doubt = match (known, capitals) {
                (true, false) => 0.35,
                (true, true) => 0.6,
                (false, _) => 0.8,
            };
            option.weight = 1.0 - doubt * spoken_for;
        }
        let last = at + 1 == self.places.len();
        if self.unfinished && last {
            option.slots.push(self.unfinished_slot(place));
            return option;
        }
        if known || spoken_for > 0.0 {
            option.slots = place
                .tokens
                .iter()
                .map(|token| self.slot_or_broader(token, self.counts(at)))
                .collect();
            return option;
        }
        self.guessed(at, &mut option);
        option
    }

    fn guessed(&self, at: usize, option: &mut Variant) {
        let place = &self.places[at];
        let found = guesses(self.bundle, &place.word.text);
        let Some(best) = found.first() else {
            option.slots = place
                .tokens
                .iter()
                .map(|token| self.slot_or_broader(token, self.counts(at)))
                .collect();
            return;
        };
        option.readings.push(Reading {
            from: place.word.text.clone(),
            to: best.word.clone(),
            kind: match best.kind {
                GuessKind::Corrected | GuessKind::Split => ReadingKind::Corrected,
                GuessKind::Clipped => ReadingKind::Clipped,
            },
        });
        if best.kind == GuessKind::Split {
            let stems = self.bundle.analyzer().stems(&best.word);
            option.slots = stems
                .iter()
                .map(|stem| self.slot(stem, best.trust))
                .collect();
            return;
        }
        option.slots.push(self.any_of(&found));
    }

    /// A slot that any of the guesses fills.
    fn any_of(&self, guesses: &[Guess]) -> Slot {
        let mut slot = Slot::default();
        for guess in guesses
            .iter()
            .filter(|guess| guess.kind != GuessKind::Split)
        {
            for stem in self.bundle.analyzer().stems(&guess.word).iter().take(1) {
                self.add_alternative(&mut slot, stem, guess.trust);
            }
        }
        if slot.weight == 0.0 {
            slot.weight = UNKNOWN_WEIGHT;
        }
        slot
    }

    fn unfinished_slot(&self, place: &Place<'_>) -> Slot {
        let mut slot = Slot::default();
        for token in &place.tokens {
            self.add_alternative(&mut slot, token, 1.0);
        }
        let typed = &place.word.text;
        let prefix = fst::automaton::Str::new(typed).starts_with();
        let mut stream = self.bundle.words().search(prefix).into_stream();
        let mut longer: Vec<(u32, String)> = Vec::new();
        while let Some((word, id)) = stream.next() {
            let terms = usize::try_from(id)
                .ok()
                .and_then(|id| self.bundle.spellings().get(id))
                .map_or(0, |record| record.terms.get());
            if let Ok(word) = std::str::from_utf8(word)
                && terms > 0
            {
                longer.push((terms, word.to_owned()));
            }
        }
        longer.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        longer.truncate(MOST_COMPLETIONS);
        for (_, word) in longer {
            for stem in self.bundle.analyzer().stems(&word).iter().take(1) {
                self.add_alternative(&mut slot, stem, 0.95);
            }
        }
        if slot.alternatives.is_empty() {
            return self.any_of(&guesses(self.bundle, typed));
        }
        slot
    }

    /// Whether a number at word `at` counts something: not the one of "type 1" or "stage 4".
    fn counts(&self, at: usize) -> bool {
        at.checked_sub(1)
            .and_then(|before| self.places.get(before))
            .is_none_or(|before| !names_kinds(&before.word.text))
    }

    /// The slot of a word; a term with a broader word may fill it, at a lower trust.
    fn slot_or_broader(&self, stem: &str, counts: bool) -> Slot {
        let mut slot = self.slot(stem, 1.0);
        for broader in self.bundle.broader(stem) {
            for stem in self.bundle.text(broader.stems).split_whitespace() {
                self.add_alternative(&mut slot, stem, BROADER_TRUST);
            }
        }
        if let Some(number) = stem
            .parse::<f32>()
            .ok()
            .filter(|number| counts && *number >= 3.0)
        {
            self.add_ranges(&mut slot, number);
        }
        slot
    }

    /// A number is found in the ranges that hold it: 33.4 in `33.0-33.9`.
    fn add_ranges(&self, slot: &mut Slot, number: f32) {
        let holds =
            |range: &&RangeRecord| range.first.get() <= number && number <= range.last.get();
        let stem = |token: u32| {
            let record = self.bundle.tokens().get(token as usize)?;
            Some(self.bundle.text(record.text))
        };
        for range in self.bundle.ranges().iter().filter(holds) {
            for token in [range.first_token.get(), range.last_token.get()] {
                if let Some(stem) = stem(token) {
                    self.add_alternative(slot, stem, RANGE_TRUST);
                }
            }
        }
    }

    fn slot(&self, stem: &str, trust: f32) -> Slot {
        let mut slot = Slot::default();
        self.add_alternative(&mut slot, stem, trust);
        if slot.alternatives.is_empty() {
            slot.weight = UNKNOWN_WEIGHT;
        }
        slot
    }

    /// The token, if a term that may answer holds it.
    fn token(&self, id: u32) -> Option<&TokenRecord> {
        let token = self.bundle.tokens().get(id as usize)?;
        (token.terms.get() > 0).then_some(token)
    }

    fn has_token(&self, stem: &str) -> bool {
        let id = self.bundle.token_ids().get(stem);
        id.and_then(|id| u32::try_from(id).ok())
            .is_some_and(|id| self.token(id).is_some())
    }

    fn add_alternative(&self, slot: &mut Slot, stem: &str, trust: f32) {
        let Some(id) = self
            .bundle
            .token_ids()
            .get(stem)
            .and_then(|id| u32::try_from(id).ok())
        else {
            return;
        };
        if slot.alternatives.iter().any(|(known, _)| *known == id) {
            return;
        }
        let Some(token) = self.token(id) else {
            return;
        };
        let (weight, leads) = (token.weight.get(), token.leads.get());
        if slot.alternatives.is_empty() {
            slot.weight = weight * (LEAST_LEAD + (1.0 - LEAST_LEAD) * leads.sqrt());
            if !matches!(axis_word(stem), None | Some(AxisWord::Filler)) {
                slot.weight *= AXIS_SHARE;
            }
        }
        slot.alternatives.push((id, trust));
    }
}

fn extended(partial: &Variant, option: &Variant) -> Variant {
    let mut longer = partial.clone();
    longer.slots.extend(option.slots.iter().cloned());
    longer.readings.extend(option.readings.iter().cloned());
    longer.weight *= option.weight;
    longer
}

/// A word said twice need only be found once.
fn merge_repeats(variant: &mut Variant) {
    let mut seen: Vec<u32> = Vec::new();
    variant
        .slots
        .retain(|slot| match slot.alternatives.as_slice() {
            [(token, _)] => {
                let new = !seen.contains(token);
                seen.push(*token);
                new
            }
            _ => true,
        });
}

fn keep_best(variants: &mut Vec<Variant>, most: usize) {
    // The sort is stable and the order of options fixed, so equal weights keep their order.
    variants.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let mut kept: Vec<Variant> = Vec::with_capacity(most);
    for variant in variants.drain(..) {
        if kept.len() == most {
            break;
        }
        let ids = |v: &Variant| -> Vec<u32> {
            v.slots
                .iter()
                .flat_map(|slot| {
                    slot.alternatives
                        .iter()
                        .map(|(id, _)| *id)
                        .chain([u32::MAX])
                })
                .collect()
        };
        let this = ids(&variant);
        if kept.iter().all(|other| ids(other) != this) {
            kept.push(variant);
        }
    }
    *variants = kept;
}
