//! TLS, always verified: against the bundled authorities and those of the
//! user, or against one pinned certificate.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring as provider};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError, ClientConfig, Error, RootCertStore};

use super::budget::Budgeted;
use super::certificate::{Certificate, Refused, Trust, Verifier};
use super::{ConnectError, HANDSHAKE_BOUND};
use crate::config::{ClientCertificate, TlsConfig};
use crate::error::Problem;
use crate::irc::backoff::Reason;
use crate::irc::foreign::Foreign;

/// Ports at which servers speak plain text by custom.
const PLAIN_TEXT_PORTS: [u16; 4] = [6667, 6668, 6669, 7000];

/// How connections are encrypted, and whom we believe.
#[derive(Clone)]
pub(super) struct Tls {
    connector: TlsConnector,
    /// The certificates of `IRC_CA`.
    given: Vec<CertificateDer<'static>>,
}

/// An encrypted stream, and whom it was opened with.
pub(super) struct Encrypted {
    pub(super) stream: TlsStream<Budgeted<TcpStream>>,
    pub(super) certificate: Option<Certificate>,
    /// What is wrong with a certificate that is believed all the same.
    pub(super) remark: Option<String>,
}

/// Prepares connections as `config` asks.
///
/// The provider is our own: another crate's choice of a process-wide default
/// neither helps nor harms.
pub(super) fn connector(config: &TlsConfig) -> Result<Tls, Problem> {
    let provider = Arc::new(provider::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| {
            Problem::new(
                "IRC_TLS",
                format!("cannot be used ({error})"),
                "report this",
            )
        })?;
    let given = given(config)?;
    let trust = match config.pin {
        Some(pin) => Trust::Pinned(pin),
        None => Trust::Known {
            authorities: authorities(&given, &provider)?,
            given: given.clone(),
        },
    };
    let builder = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier { trust, provider }));
    let client = match &config.client {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let (chain, key) = own_certificate(own)?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| not_ours(&error.to_string()))?
        }
    };
    Ok(Tls {
        connector: TlsConnector::from(Arc::new(client)),
        given,
    })
}

/// The certificates of `IRC_CA`.
fn given(config: &TlsConfig) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let pem = config.ca.as_deref().unwrap_or_default();
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .map(|certificate| certificate.map_err(|error| no_authority(&error.to_string())))
        .collect()
}

/// Who believes the bundled authorities and those that were given.
fn authorities(
    given: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Problem> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for certificate in given {
        roots
            .add(certificate.clone())
            .map_err(|error| no_authority(&error.to_string()))?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| no_authority(&error.to_string()))
}

fn no_authority(why: &str) -> Problem {
    Problem::new(
        "IRC_CA",
        format!("holds a certificate that cannot be read ({why})"),
        "give the authority's certificate in PEM form",
    )
}

/// What we show of ourselves, read from PEM.
fn own_certificate(
    own: &ClientCertificate,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Problem> {
    let chain: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(own.certificate.as_bytes()).collect();
    let chain = chain
        .map_err(|error| error.to_string())
        .and_then(|chain| (!chain.is_empty()).then_some(chain).ok_or_else(String::new))
        .map_err(|why| {
            Problem::new(
                "IRC_CLIENT_CERT",
                format!("holds no certificate in PEM form {why}")
                    .trim_end()
                    .to_owned(),
                "give the text that begins with -----BEGIN CERTIFICATE-----, or name its file in \
                 IRC_CLIENT_CERT_FILE",
            )
        })?;
    // The library's words may repeat what is in the file.
    let key = PrivateKeyDer::from_pem_slice(own.key.expose().as_bytes()).map_err(|_| {
        Problem::new(
            "IRC_CLIENT_KEY",
            "holds no private key in PEM form",
            "give the text that begins with -----BEGIN PRIVATE KEY-----, or name its file in \
             IRC_CLIENT_KEY_FILE",
        )
    })?;
    Ok((chain, key))
}

fn not_ours(why: &str) -> Problem {
    Problem::new(
        "IRC_CLIENT_KEY",
        format!("does not go with IRC_CLIENT_CERT ({why})"),
        "give the key that the certificate was made with",
    )
}

pub(super) async fn handshake(
    tls: &Tls,
    server: &str,
    port: u16,
    stream: TcpStream,
) -> Result<Encrypted, ConnectError> {
    let name = ServerName::try_from(server.to_owned()).map_err(|_| {
        let what = format!("{server} is no name that a certificate can carry");
        ConnectError::new(Reason::NoIrc, what, "check IRC_SERVER")
    })?;
    let stream = Budgeted::new(stream);
    let handshake = tls.connector.connect(name.clone(), stream).into_fallible();
    match timeout(HANDSHAKE_BOUND, handshake).await {
        Ok(Ok(stream)) => Ok(tls.opened(stream, server, &name)),
        Ok(Err((_, stream))) if !stream.has_read() => {
            let mend = if PLAIN_TEXT_PORTS.contains(&port) {
                plain_text_mend(port)
            } else {
                "is IRC_PORT its TLS port?".into()
            };
            let what = format!("{server} closed port {port} before a word of TLS");
            Err(ConnectError::new(Reason::Silent, what, mend))
        }
        Ok(Err((error, _))) => {
            let (what, mend) = explain(&error, server, port);
            Err(ConnectError::new(Reason::NoIrc, what, mend))
        }
        Err(_) => {
            let what = format!(
                "port {port} of {server} took the connection and says nothing to the TLS \
                 handshake for {} s",
                HANDSHAKE_BOUND.as_secs()
            );
            Err(ConnectError::new(
                Reason::NoIrc,
                what,
                plain_text_mend(port),
            ))
        }
    }
}

impl Tls {
    fn opened(
        &self,
        stream: TlsStream<Budgeted<TcpStream>>,
        server: &str,
        name: &ServerName<'_>,
    ) -> Encrypted {
        let chain = stream.get_ref().1.peer_certificates();
        let shown = chain.and_then(<[_]>::first);
        let certificate = shown.map(|der| Certificate::read(der, name, UnixTime::now()));
        let is_given = shown.is_some_and(|der| self.given.contains(der));
        let faults = certificate
            .as_ref()
            .filter(|_| is_given)
            .and_then(|certificate| certificate.faults(server));
        let remark = faults.map(|faults| {
            format!(
                "the certificate of {server} {faults}: it is believed, since IRC_CA holds it \
                 itself"
            )
        });
        Encrypted {
            stream,
            certificate,
            remark,
        }
    }
}

/// What to write where the port is one for plain text.
fn plain_text_mend(port: u16) -> String {
    let usual = if PLAIN_TEXT_PORTS.contains(&port) {
        format!("{port} is the number of a plain-text port, and ")
    } else {
        String::new()
    };
    format!(
        "{usual}the TLS port is usually 6697 (IRC_PORT); or set IRC_TLS=false if the network is \
         private"
    )
}

/// What a failed handshake means, and what to write in the settings.
fn explain(error: &std::io::Error, server: &str, port: u16) -> (String, String) {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidCertificate(CertificateError::Other(why))) => {
            match why.0.downcast_ref::<Refused>() {
                Some(refused) => refused.explain(server),
                None => not_accepted(server, &why.to_string()),
            }
        }
        Some(Error::InvalidCertificate(why)) => not_accepted(server, &why.to_string()),
        Some(Error::InvalidMessage(_)) => (
            format!("port {port} of {server} does not speak TLS"),
            plain_text_mend(port),
        ),
        _ => (
            format!(
                "the TLS handshake with {server} port {port} failed ({})",
                Foreign::new(&error.to_string()).told()
            ),
            "is IRC_PORT its TLS port?".into(),
        ),
    }
}

fn not_accepted(server: &str, why: &str) -> (String, String) {
    (
        format!(
            "the certificate of {server} is not accepted ({})",
            Foreign::new(why).told()
        ),
        "check IRC_SERVER, or use IRC_CA_FILE or IRC_TLS_PIN for a server of your own".into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_authorities_are_a_problem_of_their_setting() {
        let config = TlsConfig {
            ca: Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".into()),
            ..TlsConfig::default()
        };
        let Err(problem) = connector(&config) else {
            panic!("accepted");
        };
        assert_eq!(problem.setting(), "IRC_CA");
    }

    #[test]
    fn a_plain_text_port_is_named_as_such() {
        let inner = Error::InvalidMessage(tokio_rustls::rustls::InvalidMessage::InvalidContentType);
        let error = std::io::Error::other(inner);
        assert!(explain(&error, "irc.dal.net", 6667).1.contains("6697"));
    }
}
