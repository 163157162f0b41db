//! The Model Context Protocol, over HTTP in-process and over the standard streams.
//!
//! 1. Every tool has a description and schemas of what it takes and answers.
//! 2. Every tool answers; one bad code never fails a call.
//! 3. What does not fit the schema is refused without being repeated.
//! 4. Resources and the prompt are read.
//! 5. Over HTTP, only hosts and origins that are allowed may ask.
//! 6. Over the standard streams, nothing but the protocol is written, and no log repeats a query.

use std::io::Write;

use axum::http::Method;
use codebook::mcp::Access;
use serde_json::{Value, json};

use super::support::{DAY, Everything, service, strings};
use crate::support::Workshop;

const TOOLS: [&str; 6] = [
    "browse",
    "check_edits",
    "get_code",
    "list_releases",
    "search_codes",
    "validate_codes",
];

#[tokio::test]
async fn tools_say_what_they_take_and_answer() {
    let all = Everything::new();
    let listed = all.mcp("tools/list", json!({})).await["result"]["tools"].take();
    let mut names = strings(&listed, Some("name"));
    names.sort();
    assert_eq!(names, TOOLS);
    for tool in listed.as_array().unwrap() {
        assert!(tool["description"].as_str().unwrap().len() > 100, "{tool}");
        assert!(tool["inputSchema"]["properties"].is_object(), "{tool}");
        assert!(tool["outputSchema"]["properties"].is_object(), "{tool}");
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        assert!(!tool.to_string().contains("\"uint"), "{tool}");
    }
}

#[tokio::test]
async fn codes_are_found_page_by_page() {
    let all = Everything::new();
    let first = all
        .tool(
            "search_codes",
            json!({ "query": "diabetic foot ulcer", "limit": 1 }),
        )
        .await;
    assert_eq!(first["codes"][0]["code"], "E11.621");
    assert_eq!(first["codes"][0]["billable"], true);
    let cursor = first["next_cursor"].as_str().unwrap();
    let arguments = json!({ "query": "diabetic foot ulcer", "limit": 1, "cursor": cursor });
    let second = all.tool("search_codes", arguments).await;
    assert_ne!(second["codes"][0]["code"], "E11.621");
    let systems: Vec<String> = strings(&first["releases"], Some("system"));
    assert!(systems.contains(&"icd11".to_owned()), "{systems:?}");
    let cited = first["releases"].as_array().unwrap().iter();
    let cited: Vec<&Value> = cited.filter(|it| it["citation"].is_string()).collect();
    assert_eq!(cited.len(), 1, "WHO asks to be cited, the others do not");
}

#[tokio::test]
async fn one_bad_code_never_fails_a_call() {
    let all = Everything::new();
    let codes = json!(["e11621", "E11.62", "E1l.9", "not a code", "J9998", "1A00.0"]);
    let include = json!(["notes", "children", "history"]);
    let answer = all
        .tool("get_code", json!({ "codes": codes, "include": include }))
        .await;
    let found: Vec<bool> = answer["codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["found"].as_bool().unwrap())
        .collect();
    assert_eq!(found, [true, true, false, false, true, true]);
    assert_eq!(answer["codes"][0]["code"], "E11.621");
    assert_eq!(answer["codes"][1]["children"][0]["code"], "E11.621");
    assert!(answer["codes"][0]["notes"].to_string().contains("L97.4-"));
    let said = all
        .tool(
            "validate_codes",
            json!({ "codes": ["E11.6", "E11.7", "E11.9", "W21.89A"], "date": DAY.to_string() }),
        )
        .await;
    assert_eq!(
        strings(&said["codes"], Some("status")),
        ["header", "terminated", "valid", "needs_placeholder"]
    );
    assert_eq!(said["codes"][3]["complete_with"][0]["code"], "W21.89XA");
}

#[tokio::test]
async fn a_claim_is_checked_as_over_http() {
    let all = Everything::new();
    let claim = json!({
        "date": DAY.to_string(),
        "diagnoses": ["E11.9", "E11.7"],
        "lines": [{ "code": "G0101", "modifiers": ["25"], "units": 1.0 }],
    });
    let said = all.tool("check_edits", claim.clone()).await;
    let http = all.service.post("/v1/edits/check", claim.to_string()).await;
    assert_eq!(said["summary"], http.json()["summary"]);
    assert_eq!(said["findings"], http.json()["findings"]);
    let unloaded = strings(&said["summary"]["not_checked"], None);
    assert!(unloaded.contains(&"ncci_ptp".to_owned()), "{said}");
}

#[tokio::test]
async fn the_hierarchy_and_the_releases_are_told() {
    let all = Everything::new();
    let below = all
        .tool("browse", json!({ "system": "icd10cm", "code": "E11.62" }))
        .await;
    assert_eq!(
        strings(&below["nodes"], Some("code")),
        ["E11.621", "E11.628"]
    );
    let above = all
        .tool(
            "browse",
            json!({ "system": "icd10cm", "code": "E11.62", "direction": "ancestors" }),
        )
        .await;
    assert_eq!(
        strings(&above["nodes"], Some("code")),
        ["4", "E08-E13", "E11", "E11.6"]
    );
    let releases = all.tool("list_releases", json!({})).await;
    let answering = releases["releases"].as_array().unwrap().iter();
    let answering = answering.filter(|it| it["answers"] == true).count();
    assert_eq!(answering, 5, "{releases}");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_without_being_repeated() {
    let all = Everything::new();
    let marked = "quixotezebra";
    for arguments in [
        json!({ "query": "x", "limit": marked }),
        json!({ "query": "x", marked: 1 }),
        json!({ "query": ["x", marked] }),
        json!({}),
    ] {
        let params = json!({ "name": "search_codes", "arguments": arguments });
        let answer = all.mcp("tools/call", params).await;
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        let said = answer["result"]["content"][0]["text"].as_str().unwrap();
        assert!(
            said.contains("which has: ") && said.contains("query"),
            "{said}"
        );
        assert!(!answer.to_string().contains(marked), "{answer}");
    }
    for arguments in [
        json!({ "query": "x", "systems": [marked] }),
        json!({ "query": "x", "date": marked }),
        json!({ "query": "x", "cursor": marked }),
    ] {
        let params = json!({ "name": "search_codes", "arguments": arguments });
        let answer = all.mcp("tools/call", params).await;
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        assert!(!answer.to_string().contains(marked), "{answer}");
    }
}

#[tokio::test]
async fn resources_and_the_prompt_are_read() {
    let all = Everything::new();
    let read = async |uri: &str| all.mcp("resources/read", json!({ "uri": uri })).await;
    let listed = all.mcp("resources/list", json!({})).await;
    assert_eq!(listed["result"]["resources"][0]["uri"], "codes://releases");
    let templates = all.mcp("resources/templates/list", json!({})).await;
    let template = &templates["result"]["resourceTemplates"][0]["uriTemplate"];
    assert_eq!(*template, "codes://{system}/{version}/{code}");
    let text = |answer: &Value| -> Value {
        let text = answer["result"]["contents"][0]["text"].as_str();
        serde_json::from_str(text.unwrap_or_else(|| panic!("{answer}"))).unwrap()
    };
    let older = text(&read("codes://icd10cm/2098/E11.7").await);
    assert_eq!(older["display"], "Type 2 diabetes mellitus with bad luck");
    let cited = text(&read("codes://icd11/2098-01/1A01").await);
    assert!(
        cited["citation"]
            .as_str()
            .unwrap()
            .contains("World Health Organization")
    );
    assert!(
        text(&read("codes://releases").await)
            .as_array()
            .unwrap()
            .len()
            > 5
    );
    for missing in [
        "codes://icd10cm/2099/E11.7",
        "codes://icd10cm/1999/E11",
        "codes://x",
        "file:///etc/passwd",
    ] {
        let answer = read(missing).await;
        assert!(answer["error"]["code"].is_i64(), "{missing}: {answer}");
    }
    let prompts = all.mcp("prompts/list", json!({})).await;
    assert_eq!(prompts["result"]["prompts"][0]["name"], "code-this-note");
    let arguments = json!({ "note": "foot ulcer", "date": "2099-01-15" });
    let prompt = all
        .mcp(
            "prompts/get",
            json!({ "name": "code-this-note", "arguments": arguments }),
        )
        .await;
    let text = prompt["result"]["messages"][0]["content"]["text"]
        .as_str()
        .unwrap();
    assert!(
        text.ends_with("Day of service: 2099-01-15\n\nNote:\nfoot ulcer"),
        "{text}"
    );
}

#[tokio::test]
async fn only_allowed_hosts_and_origins_may_ask() {
    let mut all = Everything::new();
    let ask = async |all: &Everything, host: &str, origin: Option<&str>| {
        let mut headers = vec![
            ("host", host),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
        ];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });
        let reply = all
            .send(Method::POST, "/mcp", &headers, body.to_string())
            .await;
        reply.status.as_u16()
    };
    let app = "https://app.example";
    assert_eq!(ask(&all, "127.0.0.1:8080", None).await, 200);
    assert_eq!(ask(&all, "codes.example", None).await, 403);
    assert_eq!(ask(&all, "localhost", Some(app)).await, 403);
    let access = Access {
        hosts: vec!["codes.example".to_owned()],
        origins: vec!["https://app.example:443".to_owned()],
    };
    let bundle = all
        .service
        .app
        .catalog
        .snapshot()
        .bundle()
        .root()
        .to_owned();
    all.service = service(&bundle, access);
    assert_eq!(ask(&all, "codes.example", None).await, 200);
    assert_eq!(ask(&all, "localhost", Some(app)).await, 200);
    assert_eq!(
        ask(&all, "localhost", Some("https://evil.example")).await,
        403
    );
    assert_eq!(ask(&all, "evil.example", None).await, 403);
}

#[test]
fn the_standard_streams_carry_the_protocol_and_nothing_else() {
    let workshop = Workshop::with_bundle();
    let marked = "quixotezebra";
    let call = |id: u8, query: &str| {
        let params = json!({ "name": "search_codes", "arguments": { "query": query, "date": "2099-01-15" } });
        json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
    };
    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    }});
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let messages = [
        initialize,
        initialized,
        call(2, "foot ulcer"),
        call(3, marked),
    ];
    let mut child = workshop
        .command(&["mcp", "--bundle", "bundle"])
        .env("RUST_LOG", "trace")
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for message in &messages {
        writeln!(input, "{message}").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let (out, err) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(output.status.success(), "{err}");
    let answers: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), 3, "{out}");
    assert_eq!(answers[0]["result"]["serverInfo"]["name"], "codebook");
    let of = |id: u8| answers.iter().find(|answer| answer["id"] == id).unwrap();
    assert_eq!(
        of(2)["result"]["structuredContent"]["codes"][0]["code"],
        "E11.621"
    );
    assert!(err.contains("called a tool"), "{err}");
    assert!(!err.contains(marked), "{err}");
}
