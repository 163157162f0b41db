//! The Model Context Protocol: codebook as tools, resources and a prompt for
//! language-model assistants, over stdio and over streamable HTTP.
//!
//! Published at <https://modelcontextprotocol.io/>. A tool asks the same function
//! as every other door and answers with the same codes in the same order. Nothing
//! is kept between calls.

mod answers;
mod arguments;
mod http;
#[expect(
    missing_docs,
    reason = "rmcp's macro makes a public function without documentation"
)]
mod prompt;
mod questions;
mod resources;
mod server;
mod stdio;

pub use http::{Access, ROUTE, service};
pub use server::CodebookServer;
pub use stdio::{StdioError, serve_stdio};
