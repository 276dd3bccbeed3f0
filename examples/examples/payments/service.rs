//! The service: verifies and settles payments, and logs as services do, the
//! careless lines included.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use log::{error, info, warn};

/// Settlements in the storm, over four threads.
const STORM: u64 = 1_500;

/// A payment as the service holds it. Its `Debug` is the derive's: what is
/// not meant for others is not in it, on the console neither.
#[derive(irclog::Redact)]
struct Payment {
    id: u64,
    #[redact(keep(first = 6, last = 4))]
    payer: String,
    #[redact(token)]
    customer: String,
    #[redact(clear)]
    network: &'static str,
    amount_usdc: f64,
    #[redact(secret)]
    signature: String,
}

/// Where the service settles.
const NETWORKS: [&str; 3] = ["base", "base-sepolia", "avalanche"];

impl Payment {
    /// Why it cannot be settled, if so.
    fn flaw(&self) -> Option<&'static str> {
        if self.id == 0 || self.customer.is_empty() {
            Some("nobody ordered it")
        } else if !NETWORKS.contains(&self.network) {
            Some("the network is not served")
        } else if self.amount_usdc <= 0.0 {
            Some("the amount is not positive")
        } else if self.payer.len() != "0x".len() + 40 {
            Some("the payer is no address")
        } else if self.signature.len() != "0x".len() + 130 {
            Some("the signature is not 65 bytes long")
        } else {
            None
        }
    }
}

/// The service and the secrets that it is careless with.
pub(crate) struct Service {
    signing_key: String,
    rpc_url: String,
    api_key: String,
    session: String,
}

impl Service {
    pub(crate) fn new() -> Self {
        Self {
            signing_key: format!("0x{}", hex(64)),
            rpc_url: format!("https://base-mainnet.rpc.example/v2/{}", word(32)),
            api_key: format!("sk-proj-{}", word(40)),
            session: format!("eyJhbGciOiJIUzI1NiJ9.eyJ{}.{}", word(40), word(43)),
        }
    }

    /// What must not be seen in the channel.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let rpc_key = self.rpc_url.rsplit('/').next().unwrap_or_default();
        [&self.signing_key, rpc_key, &self.api_key, &self.session]
            .map(|secret| secret.trim_start_matches("0x").to_owned())
            .to_vec()
    }

    /// Works for about ten seconds.
    pub(crate) fn run(&self) {
        self.start_up();
        self.serve();
        storm();
        self.trouble();
        info!(target: "x402::server", "shutting down, {} payments settled", payments());
    }

    fn start_up(&self) {
        info!(target: "x402::server", "facilitator listening on 0.0.0.0:8080");
        info!(target: "x402::chain", "base connected rpc_url={}", self.rpc_url);
        warn!(
            target: "x402::config",
            "no key store: using the private key {} from the environment",
            self.signing_key
        );
        pause(1_500);
    }

    fn serve(&self) {
        for network in NETWORKS {
            let payment = payment(network);
            verify(&payment);
            pause(400);
            settled(&payment);
            pause(900);
        }
        let mut forged = payment("base");
        forged.signature.truncate(100);
        verify(&forged);
        pause(500);
        warn!(
            target: "x402::sellers",
            "the seller's model call failed: 401 for key {}",
            self.api_key
        );
        pause(800);
    }

    fn trouble(&self) {
        error!(
            target: "x402::chain",
            "eth_sendRawTransaction failed: error sending request for url ({}): 429 Too Many Requests",
            self.rpc_url
        );
        pause(500);
        for attempt in 2..=3 {
            warn!(
                target: "x402::settle",
                "0x{} is not confirmed yet, try {attempt} of 5 in {} ms",
                hex(64),
                200 << attempt
            );
            pause(600);
        }
        info!(target: "x402::auth", "session renewed, authorization: Bearer {}", self.session);
        pause(500);
        settled(&payment("base"));
        pause(500);
    }
}

/// Everybody buys at once; and one settlement fails in the middle of it.
fn storm() {
    thread::scope(|scope| {
        for number in 0..4 {
            scope.spawn(move || {
                for n in 0..STORM / 4 {
                    settled(&payment("base"));
                    if number == 0 && n == STORM / 8 {
                        error!(target: "x402::settle", "nonce too low: the next one is {n}");
                    }
                    if n % 50 == 0 {
                        pause(100);
                    }
                }
            });
        }
    });
    pause(1_500);
}

fn verify(payment: &Payment) {
    match payment.flaw() {
        None => info!(target: "x402::handlers", "verified {payment:?}"),
        Some(flaw) => warn!(target: "x402::handlers", "refused {payment:?}: {flaw}"),
    }
}

fn settled(payment: &Payment) {
    let tx = format!("0x{}", hex(64));
    info!(
        target: "x402::handlers",
        "Payment settled - TX: {} {payment:?}",
        irclog::Public(&tx)
    );
}

static PAYMENTS: AtomicU64 = AtomicU64::new(0);

fn payments() -> u64 {
    PAYMENTS.load(Ordering::Relaxed)
}

fn payment(network: &'static str) -> Payment {
    let id = PAYMENTS.fetch_add(1, Ordering::Relaxed) + 1;
    // Cents are small numbers: a float holds them exactly enough to print.
    let cents = u32::try_from(id * 7 % 500).unwrap_or_default();
    Payment {
        id,
        payer: format!("0x{}", hex(40)),
        customer: format!("customer-{}", id % 7),
        network,
        amount_usdc: f64::from(cents + 1) / 100.0,
        signature: format!("0x{}", hex(130)),
    }
}

/// Made-up hexadecimal digits.
fn hex(count: usize) -> String {
    draw(count, b"0123456789abcdef")
}

/// A made-up word of letters and digits.
fn word(count: usize) -> String {
    draw(
        count,
        b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789",
    )
}

fn draw(count: usize, letters: &[u8]) -> String {
    static DRAWN: AtomicU64 = AtomicU64::new(1);
    (0..count)
        .map(|_| {
            let n = DRAWN.fetch_add(1, Ordering::Relaxed);
            // SplitMix64's finaliser: well mixed, and the same in every run.
            let n = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let at = usize::try_from((n ^ (n >> 31)) >> 33).unwrap_or_default();
            char::from(letters[at % letters.len()])
        })
        .collect()
}

#[allow(
    clippy::disallowed_methods,
    reason = "people watch this service work; it has to take its time"
)]
fn pause(milliseconds: u64) {
    thread::sleep(Duration::from_millis(milliseconds));
}
