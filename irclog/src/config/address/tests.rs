use super::*;

#[test]
fn hosts_are_taken() {
    for host in [
        "irc.dal.net",
        "irc.dal.net.",
        "b\u{fc}ro.example",
        "my_host",
        "127.0.0.1",
        "::1",
        "[::1]",
        "fe80::1%eth0",
        "2001:db8::17",
    ] {
        assert_eq!(misplaced(host), None, "{host}");
    }
}

#[test]
fn a_host_is_no_longer_than_names_are() {
    assert_eq!(misplaced(&"x".repeat(LONGEST)), None);
    let (what, _) = misplaced(&"x".repeat(LONGEST + 1)).unwrap();
    assert!(what.contains("253"), "{what}");
}

#[test]
fn what_is_more_than_a_host_is_told_without_its_secret() {
    for (text, wanted) in [
        (
            "irc.dal.net:6697",
            "write irc.dal.net here and 6697 in IRC_PORT",
        ),
        (
            "irc.dal.net:+6697",
            "write irc.dal.net here and 6697 in IRC_PORT",
        ),
        (
            "irc.dal.net 6697",
            "write irc.dal.net here and 6697 in IRC_PORT",
        ),
        ("irc.dal.net/6697", "write irc.dal.net here"),
        ("[::1]:6697", "write ::1 here and 6697 in IRC_PORT"),
        ("ircs://irc.dal.net", "write irc.dal.net here"),
        ("irc://irc.dal.net", "IRC_TLS=false"),
        (
            "ircs://nick:tiger-lily@irc.dal.net:6697/#ops",
            "write irc.dal.net here, 6697 in IRC_PORT, the nick in IRC_NICK, its password in \
             IRC_PASSWORD and the channel in IRC_CHANNEL",
        ),
        (
            "nick:tiger-lily@irc.dal.net",
            "its password in IRC_PASSWORD",
        ),
        ("tiger-lily@irc.dal.net", "its password in IRC_PASSWORD"),
        ("nick:tiger@lily@irc.dal.net", "write irc.dal.net here"),
        ("irc.dal.net:6697:tiger-lily", "IRC_SERVER_PASSWORD"),
        ("irc.dal.net:tiger-lily", "IRC_SERVER_PASSWORD"),
        ("irc.dal.net 6697 tiger-lily", "IRC_SERVER_PASSWORD"),
        ("irc.dal.net tiger-lily", "IRC_SERVER_PASSWORD"),
        ("irc dal net", "write irc here"),
        ("", "for example irc.dal.net"),
        ("tiger!lily", "for example irc.dal.net"),
        ("://", "write the host alone"),
    ] {
        let (what, instead) = misplaced(text).expect(text);
        assert!(instead.contains(wanted), "{text}: {what}: {instead}");
        let told = format!("{what}{instead}");
        assert!(!told.contains("tiger") && !told.contains("lily"), "{told}");
    }
}
