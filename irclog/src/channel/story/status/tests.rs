use super::*;
use crate::record::{StoryId, Within};

fn record(context: &str, text: &str) -> Record {
    let mut record = Record::empty();
    record.text = format!("{context}{text}");
    record.within = (!context.is_empty()).then_some(Within {
        story: StoryId(1),
        span: "",
        text: context.len(),
    });
    record
}

fn told(text: &str) -> Option<String> {
    let status = of(&record("POST /verify: ", text), |_| false);
    status.map(|status| status.to_string())
}

#[test]
fn a_status_is_what_services_write_for_it() {
    for (text, status) in [
        ("status=500 elapsed=3ms", "500 in 3 ms"),
        (
            "finished processing request latency=12 ms status=503",
            "503 in 12 ms",
        ),
        (
            "response failed classification=Status code: 500 Internal Server Error latency=3 ms",
            "500 in 3 ms",
        ),
        ("POST /verify status_code=422 duration_ms=7", "422 in 7 ms"),
        ("{\"status\": 404, \"elapsed\": \"0.25s\"}", "404 in 250 ms"),
        ("http.status_code=400", "400"),
        ("status=400 elapsed=0ms", "400 in 0 ms"),
    ] {
        assert_eq!(told(text).as_deref(), Some(status), "{text}");
    }
}

#[test]
fn what_says_more_is_no_status() {
    for text in [
        "order 17 cancelled, payer told, status=500",
        "status=ok",
        "status=5000",
        "status=0500",
        "status=600",
        "status=099",
        &"status=500 ".repeat(24),
        "status of 500 orders",
        "Verification failed: invalid signature status=400 body={\"a\":1}",
        "",
    ] {
        assert_eq!(told(text), None, "{text}");
    }
}

#[test]
fn it_stands_behind_the_request() {
    let status = Status {
        code: 500,
        took: Some(Duration::from_millis(3)),
    };
    for (context, text, whole) in [
        ("POST /verify: ", "late", "POST /verify 500 in 3 ms: late"),
        (
            "POST /verify payer=0x1 > check: ",
            "late",
            "POST /verify 500 in 3 ms payer=0x1 > check: late",
        ),
        (
            "settle order=7: ",
            "late",
            "settle order=7 500 in 3 ms: late",
        ),
        ("", "GET /x: late", "GET /x 500 in 3 ms: late"),
    ] {
        let mut record = record(context, text);
        let end = record.text.len();
        record.public.push(end - 2..end);
        assert!(status.insert_into(&mut record), "{context}");
        assert_eq!(record.text, whole);
        assert_eq!(&record.text[record.public[0].clone()], "te");
    }
    assert!(!status.insert_into(&mut record("", "late request_id=7")));
    assert!(!status.insert_into(&mut record("", "CONNECTED /x: late")));
}

#[test]
fn what_is_public_stays_so_to_the_byte_and_the_text_begins_behind_it() {
    let status = Status {
        code: 500,
        took: None,
    };
    let mut record = record("POST /verify payer=0x1: ", "late");
    let path = "POST ".len().."POST /verify".len();
    // Before the place, across it, at it, and behind it.
    let at = path.end..path.end + " payer".len();
    record.public = vec![path.clone(), path.start..path.end + 5, at, 19..22];
    assert!(status.insert_into(&mut record));
    assert_eq!(record.text, "POST /verify 500 payer=0x1: late");
    let public = record.public.iter().cloned();
    let public: Vec<&str> = public.map(|span| &record.text[span]).collect();
    assert_eq!(public, ["/verify", "/verify", " payer", "0x1"]);
    assert_eq!(&record.text[record.within.unwrap().text..], "late");
}

#[test]
fn a_request_fails_from_400_on() {
    for (code, is_failure) in [(399, false), (400, true)] {
        assert_eq!(Status { code, took: None }.is_failure(), is_failure);
    }
}
