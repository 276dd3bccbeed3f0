//! The words that tell a secret, in tables, and what is made of them: names,
//! what stands between them and a value, prefixes of vendors, how a value looks.
//! Pure functions of bytes.

pub(in crate::redact) mod class;
pub(in crate::redact) mod looks_secret;
pub(in crate::redact) mod name;
pub(in crate::redact) mod name_to_value;
pub(in crate::redact) mod prefix;
pub(in crate::redact) mod wallet;
pub(in crate::redact) mod words;
