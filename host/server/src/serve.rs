//! Connections: taken while there is room, ended in order when the host stops. Neighbours: the listener before it, the
//! router behind it.

use crate::access::Access;
use crate::router::router;
use axum::Router;
use greenroom_engine::handle::Handle;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Connections at once. Further ones wait in the system's queue.
const CONNECTIONS: usize = 512;

/// How long a client may take over a request's head, or do nothing between two requests.
const IDLE: Duration = Duration::from_secs(30);

/// How long connections have to end once the server stops: a stream sends `bye` and ends, a client that does not read
/// is cut off.
const GRACE: Duration = Duration::from_secs(3);

/// How long the server leaves off when the system has no room for a connection.
const RESPITE: Duration = Duration::from_millis(200);

/// Bytes that wait to be written to a connection, at most.
const BUFFER: usize = 64 << 10;

/// Tells that the server stops.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// With the switch that stops.
    pub(crate) fn new() -> (watch::Sender<bool>, Self) {
        let (switch, stop) = watch::channel(false);
        (switch, Self(stop))
    }

    /// Waits until the server stops. One that is gone has stopped too.
    pub(crate) async fn stopped(&mut self) {
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }
}

/// Serves the host's HTTP surface on a listener, until `shutdown` is done. Streams then end with `event: bye`; whatever
/// is still open three seconds later is cut off.
///
/// # Errors
/// The manifest has a route that cannot be served. Single connections that fail are no error of the server.
pub async fn serve(
    handle: Handle,
    listener: TcpListener,
    access: Access,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (switch, stop) = Stop::new();
    let router = router(handle, access, stop.clone())?;
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            // A connection's end; a handler that panicked has told its own.
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, router.clone(), stop.clone()))),
                // The client has gone again before it was taken.
                Err(error) if is_the_clients(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(RESPITE).await;
                }
            }
        }
    }
    drop(listener);
    switch.send_replace(true);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, ended).await.is_err() {
        tracing::info!("cut off {} connections that did not end in time", connections.len());
    }
    Ok(())
}

/// One connection, until its client leaves or the server stops.
async fn connection(stream: TcpStream, router: Router, mut stop: Stop) {
    // Events are small and awaited: no collecting.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection without nodelay");
    }
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE)
            .max_buf_size(BUFFER)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.stopped() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
