//! Faults are declared, not coded per test: what happens, when, how often.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Something that goes wrong: a trigger, how often, and what then.
///
/// ```
/// use std::time::Duration;
/// use irclog_tests::loopback::{Action, Fault};
///
/// // The first connection dies with the eighth line in flight.
/// let dies = Fault::on_command("PRIVMSG").on_connection(1).after(7).does(Action::Close);
/// // Every PONG comes three seconds late.
/// let lags = Fault::on_command("PING").does(Action::Delay(Duration::from_secs(3)));
/// ```
#[derive(Debug, Clone)]
pub struct Fault {
    trigger: Trigger,
    connection: Option<usize>,
    skip: usize,
    times: Option<usize>,
    actions: Vec<Action>,
    seen: usize,
}

#[derive(Clone)]
enum Trigger {
    Connect,
    Line(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

/// What the server does when a [`Fault`] strikes.
///
/// In texts `{nick}` stands for the client's nick (`*` before it has one),
/// `{target}` for the first parameter of its line, `{server}` for the server.
#[derive(Clone)]
pub enum Action {
    /// Neither reads nor writes for so long, then goes on where it was.
    Stall(Duration),
    /// Neither reads nor writes ever again, and does not close either.
    Freeze,
    /// Closes the connection without a word; what is unprocessed is lost.
    Close,
    /// Sends `ERROR :Closing Link: … (reason)` and closes.
    Disconnect(String),
    /// Sends `:server KILL`, the ERROR, and closes.
    Kill(String),
    /// Sends one line, and goes on.
    Say(String),
    /// Sends bytes as they are, and goes on.
    Send(Vec<u8>),
    /// Overlooks the line: nobody sees it, nothing comes back.
    Ignore,
    /// Overlooks the line and answers with this one.
    Answer(String),
    /// Overlooks the line and refuses it with a numeric and its text.
    Refuse(u16, String),
    /// Sends what the line is answered with so much later; all else goes on.
    Delay(Duration),
    /// Sends what the line is answered with so many times more.
    Repeat(usize),
    /// Sends something else than what the line is answered with, line by line.
    Rewrite(Rewrite),
    /// Puts the client out of a channel, for a reason.
    Kick(String, String),
    /// Gives the client another nick, as services do.
    Rename(String),
    /// Sets modes of a channel, such as `+m` or `-c+k key`.
    Mode(String, String),
}

/// From the line that would be sent to the one that is.
pub type Rewrite = Arc<dyn Fn(&str) -> String + Send + Sync>;

impl Action {
    /// A [`Action::Rewrite`] of a plain function or closure.
    pub fn rewrite(how: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::Rewrite(Arc::new(how))
    }
}

impl Fault {
    /// Strikes when somebody connects.
    #[must_use]
    pub fn on_connect() -> Self {
        Self::on(Trigger::Connect)
    }

    /// Strikes at each `command` of a client, before it is processed.
    #[must_use]
    pub fn on_command(command: &str) -> Self {
        let command = command.to_owned();
        Self::on_line(move |line| super::message::command(line).eq_ignore_ascii_case(&command))
    }

    /// Strikes at each line of a client that satisfies `wanted`, before it is
    /// processed.
    pub fn on_line(wanted: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self::on(Trigger::Line(Arc::new(wanted)))
    }

    /// Spares the first `count` times. Defaults to 0.
    #[must_use]
    pub fn after(mut self, count: usize) -> Self {
        self.skip = count;
        self
    }

    /// Strikes so many times and then no more. Defaults to always.
    #[must_use]
    pub fn times(mut self, count: usize) -> Self {
        self.times = Some(count);
        self
    }

    /// Strikes once.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Strikes only the connection with this number, counted from 1 in the
    /// order of connecting. Defaults to all.
    #[must_use]
    pub fn on_connection(mut self, number: usize) -> Self {
        self.connection = Some(number);
        self
    }

    /// Adds what is done; several are done in order.
    #[must_use]
    pub fn does(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }

    /// What to do now that `connection` was accepted.
    pub(super) fn at_connect(&mut self, connection: usize) -> &[Action] {
        let strikes = matches!(self.trigger, Trigger::Connect);
        self.count(strikes, connection)
    }

    /// What to do now that `connection` sent `line`.
    pub(super) fn at_line(&mut self, connection: usize, line: &str) -> &[Action] {
        let strikes = match &self.trigger {
            Trigger::Line(wanted) => wanted(line),
            Trigger::Connect => false,
        };
        self.count(strikes, connection)
    }

    fn on(trigger: Trigger) -> Self {
        Self {
            trigger,
            connection: None,
            skip: 0,
            times: None,
            actions: Vec::new(),
            seen: 0,
        }
    }

    fn count(&mut self, strikes: bool, connection: usize) -> &[Action] {
        if !strikes || self.connection.is_some_and(|only| only != connection) {
            return &[];
        }
        self.seen += 1;
        let last = self.times.map(|times| self.skip.saturating_add(times));
        if self.seen > self.skip && last.is_none_or(|last| self.seen <= last) {
            &self.actions
        } else {
            &[]
        }
    }
}

impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "Connect",
            Self::Line(_) => "Line(..)",
        })
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stall(time) => write!(f, "Stall({time:?})"),
            Self::Freeze => f.write_str("Freeze"),
            Self::Close => f.write_str("Close"),
            Self::Disconnect(reason) => write!(f, "Disconnect({reason:?})"),
            Self::Kill(reason) => write!(f, "Kill({reason:?})"),
            Self::Say(line) => write!(f, "Say({line:?})"),
            Self::Send(bytes) => write!(f, "Send({} bytes)", bytes.len()),
            Self::Ignore => f.write_str("Ignore"),
            Self::Answer(line) => write!(f, "Answer({line:?})"),
            Self::Refuse(numeric, text) => write!(f, "Refuse({numeric}, {text:?})"),
            Self::Delay(time) => write!(f, "Delay({time:?})"),
            Self::Repeat(count) => write!(f, "Repeat({count})"),
            Self::Rewrite(_) => f.write_str("Rewrite(..)"),
            Self::Kick(channel, reason) => write!(f, "Kick({channel:?}, {reason:?})"),
            Self::Rename(nick) => write!(f, "Rename({nick:?})"),
            Self::Mode(channel, modes) => write!(f, "Mode({channel:?}, {modes:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(fault: &mut Fault, connection: usize, line: &str) -> bool {
        !fault.at_line(connection, line).is_empty()
    }

    #[test]
    fn counts_what_it_spares_and_how_often_it_strikes() {
        let mut fault = Fault::on_command("privmsg")
            .after(2)
            .times(2)
            .does(Action::Close);
        let struck: Vec<bool> = (0..6)
            .map(|_| strikes(&mut fault, 1, "@a=b PRIVMSG #c :x"))
            .collect();
        assert_eq!(struck, [false, false, true, true, false, false]);
    }

    #[test]
    fn other_commands_and_other_connections_do_not_count() {
        let mut fault = Fault::on_command("PING")
            .on_connection(2)
            .once()
            .does(Action::Ignore);
        assert!(!strikes(&mut fault, 1, "PING x"));
        assert!(!strikes(&mut fault, 2, "PONG x"));
        assert!(fault.at_connect(2).is_empty());
        assert!(strikes(&mut fault, 2, "PING x"));
        assert!(!strikes(&mut fault, 2, "PING x"));
    }
}
