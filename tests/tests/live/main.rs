//! Services, each a process of its own, on servers, real ones and the loopback
//! server. What they do is mostly to wait, so all are in one program, whose
//! threads wait side by side.

mod atheme;
mod bad_input;
mod doors;
mod faults;
mod incident;
mod inspircd;
mod naming;
mod ngircd;
mod presence;
mod proxies;
mod seller;
mod several;
mod subscriber;
mod tls;
