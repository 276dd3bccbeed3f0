//! The loopback server against the unmodified client, and its faults against
//! a bare socket.

#![allow(
    clippy::disallowed_methods,
    reason = "the tests of the servers run in real time"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use irclog_tests::SOON;
use irclog_tests::loopback::{
    Action, ChannelFlood, Config, Fault, Overlong, Patience, ReconnectThrottle, Server, Throttle,
    Tls,
};
use irclog_tests::observer::Observer;
use irclog_tests::seen::{Kind, Seen};
use ring::digest;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto};

/// A peer that reads and writes lines and knows nothing of IRC.
struct Wire(BufReader<TcpStream>);

impl Wire {
    fn connect(server: &Server) -> Self {
        let stream = TcpStream::connect(server.addr()).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        Self(BufReader::new(stream))
    }

    /// Registered and in `#c` as `nick`.
    fn join(server: &Server, nick: &str) -> Self {
        let mut wire = Self::connect(server);
        wire.send(&format!("NICK {nick}\r\nUSER u 0 * :r\r\nJOIN #c"));
        wire.read_until(" 366 ");
        wire
    }

    fn send(&mut self, line: &str) {
        // In one piece, so that what belongs together comes together.
        let line = format!("{line}\r\n");
        self.0.get_mut().write_all(line.as_bytes()).unwrap();
    }

    /// The next line; `None` at the end of the stream.
    fn read(&mut self) -> Option<String> {
        let mut line = Vec::new();
        match self.0.read_until(b'\n', &mut line) {
            Ok(1..) => Some(String::from_utf8_lossy(&line).trim_end().to_owned()),
            Ok(0) => None,
            Err(e) if e.kind() == std::io::ErrorKind::ConnectionReset => None,
            Err(e) => panic!("nothing came: {e}"),
        }
    }

    fn read_until(&mut self, wanted: &str) -> String {
        loop {
            let line = self
                .read()
                .unwrap_or_else(|| panic!("closed before {wanted}"));
            if line.contains(wanted) {
                return line;
            }
        }
    }

    fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.read()).collect()
    }
}

#[test]
fn clients_meet_and_a_member_sees_what_they_see() {
    let server = Server::start(Config::default());
    let ann = Observer::join(server.addr(), "#c", "ann");
    let bob = Observer::join(server.addr(), "#C", "bob");
    bob.say("grüße — 你好");
    let seen = ann
        .wait_for_text("grüße — 你好", SOON)
        .expect("bob is heard");
    assert_eq!((seen.nick.as_str(), seen.kind), ("bob", Kind::Message));
    let mut member = server.member("#c");
    assert_eq!(member.next_line(SOON).unwrap().text, "grüße — 你好");
    drop(bob);
    assert!(ann.wait_for(|seen| seen.kind == Kind::Quit, SOON).is_some());
    let quit = server.wait_for(|line| line.starts_with("QUIT"), SOON);
    assert_eq!(quit.unwrap().connection, 2);
}

#[test]
fn registration_tells_its_limits_and_cuts_what_exceeds_them() {
    let config = Config::default().nick_len(9).channel_len(5).line_len(1024);
    let server = Server::start(config);
    let mut wire = Wire::connect(&server);
    wire.send("JOIN #early\r\nNICK 1bad\r\nNICK facilitator-prod\r\nUSER irclog 0 * :x");
    assert!(wire.read().unwrap().contains(" 451 "));
    assert!(wire.read().unwrap().contains(" 432 "));
    assert!(wire.read_until(" 001 ").contains("facilitat!~irclog@"));
    let isupport = wire.read_until(" 005 ");
    for token in [
        "NICKLEN=9",
        "CHANNELLEN=5",
        "LINELEN=1024",
        "CASEMAPPING=ascii",
    ] {
        assert!(isupport.contains(token), "{isupport}");
    }
    wire.send("JOIN #payments");
    assert!(wire.read_until("JOIN").ends_with("JOIN :#paym"));
    let mut other = Wire::connect(&server);
    other.send("NICK facilitat\r\nUSER x 0 * :x");
    assert!(other.read().unwrap().contains(" 433 "));
}

#[test]
fn capabilities_hold_registration_and_echo_with_labels() {
    let server = Server::start(Config::default());
    let mut wire = Wire::connect(&server);
    wire.send("CAP LS 302\r\nNICK ann\r\nUSER u 0 * :r");
    assert!(wire.read().unwrap().contains("echo-message"));
    wire.send("CAP REQ :echo-message labeled-response\r\nCAP REQ :sasl\r\nCAP END\r\nJOIN #c");
    assert!(wire.read().unwrap().contains("ACK :echo-message"));
    assert!(wire.read().unwrap().contains("NAK :sasl"));
    wire.read_until(" 366 ");
    wire.send("@label=7 PRIVMSG #c :hello\r\n@label=8 PONG x");
    let echo = wire.read().unwrap();
    assert!(echo.starts_with("@label=7 :ann!~u@"), "{echo}");
    assert!(echo.ends_with("PRIVMSG #c :hello"), "{echo}");
    assert!(wire.read().unwrap().starts_with("@label=8 "));
}

#[test]
fn several_answers_to_one_label_come_as_a_batch() {
    let server = Server::start(Config::default());
    let mut wire = Wire::connect(&server);
    wire.send("CAP REQ :labeled-response batch\r\nNICK ann\r\nUSER u 0 * :r\r\nCAP END");
    wire.read_until(" 422 ");
    wire.send("@label=9 JOIN #c");
    let answers: Vec<String> = (0..5).map(|_| wire.read().unwrap()).collect();
    let start = "@label=9 :irc.loopback.example BATCH +answer labeled-response";
    assert_eq!(answers[0], start);
    assert!(answers[1].starts_with("@batch=answer :ann!"), "{answers:?}");
    assert!(answers[3].starts_with("@batch=answer ") && answers[3].contains(" 366 "));
    assert_eq!(answers[4], ":irc.loopback.example BATCH -answer");
}

#[test]
fn ergo_refuses_what_is_not_utf8() {
    let server = Server::start(Config::ergo());
    let mut wire = Wire::join(&server, "ann");
    let stream = wire.0.get_mut();
    stream.write_all(b"PRIVMSG #c :caf\xe9\r\n").unwrap();
    assert!(wire.read().unwrap().contains("FAIL PRIVMSG INVALID_UTF8"));
    wire.send("PRIVMSG #c :café");
    let seen = server.member("#c").wait_for(Seen::is_line, SOON);
    assert_eq!(seen.unwrap().text, "café");
}

#[test]
fn a_server_without_capabilities_is_silent_about_them_at_first() {
    let server = Server::start(Config::bahamut());
    let mut wire = Wire::connect(&server);
    wire.send("CAP LS 302\r\nNICK ann\r\nUSER u 0 * :r");
    assert!(wire.read().unwrap().contains(" 001 "));
}

#[test]
fn everything_received_is_recorded_injection_included() {
    let server = Server::start(Config::default());
    let mut wire = Wire::join(&server, "ann");
    wire.send("PRIVMSG #c :a\rTOPIC #c :pwned");
    wire.read_until("TOPIC");
    let lines = server.received().all();
    assert!(lines.iter().any(|line| line.command() == "TOPIC"));
    let said = lines
        .iter()
        .find(|line| line.command() == "PRIVMSG")
        .unwrap();
    assert_eq!((said.said(), said.wire_len, said.connection), ("a", 14, 1));
}

#[test]
fn lines_are_cut_where_the_senders_prefix_leaves_no_room() {
    let server = Server::start(Config::default().host("h".repeat(63).as_str()));
    let ann = Observer::join(server.addr(), "#c", "ann");
    let mut wire = Wire::join(&server, "bob");
    let room = 510 - format!(":bob!~u@{} PRIVMSG #c :", "h".repeat(63)).len();
    wire.send(&format!("PRIVMSG #c :{}", "x".repeat(room + 1)));
    let seen = ann.wait_for_text("xxx", SOON).unwrap();
    assert_eq!(seen.text.len(), room);
    assert_eq!(server.member("#c").lines()[0].text.len(), room);
}

#[test]
fn what_is_too_long_is_cut_refused_or_the_end() {
    let long = format!("PRIVMSG #c :{}", "x".repeat(499));
    let cut = Server::start(Config::default());
    Wire::join(&cut, "ann").send(&long);
    let seen = cut.member("#c").wait_for_text("xxx", SOON).unwrap();
    assert!(seen.text.len() < 499);

    let refuse = Server::start(Config::default().overlong(Overlong::Refuse));
    let mut wire = Wire::join(&refuse, "ann");
    wire.send(&long);
    assert!(wire.read().unwrap().contains(" 417 "));

    let ends = Server::start(Config::ngircd());
    let mut wire = Wire::join(&ends, "ann");
    wire.send(&long);
    assert_eq!(wire.rest(), ["ERROR :Request too long"]);
}

#[test]
fn modes_refuse_what_they_forbid() {
    let server = Server::start(Config::default().channel("#key", "+k sesame"));
    let mut wire = Wire::join(&server, "ann");
    wire.send("JOIN #key");
    assert!(wire.read().unwrap().contains(" 475 ann #key "));
    server.mode("#c", "+m");
    assert!(wire.read().unwrap().ends_with("MODE #c +m"));
    wire.send("PRIVMSG #c :x\r\nNOTICE #c :x\r\nTOPIC #c :y");
    assert!(wire.read().unwrap().contains(" 404 ann #c "));
    assert!(wire.read().unwrap().contains("TOPIC #c :y"));
    server.mode("#c", "+cv ann");
    wire.read_until("MODE");
    wire.send("PRIVMSG #c :\x0304red\r\nPRIVMSG #c :plain\r\nPING x");
    assert!(wire.read().unwrap().contains(" 408 ann #c "));
    wire.read_until("PONG");
    assert_eq!(server.member("#c").lines()[0].text, "plain");
}

#[test]
fn nickserv_hears_only_where_it_listens() {
    let server = Server::start(Config::bahamut().account("ann", "right"));
    let mut wire = Wire::join(&server, "ann");
    wire.send("PRIVMSG NickServ :IDENTIFY wrong");
    assert!(wire.read().unwrap().contains(" 487 "));
    assert!(server.identifies().is_empty());
    wire.send("PRIVMSG NickServ@services.dal.net :IDENTIFY ann right");
    // Bahamut's flood law makes it wait for its turn.
    wire.read_until("Password accepted for ann");
    let all = server.identifies().all();
    assert_eq!(
        (all[0].account.as_str(), all[0].password.as_str()),
        ("ann", "right")
    );
}

#[test]
fn quit_is_answered_and_then_the_stream_ends() {
    let server = Server::start(Config::default());
    let mut wire = Wire::join(&server, "ann");
    for n in 0..50 {
        wire.send(&format!("PRIVMSG #c :{n}"));
    }
    wire.send("QUIT :done");
    let rest = wire.rest();
    assert!(
        rest.last().unwrap().starts_with("ERROR :Closing Link"),
        "{rest:?}"
    );
    assert_eq!(server.member("#c").lines().len(), 50);
}

#[test]
fn a_connection_dies_with_lines_in_flight() {
    let dies = Fault::on_command("PRIVMSG")
        .on_connection(1)
        .after(3)
        .does(Action::Close);
    let server = Server::start(Config::default().fault(dies));
    let mut wire = Wire::join(&server, "ann");
    wire.send("PRIVMSG #c :1\r\nPRIVMSG #c :2\r\nPRIVMSG #c :3\r\nPRIVMSG #c :4\r\nPRIVMSG #c :5");
    assert!(wire.rest().is_empty());
    assert_eq!(server.member("#c").lines().len(), 3);
    let mut again = Wire::join(&server, "ann");
    again.send("PRIVMSG #c :4\r\nPRIVMSG #c :5\r\nPING x");
    again.read_until("PONG");
    assert_eq!(server.member("#c").lines().len(), 5);
}

#[test]
fn pongs_come_late_twice_or_never_while_all_else_goes_on() {
    let ping = |token: &'static str| Fault::on_line(move |line| line == format!("PING {token}"));
    let config = Config::default()
        .fault(ping("late").does(Action::Delay(Duration::from_millis(300))))
        .fault(ping("twice").does(Action::Repeat(1)))
        .fault(ping("never").does(Action::Ignore))
        .fault(ping("other").does(Action::rewrite(|line| line.replace("other", "another"))));
    let server = Server::start(config);
    let mut wire = Wire::join(&server, "ann");
    let sent = Instant::now();
    wire.send("PING late\r\nPING twice\r\nPING never\r\nPING other\r\nPING plain");
    let tokens: Vec<String> = (0..5)
        .map(|_| wire.read().unwrap().rsplit(':').next().unwrap().to_owned())
        .collect();
    assert_eq!(tokens, ["twice", "twice", "another", "plain", "late"]);
    assert!(sent.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_stalled_server_goes_on_where_it_was() {
    // The third line waits for nothing, and certainly not for so long.
    let time = Duration::from_secs(2);
    let stalls = Fault::on_command("PRIVMSG")
        .after(1)
        .once()
        .does(Action::Stall(time));
    let server = Server::start(Config::default().fault(stalls));
    let mut wire = Wire::join(&server, "ann");
    wire.send("PRIVMSG #c :1\r\nPRIVMSG #c :2\r\nPRIVMSG #c :3\r\nPING x");
    wire.read_until("PONG");
    let lines = server.member("#c").lines();
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["1", "2", "3"]);
    assert!(lines[1].at - lines[0].at >= time);
    assert!(lines[2].at - lines[1].at < time);
}

#[test]
fn a_frozen_server_says_nothing_until_it_thaws() {
    let server = Server::start(Config::default());
    let mut wire = Wire::join(&server, "ann");
    server.freeze();
    wire.send("PING x");
    let impatient = Some(Duration::from_millis(200));
    wire.0.get_ref().set_read_timeout(impatient).unwrap();
    assert!(wire.0.read(&mut [0]).is_err());
    wire.0.get_ref().set_read_timeout(Some(SOON)).unwrap();
    server.resume();
    wire.read_until("PONG");
}

#[test]
fn refusals_operators_and_services_strike_as_declared() {
    let said = |text: &'static str| Fault::on_line(move |line| line.ends_with(text)).once();
    let config = Config::default()
        .fault(said(":refuse").does(Action::Refuse(404, "No".into())))
        .fault(said(":throttle").does(Action::Answer(
            ":{server} NOTICE {nick} :*** Message to {target} throttled due to flooding".into(),
        )))
        .fault(said(":rename").does(Action::Rename("Guest1".into())))
        .fault(said(":kick").does(Action::Kick("#c".into(), "out".into())))
        .fault(said(":kill").does(Action::Kill("spam".into())));
    let server = Server::start(config);
    let mut wire = Wire::join(&server, "ann");
    let mut after = |text: &str| {
        wire.send(&format!("PRIVMSG #c :{text}"));
        wire.read().unwrap()
    };
    assert_eq!(after("refuse"), ":irc.loopback.example 404 ann #c :No");
    assert!(after("throttle").ends_with("NOTICE ann :*** Message to #c throttled due to flooding"));
    assert!(after("rename").ends_with(" NICK :Guest1"));
    assert!(after("kick").ends_with(" KICK #c Guest1 :out"));
    assert!(after("kill").contains(" KILL Guest1 :spam"));
    assert_eq!(wire.rest().len(), 1, "the ERROR, and the end");
    let texts: Vec<String> = server
        .member("#c")
        .lines()
        .into_iter()
        .map(|s| s.text)
        .collect();
    assert_eq!(texts, ["rename", "kick"], "without +n, outsiders are heard");
}

#[test]
fn garbage_reaches_the_client_as_it_is() {
    let garbage = b"\xff\xfe:::\x00 garbage\r\n".to_vec();
    let config = Config::default()
        .fault(
            Fault::on_connect()
                .on_connection(1)
                .does(Action::Send(garbage.clone())),
        )
        .fault(
            Fault::on_connect()
                .on_connection(2)
                .does(Action::Send(vec![b'x'; 4 << 20])),
        );
    let server = Server::start(config);
    let mut got = vec![0; garbage.len()];
    Wire::connect(&server).0.read_exact(&mut got).unwrap();
    assert_eq!(got, garbage);
    let mut endless = vec![0; 4 << 20];
    Wire::connect(&server).0.read_exact(&mut endless).unwrap();
    assert!(endless.iter().all(|&byte| byte == b'x'));
}

#[test]
fn doors_are_shut_as_servers_shut_them() {
    let banned = Fault::on_connect()
        .on_connection(1)
        .does(Action::Say(":{server} 465 {nick} :You are banned".into()))
        .does(Action::Disconnect("K-lined".into()));
    let server = Server::start(Config::default().password("right").fault(banned));
    let rest = Wire::connect(&server).rest();
    assert!(rest[0].contains(" 465 * "), "{rest:?}");
    assert!(rest[1].contains("(K-lined)"), "{rest:?}");
    let mut wire = Wire::connect(&server);
    wire.send("PASS wrong\r\nNICK ann\r\nUSER u 0 * :r");
    let rest = wire.rest();
    assert!(rest[0].contains(" 464 "), "{rest:?}");
    assert!(rest[1].starts_with("ERROR "), "{rest:?}");

    let law = ReconnectThrottle {
        connects: 1,
        ..ReconnectThrottle::BAHAMUT
    };
    let server = Server::start(Config::default().reconnects(law));
    let _first = Wire::join(&server, "ann");
    let told = Wire::connect(&server).rest();
    assert!(told[0].contains("You have been throttled"), "{told:?}");
    assert!(Wire::connect(&server).rest().is_empty());
    assert_eq!(server.connections(), 3);
}

#[test]
fn who_talks_too_fast_is_slowed_killed_or_not_shown() {
    let flood = "PRIVMSG #c :x\r\n".repeat(30);
    let slow = Throttle {
        base: Duration::from_millis(20),
        credit: Duration::from_millis(100),
        patience: Patience::Endless,
        ..Throttle::ERGO
    };
    let server = Server::start(Config::default().throttle(slow));
    let mut wire = Wire::join(&server, "ann");
    wire.send(&format!("{flood}PING x"));
    wire.read_until("PONG");
    let lines = server.member("#c").lines();
    assert_eq!(lines.len(), 30);
    assert!(lines[29].at - lines[0].at >= Duration::from_millis(20 * 20));

    let strict = Throttle {
        patience: Patience::Bytes(300),
        ..slow
    };
    let server = Server::start(Config::default().throttle(strict));
    let mut wire = Wire::join(&server, "ann");
    wire.send(&flood);
    assert!(wire.rest().last().unwrap().contains("(Excess Flood)"));
    assert!(server.member("#c").lines().len() < 30);

    let quiet = Throttle {
        channel: Some(ChannelFlood {
            burst: 5,
            every: Duration::from_secs(60),
        }),
        ..slow
    };
    let server = Server::start(Config::default().throttle(quiet));
    let mut wire = Wire::join(&server, "ann");
    wire.send(&format!("{flood}PING x"));
    assert!(wire.read().unwrap().contains("throttled due to flooding"));
    wire.read_until("PONG");
    assert_eq!(server.member("#c").lines().len(), 5);
}

#[test]
fn silence_to_its_ping_ends_the_connection() {
    let server = Server::start(Config::default().ping_every(Duration::from_millis(100)));
    let mut wire = Wire::join(&server, "ann");
    let rest = wire.rest();
    assert!(rest[0].starts_with("PING "), "{rest:?}");
    assert!(rest.last().unwrap().contains("(Ping timeout)"), "{rest:?}");
    // The unmodified client answers, so it stays, if it is given the time to.
    let server = Server::start(Config::default().ping_every(Duration::from_secs(3)));
    let bob = Observer::join(server.addr(), "#c", "bob");
    let pongs = |line: &str| line.starts_with("PONG");
    assert!(server.wait_for(pongs, SOON).is_some());
    assert!(bob.is_connected());
}

#[test]
fn a_server_that_died_comes_back_on_its_port() {
    let mut server = Server::start(Config::default().channel("#c", "+n"));
    let mut wire = Wire::join(&server, "ann");
    server.stop();
    assert!(wire.rest().is_empty());
    assert!(TcpStream::connect(server.addr()).is_err());
    server.start_again();
    let mut wire = Wire::join(&server, "ann");
    wire.send("MODE #c");
    assert!(wire.read().unwrap().ends_with(" 324 ann #c +n"));
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_new_host_or_nick_is_told() {
    let server = Server::start(Config::default());
    let mut wire = Wire::join(&server, "ann");
    server.change_host("ann", "cloak.example");
    assert!(wire.read().unwrap().contains(" 396 ann cloak.example "));
    server.rename("ann", "eve");
    assert_eq!(wire.read().unwrap(), ":ann!~u@cloak.example NICK :eve");
    assert_eq!(server.nicks(), ["eve"]);
    server.say("mallory", "#c", "\x01VERSION\x01");
    assert!(
        wire.read()
            .unwrap()
            .ends_with("PRIVMSG #c :\x01VERSION\x01")
    );
}

/// Connects with TLS, trusting the server's own authority, and says PING; with
/// what came back and the SHA-256 of the certificate.
fn ping_with_tls(server: &Server) -> Result<(String, String), std::io::Error> {
    let known = server.certificate().expect("it speaks TLS");
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(known.ca_pem.as_bytes()).unwrap();
    roots.add(ca).unwrap();
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = TcpStream::connect(server.addr())?;
    socket.set_read_timeout(Some(SOON))?;
    let mut stream = StreamOwned::new(client, socket);
    stream.write_all(b"PING secret\r\n")?;
    let leaf = stream.conn.peer_certificates().unwrap()[0].clone();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    let sha256 = digest::digest(&digest::SHA256, &leaf);
    let hex: Vec<String> = sha256.as_ref().iter().map(|b| format!("{b:02X}")).collect();
    Ok((line, hex.join(":")))
}

#[test]
fn tls_is_spoken_with_a_certificate_that_can_be_checked() {
    let server = Server::start(Config::default().tls(Tls::default()));
    let (line, sha256) = ping_with_tls(&server).unwrap();
    assert_eq!(
        line.trim_end(),
        ":irc.loopback.example PONG irc.loopback.example :secret"
    );
    assert_eq!(sha256, server.certificate().unwrap().sha256);
}

#[test]
fn bad_certificates_are_bad_in_the_way_they_should_be() {
    let refused = |tls: Tls| {
        let server = Server::start(Config::default().tls(tls));
        ping_with_tls(&server).unwrap_err().to_string()
    };
    let expired = refused(Tls::expired()).to_lowercase();
    assert!(expired.contains("expired"), "{expired}");
    let other = refused(Tls::for_name("other.example")).to_lowercase();
    assert!(other.contains("name"), "{other}");
}
