//! `::add-mask::VALUE`: a program says what is never to be shown, as it would to
//! GitHub's runners.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What the line begins with, at its very beginning: elsewhere anybody whose
/// text is logged could say it.
const COMMAND: &[u8] = b"::add-mask::";

/// Bytes of the shortest value: less would hide ordinary text.
const LEAST_BYTES: usize = 8;

/// Values that are taken: who floods the log with them hides nothing else.
const MOST: usize = 1_000;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// Whether a line says what is to be masked, and it is from now on: then nobody
/// sees the line. What is refused is a line like any other.
pub(crate) fn taken(line: &[u8]) -> bool {
    let Some(value) = line.strip_prefix(COMMAND) else {
        return false;
    };
    let Ok(value) = std::str::from_utf8(value.trim_ascii()) else {
        return false;
    };
    if value.len() < LEAST_BYTES || TAKEN.fetch_add(1, Ordering::Relaxed) >= MOST {
        return false;
    }
    irclog::register_secret(value)
}

/// How many were taken, to be told at the end.
pub(crate) fn told() -> Option<String> {
    let taken = TAKEN.load(Ordering::Relaxed).min(MOST);
    (taken > 0).then(|| format!("values that ::add-mask:: has named, of {MOST} at most: {taken}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_that_begins_so_masks_and_is_gone() {
        assert!(taken(b"::add-mask::walrus-tusk-of-the-mask"));
        assert_eq!(
            irclog::scrub("got walrus-tusk-of-the-mask"),
            "got [REDACTED]"
        );
        for line in [
            &b" ::add-mask::walrus-tusk-of-ours"[..],
            b"ERROR ::add-mask::walrus-tusk-of-ours",
            b"::add-mask::short",
            b"::add-mask::",
            b"::add-mask::\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            assert!(!taken(line));
        }
        assert!(irclog::scrub("got walrus-tusk-of-ours").contains("walrus"));
        assert!(told().is_some());
    }
}
