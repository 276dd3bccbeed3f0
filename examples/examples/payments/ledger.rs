//! A bookkeeper beside the service: books the transactions that it is told
//! on standard input, one a line, until that ends.

use std::collections::HashMap;
use std::io::{self, BufRead as _, Write as _};

use irclog::{Handle, Public};
use log::{debug, info, warn};

/// The password of the ledger's database, made up.
const PASSWORD: &str = "Wr4pT-9qLm7-Zx2vK";

/// Keeps the books until nobody has anything to book any more.
///
/// # Errors
///
/// When standard input cannot be read.
pub(crate) fn keep(handle: &Handle) -> io::Result<()> {
    // As careless as services are when they start.
    info!(target: "ledger::store", "opened postgres://ledger:{PASSWORD}@db.example/books");
    let mut entries = HashMap::new();
    for line in io::stdin().lock().lines() {
        book(&mut entries, line?.trim());
    }
    info!(target: "ledger::store", "closed, {} booked", entries.len());
    let report = handle.shutdown(super::SHUTDOWN_TIMEOUT);
    // A closed terminal does not stop the service.
    let _ = writeln!(io::stdout(), "{report}");
    Ok(())
}

fn book(entries: &mut HashMap<String, usize>, tx: &str) {
    if tx.is_empty() {
        return;
    }
    let number = entries.len() + 1;
    if !is_hash(tx) {
        warn!(target: "ledger::book", "Not a transaction: {tx:?}");
    } else if let Some(entry) = entries.get(tx) {
        warn!(target: "ledger::book", "Booked before, as entry {entry}: tx={}", Public(tx));
    } else {
        debug!(target: "ledger::store", "INSERT INTO books VALUES ({number})");
        info!(target: "ledger::book", "Booked as entry {number}: tx={}", Public(tx));
        entries.insert(tx.to_owned(), number);
    }
}

/// Whether `text` is 0x and 32 bytes in hexadecimal digits.
fn is_hash(text: &str) -> bool {
    text.strip_prefix("0x").is_some_and(|digits| {
        digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}
