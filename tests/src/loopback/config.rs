//! What a loopback server is like.

use std::collections::BTreeMap;
use std::time::Duration;

use super::fault::Fault;
use super::message::CaseMapping;
use super::throttle::{ReconnectThrottle, Throttle};
use super::tls::Tls;

/// What a [`loopback::Server`](super::Server) is like.
///
/// The default is a friendly one: no throttle, nicks of 30, lines of 512
/// bytes that are cut when longer, and the IRCv3 capabilities `batch`,
/// `echo-message`, `labeled-response`, `message-tags`, `server-time`.
#[derive(Debug, Clone)]
pub struct Config {
    pub(super) name: String,
    pub(super) network: String,
    pub(super) version: String,
    pub(super) host: String,
    pub(super) nick_len: usize,
    pub(super) channel_len: usize,
    pub(super) line_len: usize,
    pub(super) casemapping: CaseMapping,
    pub(super) isupport: Vec<String>,
    pub(super) caps: Option<Vec<String>>,
    pub(super) overlong: Overlong,
    pub(super) control_codes: ControlCodes,
    pub(super) utf8_only: bool,
    pub(super) throttle: Option<Throttle>,
    pub(super) reconnects: Option<ReconnectThrottle>,
    pub(super) password: Option<String>,
    pub(super) accounts: BTreeMap<String, String>,
    pub(super) services: Services,
    pub(super) registration_ping: bool,
    pub(super) ping_every: Option<Duration>,
    pub(super) first_is_op: bool,
    pub(super) channels: Vec<(String, String)>,
    pub(super) tls: Option<Tls>,
    pub(super) faults: Vec<Fault>,
}

/// Where NickServ is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Services {
    None,
    /// By its nick as well as by its address.
    Anywhere,
    /// By its address on this server only.
    At(String),
}

/// What becomes of a line that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overlong {
    /// The end is cut off, as on Bahamut, InspIRCd and Solanum.
    #[default]
    Cut,
    /// `ERROR :Request too long`, and the connection is closed, as on ngircd.
    Disconnect,
    /// 417, as on Ergo; also when it would not fit with the sender's prefix.
    Refuse,
}

/// What becomes of control codes in a channel that is +c.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ControlCodes {
    /// 408, operators included, TAB and ESC included, as on Bahamut.
    #[default]
    Refuse408,
    /// 404, TAB included, as on InspIRCd.
    Refuse404,
    /// They are taken out, as on Solanum.
    Strip,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: "irc.loopback.example".to_owned(),
            network: "Loopback".to_owned(),
            version: "irclog-loopback".to_owned(),
            host: "host-10-0-0-7.pool.loopback.example".to_owned(),
            nick_len: 30,
            channel_len: 50,
            line_len: 512,
            casemapping: CaseMapping::Ascii,
            isupport: Vec::new(),
            caps: Some(
                [
                    "batch",
                    "echo-message",
                    "labeled-response",
                    "message-tags",
                    "server-time",
                ]
                .map(str::to_owned)
                .to_vec(),
            ),
            overlong: Overlong::Cut,
            control_codes: ControlCodes::Refuse408,
            utf8_only: false,
            throttle: None,
            reconnects: None,
            password: None,
            accounts: BTreeMap::new(),
            services: Services::Anywhere,
            registration_ping: false,
            ping_every: None,
            first_is_op: false,
            channels: Vec::new(),
            tls: None,
            faults: Vec::new(),
        }
    }
}

impl Config {
    /// Like DALnet's server: no capabilities at all, its flood law, its
    /// reconnect throttle, NickServ only at `NickServ@services.dal.net`.
    #[must_use]
    pub fn bahamut() -> Self {
        Self::default()
            .version("bahamut-2.2.4")
            .no_capabilities()
            .channel_len(32)
            .throttle(Throttle::BAHAMUT)
            .reconnects(ReconnectThrottle::BAHAMUT)
            .services_host("services.dal.net")
    }

    /// Like `UnrealIRCd` 6 for a user whom it does not know.
    #[must_use]
    pub fn unreal() -> Self {
        let mut config = Self::default()
            .version("UnrealIRCd-6.1.8.1")
            .throttle(Throttle::UNREAL);
        config.control_codes = ControlCodes::Refuse404;
        config
    }

    /// Like Libera's server.
    #[must_use]
    pub fn solanum() -> Self {
        let mut config = Self::default()
            .version("solanum-1.0-dev")
            .throttle(Throttle::SOLANUM);
        config.casemapping = CaseMapping::Rfc1459;
        config.control_codes = ControlCodes::Strip;
        config
    }

    /// Like InspIRCd 3 with the modules that people load.
    #[must_use]
    pub fn inspircd() -> Self {
        let mut config = Self::default().throttle(Throttle::INSPIRCD);
        config.control_codes = ControlCodes::Refuse404;
        config
    }

    /// Like ngircd: nicks of 9, and too long a line ends the connection.
    #[must_use]
    pub fn ngircd() -> Self {
        Self::default()
            .no_capabilities()
            .nick_len(9)
            .overlong(Overlong::Disconnect)
            .throttle(Throttle::NGIRCD)
    }

    /// Like Ergo: refuses what is too long or not UTF-8.
    #[must_use]
    pub fn ergo() -> Self {
        let mut config = Self::default()
            .nick_len(32)
            .overlong(Overlong::Refuse)
            .throttle(Throttle::ERGO);
        config.utf8_only = true;
        config
    }

    /// What it calls its own program in 002 and 004. Defaults to
    /// `irclog-loopback`.
    #[must_use]
    pub fn version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.version);
        self
    }

    /// The longest nick, told as NICKLEN; longer ones are silently cut.
    /// Defaults to 30.
    #[must_use]
    pub fn nick_len(mut self, bytes: usize) -> Self {
        self.nick_len = bytes;
        self
    }

    /// The longest channel name, told as CHANNELLEN; longer ones are silently
    /// cut. Defaults to 50.
    #[must_use]
    pub fn channel_len(mut self, bytes: usize) -> Self {
        self.channel_len = bytes;
        self
    }

    /// The longest line with its CR LF; told as LINELEN when it is not 512.
    /// Defaults to 512.
    #[must_use]
    pub fn line_len(mut self, bytes: usize) -> Self {
        self.line_len = bytes;
        self
    }

    /// The host that everybody has in their prefix. Defaults to one of 35
    /// bytes.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// Adds a token to 005.
    #[must_use]
    pub fn isupport(mut self, token: &str) -> Self {
        self.isupport.push(token.to_owned());
        self
    }

    /// The capabilities offered. Defaults to five, see [`Config`].
    #[must_use]
    pub fn capabilities(mut self, names: &[&str]) -> Self {
        self.caps = Some(names.iter().map(|&name| name.to_owned()).collect());
        self
    }

    /// No CAP at all: no answer before registration, 421 after.
    #[must_use]
    pub fn no_capabilities(mut self) -> Self {
        self.caps = None;
        self
    }

    /// What becomes of a line that is too long. Defaults to [`Overlong::Cut`].
    #[must_use]
    pub fn overlong(mut self, overlong: Overlong) -> Self {
        self.overlong = overlong;
        self
    }

    /// What +c does. Defaults to [`ControlCodes::Refuse408`].
    #[must_use]
    pub fn control_codes(mut self, codes: ControlCodes) -> Self {
        self.control_codes = codes;
        self
    }

    /// How fast it reads. Defaults to as fast as it can.
    #[must_use]
    pub fn throttle(mut self, throttle: Throttle) -> Self {
        self.throttle = Some(throttle);
        self
    }

    /// How often one may connect. Defaults to any number of times.
    #[must_use]
    pub fn reconnects(mut self, throttle: ReconnectThrottle) -> Self {
        self.reconnects = Some(throttle);
        self
    }

    /// The password of the server. Defaults to none.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// An account at NickServ. While there is none, any password will do.
    #[must_use]
    pub fn account(mut self, nick: &str, password: &str) -> Self {
        self.accounts.insert(nick.to_owned(), password.to_owned());
        self
    }

    /// Nobody is a service, and anybody may be called NickServ.
    #[must_use]
    pub fn no_services(mut self) -> Self {
        self.services = Services::None;
        self
    }

    /// NickServ listens only to `NickServ@host`; the plain form gets 487.
    /// Defaults to the plain form.
    #[must_use]
    pub fn services_host(mut self, host: &str) -> Self {
        self.services = Services::At(host.to_owned());
        self
    }

    /// Asks for a PONG before registration is over, as ngircd and others can.
    #[must_use]
    pub fn registration_ping(mut self) -> Self {
        self.registration_ping = true;
        self
    }

    /// Sends a PING this often, and closes when none is answered until the
    /// next. Defaults to never.
    #[must_use]
    pub fn ping_every(mut self, interval: Duration) -> Self {
        self.ping_every = Some(interval);
        self
    }

    /// Who joins an empty channel first is its operator, as on most servers.
    /// Defaults to nobody: a registered channel, as seen by a guest.
    #[must_use]
    pub fn first_is_op(mut self) -> Self {
        self.first_is_op = true;
        self
    }

    /// A channel with modes from the start, such as `+mc` or `+k key`.
    #[must_use]
    pub fn channel(mut self, name: &str, modes: &str) -> Self {
        self.channels.push((name.to_owned(), modes.to_owned()));
        self
    }

    /// Speaks TLS. Defaults to plain TCP.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Adds something that goes wrong.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    pub(super) fn fold(&self, name: &str) -> String {
        self.casemapping.fold(name)
    }
}
