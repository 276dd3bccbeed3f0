//! What sentences, commands and reports tell, in several languages; and lines
//! that only sound alike, which an operator reads.

use super::scrub_by_patterns as scrub;

fn hidden(text: &str, secret: &str) {
    let text = text.replace('§', secret);
    let shown = scrub(&text);
    assert!(!shown.contains(secret), "{text} was shown as {shown}");
}

fn kept(text: &str) {
    assert_eq!(scrub(text), text);
}

#[test]
fn names_announce_in_the_languages_of_europe() {
    for name in [
        "contraseña",
        "CONTRASEÑA",
        "clave_api",
        "api_clave",
        "llave secreta",
        "credenciales",
        "senha",
        "senha_banco",
        "segredo",
        "chave privada",
        "credenciais",
        "contrasenya",
        "mot de passe",
        "clé secrète",
        "mdp",
        "parola",
        "segreto",
        "chiave privata",
        "Passwort",
        "Kennwort",
        "db_kennwort",
        "Geheimnis",
        "wachtwoord",
        "hasło",
        "heslo",
        "şifre",
        "jelszó",
        "lösenord",
        "salasana",
        "pasword",
        "passwrod",
        "secert",
        "DB_PSWD",
    ] {
        for separator in [": ", "=", " = ", "\": \""] {
            hidden(&format!("{name}{separator}§"), "Tigre_55lily");
        }
    }
    for text in [
        "contraseña incorrecta: §",
        "la contraseña § no es válida",
        "contraseña actual § no coincide",
        "token de acceso: §",
        "usuario ana, contraseña §",
        "palabra clave: §",
    ] {
        hidden(text, "Tigre_55lily");
    }
    assert_eq!(
        scrub("Tu código de verificación: 204 118."),
        "Tu código de verificación: [REDACTED]."
    );
}

#[test]
fn names_announce_in_other_scripts() {
    for text in [
        "пароль: §",
        "Пароль = §",
        "密码: §",
        "密码是§",
        "密钥=§",
        "パスワード：§",
        "비밀번호: §",
        "סיסמה: §",
        "كلمة المرور: §",
        "{\"密码\":\"§\"}",
    ] {
        hidden(text, "Tigre_55");
    }
    for text in [
        "пароль не подходит",
        "密码错误",
        "密码: [REDACTED]",
        "ошибка: токен истёк",
        "パスワードが違います",
    ] {
        kept(text);
    }
}

#[test]
fn commands_tell_their_last_argument() {
    for text in [
        "OPER admin §",
        "MODE #ops +k §",
        "a001 LOGIN \"ana\" \"§\"",
        "LOGIN ana §",
        "a1 LOGIN ana §",
        "JOIN #ops §",
        ">> JOIN #ops §",
        "AUTH default §",
        "redis: AUTH default §",
        "PRIVMSG NickServ :RELEASE fac §",
        ":NickServ REGISTER § ana@example.com",
        "PRIVMSG NickServ@services.dal.net :IDENTIFY fac §",
        "login(\"svc\", \"§\")",
        "HTTPBasicAuth('svc', '§')",
        "post('https://x', auth=('svc', '§'))",
        "zip -P § a.zip",
        "mongosh -p §",
        "openssl enc -k § -in x",
        "http -a ana:§ x",
        "amqp connection app:§@mq:5672 refused",
        "unlocking keystore with §",
        "login ana § failed",
    ] {
        hidden(text, "jOB3XRvAfMwxCB");
    }
    for text in [
        "PASS=§",
        "PASS = §",
        "PASS = '§'",
        "{\"PASS\": \"§\"}",
        "{'HOST': 'db', 'PASS': '§'}",
    ] {
        hidden(text, "123QWERasdf");
    }
    hidden("PASS = '§'", "`123QWERasdf");
    hidden("using passphrase § to unlock", "my dog has fleas");
    for text in [
        "JOIN #karmacadabra",
        "JOIN payments ON orders.id",
        "LOGIN required for ana",
        "OPER is not what you are",
        "login ana from 10.0.0.1 failed",
        "PASS 12 FAIL 0",
        "PASS: 12, FAIL: 0",
        "PASS == status",
        "{\"PASS\": 12, \"FAIL\": 0}",
        "PASS: TestSettleWithin12s",
        "--- PASS: TestSettle (0.02s)",
        "test result: pass=12 fail=0",
        "tar -k -p x.tar",
        "NickServ IDENTIFY failed",
        "ssh -p 2222 db",
        "unlocking keystore with default settings",
        "using passphrase from the environment",
    ] {
        kept(text);
    }
}

#[test]
fn reports_tell_what_they_were_given() {
    for text in [
        "1 validation error for Settings\nirc_password\n  String should have at least 16 characters \
         [type=string_too_short, input_value='§', input_type=str]",
        "1 validation error for Settings\napi_key\n  Input should be valid [input_value=SecretStr('§')]",
        "{\"detail\":[{\"loc\":[\"body\",\"password\"],\"msg\":\"too short\",\"input\":\"§\"}]}",
        "[{'input': '§', 'loc': ('body', 'api_key'), 'msg': 'Value error'}]",
        "{\"field\":\"password\",\"got\":\"§\"}",
        "{\"value\": \"§\", \"name\": \"DB_PASSWORD\"}",
        "error: invalid value '§' for '--api-key <KEY>'",
        "unknown field `§`, expected `password`",
        "key: \"password\"\nval: \"§\"",
        "column password, value §",
        "user,password\nana,§",
        "password = os.getenv(\"PW\") or \"§\"",
        "secret = None or '§'",
        "<password>\n  §\n</password>",
        "Content-Disposition: form-data; name=\"password\"\r\n\r\n§\r\n--b",
        "\"password\" with value \"§\" fails to match",
        "{\"path\":[\"password\"],\"received\":\"§\"}",
        "assertion `left == right` failed: settings.secret\n  left: \"a1b2c3d4\"\n right: \"§\"",
        "{\"user\":\"ana\",\"pass\":\"§\"}",
        "Config { user: \"ana\", pass: \"§\" }",
    ] {
        hidden(text, "Vy4Iqz7JlQzPH");
    }
    for text in [
        "1 validation error for Settings\nport\n  Input should be a number [input_value='eighty']",
        "{\"loc\":[\"body\",\"amount\"],\"msg\":\"too small\",\"input\":\"1500\"}",
        "error: invalid value 'fast' for '--mode <MODE>'",
        "id,token\n7,valid",
        "--- PASS: TestSettle",
        "Session: 12345678901 opened",
        "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]",
    ] {
        kept(text);
    }
}

#[test]
fn statements_and_tracebacks_tell_by_place() {
    for text in [
        "UPDATE users SET password_hash = ?\", args: [\"§\", 42]",
        "INSERT INTO users (name, password) VALUES (%s, %s)\n[parameters: ('ana', '§')]",
        "select login($1,$2)\nDETAIL:  parameters: $1 = 'ana', $2 = '§'",
        "DETAIL:  Failing row contains (3, ana, §, 2026-11-25).",
        "DETAIL:  Key (token)=(§) already exists.",
        "    login(user, secret)\n          │     └ '§'\n          └ 'ana'",
        "    return sign(payload, self.private_key)\n                              └ '§'",
    ] {
        hidden(text, "h0uTs9cGFw72");
    }
    for text in [
        "DETAIL:  Key (id)=(1532) already exists.",
        "DETAIL:  Failing row contains (3, ana, 2026-11-25, 10.50).",
        "[parameters: ('ana', 'order-7')]",
        "    settle(order, network)\n           │      └ 'base-sepolia-2'\n           └ 7",
    ] {
        kept(text);
    }
}

#[test]
fn keys_are_known_in_other_notations() {
    for text in [
        "key [17512680366473115359, 138113669995067986, 4994591909436708970, 13778725847398272759]",
        "private key words [17512680366473115359, 138113669995067986, 4994591909436708970]",
        "KEY {0311, 0314, 0137, 0236, 0157, 0130, 052, 024, 0300, 0347, 0276, 0235, 0223, 021, 0371, 0270}",
        r"key b'L^\x12\x86\xd4R5\x92\xcdM]\xfe\x8b\x87#\xca\x96Z9dq\x9e'",
        r"got bytearray(b'W\xe7\x9dh\xdb\xc7\xe5\x96\xe3\n7\xd2\x91<\x02\xe0_')",
        "https://rpc.example.org/96d495b3-708e-481b-91c4-3fb70084d6b9",
        "wss://6d57a10f-b160-4ab4-9152-0ed9788f45d2.base.rpc.example.com/",
    ] {
        let shown = scrub(text);
        for piece in ["1381136", "0137", "x86", "9dh", "\\xd2", "708e", "b160"] {
            assert!(!shown.contains(piece), "{text} was shown as {shown}");
        }
    }
    for text in [
        "keys [1, 2, 3]",
        "https://api.example.org/orders/96d495b3-708e-481b-91c4-3fb70084d6b9",
        r"b'GET /verify HTTP/1.1\r\n'",
    ] {
        kept(text);
    }
}

#[test]
fn a_sentence_tells_a_new_value() {
    for text in [
        "password updated to §",
        "passwd changed from Old-Pass-1x to §",
        "setting private_key to §",
        "secret rotated: old=Tigre_55 new=§",
        "the new password for ana will be §",
        "pw attempt 3: §",
        "webhook secret mismatch (got §)",
        "session token mismatch a1b2C3d4e5F6 != §",
        "security answer: §",
        "recovery code §",
    ] {
        hidden(text, "Leon66Leon66ab");
    }
    hidden("PIN entered: §", "4821");
    hidden("your one-time code is §", "493817");
    for text in [
        "password updated to the new policy",
        "password changed by ana",
        "secret rotated: 3 of 7",
        "token expected, got EOF",
        "PIN entered: no",
        "exit code is 137",
    ] {
        kept(text);
    }
}

#[test]
fn a_reason_stays_readable() {
    for text in [
        "Invalid signature: non_canonical_signature_high_s",
        "Invalid signature: EIP-712 domain mismatch",
        "invalid authorization: nonce already used",
        "invalid authorization: validBefore in the past",
        "mnemonic: checksum failed",
        "secret: AccessDeniedException",
        "error getting secret: ResourceNotFoundException: not in this region",
        "Established session 0x14ed93111f20027 with negotiated timeout 10000",
        "expected signature `fn(&Local, [u8; 32]) -> Vec<_>`",
        "self.key = self.calculate_key(target)",
        "tokens.append(KeyToken(**marks))",
        "anchor_token = self.scan_anchor(AnchorToken)",
        "install dbus-user-session:amd64 <none>",
        "error: test failed, to rerun pass `-p shop --lib`",
        "cookie: sameSite=Lax",
        "session: user=7 ip=10.0.0.1",
        "auth endpoint=/oauth2/token",
        "credentials=default",
        "pass: 41/43",
        "OLDPWD=/root",
        "PWD=/srv/shop",
        "let password: &str = String::new();",
        "customer: token:687b161258aa, network: base",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/facilitator-AbCdEf",
    ] {
        kept(text);
    }
    assert_eq!(
        scrub("unsupported token 0x036CbD53842c5426634e7929541eC2318f3dCF7e on base-sepolia"),
        "unsupported token 0x036CbD5384... on base-sepolia"
    );
    // What looks like a reason and is a value.
    for text in [
        "password: §",
        "Authorization: §",
        "Cookie: sid=§; path=/",
        "signature: §",
    ] {
        hidden(text, "q8Zr2mKx7LpVw3Tn9Bd5");
    }
}

#[test]
fn an_identifier_keeps_its_head() {
    for (text, shown) in [
        (
            "order czk6skcwe8jzsgupp4w701kqa created",
            "order czk6skcw… created",
        ),
        (
            "job 01GT221XPPG3T5J0BHV13NTJQ8 queued",
            "job 01GT221XPP… queued",
        ),
        (
            "payment intent pi_ePNkjSjE9IU0T3VjBD9llDGi succeeded",
            "payment intent pi_ePNkjS… succeeded",
        ),
        (
            "GET https://api.example.com/v2/payments/7fia3pgl1tipk50ovumdt2dz",
            "GET https://api.example.com/v2/payments/7fia3pgl…",
        ),
        (
            "at /rustc/9fc6b43126469e3858e2fe86cafb4f0fd5068869/library/core/src/panicking.rs:80:14",
            "at /rustc/9fc6b431…/library/core/src/panicking.rs:80:14",
        ),
        (
            "HEAD is now at a90f223b89bb72866934ff97171e05c5f0e36757",
            "HEAD is now at a90f223b89bb…",
        ),
        (
            "pulled shop@sha256:656149cfde85b65f35e3513217b2a0ae6c9351dcb4a4418b24f0cba8e3c6ce3d",
            "pulled shop@sha256:656149cfde85…",
        ),
        (
            "Root=1-04bbd0de-5393ba19d756668e82d8b826",
            "Root=1-04bbd0de-5393ba…",
        ),
    ] {
        assert_eq!(scrub(text), shown);
        // A text that was scrubbed stays as it is.
        assert_eq!(scrub(shown), shown);
    }
    assert_eq!(
        scrub("live_ngircd-9fc6b43126469e3858e2fe86cafb4f0fd5068869"),
        "live_ngircd-9fc6b431…"
    );
    let bytes = ["12"; 32].join(", ");
    assert_eq!(
        scrub(&format!("tx_hash=Evm([{bytes}])")),
        "tx_hash=Evm([12, 12, 12, 12, …])"
    );
    for text in [
        "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
        "x-request-id: 65660a77ab8e18721df48177a3ad62c5",
        "ED25519 SHA256:axSCmLOW8q7bxsR2fYyGxI0HAD2AsAz6ZPHcSMD4ZUc",
        "public_key=MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
    ] {
        kept(text);
    }
    // Nothing says that these open nothing.
    for text in [
        "got 7fia3pgl1tipk50ovumdt2dz",
        "https://hooks.example.com/services/7fia3pgl1tipk50ovumdt2dz",
        "key=7fia3pgl1tipk50ovumdt2dz",
    ] {
        assert!(!scrub(text).contains("7fia3pgl"), "{}", scrub(text));
    }
}

/// Lines of Spanish and Portuguese services, with three things each.
const HARMLESS: &[&str] = &[
    "llave duplicada viola restricción de unicidad «§_pkey»",
    "Ya existe la llave (id)=(1532) en la tabla «§».",
    "la clave duplicada no se insertó en §",
    "clave primaria de § creada",
    "clave foránea: §_cliente",
    "clave_primaria=§",
    "la clave pública de § no se pudo leer",
    "la clave no existe en la caché de §",
    "falta la clave «§» en el archivo",
    "contraseña incorrecta para el usuario de §",
    "la contraseña es obligatoria en §",
    "contraseña: requerida",
    "la contraseña de § ha caducado",
    "se cambió la contraseña de §",
    "el secreto de § no está disponible",
    "secreto: no encontrado en §",
    "credenciales inválidas para §",
    "las credenciales de § han expirado",
    "token de acceso caducado para §",
    "token inválido: §",
    "el token no tiene permiso para §",
    "la llave de § no abre la tabla",
    "palabra clave: §",
    "la semilla del generador es 42 en §",
    "frase de prueba para §",
    "no se pudo conectar con § en el puerto 5432",
    "el servicio de § tarda más de 30 s",
    "pago recibido para §, importe 10,50 USDC",
    "saldo insuficiente en §",
    "la red de § no responde",
    "reintento 3 de 5 para §",
    "pedido § completado en 1,2 s",
    "código de estado 404 en §",
    "código de error: 1062 en §",
    "firma inválida: § no coincide",
    "violação de chave única em §",
    "chave duplicada na tabela §",
    "a chave primária de § já existe",
    "chave estrangeira: §_cliente",
    "a chave pública de § não foi lida",
    "senha incorreta para o usuário de §",
    "a senha é obrigatória em §",
    "a senha de § expirou",
    "senha alterada para §",
    "o segredo de § não está disponível",
    "credenciais inválidas para §",
    "as credenciais de § expiraram",
    "token de acesso expirado para §",
    "o token não tem permissão para §",
    "palavra chave: §",
    "a semente do gerador é 42 em §",
    "não foi possível conectar com § na porta 5432",
    "o serviço de § demora mais de 30 s",
    "pagamento recebido para §, valor 10,50 USDC",
    "saldo insuficiente em §",
    "a rede de § não responde",
    "tentativa 3 de 5 para §",
    "pedido § concluído em 1,2 s",
    "código de estado 404 em §",
    "código de erro: 1062 em §",
    "assinatura inválida: § não confere",
    "resenha de §: boa leitura",
    "desenho de § salvo",
    "enclave de § conclave",
    "a chave de cache §:pagos não existe",
    "o autenticador de § respondeu em 20 ms",
    "la sesión de § se cerró",
    "a sessão de § terminou",
];

#[test]
fn lines_of_spanish_and_portuguese_services_stay_as_they_are() {
    let lines = HARMLESS
        .iter()
        .flat_map(|line| ["pedidos", "facturas", "liquidador"].map(|name| line.replace('§', name)));
    let lines: Vec<String> = lines.collect();
    assert!(lines.len() >= 200);
    for line in lines {
        kept(&line);
    }
}
