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
