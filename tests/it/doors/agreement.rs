//! Every door gives the same codes in the same order.
//!
//! Fifty questions, each asked as finished words and as words being typed, of the
//! own JSON by GET and POST, NLM's arrays, WHO's ICD-API (where ICD-11 is asked)
//! and the Model Context Protocol. A door that cannot say that a code is retired
//! leaves retired codes out; a new door is one more variant of [`Door`].

use serde_json::{Value, json};

use super::support::{DAY, Everything, encoded, strings};

/// A system, its table at NLM's door, and what is asked of it.
const QUESTIONS: [(&str, &str, &[&str]); 5] = [
    (
        "icd10cm",
        "icd10cm",
        &[
            "diabetes",
            "type 2 diabetes",
            "T2DM",
            "diabetic foot ulcer",
            "sugar foot",
            "diabetes with skin complications",
            "diabetis melitus",
            "E11",
            "E11.6",
            "e11621",
            "fracture right radius",
            "lt distal radius fx",
            "radius fracture subsequent encounter",
            "fracture of forearm sequela",
            "S52.501",
            "striking against sports equipment",
            "struck by ball",
            "hit by sports equipment initial encounter",
            "diabetes no fracture",
            "bad luck",
        ],
    ),
    (
        "icd10pcs",
        "icd10pcs",
        &[
            "plumectomy",
            "appendix",
            "resection of appendix",
            "open appendectomy",
            "laparoscopic plumectomy",
            "drainage of vermiform appendix",
            "quillotomy",
            "0DTJ",
            "feather",
            "percutaneous endoscopic",
        ],
    ),
    (
        "hcpcs",
        "hcpcs",
        &[
            "wheelchair",
            "bird wheelchair",
            "inventol",
            "inventol 10 mg",
            "long acting inventol injection",
            "quillex",
            "feather splint",
            "J99",
            "left wing",
        ],
    ),
    (
        "icd11",
        "icd11_codes",
        &[
            "feather rot",
            "feather rot of wing",
            "rot",
            "other specified feather rot",
            "unspecified feather rot",
            "moult",
            "1A00",
            "plume shedding",
            "primary feather",
        ],
    ),
    ("", "codes", &["appendix", "rot"]),
];

/// How the end of a question is to be taken.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Words {
    Finished,
    BeingTyped,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Door {
    Get,
    Post,
    Nlm,
    Who,
    Mcp,
}

struct Question {
    system: &'static str,
    table: &'static str,
    text: &'static str,
    words: Words,
}

impl Door {
    const ALL: [Door; 5] = [Door::Get, Door::Post, Door::Nlm, Door::Who, Door::Mcp];

    /// Whether the door takes such a question.
    fn takes(self, question: &Question) -> bool {
        match self {
            Door::Get | Door::Post => true,
            // NLM's clients send words as they are typed, assistants send whole phrases.
            Door::Nlm => question.words == Words::BeingTyped,
            Door::Mcp => question.words == Words::Finished,
            Door::Who => question.system == "icd11",
        }
    }

    /// Whether its rows say that a code is retired.
    fn tells_status(self) -> bool {
        matches!(self, Door::Get | Door::Post | Door::Mcp)
    }

    async fn ask(self, all: &Everything, question: &Question) -> Vec<String> {
        let Question {
            system,
            table,
            text,
            words,
        } = question;
        let typed = encoded(text);
        let mode = match words {
            Words::Finished => "final",
            Words::BeingTyped => "complete",
        };
        match self {
            Door::Get => {
                let path =
                    format!("/v1/search?q={typed}&system={system}&date={DAY}&mode={mode}&limit=50");
                strings(&all.json(&path).await["results"], Some("code"))
            }
            Door::Post => {
                let body = json!({
                    "q": text, "system": system, "date": DAY.to_string(), "mode": mode, "limit": 50,
                });
                let reply = all.service.post("/v1/search", body.to_string()).await;
                strings(&reply.json()["results"], Some("code"))
            }
            Door::Nlm => {
                let path = format!("/api/{table}/v3/search?terms={typed}&maxList=50");
                strings(&all.json(&path).await[1], None)
            }
            Door::Who => {
                let sign = if *words == Words::BeingTyped {
                    "%25"
                } else {
                    ""
                };
                let path = format!(
                    "/icd/release/11/2098-01/mms/search?q={typed}{sign}&medicalCodingMode=false"
                );
                let answer = all.json(&path).await;
                let mut codes = strings(&answer["destinationEntities"], Some("theCode"));
                codes.truncate(50);
                codes
            }
            Door::Mcp => {
                let systems: Vec<&str> = Some(*system)
                    .filter(|it| !it.is_empty())
                    .into_iter()
                    .collect();
                let arguments = json!({ "query": text, "systems": systems, "limit": 50 });
                strings(
                    &all.tool("search_codes", arguments).await["codes"],
                    Some("code"),
                )
            }
        }
    }
}

/// The codes of the own JSON's answer that are of the release that answers.
async fn active(all: &Everything, question: &Question) -> Vec<String> {
    let mode = match question.words {
        Words::Finished => "final",
        Words::BeingTyped => "complete",
    };
    let path = format!(
        "/v1/search?q={}&system={}&date={DAY}&mode={mode}&limit=50",
        encoded(question.text),
        question.system
    );
    let results = all.json(&path).await["results"].take();
    let results = results.as_array().unwrap().iter();
    let active: Vec<Value> = results
        .filter(|it| it["status"] == "active")
        .cloned()
        .collect();
    strings(&Value::Array(active), Some("code"))
}

#[tokio::test]
async fn every_door_gives_the_same_codes_in_the_same_order() {
    let all = Everything::new();
    let mut asked = 0;
    let mut answered = 0;
    for (system, table, texts) in QUESTIONS {
        for text in texts {
            asked += 1;
            for words in [Words::Finished, Words::BeingTyped] {
                let question = Question {
                    system,
                    table,
                    text,
                    words,
                };
                let expected = Door::Get.ask(&all, &question).await;
                let of_release = active(&all, &question).await;
                answered += usize::from(!expected.is_empty());
                for door in Door::ALL.into_iter().filter(|door| door.takes(&question)) {
                    let expected = if door.tells_status() {
                        &expected
                    } else {
                        &of_release
                    };
                    let found = door.ask(&all, &question).await;
                    assert_eq!(
                        &found, expected,
                        "{door:?}: {text} of {system:?}, {words:?}"
                    );
                }
            }
        }
    }
    let metrics = all.get("/metrics").await.text;
    for route in [
        "/api/{table}/v3/search",
        "/icd/release/11/{release}/{linearization}/search",
        "/mcp",
    ] {
        let line = format!("codebook_http_requests_total{{route=\"{route}\",status=\"200\"}}");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    assert_eq!(asked, 50);
    assert!(answered >= 90, "{answered} of 100 questions were answered");
}
