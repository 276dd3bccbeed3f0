//! The words that stand in a name beside one that announces a secret.

use super::row::words;

words!(
    /// Words that are judged by what follows them.
    POSTPOSING: b"clave" b"llave" b"chave" b"clau" b"chiave" b"cle" b"token" b"contrasena" b"senha"
);

words!(
    /// Words that say after `clave` and `llave` that those open a door:
    /// `clave privada`, `llave_api`, `clave de acceso`.
    POSTPOSED:
    b"privada" b"secreta" b"api" b"maestra" b"acceso" b"cifrado" b"firma" b"cuenta"
    b"administrador" b"usuario"
    // Portuguese, French, Italian.
    b"acesso" b"mestra" b"assinatura" b"conta" b"privee" b"secrete" b"acces" b"signature"
    b"privata" b"segreta" b"accesso"
);

words!(
    /// Words at the end of a name that change nothing about its value.
    NEUTRAL:
    b"value" b"val" b"str" b"string" b"raw" b"hex" b"b64" b"base" b"text" b"plain" b"bytes"
    b"new" b"old" b"current" b"prod" b"production" b"dev" b"test" b"live" b"main" b"staging"
    b"env" b"header" b"param" b"data" b"encoded" b"encrypted" b"hash"
    b"pem" b"primary" b"secondary" b"default" b"local" b"master" b"root"
    b"input" b"field" b"confirm" b"confirmation" b"json"
);

words!(
    /// Words that make a name harmless when they end it.
    HARMLESS:
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
    PRIVATE_KEYS:
    b"private" b"priv" b"secret" b"sec" b"api" b"access" b"auth" b"signing" b"sign" b"signer"
    b"encryption" b"encrypt" b"decryption" b"master" b"shared" b"account" b"wallet" b"deployer"
    b"relayer" b"facilitator" b"evm" b"solana" b"eth" b"ssh" b"rsa" b"gpg" b"pgp" b"hmac" b"aes"
    b"license" b"service" b"client" b"admin" b"storage" b"ingest" b"insert" b"write" b"webhook"
    b"session" b"credential" b"credentials" b"consumer" b"subscription" b"app" b"application"
    b"merchant" b"server" b"root" b"developer"
);

words!(
    /// Words before `key` that make it an ordinary one.
    PLAIN_KEYS:
    b"public" b"pub" b"cache" b"primary" b"foreign" b"row" b"partition" b"sort" b"group"
    b"idempotency" b"lookup" b"routing" b"dedup" b"index" b"hash" b"map" b"object" b"config"
    b"translation" b"message" b"event" b"chain" b"unknown" b"missing" b"verifying"
);

words!(
    /// Words before `code` that open a door with it.
    CODES:
    b"pin" b"recovery" b"backup" b"verification" b"security" b"otp" b"mfa" b"totp" b"pass"
    b"unlock" b"access" b"auth" b"authorization" b"activation" b"sms" b"time"
);

words!(
    /// Words before `phrase` and `words`.
    PHRASES:
    b"seed" b"recovery" b"secret" b"backup" b"mnemonic" b"wallet" b"pass"
);

words!(
    /// The word before `payment`.
    X: b"x"
);

words!(
    /// The word before `pair`.
    KEY: b"key"
);

words!(
    /// Words before `id` that make it a token.
    TOKEN_IDS: b"session" b"secret" b"access"
);

words!(
    /// Words before `id` that make it half of a key.
    KEY_IDS: b"client" b"app" b"key"
);

words!(
    /// Words before `verificacion` and the like.
    CODIGO: b"codigo" b"pin"
);

words!(
    /// Words before `clave` that may make it a keyword.
    PALABRA: b"palabra" b"palabras"
);

words!(
    /// Words before `answer`.
    SECURITY: b"security" b"secret"
);

words!(
    /// The word before `secrete`.
    PHRASE: b"phrase"
);

words!(
    /// Words before `recuperacion`.
    FRASE: b"frase" b"palabras"
);

words!(
    /// The word before `passe`.
    MOT: b"mot"
);
