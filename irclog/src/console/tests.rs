use super::*;

fn written(pieces: &[&[u8]]) -> String {
    let mut out = Vec::new();
    {
        let mut writer = ScrubbedWriter::new(&mut out);
        for piece in pieces {
            writer.write_all(piece).unwrap();
        }
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn a_line_is_scrubbed_whole_however_it_is_written() {
    let text = b"paid\r\npassword=tigrelily22 and so on\n 10 %\r 20 %\rno end, token=tigrelily22";
    let wanted = "paid\r\npassword=[REDACTED] and so on\n 10 %\r 20 %\rno end, token=[REDACTED]";
    assert_eq!(written(&[text]), wanted);
    for size in 1..text.len() {
        let pieces: Vec<&[u8]> = text.chunks(size).collect();
        assert_eq!(written(&pieces), wanted, "by {size}");
    }
}

#[test]
fn what_has_no_end_is_held_back_but_not_for_long_lines() {
    let mut out = Vec::new();
    let mut writer = ScrubbedWriter::new(&mut out);
    writer.write_all(b"one\npassword=tigre").unwrap();
    writer.flush().unwrap();
    assert_eq!(writer.inner.as_slice(), b"one\n");
    drop(writer);
    assert_eq!(out, b"one\npassword=[REDACTED]");

    let mut long = b"so many words ".repeat(LONGEST_LINE / 14 + 100_000);
    let longer = long.len();
    long.extend_from_slice(b"password=tigrelily22\nnext\n");
    let text = written(&[&long]);
    assert!(text.ends_with(" KB\nnext\n") && text.len() < longer);
    assert!(!text.contains("tigre"));
}

#[test]
fn a_bug_shows_nothing_and_the_rest_goes_on() {
    let mut splitter = Splitter::default();
    let mut lines = LineScrubber::default();
    let mut out = b"half".to_vec();
    splitter.keep(b"tigrelily22");
    guarded(&mut splitter, &mut lines, &mut out, |_, _, _| {
        panic!("a bug")
    });
    splitter.feed(b"next\n", &mut lines, &mut out);
    let shown = String::from_utf8(out).unwrap();
    assert_eq!(shown, format!("{UNSCRUBBED}\nnext\n"));
}

#[test]
fn no_cut_shows_half_a_secret() {
    for before in LONGEST_LINE - 40..LONGEST_LINE {
        let line = format!(
            "{} key ghp_aZ8{}\n",
            "w ".repeat(before / 2),
            "bQ7x".repeat(9)
        );
        let text = written(&[line.as_bytes()]);
        assert!(!text.contains("aZ8"), "{before}");
    }
}

#[test]
fn a_block_over_several_writers_is_hidden() {
    let lines = [
        "-----BEGIN PRIVATE KEY-----\n",
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49\n",
        "AwEHBG0w\n",
        "-----END PRIVATE KEY-----\n",
        "AwEHBG0w\n",
    ];
    let shown: String = lines.map(|line| written(&[line.as_bytes()])).concat();
    assert!(!shown.contains("MIGHAgEA"), "{shown}");
    assert!(shown.ends_with("\nAwEHBG0w\n"), "{shown}");
}

#[test]
fn colours_hide_no_secret() {
    let line = "\x1b[3mpassword\x1b[0m\x1b[2m=\x1b[0m\"tigrelily22\" \x1b[3mtoken\x1b[0m\
                \x1b[2m=\x1b[0mtigrelily23\n";
    let shown = written(&[line.as_bytes()]);
    assert!(!shown.contains("tigre"), "{shown:?}");
}
