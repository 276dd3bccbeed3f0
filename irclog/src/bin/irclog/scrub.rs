//! `irclog scrub`: standard input to standard output, without its secrets.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use irclog::tool::{LineScrubber, Replaced};

/// Read standard input and write it scrubbed, line by line, or as one record.
///
/// Shows what a channel would show. Secrets in the environment of this
/// process are masked as [ENV:NAME]; run it with the service's environment to
/// see what the service would do.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Say on standard error what was replaced where, and sum it up at the
    /// end.
    #[arg(long)]
    explain: bool,

    /// Take all of the input, of 64 MiB at most, as one record: a name and its
    /// value may stand on two lines.
    #[arg(long)]
    whole: bool,

    /// Replace what a regular expression matches, or its groups; may be given
    /// several times.
    #[arg(long, value_name = "REGEX => TEXT")]
    rule: Vec<String>,

    /// A name that announces no secret here, such as `sort_key`; may be given
    /// several times.
    #[arg(long, value_name = "NAME")]
    allow_name: Vec<String>,

    /// A class to leave alone: ip, email, address, iban or card; may be given
    /// several times.
    #[arg(long, value_name = "CLASS")]
    without: Vec<String>,

    /// Do not look for the secrets of this process's environment.
    #[arg(long)]
    no_env: bool,
}

/// Bytes after which a line is scrubbed in parts: memory stays bounded on
/// input without line ends.
const MAX_LINE_BYTES: usize = 1 << 20;

/// Bytes of an input that is one record.
const MAX_WHOLE_BYTES: u64 = 64 << 20;

/// Returns the exit status: 1 when a rule cannot be used, or reading or
/// writing fails.
pub(crate) fn run(arguments: &Arguments) -> i32 {
    match scrub(arguments) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("irclog: {error}");
            1
        }
    }
}

fn scrub(arguments: &Arguments) -> Result<(), String> {
    let mut lines = LineScrubber::new(&arguments.rule, &arguments.allow_name, &arguments.without)?;
    if !arguments.no_env {
        LineScrubber::adopt_environment();
    }
    let input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let output = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let done = if arguments.whole {
        copy_whole(&mut lines, input, output, arguments.explain)
    } else {
        copy(&mut lines, input, output, arguments.explain)
    };
    match done {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| format!("cannot go on reading or writing: {error}")),
    }
}

fn copy(
    lines: &mut LineScrubber,
    mut input: BufReader<impl Read>,
    mut output: impl Write,
    explain: bool,
) -> io::Result<()> {
    let mut line = Vec::new();
    let mut scrubbed = Vec::new();
    let mut told = Told::new(explain);
    let mut number = 1u64;
    while read_line(&mut input, &mut line)? {
        scrubbed.clear();
        let replaced = lines.scrub(&line, &mut scrubbed);
        told.tell(Some(number), &replaced);
        output.write_all(&scrubbed)?;
        // Live input is shown live; a file goes through in large writes.
        if input.buffer().is_empty() {
            output.flush()?;
        }
        number += u64::from(line.ends_with(b"\n"));
    }
    output.flush()?;
    told.sum_up();
    Ok(())
}

/// As [`copy`], all of the input as one record.
fn copy_whole(
    lines: &mut LineScrubber,
    input: BufReader<impl Read>,
    mut output: impl Write,
    explain: bool,
) -> io::Result<()> {
    let (mut text, mut scrubbed) = (Vec::new(), Vec::new());
    input.take(MAX_WHOLE_BYTES + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_WHOLE_BYTES {
        let error = "the input is larger than 64 MiB, too much for one record; \
                     leave out --whole to scrub it line by line";
        return Err(io::Error::other(error));
    }
    let mut told = Told::new(explain);
    told.tell(None, &lines.scrub(&text, &mut scrubbed));
    output.write_all(&scrubbed)?;
    output.flush()?;
    told.sum_up();
    Ok(())
}

/// What was replaced, told on standard error if that is wanted.
struct Told {
    wanted: bool,
    counts: BTreeMap<&'static str, u64>,
}

impl Told {
    fn new(wanted: bool) -> Self {
        Self {
            wanted,
            counts: BTreeMap::new(),
        }
    }

    fn tell(&mut self, line: Option<u64>, replaced: &[Replaced]) {
        let place = || line.map_or(String::new(), |line| format!("line {line}, "));
        for found in replaced.iter().filter(|_| self.wanted) {
            *self.counts.entry(found.class).or_default() += 1;
            eprintln!(
                "{}bytes {}..{}: {}, shown as {}",
                place(),
                found.range.start,
                found.range.end,
                found.class,
                found.replacement
            );
        }
    }

    fn sum_up(&self) {
        if self.wanted && self.counts.is_empty() {
            eprintln!("nothing was replaced");
        }
        for (class, count) in &self.counts {
            eprintln!("{count:>8} {class}");
        }
    }
}

/// The next line with its end, or a part of an overlong one, which ends after
/// a space where it has one. Returns whether there was any.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(!line.is_empty());
        }
        let newline = available.iter().position(|&byte| byte == b'\n');
        let space = (line.len() + available.len() > MAX_LINE_BYTES)
            .then(|| available.iter().position(|&byte| byte == b' '))
            .flatten();
        let used = match (newline, space) {
            (Some(at), Some(other)) => Some(at.min(other) + 1),
            (at, other) => at.or(other).map(|at| at + 1),
        };
        line.extend_from_slice(&available[..used.unwrap_or(available.len())]);
        let len = used.unwrap_or(available.len());
        input.consume(len);
        if used.is_some() || line.len() > 2 * MAX_LINE_BYTES {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(input: &[u8]) -> Vec<u8> {
        let mut lines = LineScrubber::new(&[], &[], &[]).unwrap();
        let mut output = Vec::new();
        copy(&mut lines, BufReader::new(input), &mut output, false).unwrap();
        output
    }

    #[test]
    fn lines_go_through_with_their_ends() {
        assert_eq!(
            through(b"one\r\npassword=tiger22\n\nlast \xff"),
            b"one\r\npassword=[REDACTED]\n\nlast \xff"
        );
        assert_eq!(through(b""), b"");
    }

    #[test]
    fn the_whole_input_may_be_one_record() {
        let mut lines = LineScrubber::new(&[], &[], &[]).unwrap();
        let mut output = Vec::new();
        let input = b"name: DB_PASSWORD\nkind: text\nvalue: none\n\npassword is\n  tiger22\n";
        copy_whole(&mut lines, BufReader::new(&input[..]), &mut output, false).unwrap();
        assert_eq!(output.len(), input.len());
        let mut output = Vec::new();
        let input = b"<password>\n  tiger22lily\n</password>\n";
        copy_whole(&mut lines, BufReader::new(&input[..]), &mut output, false).unwrap();
        assert_eq!(output, b"<password>\n  [REDACTED]\n</password>\n");
    }

    #[test]
    fn an_endless_line_goes_through_in_parts() {
        let input = b"settled password=tiger22 ".repeat(200_000);
        let output = through(&input);
        assert_eq!(output, b"settled password=[REDACTED] ".repeat(200_000));
    }
}
