//! Debian's ircd-hybrid as a child process.
//!
//! Its package cannot be installed beside ngircd's, and it finds its modules
//! only in `/usr/lib`: so the package is unpacked into a temporary folder, and
//! the daemon sees that folder laid over `/usr/lib` in a mount namespace of
//! its own. That takes root, on Debian or Ubuntu, and the package's source.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::daemon;
use crate::port::Port;

/// What is unpacked: the daemon, and the one library that few systems have.
const PACKAGES: [&str; 2] = ["ircd-hybrid", "libltdl7"];

/// The daemon refuses to be root; this is `nobody`.
const NOBODY: u32 = 65_534;

/// A running ircd-hybrid with the limits of Debian's configuration, except two
/// connections from one address. Killed on drop.
pub type Server = daemon::Server<Hybrid>;

/// Tells a [`Server`] from other daemons.
#[derive(Debug)]
pub struct Hybrid;

impl Server {
    /// Fetches the packages, starts the daemon and waits until it answers.
    ///
    /// # Errors
    ///
    /// Says which step failed where a package cannot be fetched or unpacked.
    ///
    /// # Panics
    ///
    /// When the daemon does not start.
    pub fn start() -> Result<Self, String> {
        let folder = TempDir::new().map_err(|e| format!("no temporary folder: {e}"))?;
        let root = folder.path();
        fs::set_permissions(root, fs::Permissions::from_mode(0o755)).map_err(|e| e.to_string())?;
        for package in PACKAGES {
            unpack(package, root)?;
        }
        let state = root.join("state");
        fs::create_dir(&state)
            .and_then(|()| chown(&state, Some(NOBODY), Some(NOBODY)))
            .map_err(|e| format!("cannot give {} away: {e}", state.display()))?;
        let port = Port::hold();
        daemon::write(root, "ircd.conf", &configuration(port.addr()));
        let script = daemon::write(root, "start.sh", &script(root));
        let args = vec![
            "--mount".to_owned(),
            "sh".to_owned(),
            script.display().to_string(),
        ];
        let program = daemon::program("unshare");
        Ok(Self::run(Hybrid, program, args, port, folder))
    }
}

/// Fetches `package` and unpacks it into `root`, installing nothing.
fn unpack(package: &str, root: &Path) -> Result<(), String> {
    run(Command::new("apt-get")
        .args(["download", "-q", package])
        .current_dir(root))?;
    let file = archive(package, root).ok_or_else(|| format!("apt-get left no {package}"))?;
    run(Command::new("dpkg-deb").arg("-x").arg(file).arg(root))
}

fn archive(package: &str, root: &Path) -> Option<PathBuf> {
    let head = format!("{package}_");
    let files = fs::read_dir(root).ok()?.flatten();
    let mut names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    names
        .find(|name| name.starts_with(&head))
        .map(|name| root.join(name))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|e| format!("{command:?} does not run: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{command:?} failed: {}", said.trim()))
}

/// Every step replaces the process by the next, so that killing the child
/// kills the daemon.
fn script(root: &Path) -> String {
    let root = root.display();
    format!(
        "set -e\n\
         mount -t overlay overlay -o lowerdir={root}/usr/lib:/usr/lib /usr/lib\n\
         exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups \
         {root}/usr/sbin/ircd-hybrid -foreground -configfile {root}/ircd.conf \
         -logfile {root}/state/log -pidfile {root}/state/pid \
         -klinefile {root}/state/kline -dlinefile {root}/state/dline \
         -xlinefile {root}/state/xline -resvfile {root}/state/resv\n"
    )
}

fn configuration(addr: SocketAddr) -> String {
    format!(
        "serverinfo {{ name = \"irc.test.example\"; description = \"tests\"; \
         network_name = \"TestNet\"; network_description = \"tests\"; hub = no; \
         default_max_clients = 512; max_nick_length = 15; max_topic_length = 300; }};\n\
         admin {{ name = \"tests\"; description = \"tests\"; email = \"<nobody@test.example>\"; }};\n\
         class {{ name = \"users\"; ping_time = 90 seconds; number_per_ip_local = 20; \
         number_per_ip_global = 20; max_number = 100; sendq = 100 kbytes; recvq = 2560 bytes; }};\n\
         listen {{ host = \"{}\"; port = {}; }};\n\
         auth {{ user = \"*@*\"; class = \"users\"; }};\n\
         channel {{ disable_fake_channels = yes; max_channels = 25; }};\n\
         general {{ disable_auth = yes; default_floodcount = 10; default_floodtime = 1 second; \
         throttle_count = 20; throttle_time = 1 second; max_targets = 4; }};\n\
         modules {{ path = \"/usr/lib/ircd-hybrid/modules\"; \
         path = \"/usr/lib/ircd-hybrid/modules/autoload\"; }};\n\
         log {{ use_logging = no; }};\n",
        addr.ip(),
        addr.port(),
    )
}
