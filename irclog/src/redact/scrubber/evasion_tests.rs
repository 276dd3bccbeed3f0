//! What hides a secret from a pattern must not hide it from the scrubber.

use super::*;

/// Secrets of our own making, each in the context that gives it away.
const SECRETS: &[(&str, &str)] = &[
    (
        "private_key=",
        "0x4c1d9e0b7a35f28846de01bb93fa7c20d5e86f1472ab39c00e5d8b6f91a3c742",
    ),
    (
        "digest ",
        "4c1d9e0b7a35f28846de01bb93fa7c20d5e86f1472ab39c00e5d8b6f91a3c742",
    ),
    ("using ", "sk-proj-a8Zk3LmQ9xT2vB7nR4sW"),
    ("using ", "ghp_a8Zk3LmQ9xT2vB7nR4sWa8Zk3LmQ9xT2vB7n"),
    ("Authorization: Bearer ", "a8Zk3LmQ9xT2vB7nR4sW"),
    ("", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl"),
    ("password: ", "tiger-lily-Hunter22"),
    ("rpc=https://rpc.example.com/v2/", "Qm7xT29bLk3vZ8aPq4RsW1e"),
    ("db=postgres://ana:", "tiger-lily-Hunter22@db/shop"),
    ("opaque ", "Zk3LmQ9xT2vB7nR4sWa8Zk3LmQ9"),
];

/// Whether 12 characters of `secret` in a row can be read in `shown`.
fn leaks(secret: &str, shown: &str) -> bool {
    let visible: String = seen(shown);
    secret
        .as_bytes()
        .windows(12)
        .any(|window| visible.contains(std::str::from_utf8(window).unwrap()))
}

/// A text as a reader sees it: escapes decoded, invisible characters gone.
fn seen(text: &str) -> String {
    let mut buffer = ViewBuffer::default();
    String::from_utf8_lossy(View::of(text, &mut buffer, &mut Survey::default()).bytes).into_owned()
}

fn check(name: &str, disguise: impl Fn(&str, &str) -> String) {
    for (before, secret) in SECRETS {
        let text = disguise(before, secret);
        let shown = Scrubber::default().scrub(&text, &[]).into_string();
        assert!(
            !leaks(secret, &shown),
            "{name}: {text:?} was shown as {shown:?}"
        );
    }
}

fn spell(secret: &str, each: impl Fn(usize, char) -> String) -> String {
    secret
        .chars()
        .enumerate()
        .map(|(at, c)| each(at, c))
        .collect()
}

#[test]
fn codes_and_invisible_characters_inside() {
    for code in [
        "\u{1b}[31m",
        "\u{1b}[0m",
        "\u{3}04",
        "\u{3}04,01",
        "\u{2}",
        "\u{f}",
        "\u{200b}",
        "\u{200d}",
        "\u{202e}",
        "\u{2066}",
        "\u{feff}",
        "\u{ad}",
        "\u{0}",
        "\u{7f}",
        "\\u001b[1m",
        "\\u200b",
        "\\x1b[31m",
        "\u{e0041}",
        "\u{1b}]8;;\u{7}",
    ] {
        check(code, |before, secret| {
            let middle = secret.len() / 2;
            // A colour code takes digits after it with it.
            let middle = (middle..secret.len())
                .find(|&at| !secret.as_bytes()[at].is_ascii_digit())
                .unwrap_or(middle);
            format!(
                "x {before}{}{code}{} y",
                &secret[..middle],
                &secret[middle..]
            )
        });
        if !code.starts_with('\u{3}') {
            check(code, |before, secret| {
                format!("x {before}{} y", spell(secret, |_, c| format!("{c}{code}")))
            });
        }
    }
}

#[test]
fn other_forms_of_characters() {
    check("full width", |before, secret| {
        let wide = spell(secret, |_, c| {
            char::from_u32(c as u32 + 0xfee0).unwrap().to_string()
        });
        format!("{before}{wide} y")
    });
    check("percent", |before, secret| {
        format!(
            "{before}{} y",
            spell(secret, |_, c| format!("%{:02x}", c as u32))
        )
    });
    check("some percent", |before, secret| {
        format!(
            "{before}{} y",
            spell(secret, |at, c| if at % 3 == 0 {
                format!("%{:02X}", c as u32)
            } else {
                c.to_string()
            })
        )
    });
    check("JSON", |before, secret| {
        format!(
            "{before}{} y",
            spell(secret, |_, c| format!("\\u{:04X}", c as u32))
        )
    });
    check("octets", |before, secret| {
        format!(
            "{before}{} y",
            spell(secret, |_, c| format!("\\x{:02x}", c as u32))
        )
    });
    check("combining marks", |before, secret| {
        format!("{before}{} y", spell(secret, |_, c| format!("{c}\u{301}")))
    });
}

#[test]
fn quoting_and_nesting() {
    check("quoted", |before, secret| {
        // No URL goes on over a quote.
        let quote = if before.contains("://") { "" } else { "\"" };
        format!("{before}{quote}{secret}{quote} y")
    });
    check("JSON in JSON", |before, secret| {
        let inner = serde_json::json!({ "a": format!("{before}{secret}") }).to_string();
        serde_json::json!({ "message": inner }).to_string()
    });
    check("Debug in Debug", |before, secret| {
        let inner = format!("{:?}", Some(format!("{before}{secret}")));
        format!("{:?}", Some(inner))
    });
    check("glued", |before, secret| format!("({before}{secret})"));
    check("list", |before, secret| format!("[{before}{secret}, 1]"));
    check("shouted", |before, secret| {
        format!("X {before}{secret}").replace("key=", "KEY=")
    });
}

#[test]
fn a_cut_anywhere_leaks_nothing_more() {
    for (before, secret) in SECRETS {
        let text = format!("x {before}{secret}");
        for end in 0..=text.len() {
            let shown = Scrubber::default().scrub(&text[..end], &[]).into_string();
            // With less than a token's worth nothing can be told; what a name
            // or a prefix announces is hidden from its first characters on.
            let told = end < text.len() - secret.len() + 24;
            if !told {
                assert!(
                    !leaks(secret, &shown),
                    "{:?} was shown as {shown:?}",
                    &text[..end]
                );
            }
        }
    }
}

#[test]
fn names_announce_in_every_notation() {
    for text in [
        "password=S",
        "password = S",
        "password: S",
        "password:S",
        "PASSWORD=S",
        "dbPassword=S",
        "db_password => S",
        "password := S",
        "\"password\": \"S\"",
        "'password': 'S'",
        "\"password\":\"S\"",
        "{\\\"password\\\": \\\"S\\\"}",
        "password: Some(\"S\")",
        "Config { password: \"S\", port: 1 }",
        "Password(\"S\")",
        "--password S",
        "--password=S",
        "--db-password 'S'",
        "the password is S",
        "<password>S</password>",
        "password -> S",
        "Some(Config { api_key: Some(\"S\") })",
        "x-api-key: S",
        "X-Api-Key: S",
        "apikey=S",
        "api key: S",
        "secret key = S",
        "private key: S",
        "ACCESS_TOKEN=S",
        "accessToken: 'S'",
        "acmeToken=S",
        "curl -u ana:S https://x",
        "curl --user ana:S",
        "Cookie: sid=S; a=b",
        "Set-Cookie: session=S; Path=/",
        "https://ana:S@example.com/",
        "?token=S&x=1",
        "&access_token=S",
        "password%3DS%26x",
        "password=%22S%22",
        "client_secret=S&grant=x",
        "Proxy-Authorization: Basic S",
        "authorization: Token S",
        "PGPASSWORD=S psql",
        "password \"S\"",
        "setPassword(\"S\")",
        "env.put(\"DB_PASSWORD\", \"S\")",
        "String password = \"S\";",
        "var shopToken string = \"S\"",
        "password|S",
        "pwd=S",
        "passwd: S",
        "credentials=S",
        "AUTH_TOKEN: S",
        "sessionId=S",
        "jwt=S",
        "otp: S",
    ] {
        let secret = "tq9-Hunter22x";
        let text = text.replace('S', "\u{1}").replace('\u{1}', secret);
        // The capital of a name such as `Some` is no place for a secret.
        let text = text
            .replace(&format!("{secret}ome"), "Some")
            .replace(&format!("{secret}et-"), "Set-")
            .replace(&format!("{secret}tring"), "String")
            .replace(&format!("PA{secret}{secret}"), "PASS")
            .replace(&format!("ACCE{secret}{secret}"), "ACCESS");
        let shown = Scrubber::default().scrub(&text, &[]).into_string();
        assert!(!shown.contains("Hunter22"), "{text} was shown as {shown}");
    }
}

#[test]
fn quoted_values_are_hidden_to_their_end() {
    for (text, expected) in [
        ("password=\"a, b c\" x=1", "password=\"[REDACTED]\" x=1"),
        (
            r#"{"password":"a \"b\" c","n":1}"#,
            r#"{"password":"[REDACTED]","n":1}"#,
        ),
        (
            "password: 'open sesame', n: 1",
            "password: '[REDACTED]', n: 1",
        ),
        ("password: \"never closed, n: 1", "password: \"[REDACTED]"),
        (
            "seed_phrase=tiger lemon orbit museum",
            "seed_phrase=[REDACTED]",
        ),
    ] {
        assert_eq!(Scrubber::default().scrub(text, &[]).as_str(), expected);
    }
}
