//! What a peer says, cleaned where it enters: no sink of ours has to think of
//! what a stranger may write to a terminal.

use std::borrow::Cow;

use irc_proto::Message;

use crate::channel::sanitise::sanitise;

/// Characters of a peer's text that are told. A reason of an operator fits,
/// also that of a ban.
const TOLD: usize = 400;

/// Characters of a remark, with all that it quotes.
const REMARK: usize = 1_000;

/// Text of a peer that holds no control character, no terminal escape and
/// nothing that reorders or hides what stands beside it. Formatting goes as
/// well: it is for a channel, and this is for a console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Foreign(String);

impl Foreign {
    pub(crate) fn new(text: &str) -> Self {
        Self(sanitise(text).into_owned())
    }

    /// Reads a line as a message, all of whose parts are clean. `None` for
    /// what is none.
    pub(super) fn message(&self) -> Option<Message> {
        self.0.parse().ok()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `other`, but for blanks around it.
    pub(super) fn is(&self, other: &str) -> bool {
        self.0.trim() == other.trim()
    }

    /// As much of it as is worth telling.
    pub(crate) fn told(&self) -> Cow<'_, str> {
        told(&self.0)
    }
}

/// A remark that holds parts of messages, at a length that people read.
pub(super) fn remark(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(REMARK) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// As much of a part of a message as is worth telling.
pub(super) fn told(part: &str) -> Cow<'_, str> {
    match part.char_indices().nth(TOLD) {
        Some((end, _)) => Cow::Owned(format!("{}…", &part[..end])),
        None => Cow::Borrowed(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_and_nothing_in_it_moves_a_cursor() {
        let line =
            ":op\x1b[2J!u\u{202e}@h KICK #c teller :\x1b]0;owned\x07\x0304red\u{9b}31m\u{85}x";
        let message = Foreign::new(line).message().unwrap().to_string();
        assert!(
            !message.trim_end().chars().any(char::is_control),
            "{message:?}"
        );
        assert!(
            message.starts_with(":op!u@h KICK #c teller :red"),
            "{message:?}"
        );
    }

    #[test]
    fn a_novel_is_told_to_its_first_characters() {
        let novel = "ä".repeat(10_000);
        let told = Foreign::new(&novel).told().into_owned();
        assert_eq!(told.chars().count(), TOLD + 1);
        assert!(told.ends_with('…'));
        assert_eq!(Foreign::new("short").told(), "short");
    }
}
