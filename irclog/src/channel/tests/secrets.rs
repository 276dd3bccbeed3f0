//! What must not be seen, however it comes.

use super::*;

/// Hex digits that repeat nowhere within twelve.
fn secret() -> String {
    (0..64_u32)
        .map(|n| char::from_digit((n * n * 7 + n * 3 + n / 5) % 16, 16).unwrap())
        .collect()
}

/// Whether any twelve characters of the secret can be read in `lines`, also
/// over the end of one.
fn leaks(lines: &[String]) -> bool {
    let joined: String = lines
        .iter()
        .map(|line| line.rsplit("↪ ").next().unwrap_or(line))
        .collect();
    let secret = secret();
    let shown = [lines.join("\n"), joined];
    (0..=secret.len() - 12).any(|at| shown.iter().any(|text| text.contains(&secret[at..at + 12])))
}

fn shown(change: impl FnOnce(&mut Record)) -> Vec<String> {
    let mut bench = Bench::new();
    let mut record = Box::new(Record::empty());
    record.target.push_str("pay");
    change(&mut record);
    bench.channel.push(record, bench.now);
    let lines = bench.all();
    assert!(!lines.is_empty());
    lines
}

#[test]
fn the_check_sees_a_leak() {
    assert!(leaks(&[format!("key {}", secret())]));
    assert!(leaks(&[secret()[..20].to_owned()]));
    let over_two = [
        format!("a {}", &secret()[..6]),
        format!("[INFO] ↪ {}", &secret()[6..12]),
    ];
    assert!(leaks(&over_two));
    assert!(!leaks(&["key [REDACTED]".to_owned()]));
}

#[test]
fn a_secret_is_masked_before_the_text_is_cut() {
    // So that the key lies over the end of the first line, bit by bit.
    for before in 300..400 {
        let lines = shown(|record| {
            record.text = format!("{} private_key=0x{}", "~".repeat(before), secret());
        });
        assert!(!leaks(&lines), "{before}: {lines:#?}");
    }
}

#[test]
fn a_secret_with_something_hidden_in_it_is_masked() {
    for hidden in [
        "\u{200b}",
        "\x0304",
        "\x02",
        "\x1b[31m",
        "\u{202e}",
        "\0",
        "\x1b]0;x\x07",
        "\u{fe01}",
        "\u{e0041}",
        "\u{34f}",
        "\u{3164}",
        "\u{fff9}",
        "\u{1d173}",
        "\x04ff0000",
        "\x1b(B",
        "\u{9b}1m",
    ] {
        let mut text = format!("private_key=0x{}", secret());
        text.insert_str(40, hidden);
        let lines = shown(|record| record.text = text);
        assert!(!leaks(&lines), "{hidden:?}: {lines:#?}");
    }
}

#[test]
fn a_secret_in_a_target_or_a_file_name_is_masked() {
    let lines = shown(|record| record.target = format!("pay private_key=0x{}", secret()));
    assert!(!leaks(&lines), "{lines:#?}");
    let mut bench = Bench::new();
    for _ in 0..40 {
        let mut record = Box::new(Record::empty());
        record.file = format!("src/{}", &secret()[..40]);
        bench.channel.push(record, bench.now);
    }
    let lines = bench.all();
    assert!(lines[0].contains("×40"), "{lines:#?}");
    assert!(!leaks(&lines), "{lines:#?}");
}

#[test]
fn half_a_secret_at_the_end_of_what_was_captured_is_not_shown() {
    for kept in 12..64 {
        let lines = shown(|record| {
            record.text = format!("{} {}", "rpcs ".repeat(100), &secret()[..kept]);
            record.omitted = 64 - kept;
        });
        assert!(!leaks(&lines), "{kept}: {lines:#?}");
    }
}

#[test]
fn the_sample_of_a_fold_and_a_record_that_rides_along_are_masked() {
    let mut bench = Bench::new();
    for n in 0..40 {
        bench.log_at(Level::Info, 88, &format!("{n} private_key=0x{}", secret()));
    }
    bench.log(Level::Warn, &format!("private_key=0x{}", secret()));
    bench.wait(1.9);
    let lines = bench.all();
    assert!(
        lines[0].contains(" · [INFO]") && lines[0].contains("×40"),
        "{lines:#?}"
    );
    assert!(!leaks(&lines), "{lines:#?}");
}
