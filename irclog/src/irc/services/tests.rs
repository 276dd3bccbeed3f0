use super::*;

#[test]
fn only_a_service_is_believed() {
    let address = |lines: &[(u16, &[&str])]| {
        let mut evidence = Evidence::default();
        for (number, parameters) in lines {
            let parameters: Vec<String> = parameters.iter().map(|&word| word.to_owned()).collect();
            evidence.take(*number, &parameters);
        }
        evidence.address()
    };
    let at = |address: &str| Some(address.to_owned());
    assert_eq!(address(&[]), None);
    // A stranger, whatever he calls himself.
    let stranger: &[(u16, &[&str])] = &[
        (
            311,
            &["services", "services.dal.net", "*", "is a Network Service"],
        ),
        (312, &["irc.test.example", "services.test"]),
        (310, &["is available for help."]),
        (319, &["#services"]),
        (330, &["NickServ", "is logged in as"]),
    ];
    assert_eq!(address(stranger), None);
    assert_eq!(
        address(&[(312, &["services.test.example", "Atheme"])]),
        at("NickServ@services.test.example")
    );
    assert_eq!(
        address(&[
            (312, &["irc.hidden", "x"]),
            (313, &["is a Network Service"])
        ]),
        at("NickServ")
    );
    assert_eq!(
        address(&[(310, &["is a Network Service on Net"])]),
        at("NickServ")
    );
    assert_eq!(address(&[(312, &["services.a b", "x"])]), None);
    assert_eq!(address(&[(312, &["services.a,ann", "x"])]), None);
}

#[test]
fn networks_are_known_by_what_they_call_themselves() {
    assert_eq!(address_of("dalNET"), Some("NickServ@services.dal.net"));
    assert_eq!(address_of("DALnet2"), None);
    assert_eq!(nick_of("NickServ@services.dal.net"), "NickServ");
    assert_eq!(nick_of("Q"), "Q");
}

#[test]
fn answers_are_told_apart() {
    for (text, answer) in [
        (
            "You are now identified for \u{2}ann\u{2}.",
            Answer::Accepted,
        ),
        ("Password accepted for ann.", Answer::Accepted),
        ("You are now logged in as ann.", Answer::Accepted),
        ("Invalid password for ann.", Answer::Refused),
        (
            "The password supplied for ann is incorrect.",
            Answer::Refused,
        ),
        ("ann is not a registered nickname.", Answer::Denied),
        ("Access denied.", Answer::Denied),
        ("Invalid command. Use /msg NickServ help", Answer::NoCommand),
        ("Unknown command GHOST.", Answer::NoCommand),
        ("ann has been ghosted.", Answer::Freed),
        ("Ghost with your nick has been killed.", Answer::Freed),
        ("ann is not online.", Answer::Freed),
        (
            "Services' hold on your nick has been released.",
            Answer::Freed,
        ),
        (
            "This nickname is registered. Please identify.",
            Answer::Other,
        ),
    ] {
        assert_eq!(Answer::of(text), answer, "{text}");
    }
}
