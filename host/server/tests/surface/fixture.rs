//! A host that listens, and a client of it.

use eventsource_stream::{Event, Eventsource};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use greenroom_engine::Handle;
use greenroom_server::{Access, serve};
use greenroom_testkit::Stage;
use http_body_util::{BodyExt, BodyStream, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long a test waits for what must come.
const DEADLINE: Duration = Duration::from_secs(30);

/// Waits for what must come.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(DEADLINE, what).await.expect("in time")
}

/// A host, served.
pub(crate) struct Fixture {
    pub(crate) address: SocketAddr,
    pub(crate) handle: Handle,
    _stage: Stage,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<io::Result<()>>,
}

impl Fixture {
    /// A host of this manifest, on this machine only.
    pub(crate) async fn start(manifest: &str) -> Self {
        Self::listen(manifest, "127.0.0.1:0", None).await
    }

    pub(crate) async fn listen(manifest: &str, on: &str, token: Option<&str>) -> Self {
        let stage = Stage::new(manifest).await;
        let handle = stage.handle().clone();
        let listener = TcpListener::bind(on).await.unwrap();
        let address = listener.local_addr().unwrap();
        let access = Access::new(&handle.plan().host, address, token.map(str::to_owned));
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async { drop(stopped.await) };
        let server = tokio::spawn(serve(handle.clone(), listener, access, shutdown));
        Self { address, handle, _stage: stage, stop: Some(stop), server }
    }

    /// Publishes, as a turn would.
    pub(crate) fn publish(&self, topic: &str, kind: &str, body: &str) -> u64 {
        self.handle.hub().publish(&topic.parse().unwrap(), &kind.parse().unwrap(), body.as_bytes().into())
    }

    /// The id of a message.
    pub(crate) fn id(&self, seq: u64) -> String {
        format!("{}-{seq}", self.handle.hub().epoch())
    }

    /// Tells the server to stop, without waiting.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until the server has stopped.
    pub(crate) async fn stopped(mut self) {
        self.stop();
        soon(self.server).await.unwrap().unwrap();
    }

    pub(crate) async fn connect(&self) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", self.address.port())).await.unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Client { sender, host: format!("127.0.0.1:{}", self.address.port()) }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.connect().await.send("GET", path, &[], "").await
    }

    pub(crate) async fn get_as(&self, path: &str, accept: &str) -> Answer {
        self.connect().await.send("GET", path, &[("accept", accept)], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.connect().await.send("POST", path, &[("content-type", "application/json")], body).await
    }

    pub(crate) async fn put(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.connect().await.send("PUT", path, headers, body).await
    }

    /// An event stream that must be there.
    pub(crate) async fn stream(&self, path: &str, headers: &[(&str, &str)]) -> Events {
        let response = self.connect().await.request("GET", path, headers, "").await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        let frames = BodyStream::new(response.into_body());
        let chunks = frames.map_ok(|frame| frame.into_data().unwrap_or_default());
        Events(chunks.eventsource().map_err(|error| error.to_string()).boxed())
    }
}

/// One connection.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Client {
    pub(crate) async fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Response<Incoming> {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", &self.host);
        }
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let body = Full::new(Bytes::copy_from_slice(body.as_ref()));
        soon(self.sender.send_request(request.body(body).unwrap())).await.unwrap()
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Answer {
        let (parts, body) = self.request(method, path, headers, body).await.into_parts();
        let body = soon(body.collect()).await.unwrap().to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8(body.into()).unwrap() }
    }
}

/// A whole response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that it is a refusal as they all are: its status, its code, and a detail with these words.
    pub(crate) fn refuses(&self, status: u16, code: &str, says: &str) {
        assert_eq!((self.status, self.header("content-type")), (status, "application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!((&problem["status"], &problem["code"]), (&status.into(), &code.into()), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem} does not say {says:?}");
    }
}

/// An event stream, through an independent parser.
pub(crate) struct Events(BoxStream<'static, Result<Event, String>>);

impl Events {
    /// The next event; none: the stream is over.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        soon(self.0.next()).await.map(|event| event.unwrap())
    }

    /// The next event's kind, id and data.
    pub(crate) async fn one(&mut self) -> (String, String, Value) {
        let event = self.next().await.expect("one more event");
        (event.event, event.id, serde_json::from_str(&event.data).unwrap())
    }
}
