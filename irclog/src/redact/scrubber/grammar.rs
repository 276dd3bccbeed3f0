//! A grammar of names, separators, quotes and shapes, for texts that are likely
//! to touch a rule. Of the standard library alone: the fuzz target is made of
//! the same.
#![allow(unreachable_pub, dead_code)]

/// What rules look for, and what stands around it.
pub const PIECES: &[&str] = &[
    "password",
    "api_key",
    "token",
    "key",
    "Bearer ",
    "Authorization: ",
    "cookie: ",
    "mnemonic ",
    "=",
    ": ",
    "\"",
    "'",
    "\\\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    "&",
    " ",
    "\n",
    "\t",
    "://",
    "https://",
    "@",
    "/",
    "?",
    "0x",
    "sk-",
    "ghp_",
    "eyJ",
    ".",
    "-----BEGIN X-----",
    "-----END X-----",
    "\u{1b}[31m",
    "\u{3}04",
    "\u{200b}",
    "%41",
    "%2541",
    "\\u0041",
    "\\",
    "é",
    "😀",
    "Some(",
    "-u ",
    "--user ",
    "$2b$",
    "webhook",
    "hooks.",
    "4111111111111111",
    "DE75512108001245126199",
    "127.0.0.1",
    "8.8.4.4",
    "garden",
    "ocean",
    "[1, 2, 3",
    "aa:",
    "&quot;",
    "\u{ff10}",
    "|",
    "<",
    ">",
    "is ",
    "secret",
    "Secret",
    "Key",
    "Base",
    "SALTED",
    "session",
    "client",
    "id",
    "pw",
    "BUNDLE_",
    "_",
    "-",
    "__",
    "basic ",
    "status=200 elapsed=3.66ms ",
    "payments::settle: verifying ",
    "chain=eip155:8453 ",
    "DE75 5121 ",
    "4539 1488 0343 6467 ",
    "GB82 WEST ",
    "xox",
    "whsec_",
    "2001:",
    "db8",
    "::",
    "fe80",
    "...",
    "…",
    " - ",
    "; ",
    "set to ",
    "Token { inner: ",
    "identify ",
    "-secret-",
    "&#61;",
    "\\075",
    "mysql -u a -p",
    "redis-cli -a ",
    "for ana ",
    "of the ",
    "AKIA",
    "_test_",
    "v2",
    "+",
    "id,",
    "name,",
    "client_secret,",
    "mnemonic,d",
    "d,",
    "len=-",
    ",xxx://",
    "token;",
    "password;",
    "clave",
    "-u=",
    "-p ",
    "contraseña",
    "<token>",
    "</",
    "Comma\", ",
    "a",
    "1",
    "1, ",
    "x1",
    "Ab1",
    "-> ",
    " + ",
];

/// The text that `bytes` stand for: each is a piece, or says how many of the
/// last ones come again and how often.
pub fn text_of(bytes: &[u8]) -> String {
    /// Bytes of the longest text.
    const MOST: usize = 1 << 16;
    let mut pieces: Vec<&str> = Vec::new();
    let mut len = 0;
    for &byte in bytes {
        let byte = usize::from(byte);
        if byte < PIECES.len() {
            pieces.push(PIECES[byte]);
            len += PIECES[byte].len();
        } else {
            let last = pieces.len().saturating_sub(1 + byte % 4);
            let again = pieces[last..].to_vec();
            let size: usize = again.iter().map(|piece| piece.len()).sum();
            for _ in 0..1 << (byte / 4 % 12) {
                if len + size > MOST {
                    break;
                }
                pieces.extend(&again);
                len += size;
            }
        }
        if len > MOST {
            break;
        }
    }
    pieces.concat()
}

/// `pieces` again and again, of at most so many bytes.
pub fn repeated(pieces: &[&str], bytes: usize) -> String {
    let one = pieces.concat();
    one.repeat(bytes / one.len().max(1))
}
