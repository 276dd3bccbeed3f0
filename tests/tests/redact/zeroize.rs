//! Wiping memory is composed with hiding.

use irclog::{Redact, Secret};
use zeroize::{Zeroize, Zeroizing};

#[derive(Redact)]
struct Signer {
    key: Secret<Zeroizing<String>>,
    chain: u64,
}

#[test]
fn a_secret_may_be_wiped() {
    let mut signer = Signer {
        key: Secret::new(Zeroizing::new("canary".to_owned())),
        chain: 8453,
    };
    assert_eq!(
        format!("{signer:?}"),
        "Signer { key: [redacted], chain: 8453 }"
    );
    assert_eq!(signer.chain, 8453);
    assert_eq!(signer.key.expose().as_str(), "canary");
    signer.key.expose_mut().zeroize();
    assert_eq!(signer.key.expose().as_str(), "");
}
