//! Logs to `#karmacadabra` on `irc.dal.net` over TLS. Every default can be
//! overridden by the environment: `IRC_SERVER=127.0.0.1 IRC_TLS=false …`.

use std::time::Duration;

fn main() -> Result<(), irclog::InitError> {
    // Set before, so that the environment goes first.
    let mut builder = irclog::from_env();
    if std::env::var_os("IRC_SERVER").is_none() {
        builder = builder.server("irc.dal.net");
    }
    if std::env::var_os("IRC_CHANNEL").is_none() {
        builder = builder.channel("#karmacadabra");
    }
    let handle = builder.try_init()?;

    log::info!("hello from irclog");
    log::warn!("this is how a warning looks");

    if !handle.flush(Duration::from_secs(90)) {
        eprintln!("not everything could be shown: {}", handle.stats());
    }
    Ok(())
}
