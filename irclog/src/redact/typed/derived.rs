//! What the code that `#[derive(Redact)]` writes is made of. Not for people:
//! it may change in any release.

pub use core::fmt::{Debug, Display, Formatter, Result};
pub use log::kv::{ToValue, Value};

pub use core::fmt::{DebugStruct, DebugTuple};
pub use core::marker::Sized;

pub use crate::redact::typed::audience::Mark;
pub use crate::redact::typed::mask::{Displayed, Mask, Maskable, Masked};
use crate::redact::typed::wrappers::REDACTED;
pub use crate::redact::typed::{Element, Redact};

use core::fmt;

/// Prints the literal text that the derive decided on.
#[derive(Clone, Copy)]
pub struct Literal(pub &'static str);

impl Debug for Literal {
    #[inline]
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.0)
    }
}

/// A field that says what it is.
///
/// This and [`clear`] return a type that does not depend on `T`, so that a
/// field whose type does not meet the bound makes one error, not two.
#[inline]
pub const fn shown<'a, T: Redact + ?Sized>(value: &'a &'a T) -> &'a dyn Debug {
    value
}

/// A field that was decided to be shown.
#[inline]
pub const fn clear<'a, T: Debug + ?Sized>(value: &'a &'a T) -> &'a dyn Debug {
    value
}

/// Prints a field as public.
#[derive(Clone, Copy)]
pub struct Noted<'a>(pub &'a dyn Debug);

impl Debug for Noted<'_> {
    #[inline]
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let before = Mark::here();
        let result = self.0.fmt(f);
        before.note_public();
        result
    }
}

/// Prints a field with a function of the user's.
#[inline]
pub const fn with<T, F>(value: &T, function: F) -> impl Debug
where
    T: ?Sized,
    F: Fn(&T, &mut Formatter<'_>) -> Result,
{
    With(value, function)
}

struct With<'a, T: ?Sized, F>(&'a T, F);

impl<T: ?Sized, F: Fn(&T, &mut Formatter<'_>) -> Result> Debug for With<'_, T, F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        (self.1)(self.0, f)
    }
}

/// A field, to find how it can be masked.
///
/// Method resolution tries the traits below in the order in which they take
/// fewer references: structural masking first, `Display` of a foreign type
/// (also one container deep) next, and last the one that fails with a message
/// which says what is missing.
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// The first choice.
pub trait MaskStructurally<'a> {
    /// What prints the masked field.
    type Output: Debug;
    /// Masks the field.
    fn masked(&self, mask: Mask) -> Self::Output;
}

impl<'a, T: Maskable + ?Sized> MaskStructurally<'a> for &&Probe<'a, T> {
    type Output = Masked<'a, T>;
    fn masked(&self, mask: Mask) -> Masked<'a, T> {
        Masked {
            value: self.0,
            mask,
        }
    }
}

/// The second choice: a foreign type.
pub trait MaskDisplayed<'a> {
    /// What prints the masked field.
    type Output: Debug;
    /// Masks the field.
    fn masked(&self, mask: Mask) -> Self::Output;
}

impl<'a, T: Display + ?Sized> MaskDisplayed<'a> for &Probe<'a, T> {
    type Output = MaskedForeign<'a, T>;
    fn masked(&self, mask: Mask) -> MaskedForeign<'a, T> {
        MaskedForeign {
            value: self.0,
            mask,
        }
    }
}

/// A foreign value, masked.
pub struct MaskedForeign<'a, T: ?Sized> {
    value: &'a T,
    mask: Mask,
}

impl<T: Display + ?Sized> Debug for MaskedForeign<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Displayed(self.value).mask(self.mask, f)
    }
}

/// The second choice, for an `Option` of a foreign type.
pub trait MaskDisplayedOption<'a> {
    /// What prints the masked field.
    type Output: Debug;
    /// Masks the field.
    fn masked(&self, mask: Mask) -> Self::Output;
}

impl<'a, T: Display> MaskDisplayedOption<'a> for &Probe<'a, Option<T>> {
    type Output = Option<MaskedForeign<'a, T>>;
    fn masked(&self, mask: Mask) -> Self::Output {
        self.0.as_ref().map(|value| MaskedForeign { value, mask })
    }
}

/// The second choice, for a list of a foreign type.
pub trait MaskDisplayedList<'a> {
    /// What prints the masked field.
    type Output: Debug;
    /// Masks the field.
    fn masked(&self, mask: Mask) -> Self::Output;
}

/// A list of foreign values, masked.
pub struct MaskedForeignList<'a, T> {
    list: &'a [T],
    mask: Mask,
}

impl<T: Display> Debug for MaskedForeignList<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.list.iter().map(|value| MaskedForeign {
                value,
                mask: self.mask,
            }))
            .finish()
    }
}

impl<'a, T: Display> MaskDisplayedList<'a> for &Probe<'a, Vec<T>> {
    type Output = MaskedForeignList<'a, T>;
    fn masked(&self, mask: Mask) -> Self::Output {
        MaskedForeignList { list: self.0, mask }
    }
}

/// The last choice, whose bound cannot be met.
pub trait MaskNothing<T: ?Sized> {
    /// Does not compile.
    fn masked(&self, mask: Mask) -> Literal
    where
        T: Maskable;
}

impl<T: ?Sized> MaskNothing<T> for Probe<'_, T> {
    fn masked(&self, _: Mask) -> Literal
    where
        T: Maskable,
    {
        Literal(REDACTED)
    }
}
