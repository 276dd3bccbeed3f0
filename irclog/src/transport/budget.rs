//! Reading beyond a budget waits: however much a peer sends, it costs no more
//! memory and processor than this.
//!
//! It lies below TLS, so that what never becomes a line is counted as well.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// Read at once: the names of a channel of ten thousand.
const BURST: usize = 256 * 1024;
/// And so many bytes a second from then on: what a hundred busy channels say.
const PER_SECOND: usize = 128 * 1024;
/// What a read costs beside its bytes: one byte at a time is no way round.
const PER_READ: usize = 128;
/// Beyond the budget so much is waited for, or each byte would wake us.
const LEAST: usize = 4 * 1024;

/// A stream of which no more is read than the budget allows. Writing is free.
#[derive(Debug)]
pub(super) struct Budgeted<S> {
    stream: S,
    left: usize,
    has_read: bool,
    counted_at: Instant,
    /// Ends when there is enough again.
    wait: Option<Pin<Box<Sleep>>>,
}

impl<S> Budgeted<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            left: BURST,
            has_read: false,
            counted_at: Instant::now(),
            wait: None,
        }
    }

    /// Whether the peer has said anything.
    pub(super) fn has_read(&self) -> bool {
        self.has_read
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.counted_at);
        let more = passed.as_micros() * PER_SECOND as u128 / 1_000_000;
        let more = usize::try_from(more).unwrap_or(BURST);
        // The rest of a byte is kept in the clock.
        if more > 0 {
            self.left = self.left.saturating_add(more).min(BURST);
            self.counted_at = now;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Budgeted<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if let Some(wait) = &mut this.wait {
                ready!(wait.as_mut().poll(context));
                this.wait = None;
            }
            this.refill(Instant::now());
            if this.left > PER_READ {
                break;
            }
            let missing = LEAST.saturating_sub(this.left) as f64 / PER_SECOND as f64;
            let until = this.counted_at + Duration::from_secs_f64(missing);
            this.wait = Some(Box::pin(sleep_until(until)));
        }
        let most = buffer.remaining().min(this.left - PER_READ);
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(most));
        ready!(Pin::new(&mut this.stream).poll_read(context, &mut part))?;
        let read = part.filled().len();
        buffer.advance(read);
        this.has_read |= read > 0;
        this.left -= read + PER_READ;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Budgeted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Reads what is sent in `chunks` as fast as it may for `seconds`; returns
    /// the bytes and the reads.
    async fn read_for(seconds: u64, chunk: usize) -> (usize, usize) {
        let (mut peer, stream) = tokio::io::duplex(64 * 1024);
        let flood = tokio::spawn(async move {
            let bytes = vec![b'x'; chunk];
            while peer.write_all(&bytes).await.is_ok() {
                if chunk == 1 {
                    tokio::task::yield_now().await;
                }
            }
        });
        let mut stream = Budgeted::new(stream);
        let mut buffer = vec![0; 4096];
        let (mut bytes, mut reads) = (0, 0);
        let end = Instant::now() + Duration::from_secs(seconds);
        while let Ok(read) = tokio::time::timeout_at(end, stream.read(&mut buffer)).await {
            bytes += read.unwrap();
            reads += 1;
        }
        flood.abort();
        (bytes, reads)
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_read_at_the_pace_of_the_budget() {
        let (bytes, reads) = read_for(10, 4096).await;
        let most = BURST + 10 * PER_SECOND;
        assert!((most * 9 / 10..=most).contains(&bytes), "{bytes}");
        assert!(reads < most / 3000, "{reads}");
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_that_come_one_by_one_cost_reads() {
        let (_, reads) = read_for(10, 1).await;
        assert!(reads <= (BURST + 10 * PER_SECOND) / PER_READ, "{reads}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_names_of_a_great_channel_come_at_once() {
        let (mut peer, stream) = tokio::io::duplex(1024 * 1024);
        peer.write_all(&vec![b'x'; 240 * 1024]).await.unwrap();
        drop(peer);
        let started = Instant::now();
        let mut all = Vec::new();
        Budgeted::new(stream).read_to_end(&mut all).await.unwrap();
        assert_eq!(all.len(), 240 * 1024);
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}
