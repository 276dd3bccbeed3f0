use super::proofs::{KEEP_ALIVE, PING_BYTES};
use super::*;

/// Bytes on the wire of a line with 80 of text.
const SHORT: usize = 97;
const SECOND: Duration = Duration::from_secs(1);

#[expect(
    clippy::disallowed_methods,
    reason = "an Instant has no other beginning; only differences count"
)]
fn flow(rate: f64) -> (Flow, Instant) {
    let now = Instant::now();
    let config = FlowConfig { rate };
    (Flow::new(&config, now), now)
}

fn events(flow: &mut Flow) -> Vec<FlowEvent> {
    std::iter::from_fn(|| flow.poll()).collect()
}

fn send(flow: &mut Flow, lines: std::ops::Range<u64>, now: Instant) {
    for line in lines {
        flow.sent(LineId(line), SHORT, false, now);
    }
}

/// Asks as a caller would who has an endless backlog and a server that
/// answers at once; returns when each line went.
fn times(rate: f64, count: usize) -> Vec<Duration> {
    let (mut flow, start) = flow(rate);
    let mut now = start;
    let mut times = Vec::new();
    while times.len() < count {
        if let Some(token) = flow.ping(now) {
            flow.on_command(PING_BYTES, now);
            flow.on_pong(token, now + Duration::from_micros(200));
        }
        match flow.slot(SHORT, Urgency::Normal, now) {
            Slot::Now => {
                flow.sent(LineId(times.len() as u64), SHORT, false, now);
                times.push(now - start);
            }
            // A timer that fires a millisecond late.
            Slot::At(at) => now = at.min(flow.wake_at()).max(now) + Duration::from_millis(1),
            Slot::AfterProof => now = flow.wake_at().max(now) + Duration::from_millis(1),
        }
    }
    times
}

#[test]
fn a_fast_server_is_used_within_seconds() {
    let forty = times(50.0, 40);
    assert!(forty[39] < 8 * SECOND, "{:?}", forty[39]);
    let many = times(100.0, 1000);
    let last = many[900..].iter().map(Duration::as_secs_f64);
    let span = last.clone().fold(0.0, f64::max) - last.fold(f64::MAX, f64::min);
    assert!(99.0 / span > 85.0, "{:.1} lines a second", 99.0 / span);
    assert!(many[200] < 8 * SECOND, "{:?}", many[200]);
}

#[test]
fn credit_is_saved_for_an_error_that_may_come() {
    // What registration costs, then one line.
    let (mut flow, start) = flow(2.0);
    for _ in 0..3 {
        flow.on_command(30, start);
    }
    send(&mut flow, 0..1, start);
    assert!(flow.wake_at() > start + 4 * SECOND, "an error may come");
    assert_eq!(flow.ping(start + SECOND), None);
}

#[test]
fn at_the_end_only_what_is_worked_off_in_time_is_written() {
    let (mut bahamut, start) = flow(2.0);
    bahamut.server_is("bahamut-2.2.4", start);
    let quit = [60];
    // 10 s of credit, and 4 s until the last may be taken up: two lines of 5 s
    // and one of 3 s, and then the QUIT, a second of the server's clock aside.
    let left = bahamut.left(450, &quit, start + 4 * SECOND, start);
    assert_eq!(left.lines, 2);
    assert!((240..370).contains(&left.rest), "{left:?}");
    // The last line and QUIT have their share.
    let account = [130, 60];
    let less = bahamut.left(450, &account, start + 4 * SECOND, start);
    assert!(less.lines < 2 || less.rest < left.rest, "{less:?}");
    for n in 0..5 {
        bahamut.sent(LineId(n), 450, false, start);
    }
    let none = bahamut.left(450, &quit, start + 4 * SECOND, start);
    assert_eq!((none.lines, none.rest), (0, 0), "25 s are owed");
    assert!(!bahamut.is_in_time(&quit, start + 4 * SECOND, start));
    assert!(bahamut.is_in_time(&quit, start + 17 * SECOND, start));
    // Where a line takes a second, the user's limit is what counts.
    let (mut ergo, start) = flow(2.0);
    ergo.server_is("ergo-2.11.1", start);
    assert!(ergo.left(450, &quit, start + 4 * SECOND, start).lines >= 8);
}

#[test]
fn the_cap_holds_in_any_second() {
    for (rate, lines, window) in [
        (0.25, 1, 4.0),
        (1.0, 1, 1.0),
        (1.9, 1, 1.0),
        (2.0, 2, 1.0),
        (7.5, 7, 1.0),
        (100.0, 100, 1.0),
    ] {
        let times = times(rate, 4 * lines + 20);
        for pair in times.windows(lines + 1) {
            let apart = pair[lines].saturating_sub(pair[0]).as_secs_f64();
            assert!(
                apart > window - 1e-6,
                "{rate}: {} lines in {apart} s",
                lines + 1
            );
        }
    }
}

#[test]
fn a_rate_that_makes_no_sense_is_bounded() {
    for rate in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300] {
        let (mut flow, now) = flow(rate);
        assert_eq!(flow.slot(SHORT, Urgency::Normal, now), Slot::Now, "{rate}");
        flow.sent(LineId(0), SHORT, false, now);
        flow.slot(SHORT, Urgency::Normal, now);
    }
}

#[test]
fn credit_is_left_for_two_errors() {
    let (mut flow, start) = flow(100.0);
    flow.server_is("bahamut-2.2.4", start);
    let mut now = start;
    let mut sent = 0;
    while let Slot::Now = flow.slot(SHORT, Urgency::Normal, now) {
        flow.sent(LineId(sent), SHORT, false, now);
        sent += 1;
        now += Duration::from_millis(20);
    }
    assert_eq!(sent, 2);
    for error in 10..12 {
        assert_eq!(flow.slot(SHORT, Urgency::Error, now), Slot::Now);
        flow.sent(LineId(error), SHORT, false, now);
        now += Duration::from_millis(20);
    }
    // 4 lines cost 8 s, and a third error makes it 10: then nothing goes.
    assert_eq!(flow.slot(SHORT, Urgency::Error, now), Slot::Now);
    flow.sent(LineId(12), SHORT, false, now);
    assert!(
        matches!(flow.slot(SHORT, Urgency::Normal, now), Slot::At(at) if at > now + 6 * SECOND)
    );
}

#[test]
fn registration_counts_and_the_first_line_goes_all_the_same() {
    let (mut flow, now) = flow(2.0);
    flow.server_is("bahamut-2.2.4", now);
    for bytes in [12, 13, 14, 25, 12] {
        flow.on_command(bytes, now);
    }
    let asked_in = flow.written(now);
    assert!(matches!(
        flow.slot(SHORT, Urgency::Normal, now),
        Slot::At(_)
    ));
    flow.on_answer(asked_in, true, now);
    assert_eq!(flow.slot(SHORT, Urgency::Normal, now), Slot::Now);
    flow.sent(LineId(0), SHORT, false, now);
    // 12 s are owed, and 3 s of them may remain below one more line.
    let later = now + SECOND;
    let next = flow.slot(SHORT, Urgency::Normal, later);
    assert_eq!(next, Slot::At(now + 9 * SECOND));
    let error = flow.slot(SHORT, Urgency::Error, later);
    assert_eq!(error, Slot::At(now + 2 * SECOND));
}

#[test]
fn a_pong_proves_what_went_before_its_ping() {
    let (mut flow, now) = flow(2.0);
    send(&mut flow, 0..2, now);
    let now = now + 20 * SECOND;
    let token = flow.ping(now).expect("a burst has ended");
    flow.on_command(PING_BYTES, now);
    assert_eq!(flow.ping(now), None, "one at a time");
    send(&mut flow, 2..3, now);
    assert_eq!(flow.in_flight(), (3, 3 * SHORT));
    flow.on_pong(Token(99), now);
    assert_eq!(events(&mut flow), []);
    flow.on_pong(token, now + SECOND);
    let shown = [FlowEvent::Shown(LineId(0)), FlowEvent::Shown(LineId(1))];
    assert_eq!(events(&mut flow), shown);
    assert_eq!(flow.lag(), Some(SECOND));
    flow.on_pong(token, now + 2 * SECOND);
    assert_eq!(events(&mut flow), []);
    assert_eq!(flow.unacknowledged().collect::<Vec<_>>(), [LineId(2)]);
    assert!(flow.rate(now + SECOND) > 0.05);
}

#[test]
fn tokens_survive_the_wire() {
    let token = Token(0x1f);
    assert_eq!(Token::parse(&token.to_string()), Some(token));
    for foreign in ["", "log", "logx", "irc.example.net", "31"] {
        assert_eq!(Token::parse(foreign), None, "{foreign}");
    }
}

#[test]
fn refusals_between_proofs() {
    use Refusal::{CannotSend, TooLong};
    // How many of three lines are refused and why; which count as such.
    for (refusals, refused, certain) in [
        (&[][..], &[][..], true),
        (&[CannotSend], &[0, 1, 2], false),
        (&[CannotSend; 3], &[0, 1, 2], true),
        (&[TooLong], &[1], true),
        (&[TooLong; 9], &[0, 1, 2], true),
    ] {
        let (mut flow, now) = flow(2.0);
        for (line, bytes) in [(0, 90), (1, 500), (2, 80)] {
            flow.sent(LineId(line), bytes, false, now);
        }
        for &refusal in refusals {
            flow.on_refused(refusal, None, now);
        }
        let now = now + 30 * SECOND;
        let token = flow.ping(now).expect("a proof is due");
        flow.on_pong(token, now);
        let expected: Vec<FlowEvent> = (0..3)
            .map(|line| match (refused.contains(&line), certain) {
                (true, true) => FlowEvent::Refused(LineId(line), refusals[0]),
                (true, false) => FlowEvent::Doubted(LineId(line), refusals[0]),
                (false, _) => FlowEvent::Shown(LineId(line)),
            })
            .collect();
        assert_eq!(events(&mut flow), expected, "{refusals:?}");
    }
}

#[test]
fn a_refusal_stops_lines_until_it_is_resolved() {
    let (mut flow, now) = flow(2.0);
    flow.sent(LineId(0), SHORT, false, now);
    flow.on_refused(Refusal::ControlCodes, None, now);
    assert_eq!(flow.slot(SHORT, Urgency::Error, now), Slot::AfterProof);
    let token = flow.ping(now).expect("at once");
    flow.on_pong(token, now);
    assert_eq!(flow.slot(SHORT, Urgency::Error, now), Slot::Now);
}

#[test]
fn echoes_prove_one_line_each() {
    let (mut flow, now) = flow(2.0);
    flow.acknowledge_by(Proof::Echo);
    send(&mut flow, 0..5, now);
    flow.on_echo(now);
    flow.on_refused(Refusal::CannotSend, None, now);
    flow.on_echo_of(LineId(3), now);
    flow.on_echo_of(LineId(3), now);
    let told = [
        FlowEvent::Shown(LineId(0)),
        FlowEvent::Refused(LineId(1), Refusal::CannotSend),
        FlowEvent::Refused(LineId(2), Refusal::Unproven),
        FlowEvent::Shown(LineId(3)),
    ];
    assert_eq!(events(&mut flow), told);
    // The last was dropped without a word: a PING tells.
    assert_eq!(flow.ping(now + 4 * SECOND), None);
    let now = now + 5 * SECOND;
    let token = flow.ping(now).expect("an echo is overdue");
    flow.on_pong(token, now);
    assert_eq!(
        events(&mut flow),
        [FlowEvent::Refused(LineId(4), Refusal::Unproven)]
    );
    flow.on_echo(now);
    flow.on_refused(Refusal::CannotSend, None, now);
    assert_eq!(events(&mut flow), []);
}

#[test]
fn a_throttle_takes_back_what_is_in_flight() {
    for proof in [Proof::Ping, Proof::Echo] {
        let (mut flow, now) = flow(2.0);
        flow.acknowledge_by(proof);
        send(&mut flow, 0..3, now);
        flow.on_refused(Refusal::Throttled, None, now);
        let back: Vec<_> = (0..3)
            .map(|line| FlowEvent::Refused(LineId(line), Refusal::Throttled))
            .collect();
        assert_eq!(events(&mut flow), back);
        // An echo of a line that was taken back proves no other.
        flow.on_echo(now);
        let Slot::At(later) = flow.slot(SHORT, Urgency::Error, now) else {
            panic!("held")
        };
        assert!(later >= now + 12 * SECOND);
        let token = flow.ping(now).expect("what is unproven must be known");
        assert_eq!(flow.slot(SHORT, Urgency::Error, later), Slot::AfterProof);
        flow.on_pong(token, later);
        assert_eq!(flow.slot(SHORT, Urgency::Error, later), Slot::Now);
    }
}

#[test]
fn silence_is_asked_about_and_then_the_end() {
    let (mut flow, start) = flow(2.0);
    let mut now = flow.wake_at();
    assert_eq!(now, start + KEEP_ALIVE);
    let mut pings = 0;
    while !flow.dead(now) {
        while flow.ping(now).is_some() {
            flow.on_command(PING_BYTES, now);
            pings += 1;
        }
        assert!(flow.wake_at() > now, "no progress");
        now = flow.wake_at();
    }
    assert_eq!(now, start + KEEP_ALIVE + DEAD_AFTER);
    assert_eq!(pings, 4);
}

#[test]
fn a_leap_of_the_clock_is_no_silence() {
    let (mut flow, start) = flow(2.0);
    let now = start + KEEP_ALIVE;
    let token = flow.ping(now).expect("a keep-alive");
    let now = now + 3600 * SECOND;
    assert!(!flow.dead(now));
    flow.on_pong(token, now);
    assert!(!flow.dead(now + 3600 * SECOND));
    // And one that stands still, or goes back, divides by nothing.
    flow.sent(LineId(0), SHORT, false, start);
    flow.on_echo(start);
    assert!(flow.rate(start).is_finite());
}

/// A line every three seconds on the strictest server: none waits, and each
/// is proven soon.
#[test]
fn light_load_neither_waits_nor_stays_unproven() {
    let (mut flow, start) = flow(2.0);
    flow.server_is("bahamut-2.2.4", start);
    let mut pings = 0;
    for line in 0..200 {
        let now = start + 3 * SECOND * line;
        assert_eq!(
            flow.slot(SHORT, Urgency::Normal, now),
            Slot::Now,
            "line {line}"
        );
        flow.sent(LineId(u64::from(line)), SHORT, false, now);
        while flow.wake_at() < now + 3 * SECOND {
            let now = flow.wake_at();
            let token = flow.ping(now).expect("woken for a PING");
            flow.on_command(PING_BYTES, now);
            flow.on_pong(token, now);
            pings += 1;
        }
        assert!(flow.in_flight().0 <= 4, "line {line}");
    }
    assert!(pings >= 50);
    assert_eq!(events(&mut flow).len() + flow.in_flight().0, 200);
}

/// A server that falls silent holds never more than any server takes, however
/// much there is to say and however long it lasts.
#[test]
fn what_is_unread_stays_below_every_limit() {
    for (learnt, most_bytes) in [(false, 2560), (true, 8192)] {
        for bytes in [SHORT, 217, 417, 512] {
            let (mut flow, mut now) = flow(2.0);
            for line in 0..200 {
                if !learnt {
                    break;
                }
                if let Slot::Now = flow.slot(SHORT, Urgency::Normal, now) {
                    flow.sent(LineId(line), SHORT, false, now);
                }
                if let Some(token) = flow.ping(now) {
                    flow.on_command(PING_BYTES, now);
                    flow.on_pong(token, now);
                }
                now += Duration::from_millis(500);
            }
            let (mut commands, mut unread) = flow.in_flight();
            for line in 1000..1240 {
                for urgency in [Urgency::Normal, Urgency::Error] {
                    if let Slot::Now = flow.slot(bytes, urgency, now) {
                        flow.sent(LineId(line), bytes, false, now);
                        unread += bytes;
                        commands += 1;
                    }
                    if flow.ping(now).is_some() {
                        flow.on_command(PING_BYTES, now);
                        unread += PING_BYTES;
                        commands += 1;
                    }
                }
                now += Duration::from_millis(500);
            }
            assert!(unread <= most_bytes, "{learnt} {bytes}: {unread} bytes");
            assert!(
                unread + 2 * bytes + 200 > most_bytes || commands >= 18,
                "{learnt} {bytes}: {unread} bytes"
            );
            assert!(commands <= 20, "{learnt} {bytes}: {commands} commands");
        }
    }
}

/// Bytes of a second target.
const MORE: usize = 12;

fn known(version: &str) -> (Flow, Instant) {
    let (mut flow, now) = flow(100.0);
    for bytes in [13, 25, 12] {
        flow.on_command(bytes, now);
    }
    flow.server_is(version, now);
    (flow, now)
}

#[test]
fn who_charges_by_the_command_does_not_charge_for_the_way_in() {
    for (version, at_once, errors) in [
        ("InspIRCd-3", 3, 6),
        ("ircd-hybrid-1:8.2.43", 1, 5),
        ("solanum-1.0-dev", 1, 5),
        ("ergo-2.11.1", 1, 5),
        ("ngircd-26.1", 1, 3),
    ] {
        let (mut flow, mut now) = known(version);
        for (urgency, most) in [(Urgency::Normal, at_once), (Urgency::Error, errors)] {
            let mut sent = 0;
            while flow.slot(SHORT, urgency, now) == Slot::Now {
                flow.sent(LineId(sent), SHORT, false, now);
                sent += 1;
                // The user's limit spreads them.
                now += Duration::from_millis(10);
            }
            assert_eq!(sent, most, "{version} {urgency:?}");
        }
    }
}

#[test]
fn a_copy_goes_along_where_it_costs_nothing_or_saves_a_ping() {
    // 2 s up to 129 bytes, and 3 s beyond.
    let (mut flow, now) = known("bahamut-2.2.4");
    assert!(flow.wants_copy(SHORT, MORE));
    assert!(!flow.wants_copy(125, MORE), "it costs a second");
    assert!(flow.wants_copy(130, MORE));
    // Another such line would not fit beside it.
    assert!(flow.wants_copy(1_045, MORE));
    flow.sent(LineId(0), SHORT + MORE, true, now);
    assert!(!flow.wants_copy(SHORT, MORE), "one at a time");
    flow.on_copy(now);
    assert!(flow.wants_copy(SHORT, MORE));
    // So many lines went without that a PING would be due.
    for line in 1..14 {
        flow.sent(LineId(line), 125, false, now);
        assert!(
            !flow.wants_copy(125, MORE) || flow.in_flight().1 > 1_700,
            "{line}"
        );
    }
    flow.acknowledge_by(Proof::Echo);
    assert!(!flow.wants_copy(SHORT, MORE), "echoes are better");

    let (mut flow, now) = known("bahamut-2.2.4");
    for line in 0..14 {
        flow.sent(LineId(line), 100, false, now);
    }
    assert!(flow.wants_copy(125, MORE), "the fifteenth");
    assert!(!known("ngircd-26.1").0.wants_copy(SHORT, MORE));
}
