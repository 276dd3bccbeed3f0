//! The tracing layer: what of events and spans is in the channel, and that
//! other layers do not notice.

mod layers;
mod requests;
mod text;

use irclog::{Builder, Handle};
use irclog_tests::room::Room;
use tracing::subscriber::with_default;
use tracing_subscriber::{prelude::*, registry};

/// The texts of all lines, without their tags, once all is said.
fn texts(room: &Room) -> Vec<String> {
    let mut texts = room.close().records();
    // Of other tests of this process: all channels hear of a panic.
    texts.retain(|text| !text.starts_with("panic - "));
    texts
}

/// The lines in the channel after `log` has run below a layer with these
/// settings.
fn shown(set: impl FnOnce(Builder) -> Builder, log: impl FnOnce(&Handle)) -> Vec<String> {
    let (room, layer) = Room::open(|builder| set(builder).layer());
    with_default(registry().with(layer), || log(&room.handle));
    texts(&room)
}
