//! Whatever the secret, the output is the same: nothing about it can be read
//! from what is printed.

#![allow(
    dead_code,
    reason = "fields that are hidden are never read: that is what is tested"
)]

use irclog::{Keep, Redact, Secret, Token};
use proptest::collection::vec;
use proptest::prelude::*;

/// One field in every mode that hides it whole.
#[derive(Redact)]
struct Hidden<T> {
    #[redact]
    alone: T,
    #[redact(secret, label = "key")]
    labelled: Option<T>,
    #[redact(skip)]
    skipped: T,
    #[redact(with = hide)]
    with: T,
    wrapped: Secret<T>,
    list: Vec<Secret<T>>,
}

fn hide<T>(_: &T, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    f.write_str("***")
}

#[derive(Redact)]
enum Which<T> {
    #[redact(name)]
    A(T),
    #[redact(name)]
    B { other: T },
}

#[derive(Redact)]
#[redact(all = secret)]
struct All<T>(T, u64);

#[derive(Redact)]
struct HiddenLocally<T> {
    #[redact(secret, local)]
    user: T,
}

const HIDDEN: &str = "Hidden { alone: [redacted], labelled: [redacted key], with: ***, \
                      wrapped: [redacted], list: [[redacted]] }";

const HIDDEN_PRETTY: &str = "Hidden {
    alone: [redacted],
    labelled: [redacted key],
    with: ***,
    wrapped: [redacted],
    list: [
        [redacted],
    ],
}";

fn prints_nothing_of<T: Clone + std::fmt::Debug>(
    secret: &T,
    width: usize,
    precision: usize,
) -> Result<(), TestCaseError> {
    let hidden = Hidden {
        alone: secret.clone(),
        labelled: Some(secret.clone()),
        skipped: secret.clone(),
        with: secret.clone(),
        wrapped: Secret::new(secret.clone()),
        list: vec![Secret::new(secret.clone())],
    };
    prop_assert_eq!(format!("{hidden:?}"), HIDDEN);
    prop_assert_eq!(format!("{hidden:width$.precision$?}"), HIDDEN);
    prop_assert_eq!(format!("{hidden:#x?}"), HIDDEN_PRETTY);
    let (a, b) = (
        Which::A(secret.clone()),
        Which::B {
            other: secret.clone(),
        },
    );
    prop_assert_eq!(format!("{a:?}{b:#?}"), "[redacted][redacted]");
    let all = All(secret.clone(), width as u64);
    prop_assert_eq!(format!("{all:?}"), "All([redacted], [redacted])");
    let local = HiddenLocally {
        user: secret.clone(),
    };
    prop_assert_eq!(format!("{local:?}"), "HiddenLocally { user: [redacted] }");
    let secret = Secret::new(secret.clone());
    prop_assert_eq!(
        format!("{secret} {secret:>width$.precision$} {secret:#?} {secret:+010.1}"),
        "[redacted] [redacted] [redacted] [redacted]"
    );
    Ok(())
}

/// Text of any kind: any characters, and look-alikes of secrets.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        vec(any::<char>(), 0..80).prop_map(String::from_iter),
        "[0-9a-f]{0,64}",
        "[\\-\\._:/@ \\[\\]{}\"]{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        // A failing case belongs into a test of its own, not into a file.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn text_tells_nothing(secret in text(), width in 0..200_usize, precision in 0..200_usize) {
        prints_nothing_of(&secret, width, precision)?;
        prints_nothing_of(&secret.chars().next(), width, precision)?;
        prints_nothing_of(&secret.split(' ').map(str::to_owned).collect::<Vec<_>>(), width, precision)?;
    }

    #[test]
    fn bytes_tell_nothing(secret in vec(any::<u8>(), 0..80), array: [u8; 32], width in 0..200_usize) {
        prints_nothing_of(&secret, width, 3)?;
        prints_nothing_of(&array, width, 3)?;
        prints_nothing_of(&Box::<[u8]>::from(secret), width, 3)?;
    }

    #[test]
    fn numbers_tell_nothing(a: i64, b: u128, c: i8, d: f64, e: bool, width in 0..200_usize) {
        prints_nothing_of(&a, width, 3)?;
        prints_nothing_of(&b, width, 3)?;
        prints_nothing_of(&c, width, 3)?;
        prints_nothing_of(&d, width, 3)?;
        prints_nothing_of(&e, width, 3)?;
        prints_nothing_of(&(a, Some(b), [c; 4]), width, 3)?;
    }

    #[test]
    fn keep_shows_the_ends_or_nothing(
        secret in text(),
        first in 0..50_usize,
        last in 0..50_usize,
        width in 0..200_usize,
    ) {
        let printed = Keep::new(&secret).first(first).last(last).to_string();
        let length = secret.chars().count();
        if first + last == 0 || (first + last) * 2 > length {
            prop_assert_eq!(&printed, "[redacted]");
        } else {
            let escaped = |text: &mut dyn Iterator<Item = char>| -> String {
                text.map(|c| {
                    if c.is_control() {
                        c.escape_debug().to_string()
                    } else {
                        c.to_string()
                    }
                })
                .collect()
            };
            let expected = escaped(&mut secret.chars().take(first))
                + "…"
                + &escaped(&mut secret.chars().skip(length - last));
            prop_assert_eq!(&printed, &expected);
        }
        prop_assert_eq!(format!("{:>width$.3?}", Keep::new(&secret).first(first).last(last)), printed);
    }

    #[test]
    fn keep_tells_nothing_of_the_middle(
        start in "[a-z]{6}",
        end in "[a-z]{4}",
        middles in [text(), text()],
    ) {
        let printed = middles.map(|middle| {
            Keep::new(format!("{start}..........{middle}{end}")).first(6).last(4).to_string()
        });
        prop_assert_eq!(&printed[0], &format!("{start}…{end}"));
        prop_assert_eq!(&printed[0], &printed[1]);
    }

    #[test]
    fn a_derived_keep_is_the_wrapper(secret in text(), bytes in vec(any::<u8>(), 0..40)) {
        #[derive(Redact)]
        struct Kept<'a>(
            #[redact(keep(first = 3, last = 2))] &'a str,
            #[redact(keep(first = 4))] &'a [u8],
            #[redact(keep(last = 1))] Vec<&'a str>,
        );
        let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        prop_assert_eq!(
            format!("{:?}", Kept(&secret, &bytes, vec![&secret])),
            format!(
                "Kept({}, {}, [{}])",
                Keep::new(&secret).first(3).last(2),
                Keep::new(format!("0x{hex}")).first(4),
                Keep::new(&secret).last(1),
            )
        );
    }

    #[test]
    fn a_token_tells_only_equality(a in text(), b in text(), width in 0..200_usize) {
        let (one, two) = (Token(&a).to_string(), Token(&b).to_string());
        prop_assert_eq!(one == two, a == b);
        prop_assert_eq!(&one, &format!("{:>width$.2?}", Token(a.clone())));
        let digits = one.strip_prefix("token:").expect("a token says that it is one");
        prop_assert_eq!(digits.len(), 12);
        prop_assert!(digits.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')));
    }
}

#[test]
fn tokens_spread_evenly() {
    // A MAC that ignored its input, or a part of it, would collide.
    let mut tokens: Vec<_> = (0..2000_u32).map(|n| Token(n).to_string()).collect();
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 2000);
}
