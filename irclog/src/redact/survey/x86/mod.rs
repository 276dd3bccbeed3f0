//! The survey by the vector instructions of x86-64.

pub(in crate::redact) mod avx2;
