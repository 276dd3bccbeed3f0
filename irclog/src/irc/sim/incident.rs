//! The hour in which everything goes wrong: the channel's own records through
//! the flow to a server, in virtual time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use log::Level;

use super::driver::start;
use super::server::{Kind, Server};
use super::words::{Command, Reply};
use crate::channel::{Channel, Options};
use crate::irc::flow::{Flow, FlowConfig, FlowEvent, Slot, Token};
use crate::line::{LineId, Room};
use crate::loss::Loss;
use crate::record::{Record, Site};

/// How often the worker looks.
const TICK: Duration = Duration::from_millis(10);
const SECOND: Duration = Duration::from_secs(1);
/// Bytes of a line on the wire beside its text, and of a second target.
const AROUND: usize = "PRIVMSG #chan :\r\n".len();
const COPY: usize = ",facilitator".len();
/// Bytes of text that a line has for everybody.
const BUDGET: usize = 420;

/// One error a second for a minute, and something else beside it.
struct Incident {
    kind: Kind,
    /// Bytes of a record as it is shown, with tag and target.
    text: usize,
    /// INFO records a second.
    infos: u64,
    /// The errors differ in identifiers only, but for one other kind.
    alike: bool,
}

/// What the reader saw.
struct Seen {
    /// Seconds from an error to its line, of those with a line of their own
    /// or a part in one.
    delays: BTreeMap<u64, f64>,
    texts: Vec<(f64, String)>,
    channel: Channel,
    killed: Option<&'static str>,
}

const ERRORS: u64 = 60;

impl Incident {
    fn run(&self) -> Seen {
        let begin = start();
        let mut channel = Channel::new(
            Options {
                formatting: true,
                ..Options::default()
            },
            Arc::default(),
        );
        let mut flow = Flow::new(&FlowConfig::default(), begin);
        let mut server = Server::new(self.kind, false, Duration::from_millis(300));
        for bytes in [30, 30, 16] {
            flow.on_command(bytes, begin);
            server.receive(Command::Other, bytes, Duration::ZERO);
        }
        flow.server_is(self.kind.version(), begin);
        flow.set_voiced(self.kind == Kind::SolanumVoiced, begin);
        let mut seen = Seen {
            delays: BTreeMap::new(),
            texts: Vec::new(),
            channel: Channel::new(Options::default(), Arc::default()),
            killed: None,
        };
        let mut lines: Vec<String> = Vec::new();
        let mut replies: VecDeque<Reply> = VecDeque::new();
        let (mut raised, mut infos) = (0, 0);
        let mut at = Duration::ZERO;
        // In service for ten seconds; afterwards what is left comes through.
        let calm = 10 * SECOND;
        while at < calm + 400 * SECOND && server.killed.is_none() {
            let now = begin + at;
            if at >= calm && raised < ERRORS {
                let due = calm + SECOND * u32::try_from(raised).expect("a minute");
                if at >= due {
                    self.error(&mut channel, raised, now);
                    raised += 1;
                }
                self.infos(&mut channel, at.saturating_sub(calm), &mut infos, now);
            }
            for (reply, on_record_only) in server.work(at) {
                if let Reply::Echo(line) = reply {
                    let text = &lines[usize::try_from(line).expect("a line of ours")];
                    self.read(text, (at.saturating_sub(calm)).as_secs_f64(), &mut seen);
                }
                if !on_record_only {
                    replies.push_back(reply);
                }
            }
            for reply in replies.drain(..) {
                match reply {
                    Reply::Pong(token) => {
                        let token = Token::parse(&format!("log{token:x}")).expect("ours");
                        flow.on_pong(token, now);
                    }
                    Reply::Copy => flow.on_copy(now),
                    other => panic!("not expected here: {other:?}"),
                }
            }
            while let Some(event) = flow.poll() {
                match event {
                    FlowEvent::Shown(line) => channel.shown(line, now),
                    FlowEvent::Refused(line, why) | FlowEvent::Doubted(line, why) => {
                        channel.refused(line, why, now);
                    }
                }
            }
            speak(&mut channel, &mut flow, &mut server, &mut lines, at, now);
            if raised == ERRORS && channel.is_settled() {
                break;
            }
            at += TICK;
        }
        seen.killed = server.killed;
        seen.channel = channel;
        seen
    }

    fn error(&self, channel: &mut Channel, n: u64, now: Instant) {
        let begin = match n {
            20 if self.alike => format!("E{n:03} disk full"),
            _ if self.alike => format!("eth_call 0x{n:012x} failed"),
            _ => format!("E{n:03} RPC failed"),
        };
        let text = self.text - "[ERROR] rpc - ".len();
        Self::push(channel, Level::Error, 7, format!("{begin:~<text$}"), now);
    }

    fn infos(&self, channel: &mut Channel, since: Duration, infos: &mut u64, now: Instant) {
        let due = self.infos * u64::try_from(since.as_millis()).expect("a minute") / 1000;
        let missing = due - *infos;
        if missing == 0 {
            return;
        }
        *infos = due;
        let text = self.text - "[INFO] rpc - ".len();
        // What the budget of a call site lets through in this time, of a storm.
        let read = missing.min(2);
        for n in 0..read {
            let begin = format!("settled {} in 3 ms", (due + n) % 1000);
            Self::push(channel, Level::Info, 88, format!("{begin:~<text$}"), now);
        }
        let site = Site {
            target: "rpc",
            file: "rpc.rs",
            line: 88,
        };
        channel.shed(Level::Info, site, missing - read, now);
    }

    fn push(channel: &mut Channel, level: Level, line: u32, text: String, now: Instant) {
        let mut record = channel
            .recycle()
            .unwrap_or_else(|| Box::new(Record::empty()));
        record.level = level;
        record.time = UNIX_EPOCH + SECOND;
        record.site.set(Site {
            target: "rpc",
            file: "rpc.rs",
            line,
        });
        record.text = text;
        channel.push(record, now);
    }

    fn read(&self, text: &str, at: f64, seen: &mut Seen) {
        seen.texts.push((at, text.to_owned()));
        for n in 0..ERRORS {
            let first = self.alike && n == 0 && text.contains("eth_call");
            if text.contains(&format!("E{n:03} ")) || first {
                seen.delays.entry(n).or_insert(at - n as f64);
            }
        }
    }
}

/// Sends what the flow allows, as the worker does.
fn speak(
    channel: &mut Channel,
    flow: &mut Flow,
    server: &mut Server,
    lines: &mut Vec<String>,
    at: Duration,
    now: Instant,
) {
    let wire = |flow: &Flow, text: usize| {
        let copy = flow.wants_copy(AROUND + text, COPY);
        (AROUND + text + if copy { COPY } else { 0 }, copy)
    };
    loop {
        if let Some(token) = flow.ping(now) {
            let text = token.to_string();
            let number = u64::from_str_radix(&text[3..], 16).expect("a number");
            flow.on_command(20, now);
            server.receive(Command::Ping(number), 20, at);
        }
        let Some(urgency) = channel.urgency(now) else {
            return;
        };
        let room = Room::from(std::num::NonZeroUsize::new(BUDGET).expect("not 0"));
        let (bytes, _) = wire(flow, channel.next_len(room, now));
        match flow.slot(bytes, urgency, now) {
            Slot::Now => {}
            Slot::AfterProof if channel.lets_errors_go_on(now) => continue,
            Slot::At(_) | Slot::AfterProof => return,
        }
        let Some(line) = channel.next_line(room, now) else {
            return;
        };
        let (bytes, copy) = wire(flow, line.text.len());
        let number = lines.len() as u64;
        lines.push(line.text);
        assert_eq!(line.id, LineId(number), "lines are numbered in order");
        flow.sent(line.id, bytes, copy, now);
        let command = if copy {
            Command::LineAndCopy(number)
        } else {
            Command::Line(number)
        };
        server.receive(command, bytes, at);
    }
}

impl Seen {
    /// The delay that so many of a hundred stay within.
    fn delay(&self, percent: usize) -> f64 {
        let mut delays: Vec<f64> = self.delays.values().copied().collect();
        delays.sort_by(f64::total_cmp);
        delays[((delays.len() - 1) * percent).div_ceil(100)]
    }

    /// Nothing is waiting, lost, or untold.
    #[track_caller]
    fn assert_all_told(&self, what: &str) {
        assert_eq!(self.killed, None, "{what}");
        let counts = self.channel.counts();
        let errors = counts[Level::Error];
        assert!(errors.balance(), "{what}: {errors:?}");
        let told = errors.shown + errors.folded + errors.dropped();
        assert_eq!(told, ERRORS, "{what}: {errors:?}");
        assert_eq!(errors.dropped_for(Loss::Refused), 0, "{what}: {errors:?}");
        let unseen = self.channel.unseen();
        assert!(
            unseen.iter().all(|(_, &count)| count == 0),
            "{what}: {unseen:?}"
        );
    }
}

#[test]
fn an_error_a_second_waits_for_errors_only() {
    for kind in Kind::ALL {
        for infos in [1, 20_000] {
            let incident = Incident {
                kind,
                text: 65,
                infos,
                alike: false,
            };
            let seen = incident.run();
            let what = format!("{kind:?} with {infos} INFO/s");
            println!(
                "{what}: {} of {ERRORS} errors shown, p50 {:.2} s, p99 {:.2} s, max {:.2} s, {} lines",
                seen.delays.len(),
                seen.delay(50),
                seen.delay(99),
                seen.delay(100),
                seen.texts.len()
            );
            seen.assert_all_told(&what);
            assert_eq!(seen.delays.len() as u64, ERRORS, "{what}");
            let strict = kind.own_rate(AROUND + 80) < 1.0;
            let bound = if strict { 4.0 } else { 2.0 };
            assert!(seen.delay(99) <= bound, "{what}: {:.2} s", seen.delay(99));
        }
    }
}

#[test]
fn of_errors_too_long_for_the_server_the_first_of_each_kind_comes_at_once() {
    for kind in Kind::ALL {
        let incident = Incident {
            kind,
            text: 200,
            infos: 1,
            alike: true,
        };
        let seen = incident.run();
        let what = format!("{kind:?}");
        println!(
            "{what}: the first after {:.2} s, the other kind after {:.2} s, {} lines",
            seen.delays[&0],
            seen.delays[&20],
            seen.texts.len()
        );
        seen.assert_all_told(&what);
        assert!(seen.delays[&0] < 1.0, "{what}");
        assert!(seen.delays[&20] < 1.0, "{what}: {:.2}", seen.delays[&20]);
    }
}
