//! Links that stand with a record: to its trace, and to a transaction.

/// What links are made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    /// To the trace of an ERROR.
    pub(crate) trace: Option<Template>,
    /// To a transaction that its author marked as public.
    pub(crate) tx: Option<Template>,
}

/// The address of one thing of many, `https://tempo.example/trace/{trace_id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    text: String,
    placeholder: &'static str,
}

/// What is wrong with a template, and what to write instead.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Neither `http://` nor `https://`, or with a space in it.
    NoAddress,
    /// The placeholder is not in it.
    NoPlace,
    /// Before the host stands a name or password.
    Password,
    /// In bytes.
    TooLong(usize),
}

/// What holds the id of a trace, and a transaction's hash.
pub(crate) const TRACE: &str = "{trace_id}";
pub(crate) const TX: &str = "{tx}";

/// Bytes of a template: a line has some 400.
pub(crate) const MOST: usize = 240;

impl Template {
    pub(crate) fn parse(text: &str, placeholder: &'static str) -> Result<Self, Flaw> {
        let text = text.trim();
        let rest = (text.strip_prefix("https://")).or_else(|| text.strip_prefix("http://"));
        let Some(rest) = rest else {
            return Err(Flaw::NoAddress);
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.contains('@') {
            return Err(Flaw::Password);
        }
        if host.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(Flaw::NoAddress);
        }
        if !text.contains(placeholder) {
            return Err(Flaw::NoPlace);
        }
        if text.len() > MOST {
            return Err(Flaw::TooLong(text.len()));
        }
        Ok(Self {
            text: text.to_owned(),
            placeholder,
        })
    }

    /// The link to what `id` names: letters and digits.
    pub(crate) fn fill(&self, id: &str) -> String {
        debug_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        self.text.replace(self.placeholder, id)
    }
}

/// Whether `text` is the hash of a transaction: of an EVM chain, of Stellar, or
/// of Solana, whose signatures are one. NEAR's are as long as addresses of
/// Solana, so `before` has to end with their name.
pub(crate) fn is_transaction(text: &str, before: &str) -> bool {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return true;
    }
    let is_base58 = |byte: u8| byte.is_ascii_alphanumeric() && !b"0OIl".contains(&byte);
    if !text.bytes().all(is_base58) {
        return false;
    }
    let name = before.trim_end_matches(['=', ':', ' ', '"', '\'', '(']);
    let is_named = ["tx", "transaction", "hash", "signature"]
        .iter()
        .any(|end| {
            let from = name.len().checked_sub(end.len());
            let found = from.and_then(|from| name.get(from..));
            found.is_some_and(|found| found.eq_ignore_ascii_case(end))
        });
    matches!(text.len(), 80..=90) || matches!(text.len(), 43..=44) && is_named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_wherever_its_place_is() {
        let template = Template::parse(" https://t.example/a/{trace_id}?b={trace_id} ", TRACE);
        assert_eq!(
            template.unwrap().fill("0af7"),
            "https://t.example/a/0af7?b=0af7"
        );
    }

    #[test]
    fn a_wrong_template_is_refused() {
        let long = format!("https://t.example/{{tx}}{}", "x".repeat(MOST));
        for (text, flaw) in [
            ("tempo.example/{tx}", Flaw::NoAddress),
            ("https://tempo.example/a b/{tx}", Flaw::NoAddress),
            ("https:///{tx}", Flaw::NoAddress),
            ("https://tempo.example/{trace_id}", Flaw::NoPlace),
            ("https://me:word@tempo.example/{tx}", Flaw::Password),
            (&long, Flaw::TooLong(long.len())),
        ] {
            assert_eq!(Template::parse(text, TX), Err(flaw), "{text}");
        }
    }

    #[test]
    fn a_transaction_is_known_by_its_form() {
        let evm = format!("0x{}", "1f2e3d4c".repeat(8));
        let solana = "5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW";
        let near = "9av2U6cova7LZPA9NPij6CTUrpBbgPG6LKVkyhcCqtk3";
        for (text, before, is) in [
            (&*evm, "", true),
            (&evm[2..], "", true),
            (solana, "", true),
            (near, "settled tx=", true),
            (near, "payer=", false),
            (&evm[..42], "tx=", false),
            ("settled", "tx=", false),
            ("", "tx=", false),
        ] {
            assert_eq!(is_transaction(text, before), is, "{before}{text}");
        }
    }
}
