//! A traceback for a channel: what was said, what went wrong, why, and where in
//! the service's own code.
//!
//! Everything else is left out where it is too long, which is said once. Knows
//! Python with chains and groups, the JVM, JavaScript, Rust, Go, Ruby, and the
//! reports of anyhow and color-eyre.

mod line;

use std::fmt::Write as _;

use self::line::{Line, Role, parse};

/// Bytes of a traceback that are kept. The channel shows four lines of some
/// 400 bytes, tag and target included, and cuts at the end.
const BYTES: usize = 1_200;

/// Lines of a traceback that are kept, with the one that says how many are
/// left out: more would make the reader search.
const LINES: usize = 12;

/// Bytes of one line that are kept where there is not room for all: a headline
/// and two causes fit.
const LINE_BYTES: usize = 360;

/// Makes `text` short: a record whose later lines are a traceback.
///
/// Lines lose their indentation, and what only draws or points. The secrets
/// in it are masked before anything is cut: what is cut in two is not
/// recognised any more.
#[must_use]
pub fn shorten(text: &str) -> String {
    if fits(text) {
        return joined(&parse(text), usize::MAX, |_| true);
    }
    let text = crate::redact::scrub(text);
    let lines = parse(&text);
    if let [_] = lines[..] {
        // One line of any length is the channel's business.
        return text.into_owned();
    }
    let whole = joined(&lines, usize::MAX, |_| true);
    if fits(&whole) {
        return whole;
    }
    let kept = choose(&lines);
    joined(&lines, LINE_BYTES, |at| kept[at])
}

fn fits(text: &str) -> bool {
    text.len() <= BYTES && text.split('\n').count() <= LINES
}

/// The lines that are kept: the most telling ones, as many as there is room
/// for.
fn choose(lines: &[Line<'_>]) -> Vec<bool> {
    let mut order: Vec<(u32, usize)> = ranks(lines).into_iter().zip(0..).collect();
    order.sort_unstable();
    let mut kept = vec![false; lines.len()];
    // The line that says what is left out.
    let (mut room, mut places) = (BYTES - 20, LINES - 1);
    for (rank, at) in order {
        if rank == NEVER || kept[at] {
            continue;
        }
        // A frame without the code there says less, but not nothing.
        let code = lines
            .get(at + 1)
            .filter(|next| next.role == Role::Code && matches!(lines[at].role, Role::Frame { .. }));
        let own = lines[at].shown_len(LINE_BYTES) + 1;
        let with_code = own + code.map_or(0, |code| code.shown_len(LINE_BYTES) + 1);
        if code.is_some() && with_code <= room && places >= 2 {
            room -= with_code;
            places -= 2;
            kept[at] = true;
            kept[at + 1] = true;
        } else if own <= room && places >= 1 {
            room -= own;
            places -= 1;
            kept[at] = true;
        }
    }
    kept
}

/// Is shown only where everything is.
const NEVER: u32 = u32::MAX;

/// How much each line matters, the most telling first.
fn ranks(lines: &[Line<'_>]) -> Vec<u32> {
    let errors: Vec<usize> = (0..lines.len())
        .filter(|&at| lines[at].role == Role::Error)
        .collect();
    let python = lines
        .iter()
        .any(|line| line.role == Role::Opening { below: true });
    // Python prints the root cause first, everybody else last.
    let (root, last) = match (errors.first(), errors.last()) {
        (Some(&first), Some(&last)) if python => (first, last),
        (Some(&first), Some(&last)) => (last, first),
        _ => (0, 0),
    };
    let has_own = lines
        .iter()
        .any(|line| line.role == Role::Frame { own: true });
    let mut ranks: Vec<u32> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| match line.role {
            _ if at == 0 => 0,
            Role::Error if at == last => 1,
            Role::Error if at == root => 2,
            Role::Error => 10 + count(at),
            Role::Said => 20 + count(at),
            Role::Message { nth } if nth < 3 => 60 + count(nth),
            Role::Message { nth } => 4000 + count(nth),
            Role::Mark => 80,
            Role::Link => 2000,
            Role::Opening { .. } => 6000,
            // Comes with its frame.
            Role::Code | Role::Noise | Role::Drawn => NEVER,
            Role::Frame { own: true } => 3000 + distance(lines, at, python),
            // Between the service's frames and the error there is only the way.
            Role::Frame { own: false } if has_own => NEVER,
            Role::Frame { own: false } => 5000 + distance(lines, at, python),
        })
        .collect();
    // Where the root cause came from, then where what ended it did.
    for (error, rank) in [(last, 51), (root, 50)] {
        let nearest = nearest_frame(lines, error, python);
        if let Some(at) = nearest {
            ranks[at] = ranks[at].min(rank);
        }
    }
    ranks
}

fn count(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NEVER / 2).min(900)
}

/// Frames between a frame and the error that it belongs to.
fn distance(lines: &[Line<'_>], at: usize, python: bool) -> u32 {
    let is_frame = |line: &&Line<'_>| matches!(line.role, Role::Frame { .. });
    let ends = |line: &&Line<'_>| line.role != Role::Error;
    let between = if python {
        lines[at..].iter().take_while(ends).filter(is_frame).count()
    } else {
        lines[..at]
            .iter()
            .rev()
            .take_while(ends)
            .filter(is_frame)
            .count()
    };
    count(between)
}

/// The frame that `error` came from: the service's own if there is one.
fn nearest_frame(lines: &[Line<'_>], error: usize, python: bool) -> Option<usize> {
    let is_of_error = |&at: &usize| !matches!(lines[at].role, Role::Error);
    let frames: Vec<usize> = if python {
        (0..error).rev().take_while(is_of_error).collect()
    } else {
        (error + 1..lines.len()).take_while(is_of_error).collect()
    };
    let find = |own: bool| {
        frames
            .iter()
            .copied()
            .find(|&at| lines[at].role == Role::Frame { own })
    };
    find(true).or_else(|| find(false))
}

/// The lines for which `keeps` says so, each of `most` bytes at most, and in
/// the first gap how many are not there.
fn joined(lines: &[Line<'_>], most: usize, keeps: impl Fn(usize) -> bool) -> String {
    let shown = |at: usize| keeps(at) && lines[at].role != Role::Drawn;
    let left_out = (0..lines.len()).filter(|&at| !shown(at)).count();
    let mut text = String::new();
    let mut told = (0..lines.len()).all(&keeps);
    for (at, line) in lines.iter().enumerate() {
        if shown(at) {
            if !text.is_empty() {
                text.push('\n');
            }
            line.write(&mut text, most);
        } else if !told {
            told = true;
            let plural = if left_out == 1 { "" } else { "s" };
            let _ = write!(text, "\n… {left_out} line{plural} …");
        }
    }
    text
}

#[cfg(test)]
mod tests;
