//! How the names end that announce a secret, as a filter that is applied to
//! many bytes at once.
//!
//! The endings are dealt out to sixteen buckets, a bit each. By distance from
//! the end, a bucket knows which letters its endings have there, and a place
//! where a bucket is left over all distances may be the end of one of its
//! words. Letters of several endings of a bucket pass together as well, and so
//! does what has the lowest five bits of a letter: what passes is looked at by
//! its letters, see `name::may_end`.

/// Bytes of an ending that are looked at: as many as there are sixteen bits in
/// a word of 64.
pub(in crate::redact) const DEPTH: usize = 4;

/// The `ATOMS` of `name`, but for those that end in another. Dealt so that few
/// words of other lines pass, by trial on the words of many: short ones
/// together, like ends together.
const BUCKETS: [&[&[u8]]; 16] = [
    &[b"pw", b"app"],
    &[b"bearer", b"private"],
    &[b"client", b"creds", b"payment", b"secrets", b"words"],
    &[b"login", b"passwd", b"pin", b"pwd", b"sid", b"sig"],
    &[b"basic", b"salt", b"secreto"],
    &[b"credentials", b"keypair", b"phrase", b"passe", b"semilla"],
    &[b"identified", b"seed", b"webhook", b"senha"],
    &[
        b"authentication",
        b"authorisation",
        b"authorization",
        b"recuperacion",
        b"signature",
    ],
    &[
        b"cookie",
        b"mnemonic",
        b"password",
        b"passwort",
        b"sessionid",
        b"contrasena",
    ],
    &[b"auth", b"key"],
    &[b"access", b"session", b"token"],
    &[b"cvc", b"cvv", b"jwt", b"pat"],
    &[b"dsn", b"otp", b"psk"],
    &[b"bundle", b"clave", b"credential", b"identify", b"llave"],
    &[b"code", b"keys", b"secret"],
    &[b"hmac", b"pass"],
];

/// The lowest five bits of a byte: a letter in either case.
pub(in crate::redact) const LETTERS: usize = 32;

/// By distance from the end and the lowest five bits of a byte, the buckets
/// that are left.
pub(in crate::redact) static ENDINGS: [[u16; LETTERS]; DEPTH] = {
    let mut endings = [[0; LETTERS]; DEPTH];
    let mut bucket = 0;
    while bucket < BUCKETS.len() {
        let mut word = 0;
        while word < BUCKETS[bucket].len() {
            let bytes = BUCKETS[bucket][word];
            let mut distance = 0;
            while distance < DEPTH {
                let mut letter = 0;
                while letter < LETTERS {
                    // What stands before a short word is not known.
                    let passes = distance >= bytes.len()
                        || bytes[bytes.len() - 1 - distance] as usize % LETTERS == letter;
                    endings[distance][letter] |= (passes as u16) << bucket;
                    letter += 1;
                }
                distance += 1;
            }
            word += 1;
        }
        bucket += 1;
    }
    endings
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::lexicon::name::{ATOMS, announces, may_end};

    /// Whether a text may end with a word of the tables.
    fn passes(text: &[u8]) -> bool {
        let left = |distance: usize| {
            let byte = text
                .len()
                .checked_sub(distance + 1)
                .map_or(0, |at| text[at]);
            ENDINGS[distance][usize::from(byte & 31)]
        };
        (0..DEPTH).fold(u16::MAX, |all, distance| all & left(distance)) != 0
    }

    #[test]
    fn every_word_passes_in_any_case_and_after_anything() {
        for word in ATOMS.iter().chain(BUCKETS.iter().copied().flatten()) {
            for before in ["", "x", "X_", "é", "\0", "my-"] {
                let text = [before.as_bytes(), word].concat();
                assert!(passes(&text), "{:?}", String::from_utf8_lossy(&text));
                assert!(passes(&text.to_ascii_uppercase()));
                for text in [&text, &text.to_ascii_uppercase()] {
                    assert!(may_end(text) || announces(text, true).is_none());
                }
            }
        }
    }

    #[test]
    fn few_words_of_most_lines_pass() {
        let words = [
            "accepted",
            "amount",
            "attempt",
            "body",
            "cache",
            "chain",
            "completed",
            "config",
            "count",
            "database",
            "elapsed",
            "error",
            "failed",
            "handler",
            "host",
            "idle",
            "index",
            "info",
            "method",
            "metrics",
            "name",
            "network",
            "order",
            "path",
            "pool",
            "port",
            "queue",
            "record",
            "request",
            "retry",
            "server",
            "status",
            "target",
            "timeout",
            "items",
            "timestamp",
        ];
        let passing: Vec<_> = words
            .iter()
            .filter(|word| passes(word.as_bytes()))
            .collect();
        assert!(passing.is_empty(), "{passing:?}");
    }
}
