//! Writes the set of all pairs; [`super::pairs`] says what it looks like and reads it.

use zerocopy::little_endian::{U16, U32, U64};

use super::build::BuildError;
use super::pairs::{BLOCK_COLUMNS, first_slot, ones};
use super::records::{Block, CodeSlot, NONE, NONE16};
use super::sections::{Section, SectionWriter};
use super::texts::count;

/// Columns that the format can number: a row has at most 255 blocks.
const MOST_COLUMNS: usize = 255 * BLOCK_COLUMNS;

/// Rows that the format can number.
const MOST_ROWS: usize = NONE16 as usize;

/// Writes the sections of the pairs. `pairs` is sorted and has no pair twice.
///
/// # Errors
/// When there are more codes than the format can number.
pub(super) fn write(pairs: &[(u32, u32)], sections: &mut SectionWriter) -> Result<(), BuildError> {
    let mut rows: Vec<u32> = pairs.iter().map(|pair| pair.0).collect();
    rows.dedup();
    let mut columns: Vec<u32> = pairs.iter().map(|pair| pair.1).collect();
    columns.sort_unstable();
    columns.dedup();
    if rows.len() > MOST_ROWS || columns.len() > MOST_COLUMNS {
        return Err(BuildError::TooManyCodes);
    }
    let mut directory = Vec::with_capacity(rows.len() * columns.len().div_ceil(BLOCK_COLUMNS));
    let mut row_blocks = Vec::with_capacity(rows.len());
    let mut blocks = vec![empty_block(0)];
    let mut rank = 0;
    for row in pairs.chunk_by(|a, b| a.0 == b.0) {
        row_blocks.push(U32::new(count(blocks.len() - 1)));
        let mut entries = vec![0_u8; columns.len().div_ceil(BLOCK_COLUMNS)];
        let places: Vec<usize> = row
            .iter()
            .map(|pair| columns.binary_search(&pair.1).unwrap_or_default())
            .collect();
        let of_blocks = places.chunk_by(|a, b| a / BLOCK_COLUMNS == b / BLOCK_COLUMNS);
        for (number, block) in (1_u8..).zip(of_blocks) {
            let entry = block
                .first()
                .and_then(|place| entries.get_mut(place / BLOCK_COLUMNS));
            if let Some(entry) = entry {
                *entry = number;
            }
            blocks.push(filled_block(rank, block));
            rank += block.len();
        }
        directory.extend(entries);
    }
    sections.put(Section::CodeSlots, &slots(&rows, &columns));
    sections.put(Section::RowCodes, &stored(&rows));
    sections.put(Section::ColumnCodes, &stored(&columns));
    sections.put(Section::PairDirectory, &directory);
    sections.put(Section::RowBlocks, &row_blocks);
    sections.put(Section::PairBlocks, &blocks);
    Ok(())
}

fn empty_block(before: usize) -> Block {
    Block {
        bits: [U64::ZERO; 3],
        before: U32::new(count(before)),
        before_word: [0; 3],
        reserved: 0,
    }
}

/// The block of the columns at `places`, whose first pair has the rank `rank`.
fn filled_block(rank: usize, places: &[usize]) -> Block {
    let mut block = empty_block(rank);
    for place in places {
        let within = place % BLOCK_COLUMNS;
        if let Some(word) = block.bits.get_mut(within / 64) {
            *word |= U64::new(1 << (within % 64));
        }
    }
    let mut before = 0;
    for (word, before_word) in block.bits.iter().zip(&mut block.before_word) {
        *before_word = before;
        before += ones(word.get());
    }
    block
}

fn stored(codes: &[u32]) -> Vec<U32> {
    codes.iter().copied().map(U32::new).collect()
}

/// The table of slots that finds a code's row and column: open addressing, at
/// most half full, its length a power of two.
fn slots(rows: &[u32], columns: &[u32]) -> Vec<CodeSlot> {
    let mut codes: Vec<u32> = rows.iter().chain(columns).copied().collect();
    codes.sort_unstable();
    codes.dedup();
    let empty = CodeSlot {
        code: U32::new(NONE),
        row: U16::new(NONE16),
        column: U16::new(NONE16),
    };
    let mut slots = vec![empty; (codes.len() * 2).next_power_of_two()];
    let place = |within: &[u32], code: u32| {
        let found = within.binary_search(&code).ok();
        U16::new(
            found
                .and_then(|at| u16::try_from(at).ok())
                .unwrap_or(NONE16),
        )
    };
    for code in codes {
        let mut at = first_slot(code, slots.len());
        while let Some(slot) = slots.get_mut(at) {
            if slot.code.get() == NONE {
                *slot = CodeSlot {
                    code: U32::new(code),
                    row: place(rows, code),
                    column: place(columns, code),
                };
                break;
            }
            at = (at + 1) & (slots.len() - 1);
        }
    }
    slots
}
