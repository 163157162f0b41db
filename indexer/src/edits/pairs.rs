//! The set of all pairs of all PTP tables, as a bitmap that knows its ranks.
//!
//! Column 1 codes are rows, column 2 codes columns, both in the order of the
//! codes. A row is cut into blocks of 192 columns; a block that holds any pair
//! is half a cache line: its bits and the number of pairs before it. Block 0 is
//! empty and stands for all that hold none. A directory has one byte per row and
//! block: which of the row's blocks it is, from 1, or 0 for the empty one.
//!
//! So a test reads a byte and a block, has no false positives and no branch but
//! its answer, and that is the pair's *rank* in the order of the pairs, which
//! finds the pair's value and its line in the publisher's file. Real tables fill
//! few blocks, because partners cluster: less than four bytes a pair.

use codesets::edit::ProcedureCode;
use zerocopy::little_endian::{U32, U64};

use super::EditTablesError;
use super::records::{Block, CodeSlot, NONE, NONE16, index};
use super::sections::{Section, Sections};

/// Columns in a block.
pub(super) const BLOCK_COLUMNS: usize = 192;

/// Where to begin looking for `code` among `slots` slots, a power of two.
pub(super) fn first_slot(code: u32, slots: usize) -> usize {
    // Multiplying by 2³²/φ spreads neighbouring numbers; the high bits are the good ones.
    let mixed = code.wrapping_mul(0x9E37_79B9);
    ((mixed >> 16) ^ mixed) as usize & (slots.wrapping_sub(1))
}

/// How many bits of a word are set: at most 64.
pub(super) fn ones(word: u64) -> u8 {
    u8::try_from(word.count_ones()).unwrap_or(64)
}

/// Where a code stands in the bitmap; found once a line, used for every pair of the line.
#[derive(Clone, Copy, Debug)]
pub struct PairCode {
    /// The directory's entry of the row's first block; out of range if there is no row.
    row_entry: usize,
    /// The block before the row's first one.
    row_block: usize,
    /// The column's block; out of range if there is no column.
    block: usize,
    word: usize,
    bit: u32,
}

impl PairCode {
    /// A place that is in no row and no column.
    const NOWHERE: PairCode = PairCode {
        row_entry: usize::MAX / 2,
        row_block: 0,
        block: usize::MAX / 2,
        word: 0,
        bit: 0,
    };

    /// The block that an entry of this row means: the row's so-manieth, or the empty one.
    #[inline]
    fn block_of(self, entry: u8) -> usize {
        if entry == 0 {
            0
        } else {
            self.row_block + usize::from(entry)
        }
    }
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
    directory: &'a [u8],
    row_blocks: &'a [U32],
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
            directory: sections.bytes(Section::PairDirectory),
            row_blocks: sections.records(Section::RowBlocks),
            blocks: sections.records(Section::PairBlocks),
            blocks_a_row: column_codes.len().div_ceil(BLOCK_COLUMNS),
        }
    }

    /// Checks what opening can check without reading every block.
    pub(super) fn check(sections: &Sections) -> Result<(), EditTablesError> {
        let slots = sections.check_lengths::<CodeSlot>(Section::CodeSlots)?;
        let rows = sections.check_lengths::<U32>(Section::RowCodes)?;
        let columns = sections.check_lengths::<U32>(Section::ColumnCodes)?;
        let row_blocks = sections.check_lengths::<U32>(Section::RowBlocks)?;
        sections.check_lengths::<Block>(Section::PairBlocks)?;
        let directory = sections.bytes(Section::PairDirectory).len();
        if !(slots == 0 || slots.is_power_of_two()) {
            return Err(EditTablesError::damaged(
                "the code slots are no power of two",
            ));
        }
        if directory != rows * columns.div_ceil(BLOCK_COLUMNS) || row_blocks != rows {
            return Err(EditTablesError::damaged(
                "the pair directory does not fit the codes",
            ));
        }
        for section in [Section::RowCodes, Section::ColumnCodes] {
            let codes = sections.records::<U32>(section);
            if !codes.is_sorted_by_key(|code| code.get()) {
                return Err(EditTablesError::damaged(
                    "the codes of the pairs are not sorted",
                ));
            }
        }
        Ok(())
    }

    /// Checks that the directory counts the blocks and that the blocks count
    /// the bits before them, and returns the number of pairs.
    pub(super) fn verify(&self) -> Result<u32, EditTablesError> {
        let damaged = || EditTablesError::damaged("a block of pairs is out of order");
        let mut blocks = self.blocks.iter();
        if blocks
            .next()
            .is_some_and(|empty| empty.bits != [U64::ZERO; 3])
        {
            return Err(damaged());
        }
        let mut before = 0_u32;
        let mut first = 0;
        let rows = self.directory.chunks(self.blocks_a_row.max(1));
        for (entries, row_block) in rows.zip(self.row_blocks) {
            let filled = entries.iter().copied().filter(|entry| *entry != 0);
            let number = filled.clone().count();
            if index(*row_block) != first || !filled.eq((1..=u8::MAX).take(number)) {
                return Err(damaged());
            }
            first += number;
            for block in blocks.by_ref().take(number) {
                let mut within = 0;
                for (word, before_word) in block.bits.iter().zip(block.before_word) {
                    if before_word != within {
                        return Err(damaged());
                    }
                    within += ones(word.get());
                }
                if block.before.get() != before {
                    return Err(damaged());
                }
                before += u32::from(within);
            }
        }
        if first + 1 != self.blocks.len().max(1) {
            return Err(damaged());
        }
        Ok(before)
    }

    /// Where `code` stands; a code of no pair has a place too, in which nothing is found.
    pub(super) fn locate(&self, code: ProcedureCode) -> PairCode {
        let mut at = first_slot(code.number(), self.slots.len());
        for _ in 0..self.slots.len() {
            let Some(slot) = self.slots.get(at) else {
                break;
            };
            if slot.code.get() == code.number() {
                return self.place(slot);
            }
            if slot.code.get() == NONE {
                break;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        PairCode::NOWHERE
    }

    fn place(&self, slot: &CodeSlot) -> PairCode {
        let mut found = PairCode::NOWHERE;
        if slot.row.get() != NONE16 {
            found = self.row(usize::from(slot.row.get()));
        }
        if slot.column.get() != NONE16 {
            let column = usize::from(slot.column.get());
            found.block = column / BLOCK_COLUMNS;
            found.word = column % BLOCK_COLUMNS / 64;
            // A block is whole words, so the bit of a column does not depend on its block.
            found.bit = u32::from(slot.column.get()) % 64;
        }
        found
    }

    /// The place of a row, in no column.
    fn row(&self, row: usize) -> PairCode {
        PairCode {
            row_entry: row * self.blocks_a_row,
            row_block: self.row_blocks.get(row).map_or(0, |block| index(*block)),
            ..PairCode::NOWHERE
        }
    }

    /// The rank of the pair, if any table has it in this order of columns.
    #[inline]
    pub(super) fn rank(&self, column1: PairCode, column2: PairCode) -> Option<PairRank> {
        let (block, word) = self.word(column1, column2)?;
        if word >> column2.bit & 1 == 0 {
            return None;
        }
        let below = word & ((1 << column2.bit) - 1);
        let before_word = *block.before_word.get(column2.word)?;
        let rank = block.before.get() + u32::from(before_word) + below.count_ones();
        Some(PairRank(rank))
    }

    /// Bit `n` says whether any table has the pair with the `n`th of `columns2`,
    /// of which there are at most 64. No branch depends on the answers.
    #[inline]
    pub(super) fn mask(&self, column1: PairCode, columns2: &[PairCode]) -> u64 {
        let mut mask = 0;
        for (n, column2) in columns2.iter().enumerate() {
            let word = self.word(column1, *column2).map_or(0, |(_, word)| word);
            mask |= (word >> column2.bit & 1) << (n % 64);
        }
        mask
    }

    /// The block and the word in which the pair's bit stands.
    #[inline]
    fn word(&self, column1: PairCode, column2: PairCode) -> Option<(&'a Block, u64)> {
        let entry = *self.directory.get(column1.row_entry + column2.block)?;
        let block = self.blocks.get(column1.block_of(entry))?;
        Some((block, block.bits.get(column2.word)?.get()))
    }

    /// Every pair of one column 1 code, in the order of the column 2 codes.
    pub(super) fn of_column1(
        &self,
        column1: PairCode,
    ) -> impl Iterator<Item = (ProcedureCode, PairRank)> + use<'a> {
        let first = column1.row_entry;
        let entries = self
            .directory
            .get(first..first.saturating_add(self.blocks_a_row))
            .unwrap_or_default();
        let pairs = *self;
        entries
            .iter()
            .enumerate()
            .flat_map(move |(place, entry)| pairs.of_block(place, column1.block_of(*entry)))
    }

    /// The pairs of a block, the `place`th of its row.
    fn of_block(
        self,
        place: usize,
        block: usize,
    ) -> impl Iterator<Item = (ProcedureCode, PairRank)> + use<'a> {
        let block = self.blocks.get(block);
        let columns = (0..BLOCK_COLUMNS).filter(move |within| {
            let word = block.and_then(|block| block.bits.get(within / 64));
            word.is_some_and(|word| word.get() >> (within % 64) & 1 == 1)
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
        let rows = self.row_codes.iter().enumerate();
        rows.filter_map(move |(row, code)| {
            let rank = pairs.rank(pairs.row(row), column2)?;
            Some((ProcedureCode::from_number(code.get())?, rank))
        })
    }

    /// Every pair, in order.
    pub(super) fn all(
        &self,
    ) -> impl Iterator<Item = (ProcedureCode, ProcedureCode, PairRank)> + use<'a> {
        let pairs = *self;
        let rows = self.row_codes.iter().enumerate();
        rows.flat_map(move |(row, code)| {
            let column1 = ProcedureCode::from_number(code.get());
            let of_row = pairs.of_column1(pairs.row(row));
            of_row.filter_map(move |(column2, rank)| Some((column1?, column2, rank)))
        })
    }
}
