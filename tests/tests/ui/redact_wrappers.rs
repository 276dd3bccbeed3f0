//! The inside of a wrapper cannot be had by accident.

use irclog::{Keep, Public, Secret, Token};

fn serializable<T: serde::Serialize>(_: &T) {}

fn main() {
    let secret = Secret::new(String::from("key"));
    let length = secret.len();
    let text: &str = &secret;
    let inside = secret.0;
    let equal = secret == Secret::new(String::from("key"));
    let hex = format!("{:x}", Secret::new(7));
    serializable(&Secret::new(7));
    serializable(&Token(7));
    serializable(&Keep::new(7));
    serializable(&Public(7));
    let value = Keep::new("key").value;
}
