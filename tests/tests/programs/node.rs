//! Node: what ends it, and pino where it is installed.

use super::{counts, seen, shows, skip, works};

const SHOP: &str = "
function price(coin) { const prices = {usdc: {decimals: 6}}; return prices[coin].decimals }
function settle(coin) {
  try { return price(coin) } catch (error) { throw new Error('cannot settle ' + coin, {cause: error}) }
}
console.log('ready');
";

fn run(script: &str) -> Option<Vec<String>> {
    // Of older ones the output has no cause.
    let is_there = works(
        "node",
        &[
            "-e",
            "process.exit(+(parseInt(process.versions.node) < 18))",
        ],
    );
    if !is_there {
        skip("no node from version 18 on is in PATH: apt-get install nodejs");
        return None;
    }
    // From a file, since node names those that it shows.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("shop.js");
    std::fs::write(&file, format!("{SHOP}{script}")).expect("a writable folder");
    Some(seen("node", &[&file.display().to_string()]))
}

#[test]
fn what_ends_node_is_one_error_and_why() {
    for (script, start, parts, why) in [
        (
            "settle('dai')",
            "ERROR shop - ",
            &[
                "Error: cannot settle dai",
                "at settle (",
                "[cause]: TypeError: ",
                "at price (",
            ][..],
            "Error: cannot settle dai",
        ),
        (
            "Promise.reject(new Error('late'))",
            "ERROR shop - ",
            &["Error: late", "shop.js"],
            "Error: late",
        ),
        (
            "Promise.any([Promise.reject(new Error('rpc-1 is down')), Promise.reject(new TypeError('bad reply'))])",
            "ERROR shop - [AggregateError: All promises were rejected]",
            &["Error: rpc-1 is down", "TypeError: bad reply"],
            "[AggregateError: All promises were rejected]",
        ),
        (
            "require('no-such-module')",
            "ERROR shop - Error: Cannot find module 'no-such-module'",
            &["shop.js"],
            "Error: Cannot find module 'no-such-module'",
        ),
        (
            "throw 'no price'",
            "ERROR shop - ",
            &["shop.js:", "no price"],
            "no price",
        ),
    ] {
        let Some(said) = run(script) else {
            return;
        };
        let exit = "ERROR shop - ended with exit status 1: ";
        shows(&said, exit, &[why]);
        let others: Vec<_> = said
            .iter()
            .filter(|record| !record.starts_with(exit))
            .cloned()
            .collect();
        counts(&others, "ERROR", 1);
        shows(&others, start, parts);
        counts(&others, "INFO", 1);
        shows(&others, "INFO shop - ready", &[]);
    }
}

#[test]
fn pino_is_shown_with_causes_and_aggregate_errors() {
    if !works("node", &["-e", "require('pino')"]) {
        skip("node has no pino: npm install pino, and NODE_PATH");
        return;
    }
    let script = "
const log = require('pino')({name: 'pay'});
log.info({port: 80}, 'up');
log.warn('slow');
try { settle('dai') } catch (error) { log.error(error, 'refused') }
log.error({err: new AggregateError([new Error('rpc-1 is down'), new TypeError('bad reply')], 'all failed')});
log.fatal('no gas');
";
    let Some(said) = run(script) else {
        return;
    };
    counts(&said, "ERROR", 3);
    shows(&said, "INFO pay - up port=80", &[]);
    shows(&said, "WARN pay - slow", &[]);
    shows(
        &said,
        "ERROR pay - refused",
        &[
            "cannot settle dai",
            "at settle (",
            "caused by: TypeError: ",
            "at price (",
        ],
    );
    shows(
        &said,
        "ERROR pay - all failed",
        &[
            "AggregateError",
            "caused by: Error: rpc-1 is down",
            "caused by: TypeError: bad reply",
        ],
    );
    shows(&said, "ERROR pay - no gas", &[]);
}
