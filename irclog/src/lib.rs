//! Your service's logs, live and redacted, in an IRC channel.
//!
//! One call at start-up adds the channel to whatever logging there is. The
//! console goes on as before, and whatever happens on the IRC side, the
//! service is never blocked, slowed or crashed.
//!
//! ```no_run
//! use irclog::{Public, Redact};
//!
//! #[derive(Redact)]
//! struct Payment {
//!     #[redact(secret)]
//!     signature: String,
//!     #[redact(keep(first = 6, last = 4))]
//!     payer: String,
//!     amount: u64,
//! }
//!
//! irclog::init();
//! let payment = Payment {
//!     signature: "0x5eed…".into(),
//!     payer: "0x2C3E6F8A9B0d1e2F3a4B5c6D7e8F9a0B1c2D3e4F".into(),
//!     amount: 5,
//! };
//! log::info!("settled {payment:?}, tx {}", Public("0x7ba3…"));
//! ```
//!
//! - [`init`], [`try_init`], [`builder()`] and [`from_env`] install the logger;
//!   the [`Handle`] flushes, shuts down, mutes and tells the numbers. The end
//!   of the process flushes by itself.
//! - [`redact`] teaches what may be shown of a value, decided when the program
//!   is compiled; [`redaction`] lists the shapes of secrets that are masked in
//!   free text. [`scrub()`] does that for any other sink.
//!
//! # Features
//!
//! A feature adds; it never changes what a call does.
//!
//! | feature | adds | by default |
//! |---|---|---|
//! | none | the redaction: `#[derive(Redact)]`, the wrappers, [`scrub()`], [`register_secret`] | |
//! | `channel` | the log in the channel: [`init`] and all that is behind it | yes |
//! | `console` | a console for services that have none: `env_logger`, by `RUST_LOG` | yes |
//! | `tracing` | [`layer()`], for services that log through tracing | no |
//! | `cli` | the command-line tool `irclog` | no |
//!
//! A crate of types that derives [`Redact`] takes `default-features = false`, a
//! service with a [`layer()`] `default-features = false, features =
//! ["tracing"]`.
//!
//! Counted with `cargo tree -e normal` on x86-64 Linux, beside this crate: 17
//! crates for the redaction alone, 55 with the defaults, 72 for the tool; 25
//! that an axum service with tower-http and tracing-subscriber has not already
//! for the layer. `docs/weight.md` has what they cost.
//!
//! # Settings
//!
//! Each variable can also be read from a file: `IRC_PASSWORD_FILE`. The
//! [`Builder`] has a method for each.
//!
#![doc = include_str!("config/settings.md")]
//!
//! The console has its own filter, `RUST_LOG`; neither moves the other.
//!
//! # Forks and signals
//!
//! A process may fork at any time, and is never held up for it. The channel
//! stays with the parent: in the child [`Handle::state`] is [`State::Forked`],
//! nothing goes to the channel, [`Handle::flush`] returns at once, and the
//! console, [`register_secret`] and [`scrub()`] go on. (Where the parent's
//! console took nothing at the moment of the fork, a logger given as the tee
//! may be stuck for the child; its records then go straight to standard error.)
//!
//! **Logging in a signal handler is not safe**, with irclog as with any logger:
//! it takes memory and locks that the interrupted thread may hold. Note the
//! signal in an atomic, or read it from a pipe or `signal-hook`'s iterator, and
//! log on an ordinary thread. irclog installs no handler but that of
//! `IRC_MUTE_SIGNAL`, where you set it.

#![cfg_attr(docsrs, feature(doc_cfg))]
// Some items are public for the tool alone.
#![cfg_attr(not(feature = "cli"), allow(unreachable_pub))]

// The code that the derive writes names this crate from outside.
#[cfg(test)]
extern crate self as irclog;

#[cfg(feature = "channel")]
mod builder;
#[cfg(feature = "channel")]
mod capture;
#[cfg(feature = "channel")]
mod channel;
#[cfg(feature = "cli")]
mod check;
#[cfg(feature = "channel")]
mod config;
#[cfg(feature = "channel")]
mod console;
#[cfg(feature = "channel")]
mod context;
#[cfg(test)]
mod documented;
#[cfg(feature = "channel")]
mod error;
#[cfg(feature = "channel")]
mod exit;
// As much of it as known values need, and more for the channel.
#[cfg(feature = "channel")]
mod filters;
#[cfg_attr(not(feature = "channel"), allow(dead_code))]
mod fork;
#[cfg(feature = "channel")]
mod handle;
#[cfg(feature = "channel")]
mod hide;
#[cfg(feature = "channel")]
mod ids;
#[cfg(feature = "channel")]
mod irc;
#[cfg(feature = "channel")]
mod lanes;
#[cfg(feature = "channel")]
mod line;
#[cfg(feature = "channel")]
mod links;
#[cfg(feature = "channel")]
mod logger;
#[cfg(feature = "channel")]
mod loss;
#[cfg(feature = "channel")]
mod notice;
#[cfg(feature = "channel")]
mod record;
// Some of it is for the channel.
#[cfg_attr(not(feature = "channel"), allow(dead_code))]
pub mod redact;
#[cfg(feature = "channel")]
mod shared;
#[cfg(feature = "channel")]
mod shed;
#[cfg(feature = "channel")]
mod signal;
#[cfg(feature = "channel")]
mod stats;
#[cfg(feature = "channel")]
mod tallies;
#[cfg(feature = "channel")]
mod trace;
#[cfg(feature = "cli")]
mod traceback;
#[cfg(feature = "tracing")]
mod tracing;
#[cfg(feature = "channel")]
mod trail;
#[cfg(feature = "channel")]
mod trails;
#[cfg(feature = "channel")]
mod transport;
#[cfg(feature = "channel")]
mod twin;
#[cfg(feature = "channel")]
mod wiring;
#[cfg(feature = "channel")]
mod worker;

#[cfg(feature = "tracing")]
pub use self::tracing::{EventFilter, EventLayer, Layer, OpenSpan};
#[cfg(feature = "channel")]
pub use builder::{Builder, builder, from_env, init, try_init};
#[cfg(feature = "tracing")]
pub use builder::{layer, layer_from_env};
#[cfg(feature = "channel")]
pub use console::ScrubbedWriter;
#[cfg(feature = "tracing")]
pub use console::{Scrubbed, scrubbed};
#[cfg(feature = "channel")]
pub use error::{InitError, Problem};
#[cfg(feature = "channel")]
pub use handle::Handle;
#[doc(hidden)]
pub use redact::derived as __private;
pub use redact::{Keep, Public, Redact, Secret, Token, register_secret, register_secret_as, scrub};
#[cfg(feature = "channel")]
pub use stats::{ChannelStats, LevelStats, Loss, Report, State, Stats};

/// What the command-line tool is made of. No part of the stable interface.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod tool {
    pub use crate::builder::tool::{check, console, drop_fields, given, missed, with_option};
    pub use crate::capture::{OMITTED, SENDER};
    pub use crate::check::{Finding, Step};
    pub use crate::config::INSIDE_RUN;
    pub use crate::config::file::read as read_file;
    pub use crate::config::table::{Kind, Setting, TABLE, Unset};
    pub use crate::console::ScrubbedStream;
    pub use crate::context::give_way;
    pub use crate::exit::leave;
    pub use crate::hide::{DropFields, is_rule};
    pub use crate::ids::request_id;
    pub use crate::notice::tell_by;
    pub use crate::redact::scrub::is_pem_body;
    pub use crate::redact::stream::{LineScrubber, Replaced};
    pub use crate::redact::vault::adopt_arguments;
    pub use crate::traceback::shorten;
}

/// What fuzzers hold irclog to; each panics where it does not hold.
#[cfg(fuzzing)]
#[doc(hidden)]
#[expect(missing_docs, reason = "they say what they hold where they stand")]
pub mod fuzzing {
    pub fn line_reader(bytes: &[u8]) {
        crate::irc::framing::holds(bytes);
    }

    pub fn sanitiser(text: &str) {
        crate::channel::sanitise::holds(text);
    }

    pub fn session(script: &[u8]) {
        crate::irc::session::hostile::holds(script);
    }
}

#[doc = include_str!("redact/classes.md")]
pub mod redaction {}
