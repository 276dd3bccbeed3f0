//! What `#[derive(Redact)]` prints: the shape of std's `Debug`, with each
//! field as it was decided.

#![allow(
    dead_code,
    reason = "fields that are hidden are never read: that is what is tested"
)]

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use irclog::{Redact, Secret};

/// The same type twice: once derived by std, once by us with nothing hidden.
macro_rules! twins {
    ($($item:item)*) => {
        mod by_std {
            #[allow(unused_imports)]
            use super::*;
            $(#[derive(Debug)] $item)*
        }
        mod by_us {
            #[allow(unused_imports)]
            use super::*;
            $(#[derive(Redact)] $item)*
        }
    };
}

twins! {
    pub(crate) struct Unit;
    pub(crate) struct EmptyNamed {}
    pub(crate) struct EmptyTuple();
    pub(crate) struct Tuple(pub(crate) u8, pub(crate) f64);
    pub(crate) struct Named { pub(crate) id: u64, pub(crate) r#type: bool, pub(crate) pause: Duration }
    pub(crate) struct Generic<'a, T, const N: usize> { pub(crate) list: [T; N], pub(crate) one: &'a T }
    pub(crate) enum Kind {
        Unit,
        Tuple(i8, char),
        Named { f: u8, fmt: u16, self_: u32, formatter: i32, builder: i64 },
        #[allow(non_camel_case_types)]
        r#async,
        #[cfg(any())]
        Never(NoSuchType),
    }
    pub(crate) enum Never {}
    #[repr(C, packed)]
    pub(crate) struct Packed { pub(crate) a: u8, pub(crate) b: u32 }
    pub(crate) struct Unsized<T: ?Sized> { pub(crate) len: u8, pub(crate) tail: T }
}

macro_rules! same_as_std {
    ($ty:ident => $($value:expr),* $(,)?) => {{
        let by_std = { use by_std::$ty; [$(format!("{0:?} {0:#?} {0:5?} {0:#x?}", $value)),*] };
        let by_us = { use by_us::$ty; [$(format!("{0:?} {0:#?} {0:5?} {0:#x?}", $value)),*] };
        assert_eq!(by_us, by_std);
    }};
}

#[test]
fn the_shape_is_that_of_std() {
    same_as_std!(Unit => Unit, Some(Unit), vec![Unit]);
    same_as_std!(EmptyNamed => EmptyNamed {});
    same_as_std!(EmptyTuple => EmptyTuple());
    same_as_std!(Tuple => Tuple(255, 1.5), [Tuple(1, -0.0), Tuple(2, f64::NAN)]);
    same_as_std!(Named => Named { id: 255, r#type: true, pause: Duration::from_millis(1500) });
    same_as_std!(Generic => Generic { list: [1_u16, 2], one: &3 });
    same_as_std!(Kind =>
        Kind::Unit,
        Kind::Tuple(-1, '\n'),
        Kind::Named { f: 1, fmt: 2, self_: 3, formatter: 4, builder: 5 },
        Some(Box::new(Kind::r#async)),
    );
    same_as_std!(Packed => Packed { a: 1, b: 2 });
    same_as_std!(Unsized => {
        let sized = Unsized { len: 2, tail: [1_u32, 2] };
        let _: &Unsized<[u32]> = &sized;
        sized
    });
    let unsized_: &by_us::Unsized<[u32]> = &by_us::Unsized { len: 1, tail: [7] };
    assert_eq!(format!("{unsized_:?}"), "Unsized { len: 1, tail: [7] }");
}

/// Has neither `Debug` nor `Display`.
struct Opaque;

/// A foreign type that can only be displayed.
#[derive(Clone)]
struct Address(&'static str);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

const ADDRESS: &str = "0x52908400098527886E0F7030069857D2E4169EE7";

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the derive passes references"
)]
fn rounded(amount: &u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "about {}", amount / 1000 * 1000)
}

#[derive(Redact)]
struct EveryMode {
    #[redact]
    alone: Opaque,
    #[redact(secret)]
    secret: Option<Vec<Opaque>>,
    #[redact(secret, label = "api-key")]
    labelled: &'static str,
    #[redact(keep(first = 6, last = 4))]
    payer: Address,
    #[redact(keep(first = 6))]
    payers: Vec<Address>,
    #[redact(keep(last = 4))]
    signature: Option<[u8; 65]>,
    #[redact(public)]
    tx: String,
    #[redact(clear)]
    memo: Vec<u8>,
    #[redact(skip)]
    skipped: Opaque,
    #[redact(with = rounded)]
    amount: u64,
    #[redact(secret, local)]
    user: String,
    plain: u64,
}

fn every_mode() -> EveryMode {
    EveryMode {
        alone: Opaque,
        secret: None,
        labelled: "canary",
        payer: Address(ADDRESS),
        payers: vec![Address(ADDRESS), Address("0x52908400")],
        signature: Some([0xab; 65]),
        tx: "0x5c50".to_owned(),
        memo: vec![1, 2],
        skipped: Opaque,
        amount: 12_345,
        user: "canary".to_owned(),
        plain: 7,
    }
}

#[test]
fn every_mode_in_one_line() {
    assert_eq!(
        format!("{:?}", every_mode()),
        "EveryMode { alone: [redacted], secret: [redacted], labelled: [redacted api-key], \
         payer: 0x5290…9EE7, payers: [0x5290…, [redacted]], signature: Some(…abab), \
         tx: \"0x5c50\", memo: [1, 2], amount: about 12000, user: [redacted], plain: 7 }"
    );
}

#[test]
fn every_mode_in_many_lines() {
    let pretty = format!("{:#?}", every_mode());
    assert!(pretty.starts_with(
        "EveryMode {\n    alone: [redacted],\n    secret: [redacted],\n    \
         labelled: [redacted api-key],\n    payer: 0x5290…9EE7,\n    payers: [\n        0x5290…,\n"
    ));
    assert!(!pretty.contains("canary"));
}

#[test]
fn width_precision_and_hex_flags_change_nothing_hidden() {
    let every = every_mode();
    for printed in [
        format!("{every:200?}"),
        format!("{every:.3?}"),
        format!("{every:>80.1?}"),
        format!("{every:x?}"),
        format!("{every:+010?}"),
    ] {
        assert!(printed.contains("alone: [redacted], secret: [redacted], "));
        assert!(printed.contains("payer: 0x5290…9EE7,"), "{printed}");
        assert!(!printed.contains("canary"), "{printed}");
    }
}

#[derive(Redact)]
enum Payload {
    Evm {
        #[redact(keep(first = 4, last = 4))]
        payer: &'static str,
        value: u64,
    },
    Solana(#[redact] Opaque, u8),
    #[redact(name)]
    Internal {
        note: String,
    },
    #[redact(name)]
    Test(Opaque),
}

#[test]
fn variants_are_shown_or_hidden_whole() {
    let evm = Payload::Evm {
        payer: ADDRESS,
        value: 5,
    };
    assert_eq!(format!("{evm:?}"), "Evm { payer: 0x52…9EE7, value: 5 }");
    assert_eq!(
        format!("{:?}", Payload::Solana(Opaque, 1)),
        "Solana([redacted], 1)"
    );
    let internal = Payload::Internal {
        note: "canary".to_owned(),
    };
    assert_eq!(format!("{internal:?}"), "[redacted]");
    assert_eq!(
        format!("{internal:#?}"),
        format!("{:#?}", Payload::Test(Opaque))
    );
}

#[derive(Redact)]
#[redact(all = secret)]
struct AllSecret {
    number: u64,
    opaque: Opaque,
    #[redact(clear)]
    shown: u8,
}

#[derive(Redact)]
#[redact(default = clear)]
enum DefaultClear {
    A {
        text: String,
        bytes: [u8; 2],
        #[redact]
        key: String,
    },
}

#[test]
fn the_type_decides_for_fields_that_do_not() {
    let all = AllSecret {
        number: 1,
        opaque: Opaque,
        shown: 2,
    };
    assert_eq!(
        format!("{all:?}"),
        "AllSecret { number: [redacted], opaque: [redacted], shown: 2 }"
    );
    let clear = DefaultClear::A {
        text: "a".to_owned(),
        bytes: [1, 2],
        key: "canary".to_owned(),
    };
    assert_eq!(
        format!("{clear:?}"),
        "A { text: \"a\", bytes: [1, 2], key: [redacted] }"
    );
}

mod renamed {
    pub(crate) mod inner {
        pub(crate) use ::irclog as logs;
    }
}

#[derive(Redact)]
#[redact(crate = "renamed::inner::logs")]
struct Renamed(#[redact] u8);

#[test]
fn the_crate_may_have_another_name() {
    assert_eq!(format!("{:?}", Renamed(1)), "Renamed([redacted])");
}

trait Chain {
    type Address;
}

struct Base;

impl Chain for Base {
    type Address = u32;
}

/// Each parameter is used in its own way; none of the arguments in the test
/// has more than the bounds that the field needs.
#[derive(Redact)]
#[allow(clippy::type_complexity, reason = "so many parameters in one field")]
struct Bounds<'a, S, P, T: ?Sized, L, M, C: Chain, K, D, const N: usize> {
    #[redact]
    secret: Vec<S>,
    phantom: PhantomData<P>,
    bare: &'a T,
    list: Vec<L>,
    optional: Option<M>,
    address: C::Address,
    also: <C as Chain>::Address,
    wrapped: Secret<S>,
    #[redact(keep(first = 1))]
    kept: Option<K>,
    #[redact(clear)]
    clear: [D; N],
    next: Option<Box<Bounds<'a, S, P, T, L, M, C, K, D, N>>>,
}

#[test]
fn generic_parameters_get_the_bounds_they_need() {
    let bounds = Bounds::<Opaque, Opaque, [u32], u16, u8, Base, Address, &str, 1> {
        secret: vec![Opaque],
        phantom: PhantomData,
        bare: &[1],
        list: vec![2],
        optional: Some(3),
        address: 4,
        also: 5,
        wrapped: Secret::new(Opaque),
        kept: Some(Address("abc")),
        clear: ["d"],
        next: None,
    };
    let phantom = format!("{:?}", PhantomData::<Opaque>);
    assert_eq!(
        format!("{bounds:?}"),
        format!(
            "Bounds {{ secret: [redacted], phantom: {phantom}, bare: [1], list: [2], \
             optional: Some(3), address: 4, also: 5, wrapped: [redacted], kept: Some(a…), \
             clear: [\"d\"], next: None }}"
        )
    );
}

#[derive(Redact)]
struct Hides<T>(#[redact] T);

/// It is inferred that `T` must be `Redact`; here it need not be.
#[derive(Redact)]
#[redact(bound = "")]
struct Envelope<T>(Hides<T>, u8);

#[test]
fn bounds_can_be_given() {
    assert_eq!(
        format!("{:?}", Envelope(Hides(Opaque), 1)),
        "Envelope(Hides([redacted]), 1)"
    );
}

#[derive(Redact)]
struct Bag {
    labels: BTreeMap<u16, Option<Labelled>>,
    any: Box<dyn Tagged>,
}

#[derive(Redact, Clone)]
struct Labelled(
    #[redact(token)] &'static str,
    #[redact(token, domain = "who")] &'static str,
);

#[derive(Redact)]
struct Other(
    #[redact(token)] &'static str,
    #[redact(token, domain = "who")] String,
);

trait Tagged: Redact {}

impl Tagged for Labelled {}

#[test]
fn tokens_are_equal_for_equal_values_of_one_domain_only() {
    let parts = |text: String| -> Vec<String> {
        text.split(['(', ')', ',', ' '])
            .filter(|part| part.starts_with("token:"))
            .map(str::to_owned)
            .collect()
    };
    let ann = parts(format!("{:?}", Labelled("ann", "ann")));
    let bob = parts(format!("{:?}", Labelled("bob", "bob")));
    let other = parts(format!("{:?}", Other("ann", "ann".to_owned())));
    assert_eq!(ann, parts(format!("{:?}", Labelled("ann", "ann"))));
    assert!(ann[0] != ann[1] && ann[0] != bob[0] && ann[1] != bob[1]);
    assert_ne!(ann[0], other[0]);
    assert_eq!(ann[1], other[1]);

    let bag = Bag {
        labels: BTreeMap::from([(1, Some(Labelled("ann", "ann")))]),
        any: Box::new(Labelled("ann", "ann")),
    };
    let inside = parts(format!("{bag:?}"));
    assert_eq!(inside, [ann.clone(), ann].concat());
}
