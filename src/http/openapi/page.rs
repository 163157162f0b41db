//! The reference page: the document as HTML, without scripts and without anything from elsewhere.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::http::errors::ErrorCode;

/// The page of `document`.
pub(super) fn html(document: &Value) -> String {
    let mut page = String::with_capacity(64 * 1024);
    let operations = operations(document);
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>codebook: API</title>\n\
         <link rel=\"icon\" href=\"/assets/icon.svg\">\n\
         <link rel=\"stylesheet\" href=\"/assets/docs.css\">\n</head>\n<body>\n\
         <nav><a href=\"/\">codebook</a> <a href=\"/openapi.json\">openapi.json</a>\n<ul>\n"
    );
    for one in &operations {
        let _ = writeln!(
            page,
            "<li><a href=\"#{}\"><b>{}</b> {}</a></li>",
            escape(one.id),
            one.method.to_uppercase(),
            escape(one.path)
        );
    }
    page.push_str("<li><a href=\"#problems\">Problems</a></li><li><a href=\"#types\">Types</a></li>\n</ul></nav>\n<main>\n<h1>codebook: API</h1>\n");
    paragraphs(&mut page, text(&document["info"], "description"));
    for one in &operations {
        operation(&mut page, one);
    }
    problems(&mut page);
    page.push_str("<h2 id=\"types\">Types</h2>\n");
    for (name, schema) in object(&document["components"]["schemas"]) {
        let _ = writeln!(page, "<h3 id=\"type-{0}\">{0}</h3>", escape(name));
        paragraphs(&mut page, text(schema, "description"));
        members(&mut page, schema);
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// The page of one kind of problem.
pub(in crate::http) fn problem_page(code: ErrorCode) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>codebook: {id}</title>\n\
         <link rel=\"stylesheet\" href=\"/assets/docs.css\">\n</head>\n<body>\n\
         <nav><a href=\"/\">codebook</a> <a href=\"/docs#problems\">Problems</a></nav>\n\
         <main>\n<h1><code>{id}</code></h1>\n<p>Status {status}: {title}.</p>\n<p>{advice}</p>\n\
         </main>\n</body>\n</html>\n",
        id = code.id(),
        status = code.status().as_u16(),
        title = escape(code.title()),
        advice = inline(code.advice()),
    )
}

/// An operation of the document.
struct Operation<'a> {
    id: &'a str,
    path: &'a str,
    method: &'a str,
    value: &'a Value,
}

/// The operations in the order of their tags, then of their paths.
fn operations(document: &Value) -> Vec<Operation<'_>> {
    let tags: Vec<&str> = document["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|tag| text(tag, "name"))
        .collect();
    let mut operations = Vec::new();
    for (path, methods) in object(&document["paths"]) {
        for (method, value) in object(methods) {
            operations.push(Operation {
                id: text(value, "operationId"),
                path,
                method,
                value,
            });
        }
    }
    operations.sort_by_key(|one| {
        let tag = one.value["tags"][0].as_str();
        tags.iter().position(|known| Some(*known) == tag)
    });
    operations
}

fn operation(page: &mut String, one: &Operation<'_>) {
    let _ = writeln!(
        page,
        "<section id=\"{}\">\n<h2><code><b>{}</b> {}</code></h2>\n<h3>{}</h3>",
        escape(one.id),
        one.method.to_uppercase(),
        escape(one.path),
        escape(text(one.value, "summary"))
    );
    paragraphs(page, text(one.value, "description"));
    parameters(page, &one.value["parameters"]);
    let body = &one.value["requestBody"]["content"]["application/json"];
    if !body.is_null() {
        page.push_str("<h4>Body</h4>\n");
        let _ = writeln!(page, "<p>{}</p>", kind(&body["schema"]));
    }
    page.push_str("<h4>Answers</h4>\n<table>\n");
    for (status, response) in object(&one.value["responses"]) {
        let media = object(&response["content"]).next();
        let _ = writeln!(
            page,
            "<tr><th>{}</th><td>{}</td><td>{}</td></tr>",
            escape(status),
            escape(text(response, "description")),
            media.map_or_else(String::new, |(name, content)| format!(
                "{} <span>{}</span>",
                kind(&content["schema"]),
                escape(name)
            )),
        );
    }
    page.push_str("</table>\n");
    examples(page, one);
    page.push_str("</section>\n");
}

fn parameters(page: &mut String, parameters: &Value) {
    let Some(parameters) = parameters.as_array() else {
        return;
    };
    page.push_str("<h4>Parameters</h4>\n<table>\n");
    for parameter in parameters {
        let required = if parameter["required"] == true {
            " <b>required</b>"
        } else {
            ""
        };
        let _ = writeln!(
            page,
            "<tr><th><code>{}</code></th><td>{}{required}</td><td>{}</td></tr>",
            escape(text(parameter, "name")),
            kind(&parameter["schema"]),
            inline(text(parameter, "description"))
        );
    }
    page.push_str("</table>\n");
}

/// The questions and answers that the document shows.
fn examples(page: &mut String, one: &Operation<'_>) {
    for (name, request) in object(&one.value["x-requests"]) {
        let body = &one.value["requestBody"]["content"]["application/json"]["examples"][name];
        let answer = object(&one.value["responses"]).find_map(|(_, response)| {
            object(&response["content"])
                .find_map(|(_, content)| content["examples"][name].get("value"))
        });
        let _ = writeln!(
            page,
            "<details>\n<summary>{}</summary>",
            escape(text(request, "summary"))
        );
        let mut command = format!("curl '127.0.0.1:8080{}'", text(request, "uri"));
        if let Some(value) = body.get("value") {
            let _ = write!(
                command,
                " \\\n     -H 'content-type: application/json' \\\n     -d '{value}'"
            );
        }
        let _ = writeln!(page, "<pre>{}</pre>", escape(&command));
        if let Some(answer) = answer {
            let pretty = serde_json::to_string_pretty(answer).unwrap_or_default();
            let _ = writeln!(page, "<pre>{}</pre>", escape(&pretty));
        }
        page.push_str("</details>\n");
    }
}

fn problems(page: &mut String) {
    page.push_str("<h2 id=\"problems\">Problems</h2>\n<table>\n");
    for code in ErrorCode::ALL {
        let _ = writeln!(
            page,
            "<tr><th><a href=\"/problems/{0}\"><code>{0}</code></a></th><td>{1}</td><td>{2}: {3}</td></tr>",
            code.id(),
            code.status().as_u16(),
            escape(code.title()),
            inline(code.advice())
        );
    }
    page.push_str("</table>\n");
}

/// The members of a type, those of the types it is made of included.
fn members(page: &mut String, schema: &Value) {
    let parts = schema["allOf"].as_array().map_or(&[][..], Vec::as_slice);
    for part in parts {
        if part["$ref"].is_string() {
            let _ = writeln!(page, "<p>all of {}, and:</p>", kind(part));
        }
        members(page, part);
    }
    if let Some(listed) = schema["enum"].as_array() {
        let names: Vec<String> = listed
            .iter()
            .map(|name| format!("<code>{}</code>", escape(name.as_str().unwrap_or(""))))
            .collect();
        let _ = writeln!(page, "<p>{}</p>", names.join(", "));
    }
    if schema["properties"].is_object() {
        page.push_str("<table>\n");
        for (name, member) in object(&schema["properties"]) {
            let _ = writeln!(
                page,
                "<tr><th><code>{}</code></th><td>{}</td><td>{}</td></tr>",
                escape(name),
                kind(member),
                inline(text(member, "description"))
            );
        }
        page.push_str("</table>\n");
    }
}

/// What a schema is, in a few words, with links to named types.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|it| it.rsplit_once('/'))
        .map(|(_, name)| escape(name))
    {
        return format!("<a href=\"#type-{name}\">{name}</a>");
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(kinds) = schema[several].as_array() {
            let kinds: Vec<String> = kinds.iter().map(kind).collect();
            return kinds.join(" or ");
        }
    }
    let format = schema["format"].as_str();
    match &schema["type"] {
        Value::String(name) if name == "array" => match schema["prefixItems"].as_array() {
            Some(kinds) => {
                let kinds: Vec<String> = kinds.iter().map(kind).collect();
                format!("[{}]", kinds.join(", "))
            }
            None => format!("list of {}", kind(&schema["items"])),
        },
        Value::String(name) if name == "object" && schema["additionalProperties"].is_object() => {
            format!("by name, {}", kind(&schema["additionalProperties"]))
        }
        Value::String(name) => escape(format.unwrap_or(name)),
        Value::Array(names) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            escape(&names.join(" or "))
        }
        _ => String::new(),
    }
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or("")
}

/// Writes a description: paragraphs with blank lines between, code in backticks.
fn paragraphs(page: &mut String, text: &str) {
    for paragraph in text.split("\n\n").filter(|it| !it.trim().is_empty()) {
        let _ = writeln!(page, "<p>{}</p>", inline(paragraph));
    }
}

fn inline(text: &str) -> String {
    let parts: Vec<String> = text
        .split('`')
        .enumerate()
        .map(|(place, part)| match place % 2 {
            0 => escape(part),
            _ => format!("<code>{}</code>", escape(part)),
        })
        .collect();
    parts.concat()
}

/// `text` as HTML shows it.
pub(in crate::http) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{inline, kind};
    use serde_json::json;

    #[test]
    fn nothing_of_the_document_becomes_markup() {
        assert_eq!(
            inline("a `b<i>` <script>"),
            "a <code>b&lt;i&gt;</code> &lt;script&gt;"
        );
        assert_eq!(
            kind(&json!({ "$ref": "#/components/schemas/A\"><b>" })),
            "<a href=\"#type-A&quot;&gt;&lt;b&gt;\">A&quot;&gt;&lt;b&gt;</a>"
        );
    }
}
