//! A failed request beside OpenTelemetry's layer.

use irclog_tests::SOON;
use irclog_tests::process::Program;

#[test]
fn a_failed_request_is_one_line_that_names_its_trace() {
    let done = Program::example("traced").run(SOON);
    assert!(done.status.success(), "{done:#?}");
    let find = |begin| (done.stdout.iter()).find_map(|line| line.strip_prefix(begin));
    let trace: &str = find("the trace is ").expect("the service knows its trace");
    let lines: Vec<&str> = (done.stdout.iter())
        .filter_map(|line| line.strip_prefix("channel │ "))
        .collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains("POST /verify 500 in "), "{lines:#?}");
    assert!(
        lines[0].contains("execution reverted: FiatTokenV2: invalid signature ×3: "),
        "{lines:#?}"
    );
    assert_eq!(trace.len(), 32);
    assert!(
        lines[0].ends_with(&format!(" trace={}", &trace[..8])),
        "{trace} {lines:#?}"
    );
}
