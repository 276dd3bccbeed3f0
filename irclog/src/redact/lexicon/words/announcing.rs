//! The words that announce a secret, a table for each language.
//!
//! To add a word, add a row: what it is, how it may be joined, what it
//! announces, and of which word before it that depends. The filters and the
//! gate are made from these tables when the crate is compiled; a row of the
//! tests beside them says what is to come of it.

use super::beside::{
    CODES, CODIGO, FRASE, KEY, KEY_IDS, MOT, PALABRA, PHRASE, PHRASES, PLAIN_KEYS, PRIVATE_KEYS,
    SECURITY, TOKEN_IDS, X,
};
use super::row::Announces::{Digits, Header, Key, Phrase, Secret, Signature, Token, VendorKey};
use super::row::{Word, Words, after, end, led, own, words};

/// Accents are gone before a word is looked up, so none has one here.
pub(super) const LANGUAGES: [&[Word]; 9] = [
    ENGLISH, MISSPELT, SPANISH, PORTUGUESE, CATALAN, FRENCH, ITALIAN, GERMAN, OTHERS,
];

const ENGLISH: &[Word] = &[
    // What somebody has chosen may be a word or a number.
    end("password", Secret).chosen().glued(),
    end("passwd", Secret).chosen(),
    end("pwd", Secret).chosen(),
    end("secret", Secret).chosen().glued(),
    own("secrets", Secret).chosen(),
    end("passphrase", Phrase).chosen(),
    own("passcode", Secret),
    own("psk", Secret),
    own("pw", Secret),
    end("rootpw", Secret),
    end("dbpw", Secret),
    end("userpw", Secret),
    led("pass", Secret).joined().chosen(),
    own("pass", Token).chosen().or_uuid().glued(),
    end("dbpass", Secret).chosen(),
    end("userpass", Secret).chosen(),
    end("rootpass", Secret).chosen(),
    end("requirepass", Secret).chosen(),
    end("adminpass", Secret).chosen(),
    end("authpass", Secret).chosen(),
    end("storepass", Secret).chosen(),
    end("keypass", Secret).chosen(),
    end("pgpass", Secret).chosen(),
    own("passwords", Token),
    end("credential", Secret),
    end("credentials", Secret),
    own("creds", Secret),
    // Of keys, that of a door and that of a table.
    after(PRIVATE_KEYS, "key", Secret),
    after(PLAIN_KEYS, "key", Key).nothing(),
    led("key", VendorKey),
    own("key", Key).glued(),
    after(PRIVATE_KEYS, "keys", Secret),
    own("private", Secret).glued(),
    own("keypair", Secret),
    after(KEY, "pair", Token),
    end("apikey", Secret),
    end("privatekey", Secret),
    end("privkey", Secret),
    end("secretkey", Secret),
    end("accesskey", Secret),
    end("authkey", Secret),
    end("signingkey", Secret),
    end("encryptionkey", Secret),
    end("masterkey", Secret),
    end("sharedkey", Secret),
    end("accountkey", Secret),
    end("licensekey", Secret),
    end("passkey", Token),
    led("access", VendorKey).glued(),
    led("login", VendorKey),
    led("pat", VendorKey),
    led("dsn", VendorKey),
    led("webhook", VendorKey),
    end("token", Token).or_uuid().glued(),
    own("auth", Token).or_uuid().glued(),
    own("authentication", Token),
    own("session", Token).or_number(),
    end("sessionid", Token),
    end("sessid", Token),
    own("sid", Token),
    end("accessid", VendorKey),
    after(TOKEN_IDS, "id", Token),
    after(KEY_IDS, "id", Key),
    own("jwt", Token),
    own("bearer", Token),
    own("salt", Token),
    own("hmac", Token),
    own("totp", Token),
    own("sig", Signature),
    own("signature", Signature),
    own("authorization", Header),
    own("authorisation", Header),
    own("cookie", Header),
    // `X-PAYMENT`, the header of x402.
    after(X, "payment", Token),
    own("pin", Digits).chosen(),
    own("pincode", Digits),
    own("cvv", Digits),
    own("cvc", Digits),
    own("otp", Digits),
    after(CODES, "code", Digits),
    after(SECURITY, "answer", Secret).chosen(),
    // Words of a wallet.
    end("mnemonic", Phrase),
    own("seed", Phrase).or_number(),
    end("seedphrase", Phrase),
    after(PHRASES, "phrase", Phrase),
    after(PHRASES, "words", Phrase),
    // What a client says to a service: `IDENTIFY`, `IDENTIFIED BY`.
    own("identify", Token).or_uuid(),
    own("identified", Secret),
];

/// As hands in a hurry write them, and shortened.
const MISSPELT: &[Word] = &[
    end("pasword", Secret).chosen(),
    end("passwrd", Secret).chosen(),
    end("passwrod", Secret).chosen(),
    end("passowrd", Secret).chosen(),
    own("pswd", Secret).chosen(),
    own("pss", Secret).chosen(),
    end("secert", Secret).chosen(),
    end("sercet", Secret).chosen(),
];

const SPANISH: &[Word] = &[
    end("contrasena", Secret).chosen(),
    // A keyword, or the password.
    after(PALABRA, "clave", Token),
    own("clave", Secret).chosen().also_ahead(),
    own("llave", Token),
    end("secreto", Secret).chosen(),
    own("credenciales", Secret),
    own("semilla", Phrase).or_number(),
    after(FRASE, "recuperacion", Phrase),
    after(CODIGO, "verificacion", Digits),
    after(CODIGO, "seguridad", Digits),
    after(CODIGO, "acceso", Digits),
    after(CODIGO, "recuperacion", Digits),
];

const PORTUGUESE: &[Word] = &[
    own("senha", Secret).chosen().also_ahead(),
    end("segredo", Secret).chosen(),
    own("chave", Token),
    own("credenciais", Secret),
    after(CODIGO, "verificacao", Digits),
    after(CODIGO, "seguranca", Digits),
    after(FRASE, "recuperacao", Phrase),
];

const CATALAN: &[Word] = &[end("contrasenya", Secret).chosen(), own("clau", Token)];

const FRENCH: &[Word] = &[
    after(MOT, "passe", Secret).chosen(),
    end("motdepasse", Secret).chosen(),
    own("mdp", Secret).chosen(),
    own("cle", Token),
    own("jeton", Token),
    after(PHRASE, "secrete", Phrase),
];

const ITALIAN: &[Word] = &[
    own("parola", Secret).chosen(),
    own("chiave", Token),
    end("segreto", Secret).chosen(),
    own("credenziali", Secret),
];

const GERMAN: &[Word] = &[
    end("passwort", Secret).chosen(),
    end("kennwort", Secret).chosen(),
    own("geheimnis", Secret).chosen(),
    own("zugangsdaten", Secret),
    own("schlussel", Token),
];

/// One word each: Dutch, Polish, Czech, Turkish, Hungarian, Swedish, Danish,
/// Finnish, Romanian.
const OTHERS: &[Word] = &[
    end("wachtwoord", Secret).chosen(),
    own("haslo", Secret).chosen(),
    own("heslo", Secret).chosen(),
    own("sifre", Secret).chosen(),
    own("jelszo", Secret).chosen(),
    own("losenord", Secret).chosen(),
    own("adgangskode", Secret).chosen(),
    own("salasana", Secret).chosen(),
];

/// The words before `id`, which is passed over where it is looked for.
pub(super) const IDS: [Words; 2] = [TOKEN_IDS, KEY_IDS];

words!(
    /// Schemes of an authorization, which are looked at wherever they stand.
    SCHEMES: b"basic" b"bearer"
);

words!(
    /// What a program or a person says to a service, with a password among its
    /// arguments.
    COMMANDS: b"oper" b"join" b"mode" b"login" b"nickserv"
);

words!(
    /// A name whose value may be the words of a sentence.
    SENTENCES: b"passphrase"
);

words!(
    /// Bundler keeps the credentials of a host under the host's name:
    /// `BUNDLE_GEMS__EXAMPLE__ORG`.
    BEGINNING: b"bundle"
);
