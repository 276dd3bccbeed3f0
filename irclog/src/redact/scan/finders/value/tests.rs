//! What a name announces, however value and name are parted, and what only
//! stands after one.

use crate::redact::scrubber::scrub_by_patterns as scrub;

#[test]
fn a_type_between_name_and_value_is_no_value() {
    for (text, expected) in [
        (
            "password: &str = \"tiger22\";",
            "password: &str = \"[REDACTED]\";",
        ),
        (
            "const API_KEY: &'static str = \"tiger22\";",
            "const API_KEY: &'static str = \"[REDACTED]\";",
        ),
        (
            "token: str | None = 'tiger22'",
            "token: str | None = '[REDACTED]'",
        ),
        (
            "secret: Option<String> = \"tiger22\"",
            "secret: Option<String> = \"[REDACTED]\"",
        ),
        // It may be the value itself.
        ("password: tiger22 = \"lily\"", "password: [REDACTED]\""),
    ] {
        assert_eq!(scrub(text), expected);
    }
}

#[test]
fn a_name_and_its_value_may_be_two_fields() {
    for text in [
        "{\"name\":\"DB_PASSWORD\",\"value\":\"§\"}",
        "{\"key\": \"api_token\", \"value\": \"§\"}",
        "{\\\"name\\\":\\\"DB_PASSWORD\\\",\\\"value\\\":\\\"§\\\"}",
        "Var { name: \"DB_PASSWORD\", value: \"§\" }",
        "Var { name: \"DB_PASSWORD\", value: Some(\"§\") }",
        "- name: DB_PASSWORD\n  value: §",
        "<input name=\"password\" value=\"§\">",
    ] {
        let text = text.replace('§', "tiger22lily");
        let shown = scrub(&text);
        assert!(!shown.contains("tiger22"), "{text} was shown as {shown}");
    }
    for text in [
        "{\"name\":\"token_mode\",\"value\":\"strict\"}",
        "transfer of token value=15000000000",
        "(token, value: 15000000000)",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn words_that_compare_lead_to_a_value() {
    for text in [
        "password mismatch: expected §",
        "password mismatch: got \"§\"",
        "api_token expected §",
    ] {
        let text = text.replace('§', "tq9Hunter22xKw");
        assert!(!scrub(&text).contains("Hunter22"), "{}", scrub(&text));
    }
    for text in [
        "token mismatch for the user",
        "token expected 2025-11-03T15:21:36Z got 2025-11-03T15:21:37Z",
        "password mismatch: expected at least 8 characters",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn a_trace_shows_where_it_was() {
    for text in [
        "at shop.TokenService.refreshToken(TokenService.java:142)",
        "at shop.Vault.readSecret(Vault.java:77)",
        "at shop.Db.getPassword(Native Method)",
        "at shop.Db.getPassword(Unknown Source)",
        "at getPassword (/app/src/db2.ts:12:3)",
        "at getSecret (node:internal/modules/cjs/loader:1554:14)",
        "at getSecret (file:///app/dist/secret-manager.js:33:15)",
        "unexpected token: settle.rs:142",
        "shop/auth.(*Session).refresh(0xc0000b2000)",
    ] {
        assert_eq!(scrub(text), text);
    }
    assert_eq!(scrub("Password(tiger.lily)"), "Password([REDACTED])");
    assert_eq!(scrub("Token(q8Zr2mKx7LpVw3Nt.js:1)"), "Token([REDACTED])");
}

#[test]
fn a_path_a_time_and_a_chain_are_no_keys() {
    for text in [
        "key=orders/2025/11/03/part-0001.parquet",
        "Key: shop/images/cat-2025-11-03.png",
        "Enter passphrase for key '/home/ana/.ssh/id_ed25519':",
        "payment token eip155:8453/erc20 accepted",
        "JWT kid=2025-11-key-1 alg=RS256 not found",
        "seed=1234567890",
        "payment authorization received from payer, amount 1500000",
    ] {
        assert_eq!(scrub(text), text);
    }
    for text in [
        "key=/q8Zr2mKx7LpVw3Nt/q8Zr2mKx",
        "key=aB3d/E6gH/iJ9kLmN/0pQrS",
        "JWT kid=q8Zr2mKx7LpVw3Nt",
        "passphrase=123456789012",
        "passphrase l1ly_orange62",
    ] {
        let shown = scrub(text);
        assert!(shown.ends_with("[REDACTED]"), "{text} was shown as {shown}");
    }
}

#[test]
fn a_delimiter_in_percent_parts_no_value() {
    assert_eq!(
        scrub("access_key(tiger%7Clily%2Cmaple%22x) ok"),
        "access_key([REDACTED]) ok"
    );
    assert_eq!(
        scrub("?password=tiger%26lily&n=1"),
        "?password=[REDACTED]&n=1"
    );
    assert_eq!(
        scrub("password%3Dtiger22%26user%3Dana"),
        "password%3D[REDACTED]%26user%3Dana"
    );
    assert_eq!(scrub("session=tiger&lily22 x"), "session=[REDACTED] x");
    assert_eq!(scrub("session=tiger22lily&x=1"), "session=[REDACTED]&x=1");
}

#[test]
fn letters_alone_are_a_token_where_they_are_no_words() {
    for text in [
        "sessionid=\"mLpzCKEoPpleFE\"",
        "using secret RwALDsnZLXjDZh now",
    ] {
        assert!(scrub(text).contains("[REDACTED]"), "{text}");
    }
    assert!(scrub("set encryption_key kOvZ-/VKpladO%H.tsKsO;").contains("[REDACTED]"));
    let text = "token UsernamePasswordFilter, secret getAWSKMSKeyARN now";
    assert_eq!(scrub(text), text);
}

#[test]
fn a_secret_that_ends_like_a_name_is_hidden_itself() {
    let text = "got 8baQdB9eztKIJPh4JLmIFK8AYOiidPIcFjzl7k0aoIuC81KwKCcqQWkW8TJPwA== now";
    assert_eq!(scrub(text), "got [REDACTED] now");
}

#[test]
fn source_code_is_no_secret() {
    for text in [
        "fn token(&self, session: &mut Session) -> bool",
        "brace_token: token::Brace, sid = NFA::DEAD",
        "formatter.field(\"star_token\", &self.star_token);",
        "RegCloseKey, RegEnumKeyExW, RegOpenKeyExW",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn a_list_of_bytes_after_a_name_is_hidden_whole() {
    let bytes = [
        238, 7, 200, 31, 4, 99, 18, 250, 0, 41, 77, 8, 16, 190, 2, 63,
    ];
    let hex = bytes.map(|byte| format!("{byte:#04x}")).join(", ");
    let lists = [
        format!("{bytes:?}"),
        format!("{bytes:?}").replace(' ', ""),
        format!("{bytes:?}").replace(',', ""),
        format!("{bytes:?}").replace(',', "u8,"),
        format!("{bytes:#?}"),
        format!("[{hex}]"),
        // Cut, or too short for bytes that no name announces.
        format!("{:?}", &bytes[..5]).replace(']', ""),
        format!("{:?}", &bytes[..3]),
    ];
    for list in lists {
        for text in [
            "private_key: §",
            "private_key=§ x",
            "Keypair(§)",
            "secret: Some(§)",
            "\"privateKey\":§",
            "key: SigningKey { secret_key: §, n: 1 }",
            "api_key: vec!§",
            "private_key: &§",
            "the secret key is §",
        ] {
            let text = text.replace('§', &list);
            let shown = scrub(&text);
            let digits = shown.bytes().filter(u8::is_ascii_digit).count();
            assert!(digits <= 1, "{text} was shown as {shown}");
        }
    }
    assert_eq!(
        scrub("secret: [12, 7], port: 8402"),
        "secret: [[REDACTED]], port: 8402"
    );
    for text in ["secrets: [a, b]", "token: [1, 2]", "keys: [12, 7, 3]"] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn a_tag_or_a_dumped_type_is_no_value() {
    for text in [
        "password: !secret tiger22lily",
        "[\"password\"]=> string(11) \"tiger22lily\"",
        "%DB_PASSWORD_OF%=1 %SHOP_PASSWORD%=tiger22lily",
    ] {
        assert!(!scrub(text).contains("tiger22"), "{}", scrub(text));
    }
}

#[test]
fn a_secret_may_have_several_parts() {
    for value in [
        "[\"tiger22lily\", \"maple33rose\"]",
        "['tiger22lily','maple33rose']",
        "[\n  \"tiger22lily\",\n  \"maple33rose\"\n]",
        "Some([\"tiger22lily\", \"maple33rose\"])",
        "\"tiger22lily\" + \"maple33rose\"",
        "\"tiger22lily\" -> \"maple33rose\"",
        "\"tiger22\"\"maple33rose\"",
        "tiger22lily -> maple33rose",
        "{\"value\": {\"inner\": \"tiger22lily\"}}",
        "{ inner: \"tiger22lily\", len: 11 }",
    ] {
        let text = format!("api_key: {value} ok");
        let shown = scrub(&text);
        let hidden = !shown.contains("tiger22") && !shown.contains("maple33");
        assert!(
            hidden && shown.ends_with(" ok"),
            "{text} was shown as {shown}"
        );
    }
    for numbers in [
        "0xee, 0x07, 0xc8, 0x1f, 0x04",
        "238, 7, 200, 31, 4, 99",
        "4539 1488 0343 6467",
    ] {
        assert_eq!(
            scrub(&format!("private_key: {numbers} ok")),
            "private_key: [REDACTED] ok"
        );
    }
    // Fields beside it, and lists of names.
    assert_eq!(
        scrub("{\"api_keys\": [\"tiger22lily\"], \"user\": \"ana7b3\"}"),
        "{\"api_keys\": [\"[REDACTED]\"], \"user\": \"ana7b3\"}"
    );
    assert_eq!(
        scrub("\"shop\" \"--api-key\" \"tiger22lily\" \"--port\" \"8402\""),
        "\"shop\" \"--api-key\" \"[REDACTED]\" \"--port\" \"8402\""
    );
    for text in [
        "secret: {\"name\": \"shop-tls\", \"optional\": true}",
        "password: { min: 8, max: 64 }",
        "credentials: [\"email\", \"name\"]",
        "token: { kind: \"Ident\", span: 3 }",
        "secret: {\"address\": \"10.0.0.7:8402\"}",
        "{\"authorization\":{\"from\":\"0x2C3E6F8A9B...\",\"value\":\"10000\"}}",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn addresses_after_a_name_are_shown_in_short() {
    for text in [
        "Authorization { from: §, value: 10000 }",
        "token: Token { address: \"§\" }",
        "token: { address: §, decimals: 6 }",
        "{\"authorization\":{\"from\":\"§\"}}",
        "payment token (§) accepted",
        "signers: [\n  §\n]",
    ] {
        assert_eq!(
            scrub(&text.replace('§', "0x2C3E6F8A9Bd4117e0a5C6677881f0aD93e5b21c4")),
            text.replace('§', "0x2C3E6F8A9B..."),
        );
    }
}
