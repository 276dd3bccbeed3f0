//! The last seconds of a service on each of the simulated servers, in virtual
//! time.
//!
//! What was shown, and when, is printed by
//! `cargo test -p irclog --lib worker::goodbye -- --nocapture`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::*;
use crate::channel::{Channel, Options};
use crate::config::{Mechanism, Nick};
use crate::irc::flow::FlowConfig;
use crate::irc::session::{Destination, Event, Identity, Learnt, Turn};
use crate::irc::sim::server::{Kind, Server};
use crate::irc::sim::words::{Command, Reply};
use crate::line::{MAIN, Urgency};
use crate::record::{Record, Site};

/// How often the worker looks.
const TICK: Duration = Duration::from_millis(10);
/// From us to the server, and back.
const LATENCY: Duration = Duration::from_millis(40);
const SECOND: Duration = Duration::from_secs(1);
const RECORDS: u64 = 40;
/// What the end has by default.
const BOUND: Duration = Duration::from_secs(5);
const QUIET: Duration = Duration::from_secs(60);
const NICK: &str = "facilitator";

#[test]
fn levels_are_told_with_the_most_urgent_first() {
    let mut counts = PerLevel::default();
    assert_eq!(by_level(&counts), "");
    counts[Level::Info] = 36;
    counts[Level::Error] = 4;
    assert_eq!(by_level(&counts), "4 ERROR, 36 INFO");
}

/// After a quiet minute many records at once, and the end.
struct End {
    kind: Kind,
    /// Whether the server says what it is.
    named: bool,
    /// Whether it sends our lines back to us.
    echo: bool,
    /// Bytes of a record as it is shown, with tag and target.
    text: usize,
    /// How many there are.
    records: u64,
    begin: Instant,
    now: Duration,
    server: Server,
    session: Session,
    channels: Channels,
    closing: Option<Closing>,
    /// What goes to the server, and what comes back, with when it arrives.
    to_server: VecDeque<(Duration, Command, usize)>,
    to_client: VecDeque<(Duration, String)>,
    lines: Vec<String>,
    seen: Seen,
}

/// What the server worked off.
#[derive(Debug, Default)]
struct Seen {
    /// The lines that it showed, and when after the beginning of the end.
    lines: Vec<(Duration, String)>,
    /// The same for QUIT.
    quit: Option<Duration>,
    ended: bool,
}

impl End {
    /// `phase` is where the whole seconds of the server's clock lie.
    fn new(kind: Kind, (named, echo): (bool, bool), text: usize, phase: u64) -> Self {
        let identity = Identity {
            nick: Nick::plain(NICK),
            channels: vec![Destination {
                name: "#chan".into(),
                key: None,
            }],
            server_password: None,
            password: None,
            services: None,
            account: None,
            on_behalf_of: None,
            certificate: false,
            mechanisms: Mechanism::ALL.to_vec(),
            seed: 7,
        };
        let flow = FlowConfig::default();
        #[expect(
            clippy::disallowed_methods,
            reason = "an Instant to count from can only be had from the clock"
        )]
        let begin = Instant::now();
        Self {
            begin,
            kind,
            named,
            echo,
            text,
            records: RECORDS,
            now: Duration::ZERO,
            server: Server::new(kind, echo, Duration::from_millis(phase)),
            session: Session::new(identity, &Learnt::default(), &flow, true, begin),
            channels: Channels::new(vec![Channel::new(Options::default(), Arc::default())]),
            closing: None,
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            lines: Vec::new(),
            seen: Seen::default(),
        }
    }

    fn run(mut self) -> (Seen, Channels) {
        while !self.seen.ended && self.now < QUIET + BOUND {
            if self.now == QUIET {
                assert!(self.session.is_joined(MAIN));
                for n in 0..self.records {
                    self.log(n);
                }
                let now = self.begin + self.now;
                self.channels.close(now);
                let (reply, _) = std::sync::mpsc::sync_channel(1);
                self.closing = Some(Closing::new(now + BOUND, reply, now));
            }
            self.serve();
            self.proceed();
            self.now += TICK;
        }
        assert_eq!(self.server.killed, None);
        (self.seen, self.channels)
    }

    fn log(&mut self, n: u64) {
        let recycled = self.channels.recycle();
        let mut record = recycled.unwrap_or_else(|| Box::new(Record::empty()));
        record.level = Level::Info;
        record.time = UNIX_EPOCH + SECOND;
        record.site.set(Site {
            target: "pay",
            file: "pay.rs",
            line: u32::try_from(n).expect("a line"),
        });
        let text = self.text - "[INFO] pay - ".len();
        record.text = format!("{:.<text$}", mark(n));
        self.channels.push(record, self.begin + self.now);
    }

    /// What arrives at the server, and what it says to that.
    fn serve(&mut self) {
        while let Some(&(at, command, bytes)) = self.to_server.front()
            && at <= self.now
        {
            self.to_server.pop_front();
            self.server.receive(command, bytes, self.now);
        }
        let since = self.now.saturating_sub(QUIET);
        let own = format!("{NICK}!~irclog@host.test");
        for (reply, on_record_only) in self.server.work(self.now) {
            let line = match reply {
                Reply::Echo(line) => {
                    let text = &self.lines[usize::try_from(line).expect("a line of ours")];
                    self.seen.lines.push((since, text.clone()));
                    format!(":{own} PRIVMSG #chan :{text}")
                }
                Reply::Copy => {
                    let text = self.seen.lines.last().expect("it is shown first");
                    format!(":{own} PRIVMSG {NICK} :{}", text.1)
                }
                Reply::Pong(token) => format!(":irc.test PONG irc.test :log{token:x}"),
                Reply::Joined if self.kind == Kind::SolanumVoiced => {
                    format!(":{own} JOIN :#chan\r\n:op!op@op.test MODE #chan +v {NICK}")
                }
                Reply::Joined => format!(":{own} JOIN :#chan"),
                Reply::ThrottleNotice => {
                    ":irc.test NOTICE #chan :*** Message to #chan throttled due to flooding".into()
                }
                Reply::CannotSend => format!(":irc.test 404 {NICK} #chan :Cannot send"),
                Reply::Closed => {
                    self.seen.quit = Some(since);
                    "ERROR :Closing Link: host.test (Quit)".into()
                }
            };
            if !on_record_only {
                self.to_client.push_back((self.now + LATENCY, line));
            }
        }
    }

    /// A turn of the worker.
    fn proceed(&mut self) {
        let now = self.begin + self.now;
        self.session.elapse(now);
        while let Some((at, line)) = self.to_client.front()
            && *at <= self.now
        {
            self.session.receive(format!("{line}\r\n").as_bytes(), now);
            if line.starts_with("ERROR") {
                self.session.closed(None, now);
            }
            self.to_client.pop_front();
        }
        while let Some(event) = self.session.event() {
            match event {
                Event::Shown(line) => self.channels.shown(line, now),
                Event::Refused(line, why) => self.channels.refused(line, why, now),
                Event::Doubted(line, why) => self.channels.doubted(line, why, now),
                Event::End(..) => self.seen.ended = true,
                Event::Remark(..) | Event::Joined(_) | Event::Left(_) | Event::KeptOut(..) => {}
            }
        }
        let Some(mut closing) = self.closing.take() else {
            self.transmit(now);
            return;
        };
        while let Some((id, room)) = closing.room(&mut self.session, &self.channels, now) {
            let text = self.channels.of(id).next_len(room, now);
            let Turn::Now(permit) = self.session.slot(id, text, Urgency::Error, now) else {
                break;
            };
            let Some(line) = self.channels.next_line(id, room, now) else {
                break;
            };
            let wire = self.session.say(permit, line.id, &line.text, now);
            self.write(&wire);
        }
        let goodbye = goodbye_of(&mut self.session, now);
        if !closing.said_goodbye
            && closing.is_settled(goodbye, &self.channels, ChannelSet::default(), now)
        {
            for wire in closing.leave(&mut self.session, &mut self.channels, now) {
                self.write(&wire);
            }
        }
        self.transmit(now);
        self.seen.ended |= closing.said_goodbye && now >= closing.until;
        self.closing = Some(closing);
    }

    fn transmit(&mut self, now: Instant) {
        while let Some(wire) = self.session.transmit(now) {
            self.write(&wire);
        }
    }

    fn write(&mut self, wire: &Wire) {
        let text = std::str::from_utf8(wire.as_bytes()).expect("UTF-8");
        let (word, rest) = text.trim_end().split_once(' ').expect("a parameter");
        let command = match word {
            "PRIVMSG" => {
                let (targets, text) = rest.split_once(" :").expect("a text");
                let line = self.lines.len() as u64;
                self.lines.push(text.to_owned());
                if targets.contains(',') {
                    Command::LineAndCopy(line)
                } else {
                    Command::Line(line)
                }
            }
            "PING" => {
                let digits = rest.trim_start_matches(':').trim_start_matches("log");
                Command::Ping(u64::from_str_radix(digits, 16).expect("a token"))
            }
            "JOIN" => Command::Join,
            "QUIT" => Command::Quit,
            _ => Command::Other,
        };
        self.answer(word, rest);
        self.to_server
            .push_back((self.now + LATENCY, command, wire.len()));
    }

    /// What a server says on the way in.
    fn answer(&mut self, word: &str, rest: &str) {
        let version = if self.named {
            self.kind.version()
        } else {
            "ircd"
        };
        let lines = match word {
            "CAP" if rest.starts_with("LS") => {
                let offer = if self.echo { "echo-message" } else { "" };
                vec![format!(":irc.test CAP * LS :{offer}")]
            }
            "CAP" if rest.starts_with("REQ") => {
                vec![format!(":irc.test CAP {NICK} ACK :echo-message")]
            }
            "USER" => vec![
                format!(":irc.test 001 {NICK} :Welcome"),
                format!(":irc.test 004 {NICK} irc.test {version} iow bmnt"),
                format!(":irc.test 422 {NICK} :No MOTD"),
            ],
            _ => Vec::new(),
        };
        let at = self.now + 2 * LATENCY;
        self.to_client
            .extend(lines.into_iter().map(|line| (at, line)));
    }
}

/// What tells a record from the others.
fn mark(n: u64) -> String {
    format!("step R{n:02} is done ")
}

/// Where in what was seen the records are, and how many were told as left out.
fn shown_and_told(seen: &Seen) -> (Vec<usize>, u64) {
    let all: Vec<&str> = seen.lines.iter().map(|(_, text)| text.as_str()).collect();
    let all = all.join("\n");
    let shown = (0..RECORDS).filter_map(|n| all.find(mark(n).trim_end()));
    let account = seen.lines.iter().rev().find_map(|(_, text)| {
        let (count, _) = text.strip_prefix("… ")?.split_once(' ')?;
        count.replace(',', "").parse().ok()
    });
    (shown.collect(), account.unwrap_or(0))
}

/// Bytes of the records' texts, for each of which is told how many are shown.
const TEXTS: [usize; 4] = [30, 60, 90, 200];

/// What each law lets through in the five seconds of the end. Where the server
/// hides which it has, the burst of the strictest is all that is dared.
fn least_shown(kind: Kind, named: bool) -> [usize; 4] {
    match kind {
        _ if !named => [34, 18, 12, 6],
        Kind::Bahamut => [22, 12, 8, 4],
        Kind::Unreal => [21, 12, 8, 4],
        Kind::Ngircd | Kind::NgircdRounds => [40, 22, 16, 8],
        Kind::Ergo | Kind::Hybrid | Kind::Solanum => [40, 40, 24, 12],
        Kind::Inspircd => [40, 40, 40, 18],
        Kind::SolanumVoiced => [40, 40, 40, 20],
    }
}

#[test]
fn a_few_last_words_are_shown_whole_by_any_law() {
    for kind in Kind::ALL {
        for records in 1..=LAST_WORDS {
            let mut end = End::new(kind, (true, false), 200, 0);
            end.records = records;
            let (seen, _) = end.run();
            let (shown, told) = shown_and_told(&seen);
            assert_eq!((shown.len() as u64, told), (records, 0), "{kind:?}");
        }
    }
}

#[test]
fn the_last_forty_records_are_shown_or_told_by_any_law() {
    let mut failures = Vec::new();
    for kind in Kind::ALL {
        for (named, echo) in [(true, false), (true, true), (false, false), (false, true)] {
            if echo && !kind.has_echo() {
                continue;
            }
            let cases = TEXTS.into_iter().zip(least_shown(kind, named));
            let cases = cases.flat_map(|case| [0, 300, 950].map(|phase| (case, phase)));
            for ((text, least), phase) in cases {
                let (seen, channel) = End::new(kind, (named, echo), text, phase).run();
                let (shown, told) = shown_and_told(&seen);
                let last = seen.lines.last().map(|(at, _)| at.as_secs_f64());
                let row = format!(
                    "{:<13} named {named:<5} echo {echo:<5} {text:>3} B {phase:>3} ms: {:>2} shown, {told:>2} \
                     told, {} lines, the last after {:.2} s, QUIT after {:.2} s",
                    format!("{kind:?}"),
                    shown.len(),
                    seen.lines.len(),
                    last.unwrap_or(f64::NAN),
                    seen.quit.map_or(f64::NAN, |at| at.as_secs_f64()),
                );
                println!("{row}");
                let left_out = RECORDS - shown.len() as u64;
                let unseen = channel.of(MAIN).unseen()[Level::Info];
                // Whoever hides the strictest laws is taken to be twice as
                // fast: there the console has to be told.
                let misleads = !named && matches!(kind, Kind::Bahamut | Kind::Unreal);
                let all = if misleads {
                    left_out <= unseen
                } else {
                    left_out == told && unseen == 0 && seen.quit.is_some()
                };
                let in_order = shown.is_sorted();
                if !(all && in_order && shown.len() >= least) {
                    failures.push(format!(
                        "{row}; in order: {in_order}, unseen: {unseen}, least: {least}"
                    ));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
