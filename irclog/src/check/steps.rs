//! The steps that a session takes: known to the server, in the channel, heard.

use std::time::Duration;

use super::talk::{Talk, Waited, now};
use super::{Finding, Stop, Walk, advice};
use crate::channel::tag;
use crate::config::{ChannelConfig, Config};
use crate::irc::backoff::Reason;
use crate::irc::session::seen::Progress;
use crate::irc::session::{Turn, WRONG_PORT};
use crate::line::{ChannelId, LineId, MAIN, Refusal, Urgency};

/// A server that has not said a word by then says none.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// The session's own bounds are shorter: it goes on without, or ends.
const REGISTRATION: Duration = Duration::from_secs(65);
const IDENTIFICATION: Duration = Duration::from_secs(35);
const JOIN: Duration = Duration::from_secs(12);
const MODES: Duration = Duration::from_secs(4);
/// From the wish to say a line to the proof that it was shown.
const PROOF: Duration = Duration::from_secs(11);

/// Bytes of an ordinary line.
const TYPICAL: usize = 200;

/// One of the channels.
#[derive(Clone, Copy)]
struct At<'a> {
    config: &'a Config,
    id: ChannelId,
    channel: &'a ChannelConfig,
}

impl Walk<'_> {
    pub(super) async fn conversation(
        &mut self,
        config: &Config,
        talk: &mut Talk,
    ) -> Result<(), Stop> {
        self.registration(config, talk).await?;
        self.identification(config, talk).await?;
        let (mut stopped, mut paced) = (false, false);
        for (id, channel) in ChannelId::first(config.channels.len()).zip(&config.channels) {
            let at = At {
                config,
                id,
                channel,
            };
            // What one channel refuses says nothing of the next.
            if self.channel(at, talk).await.is_err() {
                stopped = true;
                if talk.end().is_some() {
                    break;
                }
                continue;
            }
            if !std::mem::replace(&mut paced, true) {
                self.pace(config, talk);
            }
            self.where_to_look(at, talk);
        }
        if stopped { Err(Stop) } else { Ok(()) }
    }

    async fn channel(&mut self, at: At<'_>, talk: &mut Talk) -> Result<(), Stop> {
        self.join(at, talk).await?;
        self.test_line(at, talk).await?;
        self.modes(at, talk).await;
        Ok(())
    }

    /// The connection ended before its time.
    fn ended(&mut self, name: &'static str, config: &Config, talk: &mut Talk) -> Stop {
        let (reason, why) = match talk.end() {
            Some((reason, why)) => (*reason, why.clone()),
            None => (Reason::Closed, "the server does not answer".into()),
        };
        let mend = advice::ended(reason, config.port, config.tls.is_some());
        let mut says = talk.warnings();
        // The mend is told apart.
        says.push(why.trim_end_matches(WRONG_PORT).to_owned());
        self.step(name, Finding::Wrong, says, Some(mend));
        Stop
    }

    async fn registration(&mut self, config: &Config, talk: &mut Talk) -> Result<(), Stop> {
        let name = "registration";
        let first = talk
            .until(FIRST_WORD, |talk, _| {
                talk.session().has_heard().then_some(())
            })
            .await;
        match first {
            Waited::For(()) => {}
            Waited::Late => {
                let what = format!(
                    "port {} took the connection and has not said a word for {} s",
                    config.port,
                    FIRST_WORD.as_secs()
                );
                let reason = Reason::NoIrc;
                let mend = advice::ended(reason, config.port, config.tls.is_some());
                return Err(self.wrong(name, what, mend));
            }
            Waited::Ended => return Err(self.ended(name, config, talk)),
        }
        let registered = |talk: &mut Talk, _| {
            (talk.session().progress(MAIN) != Progress::Registering).then_some(())
        };
        let mut outcome = talk.until(FIRST_WORD, registered).await;
        if matches!(outcome, Waited::Late) {
            let what = "the server has not let us in yet: some look up names for 30 s first";
            self.step(name, Finding::Waiting, [what.to_owned()], None);
            outcome = talk.until(REGISTRATION, registered).await;
        }
        if !matches!(outcome, Waited::For(())) || talk.end().is_some() {
            return Err(self.ended(name, config, talk));
        }
        let session = talk.session();
        let (nick, wanted) = (session.nick().to_owned(), session.wanted_nick());
        let network = session
            .network()
            .unwrap_or("a network without a name")
            .to_owned();
        let version = session.version().unwrap_or("unknown software").to_owned();
        let mut says = vec![format!(
            "{network}, whose server is {version}, knows us as {nick}"
        )];
        let finding = if nick == wanted {
            Finding::Ok
        } else {
            says.push(format!(
                "{wanted} is taken: a service does the same then, and asks for its name again \
                 until it is free"
            ));
            Finding::Note
        };
        self.step(name, finding, says, None);
        Ok(())
    }

    async fn identification(&mut self, config: &Config, talk: &mut Talk) -> Result<(), Stop> {
        let name = "identification";
        let done = |talk: &mut Talk, _| {
            (talk.session().progress(MAIN) != Progress::Identifying).then_some(())
        };
        if matches!(talk.until(IDENTIFICATION, done).await, Waited::Ended) {
            return Err(self.ended(name, config, talk));
        }
        // What is said of the nick belongs to the registration.
        let mut says = talk.warnings();
        says.retain(|text| !text.ends_with("(IRC_NICK)"));
        let session = talk.session();
        let account = session.account_name();
        let has_proof = config.password.is_some()
            || config.tls.as_ref().is_some_and(|tls| tls.client.is_some());
        if session.is_known() {
            self.ok(name, format!("the account {account} is proven"));
        } else if !has_proof {
            self.skipped(
                name,
                "no account: neither IRC_PASSWORD nor IRC_CLIENT_CERT is set",
            );
        } else {
            let mend = format!(
                "is {account} registered with the network's services, and IRC_PASSWORD its \
                 password? IRC_ACCOUNT names another one. We go on without it"
            );
            self.step(name, Finding::Note, says, Some(mend));
        }
        Ok(())
    }

    async fn join(&mut self, at: At<'_>, talk: &mut Talk) -> Result<(), Stop> {
        let name = "join";
        let channel = &at.channel.name;
        let answered = |talk: &mut Talk, _| {
            let progress = talk.session().progress(at.id);
            let refused = talk.session().kept_out(at.id).is_some();
            match progress {
                Progress::Inside => Some(true),
                Progress::Outside if refused => Some(false),
                _ => None,
            }
        };
        match talk.until(JOIN, answered).await {
            Waited::For(true) => {
                self.ok(name, format!("in {channel}"));
                return Ok(());
            }
            Waited::For(false) => {}
            Waited::Late => {
                let what = format!(
                    "the server does not answer to JOIN {channel} within {} s",
                    JOIN.as_secs()
                );
                return Err(self.wrong(name, what, "try again; if it stays so, another server"));
            }
            Waited::Ended => return Err(self.ended(name, at.config, talk)),
        }
        let session = talk.session();
        let nick = session.nick().to_owned();
        let (number, words) = session.kept_out(at.id).cloned().unwrap_or_default();
        let what = format!("{channel} does not let us in ({number} {words})");
        let mend = advice::join(number, channel, &nick, &at.config.nick.to_string());
        if number != 473 || self.patience.is_zero() {
            return Err(self.wrong(name, what, mend));
        }
        let waits = format!("waiting {} s for the invitation", self.patience.as_secs());
        self.step(
            name,
            Finding::Waiting,
            [what.clone(), waits],
            Some(mend.clone()),
        );
        let inside =
            |talk: &mut Talk, _| (talk.session().progress(at.id) == Progress::Inside).then_some(());
        match talk.until(self.patience, inside).await {
            Waited::For(()) => {
                let what = format!("in {channel}, after an invitation");
                let mend = format!(
                    "so that the service is always let in, an operator types: /mode {channel} +I \
                     {}!*@*",
                    at.config.nick
                );
                self.step(name, Finding::Note, [what], Some(mend));
                Ok(())
            }
            Waited::Late => {
                let what = format!("{what}, and nobody invited {nick}");
                Err(self.wrong(name, what, mend))
            }
            Waited::Ended => Err(self.ended(name, at.config, talk)),
        }
    }

    /// The letters of the channel's modes.
    async fn modes(&mut self, at: At<'_>, talk: &mut Talk) -> String {
        let name = "modes";
        talk.session().ask_modes(at.id);
        let answered = |talk: &mut Talk, _| talk.session().modes(at.id).map(str::to_owned);
        let Waited::For(all) = talk.until(MODES, answered).await else {
            self.skipped(name, "the server does not tell them");
            return String::new();
        };
        // What comes after the letters may be a key.
        let letters = all.split(' ').next().unwrap_or_default().to_owned();
        let session = talk.session();
        let version = session.version().unwrap_or_default().to_owned();
        let told = advice::modes(
            &letters,
            &version,
            &at.channel.name,
            session.has_rank(at.id),
        );
        let finding = if told.is_empty() {
            Finding::Ok
        } else {
            Finding::Note
        };
        let first = match letters.trim_start_matches('+') {
            "" => format!("{} has no modes", at.channel.name),
            _ => format!("{} has {letters}", at.channel.name),
        };
        self.step(name, finding, std::iter::once(first).chain(told), None);
        letters
    }

    async fn test_line(&mut self, at: At<'_>, talk: &mut Talk) -> Result<(), Stop> {
        let name = "test line";
        let plain = !at.config.formatting;
        let mut fate = self.line(at, talk, LineId::new(at.id, 1), plain).await;
        let coloured = matches!(fate, Some(Ok(_)));
        // As the service does: refused, it may have been for the colours.
        if !plain && matches!(fate, Some(Err(refusal)) if refusal != Refusal::Throttled) {
            fate = self.line(at, talk, LineId::new(at.id, 2), true).await;
        }
        match fate {
            Some(Ok(round_trip)) => {
                let by = talk.session().proof();
                let what = format!(
                    "shown: {by} came back after {:.2} s",
                    round_trip.as_secs_f64()
                );
                self.ok(name, what);
                let (finding, says) = match (plain, coloured) {
                    (true, _) => (Finding::Skipped, "off (IRC_FORMATTING=false)"),
                    (false, true) => (Finding::Ok, "levels are bold and coloured"),
                    (false, false) => (
                        Finding::Note,
                        "refused in this channel: irclog leaves them out; IRC_FORMATTING=false \
                         spares it the try",
                    ),
                };
                self.step("colours", finding, [says.to_owned()], None);
                Ok(())
            }
            Some(Err(_)) => {
                // After the line, whose proof would have had to wait for the
                // answer on servers that take a command every two seconds.
                let modes = self.modes(at, talk).await;
                let session = talk.session();
                let nick = session.nick().to_owned();
                let (number, words) = session.refused_with(at.id).cloned().unwrap_or_default();
                let what = format!("{} refuses it ({number} {words})", at.channel.name);
                let service = at.config.nick.to_string();
                let mend = advice::refused(&at.channel.name, &nick, &service, &modes);
                Err(self.wrong(name, what, mend))
            }
            None if talk.end().is_some() => Err(self.ended(name, at.config, talk)),
            None => {
                let mut says = talk.warnings();
                says.push(format!(
                    "the server does not acknowledge it within {} s",
                    PROOF.as_secs()
                ));
                let mend = "the server is behind or stands still: try again in some minutes, or \
                            another server of the network";
                self.step(name, Finding::Wrong, says, Some(mend.to_owned()));
                Err(Stop)
            }
        }
    }

    /// Says one line. How long its proof took, or why it was refused; `None`
    /// where neither is known in time.
    async fn line(
        &mut self,
        at: At<'_>,
        talk: &mut Talk,
        id: LineId,
        plain: bool,
    ) -> Option<Result<Duration, Refusal>> {
        let text = format!(
            "{} irclog - check: what {} logs will be seen here",
            tag(log::Level::Info, plain),
            at.config.nick
        );
        let said = talk
            .until(PROOF, |talk, now| {
                if !talk.session().is_joined(at.id) {
                    return None;
                }
                match talk.session().slot(at.id, text.len(), Urgency::Error, now) {
                    Turn::Now(permit) => {
                        talk.say(permit, id, &text, now);
                        Some(())
                    }
                    Turn::At(at) => {
                        talk.wake_at = Some(at);
                        None
                    }
                    Turn::AfterProof => None,
                }
            })
            .await;
        let Waited::For(()) = said else {
            return None;
        };
        let said_at = now();
        match talk.until(PROOF, |talk, _| talk.fate(id)).await {
            Waited::For(Ok(())) => Some(Ok(now().saturating_duration_since(said_at))),
            Waited::For(Err(refusal)) => Some(Err(refusal)),
            Waited::Late | Waited::Ended => None,
        }
    }

    fn pace(&mut self, config: &Config, talk: &mut Talk) {
        let (allowed, is_known) = talk.session().flow().allowed(TYPICAL);
        let most = config.rate;
        let pace = allowed.min(most);
        let why = match (is_known, allowed < most) {
            (true, true) => "as this kind of server allows for long",
            (true, false) => "as IRC_RATE says; this kind of server allows that for long",
            (false, true) => "at first, and more once this server has proven to be faster",
            (false, false) => "as IRC_RATE says",
        };
        self.ok(
            "pace",
            format!("{pace:.1} lines of {TYPICAL} bytes a second, {why}"),
        );
    }

    fn where_to_look(&mut self, at: At<'_>, talk: &mut Talk) {
        let (server, port, channel) = (&at.config.server, at.config.port, &at.channel.name);
        let network = talk.session().network().unwrap_or_default().to_owned();
        let scheme = if at.config.tls.is_some() {
            "ircs"
        } else {
            "irc"
        };
        let bare = channel.trim_start_matches('#');
        let any = format!("any IRC client: {scheme}://{server}:{port}/{bare}, channel {channel}");
        let web = advice::web_client(&network, server, channel);
        self.step("look", Finding::Ok, web.into_iter().chain([any]), None);
    }
}
