use super::*;

fn taken(line: &str) -> Option<(Option<Level>, String, String)> {
    let head = head(line, &DropFields::default())?;
    let target = head.target.unwrap_or_default().into_owned();
    Some((head.level, target, head.text.into_owned()))
}

#[test]
fn schemas_are_read() {
    let table = [
        (
            r#"{"level":30,"time":1763820130123,"pid":7,"hostname":"a1","name":"pay","msg":"settled","ms":12}"#,
            Level::Info,
            "pay",
            "settled ms=12",
        ),
        (
            r#"{"severity":"WARNING","message":"slow RPC","logger":"rpc.pool"}"#,
            Level::Warn,
            "rpc.pool",
            "slow RPC",
        ),
        (
            r#"{"event":"refused","level":"error","timestamp":"2026-01-31T23:59:59Z","reason":"too late"}"#,
            Level::Error,
            "",
            "refused reason=\"too late\"",
        ),
        (
            r#"{"asctime":"2026-01-31 23:59:59,123","levelname":"CRITICAL","name":"shop","message":"out of gas"}"#,
            Level::Error,
            "shop",
            "out of gas",
        ),
        (
            r#"{"timestamp":"2026-01-31T23:59:59Z","level":"INFO","fields":{"message":"done","status":200},"target":"pay::api","span":{"name":"settle"},"spans":[{"method":"POST","uri":"/settle","name":"http_request"},{"id":7,"name":"settle"}]}"#,
            Level::Info,
            "pay::api",
            "POST /settle settle id=7: done status=200",
        ),
        (
            r#"{"level":"info","msg":"paid","amount":123456789012345678901234567890,"to":{"id":1}}"#,
            Level::Info,
            "",
            "paid amount=123456789012345678901234567890 to={\"id\":1}",
        ),
        (
            r#"{"Level":"Error","Message":"boom","exc_info":"Traceback (most recent call last):\n  x\nValueError: y"}"#,
            Level::Error,
            "",
            "boom\nTraceback (most recent call last):\n  x\nValueError: y",
        ),
        (
            r#"{"log.level":"debug","log.logger":"db","message":"a\tb","level":{"odd":1}}"#,
            Level::Debug,
            "db",
            "a\tb level={\"odd\":1}",
        ),
    ];
    for (line, level, target, text) in table {
        let expected = (Some(level), target.to_owned(), text.to_owned());
        assert_eq!(taken(line), Some(expected), "{line}");
    }
}

#[test]
fn what_is_nested_is_found() {
    use Level::{Debug, Error, Info};
    let table = [
        // Elastic
        (
            r#"{"@timestamp":"x","log":{"level":"error","logger":"shop.pay"},"message":"late","ecs":{"version":"1.6.0"},"error":{"type":"ValueError","message":"nonce","stack_trace":"  File \"a.py\", line 8, in pay\n"}}"#,
            Error,
            "shop.pay",
            "late\nValueError: nonce\n  File \"a.py\", line 8, in pay",
        ),
        // Serilog
        (
            r#"{"@t":"x","@mt":"Order {Id:0} of {@Payer} failed","@l":"Error","@x":"System.LateException: nonce\n   at Pay","Id":7,"Payer":"ana","SourceContext":"Shop.Pay","Shard":1}"#,
            Error,
            "Shop.Pay",
            "Order 7 of ana failed Shard=1\nSystem.LateException: nonce\n   at Pay",
        ),
        // loguru
        (
            r#"{"text":"x | ERROR | late\nTraceback (most recent call last):\n  y\nValueError: z\n","record":{"level":{"icon":"x","name":"ERROR","no":40},"message":"late","name":"shop.pay","extra":{"order":7}}}"#,
            Error,
            "shop.pay",
            "late\nTraceback (most recent call last):\n  y\nValueError: z",
        ),
        // pino
        (
            r#"{"level":50,"err":{"type":"AxiosError","message":"403","stack":"AxiosError: 403\n    at settle (pay.js:1:2)","config":{"url":"x"},"code":"BAD"},"msg":"refused"}"#,
            Error,
            "",
            "refused\nAxiosError: 403 code=BAD config={…}\n    at settle (pay.js:1:2)",
        ),
        // structlog
        (
            r#"{"event":"late","level":"error","exception":[{"exc_type":"ValueError","exc_value":"nonce","frames":[{"filename":"a.py","lineno":8,"name":"pay","locals":{"key":"x"}}]}]}"#,
            Error,
            "",
            "late\nTraceback (most recent call last):\n  File \"a.py\", line 8, in pay\nValueError: nonce",
        ),
        // MongoDB
        (
            r#"{"t":{"$date":"x"},"s":"E","c":"NETWORK","msg":"late"}"#,
            Error,
            "",
            "late c=NETWORK",
        ),
        (
            r#"{"severity":{"name":"DEBUG"},"message":"a"}"#,
            Debug,
            "",
            "a",
        ),
        (
            r#"{"severity":"notset","level":"info","message":"a"}"#,
            Info,
            "",
            "a severity=notset",
        ),
        (
            r#"{"level":"error","msg":"half \ud83d of \ud83d\ude80 \\ud83d"}"#,
            Error,
            "",
            "half \u{fffd} of 🚀 \\ud83d",
        ),
    ];
    for (line, level, target, text) in table {
        let expected = (Some(level), target.to_owned(), text.to_owned());
        assert_eq!(taken(line), Some(expected), "{line}");
    }
}

#[test]
fn fields_are_left_out_by_name_and_path() {
    let drop = DropFields::named(["Body", "req.headers", "a.b.c"]);
    let line = r#"{"level":"info","msg":"paid","body":"x","fields":{"body":"y","ms":7},"req":{"id":1,"headers":{"a":"b"},"url":"/pay"},"a":{"b":{"c":1,"d":"é\n"},"c":2},"headers":"z"}"#;
    let head = head(line, &drop).expect("a record");
    assert_eq!(
        head.text,
        r#"paid a={"b":{"d":"é\n"},"c":2} headers=z ms=7 req={"id":1,"url":"/pay"}"#
    );
}

#[test]
fn a_stack_may_be_left_out_as_well() {
    let drop = DropFields::named(["stack"]);
    let line = r#"{"level":"error","msg":"late","stack":"Error: late\n    at pay (a.js:1:2)"}"#;
    assert_eq!(head(line, &drop).expect("a record").text, "late");
}

#[test]
fn what_is_long_comes_last() {
    let long = "the node is down ".repeat(10);
    let line = format!(r#"{{"level":"error","msg":"late","body":"{long}","status":502}}"#);
    let expected = format!("late status=502 body=\"{long}\"");
    assert_eq!(taken(&line).map(|(_, _, text)| text), Some(expected));
}

#[test]
fn an_object_that_is_no_record_is_left() {
    for line in [
        "{}",
        "{",
        r#"{"amount":1}"#,
        r#"{"level":"loud"}"#,
        r#"{"msg":1}"#,
        r#"{"msg":"a"} b"#,
        r#"{"msg":"a""#,
        "{not json}",
        r#"[{"msg":"a"}]"#,
    ] {
        assert_eq!(taken(line), None, "{line}");
    }
}

#[test]
fn a_message_alone_is_a_record_without_a_level() {
    let expected = (None, String::new(), "hello".to_owned());
    assert_eq!(taken(r#"{"msg":"hello"}"#), Some(expected));
}
