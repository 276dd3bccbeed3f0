//! Servers that mean harm: what they send costs the service little memory, few
//! lines of its console and little work, and its log goes on.

// Memory is read from procfs.
#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    reason = "what may be read grows with the time that passes"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use irclog_tests::journal::Journal;
use irclog_tests::loopback::{Config, Server};
use irclog_tests::service::{Service, Setup};
use log::Level;

const SOON: Duration = Duration::from_secs(60);
/// What a service may take beyond what it had, whatever is sent.
const MEMORY_KB: u64 = 6 * 1024;
/// What it may read at once and what lies in the peer's socket, and what it
/// may read in a second from then on.
const READ: (usize, usize) = (6 * 1024 * 1024, 192 * 1024);
/// So many lines are to be shown in spite of it all.
const LINES: usize = 4;

/// A server that lets everybody in, and then sends `flood` without end.
struct Flooder {
    addr: SocketAddr,
    /// What clients said, line by line.
    heard: Journal<String>,
    /// Bytes of the flood that were taken from it.
    sent: Arc<AtomicUsize>,
}

impl Flooder {
    fn start(flood: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let flooder = Self {
            addr: listener.local_addr().expect("its number"),
            heard: Journal::new(),
            sent: Arc::default(),
        };
        let (heard, sent) = (flooder.heard.clone(), Arc::clone(&flooder.sent));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // It ends when the client goes.
                let _ = serve(&stream, flood, &heard, &sent);
            }
        });
        flooder
    }
}

/// Reads in one thread and floods in another, with the answers in between.
fn serve(
    stream: &TcpStream,
    flood: &'static str,
    heard: &Journal<String>,
    sent: &Arc<AtomicUsize>,
) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let answers = Arc::new(Mutex::new(String::new()));
    let mut joined = false;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        let answer = match line.split_once(' ') {
            Some(("USER", _)) => ":s 001 teller :hi\r\n:s 422 teller :-\r\n".to_owned(),
            Some(("JOIN", _)) => ":teller!t@h JOIN #pay\r\n:s 366 teller #pay :-\r\n".to_owned(),
            Some(("PING", token)) => format!(":s PONG s {token}\r\n"),
            _ => String::new(),
        };
        let join = line.starts_with("JOIN");
        heard.push(line);
        if joined {
            answers.lock().expect("not poisoned").push_str(&answer);
            continue;
        }
        out.write_all(answer.as_bytes())?;
        if join {
            joined = true;
            let out = out.try_clone()?;
            let (answers, sent) = (Arc::clone(&answers), Arc::clone(sent));
            // It fails when the client has gone.
            thread::spawn(move || flood_all(out, flood, &answers, &sent));
        }
    }
    Ok(())
}

fn flood_all(
    mut out: TcpStream,
    flood: &str,
    answers: &Mutex<String>,
    sent: &AtomicUsize,
) -> std::io::Result<()> {
    let block = flood.repeat(1 + 16 * 1024 / flood.len());
    loop {
        let answer = std::mem::take(&mut *answers.lock().expect("not poisoned"));
        out.write_all(answer.as_bytes())?;
        out.write_all(block.as_bytes())?;
        sent.fetch_add(block.len(), Ordering::Relaxed);
    }
}

fn memory(service: &mut Service) -> u64 {
    service.ask("memory").parse().expect("kB")
}

#[track_caller]
fn is_borne(flood: &'static str) {
    let server = Flooder::start(flood);
    let mut service = Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(server.addr, "#pay", "teller")
        .start();
    service.wait_joined();
    let started = Instant::now();
    let before = memory(&mut service);
    for n in 0..LINES {
        let text = format!("shown {n} in spite of it");
        service.log(Level::Error, "pay", &text);
        let seen = server.heard.wait_for(|line| line.contains(&text), SOON);
        assert!(seen.is_some(), "no {n}: {:?}", service.process().stderr());
    }
    let grown = memory(&mut service).saturating_sub(before);
    assert!(grown < MEMORY_KB, "{grown} kB more");
    let took = started.elapsed().as_secs_f64();
    let console = service.process().stderr().all();
    let own = |line: &&String| line.starts_with("irclog:") || line.contains(" irclog] ");
    let own = console.iter().filter(own);
    let most = 8.0 + 3.0 * took / 10.0;
    assert!((own.count() as f64) < most, "{took} s: {console:#?}");
    let answers = |line: &&String| !line.contains("PRIVMSG") && !line.contains("PING");
    let heard = server.heard.all();
    let answers = heard.iter().filter(answers).count();
    assert!(answers < 40, "{answers} answers");
    let most = READ.0 as f64 + took * READ.1 as f64;
    let sent = server.sent.load(Ordering::Relaxed);
    assert!((sent as f64) < most, "{sent} bytes in {took} s");
}

/// Any operator of a channel may give a reason.
#[test]
fn what_strangers_say_moves_no_cursor() {
    let escapes = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\u{9b}1m\u{202e}";
    let server = Server::start(Config::default());
    let mut service = Setup::at(env!("CARGO_BIN_EXE_service"))
        .on(server.addr(), "#pay", "teller")
        .start();
    service.wait_joined();
    server.rename("teller", "teller\x1b[2J");
    // Cleaned, it is the nick that was wanted.
    assert!(service.told("speaking as teller now", SOON).is_some());
    server.kick("#pay", "teller\x1b[2J", escapes);
    assert!(service.told("kicked us", SOON).is_some());
    assert!(!service.stats().nick.contains('\x1b'));
    server.kill("teller\x1b[2J", escapes);
    let told = service.told("does not see", SOON).expect("it is said");
    assert!(told.contains("red"), "{told}");
    for line in service.process().stderr().all() {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(!line.contains('\u{202e}'), "{line:?}");
    }
}

#[test]
fn pings() {
    is_borne("PING :abc\r\n");
}

#[test]
fn capabilities() {
    is_borne(":s CAP * ACK :echo-message\r\n:s CAP * LS :echo-message\r\n");
}

#[test]
fn nicks() {
    is_borne(":teller!t@h NICK other\r\n:other!t@h NICK teller\r\n");
}

#[test]
fn kicks() {
    is_borne(":op!o@h KICK #pay teller :out\r\n:teller!t@h JOIN #pay\r\n");
}

#[test]
fn names() {
    is_borne(":s 353 teller = #pay :ann bob cat dan eve fay gus hal ida joe\r\n");
}

#[test]
fn notices_and_errors() {
    is_borne(":s NOTICE teller :throttled, banned\r\nERROR :Closing Link: killed\r\n");
}

#[test]
fn lines_without_an_end() {
    is_borne("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

#[test]
fn nothing_at_all() {
    is_borne("\r\n");
}
