//! The one integration binary.
//!
//! | module | what it tests |
//! |---|---|
//! | `build` | `codebook build`: reports, what is refused, what a kill leaves behind |
//! | `book_commands` | `validate`, `diff`, `translate`, `browse`: what they print, and their exit codes |
//! | `book_doors` | the same over HTTP |
//! | `bundles` | `inspect` and `verify`, and bundles that must not open |
//! | `commands` | `search`, `lookup`, `complete`, `eval`: what they print, and their exit codes |
//! | `doors` | the doors other programs know: NLM's arrays, WHO's ICD-API, MCP, and that all doors agree |
//! | `edits` | claims against edit tables: by hand, against a model, on boundary days |
//! | `edits_commands` | `check`, `pair` and `edits` on the command line |
//! | `edits_full_data` | the published tables of edits in one bundle, where `CODEBOOK_DATA` says they are |
//! | `edits_http` | claims, pairs and partners over HTTP |
//! | `embedded` | the release that ships with the program, from an empty cache to an answer |
//! | `fhir_answers` | what the FHIR doors answer: each operation, read and search, batches |
//! | `fhir_odd` | FHIR questions that nobody should ask, and limits: always an OperationOutcome |
//! | `fhir_service` | the service asked in FHIR, for the modules beside it |
//! | `fhir_value_sets` | composition, over loaded code systems and over those sent along |
//! | `http_answers` | what the service answers, in-process |
//! | `http_doors` | what HTTP promises: tags, methods, origins, hosts, batches, streams |
//! | `http_limits` | the service under load, and its reload |
//! | `http_privacy` | a query's words are in answers and nowhere else |
//! | `http_problems` | every problem of the service's table, and odd input |
//! | `http_process` | `codebook serve` as a process: signals, limits of connections |
//! | `http_service` | the service over a small bundle, for the modules above |
//! | `odd_questions` | questions that nobody should ask |
//! | `openapi` | the description of the API, and its examples on the embedded release |
//! | `choices` | the choices that finish a code, and the senses of an abbreviation |
//! | `fetch` | `codebook fetch` against a server that cuts connections and lies |
//! | `full_data` | the publishers' own files, where `CODEBOOK_DATA` says they are |
//! | `relevance` | the relevance suite against the embedded release: floors that only rise |
//! | `support` | the program in a folder of its own, and small invented releases |
//! | `systems` | every code set in one bundle: read, found, compared, validated, translated |
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may fail loudly, helpers outside of test functions too, and says when it did not run"
)]

mod book_commands;
mod book_doors;
mod build;
mod bundles;
mod choices;
mod commands;
mod doors;
mod edits;
mod edits_commands;
mod edits_full_data;
mod edits_http;
mod embedded;
mod fetch;
mod fhir_answers;
mod fhir_odd;
mod fhir_service;
mod fhir_value_sets;
mod full_data;
mod http_answers;
mod http_doors;
mod http_limits;
mod http_privacy;
mod http_problems;
#[cfg(unix)]
mod http_process;
mod http_service;
mod odd_questions;
mod openapi;
mod relevance;
mod support;
mod systems;
