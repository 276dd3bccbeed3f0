//! What faults cost, as a table in Markdown: fault by server, how long until
//! the channel hears again, what of each level was not shown by its text, what
//! nobody was told of, and whether the console said something.
//!
//! ```text
//! cargo bench -p irclog-tests --bench faults             # two minutes
//! cargo bench -p irclog-tests --bench faults -- kicked   # rows that say so
//! ```
//!
//! On the loopback server by the laws of six daemons, all at the same time.
//! Each service logs an INFO each second and an ERROR every third, from 5 s
//! before the fault to 20 s after its end.

#![allow(
    clippy::disallowed_methods,
    reason = "what a fault costs is measured in the time that people wait"
)]

use std::thread;
use std::time::{Duration, Instant};

use irclog_tests::loopback::{Action, Config, Fault, Server};
use irclog_tests::service::{Service, Setup};
use irclog_tests::tally::Tally;
use log::Level;

const NICK: &str = "teller";
const CHANNEL: &str = "#pay";
/// Beyond every wait that a fault here brings.
const LATER: Duration = Duration::from_secs(120);
const TICK: Duration = Duration::from_secs(1);

type Servers = [(&'static str, fn() -> Config); 6];

const SERVERS: Servers = [
    ("Bahamut", Config::bahamut),
    ("UnrealIRCd", Config::unreal),
    ("Solanum", Config::solanum),
    ("InspIRCd", Config::inspircd),
    ("ngircd", Config::ngircd),
    ("Ergo", Config::ergo),
];

/// A fault: its name, how long it lasts, how it begins and ends.
struct Case {
    name: &'static str,
    lasts: u32,
    begin: fn(&mut Server),
    end: fn(&mut Server),
}

const CASES: [Case; 7] = [
    Case {
        name: "restart, down for 5 s",
        lasts: 5,
        begin: Server::stop,
        end: Server::start_again,
    },
    Case {
        name: "down for 40 s",
        lasts: 40,
        begin: Server::stop,
        end: Server::start_again,
    },
    Case {
        name: "stands still for 40 s",
        lasts: 40,
        begin: |server| server.freeze(),
        end: |server| server.resume(),
    },
    Case {
        name: "connection reset",
        lasts: 0,
        begin: |server| server.close(NICK),
        end: |_| {},
    },
    Case {
        name: "reset, and the door closed once without a word",
        lasts: 0,
        begin: |server| {
            server.fault(Fault::on_connect().once().does(Action::Close));
            server.close(NICK);
        },
        end: |_| {},
    },
    Case {
        name: "kicked",
        lasts: 0,
        begin: |server| server.kick(CHANNEL, NICK, "too loud"),
        end: |_| {},
    },
    Case {
        name: "`+m` for 20 s",
        lasts: 20,
        begin: |server| server.mode(CHANNEL, "+m"),
        end: |server| server.mode(CHANNEL, "-m"),
    },
];

fn main() {
    // cargo adds `--bench` by itself.
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let is_wanted = |case: &Case, server: &str| {
        let row = format!("{} {server}", case.name);
        wanted.iter().all(|word| row.contains(word.as_str()))
    };
    let rows: Vec<String> = thread::scope(|scope| {
        let measured: Vec<_> = CASES
            .iter()
            .flat_map(|case| SERVERS.map(|server| (case, server)))
            .filter(|(case, (name, _))| is_wanted(case, name))
            .map(|(case, (name, config))| scope.spawn(move || row(case, name, config())))
            .collect();
        measured
            .into_iter()
            .map(|row| row.join().expect("a row"))
            .collect()
    });
    println!("| fault | server | back after | INFO | ERROR | untold | console |");
    println!("|---|---|---|---|---|---|---|");
    for row in rows {
        println!("{row}");
    }
}

fn row(case: &Case, name: &str, config: Config) -> String {
    let mut server = Server::start(config);
    let mut log = Log::on(&server);
    log.ticks(5);
    let before = log.service.process().stderr().len();
    (case.begin)(&mut server);
    log.ticks(case.lasts);
    (case.end)(&mut server);
    let (over, heard) = (Instant::now(), server.member(CHANNEL).lines().len());
    log.ticks(20);
    let member = server.member(CHANNEL);
    let mut lines = 0;
    let first = member.wait_for(
        |seen| {
            lines += usize::from(seen.is_line());
            lines > heard
        },
        LATER,
    );
    log.service.flush(LATER);
    let lines = server.member(CHANNEL).lines();
    let text: String = lines.iter().map(|seen| seen.plain() + " ").collect();
    let missing = |level: &str, count: u32| {
        let shown = (1..=count).filter(|n| text.contains(&format!("{level} number {n}.")));
        count as usize - shown.count()
    };
    let (infos, errors) = (missing("info", log.infos), missing("error", log.errors));
    let told = Tally::of(&lines, NICK).told();
    let said = log.service.process().stderr().all();
    let said = said[before..]
        .iter()
        .any(|line| line.starts_with("irclog:"));
    let back = first.map_or("never".into(), |seen| {
        let took = seen.at.saturating_duration_since(over).as_secs_f64();
        format!("{took:.1} s")
    });
    format!(
        "| {} | {name} | {back} | {infos} of {} | {errors} of {} | {} | {} |",
        case.name,
        log.infos,
        log.errors,
        u64::from(log.infos + log.errors).saturating_sub(told),
        if said { "told" } else { "-" },
    )
}

/// A service that logs by the clock.
struct Log {
    service: Service,
    infos: u32,
    errors: u32,
}

impl Log {
    fn on(server: &Server) -> Self {
        let service = Setup::at(env!("CARGO_BIN_EXE_service"))
            .on(server.addr(), CHANNEL, NICK)
            .env("IRC_RATE", "2")
            .by("quiet")
            .start();
        service.wait_joined();
        Self {
            service,
            infos: 0,
            errors: 0,
        }
    }

    fn ticks(&mut self, count: u32) {
        for n in 0..count {
            self.infos += 1;
            let text = format!("info number {}.", self.infos);
            self.service.log(Level::Info, "pay", &text);
            if n % 3 == 0 {
                self.errors += 1;
                let text = format!("error number {}.", self.errors);
                self.service.log(Level::Error, "pay", &text);
            }
            thread::sleep(TICK);
        }
    }
}
