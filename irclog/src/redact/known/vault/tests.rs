use std::sync::Arc;

use super::*;
use crate::redact::scrubber::Scrubber;

fn masked(value: &str, text: &str) -> String {
    let vault = Arc::new(Vault::default());
    assert!(vault.register("mine", value));
    Scrubber::default()
        .vault(vault)
        .scrub(text, &[])
        .into_string()
}

/// Words, so that no pattern takes them for a secret.
const VALUE: &str = "walrus/Tusk+orange";

#[test]
fn a_value_is_masked_in_every_spelling() {
    let bytes = VALUE.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    let percent: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
    let escaped: String = bytes.iter().map(|byte| format!("\\u{byte:04x}")).collect();
    let octets: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    let spelled: String = bytes
        .iter()
        .map(|&byte| format!("{}\u{200b}", char::from(byte)))
        .collect();
    for text in [
        VALUE.to_owned(),
        VALUE.to_uppercase(),
        hex.clone(),
        format!("0x{}", hex.to_lowercase()),
        percent,
        escaped,
        octets,
        spelled,
        format!("{bytes:?}"),
        format!("{bytes:#?}"),
        format!("{bytes:x?}"),
        format!("{bytes:#04x?}"),
        format!("{bytes:?}").replace(',', "u8,").replace(']', "u8]"),
        bytes.iter().map(|byte| format!("\\{byte:03o}")).collect(),
        bytes.iter().map(|byte| format!("&#{byte};")).collect(),
        bytes.iter().map(|byte| format!("&#x{byte:X};")).collect(),
        "O5QWY4TVOMXVI5LTNMVW64TBNZTWK===".to_owned(),
        "d2FscnVzL1R1c2srb3Jhbmdl".to_owned(),
        "d2FscnVzL1R1\nc2srb3Jhbmdl".to_owned(),
        "walrus%2FTusk%2Borange".to_owned(),
        "walrus%252FTusk%252Borange".to_owned(),
        "wal\nrus/Tusk+orange".to_owned(),
    ] {
        let shown = masked(VALUE, &format!("<<{text}>>"));
        assert!(shown.contains("[mine]"), "{text} was shown as {shown}");
        for piece in ["alrus", "ange", "6572", "YW5n"] {
            assert!(!shown.contains(piece), "{text} was shown as {shown}");
        }
    }
}

#[test]
fn base64_with_neighbours_is_masked_at_every_alignment() {
    // "x", "xy" and "xyz" before the value, "!" after it. A pattern may
    // take the few neighbours with it.
    for text in [
        "eHdhbHJ1cy9UdXNrK29yYW5nZSE=",
        "eHl3YWxydXMvVHVzaytvcmFuZ2Uh",
        "eHl6d2FscnVzL1R1c2srb3JhbmdlIQ==",
    ] {
        let shown = masked(VALUE, text);
        assert!(shown.contains("[mine]") && shown.len() < 20, "{shown}");
    }
}

#[test]
fn a_key_in_hexadecimal_is_masked_as_the_bytes_it_stands_for() {
    let key = "00ff17a0b1c2d3e4f5061728394a5b6c";
    let list = "[0, 255, 23, 160, 177, 194, 211, 228, 245, 6, 23, 40, 57, 74, 91, 108]";
    assert_eq!(masked(key, &format!("k {list}")), "k [[mine]]");
    assert_eq!(masked(list, &format!("k {key}.")), "k [mine].");
}

#[test]
fn lines_and_leaves_are_masked_alone() {
    let value = "-----BEGIN THING-----\nwalrusTusk99\norangePeel77\n-----END THING-----";
    assert_eq!(masked(value, "a walrusTusk99 b"), "a [mine] b");
    assert_eq!(masked(value, "a orangePeel77 b"), "a [mine] b");
    let json = r#"{"type": "service", "inner": {"k": "walrusTusk99"}}"#;
    assert_eq!(
        masked(json, "type service walrusTusk99"),
        "type service [mine]"
    );
}

#[test]
fn a_value_that_the_end_of_the_text_cuts_is_masked() {
    assert_eq!(masked(VALUE, "it is walrus/Tus"), "it is [mine]");
    assert_eq!(masked(VALUE, "a walrus"), "a walrus");
}

#[test]
fn a_value_that_is_cut_within_the_text_is_masked() {
    for mark in ["…", "...", "\n", "+…", "\"...", "\r\n"] {
        let text = format!("it is walrus/Tusk{mark} and on");
        let shown = masked(VALUE, &text);
        assert!(
            shown.starts_with("it is [mine]"),
            "{text} was shown as {shown}"
        );
    }
    assert_eq!(masked(VALUE, "a walrus tusk… and on"), "a [mine]… and on");
    assert_eq!(
        masked(VALUE, "a walrus, tuskless… "),
        "a walrus, tuskless… "
    );
}

#[test]
fn a_value_in_another_alphabet_is_masked_in_any_case() {
    for text in ["морж клык", "МОРЖ КЛЫК", "Морж Клык"] {
        assert_eq!(masked("Морж Клык", &format!("a {text} z")), "a [mine] z");
    }
}

#[test]
fn twelve_characters_of_a_value_are_masked_wherever_they_come_from() {
    let value = "wal7rus-tusk-orange-leaf";
    for piece in ["wal7rus-tusk-or", "7rus-tusk-oran", "sk-orange-leaf"] {
        assert_eq!(masked(value, &format!("a {piece} z")), "a [mine] z");
    }
    let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(masked(value, &format!("a {} z", &hex[7..40])), "a [mine] z");
    // What has no digit in it may be words.
    assert_eq!(masked(VALUE, "rus/Tusk+orange"), "rus/Tusk+orange");
}

#[test]
fn a_public_span_does_not_show_a_known_value() {
    let vault = Arc::new(Vault::default());
    vault.register("mine", VALUE);
    let scrubber = Scrubber::default().vault(vault);
    let whole = 0..VALUE.len();
    assert_eq!(
        scrubber.scrub(VALUE, std::slice::from_ref(&whole)).as_str(),
        "[mine]"
    );
}

#[test]
fn what_is_registered_later_is_masked_later() {
    let vault = Arc::new(Vault::default());
    let scrubber = Scrubber::default().vault(Arc::clone(&vault));
    let names: Vec<String> = (0..40).map(|n| format!("walrus-{n:04}-tusk")).collect();
    for (at, name) in names.iter().enumerate() {
        assert_eq!(scrubber.scrub(name, &[]).as_str(), name);
        vault.register("mine", name);
        assert_eq!(scrubber.scrub(name, &[]).as_str(), "[mine]");
        assert_eq!(scrubber.scrub(&names[at / 2], &[]).as_str(), "[mine]");
    }
    assert!(vault.tiers().len() < 7);
}

#[test]
fn many_values_are_known_as_they_are_at_once_and_encoded_soon() {
    let vault = Arc::new(Vault::default());
    let scrubber = Scrubber::default().vault(Arc::clone(&vault));
    let value = |n: usize| format!("walrus{n:04}tusk{:04}", n * 7 % 9973);
    for n in 0..2_000 {
        vault.register("mine", &value(n));
    }
    let hidden = |text: &str| scrubber.scrub(text, &[]).as_str() == "[mine]";
    assert!(hidden(&value(1_999)));
    assert!(vault.has_work.load(Ordering::Acquire));
    for n in 0..200 {
        assert!(hidden(&value(n * 9)));
    }
    assert!(!vault.has_work.load(Ordering::Acquire));
    assert!(vault.tiers().len() < 12);
    for n in [0, 77, 1_024, 1_999] {
        let hex: String = value(n).bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(hidden(&hex), "{hex}");
        assert!(hidden(&hex[5..31]), "{hex}");
    }
}

#[test]
fn a_long_document_is_compiled_in_slices() {
    let leaves: Vec<String> = (0..2_000)
        .map(|n| format!(r#""k{n}": "walrusTusk{n:04}""#))
        .collect();
    let json = format!("{{{}}}", leaves.join(", "));
    let vault = Arc::new(Vault::default());
    vault.register("mine", &json);
    let scrubber = Scrubber::default().vault(Arc::clone(&vault));
    assert_eq!(scrubber.scrub(&json, &[]).as_str(), "{\"[mine]\"}");
    for _ in 0..200 {
        vault.tiers();
    }
    for n in [0, 999, 1_999] {
        let text = format!("a walrusTusk{n:04} z");
        assert_eq!(scrubber.scrub(&text, &[]).as_str(), "a [mine] z");
    }
}

#[test]
fn the_environment_is_adopted_by_name() {
    let vault = Arc::new(Vault::default());
    let vars = [
        ("SHOP_SECRET", "walrusTusk99"),
        ("SHOP_NAME", "orangePeel77"),
        ("DB_PASSWORD", "tigrelilypad"),
        ("CARD_PIN", "1234"),
    ];
    let vars = vars.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let adopted = vault.adopt_environment(&vars, "shop");
    assert_eq!(adopted.taken, 2);
    let remark = adopted.remark().unwrap();
    assert!(
        remark.contains(": CARD_PIN (shorter than 6 bytes);"),
        "{remark}"
    );
    let scrubber = Scrubber::default().vault(vault);
    assert_eq!(
        scrubber
            .scrub("walrusTusk99 orangePeel77, TIGRElilypad 1234", &[])
            .as_str(),
        "[ENV:SHOP_SECRET] orangePeel77, [ENV:DB_PASSWORD] 1234"
    );
}

#[test]
fn what_is_lost_in_a_fork_is_known_again_by_the_next_text() {
    let vault = Arc::new(Vault::default());
    let scrubber = Scrubber::default().vault(Arc::clone(&vault));
    vault.register("mine", VALUE);
    assert_eq!(scrubber.scrub(VALUE, &[]).as_str(), "[mine]");
    let stuck = vault.known.hold();
    vault.lose_known();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| scrubber.scrub(VALUE, &[]).into_string());
        assert_eq!(other.join().expect("no panic"), "[mine]");
    });
    assert_eq!(scrubber.scrub(VALUE, &[]).as_str(), "[mine]");
    drop(stuck);
}

#[test]
fn too_short_a_value_is_refused_and_never_printed() {
    let vault = Vault::default();
    assert!(!vault.register("x", "abc"));
    assert!(vault.register("x", "abcd1"));
    assert!(!format!("{vault:?}").contains("abcd1"));
}

#[test]
fn a_file_that_a_secret_variable_names_is_read() {
    let folder = std::env::temp_dir().join(format!("irclog-held-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("password");
    std::fs::write(&path, "walrus-tusk7\n").unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(
        held_by("DB_PASSWORD_FILE", path),
        Some(("DB_PASSWORD".to_owned(), "walrus-tusk7".to_owned()))
    );
    for (name, path) in [
        ("DB_NAME_FILE", path),
        ("DB_PASSWORD", path),
        ("IRC_PASSWORD_FILE", path),
        ("DB_PASSWORD_FILE", "/nowhere/at/all"),
        // No file that ends.
        ("DB_PASSWORD_FILE", "/dev/zero"),
    ] {
        assert_eq!(held_by(name, path), None, "{name}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_pipe_that_a_secret_variable_names_is_not_waited_for() {
    let folder = std::env::temp_dir().join(format!("irclog-pipe-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    let (tell, told) = std::sync::mpsc::channel();
    let reader = path.to_str().unwrap().to_owned();
    std::thread::spawn(move || tell.send(held_by("DB_PASSWORD_FILE", &reader)));
    let held = told.recv_timeout(std::time::Duration::from_secs(60));
    assert_eq!(held, Ok(None), "no pipe is opened");
    std::fs::remove_dir_all(folder).unwrap();
}
