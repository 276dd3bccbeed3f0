//! README's first program.

use irclog::{Public, Redact};

#[derive(Redact)]
struct Payment {
    #[redact(secret)]
    signature: String,
    #[redact(keep(first = 6, last = 4))]
    payer: String,
    amount: u64,
}

fn main() {
    irclog::init();
    let payment = Payment {
        signature: "0x5eed77a8b0c4".into(),
        payer: "0x2C3E6F8A9B0d1e2F3a4B5c6D7e8F9a0B1c2D3e4F".into(),
        amount: 5,
    };
    log::info!("settled {payment:?}, tx {}", Public("0x7ba3c0de"));
}
