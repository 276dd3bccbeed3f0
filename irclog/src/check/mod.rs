//! Why the channel does not see a log: the way of a line, walked once with the
//! service's own settings, each step told with its time, and what is wrong with
//! what to do about it.
//!
//! It speaks as `<nick>-check`, so that a running service keeps its name, and
//! through the same session and transport as the service itself.

mod advice;
mod steps;
mod talk;
mod way;

use std::time::Duration;

use self::talk::{Talk, now};
use crate::config::{ChannelConfig, Choice, Config, Settings};
use crate::error::InitError;
use crate::irc::flow::FlowConfig;
use crate::irc::session::{Destination, Identity};
use crate::transport::Route;
use crate::wiring;

/// How long the server's end of the connection is waited for.
const LEAVE_BOUND: Duration = Duration::from_secs(5);
/// The same where something is wrong: most likely nobody is there.
const HURRY_BOUND: Duration = Duration::from_secs(1);
/// How a step of the check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// As it should be.
    Ok,
    /// It works, and there is something to know.
    Note,
    /// Nothing can be said yet: somebody is waited for.
    Waiting,
    /// Nothing is to be done here.
    Skipped,
    /// This is why the channel does not see the log.
    Wrong,
}

/// A step of the check.
#[derive(Debug, Clone)]
pub struct Step {
    /// What was looked at: `tls`.
    pub name: &'static str,
    /// How it went.
    pub finding: Finding,
    /// How long it took.
    pub took: Duration,
    /// What was found, a line each.
    pub says: Vec<String>,
    /// What to do about it.
    pub mend: Option<String>,
}

/// A step that nothing comes after. It has been told.
struct Stop;

/// Where steps are told, and since when the present one goes on.
struct Walk<'a> {
    tell: &'a mut dyn FnMut(&Step),
    since: std::time::Instant,
    /// For whoever has to let us in.
    patience: Duration,
}

impl Walk<'_> {
    fn step(
        &mut self,
        name: &'static str,
        finding: Finding,
        says: impl IntoIterator<Item = String>,
        mend: Option<String>,
    ) {
        let now = now();
        let step = Step {
            name,
            finding,
            took: now.saturating_duration_since(self.since),
            says: says.into_iter().collect(),
            mend,
        };
        if finding != Finding::Waiting {
            self.since = now;
        }
        (self.tell)(&step);
    }

    fn ok(&mut self, name: &'static str, says: impl Into<String>) {
        self.step(name, Finding::Ok, [says.into()], None);
    }

    fn skipped(&mut self, name: &'static str, says: impl Into<String>) {
        self.step(name, Finding::Skipped, [says.into()], None);
    }

    fn wrong(
        &mut self,
        name: &'static str,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Stop {
        self.step(name, Finding::Wrong, [what.into()], Some(mend.into()));
        Stop
    }
}

/// Walks the way with `settings` and tells each step. `patience` is for whoever
/// has to let us in. Whether the test line was acknowledged.
pub(crate) fn run(settings: &Settings, patience: Duration, tell: &mut dyn FnMut(&Step)) -> bool {
    let mut walk = Walk {
        tell,
        since: now(),
        patience,
    };
    let runtime = match wiring::runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            let mend = "raise the limit of open files of this process";
            walk.wrong(
                "settings",
                format!("the network cannot be used ({error})"),
                mend,
            );
            return false;
        }
    };
    let acknowledged = runtime.block_on(walk.all(settings)).is_ok();
    // A name look-up may still hang in a thread of its own.
    runtime.shutdown_background();
    acknowledged
}

impl Walk<'_> {
    async fn all(&mut self, settings: &Settings) -> Result<(), Stop> {
        let (config, route) = self.settings(settings)?;
        let connection = self.connection(&config, &route).await?;
        let identity = identity(&config);
        let flow = FlowConfig { rate: config.rate };
        let mut talk = Talk::begin(connection, identity, &flow);
        let result = self.conversation(&config, &mut talk).await;
        talk.leave(if result.is_ok() {
            LEAVE_BOUND
        } else {
            HURRY_BOUND
        })
        .await;
        result
    }

    fn settings(&mut self, settings: &Settings) -> Result<(Config, Route), Stop> {
        let checked = match wiring::check(settings) {
            Ok(checked) => checked,
            Err(InitError::Settings(problems)) => {
                for problem in problems {
                    let what = format!("{} {}", problem.setting, problem.what);
                    self.wrong("settings", what, problem.instead);
                }
                return Err(Stop);
            }
            Err(error) => return Err(self.wrong("settings", error.to_string(), "mend that")),
        };
        let config = match checked.choice {
            Choice::On(config) => *config,
            Choice::Off(why) => {
                let mend = "set IRC_SERVER and IRC_CHANNEL, for example IRC_SERVER=irc.dal.net \
                            IRC_CHANNEL='#your-channel', and leave IRC_ENABLED out";
                return Err(self.wrong("settings", format!("the channel is off: {why}"), mend));
            }
        };
        let route = match Route::new(&config) {
            Ok(route) => route,
            Err(problem) => {
                let what = format!("{} {}", problem.setting, problem.what);
                return Err(self.wrong("settings", what, problem.instead));
            }
        };
        let shows = |channel: &ChannelConfig| {
            let filter = channel.filter.as_ref().unwrap_or(&config.filter);
            format!("{} shows {filter}", channel.name)
        };
        let shows = config
            .channels
            .iter()
            .map(shows)
            .collect::<Vec<_>>()
            .join("; ");
        let speaks = format!(
            "the service speaks as {}, this check as {}, so that a running service keeps its name",
            config.nick,
            identity(&config).nick
        );
        let finding = if checked.remarks.is_empty() {
            Finding::Ok
        } else {
            Finding::Note
        };
        let says = [shows, speaks].into_iter().chain(checked.remarks);
        self.step("settings", finding, says, None);
        Ok((config, route))
    }
}

/// As the service, but for the name.
fn identity(config: &Config) -> Identity {
    Identity {
        nick: config.nick.clone().with("-check"),
        channels: config.channels.iter().map(Destination::from).collect(),
        server_password: config.server_password.clone(),
        password: config.password.clone(),
        services: config.services.clone(),
        account: config.account.clone(),
        on_behalf_of: Some(config.nick.clone()),
        certificate: config.tls.as_ref().is_some_and(|tls| tls.client.is_some()),
        mechanisms: config.mechanisms.clone(),
        seed: fastrand::u64(..),
    }
}
