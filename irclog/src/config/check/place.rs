//! Where the channel is: the server, the way there, and the channels on it.

use std::net::IpAddr;

use super::{Check, parse_fingerprint};
use crate::config::channels::Read;
use crate::config::table::{
    IRC_BIND, IRC_CA, IRC_CHANNEL, IRC_CHANNEL_KEY, IRC_PORT, IRC_PROXY, IRC_SERVER, IRC_TLS,
    IRC_TLS_PIN,
};
use crate::config::{
    ChannelConfig, Hidden, Misread, Proxy, TlsConfig, address, channels, proxy, shown,
};
use crate::error::Problem;

impl Check<'_> {
    pub(super) fn server(&mut self) -> String {
        let Some((given_as, text)) = self.required(&IRC_SERVER) else {
            return String::new();
        };
        let text = text.trim();
        if let Some((what, instead)) = address::misplaced(text) {
            self.problems.push(Problem::new(given_as, what, instead));
        }
        text.trim_matches(['[', ']']).to_owned()
    }

    pub(super) fn port(&mut self, tls: bool) -> u16 {
        let default = if tls { 6697 } else { 6667 };
        let Some((given_as, text)) = self.value(&IRC_PORT) else {
            return default;
        };
        match text.trim().parse() {
            Ok(port) if port > 0 => port,
            _ => {
                self.problems.push(Problem::new(
                    given_as,
                    format!("is {}, which is no port", shown(text)),
                    "write a number from 1 to 65535, or leave it out (6697 with TLS, 6667 without)",
                ));
                default
            }
        }
    }

    pub(super) fn tls(&mut self) -> Option<TlsConfig> {
        let on = self.flag(&IRC_TLS);
        let pin = self.value(&IRC_TLS_PIN).and_then(|(given_as, text)| {
            let pin = parse_fingerprint(text);
            if pin.is_none() {
                self.problems.push(Problem::new(
                    given_as,
                    "is no SHA-256 fingerprint",
                    "write the 64 hex digits that `openssl x509 -noout -fingerprint -sha256` \
                     prints, with or without colons",
                ));
            }
            pin
        });
        let ca = self.value(&IRC_CA).map(|(given_as, text)| {
            if !text.contains("-----BEGIN CERTIFICATE-----") {
                self.problems.push(Problem::new(
                    given_as,
                    "holds no certificate in PEM form",
                    "give the text that begins with -----BEGIN CERTIFICATE-----, or name its \
                     file in IRC_CA_FILE",
                ));
            }
            text.to_owned()
        });
        let client = self.client_certificate();
        if !on && (pin.is_some() || ca.is_some() || client.is_some()) {
            self.problems.push(Problem::new(
                "IRC_TLS",
                "is off, so IRC_CA, IRC_TLS_PIN and IRC_CLIENT_CERT protect nothing",
                "set IRC_TLS=true, or unset those",
            ));
        }
        on.then_some(TlsConfig { ca, pin, client })
    }

    pub(super) fn proxy(&mut self) -> Option<Proxy> {
        let (given_as, text) = self.value(&IRC_PROXY)?;
        match proxy::parse(text.trim()) {
            Ok(proxy) => Some(proxy),
            Err((what, instead)) => {
                self.problems.push(Problem::new(given_as, what, instead));
                None
            }
        }
    }

    pub(super) fn bind(&mut self) -> Option<IpAddr> {
        let (given_as, text) = self.value(&IRC_BIND)?;
        let address = text.trim().trim_matches(['[', ']']).parse();
        if address.is_err() {
            self.problems.push(Problem::new(
                given_as,
                format!("is {}, which is no address", shown(text)),
                "write an address of this host, as `ip address` lists them, for example 192.0.2.17",
            ));
        }
        address.ok()
    }

    pub(super) fn channels(&mut self) -> Vec<ChannelConfig> {
        let given = self.required(&IRC_CHANNEL);
        let (given_as, mut read) = match given {
            Some((given_as, text)) => (given_as, Read::text(text)),
            None => (".channel_with()", Read::default()),
        };
        let from_text = (read.problems.len(), read.remarks.len());
        for (name, filter) in &self.settings.channels {
            read.add(name, filter);
        }
        for (n, Misread { what, instead }) in read.problems.into_iter().enumerate() {
            let given_as = if n < from_text.0 {
                given_as
            } else {
                ".channel_with()"
            };
            self.problems.push(Problem::new(given_as, what, instead));
        }
        for (n, remark) in read.remarks.into_iter().enumerate() {
            let given_as = if n < from_text.1 {
                given_as
            } else {
                ".channel_with()"
            };
            self.remarks.push(format!("{given_as} is {remark}"));
        }
        self.channel_keys(&mut read.channels);
        read.channels
    }

    pub(super) fn channel_keys(&mut self, channels: &mut [ChannelConfig]) {
        let Some(key) = self.key(&IRC_CHANNEL_KEY) else {
            return;
        };
        let names: Vec<&str> = channels
            .iter()
            .map(|channel| channel.name.as_str())
            .collect();
        let given_as = self
            .value(&IRC_CHANNEL_KEY)
            .map_or("", |(given_as, _)| given_as);
        // Without a channel there is a problem already.
        let keys = (!names.is_empty()).then(|| channels::keys(&names, key.expose()));
        let problem = match keys {
            None => None,
            Some(None) => Some((
                "holds a key that does not say which channel it opens",
                "write the channel before its key, with a blank between several: \
                 IRC_CHANNEL_KEY='#alerts=KEY'",
            )),
            Some(Some(keys)) if keys.iter().any(|(_, key)| key.is_empty()) => Some((
                "is empty for a channel",
                "give a value, or leave that channel out",
            )),
            Some(Some(keys)) if keys.iter().any(|(_, key)| key.contains(' ')) => Some((
                "holds a character that IRC cannot carry (a line break, NUL or space)",
                "choose one without",
            )),
            Some(Some(keys)) => {
                let keys: Vec<(usize, Hidden)> = keys
                    .into_iter()
                    .map(|(n, key)| (n, Hidden(key.to_owned())))
                    .collect();
                for (n, key) in keys {
                    channels[n].key = Some(key);
                }
                None
            }
        };
        if let Some((what, instead)) = problem {
            self.problems.push(Problem::new(given_as, what, instead));
        }
    }
}
