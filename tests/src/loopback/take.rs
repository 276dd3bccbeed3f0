//! A client's line: first the faults, then what a server does with it.

use std::sync::Arc;
use std::time::Duration;

use super::fault::{Action, Rewrite};
use super::framing::Line;
use super::message::Message;
use super::state::{Flow, Id, Reply, State};

/// What became of a line.
#[derive(Debug)]
pub(super) enum Taken {
    /// It was processed and answered.
    Done,
    /// It was processed; these bytes are to be sent so much later.
    Late(Vec<u8>, Duration),
    /// The connection stands still: take the line again, without the faults,
    /// when it goes on.
    Postponed,
    /// The connection is gone.
    Gone,
}

/// What faults do to one line.
#[derive(Default)]
struct Plan {
    overlooked: bool,
    postponed: bool,
    delay: Option<Duration>,
    repeat: usize,
    rewrites: Vec<Rewrite>,
}

impl State {
    /// Takes a line from `id`; `struck` when its faults have had their turn.
    pub(super) fn take(&mut self, id: Id, line: &Line, struck: bool) -> Taken {
        let text = String::from_utf8_lossy(&line.bytes).into_owned();
        let mut plan = Plan::default();
        if !struck {
            let actions: Vec<Action> = self
                .faults
                .iter_mut()
                .flat_map(|fault| fault.at_line(id, &text).to_vec())
                .collect();
            let target = Message::parse(&text).param(0).to_owned();
            for action in actions {
                self.perform(id, &action, &target, &mut plan);
            }
        }
        if !self.clients.contains_key(&id) {
            return Taken::Gone;
        }
        if plan.postponed {
            return Taken::Postponed;
        }
        if plan.overlooked {
            return Taken::Done;
        }
        self.hold(id);
        self.dispatch(id, line, &text);
        let replies = self.release();
        if !self.clients.contains_key(&id) {
            return Taken::Gone;
        }
        let replies = plan.apply(self.labeled(id, &text, replies));
        let bytes: Vec<u8> = replies.iter().flat_map(Reply::encode).collect();
        if let Some(delay) = plan.delay {
            return Taken::Late(bytes, delay);
        }
        self.write_raw(id, bytes);
        Taken::Done
    }

    /// Does what faults do to everybody who connects.
    pub(super) fn greet_with_faults(&mut self, id: Id) {
        let actions = self.connect_actions(id);
        let mut plan = Plan::default();
        for action in actions {
            self.perform(id, &action, "*", &mut plan);
        }
    }

    /// What faults want done to the connection `id` on connecting.
    pub(super) fn connect_actions(&mut self, id: Id) -> Vec<Action> {
        self.faults
            .iter_mut()
            .flat_map(|fault| fault.at_connect(id).to_vec())
            .collect()
    }

    fn perform(&mut self, id: Id, action: &Action, target: &str, plan: &mut Plan) {
        let fill = |state: &Self, text: &str| {
            text.replace("{nick}", state.nick(id))
                .replace("{target}", target)
                .replace("{server}", &state.config.name)
        };
        let server = self.config.name.clone();
        match action {
            Action::Stall(time) => {
                self.stall(id, *time);
                plan.postponed = true;
            }
            Action::Freeze => {
                self.set_flow(id, Flow::Frozen);
                plan.postponed = true;
            }
            Action::Close => self.remove(id, "Connection reset by peer"),
            Action::Disconnect(reason) => self.disconnect(id, reason),
            Action::Kill(reason) => self.kill(id, reason),
            Action::Say(line) => self.send(id, &fill(self, line)),
            Action::Send(bytes) => self.write_raw(id, bytes.clone()),
            Action::Ignore => plan.overlooked = true,
            Action::Answer(line) => {
                plan.overlooked = true;
                self.send(id, &fill(self, line));
            }
            Action::Refuse(numeric, text) => {
                plan.overlooked = true;
                self.numeric(id, *numeric, &format!("{target} :{}", fill(self, text)));
            }
            Action::Delay(time) => plan.delay = Some(*time),
            Action::Repeat(count) => plan.repeat += count,
            Action::Rewrite(how) => plan.rewrites.push(Arc::clone(how)),
            Action::Kick(channel, reason) => self.kick(&server, channel, id, reason),
            Action::Rename(nick) => self.rename(id, nick),
            Action::Mode(channel, modes) => self.mode(&server, channel, modes),
        }
    }

    /// Joins `replies` to the label of the line that they answer.
    fn labeled(&self, id: Id, line: &str, mut replies: Vec<Reply>) -> Vec<Reply> {
        let has = |cap: &str| {
            self.clients
                .get(&id)
                .is_some_and(|client| client.caps.contains(cap))
        };
        let Some(label) = Message::parse(line).label else {
            return replies;
        };
        if !has("labeled-response") {
            return replies;
        }
        let tag = format!("label={label}");
        match replies.as_mut_slice() {
            [] => replies.push(Reply {
                tags: vec![tag],
                line: format!(":{} ACK", self.config.name).into_bytes(),
            }),
            [first] => first.tags.push(tag),
            [first, ..] if !has("batch") => first.tags.push(tag),
            several => {
                for reply in several {
                    reply.tags.push("batch=answer".to_owned());
                }
                let batch = |sign: char, rest: &str| {
                    format!(":{} BATCH {sign}answer{rest}", self.config.name).into_bytes()
                };
                replies.insert(
                    0,
                    Reply {
                        tags: vec![tag],
                        line: batch('+', " labeled-response"),
                    },
                );
                replies.push(Reply {
                    tags: Vec::new(),
                    line: batch('-', ""),
                });
            }
        }
        replies
    }
}

impl Plan {
    fn apply(&self, mut replies: Vec<Reply>) -> Vec<Reply> {
        for rewrite in &self.rewrites {
            for reply in &mut replies {
                reply.line = rewrite(&String::from_utf8_lossy(&reply.line)).into_bytes();
            }
        }
        let times = self.repeat + 1;
        std::iter::repeat_n(replies, times).flatten().collect()
    }
}
