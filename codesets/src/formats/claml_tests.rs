//! An invented classification in ClaML, and its damage.

use super::{ClamlKind, ClamlRow, classification, looks_like, parse};
use crate::formats::damage;

const SAMPLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ClaML SYSTEM "ClaML.dtd">
<ClaML version="2.0.0">
  <Meta name="lang" value="en"/>
  <Identifier authority="Invented" uid="0.0"/>
  <Title name="ICD-10-X" version="2031" date="2031-01-01">Invented classification</Title>
  <ClassKinds><ClassKind name="chapter"/><ClassKind name="block"/><ClassKind name="category"/></ClassKinds>
  <UsageKinds><UsageKind name="aster" mark="*"/><UsageKind name="dagger" mark="+"/></UsageKinds>
  <RubricKinds><RubricKind name="preferred" inherited="false"/></RubricKinds>
  <Modifier code="S05X_4">
    <SubClass code=".0"/>
    <Rubric kind="text"><Label xml:lang="en">The side of the wing</Label></Rubric>
  </Modifier>
  <ModifierClass modifier="S05X_4" code=".0">
    <SuperClass code="S05X_4"/>
    <Rubric kind="preferred"><Label xml:lang="en">left</Label></Rubric>
  </ModifierClass>
  <Class code="I" kind="chapter">
    <SubClass code="A00-A09"/>
    <Rubric kind="preferred"><Label xml:lang="en">Invented diseases</Label></Rubric>
  </Class>
  <Class code="A00-A09" kind="block">
    <SuperClass code="I"/>
    <SubClass code="A00"/>
    <Rubric kind="preferred"><Label xml:lang="en">Diseases of wings</Label></Rubric>
  </Class>
  <Class code="A00" kind="category" usage="dagger">
    <SuperClass code="A00-A09"/>
    <ModifiedBy code="S05X_4" all="false"><ValidModifierClass code=".0"/></ModifiedBy>
    <ExcludeModifier code="S06X_5"/>
    <Rubric id="1" kind="preferred"><Label xml:lang="en" xml:space="default">Bent wing <Reference class="in brackets" usage="aster">G01*</Reference></Label></Rubric>
    <Rubric id="2" kind="inclusion"><Label xml:lang="en"><Fragment type="list">Crooked wing:</Fragment><Fragment type="item">left &amp; right</Fragment></Label></Rubric>
    <Rubric id="3" kind="exclusion"><Label xml:lang="en">broken wing <Reference class="in brackets" code="S42">S42.-</Reference></Label></Rubric>
    <Rubric id="4" kind="note"><Label xml:lang="en"><Para>First.</Para><Para>Second.</Para></Label></Rubric>
    <Rubric id="5" kind="text"><Label xml:lang="en">As seen from behind</Label></Rubric>
  </Class>
</ClaML>
"#;

fn said(row: &ClamlRow) -> String {
    let rubrics: Vec<String> = row
        .rubrics
        .iter()
        .map(|rubric| {
            format!(
                "{:?} {:?} {:?}",
                rubric.kind, rubric.text, rubric.references
            )
        })
        .collect();
    let parent = row.parent.as_deref().unwrap_or("top");
    format!(
        "{:?} {} below {parent}: {}",
        row.kind,
        row.code,
        rubrics.join("; ")
    )
}

#[test]
fn classes_keep_their_place_and_their_words() {
    let parsed = parse(SAMPLE.as_bytes());
    assert_eq!(parsed.errors, []);
    let rows: Vec<String> = parsed.rows.iter().map(said).collect();
    assert_eq!(
        rows,
        [
            "Modifier S05X_4 below top: Text \"The side of the wing\" []",
            "ModifierClass(\"S05X_4\") .0 below S05X_4: Preferred \"left\" []",
            "Class(\"chapter\") I below top: Preferred \"Invented diseases\" []",
            "Class(\"block\") A00-A09 below I: Preferred \"Diseases of wings\" []",
            "Class(\"category\") A00 below A00-A09: Preferred \"Bent wing\" [\"G01*\"]; \
             Inclusion \"Crooked wing: left & right\" []; \
             Exclusion \"broken wing\" [\"S42.-\"]; \
             Note \"First. Second.\" []; \
             Text \"As seen from behind\" []",
        ]
    );
    let bent = &parsed.rows[4];
    assert_eq!(bent.title(), Some("Bent wing"));
    assert_eq!(bent.usage.as_deref(), Some("dagger"));
    assert_eq!(bent.modified_by[0].valid, [".0"]);
    assert_eq!(bent.excluded_modifiers, ["S06X_5"]);
    assert!(matches!(bent.kind, ClamlKind::Class(_)));
}

#[test]
fn the_title_names_the_classification() {
    assert!(looks_like(SAMPLE.as_bytes()));
    assert!(!looks_like(b"<icd_10_v2019/>"));
    assert_eq!(
        classification(SAMPLE.as_bytes()),
        Some(("ICD-10-X".to_owned(), "2031".to_owned()))
    );
}

#[test]
fn what_does_not_belong_is_reported() {
    let wrong = SAMPLE
        .replace("<SubClass code=\"A00\"/>", "<Wing/>")
        .replace("left &amp; right", "left &wing; right");
    let said: Vec<String> = parse(wrong.as_bytes())
        .errors
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        said,
        [
            "line 24: element `Wing` in `Class` is not part of the format; its text was skipped",
            "line 32: entity is `wing`, expected a character or one of XML's own entities",
        ]
    );
}

#[test]
fn damage_never_panics() {
    damage::check(SAMPLE.as_bytes(), |bytes| {
        let parsed = parse(bytes);
        parsed.rows.len() + parsed.errors.len()
    });
}
