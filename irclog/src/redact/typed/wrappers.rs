//! Decisions for ordinary arguments: [`Secret`] and [`Public`].

use std::fmt;

use log::kv::{ToValue, Value};

use crate::redact::typed::audience::Mark;
use crate::redact::typed::{Element, Redact};

/// What stands where something was hidden.
pub(crate) const REDACTED: &str = "[redacted]";

/// A value that is never shown: it prints as `[redacted]` whatever it is.
///
/// It takes any type, asks nothing of it, and tells nothing about it: not its
/// length, not whether it is empty. There is no `Deref`, no comparison, no
/// serialisation: whoever wants the inside calls [`expose`](Self::expose),
/// and a reader can search for that.
///
/// ```
/// let key = irclog::Secret::new("0xdeadbeef".to_owned());
/// assert_eq!(format!("{key} {key:?} {key:#?}"), "[redacted] [redacted] [redacted]");
/// assert_eq!(key.expose().len(), 10);
/// ```
///
/// It does not wipe memory: `Secret<Zeroizing<T>>`, with the crate `zeroize`,
/// does both.
#[derive(Clone, Copy, Default)]
pub struct Secret<T: ?Sized>(T);

impl<T> Secret<T> {
    /// Hides `value`.
    ///
    /// ```
    /// let key = irclog::Secret::new([7; 32]);
    /// assert_eq!(format!("{key:?}"), "[redacted]");
    /// ```
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Gives the value back, no longer hidden.
    ///
    /// ```
    /// let key = irclog::Secret::new([7; 32]);
    /// assert_eq!(key.into_exposed(), [7; 32]);
    /// ```
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T: ?Sized> Secret<T> {
    /// The value itself. What is done with it is no longer governed.
    ///
    /// ```
    /// let key = irclog::Secret::new([7; 32]);
    /// assert_eq!(key.expose().len(), 32);
    /// ```
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, to change it.
    ///
    /// ```
    /// let mut key = irclog::Secret::new([7; 32]);
    /// key.expose_mut().fill(0);
    /// assert_eq!(key.expose(), &[0; 32]);
    /// ```
    pub const fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: ?Sized> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T: ?Sized> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T: ?Sized> Redact for Secret<T> {}
impl<T: ?Sized> Element for Secret<T> {}

impl<T> ToValue for Secret<T> {
    fn to_value(&self) -> Value<'_> {
        Value::from_display(self)
    }
}

/// A value that is public knowledge: it prints as itself, and the pattern
/// layer stands down on exactly the bytes that it printed.
///
/// For what looks like a secret and is none, such as a transaction hash:
///
/// ```
/// let tx = "0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060";
/// log::info!("settled in {}", irclog::Public(tx));
/// ```
///
/// Printed into a string first (`format!`), it is ordinary text again, and
/// the pattern layer looks at it. Secrets within it that are typed stay
/// hidden.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Public<T: ?Sized>(pub T);

macro_rules! public_as {
    ($($format:ident),*) => {$(
        impl<T: fmt::$format + ?Sized> fmt::$format for Public<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let before = Mark::here();
                let result = fmt::$format::fmt(&self.0, f);
                before.note_public();
                result
            }
        }
    )*};
}

public_as!(Debug, Display, LowerHex, UpperHex);

impl<T: fmt::Debug + ?Sized> Redact for Public<T> {}
impl<T: fmt::Debug + ?Sized> Element for Public<T> {}

impl<T: fmt::Display> ToValue for Public<T> {
    fn to_value(&self) -> Value<'_> {
        Value::from_display(self)
    }
}
