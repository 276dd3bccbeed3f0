//! Becoming known to a server: the capabilities that it has.

use irc_proto::{CapSubCommand, Command};

/// What we ask for where it is offered. `echo-message` returns our own lines:
/// the only proof that one was shown.
const WANTED: &[&str] = &["echo-message"];

/// The negotiation of capabilities. Registration never waits for it: a server
/// without `CAP` does not answer at all.
#[derive(Debug, Default)]
pub(crate) struct Capabilities {
    offered: Vec<String>,
    enabled: Vec<String>,
    asked: bool,
    ended: bool,
}

impl Capabilities {
    /// Takes a `CAP` message of the server and returns the answer.
    pub(crate) fn answer(
        &mut self,
        subcommand: CapSubCommand,
        first: Option<&str>,
        second: Option<&str>,
    ) -> Option<Command> {
        match subcommand {
            CapSubCommand::LS => {
                // `CAP * LS * :a b` says that more follows.
                let (more, list) = match (first, second) {
                    (Some("*"), Some(list)) => (true, list),
                    (Some(list), _) => (false, list),
                    (None, _) => (false, ""),
                };
                for capability in list.split(' ').filter(|name| !name.is_empty()) {
                    let name = capability.split('=').next().unwrap_or(capability);
                    if WANTED.contains(&name) {
                        add(&mut self.offered, name);
                    }
                }
                if more || self.asked || self.ended {
                    None
                } else if self.offered.is_empty() {
                    self.end()
                } else {
                    self.asked = true;
                    let list = self.offered.join(" ");
                    Some(cap(CapSubCommand::REQ, Some(list)))
                }
            }
            CapSubCommand::ACK => {
                let list = first.unwrap_or_default();
                for name in list.split(' ').filter(|name| WANTED.contains(name)) {
                    add(&mut self.enabled, name);
                }
                self.end()
            }
            CapSubCommand::NAK => self.end(),
            CapSubCommand::DEL => {
                let list = first.unwrap_or_default();
                (self.enabled).retain(|name| !list.split(' ').any(|gone| gone == name));
                None
            }
            _ => None,
        }
    }

    fn end(&mut self) -> Option<Command> {
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
mod tests {
    use super::*;

    #[test]
    fn capabilities_over_several_lines_are_gathered_then_asked_for() {
        let mut capabilities = Capabilities::default();
        let more = capabilities.answer(
            CapSubCommand::LS,
            Some("*"),
            Some("sasl=PLAIN multi-prefix"),
        );
        assert_eq!(more, None);
        let asked = capabilities.answer(CapSubCommand::LS, Some("echo-message away-notify"), None);
        assert_eq!(String::from(&asked.unwrap()), "CAP REQ echo-message");
        let end = capabilities.answer(CapSubCommand::ACK, Some("echo-message "), None);
        assert_eq!(String::from(&end.unwrap()), "CAP END");
        assert!(capabilities.has("echo-message"));
    }

    #[test]
    fn nothing_wanted_or_nothing_granted_ends_at_once_and_once() {
        let mut capabilities = Capabilities::default();
        let end = capabilities.answer(CapSubCommand::LS, Some("sasl"), None);
        assert_eq!(String::from(&end.unwrap()), "CAP END");
        assert_eq!(
            capabilities.answer(CapSubCommand::LS, Some("echo-message"), None),
            None
        );
        let mut refused = Capabilities::default();
        refused.answer(CapSubCommand::LS, Some("echo-message"), None);
        let end = refused.answer(CapSubCommand::NAK, Some("echo-message"), None);
        assert_eq!(String::from(&end.unwrap()), "CAP END");
        assert!(!refused.has("echo-message"));
    }

    #[test]
    fn what_is_offered_and_granted_a_million_times_is_held_once() {
        let mut capabilities = Capabilities::default();
        let offer = |capabilities: &mut Capabilities| {
            capabilities.answer(CapSubCommand::LS, Some("echo-message"), None)
        };
        assert!(offer(&mut capabilities).is_some());
        for _ in 0..1000 {
            assert_eq!(offer(&mut capabilities), None, "asked for once");
        }
        let many = "echo-message ".repeat(600);
        for _ in 0..1000 {
            capabilities.answer(CapSubCommand::ACK, Some(&many), None);
        }
        assert_eq!(capabilities.offered, ["echo-message"]);
        assert_eq!(capabilities.enabled, ["echo-message"]);
    }
}
