//! A certificate of our own making, made anew for each server.

use std::fmt::Write as _;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use ring::digest;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the server's certificate says.
///
/// The default is a good one: for `localhost` and 127.0.0.1, valid now.
#[derive(Debug, Clone)]
pub struct Tls {
    names: Vec<String>,
    expired: bool,
    self_signed: bool,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            names: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
            expired: false,
            self_signed: false,
        }
    }
}

impl Tls {
    /// A certificate for another name than the server's.
    #[must_use]
    pub fn for_name(name: &str) -> Self {
        Self {
            names: vec![name.to_owned()],
            ..Self::default()
        }
    }

    /// A certificate that was valid until the first day of 2002.
    #[must_use]
    pub fn expired() -> Self {
        Self {
            expired: true,
            ..Self::default()
        }
    }

    /// Signed by nobody else, and an authority's by its own words, as
    /// `openssl req -x509` makes it. [`Certificate::ca_pem`] is itself.
    #[must_use]
    pub fn self_signed(mut self) -> Self {
        self.self_signed = true;
        self
    }
}

/// How a client knows the server again.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The authority that signed it, as PEM.
    pub ca_pem: String,
    /// The SHA-256 of the certificate itself, in hex with colons, as openssl
    /// prints it.
    pub sha256: String,
}

/// Makes an authority and a certificate.
pub(super) fn issue(tls: &Tls) -> (Certificate, Arc<ServerConfig>) {
    let ca_key = KeyPair::generate().expect("the system has randomness");
    let mut ca = CertificateParams::default();
    // It is told from its certificates by its name.
    (ca.distinguished_name).push(DnType::CommonName, "an authority of irclog's tests");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_pem = ca
        .self_signed(&ca_key)
        .expect("an authority of default parameters")
        .pem();
    let issuer = Issuer::new(ca, ca_key);

    let key = KeyPair::generate().expect("the system has randomness");
    let mut leaf = CertificateParams::new(tls.names.clone()).expect("names of hosts");
    if tls.expired {
        leaf.not_before = date_time_ymd(2001, 1, 1);
        leaf.not_after = date_time_ymd(2002, 1, 1);
    }
    let (ca_pem, leaf) = if tls.self_signed {
        leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let leaf = leaf.self_signed(&key).expect("a signed certificate");
        (leaf.pem(), leaf)
    } else {
        let leaf = leaf.signed_by(&key, &issuer).expect("a signed certificate");
        (ca_pem, leaf)
    };
    let sha256 = hex(digest::digest(&digest::SHA256, leaf.der()).as_ref());

    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .expect("the key is the certificate's");
    (Certificate { ca_pem, sha256 }, Arc::new(config))
}

fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(3 * bytes.len());
    for byte in bytes {
        let colon = if digits.is_empty() { "" } else { ":" };
        // Writing to a String cannot fail.
        let _ = write!(digits, "{colon}{byte:02X}");
    }
    digits
}
