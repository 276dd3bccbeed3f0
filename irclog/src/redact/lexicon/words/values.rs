//! The words that stand in a value's place, or lead to one.

use super::row::words;

words!(
    /// Words that follow `password:` in a sentence about a password.
    PROSE:
    b"include" b"omit" b"invalid" b"missing" b"not" b"required" b"is" b"was" b"must" b"cannot"
    b"could" b"should" b"expired" b"wrong" b"incorrect" b"failed" b"failure" b"mismatch"
    b"rejected" b"accepted" b"ok" b"valid" b"empty" b"set" b"unset" b"changed" b"reset" b"updated"
    b"rotated" b"found" b"loaded" b"too" b"from" b"for" b"in" b"on" b"at" b"by" b"of" b"to" b"and"
    b"or" b"the" b"a" b"an" b"no" b"unknown" b"error" b"expected" b"unexpected" b"unable" b"does"
    b"has" b"can" b"contains" b"already" b"unsupported" b"malformed" b"present" b"absent"
    b"length" b"string" b"bytes" b"will" b"than"
    // Spanish and Portuguese.
    b"incorrecta" b"incorrecto" b"incorreta" b"invalida" b"invalido" b"requerida" b"obligatoria"
    b"obrigatoria" b"vacia" b"caducada" b"expirada" b"vencida" b"actualizada" b"cambiada"
    b"restablecida" b"erronea" b"correcta" b"valida" b"unica" b"es" b"debe" b"de" b"la" b"el"
    b"para"
    // French.
    b"invalide" b"oublie"
);

words!(
    /// What stands where a value would be and is none.
    NOTHING:
    b"yes" b"no" b"null" b"none" b"nil" b"undefined" b"true" b"false" b"redacted" b"hidden"
    b"some" b"ok" b"not_set" b"default"
);

words!(
    /// Words that lead from a name to its value: `token received: `.
    LEADING:
    b"set" b"got" b"used" b"sent" b"value" b"given" b"equals" b"entered" b"received" b"provided"
    b"mismatch" b"expected" b"supplied" b"updated" b"changed" b"rotated" b"replaced" b"reset"
    b"attempt" b"tried" b"typed" b"submitted" b"now"
);

words!(
    /// Words after which it is said whose a secret is: `password for ana is `.
    WHOSE: b"for" b"of" b"on" b"de" b"del" b"para"
);

words!(
    /// Schemes that stand before the credentials of a header.
    HEADER_SCHEMES:
    b"bearer" b"basic" b"token" b"digest" b"apikey" b"key" b"negotiate" b"bot"
    b"aws4-hmac-sha256"
);

words!(
    /// Values of passwords that are words of every log: to mask them would hide
    /// half of it, and they protect nothing. `classes.md` has the list.
    COMMON:
    b"admin" b"changeit" b"changeme" b"debug" b"default" b"development" b"disabled" b"dummy"
    b"enabled" b"error" b"example" b"false" b"hidden" b"info" b"local" b"localhost" b"none"
    b"null" b"optional" b"password" b"production" b"prompt" b"redacted" b"required" b"root"
    b"secret" b"server" b"service" b"staging" b"string" b"test" b"testing" b"token" b"true"
    b"undefined" b"unset" b"user" b"username" b"value" b"warning"
);

words!(
    /// What names of numbers end in that are no card's.
    COUNTED:
    b"amount" b"value" b"balance" b"wei" b"gas" b"fee" b"price" b"total" b"nonce" b"block" b"time"
    b"timestamp" b"ts" b"offset" b"height" b"slot" b"lamports" b"supply" b"id" b"seq" b"allowance"
    b"required"
);

words!(
    /// Words in a path after which everything opens a door.
    WEBHOOKS: b"webhook" b"webhooks" b"webhookb2"
);

words!(
    /// What names have in them whose values may be words with joins between.
    PASSPHRASES: b"password" b"passwd" b"pwd" b"passphrase" b"mnemonic"
);

words!(
    /// What is said to services of IRC with a password.
    SERVICE_COMMANDS:
    b"register" b"release" b"recover" b"regain" b"identify" b"ghost" b"login" b"auth" b"set"
);

words!(
    /// Fields of a report that hold what was given.
    INPUTS: b"input" b"input_value" b"inputvalue" b"rejected_value" b"rejectedvalue"
);

words!(
    /// Fields beside one that holds a name.
    REPORTED: b"value" b"val" b"got" b"received" b"given" b"actual" b"rejected" b"provided"
);

words!(
    /// What is opened with a password: `unlocking keystore with …`.
    USES: b"keystore"
);

words!(
    /// What leads from one value to another: `from A to B`, `A != B`.
    AGAIN: b"to" b"!=" b"->" b"=>" b"vs" b"vs." b"new" b"old" b"got" b"expected"
);

words!(
    /// Words after a name that say how it fared, or which it is, in languages
    /// that have them there: `contraseña incorrecta: …`.
    QUALIFIERS:
    b"incorrecta" b"incorrecto" b"invalida" b"invalido" b"incorreta" b"incorreto" b"erronea"
    b"actual" b"atual" b"nueva" b"nova" b"anterior" b"antigua" b"antiga" b"vieja" b"temporal"
    b"errada" b"recibida" b"recebida" b"usada" b"enviada" b"incorrecte" b"invalide" b"actuelle"
    b"nouveau" b"sbagliata" b"errata" b"attuale" b"nuova" b"falsch"
);

words!(
    /// What a cookie has beside its name.
    COOKIE: b"samesite" b"path" b"domain" b"secure" b"httponly" b"expires" b"max"
);

words!(
    /// How the names of exceptions end.
    EXCEPTIONS: b"exception" b"error" b"failure" b"fault" b"denied" b"found" b"timeout" b"mismatch"
);

/// Names in other scripts: Russian and Ukrainian, Chinese, Japanese, Korean,
/// Hebrew, Arabic, Persian. The longer one of two stands first.
pub(in crate::redact) const SCRIPTS: &[&str] = &[
    "пароль",
    "Пароль",
    "ПАРОЛЬ",
    "секретный ключ",
    "секрет",
    "Секрет",
    "токен",
    "Токен",
    "приватный ключ",
    "密码",
    "密碼",
    "口令",
    "密钥",
    "密鑰",
    "私钥",
    "私鑰",
    "令牌",
    "助记词",
    "パスワード",
    "暗証番号",
    "秘密鍵",
    "トークン",
    "シークレット",
    "비밀번호",
    "암호",
    "비밀키",
    "토큰",
    "סיסמה",
    "סיסמא",
    "كلمة المرور",
    "كلمة السر",
    "رمز عبور",
    "گذرواژه",
];

words!(
    /// Words after another one that say what became of something.
    VERDICTS:
    b"failed" b"invalid" b"missing" b"not" b"is" b"was" b"already" b"expired" b"rejected"
    b"required" b"must" b"cannot" b"could" b"should" b"does" b"has" b"mismatch" b"error"
    b"unsupported" b"malformed" b"refused" b"denied" b"exceeded" b"unavailable"
);

words!(
    /// Words before a name that say that it was judged.
    JUDGED:
    b"invalid" b"missing" b"bad" b"wrong" b"failed" b"expired" b"malformed" b"unsupported"
    b"incorrect" b"rejected" b"unexpected" b"unknown"
);

words!(
    /// Words of most lines of a service: no filter may let one of them pass.
    ORDINARY:
    b"accepted" b"amount" b"attempt" b"body" b"cache" b"chain" b"completed" b"config" b"count"
    b"database" b"elapsed" b"error" b"failed" b"handler" b"host" b"idle" b"index" b"info"
    b"method" b"metrics" b"name" b"network" b"order" b"path" b"pool" b"port" b"queue" b"record"
    b"request" b"retry" b"server" b"status" b"target" b"timeout" b"items" b"timestamp" b"gas"
    b"used" b"payer" b"payments" b"settle" b"verifying" b"upstream" b"answered" b"after" b"kept"
    b"for" b"reuse" b"block" b"https" b"read" b"map" b"class" b"starts" b"carts" b"uri" b"level"
    b"debug" b"warn" b"user" b"response" b"started" b"received" b"sent" b"settled" b"wallet"
    b"thread" b"as" b"of" b"by" b"an"
);

words!(
    /// Prefixes of identifiers that open nothing.
    IDENTIFIERS:
    b"pi" b"ch" b"cs" b"cus" b"evt" b"in" b"ii" b"si" b"sub" b"pm" b"po" b"py" b"re" b"req" b"tr"
    b"txn" b"prod" b"price" b"seti" b"acct" b"ba" b"card" b"chatcmpl" b"resp" b"msg" b"run" b"step"
    b"thread" b"asst" b"file" b"batch" b"ord" b"order" b"inv" b"usr" b"user" b"job" b"task" b"evnt"
);

words!(
    /// Words after which an identifier is told.
    NOUNS:
    b"order" b"job" b"room" b"event" b"request" b"payment" b"customer" b"invoice" b"task"
    b"message" b"run" b"completion" b"intent" b"cart" b"product" b"item" b"document" b"object"
    b"id" b"transaction" b"transfer" b"user" b"worker" b"batch" b"thread"
    b"pedido" b"pago" b"cliente"
);

words!(
    /// Names of what ties the lines of one request together, without joins.
    TRACED:
    b"traceid" b"spanid" b"xrequestid" b"requestid" b"correlationid" b"xcorrelationid"
    b"xbtraceid" b"xbspanid" b"parentid" b"parentspanid"
);

words!(
    /// Words before a hash that somebody looks up by its first twelve digits.
    PINNED:
    b"commit" b"head" b"at" b"container" b"sha" b"sha256" b"revision" b"rev" b"image"
);

words!(
    /// Labels of the hosts of nodes, whose paths have the key.
    NODES:
    b"rpc" b"node" b"nodes" b"getblock" b"infura" b"alchemy" b"quicknode" b"quiknode" b"ankr"
    b"blast" b"blastapi" b"chainstack" b"drpc" b"blockpi" b"mainnet" b"testnet" b"sepolia" b"base"
    b"eth" b"ethereum" b"polygon" b"solana" b"avalanche" b"bsc" b"arbitrum" b"optimism" b"celo"
    b"helius" b"tenderly" b"nownodes" b"onfinality"
);

words!(
    /// Words after which a name is given a value with `to`.
    SETTING: b"set" b"setting" b"changing" b"updating" b"resetting" b"reset" b"rotating" b"change"
);

words!(
    /// What stands before the parameters of a statement.
    STATEMENTS: b"parameters" b"params" b"args" b"detail" b"generated"
);

words!(
    /// Fields whose value is the name of something.
    FIELDS: b"name" b"key" b"field" b"variable" b"property" b"attribute" b"env" b"id"
);
