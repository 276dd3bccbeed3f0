//! A long trace for a channel: how it begins and how it ends.

/// Bytes of a trace that are kept. The channel shows four lines of some 400
/// bytes, tag and target included, and cuts at the end, where traces have
/// what matters.
const SHOWN: usize = 1_200;

/// Of these, bytes for the beginning: what was logged, and the first frame.
const HEAD: usize = 300;

/// Leaves lines out of the middle of a trace that is too long, and says how
/// many.
///
/// The secrets in it are masked first: what is cut in two is not recognised
/// any more.
pub(super) fn shorten(text: String) -> String {
    if text.len() <= SHOWN {
        return text;
    }
    let text = irclog::scrub(&text);
    if text.len() <= SHOWN {
        return text.into_owned();
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let head = fitting(lines.iter(), HEAD).max(1);
    let tail = fitting(lines[head..].iter().rev(), SHOWN - HEAD);
    let left_out = lines.len() - head - tail;
    // Fewer than two lines are not worth a remark that is as long.
    if left_out < 2 || tail == 0 {
        return text.into_owned();
    }
    let mut short = lines[..head].join("\n");
    short.push_str(&format!("\n… {left_out} lines …\n"));
    short.push_str(&lines[lines.len() - tail..].join("\n"));
    short
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
        assert_eq!(shorten(trace(5)), trace(5));
    }

    #[test]
    fn a_long_trace_keeps_both_ends() {
        let short = shorten(trace(200));
        assert!(short.len() <= SHOWN + 20, "{}", short.len());
        assert!(short.starts_with("settling failed\nTraceback"));
        assert!(short.ends_with("in step199\nValueError: too late"));
        let shown = short.lines().count() - 1;
        assert!(
            short.contains(&format!("\n… {} lines …\n", 203 - shown)),
            "{short}"
        );
    }

    #[test]
    fn secrets_are_masked_before_anything_is_cut() {
        let key = "4f3c2a1b".repeat(8);
        let mut text = trace(100);
        text.push_str(&format!("\nprivate_key={key}"));
        let short = shorten(text);
        assert!(short.contains("private_key="), "{short}");
        assert!(!short.contains(&key[8..20]), "{short}");
    }

    #[test]
    fn one_line_of_any_length_is_the_channel_s_business() {
        let text = "word ".repeat(1000);
        assert_eq!(shorten(text.clone()), text);
    }
}
