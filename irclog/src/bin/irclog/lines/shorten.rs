//! A long trace for a channel: how it begins and how it ends.

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

/// Leaves lines out of the middle of a trace that is too long, and says how
/// many.
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
    let lines: Vec<&str> = text.split('\n').collect();
    // What was logged and the headline; or besides these a few frames.
    let (head_lines, head_bytes) = match matters {
        Matters::First => (LINES - 4, BYTES * 2 / 3),
        Matters::Last => (2, BYTES / 4),
    };
    let head = fitting(lines.iter().take(head_lines), head_bytes).max(1);
    let tail = lines[head..].iter().rev().take(LINES - head);
    let tail = fitting(tail, BYTES - head_bytes);
    let left_out = lines.len() - head - tail;
    // Then single lines are too long, which is not for this room to cut.
    if tail == 0 {
        return text.into_owned();
    }
    let plural = if left_out == 1 { "" } else { "s" };
    let head = lines[..head].join("\n");
    let tail = lines[lines.len() - tail..].join("\n");
    format!("{head}\n… {left_out} line{plural} …\n{tail}")
}

/// How many of `lines` fit into `room` bytes, their ends included.
fn fitting<'a>(lines: impl Iterator<Item = &'a &'a str>, room: usize) -> usize {
    lines
        .scan(0, |used, line| {
            *used += line.len() + 1;
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
