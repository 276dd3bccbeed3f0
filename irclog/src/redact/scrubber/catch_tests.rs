//! Where secrets stand that nobody foresaw, and what looks like them.

use super::scrub_by_patterns as scrub;

fn hidden(text: &str, secret: &str) {
    let text = text.replace('§', secret);
    let shown = scrub(&text);
    let piece = &secret[..secret.len().min(12)];
    assert!(!shown.contains(piece), "{text} was shown as {shown}");
}

#[test]
fn loose_separators_lead_to_what_looks_like_a_secret() {
    for text in [
        "api_token - §",
        "api_token - '§'",
        "api_token, §",
        "api_token; §",
        "api_token (§)",
        "api_token (from the environment): §",
        "api_token: [§]",
        "api_token: [\"§\"]",
        "api_token: <§>",
        "api_token={§}",
        "api_token[]=§",
        "api_token set to §",
        "api_token set to \"§\"",
        "set api_token to \"§\"",
        "api_token received: §",
        "api_token value: §",
        "the api_token is: §",
        "api_token: Token { inner: \"§\" }",
        "api_token: !!str §",
        "<secret>{shop 7 §}</secret>",
        "map[Authorization:[Bearer §]]",
        "IDENTIFIED BY '§'",
        "PRIVMSG NickServ :IDENTIFY §",
        "sshpass -p § ssh db",
        "mysql -u root -p§ shop",
    ] {
        hidden(text, "tq9Hunter22xKw");
    }
    for text in [
        "got token § from it",
        "IDENTIFY §",
        "the api_token is: §",
        "PASS :§",
    ] {
        hidden(text, "4c1d9e0b-7a35-4288-86de-01bb93fa7c20");
    }
    for text in [
        "session 4c1d9e0b-7a35-4288-86de-01bb93fa7c20 closed",
        "credentials: include",
        "use the token to \"log in\" again",
        "password - 8 characters",
        "secret (optional): see the manual",
        "key (id)=(1532) already exists",
        "token; next",
        "keys: [amount, payer]",
        "token: Token { kind: Ident, span: 3..7 }",
        "key: Key { code: Enter }",
        "secret set to expire",
        "token received: 2025-11-03",
        "password set by the administrator",
        "secret \"shop-tls\" not found",
        "identified by its name, identify the user first",
        "using password: YES",
        "Bearer realm=\"api\"",
        "authorization failed: insufficient scope",
        "recovery phrase: not shown",
        "seed=42 seed: 1234567890",
        "the <token> parameter is used, set <password>. and the trailer.<token>.cmd",
        "url: (?P<key>[a-z0-9]+), struct passwd, https://example.org/009695399/pwd.h.html",
        "one may pass [`SpanRelativeTo::days_are_24_hours`], `Rng::Seed` ([rand#1491])",
        "the signature is: `(mut) self: Pin<&mut Self>`",
        "INCLUDE_SHA1_DC_C=\"cache.h\" UNSTABLE_MUSL_V1_2_3=1",
        "days 20251103 20251104 20251105 20251106 and 00000111  00000101  01010111  00000111",
        "status code: 503, error code E0433, exit code 137",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn a_password_of_a_url_is_hidden_whatever_is_in_it() {
    for password in [
        "p%40ss%2Fw0rd",
        "p%20s%22s%3Cw",
        "p%2540ss",
        "p@ss/w0rd",
        "p@ss@w0rd",
        "p/ss@w0rd?x#y",
        "p:ss:w0rd",
    ] {
        for host in ["db.example.com/shop", "db.example.com", "db:5432/shop"] {
            assert_eq!(
                scrub(&format!("pool postgres://ana:{password}@{host} ok")),
                format!("pool postgres://ana:[REDACTED]@{host} ok"),
                "{password}"
            );
        }
    }
    for text in [
        "https://example.com/@scope/name@1.2.3 and a@b",
        "https://ana@example.com/@scope/name",
    ] {
        assert!(scrub(text).contains("example.com/@scope/name"), "{text}");
    }
    assert_eq!(
        scrub("https%3A%2F%2Fana%3Ahunter22%40example.com%2Fx"),
        "https%3A%2F%2Fana%3A[REDACTED]%40example.com%2Fx"
    );
}

#[test]
fn a_form_is_hidden_whole() {
    assert_eq!(
        scrub("SAS_TOKEN=sp=r&se=2025-04-04&sig=q8Zr2mKx7LpV x"),
        "SAS_TOKEN=[REDACTED] x"
    );
    assert_eq!(scrub("?token=q8Zr2mKx7LpV&x=1"), "?token=[REDACTED]&x=1");
}

#[test]
fn what_a_name_announced_is_hidden_wherever_it_stands() {
    assert_eq!(
        scrub("token=q8Zr2mKx7LpV, asking /v1/q8Zr2mKx7LpV?n=3"),
        "token=[REDACTED], asking /v1/[REDACTED]?n=3"
    );
    // A word hides no other.
    assert_eq!(
        scrub("password=postgres user postgres"),
        "password=[REDACTED] user postgres"
    );
}

#[test]
fn a_name_and_its_value_in_one_token() {
    let uuid = "4c1d9e0b-7a35-4288-86de-01bb93fa7c20";
    for text in [
        "shop-secret-§",
        "shop_access_token_§",
        "shopKEY-§",
        "a shopPRIVATE-§ b",
    ] {
        hidden(text, uuid);
        hidden(text, "q8Zr2mKx7LpVw3Nt");
    }
    for text in [
        format!("volume-{uuid}"),
        format!("cache-key-{uuid}"),
        "dc09c181-dcea-cb4b-7182-0a2190d48c21".to_owned(),
        "worker-8xs625p46-gnxx8 panic::h484cd47786497f03".to_owned(),
        "token-service-7d9f8b6c5d-x2x4z".to_owned(),
        "key-value-3b1f9c2d".to_owned(),
    ] {
        assert_eq!(scrub(&text), text);
    }
}

#[test]
fn base64_and_keys_in_groups_are_no_words() {
    for secret in [
        "z+UMg/IxuwL1GGUkVBTOvw==",
        "0+5EEPCskp68bsb+rofi35xpcQ4RCu//P+ARmBb/fAy=",
        "n/OgnNHcl/5ZACt7XlkPLrndHSXbagTM",
        "UE421-KQS4W-1NZ4X-GWCBW-KYCFN",
        "lj6z1t7m-hdu4-647t-uoju-nlfnizsv7zry",
        "hNqYvTzLpRkWsXcDbGfJ",
        "IDC0KAVJYTE67UVVHDHNIF6D",
    ] {
        hidden("value § here", secret);
    }
    hidden("id 579197147:§ now", "AAE-Eh1_TPhshrcveZiExGintYcHajk9IB");
    hidden("tgram://12345678:§", "ulTK_HG7-Sb3zcz5CV2VjFyoNH0cZoGM1r");
    for text in [
        "UsernamePasswordAuthenticationFilter ByteStreamStatsLogOneReader",
        "TLS13_CHACHA20_POLY1305_SHA256 ecdsa_secp256r1_sha256 IPV6_RECVERR_RFC4884",
        "see www.example.org/rfc/rfc9110.html and armv7-wrs-vxworks-eabihf",
        "at 0x77c9114551ab23ab, mask 0xFEDC_BA98_7654_3210",
        "gke-prod-default-pool-3b1f9c2d-x1z2 pod/payments-7d9f8b6c5d-x2x4z",
        "Starting isBluetoothA2dpOn... done",
        "/p/gb2/shop/8M_5000K/t8x16/bin/ddcMDbglV",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn an_ellipsis_says_that_a_secret_is_cut() {
    hidden("digest §… x", "4c1d9e0b7a35f2884");
    hidden("digest §... x", "4c1d9e0b7a35f2884");
    hidden("value §… x", "Zk3LmQ9xT2vB7nR");
    // What is shown of a hash or an address stays as it is.
    let text = "tx 0x4c1d9e0b… from 0x2C3E6F8A9B... span 00f067aa0ba902b7";
    assert_eq!(scrub(text), text);
}

#[test]
fn addresses_of_hosts() {
    for (text, expected) in [
        ("peer 2001:db8:7::1 ok", "peer 2001:[IP] ok"),
        (
            "[2001:db8:85a3:8d3:1319:8a2e:370:7348]:443",
            "[2001:[IP]]:443",
        ),
        ("2a02:8109:9ABC::1/64.", "2a02:[IP]/64."),
        ("from 2001:db8::7: refused", "from 2001:[IP]: refused"),
        ("684d:1111:222:3333:4444:5555:6:77", "684d:[IP]"),
        ("net 203.0.113.0/24", "net 203.[IP]/24"),
        ("mapped ::ffff:203.0.113.7", "mapped ::ffff:203.[IP]"),
    ] {
        assert_eq!(scrub(text), expected);
    }
    for text in [
        "listening on [::]:8080, [::1]:3000, fe80::5054:ff:fe12:3456, fd00:1:2::3",
        "link FE80:0000:0000:0000:D8A5:90FF:FEF5:7FFF up",
        "a::b::c, dead::beef, cafe::babe::f00d, 0000:00:1f.2, fe::be::ad, std::net::Ipv6Addr",
        "at 12:30:45, 2025:11:03, ratio 1:2:3:4:5:6:7:8, 2025:11:03:15:21:36",
        "52:54:00:12:34:56 and ff:ff:ff:ff:ff:ff, pci 0000:00:1f.2",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn lists_of_bytes_in_other_notations() {
    let list = |each: fn(u8) -> String, between: &str| {
        let bytes = [12, 7, 200, 31, 4, 99, 18, 250, 0, 41, 77, 8, 16, 190, 2, 63];
        format!("k=[{}]", bytes.map(each).join(between))
    };
    for text in [
        list(|byte| format!("{byte}u8"), ", "),
        list(|byte| byte.cast_signed().to_string(), ", "),
        list(|byte| format!("{byte:02x}"), ", "),
        list(|byte| format!("{byte:#04x}"), "; "),
        list(|byte| byte.to_string(), " "),
    ] {
        assert_eq!(scrub(&text), "k=[[BYTES]]", "{text}");
    }
}

#[test]
fn cards_with_points() {
    assert_eq!(scrub("card 4539.1488.0343.6467."), "card [CARD].");
    assert_eq!(
        scrub("4539148803436467 4539-1488-0343-6467 4539 1488 0343 6467"),
        "[CARD] [CARD] [CARD]"
    );
    // As the makers of cards give them out for tests.
    for card in [
        "4111111111111111",
        "4242 4242 4242 4242",
        "5555-5555-5555-4444",
    ] {
        assert_eq!(scrub(&format!("pan {card}!")), "pan [CARD]!");
    }
    for text in [
        "value=4539148803436.467, 4800.935999999999",
        "amount=4539148803436467 \"value\": \"4539148803436467\", maxAmount: Some(4539148803436467)",
        "amount=4500000000000000, 5000000000000000, 4444444444444444",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn accounts_and_keys_in_groups_of_any_kind() {
    for text in [
        "to DE75-5121-0800-1245-1261-99.",
        "to de75512108001245126199.",
    ] {
        assert_eq!(scrub(text), "to [IBAN].");
    }
    for between in [":", "::", " : ", ", ", " | ", "|", "  ", "-", "_", ".", "/"] {
        for len in [2, 4, 8] {
            let key = "4c1d9e0b7a35f28846de01bb93fa7c20d5e86f1472ab39c00e5d8b6f91a3c742";
            let groups: Vec<&str> = (0..64).step_by(len).map(|at| &key[at..at + len]).collect();
            let shown = scrub(&format!("x 0x{} y", groups.join(between)));
            assert!(shown.len() < 24, "{between:?}, {len}: {shown}");
        }
    }
}

#[test]
fn whose_secret_it_is_may_stand_before_it() {
    for text in [
        "password for db: Xy7!kelvin9Q",
        "password for user 'ana': 'Xy7!kelvin9Q'",
        "Password for ana is Xy7!kelvin9Q",
        "the password of the account ana@example.com was Xy7!kelvin9Q.",
    ] {
        hidden(text, "Xy7!kelvin9Q");
    }
    for text in [
        "password for ana is expired",
        "the token for payments: invalid",
        "password of the user is wrong, try again",
        "key for account 1234 is missing",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn passwords_of_command_lines_have_any_characters() {
    hidden("mysql -uroot -pab7cdefg!h2 shop", "ab7cdefg!h2");
    hidden("mysql -uroot -pab!cdefghi shop", "ab!cdefghi");
    hidden("redis-cli -h db -a ab!cdef7gh ping", "ab!cdef7gh");
    for text in ["mysql -p shop -P 3306", "ls -a ab!cdef7gh"] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn a_prefix_may_be_glued_to_a_word() {
    let key = "AKIAZ4X9QW2M7NB5T6YK";
    hidden(&format!("value{key} accepted"), key);
    hidden(&format!("theKeyIs{key}, accepted"), key);
    hidden(&format!("see/value{key} accepted"), key);
}

#[test]
fn a_segment_of_a_path_is_judged_with_its_joins() {
    hidden(
        "POST https://rpc.example.com/v1/qZk7xKr2WmbV9tB_pL4sN-Xw failed",
        "qZk7xKr2WmbV9tB_pL4sN-Xw",
    );
    let text = "GET https://example.com/docs/Getting-Started_with-Node20-and-Deno failed";
    assert_eq!(scrub(text), text);
}

#[test]
fn a_trace_keeps_its_first_digits() {
    assert_eq!(
        scrub("traceparent: 00-5af92b3577b34da6a3ce929d0e0e4736-10f067aa0ba902b7-01"),
        "traceparent: 00-5af92b35…-10f067aa0ba902b7-01"
    );
    // As long, but no trace: a key of three parts.
    hidden(
        "key 5af92b3577b34da6a3ce929d0e0e4736-10f067aa-5bd902b7",
        "5af92b3577b34da6a3ce929d0e0e4736",
    );
}

#[test]
fn a_sentence_about_codes_is_no_phrase() {
    for text in [
        "access code path reached; error code: 5; status code 429; exit code=137",
        "error code, error code, exit code, error code, access code, error code",
    ] {
        assert_eq!(scrub(text), text);
    }
    // The seed of many a test.
    hidden(
        "seed abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
         abandon about",
        "abandon abandon",
    );
}

#[test]
fn a_long_piece_of_letters_and_digits_is_no_name() {
    let secret = "k7dmcq2zbwevtru94fhpsxgn1ojliydacb5kmwqe8";
    hidden(&format!("x cryptoquotesACCESS{secret} y"), secret);
    for text in [
        "using SHA512withRSAandMGF1 here",
        "load TransferWithAuthorization3009V2Validator7 now",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn a_secret_in_two_parts_is_hidden_whole() {
    let second = "88b6174a44c830358c2ef0309eb0d31cb8e7c67f609a21349f5bc59431654d30";
    hidden(&format!("x qt4YMqnAsK4vWe3n7.{second} y"), "4vWe3n7.88b6");
    assert_eq!(
        scrub(&format!("GET /static/bundle.{second}.js")),
        format!("GET /static/bundle.{}….js", &second[..8])
    );
}

#[test]
fn names_announce_in_spanish_portuguese_and_french() {
    for text in [
        "contraseña: §",
        "contraseña=§",
        "contrasena=§",
        "CONTRASEÑA: §",
        "contrase\\u00f1a=§",
        "la contraseña es §",
        "contraseña de ana: §",
        "{\"contraseña\": \"§\"}",
        "clave=§",
        "usuario ana, clave: §",
        "clave_api=§",
        "CLAVE_API: §",
        "claveApi=§",
        "clave api: §",
        "clave privada: §",
        "clave_privada=§",
        "clavePrivada: '§'",
        "clave de acceso: §",
        "clave secreta es §",
        "llave=§",
        "llave privada: §",
        "llave_privada: §",
        "secreto=§",
        "secreto: §",
        "senha=§",
        "a senha: §",
        "mot de passe : §",
        "mot de passe: §",
        "mot_de_passe=§",
        "motDePasse=§",
    ] {
        hidden(text, "tq9Hunter22xKw");
    }
    for text in [
        "contraseña=§",
        "contrasena: §",
        "clave=§",
        "clave_api=§",
        "clave privada: §",
        "secreto=§",
        "senha: §",
        "mot de passe : §",
        "frase semilla: §",
        "frase semilla: § uno dos tres cuatro",
        "frase de recuperación: §",
        "semilla=§",
    ] {
        hidden(text, "tigrelily");
    }
    for text in [
        "clave duplicada: pedido 7",
        "clave_duplicada: pedido-123",
        "llave duplicada viola restricción de unicidad «pedidos_pkey»",
        "Ya existe la llave (id)=(1532).",
        "clave primaria: pedidos_id",
        "clave_primaria=pedidos",
        "la clave primaria es única en la tabla",
        "clave foránea: pedidos_cliente",
        "clave pública: ver el manual",
        "palabra clave: orden",
        "palabra_clave=orden",
        "contraseña incorrecta",
        "contraseña: incorrecta",
        "la contraseña es obligatoria",
        "la clave no existe en la caché",
        "mot de passe invalide, mot de passe oublié",
        "uma resenha: boa leitura",
        "enclave=orchid conclave: orchid",
        "semilla=42",
    ] {
        assert_eq!(scrub(text), text);
    }
}
