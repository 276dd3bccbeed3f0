//! Redaction in three layers: typed (decided at compile time), known values
//! (secrets that the process holds), patterns (shapes of secrets in text).

pub(crate) mod scrub;
