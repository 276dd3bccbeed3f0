//! A line as it goes on the wire.

use std::fmt;

use irc_proto::Command;

/// The longest line without tags, CRLF included, where the server names no
/// other: RFC 2812, section 2.3.
pub(crate) const MAX_LINE: usize = 512;

/// One line for the server, CRLF included. It cannot hold another CR, LF or
/// NUL: on three of five servers a bare CR inside a message begins a command.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Wire(String);

impl Wire {
    /// Writes `command`, without the characters that would end it early, and
    /// not beyond `max` bytes.
    pub(crate) fn new(command: &Command, max: usize) -> Self {
        let mut line = String::from(command);
        line.retain(|c| !matches!(c, '\r' | '\n' | '\0'));
        let mut room = line.len().min(max.saturating_sub(2));
        while !line.is_char_boundary(room) {
            room -= 1;
        }
        line.truncate(room);
        line.push_str("\r\n");
        Self(line)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Passwords travel in lines: none is shown.
impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = self.0.split(' ').next().unwrap_or_default();
        write!(f, "Wire({} …)", command.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(text: &str) -> String {
        let command = Command::PRIVMSG("#c".into(), text.into());
        String::from_utf8(Wire::new(&command, MAX_LINE).as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn nothing_ends_a_line_but_its_end() {
        let line = wire("a\rTOPIC #c :x\nQUIT\0b");
        assert_eq!(line, "PRIVMSG #c :aTOPIC #c :xQUITb\r\n");
    }

    #[test]
    fn never_longer_than_the_server_takes_and_never_half_a_character() {
        for pad in 0..4 {
            let line = wire(&format!("{}{}", "x".repeat(pad), "🚀".repeat(300)));
            assert!(line.len() <= MAX_LINE && line.len() > MAX_LINE - 4);
            assert!(line.ends_with("🚀\r\n"));
        }
    }

    #[test]
    fn debug_shows_no_password() {
        let pass = Wire::new(&Command::PASS("hunter2".into()), MAX_LINE);
        assert!(!format!("{pass:?}").contains("hunter2"));
    }
}
