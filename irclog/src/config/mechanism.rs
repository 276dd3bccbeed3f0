//! Ways to prove an account while registering, as far as a setting names them.

use std::fmt;

/// A mechanism of SASL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// By the certificate that TLS was opened with.
    External,
    /// The server learns nothing that would open another's door.
    Scram,
    /// The password itself.
    Plain,
}

impl Mechanism {
    /// All that there are, the strongest first.
    pub(crate) const ALL: [Self; 3] = [Self::External, Self::Scram, Self::Plain];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::External => "EXTERNAL",
            Self::Scram => "SCRAM-SHA-256",
            Self::Plain => "PLAIN",
        }
    }

    /// Whether the account is proven by the password.
    pub(crate) fn uses_password(self) -> bool {
        self != Self::External
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Those that `names` holds, the strongest first; or the first name that is none.
pub(super) fn read<'a>(
    names: &(impl Iterator<Item = &'a str> + Clone),
) -> Result<Vec<Mechanism>, &'a str> {
    let is = |mechanism: &Mechanism, name: &str| name.eq_ignore_ascii_case(mechanism.name());
    let known = |name: &&str| Mechanism::ALL.iter().any(|mechanism| is(mechanism, name));
    if let Some(other) = names.clone().find(|name| !known(name)) {
        return Err(other);
    }
    let all = Mechanism::ALL.into_iter();
    let wanted = all.filter(|mechanism| names.clone().any(|name| is(mechanism, name)));
    Ok(wanted.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_order_and_what_is_none_is_told() {
        let read = |text: &'static str| read(&text.split(','));
        let both = vec![Mechanism::Scram, Mechanism::Plain];
        assert_eq!(read("plain,Scram-SHA-256"), Ok(both));
        assert_eq!(read("EXTERNAL"), Ok(vec![Mechanism::External]));
        assert_eq!(read("PLAIN,CRAM-MD5"), Err("CRAM-MD5"));
    }
}
