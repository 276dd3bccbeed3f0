use super::*;

fn scrub(text: &str) -> String {
    Scrubber::default().scrub(text, &[]).into_string()
}

/// 64 hexadecimal digits that are nobody's.
const HEX64: &str = "4c1d9e0b7a35f28846de01bb93fa7c20d5e86f1472ab39c00e5d8b6f91a3c742";

#[test]
fn the_first_pattern_set() {
    for (text, expected) in [
        (
            format!("private_key=0x{HEX64}"),
            "private_key=0x[REDACTED_KEY]".to_owned(),
        ),
        (
            format!("settled in 0x{HEX64}"),
            "settled in 0x4c1d9e0b…".to_owned(),
        ),
        (format!("digest {HEX64}!"), "digest 4c1d9e0b…!".to_owned()),
        (
            "using sk-proj-a8Zk3LmQ9xT2vB7n for it".to_owned(),
            "using sk-[REDACTED] for it".to_owned(),
        ),
        (
            "from 0x2C3E6F8A9Bd4117e0a5C6677881f0aD93e5b21c4 now".to_owned(),
            "from 0x2C3E6F8A9B... now".to_owned(),
        ),
        (
            format!("sig 0x{HEX64}{HEX64}1b"),
            "sig 0x4c1d9e0b…".to_owned(),
        ),
        (
            "jwt eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2ln ok".to_owned(),
            "jwt [JWT] ok".to_owned(),
        ),
        (
            "Authorization: Bearer a8Zk3LmQ9xT2vB7n".to_owned(),
            "Authorization: Bearer [REDACTED]".to_owned(),
        ),
        (
            "db postgres://ana:hun/ter2@db.example.com:5432/shop".to_owned(),
            "db postgres://ana:[REDACTED]@db.example.com:5432/shop".to_owned(),
        ),
        (
            "rpc_url=https://rpc.example.com/v2/Qm7-xT29bLk3vZ8aPq4RsW1e rate=5".to_owned(),
            "rpc_url=https://rpc.example.com/v2/[REDACTED] rate=5".to_owned(),
        ),
    ] {
        assert_eq!(scrub(&text), expected);
    }
}

#[test]
fn diagnostics_survive() {
    for text in [
        "2025-11-03T15:21:36.816926Z INFO x402_rs::handlers: status=200 elapsed=0ms",
        "request 123e4567-e89b-12d3-a456-426614174000 took 3.66087ms",
        "invalid private key: invalid string length at line 3 column 33",
        "Could not load from AWS Secrets Manager: No module named 'boto3'",
        "chain=eip155:84532 rate_limit=Some(50) amount=1000000000000000000",
        "token_type=bearer max_tokens=4096 token=USDC key=chain_id",
        "payload keys: ['signature', 'authorization']",
        "nothing secret is ever shown, a token is now due, the session 1.14.10-1~deb12u1 is up",
        "user=ana took 12.5s at 10:22:07, pool 3/16, v1.2.3-rc.1, pod payments-7d9f8b6c5d-x2x4z",
        "GET /api/v1/orders/1532?page=2&sort=created_at HTTP/1.1 200 1.5kB",
        "panicked at src/settle.rs:118:9: index out of bounds: the len is 3 but the index is 7",
        "keys=3 tokens=1532 secrets_loaded=2 auth=ok session=open password_length=12",
        "x402_facilitator_local::util::telemetry: block 0x08c379a0",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn a_public_span_stands_down_the_patterns_on_its_bytes_only() {
    let text = format!("0x{HEX64} 0x{HEX64}");
    let scrubbed = Scrubber::default().scrub(&text, std::slice::from_ref(&(0..66)));
    assert_eq!(scrubbed.as_str(), format!("0x{HEX64} 0x4c1d9e0b…"));
    let partly = Scrubber::default().scrub(&text[..66], std::slice::from_ref(&(0..20)));
    assert_eq!(partly.as_str(), format!("{}…", &text[..20]));
}

#[test]
fn a_wallet_s_words_are_hidden_however_they_are_written() {
    let words = [
        "walnut", "garden", "silver", "ocean", "rabbit", "coffee", "museum", "orbit", "lemon",
        "tiger", "violin", "zebra",
    ];
    let numbered: String = words
        .iter()
        .enumerate()
        .map(|(at, word)| format!("{}. {word}\n", at + 1))
        .collect();
    for text in [
        words.join(" "),
        words.join(", "),
        words.join("-"),
        words.join("\n"),
        words.join(" ").to_uppercase(),
        format!("{words:?}"),
        numbered,
    ] {
        let shown = scrub(&format!("got {text} here"));
        assert!(shown.contains("[MNEMONIC]"), "{text}: {shown}");
        assert!(
            !shown.contains("ocean") && !shown.contains("OCEAN"),
            "{shown}"
        );
    }
    let prose = "when the worker wakes up it will first ask the server about every line that \
                 was not yet shown and then wait until all of them are acknowledged";
    assert_eq!(scrub(prose), prose);
}

#[test]
fn numbers_that_add_up_are_hidden() {
    assert_eq!(scrub("card 4539 1488 0343 6467 ok"), "card [CARD] ok");
    assert_eq!(scrub("card 4539148803436467"), "card [CARD]");
    assert_eq!(scrub("card 4539148803436468"), "card 4539148803436468");
    assert_eq!(scrub("to DE75 5121 0800 1245 1261 99."), "to [IBAN].");
    assert_eq!(scrub("to DE75512108001245126199."), "to [IBAN].");
    assert_eq!(
        scrub("from 203.0.113.77 to 10.0.0.1"),
        "from 203.[IP] to 10.0.0.1"
    );
    assert_eq!(
        scrub("mail ana.b@example.org."),
        "mail [EMAIL]@example.org."
    );
}

#[test]
fn a_solana_keypair_is_a_key_and_a_signature_is_not() {
    use ring::signature::{Ed25519KeyPair, KeyPair};
    let seed = [7; 32];
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let mut bytes = seed.to_vec();
    bytes.extend_from_slice(pair.public_key().as_ref());
    let key = String::from_utf8(crate::redact::text::encoding::to_base58(&bytes)).unwrap();
    assert_eq!(scrub(&format!("k {key} k")), "k [REDACTED_KEY] k");
    let signature = pair.sign(b"message");
    let text =
        String::from_utf8(crate::redact::text::encoding::to_base58(signature.as_ref())).unwrap();
    assert_eq!(
        scrub(&format!("s {text} s")),
        format!("s {}… s", &text[..8])
    );
    assert_eq!(scrub(&format!("{bytes:?}")), "[[BYTES]]");
}

#[test]
fn a_pem_block_over_records_is_hidden() {
    let scrubber = Scrubber::default();
    let (mut pem, mut scratch, mut out) = Default::default();
    let mut next = |text: &str| {
        scrubber.scrub_next(&mut pem, text, &[], &mut scratch, &mut out);
        out.as_str().to_owned()
    };
    assert_eq!(next("k=-----BEGIN PRIVATE KEY-----"), "k=[PEM]");
    assert_eq!(next("qQwW"), "[PEM]");
    assert_eq!(next("settled 5 payments"), "settled 5 payments");
    assert_eq!(next("-----END PRIVATE KEY-----"), "[PEM]");
    assert_eq!(next("qQwW"), "qQwW");
}

#[test]
fn user_rules_allowances_and_classes() {
    let scrubber = Scrubber::default()
        .rule(r"cus_(\d+)", "#")
        .unwrap()
        .allow_name("demo_token")
        .unwrap()
        .class_off("email")
        .unwrap();
    let text = "cus_12345 demoToken=vB7nR4sWq8Zr a@example.org token=a8Zk3LmQ9xT2";
    assert_eq!(
        scrubber.scrub(text, &[]).as_str(),
        "cus_# demoToken=vB7nR4sWq8Zr a@example.org token=[REDACTED]"
    );
    let error = Scrubber::default().class_off("named").unwrap_err();
    assert!(error.contains("cannot be turned off"), "{error}");
    let error = Scrubber::default().class_off("emial").unwrap_err();
    assert!(error.contains("ip, email"), "{error}");
}

/// Every row of the documentation is true, and no class lacks one.
#[test]
fn the_documented_examples_are_what_happens() {
    let page = include_str!("../classes.md");
    let mut documented = Vec::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row
            .split(" | ")
            .map(|cell| cell.trim_matches(['|', ' ', '`']))
            .collect();
        assert_eq!(scrub(cells[1]), cells[2]);
        documented.push(cells[0]);
    }
    for class in Class::ALL {
        let own = matches!(class, Class::Known | Class::Rule);
        assert_ne!(documented.contains(&class.name()), own, "{}", class.name());
        assert!(page.contains(&format!("`{}`", class.name())));
    }
}

#[test]
fn a_text_may_begin_with_what_parts_numbers() {
    for join in [".", "_", "/", "-", "+", "~"] {
        let text = format!("{}739574813", join.repeat(20));
        assert_eq!(scrub(&text), text);
    }
}

#[test]
fn a_name_may_make_32_bytes_public() {
    let scrubber = Scrubber::default()
        .vault(Arc::default())
        .public_name("tx_hash")
        .and_then(|scrubber| scrubber.public_name("tx"))
        .unwrap();
    let hash = "4c1d9e0b7a35f28846de01bb93fa7c20d5e86f1472ab39c00e5d8b6f91a3c742";
    for text in [
        format!("tx_hash=0x{hash} ok"),
        format!("\"txHash\":\"0x{hash}\""),
        format!("tx 0x{hash} settled"),
        format!("tx: {hash}"),
    ] {
        assert_eq!(scrubber.scrub(&text, &[]).as_str(), text);
    }
    for text in [
        format!("signer_key=0x{hash}"),
        format!("hash 0x{hash}"),
        format!("tx_hash=0x{hash}{hash}"),
    ] {
        let shown = scrubber.scrub(&text, &[]).into_string();
        assert!(!shown.contains(&hash[12..]), "{shown}");
    }
    for name in ["signer_key", "private key", "seed", "", "--"] {
        assert!(Scrubber::default().public_name(name).is_err(), "{name}");
    }
}

#[test]
fn a_rule_shows_nothing_of_what_it_found() {
    let error = Scrubber::default()
        .rule("order-([0-9]+)", "order-$1")
        .unwrap_err();
    assert!(error.contains("$1"), "{error}");
    assert!(Scrubber::default().rule("price ([0-9]+)", "$$").is_ok());
}
