//! What an actor prints, as lines of its log.

use crate::cell::Cell;
use crate::report;
use bytes::Bytes;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// The longest line that is kept together.
const LINE: usize = 8 * 1024;
/// Bytes that are taken at a time.
const ROOM: usize = 64 * 1024;

/// A stream into the log. All that are made of it write to the same lines.
#[derive(Clone)]
pub(super) struct Lines(Arc<Mutex<Begun>>);

/// The line that is not over yet.
struct Begun {
    cell: Arc<Cell>,
    level: &'static str,
    line: Vec<u8>,
}

impl Begun {
    fn end(&mut self) {
        report::log(&self.cell.shared, &self.cell, self.level, &String::from_utf8_lossy(&self.line));
        self.line.clear();
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.end();
        }
    }
}

impl Lines {
    pub(super) fn new(cell: &Arc<Cell>, level: &'static str) -> Self {
        Self(Arc::new(Mutex::new(Begun { cell: cell.clone(), level, line: Vec::new() })))
    }

    fn take(&self, bytes: &[u8]) {
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            if *byte != b'\n' {
                begun.line.push(*byte);
            }
            if *byte == b'\n' || begun.line.len() >= LINE {
                begun.end();
            }
        }
    }
}

impl IsTerminal for Lines {
    // As a person's: for any other, C and Python keep what is printed until they have some kilobytes of it, or end.
    fn is_terminal(&self) -> bool {
        true
    }
}

impl StdoutStream for Lines {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    // Without wasmtime's own, which has a task for each stream.
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Lines {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(ROOM)
    }
}

#[async_trait]
impl Pollable for Lines {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Lines {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
