//! The words of names, and what each does to them.

/// A list of words, and a function that finds a word in it by its bytes: a
/// decision tree, where a list would be compared word by word.
macro_rules! words {
    ($(#[$doc:meta])* $list:ident, $find:ident, $($word:literal)+) => {
        $(#[$doc])*
        #[allow(dead_code)]
        pub(in crate::redact) const $list: &[&[u8]] = &[$($word),+];

        pub(in crate::redact) fn $find(word: &[u8]) -> bool {
            matches!(word, $($word)|+)
        }
    };
}

/// Every word without which, at the end of one of its words, a name announces
/// nothing.
pub(in crate::redact) const ATOMS: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"pwd",
    b"pass",
    b"passphrase",
    b"passcode",
    b"phrase",
    b"words",
    b"mnemonic",
    b"seed",
    b"secret",
    b"secrets",
    b"token",
    b"key",
    b"credential",
    b"credentials",
    b"creds",
    b"auth",
    b"authorization",
    b"authorisation",
    b"authentication",
    b"cookie",
    b"session",
    b"sid",
    b"sig",
    b"signature",
    b"pin",
    b"cvv",
    b"cvc",
    b"otp",
    b"totp",
    b"jwt",
    b"pat",
    b"dsn",
    b"bearer",
    b"login",
    b"payment",
    b"keypair",
    b"pw",
    b"psk",
    b"hmac",
    b"access",
    b"private",
    b"webhook",
    b"salt",
    b"passwort",
    b"keys",
    b"sessionid",
    b"sessid",
    b"accessid",
    // `recovery code`, `pin code`.
    b"code",
    b"pincode",
    b"passwords",
    // What a client says to a service: `IDENTIFY`, `IDENTIFIED BY`.
    b"identify",
    b"identified",
    // Before `id`.
    b"client",
    b"app",
    // Bundler's names for credentials.
    b"bundle",
    // A scheme of authorization, which is no name.
    b"basic",
    // Spanish, Portuguese, French. Accents are gone before.
    b"contrasena",
    b"clave",
    b"llave",
    b"secreto",
    b"semilla",
    b"recuperacion",
    b"senha",
    b"passe",
    b"motdepasse",
];

words!(
    /// Words that say after `clave` and `llave` that those open a door:
    /// `clave privada`, `llave_api`, `clave de acceso`.
    POSTPOSED, is_postposed,
    b"privada" b"secreta" b"api" b"maestra" b"acceso" b"cifrado" b"firma" b"cuenta"
    b"administrador" b"usuario"
);

words!(
    /// Words at the end of a name that change nothing about its value.
    NEUTRAL, is_neutral,
    b"value" b"val" b"str" b"string" b"raw" b"hex" b"b64" b"base" b"text" b"plain" b"bytes"
    b"new" b"old" b"current" b"prod" b"production" b"dev" b"test" b"live" b"main" b"staging"
    b"env" b"header" b"param" b"data" b"encoded" b"encrypted" b"hash"
    b"pem" b"primary" b"secondary" b"default" b"local" b"master" b"root"
);

words!(
    /// Words that make a name harmless when they end it.
    HARMLESS, is_harmless,
    b"address" b"region" b"name" b"backend" b"count" b"length" b"len" b"size" b"type" b"kind"
    b"path" b"file" b"dir" b"url" b"uri" b"endpoint" b"host" b"port" b"version" b"status"
    b"state" b"error" b"expired" b"expiry" b"expires" b"expiration" b"ttl" b"valid" b"required"
    b"enabled" b"disabled" b"manager" b"store" b"provider" b"contract" b"symbol" b"decimals"
    b"index" b"algorithm" b"alg" b"format" b"policy" b"arn" b"exists" b"present" b"set" b"age"
    b"at" b"in" b"amount" b"price" b"limit" b"usage" b"used" b"balance" b"mint" b"list" b"time"
    b"timeout" b"max" b"min" b"rotation" b"service" b"mode" b"level" b"source" b"scheme"
    b"method" b"label" b"network" b"issuer" b"audience"
    // Of a table in a database, and public ones.
    b"primaria" b"duplicada" b"foranea" b"externa" b"unica" b"compuesta" b"repetida" b"publica"
);

words!(
    /// Words before `key` that make it a private one.
    KEY_OWNERS, owns_a_private_key,
    b"private" b"priv" b"secret" b"sec" b"api" b"access" b"auth" b"signing" b"sign" b"signer"
    b"encryption" b"encrypt" b"decryption" b"master" b"shared" b"account" b"wallet" b"deployer"
    b"relayer" b"facilitator" b"evm" b"solana" b"eth" b"ssh" b"rsa" b"gpg" b"pgp" b"hmac" b"aes"
    b"license" b"service" b"client" b"admin" b"storage" b"ingest" b"insert" b"write" b"webhook"
    b"session" b"credential" b"credentials" b"consumer" b"subscription" b"app" b"application"
    b"merchant" b"server" b"root" b"developer"
);

words!(
    /// Words before `key` that make it an ordinary one.
    PLAIN_KEYS, owns_a_plain_key,
    b"public" b"pub" b"cache" b"primary" b"foreign" b"row" b"partition" b"sort" b"group"
    b"idempotency" b"lookup" b"routing" b"dedup" b"index" b"hash" b"map" b"object" b"config"
    b"translation" b"message" b"event" b"chain" b"unknown" b"missing" b"verifying"
);
