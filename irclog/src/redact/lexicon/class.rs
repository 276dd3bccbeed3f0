//! The classes of what is found.

/// What a masked span was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Class {
    /// A public IP address.
    Ip,
    /// An e-mail address.
    Email,
    /// An account address of a chain.
    Address,
    /// 32 bytes in hexadecimal, or another long hexadecimal number.
    Hash,
    /// A signature or call data.
    Signature,
    /// An IBAN.
    Iban,
    /// A payment card.
    Card,
    /// A long token that no rule knows.
    Opaque,
    /// A list of bytes, as `Debug` prints it.
    Bytes,
    /// The key in the path of a URL.
    UrlKey,
    /// The password of a URL.
    UrlCredential,
    /// JSON Web Token, or other JSON in base64.
    Jwt,
    /// A token with its vendor's prefix.
    Vendor,
    /// What follows `Bearer`, `Basic` and other schemes.
    Authorization,
    /// The value of a name that announces a secret.
    Named,
    /// The words of a wallet.
    Mnemonic,
    /// A private key by its form.
    Key,
    /// A PEM block.
    Pem,
    /// A rule of the user.
    Rule,
    /// A value that the process itself holds.
    Known,
}

impl Class {
    pub(crate) const ALL: [Self; 20] = [
        Self::Ip,
        Self::Email,
        Self::Address,
        Self::Hash,
        Self::Signature,
        Self::Iban,
        Self::Card,
        Self::Opaque,
        Self::Bytes,
        Self::UrlKey,
        Self::UrlCredential,
        Self::Jwt,
        Self::Vendor,
        Self::Authorization,
        Self::Named,
        Self::Mnemonic,
        Self::Key,
        Self::Pem,
        Self::Rule,
        Self::Known,
    ];

    /// The name in settings and in the output of `--explain`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Email => "email",
            Self::Address => "address",
            Self::Hash => "hash",
            Self::Signature => "signature",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::Opaque => "opaque",
            Self::Bytes => "bytes",
            Self::UrlKey => "url-key",
            Self::UrlCredential => "url-credential",
            Self::Jwt => "jwt",
            Self::Vendor => "vendor",
            Self::Authorization => "authorization",
            Self::Named => "named",
            Self::Mnemonic => "mnemonic",
            Self::Key => "key",
            Self::Pem => "pem",
            Self::Rule => "rule",
            Self::Known => "known",
        }
    }

    /// Whether a user may turn the class off: what tells who, never what
    /// opens a door.
    pub(crate) const fn is_optional(self) -> bool {
        matches!(
            self,
            Self::Ip | Self::Email | Self::Address | Self::Iban | Self::Card
        )
    }

    pub(in crate::redact) const fn bit(self) -> u32 {
        1 << self as u32
    }
}
