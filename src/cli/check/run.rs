//! Threads that take batches, check them, and write in turn.
//!
//! A batch has a number; its answers are written when its turn comes, so the
//! output has the input's order and nothing piles up: each thread holds one batch.

use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use codebook::edits::check;
use indicatif::ProgressBar;

use super::Job;
use super::claims::{self, Given};
use super::input::{Batch, Input};
use super::summary::Totals;
use super::written;
use crate::cli::CliError;

/// What the threads share.
struct Line<'a> {
    input: Mutex<(Input, u64)>,
    output: Mutex<Output>,
    /// Told when a turn is over.
    is_over: Condvar,
    bar: &'a ProgressBar,
}

struct Output {
    out: Box<dyn Write + Send>,
    /// The number of the batch that is written next.
    turn: u64,
    totals: Totals,
    failed: Option<CliError>,
}

/// Ends a thread's turn, even if the thread panics: the others must not wait for it for ever.
struct Turn<'l, 'a> {
    line: &'l Line<'a>,
    number: u64,
}

impl Drop for Turn<'_, '_> {
    fn drop(&mut self) {
        let mut output = lock(&self.line.output);
        output.turn = output.turn.max(self.number + 1);
        self.line.is_over.notify_all();
    }
}

/// Checks every claim of `input` and writes the answers to `out`.
pub(super) fn run(
    job: &Job,
    input: Input,
    out: Box<dyn Write + Send>,
    threads: usize,
    bar: &ProgressBar,
) -> Result<Totals, CliError> {
    let line = Line {
        input: Mutex::new((input, 0)),
        output: Mutex::new(Output {
            out,
            turn: 0,
            totals: Totals::default(),
            failed: None,
        }),
        is_over: Condvar::new(),
        bar,
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| work(job, &line));
        }
        work(job, &line);
    });
    let output = line.output.into_inner();
    let mut output = output.unwrap_or_else(PoisonError::into_inner);
    match output.failed.take() {
        Some(error) => Err(error),
        None => {
            output.out.flush()?;
            Ok(output.totals)
        }
    }
}

fn work(job: &Job, line: &Line<'_>) {
    while let Some((turn, batch)) = take(line) {
        let mut text = Vec::with_capacity(1 << 20);
        let mut totals = Totals::default();
        let batch = batch.map(|(batch, bytes)| {
            claims::each(job, &batch, &mut |given| {
                answer(job, &given, &mut totals, &mut text);
            });
            bytes
        });
        let mut output = line
            .is_over
            .wait_while(lock(&line.output), |output| output.turn < turn.number)
            .unwrap_or_else(PoisonError::into_inner);
        if output.failed.is_none() {
            output.totals.add(&totals);
            let written = batch.and_then(|bytes| {
                line.bar.inc(bytes);
                line.bar.set_message(output.totals.claims.to_string());
                output.out.write_all(&text)
            });
            output.failed = written.err().map(CliError::Output);
        }
    }
}

/// The next batch, or what went wrong in reading it, with its turn; `None` when there is nothing to do.
fn take<'l, 'a>(line: &'l Line<'a>) -> Option<(Turn<'l, 'a>, io::Result<(Batch, u64)>)> {
    if lock(&line.output).failed.is_some() {
        return None;
    }
    let mut input = lock(&line.input);
    let batch = input.0.next().transpose()?;
    let number = input.1;
    input.1 += 1;
    Some((Turn { line, number }, batch))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that panics leaves numbers behind that are still numbers.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(job: &Job, given: &Given<'_>, totals: &mut Totals, text: &mut Vec<u8>) {
    totals.claims += 1;
    match &given.claim {
        Err(problem) => {
            totals.unread += 1;
            written::unread(job, given, problem, text);
        }
        Ok(claim) => {
            let rules = job.book.rules(claim);
            let report = check(job.book.bundle().edits(), claim, &rules);
            totals.count(&report);
            written::report(job, given, claim, &report, text);
        }
    }
}
