//! Which instructions a survey is taken with: those that the machine has.

use super::Survey;

impl Survey {
    /// Looks at all of `text`.
    pub(in crate::redact) fn take(&mut self, text: &[u8]) {
        self.take_if(text, |_| true);
    }

    /// Looks at all of `text`, unless something in it stands for something else.
    /// Then no more is known than what is rare, and the answer is `false`.
    pub(in crate::redact) fn take_plain(&mut self, text: &[u8]) -> bool {
        self.take_if(text, |survey| !survey.decodes(text))
    }

    #[inline]
    fn take_if(&mut self, text: &[u8], goes_on: impl Fn(&Self) -> bool) -> bool {
        #[cfg(target_arch = "x86_64")]
        if let Some(all) = super::x86::avx2::survey(self, text, &goes_on) {
            return all;
        }
        self.take_portably(text, goes_on)
    }
}
