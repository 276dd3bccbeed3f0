//! A row of the tables: a word, how it may be joined, and what it announces.

/// What a name says about the value after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) enum Announces {
    /// `password`, `secret`, `private_key`: any value is secret.
    Secret,
    /// `token`, `session`, `auth`: a value is secret unless it is plainly a
    /// word, a small number or an address.
    Token,
    /// `signature`: as a token, but hexadecimal keeps its first digits.
    Signature,
    /// `pin`, `cvv`: digits are secret.
    Digits,
    /// `xKey`: a value that looks like a key is secret; also a UUID.
    VendorKey,
    /// `key` alone: a value that looks like a key is secret.
    Key,
    /// `mnemonic`, `seed phrase`: the value goes on over spaces.
    Phrase,
    /// `Authorization`, `Cookie`: the value goes on to the end of the line.
    Header,
}

/// Words that do the same.
#[derive(Debug, Clone, Copy)]
pub(in crate::redact) struct Words {
    pub(in crate::redact) list: &'static [&'static [u8]],
    pub(super) has: fn(&[u8]) -> bool,
}

impl Words {
    /// Whether `word` is among them.
    pub(in crate::redact) fn has_in_any_case(&self, word: &[u8]) -> bool {
        let mut lower = [0; LONGEST];
        self.has(in_small_letters(word, &mut lower))
    }

    /// Whether `word`, in small letters, is among them.
    pub(in crate::redact) fn has(&self, word: &[u8]) -> bool {
        (self.has)(word)
    }
}

/// A list of words that is searched by a decision tree instead of word by word.
macro_rules! words {
    ($(#[$doc:meta])* $list:ident: $($word:literal)+) => {
        $(#[$doc])*
        pub(in crate::redact) const $list: $crate::redact::lexicon::words::row::Words =
            $crate::redact::lexicon::words::row::Words {
                list: &[$($word),+],
                has: |word| matches!(word, $($word)|+),
            };
    };
}
pub(in crate::redact) use words;

/// A word that announces a secret at the end of a name. A word may have several
/// rows; the first one holds that fits what stands before it.
#[derive(Debug, Clone, Copy)]
pub(in crate::redact) struct Word {
    pub(super) text: &'static [u8],
    pub(super) joins: Joins,
    pub(super) when: When,
    /// What the value is, unless the row says that it is nothing.
    pub(super) says: Option<Announces>,
    pub(super) traits: u8,
}

/// How a word may be joined to what stands around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joins {
    /// The last word of a name: `my_pin`, `myPin`, not `mypin`.
    Own,
    /// Or with one word more behind it: `senha_banco`.
    Ahead,
    /// Or run together with what stands before it as well: `mypassword`.
    End,
}

/// What a row asks of the word before its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    Always,
    /// There is one.
    Led,
    /// There is one, and no blank stands in the name.
    Joined,
    /// It is one of these.
    After(Words),
}

/// Somebody chose the value: it may be a word or a number.
pub(super) const CHOSEN: u8 = 1;
/// A UUID is one, also where it follows a blank.
pub(super) const UUID: u8 = 1 << 1;
/// A number alone is none, but the seed of a generator.
pub(super) const NUMBER: u8 = 1 << 2;
/// Run together with the name of a vendor it still announces what looks like a
/// secret and stands in one token with it: `shopKEY-<value>`.
pub(super) const GLUED: u8 = 1 << 3;

pub(super) const fn row(text: &'static str, joins: Joins, when: When, says: Announces) -> Word {
    Word {
        text: text.as_bytes(),
        joins,
        when,
        says: Some(says),
        traits: 0,
    }
}

/// A word of its own.
pub(super) const fn own(text: &'static str, says: Announces) -> Word {
    row(text, Joins::Own, When::Always, says)
}

/// A word, also run together with what stands before it.
pub(super) const fn end(text: &'static str, says: Announces) -> Word {
    row(text, Joins::End, When::Always, says)
}

/// A word that has another one before it.
pub(super) const fn led(text: &'static str, says: Announces) -> Word {
    row(text, Joins::Own, When::Led, says)
}

/// A word that has one of `owners` before it.
pub(super) const fn after(owners: Words, text: &'static str, says: Announces) -> Word {
    row(text, Joins::Own, When::After(owners), says)
}

impl Word {
    pub(super) const fn chosen(mut self) -> Self {
        self.traits |= CHOSEN;
        self
    }

    pub(super) const fn or_uuid(mut self) -> Self {
        self.traits |= UUID;
        self
    }

    pub(super) const fn or_number(mut self) -> Self {
        self.traits |= NUMBER;
        self
    }

    pub(super) const fn glued(mut self) -> Self {
        self.traits |= GLUED;
        self
    }

    pub(super) const fn joined(mut self) -> Self {
        self.when = When::Joined;
        self
    }

    pub(super) const fn also_ahead(mut self) -> Self {
        self.joins = Joins::Ahead;
        self
    }

    pub(super) const fn nothing(mut self) -> Self {
        self.says = None;
        self
    }

    pub(super) fn fits(&self, before: Option<&[u8]>, parted: bool) -> bool {
        match self.when {
            When::Always => true,
            When::Led => before.is_some(),
            When::Joined => before.is_some() && !parted,
            When::After(owners) => before.is_some_and(|word| owners.has(word)),
        }
    }
}

/// Bytes of the longest word of a table, at least.
pub(super) const LONGEST: usize = 24;

/// `word` in small letters; nothing, if it is longer than any of the tables.
pub(super) fn in_small_letters<'a>(word: &[u8], lower: &'a mut [u8; LONGEST]) -> &'a [u8] {
    let Some(lower) = lower.get_mut(..word.len()) else {
        return &[];
    };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    lower
}
