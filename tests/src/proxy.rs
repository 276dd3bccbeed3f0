//! Debian's proxies as child processes: microsocks and Dante for SOCKS5, tinyproxy
//! for HTTP.

use std::fmt::Write as _;

use tempfile::TempDir;

use crate::daemon;
use crate::port::Port;

/// Whom a SOCKS5 proxy lets through, where it asks for that.
const SOCKS_LOGIN: (&str, &str) = ("ana", "tiger@lily:27/b");
/// tinyproxy knows letters and digits alone.
const HTTP_LOGIN: (&str, &str) = ("ana", "tiger-lily-27");

/// A running proxy. Killed on drop.
pub type Server = daemon::Server<Proxy>;

/// What tells one proxy from another.
#[derive(Debug)]
pub struct Proxy {
    scheme: &'static str,
}

impl Server {
    /// microsocks, for everybody or for whoever has its [`login`](Self::login).
    ///
    /// # Panics
    ///
    /// When it is not installed or does not start.
    #[must_use]
    pub fn microsocks(asks: bool) -> Self {
        let port = Port::hold();
        let number = port.number().to_string();
        let (name, password) = SOCKS_LOGIN;
        let mut args = vec!["-i", "127.0.0.1", "-p", &number];
        if asks {
            args.extend(["-u", name, "-P", password]);
        }
        let args = args.into_iter().map(str::to_owned).collect();
        let folder = TempDir::new().expect("a temporary folder");
        let program = daemon::program("microsocks");
        let kind = Proxy { scheme: "socks5" };
        Self::run(kind, program, args, port, folder)
    }

    /// Dante, which lets nobody go to `blocked`, if that is given.
    ///
    /// # Panics
    ///
    /// When it is not installed or does not start.
    #[must_use]
    pub fn dante(blocked: Option<u16>) -> Self {
        let port = Port::hold();
        let mut text = format!(
            "logoutput: stderr\n\
             internal: 127.0.0.1 port = {}\n\
             external: 127.0.0.1\n\
             clientmethod: none\nsocksmethod: none\n\
             user.privileged: root\nuser.unprivileged: nobody\n\
             client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}\n",
            port.number()
        );
        if let Some(blocked) = blocked {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "socks block {{ from: 0.0.0.0/0 to: 0.0.0.0/0 port = {blocked} }}"
            );
        }
        text.push_str("socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n");
        let program = daemon::program_of("dante-server", "danted");
        let folder = TempDir::new().expect("a temporary folder");
        let file = daemon::write(folder.path(), "danted.conf", &text);
        let pid = folder.path().join("danted.pid").display().to_string();
        let args = ["-f", &file.display().to_string(), "-p", &pid].map(str::to_owned);
        let kind = Proxy { scheme: "socks5" };
        Self::run(kind, program, args.to_vec(), port, folder)
    }

    /// tinyproxy, for everybody or for whoever has its [`login`](Self::login); to the port `only`, if
    /// that is given.
    ///
    /// # Panics
    ///
    /// When it is not installed or does not start.
    #[must_use]
    pub fn tinyproxy(asks: bool, only: Option<u16>) -> Self {
        let port = Port::hold();
        let mut text = format!(
            "Port {}\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\nAllow 127.0.0.1\n",
            port.number()
        );
        if asks {
            let (name, password) = HTTP_LOGIN;
            let _ = writeln!(text, "BasicAuth {name} {password}");
        }
        if let Some(only) = only {
            let _ = writeln!(text, "ConnectPort {only}");
        }
        let program = daemon::program("tinyproxy");
        let folder = TempDir::new().expect("a temporary folder");
        let file = daemon::write(folder.path(), "tinyproxy.conf", &text);
        let args = vec!["-d".to_owned(), "-c".to_owned(), file.display().to_string()];
        let kind = Proxy { scheme: "http" };
        Self::run(kind, program, args, port, folder)
    }

    /// A name and a password that it lets through.
    #[must_use]
    pub fn login(&self) -> (&'static str, &'static str) {
        match self.kind.scheme {
            "http" => HTTP_LOGIN,
            _ => SOCKS_LOGIN,
        }
    }

    /// For `IRC_PROXY`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.kind.scheme, self.addr())
    }

    /// The same with a name and password, percent-encoded as it has to be.
    #[must_use]
    pub fn url_with(&self, (name, password): (&str, &str)) -> String {
        let mut login = String::new();
        for c in format!("{name}\n{password}").chars() {
            match c {
                '\n' => login.push(':'),
                _ if c.is_ascii_alphanumeric() => login.push(c),
                _ => {
                    let _ = write!(login, "%{:02X}", u32::from(c));
                }
            }
        }
        format!("{}://{login}@{}", self.kind.scheme, self.addr())
    }

    /// The same as if it spoke the other protocol.
    #[must_use]
    pub fn wrong_url(&self) -> String {
        let other = if self.kind.scheme == "http" {
            "socks5"
        } else {
            "http"
        };
        format!("{other}://{}", self.addr())
    }
}
