use super::*;

#[test]
fn takes_what_a_command_line_announces() {
    let line = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    for (text, expected) in [
        (
            "x --api-key q8Zr2mKx7LpV -v",
            &[("api-key", "q8Zr2mKx7LpV")][..],
        ),
        ("x --db-password=tigre22 y", &[("db-password", "tigre22")]),
        (
            "env API_TOKEN=q8Zr2mKx7LpV x",
            &[("API_TOKEN", "q8Zr2mKx7LpV")],
        ),
        ("x --token-file /run/t --api-key -v", &[]),
        ("x --key-size 2048 --secret-name q8Zr2mKx7LpV", &[]),
        ("x --mode q8Zr2mKx7LpV", &[]),
    ] {
        let arguments = line(text);
        assert_eq!(announced_in(&arguments), expected, "{text}");
    }
    let script = "echo api_key=q8Zr2mKx7LpV; echo the rest";
    assert_eq!(announced_in(&["sh", "-c", script]), []);
}

#[test]
fn takes_secrets_and_leaves_the_rest() {
    for (name, value, expected) in [
        (
            "EVM_PRIVATE_KEY",
            "kd93-KSl2-99sl-Qm1z",
            &["kd93-KSl2-99sl-Qm1z"][..],
        ),
        ("SIGNING_KEY", "a8Zk3LmQ9xT2", &["a8Zk3LmQ9xT2"]),
        ("GITHUB_TOKEN", "q8Zr2mKx7LpV", &["q8Zr2mKx7LpV"]),
        (
            "DATABASE_URL",
            "postgres://ana:hunter22@db/x",
            &["hunter22"],
        ),
        (
            "RPC_URL_BASE",
            "https://rpc.example.com/v2/Qm7xT29bLk3vZ8aPq4RsW1e",
            &["Qm7xT29bLk3vZ8aPq4RsW1e"],
        ),
        ("RPC_URL", "https://rpc.example.com/health", &[]),
        (
            "TOKEN_ADDRESS",
            "0x2C3E6F8A9Bd4117e0a5C6677881f0aD93e5b21c4",
            &[],
        ),
        (
            "PAYER_KEY",
            "0x2C3E6F8A9Bd4117e0a5C6677881f0aD93e5b21c4",
            &[],
        ),
        ("SECRET_BACKEND", "q8Zr2mKx7LpV", &[]),
        ("AWS_SECRET_REGION", "eu-west-1-q8Zr2mKx", &[]),
        ("SECRETS_PROVIDER", "secretsmanager", &[]),
        ("TLS_PRIVATE_KEY", "/etc/ssl/private/server.pem", &[]),
        ("TOKEN_MODE", "q8Zr2mKx7LpV", &[]),
        ("HOME", "q8Zr2mKx7LpV", &[]),
    ] {
        assert_eq!(env_parts(name, value), expected, "{name}={value}");
    }
}

#[test]
fn takes_a_password_that_is_a_word() {
    let vars = [
        ("POSTGRES_USER", "postgres"),
        (
            "DATABASE_URL",
            "pg://ana:garden99lily@orchid.example.com/shop",
        ),
        ("PWD", "/srv/walrus"),
        ("DB_PASSWORD", "tigrelilypad"),
        ("MYSQL_PWD", "LilyTigre"),
        ("PGPASSWORD", "garden99lily"),
        ("CLIENT_SECRET", "ocelot"),
        ("CARD_PIN", "20481357"),
        ("DBPASS", "q7!x2z"),
        ("APP_CONTRASEÑA", "jaguares"),
        // What is not taken.
        ("ADMIN_PASSWORD", "postgres"),
        ("MAIL_PASSWD", "Orchid"),
        ("TUSK_PASSWORD", "walrus"),
        ("SHOP_PASS", "facilitator"),
        ("ROOT_PASSPHRASE", "changeme"),
        ("REQUIRE_PASSWORD", "true"),
        ("DOOR_PIN", "2048"),
        ("GATE_PIN", "2048135"),
        ("KEY_PASSWORD", "/run/secrets/key"),
        // Their names do not say password, or say that it is elsewhere.
        ("API_TOKEN", "tigrelilypad"),
        ("COMPASS", "northwest"),
        ("SECRET_NAME", "orangutans"),
        ("EMPTY_PASSWORD", ""),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (secrets, untaken) = secrets_of(&vars, "x402-facilitator");
    let taken = [
        ("DATABASE_URL", "garden99lily"),
        ("DB_PASSWORD", "tigrelilypad"),
        ("MYSQL_PWD", "LilyTigre"),
        ("PGPASSWORD", "garden99lily"),
        ("CLIENT_SECRET", "ocelot"),
        ("CARD_PIN", "20481357"),
        ("DBPASS", "q7!x2z"),
        ("APP_CONTRASEÑA", "jaguares"),
    ];
    assert_eq!(secrets, taken);
    let left = [
        ("ADMIN_PASSWORD", Untaken::Elsewhere),
        ("MAIL_PASSWD", Untaken::Elsewhere),
        ("TUSK_PASSWORD", Untaken::Elsewhere),
        ("SHOP_PASS", Untaken::Elsewhere),
        ("ROOT_PASSPHRASE", Untaken::Common),
        ("REQUIRE_PASSWORD", Untaken::Short),
        ("DOOR_PIN", Untaken::Short),
        ("GATE_PIN", Untaken::Digits),
        ("KEY_PASSWORD", Untaken::Plain),
    ];
    assert_eq!(untaken, left);
}

#[test]
fn the_words_of_every_log_are_documented() {
    let documented = include_str!("../../classes.md").split_whitespace();
    let documented = documented.collect::<Vec<_>>().join(" ");
    let words = COMMON.list.iter().map(|word| String::from_utf8_lossy(word));
    let words = words.collect::<Vec<_>>().join(", ");
    assert!(documented.contains(&words), "{words}");
}

#[test]
fn takes_what_a_name_within_a_value_says() {
    let secret = &["walrus-tusk7"][..];
    for (name, value, expected) in [
        (
            "RPC_URL",
            "wss://x.example.com/ws?api_key=walrus-tusk7&n=1",
            secret,
        ),
        (
            "JDBC",
            "jdbc:pg://db/shop?user=ana&password=walrus-tusk7",
            secret,
        ),
        (
            "DSN_OF_DB",
            "host=db user=ana password=walrus-tusk7 port=1",
            secret,
        ),
        (
            "SHOP_DB",
            "Server=db;User Id=ana;Password=walrus-tusk7;",
            secret,
        ),
        (
            "JAVA_OPTS",
            "-Xmx1g -Dshop.password=walrus-tusk7 -ea",
            secret,
        ),
        (
            "RPC_URLS",
            "https://a.example.com/x,https://ana:walrus-tusk7@b.example.com",
            secret,
        ),
        (
            "MIRRORS",
            "https://ana:walrus-tusk7@b.example.com|https://b.example.com/y c",
            secret,
        ),
        (
            "CONFIG",
            r#"{"db":{"password":"walrus-tusk7"},"n":1}"#,
            secret,
        ),
        ("CONFIG", r#"{"db":"pg://ana:walrus-tusk7@db/x"}"#, secret),
        ("HTTP_AUTH", "walrus-tusk7", secret),
        ("SHOP_KEY_B64", "walrus-tusk7", secret),
        ("SIGNING_KEYS", "walrus-tusk7", secret),
        ("WALLET_SEED_WORDS", "walrus-tusk7", secret),
        ("DB_PASSWORD", "walrus-tusk-orange", &["walrus-tusk-orange"]),
        (
            "DSN_OF_DB",
            "host=db password=walrus_tusk_orange",
            &["walrus_tusk_orange"],
        ),
        // What only looks like it.
        ("PATH_OF", "a=walrus-tusk7;token_mode=walrus-tusk7", &[]),
        (
            "JAVA_OPTS",
            "-Dkey.store=/etc/x -Dpassword.file=/run/x7",
            &[],
        ),
        ("SHOP_SECRET_PEER", "203.0.113.7:8402", &[]),
        ("SHOP_SECRET_PEER", "2001:db8::7", &[]),
        ("DB_PASSWORD", "/run/secrets/of_the_db", &[]),
        ("SHOP_SECRET", "secrets-manager", &[]),
    ] {
        assert_eq!(env_parts(name, value), expected, "{name}={value}");
    }
    // All of it and what is in it.
    assert_eq!(
        env_parts(
            "A_SECRET",
            r#"{"token":"walrus-tusk7","u":"https://a.example.com"}"#
        )[1..],
        ["walrus-tusk7"]
    );
}
