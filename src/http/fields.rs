//! Named values as the older doors take them: in the address, in a form, or in parts.
//!
//! Names are compared without regard to case. What a door does not know, it
//! ignores, as the services do whose clients it answers.

use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, RawForm, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse;

use super::errors::{ApiError, ApiResult, ErrorCode};

/// The most values that are read; no client sends a third as many.
const MOST_FIELDS: usize = 64;

/// The values of a request, those of its body before those of its address.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads the address, and the body of a POST: a form or multipart.
    pub(super) async fn read(request: Request) -> ApiResult<Fields> {
        let address = decoded(request.uri().query().unwrap_or("").as_bytes());
        if request.method() != Method::POST {
            return Fields(address).checked();
        }
        let media_type = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map_or_else(String::new, |value| value.trim().to_ascii_lowercase());
        let mut fields = match media_type.as_str() {
            "multipart/form-data" => parts(request).await?,
            "application/x-www-form-urlencoded" => form(request).await?,
            // A client that puts everything into the address need not say what its body is.
            "" => Vec::new(),
            _ => {
                let detail = "a form or multipart/form-data is read here";
                return Err(ApiError::new(ErrorCode::UnsupportedMediaType, detail));
            }
        };
        fields.extend(address);
        Fields(fields).checked()
    }

    fn checked(self) -> ApiResult<Fields> {
        if self.0.len() <= MOST_FIELDS {
            return Ok(self);
        }
        let detail = format!("at most {MOST_FIELDS} values are read");
        Err(ApiError::new(ErrorCode::BadParameter, detail))
    }

    /// The first value of `name`, which is written in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The first value of `name` that is more than blanks.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// The parts of a list with commas or semicolons between, without blanks; empty without the list.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        self.get(name)
            .unwrap_or("")
            .split([',', ';'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect()
    }

    /// `true` or `false` in any case, or `usual` when it is neither.
    pub(super) fn flag(&self, name: &str, usual: bool) -> bool {
        match self.filled(name) {
            Some(text) if text.eq_ignore_ascii_case("true") || text == "1" => true,
            Some(text) if text.eq_ignore_ascii_case("false") || text == "0" => false,
            _ => usual,
        }
    }
}

/// Names and values, `+` read as a blank.
fn decoded(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

async fn form(request: Request) -> ApiResult<Vec<(String, String)>> {
    let RawForm(bytes) = RawForm::from_request(request, &())
        .await
        .map_err(|rejection| unread(rejection.into_response().status()))?;
    Ok(decoded(&bytes))
}

async fn parts(request: Request) -> ApiResult<Vec<(String, String)>> {
    let mut multipart = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| unread(rejection.into_response().status()))?;
    let mut fields = Vec::new();
    let broken = |error: MultipartError| unread(error.status());
    while let Some(part) = multipart.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or("").to_owned();
        fields.push((name, part.text().await.map_err(broken)?));
        if fields.len() > MOST_FIELDS {
            break;
        }
    }
    Ok(fields)
}

fn unread(status: StatusCode) -> ApiError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::new(ErrorCode::BodyTooLarge, "the operation reads 64 KiB")
    } else {
        ApiError::new(ErrorCode::BadParameter, "the body cannot be read as a form")
    }
}
