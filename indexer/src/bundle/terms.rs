//! The terms of a bundle: full-text index, tokens, words, completions.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;

use codesets::{CodeSystem, TermKind};
use rayon::prelude::*;
use tantivy::Index;
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use zerocopy::little_endian::{F32, U16, U32, U64};

use super::records::{
    ConceptRecord, DeletionRecord, ExactRecord, RangeRecord, RecallRecord, SkeletonRecord,
    SpellingRecord, TermRecord, TokenRecord,
};
use super::writer::{Folder, Strings, WriteError, number, position, run, small};
use crate::book::{Book, Level, ReleaseSet};
use crate::text::{
    Analyzer, Token, deletions, phrase, phrase_digest, ranges_in, skeleton, term_tokens, words,
};

/// Memory that the full-text writer may use before it is full; a bundle of every
/// published set stays far below.
const FULL_TEXT_BYTES: usize = 300 << 20;

/// The field of the full-text index that holds the tokens a query should cover.
pub(super) const REQUIRED_FIELD: &str = "required";
/// The field that holds nonessential modifiers and words like `unspecified`.
pub(super) const OPTIONAL_FIELD: &str = "optional";

/// A term on its way into the index.
struct Draft<'a> {
    concept: usize,
    kind: TermKind,
    text: &'a str,
    releases: ReleaseSet,
    /// Its system.
    system: CodeSystem,
    /// The column of its system: words are counted and weighed within a system.
    column: usize,
    /// Whether the term's words count when weights are taken. The titles of
    /// codes with a seventh character repeat their parent's words up to
    /// seventeen times and would make `fracture` look meaningless.
    counts: bool,
}

/// Writes everything that concerns terms, and each concept's run of them.
pub(super) fn write(
    folder: &Folder<'_>,
    books: &[Book],
    analyzer: &Analyzer,
    concepts: &mut [ConceptRecord],
    strings: &mut Strings,
    counts: &mut BTreeMap<String, u64>,
    progress: &dyn Fn(&str),
) -> Result<(), WriteError> {
    progress("analysing terms");
    let drafts = drafts(books);
    let tokens: Vec<Vec<Token>> = drafts
        .par_iter()
        .map(|draft| {
            let mut tokens = term_tokens(analyzer, draft.system, draft.text);
            tokens.truncate(usize::from(u8::MAX));
            tokens
        })
        .collect();
    let columns = books.len() + 1;
    let vocabulary = TokenIds::new(&drafts, &tokens, columns);
    let token_records = vocabulary.records(strings)?;
    folder.table("tokens.bin", &token_records)?;
    folder.map("tokens.fst", &vocabulary.map())?;

    progress("writing terms");
    let mut forward: Vec<U32> = Vec::new();
    let mut records: Vec<TermRecord> = Vec::with_capacity(drafts.len());
    for (draft, tokens) in drafts.iter().zip(&tokens) {
        let start = forward.len();
        let mut weight = 0.0;
        let mut seen = HashSet::new();
        let mut required = 0;
        for token in tokens {
            let id = vocabulary.id(&token.text);
            let flags = u32::from(token.denied) << 1 | u32::from(token.optional);
            forward.push(U32::new(id << 2 | flags));
            if !token.optional && seen.insert(id) {
                weight += vocabulary.weight(draft.column, id);
                required += 1;
            }
        }
        records.push(TermRecord {
            concept: number(draft.concept),
            kind: position(&TermKind::ALL, &draft.kind),
            required: small(required),
            tokens_len: U16::new(u16::try_from(tokens.len()).unwrap_or(u16::MAX)),
            tokens_start: number(start),
            weight: F32::new(weight),
            text: strings.add(draft.text)?,
            releases: U64::new(draft.releases),
        });
    }
    set_runs(concepts, &drafts);
    folder.table("terms.bin", &records)?;
    folder.table("forward.bin", &forward)?;
    let recall: Vec<RecallRecord> = records
        .iter()
        .map(|term| RecallRecord {
            concept: term.concept,
            weight: term.weight,
        })
        .collect();
    folder.table("recall.bin", &recall)?;
    counts.insert("terms".to_owned(), records.len() as u64);
    counts.insert("tokens".to_owned(), vocabulary.sorted.len() as u64);

    write_skeletons(folder, &drafts, &tokens, concepts, strings)?;
    folder.table("ranges.bin", &ranges(&drafts, &vocabulary))?;

    progress("writing completions");
    write_phrases(folder, &drafts, concepts)?;
    write_spellings(folder, &drafts, columns, strings)?;

    progress("writing the full-text index");
    write_full_text(folder, &tokens)
}

/// Every term of every code, by concept: titles first, each wording once a concept.
fn drafts(books: &[Book]) -> Vec<Draft<'_>> {
    let mut drafts = Vec::new();
    let mut base = 0;
    for (column, book) in (1..).zip(books) {
        for (index, entry) in book.entries.iter().enumerate() {
            if entry.level != Level::Code {
                continue;
            }
            let counts = book.system != CodeSystem::Icd10Cm || entry.key.len() < 7;
            let mut known = HashSet::new();
            let former: ReleaseSet = entry
                .former_titles
                .iter()
                .map(|(set, _)| set)
                .fold(0, |a, b| a | b);
            let titles = std::iter::once((
                entry.present & !former,
                TermKind::Title,
                entry.title.as_str(),
            ))
            .chain(
                entry
                    .former_titles
                    .iter()
                    .map(|(set, title)| (*set, TermKind::Title, title.as_str())),
            );
            let others = entry
                .terms
                .iter()
                .map(|(set, term)| (*set, term.kind, term.text.as_str()));
            for (releases, kind, text) in titles.chain(others) {
                if known.insert(phrase_digest(text)) {
                    drafts.push(Draft {
                        concept: base + index,
                        kind,
                        text,
                        releases,
                        system: book.system,
                        column,
                        counts,
                    });
                }
            }
        }
        base += book.entries.len();
    }
    drafts
}

fn set_runs(concepts: &mut [ConceptRecord], drafts: &[Draft<'_>]) {
    let mut start = 0;
    for group in drafts.chunk_by(|a, b| a.concept == b.concept) {
        let end = start + group.len();
        if let Some(concept) = group.first().and_then(|d| concepts.get_mut(d.concept)) {
            concept.terms = run(start, end);
        }
        start = end;
    }
}

/// The numbers of tokens: positions in the sorted list of stems.
struct TokenIds<'a> {
    ids: HashMap<&'a str, u32>,
    sorted: Vec<&'a str>,
    /// All systems together, then each system.
    columns: Vec<TokenCounts>,
}

/// How often each token stands in the terms of one system, or of all.
#[derive(Clone, Default)]
struct TokenCounts {
    /// How many terms count.
    total: u32,
    /// For each token, how many terms hold it.
    terms: Vec<u32>,
    /// For each token, how many of the terms that count hold it.
    counted: Vec<u32>,
    /// For each token, how many of them it leads.
    led: Vec<u32>,
}

impl TokenCounts {
    fn weight(&self, id: usize) -> f32 {
        weight(self.counted.get(id).copied().unwrap_or(0), self.total)
    }

    fn leads(&self, id: usize) -> f32 {
        let at = |counts: &[u32]| counts.get(id).copied().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "a share needs few digits")]
        let share = at(&self.led) as f32 / at(&self.counted).max(1) as f32;
        share
    }
}

impl<'a> TokenIds<'a> {
    fn new(drafts: &[Draft<'_>], tokens: &'a [Vec<Token>], columns: usize) -> TokenIds<'a> {
        let sorted: Vec<&str> = tokens
            .iter()
            .flatten()
            .map(|token| token.text.as_str())
            .collect::<BTreeSet<&str>>()
            .into_iter()
            .collect();
        let ids: HashMap<&str, u32> = (0..).zip(&sorted).map(|(id, text)| (*text, id)).collect();
        let empty = TokenCounts {
            total: 0,
            terms: vec![0; sorted.len()],
            counted: vec![0; sorted.len()],
            led: vec![0; sorted.len()],
        };
        let mut columns = vec![empty; columns];
        for (draft, tokens) in drafts.iter().zip(tokens) {
            let distinct: HashSet<u32> = tokens
                .iter()
                .filter_map(|token| ids.get(token.text.as_str()).copied())
                .collect();
            let first = tokens.iter().find(|token| !token.optional);
            let first = first.and_then(|token| ids.get(token.text.as_str()));
            for column in [0, draft.column] {
                let Some(counts) = columns.get_mut(column) else {
                    continue;
                };
                counts.total += u32::from(draft.counts);
                if let Some(id) = first {
                    counts.led[*id as usize] += u32::from(draft.counts);
                }
                for id in &distinct {
                    counts.terms[*id as usize] += 1;
                    counts.counted[*id as usize] += u32::from(draft.counts);
                }
            }
        }
        TokenIds {
            ids,
            sorted,
            columns,
        }
    }

    fn id(&self, text: &str) -> u32 {
        self.ids.get(text).copied().unwrap_or(0)
    }

    fn weight(&self, column: usize, id: u32) -> f32 {
        self.columns
            .get(column)
            .map_or(0.0, |counts| counts.weight(id as usize))
    }

    /// The records of every column, one column after the other.
    fn records(&self, strings: &mut Strings) -> Result<Vec<TokenRecord>, WriteError> {
        let mut records = Vec::with_capacity(self.sorted.len() * self.columns.len());
        for counts in &self.columns {
            for (place, text) in self.sorted.iter().enumerate() {
                records.push(TokenRecord {
                    terms: U32::new(counts.terms[place]),
                    weight: F32::new(counts.weight(place)),
                    leads: F32::new(counts.leads(place)),
                    text: strings.add(text)?,
                });
            }
        }
        Ok(records)
    }

    fn map(&self) -> BTreeMap<Vec<u8>, u64> {
        (0..)
            .zip(&self.sorted)
            .map(|(id, text)| (text.as_bytes().to_vec(), id))
            .collect()
    }
}

/// The inverse document frequency of a token that `count` of `total` terms hold,
/// never below a tenth, so that no word is worth nothing.
fn weight(count: u32, total: u32) -> f32 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a weight needs six digits, and counts stay below 2^24"
    )]
    let (count, total) = (count as f32, total as f32);
    (1.0 + (total - count + 0.5) / (count + 0.5)).ln().max(0.1)
}

/// Whether a completion or a spelling is better taken from another term: titles
/// of codes with a seventh character only repeat those of their parents.
fn is_repeat(concept: &ConceptRecord) -> bool {
    concept.code_len == 7 && concept.system == CodeSystem::Icd10Cm.number()
}

fn write_phrases(
    folder: &Folder<'_>,
    drafts: &[Draft<'_>],
    concepts: &[ConceptRecord],
) -> Result<(), WriteError> {
    let mut exact: Vec<(u64, u32)> = Vec::with_capacity(drafts.len());
    let mut completions: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    for (term, draft) in (0u32..).zip(drafts) {
        exact.push((phrase_digest(draft.text), term));
        let Some(concept) = concepts.get(draft.concept) else {
            continue;
        };
        if is_repeat(concept) {
            continue;
        }
        let mut key = phrase(draft.text).into_bytes();
        key.truncate(200);
        key.push(0);
        key.push(concept.system);
        // Fewer characters of code mean a broader concept: the better completion.
        let rank =
            u64::from(position(&TermKind::ALL, &draft.kind)) << 8 | u64::from(concept.code_len);
        let value = rank << 32 | u64::from(term);
        completions
            .entry(key)
            .and_modify(|best| *best = (*best).min(value))
            .or_insert(value);
    }
    exact.sort_unstable();
    let exact: Vec<ExactRecord> = exact
        .into_iter()
        .map(|(digest, term)| ExactRecord {
            digest: U64::new(digest),
            term: U32::new(term),
        })
        .collect();
    folder.table("exact.bin", &exact)?;
    folder.map("completions.fst", &completions)
}

/// Each code by what its title says apart from the axes.
fn write_skeletons(
    folder: &Folder<'_>,
    drafts: &[Draft<'_>],
    tokens: &[Vec<Token>],
    concepts: &[ConceptRecord],
    strings: &Strings,
) -> Result<(), WriteError> {
    let mut skeletons: Vec<(u64, u32)> = Vec::new();
    let mut last = None;
    for (draft, tokens) in drafts.iter().zip(tokens) {
        // The first term of a concept is its title.
        if last == Some(draft.concept) {
            continue;
        }
        last = Some(draft.concept);
        let Some(concept) = concepts.get(draft.concept) else {
            continue;
        };
        let key = strings.text(concept.key);
        let category = key.get(..3).unwrap_or(key);
        let digest = skeleton(category, tokens.iter().map(|token| token.text.as_str()));
        skeletons.push((digest, number(draft.concept).get()));
    }
    skeletons.sort_unstable();
    let records: Vec<SkeletonRecord> = skeletons
        .into_iter()
        .map(|(digest, concept)| SkeletonRecord {
            digest: U64::new(digest),
            concept: U32::new(concept),
        })
        .collect();
    folder.table("skeletons.bin", &records)
}

/// The ranges of numbers that titles and inclusion terms name, each once.
fn ranges(drafts: &[Draft<'_>], vocabulary: &TokenIds<'_>) -> Vec<RangeRecord> {
    let mut found: BTreeMap<(u8, String, String), (f32, f32)> = BTreeMap::new();
    for draft in drafts {
        if draft.counts
            && draft.kind == TermKind::Title
            && draft.text.bytes().any(|b| b.is_ascii_digit())
        {
            for range in ranges_in(draft.text) {
                found.insert(
                    (draft.system.number(), range.first, range.last),
                    range.numbers,
                );
            }
        }
    }
    let token = |text: &str| {
        if text.is_empty() {
            U32::new(super::records::NONE)
        } else {
            U32::new(vocabulary.id(text))
        }
    };
    found
        .into_iter()
        .map(|((system, first, last), numbers)| RangeRecord {
            system,
            first: F32::new(numbers.0),
            last: F32::new(numbers.1),
            first_token: token(&first),
            last_token: token(&last),
        })
        .collect()
}

fn write_spellings(
    folder: &Folder<'_>,
    drafts: &[Draft<'_>],
    columns: usize,
    strings: &mut Strings,
) -> Result<(), WriteError> {
    let mut spellings: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for draft in drafts {
        for word in words(draft.text) {
            let counts = spellings
                .entry(word.text)
                .or_insert_with(|| vec![0; columns]);
            counts[0] += 1;
            counts[draft.column] += 1;
        }
    }
    let mut records = Vec::with_capacity(spellings.len() * columns);
    for column in 0..columns {
        for (text, counts) in &spellings {
            records.push(SpellingRecord {
                text: strings.add(text)?,
                terms: U32::new(counts[column]),
            });
        }
    }
    let mut map = BTreeMap::new();
    let mut shortened: Vec<(u32, u32)> = Vec::new();
    for (id, text) in (0u32..).zip(spellings.keys()) {
        map.insert(text.as_bytes().to_vec(), u64::from(id));
        shortened.extend(deletions(text).into_iter().map(|digest| (digest, id)));
    }
    shortened.sort_unstable();
    shortened.dedup();
    let shortened: Vec<DeletionRecord> = shortened
        .into_iter()
        .map(|(digest, word)| DeletionRecord {
            digest: U32::new(digest),
            word: U32::new(word),
        })
        .collect();
    folder.table("spellings.bin", &records)?;
    folder.table("deletions.bin", &shortened)?;
    folder.map("words.fst", &map)
}

/// One document a term, at the term's own number, because documents are added in order
/// to a single segment.
fn write_full_text(folder: &Folder<'_>, tokens: &[Vec<Token>]) -> Result<(), WriteError> {
    let path = folder.path("fulltext");
    fs::create_dir_all(&path).map_err(|source| WriteError::Io {
        path: path.clone(),
        source,
    })?;
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("whitespace")
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    let options = TextOptions::default().set_indexing_options(indexing);
    let mut schema = Schema::builder();
    let required = schema.add_text_field(REQUIRED_FIELD, options.clone());
    let optional = schema.add_text_field(OPTIONAL_FIELD, options);
    let mut writer = Index::builder()
        .schema(schema.build())
        .single_segment_index_writer(
            tantivy::directory::MmapDirectory::open(&path).map_err(tantivy::TantivyError::from)?,
            FULL_TEXT_BYTES,
        )?;
    for term in tokens {
        let join = |wanted: bool| {
            term.iter()
                .filter(|token| token.optional == wanted)
                .map(|token| token.text.as_str())
                .collect::<Vec<&str>>()
                .join(" ")
        };
        let mut document = tantivy::TantivyDocument::default();
        document.add_text(required, join(false));
        let optional_words = join(true);
        if !optional_words.is_empty() {
            document.add_text(optional, optional_words);
        }
        writer.add_document(document)?;
    }
    writer.finalize()?;
    Ok(())
}
