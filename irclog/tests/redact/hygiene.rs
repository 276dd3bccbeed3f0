//! The derive leans on nothing in the scope of its user: no prelude, no
//! macros, no names; and it raises no lint there.

#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    clippy::pattern_type_mismatch,
    clippy::shadow_reuse,
    clippy::shadow_unrelated,
    clippy::single_call_fn,
    clippy::missing_inline_in_public_items,
    clippy::std_instead_of_core,
    clippy::used_underscore_binding,
    clippy::question_mark_used
)]
#![allow(dead_code, reason = "only the derive reads the fields")]
#![allow(
    clippy::single_call_fn,
    clippy::missing_inline_in_public_items,
    reason = "true of the tests themselves"
)]

macro_rules! hijacked {
    ($dollar:tt $($name:ident)*) => {$(
        #[allow(unused_macros, reason = "must not be used")]
        macro_rules! $name {
            ($dollar($dollar any:tt)*) => {
                ::core::compile_error!("a macro of the user's was used")
            };
        }
    )*};
}

mod hostile {
    #![no_implicit_prelude]
    #![allow(
        non_camel_case_types,
        non_upper_case_globals,
        reason = "names that collide are the point"
    )]

    use ::core::prelude::v1::derive;

    hijacked!($ format write concat stringify vec matches assert panic);

    pub(crate) struct Option;
    pub(crate) struct Result;
    pub(crate) struct Formatter;
    pub(crate) struct Some;
    pub(crate) struct Ok;
    pub(crate) struct str;
    pub(crate) struct f;
    pub(crate) struct field;
    pub(crate) struct out;
    pub(crate) struct builder;
    pub(crate) struct formatter;
    pub(crate) struct bool;
    pub(crate) trait Debug {}
    pub(crate) trait Redact {}
    pub(crate) const before: ::core::primitive::u8 = 0;
    pub(crate) const reveals: ::core::primitive::u8 = 0;
    pub(crate) const value: ::core::primitive::u8 = 0;
    pub(crate) mod core {}
    pub(crate) mod std {}
    pub(crate) mod irclog {}
    pub(crate) mod log {}
    pub(crate) mod __private {}

    pub(crate) fn hide(
        _: &::core::primitive::str,
        to: &mut ::core::fmt::Formatter<'_>,
    ) -> ::core::fmt::Result {
        to.write_str("***")
    }

    /// Has methods that could be mistaken for those of the derive.
    #[derive(::irclog::Redact)]
    pub(crate) struct Fields<'f, 'a, F, T, const N: ::core::primitive::usize> {
        #[redact(secret)]
        pub(crate) f: &'f ::core::primitive::u8,
        #[redact(secret, label = "key")]
        pub(crate) fmt: F,
        pub(crate) self_: T,
        pub(crate) r#type: [::core::primitive::u16; N],
        pub(crate) formatter: ::core::primitive::i64,
        pub(crate) builder: ::core::primitive::i64,
        pub(crate) before: ::core::primitive::i64,
        pub(crate) __formatter: ::core::primitive::i64,
        #[redact(keep(first = 1))]
        pub(crate) masked: &'a ::core::primitive::str,
        #[redact(token)]
        pub(crate) value: &'a ::core::primitive::str,
        #[redact(public)]
        pub(crate) public: &'a ::core::primitive::str,
        #[redact(clear)]
        pub(crate) clear: &'a ::core::primitive::str,
        #[redact(skip)]
        pub(crate) skip: Option,
        #[redact(with = hide)]
        pub(crate) with: &'a ::core::primitive::str,
        #[redact(secret, local)]
        pub(crate) reveals: ::core::primitive::u8,
    }

    #[derive(::irclog::Redact)]
    pub(crate) enum Variants<T> {
        Unit,
        Debug(T, #[redact(keep(last = 1), local)] ::core::primitive::u64),
        Named {
            f: ::core::primitive::u8,
            fmt: ::core::primitive::u8,
            field: ::core::primitive::u8,
            self_: ::core::primitive::u8,
        },
        #[redact(name)]
        Result(Result),
    }
}

/// Documented and public, as in a library.
pub mod library {
    #![deny(clippy::absolute_paths, clippy::allow_attributes)]

    use irclog::Redact;

    /// A public type.
    #[derive(Redact)]
    #[non_exhaustive]
    pub struct Settlement<T> {
        /// Who pays.
        #[redact]
        pub payer: String,
        /// How much.
        pub amount: u64,
        /// A type that is more private than this one.
        inner: Inner<T>,
    }

    #[derive(Redact)]
    struct Inner<T>(T);

    impl<T> Settlement<T> {
        /// Makes one.
        pub const fn new(payer: String, amount: u64, inner: T) -> Self {
            Self {
                payer,
                amount,
                inner: Inner(inner),
            }
        }
    }

    /// Deprecated, but derived.
    #[deprecated = "of another time"]
    #[derive(Redact)]
    pub struct Old(#[redact] pub String);

    /// Derived within a function.
    #[must_use]
    pub fn local_type() -> String {
        #[derive(Redact)]
        struct Local<'a>(#[redact] &'a str, u8);
        format!("{:?}", Local("canary", 1))
    }
}

#[test]
fn names_of_the_user_do_not_matter() {
    let fields = hostile::Fields::<_, _, 1> {
        f: &1,
        fmt: "canary",
        self_: 2_u8,
        r#type: [3],
        formatter: 4,
        builder: 5,
        before: 6,
        __formatter: 7,
        masked: "abc",
        value: "v",
        public: "p",
        clear: "c",
        skip: hostile::Option,
        with: "canary",
        reveals: 8,
    };
    let printed = format!("{fields:?}");
    assert!(printed.starts_with(
        "Fields { f: [redacted], fmt: [redacted key], self_: 2, type: [3], formatter: 4, \
         builder: 5, before: 6, __formatter: 7, masked: a…, value: token:"
    ));
    assert!(printed.ends_with(", public: \"p\", clear: \"c\", with: ***, reveals: [redacted] }"));

    let variants = [
        hostile::Variants::Unit,
        hostile::Variants::Debug(1_u16, 23),
        hostile::Variants::Named {
            f: 1,
            fmt: 2,
            field: 3,
            self_: 4,
        },
        hostile::Variants::Result(hostile::Result),
    ];
    assert_eq!(
        format!("{variants:?}"),
        "[Unit, Debug(1, …3), Named { f: 1, fmt: 2, field: 3, self_: 4 }, [redacted]]"
    );
}

#[test]
fn a_library_may_derive() {
    let settlement = library::Settlement::new("canary".to_owned(), 1, 2_u64);
    assert_eq!(
        format!("{settlement:?}"),
        "Settlement { payer: [redacted], amount: 1, inner: Inner(2) }"
    );
    assert_eq!(library::local_type(), "Local([redacted], 1)");
}
