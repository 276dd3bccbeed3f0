//! The inside of a wrapper cannot be had by accident.

use irclog::{Keep, Secret};

fn main() {
    let secret = Secret::new(String::from("key"));
    let length = secret.len();
    let text: &str = &secret;
    let inside = secret.0;
    let equal = secret == Secret::new(String::from("key"));
    let value = Keep::new("key").value;
}
