//! A long trace for a channel: how it begins and how it ends.

use std::fmt;

use super::trace::{begins, is_exception, is_frame, links};

/// Bytes of a trace that are kept. The channel shows four lines of some 400
/// bytes, tag and target included, and cuts at the end.
const BYTES: usize = 1_200;

/// Lines of a trace that are kept: what the channel shows of one record, less
/// the one that says how many are left out.
const LINES: usize = 11;

/// Where a trace has what matters: the exception and the frame it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matters {
    /// As everywhere but in Python.
    First,
    Last,
}

/// Leaves lines out of a trace that is too long, and says how many: first the
/// frames of Python's libraries, then the middle.
///
/// The secrets in it are masked first: what is cut in two is not recognised
/// any more.
pub(super) fn shorten(text: String, matters: Matters) -> String {
    let fits = |text: &str| text.len() <= BYTES && text.split('\n').count() <= LINES + 1;
    if fits(&text) {
        return text;
    }
    let text = irclog::scrub(&text);
    if fits(&text) {
        return text.into_owned();
    }
    let lines: Vec<Line<'_>> = match matters {
        Matters::First => text.split('\n').map(Line::Whole).collect(),
        Matters::Last => without_libraries(&text),
    };
    let without = joined(&lines);
    if fits(&without) {
        return without;
    }
    // What was logged and the headline; or besides these a few frames.
    let (head_lines, head_bytes) = match matters {
        Matters::First => (LINES - 4, BYTES * 2 / 3),
        Matters::Last => (2, BYTES / 4),
    };
    let head = fitting(lines.iter().take(head_lines), head_bytes).max(1);
    let tail = lines[head..].iter().rev().take(LINES - head);
    let tail = fitting(tail, BYTES - head_bytes);
    // Then single lines are too long, which is not for this room to cut.
    if tail == 0 {
        return text.into_owned();
    }
    let (rest, tail) = lines.split_at(lines.len() - tail);
    let (head, middle) = rest.split_at(head);
    let left_out = Line::LeftOut(middle.iter().map(Line::count).sum());
    joined(&[head, &[left_out], tail].concat())
}

/// A line of a trace as it is shown.
#[derive(Debug, Clone, Copy)]
enum Line<'a> {
    Whole(&'a str),
    /// So many are not.
    LeftOut(usize),
}

impl Line<'_> {
    /// How many lines of the trace it stands for.
    fn count(&self) -> usize {
        match self {
            Self::Whole(_) => 1,
            Self::LeftOut(count) => *count,
        }
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(text) => f.write_str(text),
            Self::LeftOut(1) => f.write_str("… 1 line …"),
            Self::LeftOut(count) => write!(f, "… {count} lines …"),
        }
    }
}

/// A Python trace without the frames of installed packages and of Python
/// itself, each of which is a line that names the place and the code there.
fn without_libraries(text: &str) -> Vec<Line<'_>> {
    let mut kept: Vec<Line<'_>> = Vec::new();
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        if !is_of_a_library(line) {
            kept.push(Line::Whole(line));
            continue;
        }
        // The code is not always there, and what ends the trace is not code.
        let code = lines.next_if(|next| {
            !(is_frame(next) || is_exception(next) || links(next) || begins(next).is_some())
        });
        let code = match (code, lines.peek()) {
            (Some(last), None) => {
                leave_out(&mut kept, 1);
                kept.push(Line::Whole(last));
                continue;
            }
            (code, _) => code,
        };
        leave_out(&mut kept, 1 + usize::from(code.is_some()));
    }
    kept
}

fn leave_out(kept: &mut Vec<Line<'_>>, more: usize) {
    if let Some(Line::LeftOut(count)) = kept.last_mut() {
        *count += more;
    } else {
        kept.push(Line::LeftOut(more));
    }
}

fn is_of_a_library(line: &str) -> bool {
    const FOLDERS: [&str; 3] = ["/site-packages/", "/dist-packages/", "/lib/python3"];
    is_frame(line) && FOLDERS.iter().any(|folder| line.contains(folder))
}

fn joined(lines: &[Line<'_>]) -> String {
    let lines: Vec<String> = lines.iter().map(Line::to_string).collect();
    lines.join("\n")
}

/// How many of `lines` fit into `room` bytes, their ends included.
fn fitting<'a>(lines: impl Iterator<Item = &'a Line<'a>>, room: usize) -> usize {
    lines
        .scan(0, |used, line| {
            *used += line.to_string().len() + 1;
            (*used <= room).then_some(())
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(frames: usize) -> String {
        let frames: Vec<String> = (0..frames)
            .map(|n| format!("File \"/srv/shop/part{n}.py\", line {n}, in step{n}"))
            .collect();
        let frames = frames.join("\n");
        format!(
            "settling failed\nTraceback (most recent call last):\n{frames}\nValueError: too late"
        )
    }

    #[test]
    fn a_short_trace_is_left_whole() {
        assert_eq!(shorten(trace(5), Matters::Last), trace(5));
        assert_eq!(shorten(trace(9), Matters::First), trace(9));
        assert_ne!(shorten(trace(10), Matters::First), trace(10));
    }

    #[test]
    fn a_long_trace_keeps_what_matters_and_both_ends() {
        for (matters, first, last) in [
            (Matters::First, "in step4", "in step197\n"),
            (Matters::Last, "(most recent call last):\n…", "in step192\n"),
        ] {
            let short = shorten(trace(200), matters);
            assert!(short.len() <= BYTES + 20, "{}", short.len());
            assert!(short.starts_with("settling failed\nTraceback"), "{short}");
            assert!(
                short.ends_with("in step199\nValueError: too late"),
                "{short}"
            );
            assert!(short.contains(first) && short.contains(last), "{short}");
            assert_eq!(short.lines().count(), LINES + 1, "{short}");
            assert!(
                short.contains(&format!("\n… {} lines …\n", 203 - LINES)),
                "{short}"
            );
        }
    }

    #[test]
    fn frames_of_python_libraries_go_first_and_causes_stay() {
        let library = "File \"/srv/.venv/lib/python3.12/site-packages/web/app.py\", line 3, in run\n\
                       return run()\n";
        let library = library.repeat(8);
        let text = format!(
            "failed\nTraceback (most recent call last):\n{library}\
             File \"/srv/pay.py\", line 9, in ask\nreturn post()\n{library}\
             ConnectionError: no route\n\
             The above exception was the direct cause of the following exception:\n\
             Traceback (most recent call last):\n{library}\
             File \"/srv/pay.py\", line 7, in settle\nask()\npay.Unsettled: late"
        );
        let wanted = "failed\nTraceback (most recent call last):\n… 16 lines …\n\
                      File \"/srv/pay.py\", line 9, in ask\nreturn post()\n… 16 lines …\n\
                      ConnectionError: no route\n\
                      The above exception was the direct cause of the following exception:\n\
                      Traceback (most recent call last):\n… 16 lines …\n\
                      File \"/srv/pay.py\", line 7, in settle\nask()\npay.Unsettled: late";
        // One line too many: then the middle goes too, and is counted whole.
        let short = shorten(text.clone(), Matters::Last);
        assert_eq!(wanted.lines().count(), LINES + 2);
        assert!(short.contains("\n… 17 lines …\n"), "{short}");
        assert!(short.contains("\nConnectionError: no route\n"), "{short}");
        let text = text.replace("\nask()\n", "\n");
        let wanted = wanted.replace("\nask()\n", "\n");
        assert_eq!(shorten(text, Matters::Last), wanted);
    }

    #[test]
    fn what_a_trace_ends_with_is_never_taken_for_code() {
        let frame = "File \"/usr/lib/python3.12/x.py\", line 3, in run\n";
        let text = format!(
            "Traceback (most recent call last):\n{}late",
            frame.repeat(20)
        );
        let short = shorten(text, Matters::Last);
        assert_eq!(
            short,
            "Traceback (most recent call last):\n… 20 lines …\nlate"
        );
    }

    #[test]
    fn long_lines_leave_room_for_fewer() {
        let text = trace(100).replace("/srv/", &"very/long/path/".repeat(10));
        for matters in [Matters::First, Matters::Last] {
            let short = shorten(text.clone(), matters);
            assert!(short.len() <= BYTES + 20, "{}", short.len());
            assert!(short.ends_with("ValueError: too late"), "{short}");
        }
    }

    #[test]
    fn secrets_are_masked_before_anything_is_cut() {
        let key = "4f3c2a1b".repeat(8);
        let text = format!("{}\nprivate_key={key}", trace(100));
        let short = shorten(text, Matters::Last);
        assert!(short.contains("private_key="), "{short}");
        assert!(!short.contains(&key[8..20]), "{short}");
    }

    #[test]
    fn one_line_of_any_length_is_the_channel_s_business() {
        let text = "lore ".repeat(1000);
        assert_eq!(shorten(text.clone(), Matters::First), text);
    }
}
