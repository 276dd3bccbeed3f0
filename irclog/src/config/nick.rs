//! The nick as it is asked for: a text with places that differ from one
//! instance of a service to the next.

use std::fmt;

use super::is_nick_character;

/// A nick within any length. What tells instances apart is cut last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nick(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// What stood for `{host}` or `{task}`.
    Own(String),
    /// `{n}`.
    Number,
}

/// What the places of a nick are filled with, as far as this machine tells.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    /// The program's name, where no nick is given.
    pub(crate) nick: String,
    /// First label of the host's name.
    pub(crate) host: Option<String>,
    /// End of the id of the ECS task, or else of the host's name.
    pub(crate) task: Option<String>,
    /// What runs this process calls it, where that is known: `task 3f2a`,
    /// `pod pay-7f9c-x2x4`, `container 3f2a1b2c3d4e`.
    pub(crate) instance: Option<String>,
}

/// Characters of a task's id that a nick shows.
const TASK_LEN: usize = 4;

impl Surroundings {
    /// From a variable of the environment, and the system's word for the host.
    pub(crate) fn new(
        nick: String,
        var: impl Fn(&str) -> Option<String>,
        system_host: Option<String>,
    ) -> Self {
        let given = |name: Option<String>| name.filter(|name| !name.trim().is_empty());
        let host = given(system_host).or_else(|| given(var("HOSTNAME")));
        let host = host.or_else(|| given(var("COMPUTERNAME")));
        // http://169.254.170.2/v4/<task>-<container>
        let ecs = given(var("ECS_CONTAINER_METADATA_URI_V4")).map(|uri| {
            let last = uri
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or_default();
            last.split('-').next().unwrap_or_default().to_owned()
        });
        let hostname = given(var("HOSTNAME")).or_else(|| host.clone());
        let is_container_id =
            |name: &String| name.len() == 12 && name.bytes().all(|b| b.is_ascii_hexdigit());
        let pod = given(var("KUBERNETES_SERVICE_HOST")).and(hostname.clone());
        let pod = pod.map(|name| format!("pod {name}"));
        let container = hostname.filter(is_container_id);
        let other = pod.or_else(|| container.map(|id| format!("container {id}")));
        let on_ecs = ecs.is_some();
        let id = ecs
            .or_else(|| given(var("HOSTNAME")))
            .or_else(|| host.clone());
        let task = id.map(|id| {
            let id: Vec<char> = id.chars().filter(char::is_ascii_alphanumeric).collect();
            id[id.len().saturating_sub(TASK_LEN)..].iter().collect()
        });
        let ecs_task = task.as_ref().filter(|_| on_ecs);
        let instance = ecs_task.map(|task| format!("task {task}")).or(other);
        let host = host.map(|host| {
            let label = host.trim().split('.').next().unwrap_or_default();
            label.chars().filter(|&c| is_nick_character(c)).collect()
        });
        let some = |name: Option<String>| name.filter(|name| !name.is_empty());
        Self {
            nick,
            host: some(host),
            task: some(task),
            instance,
        }
    }
}

impl Nick {
    /// Reads `text` with its places; the error says what is wrong.
    pub(crate) fn parse(text: &str, own: &Surroundings) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (at, place) = ["{host}", "{task}", "{n}"]
                .into_iter()
                .filter_map(|place| Some((rest.find(place)?, place)))
                .min()
                .unwrap_or((rest.len(), ""));
            if at > 0 {
                parts.push(Part::Text(rest[..at].to_owned()));
            }
            let filled = |name: &Option<String>| match name {
                Some(name) => Ok(Part::Own(name.clone())),
                None => Err(format!(
                    "has a {place}, but this machine tells no name for it (set HOSTNAME)"
                )),
            };
            match place {
                "{host}" => parts.push(filled(&own.host)?),
                "{task}" => parts.push(filled(&own.task)?),
                "{n}" if parts.contains(&Part::Number) => {
                    return Err("has {n} twice".to_owned());
                }
                "{n}" => parts.push(Part::Number),
                _ => {}
            }
            rest = &rest[at + place.len()..];
        }
        Ok(Self(parts))
    }

    /// One that is the same everywhere.
    pub(crate) fn plain(text: &str) -> Self {
        Self(vec![Part::Text(text.to_owned())])
    }

    /// The same with `text` behind it.
    #[cfg(feature = "cli")]
    pub(crate) fn with(mut self, text: &str) -> Self {
        self.0.push(Part::Text(text.to_owned()));
        self
    }

    /// Whether it has a place for a number.
    pub(crate) fn is_numbered(&self) -> bool {
        self.0.contains(&Part::Number)
    }

    /// Bytes that are there whatever fills its places.
    pub(crate) fn fixed_len(&self) -> usize {
        let text = self.0.iter().map(|part| match part {
            Part::Text(text) => text.len(),
            Part::Own(_) | Part::Number => 0,
        });
        text.sum()
    }

    /// The nick within `longest` bytes, with `mark` in the place of the number
    /// or at the end.
    pub(crate) fn within(&self, longest: usize, mark: &str) -> String {
        let own = self.0.iter().map(|part| match part {
            Part::Own(name) => name.len(),
            Part::Text(_) | Part::Number => 0,
        });
        let (own, text): (usize, usize) = (own.sum(), self.fixed_len());
        // The first character of the text stays: a nick begins with a letter.
        let room = longest.saturating_sub(mark.len());
        let mut text_cut = (text + own)
            .saturating_sub(room)
            .min(text.saturating_sub(1));
        let mut own_cut = (text + own - text_cut).saturating_sub(room);
        let mut nick = String::new();
        let mut marked = false;
        // From the end of the texts, and from the beginning of names: hosts
        // and tasks differ at their ends.
        for part in &self.0 {
            match part {
                Part::Text(text) => {
                    let cut = text_cut.min(text.len().saturating_sub(usize::from(nick.is_empty())));
                    text_cut -= cut;
                    nick.extend(text.chars().take(text.len() - cut));
                }
                Part::Own(name) => {
                    let cut = own_cut.min(name.len());
                    own_cut -= cut;
                    nick.extend(name.chars().skip(cut));
                }
                Part::Number => {
                    nick.push_str(mark);
                    marked = true;
                }
            }
        }
        if !marked {
            nick.push_str(mark);
        }
        nick
    }
}

/// As it is where nothing is too long or taken.
impl fmt::Display for Nick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.is_numbered() { "1" } else { "" };
        f.write_str(&self.within(usize::MAX, mark))
    }
}

#[cfg(test)]
mod tests;
