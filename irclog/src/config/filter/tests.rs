use log::{Level, Metadata};

use super::*;

fn refused(text: &str) -> String {
    let Misread { what, instead } = Directives::parse(text).expect_err(text);
    format!("{what}: {instead}")
}

#[test]
fn a_word_that_is_no_level_is_refused_with_the_level_that_was_meant() {
    for (text, meant) in [
        ("all", "did you mean trace?"),
        ("ALL", "did you mean trace?"),
        ("'info'", "did you mean info?"),
        ("inof", "did you mean info?"),
        ("warnings", "did you mean warn?"),
        ("err", "did you mean error?"),
        ("20", "did you mean info?"),
        ("none", "did you mean off?"),
        ("uvicorn", "for a target, uvicorn=info"),
        ("info,uvicorn", "for a target, uvicorn=info"),
        ("uvicorn=wran", "did you mean uvicorn=warn?"),
        ("uvicorn=loud", "write one of error, warn"),
        ("info=warn=debug", "write directives such as"),
        ("app[request{id=3}]=debug", "name a level, or a target"),
        ("", "write directives such as"),
        (" , ", "write directives such as"),
        ("/refused", "write directives such as"),
        ("info/(", "write directives such as"),
    ] {
        assert!(refused(text).contains(meant), "{text}: {}", refused(text));
    }
}

#[test]
fn a_blank_or_a_semicolon_is_told() {
    for text in [
        "info uvicorn=warn",
        "info;uvicorn=warn",
        "info; uvicorn=warn",
    ] {
        let told = refused(text);
        assert!(
            told.contains("comma") && told.contains("write info,uvicorn=warn"),
            "{told}"
        );
    }
    assert!(Directives::parse(" info , uvicorn = warn ").is_ok());
    assert!(Directives::parse("info/some text; and more").is_ok());
}

#[test]
fn names_of_levels_are_pythons_as_well() {
    for (text, least) in [
        ("warning", Level::Warn),
        ("WARNING", Level::Warn),
        ("critical", Level::Error),
        ("fatal", Level::Error),
        ("NOTSET", Level::Trace),
        ("off,svc=warning", Level::Warn),
        ("info", Level::Info),
    ] {
        let filter = Directives::parse(text).unwrap().filter();
        let shown = |level| {
            let metadata = Metadata::builder().level(level).target("svc").build();
            filter.enabled(&metadata)
        };
        for level in Level::iter() {
            assert_eq!(shown(level), level <= least, "{text} {level}");
        }
    }
}

#[test]
fn what_will_be_shown_is_said() {
    for (text, said) in [
        ("info", "INFO to ERROR"),
        ("warning", "WARN and ERROR"),
        ("off", "nothing"),
        ("info,hyper=warn", "INFO to ERROR, hyper: WARN and ERROR"),
        (
            "warn,a=off,b=trace",
            "WARN and ERROR, a: nothing, b: everything",
        ),
        ("svc=debug,x=error", "only svc: DEBUG to ERROR, x: ERROR"),
        (
            "info/settled",
            "INFO to ERROR, where the text matches \"settled\"",
        ),
        ("svc=info,svc=warn", "only svc: WARN and ERROR"),
    ] {
        assert_eq!(Directives::parse(text).unwrap().to_string(), said);
    }
}
