//! Which types say for themselves that they may be shown.

pub(crate) mod audience;
mod bytes;
#[doc(hidden)]
pub mod derived;
mod mask;
pub(crate) mod token;
mod wrappers;

pub use self::mask::Keep;
pub use self::token::Token;
pub use self::wrappers::{Public, Secret};

use std::fmt;

/// A type that has decided what of it may be shown: its `Debug` output holds
/// no secret.
///
/// Derive it with [`#[derive(Redact)]`](macro@crate::Redact), which writes
/// the `Debug` as well; see the [module](crate::redact) for all that the
/// derive can do. Numbers, `bool`, `char`, times, and containers of types
/// that are `Redact` implement it; text, byte containers and foreign types do
/// not, so that a field of such a type must be decided.
///
/// Implement it by hand only for a type whose own `Debug` is safe, together
/// with [`Element`]:
///
/// ```
/// #[derive(Debug)]
/// enum Network {
///     Base,
///     Solana,
/// }
///
/// impl irclog::Redact for Network {}
/// impl irclog::redact::Element for Network {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether it may be shown in a log",
    label = "`{Self}` must be decided",
    note = "hide it:    #[redact(secret)], #[redact(token)], #[redact(keep(first = 6, last = 4))] or #[redact(skip)]",
    note = "show it:    #[redact(clear)], or #[redact(public)] to exempt it from the pattern layer too",
    note = "if the type is yours, #[derive(irclog::Redact)] on it decides once for all its uses"
)]
pub trait Redact: fmt::Debug {}

/// A [`Redact`] type that is still harmless as one of many in a list.
///
/// `u8` is not: one byte tells nothing, but a list of bytes is a key or a
/// signature more often than not. The same goes for `i8` and `char`. The
/// derive implements it together with [`Redact`]. For lists of trait objects
/// make it a supertrait: `trait Party: irclog::redact::Element`.
#[diagnostic::on_unimplemented(
    message = "a list of `{Self}` does not say whether it may be shown in a log",
    label = "a list of `{Self}` must be decided",
    note = "hide it:    #[redact(secret)], #[redact(token)], #[redact(keep(first = 6, last = 4))] or #[redact(skip)]",
    note = "show it:    #[redact(clear)], or #[redact(public)] to exempt it from the pattern layer too",
    note = "if `{Self}` is yours, #[derive(irclog::Redact)] on it decides once for all its uses"
)]
pub trait Element: Redact {}

macro_rules! shown {
    ($($ty:ty),* $(,)?) => {
        $( impl Redact for $ty {} )*
    };
}

macro_rules! shown_also_in_lists {
    ($($ty:ty),* $(,)?) => {
        $( impl Redact for $ty {} impl Element for $ty {} )*
    };
}

mod plain {
    //! Types that cannot hold text.

    use std::cmp::Ordering;
    use std::convert::Infallible;
    use std::num::{
        NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
        NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
    };
    use std::ops::RangeFull;
    use std::sync::atomic::{
        AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16,
        AtomicU32, AtomicU64, AtomicUsize,
    };
    use std::thread::ThreadId;
    use std::time::{Duration, Instant, SystemTime};

    use super::{Element, Redact};

    shown!(u8, i8, char, NonZeroU8, NonZeroI8, AtomicU8, AtomicI8);

    shown_also_in_lists!(
        u16,
        u32,
        u64,
        u128,
        usize,
        i16,
        i32,
        i64,
        i128,
        isize,
        f32,
        f64,
        bool,
        (),
    );
    shown_also_in_lists!(
        NonZeroU16,
        NonZeroU32,
        NonZeroU64,
        NonZeroU128,
        NonZeroUsize,
        NonZeroI16,
        NonZeroI32,
        NonZeroI64,
        NonZeroI128,
        NonZeroIsize,
    );
    shown_also_in_lists!(
        AtomicU16,
        AtomicU32,
        AtomicU64,
        AtomicUsize,
        AtomicI16,
        AtomicI32,
        AtomicI64,
        AtomicIsize,
        AtomicBool,
    );
    shown_also_in_lists!(Duration, Instant, SystemTime, ThreadId);
    shown_also_in_lists!(Ordering, Infallible, RangeFull, std::io::ErrorKind);
    shown_also_in_lists!(log::Level, log::LevelFilter);
}

mod transparent {
    //! Containers of one value, or of two ends: they are what their content is.

    use std::borrow::Cow;
    use std::cell::{Cell, OnceCell, Ref, RefCell, RefMut};
    use std::cmp::Reverse;
    use std::num::{Saturating, Wrapping};
    use std::ops::{Bound, Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};
    use std::pin::Pin;
    use std::rc::Rc;
    use std::sync::{Arc, Mutex, MutexGuard, OnceLock, RwLock};

    use super::{Element, Redact, fmt};

    macro_rules! transparent {
        ($($ty:ident),* $(,)?) => {$(
            impl<T: Redact + ?Sized> Redact for $ty<T> {}
            impl<T: Element + ?Sized> Element for $ty<T> {}
        )*};
    }

    macro_rules! transparent_sized {
        ($($ty:ident),* $(,)?) => {$(
            impl<T: Redact> Redact for $ty<T> {}
            impl<T: Element> Element for $ty<T> {}
        )*};
    }

    transparent!(Box, Rc, Arc, RefCell, Mutex, RwLock);
    transparent_sized!(Option, Wrapping, Saturating, Reverse, OnceCell, OnceLock);
    transparent_sized!(
        Range,
        RangeFrom,
        RangeInclusive,
        RangeTo,
        RangeToInclusive,
        Bound
    );

    impl<T: Redact + ?Sized> Redact for &T {}
    impl<T: Element + ?Sized> Element for &T {}
    impl<T: Redact + ?Sized> Redact for &mut T {}
    impl<T: Element + ?Sized> Element for &mut T {}
    impl<T: Redact + ?Sized> Redact for Ref<'_, T> {}
    impl<T: Redact + ?Sized> Redact for RefMut<'_, T> {}
    impl<T: Redact + ?Sized> Redact for MutexGuard<'_, T> {}
    impl<T: Redact + Copy> Redact for Cell<T> {}
    impl<T: Element + Copy> Element for Cell<T> {}
    impl<P: Redact> Redact for Pin<P> {}
    impl<P: Element> Element for Pin<P> {}

    impl<T: Redact, E: Redact> Redact for Result<T, E> {}
    impl<T: Element, E: Element> Element for Result<T, E> {}

    impl<B: ToOwned<Owned: fmt::Debug> + Redact + ?Sized> Redact for Cow<'_, B> {}
    impl<B: ToOwned<Owned: fmt::Debug> + Element + ?Sized> Element for Cow<'_, B> {}
}

mod lists {
    //! Containers of many: their elements must be harmless in a list.

    use std::collections::{
        BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque,
    };
    use std::marker::{PhantomData, PhantomPinned};

    use super::{Element, Redact};

    macro_rules! lists {
        ($($ty:ident),* $(,)?) => {$(
            impl<T: Element> Redact for $ty<T> {}
            impl<T: Element> Element for $ty<T> {}
        )*};
    }

    lists!(Vec, VecDeque, LinkedList, BTreeSet, BinaryHeap);

    impl<T: Element> Redact for [T] {}
    impl<T: Element> Element for [T] {}
    impl<T: Element, const N: usize> Redact for [T; N] {}
    impl<T: Element, const N: usize> Element for [T; N] {}
    impl<T: Element, S> Redact for HashSet<T, S> {}
    impl<T: Element, S> Element for HashSet<T, S> {}
    impl<K: Element, V: Element, S> Redact for HashMap<K, V, S> {}
    impl<K: Element, V: Element, S> Element for HashMap<K, V, S> {}
    impl<K: Element, V: Element> Redact for BTreeMap<K, V> {}
    impl<K: Element, V: Element> Element for BTreeMap<K, V> {}

    impl<T: ?Sized> Redact for PhantomData<T> {}
    impl<T: ?Sized> Element for PhantomData<T> {}
    shown_also_in_lists!(PhantomPinned);
}

mod tuples {
    use super::{Element, Redact};

    macro_rules! tuples {
        ($($first:ident $($rest:ident)*)?) => {$(
            impl<$first: Redact, $($rest: Redact),*> Redact for ($first, $($rest,)*) {}
            impl<$first: Element, $($rest: Element),*> Element for ($first, $($rest,)*) {}
            tuples!($($rest)*);
        )?};
    }

    // As far as std's own `Debug` goes.
    tuples!(A B C D E F G H I J K L);
}
