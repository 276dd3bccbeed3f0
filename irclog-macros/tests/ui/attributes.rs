//! All mistakes are reported at once, each on its own token.

use irclog::Redact;

#[derive(Redact)]
struct Fields {
    #[redact(sceret)]
    misspelt: String,
    #[redact(hide_it)]
    unknown: String,
    #[redact(secret, public)]
    conflict: String,
    #[redact]
    #[redact(clear)]
    two_attributes: String,
    #[redact(secret, secret)]
    twice: String,
    #[redact(secret = true)]
    value: String,
    #[redact("secret")]
    quoted: String,
    #[redact = "secret"]
    equals: String,
    #[redact()]
    empty: String,
    #[redact(secret label = "x")]
    comma: String,
    #[redact(keep)]
    how_much: String,
    #[redact(keep(6, 4))]
    unnamed: String,
    #[redact(keep(frist = 6))]
    keep_unknown: String,
    #[redact(keep(first = "six"))]
    not_a_number: String,
    #[redact(keep(first = -1))]
    negative: String,
    #[redact(keep(first = 0, last = 0))]
    nothing: String,
    #[redact(keep(first = 1, first = 2))]
    first_twice: String,
    #[redact(public, label = "x")]
    label_of_public: String,
    #[redact(secret, label = "a]b")]
    label_text: String,
    #[redact(secret, label = api)]
    label_without_quotes: String,
    #[redact(secret, domain = "x")]
    domain_of_secret: String,
    #[redact(local)]
    local_alone: u64,
    #[redact(local, public)]
    local_public: String,
    #[redact(skip, local)]
    local_skip: String,
    #[redact(with = "path")]
    with_quoted: String,
    #[redact(name)]
    misplaced: String,
    #[redact(all = secret)]
    misplaced_too: String,
}

#[derive(Redact)]
#[redact(all = secret, default = clear)]
struct Both(String);

#[derive(Redact)]
#[redact(secret)]
struct OnTheType(String);

#[derive(Redact)]
#[redact(default = secret, crate = irclog, bound = "T is")]
struct Values(String);

#[derive(Redact)]
#[redact]
struct Bare(String);

#[derive(Redact)]
enum Variants {
    #[redact]
    Bare,
    #[redact(secret)]
    Secret(String),
    #[redact(name)]
    Hidden(#[redact(public)] String),
    #[redact(nmae)]
    Misspelt,
}

#[derive(Redact)]
union Bits {
    a: u32,
    b: f32,
}

fn main() {}
