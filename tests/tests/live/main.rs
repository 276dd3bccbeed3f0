//! Services, each a process of its own, on servers, real ones and the loopback
//! server. What they do is mostly to wait, so all are in one program, whose
//! threads wait side by side.

mod accounts;
mod atheme;
mod bad_input;
mod check;
mod doors;
mod faults;
mod incident;
mod inspircd;
mod ngircd;
mod presence;
mod proxies;
mod run;
mod seller;
mod several;
mod silence;
mod subscriber;
mod tls;
