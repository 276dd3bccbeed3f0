//! What uvicorn writes.

use std::borrow::Cow;

use super::{Head, bare, level, time};

/// uvicorn pads the level to the width of the longest, so that every text
/// begins in the same column.
pub(super) fn head(line: &str) -> Option<Head<'_>> {
    const COLUMN: usize = "CRITICAL: ".len();
    let (name, text) = (line.get(..COLUMN)?, line.get(COLUMN..)?);
    let (name, pad) = name.split_once(':')?;
    let level = matches!(
        name,
        "TRACE" | "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL"
    )
    .then(|| level::named(name))?;
    // `CRITICAL: 2026-01-31 …` is somebody else's.
    if time::after(text).is_some() {
        return None;
    }
    if pad.is_empty() || !pad.bytes().all(|b| b == b' ') || text.starts_with(' ') || text.is_empty()
    {
        return None;
    }
    let target = if is_access(text) {
        "uvicorn.access"
    } else {
        "uvicorn"
    };
    Some(Head {
        level,
        target: Some(Cow::Borrowed(target)),
        ..bare(text)
    })
}

/// `127.0.0.1:60202 - "GET /health HTTP/1.1" 200 OK`
pub(super) fn is_access(text: &str) -> bool {
    text.split_once(" - \"").is_some_and(|(client, request)| {
        !client.contains(' ')
            && request.starts_with(|c: char| c.is_ascii_uppercase())
            && request
                .rsplit_once("\" ")
                .is_some_and(|(_, status)| status.starts_with(|c: char| c.is_ascii_digit()))
    })
}
