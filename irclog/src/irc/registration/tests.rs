use super::*;

fn said(answer: Negotiation) -> String {
    match answer {
        Negotiation::Say(command) => String::from(&command),
        other => panic!("{other:?}"),
    }
}

#[test]
fn capabilities_over_several_lines_are_gathered_then_asked_for() {
    for (wants_sasl, asks) in [
        (false, "CAP REQ echo-message"),
        (true, "CAP REQ :sasl echo-message"),
    ] {
        let mut capabilities = Capabilities::new(wants_sasl);
        let list = Some("sasl=PLAIN,EXTERNAL multi-prefix");
        let more = capabilities.answer(CapSubCommand::LS, Some("*"), list);
        assert_eq!(more, Negotiation::GoesOn);
        let list = Some("echo-message away-notify");
        let asked = capabilities.answer(CapSubCommand::LS, list, None);
        assert_eq!(said(asked), asks);
        let granted = Some("echo-message sasl ");
        let over = capabilities.answer(CapSubCommand::ACK, granted, None);
        assert_eq!(over, Negotiation::Over);
        assert!(capabilities.has("echo-message"));
        assert_eq!(capabilities.has("sasl"), wants_sasl);
        assert_eq!(capabilities.mechanisms(), Some("PLAIN,EXTERNAL"));
        let end = capabilities.end().map(|end| String::from(&end));
        assert_eq!(end.as_deref(), Some("CAP END"));
        assert_eq!(capabilities.end(), None, "once");
    }
}

#[test]
fn nothing_wanted_or_nothing_granted_is_over_at_once() {
    let mut capabilities = Capabilities::new(false);
    let over = capabilities.answer(CapSubCommand::LS, Some("sasl"), None);
    assert_eq!(over, Negotiation::Over);
    let mut refused = Capabilities::new(false);
    refused.answer(CapSubCommand::LS, Some("echo-message"), None);
    let over = refused.answer(CapSubCommand::NAK, Some("echo-message"), None);
    assert_eq!(over, Negotiation::Over);
    assert!(!refused.has("echo-message"));
}

#[test]
fn what_is_offered_and_granted_a_million_times_is_held_once() {
    let mut capabilities = Capabilities::default();
    let offer = |capabilities: &mut Capabilities| {
        capabilities.answer(CapSubCommand::LS, Some("echo-message"), None)
    };
    assert_eq!(said(offer(&mut capabilities)), "CAP REQ echo-message");
    for _ in 0..1000 {
        assert_eq!(
            offer(&mut capabilities),
            Negotiation::GoesOn,
            "asked for once"
        );
    }
    let many = "echo-message ".repeat(600);
    for _ in 0..1000 {
        capabilities.answer(CapSubCommand::ACK, Some(&many), None);
    }
    assert_eq!(capabilities.offered, ["echo-message"]);
    assert_eq!(capabilities.enabled, ["echo-message"]);
}
