//! What `#[derive(Redact)]` prints.

use irclog::{Redact, Secret};
use std::collections::HashMap;

#[derive(Redact)]
struct Settlement {
    #[redact(secret)]
    key: [u8; 32],
    #[redact(keep(first = 6, last = 4))]
    payer: String,
    #[redact(token)]
    customer: Option<String>,
    #[redact(public)]
    tx: String,
    #[redact(clear)]
    memo: String,
    #[redact]
    password: Option<Vec<String>>,
    #[redact(skip)]
    hidden: String,
    #[redact(secret, label = "api-key")]
    api: String,
    #[redact(secret, local)]
    debt: u8,
    amount: u64,
    inner: Secret<String>,
    r#type: Vec<HashMap<u64, Option<bool>>>,
}

#[test]
fn settlement() {
    let s = Settlement {
        key: [7; 32],
        payer: "0x52908400098527886E0F7030069857D2E4169EE7".into(),
        customer: Some("ann".into()),
        tx: "0xabc".into(),
        memo: "hello\n".into(),
        password: None,
        hidden: "x".into(),
        api: "k".into(),
        debt: 3,
        amount: 5,
        inner: Secret::new("s".into()),
        r#type: vec![],
    };
    println!("{s:?}\n{s:#?}");
    let _ = (s.key, s.hidden, s.api, s.password, s.debt);
}
