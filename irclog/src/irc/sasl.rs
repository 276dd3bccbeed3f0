//! Proving the account while registering (SASL): EXTERNAL, SCRAM-SHA-256 or
//! PLAIN, the strongest that both sides have.
//!
//! Shapes: `IRCv3` `sasl-3.2`; RFC 4616 (PLAIN); RFC 5802 and 7677 (SCRAM).

use std::num::NonZeroU32;

use data_encoding::BASE64;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac, pbkdf2};

use crate::config::{Hidden, Mechanism};

/// Characters of base64 in one AUTHENTICATE; a shorter one is the last.
const CHUNK: usize = 400;
/// What a server may send in a row: far more than any mechanism of ours has.
const LONGEST_CHALLENGE: usize = 4 * CHUNK;
/// Rounds of hashing: RFC 7677's least, and what costs a tenth of a second.
const ROUNDS: std::ops::RangeInclusive<u32> = 4096..=400_000;
const SHA256_LEN: usize = 32;

/// Whether `mechanism` has with `credentials` what it needs.
fn has_means(mechanism: Mechanism, credentials: &Credentials) -> bool {
    match mechanism {
        Mechanism::External => credentials.certificate,
        Mechanism::Scram | Mechanism::Plain => credentials.password.is_some(),
    }
}

/// What we have to prove the account with.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    pub(super) account: String,
    /// The account was named: services need not find it by the certificate.
    pub(super) named: bool,
    pub(super) password: Option<Hidden>,
    /// TLS was opened with a certificate of ours.
    pub(super) certificate: bool,
    /// Those that may be used, the strongest first.
    pub(super) mechanisms: Vec<Mechanism>,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// These parameters, one AUTHENTICATE each.
    Send(Vec<String>),
    /// More of the challenge follows.
    Wait,
    /// The server does not do its part: end it with `AUTHENTICATE *`.
    Abort(&'static str),
}

/// One attempt after another, until one ends it.
#[derive(Debug)]
pub(super) struct Sasl {
    credentials: Credentials,
    /// Not tried yet, the strongest first.
    left: Vec<Mechanism>,
    attempt: Option<Attempt>,
    challenge: String,
}

#[derive(Debug)]
struct Attempt {
    mechanism: Mechanism,
    scram: Option<Scram>,
    /// Something of ours was said: what fails now has failed, and nothing
    /// weaker is tried.
    begun: bool,
}

impl Sasl {
    /// `offered` is what the server says after `sasl=`, `None` where it names
    /// no mechanism.
    pub(super) fn new(credentials: Credentials, offered: Option<&str>) -> Self {
        let left = credentials.mechanisms.iter().copied();
        let left = left.filter(|&mechanism| has_means(mechanism, &credentials));
        let mut sasl = Self {
            left: left.collect(),
            credentials,
            attempt: None,
            challenge: String::new(),
        };
        if let Some(offered) = offered {
            sasl.offers(offered);
        }
        sasl
    }

    /// The server names its mechanisms (908, too).
    pub(super) fn offers(&mut self, names: &str) {
        let has = |wanted: &Mechanism| {
            let mut names = names.split(',');
            names.any(|name| name.trim().eq_ignore_ascii_case(wanted.name()))
        };
        self.left.retain(has);
    }

    /// Begins with the strongest that is left.
    pub(super) fn begin(&mut self) -> Option<Mechanism> {
        if self.left.is_empty() {
            self.attempt = None;
            return None;
        }
        let mechanism = self.left.remove(0);
        self.challenge.clear();
        self.attempt = Some(Attempt {
            mechanism,
            scram: None,
            begun: false,
        });
        Some(mechanism)
    }

    pub(super) fn mechanism(&self) -> Option<Mechanism> {
        self.attempt.as_ref().map(|attempt| attempt.mechanism)
    }

    /// Whether the server has seen anything but the name of the mechanism.
    pub(super) fn has_begun(&self) -> bool {
        self.attempt.as_ref().is_some_and(|attempt| attempt.begun)
    }

    /// Whether the server has proven itself, where the mechanism has it do so.
    pub(super) fn is_mutual(&self) -> bool {
        let scram = self
            .attempt
            .as_ref()
            .and_then(|attempt| attempt.scram.as_ref());
        scram.is_none_or(|scram| matches!(scram, Scram::Proven))
    }

    /// The server's AUTHENTICATE.
    pub(super) fn challenged(&mut self, parameter: &str) -> Next {
        let Some(attempt) = &mut self.attempt else {
            return Next::Wait;
        };
        if parameter != "+" {
            if self.challenge.len() + parameter.len() > LONGEST_CHALLENGE {
                return Next::Abort("its challenge is too long");
            }
            self.challenge.push_str(parameter);
            if parameter.len() == CHUNK {
                return Next::Wait;
            }
        }
        let challenge = std::mem::take(&mut self.challenge);
        let Ok(challenge) = BASE64.decode(challenge.as_bytes()) else {
            return Next::Abort("its challenge is no base64");
        };
        attempt.begun = true;
        let Credentials {
            account,
            named,
            password,
            ..
        } = &self.credentials;
        let password = password.as_ref().map(Hidden::expose).unwrap_or_default();
        let answer = match attempt.mechanism {
            Mechanism::External if *named => Ok(account.clone()),
            Mechanism::External => Ok(String::new()),
            // Whom we act for stands first, as most clients say it.
            Mechanism::Plain => Ok(format!("{account}\0{account}\0{password}")),
            Mechanism::Scram => match attempt.scram.take() {
                None => nonce().map(|nonce| Scram::begin(account, &nonce)),
                Some(scram) => scram.answer(&challenge, password),
            }
            .map(|(scram, answer)| {
                attempt.scram = Some(scram);
                answer
            }),
        };
        match answer {
            Ok(answer) => Next::Send(chunks(&answer)),
            Err(why) => Next::Abort(why),
        }
    }
}

/// `answer` in base64, in as many parameters as it needs: after a full one
/// comes another, `+` if nothing is left.
fn chunks(answer: &str) -> Vec<String> {
    let encoded = BASE64.encode(answer.as_bytes());
    let mut chunks: Vec<String> = encoded
        .as_bytes()
        .chunks(CHUNK)
        .map(|chunk| String::from_utf8_lossy(chunk).into_owned())
        .collect();
    if chunks.last().is_none_or(|last| last.len() == CHUNK) {
        chunks.push("+".into());
    }
    chunks
}

fn nonce() -> Result<String, &'static str> {
    let mut bytes = [0; 18];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => Ok(BASE64.encode(&bytes)),
        Err(_) => Err("this system gives no random numbers"),
    }
}

/// Where SCRAM-SHA-256 is.
#[derive(Debug)]
enum Scram {
    /// We have named ourselves.
    First {
        nonce: String,
        bare: String,
    },
    /// We have proven the password; the server has to prove that it knows it.
    Final {
        signature: Vec<u8>,
    },
    Proven,
}

impl Scram {
    fn begin(account: &str, nonce: &str) -> (Self, String) {
        let account = account.replace('=', "=3D").replace(',', "=2C");
        let bare = format!("n={account},r={nonce}");
        let message = format!("n,,{bare}");
        let nonce = nonce.to_owned();
        (Self::First { nonce, bare }, message)
    }

    fn answer(self, challenge: &[u8], password: &str) -> Result<(Self, String), &'static str> {
        let challenge = std::str::from_utf8(challenge).map_err(|_| "its challenge is no text")?;
        let field = |name: &str| {
            let mut fields = challenge.split(',');
            fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
        };
        match self {
            Self::First { nonce, bare } => {
                let (Some(whole), Some(salt), Some(rounds)) = (field("r"), field("s"), field("i"))
                else {
                    return Err("its challenge lacks a part");
                };
                if !whole.starts_with(&nonce) || whole.len() == nonce.len() {
                    return Err("it answers somebody else");
                }
                let salt = BASE64
                    .decode(salt.as_bytes())
                    .map_err(|_| "its salt is no base64")?;
                let rounds = rounds.parse().ok().filter(|rounds| ROUNDS.contains(rounds));
                let rounds = rounds
                    .and_then(NonZeroU32::new)
                    .ok_or("it asks for too few or too many rounds")?;
                let mut salted = [0; SHA256_LEN];
                let (algorithm, secret) = (pbkdf2::PBKDF2_HMAC_SHA256, password.as_bytes());
                pbkdf2::derive(algorithm, rounds, &salt, secret, &mut salted);
                // `biws` is `n,,`: no channel binding.
                let without_proof = format!("c=biws,r={whole}");
                let signed = format!("{bare},{challenge},{without_proof}");
                let client = sign(&salted, b"Client Key");
                let stored = digest::digest(&digest::SHA256, client.as_ref());
                let signature = sign(stored.as_ref(), signed.as_bytes());
                let proof: Vec<u8> = client
                    .as_ref()
                    .iter()
                    .zip(signature.as_ref())
                    .map(|(key, sign)| key ^ sign)
                    .collect();
                let server = sign(&salted, b"Server Key");
                let signature = sign(server.as_ref(), signed.as_bytes());
                let signature = signature.as_ref().to_vec();
                let answer = format!("{without_proof},p={}", BASE64.encode(&proof));
                Ok((Self::Final { signature }, answer))
            }
            Self::Final { signature } => {
                let proven = field("v")
                    .and_then(|text| BASE64.decode(text.as_bytes()).ok())
                    .is_some_and(|theirs| theirs == signature);
                if proven {
                    Ok((Self::Proven, String::new()))
                } else {
                    Err("it does not know the password itself")
                }
            }
            Self::Proven => Err("it goes on after the end"),
        }
    }
}

fn sign(key: &[u8], message: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message)
}

#[cfg(test)]
mod tests;
