//! Claims, pairs and partners over HTTP, on invented tables.
//!
//! 1. A build takes tables of edits in, tells them, and verify reads them whole.
//! 2. A claim is answered with its findings, the rows that say so, and what answered.
//! 3. Every kind of finding can be met.
//! 4. What is not loaded is told as `no_data`, never as a pass.
//! 5. What cannot be read is a clear problem or a finding.
//! 6. Interchanges are read as JSON claims are.
//! 7. Partners come in both directions and page by page.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::Request;
use codebook::http::state::Limits;
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};

use super::http_service::{Reply, Service};
use super::support::{Workshop, interchange};

/// The bundle with invented tables, built once for this process.
fn workshop() -> &'static Workshop {
    static SHARED: OnceLock<Workshop> = OnceLock::new();
    SHARED.get_or_init(Workshop::with_edits)
}

fn service() -> Service {
    Service::over(&workshop().path("bundle"), Limits::default())
}

async fn check(claim: Value) -> Value {
    let reply = service().post("/v1/edits/check", claim.to_string()).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

/// A claim of 15 January 2099 with these lines: a code, its modifiers after hyphens, ` xN` for units.
fn claim(diagnoses: &[&str], lines: &[&str]) -> Value {
    let lines = lines.iter().map(|text| {
        let (coded, units) = text.split_once(" x").unwrap_or((text, "1"));
        let mut parts = coded.split('-');
        let code = parts.next().unwrap();
        let modifiers: Vec<&str> = parts.collect();
        json!({ "code": code, "modifiers": modifiers, "units": units })
    });
    json!({ "date": "2099-01-15", "diagnoses": diagnoses, "lines": lines.collect::<Vec<_>>() })
}

/// The findings that apply or are open, one a line.
fn told(answer: &Value) -> String {
    let findings = answer["findings"].as_array().unwrap().iter();
    let open = findings.filter(|finding| finding["outcome"] != "does_not_apply");
    let lines = open.map(|finding| {
        let text = finding["text"].as_str().or(finding["reason"].as_str());
        let id = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        format!(
            "{} {} {}: {}",
            id("edit"),
            id("outcome"),
            id("severity"),
            text.unwrap()
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_build_tells_its_tables_of_edits() {
    let workshop = Workshop::with_edit_files();
    workshop.write("data/more/ccipra-v1050r0-f1.txt", "Column 1\tColumn 2\t*\tEffective\tDeletion\tModifier\tRationale\r\n0001A\t0002A\t\t20500101\t*\t1\tWhy\r\n");
    workshop.write("data/renamed.txt", "Column 1\tColumn 2\t*\tEffective\tDeletion\tModifier\tRationale\r\n0001A\t0002A\t\t20500101\t*\t1\tWhy\r\n");
    let run = workshop.run(&["build", "data", "--out", "bundle"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let kept = run.out.lines().filter(|line| {
        [
            "PTP",
            "MUE",
            "unlikely",
            "AOC",
            "mce",
            "claim edits",
            "ncci",
            "medicaid",
        ]
        .iter()
        .any(|word| line.contains(word))
            || line.starts_with("addon")
            || line.starts_with("renamed")
    });
    assert_snapshot!(kept.collect::<Vec<_>>().join("\n"));
    let run = workshop.run(&["inspect", "--bundle", "bundle"]);
    assert!(
        run.out.contains("ncci-ptp-practitioner 2099q1"),
        "{}",
        run.out
    );
    assert_eq!(
        workshop.run(&["verify", "--bundle", "bundle"]).code,
        Some(0)
    );
    let path = workshop.path("bundle/edits.bin");
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let run = workshop.run(&["verify", "--bundle", "bundle"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("edits.bin"), "{}", run.err);
}

#[tokio::test]
async fn a_claim_is_answered_whole() {
    let mut claim = claim(&["E11.9"], &["0002A", "0001A-25 x2"]);
    claim["id"] = json!("C-1");
    claim["patient"] = json!({ "age_days": 25_000, "sex": "F" });
    assert_json_snapshot!(check(claim).await, {
        ".release.*.sha256" => "[sha256]",
        ".release.*.loaded" => "[time]",
        ".release.edits[].sha256" => "[sha256]",
        ".findings[].row" => insta::dynamic_redaction(|row, _| {
            let row = row.as_str().unwrap().to_owned();
            let (digest, line) = row.split_once('/').unwrap();
            assert_eq!(digest.len(), 64);
            format!("[sha256]/{line}")
        }),
    });
}

#[tokio::test]
async fn every_kind_of_finding_can_be_met() {
    let answer = check(claim(
        &["E11.621", "E10.9", "E11.6", "J9998"],
        &[
            "0001A",
            "0002A x3",
            "0003A-59 x3",
            "0011A",
            "0012A",
            "0013A",
            "E9990",
            "A9990",
            "E1191-ZZ-76",
        ],
    ))
    .await;
    assert_snapshot!(told(&answer));
    assert_eq!(answer["summary"]["edits"]["ncci_ptp"]["applies"], 2);
    let bypassed = check(claim(&[], &["0001A", "0002A-XS"])).await;
    assert_eq!(bypassed["findings"][0]["bypassed"], true);
    assert_eq!(bypassed["findings"][0]["severity"], "review");
}

#[tokio::test]
async fn the_day_decides_which_rows_are_in_force() {
    let on = async |day: &str, other: &str| {
        let mut claim = claim(&[], &["0001A", other]);
        claim["date"] = json!(day);
        let answer = check(claim).await;
        let tally = &answer["summary"]["edits"]["ncci_ptp"];
        format!(
            "{} {} {}",
            tally["applies"], tally["does_not_apply"], tally["no_data"]
        )
    };
    assert_eq!(on("2099-01-31", "0005A").await, "1 0 0");
    assert_eq!(on("2099-02-01", "0005A").await, "0 1 0");
    assert_eq!(on("2099-01-31", "0006A").await, "0 1 0");
    assert_eq!(on("2099-02-01", "0006A").await, "1 0 0");
    assert_eq!(on("2099-01-15", "0004A").await, "0 1 0");
    assert_eq!(
        on("2099-07-01", "0002A").await,
        "0 0 1",
        "no vintage answers"
    );
}

#[tokio::test]
async fn without_tables_nothing_passes_silently() {
    // The bundle of invented diseases has no table of edits and no procedure codes.
    let body = json!({
        "date": "2026-11-03", "diagnoses": ["A00.0", "S01.1XXA"],
        "lines": [{ "code": "0001A" }, { "code": "0002A" }],
    });
    let answer = Service::new()
        .post("/v1/edits/check", body.to_string())
        .await
        .json();
    assert_snapshot!(told(&answer), @r#"
    icd_excludes1 applies review: A00.0 and S01.1XXA are not reported together: the Excludes1 note at chapter 1 says "kite injuries (S01.-)". The exception is two conditions unrelated to each other (Guidelines I.A.12.a).
    code_validity no_data info: no procedure codes are loaded
    ncci_ptp no_data info: no NCCI PTP table for medicare practitioner claims is loaded
    mue no_data info: no MUE table for medicare practitioner claims is loaded
    addon no_data info: no add-on table for medicare practitioner claims is loaded
    mce_principal no_data info: no Medicare Code Editor table for medicare practitioner claims is loaded
    mce_age no_data info: no Medicare Code Editor table for medicare practitioner claims is loaded
    "#);
    assert_eq!(
        answer["summary"]["not_checked"],
        json!([
            "code_validity",
            "ncci_ptp",
            "mue",
            "addon",
            "mce_principal",
            "mce_age"
        ])
    );
    assert_eq!(answer["release"]["edits"], json!([]));
    assert_eq!(answer["release"]["icd10cm"]["version"], "2027");
    // After the last release the notes are used, and said to be old.
    let mut later = body.clone();
    later["date"] = json!("2030-01-01");
    let answer = Service::new()
        .post("/v1/edits/check", later.to_string())
        .await
        .json();
    assert_eq!(answer["summary"]["edits"]["icd_excludes1"]["applies"], 1);
    let not_checked = answer["summary"]["not_checked"].as_array().unwrap();
    assert!(
        not_checked.contains(&json!("icd_excludes1")),
        "{not_checked:?}"
    );
    assert_eq!(answer["release"]["icd10cm"]["in_force"], false);
}

#[tokio::test]
async fn claims_that_cannot_be_read_are_refused_without_repeating_them() {
    let mut said = String::new();
    for body in [
        r#"{"date":"2099-02-30","lines":[]}"#,
        r#"{"lines":[{"code":"0001A","date":"SECRET"}]}"#,
        r#"{"lines":[{"code":"0001A"},{"code":"0001A","units":"SECRET"}]}"#,
        r#"{"lines":[{"code":"0001A","units":0.00001}]}"#,
        r#"{"lines":[{"units":1}]}"#,
        r#"{"setting":"SECRET","lines":[]}"#,
        r#"{"payer":"SECRET","lines":[]}"#,
        r#"{"patient":{"sex":"SECRET"}}"#,
        r#"{"date":"2099-01-01","patient":{"birth_date":"2099-01-02"}}"#,
        r#"{"SECRET":1}"#,
        r#"{"lines":[{"code":"0001A","SECRET":1}]}"#,
        r#"{"lines":{"code":"SECRET"}}"#,
        "[1]",
        "{",
    ] {
        let reply = service().post("/v1/edits/check", body).await;
        assert!(!reply.text.contains("SECRET"), "{}", reply.text);
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        said.push_str(&format!("{}: {detail}\n", reply.problem()));
    }
    assert_snapshot!(said);
    let large = format!("{{\"provider\":\"{}\"}}", "x".repeat(2 << 20));
    let reply = service().post("/v1/edits/check", large).await;
    assert_eq!(reply.problem(), "413 body-too-large");
    let request = Request::post("/v1/edits/check").header("content-type", "text/csv");
    let reply = service().send(request.body(Body::from("x")).unwrap()).await;
    assert_eq!(reply.problem(), "415 unsupported-media-type");
}

#[tokio::test]
async fn what_is_odd_about_a_claim_is_a_finding() {
    let mut odd = claim(
        &["E11.9", "E11.9", "nonsense"],
        &["0001A x0", "0001A x-2", "E11.9", "0001A-5"],
    );
    odd["lines"][1]["id"] = json!("1");
    odd["lines"][0]["diagnosis_pointers"] = json!([9]);
    let answer = check(odd).await;
    let told = told(&answer);
    let of_claim: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("claim "))
        .collect();
    assert_snapshot!(of_claim.join("\n"));
    let many: Vec<&str> = vec!["0001A"; 10_000];
    let answer = check(claim(&[], &many)).await;
    assert_eq!(answer["summary"]["deny"], 1);
    assert!(
        answer["findings"][0]["text"]
            .as_str()
            .unwrap()
            .contains("10000 lines")
    );
    assert_eq!(
        answer["summary"]["not_checked"].as_array().unwrap().len(),
        12
    );
    let answer = check(json!({})).await;
    assert_eq!(
        answer["summary"]["review"], 1,
        "an empty claim is no clean claim"
    );
}

async fn send_x12(body: &str) -> Reply {
    let request = Request::post("/v1/edits/check").header("content-type", "application/edi-x12");
    service()
        .send(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

#[tokio::test]
async fn an_interchange_is_answered_claim_by_claim() {
    let answer = send_x12(&interchange(
        "CLM*A1*100***11:B:1*Y*A*Y*Y~HI*ABK:E119~LX*1~SV1*HC:0001A*50*UN*1***1~DTP*472*D8*20990115~\
         LX*2~SV1*HC:0003A*50*UN*1***1~DTP*472*D8*20990115~\
         CLM*BAD*1~LX*1~SV1*HC:0001A*5*UN*many***1~DTP*472*D8*20990115~\
         CLM*A3*1~LX*1~SV1*HC:0007A*5*UN*1***1~DTP*472*D8*20990115~",
    ))
    .await
    .json();
    let claims = answer["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 2);
    assert_eq!(claims[0]["claim"], "A1");
    assert_eq!(claims[0]["summary"]["deny"], 1);
    assert_eq!(claims[1]["claim"], "A3");
    assert_json_snapshot!(answer["errors"], @r#"
    [
      {
        "problem": "claim `BAD`, segment 19: the units of SV1 is `many`, expected a number",
        "segment": 19
      }
    ]
    "#);
    assert_eq!(send_x12("hello").await.problem(), "400 bad-x12");
    assert_eq!(send_x12(&interchange("")).await.problem(), "400 bad-x12");
}

#[tokio::test]
async fn a_pair_is_answered_whatever_its_order() {
    let service = service();
    let answer = service
        .get("/v1/edits/pair?a=0002a&b=0001A&date=2099-01-15")
        .await
        .json();
    assert_json_snapshot!(answer, {
        ".release.edits[].sha256" => "[sha256]",
        ".edits[].row" => "[row]",
    });
    let none = service
        .get("/v1/edits/pair?a=0001A&b=0009A&date=2099-01-15")
        .await
        .json();
    assert_eq!(none["outcome"], "does_not_apply");
    let unloaded = "/v1/edits/pair?a=0001A&b=0002A&date=2099-01-15&setting=dme";
    let unloaded = service.get(unloaded).await.json();
    assert_eq!(unloaded["outcome"], "no_data");
    let medicaid = "/v1/edits/pair?a=A9990&b=E9990&date=2099-01-15&setting=dme&payer=medicaid";
    assert_eq!(service.get(medicaid).await.json()["outcome"], "applies");
    for (path, problem) in [
        ("/v1/edits/pair?a=0001A", "400 bad-parameter"),
        ("/v1/edits/pair?a=0001A&b=E11.9", "400 code-malformed"),
        (
            "/v1/edits/pair?a=0001A&b=0002A&date=tomorrow",
            "400 bad-date",
        ),
        (
            "/v1/edits/pair?a=0001A&b=0002A&setting=x",
            "400 bad-parameter",
        ),
        ("/v1/edits/ptp/0001A?direction=x", "400 bad-parameter"),
        ("/v1/edits/ptp/0001A?cursor=x", "400 bad-cursor"),
        ("/v1/edits/mue/x", "400 code-malformed"),
    ] {
        assert_eq!(service.get(path).await.problem(), problem, "{path}");
    }
}

#[tokio::test]
async fn partners_come_in_both_directions_and_page_by_page() {
    let service = service();
    let partners = async |query: &str| {
        let path = format!("/v1/edits/ptp/0001A?date=2099-02-01{query}");
        let answer = service.get(&path).await.json();
        let partners = answer["partners"].as_array().unwrap().iter();
        let text: Vec<String> = partners
            .map(|one| {
                format!(
                    "{} {}",
                    one["direction"].as_str().unwrap(),
                    one["partner"].as_str().unwrap()
                )
            })
            .collect();
        (text.join(", "), answer)
    };
    assert_eq!(
        partners("").await.0,
        "major 0002A, major 0003A, minor 0006A"
    );
    assert_eq!(partners("&direction=minor").await.0, "minor 0006A");
    let (all, _) = partners("&history=true").await;
    assert_eq!(
        all,
        "major 0002A, major 0003A, major 0004A, major 0005A, minor 0006A"
    );
    let (first, answer) = partners("&limit=2").await;
    assert_eq!(
        (first.as_str(), &answer["total"]),
        ("major 0002A, major 0003A", &json!(3))
    );
    let cursor = answer["next"].as_str().unwrap();
    let (rest, answer) = partners(&format!("&limit=2&cursor={cursor}")).await;
    assert_eq!(
        (rest.as_str(), &answer["next"]),
        ("minor 0006A", &Value::Null)
    );
    let other = service
        .get(&format!(
            "/v1/edits/ptp/0002A?date=2099-02-01&cursor={cursor}"
        ))
        .await;
    assert_eq!(other.problem(), "400 bad-cursor");
}

#[tokio::test]
async fn units_and_add_ons_of_a_code_are_told() {
    let service = service();
    let answer = service
        .get("/v1/edits/mue/0003A?date=2099-01-15")
        .await
        .json();
    assert_json_snapshot!(answer["values"], { "[].row" => "[row]" });
    let answer = service
        .get("/v1/edits/mue/0009A?date=2099-01-15&setting=practitioner")
        .await
        .json();
    assert_eq!(answer["values"][0]["outcome"], "no_data");
    let answer = service
        .get("/v1/edits/addon/0010A?date=2099-01-15")
        .await
        .json();
    let add_ons = answer["add_ons"].as_array().unwrap().iter();
    let add_ons: Vec<&str> = add_ons.map(|row| row["add_on"].as_str().unwrap()).collect();
    assert_eq!(add_ons, ["0011A", "0013A"]);
    let answer = service
        .get("/v1/edits/addon/0012A?date=2099-01-15")
        .await
        .json();
    assert_eq!(answer["primaries"][0]["primary"], Value::Null);
    assert_eq!(answer["primaries"][0]["type"], "2");
    let answer = service
        .get("/v1/edits/addon/0012A?date=2099-07-15")
        .await
        .json();
    assert_eq!(answer["outcome"], "no_data");
}
