//! Each example does what it says, and what the documentation says of it.

mod facilitator;
mod first;
mod payments;
mod together;
mod traced;
