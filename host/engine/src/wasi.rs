//! WASI preview 2, for components that import it: linked with nothing granted. What they print goes to the actor's log.

use crate::cell::Cell;
use crate::guest::Guest;
use crate::report;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::{ResourceTable, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

/// The longest line that is kept together.
const LINE: usize = 8 * 1024;

/// One instance's WASI state.
pub(crate) struct Wasi {
    context: WasiCtx,
    table: ResourceTable,
}

impl Wasi {
    /// `heard`: whether what it prints is heard.
    fn new(cell: &Arc<Cell>, heard: bool) -> Self {
        let mut context = WasiCtxBuilder::new();
        if heard {
            context.stdout(Lines::new(cell, "info")).stderr(Lines::new(cell, "warn"));
        }
        Self { context: context.build(), table: ResourceTable::new() }
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let heard = !self.is_shadow();
        let wasi = self.wasi.get_or_insert_with(|| Box::new(Wasi::new(&self.cell, heard)));
        WasiCtxView { ctx: &mut wasi.context, table: &mut wasi.table }
    }
}

/// What is printed, as lines of the actor's log.
#[derive(Clone)]
struct Lines {
    cell: Arc<Cell>,
    level: &'static str,
    begun: Arc<Mutex<Vec<u8>>>,
}

impl Lines {
    fn new(cell: &Arc<Cell>, level: &'static str) -> Self {
        Self { cell: cell.clone(), level, begun: Arc::default() }
    }

    fn take(&self, bytes: &[u8]) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            if *byte != b'\n' {
                begun.push(*byte);
            }
            if *byte == b'\n' || begun.len() >= LINE {
                report::log(&self.cell.shared, &self.cell, self.level, &String::from_utf8_lossy(&begun));
                begun.clear();
            }
        }
    }
}

impl IsTerminal for Lines {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Lines {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
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
