//! `#[derive(Redact)]` of the crate `irclog`, where it is documented by
//! example.
//!
//! Parse (`ast`, `attr`), check (`check`), write (`expand`, `bounds`). Mistakes
//! are collected on the way and reported together, each on its own token.

mod ast;
mod attr;
mod bounds;
mod check;
mod errors;
mod expand;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Derives `Redact`, and the `Debug` that goes with it.
///
/// Every field is decided: by its type, if that is `Redact` itself (numbers,
/// `bool`, times, derived types, containers of these), or else by an
/// attribute. A field that nobody decided does not compile. The output has
/// the shape that `#[derive(Debug)]` gives.
///
/// | on a field | it prints |
/// |---|---|
/// | `#[redact]`, `#[redact(secret)]` | `[redacted]`, whatever the value; asks nothing of the type |
/// | `#[redact(secret, label = "api-key")]` | `[redacted api-key]` |
/// | `#[redact(keep(first = 6, last = 4))]` | `0x5290…9EE7`; all `[redacted]` if that were more than half |
/// | `#[redact(token)]` | `token:3f9a1c02d4e5`, equal for equal values of this field |
/// | `#[redact(token, domain = "customer")]` | the same, comparable with other fields of that domain |
/// | `#[redact(public)]` | the value; the pattern layer does not look at it |
/// | `#[redact(clear)]` | the value; the pattern layer looks at it as at any text |
/// | `#[redact(skip)]` | nothing, not even the name |
/// | `#[redact(with = path)]` | what `fn(&T, &mut Formatter) -> fmt::Result` writes |
/// | `#[redact(secret, local)]`, also `keep`, `token`, `with` | in full on a console that was declared local, else masked |
///
/// On the type, `#[redact(all = secret)]` hides every field that has no
/// attribute of its own, numbers too; `#[redact(default = clear)]` shows
/// every field that has none; `#[redact(crate = "path")]` names irclog where
/// it goes by another name; `#[redact(bound = "T: Trait")]` replaces the bounds
/// that are inferred for generic parameters. On a variant, `#[redact(name)]` prints
/// `[redacted]` in place of the variant, so that it does not tell which it
/// is: mark two variants or more, since one alone is told by its absence.
///
/// The derive also implements `log::kv::ToValue`, so that the value can be a
/// key-value of a record.
#[proc_macro_derive(Redact, attributes(redact))]
pub fn derive_redact(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::derive(&input).into()
}
