//! Debian's InspIRCd as a child process.

use std::fmt::Write as _;
use std::net::SocketAddr;

use tempfile::TempDir;

use crate::daemon;
use crate::port::Port;

/// What an [`inspircd::Server`](Server) is started with.
///
/// The default has the limits of Debian's configuration, except three
/// connections from one address, which a handful of observers would exceed;
/// and no module but the core.
#[derive(Debug, Clone, Default)]
pub struct Config {
    modules: Vec<String>,
    password: Option<String>,
    extra: String,
}

impl Config {
    /// With echo-message, labeled-response and what they need: `server-time`,
    /// `message-tags`, `batch`.
    #[must_use]
    pub fn ircv3() -> Self {
        Self::default()
            .module("cap")
            .module("ircv3")
            .module("ircv3_batch")
            .module("ircv3_ctctags")
            .module("ircv3_echomessage")
            .module("ircv3_labeledresponse")
            .module("ircv3_servertime")
    }

    /// Loads a module, named without `m_` and `.so`.
    #[must_use]
    pub fn module(mut self, name: &str) -> Self {
        self.modules.push(name.to_owned());
        self
    }

    /// Asks everybody for `password` on connecting. Defaults to none.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Adds `tags` to the end of the configuration, as they are.
    #[must_use]
    pub fn extra(mut self, tags: &str) -> Self {
        self.extra.push_str(tags);
        self.extra.push('\n');
        self
    }

    fn render(&self, addr: SocketAddr) -> String {
        let password = self
            .password
            .as_ref()
            .map(|password| format!(" password=\"{password}\""))
            .unwrap_or_default();
        let mut text = format!(
            "<server name=\"irc.test.example\" description=\"irclog's tests\" network=\"TestNet\">\n\
             <admin name=\"tests\" nick=\"tests\" email=\"nobody@test.example\">\n\
             <bind address=\"{}\" port=\"{}\" type=\"clients\">\n\
             <connect allow=\"*\" timeout=\"60\" threshold=\"10\" pingfreq=\"120\" \
             hardsendq=\"262144\" softsendq=\"8192\" recvq=\"8192\" \
             localmax=\"30\" globalmax=\"30\" resolvehostnames=\"no\" useident=\"no\"{password}>\n\
             <dns server=\"127.0.0.1\" timeout=\"1\">\n\
             <options prefixquit=\"Quit: \" announcets=\"yes\">\n\
             <security maxtargets=\"20\">\n\
             <performance netbuffersize=\"10240\" somaxconn=\"128\" softlimit=\"1024\">\n",
            addr.ip(),
            addr.port(),
        );
        for module in &self.modules {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "<module name=\"{module}\">");
        }
        text.push_str(&self.extra);
        text
    }
}

/// A running InspIRCd. Killed on drop.
pub type Server = daemon::Server<Inspircd>;

/// Tells a [`Server`] from other daemons.
#[derive(Debug)]
pub struct Inspircd;

impl Server {
    /// Starts InspIRCd and waits until it answers.
    ///
    /// # Panics
    ///
    /// When InspIRCd is not installed or does not start.
    #[must_use]
    pub fn start_with(config: &Config) -> Self {
        let program = daemon::program("inspircd");
        let folder = TempDir::new().expect("a temporary folder");
        let port = Port::hold();
        let file = daemon::write(folder.path(), "inspircd.conf", &config.render(port.addr()));
        let args = [
            "--nofork",
            "--nolog",
            "--nopid",
            // It refuses root without it; tests in a container are root.
            "--runasroot",
            "--config",
        ];
        let mut args: Vec<String> = args.map(str::to_owned).to_vec();
        args.push(file.display().to_string());
        Self::run(Inspircd, program, args, port, folder)
    }
}
