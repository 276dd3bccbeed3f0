//! What the reader of the channel sees. Pure: takes `now`, returns lines.
