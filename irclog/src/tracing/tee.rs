//! Where irclog's own words go beside a layer: to the service's other layers.

use ::tracing::{enabled, event};
use log::{Level, Log, Metadata, Record};

/// The target of irclog's own words. The layer takes no event of this target:
/// trouble with the channel is not told in the channel.
pub(super) const TARGET: &str = "irclog";

/// Tells what irclog has to say as events of the target `irclog`, so that it
/// stands in the service's own log, in its format.
///
/// It is never enabled while there is no subscriber for the thread that
/// speaks, or none that wants it; then the caller has another way.
pub(crate) struct SubscriberTee;

impl Log for SubscriberTee {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        match metadata.level() {
            Level::Error => enabled!(target: TARGET, ::tracing::Level::ERROR),
            Level::Warn => enabled!(target: TARGET, ::tracing::Level::WARN),
            Level::Info => enabled!(target: TARGET, ::tracing::Level::INFO),
            Level::Debug => enabled!(target: TARGET, ::tracing::Level::DEBUG),
            Level::Trace => enabled!(target: TARGET, ::tracing::Level::TRACE),
        }
    }

    fn log(&self, record: &Record<'_>) {
        let text = record.args();
        match record.level() {
            Level::Error => event!(target: TARGET, ::tracing::Level::ERROR, "{text}"),
            Level::Warn => event!(target: TARGET, ::tracing::Level::WARN, "{text}"),
            Level::Info => event!(target: TARGET, ::tracing::Level::INFO, "{text}"),
            Level::Debug => event!(target: TARGET, ::tracing::Level::DEBUG, "{text}"),
            Level::Trace => event!(target: TARGET, ::tracing::Level::TRACE, "{text}"),
        }
    }

    fn flush(&self) {}
}
