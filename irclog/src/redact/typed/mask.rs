//! Showing a part of a value, or a stand-in for it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt::{self, Write as _};
use std::rc::Rc;
use std::sync::Arc;

use log::kv::{ToValue, Value};

use crate::redact::typed::audience;
use crate::redact::typed::bytes::Hex;
use crate::redact::typed::token::{self, Domain};
use crate::redact::typed::wrappers::REDACTED;
use crate::redact::typed::{Element, Redact};

/// Shows the first and the last characters of a value, `0x71C7…976F`.
///
/// Both default to 0, which hides it whole. It fails closed: if what would be
/// shown is more than half of the value, nothing is. Characters count, not
/// bytes, and `…` stands for any number of them. Nothing is allocated; the
/// value is displayed twice instead.
///
/// ```
/// use irclog::Keep;
///
/// let payer = "0x52908400098527886E0F7030069857D2E4169EE7";
/// assert_eq!(Keep::new(payer).first(6).last(4).to_string(), "0x5290…9EE7");
/// assert_eq!(Keep::new("0x52908400").first(6).last(4).to_string(), "[redacted]");
/// ```
#[derive(Clone, Copy)]
pub struct Keep<T: ?Sized> {
    first: usize,
    last: usize,
    value: T,
}

impl<T> Keep<T> {
    /// Hides `value` whole, until told how much of it to show.
    ///
    /// ```
    /// let payer = irclog::Keep::new("0x2C3E6F8A9B0d1e2F3a4B5c6D");
    /// assert_eq!(format!("{payer:?}"), "[redacted]");
    /// ```
    pub const fn new(value: T) -> Self {
        Self {
            first: 0,
            last: 0,
            value,
        }
    }

    /// Shows the first `characters`. Defaults to 0.
    ///
    /// ```
    /// let payer = irclog::Keep::new("0x2C3E6F8A9B0d1e2F3a4B5c6D").first(6);
    /// assert_eq!(format!("{payer:?}"), "0x2C3E…");
    /// ```
    #[must_use]
    pub const fn first(mut self, characters: usize) -> Self {
        self.first = characters;
        self
    }

    /// Shows the last `characters`. Defaults to 0.
    ///
    /// ```
    /// let payer = irclog::Keep::new("0x2C3E6F8A9B0d1e2F3a4B5c6D").first(6).last(4);
    /// assert_eq!(format!("{payer:?}"), "0x2C3E…5c6D");
    /// ```
    #[must_use]
    pub const fn last(mut self, characters: usize) -> Self {
        self.last = characters;
        self
    }
}

impl<T: ?Sized> Keep<T> {
    /// The value itself. What is done with it is no longer governed.
    ///
    /// ```
    /// let payer = irclog::Keep::new("0x2C3E6F8A9B0d1e2F3a4B5c6D").first(6);
    /// assert_eq!(payer.expose().len(), 26);
    /// ```
    pub const fn expose(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Display + ?Sized> fmt::Display for Keep<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_ends(&&self.value, self.first, self.last, f)
    }
}

impl<T: fmt::Display + ?Sized> fmt::Debug for Keep<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T: fmt::Display + ?Sized> Redact for Keep<T> {}
impl<T: fmt::Display + ?Sized> Element for Keep<T> {}

impl<T: fmt::Display> ToValue for Keep<T> {
    fn to_value(&self) -> Value<'_> {
        Value::from_display(self)
    }
}

/// How a field is masked.
#[derive(Debug, Clone, Copy)]
pub enum Mask {
    /// Its ends are shown, see [`Keep`].
    Keep {
        /// Characters at the beginning.
        first: usize,
        /// Characters at the end.
        last: usize,
    },
    /// A keyed stand-in is shown, see [`Token`](crate::Token).
    Token(&'static str),
}

impl Mask {
    fn write(self, text: &dyn fmt::Display, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep { first, last } => write_ends(text, first, last, f),
            Self::Token(domain) => token::write(Domain(domain), text, f),
        }
    }
}

/// A value whose leaves can be masked, in the shape of its containers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no text that `keep` or `token` could work on",
    label = "`{Self}` is neither text, number nor bytes, and does not implement `Display`",
    note = "write #[redact(secret)] to hide it, or #[redact(with = path)] with a function of your own"
)]
pub trait Maskable {
    /// Writes the masked value.
    ///
    /// # Errors
    /// If the formatter cannot be written to.
    fn mask(&self, mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// Writes a masked list of values.
    ///
    /// # Errors
    /// If the formatter cannot be written to.
    fn mask_list(list: &[Self], mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result
    where
        Self: Sized,
    {
        f.debug_list()
            .entries(list.iter().map(|value| Masked { value, mask }))
            .finish()
    }
}

/// A value to be printed through a [`Mask`].
pub struct Masked<'a, T: ?Sized> {
    pub(crate) value: &'a T,
    pub(crate) mask: Mask,
}

impl<T: Maskable + ?Sized> fmt::Debug for Masked<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.mask(self.mask, f)
    }
}

/// A foreign value that can be masked because it can be displayed.
#[derive(Debug)]
pub struct Displayed<'a, T: ?Sized>(pub(crate) &'a T);

impl<T: fmt::Display + ?Sized> Maskable for Displayed<'_, T> {
    fn mask(&self, mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask.write(&self.0, f)
    }
}

macro_rules! text {
    ($($ty:ty),* $(,)?) => {$(
        impl Maskable for $ty {
            fn mask(&self, mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                mask.write(&self, f)
            }
        }
    )*};
}

text!(str, String, char, bool, f32, f64);
text!(u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);
text!(
    std::net::IpAddr,
    std::net::Ipv4Addr,
    std::net::Ipv6Addr,
    std::net::SocketAddr,
    fmt::Arguments<'_>
);

impl Maskable for u8 {
    fn mask(&self, mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask.write(self, f)
    }

    fn mask_list(list: &[Self], mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask.write(&Hex::prefixed(list), f)
    }
}

macro_rules! pointers {
    ($($ty:ty),* $(,)?) => {$(
        impl<T: Maskable + ?Sized> Maskable for $ty {
            fn mask(&self, mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                T::mask(self, mask, f)
            }
        }
    )*};
}

pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<B: Maskable + ToOwned + ?Sized> Maskable for Cow<'_, B> {
    fn mask(&self, mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        B::mask(self, mask, f)
    }
}

impl<T: Maskable> Maskable for Option<T> {
    fn mask(&self, mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Some(value) => f
                .debug_tuple("Some")
                .field(&Masked { value, mask })
                .finish(),
            None => f.write_str("None"),
        }
    }
}

impl<T: Maskable> Maskable for [T] {
    fn mask(&self, mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::mask_list(self, mask, f)
    }
}

impl<T: Maskable, const N: usize> Maskable for [T; N] {
    fn mask(&self, mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::mask_list(self, mask, f)
    }
}

impl<T: Maskable> Maskable for Vec<T> {
    fn mask(&self, mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::mask_list(self, mask, f)
    }
}

macro_rules! sets {
    ($($ty:ty $(, $hasher:ident)?;)*) => {$(
        impl<T: Maskable, $($hasher)?> Maskable for $ty {
            fn mask(&self, mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list()
                    .entries(self.iter().map(|value| Masked { value, mask }))
                    .finish()
            }
        }
    )*};
}

sets! {
    VecDeque<T>;
    BTreeSet<T>;
    HashSet<T, S>, S;
}

macro_rules! maps {
    ($($ty:ty $(, $hasher:ident)?;)*) => {$(
        impl<K: Maskable, V: Maskable, $($hasher)?> Maskable for $ty {
            fn mask(&self, mask: Mask, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_map()
                    .entries(self.iter().map(|(key, value)| {
                        (Masked { value: key, mask }, Masked { value, mask })
                    }))
                    .finish()
            }
        }
    )*};
}

maps! {
    BTreeMap<K, V>;
    HashMap<K, V, S>, S;
}

/// Writes the ends of `text`, or that it is redacted.
///
/// It is formatted twice, to count and to write, so that nothing is
/// allocated.
fn write_ends(
    text: &dyn fmt::Display,
    first: usize,
    last: usize,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let shown = first.saturating_add(last);
    let mut count = Count(0);
    if write!(count, "{text}").is_err() || shown == 0 || shown > count.0 / 2 {
        return f.write_str(REDACTED);
    }
    if first == 0 {
        f.write_char('…')?;
    }
    let mut ends = Ends {
        f,
        first,
        last,
        hidden: count.0 - shown,
    };
    audience::with_masked_audience(|| write!(ends, "{text}"))
}

struct Count(usize);

impl fmt::Write for Count {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.chars().count();
        Ok(())
    }
}

/// Each number counts down; a text that has grown since it was counted shows
/// no more for it.
struct Ends<'a, 'f> {
    f: &'a mut fmt::Formatter<'f>,
    first: usize,
    hidden: usize,
    last: usize,
}

impl fmt::Write for Ends<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text.chars();
        while self.first > 0 {
            let Some(character) = rest.next() else {
                return Ok(());
            };
            self.first -= 1;
            self.write_kept(character)?;
            if self.first == 0 {
                self.f.write_char('…')?;
            }
        }
        while self.hidden > 0 && rest.next().is_some() {
            self.hidden -= 1;
        }
        for character in rest.take(self.last) {
            self.last -= 1;
            self.write_kept(character)?;
        }
        Ok(())
    }
}

impl Ends<'_, '_> {
    /// As `Debug` would, for what could break a line.
    fn write_kept(&mut self, character: char) -> fmt::Result {
        if character.is_control() {
            write!(self.f, "{}", character.escape_debug())
        } else {
            self.f.write_char(character)
        }
    }
}
