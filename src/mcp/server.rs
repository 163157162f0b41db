//! The tools, and what the protocol asks of a server beside them.

use std::sync::Arc;
use std::time::Instant;

use jiff::civil::Date;
use rmcp::handler::server::router::prompt::PromptRouter;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::tool::ToolCallContext;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorCode,
    Implementation, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities,
    ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, Json, RoleServer, ServerHandler, prompt_handler, tool, tool_router};

use super::answers::{Checked, Codes, Found, Places, Releases, Validations};
use super::arguments::{
    BrowseArguments, CheckArguments, GetArguments, ReleasesArguments, SearchArguments,
    ValidateArguments,
};
use super::questions::{browsed, checked, day, get, search, validated};
use super::resources;
use crate::catalog::Snapshot;
use crate::http::errors::ApiError;
use crate::http::state::App;
use crate::lookup;

const INSTRUCTIONS: &str = "Medical codes (ICD-10-CM, ICD-10-PCS, HCPCS, ICD-11 and others, as \
    loaded) from local data: nothing leaves this machine. Find codes with search_codes, read them \
    with get_code, and check what you would report with validate_codes for the day of service. \
    Never report a code that these tools did not return. Send clinical words only: no names, \
    dates of birth or record numbers are needed.";

/// The server of one client: it keeps nothing of its own.
#[derive(Clone, Debug)]
pub struct CodebookServer {
    pub(super) app: Arc<App>,
    tool_router: ToolRouter<CodebookServer>,
    pub(super) prompt_router: PromptRouter<CodebookServer>,
}

#[tool_router]
impl CodebookServer {
    /// A server that answers as `app` does.
    pub fn new(app: Arc<App>) -> CodebookServer {
        CodebookServer {
            app,
            tool_router: Self::tool_router(),
            prompt_router: Self::prompts(),
        }
    }

    #[tool(
        name = "search_codes",
        title = "Search medical codes",
        description = "Finds the codes for a clinical phrase, best first, in the releases that \
            answer for the day of service. Reads abbreviations, lay words, misspellings, sides \
            and encounters; says which name of the code met the words. Also takes a code or its \
            beginning. An empty list means that no loaded release has such words, not that no \
            code exists: try fewer or other words. No patient data is needed.",
        annotations(
            read_only_hint = true,
            idempotent_hint = true,
            destructive_hint = false,
            open_world_hint = false
        )
    )]
    async fn search_codes(
        &self,
        Parameters(arguments): Parameters<SearchArguments>,
    ) -> Result<Json<Found>, String> {
        self.ask(move |snapshot, today| search(snapshot, arguments, today))
            .await
    }

    #[tool(
        name = "get_code",
        title = "Look codes up",
        description = "Says what is known of up to 50 codes on a day of service: title, whether \
            they can be reported as they stand, place, inclusion terms, seventh characters and, \
            when included, notes (Excludes1, code first …), children and history. A code that \
            the release lacks comes back with found=false, the reason and codes that look like \
            it; it never fails the call. No patient data is needed.",
        annotations(
            read_only_hint = true,
            idempotent_hint = true,
            destructive_hint = false,
            open_world_hint = false
        )
    )]
    async fn get_code(
        &self,
        Parameters(arguments): Parameters<GetArguments>,
    ) -> Result<Json<Codes>, String> {
        self.ask(move |snapshot, today| get(snapshot.bundle(), arguments, today))
            .await
    }

    #[tool(
        name = "validate_codes",
        title = "Validate codes for a day",
        description = "Says of up to 100 codes whether each may stand on a claim for the day of \
            service, and if not, why (header, incomplete, terminated, not yet effective, unknown, \
            of another system) and what would complete or replace it. Ask before reporting any \
            code. no_release means that nothing is loaded for that day, so nothing can be said. \
            No patient data is needed.",
        annotations(
            read_only_hint = true,
            idempotent_hint = true,
            destructive_hint = false,
            open_world_hint = false
        )
    )]
    async fn validate_codes(
        &self,
        Parameters(arguments): Parameters<ValidateArguments>,
    ) -> Result<Json<Validations>, String> {
        self.ask(move |snapshot, _| validated(snapshot.bundle(), arguments))
            .await
    }

    #[tool(
        name = "check_edits",
        title = "Check a claim's codes against each other",
        description = "Says whether the codes of a claim may stand together on the day of \
            service: NCCI procedure-to-procedure edits, medically unlikely units, add-on codes, \
            Excludes notes, age and sex edits, validity. Each edit applies, does_not_apply or \
            has no_data; summary.not_checked names the tables that are not loaded, so an empty \
            list of findings means that nothing applies only where they are. Each finding has \
            the row that says so and the way out. Give an age, never a name or a record number.",
        annotations(
            read_only_hint = true,
            idempotent_hint = true,
            destructive_hint = false,
            open_world_hint = false
        )
    )]
    async fn check_edits(
        &self,
        Parameters(arguments): Parameters<CheckArguments>,
    ) -> Result<Json<Checked>, String> {
        self.ask(move |snapshot, today| checked(snapshot, &arguments, today))
            .await
    }

    #[tool(
        name = "browse",
        title = "Browse the hierarchy",
        description = "Lists what stands below, above or beside a chapter, section or code of a \
            code system, in the publisher's order; without a code, the chapters. An empty list \
            of children means that the code is a leaf. No patient data is needed.",
        annotations(
            read_only_hint = true,
            idempotent_hint = true,
            destructive_hint = false,
            open_world_hint = false
        )
    )]
    async fn browse(
        &self,
        Parameters(arguments): Parameters<BrowseArguments>,
    ) -> Result<Json<Places>, String> {
        self.ask(move |snapshot, today| browsed(snapshot.bundle(), &arguments, today))
            .await
    }

    #[tool(
        name = "list_releases",
        title = "List loaded releases",
        description = "Lists every loaded release of every code system with its days in force, \
            publisher and licence, and says which one answers for a day. A system that is not \
            listed is not loaded: its codes can be neither found nor ruled out.",
        annotations(
            read_only_hint = true,
            idempotent_hint = true,
            destructive_hint = false,
            open_world_hint = false
        )
    )]
    async fn list_releases(
        &self,
        Parameters(arguments): Parameters<ReleasesArguments>,
    ) -> Result<Json<Releases>, String> {
        self.ask(move |snapshot, today| {
            let date = day(arguments.date.as_deref(), today)?;
            let releases = lookup::releases(snapshot.bundle(), date);
            Ok(Releases {
                date: date.to_string(),
                releases: releases.into_iter().map(From::from).collect(),
            })
        })
        .await
    }
}

impl CodebookServer {
    /// Runs `work` where cores are counted, with the bundle and the day it is; answers with JSON, or says why not in a sentence.
    async fn ask<T, F>(&self, work: F) -> Result<Json<T>, String>
    where
        T: Send + 'static,
        F: FnOnce(&Snapshot, Date) -> Result<T, ApiError> + Send + 'static,
    {
        let snapshot = self.app.catalog.snapshot();
        let today = (self.app.today)();
        let answer = self.app.pool.run(move || work(&snapshot, today)).await;
        match answer.map_err(ApiError::from) {
            Ok(Ok(answer)) => Ok(Json(answer)),
            Ok(Err(error)) | Err(error) => Err(error.sentence()),
        }
    }
}

#[prompt_handler(router = self.prompt_router)]
impl ServerHandler for CodebookServer {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_prompts()
            .build();
        let name = Implementation::new("codebook", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(capabilities)
            .with_server_info(name)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tool_router.list_all()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tool_router.get(name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let start = Instant::now();
        let tool = self.get_tool(&request.name);
        let called = self
            .tool_router
            .call(ToolCallContext::new(self, request, context))
            .await;
        tracing::info!(
            tool = tool.as_ref().map_or("unknown", |tool| &tool.name),
            refused = called.is_err(),
            duration_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
            "called a tool"
        );
        without_values(called, tool.as_ref())
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(resources::listed()))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let templates = resources::templates();
        Ok(ListResourceTemplatesResult::with_all_items(templates))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        resources::read(&self.app, request.uri)
            .await
            .map(From::from)
    }
}

/// How rmcp begins its answer to arguments that do not fit; the rest quotes them.
const MISFIT: &str = "failed to deserialize parameters";

/// The answer, without what was sent where it only says that this does not fit.
fn without_values(
    called: Result<CallToolResponse, ErrorData>,
    tool: Option<&Tool>,
) -> Result<CallToolResponse, ErrorData> {
    let Some(tool) = tool else {
        let message = "there is no such tool; tools/list names them";
        return called.map_err(|error| ErrorData::new(error.code, message, None));
    };
    let quotes = match &called {
        Ok(CallToolResponse::Complete(result)) => result
            .content
            .first()
            .and_then(ContentBlock::as_text)
            .is_some_and(|content| content.text.starts_with(MISFIT)),
        Ok(_) => false,
        Err(error) => error.code == ErrorCode::INVALID_PARAMS,
    };
    if !quotes {
        return called;
    }
    let properties = tool.input_schema.get("properties");
    let names: Vec<&str> = properties
        .and_then(|properties| properties.as_object())
        .map_or_else(Vec::new, |names| names.keys().map(String::as_str).collect());
    let message = format!(
        "the arguments do not fit the input schema of {}, which has: {}",
        tool.name,
        names.join(", ")
    );
    Ok(CallToolResult::error(vec![ContentBlock::text(message)]).into())
}
