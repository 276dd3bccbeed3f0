use super::*;

fn hide(requests: &[&str], pattern: Option<&str>) -> Hide {
    Hide {
        requests: requests
            .iter()
            .filter_map(|text| Request::parse(text))
            .collect(),
        pattern: pattern.map(|pattern| Regex::new(pattern).unwrap()),
    }
}

fn hides(hide: &Hide, level: Level, text: &str) -> bool {
    let mut record = Record::empty();
    record.level = level;
    record.text = text.to_owned();
    hide.hides(&record, &Scrubber::default())
}

#[test]
fn a_rule_says_nothing() {
    for rule in [" -----+----- ", "━━━━━", "======\n"] {
        assert!(hides(&Hide::default(), Level::Info, rule), "{rule}");
        assert!(!hides(&Hide::default(), Level::Error, rule), "{rule}");
    }
    for text in ["---", "-----BEGIN X-----", "", "+1"] {
        assert!(!hides(&Hide::default(), Level::Info, text), "{text}");
    }
}

#[test]
fn requests_are_known_in_the_lines_of_many_loggers() {
    let hide = hide(&["/health", "GET /metrics"], None);
    for text in [
        "127.0.0.1:60202 - \"GET /health HTTP/1.1\" 200 OK",
        "127.0.0.1 \"GET /health?deep=1 HTTP/1.1\" 200 2 \"-\" \"kube-probe\"",
        "GET /health 200 0.4 ms",
        "POST /health: status=200",
        "request completed method=GET path=/health status=204",
        "request completed req.method=GET req.url=/metrics res.statusCode=200",
        "done {\"method\":\"GET\",\"url\":\"http://shop:80/metrics\",\"status\":200}",
        "started processing request uri=/health",
        "\"GET http://127.0.0.1/health HTTP/1.1\" 200",
    ] {
        assert!(hides(&hide, Level::Info, text), "{text}");
        assert!(!hides(&hide, Level::Warn, text), "{text}");
        assert!(!hides(&hide, Level::Error, text), "{text}");
    }
    for text in [
        "127.0.0.1:60202 - \"GET /health HTTP/1.1\" 503 Service Unavailable",
        "method=GET path=/health status=500",
        "127.0.0.1:60202 - \"GET /healthy HTTP/1.1\" 200 OK",
        "127.0.0.1:60202 - \"GET /verify HTTP/1.1\" 200 \"http://shop/health\"",
        "127.0.0.1:60202 - \"POST /metrics HTTP/1.1\" 200 OK",
        "/health is where the checks go",
        "TARGET /health 200",
        "path=/metrics",
        "",
    ] {
        assert!(!hides(&hide, Level::Info, text), "{text}");
    }
}

#[test]
fn a_pattern_is_held_against_the_redacted_text_and_never_against_an_error() {
    let hide = hide(&[], Some("^heartbeat|tiger-lily"));
    assert!(hides(&hide, Level::Info, "heartbeat 7"));
    assert!(hides(&hide, Level::Warn, "heartbeat 7"));
    assert!(!hides(&hide, Level::Error, "heartbeat 7"));
    assert!(!hides(&hide, Level::Info, "no heartbeat"));
    assert!(
        !hides(&hide, Level::Info, "password=tiger-lily"),
        "nobody sees that"
    );
}

#[test]
fn a_request_has_a_path() {
    for text in ["/", "/health", "get /health", " GET  /a "] {
        assert!(Request::parse(text).is_some(), "{text}");
    }
    for text in ["", "health", "GET", "GET health", "/a /b", "G3T /a", "/a?b"] {
        assert_eq!(Request::parse(text), None, "{text}");
    }
    assert!(Request::parse("get /a").unwrap().is(Some("GET"), "/a?b=c"));
    assert!(!Request::parse("get /a").unwrap().is(None, "/a"));
}
