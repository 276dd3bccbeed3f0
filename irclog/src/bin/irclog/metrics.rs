//! The numbers over HTTP, for whoever collects metrics.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use irclog::{Handle, Stats};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::stage;

/// How many are answered at the same time.
const CONNECTIONS: usize = 8;
/// How long one may take to ask and to be answered.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a request that are read.
const LONGEST_REQUEST: usize = 8 * 1024;
/// Before the next try, where a connection cannot be taken: no descriptors.
const PAUSE: Duration = Duration::from_secs(1);

/// Answers `GET /metrics` on `address`, for as long as this is awaited.
/// `handle` is the channel's, where there is one.
pub(crate) async fn serve(address: SocketAddr, handle: Option<Handle>) {
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) => {
            stage::tell(&format!(
                "--metrics {address} cannot be listened on ({error}): write a free address of \
                 this machine; all else goes on"
            ));
            return;
        }
    };
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let stats = handle.as_ref().map_or_else(Stats::default, Handle::stats);
        tokio::spawn(async move {
            // Whoever asks too slowly, or goes away, gets nothing.
            let _ = tokio::time::timeout(PATIENCE, answer(stream, stats)).await;
            drop(place);
        });
    }
}

async fn answer(mut stream: TcpStream, stats: Stats) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut piece = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < LONGEST_REQUEST {
        match stream.read(&mut piece).await? {
            0 => return Ok(()),
            length => request.extend_from_slice(&piece[..length]),
        }
    }
    stream
        .write_all(response(&request, &stats).as_bytes())
        .await?;
    stream.shutdown().await
}

fn response(request: &[u8], stats: &Stats) -> String {
    let line = request
        .split(|&byte| byte == b'\r')
        .next()
        .unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split(' ');
    let method = words.next().unwrap_or_default();
    let path = words.next().unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let (outcome, kind, body) = match (method, path) {
        ("GET" | "HEAD", "/metrics") => (
            "200 OK",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            stats.openmetrics(),
        ),
        ("GET" | "HEAD", _) => (
            "404 Not Found",
            "text/plain; charset=utf-8",
            "the numbers are at /metrics\n".to_owned(),
        ),
        _ => (
            "405 Method Not Allowed",
            "text/plain; charset=utf-8",
            "GET /metrics\n".to_owned(),
        ),
    };
    let length = body.len();
    let body = if method == "HEAD" { "" } else { &body };
    format!(
        "HTTP/1.1 {outcome}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: \
         close\r\n\r\n{body}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_numbers_can_be_asked_for() {
        for (request, begins, ends) in [
            (
                "GET /metrics HTTP/1.1\r\n\r\n",
                "HTTP/1.1 200 OK\r\n",
                "# EOF\n",
            ),
            (
                "GET /metrics?x=1 HTTP/1.1\r\n\r\n",
                "HTTP/1.1 200 OK\r\n",
                "# EOF\n",
            ),
            (
                "HEAD /metrics HTTP/1.1\r\n\r\n",
                "HTTP/1.1 200 OK\r\n",
                "\r\n\r\n",
            ),
            ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ", "/metrics\n"),
            (
                "POST /metrics HTTP/1.1\r\n\r\n",
                "HTTP/1.1 405 ",
                "/metrics\n",
            ),
            ("\u{0}\u{1}", "HTTP/1.1 405 ", "/metrics\n"),
            ("", "HTTP/1.1 405 ", "/metrics\n"),
        ] {
            let response = response(request.as_bytes(), &Stats::default());
            assert!(response.starts_with(begins), "{request:?}: {response}");
            assert!(response.ends_with(ends), "{request:?}: {response}");
        }
    }
}
