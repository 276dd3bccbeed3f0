//! One record that goes to several channels: it is redacted once.

use std::sync::{Arc, Mutex, PoisonError};

use crate::redact::audience::PublicSpan;
use crate::redact::scrub::{Edition, Scrubber};

/// What the copies of a record share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Twin(Arc<Mutex<Option<Made>>>);

/// Of the same record.
impl PartialEq for Twin {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Twin {}

/// The text of a record, redacted.
#[derive(Debug)]
struct Made {
    of: Source,
    with: Edition,
    text: String,
}

/// What a text is made of. That of a copy may have been changed since, when
/// something else was told with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) text: String,
    pub(crate) public: Vec<PublicSpan>,
    /// Bytes that were cut off its end.
    pub(crate) omitted: usize,
}

impl Twin {
    /// What `make` makes of the record's text. It is asked again where the text
    /// is another, or where more values are known now that must not be shown.
    pub(crate) fn text(
        &self,
        of: Source,
        scrubber: &Scrubber,
        make: impl FnOnce() -> String,
    ) -> String {
        let with = scrubber.edition();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = &*known
            && made.with.is(&with)
            && made.of == of
        {
            return made.text.clone();
        }
        let text = make();
        *known = Some(Made {
            of,
            with,
            text: text.clone(),
        });
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::vault::Vault;

    #[test]
    fn a_text_is_made_once_unless_something_has_changed() {
        let of = |text: &str| Source {
            text: text.to_owned(),
            public: Vec::new(),
            omitted: 0,
        };
        let vault = Arc::new(Vault::default());
        let scrubber = Scrubber::default().vault(Arc::clone(&vault));
        let twin = Twin::default();
        let copy = twin.clone();
        assert!(twin == copy && twin != Twin::default());
        assert_eq!(twin.text(of("a"), &scrubber, || "one".into()), "one");
        assert_eq!(copy.text(of("a"), &scrubber, || "two".into()), "one");
        assert_eq!(copy.text(of("b"), &scrubber, || "three".into()), "three");
        assert!(vault.register("", "a-value-of-its-own"));
        let after = copy.text(of("b"), &scrubber, || "five".into());
        assert_eq!(after, "five", "a value has become known in between");
    }
}
