//! The way to the server, and what comes from it: the beginning and the end of a
//! connection, and the events between.

use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use log::Level;

use super::Run;
use super::attempt::{self, Aim, Tried};
use super::link::{Link, Up};
use crate::config::channels;
use crate::irc::backoff::Reason;
use crate::irc::flow::FlowConfig;
use crate::irc::session::{Destination, Event, Identity, Session};
use crate::line::MAIN;
use crate::transport::Connection;

/// An outage for the same reason is told again after this long, however often
/// the server is tried.
const TELL_AGAIN: Duration = Duration::from_secs(60);

impl Run {
    pub(super) fn connect(&mut self, now: Instant) {
        let config = &self.worker.config;
        let (server, port) = (config.server.clone(), config.port);
        if self.outage.as_ref().is_none_or(|(_, until)| now >= *until) {
            let how = config.tls.as_ref().map_or("plain text", |_| "TLS");
            let proxy = config.proxy.as_ref();
            let through = proxy.map_or(String::new(), |proxy| format!(", through {proxy}"));
            let text = format!("connecting to {server} port {port} ({how}{through})");
            self.worker.notices.tell(Level::Info, &text);
        }
        let aim = Aim {
            server,
            port,
            route: self.worker.route.clone(),
            failures: self.backoff.failures(),
            start: self.service(),
        };
        let state = Arc::clone(&self.worker.state);
        self.link = Link::Connecting(Box::pin(aim.attempt(state)));
    }

    /// The service, where it has not been noted yet that it has started.
    fn service(&self) -> Option<u64> {
        let config = &self.worker.config;
        let line = (config.start_line.as_deref()).filter(|_| self.start == Start::New)?;
        // Each of the instances of one service has a start of its own.
        let names = channels::names(&config.channels);
        Some(attempt::service(&config.server, config.port, &names, line))
    }

    pub(super) fn tried(&mut self, tried: Tried, now: Instant) {
        match tried {
            Tried::NotYet(wait) => {
                let until = now + self.backoff.beside_others(wait);
                self.link = Link::Waiting { until };
                let seconds = (until - now).as_secs_f64();
                let text = format!(
                    "others of this host have just connected to {}, which would shut its door to \
                     all of them: our turn comes in {seconds:.0} s (IRC_STATE_DIR)",
                    self.worker.config.server
                );
                self.worker.notices.tell(Level::Info, &text);
            }
            Tried::Made {
                crowded,
                start,
                unkept,
                result,
            } => {
                if let Some(text) = unkept {
                    self.remark(Level::Warn, text, now);
                }
                self.backoff.opened(crowded);
                if result.is_ok() && self.start == Start::New {
                    self.start = start.map_or(Start::Over, Start::ToTell);
                }
                match result {
                    Ok(connection) => self.begin(connection, now),
                    Err(error) => self.lose(error.reason, &error.to_string(), now),
                }
            }
        }
    }

    /// Tells the console, which is not to be filled with it.
    #[track_caller]
    fn remark(&mut self, level: Level, text: String, now: Instant) {
        let kind = (Location::caller(), MAIN);
        if let Some((level, text)) = self.remarks.admit(kind, level, text, now) {
            self.worker.notices.tell(level, &text);
        }
    }

    /// A connection is open: begins its session.
    fn begin(&mut self, connection: Connection, now: Instant) {
        if let Some(text) = connection.remark {
            self.remark(Level::Warn, text, now);
        }
        let config = &self.worker.config;
        let identity = Identity {
            nick: config.nick.clone(),
            channels: config.channels.iter().map(Destination::from).collect(),
            server_password: config.server_password.clone(),
            password: config.password.clone(),
            services: config.services.clone(),
            account: config.account.clone(),
            on_behalf_of: None,
            certificate: config.tls.as_ref().is_some_and(|tls| tls.client.is_some()),
            mechanisms: config.mechanisms.clone(),
            seed: fastrand::u64(..),
        };
        let flow = FlowConfig { rate: config.rate };
        let session = Session::new(identity, &self.learnt, &flow, connection.confidential, now);
        self.link = Link::Up(Box::new(Up::new(session, connection.stream)));
    }

    /// Takes the session's events.
    pub(super) fn hear(&mut self, now: Instant) {
        loop {
            let Link::Up(up) = &mut self.link else {
                return;
            };
            let Some(event) = up.session.event() else {
                return;
            };
            match event {
                Event::Remark(level, text) => {
                    self.worker.notices.tell(level, &text);
                    let mut ids = self.worker.channels.ids();
                    if level <= Level::Warn && !ids.any(|id| up.session.is_inside(id)) {
                        self.trouble = Some(text);
                    }
                }
                Event::Joined(id) => {
                    let text = format!(
                        "joined {} on {} as {}",
                        self.worker.config.channels[id.index()].name,
                        self.worker.config.server,
                        up.session.nick()
                    );
                    let kind = (Location::caller(), id);
                    let told = self.remarks.admit(kind, Level::Info, text, now);
                    if let Some((level, text)) = told {
                        self.worker.notices.tell(level, &text);
                    }
                    up.joined_at.get_or_insert(now);
                    if !self.met.contains(id) {
                        let start = self.start.told(self.worker.config.start_line.as_deref());
                        let start = start.map(|text| (text, self.started));
                        self.worker.channels.at(id).began(start, now);
                    }
                    self.met.insert(id);
                    self.outage = None;
                    self.trouble = None;
                    self.kept_out[id.index()] = None;
                }
                // What was on the way may be refused now, and comes again once
                // we are back.
                Event::Left(id) => self.worker.channels.at(id).disconnected(now),
                Event::KeptOut(id, why) => self.kept_out[id.index()] = Some(why),
                Event::Shown(line) => self.worker.channels.shown(line, now),
                Event::Refused(line, refusal) => {
                    self.worker.channels.refused(line, refusal, now);
                }
                Event::Doubted(line, refusal) => {
                    self.worker.channels.doubted(line, refusal, now);
                }
                Event::End(reason, why) => self.lose(reason, &why, now),
            }
        }
    }

    /// The connection is gone, or never came to be.
    pub(super) fn lose(&mut self, reason: Reason, why: &str, now: Instant) {
        let mut joined_for = Duration::ZERO;
        if let Link::Up(up) = &self.link {
            self.learnt = up.session.learnt();
            joined_for = up
                .joined_at
                .map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        }
        if self.has_said_goodbye() {
            self.link = Link::Gone;
            return;
        }
        self.worker.channels.disconnected(now);
        let wait = self.backoff.ended(reason, joined_for);
        let why = &match reason {
            Reason::Silent if self.backoff.is_shut() => format!(
                "{why} It is taken for how servers treat who connects too often: each try would \
                 prolong it"
            ),
            _ => why.to_owned(),
        };
        self.link = Link::Waiting { until: now + wait };
        if matches!(&self.outage, Some((known, until)) if known == why && now < *until) {
            return;
        }
        self.outage = Some((why.clone(), now + TELL_AGAIN));
        let wait = wait.as_secs_f64();
        self.worker.notices.tell(
            Level::Warn,
            &format!(
                "{} on {} {} not see this log: {why}; next try in {wait:.0} s",
                channels::names(&self.worker.config.channels),
                self.worker.config.server,
                if self.worker.config.channels.len() == 1 {
                    "does"
                } else {
                    "do"
                },
            ),
        );
    }
}

/// What is known of whether the channel is told of the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Nobody was asked yet.
    New,
    /// With how many before that nobody was told of.
    ToTell(u64),
    Over,
}

impl Start {
    /// What the channel is told of the start, where `line` says it.
    fn told(self, line: Option<&str>) -> Option<String> {
        let (Self::ToTell(untold), Some(line)) = (self, line) else {
            return None;
        };
        Some(match untold {
            0 => line.to_owned(),
            1 => format!("{line} (and once since that was last told)"),
            _ => format!("{line} (and {untold} times since that was last told)"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Start;

    #[test]
    fn starts_that_nobody_was_told_of_are_counted_in_words() {
        let line = Some("teller started");
        for (start, told) in [
            (Start::New, None),
            (Start::Over, None),
            (Start::ToTell(0), line),
            (
                Start::ToTell(1),
                Some("teller started (and once since that was last told)"),
            ),
            (
                Start::ToTell(2),
                Some("teller started (and 2 times since that was last told)"),
            ),
        ] {
            assert_eq!(start.told(line).as_deref(), told);
            assert_eq!(start.told(None), None);
        }
    }
}
