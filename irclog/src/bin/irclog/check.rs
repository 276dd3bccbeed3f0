//! `irclog check`: why the channel does not see a log.

use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use irclog::tool::{Finding, Step};
use serde_json::{Value, json};

use crate::settings::Settings;

/// Find out why nothing is seen in the channel: each step of the way there, with
/// what is wrong and what to do about it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irclog check                                   with the service's own environment
  irclog check --server irc.dal.net --channel '#test-yourname'
  irclog check --json | jq -r '.steps[] | select(.finding == \"wrong\") | .mend'

It says one line in the channel, as the nick with -check behind it, and leaves. The exit status is
0 when the server acknowledged that line, and 1 when not.")]
pub(crate) struct Arguments {
    /// One JSON document on standard output instead of a line for each step
    #[arg(long)]
    json: bool,
    /// Seconds to wait for an invitation, where the channel asks for one
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
    /// The service's name, which is its nick where none is set
    #[arg(long, value_name = "NAME", default_value = "irclog")]
    name: String,
    #[command(flatten)]
    settings: Settings,
}

const ACKNOWLEDGED: i32 = 0;
const NOT_ACKNOWLEDGED: i32 = 1;

pub(crate) fn run(arguments: Arguments) -> i32 {
    let opening = arguments.settings.read(Path::new(&arguments.name));
    let mut told = Vec::new();
    let mut tell = |step: &Step| {
        if !arguments.json {
            print(&mut io::stdout(), step);
        } else if step.finding == Finding::Waiting {
            // Who waits wants to know what for.
            print(&mut io::stderr(), step);
        } else {
            told.push(document(step));
        }
    };
    let acknowledged = opening.check(Duration::from_secs(arguments.wait), &mut tell);
    if arguments.json {
        let all = json!({ "acknowledged": acknowledged, "steps": told });
        let _ = writeln!(io::stdout(), "{all:#}");
    }
    if acknowledged {
        ACKNOWLEDGED
    } else {
        NOT_ACKNOWLEDGED
    }
}

fn word(finding: Finding) -> &'static str {
    match finding {
        Finding::Ok => "ok",
        Finding::Note => "note",
        Finding::Waiting => "waiting",
        Finding::Skipped => "skipped",
        Finding::Wrong => "wrong",
    }
}

fn document(step: &Step) -> Value {
    json!({
        "step": step.name,
        "finding": word(step.finding),
        "seconds": (step.took.as_secs_f64() * 1000.0).round() / 1000.0,
        "says": step.says,
        "mend": step.mend,
    })
}

/// Columns before what a step says.
const INDENT: usize = 35;

/// Nobody may be listening any more: then there is nobody to tell that.
fn print(out: &mut impl io::Write, step: &Step) {
    let Step { name, took, .. } = step;
    let finding = match step.finding {
        Finding::Wrong => "WRONG",
        other => word(other),
    };
    let took = took.as_secs_f64();
    let mut says = step.says.iter();
    let first = says.next().map_or("", String::as_str);
    let _ = writeln!(out, "{finding:<8} {name:<15} {took:>6.2} s  {first}");
    for more in says {
        let _ = writeln!(out, "{:INDENT$}{more}", "");
    }
    if let Some(mend) = &step.mend {
        let _ = writeln!(out, "{:>INDENT$}{mend}", "-> ");
    }
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_line_with_what_to_do_below_it() {
        let step = Step {
            name: "join",
            finding: Finding::Wrong,
            took: Duration::from_millis(120),
            says: vec!["refused".into(), "twice".into()],
            mend: Some("type: /invite".into()),
        };
        let mut out = Vec::new();
        print(&mut out, &step);
        let lines: Vec<String> = String::from_utf8(out)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect();
        assert_eq!(lines[0], "WRONG    join              0.12 s  refused");
        assert_eq!(lines[1].find("twice"), lines[0].find("refused"));
        assert_eq!(lines[2].find("type:"), lines[0].find("refused"));
        assert_eq!(document(&step)["seconds"], 0.12);
    }
}
