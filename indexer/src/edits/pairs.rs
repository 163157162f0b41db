//! The set of all pairs of all PTP tables, as a bitmap that knows its ranks.
//!
//! Column 1 codes are rows, column 2 codes columns, both in the order of the
//! codes. A row is cut into blocks of 448 columns; a block that holds any pair
//! is one cache line: 448 bits and the number of pairs before it. A directory
//! has one number per row and block, 0 where the block is empty.
//!
//! So a test reads at most the directory and one cache line, has no false
//! positives, and its answer is the pair's *rank* in the order of the pairs,
//! which finds the pair's value and its line in the publisher's file. Real
//! tables fill few blocks, because partners cluster: about four bytes a pair.

use zerocopy::little_endian::{U16, U32, U64};

use codesets::edit::ProcedureCode;

use super::EditTablesError;
use super::build::BuildError;
use super::records::{Block, CodeSlot, NONE, NONE16, index};
use super::sections::{Section, SectionWriter, Sections};
use super::texts::count;

/// Columns in a block.
const BLOCK_COLUMNS: usize = 448;

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
    if rows.len().max(columns.len()) >= usize::from(NONE16) {
        return Err(BuildError::TooManyCodes);
    }
    let blocks_a_row = columns.len().div_ceil(BLOCK_COLUMNS);
    let mut directory = vec![U32::ZERO; rows.len() * blocks_a_row];
    let mut blocks: Vec<Block> = Vec::new();
    let (mut row, mut place) = (0, usize::MAX);
    for (rank, (column1, column2)) in pairs.iter().enumerate() {
        if rows.get(row) != Some(column1) {
            row += 1;
        }
        let column = columns.binary_search(column2).unwrap_or_default();
        let here = row * blocks_a_row + column / BLOCK_COLUMNS;
        if here != place {
            place = here;
            blocks.push(Block {
                bits: [U64::ZERO; 7],
                before: U32::new(count(rank)),
                reserved: U32::ZERO,
            });
            if let Some(entry) = directory.get_mut(here) {
                *entry = U32::new(count(blocks.len()));
            }
        }
        let within = column % BLOCK_COLUMNS;
        if let Some(word) = blocks.last_mut().and_then(|b| b.bits.get_mut(within / 64)) {
            *word |= U64::new(1 << (within % 64));
        }
    }
    sections.put(Section::CodeSlots, &slots(&rows, &columns));
    sections.put(Section::RowCodes, &stored(&rows));
    sections.put(Section::ColumnCodes, &stored(&columns));
    sections.put(Section::PairDirectory, &directory);
    sections.put(Section::PairBlocks, &blocks);
    Ok(())
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

/// Where to begin looking for `code` among `slots` slots, a power of two.
fn first_slot(code: u32, slots: usize) -> usize {
    // Multiplying by 2³²/φ spreads neighbouring numbers; the high bits are the good ones.
    let mixed = code.wrapping_mul(0x9E37_79B9);
    (mixed >> 16 ^ mixed) as usize & (slots.wrapping_sub(1))
}

/// Where a code stands in the bitmap; found once a line, used for every pair of the line.
#[derive(Clone, Copy, Debug)]
pub struct PairCode {
    /// The directory's entry of the row's first block; out of range if there is no row.
    row_blocks: usize,
    /// The column's block; out of range if there is no column.
    block: usize,
    word: usize,
    bit: u32,
}

/// The rank of a pair in the order of all pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PairRank(pub(super) u32);

/// The pairs, ready to answer.
#[derive(Clone, Copy)]
pub(super) struct Pairs<'a> {
    slots: &'a [CodeSlot],
    row_codes: &'a [U32],
    column_codes: &'a [U32],
    directory: &'a [U32],
    blocks: &'a [Block],
    blocks_a_row: usize,
}

impl<'a> Pairs<'a> {
    pub(super) fn read(sections: &'a Sections) -> Pairs<'a> {
        let column_codes: &[U32] = sections.records(Section::ColumnCodes);
        Pairs {
            slots: sections.records(Section::CodeSlots),
            row_codes: sections.records(Section::RowCodes),
            column_codes,
            directory: sections.records(Section::PairDirectory),
            blocks: sections.records(Section::PairBlocks),
            blocks_a_row: column_codes.len().div_ceil(BLOCK_COLUMNS),
        }
    }

    /// Checks what opening can check without reading every block.
    pub(super) fn check(sections: &Sections) -> Result<(), EditTablesError> {
        let slots = sections.check_lengths::<CodeSlot>(Section::CodeSlots)?;
        let rows = sections.check_lengths::<U32>(Section::RowCodes)?;
        let columns = sections.check_lengths::<U32>(Section::ColumnCodes)?;
        let directory = sections.check_lengths::<U32>(Section::PairDirectory)?;
        sections.check_lengths::<Block>(Section::PairBlocks)?;
        if !(slots == 0 || slots.is_power_of_two()) {
            return Err(EditTablesError::damaged(
                "the code slots are no power of two",
            ));
        }
        if directory != rows * columns.div_ceil(BLOCK_COLUMNS) {
            return Err(EditTablesError::damaged(
                "the pair directory does not fit the codes",
            ));
        }
        for section in [Section::RowCodes, Section::ColumnCodes] {
            if !sections
                .records::<U32>(section)
                .is_sorted_by_key(|code| code.get())
            {
                return Err(EditTablesError::damaged(
                    "the codes of the pairs are not sorted",
                ));
            }
        }
        Ok(())
    }

    /// Checks that the blocks' ranks are the counts of the bits before them, and returns the number of pairs.
    pub(super) fn verify(&self) -> Result<u32, EditTablesError> {
        let mut before = 0_u32;
        let mut blocks = 0;
        for entry in self.directory.iter().filter(|entry| entry.get() != 0) {
            blocks += 1;
            let block = self.blocks.get(index(*entry).wrapping_sub(1));
            let Some(block) =
                block.filter(|block| index(*entry) == blocks && block.before.get() == before)
            else {
                return Err(EditTablesError::damaged("a block of pairs is out of order"));
            };
            let ones: u32 = block.bits.iter().map(|word| word.get().count_ones()).sum();
            before = before.saturating_add(ones);
        }
        if blocks != self.blocks.len() {
            return Err(EditTablesError::damaged("a block of pairs is in no row"));
        }
        Ok(before)
    }

    /// Where `code` stands; a code of no pair has a place too, in which nothing is found.
    pub(super) fn locate(&self, code: ProcedureCode) -> PairCode {
        let nowhere = PairCode {
            row_blocks: usize::MAX / 2,
            block: usize::MAX / 2,
            word: 0,
            bit: 0,
        };
        let mut at = first_slot(code.number(), self.slots.len());
        for _ in 0..self.slots.len() {
            let Some(slot) = self.slots.get(at) else {
                return nowhere;
            };
            if slot.code.get() == code.number() {
                return self.place(slot, nowhere);
            }
            if slot.code.get() == NONE {
                return nowhere;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        nowhere
    }

    fn place(&self, slot: &CodeSlot, nowhere: PairCode) -> PairCode {
        let mut found = nowhere;
        if slot.row.get() != NONE16 {
            found.row_blocks = usize::from(slot.row.get()) * self.blocks_a_row;
        }
        if slot.column.get() != NONE16 {
            let column = usize::from(slot.column.get());
            found.block = column / BLOCK_COLUMNS;
            found.word = column % BLOCK_COLUMNS / 64;
            // A block is seven words, so the bit of a column does not depend on its block.
            found.bit = u32::from(slot.column.get()) % 64;
        }
        found
    }

    /// The rank of the pair, if any table has it in this order of columns.
    #[inline]
    pub(super) fn rank(&self, column1: PairCode, column2: PairCode) -> Option<PairRank> {
        let entry = self.directory.get(column1.row_blocks + column2.block)?;
        let block = self.blocks.get(index(*entry).wrapping_sub(1))?;
        let word = block.bits.get(column2.word)?.get();
        if word >> column2.bit & 1 == 0 {
            return None;
        }
        let below = word & ((1 << column2.bit) - 1);
        let earlier = block.bits.get(..column2.word)?;
        let ones: u32 = earlier.iter().map(|word| word.get().count_ones()).sum();
        Some(PairRank(block.before.get() + ones + below.count_ones()))
    }

    /// Every pair of one column 1 code, in the order of the column 2 codes.
    pub(super) fn of_column1(
        &self,
        column1: PairCode,
    ) -> impl Iterator<Item = (ProcedureCode, PairRank)> + use<'a> {
        let first = column1.row_blocks;
        let entries = self
            .directory
            .get(first..first.saturating_add(self.blocks_a_row));
        let pairs = *self;
        entries
            .unwrap_or_default()
            .iter()
            .enumerate()
            .flat_map(move |(place, entry)| pairs.of_block(place, *entry))
    }

    fn of_block(
        self,
        place: usize,
        entry: U32,
    ) -> impl Iterator<Item = (ProcedureCode, PairRank)> + use<'a> {
        let block = self.blocks.get(index(entry).wrapping_sub(1));
        let columns = (0..BLOCK_COLUMNS).filter(move |within| {
            block.is_some_and(|block| {
                let word = block.bits.get(within / 64).map_or(0, |word| word.get());
                word >> (within % 64) & 1 == 1
            })
        });
        let before = block.map_or(0, |block| block.before.get());
        (before..).zip(columns).filter_map(move |(rank, within)| {
            let code = self.column_codes.get(place * BLOCK_COLUMNS + within)?;
            Some((ProcedureCode::from_number(code.get())?, PairRank(rank)))
        })
    }

    /// Every pair of one column 2 code, in the order of the column 1 codes: a test a row.
    pub(super) fn of_column2(
        &self,
        column2: PairCode,
    ) -> impl Iterator<Item = (ProcedureCode, PairRank)> + use<'a> {
        let pairs = *self;
        self.row_codes
            .iter()
            .enumerate()
            .filter_map(move |(row, code)| {
                let column1 = PairCode {
                    row_blocks: row * pairs.blocks_a_row,
                    ..column2
                };
                let rank = pairs.rank(column1, column2)?;
                Some((ProcedureCode::from_number(code.get())?, rank))
            })
    }

    /// Every pair, in order.
    pub(super) fn all(
        &self,
    ) -> impl Iterator<Item = (ProcedureCode, ProcedureCode, PairRank)> + use<'a> {
        let pairs = *self;
        self.row_codes
            .iter()
            .filter_map(|code| ProcedureCode::from_number(code.get()))
            .flat_map(move |column1| {
                pairs
                    .of_column1(pairs.locate(column1))
                    .map(move |(column2, rank)| (column1, column2, rank))
            })
    }
}
