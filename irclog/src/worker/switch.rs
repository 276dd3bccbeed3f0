//! The kill switch for a public stream: the handle, a file, a signal. The
//! channel is silent while any of them says so.

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a change of the file may go unseen.
const LOOK: Duration = Duration::from_millis(500);

/// Who wants silence.
#[derive(Debug)]
pub(super) struct Switch {
    by_handle: bool,
    by_signal: bool,
    file: Option<MuteFile>,
}

#[derive(Debug)]
struct MuteFile {
    path: PathBuf,
    exists: bool,
    look_at: Instant,
}

impl Switch {
    pub(super) fn new(file: Option<PathBuf>, now: Instant) -> Self {
        Self {
            by_handle: false,
            by_signal: false,
            file: file.map(|path| MuteFile {
                path,
                exists: false,
                look_at: now,
            }),
        }
    }

    /// The handle wants silence, or no longer.
    pub(super) fn set(&mut self, muted: bool) {
        self.by_handle = muted;
        // Whoever says that it goes on means all that he can undo.
        self.by_signal &= muted;
    }

    /// Whether the handle wants silence, whatever file and signal want.
    pub(super) fn is_muted_by_handle(&self) -> bool {
        self.by_handle
    }

    /// The signal came: silence and speech by turns.
    pub(super) fn toggle(&mut self) {
        self.by_signal = !self.by_signal;
    }

    /// Looks after the file where it is time to, and says whether there is
    /// silence.
    pub(super) fn is_muted(&mut self, now: Instant) -> bool {
        if let Some(file) = &mut self.file
            && now >= file.look_at
        {
            file.look_at = now + LOOK;
            // A folder that cannot be read says nothing: silence is asked for
            // by a file that is there.
            file.exists = file.path.exists();
        }
        self.by_handle || self.by_signal || self.file.as_ref().is_some_and(|file| file.exists)
    }

    /// When the file is to be looked after.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        self.file.as_ref().map(|file| file.look_at)
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "an Instant to count from can only be had from the clock"
)]
mod tests {
    use super::*;

    #[test]
    fn any_of_the_three_is_enough() {
        let now = Instant::now();
        let mut switch = Switch::new(None, now);
        assert!(!switch.is_muted(now));
        switch.toggle();
        assert!(switch.is_muted(now));
        switch.toggle();
        assert!(!switch.is_muted(now));
        switch.set(true);
        switch.toggle();
        assert!(switch.is_muted(now));
        switch.set(false);
        assert!(!switch.is_muted(now), "unmute undoes the signal as well");
    }

    #[test]
    fn a_file_is_looked_after_now_and_then() {
        let now = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mute");
        let mut switch = Switch::new(Some(path.clone()), now);
        assert!(!switch.is_muted(now));
        std::fs::write(&path, "").unwrap();
        assert!(!switch.is_muted(now + LOOK / 2), "not yet");
        assert!(switch.is_muted(now + LOOK));
        switch.set(false);
        assert!(switch.is_muted(now + LOOK), "the file is still there");
        std::fs::remove_file(&path).unwrap();
        assert!(!switch.is_muted(now + 2 * LOOK));
    }
}
