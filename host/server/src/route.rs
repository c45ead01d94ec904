//! Paths of the application's own, from the manifest: a stream of a pattern, or an actor that is asked.

use crate::feed::Style;
use crate::input;
use crate::payload::Payload;
use crate::problem::Problem;
use crate::router::Server;
use crate::stream;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use greenroom_core::{Kind, KindError, Message, Name, Pattern};
use greenroom_manifest::{HttpRoute, Serve};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// How long an actor may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a client of a stream waits before it comes back, in milliseconds: as the talk's kettle has it.
const RETRY: u32 = 100;

/// What a path does.
pub(crate) enum Route {
    Stream(Pattern),
    Ask { actor: Name, get: Option<Kind>, post: Option<Kind> },
}

/// The routes of a manifest, by path.
///
/// # Errors
/// A kind that is none: the manifest's own check leaves none through.
pub(crate) fn table(routes: &[HttpRoute]) -> io::Result<HashMap<String, Route>> {
    let one = |route: &HttpRoute| {
        let kind = |text: &Option<String>| text.as_deref().map(str::parse::<Kind>).transpose();
        let told = |why: KindError| io::Error::new(io::ErrorKind::InvalidInput, format!("route {}: {why}", route.path));
        let serve = match &route.serve {
            Serve::Stream(pattern) => Route::Stream(pattern.clone()),
            Serve::Ask { actor, get, post } => {
                Route::Ask { actor: actor.clone(), get: kind(get).map_err(told)?, post: kind(post).map_err(told)? }
            }
        };
        Ok((route.path.clone(), serve))
    };
    routes.iter().map(one).collect()
}

/// Whatever path is not the host's own.
pub(crate) async fn answer(State(server): State<Arc<Server>>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let Some(route) = server.routes.get(parts.uri.path()) else {
        return Err(unknown(&server, parts.uri.path()));
    };
    let read = matches!(parts.method, Method::GET | Method::HEAD);
    match route {
        Route::Stream(pattern) if read => {
            stream::stream(&server, &parts.headers, parts.uri.query(), pattern.clone(), Style::Bare, RETRY)
        }
        Route::Ask { actor, get: Some(kind), .. } if read => {
            ask(&server, actor, Message::new(kind.clone(), Vec::new())).await
        }
        Route::Ask { actor, post: Some(kind), .. } if parts.method == Method::POST => {
            ask(&server, actor, Message::new(kind.clone(), json(body).await?)).await
        }
        Route::Ask { get: Some(_), post: Some(_), .. } => Err(Problem::method("GET, HEAD, POST")),
        Route::Ask { get: None, post: Some(_), .. } => Err(Problem::method("POST")),
        Route::Stream(_) | Route::Ask { .. } => Err(Problem::method("GET, HEAD")),
    }
}

/// The body as it came, if it is JSON; nothing is no fields.
async fn json(body: Body) -> Result<Vec<u8>, Problem> {
    let bytes = input::message(body).await?;
    if !bytes.is_empty() {
        input::parse::<Box<RawValue>>(&bytes, "JSON")?;
    }
    Ok(bytes)
}

async fn ask(server: &Server, actor: &Name, message: Message) -> Result<Response, Problem> {
    let answer = server.handle.ask(actor.as_str(), message, PATIENCE).await?;
    let body = serde_json::to_string(&Payload(&answer.body)).map_err(|error| stream::broken(&error))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

fn unknown(server: &Server, path: &str) -> Problem {
    let mut own: Vec<_> = server.routes.keys().map(String::as_str).collect();
    own.sort_unstable();
    let own = if own.is_empty() { String::new() } else { format!(", and this system's own {}", own.join(", ")) };
    let detail = format!(
        "there is nothing at `{}`: there are /, /stream, /events, /topics/…, /api/tree, /api/actors, /api/devices, \
         /api/dead-letters, /api/openapi.json, /healthz, /metrics{own}",
        path.escape_debug(),
    );
    Problem::new(StatusCode::NOT_FOUND, "no-path", detail)
}
