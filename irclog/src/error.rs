//! What can be wrong at start-up, written for the person who must mend it.

use std::fmt;

/// A setting that is wrong: which one, what is wrong, what to write instead.
///
/// ```
/// let refused = irclog::builder().server("irc.dal.net").channel("#ops").rate(-1.0).try_init();
/// let Err(irclog::InitError::Settings(problems)) = refused else { panic!() };
/// assert_eq!(problems[0].setting(), ".rate()");
/// assert!(problems[0].to_string().contains("write a number"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(crate) setting: String,
    pub(crate) what: String,
    pub(crate) instead: String,
}

impl Problem {
    pub(crate) fn new(
        setting: impl Into<String>,
        what: impl Into<String>,
        instead: impl Into<String>,
    ) -> Self {
        Self {
            setting: setting.into(),
            what: what.into(),
            instead: instead.into(),
        }
    }

    /// The name of the setting, as the user wrote it: `IRC_PORT`, `.port()`.
    ///
    /// ```
    /// let refused = irclog::builder().server("irc.dal.net").channel("#ops").nick("9").try_init();
    /// let Err(irclog::InitError::Settings(problems)) = refused else { panic!() };
    /// assert_eq!(problems[0].setting(), ".nick()");
    /// ```
    #[must_use]
    pub fn setting(&self) -> &str {
        &self.setting
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.setting, self.what, self.instead)
    }
}

impl std::error::Error for Problem {}

/// Why irclog could not be installed as asked.
///
/// `Display` writes every problem on a line of its own.
///
/// ```no_run
/// use irclog::InitError;
///
/// match irclog::try_init() {
///     Ok(_) => {}
///     Err(InitError::Settings(problems)) => {
///         for problem in problems {
///             eprintln!("{}: {problem}", problem.setting());
///         }
///     }
///     Err(error) => eprintln!("{error}"),
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum InitError {
    /// One or more settings are wrong. All of them are listed.
    Settings(Vec<Problem>),
    /// The process has a logger already, and `log` accepts only one.
    LoggerInstalled,
    /// irclog is the process's logger already, so a layer would show the same
    /// lines once more, under a second nick.
    AlreadyInstalled,
    /// The background thread could not be started.
    Thread(std::io::Error),
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(problems) => {
                for (n, problem) in problems.iter().enumerate() {
                    if n > 0 {
                        f.write_str("\n")?;
                    }
                    write!(f, "{problem}")?;
                }
                Ok(())
            }
            Self::LoggerInstalled => f.write_str(
                "another logger is installed already, and a process has only one: \
                 call irclog first and give it the other one to tee into, \
                 irclog::from_env().tee(other_logger).try_init(), instead of other_logger's own \
                 init(); if the other one is that of a tracing subscriber, whose events do not \
                 come through `log`, add irclog to the subscriber instead: \
                 registry().with(irclog::layer()), with irclog's feature `tracing`",
            ),
            Self::AlreadyInstalled => f.write_str(
                "irclog::init() was called in this process before, and a layer beside it would \
                 show lines twice: leave init() out, the subscriber's own init() brings the \
                 records of `log` to the layer as well",
            ),
            Self::Thread(error) => write!(
                f,
                "the thread that talks to IRC could not be started ({error}): raise the limit of \
                 threads, memory or open files of this process; logging to the console goes on"
            ),
        }
    }
}

impl std::error::Error for InitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Thread(error) => Some(error),
            Self::Settings(_) | Self::LoggerInstalled | Self::AlreadyInstalled => None,
        }
    }
}
