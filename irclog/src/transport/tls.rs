//! TLS, always verified: against the bundled authorities and those of the
//! user, or against one pinned certificate.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring as provider};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio_rustls::{TlsConnector, rustls::crypto};

use super::budget::Budgeted;
use super::{ConnectError, HANDSHAKE_BOUND};
use crate::config::{ClientCertificate, TlsConfig};
use crate::error::Problem;
use crate::irc::foreign::Foreign;

/// Ports at which servers speak plain text by custom.
const PLAIN_TEXT_PORTS: [u16; 4] = [6667, 6668, 6669, 7000];

/// Prepares connections as `config` asks.
///
/// The provider is our own: another crate's choice of a process-wide default
/// neither helps nor harms.
pub(crate) fn connector(config: &TlsConfig) -> Result<TlsConnector, Problem> {
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
    let builder = if let Some(pin) = config.pin {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned { pin, provider }))
    } else {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(pem) = &config.ca {
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let added = certificate
                    .map_err(|error| error.to_string())
                    .and_then(|der| roots.add(der).map_err(|error| error.to_string()));
                if let Err(why) = added {
                    return Err(Problem::new(
                        "IRC_CA",
                        format!("holds a certificate that cannot be read ({why})"),
                        "give the authority's certificate in PEM form",
                    ));
                }
            }
        }
        builder.with_root_certificates(roots)
    };
    let client = match &config.client {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let (chain, key) = own_certificate(own)?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| not_ours(&error.to_string()))?
        }
    };
    Ok(TlsConnector::from(Arc::new(client)))
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
    connector: &TlsConnector,
    server: &str,
    port: u16,
    stream: TcpStream,
) -> Result<TlsStream<Budgeted<TcpStream>>, ConnectError> {
    let name = ServerName::try_from(server.to_owned()).map_err(|_| {
        ConnectError::Tls(format!(
            "{server} is no name that a certificate can carry: check IRC_SERVER"
        ))
    })?;
    let stream = Budgeted::new(stream);
    let handshake = connector.connect(name, stream).into_fallible();
    match timeout(HANDSHAKE_BOUND, handshake).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err((_, stream))) if !stream.has_read() => {
            let mend = if PLAIN_TEXT_PORTS.contains(&port) {
                plain_text_mend(port)
            } else {
                "is IRC_PORT its TLS port?".into()
            };
            Err(ConnectError::Silent(format!(
                "{server} closed port {port} before a word of TLS: {mend}"
            )))
        }
        Ok(Err((error, _))) => Err(ConnectError::Tls(explain(&error, server, port))),
        Err(_) => Err(ConnectError::Tls(format!(
            "port {port} of {server} took the connection and says nothing to the TLS handshake \
             for {} s: {}",
            HANDSHAKE_BOUND.as_secs(),
            plain_text_mend(port)
        ))),
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

/// Says what a failed handshake means for the settings.
fn explain(error: &std::io::Error, server: &str, port: u16) -> String {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => format!(
            "the certificate of {server} is signed by an unknown authority: name the authority's \
             certificate in IRC_CA_FILE, or the server's fingerprint in IRC_TLS_PIN"
        ),
        Some(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)) => {
            format!(
                "the certificate of {server} is not the one of IRC_TLS_PIN: if it was renewed, \
                 write the new fingerprint there"
            )
        }
        Some(Error::InvalidCertificate(why)) => format!(
            "the certificate of {server} is not accepted ({}): check IRC_SERVER, or use \
             IRC_CA_FILE or IRC_TLS_PIN for a server of your own",
            Foreign::new(&why.to_string()).told()
        ),
        Some(Error::InvalidMessage(_)) => format!(
            "port {port} of {server} does not speak TLS: {}",
            plain_text_mend(port)
        ),
        _ => format!(
            "the TLS handshake with {server} port {port} failed ({}): is IRC_PORT its TLS port?",
            Foreign::new(&error.to_string()).told()
        ),
    }
}

/// Believes one certificate and no other, whoever signed it.
#[derive(Debug)]
struct Pinned {
    pin: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let digest = ring::digest::digest(&ring::digest::SHA256, end_entity);
        if digest.as_ref() == self.pin {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    // The pin says whose key it is; only the signature says that the peer
    // holds it.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
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
        assert!(explain(&error, "irc.dal.net", 6667).contains("6697"));
    }
}
