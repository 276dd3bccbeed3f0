//! A server's certificate: whether it is believed, and what is told of it.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme, crypto,
};
use webpki::{EndEntityCert, KeyUsage};

use crate::irc::foreign::Foreign;

/// Names of a certificate that are told; a host of many sites has hundreds.
const NAMES_TOLD: usize = 6;

/// What a certificate says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// SHA-256 of all of it, in hex with colons, as `openssl x509` prints it.
    pub(crate) fingerprint: String,
    /// It names itself as its issuer: no authority vouches for it.
    pub(crate) self_signed: bool,
    /// The first of the names that it is for, cleaned.
    pub(crate) names: Vec<String>,
    /// Whether it is for the name that was asked for.
    pub(crate) is_for_server: bool,
    pub(crate) not_before: Option<UnixTime>,
    pub(crate) not_after: Option<UnixTime>,
    /// When it was looked at.
    pub(crate) seen_at: Option<UnixTime>,
}

impl Certificate {
    /// Reads `der`, which `server` has shown.
    pub(super) fn read(der: &CertificateDer<'_>, server: &ServerName<'_>, now: UnixTime) -> Self {
        let mut read = Self {
            fingerprint: fingerprint(der),
            seen_at: Some(now),
            ..Self::default()
        };
        let Ok(certificate) = EndEntityCert::try_from(der) else {
            return read;
        };
        read.self_signed = certificate.issuer() == certificate.subject();
        read.is_for_server = certificate.verify_is_valid_for_subject_name(server).is_ok();
        // The names come with the complaint that none of them is the right
        // one: no certificate is for a name that nobody may have.
        let nobody = ServerName::try_from("nobody.invalid");
        if let Ok(nobody) = nobody
            && let Err(webpki::Error::CertNotValidForName(context)) =
                certificate.verify_is_valid_for_subject_name(&nobody)
        {
            let names = context.presented.iter().take(NAMES_TOLD);
            read.names = names.map(|name| plain_name(name)).collect();
        }
        // As do the dates: it is asked before all time, and after it.
        let at = |seconds| {
            let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            let usage = KeyUsage::server_auth();
            certificate.verify_for_usage(&[], &[], &[], time, usage, None, None)
        };
        if let Err(webpki::Error::CertNotValidYet { not_before, .. }) = at(0).map(|_| ()) {
            read.not_before = Some(not_before);
        }
        if let Err(webpki::Error::CertExpired { not_after, .. }) = at(u64::MAX).map(|_| ()) {
            read.not_after = Some(not_after);
        }
        read
    }

    /// Since when it is no longer valid, with what day this host says it is.
    pub(crate) fn expired(&self) -> Option<String> {
        let (now, end) = (self.seen_at?, self.not_after?);
        (now > end).then(|| format!("expired on {} (today is {})", date(end), date(now)))
    }

    /// From when on it is valid, with what day this host says it is.
    fn not_yet(&self) -> Option<String> {
        let (now, begin) = (self.seen_at?, self.not_before?);
        (now < begin).then(|| {
            format!(
                "is valid from {} on only (today is {})",
                date(begin),
                date(now)
            )
        })
    }

    /// Until when it is valid: `2027-02-01`.
    #[cfg(feature = "cli")]
    pub(crate) fn until(&self) -> Option<String> {
        self.not_after.map(date)
    }

    /// Whole days until it ends; `None` where that is not known, or over.
    #[cfg(feature = "cli")]
    pub(crate) fn days_left(&self) -> Option<u64> {
        let left = (self.not_after?.as_secs()).checked_sub(self.seen_at?.as_secs())?;
        Some(left / DAY)
    }

    /// The line that makes it believed.
    pub(crate) fn pin(&self) -> String {
        format!("IRC_TLS_PIN={}", self.fingerprint)
    }

    /// The names that it is for, as a list in words.
    pub(crate) fn is_for(&self) -> String {
        match self.names.as_slice() {
            [] => "no name".into(),
            names => names.join(", "),
        }
    }

    /// What would have it refused if it had not been given as trusted itself.
    pub(super) fn faults(&self, server: &str) -> Option<String> {
        let name =
            (!self.is_for_server).then(|| format!("is for {}, not for {server}", self.is_for()));
        let faults: Vec<String> = [self.expired(), self.not_yet(), name]
            .into_iter()
            .flatten()
            .collect();
        (!faults.is_empty()).then(|| faults.join(" and "))
    }
}

/// A name without the kind that the library puts around it.
fn plain_name(name: &str) -> String {
    let inner = name
        .split_once("(\"")
        .and_then(|(_, rest)| rest.strip_suffix("\")"))
        .or_else(|| {
            name.split_once('(')
                .and_then(|(_, rest)| rest.strip_suffix(')'))
        });
    Foreign::new(inner.unwrap_or(name)).told().into_owned()
}

fn fingerprint(der: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, der);
    let mut text = String::with_capacity(3 * digest.as_ref().len());
    for byte in digest.as_ref() {
        let colon = if text.is_empty() { "" } else { ":" };
        // Writing to a String cannot fail.
        let _ = write!(text, "{colon}{byte:02X}");
    }
    text
}

const DAY: u64 = 86_400;

/// The day in UTC, `2027-02-01`.
fn date(time: UnixTime) -> String {
    // Counted from the first of March of the year 0, so that a leap day ends
    // its year. 400 years have 146,097 days.
    let days = time.as_secs() / DAY + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Whom we believe.
#[derive(Debug)]
pub(super) enum Trust {
    /// One certificate and no other, whoever signed it.
    Pinned([u8; 32]),
    /// Those whom an authority vouches for, and those that were given
    /// themselves.
    Known {
        authorities: Arc<WebPkiServerVerifier>,
        given: Vec<CertificateDer<'static>>,
    },
}

/// Verifies a server's certificate, and says of one that it refuses what it is.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) trust: Trust,
    pub(super) provider: Arc<CryptoProvider>,
}

/// A certificate that was not believed.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) certificate: Certificate,
    pub(super) why: Why,
}

#[derive(Debug)]
pub(super) enum Why {
    NotPinned,
    Invalid(CertificateError),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the certificate is refused")
    }
}

impl std::error::Error for Refused {}

impl Refused {
    /// What is wrong, and what to write in which setting.
    pub(super) fn explain(&self, server: &str) -> (String, String) {
        let certificate = &self.certificate;
        let pin = certificate.pin();
        let told = |what: &str, mend: String| (format!("the certificate of {server} {what}"), mend);
        let Why::Invalid(why) = &self.why else {
            return told(
                "is not the one of IRC_TLS_PIN",
                format!("if its operator says that it was renewed, write {pin}"),
            );
        };
        let own = if certificate.self_signed {
            format!("; being self-signed, it can be believed whatever its date: write {pin}")
        } else {
            String::new()
        };
        if let Some(expired) = certificate.expired() {
            let mend = format!("the server's operator has to renew it{own}");
            return told(&expired, mend);
        }
        if let Some(not_yet) = certificate.not_yet() {
            return told(&not_yet, format!("is this host's clock right?{own}"));
        }
        let by_name =
            format!("if the server's operator names the same SHA-256 fingerprint, write {pin}");
        match why {
            CertificateError::UnknownIssuer | CertificateError::Other(_)
                if certificate.self_signed =>
            {
                told(
                    "is self-signed, so that no authority vouches for it",
                    by_name,
                )
            }
            CertificateError::UnknownIssuer => told(
                "is signed by an unknown authority",
                format!("name the authority's certificate in IRC_CA_FILE; or, {by_name}"),
            ),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                told(
                    &format!("is for {}", certificate.is_for()),
                    format!("write the server's right name in IRC_SERVER; or, {by_name}"),
                )
            }
            why => told(
                &format!(
                    "is not accepted ({})",
                    Foreign::new(&why.to_string()).told()
                ),
                format!("check IRC_SERVER; or, for a server of your own, write {pin}"),
            ),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let why = match &self.trust {
            Trust::Pinned(pin) => {
                let digest = ring::digest::digest(&ring::digest::SHA256, end_entity);
                if digest.as_ref() == pin {
                    return Ok(ServerCertVerified::assertion());
                }
                Why::NotPinned
            }
            // Trusted byte by byte, as a pin is.
            Trust::Known { given, .. } if given.contains(end_entity) => {
                return Ok(ServerCertVerified::assertion());
            }
            Trust::Known { authorities, .. } => {
                let verified = authorities.verify_server_cert(
                    end_entity,
                    intermediates,
                    server_name,
                    ocsp_response,
                    now,
                );
                match verified {
                    Err(Error::InvalidCertificate(why)) => Why::Invalid(why),
                    verified => return verified,
                }
            }
        };
        let certificate = Certificate::read(end_entity, server_name, now);
        let refused = Refused { certificate, why };
        Err(CertificateError::Other(OtherError(Arc::new(refused))).into())
    }

    // The certificate says whose key it is; only the signature says that the
    // peer holds it.
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
    fn dates_are_those_of_the_calendar() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_009_843_199, "2001-12-31"),
            (1_009_843_200, "2002-01-01"),
            (4_107_542_400, "2100-03-01"),
            (253_402_300_799, "9999-12-31"),
        ] {
            let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            assert_eq!(date(time), day, "{seconds}");
        }
    }

    #[test]
    fn what_is_no_certificate_has_a_fingerprint_all_the_same() {
        let server = ServerName::try_from("irc.dal.net").unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1));
        let read = Certificate::read(&CertificateDer::from(vec![0x30, 0]), &server, now);
        assert_eq!(read.fingerprint.len(), 95);
        assert_eq!(read.is_for(), "no name");
        assert_eq!(read.expired(), None);
    }
}
