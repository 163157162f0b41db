//! The command line: one file a command, each a translation of arguments into
//! a call of the library and of its answer into lines or JSON.
//!
//! The exit code is 0 when all went well, 1 when something is wrong with the
//! data, the disk or the question, and 2 when the arguments are.

mod browse;
mod build;
mod bundles;
mod check;
mod complete;
mod diff;
mod edit_tables;
mod eval;
mod fetch;
mod inspect;
mod lookup;
mod mcp;
mod options;
mod output;
mod progress;
mod search;
mod serve;
mod translate;
mod validate;
mod verify;

use std::io;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use codebook::browse::BrowseError;
use codebook::cache::CacheError;
use codebook::diff::DiffError;
use codebook::eval::QuestionError;
use codebook::fetch::{FetchError, WishError};
use codebook::http::ServeError;
use codebook::mcp::StdioError;
use codebook::pcs_builder::PcsError;
use codebook::search::SearchError;
use codebook::translate::TranslateError;
use indexer::bundle::BundleError;
use tracing_subscriber::filter::LevelFilter;

use crate::telemetry::LogFormat;

/// A medical-coding search engine and code lookup in one binary, without network.
#[derive(Debug, Parser)]
#[command(
    name = "codebook",
    version,
    propagate_version = true,
    after_help = "Examples:
  codebook search type 2 diabetes with foot ulcer
  codebook lookup E11.621
  codebook build downloads/icd10cm-2026 --out bundle
  codebook check claims.ndjson --bundle bundle
  codebook serve --bundle bundle

Without --bundle, the ICD-10-CM releases that ship with the program answer; their bundle is
built into the cache folder when it is first needed, which takes some seconds."
)]
pub(crate) struct Args {
    /// How log events are written.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "CODEBOOK_LOG_FORMAT",
        hide_env_values = true
    )]
    pub(crate) log_format: LogFormat,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Fetch releases from their publishers into a folder.
    Fetch(fetch::FetchArgs),
    /// Build a bundle from publishers' files.
    Build(build::BuildArgs),
    /// Search for a phrase, a code, the beginning of a code, or a mix of them.
    Search(search::SearchArgs),
    /// Show everything known of one code.
    Lookup(lookup::LookupArgs),
    /// Say whether codes may stand on a claim of a day, and what would make them whole.
    Validate(validate::ValidateArgs),
    /// Compare two releases of a system, code by code.
    Diff(diff::DiffArgs),
    /// Translate a code into other systems, by the maps that are loaded.
    Translate(translate::TranslateArgs),
    /// Walk the tree, the Alphabetic Index, the ICD-10-PCS tables or the modifiers.
    Browse(browse::BrowseArgs),
    /// Complete a phrase or a code as it is typed.
    Complete(complete::CompleteArgs),
    /// Show what a bundle was made from and what it holds.
    Inspect(inspect::InspectArgs),
    /// Compare every file of a bundle with its digest.
    Verify(verify::VerifyArgs),
    /// Check claims against the tables of claim edits and the notes of the code book.
    Check(check::CheckArgs),
    /// Say whether two procedure codes may stand together.
    Pair(edit_tables::PairArgs),
    /// Show what the tables of claim edits say of a code, and what changed between two of them.
    Edits(edit_tables::EditsArgs),
    /// Measure how often the right code comes first, on lists of phrases.
    Eval(eval::EvalArgs),
    /// Serve the page and the JSON API over HTTP.
    Serve(serve::ServeArgs),
    /// Serve one language-model assistant over the standard streams (Model Context Protocol).
    Mcp(mcp::McpArgs),
}

/// How a command ended when it could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is well.
    Done,
    /// The command did its work and found a problem, which it has told.
    Problem,
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The bundle does not open.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// There is no bundle to fall back on.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The question cannot be answered.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// Releases cannot be compared.
    #[error(transparent)]
    Diff(#[from] DiffError),
    /// The code cannot be translated.
    #[error(transparent)]
    Translate(#[from] TranslateError),
    /// There is no such place.
    #[error(transparent)]
    Browse(#[from] BrowseError),
    /// There is no such table.
    #[error(transparent)]
    Pcs(#[from] PcsError),
    /// Nothing is known of what is to be fetched.
    #[error(transparent)]
    Wish(#[from] WishError),
    /// A file does not come.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The service does not start.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// An assistant is not served.
    #[error(transparent)]
    Stdio(#[from] StdioError),
    /// The service cannot have its threads.
    #[error("cannot start the threads of the service")]
    Threads(#[source] io::Error),
    /// A file of questions cannot be read.
    #[error("cannot read `{}`", path.display())]
    Questions {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of questions holds something else.
    #[error("`{}` is no list of questions", path.display())]
    NoQuestions {
        /// The file.
        path: PathBuf,
        /// The first line that is no question.
        source: QuestionError,
    },
    /// A file of claims cannot be read.
    #[error("cannot read `{}`", path.display())]
    Claims {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of claims holds something else.
    #[error("{0}")]
    NoClaims(String),
    /// No such table of claim edits is loaded.
    #[error("{0}")]
    NoTable(String),
    /// The standard input cannot be read.
    #[error("cannot read the standard input")]
    Input(#[source] io::Error),
    /// The output cannot be written.
    #[error("cannot write the output")]
    Output(#[from] io::Error),
    /// The answer cannot be written as rows.
    #[error("cannot write the answer as CSV")]
    Csv(#[from] csv::Error),
    /// The answer cannot be written as JSON.
    #[error("cannot write the answer as JSON")]
    Json(#[from] serde_json::Error),
}

impl Command {
    /// The least severe events that are logged unless the environment says otherwise.
    pub(crate) fn logs_by_default(&self) -> LevelFilter {
        match self {
            Command::Serve(_) => LevelFilter::INFO,
            Command::Fetch(_)
            | Command::Build(_)
            | Command::Search(_)
            | Command::Lookup(_)
            | Command::Validate(_)
            | Command::Diff(_)
            | Command::Translate(_)
            | Command::Browse(_)
            | Command::Complete(_)
            | Command::Inspect(_)
            | Command::Verify(_)
            | Command::Check(_)
            | Command::Pair(_)
            | Command::Edits(_)
            | Command::Eval(_)
            | Command::Mcp(_) => LevelFilter::WARN,
        }
    }

    /// Does it.
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        match self {
            Command::Fetch(args) => fetch::run(args),
            Command::Build(args) => build::run(args),
            Command::Search(args) => search::run(args),
            Command::Lookup(args) => lookup::run(args),
            Command::Validate(args) => validate::run(args),
            Command::Diff(args) => diff::run(args),
            Command::Translate(args) => translate::run(args),
            Command::Browse(args) => browse::run(args),
            Command::Complete(args) => complete::run(args),
            Command::Inspect(args) => inspect::run(args),
            Command::Verify(args) => verify::run(args),
            Command::Check(args) => check::run(args),
            Command::Pair(args) => edit_tables::pair(args),
            Command::Edits(args) => edit_tables::run(args),
            Command::Eval(args) => eval::run(args),
            Command::Serve(args) => serve::run(args),
            Command::Mcp(args) => mcp::run(&args),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_fit_together() {
        super::Args::command().debug_assert();
    }
}
