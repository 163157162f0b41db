//! Shows on a terminal how far a build or a download is; elsewhere says nothing.

use std::time::Duration;

use codebook::fetch::FetchProgress;
use indexer::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// A bar on the error output, if that is a terminal; it is removed when the work is done.
#[derive(Debug)]
pub(super) struct TerminalProgress {
    bar: ProgressBar,
}

impl TerminalProgress {
    pub(super) fn new() -> TerminalProgress {
        // Drawing goes to the error output, and nowhere when that is no terminal.
        TerminalProgress {
            bar: ProgressBar::new_spinner(),
        }
    }

    fn style(&self, template: &str) {
        // A template that cannot be read leaves the style as it was.
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }
}

impl Progress for TerminalProgress {
    fn stage(&self, text: &str) {
        self.style("{spinner} {msg} {elapsed}");
        self.bar.set_message(text.to_owned());
    }

    fn file(&self, done: usize, total: usize, name: &str) {
        self.style("{bar:30} {pos}/{len} files  {wide_msg}");
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
        self.bar.set_message(name.to_owned());
    }
}

/// A bar of bytes read, on the error output, if that is a terminal; `total` if it is known.
pub(super) fn bytes_bar(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (
            ProgressBar::new(total),
            "{bar:30} {bytes}/{total_bytes}  {msg} claims  {eta} left",
        ),
        None => (
            ProgressBar::new_spinner(),
            "{spinner} {bytes}  {msg} claims  {elapsed}",
        ),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

impl FetchProgress for TerminalProgress {
    fn bytes(&self, done: u64, total: Option<u64>) {
        if let Some(total) = total.filter(|total| self.bar.length() != Some(*total)) {
            self.style("{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}  {wide_msg}");
            self.bar.set_length(total);
        }
        self.bar.set_position(done);
    }

    fn again(&self, done: u64) {
        self.bar.set_message(format!(
            "the connection broke after {done} bytes; trying again"
        ));
    }
}

impl Drop for TerminalProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
