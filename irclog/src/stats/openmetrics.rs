//! The numbers in the text format of `OpenMetrics` 1.0.

use std::fmt::{self, Write as _};

use super::{LevelStats, Loss, State, Stats};
use crate::loss::LEVELS;

/// The families, in the order in which they are written.
pub(super) fn write(stats: &Stats, out: &mut String) -> fmt::Result {
    counters(stats, out)?;
    gauges(stats, out)?;
    out.write_str("# TYPE irclog_state stateset\n")?;
    out.write_str("# HELP irclog_state How the connection is.\n")?;
    for state in State::ALL {
        let is = u8::from(state == stats.state);
        writeln!(out, "irclog_state{{irclog_state=\"{state}\"}} {is}")?;
    }
    if stats.channels.len() > 1 {
        out.write_str("# TYPE irclog_joined gauge\n")?;
        out.write_str("# HELP irclog_joined Whether the channel lets us in.\n")?;
        for channel in &stats.channels {
            let (name, is) = (escaped(&channel.name), u8::from(channel.joined));
            writeln!(out, "irclog_joined{{channel=\"{name}\"}} {is}")?;
        }
    }
    out.write_str("# TYPE irclog info\n")?;
    out.write_str("# HELP irclog Where records go, and as whom.\n")?;
    let (server, nick) = (escaped(&stats.server), escaped(&stats.nick));
    writeln!(out, "irclog_info{{server=\"{server}\",nick=\"{nick}\"}} 1")?;
    out.write_str("# EOF\n")
}

type Count = fn(&LevelStats) -> u64;

fn counters(stats: &Stats, out: &mut String) -> fmt::Result {
    let families: [(&str, &str, Count); 6] = [
        (
            "logged",
            "Records at a level that the filter lets through.",
            LevelStats::logged,
        ),
        (
            "shown",
            "Records acknowledged with their own text.",
            LevelStats::shown,
        ),
        (
            "folded",
            "Records acknowledged in the count of another.",
            LevelStats::folded,
        ),
        (
            "hidden",
            "Records that nobody wants to see.",
            LevelStats::hidden,
        ),
        ("shed", "Records counted at their source.", LevelStats::shed),
        (
            "context",
            "Records acknowledged with an ERROR, as what led to it.",
            LevelStats::context,
        ),
    ];
    for (name, help, count) in families {
        writeln!(out, "# TYPE irclog_{name} counter")?;
        writeln!(out, "# HELP irclog_{name} {help}")?;
        for (channel, level, counts) in series(stats) {
            let count = count(&counts);
            writeln!(
                out,
                "irclog_{name}_total{{{channel}level=\"{level}\"}} {count}"
            )?;
        }
    }
    out.write_str("# TYPE irclog_dropped counter\n")?;
    out.write_str("# HELP irclog_dropped Records that will not be shown, and why.\n")?;
    for (channel, level, counts) in series(stats) {
        for reason in Loss::ALL {
            let count = counts.dropped_for(reason);
            writeln!(
                out,
                "irclog_dropped_total{{{channel}level=\"{level}\",reason=\"{reason}\"}} {count}"
            )?;
        }
    }
    Ok(())
}

/// The labels of each series, and its numbers: of several channels one for each,
/// `channel="#alerts",`.
fn series(stats: &Stats) -> impl Iterator<Item = (String, String, LevelStats)> {
    let several = stats.channels.len() > 1;
    let channels = stats.channels.iter().filter(move |_| several);
    let each = channels.flat_map(|channel| {
        let label = format!("channel=\"{}\",", escaped(&channel.name));
        LEVELS.map(|level| (label.clone(), lower(level), channel.level(level)))
    });
    let all = LEVELS.map(|level| (String::new(), lower(level), stats.level(level)));
    each.chain(all.into_iter().filter(move |_| !several))
}

fn gauges(stats: &Stats, out: &mut String) -> fmt::Result {
    let families: [(&str, &str, Count); 2] = [
        (
            "in_flight",
            "Records on the wire, not yet acknowledged.",
            LevelStats::in_flight,
        ),
        (
            "queued",
            "Records that wait for their turn.",
            LevelStats::queued,
        ),
    ];
    for (name, help, count) in families {
        writeln!(out, "# TYPE irclog_{name} gauge")?;
        writeln!(out, "# HELP irclog_{name} {help}")?;
        for (channel, level, counts) in series(stats) {
            let count = count(&counts);
            writeln!(out, "irclog_{name}{{{channel}level=\"{level}\"}} {count}")?;
        }
    }
    let seconds = [
        (
            "lag",
            "The last round trip through the server's queue.",
            stats.lag,
        ),
        (
            "oldest_queued",
            "How long the oldest record has waited.",
            stats.oldest_queued,
        ),
    ];
    for (name, help, time) in seconds {
        writeln!(out, "# TYPE irclog_{name}_seconds gauge")?;
        writeln!(out, "# UNIT irclog_{name}_seconds seconds")?;
        writeln!(out, "# HELP irclog_{name}_seconds {help}")?;
        if let Some(time) = time {
            writeln!(out, "irclog_{name}_seconds {}", time.as_secs_f64())?;
        }
    }
    out.write_str("# TYPE irclog_lines_per_second gauge\n")?;
    out.write_str("# HELP irclog_lines_per_second Lines that the server acknowledged.\n")?;
    writeln!(out, "irclog_lines_per_second {}", stats.rate)?;
    out.write_str("# TYPE irclog_muted gauge\n")?;
    out.write_str("# HELP irclog_muted Whether the channel is muted.\n")?;
    writeln!(out, "irclog_muted {}", u8::from(stats.muted))
}

fn lower(level: log::Level) -> String {
    level.as_str().to_ascii_lowercase()
}

/// As the value of a label.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\");
    text.replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use log::Level;

    use super::*;

    #[test]
    fn every_count_stands_in_its_family() {
        let mut stats = Stats {
            state: State::Joined,
            server: "irc.dal.net".into(),
            nick: "a\\b|\"c\"".into(),
            lag: Some(Duration::from_millis(250)),
            ..Stats::default()
        };
        stats.elsewhere[Level::Error].pushed = 5;
        stats.elsewhere[Level::Error].shown = 4;
        stats.elsewhere[Level::Error].drop_for(Loss::Refused, 1);
        let text = stats.openmetrics();
        for line in [
            "irclog_logged_total{level=\"error\"} 5",
            "irclog_shown_total{level=\"error\"} 4",
            "irclog_dropped_total{level=\"error\",reason=\"refused\"} 1",
            "irclog_dropped_total{level=\"warn\",reason=\"refused\"} 0",
            "irclog_queued{level=\"trace\"} 0",
            "irclog_lag_seconds 0.25",
            "irclog_state{irclog_state=\"joined\"} 1",
            "irclog_state{irclog_state=\"off\"} 0",
            "irclog_info{server=\"irc.dal.net\",nick=\"a\\\\b|\\\"c\\\"\"} 1",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}:\n{text}");
        }
        assert!(text.ends_with("\n# EOF\n"));
        let mut lines = text.lines();
        assert!(
            !lines.any(|line| line.starts_with("irclog_oldest_queued")),
            "{text}"
        );
    }
}
