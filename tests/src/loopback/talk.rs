//! Channels and what is said in them.

use super::Identify;
use super::channel::Rank;
use super::commands::cut;
use super::config::{Overlong, Services};
use super::message::Message;
use super::state::{Id, State, seen};
use super::throttle::Verdict;
use crate::clock;
use crate::seen::Kind;

impl State {
    pub(super) fn join(&mut self, id: Id, names: &str, keys: &str) {
        let mut keys = keys.split(',');
        for name in names.split(',') {
            self.join_one(id, name, keys.next().unwrap_or_default());
        }
    }

    fn join_one(&mut self, id: Id, wanted: &str, key: &str) {
        if !wanted.starts_with('#') || wanted.len() == 1 {
            return self.numeric(id, 403, &format!("{wanted} :No such channel"));
        }
        let name = cut(wanted, self.config.channel_len).to_owned();
        let prefix = self.prefix(id);
        let nick = self.nick(id).to_owned();
        let identified = self.clients.get(&id).is_some_and(|c| c.identified);
        let first_is_op = self.config.first_is_op;
        let channel = self.channel(&name);
        let name = channel.name.clone();
        if channel.members.contains_key(&id) {
            return;
        }
        if let Some((numeric, text)) = channel.refuses_join(id, &prefix, key, identified) {
            return self.numeric(id, numeric, &format!("{name} :{text}"));
        }
        let rank = Rank {
            op: first_is_op && channel.members.is_empty(),
            voice: false,
        };
        channel.members.insert(id, rank);
        channel.seen.push(seen(Kind::Join, &nick, &name, ""));
        let topic = channel.topic.clone();
        self.tell_channel(&name, &format!(":{prefix} JOIN :{name}"), None);
        if !topic.is_empty() {
            self.numeric(id, 332, &format!("{name} :{topic}"));
        }
        self.names(id, &name);
    }

    pub(super) fn part(&mut self, id: Id, names: &str, reason: &str) {
        let nick = self.nick(id).to_owned();
        for name in names.split(',') {
            if self.member_of(id, name) {
                let line = format!(":{} PART {name} :{reason}", self.prefix(id));
                self.tell_channel(name, &line, None);
                let channel = self.channel(name);
                channel.members.remove(&id);
                channel.seen.push(seen(Kind::Part, &nick, name, reason));
            } else {
                self.numeric(id, 442, &format!("{name} :You're not on that channel"));
            }
        }
    }

    pub(super) fn names(&mut self, id: Id, name: &str) {
        let list: Vec<String> = self
            .channels
            .get(&self.config.fold(name))
            .map(|channel| {
                let members = channel.members.iter();
                members
                    .map(|(&id, rank)| format!("{}{}", rank.prefix(), self.nick(id)))
                    .collect()
            })
            .unwrap_or_default();
        self.numeric(id, 353, &format!("= {name} :{}", list.join(" ")));
        self.numeric(id, 366, &format!("{name} :End of /NAMES list."));
    }

    pub(super) fn topic(&mut self, id: Id, message: &Message<'_>) {
        let name = message.param(0).to_owned();
        if !self.member_of(id, &name) {
            return self.numeric(id, 442, &format!("{name} :You're not on that channel"));
        }
        let prefix = self.prefix(id);
        let op = self.is_op(id, &name);
        let channel = self.channel(&name);
        match message.params.get(1) {
            None if channel.topic.is_empty() => {
                self.numeric(id, 331, &format!("{name} :No topic is set"));
            }
            None => {
                let rest = format!("{name} :{}", channel.topic);
                self.numeric(id, 332, &rest);
            }
            Some(_) if channel.has('t') && !op => self.not_op(id, &name),
            Some(&topic) => {
                topic.clone_into(&mut channel.topic);
                channel.seen.push(seen(Kind::Topic, &prefix, &name, topic));
                self.tell_channel(&name, &format!(":{prefix} TOPIC {name} :{topic}"), None);
            }
        }
    }

    pub(super) fn change_mode(&mut self, id: Id, message: &Message<'_>) {
        let name = message.param(0).to_owned();
        let prefix = self.prefix(id);
        if !name.starts_with('#') {
            // A client's own modes: taken note of, without effect.
            if message.params.len() > 1 {
                let line = format!(":{prefix} MODE {name} :{}", message.param(1));
                self.send(id, &line);
            }
        } else if message.params.len() == 1 {
            let modes = self.channel(&name).modes();
            self.numeric(id, 324, &format!("{name} {modes}"));
        } else if matches!(message.param(1), "b" | "+b") && message.params.len() == 2 {
            self.numeric(id, 368, &format!("{name} :End of Channel Ban List"));
        } else if self.is_op(id, &name) {
            let modes = message.params[1..].join(" ");
            self.mode(&prefix, &name, &modes);
        } else {
            self.not_op(id, &name);
        }
    }

    pub(super) fn kick_member(&mut self, id: Id, message: &Message<'_>) {
        let name = message.param(0).to_owned();
        let prefix = self.prefix(id);
        if !self.is_op(id, &name) {
            return self.not_op(id, &name);
        }
        match self.find(message.param(1)) {
            Some(who) if self.member_of(who, &name) => {
                self.kick(&prefix, &name, who, message.param(2));
            }
            _ => self.numeric(
                id,
                441,
                &format!("{} {name} :They aren't on that channel", message.param(1)),
            ),
        }
    }

    /// A PRIVMSG or NOTICE.
    pub(super) fn say(&mut self, id: Id, message: &Message<'_>) {
        let (targets, text) = (message.param(0), message.param(1));
        if text.is_empty() {
            return self.numeric(id, 412, ":No text to send");
        }
        for target in targets.split(',') {
            if target.starts_with('#') {
                self.say_in_channel(id, &message.command, target, text);
            } else if is_service(target)
                && (self.config.services != Services::None || target.contains('@'))
            {
                self.services(id, target, text);
            } else if let Some(to) = self.find(target) {
                let line = format!(":{} {} {target} :{text}", self.prefix(id), message.command);
                self.send(to, &line);
                self.echo(id, &line);
            } else {
                self.numeric(id, 401, &format!("{target} :No such nick/channel"));
            }
        }
    }

    fn say_in_channel(&mut self, id: Id, command: &str, target: &str, text: &str) {
        let Some(channel) = self.channels.get(&self.config.fold(target)) else {
            return self.numeric(id, 403, &format!("{target} :No such channel"));
        };
        let prefix = self.prefix(id);
        let shown = match channel.admits(id, &prefix, text, &self.config) {
            Ok(shown) => shown,
            // A NOTICE is never answered.
            Err(_) if command == "NOTICE" => return,
            Err((numeric, why)) => return self.numeric(id, numeric, &format!("{target} :{why}")),
        };
        let privileged = channel
            .members
            .get(&id)
            .copied()
            .is_some_and(Rank::may_always_talk);
        let verdict = if privileged {
            Verdict::Shown
        } else {
            self.judge_one_more(id, target)
        };
        if verdict != Verdict::Shown {
            if verdict == Verdict::Told && command == "PRIVMSG" {
                let line = format!(
                    ":{} NOTICE {} :*** Message to {target} throttled due to flooding",
                    self.config.name,
                    self.nick(id)
                );
                self.send(id, &line);
            }
            return;
        }
        let line = format!(":{prefix} {command} {target} :{shown}");
        if line.len() + 2 > self.config.line_len && self.config.overlong == Overlong::Refuse {
            return self.numeric(id, 417, ":Input line was too long");
        }
        self.publish(command, &prefix, target, &line);
        self.tell_channel(target, &line, Some(id));
        self.echo(id, &line);
    }

    /// Lets the channel's [`Member`](super::Member)s see `line`.
    pub(super) fn publish(&mut self, command: &str, prefix: &str, target: &str, line: &str) {
        let kind = if command == "NOTICE" {
            Kind::Notice
        } else {
            Kind::Message
        };
        let most = self.config.line_len - 2;
        let start = format!(":{prefix} {command} {target} :").len().min(most);
        let shown = &line.as_bytes()[start..line.len().min(most)];
        let text = String::from_utf8_lossy(shown).into_owned();
        let channel = self.channel(target);
        channel.seen.push(seen(kind, prefix, target, &text));
    }

    fn echo(&mut self, id: Id, line: &str) {
        if self
            .clients
            .get(&id)
            .is_some_and(|client| client.caps.contains("echo-message"))
        {
            self.send(id, line);
        }
    }

    /// Lets somebody into a channel that is +i, and tells them.
    pub(super) fn invite(&mut self, id: Id, nick: &str, name: &str) {
        if !self.is_op(id, name) {
            return self.not_op(id, name);
        }
        let Some(guest) = self.find(nick) else {
            return self.numeric(id, 401, &format!("{nick} :No such nick/channel"));
        };
        let line = format!(":{} INVITE {nick} :{name}", self.prefix(id));
        self.channel(name).invited.insert(guest);
        self.numeric(id, 341, &format!("{nick} {name}"));
        self.send(guest, &line);
    }

    /// Where the services are, where there are any.
    pub(super) fn services_host(&self) -> Option<String> {
        match &self.config.services {
            Services::None => None,
            Services::Anywhere => Some("services.loopback.example".to_owned()),
            Services::At(host) => Some(host.clone()),
        }
    }

    fn services(&mut self, id: Id, target: &str, text: &str) {
        let Some(host) = self.services_host() else {
            return self.numeric(id, 401, &format!("{target} :No such nick/channel"));
        };
        let target_folded = target.to_ascii_lowercase();
        let plain = target_folded == "nickserv";
        if plain && self.config.services != Services::Anywhere {
            let error = format!("{target} :Error! \"/msg NickServ\" is no longer supported.");
            return self.numeric(id, 487, &error);
        }
        if !plain && target_folded != format!("nickserv@{host}") {
            return self.numeric(id, 401, &format!("{target} :No such nick/channel"));
        }
        let nick = self.nick(id).to_owned();
        let words: Vec<&str> = text.split_whitespace().collect();
        let [verb, arguments @ ..] = words.as_slice() else {
            return;
        };
        let verb = verb.to_ascii_uppercase();
        let (account, password) = match arguments {
            [password] => (nick.clone(), *password),
            [account, password] => ((*account).to_owned(), *password),
            _ => return self.nickserv(id, "Unknown command."),
        };
        match verb.as_str() {
            "IDENTIFY" => self.identifies.push(Identify {
                nick,
                account: account.clone(),
                password: password.to_owned(),
                at: clock::now(),
            }),
            "GHOST" => {}
            _ => return self.nickserv(id, "Unknown command."),
        }
        let accounts = &self.config.accounts;
        let right = accounts.is_empty() || accounts.get(&account).is_some_and(|p| p == password);
        if !right {
            let text = format!("The password supplied for {account} is incorrect.");
            self.nickserv(id, &text);
        } else if verb == "IDENTIFY" {
            if let Some(client) = self.clients.get_mut(&id) {
                client.identified = true;
            }
            self.nickserv(id, &format!("Password accepted for {account}."));
        } else if let Some(ghost) = self.find(&account).filter(|&ghost| ghost != id) {
            let by = self.nick(id).to_owned();
            self.disconnect(
                ghost,
                &format!("Killed (NickServ (GHOST command used by {by}))"),
            );
            self.nickserv(id, &format!("{account} has been ghosted."));
        } else {
            self.nickserv(id, &format!("{account} is not online."));
        }
    }

    fn nickserv(&mut self, id: Id, text: &str) {
        let host = self.services_host().unwrap_or_default();
        let line = format!(":NickServ!service@{host} NOTICE {} :{text}", self.nick(id));
        self.send(id, &line);
    }

    fn member_of(&self, id: Id, name: &str) -> bool {
        self.channels
            .get(&self.config.fold(name))
            .is_some_and(|channel| channel.members.contains_key(&id))
    }

    fn is_op(&self, id: Id, name: &str) -> bool {
        self.channels
            .get(&self.config.fold(name))
            .and_then(|channel| channel.members.get(&id))
            .is_some_and(|rank| rank.op)
    }

    fn not_op(&mut self, id: Id, name: &str) {
        self.numeric(id, 482, &format!("{name} :You're not channel operator"));
    }
}

pub(super) fn is_service(target: &str) -> bool {
    let name = target.split('@').next().unwrap_or_default();
    name.eq_ignore_ascii_case("NickServ")
}
