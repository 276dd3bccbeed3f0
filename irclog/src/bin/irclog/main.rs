//! temp
mod lines;
fn main() {}
