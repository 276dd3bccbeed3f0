//! How a connection ends, and the reason that is told of it.

use std::time::Instant;

use irc_proto::Command;

use super::{Event, Session, State, WRONG_PORT};
use crate::irc::backoff::{Reason, classify};
use crate::irc::foreign::remark;

impl Session {
    /// Says goodbye. The server closes the connection when it has worked
    /// through everything before.
    pub(crate) fn quit(&mut self, message: &str) {
        self.state = State::Quitting { answered: false };
        self.drop_naming();
        self.send(&Command::QUIT(Some(message.to_owned())));
    }

    /// The connection has ended, by itself or with `error`.
    pub(crate) fn closed(&mut self, error: Option<&std::io::Error>, now: Instant) {
        self.now = now;
        let quitting = matches!(self.state, State::Quitting { .. });
        let answered = matches!(self.state, State::Quitting { answered: true });
        if quitting && (answered || error.is_none()) && !is_forced(&self.last_words) {
            self.flow.on_goodbye(now);
        }
        self.collect_flow();
        let registered = self.is_registered();
        let mut why = match (error, self.last_words.is_empty()) {
            (_, false) => self.last_words.clone(),
            (Some(error), true) => error.to_string(),
            (None, true) => "the server closed the connection".into(),
        };
        if !self.heard {
            why = "the server closed the connection without a word".into();
        }
        if why.to_ascii_lowercase().contains("sasl") && !self.wants_sasl() {
            why.push_str(
                ": set IRC_PASSWORD, and IRC_ACCOUNT where the account is not the nick (over TLS)",
            );
        }
        if !self.heard {
            why.push_str(WRONG_PORT);
        } else if !registered && self.last_words.is_empty() {
            why.push_str(" before the registration was over");
            why.push_str(WRONG_PORT);
        }
        let reason = match classify(&self.last_words) {
            Reason::Closed if !self.heard && !quitting => Reason::Silent,
            Reason::Closed if !registered && !quitting => Reason::NoIrc,
            reason => reason,
        };
        self.end(reason, why);
    }

    pub(super) fn end(&mut self, reason: Reason, text: String) {
        if !matches!(self.state, State::Ended) {
            self.state = State::Ended;
            while let Some((level, text)) = self.remarks.rest() {
                self.events.push_back(Event::Remark(level, text));
            }
            self.events.push_back(Event::End(reason, remark(text)));
        }
    }
}

/// Whether a server's last words speak of another end than a QUIT, at which
/// it drops what it had not worked through.
fn is_forced(last_words: &str) -> bool {
    let words = last_words.to_ascii_lowercase();
    [
        "flood", "recvq", "sendq", "kill", "banned", "-line", "timeout",
    ]
    .iter()
    .any(|word| words.contains(word))
}
