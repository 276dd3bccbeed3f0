//! What the wrappers do not do: ways out that other crates would take.
//!
//! Checked when this is compiled, and not by the compiler's messages, which
//! list whatever types of all crates do.

use std::fmt::{Binary, Display, LowerExp, LowerHex, Octal, Pointer, UpperHex};
use std::ops::Deref;

use irclog::{Keep, Public, Secret, Token};
use serde::Serialize;
use static_assertions::assert_not_impl_any;

assert_not_impl_any!(Secret<u64>: Serialize, Deref, LowerHex, UpperHex, Octal, Binary, LowerExp);
assert_not_impl_any!(Secret<&'static str>: Serialize, Deref, Pointer, AsRef<str>);
assert_not_impl_any!(Token<u64>: Serialize, Deref, LowerHex, UpperHex, Octal, Binary, LowerExp);
assert_not_impl_any!(Keep<u64>: Serialize, Deref, LowerHex, UpperHex, Octal, Binary, LowerExp);
assert_not_impl_any!(Public<u64>: Serialize, Deref);

#[test]
fn a_secret_can_be_displayed_and_says_nothing() {
    // The one that is implemented: it has to be safe.
    fn displayed(value: impl Display) -> String {
        value.to_string()
    }
    assert_eq!(displayed(Secret::new("key")), "[redacted]");
}
