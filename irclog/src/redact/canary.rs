//! One secret, logged in every way that came to mind: in the message and in
//! key-values, through containers, errors, panics and nested log calls. It
//! never appears, whoever formats the record.

#![allow(
    dead_code,
    reason = "fields that are hidden are never read: that is what is tested"
)]

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use log::kv::{Key, ToValue, Value, VisitSource};
use log::{LevelFilter, Log, Metadata, Record, info};

use super::audience::{Audience, capture, with_audience};
use crate::{Keep, Public, Redact, Secret, Token};

const CANARY: &str = "canary7f3a9c";

/// Formats each record for the channel, for a local console and as a logger
/// that knows nothing of us would.
#[derive(Default)]
struct Everywhere {
    channel: Mutex<Vec<String>>,
    local: Mutex<Vec<String>>,
    foreign: Mutex<Vec<String>>,
}

impl Log for Everywhere {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        for (audience, lines) in [
            (Audience::Channel, &self.channel),
            (Audience::Local, &self.local),
        ] {
            let (mut text, mut public) = (String::new(), Vec::new());
            capture(&mut text, &mut public, usize::MAX, audience, |out| {
                write_record(out, record)
            });
            lines.lock().expect("not poisoned").push(text);
        }
        let mut text = String::new();
        with_audience(Audience::Local, || write_record(&mut text, record))
            .expect("a string can be written to");
        self.foreign.lock().expect("not poisoned").push(text);
    }

    fn flush(&self) {}
}

fn write_record(out: &mut dyn fmt::Write, record: &Record<'_>) -> fmt::Result {
    struct Pairs<'a>(&'a mut dyn fmt::Write);

    impl<'kvs> VisitSource<'kvs> for Pairs<'_> {
        fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), log::kv::Error> {
            let owned = value.to_string();
            write!(self.0, " {key}={value} {value:?} {value:#?} {owned}")?;
            Ok(())
        }
    }

    write!(out, "{}", record.args())?;
    record
        .key_values()
        .visit(&mut Pairs(out))
        .map_err(|_| fmt::Error)
}

#[derive(Redact, Clone)]
struct Payment {
    #[redact]
    key: String,
    #[redact(secret, label = "api-key")]
    bytes: Vec<u8>,
    #[redact(keep(first = 2))]
    kept: String,
    #[redact(token)]
    customer: String,
    #[redact(skip)]
    skipped: String,
    #[redact(with = hide)]
    with: String,
    wrapped: Secret<String>,
    amount: u64,
}

#[derive(Redact)]
enum Payload {
    Evm(#[redact] String, Payment),
    #[redact(name)]
    Internal(String),
}

fn hide(_: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("***")
}

fn payment() -> Payment {
    Payment {
        key: CANARY.to_owned(),
        bytes: CANARY.into(),
        kept: CANARY.to_owned(),
        customer: CANARY.to_owned(),
        skipped: CANARY.to_owned(),
        with: CANARY.to_owned(),
        wrapped: Secret::new(CANARY.to_owned()),
        amount: 42,
    }
}

/// An error whose `Display` and `Debug` both print the payment, and whose
/// source does so too.
#[derive(Debug)]
struct Failed(Payment, Option<Box<Failed>>);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed: {:?} {}", self.0, format_args!("{:#?}", self.0))
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

/// Logs while it is displayed.
struct Logs<'a>(&'a Everywhere, Payment);

impl fmt::Display for Logs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        info!(logger: self.0, "inner {:?}", self.1);
        let nested = format!("{:?}", self.1);
        write!(f, "outer {:?} {nested}", self.1)
    }
}

struct Panics(Payment);

impl fmt::Display for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)?;
        panic!("{:?}", self.0)
    }
}

#[test]
fn the_canary_never_appears() {
    log::set_max_level(LevelFilter::Trace);
    let everywhere = Everywhere::default();
    let logger = &everywhere;
    let p = payment();
    let secret = Secret::new(CANARY);
    let mut ways = 0;
    macro_rules! log_each {
        ($({ $($arg:tt)+ })*) => {
            $( info!(logger: logger, $($arg)+); ways += 1; )*
        };
    }
    log_each! {
        { "{p:?}" }
        { "{p:#?}" }
        { "{p:200.3?}" }
        { "{:x?}", p }
        { "{:?}", &p }
        { "{:?}", Some(&p) }
        { "{:?}", vec![p.clone(), p.clone()] }
        { "{:?}", [Some(Box::new(p.clone()))] }
        { "{:#?}", HashMap::from([(1, p.clone())]) }
        { "{:?}", BTreeMap::from([("a", Arc::new(Mutex::new(p.clone())))]) }
        { "{:?}", Payload::Evm(CANARY.to_owned(), p.clone()) }
        { "{:?}", Payload::Internal(CANARY.to_owned()) }
        { "{secret}" }
        { "{secret:?}" }
        { "{secret:>20.4}" }
        { "{:?}", Some(vec![secret; 3]) }
        { "{:?}", Secret::new(CANARY.as_bytes()) }
        { "{}", Token(CANARY) }
        { "{:?}", Token(CANARY) }
        { "{}", Keep::new(CANARY).first(3).last(2) }
        { "{:?}", Public(&p) }
        { "{}", format!("{p:?} {secret}") }
        { "{}", format_args!("{p:?} {secret}") }
        { "{}", Failed(p.clone(), None) }
        { "{:?}", Failed(p.clone(), Some(Box::new(Failed(p.clone(), None)))) }
        { "{:#}", Box::<dyn Error>::from(Failed(p.clone(), None)) }
        { "{}", Logs(logger, p.clone()) }
        { payment:? = p; "kv" }
        { payment = p; "kv" }
        { payment = &p; "kv" }
        { secret = secret; "kv" }
        { secret:% = secret, secret:? = secret; "kv" }
        { token = Token(CANARY), keep = Keep::new(CANARY).first(3); "kv" }
        { list:? = vec![Some(&p)]; "kv" }
        { error:% = Failed(p.clone(), None), debug:? = Failed(p.clone(), None); "kv" }
        { value = p.to_value(); "kv" }
        { payload = Payload::Evm(CANARY.to_owned(), p.clone()); "{p:?}" }
    }
    assert!(ways >= 30);
    for _ in 0..2 {
        let panics = Panics(p.clone());
        let caught = catch_unwind(AssertUnwindSafe(|| info!(logger: logger, "{panics}")))
            .expect_err("the Display panics");
        let message = caught
            .downcast_ref::<String>()
            .expect("a formatted message");
        assert!(!message.contains("canary"), "{message}");
    }
    info!(logger: logger, "after the panic {p:?}");

    for (name, lines) in [
        ("channel", everywhere.channel),
        ("local console", everywhere.local),
        ("foreign logger", everywhere.foreign),
    ] {
        let lines = lines.into_inner().expect("not poisoned");
        assert!(lines.len() > ways, "{name}: {}", lines.len());
        for line in &lines {
            assert!(!line.contains("canary"), "{name}: {line}");
            // As a list of bytes, decimal or hexadecimal.
            assert!(!line.contains("99, 97, 110"), "{name}: {line}");
            assert!(!line.contains("63616e"), "{name}: {line}");
            let redacted = ["[redacted", "token:", "can…"];
            assert!(
                redacted.iter().any(|mark| line.contains(mark)),
                "{name}: {line}"
            );
        }
        assert!(
            lines
                .iter()
                .filter(|line| line.contains("amount: 42"))
                .count()
                > 15
        );
    }
}

#[test]
fn public_key_values_are_public_ranges() {
    let (mut text, mut public) = (String::new(), Vec::new());
    let tx = Public("0xab");
    let mut write = |value: &Value<'_>| {
        capture(&mut text, &mut public, 1000, Audience::Channel, |out| {
            write!(out, "{value} ")
        });
    };
    write(&tx.to_value());
    write(&Value::from_debug(&tx));
    write(&Token(1).to_value());
    let shown: Vec<_> = public.iter().map(|range| &text[range.clone()]).collect();
    assert_eq!(shown, ["0xab", "\"0xab\"", &Token(1).to_string()]);
}
