//! Programs that show irclog at work: see the folder `examples` beside this.

/// The code in the guides compiles.
#[cfg(doctest)]
#[doc = include_str!("../../docs/tracing.md")]
pub struct Tracing;
