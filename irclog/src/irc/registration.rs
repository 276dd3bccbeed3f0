//! Becoming known to a server: the capabilities that it has.

use irc_proto::{CapSubCommand, Command};

/// What we ask for where it is offered. `echo-message` returns our own lines:
/// the only proof that one was shown.
const WANTED: &[&str] = &["echo-message"];
/// And this where there is something to prove an account with.
pub(super) const SASL: &str = "sasl";
/// Bytes of a capability's value that are kept.
const LONGEST_VALUE: usize = 256;

/// What is to be done about a `CAP` message.
#[derive(Debug, PartialEq)]
pub(super) enum Negotiation {
    GoesOn,
    Say(Command),
    /// All is asked and answered: [`Capabilities::end`] lets the registration
    /// go on.
    Over,
}

/// The negotiation of capabilities. Registration never waits for it: a server
/// without `CAP` does not answer at all.
#[derive(Debug, Default)]
pub(crate) struct Capabilities {
    offered: Vec<String>,
    enabled: Vec<String>,
    asked: bool,
    ended: bool,
    wants_sasl: bool,
    /// What stands behind `sasl=`.
    mechanisms: Option<String>,
}

impl Capabilities {
    /// `wants_sasl` says whether an account is to be proven.
    pub(super) fn new(wants_sasl: bool) -> Self {
        Self {
            wants_sasl,
            ..Self::default()
        }
    }

    /// Takes a `CAP` message of the server.
    pub(super) fn answer(
        &mut self,
        subcommand: CapSubCommand,
        first: Option<&str>,
        second: Option<&str>,
    ) -> Negotiation {
        match subcommand {
            CapSubCommand::LS => {
                // `CAP * LS * :a b` says that more follows.
                let (more, list) = match (first, second) {
                    (Some("*"), Some(list)) => (true, list),
                    (Some(list), _) => (false, list),
                    (None, _) => (false, ""),
                };
                for capability in list.split(' ').filter(|name| !name.is_empty()) {
                    let (name, value) = match capability.split_once('=') {
                        Some((name, value)) => (name, Some(value)),
                        None => (capability, None),
                    };
                    if self.wants(name) {
                        add(&mut self.offered, name);
                    }
                    if name == SASL && value.is_some_and(|value| value.len() <= LONGEST_VALUE) {
                        self.mechanisms = value.map(str::to_owned);
                    }
                }
                if more || self.asked || self.ended {
                    Negotiation::GoesOn
                } else if self.offered.is_empty() {
                    Negotiation::Over
                } else {
                    self.asked = true;
                    let list = self.offered.join(" ");
                    Negotiation::Say(cap(CapSubCommand::REQ, Some(list)))
                }
            }
            CapSubCommand::ACK => {
                let list = first.unwrap_or_default();
                for name in list.split(' ') {
                    if self.wants(name) {
                        add(&mut self.enabled, name);
                    }
                }
                Negotiation::Over
            }
            CapSubCommand::NAK => Negotiation::Over,
            CapSubCommand::DEL => {
                let list = first.unwrap_or_default();
                (self.enabled).retain(|name| !list.split(' ').any(|gone| gone == name));
                Negotiation::GoesOn
            }
            _ => Negotiation::GoesOn,
        }
    }

    fn wants(&self, name: &str) -> bool {
        WANTED.contains(&name) || self.wants_sasl && name == SASL
    }

    /// The mechanisms that the server names for SASL, with commas between.
    pub(super) fn mechanisms(&self) -> Option<&str> {
        self.mechanisms.as_deref()
    }

    /// The end of it, once.
    pub(super) fn end(&mut self) -> Option<Command> {
        (!std::mem::replace(&mut self.ended, true)).then(|| cap(CapSubCommand::END, None))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.enabled.iter().any(|enabled| enabled == name)
    }
}

/// A set, of the few names that we know.
fn add(set: &mut Vec<String>, name: &str) {
    if !set.iter().any(|known| known == name) {
        set.push(name.to_owned());
    }
}

/// The first word to a server.
pub(crate) fn request_capabilities() -> Command {
    cap(CapSubCommand::LS, Some("302".into()))
}

fn cap(subcommand: CapSubCommand, argument: Option<String>) -> Command {
    Command::CAP(None, subcommand, argument, None)
}

#[cfg(test)]
mod tests;
