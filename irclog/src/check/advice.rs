//! What to do about it, in words for somebody who never used IRC.

use crate::irc::backoff::Reason;

/// What to type, or to set, where a channel does not let `nick` in.
pub(super) fn join(number: u16, channel: &str, nick: &str, service: &str) -> String {
    match number {
        403 | 476 | 479 => {
            "write the channel's name in IRC_CHANNEL as people type it, '#' included".into()
        }
        405 => "this host's account is in too many channels: leave one".into(),
        470 => "name the channel that it forwards to in IRC_CHANNEL".into(),
        471 => format!(
            "an operator of the channel lifts its limit with: /mode {channel} -l; if it takes \
             registered nicks only, register {service} and set IRC_PASSWORD"
        ),
        473 => format!(
            "an operator of the channel types: /invite {nick} {channel}; and once for the \
             service itself, so that it is always let in: /mode {channel} +I {service}!*@*"
        ),
        474 => format!(
            "an operator of the channel looks for the ban with /mode {channel} +b and lifts it: \
             /mode {channel} -b MASK"
        ),
        475 => "ask an operator of the channel for its key, and set IRC_CHANNEL_KEY".into(),
        477 => {
            format!("register the nick {service} with the network's NickServ, and set IRC_PASSWORD")
        }
        489 | 520 => "leave IRC_TLS out, and set IRC_PORT to the server's TLS port".into(),
        _ => "ask the channel's operators".into(),
    }
}

/// What a refused line means, by the numeric that it was refused with.
pub(super) fn refused(channel: &str, nick: &str, service: &str, modes: &str) -> String {
    if modes.contains('m') {
        return format!(
            "the channel is moderated (+m): an operator gives the service a voice, /mode \
             {channel} +v {service}, or lifts it, /mode {channel} -m"
        );
    }
    format!(
        "an operator of the channel looks whether {nick} is banned there (/mode {channel} +b), or \
         gives it a voice: /mode {channel} +v {nick}"
    )
}

/// What an end of the connection before the channel asks for.
pub(super) fn ended(reason: Reason, port: u16, tls: bool) -> String {
    match reason {
        Reason::NoIrc | Reason::Silent if tls => format!(
            "is {port} the port of an IRC server? With TLS it is usually IRC_PORT=6697; a server \
             that was connected to too often closes without a word, too, for minutes"
        ),
        Reason::NoIrc | Reason::Silent => format!(
            "if {port} is the server's TLS port, leave IRC_TLS out; without TLS it is usually \
             IRC_PORT=6667. A server that was connected to too often closes without a word, too"
        ),
        Reason::TooMany => {
            "too many connections come from this address: end one, or ask the network's operators \
             for an exemption"
                .into()
        }
        Reason::Throttled => {
            "wait some minutes: each try prolongs it. Services of one host that share \
             IRC_STATE_DIR take turns"
                .into()
        }
        Reason::Refused => {
            "mend that setting; a server of one's own may want IRC_SERVER_PASSWORD".into()
        }
        Reason::Banned | Reason::BannedFor(_) => {
            "the network shuts out this host's address: write to its operators, or connect from \
             another one"
                .into()
        }
        Reason::Closed | Reason::Unreached => "try again; the server ended it".into(),
    }
}

/// What a channel's modes mean for a log, `modes` being their letters.
pub(super) fn modes(modes: &str, version: &str, channel: &str, has_rank: bool) -> Vec<String> {
    let version = version.to_ascii_lowercase();
    let is = |names: &[&str]| names.iter().any(|name| version.contains(name));
    let mut told = Vec::new();
    let mut tell = |letter: char, text: String| {
        if modes.contains(letter) {
            told.push(text);
        }
    };
    if !has_rank {
        tell('m', "+m: only who has a voice may speak".into());
    }
    let colours = "colours are not for this channel; irclog leaves them out when it is refused";
    tell('c', format!("+c: {colours}"));
    if is(&["inspircd", "unreal"]) {
        tell('S', format!("+S: {colours}"));
    }
    if is(&["bahamut", "unreal", "inspircd", "hybrid", "ngircd", "ergo"]) {
        tell(
            'R',
            "+R: registered nicks only; the service needs IRC_PASSWORD".into(),
        );
    }
    if is(&["solanum", "charybdis", "ircd-seven"]) {
        tell(
            'r',
            "+r: registered nicks only; the service needs IRC_PASSWORD".into(),
        );
    }
    if is(&["bahamut", "unreal", "inspircd", "ngircd"]) && !has_rank {
        tell(
            'M',
            "+M: only registered nicks may speak; the service needs IRC_PASSWORD".into(),
        );
    }
    tell('i', "+i: invited nicks only".into());
    tell('k', "+k: with a key only (IRC_CHANNEL_KEY)".into());
    if !modes.contains('n') {
        told.push(format!(
            "without +n anybody may write into it from outside: /mode {channel} +n"
        ));
    }
    told
}

/// A page where the channel can be looked at, where the network has one.
pub(super) fn web_client(network: &str, server: &str, channel: &str) -> Option<String> {
    let network = network.to_ascii_lowercase();
    let server = server.to_ascii_lowercase();
    let is = |name: &str, domain: &str| {
        network == name || server == domain || server.ends_with(&format!(".{domain}"))
    };
    let bare = channel.trim_start_matches('#');
    if is("libera.chat", "libera.chat") {
        Some(format!("https://web.libera.chat/{channel}"))
    } else if is("oftc", "oftc.net") {
        Some(format!("https://webchat.oftc.net/?channels={bare}"))
    } else if is("dalnet", "dal.net") {
        Some(format!(
            "the web client that https://www.dal.net leads to; its form takes {channel}"
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_mean_what_they_mean_on_that_server() {
        let told = |letters: &str, version: &str| modes(letters, version, "#pay", false).join("\n");
        assert!(told("+mn", "ngircd-26.1").contains("+m: only"));
        assert!(modes("+mn", "ngircd-26.1", "#pay", true).is_empty());
        assert!(
            told("+nrt", "bahamut-2.2.4").is_empty(),
            "a registered channel"
        );
        assert!(told("+nrt", "solanum-1.0").contains("registered nicks only"));
        assert!(told("+nS", "InspIRCd-3").contains("colours"));
        assert!(told("+nS", "bahamut-2.2.4").is_empty(), "TLS only");
        assert!(told("+t", "x").contains("/mode #pay +n"));
    }

    #[test]
    fn a_web_client_is_known_by_network_or_server() {
        assert!(
            web_client("DALnet", "127.0.0.1", "#pay")
                .unwrap()
                .contains("dal.net")
        );
        assert_eq!(
            web_client("", "irc.libera.chat", "#pay").as_deref(),
            Some("https://web.libera.chat/#pay")
        );
        assert_eq!(web_client("TestNet", "irc.notlibera.chat", "#pay"), None);
    }
}
