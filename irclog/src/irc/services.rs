//! A network's services: who among them may have the account's password, how
//! they are told to free a nick, and what they answer.
//!
//! Whoever is called `NickServ` on a network without services is a stranger.
//! So a password goes to an address that only a services' server answers at,
//! or to whom the server itself calls a service.

/// Networks whose services take passwords at one address only, by the NETWORK
/// of 005.
const NETWORKS: &[(&str, &str)] = &[("DALnet", "NickServ@services.dal.net")];

/// What the service for nicks is called wherever there is one.
pub(super) const NICKSERV: &str = "NickServ";

/// Where the services of `network` are, if that is known.
pub(super) fn address_of(network: &str) -> Option<&'static str> {
    let known = NETWORKS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(network));
    known.map(|(_, address)| *address)
}

/// The nick in an address, `NickServ` of `NickServ@services.dal.net`.
pub(super) fn nick_of(address: &str) -> &str {
    address.split('@').next().unwrap_or_default()
}

/// What WHOIS says of somebody called [`NICKSERV`].
#[derive(Debug, Default)]
pub(super) struct Evidence {
    server: Option<String>,
    is_service: bool,
}

impl Evidence {
    /// Takes one line of the answer: the numeric and its parameters after the
    /// two nicks.
    pub(super) fn take(&mut self, number: u16, parameters: &[String]) {
        let text = parameters.last().map_or("", String::as_str);
        match number {
            312 => self.server = parameters.first().cloned(),
            313 => self.is_service = true,
            // InspIRCd's; elsewhere it says who is glad to help.
            310 => self.is_service |= text.to_ascii_lowercase().contains("network service"),
            _ => {}
        }
    }

    /// Where a password may go, if it may.
    pub(super) fn address(&self) -> Option<String> {
        match &self.server {
            // Nobody else answers there, also if they leave at this moment.
            Some(server) if is_services_server(server) => Some(format!("{NICKSERV}@{server}")),
            _ => self.is_service.then(|| NICKSERV.to_owned()),
        }
    }
}

fn is_services_server(name: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.to_ascii_lowercase().starts_with("services.") && name.chars().all(is_word)
}

/// How a nick is taken from whoever has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// Ends the holder's connection: `DALnet`, Atheme, Ergo, most Anopes.
    Ghost,
    /// The same, and gives us the nick: Atheme.
    Regain,
    /// The same: Anope. `DALnet` and older ones hold the nick back afterwards.
    Recover,
    /// Gives a nick back that services hold.
    Release,
}

impl Means {
    /// What to try where this one does not exist.
    pub(super) fn next(self) -> Option<Self> {
        match self {
            Self::Ghost => Some(Self::Regain),
            Self::Regain => Some(Self::Recover),
            Self::Recover | Self::Release => None,
        }
    }

    pub(super) fn words(self, nick: &str, password: &str) -> String {
        let command = match self {
            Self::Ghost => "GHOST",
            Self::Regain => "REGAIN",
            Self::Recover => "RECOVER",
            Self::Release => "RELEASE",
        };
        format!("{command} {nick} {password}")
    }
}

/// What a service says, as far as we understand it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has no such command.
    NoCommand,
    /// The password is wrong.
    Refused,
    /// The nick is not ours, or this is not for us to do.
    Denied,
    /// We are identified.
    Accepted,
    /// The nick is free, or will be at once.
    Freed,
    Other,
}

impl Answer {
    pub(super) fn of(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if says(&[
            "invalid command",
            "unknown command",
            "no such command",
            "unrecognized command",
            "not a valid command",
            "is not available",
        ]) {
            Self::NoCommand
        } else if says(&["incorrect", "invalid", "wrong", "too many failed"]) {
            Self::Refused
        } else if says(&[
            "denied",
            "isn't registered",
            "is not registered",
            "not a registered",
            "not authorized",
        ]) {
            Self::Denied
        } else if says(&[
            "ghost",
            "killed",
            "released",
            "regained",
            "recovered",
            "disconnected",
            "n't online",
            "not online",
            "n't in use",
            "not in use",
            "not being held",
            "n't being held",
        ]) {
            Self::Freed
        } else if says(&[
            "identified",
            "accepted",
            "recognized",
            "recognised",
            "logged in",
        ]) {
            Self::Accepted
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests;
