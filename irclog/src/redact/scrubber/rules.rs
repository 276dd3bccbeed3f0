//! Rules of the user: a regular expression and what to show instead.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

/// Bytes of a compiled rule: what a mistake such as `\w{1000}{1000}` may cost.
const SIZE_LIMIT: usize = 1 << 20;

/// A rule: what it matches is replaced. With groups in its expression only
/// what the groups matched is.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    regex: Regex,
    replacement: Arc<str>,
}

impl Rule {
    /// Compiles a rule.
    ///
    /// # Errors
    ///
    /// A sentence that names the rule and says what is wrong with it.
    pub(crate) fn new(pattern: &str, replacement: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(pattern)
            .size_limit(SIZE_LIMIT)
            .build()
            .map_err(|error| format!("redaction rule {pattern:?} does not compile: {error}"))?;
        if regex.is_match("") {
            return Err(format!(
                "redaction rule {pattern:?} matches the empty text, so it would match everywhere; \
                 ask for at least one character, as in `\\d+` instead of `\\d*`"
            ));
        }
        let refers = replacement
            .split('$')
            .skip(1)
            .any(|rest| rest.starts_with(|first: char| first.is_ascii_digit() || first == '{'));
        if refers {
            return Err(format!(
                "the replacement of redaction rule {pattern:?} names a group ({replacement}), and \
                 nothing of what was found is shown; put groups around what is to be replaced, as \
                 in `order-([0-9]+) => #`, and the rest stays"
            ));
        }
        if replacement.chars().any(char::is_control) {
            return Err(format!(
                "the replacement of redaction rule {pattern:?} contains a control character; \
                 write printable text such as \"[customer]\""
            ));
        }
        Ok(Self {
            regex,
            replacement: replacement.into(),
        })
    }

    /// Parses `pattern => replacement`; without an arrow the replacement is
    /// `[REDACTED]`.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.rsplit_once(" => ") {
            Some((pattern, replacement)) => Self::new(pattern.trim(), replacement.trim()),
            None => Self::new(text.trim(), "[REDACTED]"),
        }
    }

    pub(crate) fn replacement(&self) -> &Arc<str> {
        &self.replacement
    }

    /// Calls `found` with start and end of everything to replace.
    pub(crate) fn find(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        if self.regex.captures_len() == 1 {
            for hit in self.regex.find_iter(text) {
                found(hit.start(), hit.end());
            }
            return;
        }
        for hit in self.regex.captures_iter(text) {
            let mut any = false;
            for group in hit.iter().skip(1).flatten() {
                any = true;
                found(group.start(), group.end());
            }
            // No group took part: rather all of it than nothing.
            if !any && let Some(whole) = hit.get(0) {
                found(whole.start(), whole.end());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_wrong_with_a_rule() {
        let error = Rule::new("(", "x").unwrap_err();
        assert!(error.contains("\"(\" does not compile"), "{error}");
        let error = Rule::new("a*", "x").unwrap_err();
        assert!(error.contains("matches the empty text"), "{error}");
        assert!(Rule::new("a", "x\ny").is_err());
    }

    #[test]
    fn parses_an_arrow() {
        let rule = Rule::parse(r"cus_\d+ => [customer]").unwrap();
        assert_eq!(&**rule.replacement(), "[customer]");
        assert_eq!(&**Rule::parse("a").unwrap().replacement(), "[REDACTED]");
    }
}
