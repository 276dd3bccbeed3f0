//! What the reader of the channel sees. Pure: takes `now`, returns lines.

mod layout;
mod sanitise;
mod split;
