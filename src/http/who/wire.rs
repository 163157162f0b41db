//! The shapes of answers, by the names of WHO's OpenAPI.

use serde::Serialize;

/// `ISearchResult` of WHO's OpenAPI.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SearchResult {
    pub(super) error: bool,
    pub(super) error_message: Option<&'static str>,
    pub(super) result_chopped: bool,
    pub(super) word_suggestions_chopped: bool,
    /// 0 when the words were read as typed, 1 when some were taken for misspelled or cut short.
    pub(super) guess_type: u8,
    pub(super) unique_search_id: String,
    pub(super) words: Vec<Word>,
    pub(super) destination_entities: Vec<SimpleEntity>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Word {
    pub(super) label: String,
    pub(super) dont_change_result: bool,
}

/// `ISimpleEntity` of WHO's OpenAPI.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SimpleEntity {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) stem_id: String,
    pub(super) is_leaf: bool,
    pub(super) postcoordination_availability: u8,
    pub(super) has_coding_note: bool,
    pub(super) has_maternal_chapter_link: bool,
    pub(super) has_perinatal_chapter_link: bool,
    #[serde(rename = "matchingPVs")]
    pub(super) matching_pvs: Vec<PropertyValue>,
    pub(super) properties_truncated: bool,
    pub(super) is_residual_other: bool,
    pub(super) is_residual_unspecified: bool,
    pub(super) chapter: String,
    pub(super) the_code: String,
    pub(super) score: f64,
    pub(super) title_is_a_search_result: bool,
    pub(super) title_is_top_score: bool,
    pub(super) entity_type: u8,
    pub(super) important: bool,
    pub(super) descendants: Vec<SimpleEntity>,
}

/// `ISimplePropertyValue` of WHO's OpenAPI.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PropertyValue {
    pub(super) property_id: &'static str,
    pub(super) label: String,
    pub(super) score: f64,
    pub(super) important: bool,
    pub(super) foundation_uri: Option<String>,
    pub(super) property_value_type: u8,
}

/// `AutoCodingSearchResult` of WHO's OpenAPI.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AutoCode {
    pub(super) search_text: String,
    pub(super) matching_text: Option<String>,
    pub(super) the_code: Option<String>,
    #[serde(rename = "foundationURI")]
    pub(super) foundation_uri: Option<String>,
    #[serde(rename = "linearizationURI")]
    pub(super) linearization_uri: Option<String>,
    /// 4 the very words, 3 all words, 2 at least half of them by weight, 1 fewer, 0 none.
    pub(super) match_level: u8,
    pub(super) match_score: f64,
    pub(super) match_type: u8,
    pub(super) is_title: bool,
}
