//! NLM's arrays.
//!
//! 1. An answer is an array of total, codes, extra fields and rows, whatever is found.
//! 2. A page does not depend on its size; 500 rows are the most.
//! 3. `+` is a blank, `%2C` a comma; names of parameters may be unknown.
//! 4. `sf` decides what is searched, `q` what is kept, `df`, `cf` and `ef` what is shown.
//! 5. A value that was left in a field is answered with suggestions.
//! 6. Only codes of the release of the day are rows.

use axum::http::Method;
use serde_json::json;

use super::support::{Everything, strings};

#[tokio::test]
async fn answers_have_nlms_shape() {
    let all = Everything::new();
    let answer = all.json("/api/icd10cm/v3/search?terms=e11621").await;
    let title = "Type 2 diabetes mellitus with foot ulcer";
    assert_eq!(answer, json!([1, ["E11.621"], null, [["E11.621", title]]]));
    let answer = all
        .json("/api/icd10cm/v3/search?terms=E11.621&ef=billable,parent:above,nothing&df=name")
        .await;
    let extra = json!({ "billable": ["true"], "above": ["E11.62"], "nothing": [null] });
    assert_eq!(answer, json!([1, ["E11.621"], extra, [[title]]]));
    for path in [
        "/api/icd10cm/v3/search?terms=zzzzqqqq",
        "/api/icd10cm/v3/search?terms=",
        "/api/icd10cm/v3/search",
        "/api/icd10cm/v3/search?terms=+&count=5",
    ] {
        assert_eq!(all.json(path).await, json!([0, [], null, []]), "{path}");
    }
}

#[tokio::test]
async fn pages_do_not_depend_on_their_size() {
    let all = Everything::new();
    let table = "/api/icd10cm/v3/search?terms=diab";
    let whole = all.json(&format!("{table}&count=500")).await;
    let codes = strings(&whole[1], None);
    assert!(codes.len() > 4, "{whole}");
    assert_eq!(whole[0], codes.len());
    assert_eq!(
        all.json(&format!("{table}&count=1")).await[3][0],
        whole[3][0]
    );
    for offset in 0..=codes.len() {
        let page = all.json(&format!("{table}&count=2&offset={offset}")).await;
        let end = (offset + 2).min(codes.len());
        assert_eq!(strings(&page[1], None), codes[offset..end], "{offset}");
        assert_eq!(page[0], codes.len());
    }
    let same = [
        "&maxList=500",
        "&maxList=",
        "&maxList=100000",
        "&count=99999999999",
    ];
    for rest in same {
        assert_eq!(
            all.json(&format!("{table}{rest}")).await[0],
            whole[0],
            "{rest}"
        );
    }
    let usual = all.json(&format!("{table}&count=few")).await;
    assert_eq!(usual, all.json(&format!("{table}&maxList=7")).await);
}

#[tokio::test]
async fn the_address_is_read_as_forms_are() {
    let all = Everything::new();
    let plain = all.json("/api/icd10cm/v3/search?terms=foot%20ulcer").await;
    assert_eq!(plain[1][0], "E11.621");
    for rest in [
        "terms=foot+ulcer",
        "terms=foot+ulcer+",
        "TERMS=foot+ulcer&authenticity_token=x&nothing=1",
        "sf=code%2Cname&terms=foot+ulc",
    ] {
        let answer = all.json(&format!("/api/icd10cm/v3/search?{rest}")).await;
        assert_eq!(answer[1][0], "E11.621", "{rest}: {answer}");
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let posted = all
        .send(
            Method::POST,
            "/api/icd10cm/v3/search",
            &form,
            "terms=foot+ulcer",
        )
        .await;
    assert_eq!(posted.json(), plain);
}

#[tokio::test]
async fn fields_decide_what_is_searched_and_kept() {
    let all = Everything::new();
    let codes = async |rest: &str| {
        let answer = all
            .json(&format!("/api/icd10cm/v3/search?maxList=500&{rest}"))
            .await;
        assert_eq!(answer[0], answer[1].as_array().unwrap().len(), "{rest}");
        strings(&answer[1], None)
    };
    // The code alone, in the order of codes, as NLM's default has it.
    let below = ["E11", "E11.6", "E11.62", "E11.621", "E11.628", "E11.9"];
    assert_eq!(codes("terms=e11&sf=code").await, below);
    let page = all
        .json("/api/icd10cm/v3/search?terms=E11.6&sf=code&offset=1&count=2")
        .await;
    assert_eq!(strings(&page[1], None), below[2..4]);
    assert_eq!(page[0], 4);
    assert_eq!(codes("terms=diabetes&sf=code").await, [""; 0]);
    let billable = ["E11.621", "E11.628", "E11.9"];
    assert_eq!(codes("terms=e11&compat=strict").await, billable);
    // An inclusion term is neither code nor name.
    assert_eq!(codes("terms=sugar+foot&sf=code,name").await, [""; 0]);
    assert_eq!(codes("terms=sugar+foot").await[0], "E11.621");
    assert_eq!(codes("terms=diab&q=code:E11.62*").await.len(), 3);
    assert_eq!(codes("terms=diab&q=ulcer").await, ["E11.621"]);
    assert_eq!(
        codes("terms=diab&billable=true&q=code:E11.6*").await,
        ["E11.621", "E11.628"]
    );
    let shown = all
        .json("/api/hcpcs/v3/search?terms=wheelchair&cf=short_desc&df=code,long_desc&ef=add_dt,obsolete")
        .await;
    let row = [["E9990", "Wheelchair for a bird, any type"]];
    let extra = json!({ "add_dt": ["2050-01-01"], "obsolete": ["false"] });
    assert_eq!(shown, json!([1, ["Bird wheelchair"], extra, row]));
}

#[tokio::test]
async fn a_value_left_in_a_field_is_answered_with_suggestions() {
    let all = Everything::new();
    let answer = all
        .json("/api/icd10cm/v3/search?suggest=1&field_val=diabetis+foot+ulser&maxList=1")
        .await;
    let title = "Type 2 diabetes mellitus with foot ulcer";
    assert_eq!(answer, json!([["E11.621"], [["E11.621", title]], null]));
    let none = all
        .json("/api/codes/v3/search?suggest=1&field_val=zzzzqq")
        .await;
    assert_eq!(none, json!([[], [], null, []]));
}

#[tokio::test]
async fn rows_are_of_the_release_of_the_day() {
    let all = Everything::new();
    let codes = async |rest: &str| {
        let answer = all
            .json(&format!("/api/icd10cm/v3/search?terms={rest}"))
            .await;
        strings(&answer[1], None)
    };
    assert!(!codes("bad+luck").await.contains(&"E11.7".to_owned()));
    assert_eq!(codes("bad+luck&date=2098-01-15").await[0], "E11.7");
    assert_eq!(codes("bad+luck&version=2098").await[0], "E11.7");
    let unknown = all.get("/api/icd10cm/v3/search?terms=x&version=1999").await;
    assert_eq!(unknown.problem(), "400 bad-parameter");
    let date = all
        .get("/api/icd10cm/v3/search?terms=x&date=tomorrow")
        .await;
    assert_eq!(date.problem(), "400 bad-date");
}

#[tokio::test]
async fn one_table_holds_every_system_and_says_which() {
    let all = Everything::new();
    let answer = all
        .json("/api/codes/v3/search?terms=appendix&maxList=500")
        .await;
    let systems = strings(&answer[4], None);
    assert_eq!(systems.len(), strings(&answer[1], None).len());
    assert!(systems.contains(&"http://www.cms.gov/Medicare/Coding/ICD10".to_owned()));
    assert_eq!(
        all.json("/api/icd11_codes/v3/search?terms=moult").await[3][0],
        json!(["1A01", "Moult"])
    );
    assert_eq!(
        all.get("/api/icd9cm_dx/v3/search?terms=x").await.problem(),
        "404 system-not-loaded"
    );
    assert_eq!(
        all.get("/api/nothing/v3/search?terms=x").await.problem(),
        "404 not-found"
    );
}
