//! `wasi:io`: what waits, waits in place, as long as the turn's deadline leaves.
//!
//! A turn that waits for a mailbox's place stands still with its worker as well (`crate::wait`); another worker takes over
//! meanwhile. On a fiber a turn could be left and come back to, as one is that asks. But its actor could do nothing else
//! in that time either, each component that imports WASI would need a fiber's stack, and a wait is at most a deadline
//! long: what is to wait longer is a timer's or a message's affair.

use crate::guest::{Guest, Verdict};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};
use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::io::{poll as waiting, streams};
use wasmtime_wasi::p2::bindings::sync::io::{poll, streams as blocking};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, StreamError, StreamResult};
use wasmtime_wasi::{WasiCtxView, WasiView};

/// How often it is looked whether an actor that waits was killed.
const LOOK: Duration = Duration::from_millis(5);
/// What takes less time than this is not counted as waiting: it is the thread's own work mostly, which is.
const SHORT: Duration = Duration::from_millis(1);

/// It waited longer than its deadline, or was killed meanwhile. The turn's verdict says which.
#[derive(Debug, thiserror::Error)]
#[error("the turn is over")]
struct Over;

/// Wakes a thread that is parked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Guest {
    /// Does something that may have to wait. `due`: when the first of its timers is, if any is waited for.
    ///
    /// # Errors
    /// The turn is over: it was killed, or its deadline has passed.
    pub(super) fn wait<T>(
        &mut self,
        due: Option<u64>,
        work: impl AsyncFnOnce(WasiCtxView<'_>) -> T,
    ) -> wasmtime::Result<T> {
        let (cell, scheduler, rest, live) = (self.cell.clone(), self.shared.scheduler.clone(), self.rest(), self.live);
        let time = self.wasi().time.clone();
        let (began, mut slept) = (Instant::now(), Duration::ZERO);
        let done = {
            let mut work = std::pin::pin!(work(self.ctx()));
            // Most need not wait.
            match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(done) => Ok(done),
                Poll::Pending => {
                    // With none in its place, because there are too many, it stands still all the same.
                    let _standing = scheduler.stand();
                    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
                    loop {
                        if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                            break Ok(done);
                        }
                        let left = rest.saturating_sub(began.elapsed() + slept);
                        if live && cell.is_interrupted() {
                            break Err(Verdict::Killed);
                        }
                        let until_due = due.map(|due| Duration::from_nanos(due.saturating_sub(time.now())));
                        if left.is_zero() {
                            break Err(Verdict::OutOfTime);
                        }
                        match (due, until_due) {
                            (Some(_), Some(until)) if !time.goes_by_itself() && until > left => {
                                break Err(Verdict::OutOfTime);
                            }
                            (Some(due), Some(_)) if !time.goes_by_itself() => slept += time.sleep_until(due),
                            _ => std::thread::park_timeout(until_due.map_or(LOOK, |until| until.min(LOOK)).min(left)),
                        }
                    }
                }
            }
        };
        let took = began.elapsed() + slept;
        if took > SHORT {
            self.waited(took);
        }
        done.map_err(|verdict| {
            self.end(verdict);
            Over.into()
        })
    }

    /// When the first of these timers is due.
    fn due(&mut self, pollables: &[u32]) -> Option<u64> {
        let timers = &self.wasi().timers;
        pollables.iter().filter_map(|pollable| timers.get(pollable).copied()).min()
    }

    /// Does something with a stream that may have to wait.
    fn stream<T>(&mut self, work: impl AsyncFnOnce(WasiCtxView<'_>) -> StreamResult<T>) -> StreamResult<T> {
        self.wait(None, work).map_err(StreamError::Trap)?
    }
}

impl poll::Host for Guest {
    fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> wasmtime::Result<Vec<u32>> {
        let handles: Vec<u32> = pollables.iter().map(Resource::rep).collect();
        let due = self.due(&handles);
        self.wait(due, async |wasi| waiting::Host::poll(wasi.table, pollables).await)?
    }
}

impl poll::HostPollable for Guest {
    fn ready(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<bool> {
        self.wait(None, async |wasi| waiting::HostPollable::ready(wasi.table, pollable).await)?
    }

    fn block(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        let due = self.due(&[pollable.rep()]);
        self.wait(due, async |wasi| waiting::HostPollable::block(wasi.table, pollable).await)?
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        self.wasi().timers.remove(&pollable.rep());
        waiting::HostPollable::drop(self.ctx().table, pollable)
    }
}

impl blocking::Host for Guest {
    fn convert_stream_error(&mut self, error: StreamError) -> wasmtime::Result<blocking::StreamError> {
        Ok(streams::Host::convert_stream_error(self.ctx().table, error)?.into())
    }
}

impl blocking::HostInputStream for Guest {
    fn read(&mut self, stream: Resource<DynInputStream>, length: u64) -> StreamResult<Vec<u8>> {
        streams::HostInputStream::read(self.ctx().table, stream, length)
    }

    fn blocking_read(&mut self, stream: Resource<DynInputStream>, length: u64) -> StreamResult<Vec<u8>> {
        self.stream(async |wasi| streams::HostInputStream::blocking_read(wasi.table, stream, length).await)
    }

    fn skip(&mut self, stream: Resource<DynInputStream>, length: u64) -> StreamResult<u64> {
        streams::HostInputStream::skip(self.ctx().table, stream, length)
    }

    fn blocking_skip(&mut self, stream: Resource<DynInputStream>, length: u64) -> StreamResult<u64> {
        self.stream(async |wasi| streams::HostInputStream::blocking_skip(wasi.table, stream, length).await)
    }

    fn subscribe(&mut self, stream: Resource<DynInputStream>) -> wasmtime::Result<Resource<DynPollable>> {
        streams::HostInputStream::subscribe(self.ctx().table, stream)
    }

    fn drop(&mut self, stream: Resource<DynInputStream>) -> wasmtime::Result<()> {
        self.wait(None, async |wasi| streams::HostInputStream::drop(wasi.table, stream).await)?
    }
}

impl blocking::HostOutputStream for Guest {
    fn check_write(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<u64> {
        streams::HostOutputStream::check_write(self.ctx().table, stream)
    }

    fn write(&mut self, stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> StreamResult<()> {
        streams::HostOutputStream::write(self.ctx().table, stream, bytes)
    }

    fn blocking_write_and_flush(&mut self, stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> StreamResult<()> {
        self.stream(async |wasi| streams::HostOutputStream::blocking_write_and_flush(wasi.table, stream, bytes).await)
    }

    fn flush(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<()> {
        streams::HostOutputStream::flush(self.ctx().table, stream)
    }

    fn blocking_flush(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<()> {
        self.stream(async |wasi| streams::HostOutputStream::blocking_flush(wasi.table, stream).await)
    }

    fn subscribe(&mut self, stream: Resource<DynOutputStream>) -> wasmtime::Result<Resource<DynPollable>> {
        streams::HostOutputStream::subscribe(self.ctx().table, stream)
    }

    fn write_zeroes(&mut self, stream: Resource<DynOutputStream>, length: u64) -> StreamResult<()> {
        streams::HostOutputStream::write_zeroes(self.ctx().table, stream, length)
    }

    fn blocking_write_zeroes_and_flush(&mut self, stream: Resource<DynOutputStream>, length: u64) -> StreamResult<()> {
        self.stream(async |wasi| {
            streams::HostOutputStream::blocking_write_zeroes_and_flush(wasi.table, stream, length).await
        })
    }

    fn splice(
        &mut self,
        to: Resource<DynOutputStream>,
        from: Resource<DynInputStream>,
        length: u64,
    ) -> StreamResult<u64> {
        streams::HostOutputStream::splice(self.ctx().table, to, from, length)
    }

    fn blocking_splice(
        &mut self,
        to: Resource<DynOutputStream>,
        from: Resource<DynInputStream>,
        length: u64,
    ) -> StreamResult<u64> {
        self.stream(async |wasi| streams::HostOutputStream::blocking_splice(wasi.table, to, from, length).await)
    }

    fn drop(&mut self, stream: Resource<DynOutputStream>) -> wasmtime::Result<()> {
        self.wait(None, async |wasi| streams::HostOutputStream::drop(wasi.table, stream).await)?
    }
}
