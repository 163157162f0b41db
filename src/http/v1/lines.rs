//! Many questions in one request: JSON lines in, JSON lines out, in order.
//!
//! However long a stream is, it holds a bounded part of the memory and of the
//! cores: a line is read only when a place is free among those under way, and
//! places become free as fast as the client takes answers. A client therefore
//! reads while it sends.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::Response;
use http_body_util::BodyExt;
use http_body_util::channel::{Channel, Sender};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{parameters, respond};
use crate::catalog::Snapshot;
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::state::App;

/// The media type of JSON lines.
pub const NDJSON: &str = "application/x-ndjson";

/// One question of many.
pub(super) type Item = Map<String, Value>;

/// What one question of many is answered with; the others are answered whatever becomes of it.
#[derive(Debug, Serialize)]
pub(super) struct ItemAnswer<A> {
    /// The question's own `id`, or its place counted from 1.
    pub id: String,
    /// The answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<A>,
    /// The problem in its stead, as RFC 9457 writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Value>,
}

/// Answers questions of one kind: from a question without its `id` to JSON.
pub(super) trait Asked: Clone + Send + Sync + 'static {
    /// The answer.
    type Answer: Serialize;

    /// Answers `item` from `snapshot`; called where a core is held.
    fn answer(&self, app: &App, snapshot: &Snapshot, item: Item) -> ApiResult<Self::Answer>;
}

/// How many questions of one request are under way at once.
fn most_under_way(app: &App) -> usize {
    2 * app.limits.cores.max(1)
}

/// The answers to all `items` in order, each as JSON.
pub(super) async fn all<K: Asked>(app: &Arc<App>, kind: &K, items: Vec<Item>) -> Vec<Vec<u8>> {
    let snapshot = app.catalog.snapshot();
    let mut answers = Vec::with_capacity(items.len());
    let mut under_way = VecDeque::new();
    for (place, item) in (1..).zip(items) {
        if under_way.len() >= most_under_way(app)
            && let Some(first) = under_way.pop_front()
        {
            answers.push(finished(first).await);
        }
        under_way.push_back(start(app, &snapshot, kind, place, Ok(item)));
    }
    for rest in under_way {
        answers.push(finished(rest).await);
    }
    answers
}

/// Answers each line of `body` with a line.
pub(super) fn stream<K: Asked>(app: &Arc<App>, kind: K, body: Body) -> Response {
    // What waits in the channel is answered; what waits to be answered is in `pump`.
    let (sender, channel) = Channel::<Bytes>::new(1);
    tokio::spawn(pump(Arc::clone(app), kind, body, sender));
    let mut response = Response::new(Body::new(channel));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Reads lines, starts their work and hands it to the writer, which waits for it in order.
async fn pump<K: Asked>(app: Arc<App>, kind: K, body: Body, sender: Sender<Bytes>) {
    let snapshot = app.catalog.snapshot();
    // One more is with the writer, and one waits for a place.
    let (places, answers) = mpsc::channel(most_under_way(&app));
    let patience = app.limits.head_timeout;
    let writer = tokio::spawn(write(answers, sender, patience));
    let mut lines = Lines::new(body, app.limits.body_bytes);
    for place in 1.. {
        let item = match timeout(patience, lines.next()).await {
            Ok(Ok(None)) => break,
            Ok(Ok(Some(line))) => line.and_then(|line| parameters::object(&line, "")),
            Ok(Err(Broken)) => Err(ApiError::new(
                ErrorCode::BadJson,
                "the body did not arrive whole",
            )),
            Err(_) => {
                let detail = format!("no line came for {} seconds", patience.as_secs());
                Err(ApiError::new(ErrorCode::Timeout, detail))
            }
        };
        let last = lines.is_over(&item);
        if places
            .send(start(&app, &snapshot, &kind, place, item))
            .await
            .is_err()
            || last
        {
            break;
        }
    }
    drop(places);
    // How the connection ended is the client's business.
    let _ = writer.await;
}

async fn write(
    mut answers: mpsc::Receiver<JoinHandle<Vec<u8>>>,
    mut sender: Sender<Bytes>,
    patience: Duration,
) {
    while let Some(answer) = answers.recv().await {
        let mut line = finished(answer).await;
        line.push(b'\n');
        match timeout(patience, sender.send_data(Bytes::from(line))).await {
            Ok(Ok(())) => {}
            // The client has gone, or has not read for too long.
            Ok(Err(_)) | Err(_) => break,
        }
    }
}

fn start<K: Asked>(
    app: &Arc<App>,
    snapshot: &Arc<Snapshot>,
    kind: &K,
    place: usize,
    item: ApiResult<Item>,
) -> JoinHandle<Vec<u8>> {
    let (app, snapshot, kind) = (Arc::clone(app), Arc::clone(snapshot), kind.clone());
    tokio::spawn(async move {
        let pool = app.pool.clone();
        let work = move || answered(&app, &snapshot, &kind, place, item);
        match pool.run_in_turn(work).await {
            Ok(line) => line,
            Err(error) => problem(place.to_string(), &error.into()),
        }
    })
}

async fn finished(answer: JoinHandle<Vec<u8>>) -> Vec<u8> {
    let lost = || problem(String::new(), &ApiError::new(ErrorCode::Internal, ""));
    answer.await.unwrap_or_else(|_| lost())
}

fn answered<K: Asked>(
    app: &App,
    snapshot: &Snapshot,
    kind: &K,
    place: usize,
    item: ApiResult<Item>,
) -> Vec<u8> {
    let mut id = place.to_string();
    let answer = item.and_then(|mut item| {
        match item.remove("id") {
            None => {}
            Some(Value::String(own)) => id = own,
            Some(_) => {
                return Err(ApiError::new(ErrorCode::BadJson, "id is not a string").at("id"));
            }
        }
        kind.answer(app, snapshot, item)
    });
    let json = answer.and_then(|answer| {
        respond::json(&ItemAnswer {
            id: id.clone(),
            answer: Some(answer),
            problem: None,
        })
    });
    json.unwrap_or_else(|error| problem(id, &error))
}

fn problem(id: String, error: &ApiError) -> Vec<u8> {
    let answer = ItemAnswer::<()> {
        id,
        answer: None,
        problem: Some(error.to_value()),
    };
    // Strings and numbers always become JSON.
    serde_json::to_vec(&answer).unwrap_or_default()
}

/// The body's end never came.
#[derive(Debug)]
struct Broken;

/// The lines of a body, of which only one is held at a time.
struct Lines {
    body: Body,
    buffer: Vec<u8>,
    /// The bytes of the buffer in which no line's end is.
    searched: usize,
    most: usize,
    /// Whether the rest of a line that was too long is being passed over.
    skipping: bool,
    over: bool,
}

impl Lines {
    fn new(body: Body, most: usize) -> Lines {
        Lines {
            body,
            buffer: Vec::new(),
            searched: 0,
            most,
            skipping: false,
            over: false,
        }
    }

    /// Whether no line can follow `item`.
    fn is_over<T>(&self, item: &ApiResult<T>) -> bool {
        let timed_out = |error: &ApiError| error.code() == ErrorCode::Timeout;
        self.over && self.buffer.is_empty() || item.as_ref().err().is_some_and(timed_out)
    }

    /// The next line that is not blank, unless it is too long.
    async fn next(&mut self) -> Result<Option<ApiResult<Vec<u8>>>, Broken> {
        loop {
            if let Some(line) = self.take_line() {
                let skipped = std::mem::take(&mut self.skipping);
                if skipped || line.trim_ascii().is_empty() {
                    continue;
                }
                let fits = line.len() <= self.most;
                return Ok(Some(if fits { Ok(line) } else { Err(self.too_long()) }));
            }
            if self.buffer.len() > self.most {
                self.buffer.clear();
                self.searched = 0;
                if !std::mem::replace(&mut self.skipping, true) {
                    return Ok(Some(Err(self.too_long())));
                }
            }
            if self.over {
                return Ok(None);
            }
            self.read().await?;
        }
    }

    fn too_long(&self) -> ApiError {
        let detail = format!("the line has more than {} bytes", self.most);
        ApiError::new(ErrorCode::BodyTooLarge, detail)
    }

    async fn read(&mut self) -> Result<(), Broken> {
        match self.body.frame().await {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.buffer.extend_from_slice(data);
                }
                Ok(())
            }
            Some(Err(_)) => {
                self.over = true;
                self.buffer.clear();
                Err(Broken)
            }
            None => {
                self.over = true;
                // The last line may have no end.
                if !self.buffer.is_empty() {
                    self.buffer.push(b'\n');
                }
                Ok(())
            }
        }
    }

    /// Takes a line off the buffer, its end left out.
    fn take_line(&mut self) -> Option<Vec<u8>> {
        let rest = self.buffer.get(self.searched..)?;
        let Some(at) = rest.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.buffer.len();
            return None;
        };
        let end = self.searched + at;
        let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
        line.pop();
        self.searched = 0;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, Bytes};
    use http_body_util::channel::Channel;
    use proptest::prelude::*;

    use super::Lines;

    /// The lines of a body that comes in pieces of `size` bytes; `None` for one that is too long.
    async fn lines_of(text: &[u8], size: usize, most: usize) -> Vec<Option<Vec<u8>>> {
        let (mut sender, channel) = Channel::<Bytes>::new(1);
        let pieces: Vec<Bytes> = text.chunks(size).map(Bytes::copy_from_slice).collect();
        let sending = tokio::spawn(async move {
            for piece in pieces {
                sender.send_data(piece).await.unwrap();
            }
        });
        let mut lines = Lines::new(Body::new(channel), most);
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            found.push(line.ok());
        }
        sending.await.unwrap();
        found
    }

    proptest! {
        #[test]
        fn lines_are_those_of_the_text_however_it_comes(
            lines in prop::collection::vec("[a-c]{0,6}", 0..8),
            size in 1usize..20,
            ended in any::<bool>(),
        ) {
            let text = lines.join("\n") + if ended { "\n" } else { "" };
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let found = runtime.block_on(lines_of(text.as_bytes(), size, 100));
            let expected: Vec<Option<Vec<u8>>> = lines
                .iter()
                .filter(|line| !line.is_empty())
                .map(|line| Some(line.as_bytes().to_vec()))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_passed_over() {
        let text = format!("a\n{}\nb", "x".repeat(90));
        let found = lines_of(text.as_bytes(), 7, 20).await;
        assert_eq!(found, [Some(b"a".to_vec()), None, Some(b"b".to_vec())]);
    }
}
