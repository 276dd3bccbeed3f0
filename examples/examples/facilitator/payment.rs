//! A payment as it comes over HTTP, and what of it others may read.

use std::fmt;

use irclog::{Keep, Redact};
use serde::Deserialize;

/// The body of `/verify` and `/settle`.
#[derive(Redact, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pub(crate) payment_payload: Payload,
    pub(crate) payment_requirements: Requirements,
}

#[derive(Redact, Deserialize)]
pub(crate) struct Payload {
    #[redact(clear)]
    pub(crate) network: String,
    pub(crate) payload: Exact,
}

/// The scheme "exact": an EIP-3009 authorization and its signature. Who holds
/// both can move the money.
#[derive(Redact, Deserialize)]
pub(crate) struct Exact {
    #[redact(secret)]
    pub(crate) signature: String,
    pub(crate) authorization: Authorization,
}

#[derive(Redact, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Authorization {
    #[redact(keep(first = 6, last = 4))]
    pub(crate) from: String,
    #[redact(keep(first = 6, last = 4))]
    pub(crate) to: String,
    /// In millionths of a USDC.
    #[redact(clear)]
    pub(crate) value: String,
    /// Seconds since 1970.
    pub(crate) valid_before: u64,
    #[redact(secret)]
    pub(crate) nonce: String,
}

#[derive(Redact, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Requirements {
    #[redact(clear)]
    pub(crate) max_amount_required: String,
    #[redact(keep(first = 6, last = 4))]
    pub(crate) pay_to: String,
    #[redact(clear)]
    pub(crate) resource: String,
}

/// A payment in words, for the log: `0.01 USDC on base, 0x12…ab to 0x34…cd`.
pub(crate) struct Terms<'a>(pub(crate) &'a Request);

impl fmt::Display for Terms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let network = &self.0.payment_payload.network;
        let Authorization {
            from, to, value, ..
        } = self.0.authorization();
        let [from, to] = [from, to].map(|address| Keep::new(address).first(6).last(4));
        match value.parse::<u32>() {
            Ok(millionths) => write!(f, "{} USDC", f64::from(millionths) / 1e6)?,
            Err(_) => write!(f, "{value:?}")?,
        }
        write!(f, " on {network}, {from} to {to}")
    }
}

/// Where payments can be settled.
pub(crate) const NETWORKS: [&str; 3] = ["base", "base-sepolia", "avalanche"];

impl Request {
    pub(crate) fn authorization(&self) -> &Authorization {
        &self.payment_payload.payload.authorization
    }

    /// Why it cannot be settled, if so. `now` is in seconds since 1970.
    pub(crate) fn flaw(&self, now: u64) -> Option<&'static str> {
        let Payload { network, payload } = &self.payment_payload;
        let authorization = &payload.authorization;
        let wanted: Option<u64> = self.payment_requirements.max_amount_required.parse().ok();
        let paid: Option<u64> = authorization.value.parse().ok();
        if !NETWORKS.contains(&network.as_str()) {
            Some("unsupported_network")
        } else if !is_hex(&payload.signature, 65) {
            Some("invalid_exact_evm_payload_signature")
        } else if authorization.to != self.payment_requirements.pay_to {
            Some("invalid_exact_evm_payload_recipient_mismatch")
        } else if authorization.valid_before <= now {
            Some("invalid_exact_evm_payload_authorization_valid_before")
        } else if paid.is_none() || wanted.is_none() || paid < wanted {
            Some("insufficient_funds")
        } else {
            None
        }
    }
}

/// Whether `text` is 0x and so many bytes in hexadecimal digits.
fn is_hex(text: &str, bytes: usize) -> bool {
    text.strip_prefix("0x").is_some_and(|digits| {
        digits.len() == 2 * bytes && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}
