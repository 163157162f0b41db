//! The issues of `$validate-code`, in the words and with the codes of HL7's terminology ecosystem.

use super::concepts::Codes;
use super::outcome::{Issue, Severity};

/// No code of that text is in the code system.
pub(super) fn unknown_code(code: &str, codes: &dyn Codes, at: String) -> Issue {
    let version = codes.version().unwrap_or("");
    let url = codes.url();
    if codes.is_fragment() {
        let text = format!(
            "Unknown Code '{code}' in the CodeSystem '{url}' version '{version}' - note that the code system is labeled as a fragment, so the code may be valid in some other fragment"
        );
        return Issue::new(Severity::Warning, "code-invalid", text)
            .detail("invalid-code")
            .message("UNKNOWN_CODE_IN_FRAGMENT")
            .at(at);
    }
    let text = format!("Unknown code '{code}' in the CodeSystem '{url}' version '{version}'");
    Issue::new(Severity::Error, "code-invalid", text)
        .detail("invalid-code")
        .message("Unknown_Code_in_Version")
        .at(at)
}

/// The code is in its system, but written otherwise.
pub(super) fn differs(given: &str, right: &str, canonical: &str, at: String) -> Issue {
    let text = if given.eq_ignore_ascii_case(right) {
        format!(
            "The code '{given}' differs from the correct code '{right}' by case. Although the code system '{canonical}' is case insensitive, implementers are strongly encouraged to use the correct case anyway"
        )
    } else {
        format!(
            "The code '{given}' differs from the correct code '{right}' by its dot or its case. Codes of '{canonical}' are read without them here, but implementers are strongly encouraged to write them"
        )
    };
    Issue::new(Severity::Information, "business-rule", text)
        .detail("code-rule")
        .message("CODE_CASE_DIFFERENCE")
        .at(at)
}

/// The words that stand with the code are not its own.
pub(super) fn wrong_display(
    severity: Severity,
    given: &str,
    named: &str,
    right: &str,
    language: &str,
    at: String,
) -> Issue {
    let text = format!(
        "Wrong Display Name '{given}' for {named}. Valid display is '{right}' (en) (for the language(s) '{language}')"
    );
    Issue::new(severity, "invalid", text)
        .detail("invalid-display")
        .message("Display_Name_for__should_be_one_of__instead_of")
        .at(at)
}

/// The code is not active any more.
pub(super) fn inactive(code: &str, status: &str, at: String) -> Issue {
    let text =
        format!("The concept '{code}' has a status of {status} and its use should be reviewed");
    Issue::new(Severity::Warning, "business-rule", text)
        .detail("code-comment")
        .message("INACTIVE_CONCEPT_FOUND")
        .at(at)
}

/// The code is not active, and the value set takes active codes only.
pub(super) fn not_active(code: &str, at: String) -> Issue {
    let text = format!("The code '{code}' is valid but is not active");
    Issue::new(Severity::Error, "business-rule", text)
        .detail("code-rule")
        .message("STATUS_CODE_WARNING_CODE")
        .at(at)
}

/// The code is a heading, and the question allows none.
pub(super) fn is_abstract(url: &str, code: &str, at: String) -> Issue {
    let text = format!("Code '{url}#{code}' is abstract, and not allowed in this context");
    Issue::new(Severity::Error, "business-rule", text)
        .detail("code-rule")
        .message("ABSTRACT_CODE_NOT_ALLOWED")
        .at(at)
}

/// The code is a heading; a claim needs more characters.
pub(super) fn not_for_submission(why: &str, at: String) -> Issue {
    let text = format!("The code is not valid for submission: {why}");
    Issue::new(Severity::Warning, "business-rule", text)
        .detail("code-comment")
        .at(at)
}

/// Something else worth knowing.
pub(super) fn remark(text: String, at: String) -> Issue {
    Issue::new(Severity::Information, "business-rule", text)
        .detail("code-comment")
        .at(at)
}

/// The code system itself should be looked at: it is a draft, or retired.
pub(super) fn caution(caution: &str, canonical: &str) -> Issue {
    let message = match caution {
        "draft" => "MSG_DRAFT",
        "experimental" => "MSG_EXPERIMENTAL",
        "deprecated" => "MSG_DEPRECATED",
        "withdrawn" => "MSG_WITHDRAWN",
        _ => "MSG_RETIRED",
    };
    let text = format!("Reference to {caution} CodeSystem {canonical}");
    Issue::new(Severity::Information, "business-rule", text)
        .detail("status-check")
        .message(message)
}

/// The value set does not have the code.
pub(super) fn not_in(severity: Severity, named: &str, set: &str, at: String) -> Issue {
    let text = format!("The provided code '{named}' was not found in the value set '{set}'");
    let detail = if severity == Severity::Error {
        "not-in-vs"
    } else {
        "this-code-not-in-vs"
    };
    Issue::new(severity, "code-invalid", text)
        .detail(detail)
        .message("None_of_the_provided_codes_are_in_the_value_set_one")
        .at(at)
}

/// None of several codings is in the value set.
pub(super) fn no_valid_coding(set: &str) -> Issue {
    let text = format!("No valid coding was found for the value set '{set}'");
    Issue::new(Severity::Error, "code-invalid", text)
        .detail("not-in-vs")
        .message("TX_GENERAL_CC_ERROR_MESSAGE")
}

/// A code system of the value set is not here.
pub(super) fn cannot_check(set: &str, system: &str) -> Issue {
    let text = format!(
        "Unable to check whether the code is in the value set '{set}' because the code system {system} was not found"
    );
    Issue::new(Severity::Warning, "not-found", text)
        .detail("vs-invalid")
        .message("UNABLE_TO_CHECK_IF_THE_PROVIDED_CODES_ARE_IN_THE_VALUE_SET_CS")
}

/// A coding without a system.
pub(super) fn no_system(path: &str) -> Issue {
    let text = "Coding has no system. A code with no system has no defined meaning, and it cannot be validated. A system should be provided";
    let issue = Issue::new(Severity::Warning, "invalid", text)
        .detail("invalid-data")
        .message("Coding_has_no_system__cannot_validate");
    if path.is_empty() {
        issue
    } else {
        issue.at(path)
    }
}

/// A system that is no address.
pub(super) fn relative_system(at: String) -> Issue {
    let text = "Coding.system must be an absolute reference, not a local reference";
    Issue::new(Severity::Error, "invalid", text)
        .detail("invalid-data")
        .message("Terminology_TX_System_Relative")
        .at(at)
}

/// A code without a system, in a value set of several.
pub(super) fn cannot_infer(code: &str, set: &str) -> Issue {
    let text = format!(
        "The System URI could not be determined for the code '{code}' in the ValueSet '{set}'"
    );
    Issue::new(Severity::Error, "not-found", text)
        .detail("cannot-infer")
        .message("UNABLE_TO_INFER_CODESYSTEM")
        .at("code")
}
