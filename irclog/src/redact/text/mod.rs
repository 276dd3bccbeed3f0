//! Facts about bytes: what each is, how they are encoded, what they stand for.

pub(in crate::redact) mod alphabet;
pub(in crate::redact) mod encoding;
pub(in crate::redact) mod escapes;
pub(in crate::redact) mod forms;
pub(in crate::redact) mod letters;
pub(in crate::redact) mod random;
pub(in crate::redact) mod squeeze;
