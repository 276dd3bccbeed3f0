//! Properties that hold for any text.

use proptest::prelude::*;

use super::*;
use crate::redact::scrubber::grammar::{PIECES, text_of};

/// Texts that are likely to touch a rule: pieces of what rules look for,
/// glued at random.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(PIECES).prop_map(str::to_owned),
        // Groups of digits, words of a wallet, a name and its value.
        "([a-f0-9]{2}[: -]){4,20}",
        "([a-f0-9]{4}[: ]){4,12}",
        "[23][0-9a-f]{3}(:[0-9a-f]{1,4}){1,7}",
        "([A-Z0-9]{4,8}-){3,6}",
        "((garden|ocean|walnut|zebra|at|1)[ ,.]{1,3}){5,12}",
        "[a-z]{0,5}[_-]?(key|Token|SECRET|pass|Auth|id|pw|app)[_-]?[A-Za-z0-9]{0,6}(=| |: |\\\")[a-zA-Z0-9]{0,24}",
        "(sk-|rk_|/ghp_|-)[A-Za-z-]{4,16}",
        // Paths, hosts and names with joins.
        "[./-]?([a-z]{2,9}[-_./+]){1,5}([a-z]{1,9}|[a-z]?[0-9]{1,14})?",
        "([a-z]{1,9}[-_.][0-9a-f]{0,9}[-_./]){1,4}",
        "[A-Z]?[a-z]{1,8}[A-Z0-9]{1,24}",
        "[0-9]{1,12}[./-][0-9A-Za-z/.-]{0,12}",
        " {1,70}",
        "[a-f0-9]{1,70}",
        "[A-Za-z0-9]{1,40}",
        "[1-9A-HJ-NP-Za-km-z]{32,90}",
        "\\PC{0,6}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// A text and ranges of it on character boundaries, ordered and disjoint.
fn marked() -> impl Strategy<Value = (String, Vec<PublicSpan>)> {
    (
        texts(),
        prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    )
        .prop_map(|(text, cuts)| {
            let boundaries: Vec<usize> = (0..=text.len())
                .filter(|&at| text.is_char_boundary(at))
                .collect();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| *cut.get(&boundaries)).collect();
            cuts.sort_unstable();
            let spans = cuts
                .chunks_exact(2)
                .filter(|pair| pair[0] < pair[1])
                .map(|pair| pair[0]..pair[1])
                .collect();
            (text, spans)
        })
}

fn spans(text: &str, gated: bool) -> Vec<(usize, usize, Class)> {
    spans_by(text, gated, |_, _| {})
}

/// As [`spans`], with a survey that was taken `again`.
fn spans_by(
    text: &str,
    gated: bool,
    again: impl Fn(&mut Survey, &[u8]),
) -> Vec<(usize, usize, Class)> {
    let mut buffer = ViewBuffer::default();
    let mut survey = Survey::default();
    let view = View::of(text, &mut buffer, &mut survey);
    again(&mut survey, view.bytes);
    let mut found = Vec::new();
    let names = Names::default();
    let mut scan = Scan::new(view, &survey, &mut found, &names);
    scan.gated = gated;
    scan.run();
    found
        .iter()
        .map(|span| (span.start, span.end, span.class))
        .collect()
}

/// The ways to take a survey that this machine knows, apart from which of them
/// it prefers.
const PATHS: &[fn(&mut Survey, &[u8])] = &[
    |survey, bytes| {
        survey.take_portably(bytes, |_| true);
    },
    // Where the machine lacks it, its own tests say so.
    #[cfg(target_arch = "x86_64")]
    |survey, bytes| {
        crate::redact::survey::x86::avx2::survey(survey, bytes, |_| true);
    },
];

/// Whether the gates, on machines of any kind, change nothing about `text`.
fn assert_gates_change_nothing(text: &str) {
    let all = spans(text, false);
    assert_eq!(spans(text, true), all, "{text:?}");
    for path in PATHS {
        assert_eq!(spans_by(text, true, path), all, "{text:?}");
    }
}

/// What an empty vault and no rule find.
fn scrubber() -> Scrubber {
    Scrubber::default().vault(Arc::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_replaced_is_ordered_and_all_that_changes((text, public) in marked()) {
        let scrubber = scrubber();
        let mut rest = &text[..];
        let mut rebuilt = String::new();
        let mut at = 0;
        for found in scrubber.explain(&text, &public) {
            prop_assert!(at <= found.range.start && found.range.start < found.range.end);
            rebuilt.push_str(&text[at..found.range.start]);
            rebuilt.push_str(&found.replacement);
            at = found.range.end;
            rest = &text[at..];
        }
        rebuilt.push_str(rest);
        prop_assert_eq!(scrubber.scrub(&text, &public).into_string(), rebuilt);
    }

    #[test]
    fn public_bytes_are_shown_as_they_are((text, public) in marked()) {
        for found in scrubber().explain(&text, &public) {
            for shown in &public {
                prop_assert!(
                    found.range.end <= shown.start || shown.end <= found.range.start,
                    "{found:?} replaces bytes of {shown:?}"
                );
            }
        }
    }

    #[test]
    fn the_gates_change_nothing(text in texts()) {
        assert_gates_change_nothing(&text);
    }

    #[test]
    fn bytes_of_any_kind_do_no_harm(text in any::<String>()) {
        let once = scrubber().scrub(&text, &[]).into_string();
        scrubber().scrub(&once, &[]);
    }

    #[test]
    fn a_known_value_never_gets_through(
        before in texts(),
        after in texts(),
        value in "[A-Za-z0-9+/!-]{12,40}",
    ) {
        let vault = Arc::new(Vault::default());
        vault.register("mine", &value);
        let text = format!("{before}\u{1}{value} {after}");
        let shown = Scrubber::default().vault(vault).scrub(&text, &[]).into_string();
        prop_assert!(!shown.contains(&value), "{text:?} was shown as {shown:?}");
    }
}

/// The gates against the full scan on the texts of a corpus: JSON lines with
/// `text`, named by `IRCLOG_CORPUS`. Whole, and cut where it hurts.
#[test]
#[ignore = "asks for a corpus"]
fn the_gates_change_nothing_on_a_corpus() {
    let path = std::env::var("IRCLOG_CORPUS").expect("IRCLOG_CORPUS names a corpus");
    let corpus = std::fs::read_to_string(path).expect("IRCLOG_CORPUS names a readable file");
    let mut texts = 0;
    for line in corpus.lines() {
        let sample: serde_json::Value = serde_json::from_str(line).expect("a JSON object a line");
        let text = sample["text"].as_str().expect("a text");
        let half: String = text.chars().take(text.chars().count() / 2).collect();
        for text in [text, &half, &format!("{text} (and on)")] {
            assert_gates_change_nothing(text);
            texts += 1;
        }
    }
    assert!(texts > 0, "a corpus without texts proves nothing");
}

/// The texts of the fuzz target's grammar for so many seeds, and what becomes
/// of each once and twice.
fn scrubbed_twice(seeds: std::ops::Range<u64>) -> impl Iterator<Item = [String; 3]> {
    let scrubber = scrubber();
    seeds.map(move |seed| {
        let mut random = fastrand::Rng::with_seed(seed);
        let pieces = u8::try_from(PIECES.len()).expect("a piece is a byte");
        let bytes: Vec<u8> = (0..random.usize(1..24))
            .map(|_| match random.u8(..8) {
                0 => random.u8(..),
                _ => random.u8(..pieces),
            })
            .collect();
        let text = text_of(&bytes);
        let once = scrubber.scrub(&text, &[]).into_string();
        let twice = scrubber.scrub(&once, &[]).into_string();
        [text, once, twice]
    })
}

/// Of a thousand texts so many may still come out otherwise the second time,
/// all of them with more masked, never less.
const MAY_DIFFER: usize = 3;

#[test]
fn scrubbing_twice_is_scrubbing_once() {
    // As many as are asked for, to look further.
    let texts =
        std::env::var("IRCLOG_TEXTS").map_or(2_000, |texts| texts.parse().expect("a number"));
    let mut differ = 0;
    for [text, once, twice] in scrubbed_twice(0..texts) {
        if once != twice {
            differ += 1;
            println!("{text:?}\nonce  {once:?}\ntwice {twice:?}\n");
        }
    }
    println!("{differ} of {texts} texts come out otherwise the second time");
    assert!(differ * 1_000 <= MAY_DIFFER * usize::try_from(texts).expect("a count"));
}

#[test]
fn a_mark_of_ours_is_no_value() {
    for text in [
        r#"token="sk-[REDACTED]" ok"#,
        "Authorization: Basic [JWT]",
        "sent Bearer [REDACTED] twice",
        "Bearer ghp_[REDACTED], 7",
        "ghp_Authorization: [REDACTED]",
        "[MNEMONIC]: restored ok",
        "mysql -u ana -p[REDACTED] -h db",
        "redis-cli -a [REDACTED] ping",
        "password=[ENV:DB_PASSWORD] token='[REDACTED]'",
        "secret, 8.[IP] and [CARD] [CARD] [CARD] [CARD] [CARD] [CARD] [CARD] [CARD] [CARD]",
        "by [EMAIL]@example.org, k=[[BYTES]], signer_key=0x[REDACTED_KEY]",
        "identify [PEM]",
    ] {
        assert_eq!(scrub_by_patterns(text), text);
    }
    assert_eq!(
        scrub_by_patterns("DE75512108001245126199-----BEGIN PRIVATE KEY----- MHc"),
        "[IBAN][PEM]"
    );
}
