//! The bit of IRC grammar that a server needs.

/// A client's line, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message<'a> {
    /// The value of the tag `label`.
    pub(super) label: Option<&'a str>,
    /// In upper case.
    pub(super) command: String,
    pub(super) params: Vec<&'a str>,
}

impl<'a> Message<'a> {
    pub(super) fn parse(line: &'a str) -> Self {
        let (tags, rest) = split_tags(line);
        let label = tags
            .split(';')
            .find_map(|tag| tag.strip_prefix("label="))
            .filter(|label| !label.is_empty());
        let (head, trailing) = match rest.split_once(" :") {
            Some((head, trailing)) => (head, Some(trailing)),
            None => (rest, None),
        };
        // A client's own prefix means nothing.
        let mut words = head
            .split(' ')
            .filter(|word| !word.is_empty())
            .skip_while(|word| word.starts_with(':'));
        let command = words.next().unwrap_or_default().to_ascii_uppercase();
        Self {
            label,
            command,
            params: words.chain(trailing).collect(),
        }
    }

    /// Parameter number `at`, empty when there is none.
    pub(super) fn param(&self, at: usize) -> &'a str {
        self.params.get(at).copied().unwrap_or_default()
    }
}

/// The command of `line`, as it was written.
pub(super) fn command(line: &str) -> &str {
    split_tags(line)
        .1
        .split(' ')
        .find(|word| !word.is_empty() && !word.starts_with(':'))
        .unwrap_or_default()
}

/// How servers tell whether two names are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaseMapping {
    /// A-Z equal a-z.
    #[default]
    Ascii,
    /// And `[]\~` equal `{}|^`.
    Rfc1459,
}

impl CaseMapping {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ascii => "ascii",
            Self::Rfc1459 => "rfc1459",
        }
    }

    pub(super) fn fold(self, name: &str) -> String {
        name.chars()
            .map(|c| match (self, c) {
                (Self::Rfc1459, '[') => '{',
                (Self::Rfc1459, ']') => '}',
                (Self::Rfc1459, '\\') => '|',
                (Self::Rfc1459, '~') => '^',
                _ => c.to_ascii_lowercase(),
            })
            .collect()
    }
}

fn split_tags(line: &str) -> (&str, &str) {
    match line.strip_prefix('@') {
        Some(tagged) => tagged.split_once(' ').unwrap_or((tagged, "")),
        None => ("", line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_line_apart() {
        let message = Message::parse("@x;label=7 :me privmsg  #c :a : b");
        assert_eq!(
            message,
            Message {
                label: Some("7"),
                command: "PRIVMSG".into(),
                params: vec!["#c", "a : b"],
            }
        );
        assert_eq!(command("@x;label=7 :me privmsg #c :a"), "privmsg");
    }

    #[test]
    fn garbage_has_no_command() {
        for line in ["", "@", "@tag", ":prefix", " ", ":"] {
            assert_eq!(Message::parse(line).command, "", "{line:?}");
            assert_eq!(command(line), "", "{line:?}");
        }
    }

    #[test]
    fn names_are_equal_by_the_casemapping() {
        assert_eq!(CaseMapping::Ascii.fold("#A[b]"), "#a[b]");
        assert_eq!(CaseMapping::Rfc1459.fold("#A[b]~"), "#a{b}^");
    }
}
