//! Every setting, once: what reads, documents or offers settings takes it from
//! here.

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// In the environment. With `_FILE` at its end it names a file that the
    /// value is read from.
    pub name: &'static str,
    /// What a value may be.
    pub kind: Kind,
    /// What a value is called in `--help`: `HOST`.
    pub value: &'static str,
    /// What it is for, in Markdown, beginning small and without a full stop.
    pub meaning: &'static str,
    /// What holds where it is not given.
    pub default: Unset,
    /// A value as somebody might set it.
    pub example: &'static str,
    /// The method of the builder.
    pub setter: Option<&'static str>,
    /// Names that it had before, and that are still obeyed.
    pub aliases: &'static [&'static str],
    /// Names that people write instead, beyond what is only misspelt.
    pub near: &'static [&'static str],
    /// Whether the command line has an option for it.
    pub is_option: bool,
}

/// What a value may be, where that can be checked without knowing the setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// `true` or `false`, and their like.
    Flag,
    /// A number within bounds.
    Number {
        /// The least allowed.
        least: f64,
        /// The most allowed.
        most: f64,
        /// In the plural.
        unit: &'static str,
    },
    /// A whole number within bounds.
    Whole {
        /// The least allowed.
        least: usize,
        /// The most allowed.
        most: usize,
    },
    /// Several values, with commas between.
    List,
    /// Of a file or folder.
    Path,
    /// Never told, and better kept in a file.
    Secret,
    /// Of many lines, and better kept in a file.
    Document,
    /// Anything else: the check of this setting reads it.
    Text,
}

/// What holds where a setting is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// It has to be given.
    Required,
    /// Nothing.
    None,
    /// This value, as somebody might give it.
    Value(&'static str),
    /// This, in words.
    Words(&'static str),
}

const A_SECRET: Setting = Setting {
    kind: Kind::Secret,
    default: Unset::None,
    ..A_TEXT
};
const A_TEXT: Setting = Setting {
    name: "",
    kind: Kind::Text,
    value: "TEXT",
    meaning: "",
    default: Unset::None,
    example: "",
    setter: None,
    aliases: &[],
    near: &[],
    is_option: true,
};

/// Makes a static of each row, named as the setting is, and the table of all.
macro_rules! settings {
    ($($name:ident = { $($field:ident: $value:expr,)* ..$base:ident })*) => {
        $(#[allow(clippy::needless_update, reason = "a row may give every field")]
        pub(crate) static $name: Setting = Setting {
            name: stringify!($name),
            $($field: $value,)*
            ..$base
        };)*

        /// All settings, in the order in which they are told.
        pub static TABLE: &[&Setting] = &[$(&$name),*];
    };
}

settings! {
    IRC_SERVER = {
        value: "HOST",
        meaning: "the server: its host name or address, without a port",
        default: Unset::Required,
        example: "irc.dal.net",
        setter: Some("server"),
        near: &["IRC_HOST", "IRC_HOSTNAME", "IRC_ADDRESS", "IRC_SERVER_HOST", "IRC_NETWORK"],
        ..A_TEXT
    }
    IRC_CHANNEL = {
        value: "NAME",
        meaning: "the channel, in quotes: an unquoted `#` begins a comment in many files; several \
                  with a blank between, each with its own filter if need be: \
                  `#karmacadabra #alerts=error`",
        default: Unset::Required,
        example: "#karmacadabra",
        setter: Some("channel"),
        near: &["IRC_CHANNELS", "IRC_CHAN", "IRC_ROOM"],
        ..A_TEXT
    }
    IRC_NICK = {
        value: "NICK",
        meaning: "the nick, up to 30 characters; `{host}`, `{task}` (ECS) and `{n}` (the first \
                  free number) tell instances apart",
        default: Unset::Words("the program's name"),
        example: "facilitator-prod",
        setter: Some("nick"),
        near: &["IRC_NICKNAME", "IRC_NAME", "IRC_USER", "IRC_USERNAME"],
        ..A_TEXT
    }
    IRC_LOG = {
        value: "FILTER",
        meaning: "what goes to the channel: a level, and others by target",
        default: Unset::Value("info"),
        example: "info,hyper=warn",
        setter: Some("filter"),
        near: &["IRC_LEVEL", "IRC_LOG_LEVEL", "IRC_FILTER"],
        ..A_TEXT
    }
    IRC_HIDE_REQUESTS = {
        kind: Kind::List,
        value: "REQUESTS",
        meaning: "requests of which nothing below WARN is shown unless they failed, with commas \
                  between: a path, or a method and a path",
        example: "/health,GET /metrics",
        setter: Some("hide_requests"),
        near: &["IRC_HIDE_REQUEST", "IRC_HIDE_PATHS", "IRC_IGNORE_REQUESTS"],
        ..A_TEXT
    }
    IRC_HIDE = {
        value: "REGEX",
        meaning: "records that are not shown: what matches their redacted text; never an ERROR",
        example: "^heartbeat|cache (hit|miss)",
        setter: Some("hide"),
        near: &["IRC_IGNORE", "IRC_EXCLUDE", "IRC_HIDE_REGEX"],
        ..A_TEXT
    }
    IRC_DROP_FIELDS = {
        kind: Kind::List,
        value: "NAMES",
        meaning: "fields that are left out of what is shown, with commas between; a dot leads into \
                  an object",
        example: "body,req.headers",
        setter: Some("drop_fields"),
        near: &["IRC_DROP_FIELD", "IRC_HIDE_FIELDS", "IRC_OMIT_FIELDS"],
        ..A_TEXT
    }
    IRC_LINK_TRACE = {
        value: "URL",
        meaning: "the page of a trace, with `{trace_id}` in it: stands with each ERROR whose trace \
                  is known",
        example: "https://tempo.example/trace/{trace_id}",
        setter: Some("link_trace"),
        near: &["IRC_TRACE_URL", "IRC_TRACE_LINK", "IRC_LINK_TRACES"],
        ..A_TEXT
    }
    IRC_LINK_TX = {
        value: "URL",
        meaning: "the page of a transaction, with `{tx}` in it: stands with each record that shows \
                  one as `Public`",
        example: "https://blockscan.com/tx/{tx}",
        setter: Some("link_tx"),
        near: &["IRC_TX_URL", "IRC_TX_LINK", "IRC_LINK_TRANSACTION"],
        ..A_TEXT
    }
    IRC_CONTEXT = {
        kind: Kind::Whole { least: 0, most: crate::trail::MOST },
        value: "RECORDS",
        meaning: "how many earlier records of the same request may be shown with an ERROR, also \
                  those that the channel does not show by themselves",
        default: Unset::Value("0"),
        example: "12",
        setter: Some("context"),
        near: &["IRC_BREADCRUMBS", "IRC_CONTEXT_RECORDS", "IRC_CONTEXT_LINES", "IRC_BACKTRACE"],
        ..A_TEXT
    }
    IRC_CONTEXT_LOG = {
        value: "FILTER",
        meaning: "which records are kept for that, as in `IRC_LOG`",
        default: Unset::Words(
            "`info`, and `debug` of the program's own crate; under `run` and `pipe` `debug`",
        ),
        example: "info,my_crate=debug",
        setter: Some("context_filter"),
        near: &["IRC_CONTEXT_LEVEL", "IRC_CONTEXT_FILTER", "IRC_LOG_CONTEXT"],
        ..A_TEXT
    }
    IRC_PORT = {
        value: "PORT",
        meaning: "the server's port",
        default: Unset::Words("6697 with TLS, 6667 without"),
        example: "6697",
        setter: Some("port"),
        near: &["IRC_SERVER_PORT"],
        ..A_TEXT
    }
    IRC_TLS = {
        kind: Kind::Flag,
        value: "BOOL",
        meaning: "whether the connection is encrypted, and the certificate verified",
        default: Unset::Value("true"),
        example: "false",
        setter: Some("tls"),
        near: &["IRC_USE_TLS", "IRC_SSL", "IRC_USE_SSL", "IRC_SECURE"],
        ..A_TEXT
    }
    IRC_PROXY = {
        value: "URL",
        meaning: "the proxy that the way to the server goes through, `socks5://` or `http://` \
                  (CONNECT), with a name and password where it wants them; it looks the server's \
                  name up",
        example: "socks5://name:password@proxy.example:1080",
        setter: Some("proxy"),
        near: &["IRC_SOCKS", "IRC_SOCKS_PROXY", "IRC_HTTP_PROXY", "IRC_HTTPS_PROXY", "IRC_ALL_PROXY"],
        ..A_SECRET
    }
    IRC_BIND = {
        value: "ADDRESS",
        meaning: "the address of this host that connections come from",
        default: Unset::Words("what the system chooses"),
        example: "192.0.2.17",
        setter: Some("bind"),
        near: &["IRC_LOCAL_ADDRESS", "IRC_SOURCE", "IRC_BIND_ADDRESS", "IRC_VHOST"],
        ..A_TEXT
    }
    IRC_CA = {
        kind: Kind::Document,
        value: "PEM",
        meaning: "certificates of authorities, in PEM form, trusted beside the bundled ones",
        example: "-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----",
        setter: Some("ca"),
        near: &["IRC_CA_CERT", "IRC_TLS_CA", "IRC_SSL_CA", "IRC_CA_BUNDLE"],
        ..A_TEXT
    }
    IRC_TLS_PIN = {
        value: "SHA256",
        meaning: "SHA-256 of the server's certificate: trusted alone",
        example: "0F:8B:64:2B:92:A1:11:59:6C:2D:4D:31:29:B8:5E:C6:\
                  3D:4C:05:1B:77:0E:5A:C4:9D:52:1F:4B:A8:E3:60:7D",
        setter: Some("tls_pin"),
        near: &["IRC_PIN", "IRC_FINGERPRINT", "IRC_TLS_FINGERPRINT"],
        ..A_TEXT
    }
    IRC_CHANNEL_KEY = {
        value: "KEY",
        meaning: "the key of a `+k` channel; of several channels `#name=key`, with a blank \
                  between",
        example: "open-sesame",
        setter: Some("channel_key"),
        near: &["IRC_KEY", "IRC_CHANNEL_PASSWORD"],
        ..A_SECRET
    }
    IRC_PASSWORD = {
        value: "PASSWORD",
        meaning: "the account's password; goes by SASL or to proven services only, over TLS or to \
                  a private address",
        example: "correct-horse",
        setter: Some("password"),
        near: &["IRC_PASS", "IRC_NICK_PASSWORD", "IRC_NICKSERV_PASSWORD", "IRC_SASL_PASSWORD"],
        ..A_SECRET
    }
    IRC_ACCOUNT = {
        value: "NAME",
        meaning: "the account that `IRC_PASSWORD` or `IRC_CLIENT_CERT` proves",
        default: Unset::Words("the nick"),
        example: "facilitator",
        setter: Some("account"),
        near: &["IRC_SASL_USERNAME", "IRC_SASL_USER", "IRC_SASL_ACCOUNT", "IRC_LOGIN"],
        ..A_TEXT
    }
    IRC_CLIENT_CERT = {
        kind: Kind::Document,
        value: "PEM",
        meaning: "a certificate of our own, in PEM form: proves the account (SASL EXTERNAL)",
        example: "-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----",
        setter: Some("client_cert"),
        near: &["IRC_TLS_CERT", "IRC_CERT", "IRC_CLIENT_CERTIFICATE"],
        ..A_TEXT
    }
    IRC_CLIENT_KEY = {
        value: "PEM",
        meaning: "the key of `IRC_CLIENT_CERT`, in PEM form",
        example: "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        setter: Some("client_key"),
        near: &["IRC_TLS_KEY", "IRC_CERT_KEY", "IRC_CLIENT_CERT_KEY"],
        ..A_SECRET
    }
    IRC_SASL = {
        kind: Kind::List,
        value: "NAMES",
        meaning: "how the account may be proven by SASL, with commas between; the strongest of \
                  them that the server has is used. Without `PLAIN` the password itself is given \
                  to nobody, services included",
        default: Unset::Value("EXTERNAL,SCRAM-SHA-256,PLAIN"),
        example: "SCRAM-SHA-256",
        setter: Some("sasl"),
        near: &["IRC_SASL_MECHANISM", "IRC_SASL_MECHANISMS", "IRC_SASL_MECH", "IRC_AUTH"],
        ..A_TEXT
    }
    IRC_SERVICES = {
        value: "NICK@SERVER",
        meaning: "where the network's services take the nick's password",
        default: Unset::Words("what WHOIS proves"),
        example: "NickServ@services.dal.net",
        setter: Some("services"),
        near: &["IRC_NICKSERV", "IRC_SERVICE"],
        ..A_TEXT
    }
    IRC_SERVER_PASSWORD = {
        value: "PASSWORD",
        meaning: "the password of the server itself",
        example: "battery-staple",
        setter: Some("server_password"),
        near: &["IRC_SERVER_PASS"],
        ..A_SECRET
    }
    IRC_RATE = {
        kind: Kind::Number { least: 0.01, most: 1000.0, unit: "lines a second" },
        value: "LINES",
        meaning: "the most lines in any one second; the server may allow less",
        default: Unset::Value("2"),
        example: "0.5",
        setter: Some("rate"),
        near: &["IRC_RATE_LIMIT"],
        ..A_TEXT
    }
    IRC_MAX_LINES = {
        // A record of more lines hides all others for half a minute.
        kind: Kind::Whole { least: 1, most: 50 },
        value: "LINES",
        meaning: "the most lines of one record",
        default: Unset::Value("4"),
        example: "8",
        setter: Some("max_lines"),
        ..A_TEXT
    }
    IRC_MAX_AGE = {
        kind: Kind::Number { least: 1.0, most: 86_400.0, unit: "seconds" },
        value: "SECONDS",
        meaning: "seconds that a record may wait; what is older is only counted",
        default: Unset::Value("600"),
        example: "60",
        setter: Some("max_age"),
        ..A_TEXT
    }
    IRC_FORMATTING = {
        kind: Kind::Flag,
        value: "BOOL",
        meaning: "whether the tags of levels are bold and coloured",
        default: Unset::Value("true"),
        example: "false",
        setter: Some("formatting"),
        near: &["IRC_COLOR", "IRC_COLORS", "IRC_COLOUR"],
        ..A_TEXT
    }
    IRC_EXIT_TIMEOUT = {
        kind: Kind::Number { least: 0.0, most: 300.0, unit: "seconds" },
        value: "SECONDS",
        meaning: "seconds that the end of the process may wait for the channel",
        default: Unset::Value("5"),
        example: "2.5",
        setter: Some("exit_timeout"),
        near: &["IRC_TIMEOUT", "IRC_FLUSH_TIMEOUT"],
        ..A_TEXT
    }
    IRC_STOP_TIMEOUT = {
        kind: Kind::Number { least: 0.0, most: 86_400.0, unit: "seconds" },
        value: "SECONDS",
        meaning: "seconds that `irclog run` waits, after a signal, for what the program has \
                  started to end as well",
        default: Unset::Words("until all of it has ended"),
        example: "8",
        near: &["IRC_STOP", "IRC_KILL_TIMEOUT", "IRC_GRACE"],
        ..A_TEXT
    }
    IRC_STATE_DIR = {
        kind: Kind::Path,
        value: "PATH",
        meaning: "where the processes of a host tell each other when they connect, so that a \
                  server does not shut its door to all of them",
        default: Unset::Words("`irclog-<uid>` in the temporary folder"),
        example: "/var/lib/irclog",
        setter: Some("state_dir"),
        near: &["IRC_STATE", "IRC_STATE_DIRECTORY", "IRC_STATE_PATH"],
        ..A_TEXT
    }
    IRC_START_LINE = {
        kind: Kind::Flag,
        value: "BOOL",
        meaning: "whether the channel is told that the service has started, with `IRC_VERSION` and \
                  the task (ECS), pod or container, at most once a minute",
        default: Unset::Value("true"),
        example: "false",
        setter: Some("start_line"),
        near: &["IRC_START", "IRC_ANNOUNCE", "IRC_HELLO"],
        ..A_TEXT
    }
    IRC_VERSION = {
        value: "TEXT",
        meaning: "the service's version, for the line that it has started",
        example: "1.4.2",
        setter: Some("version"),
        near: &["IRC_APP_VERSION", "IRC_SERVICE_VERSION", "IRC_RELEASE"],
        ..A_TEXT
    }
    IRC_HEARTBEAT = {
        kind: Kind::Number { least: 0.0, most: 604_800.0, unit: "seconds" },
        value: "SECONDS",
        meaning: "seconds without a line after which the channel is told that the service is \
                  still there, and what it counted; `0`: never",
        default: Unset::Value("3600"),
        example: "600",
        setter: Some("heartbeat"),
        near: &["IRC_PRESENCE", "IRC_ALIVE", "IRC_KEEPALIVE"],
        ..A_TEXT
    }
    IRC_MUTE_FILE = {
        kind: Kind::Path,
        value: "PATH",
        meaning: "the channel is silent while this file exists",
        example: "/run/shop/quiet",
        setter: Some("mute_file"),
        ..A_TEXT
    }
    IRC_MUTE_SIGNAL = {
        value: "SIGNAL",
        meaning: "silence and speech by turns: `SIGUSR1`, `SIGUSR2`, `SIGHUP` or `SIGWINCH`",
        example: "SIGUSR2",
        setter: Some("mute_signal"),
        ..A_TEXT
    }
    IRC_SCRUB_RULES = {
        value: "REGEX => TEXT",
        meaning: "rules of yours for what is secret, `pattern => replacement`, one a line",
        example: "order-([0-9]+) => #",
        setter: Some("scrub_rule"),
        near: &["IRC_SCRUB_RULE"],
        ..A_TEXT
    }
    IRC_SCRUB_ALLOW = {
        kind: Kind::List,
        value: "NAMES",
        meaning: "names that announce no secret here, with commas between",
        example: "sort_key,cache_key",
        setter: Some("scrub_allow"),
        ..A_TEXT
    }
    IRC_SCRUB_PUBLIC = {
        kind: Kind::List,
        value: "NAMES",
        meaning: "names after which 32 bytes in hexadecimal are public, as the hash of a \
                  transaction, with commas between",
        example: "tx,tx_hash",
        setter: Some("scrub_public"),
        ..A_TEXT
    }
    IRC_SECRETS = {
        value: "VALUES",
        meaning: "values that are never shown, or names of variables that hold them, one a line",
        example: "DB_PASSWORD\nq8Zr2mKx7LpV",
        near: &["IRC_SECRET", "IRC_KNOWN_SECRETS", "IRC_MASK"],
        ..A_SECRET
    }
    IRC_SCRUB_WITHOUT = {
        kind: Kind::List,
        value: "CLASSES",
        meaning: "classes to leave alone, with commas between: `ip`, `email`, `address`, `iban`, \
                  `card`",
        example: "ip,email",
        setter: Some("scrub_without"),
        ..A_TEXT
    }
    IRC_SCRUB_TEE = {
        kind: Kind::Flag,
        value: "BOOL",
        meaning: "whether the console is scrubbed, too",
        default: Unset::Value("false"),
        example: "true",
        setter: Some("scrub_tee"),
        near: &["IRC_SCRUB_CONSOLE"],
        ..A_TEXT
    }
    IRC_ENABLED = {
        kind: Kind::Flag,
        value: "BOOL",
        meaning: "whether the channel is on: `true`/`1`/`yes`/`on` or `false`/`0`/`no`/`off`",
        default: Unset::Words("on when server and channel are set"),
        example: "false",
        setter: Some("enabled"),
        near: &["IRC_ENABLE", "IRC_ON", "IRC_DISABLED"],
        ..A_TEXT
    }
    IRC_TOKEN_KEY = {
        value: "KEY",
        meaning: "16 bytes or more: services that share it give equal values equal tokens",
        default: Unset::Words("random per process"),
        example: "4be1f5c08a924d06a17d3f6c2e9b8057",
        setter: Some("token_key"),
        aliases: &["IRCLOG_TOKEN_KEY"],
        // No typed value comes through a pipe.
        is_option: false,
        ..A_SECRET
    }
}

impl Setting {
    /// Whether it is better kept in a file, and the command line offers that.
    #[must_use]
    pub fn belongs_in_a_file(&self) -> bool {
        matches!(self.kind, Kind::Secret | Kind::Document)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    /// The table as README and the crate's documentation show it.
    fn markdown() -> String {
        let rows = TABLE.iter().map(|setting| {
            let default = match setting.default {
                Unset::Required => String::new(),
                Unset::None => "none ".into(),
                Unset::Value(value) => format!("`{value}` "),
                Unset::Words(words) => format!("{words} "),
            };
            let (name, meaning) = (setting.name, setting.meaning);
            format!("| `{name}` | {meaning} | {default}|\n")
        });
        let head = "| name | meaning | default |\n|---|---|---|\n".to_owned();
        std::iter::once(head).chain(rows).collect()
    }

    fn file(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    const REWRITE: &str = "IRCLOG_REWRITE=1 cargo test -p irclog --lib config::table";

    /// Compares what `path` says, or writes it where that was asked for.
    fn hold(path: &str, wanted: &str) {
        let is = fs::read_to_string(file(path)).unwrap_or_default();
        if is == wanted {
            return;
        }
        if std::env::var_os("IRCLOG_REWRITE").is_some() {
            fs::write(file(path), wanted).unwrap();
        } else {
            panic!("{path} is behind the table of settings: {REWRITE}");
        }
    }

    #[test]
    fn the_documentation_has_this_table() {
        hold("src/config/settings.md", &markdown());
    }

    #[test]
    fn readme_has_this_table() {
        let readme = fs::read_to_string(file("../README.md")).unwrap();
        let begin = readme.find("| name | meaning |").expect("a table");
        let end = begin + readme[begin..].find("\n\n").expect("an end") + 1;
        let wanted = format!("{}{}{}", &readme[..begin], markdown(), &readme[end..]);
        hold("../README.md", &wanted);
    }

    /// The documentation of a method in the builder's source.
    fn documentation(setter: &str) -> Option<String> {
        let source = include_str!("../builder.rs");
        let at = source
            .find(&format!("pub fn {setter}(mut self"))
            .or_else(|| source.find(&format!("pub fn {setter}(\n        mut self")))?;
        let lines = source[..at].trim_end().lines().rev();
        let comment = lines.take_while(|line| line.trim_start().starts_with("///"));
        let words: Vec<&str> = comment
            .map(|line| line.trim_start().trim_start_matches("///").trim())
            .collect();
        Some(words.into_iter().rev().collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn every_setter_tells_its_variable_and_its_default() {
        for setting in TABLE {
            let Some(setter) = setting.setter else {
                continue;
            };
            let text = documentation(setter).unwrap_or_else(|| panic!("no .{setter}()"));
            let variable = format!("`{}`", setting.name);
            assert!(text.contains(&variable), ".{setter}(): no {variable}");
            let default = match setting.default {
                Unset::Required => continue,
                Unset::None => "Defaults to none".into(),
                Unset::Value(value) => format!("Defaults to `{value}`"),
                Unset::Words(words) => format!("Defaults to {words}"),
            };
            assert!(text.contains(&default), ".{setter}(): no {default:?}");
        }
    }

    #[test]
    fn rows_are_whole_and_their_names_stand_once() {
        let mut seen = BTreeSet::new();
        for setting in TABLE {
            let name = setting.name;
            assert!(seen.insert(name), "{name} twice");
            assert!(
                !setting.value.is_empty() && !setting.example.is_empty(),
                "{name}"
            );
            assert!(
                !setting.meaning.is_empty() && !setting.meaning.ends_with('.'),
                "{name}"
            );
        }
        let others = |setting: &&'static Setting| setting.near.iter().chain(setting.aliases);
        for near in TABLE.iter().flat_map(others) {
            assert!(seen.insert(near), "{near} twice");
        }
    }
}
