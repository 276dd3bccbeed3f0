//! What is known of servers that say what they are: how each charges for what
//! it is sent. Measured, and read in their sources.
//!
//! A network may have set its own figures. So a law is where the pace begins,
//! not where it ends: proofs go on to be watched.

use std::time::Duration;

/// How a server charges, and what it does to who sends more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Law {
    /// Parts of its version (004), in lower case.
    names: &'static [&'static str],
    pub(super) charge: Charge,
    /// Lines a second above which it drops what comes for a channel from
    /// somebody without a voice there.
    pub(super) plain_limit: Option<f64>,
    /// Unprocessed bytes over which it closes the connection. The least of
    /// all, where it reads slowly instead.
    pub(super) receive_queue: usize,
    /// Whether a line for two targets costs as one for one of them.
    pub(super) second_target_is_free: bool,
    /// Bytes of a line, with CR and LF, up to which it goes on to listen.
    pub(super) prompt_bytes: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Charge {
    /// Seconds, by the command and by its length.
    Penalty(Penalty),
    /// By the command.
    Commands {
        per_second: f64,
        /// Taken at once after a rest.
        burst: f64,
        /// How long an answer may take although nothing waits.
        round: Duration,
        /// After the burst it spaces commands evenly, and gives no credit
        /// again before it has had a rest.
        spaced: bool,
    },
}

/// What a command costs where length counts ("fake lag"): `per_command` and
/// one second for each whole `step`, read on while less than `credit` is owed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Penalty {
    /// Seconds.
    pub(super) per_command: f64,
    /// Bytes.
    pub(super) step: usize,
    /// Bytes of a line on the wire, CR and LF among them, that do not count.
    pub(super) uncounted: usize,
    /// Seconds.
    pub(super) credit: f64,
}

impl Penalty {
    /// Seconds for a command of `bytes` on the wire.
    pub(super) fn cost(&self, bytes: usize) -> f64 {
        self.per_command + (bytes.saturating_sub(self.uncounted) / self.step) as f64
    }
}

/// The strictest law known, Bahamut's, and what a server is taken to have
/// until it has proven to be faster. Parameters count, not the command.
pub(super) const STRICTEST: Penalty = Penalty {
    per_command: 2.0,
    step: 120,
    uncounted: "PRIVMSG \r\n".len(),
    credit: 10.0,
};

/// Unprocessed bytes over which Bahamut and ircd-hybrid kill.
pub(super) const LEAST_QUEUE: usize = 2560;
/// The same for InspIRCd. ngircd and Ergo read slowly instead, Solanum counts
/// commands.
pub(super) const COMMAND_QUEUE: usize = 8192;

const fn commands(per_second: f64, burst: f64) -> Charge {
    Charge::Commands {
        per_second,
        burst,
        round: Duration::ZERO,
        spaced: false,
    }
}

const LAWS: [Law; 7] = [
    Law {
        names: &["bahamut"],
        charge: Charge::Penalty(STRICTEST),
        plain_limit: None,
        receive_queue: LEAST_QUEUE,
        second_target_is_free: true,
        prompt_bytes: None,
    },
    Law {
        // For `unknown-users` of its anti-flood block. Whoever has identified
        // pays nothing for length, which is not made use of.
        names: &["unreal"],
        charge: Charge::Penalty(Penalty {
            per_command: 1.0,
            step: 90,
            uncounted: "\r\n".len(),
            credit: 10.0,
        }),
        plain_limit: None,
        receive_queue: 8000,
        second_target_is_free: false,
        prompt_bytes: None,
    },
    Law {
        names: &["solanum", "charybdis", "ircd-seven"],
        charge: commands(2.0, 5.0),
        plain_limit: Some(1.0),
        receive_queue: COMMAND_QUEUE,
        second_target_is_free: false,
        prompt_bytes: None,
    },
    Law {
        // 10 in advance, of which the way in may have used some.
        names: &["inspircd"],
        charge: commands(1.0, 8.0),
        plain_limit: None,
        receive_queue: COMMAND_QUEUE,
        second_target_is_free: true,
        prompt_bytes: None,
    },
    Law {
        // Two every two seconds.
        names: &["hybrid"],
        charge: commands(1.0, 5.0),
        plain_limit: None,
        receive_queue: LEAST_QUEUE,
        second_target_is_free: true,
        prompt_bytes: None,
    },
    Law {
        names: &["ergo"],
        charge: Charge::Commands {
            per_second: 2.0,
            burst: 5.0,
            round: Duration::ZERO,
            spaced: true,
        },
        plain_limit: None,
        receive_queue: COMMAND_QUEUE,
        second_target_is_free: false,
        prompt_bytes: None,
    },
    Law {
        // Three a second; a second target costs a second. After 256 bytes within a second of its clock, what
        // it reads first in that second not counted, it is deaf for up to a
        // second. A line and a PING that both count stay below.
        names: &["ngircd"],
        charge: Charge::Commands {
            per_second: 2.9,
            burst: 3.0,
            round: Duration::from_secs(1),
            spaced: false,
        },
        plain_limit: None,
        receive_queue: COMMAND_QUEUE,
        second_target_is_free: false,
        prompt_bytes: Some(235),
    },
];

impl Law {
    /// The law of a server that calls itself `version`, if it is known.
    pub(super) fn of(version: &str) -> Option<&'static Self> {
        let version = version.to_ascii_lowercase();
        LAWS.iter()
            .find(|law| law.names.iter().any(|name| version.contains(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_known_by_what_they_call_themselves() {
        for (version, per_second) in [
            ("bahamut-2.2.4", None),
            ("UnrealIRCd-6.1.8.1", None),
            ("solanum-1.0-dev", Some(2.0)),
            ("InspIRCd-3", Some(1.0)),
            ("ircd-hybrid-1:8.2.43+dfsg.1-1", Some(1.0)),
            ("ergo-2.11.1", Some(2.0)),
            ("ngircd-26.1", Some(2.9)),
        ] {
            let law = Law::of(version).expect(version);
            let known = match law.charge {
                Charge::Penalty(_) => None,
                Charge::Commands { per_second, .. } => Some(per_second),
            };
            assert_eq!(known, per_second, "{version}");
        }
        for unknown in ["", "irclog-loopback", "u2.10.12.19"] {
            assert!(Law::of(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn length_costs_by_whole_steps() {
        let unreal = Law::of("UnrealIRCd-6.1.8.1").map(|law| law.charge);
        let Some(Charge::Penalty(unreal)) = unreal else {
            panic!("{unreal:?}");
        };
        for (bytes, bahamut, seconds) in [
            (12, 2.0, 1.0),
            (91, 2.0, 1.0),
            (92, 2.0, 2.0),
            (130, 3.0, 2.0),
            (512, 6.0, 6.0),
        ] {
            let costs = (STRICTEST.cost(bytes), unreal.cost(bytes));
            assert_eq!(costs, (bahamut, seconds), "{bytes}");
        }
    }
}
