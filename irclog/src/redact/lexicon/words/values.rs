//! The words that stand in a value's place, or lead to one.

use super::words;

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
    b"some" b"ok" b"not_set"
);

words!(
    /// Words that lead from a name to its value: `token received: `.
    LEADING:
    b"set" b"got" b"used" b"sent" b"value" b"given" b"equals" b"entered" b"received" b"provided"
    b"mismatch" b"expected" b"supplied"
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
