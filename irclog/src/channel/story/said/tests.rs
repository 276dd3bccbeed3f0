use super::*;

fn said(text: &str) -> Said {
    let mut record = Record::empty();
    record.text = text.to_owned();
    Said::of(&record)
}

const REVERTED: &str =
    "error=server returned: execution reverted: invalid signature, data: \"0x08c3\"";

#[test]
fn errors_are_the_same_where_one_has_all_of_the_other() {
    for (first, later, expected) in [
        (REVERTED, REVERTED, Some(Sameness::Nothing)),
        (
            REVERTED,
            "execution reverted: Invalid signature",
            Some(Sameness::Nothing),
        ),
        (
            "execution reverted: invalid signature",
            "settling failed error=execution reverted: invalid signature",
            Some(Sameness::Fuller),
        ),
        (
            "error sending request for url (https://rpc.example/)",
            "Settlement failed error=error sending request for url (https://rpc.example/): \
             429 Too Many Requests network=avalanche payment=Authorization { from: \
             0x2c3e…0a1b, to: 0x7d3a…9087, value: \"10000\", valid_before: 4102444800, \
             nonce: [redacted] }",
            Some(Sameness::Fuller),
        ),
        (
            "timed out after 30s",
            "timed out after 31s",
            Some(Sameness::Nothing),
        ),
        (
            "execution reverted: no funds",
            "reverted: no funds",
            Some(Sameness::Nothing),
        ),
        (
            "reverted: no funds",
            "payment 7: reverted: no funds",
            Some(Sameness::Fuller),
        ),
        // What is not the same stays.
        (
            "retry 1 failed: connection refused",
            "retry 2 failed: connection refused",
            None,
        ),
        ("payment failed, retry failed", "retry failed", None),
        ("timeout", "timeout of the whole settlement", None),
        ("nonce too low", "nonce too high", None),
        ("", "execution reverted", None),
        ("execution reverted", "", None),
    ] {
        let found = said(first).compare(&said(later), Like::Error);
        assert_eq!(found, expected, "{first:?} {later:?}");
    }
}

#[test]
fn an_error_with_a_dump_behind_it_is_its_own_record() {
    let long = format!("{REVERTED} body={}", "x ".repeat(MORE));
    assert_eq!(said(REVERTED).compare(&said(&long), Like::Error), None);
}

#[test]
fn what_is_less_urgent_repeats_with_four_words_of_five() {
    let wrapped = "Verification failed error=Verification(OnchainFailure(\"server returned: \
                   execution reverted: invalid signature, data: \\\"0x08c3\\\"\")) body={\"a\":1}";
    for (first, later, same) in [
        (REVERTED, wrapped, true),
        ("a b c d e", "x e d c b", true),
        ("a b c d e", "x y c d e", false),
        ("timeout", "request ended with a timeout", true),
        (
            "timeout",
            "order 17 of 3 items was cancelled after a timeout",
            false,
        ),
        (
            "connection refused",
            "refused: a connection too many",
            false,
        ),
        ("a b c d", "d c b a", true),
        ("timeout", "1 2 3 4 5 6 timeout", true),
        ("timeout", "1 2 3 4 5 6 7 timeout", false),
        ("", "a b", false),
    ] {
        let found = said(first).compare(&said(later), Like::Most);
        assert_eq!(found.is_some(), same, "{first:?} {later:?}");
    }
}

#[test]
fn a_text_is_fuller_by_so_much_and_compared_so_far() {
    let first = "reverted: no funds";
    for (more, same) in [(MORE, Some(Sameness::Fuller)), (MORE + 1, None)] {
        let later = format!("{first} {}", "x".repeat(more - 1));
        assert_eq!(said(first).compare(&said(&later), Like::Error), same);
    }
    for (words, same) in [(MOST_WORDS, true), (MOST_WORDS - 1, false)] {
        let [first, later] = ["a", "b"].map(|end| said(&("x ".repeat(words) + end)));
        assert_eq!(first.compare(&later, Like::Whole).is_some(), same);
    }
}
