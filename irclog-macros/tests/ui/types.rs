//! What a mode asks of the type, and what is written twice.

use std::fmt;

use irclog::Redact;

struct Opaque;

fn wrong(_: &u64, _: &mut fmt::Formatter<'_>) -> fmt::Result {
    Ok(())
}

#[derive(Redact)]
struct Modes {
    #[redact(keep(first = 6))]
    keep: Opaque,
    #[redact(token)]
    token: Vec<Option<Opaque>>,
    #[redact(clear)]
    clear: Option<Opaque>,
    #[redact(public)]
    public: Opaque,
    #[redact(secret, local)]
    local: Opaque,
    #[redact(with = wrong)]
    with: String,
}

#[derive(Debug, Redact)]
struct Twice(u64);

fn main() {}
