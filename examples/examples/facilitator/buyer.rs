//! Somebody who pays, over HTTP: what the facilitator is asked when nobody
//! else asks.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What the buyer sends and nobody else may see.
pub(crate) const SECRETS: [&str; 2] = [SIGNATURE, NONCE];

const SIGNATURE: &str = "4f2d8c6b1a907e5d3c4b2a19f8e7d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b\
                         5a4938271605f4e3d2c1b0a99887766554433221100ffeeddccbbaa9988776651b";
const NONCE: &str = "9c3b5e7f1a2d4c6b8e0f1a3c5d7e9b2f4a6c8d0e1f3b5a7c9d2e4f6a8b0c1d3e";
const SELLER: &str = "0x7d3a9c5b1e8f2046d1c9b8a7f6e5d4c3b2a19087";
const BUYER: &str = "0x2c3e6f8a9b1d4e5f60718293a4b5c6d7e8f90a1b";
/// The year 2100, in seconds since 1970.
const FAR_AWAY: u64 = 4_102_444_800;

/// Asks for everything that goes well and that goes wrong, once, and what the
/// load balancer asks all the time.
///
/// # Errors
///
/// When the facilitator cannot be reached, or answers other than it should.
pub(crate) fn visit(address: &str) -> Result<(), String> {
    let buyer = Buyer {
        agent: ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent(),
        address: address.to_owned(),
    };
    buyer.get("/supported", 200)?;
    buyer.get("/health", 200)?;
    buyer.post("/verify", &payment("base", 10_000, 1), 200)?;
    buyer.post("/settle", &payment("base", 10_000, 1), 200)?;
    buyer.get("/health", 200)?;
    buyer.post("/verify", &payment("base", 10, 2), 200)?;
    buyer.post("/settle", &payment("base", 10_000, 1), 500)?;
    buyer.get("/health", 200)?;
    buyer.post("/settle", &payment("avalanche", 10_000, 3), 500)?;
    let torn = payment("base", 10_000, 4).replacen("\"paymentRequirements\"", "\"terms\"", 1);
    buyer.post("/verify", &torn, 400)?;
    buyer.get("/health", 200)?;
    buyer.post("/settle", &payment("base-sepolia", 20_000, 5), 200)
}

struct Buyer {
    agent: ureq::Agent,
    address: String,
}

impl Buyer {
    fn get(&self, path: &str, expected: u16) -> Result<(), String> {
        let url = format!("{}{path}", self.address);
        let answer = self.agent.get(&url).call();
        check(path, answer, expected)
    }

    fn post(&self, path: &str, body: &str, expected: u16) -> Result<(), String> {
        let url = format!("{}{path}", self.address);
        let request = self
            .agent
            .post(&url)
            .header("content-type", "application/json");
        check(path, request.send(body), expected)
    }
}

fn check(
    path: &str,
    answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    expected: u16,
) -> Result<(), String> {
    pause();
    let status = answer.map_err(|error| format!("{path}: {error}"))?.status();
    if status.as_u16() == expected {
        Ok(())
    } else {
        Err(format!("{path} answers {status} instead of {expected}"))
    }
}

/// A payment of so many millionths of a USDC for something that costs 10,000
/// of them. Equal numbers are the same payment.
fn payment(network: &str, value: u64, number: u8) -> String {
    let body: Value = json!({
        "x402Version": 1,
        "paymentPayload": {
            "x402Version": 1,
            "scheme": "exact",
            "network": network,
            "payload": {
                "signature": format!("0x{SIGNATURE}"),
                "authorization": {
                    "from": BUYER,
                    "to": SELLER,
                    "value": value.to_string(),
                    "validAfter": "0",
                    "validBefore": FAR_AWAY,
                    "nonce": format!("0x{NONCE}{number}"),
                },
            },
        },
        "paymentRequirements": {
            "scheme": "exact",
            "network": network,
            "maxAmountRequired": "10000",
            "payTo": SELLER,
            "resource": "https://seller.example/hello",
        },
    });
    body.to_string()
}

#[allow(
    clippy::disallowed_methods,
    reason = "people watch; requests come one after the other"
)]
fn pause() {
    thread::sleep(Duration::from_millis(700));
}
