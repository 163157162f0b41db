//! The prompt `code-this-note`.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{GetPromptResult, PromptMessage, Role};
use rmcp::{prompt, prompt_router};

use super::CodebookServer;
use super::arguments::NoteArguments;

const STEPS: &str = "Code the clinical note below for the day of service. Work in this order:
1. List the conditions and services that the note states. Leave out what it denies, rules out or \
only suspects (outpatient), and what it does not state.
2. For each, call search_codes with the note's own words, side, encounter and cause included.
3. Call get_code with include=[notes] for each code you consider, and follow its notes: Excludes1, \
code first, use additional code, and those it inherits. Complete headers and seventh characters.
4. Call validate_codes with the day of service for every code you keep; replace those that are not \
valid by what complete_with or replaced_by offers.
5. Call check_edits with the codes you keep, and act on what applies; name what was not checked.
Answer with a table: code, title, the words of the note that it rests on. Never invent a code, and \
never give one that the tools did not return. Where the note does not say enough (side, type, \
encounter), name what is missing rather than guess.";

#[prompt_router(router = "prompts", vis = "pub(super)")]
impl CodebookServer {
    /// The steps, with the note and its day below them.
    #[prompt(
        name = "code-this-note",
        title = "Code this note",
        description = "Codes a clinical note step by step with the tools: search, look up, follow \
            the notes, validate for the day of service; never invents a code."
    )]
    async fn code_this_note(
        &self,
        Parameters(arguments): Parameters<NoteArguments>,
    ) -> GetPromptResult {
        let today = (self.app.today)();
        let day = arguments.date.unwrap_or_else(|| today.to_string());
        let text = format!(
            "{STEPS}\n\nDay of service: {day}\n\nNote:\n{}",
            arguments.note
        );
        GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)])
            .with_description("Steps to code a note with the tools of this server")
    }
}
