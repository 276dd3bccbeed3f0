//! A field whose type does not say what it is must be decided.

use std::collections::HashMap;

use irclog::Redact;

type Key = [u8; 32];

struct Foreign;

#[derive(Redact)]
struct Undecided {
    text: String,
    deep: Option<Vec<String>>,
    array: [u8; 32],
    alias: Key,
    bytes: Box<Vec<u8>>,
    map: HashMap<u64, &'static str>,
    foreign: Foreign,
    amount: u64,
}

#[derive(Redact)]
enum Payload {
    Evm { payer: String, value: u64 },
    Raw(Vec<u8>),
}

#[derive(Redact)]
struct Generic<T>(T);

#[derive(Redact)]
struct Mixed<T>(T, String);

fn main() {
    println!("{:?}", Generic(String::new()));
    println!("{:?}", Generic(vec![1_u8]));
}
