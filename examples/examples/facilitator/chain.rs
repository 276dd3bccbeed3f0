//! The chains behind their RPC nodes, one of which fails as they do: with the
//! address, and so the API key, in the error.

use std::collections::HashSet;
use std::error::Error;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use crate::payment::Authorization;

/// The chains that payments are settled on.
pub(crate) struct Chains {
    api_key: String,
    /// An authorization can be used once.
    used: Mutex<HashSet<String>>,
}

impl Chains {
    pub(crate) fn new(api_key: &str) -> Self {
        Self {
            api_key: api_key.to_owned(),
            used: Mutex::default(),
        }
    }

    /// The address of the node for `network`, with the key in its path.
    pub(crate) fn rpc_url(&self, network: &str) -> String {
        format!("https://{network}-mainnet.rpc.example/v2/{}", self.api_key)
    }

    /// Sends the transfer and returns the hash of its transaction.
    #[tracing::instrument(skip_all, err, fields(rpc = "eth_sendRawTransaction"))]
    pub(crate) async fn transfer(
        &self,
        network: &str,
        transfer: &Authorization,
    ) -> Result<String, RpcError> {
        tracing::debug!(network, "sending request");
        if network == "avalanche" {
            return Err(RpcError::Http {
                url: self.rpc_url(network),
                cause: TooManyRequests,
            });
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if !used.insert(transfer.nonce.clone()) {
            return Err(RpcError::Reverted(
                "FiatTokenV2: authorization is used or canceled",
            ));
        }
        Ok(hash_of(transfer))
    }
}

/// 32 bytes in hexadecimal digits that depend on all of the transfer.
fn hash_of(transfer: &Authorization) -> String {
    let mut hasher = DefaultHasher::new();
    (&transfer.from, &transfer.to, &transfer.value).hash(&mut hasher);
    transfer.nonce.hash(&mut hasher);
    let words = (0..4u64).map(|n| {
        n.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    });
    format!("0x{}", words.collect::<String>())
}

#[derive(Debug)]
pub(crate) enum RpcError {
    Http { url: String, cause: TooManyRequests },
    Reverted(&'static str),
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { url, .. } => write!(f, "error sending request for url ({url})"),
            Self::Reverted(why) => write!(f, "execution reverted: {why}"),
        }
    }
}

impl Error for RpcError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Http { cause, .. } => Some(cause),
            Self::Reverted(_) => None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct TooManyRequests;

impl fmt::Display for TooManyRequests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("429 Too Many Requests")
    }
}

impl Error for TooManyRequests {}
