//! What the FHIR doors answer.
//!
//! 1. Both bases say what they can do and every version they know.
//! 2. A code is looked up with its properties, of the release of the day or of the version named.
//! 3. A wrong code is an answer with its reasons; only what cannot be asked is an error.
//! 4. A filter is answered by the search of every door, and the first page does not depend on its size.
//! 5. Hierarchy goes by the tabular list, maps by what their publisher says.
//! 6. Batches answer each question by itself.
//! 7. What is held can be read and searched.

use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};

use super::fhir_service::{CM, Fhir, codes, parameters, said, value};

#[tokio::test]
async fn both_bases_say_what_they_can_do() {
    let fhir = Fhir::of_everything();
    for (base, version) in [("R4", "4.0.1"), ("R5", "5.0.0")] {
        let statement = fhir
            .service
            .get(&format!("/fhir/{base}/metadata"))
            .await
            .json();
        assert_eq!(statement["fhirVersion"], version);
        assert_eq!(
            statement["instantiates"][0],
            "http://hl7.org/fhir/CapabilityStatement/terminology-server"
        );
    }
    let known = fhir.get("metadata?mode=terminology").await.1;
    let systems: Vec<String> = known["codeSystem"]
        .as_array()
        .unwrap()
        .iter()
        .map(|system| {
            let versions: Vec<&str> = system["version"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["code"].as_str().unwrap())
                .collect();
            format!("{} {}", system["uri"].as_str().unwrap(), versions.join(" "))
        })
        .collect();
    assert_json_snapshot!(systems);
    let versions = fhir.get("$versions").await.1;
    assert_eq!(value(&versions, "default"), "4.0");
}

#[tokio::test]
async fn a_code_is_looked_up() {
    let fhir = Fhir::new();
    let told = fhir
        .get(&format!(
            "CodeSystem/$lookup?system={CM}&code=a000&property=*"
        ))
        .await
        .1;
    assert_json_snapshot!(told);
    let body = parameters(&[(
        "coding",
        "valueCoding",
        json!({ "system": CM, "code": "A00.1", "version": "2026" }),
    )]);
    let told = fhir.post("CodeSystem/$lookup", &body).await.1;
    assert_eq!(value(&told, "version"), "2026");
    assert_eq!(value(&told, "display"), "Plum disease with red spots");
    let told = fhir
        .get(&format!(
            "CodeSystem/$lookup?system={CM}&code=A00.1&date=2026-01-05"
        ))
        .await
        .1;
    assert_eq!(value(&told, "version"), "2026");
    let told = fhir
        .get("CodeSystem/icd10cm-2026/$lookup?code=A00.1")
        .await
        .1;
    assert_eq!(value(&told, "version"), "2026");
    let (status, outcome) = fhir
        .get(&format!("CodeSystem/$lookup?system={CM}&code=A00.1"))
        .await;
    assert_eq!(status, 404);
    assert_json_snapshot!(outcome);
}

#[tokio::test]
async fn publishers_fields_are_properties() {
    let fhir = Fhir::of_everything();
    let hcpcs = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets";
    let ask = async |code: &str, day: &str| {
        let path = format!(
            "CodeSystem/$lookup?system={hcpcs}&code={code}&date={day}&property=coverage&property=inactive&property=terminationDate&property=notSelectable"
        );
        let told = fhir.get(&path).await.1;
        let properties = told["parameter"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["name"] == "property");
        properties
            .map(|one| {
                format!(
                    "{}={}",
                    one["part"][0]["valueCode"].as_str().unwrap(),
                    value_of(&one["part"][1])
                )
            })
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_snapshot!(ask("A9990", "2098-05-01").await);
    assert_snapshot!(ask("LT", "2098-05-01").await);
    let validate = format!("CodeSystem/$validate-code?url={hcpcs}&code=A9990&date=2098-05-01");
    assert_snapshot!(said(&fhir.get(&validate).await.1));
}

fn value_of(part: &Value) -> &Value {
    let mut members = part.as_object().unwrap().iter();
    members.find(|(key, _)| key.starts_with("value")).unwrap().1
}

#[tokio::test]
async fn a_wrong_code_is_an_answer() {
    let fhir = Fhir::new();
    let mut answers = String::new();
    for asked in [
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=A00.0",
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=a00.0",
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=A000",
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=A00",
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=A00&abstract=false",
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=S01.1A",
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=A00.1",
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=A00.9",
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=A00.1&version=2026",
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=A00.0&version=2001",
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=A00.0&display=Kite",
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=A00.0&display=Kite&lenient-display-validation=true",
        "url=http://hl7.org/fhir/sid/icd-10-cm&code=A00.0&display=plum+disease++with+blue+spots",
        "url=urn:oid:2.16.840.1.113883.6.90&code=A00.0",
        "url=http://example.org/plums&code=A00.0",
    ] {
        let (status, answer) = fhir
            .get(&format!("CodeSystem/$validate-code?{asked}"))
            .await;
        assert_eq!(status, 200, "{asked}: {answer}");
        answers.push_str(&format!("? {asked}\n{}\n\n", said(&answer)));
    }
    assert_snapshot!(answers);
}

#[tokio::test]
async fn codings_and_concepts_are_validated() {
    let fhir = Fhir::new();
    let mut answers = String::new();
    let billable = ("url", "valueUri", json!(format!("{CM}?fhir_vs=billable")));
    for (kind, coding) in [
        ("coding", json!({ "system": CM, "code": "A00.0" })),
        ("coding", json!({ "system": CM, "code": "A00" })),
        ("coding", json!({ "code": "A00.0" })),
        (
            "coding",
            json!({ "system": CM, "version": "2026", "code": "A00.1" }),
        ),
        (
            "codeableConcept",
            json!({ "coding": [{ "system": CM, "code": "A00" }, { "system": CM, "code": "A00.0" }] }),
        ),
        (
            "codeableConcept",
            json!({ "coding": [{ "system": CM, "code": "A00" }] }),
        ),
        ("codeableConcept", json!({})),
    ] {
        let value_kind = format!("value{}{}", kind[..1].to_uppercase(), &kind[1..]);
        let body = parameters(&[billable.clone(), (kind, &value_kind, coding.clone())]);
        let (status, answer) = fhir.post("ValueSet/$validate-code", &body).await;
        assert_eq!(status, 200, "{answer}");
        answers.push_str(&format!("? {kind} {coding}\n{}\n\n", said(&answer)));
    }
    let implied = fhir
        .get("ValueSet/icd10cm-billable/$validate-code?code=A00.0")
        .await
        .1;
    assert_eq!(value(&implied, "system"), CM);
    let missing = fhir
        .get(&format!(
            "ValueSet/$validate-code?url=http://example.org/none&system={CM}&code=A00.0"
        ))
        .await
        .1;
    answers.push_str(&format!(
        "? a value set that is not here\n{}\n",
        said(&missing)
    ));
    assert_snapshot!(answers);
}

#[tokio::test]
async fn a_filter_is_answered_by_the_search_of_every_door() {
    let fhir = Fhir::new();
    for q in [
        "kite fall",
        "damson distemper",
        "S01.1",
        "plum",
        "blue spots plumm",
    ] {
        let answer = fhir
            .service
            .post("/v1/search", json!({ "q": q, "limit": 100 }).to_string())
            .await
            .json();
        let own: Vec<&str> = answer["results"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|result| result["status"] == "active")
            .map(|result| result["code"].as_str().unwrap())
            .collect();
        let asked = format!("url={CM}?fhir_vs&filter={}", q.replace(' ', "+"));
        assert_eq!(fhir.expanded(&asked).await, own, "{q}");
        for count in 1..4 {
            let page = fhir.expanded(&format!("{asked}&count={count}")).await;
            assert_eq!(page, own[..count.min(own.len())], "{q}");
            let next = fhir
                .expanded(&format!("{asked}&count={count}&offset=1"))
                .await;
            assert_eq!(
                next,
                own[1.min(own.len())..(count + 1).min(own.len())],
                "{q}"
            );
        }
    }
    assert_eq!(
        fhir.expanded("url=urn:codebook:all&filter=damson").await,
        ["A00.0"]
    );
    let billable = fhir
        .expanded(&format!("url={CM}?fhir_vs=billable&filter=S01.1"))
        .await;
    assert_eq!(billable, ["S01.1XXA", "S01.1XXD"]);
}

#[tokio::test]
async fn an_expansion_echoes_what_it_honoured() {
    let fhir = Fhir::new();
    let asked = "ValueSet/icd10cm/$expand?filter=plum&count=1&offset=0&activeOnly=true&includeDesignations=true&displayLanguage=en&excludeNested=true&date=2026-11-03";
    let (_, resource) = fhir.get(asked).await;
    assert_json_snapshot!(resource, { ".expansion.timestamp" => "[time]", ".expansion.identifier" => "[digest]" });
    let identifier = |resource: &Value| resource["expansion"]["identifier"].clone();
    assert_eq!(identifier(&resource), identifier(&fhir.get(asked).await.1));
    let (_, counted) = fhir.get("ValueSet/icd10cm/$expand?count=0").await;
    assert_eq!(counted["expansion"]["total"], 11);
    assert_eq!(counted["expansion"]["contains"], Value::Null);
    let (_, headers) = fhir
        .get(&format!("ValueSet/$expand?url={CM}?fhir_vs=isa/A00"))
        .await;
    assert_eq!(codes(&headers), ["A00", "A00.0", "A00.2"]);
    assert_eq!(headers["expansion"]["contains"][0]["abstract"], true);
    let (_, older) = fhir
        .get(&format!("ValueSet/$expand?url={CM}?fhir_vs=isa/A00|2026"))
        .await;
    assert_eq!(codes(&older), ["A00", "A00.0", "A00.1"]);
    let (_, forced) = fhir
        .get(&format!(
            "ValueSet/$expand?url={CM}?fhir_vs=isa/A00&force-system-version={CM}|2026"
        ))
        .await;
    assert_eq!(codes(&forced), ["A00", "A00.0", "A00.1"]);
}

#[tokio::test]
async fn hierarchy_goes_by_the_tabular_list() {
    let fhir = Fhir::of_everything();
    for (system, a, b, outcome) in [
        (CM, "E11", "E11.9", "subsumes"),
        (CM, "e119", "E11", "subsumed-by"),
        (CM, "E11.9", "E11.9", "equivalent"),
        (CM, "E11.6", "E11.9", "not-subsumed"),
        (
            "http://hl7.org/fhir/sid/icd-10-pcs",
            "0DT",
            "0DTJ0ZZ",
            "subsumes",
        ),
        (
            "http://id.who.int/icd/release/11/mms",
            "1A00",
            "1A00.Z",
            "subsumes",
        ),
        (
            "http://id.who.int/icd/release/11/mms",
            "1A00",
            "1A01",
            "not-subsumed",
        ),
    ] {
        let path =
            format!("CodeSystem/$subsumes?system={system}&codeA={a}&codeB={b}&date=2099-01-15");
        let answer = fhir.get(&path).await.1;
        assert_eq!(value(&answer, "outcome"), outcome, "{a} {b}: {answer}");
    }
}

#[tokio::test]
async fn maps_say_what_their_publisher_says() {
    let fhir = Fhir::of_everything();
    let (who, mms) = (
        "http://hl7.org/fhir/sid/icd-10",
        "http://id.who.int/icd/release/11/mms",
    );
    let told = fhir
        .get(&format!(
            "ConceptMap/$translate?system={who}&code=A00.0&targetsystem={mms}"
        ))
        .await
        .1;
    assert_json_snapshot!(told);
    let path = format!(
        "/fhir/R5/ConceptMap/$translate?sourceSystem={who}&sourceCode=A00.9&targetSystem={mms}"
    );
    let told = fhir.service.get(&path).await.json();
    let parts = &told["parameter"][1]["part"];
    assert_eq!(parts[0]["name"], "relationship");
    assert_eq!(parts[1]["valueCoding"]["code"], "1A00.Z");
    let maps = fhir.get("ConceptMap").await.1;
    let id = maps["entry"][0]["resource"]["id"].as_str().unwrap();
    let told = fhir
        .get(&format!("ConceptMap/{id}/$translate?system={who}&code=A00"))
        .await
        .1;
    assert_eq!(value(&told, "result"), true);
    let none = fhir
        .get(&format!("ConceptMap/$translate?system={CM}&code=E11.9"))
        .await
        .1;
    assert_eq!(value(&none, "result"), false);
}

#[tokio::test]
async fn clusters_and_completions_are_understood() {
    let fhir = Fhir::of_everything();
    let mms = "http://id.who.int/icd/release/11/mms";
    let ask = async |code: &str| {
        let path = format!("CodeSystem/$validate-code?url={mms}&code={code}&date=2099-01-15");
        value(&fhir.get(&path).await.1, "result").clone()
    };
    assert_eq!(ask("1A00.0%26XA12").await, true);
    assert_eq!(ask("1A00.0%26XA99").await, false);
    let everything = fhir
        .get("ValueSet/all/$validate-code?code=J9998&date=2098-05-01")
        .await
        .1;
    assert_eq!(
        value(&everything, "system"),
        "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
    );
}

#[tokio::test]
async fn each_question_of_a_batch_is_answered_by_itself() {
    let fhir = Fhir::new();
    let one = |code: &str| json!({ "name": "validation", "resource": parameters(&[("code", "valueCode", json!(code))]) });
    let mut body = parameters(&[
        ("url", "valueUri", json!(format!("{CM}?fhir_vs"))),
        ("system", "valueUri", json!(CM)),
    ]);
    body["parameter"].as_array_mut().unwrap().extend([
        one("A00.0"),
        one("A00.9"),
        json!({ "name": "validation", "resource": parameters(&[]) }),
    ]);
    let (status, answers) = fhir.post("ValueSet/$batch-validate-code", &body).await;
    assert_eq!(status, 200);
    let answers: Vec<String> = answers["parameter"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| match one["resource"]["resourceType"].as_str() {
            Some("Parameters") => value(&one["resource"], "result").to_string(),
            other => other.unwrap().to_owned(),
        })
        .collect();
    assert_eq!(answers, ["true", "false", "OperationOutcome"]);

    let get = |url: &str| json!({ "request": { "method": "GET", "url": url } });
    let bundle = json!({ "resourceType": "Bundle", "type": "batch", "entry": [
        get(&format!("CodeSystem/$lookup?system={CM}&code=A00.0")),
        { "request": { "method": "POST", "url": "/fhir/R4/CodeSystem/%24validate-code" },
          "resource": parameters(&[("url", "valueUri", json!(CM)), ("code", "valueCode", json!("A00.9"))]) },
        get(&format!("CodeSystem/$lookup?system={CM}&code=A00.9")),
        get("ValueSet/icd10cm"),
        { "request": { "method": "DELETE", "url": "ValueSet/icd10cm" } },
        get(""),
        {},
    ]});
    let (status, answer) = fhir.post("", &bundle).await;
    assert_eq!((status, &answer["type"]), (200, &json!("batch-response")));
    let statuses: Vec<&str> = answer["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["response"]["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["200", "200", "404", "200", "405", "422", "400"]);
    assert_eq!(answer["entry"][3]["resource"]["id"], "icd10cm");
    assert_eq!(
        answer["entry"][2]["response"]["outcome"]["resourceType"],
        "OperationOutcome"
    );
}

#[tokio::test]
async fn what_is_held_is_read_and_searched() {
    let fhir = Fhir::of_everything();
    let found = async |path: &str| {
        let bundle = fhir.get(path).await.1;
        assert_eq!(bundle["type"], "searchset");
        let entries = bundle["entry"].as_array().into_iter().flatten();
        let ids: Vec<String> = entries
            .map(|one| one["resource"]["id"].as_str().unwrap_or("-").to_owned())
            .collect();
        ids.join(" ")
    };
    assert_snapshot!(found("CodeSystem").await);
    assert_snapshot!(found("ValueSet").await);
    assert_eq!(
        found(&format!("CodeSystem?url={CM}")).await,
        "icd10cm-2098 icd10cm-2099"
    );
    assert_eq!(
        found(&format!("CodeSystem?url={CM}&version=2099&_summary=true")).await,
        "icd10cm-2099"
    );
    assert_eq!(
        found("CodeSystem?title=icd-10-p&_count=1").await,
        "icd10pcs-2097.10"
    );
    assert_eq!(
        found(&format!("ValueSet?url={CM}?fhir_vs=billable")).await,
        "icd10cm-billable"
    );
    assert_eq!(found("ConceptMap?url=urn:codebook:map:nothing").await, "");
    assert_eq!(fhir.get("CodeSystem?_summary=count").await.1["total"], 9);
    let system = fhir.get("CodeSystem/hcpcs-2098-04").await.1;
    assert_json_snapshot!(system, { ".property" => "[properties]" });
    assert_eq!(
        fhir.get("CodeSystem/icd10cm?date=2097-12-01").await.1["version"],
        "2098"
    );
    let page = fhir.service.get("/fhir/R4?_format=html").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(
        page.text.contains("http://id.who.int/icd/release/11/mms"),
        "{}",
        page.text
    );
}
