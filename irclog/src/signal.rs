//! The one signal that irclog may listen to, because the user chose it.

use std::future::pending;

#[cfg(unix)]
use log::Level;

use crate::notice::Notices;

/// A signal that ends no process by custom, so that listening to it takes
/// nothing from the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MuteSignal {
    User1,
    User2,
    Hangup,
    WindowChange,
}

impl MuteSignal {
    pub(crate) const NAMES: [&str; 4] = ["SIGUSR1", "SIGUSR2", "SIGHUP", "SIGWINCH"];

    /// Reads `SIGUSR1`, `USR1` and the like. `None` also where there are no
    /// signals.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let name = text.trim().to_ascii_uppercase();
        let signal = match name.strip_prefix("SIG").unwrap_or(&name) {
            "USR1" => Self::User1,
            "USR2" => Self::User2,
            "HUP" => Self::Hangup,
            "WINCH" => Self::WindowChange,
            _ => return None,
        };
        cfg!(unix).then_some(signal)
    }
}

/// The stream of the chosen signal, or of none.
pub(crate) struct Signal {
    #[cfg(unix)]
    stream: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signal {
    /// Listens, inside a runtime. Whatever handled the signal before goes on
    /// to get it only if it came through the same registry.
    pub(crate) fn listen(signal: Option<MuteSignal>, notices: &Notices) -> Self {
        use tokio::signal::unix::{SignalKind, signal as listen};
        let stream = signal.and_then(|signal| {
            let kind = match signal {
                MuteSignal::User1 => SignalKind::user_defined1(),
                MuteSignal::User2 => SignalKind::user_defined2(),
                MuteSignal::Hangup => SignalKind::hangup(),
                MuteSignal::WindowChange => SignalKind::window_change(),
            };
            listen(kind)
                .map_err(|error| {
                    let text = format!("IRC_MUTE_SIGNAL cannot be listened to ({error})");
                    notices.tell(Level::Warn, &text);
                })
                .ok()
        });
        Self { stream }
    }

    pub(crate) async fn recv(&mut self) {
        if let Some(stream) = &mut self.stream
            && stream.recv().await.is_some()
        {
            return;
        }
        pending::<()>().await;
    }
}

#[cfg(not(unix))]
impl Signal {
    pub(crate) fn listen(_signal: Option<MuteSignal>, _notices: &Notices) -> Self {
        Self {}
    }

    pub(crate) async fn recv(&mut self) {
        pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_known_by_both_names() {
        #[cfg(unix)]
        for name in MuteSignal::NAMES {
            let short = name.trim_start_matches("SIG").to_lowercase();
            assert!(MuteSignal::parse(name).is_some());
            assert_eq!(MuteSignal::parse(&short), MuteSignal::parse(name));
        }
        for name in ["SIGKILL", "SIGTERM", "TERM", "10", ""] {
            assert_eq!(MuteSignal::parse(name), None, "{name}");
        }
    }
}
