//! Forms that tell what something is without its context: UUID, trace, base58.

use ring::signature::Ed25519KeyPair;

use super::alphabet::{ALNUM, DIGIT, LETTER, is, is_hex, union};
use super::encoding::from_base58;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) enum Base58 {
    Address,
    Signature,
    Key,
}

/// Whether 64 bytes in base58 are a key of Solana: a seed and the public key
/// that belongs to it. A signature of the same length keeps its first digits.
pub(in crate::redact) fn is_keypair(text: &[u8]) -> bool {
    std::str::from_utf8(text)
        .ok()
        .and_then(from_base58)
        .filter(|bytes| bytes.len() == 64)
        .is_some_and(|bytes| {
            Ed25519KeyPair::from_seed_and_public_key(&bytes[..32], &bytes[32..]).is_ok()
        })
}

/// What a token is, if it is base58 of the length of something known.
pub(in crate::redact) fn base58(text: &[u8]) -> Option<Base58> {
    let kind = match text.len() {
        32..=44 => Base58::Address,
        51 | 52 if matches!(text[0], b'5' | b'K' | b'L' | b'9' | b'c') => Base58::Key,
        86..=88 => Base58::Signature,
        _ => return None,
    };
    let classes = union(text);
    let fits = classes & (LETTER | DIGIT) == LETTER | DIGIT
        && text
            .iter()
            .all(|&byte| is(byte, ALNUM) && !matches!(byte, b'0' | b'O' | b'I' | b'l'));
    fits.then_some(kind)
}

/// How many parts the dots of a token make.
pub(in crate::redact) fn parts(text: &[u8]) -> usize {
    text.split(|&byte| byte == b'.').count()
}

/// `00-<trace>-<span>-01`, as HTTP carries it: the trace is what logs are
/// searched for.
pub(in crate::redact) fn is_trace(text: &[u8]) -> bool {
    text.len() == 55
        && text.starts_with(b"00-")
        && text.iter().enumerate().all(|(at, &byte)| match at {
            2 | 35 | 52 => byte == b'-',
            _ => is_hex(byte),
        })
}

/// `8-4-4-4-12` hexadecimal digits.
pub(in crate::redact) fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, &byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => is_hex(byte),
        })
}
