//! Debian's ngircd as a child process.

use std::fmt::Write as _;
use std::net::SocketAddr;

use tempfile::TempDir;

use crate::daemon;
use crate::port::Port;

/// What an [`ngircd::Server`](Server) is started with.
///
/// The default is Debian's: nicks of 9, its own flood protection, ten
/// connections from one address; only DNS and ident look-ups are off.
#[derive(Debug, Clone)]
pub struct Config {
    password: Option<String>,
    nick_length: u8,
    penalty: Option<u32>,
    connections_per_address: u32,
    ping_timeout: u32,
    oper: Option<(String, String)>,
    channels: Vec<(String, String)>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            password: None,
            nick_length: 9,
            penalty: None,
            connections_per_address: 10,
            ping_timeout: 120,
            oper: None,
            channels: Vec::new(),
        }
    }
}

impl Config {
    /// Asks everybody for `password` on connecting. Defaults to none.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// The longest nick, at most 31. Defaults to 9.
    #[must_use]
    pub fn nick_length(mut self, length: u8) -> Self {
        self.nick_length = length;
        self
    }

    /// The longest penalty for fast talkers, in seconds; 0 turns penalties
    /// off. Defaults to no limit, as ngircd does.
    #[must_use]
    pub fn max_penalty(mut self, seconds: u32) -> Self {
        self.penalty = Some(seconds);
        self
    }

    /// The most connections from one address; 0 is no limit. Defaults to 10.
    #[must_use]
    pub fn connections_per_address(mut self, most: u32) -> Self {
        self.connections_per_address = most;
        self
    }

    /// The silence after which a client is asked for a PONG, in seconds.
    /// Defaults to 120.
    #[must_use]
    pub fn ping_timeout(mut self, seconds: u32) -> Self {
        self.ping_timeout = seconds;
        self
    }

    /// Who may become an operator with `OPER name password`.
    #[must_use]
    pub fn oper(mut self, name: &str, password: &str) -> Self {
        self.oper = Some((name.to_owned(), password.to_owned()));
        self
    }

    /// A channel that is there from the start, with `modes` such as `mn`, so
    /// that who joins first is not its operator.
    #[must_use]
    pub fn channel(mut self, name: &str, modes: &str) -> Self {
        self.channels.push((name.to_owned(), modes.to_owned()));
        self
    }

    fn render(&self, addr: SocketAddr) -> String {
        let mut text = format!(
            "[Global]\nName = irc.test.example\nInfo = irclog's tests\n\
             AdminInfo1 = tests\nAdminInfo2 = loopback\nAdminEMail = nobody@test.example\n\
             Listen = {}\nPorts = {}\nMotdPhrase = \"for tests\"\n",
            addr.ip(),
            addr.port(),
        );
        if let Some(password) = &self.password {
            line(&mut text, &format!("Password = {password}"));
        }
        line(&mut text, "[Limits]");
        line(&mut text, &format!("MaxNickLength = {}", self.nick_length));
        line(
            &mut text,
            &format!("MaxConnectionsIP = {}", self.connections_per_address),
        );
        line(&mut text, &format!("PingTimeout = {}", self.ping_timeout));
        if let Some(seconds) = self.penalty {
            line(&mut text, &format!("MaxPenaltyTime = {seconds}"));
        }
        // Look-ups of 127.0.0.1 would only cost a second at each connect.
        line(&mut text, "[Options]\nDNS = no\nIdent = no\nPAM = no");
        if let Some((name, password)) = &self.oper {
            line(
                &mut text,
                &format!("[Operator]\nName = {name}\nPassword = {password}"),
            );
        }
        for (name, modes) in &self.channels {
            line(
                &mut text,
                &format!("[Channel]\nName = {name}\nModes = {modes}"),
            );
        }
        text
    }
}

/// A running ngircd. Killed on drop.
pub type Server = daemon::Server<Ngircd>;

/// Tells a [`Server`] from other daemons.
#[derive(Debug)]
pub struct Ngircd;

impl Server {
    /// Starts ngircd with the default [`Config`].
    ///
    /// # Panics
    ///
    /// When ngircd is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&Config::default())
    }

    /// Starts ngircd and waits until it answers.
    ///
    /// # Panics
    ///
    /// When ngircd is not installed or does not start.
    #[must_use]
    pub fn start_with(config: &Config) -> Self {
        let program = daemon::program("ngircd");
        let folder = TempDir::new().expect("a temporary folder");
        let port = Port::hold();
        let file = daemon::write(folder.path(), "ngircd.conf", &config.render(port.addr()));
        let args = vec![
            "--nodaemon".to_owned(),
            "--config".to_owned(),
            file.display().to_string(),
        ];
        Self::run(Ngircd, program, args, port, folder)
    }
}

fn line(text: &mut String, line: &str) {
    let _ = writeln!(text, "{line}");
}
