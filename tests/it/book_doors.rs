//! Validation, diffs, maps, the tree, the Index and the PCS tables over HTTP.
//!
//! 1. Every answer names the release that gave it, and `date` decides which.
//! 2. Up to 500 codes are validated in one go, each with what would make it whole.
//! 3. A diff is JSON in pages or CSV whole.
//! 4. What cannot be answered is a problem of the table.

use axum::body::Body;
use axum::http::Request;
use codebook::http::state::Limits;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::http_service::Service;
use crate::support::{Menagerie, newer, older};

/// The service over every system; it keeps its folder.
struct Books {
    service: Service,
    _folder: Menagerie,
}

fn books() -> Books {
    let mut folder = Menagerie::full().with(
        "icd10cm_index_2099.xml",
        "<ICD10CM.index><version>2099</version><title>Index to Diseases</title>\n<letter><title>D</title>\n\
         <mainTerm><title>Diabetes, diabetic <nemod>(mellitus)</nemod></title><code>E11.9</code>\n\
         <term level=\"1\"><title>with</title>\n\
         <term level=\"2\"><title>foot ulcer</title><code>E11.621</code></term>\n\
         <term level=\"2\"><title>skin complication NEC</title><code>E11.628</code></term></term></mainTerm>\n\
         <mainTerm><title>Diamond skin</title><code>E11.628</code></mainTerm>\n\
         </letter></ICD10CM.index>",
    );
    for release in [older(), newer()] {
        folder = folder
            .with(&release.order_file_name(), release.order_file())
            .with(&release.tabular_name(), release.tabular());
    }
    folder.build();
    Books {
        service: Service::over(&folder.bundle_path(), Limits::default()),
        _folder: folder,
    }
}

fn list<'a>(answer: &'a Value, field: &str, member: &str) -> Vec<&'a str> {
    let rows = answer[field].as_array().unwrap();
    rows.iter()
        .map(|row| row[member].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn codes_are_validated_each_with_what_completes_it() {
    let books = books();
    let body = json!({
        "date": "2099-01-15",
        "codes": ["e11621", "W21.89A", {"system": "icd10cm", "code": "S52.501"}, "E1l.9", "0DTJ", "J9998",
                  {"system": "icd10cm", "code": "J9998"}],
    });
    let answer = books
        .service
        .post("/v1/validate", body.to_string())
        .await
        .json();
    assert_json_snapshot!(answer, {
        ".release.*.sha256" => "[sha256]",
        ".release.*.loaded" => "[time]",
    });
}

#[tokio::test]
async fn one_code_is_validated_by_its_address() {
    let books = books();
    let ask = async |rest: &str| {
        let path = format!("/v1/validate?{rest}");
        books.service.get(&path).await.json()
    };
    let answer = ask("code=E11.621&date=2098-01-15").await;
    assert_eq!(answer["results"][0]["status"], "not_yet_effective");
    assert_eq!(answer["results"][0]["valid_in"][0]["version"], "2099");
    assert_eq!(answer["release"]["icd10cm"]["version"], "2098");
    assert_eq!(answer["summary"], json!({"not_yet_effective": 1}));
    let answer = ask("code=E11.7&date=2099-01-15&system=icd10cm").await;
    assert_eq!(answer["results"][0]["status"], "terminated");
    assert_eq!(
        answer["results"][0]["why"],
        "ICD-10-CM 2099 no longer has it; 2098 does"
    );
}

#[tokio::test]
async fn five_hundred_codes_are_the_most() {
    let books = books();
    let codes = |count: usize| json!({ "codes": vec!["E11.9"; count] }).to_string();
    let most = books.service.post("/v1/validate", codes(500)).await.json();
    assert_eq!(most["results"].as_array().unwrap().len(), 500);
    for count in [0, 501] {
        let reply = books.service.post("/v1/validate", codes(count)).await;
        assert_eq!(reply.problem(), "400 bad-parameter", "{count}");
    }
    let long = json!({ "codes": ["E".repeat(201)] }).to_string();
    assert_eq!(
        books.service.post("/v1/validate", long).await.problem(),
        "400 bad-parameter"
    );
}

#[tokio::test]
async fn releases_are_compared_in_pages_and_as_csv() {
    let books = books();
    let whole = books
        .service
        .get("/v1/diff/icd10cm?from=2098&to=2099")
        .await
        .json();
    let rows = whole["rows"].as_array().unwrap();
    assert_eq!(whole["total"], rows.len());
    assert_eq!(whole["codes"]["deleted"], 2);
    // The release of the day and the one before it are compared when none is named.
    let path = "/v1/diff/icd10cm?date=2099-01-15";
    assert_eq!(books.service.get(path).await.json()["rows"], whole["rows"]);
    let mut paged = Vec::new();
    let mut offset = 0;
    loop {
        let path = format!("/v1/diff/icd10cm?from=2098&to=2099&limit=2&offset={offset}");
        let page = books.service.get(&path).await.json();
        paged.extend(page["rows"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_u64() else {
            break;
        };
        offset = next;
    }
    assert_eq!(&paged, rows);
    let added = books
        .service
        .get("/v1/diff/icd10cm?from=2098&to=2099&kind=added")
        .await
        .json();
    assert!(
        list(&added, "rows", "change")
            .iter()
            .all(|change| *change == "added")
    );
    let csv = books
        .service
        .get("/v1/diff/icd10cm?from=2098&to=2099&format=csv")
        .await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.text.lines().count(), rows.len() + 1);
    let request =
        Request::get("/v1/diff/icd10cm?from=2098&to=2099").header("accept", "text/csv, */*");
    let by_accept = books
        .service
        .send(request.body(Body::empty()).unwrap())
        .await;
    assert_eq!(by_accept.text, csv.text);
}

#[tokio::test]
async fn maps_are_asked() {
    let books = books();
    let answer = books
        .service
        .get("/v1/translate?system=icd10who&code=a000&to=icd11")
        .await
        .json();
    assert_eq!(answer["code"], "A00.0");
    assert_eq!(answer["results"][0]["code"], "1A00.0&XA12");
    assert_eq!(answer["results"][0]["cluster"], true);
    assert!(answer["release"]["icd11"]["version"].is_string());
}

#[tokio::test]
async fn the_tree_is_walked_by_addresses() {
    let books = books();
    let get = async |path: &str| books.service.get(path).await.json();
    let roots = get("/v1/tree/icd10cm?date=2099-01-15").await;
    assert_eq!(list(&roots, "children", "code"), ["4", "19", "20"]);
    let place = get("/v1/tree/icd10cm/e11.6?date=2099-01-15").await;
    assert_eq!(list(&place, "ancestors", "code"), ["4", "E08-E13", "E11"]);
    assert_eq!(list(&place, "children", "code"), ["E11.62"]);
    assert_eq!(list(&place, "siblings", "code"), ["E11.6", "E11.9"]);
    assert_eq!(place["release"]["icd10cm"]["version"], "2099");
    let modifiers = get("/v1/modifiers?date=2098-05-01").await;
    assert_eq!(list(&modifiers, "modifiers", "code"), ["LT"]);
    assert_eq!(list(&modifiers, "modifiers", "display"), ["Left wing"]);
}

#[tokio::test]
async fn the_index_is_walked_from_its_main_terms() {
    let books = books();
    let get = async |term: &str| {
        let path = format!("/v1/index?date=2099-01-15&term={term}");
        books.service.get(&path).await.json()
    };
    let main_terms = get("dia").await;
    assert_eq!(
        list(&main_terms, "below", "term"),
        ["Diabetes", "Diamond skin"]
    );
    assert_eq!(main_terms["below"][0]["lines_below"], 3);
    let diabetes = get("Diabetes").await;
    assert_eq!(diabetes["codes"][0]["code"], "E11.9");
    assert_eq!(list(&diabetes, "below", "term"), ["with"]);
    let with = get("diabetes,%20with").await;
    assert_eq!(with["term"], "Diabetes, diabetic (mellitus), with");
    assert_eq!(
        list(&with, "below", "term"),
        ["foot ulcer", "skin complication NEC"]
    );
    assert_eq!(with["below"][0]["codes"][0]["code"], "E11.621");
    let path = with["below"][0]["path"]
        .as_str()
        .unwrap()
        .replace(' ', "%20");
    assert_eq!(get(&path).await["codes"][0]["code"], "E11.621");
    assert_eq!(get("diabetes,%20moult").await["total"], 0);
}

#[tokio::test]
async fn a_procedure_is_built_character_by_character() {
    let books = books();
    let get = async |stub: &str| {
        let path = format!("/v1/pcs{stub}?date=2099-01-15");
        books.service.get(&path).await.json()
    };
    let mut stub = String::new();
    loop {
        let answer = get(&if stub.is_empty() {
            String::new()
        } else {
            format!("/{stub}")
        })
        .await;
        assert_eq!(answer["characters"].as_array().unwrap().len(), stub.len());
        if answer["complete"] == true {
            assert_eq!(answer["display"], "Resection of Feather, Open Approach");
            break;
        }
        let values = answer["next"]["values"].as_array().unwrap();
        stub = values.last().unwrap()["code"].as_str().unwrap().to_owned();
    }
    assert_eq!(stub, "0DTK0ZZ");
    let answer = get("/0dtj").await;
    assert_eq!(answer["next"]["axis"], "Approach");
    assert_eq!(answer["characters"][3]["label"], "Appendix");
}

#[tokio::test]
async fn what_cannot_be_answered_is_a_problem() {
    let books = books();
    for (path, problem) in [
        ("/v1/validate", "400 bad-parameter"),
        ("/v1/validate?code=E11&system=icd12", "400 system-unknown"),
        ("/v1/diff/icd10cm?from=2098", "400 bad-parameter"),
        (
            "/v1/diff/icd10cm?from=2001&to=2099",
            "404 release-not-loaded",
        ),
        ("/v1/diff/icd10who", "404 release-not-loaded"),
        ("/v1/diff/cpt", "404 system-not-loaded"),
        ("/v1/diff/icd10cm?kind=changed", "400 bad-parameter"),
        ("/v1/diff/icd10cm?format=xml", "400 bad-parameter"),
        (
            "/v1/translate?system=hcpcs&code=J9998",
            "404 map-not-loaded",
        ),
        (
            "/v1/translate?system=icd10who&code=%C3%A4",
            "400 code-malformed",
        ),
        ("/v1/tree/icd10cm/Z99.9", "404 code-unknown"),
        ("/v1/tree/cpt", "404 system-not-loaded"),
        ("/v1/index", "400 bad-parameter"),
        ("/v1/index?term=x&system=cpt", "404 system-not-loaded"),
        ("/v1/index?term=x&limit=0", "400 bad-parameter"),
        ("/v1/pcs/0DX", "404 code-unknown"),
        ("/v1/pcs/%F0%9F%98%80", "404 code-unknown"),
        ("/v1/modifiers?date=tomorrow", "400 bad-date"),
    ] {
        assert_eq!(books.service.get(path).await.problem(), problem, "{path}");
    }
}

#[tokio::test]
async fn a_code_tells_its_history_properties_and_maps() {
    let books = books();
    let code = books.service.get("/v1/codes/icd10who/A00.0").await.json();
    assert_eq!(code["maps"][0]["code"], "1A00.0&XA12");
    let code = books
        .service
        .get("/v1/codes/hcpcs/J9998?date=2098-05-01")
        .await
        .json();
    assert!(list(&code, "properties", "name").contains(&"coverage"));
    let gone = books
        .service
        .get("/v1/codes/icd10cm/E11.7?date=2099-01-15")
        .await;
    assert_eq!(gone.problem(), "404 code-unknown");
    assert_eq!(gone.json()["history"][0]["change"], "deleted");
}
