//! Debian's Atheme on Debian's `InspIRCd`: a network with services, accounts
//! and SASL.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use ring::digest;
use tempfile::TempDir;

use crate::port::Port;
use crate::{SOON, clock, daemon, inspircd};

/// Between two looks at whether the services have come.
const PROBE_PAUSE: Duration = Duration::from_millis(200);
const SERVICES: &str = "services.test.example";
const LINK_PASSWORD: &str = "only-for-this-test";

/// A certificate with its key, in PEM, and its SHA-256 as 64 hex digits.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate.
    pub pem: String,
    /// Its key.
    pub key: String,
    /// Its fingerprint.
    pub sha256: String,
}

impl Certificate {
    /// A new one, for 127.0.0.1, signed by itself.
    ///
    /// # Panics
    ///
    /// When the system has no randomness.
    #[must_use]
    pub fn new() -> Self {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).expect("a certificate of default parameters");
        let mut sha256 = String::new();
        for byte in digest::digest(&digest::SHA256, cert.der()).as_ref() {
            // Writing to a String cannot fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        Self {
            pem: cert.pem(),
            key: signing_key.serialize_pem(),
            sha256,
        }
    }
}

impl Default for Certificate {
    fn default() -> Self {
        Self::new()
    }
}

/// `InspIRCd` with Atheme linked to it. Both are killed on drop.
#[derive(Debug)]
pub struct Network {
    ircd: inspircd::Server,
    atheme: Child,
    tls: Port,
    certificate: Certificate,
    folder: TempDir,
    // Held, so that nobody else is given it.
    _link: Port,
}

impl Network {
    /// Starts both, and waits until SASL is offered, which is so only once the
    /// services have linked.
    ///
    /// # Panics
    ///
    /// When one of them is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let (link, tls) = (Port::hold(), Port::hold());
        let certificate = Certificate::new();
        let cert = daemon::write(folder.path(), "cert.pem", &certificate.pem);
        let key = daemon::write(folder.path(), "key.pem", &certificate.key);
        let config = ircd(link.addr(), tls.addr(), &cert, &key);
        let ircd = inspircd::Server::start_with(&config);
        let atheme = run_atheme(folder.path(), link.addr());
        let mut network = Self {
            ircd,
            atheme,
            tls,
            certificate,
            folder,
            _link: link,
        };
        network.wait_until_linked();
        network
    }

    /// Where it speaks plain text.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.ircd.addr()
    }

    /// Where it speaks TLS.
    #[must_use]
    pub fn tls_addr(&self) -> SocketAddr {
        self.tls.addr()
    }

    /// What it shows there.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Makes an account of the name and nick `nick`; whoever has this
    /// certificate may use it.
    ///
    /// # Panics
    ///
    /// When the services do not answer as they should.
    pub fn register(&self, nick: &str, password: &str, fingerprint: Option<&str>) {
        let mut client = Client::join(self.addr(), nick);
        client.send(&format!(
            "PRIVMSG NickServ :REGISTER {password} nobody@test.example"
        ));
        client.read_until("is now registered");
        if let Some(fingerprint) = fingerprint {
            client.send(&format!("PRIVMSG NickServ :CERT ADD {fingerprint}"));
            client.read_until("Added fingerprint");
        }
        client.send("QUIT");
        while client.read().is_some() {}
    }

    /// Makes the channel `name`, with these modes, and leaves somebody there
    /// for as long as what is returned lives.
    ///
    /// # Panics
    ///
    /// When the server does not answer as it should.
    #[must_use]
    pub fn channel(&self, name: &str, modes: &str) -> Client {
        let mut client = Client::join(self.addr(), "founder");
        client.send(&format!("JOIN {name}"));
        client.read_until(" 366 ");
        client.send(&format!("MODE {name} {modes}"));
        client.read_until(" MODE ");
        client
    }

    fn wait_until_linked(&mut self) {
        let deadline = clock::now() + SOON;
        loop {
            let mut client = Client::connect(self.ircd.addr());
            client.send("CAP LS 302");
            if client.read_until(" LS ").contains(" sasl=PLAIN") {
                return;
            }
            if let Ok(Some(status)) = self.atheme.try_wait() {
                panic!("atheme-services ended with {status}:\n{}", self.log());
            }
            assert!(clock::now() < deadline, "no services:\n{}", self.log());
            thread::park_timeout(PROBE_PAUSE);
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("atheme.out")).unwrap_or_default()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // Fails only when it is gone already, which is what we want.
        let _ = self.atheme.kill();
        let _ = self.atheme.wait();
    }
}

/// A connection of somebody else, line by line.
#[derive(Debug)]
pub struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).expect("the server answers");
        stream.set_read_timeout(Some(SOON)).expect("a socket");
        Self(BufReader::new(stream))
    }

    fn join(addr: SocketAddr, nick: &str) -> Self {
        let mut client = Self::connect(addr);
        client.send(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}"));
        client.read_until(" 422 ");
        client
    }

    fn send(&mut self, line: &str) {
        let line = format!("{line}\r\n");
        let stream = self.0.get_mut();
        stream.write_all(line.as_bytes()).expect("the server reads");
    }

    fn read(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(1..) => Some(line.trim_end().to_owned()),
            _ => None,
        }
    }

    fn read_until(&mut self, wanted: &str) -> String {
        loop {
            let line = self.read();
            let line = line.unwrap_or_else(|| panic!("the server closed before {wanted:?}"));
            if line.contains(wanted) {
                return line;
            }
        }
    }
}

fn ircd(link: SocketAddr, tls: SocketAddr, cert: &Path, key: &Path) -> inspircd::Config {
    let mut config = inspircd::Config::ircv3();
    // Atheme's link fails without `deaf`.
    for module in [
        "banexception",
        "chghost",
        "chgident",
        "deaf",
        "hidechans",
        "inviteexception",
        "sasl",
        "services_account",
        "servprotect",
        "spanningtree",
        "ssl_gnutls",
        "sslinfo",
        "svshold",
        "timedbans",
    ] {
        config = config.module(module);
    }
    config.extra(&format!(
        "<sasl target=\"{SERVICES}\">\n\
         <bind address=\"{}\" port=\"{}\" type=\"servers\">\n\
         <link name=\"{SERVICES}\" ipaddr=\"127.0.0.1\" port=\"{}\" allowmask=\"127.0.0.0/8\" \
         sendpass=\"{LINK_PASSWORD}\" recvpass=\"{LINK_PASSWORD}\">\n\
         <uline server=\"{SERVICES}\" silent=\"yes\">\n\
         <sslprofile name=\"clients\" provider=\"gnutls\" certfile=\"{}\" keyfile=\"{}\" \
         hash=\"sha256\">\n\
         <bind address=\"{}\" port=\"{}\" type=\"clients\" sslprofile=\"clients\">",
        link.ip(),
        link.port(),
        link.port(),
        cert.display(),
        key.display(),
        tls.ip(),
        tls.port(),
    ))
}

fn run_atheme(folder: &Path, link: SocketAddr) -> Child {
    let program = daemon::program("atheme-services");
    let modules = [
        "protocol/inspircd",
        "backend/opensex",
        "crypto/pbkdf2v2",
        "nickserv/main",
        "nickserv/register",
        "nickserv/identify",
        "nickserv/ghost",
        "nickserv/cert",
        "saslserv/main",
        "saslserv/plain",
        "saslserv/external",
    ];
    let mut text = String::new();
    for module in modules {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "loadmodule \"modules/{module}\";");
    }
    let _ = write!(
        text,
        "serverinfo {{ name = \"{SERVICES}\"; desc = \"for tests\"; numeric = \"00A\"; \
         recontime = 1; netname = \"TestNet\"; adminname = \"tests\"; \
         adminemail = \"nobody@test.example\"; registeremail = \"nobody@test.example\"; \
         mta = \"/bin/true\"; loglevel = {{ error; info; }}; maxlogins = 5; maxusers = 0; \
         maxnicks = 5; maxchans = 5; auth = none; casemapping = ascii; }};\n\
         general {{ commit_interval = 60; }};\n\
         uplink \"irc.test.example\" {{ host = \"127.0.0.1\"; port = {}; \
         send_password = \"{LINK_PASSWORD}\"; receive_password = \"{LINK_PASSWORD}\"; }};\n\
         nickserv {{ nick = \"NickServ\"; user = \"NickServ\"; host = \"{SERVICES}\"; \
         real = \"Nickname Services\"; }};\n\
         saslserv {{ nick = \"SaslServ\"; user = \"SaslServ\"; host = \"{SERVICES}\"; \
         real = \"SASL\"; }};\n",
        link.port(),
    );
    let config = daemon::write(folder, "atheme.conf", &text);
    let path = |name: &str| -> PathBuf { folder.join(name) };
    std::fs::create_dir(path("data")).expect("a new folder");
    let out = File::create(path("atheme.out")).expect("a new file");
    let errors = out.try_clone().expect("a second handle on the log");
    Command::new(&program)
        .arg("-n")
        .args(["-c".as_ref(), config.as_os_str()])
        .args(["-l".as_ref(), path("atheme.log").as_os_str()])
        .args(["-p".as_ref(), path("atheme.pid").as_os_str()])
        .args(["-D".as_ref(), path("data").as_os_str()])
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(errors)
        .spawn()
        .unwrap_or_else(|e| panic!("{} does not start: {e}", program.display()))
}
