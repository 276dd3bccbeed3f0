//! What was decided holds in every container, and a container says what it is
//! exactly if its content does.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt::Debug;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use irclog::redact::Element;
use irclog::{Keep, Public, Redact, Secret, Token};

const CANARY: &str = "canary-7f3a";

#[derive(Redact, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Payer {
    #[redact]
    name: String,
    id: u32,
}

fn payer() -> Payer {
    Payer {
        name: CANARY.to_owned(),
        id: 42,
    }
}

type Alias<T> = Option<T>;
type Renamed = Alias<Vec<Payer>>;

trait Party: Element {
    fn name(&self) -> &str;
}

impl Party for Payer {
    fn name(&self) -> &str {
        &self.name
    }
}

fn party() -> Box<dyn Party> {
    let party = Box::new(payer());
    assert_eq!(party.name(), CANARY);
    party
}

#[derive(Redact)]
struct Outer<T>(T);

/// The bound is half of the test.
fn hides<T: Redact>(what: &str, value: T) {
    for printed in [
        format!("{value:?}"),
        format!("{value:#?}"),
        format!("{:5.1?}", &value),
    ] {
        assert!(!printed.contains("canary"), "{what}: {printed}");
        assert!(printed.contains("name: [redacted]"), "{what}: {printed}");
        assert!(printed.contains("42"), "{what}: {printed}");
    }
    // And once more inside of a derived type.
    let printed = format!("{:?}", Outer(value));
    assert!(!printed.contains("canary"), "{what}: {printed}");
}

macro_rules! table {
    ($($value:expr),* $(,)?) => {
        $( hides(stringify!($value), $value); )*
    };
}

#[test]
fn in_every_container() {
    let borrowed = payer();
    let mut changed = payer();
    let mutex = Mutex::new(payer());
    table![
        payer(),
        Some(payer()),
        Ok::<_, u8>(payer()),
        Err::<u8, _>(payer()),
        Alias::Some(payer()),
        Renamed::Some(vec![payer()]),
        vec![payer()],
        [payer()],
        Box::<[Payer]>::from([payer()]),
        VecDeque::from([payer()]),
        LinkedList::from([payer()]),
        BinaryHeap::from([payer()]),
        BTreeSet::from([payer()]),
        HashSet::from([payer()]),
        HashMap::from([(payer(), 1_u64)]),
        HashMap::from([(1_u64, payer())]),
        BTreeMap::from([(payer(), Some(payer()))]),
        Box::new(payer()),
        Rc::new(payer()),
        Arc::new(payer()),
        Pin::new(&borrowed),
        &borrowed,
        &mut changed,
        &&borrowed,
        Cow::Borrowed(&borrowed),
        Cow::<'_, Payer>::Owned(payer()),
        vec![Cow::Borrowed(&borrowed)],
        RefCell::new(payer()),
        Mutex::new(payer()),
        RwLock::new(payer()),
        mutex.lock().expect("nobody panicked"),
        OnceCell::from(payer()),
        OnceLock::from(payer()),
        Reverse(payer()),
        (1_u8, payer()),
        payer()..payer(),
        party(),
        vec![Some(party())],
        Box::new(payer()) as Box<dyn Redact>,
        Arc::new(payer()) as Arc<dyn Redact + Send + Sync>,
        Public(payer()),
        Arc::new(Mutex::new(HashMap::from([(
            7_u16,
            vec![Some((payer(), true))]
        )]))),
    ];
}

/// The wrappers are `Redact` and may be in lists, so that they can be types
/// of fields.
#[derive(Redact)]
struct Fields<'a> {
    secret: Secret<String>,
    secrets: Vec<Secret<&'a [u8]>>,
    by_name: HashMap<u64, Secret<Vec<u8>>>,
    token: Option<Token<&'a str>>,
    tokens: [Token<u64>; 1],
    keep: Keep<&'a str>,
    public: Vec<Public<&'a str>>,
    cell: Cell<u8>,
    unsized_: &'a Secret<[u8]>,
}

#[test]
fn wrappers_are_types_of_fields() {
    let bytes = Secret::new(*b"canary");
    let fields = Fields {
        secret: Secret::new(CANARY.to_owned()),
        secrets: vec![Secret::new(CANARY.as_bytes())],
        by_name: HashMap::from([(1, Secret::new(CANARY.into()))]),
        token: Some(Token(CANARY)),
        tokens: [Token(1)],
        keep: Keep::new(CANARY).first(2),
        public: vec![Public("shown")],
        cell: Cell::new(3),
        unsized_: &bytes,
    };
    assert_eq!(fields.secret.expose(), CANARY);
    assert_eq!(fields.secrets[0].expose(), &CANARY.as_bytes());
    assert_eq!(
        format!("{fields:?}"),
        format!(
            "Fields {{ secret: [redacted], secrets: [[redacted]], by_name: {{1: [redacted]}}, \
             token: Some({}), tokens: [{}], keep: ca…, public: [\"shown\"], \
             cell: Cell {{ value: 3 }}, unsized_: [redacted] }}",
            Token(CANARY),
            Token(1)
        )
    );
}

#[test]
fn secrets_are_given_back_unchanged() {
    let mut secret = Secret::from(CANARY.to_owned());
    secret.expose_mut().push('!');
    let copy = secret.clone();
    assert_eq!(secret.into_exposed(), format!("{CANARY}!"));
    assert_eq!(copy.expose(), &format!("{CANARY}!"));
    assert_eq!(Keep::new(7).expose(), &7);
    let _: &dyn Debug = &Secret::<u8>::default();
}

/// Whether a type says for itself what it is: the inherent constant wins
/// where its bound is met.
struct Says<T: ?Sized>(std::marker::PhantomData<T>);

trait SaysNothing {
    const WHAT_IT_IS: bool = false;
}

impl<T: ?Sized> SaysNothing for Says<T> {}

impl<T: Redact + ?Sized> Says<T> {
    const WHAT_IT_IS: bool = true;
}

macro_rules! says {
    ($expected:literal: $($ty:ty),* $(,)?) => {
        $( assert_eq!(Says::<$ty>::WHAT_IT_IS, $expected, stringify!($ty)); )*
    };
}

#[test]
fn numbers_and_times_need_no_decision() {
    use std::num::NonZeroU8;
    use std::ops::Range;
    use std::time::{Duration, Instant, SystemTime};

    says![true:
        u8, i8, u16, i32, u64, u128, usize, f32, f64, bool, char, (), NonZeroU8,
        Option<u8>, (u8, char), Result<u8, u8>, Range<u8>, Cell<u8>, Mutex<u8>,
        Vec<u64>, [i32; 4], HashMap<u64, bool>, Vec<Option<(u16, f64)>>,
        Duration, Vec<Duration>, Instant, SystemTime, Option<Box<Arc<u64>>>,
        std::marker::PhantomData<String>, log::Level,
    ];
}

#[test]
fn text_bytes_and_foreign_types_must_be_decided() {
    type Key = [u8; 32];
    type Keys = HashMap<u64, Key>;

    struct Foreign;
    let _ = Foreign;

    says![false:
        str, String, &str, Box<str>, Arc<str>, Cow<'_, str>, Option<String>, Vec<String>,
        Option<Option<Vec<String>>>, HashMap<String, u64>, HashMap<u64, String>, (u8, String),
        Result<u8, String>, std::path::PathBuf, std::ffi::OsString, std::net::IpAddr,
        Foreign, Option<Foreign>, Box<dyn Debug>, Box<dyn std::error::Error>, std::io::Error,
    ];
    says![false:
        Key, Keys, [u8], &[u8], Vec<u8>, Box<[u8]>, Arc<[u8]>, Rc<Vec<u8>>, Cow<'_, [u8]>,
        VecDeque<u8>, LinkedList<u8>, HashSet<u8>, BTreeSet<u8>, BTreeMap<usize, u8>,
        [[u8; 4]; 8], Vec<Option<u8>>, Vec<(u8, u8)>, Vec<Box<u8>>, [std::num::Wrapping<u8>; 32],
        [std::num::NonZeroU8; 32], Vec<i8>, Vec<char>, [Cell<u8>; 32], Vec<&u8>,
        [std::sync::atomic::AtomicU8; 32], Vec<Reverse<u8>>, Mutex<Vec<u8>>, Pin<Box<[u8]>>,
    ];
}
