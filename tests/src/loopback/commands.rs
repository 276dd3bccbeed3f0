//! What a server does with a client's command.

use super::config::Overlong;
use super::framing::Line;
use super::message::Message;
use super::state::{Id, State};
use super::talk::is_service;
use super::throttle::{Flood, Verdict};
use crate::clock;

/// The longest user name in a prefix, `~` included: Bahamut's.
const USER_LEN: usize = 10;

/// Tokens in one 005, as the protocol has it.
const ISUPPORT_TOKENS: usize = 13;

impl State {
    /// Processes one line of `id`.
    pub(super) fn dispatch(&mut self, id: Id, line: &Line, text: &str) {
        let mut text = text.to_owned();
        let tags = text.find(' ').filter(|_| text.starts_with('@'));
        let untagged = line.wire_len - tags.map_or(0, |end| end + 1);
        if untagged > self.config.line_len {
            match self.config.overlong {
                Overlong::Cut => {
                    let most = self.config.line_len - 2 + tags.map_or(0, |end| end + 1);
                    let kept = &line.bytes[..most.min(line.bytes.len())];
                    text = String::from_utf8_lossy(kept).into_owned();
                }
                Overlong::Disconnect => {
                    self.send_past_capture(id, "ERROR :Request too long");
                    self.remove(id, "Request too long");
                    return;
                }
                Overlong::Refuse => return self.numeric(id, 417, ":Input line was too long"),
            }
        }
        let message = Message::parse(&text);
        if message.command == "PRIVMSG" && self.config.utf8_only && !is_utf8(&line.bytes) {
            let line = format!(
                ":{} FAIL PRIVMSG INVALID_UTF8 :Message rejected, your IRC software MUST use UTF-8",
                self.config.name
            );
            return self.send(id, &line);
        }
        let registered = self.clients.get(&id).is_some_and(|c| c.registered);
        match message.command.as_str() {
            "" => {}
            "CAP" => self.cap(id, registered, &message),
            "PASS" => self.pass(id, message.param(0)),
            "NICK" => self.change_nick(id, message.param(0)),
            "USER" => self.user(id, message.param(0)),
            "PING" => self.ping(id, message.param(0)),
            "PONG" => self.pong(id, message.param(0)),
            "QUIT" => self.disconnect(id, &format!("Quit: {}", message.param(0))),
            _ if !registered => self.numeric(id, 451, ":You have not registered"),
            "JOIN" => self.join(id, message.param(0), message.param(1)),
            "PART" => self.part(id, message.param(0), message.param(1)),
            "PRIVMSG" | "NOTICE" => self.say(id, &message),
            "TOPIC" => self.topic(id, &message),
            "MODE" => self.change_mode(id, &message),
            "KICK" => self.kick_member(id, &message),
            "NAMES" => self.names(id, message.param(0)),
            "WHO" => self.who(id, message.param(0)),
            "WHOIS" => self.whois(id, message.param(0)),
            "INVITE" => self.invite(id, message.param(0), message.param(1)),
            "TAGMSG" | "AWAY" => {}
            other => self.numeric(id, 421, &format!("{other} :Unknown command")),
        }
    }

    fn cap(&mut self, id: Id, registered: bool, message: &Message<'_>) {
        let Some(offered) = self.config.caps.clone() else {
            // Servers without capabilities say nothing while it registers.
            if registered {
                self.numeric(id, 421, "CAP :Unknown command");
            }
            return;
        };
        let nick = self.nick(id).to_owned();
        let name = self.config.name.clone();
        let answer = |state: &mut Self, sub: &str, list: &str| {
            state.send(id, &format!(":{name} CAP {nick} {sub} :{list}"));
        };
        let sub = message.param(0).to_ascii_uppercase();
        if let Some(client) = self.clients.get_mut(&id)
            && !client.registered
        {
            match sub.as_str() {
                "LS" | "REQ" => client.negotiating = true,
                "END" => client.negotiating = false,
                _ => {}
            }
        }
        match sub.as_str() {
            "LS" => answer(self, "LS", &offered.join(" ")),
            "LIST" => {
                let on = self.clients.get(&id).map(|c| c.caps.clone());
                let on: Vec<String> = on.unwrap_or_default().into_iter().collect();
                answer(self, "LIST", &on.join(" "));
            }
            "REQ" => {
                let wanted = message.param(1);
                let known = |word: &str| {
                    let name = word.trim_start_matches('-');
                    offered
                        .iter()
                        .any(|cap| cap.split('=').next() == Some(name))
                };
                if !wanted.split_whitespace().all(known) {
                    return answer(self, "NAK", wanted);
                }
                if let Some(client) = self.clients.get_mut(&id) {
                    for word in wanted.split_whitespace() {
                        match word.strip_prefix('-') {
                            Some(off) => client.caps.remove(off),
                            None => client.caps.insert(word.to_owned()),
                        };
                    }
                }
                answer(self, "ACK", wanted);
            }
            "END" => self.try_register(id),
            _ => self.numeric(id, 410, &format!("{sub} :Invalid CAP command")),
        }
    }

    fn pass(&mut self, id: Id, password: &str) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.password = Some(password.to_owned());
        }
    }

    fn change_nick(&mut self, id: Id, wanted: &str) {
        let nick = cut(wanted, self.config.nick_len).to_owned();
        if nick.is_empty() {
            return self.numeric(id, 431, ":No nickname given");
        }
        if !is_nick(&nick) {
            return self.numeric(id, 432, &format!("{wanted} :Erroneous Nickname"));
        }
        if self.find(&nick).is_some_and(|other| other != id) {
            return self.numeric(id, 433, &format!("{nick} :Nickname is already in use."));
        }
        if self.clients.get(&id).is_some_and(|c| c.registered) {
            return self.rename(id, &nick);
        }
        if let Some(client) = self.clients.get_mut(&id) {
            client.nick = Some(nick);
        }
        self.try_register(id);
    }

    fn user(&mut self, id: Id, user: &str) {
        if let Some(client) = self.clients.get_mut(&id)
            && client.user.is_none()
        {
            client.user = Some(cut(&format!("~{user}"), USER_LEN).to_owned());
            self.try_register(id);
        } else {
            self.numeric(id, 462, ":You may not reregister");
        }
    }

    fn ping(&mut self, id: Id, token: &str) {
        let name = self.config.name.clone();
        if token.is_empty() {
            return self.numeric(id, 409, ":No origin specified");
        }
        self.send(id, &format!(":{name} PONG {name} :{token}"));
    }

    fn pong(&mut self, id: Id, token: &str) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.unanswered_ping = false;
            if client.cookie.as_deref() == Some(token) {
                client.cookie = Some(String::new());
                self.try_register(id);
            }
        }
    }

    /// Welcomes `id` when it has said all that is needed.
    fn try_register(&mut self, id: Id) {
        let config = std::sync::Arc::clone(&self.config);
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let ready = client.nick.is_some() && client.user.is_some() && !client.negotiating;
        if client.registered || !ready {
            return;
        }
        if config.password.is_some() && client.password != config.password {
            self.numeric(id, 464, ":Password incorrect");
            // It leaves before what is held back is released.
            for reply in self.release() {
                self.write_raw(id, reply.encode());
            }
            return self.disconnect(id, "Bad Password");
        }
        if config.registration_ping {
            match &client.cookie {
                None => {
                    let cookie = format!("cookie{id}");
                    client.cookie = Some(cookie.clone());
                    return self.send(id, &format!("PING :{cookie}"));
                }
                Some(cookie) if !cookie.is_empty() => return,
                Some(_) => {}
            }
        }
        client.registered = true;
        let (prefix, name) = (self.prefix(id), &config.name);
        let version = &config.version;
        self.numeric(
            id,
            1,
            &format!(":Welcome to the {} IRC Network {prefix}", config.network),
        );
        self.numeric(id, 2, &format!(":Your host is {name}, running {version}"));
        self.numeric(id, 3, ":This server was created for this run");
        self.numeric(id, 4, &format!("{name} {version} iow bciklmnorstv"));
        for tokens in self.isupport().chunks(ISUPPORT_TOKENS) {
            let tokens = tokens.join(" ");
            self.numeric(id, 5, &format!("{tokens} :are supported by this server"));
        }
        self.numeric(id, 422, ":MOTD File is missing");
    }

    fn isupport(&self) -> Vec<String> {
        let config = &self.config;
        let mut tokens = vec![
            format!("NETWORK={}", config.network),
            format!("NICKLEN={}", config.nick_len),
            format!("CHANNELLEN={}", config.channel_len),
            format!("CASEMAPPING={}", config.casemapping.name()),
            "CHANTYPES=#".to_owned(),
            "PREFIX=(ov)@+".to_owned(),
            "CHANMODES=b,k,l,cimnrst".to_owned(),
            "MODES=6".to_owned(),
        ];
        if config.line_len != 512 {
            tokens.push(format!("LINELEN={}", config.line_len));
        }
        if config.utf8_only {
            tokens.push("UTF8ONLY".to_owned());
        }
        tokens.extend(config.isupport.iter().cloned());
        tokens
    }

    fn who(&mut self, id: Id, name: &str) {
        let members: Vec<Id> = self
            .channels
            .get(&self.config.fold(name))
            .map(|channel| channel.members.keys().copied().collect())
            .unwrap_or_default();
        for member in members {
            let Some(client) = self.clients.get(&member) else {
                continue;
            };
            let user = client.user.clone().unwrap_or_default();
            let line = format!(
                "{name} {user} {} {} {} H :0 {user}",
                client.host,
                self.config.name,
                self.nick(member)
            );
            self.numeric(id, 352, &line);
        }
        self.numeric(id, 315, &format!("{name} :End of WHO list"));
    }

    fn whois(&mut self, id: Id, nick: &str) {
        let name = self.config.name.clone();
        if let Some(host) = self.services_host().filter(|_| is_service(nick)) {
            self.numeric(
                id,
                311,
                &format!("{nick} service {host} * :Nickname Services"),
            );
            self.numeric(id, 312, &format!("{nick} {host} :Services"));
            self.numeric(id, 313, &format!("{nick} :is a Network Service"));
        } else if let Some(who) = self.find(nick)
            && let Some(client) = self.clients.get(&who)
        {
            let user = client.user.clone().unwrap_or_default();
            let line = format!("{nick} {user} {} * :{user}", client.host);
            self.numeric(id, 311, &line);
            self.numeric(id, 312, &format!("{nick} {name} :Loopback"));
        } else {
            self.numeric(id, 401, &format!("{nick} :No such nick/channel"));
        }
        self.numeric(id, 318, &format!("{nick} :End of /WHOIS list."));
    }

    /// Asks `id` whether it is still there; closes when it has not answered
    /// the last time.
    pub(super) fn ask_alive(&mut self, id: Id) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        if client.unanswered_ping {
            return self.disconnect(id, "Ping timeout");
        }
        client.unanswered_ping = true;
        let line = format!("PING :{}", self.config.name);
        self.send(id, &line);
    }

    /// What becomes of one more line of `id` in `channel`.
    pub(super) fn judge_one_more(&mut self, id: Id, channel: &str) -> Verdict {
        let Some(limit) = self.config.throttle.and_then(|throttle| throttle.channel) else {
            return Verdict::Shown;
        };
        self.clients.get_mut(&id).map_or(Verdict::Shown, |client| {
            client
                .floods
                .entry(channel.to_owned())
                .or_insert_with(|| Flood::new(limit))
                .judge(clock::now())
        })
    }
}

/// As much of `name` as fits in `bytes`.
pub(super) fn cut(name: &str, bytes: usize) -> &str {
    let mut end = name.len().min(bytes);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

fn is_nick(nick: &str) -> bool {
    let starts_well = nick.starts_with(|c: char| !c.is_ascii_digit() && c != '-');
    starts_well
        && nick
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-[]\\`_^{|}~".contains(c))
}
