//! supervisord names a program once, in a line before what that has written.

/// Whose lines follow.
#[derive(Debug, Default)]
pub(super) struct Supervised {
    program: Option<String>,
}

/// What a line is to supervisord.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// It only names the program whose lines follow.
    Name,
    /// It is a line of that program.
    By(&'a str),
    /// It is supervisord's own, or there is no supervisord.
    Own,
}

impl Supervised {
    pub(super) fn take(&mut self, line: &str) -> Said<'_> {
        // `2026-01-31 23:59:59,123 DEBG 'web' stdout output:`
        if line.as_bytes().get(23) == Some(&b' ')
            && line.is_char_boundary(24)
            && let Some((level, rest)) = line[24..].split_once(' ')
            && matches!(
                level,
                "DEBG" | "INFO" | "WARN" | "ERRO" | "CRIT" | "TRAC" | "BLAT"
            )
        {
            let named = rest
                .strip_prefix('\'')
                .and_then(|rest| rest.split_once('\''));
            match named {
                Some((program, " stdout output:" | " stderr output:")) if level == "DEBG" => {
                    self.program = Some(program.to_owned());
                    return Said::Name;
                }
                // A word of its own, not a child's line with such a stamp.
                _ if OWN.iter().any(|word| rest.starts_with(word)) || level == "DEBG" => {
                    self.program = None;
                }
                _ => {}
            }
        }
        self.program.as_deref().map_or(Said::Own, Said::By)
    }
}

/// How supervisord's own lines begin.
const OWN: &[&str] = &[
    "spawned: ",
    "success: ",
    "exited: ",
    "stopped: ",
    "gave up: ",
    "waiting for ",
    "received ",
    "reaped ",
    "supervisord ",
];
