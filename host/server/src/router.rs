//! Which path is answered by what. Its neighbours are `access` before it and the handlers behind it.

use crate::access::{self, Access};
use crate::component::{self, UPLOADS};
use crate::problem::Problem;
use crate::route::{self, Route};
use crate::serve::Stop;
use crate::{api, metrics, page, shadow, stream};
use axum::Router;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post, put};
use greenroom_engine::handle::Handle;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Streams that are served at once.
pub(crate) const STREAMS: usize = 64;

/// What every handler has at hand.
pub(crate) struct Server {
    pub(crate) handle: Handle,
    /// The application's own paths.
    pub(crate) routes: HashMap<String, Route>,
    /// Places for streams.
    pub(crate) places: Arc<Semaphore>,
    /// Places for uploads.
    pub(crate) uploads: Semaphore,
    pub(crate) stop: Stop,
}

/// The host's own paths.
fn paths() -> [(&'static str, MethodRouter<Arc<Server>>); 24] {
    [
        ("/", get(page::index)),
        ("/assets/{*file}", get(page::asset)),
        ("/stream", get(stream::many)),
        ("/events", get(stream::events)),
        ("/topics/{*name}", get(stream::one)),
        ("/api/openapi.json", get(api::openapi)),
        ("/api/tree", get(api::tree)),
        ("/api/actors", get(api::actors)),
        ("/api/actors/{whom}", get(api::show)),
        ("/api/actors/{whom}/messages", post(api::tell)),
        ("/api/actors/{whom}/ask", post(api::ask)),
        ("/api/actors/{whom}/restart", post(api::restart)),
        ("/api/actors/{whom}/kill", post(api::kill)),
        ("/api/actors/{whom}/reload", post(component::reload)),
        ("/api/actors/{whom}/component", put(component::put)),
        ("/api/actors/{whom}/rollback", post(component::rollback)),
        ("/api/actors/{whom}/versions", get(component::versions)),
        ("/api/actors/{whom}/shadow", get(shadow::report).post(shadow::begin).delete(shadow::end)),
        ("/api/actors/{whom}/shadow/promote", post(shadow::promote)),
        ("/api/manifest/apply", post(api::apply)),
        ("/api/dead-letters", get(api::dead_letters)),
        ("/api/devices", get(api::devices)),
        ("/healthz", get(api::health)),
        ("/metrics", get(metrics::give)),
    ]
}

/// The whole surface.
///
/// # Errors
/// A route of the manifest that cannot be served.
pub(crate) fn router(handle: Handle, access: Access, stop: Stop) -> io::Result<Router> {
    let routes = route::table(&handle.plan().routes)?;
    let places = Arc::new(Semaphore::new(STREAMS));
    let server = Server { handle, routes, places, uploads: Semaphore::new(UPLOADS), stop };
    let router = paths().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    Ok(router
        .fallback(route::answer)
        .method_not_allowed_fallback(method)
        .layer(from_fn_with_state(Arc::new(access), access::guard))
        .layer(map_response(harden))
        .with_state(Arc::new(server)))
}

/// A path that does not take this method; the router adds the `Allow` header.
async fn method(method: Method) -> Problem {
    let detail = format!("this path does not take {method}: the `Allow` header lists what it takes");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail)
}

/// No page of another site may embed what the host answers, and no browser may guess what it is, or keep what it was.
async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_document_has_all_paths_and_no_others() {
        let document: serde_json::Value = serde_json::from_str(include_str!("openapi.json")).unwrap();
        let documented: BTreeSet<_> = document["paths"].as_object().unwrap().keys().cloned().collect();
        let served: BTreeSet<_> = paths().iter().map(|(path, _)| path.replace("{*", "{")).collect();
        assert_eq!(documented, served);
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    }
}
