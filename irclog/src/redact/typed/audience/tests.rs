//! Spans are exact, and nothing that is nested, fails or ends is revealed.

#![allow(
    dead_code,
    reason = "fields that are hidden are never read: that is what is tested"
)]
#![allow(
    clippy::single_range_in_vec_init,
    reason = "a list of one range is meant"
)]

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::{Public, Redact, Secret, Token};

/// Displays by calling a function.
struct Shows<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Shows<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

#[derive(Redact)]
struct Login {
    #[redact(secret, local)]
    user: String,
    #[redact(keep(first = 2, last = 2), local)]
    card: String,
    #[redact(secret)]
    password: String,
    attempts: u32,
}

fn login() -> Login {
    Login {
        user: "ann".to_owned(),
        card: "4000123412341234".to_owned(),
        password: "hunter2".to_owned(),
        attempts: 3,
    }
}

const SAFE: &str = "Login { user: [redacted], card: 40…34, password: [redacted], attempts: 3 }";
const FULL: &str =
    r#"Login { user: "ann", card: "4000123412341234", password: [redacted], attempts: 3 }"#;

fn captured(audience: Audience, args: fmt::Arguments<'_>) -> (String, Vec<PublicSpan>) {
    let (mut text, mut public) = (String::new(), Vec::new());
    let done = capture(&mut text, &mut public, usize::MAX, audience, |out| {
        out.write_fmt(args)
    });
    assert_eq!(done, Captured::default());
    (text, public)
}

fn channel(args: fmt::Arguments<'_>) -> (String, Vec<PublicSpan>) {
    captured(Audience::Channel, args)
}

fn local(args: fmt::Arguments<'_>) -> String {
    let (text, public) = captured(Audience::Local, args);
    assert!(public.is_empty());
    text
}

fn at_rest() -> bool {
    let now = NOW.with(Now::state);
    now.audience == Audience::Outside && now.depth == 0 && !now.has_spans && SPANS.take().is_empty()
}

#[test]
fn one_record_two_audiences() {
    let login = login();
    assert_eq!(local(format_args!("{login:?}")), FULL);
    assert_eq!(channel(format_args!("{login:?}")).0, SAFE);
    assert_eq!(format!("{login:?}"), SAFE);
    assert!(at_rest());
}

#[test]
fn local_fields_show_through_std_containers_and_the_pretty_form() {
    let logins = Some(vec![login()]);
    assert_eq!(local(format_args!("{logins:?}")), format!("Some([{FULL}])"));
    let pretty = local(format_args!("{logins:#?}"));
    assert!(pretty.contains("            user: \"ann\",\n"), "{pretty}");
    assert!(!pretty.contains("hunter2"));
    let safe = channel(format_args!("{logins:#?}")).0;
    assert!(safe.contains("            user: [redacted],\n"), "{safe}");
    assert_eq!(safe, format!("{logins:#?}"));
}

#[derive(Redact)]
enum Visit {
    Tuple(
        #[redact(secret, local)] String,
        #[redact(token, local)] u64,
        u8,
    ),
    Named {
        #[redact(with = dots, local)]
        user: String,
    },
    #[redact(name)]
    Hidden { login: Login },
}

fn dots(_: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("...")
}

#[test]
fn local_fields_of_variants() {
    let visits = [
        Visit::Tuple("ann".to_owned(), 7, 1),
        Visit::Named {
            user: "ann".to_owned(),
        },
        Visit::Hidden { login: login() },
    ];
    assert_eq!(
        local(format_args!("{visits:?}")),
        r#"[Tuple("ann", 7, 1), Named { user: "ann" }, [redacted]]"#
    );
    let (safe, public) = channel(format_args!("{visits:?}"));
    assert_eq!(safe, format!("{visits:?}"));
    let token = &safe[public[0].clone()];
    assert_eq!(
        safe,
        format!("[Tuple([redacted], {token}, 1), Named {{ user: ... }}, [redacted]]")
    );
}

#[test]
fn a_nested_format_reveals_nothing_for_any_audience() {
    let nested = Shows(|f: &mut fmt::Formatter<'_>| {
        f.write_str("before ")?;
        f.write_str(&format!("{:?} {:#?}", login(), login()))
    });
    for audience in [Audience::Outside, Audience::Channel, Audience::Local] {
        let (text, _) = captured(audience, format_args!("{nested}"));
        assert!(
            text.starts_with("before Login { user: [redacted]"),
            "{text}"
        );
        assert!(!text.contains("ann") && !text.contains("4000"), "{text}");
    }
}

#[test]
fn a_kept_or_tokenised_value_reveals_nothing_on_a_local_console() {
    // The inner value is printed into a counter or a MAC, not into the record.
    let shown = Shows(|f: &mut fmt::Formatter<'_>| write!(f, "{:?}", login()));
    let kept = crate::Keep::new(&shown).first(23).last(1);
    assert_eq!(
        local(format_args!("{kept} {}", Token(&shown))),
        format!("{kept} {}", Token(&shown))
    );
    assert!(kept.to_string().starts_with("Login { user: [redacted"));

    let public = crate::Keep::new(Public("abcdef")).first(2).last(1);
    assert_eq!(
        channel(format_args!("{public}")),
        ("ab…f".to_owned(), vec![])
    );
}

#[test]
fn public_ranges_are_exact() {
    let (text, public) = channel(format_args!(
        "tx {} of {:?}, {:>6}|{:#x}",
        Public("0xäb"),
        Public("c"),
        Public(7),
        Public(255),
    ));
    assert_eq!(text, "tx 0xäb of \"c\",      7|0xff");
    let shown: Vec<_> = public.iter().map(|range| &text[range.clone()]).collect();
    assert_eq!(shown, ["0xäb", "\"c\"", "     7", "0xff"]);
}

#[test]
fn public_fields_and_tokens_are_public_ranges() {
    #[derive(Redact)]
    struct Paid {
        #[redact(public)]
        tx: String,
        #[redact(clear)]
        memo: String,
        #[redact(token)]
        customer: Vec<String>,
    }
    let paid = vec![Paid {
        tx: "0xab".to_owned(),
        memo: "tea".to_owned(),
        customer: vec!["ann".to_owned()],
    }];
    for text_and_public in [
        channel(format_args!("{paid:?} {}", Token("x"))),
        channel(format_args!("{paid:#?} {}", Token("x"))),
    ] {
        let (text, public) = text_and_public;
        let shown: Vec<_> = public
            .iter()
            .map(|range| text[range.clone()].trim())
            .collect();
        assert_eq!(shown.len(), 3, "{text} {shown:?}");
        assert_eq!(shown[0], "\"0xab\"");
        assert!(shown[1].starts_with("token:") && shown[2].starts_with("token:"));
        assert_ne!(shown[1], shown[2]);
    }
}

#[test]
fn nested_public_ranges_become_one() {
    let pair = (Public("a"), "-", Public("b"));
    let (text, public) = channel(format_args!("{:?} {:?}", Public(&pair), pair));
    let shown: Vec<_> = public.iter().map(|range| &text[range.clone()]).collect();
    assert_eq!(shown, [r#"("a", "-", "b")"#, "\"a\"", "\"b\""]);
}

#[test]
fn what_was_formatted_elsewhere_or_for_others_is_not_public() {
    let nested = Shows(|f: &mut fmt::Formatter<'_>| f.write_str(&format!("{}", Public("a"))));
    assert_eq!(channel(format_args!("{nested}")), ("a".to_owned(), vec![]));
    assert!((captured(Audience::Outside, format_args!("{}", Public("a"))).1).is_empty());
    assert!((channel(format_args!("{}", Public(""))).1).is_empty());
    assert!((channel(format_args!("{}", Secret::new(Public("a")))).1).is_empty());
}

#[test]
fn a_capture_appends() {
    let (mut text, mut public) = ("ä ".to_owned(), Vec::new());
    for value in ["b", "c"] {
        capture(&mut text, &mut public, 100, Audience::Channel, |out| {
            write!(out, "{},", Public(value))
        });
    }
    assert_eq!(text, "ä b,c,");
    assert_eq!(public, [3..4, 5..6]);
}

#[test]
fn beyond_the_limit_bytes_are_counted_and_ranges_are_clipped() {
    let (mut text, mut public) = (String::new(), Vec::new());
    let done = capture(&mut text, &mut public, 7, Audience::Channel, |out| {
        write!(out, "ab{}{}{}", Public("cdefä"), Public("gh"), Public("i"))
    });
    // 'ä' has two bytes and only one would fit; nothing is stored after it.
    assert_eq!(text, "abcdef");
    assert_eq!(done.omitted, 5);
    assert_eq!(public, [2..6]);
}

#[test]
fn a_limit_below_what_is_there_stores_nothing() {
    let (mut text, mut public) = ("abc".to_owned(), Vec::new());
    let done = capture(&mut text, &mut public, 2, Audience::Channel, |out| {
        write!(out, "{}", Public("de"))
    });
    assert_eq!((text.as_str(), done.omitted, public), ("abc", 2, vec![]));
}

#[test]
fn every_limit_cuts_at_a_character_and_accounts_for_all() {
    let whole = format!("aä€𝄞{}", "…".repeat(3));
    for limit in 0..=whole.len() + 1 {
        let (mut text, mut public) = (String::new(), Vec::new());
        let done = capture(&mut text, &mut public, limit, Audience::Channel, |out| {
            whole.chars().try_for_each(|c| write!(out, "{}", Public(c)))
        });
        assert!(text.len() <= limit && whole.starts_with(&text));
        assert!(text.len() + 4 > limit.min(whole.len()));
        assert_eq!(text.len() + done.omitted, whole.len());
        let covered: usize = public.iter().map(ExactSizeIterator::len).sum();
        assert_eq!(covered, text.len());
        assert!(public.windows(2).all(|two| two[0].end <= two[1].start));
    }
}

#[test]
fn a_failing_display_is_told_and_what_it_wrote_stands() {
    let failing = Shows(|f: &mut fmt::Formatter<'_>| {
        f.write_str("half")?;
        Err(fmt::Error)
    });
    let (mut text, mut public) = (String::new(), Vec::new());
    let done = capture(&mut text, &mut public, 100, Audience::Channel, |out| {
        write!(out, "{}{failing}", Public("a"))
    });
    assert!(done.failed);
    assert_eq!((text.as_str(), public), ("ahalf", vec![0..1]));
    assert!(at_rest());
}

#[test]
fn a_log_call_inside_a_display_harms_neither_record() {
    for (outer, inner) in [
        (Audience::Local, Audience::Channel),
        (Audience::Channel, Audience::Local),
        (Audience::Channel, Audience::Channel),
        (Audience::Local, Audience::Outside),
    ] {
        let nested = Shows(|f: &mut fmt::Formatter<'_>| {
            write!(f, "{}", Public("first "))?;
            let login = login();
            let (text, public) = captured(
                inner,
                format_args!("{}{login:?}", Public("longer than the outer ")),
            );
            assert_eq!(text.contains("ann"), inner == Audience::Local);
            assert_eq!(public.len(), usize::from(inner == Audience::Channel));
            write!(f, "{login:?}{}", Public(" last"))
        });
        let (text, public) = captured(outer, format_args!("{nested}"));
        let body = if outer == Audience::Local { FULL } else { SAFE };
        assert_eq!(text, format!("first {body} last"));
        let shown: Vec<_> = public.iter().map(|range| &text[range.clone()]).collect();
        if outer == Audience::Channel {
            assert_eq!(shown, ["first ", " last"]);
        } else {
            assert_eq!(shown, [""; 0]);
        }
        assert!(at_rest());
    }
}

#[test]
fn the_outer_formatter_used_within_an_inner_capture_reveals_nothing() {
    // The record is for the channel; the inner one, for a local console, must
    // not lend its audience to the outer writer.
    let crossing = Shows(|outer: &mut fmt::Formatter<'_>| {
        let held = std::cell::RefCell::new(outer);
        let writes_out =
            Shows(|_: &mut fmt::Formatter<'_>| write!(held.borrow_mut(), "{:?}", login()));
        local(format_args!("{writes_out}"));
        Ok(())
    });
    assert_eq!(channel(format_args!("{crossing}")).0, SAFE);
}

#[test]
fn a_panic_inside_a_display_restores_everything() {
    let panicking = Shows(|f: &mut fmt::Formatter<'_>| {
        write!(f, "{}", Public("b"))?;
        panic!("in a Display");
    });
    let outer = Shows(|f: &mut fmt::Formatter<'_>| {
        write!(f, "{}", Public("a"))?;
        let (mut text, mut public) = (String::new(), Vec::new());
        let caught = catch_unwind(AssertUnwindSafe(|| {
            capture(&mut text, &mut public, 100, Audience::Local, |out| {
                write!(out, "{panicking}")
            })
        }));
        assert!(caught.is_err());
        write!(f, "{:?}{}", login(), Public("c"))
    });
    let (text, public) = channel(format_args!("{outer}"));
    assert_eq!(text, format!("a{SAFE}c"));
    assert_eq!(public, [0..1, text.len() - 1..text.len()]);
    assert!(at_rest());

    let (mut text, mut public) = (String::new(), Vec::new());
    let caught = catch_unwind(AssertUnwindSafe(|| {
        capture(&mut text, &mut public, 100, Audience::Channel, |out| {
            write!(out, "{panicking}")
        })
    }));
    assert!(caught.is_err());
    assert_eq!((text.as_str(), public), ("b", vec![0..1]));
    assert!(at_rest());
}

#[test]
fn a_tee_that_formats_by_itself_is_shown_nothing_in_full() {
    let nested = Shows(|f: &mut fmt::Formatter<'_>| {
        for audience in [Audience::Local, Audience::Outside] {
            let tee = with_audience(audience, || format!("{:?} {}", login(), Public("a")));
            assert_eq!(tee, format!("{SAFE} a"));
        }
        write!(f, "{}", Public("b"))
    });
    assert_eq!(channel(format_args!("{nested}")).1, [0..1]);
    assert!(at_rest());
}

#[test]
fn buffers_are_recycled() {
    let (mut text, mut public) = (String::new(), Vec::new());
    for _ in 0..2 {
        text.clear();
        public.clear();
        capture(&mut text, &mut public, 1000, Audience::Channel, |out| {
            write!(out, "{}{:?}", Public("a"), login())
        });
    }
    let (text_at, public_at) = (text.as_ptr(), public.as_ptr());
    text.clear();
    public.clear();
    capture(&mut text, &mut public, 1000, Audience::Channel, |out| {
        write!(out, "{}{:?}", Public("a"), login())
    });
    assert_eq!((text.as_ptr(), public.as_ptr()), (text_at, public_at));
}

#[test]
fn a_thread_that_is_torn_down_reveals_nothing_and_does_not_panic() {
    use std::sync::mpsc;

    struct Late(mpsc::Sender<(String, Vec<PublicSpan>, String)>);

    impl Drop for Late {
        fn drop(&mut self) {
            let (text, public) = channel(format_args!("{} {:?}", Public("a"), login()));
            let safe = format!("{:?}", login());
            self.0.send((text, public, safe)).expect("the test waits");
        }
    }

    thread_local! {
        static LATE: Cell<Option<Late>> = const { Cell::new(None) };
    }

    // Destructors run in reverse order of registration on some platforms and
    // in order on others: the second thread registers ours last.
    for ours_first in [true, false] {
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || {
            if ours_first {
                channel(format_args!("{}", Public("warm")));
            }
            LATE.set(Some(Late(send)));
            if !ours_first {
                channel(format_args!("{}", Public("warm")));
            }
        })
        .join()
        .expect("the thread ends without a panic");
        let (text, public, safe) = receive.recv().expect("sent while torn down");
        assert_eq!(text, format!("a {SAFE}"));
        assert!(public.is_empty() || public == [0..1], "{public:?}");
        assert_eq!(safe, SAFE);
    }
}
