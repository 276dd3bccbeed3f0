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
    record.site.target.push_str("pay");
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
            record.text = format!("{} private_key=0x{}", "^".repeat(before), secret());
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
        let lines = shown(|record| record.text.clone_from(&text));
        assert!(!leaks(&lines), "{hidden:?}: {lines:#?}");
        // Beside what is public a text is scrubbed but once.
        let lines = shown(|record| {
            record.text = format!("payer 7 {text}");
            record.public.push(6..7);
        });
        assert!(!leaks(&lines), "{hidden:?}: {lines:#?}");
    }
}

#[test]
fn a_secret_in_a_target_or_a_file_name_is_masked() {
    let lines = shown(|record| record.site.target = format!("pay private_key=0x{}", secret()));
    assert!(!leaks(&lines), "{lines:#?}");
    let mut bench = Bench::new();
    for _ in 0..40 {
        let mut record = Box::new(Record::empty());
        record.site.file = format!("src/{}", &secret()[..40]);
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

/// A long text of which a mask takes most, so that what is shown goes up to
/// where the text was cut off.
fn cut_off(after: &str, omitted: usize) -> Vec<String> {
    let blob = "a9059cbb".repeat(800);
    shown(|record| {
        record.text = format!("settling 4711 failed: data=0x{blob} {after}");
        record.omitted = omitted;
    })
}

#[test]
fn the_head_of_a_long_text_is_shown_whatever_the_mask_swallowed() {
    for after in [String::new(), "then ".repeat(300)] {
        let lines = cut_off(&after, 1000);
        assert!(
            lines[0].starts_with("[INFO] pay - settling 4711 failed: data=0xa9059cbb…"),
            "{lines:#?}"
        );
        assert!(lines.last().unwrap().contains(" … +"), "{lines:#?}");
    }
    let lines = shown(|record| {
        record.text = format!("settling 4711 failed: {}", "and words ".repeat(2_000));
    });
    assert!(
        lines[0].contains("settling 4711 failed: and words"),
        "{lines:#?}"
    );
    assert!(lines.last().unwrap().ends_with(" KB"), "{lines:#?}");
}

#[test]
fn half_a_secret_at_a_cut_is_not_shown_of_any_class() {
    let hex = secret();
    let numbers = |separator: &str| {
        let numbers: Vec<String> = (0..64_u32).map(|n| (n * n * 7 % 251).to_string()).collect();
        numbers.join(separator)
    };
    let words = "walnut garden silver ocean rabbit coffee museum orbit lemon tiger violin zebra \
                 apple banana castle desert engine forest guitar hammer island jungle kitchen lunar";
    let base64 = "q8Zr2mKx7LpVw3NtB5sQ9yTgHc4Jd6Fe1RaUo0iW";
    // What stands before, the secret, and how many bytes of it give it away.
    let classes = [
        ("from ", "203.0.113.77".to_owned(), 12),
        ("to ", "ana.maria@example.com".to_owned(), 12),
        ("payer ", format!("0x{}", &hex[..40]), 16),
        ("digest ", hex.clone(), 12),
        ("key=", format!("0x{hex}"), 12),
        ("sig ", format!("0x{hex}{hex}1b"), 12),
        ("iban ", "DE75512108001245126199".to_owned(), 12),
        ("card ", "4539148803436467".to_owned(), 12),
        ("opaque ", base64.to_owned(), 12),
        ("bytes [", numbers(", "), 20),
        ("keypair [", numbers(","), 16),
        ("pretty [\n        ", numbers(",\n        "), 48),
        ("at https://rpc.example.com/v2/", base64.to_owned(), 12),
        (
            "db postgres://ana:",
            "tiger-lily-Hunter22@db/shop".to_owned(),
            12,
        ),
        (
            "jwt ",
            format!("eyJhbGciOiJub25lIn0.{}.{base64}", base64.repeat(6)),
            20,
        ),
        ("using ghp_", base64.to_owned(), 12),
        ("Authorization: Bearer ", base64.repeat(8), 12),
        ("password: ", "tiger-lily-Hunter22".to_owned(), 12),
        ("mnemonic ", words.to_owned(), 24),
        ("words ", words.to_owned(), 24),
        (
            "x\n-----BEGIN PRIVATE KEY-----\n",
            format!("{}\n", base64.repeat(2)).repeat(12),
            12,
        ),
    ];
    for (before, secret, telling) in classes {
        for kept in 0..=secret.len() {
            let after = format!("failed {before}{}", &secret[..kept]);
            let text = cut_off(&after, 1 + secret.len() - kept).join("\n");
            let leak = secret
                .as_bytes()
                .windows(telling)
                .map(|window| std::str::from_utf8(window).unwrap())
                .find(|window| text.contains(window));
            assert_eq!(leak, None, "{before}{kept}: {text}");
            assert!(
                text.contains("settling 4711 failed: data=0xa9059cbb…"),
                "{text}"
            );
        }
    }
}

#[test]
fn the_sample_of_a_fold_and_a_record_that_rides_along_are_masked() {
    let mut bench = Bench::new();
    for n in 0..40 {
        bench.log_at(
            Level::Info,
            88,
            &format!("{n} ms private_key=0x{}", secret()),
        );
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
