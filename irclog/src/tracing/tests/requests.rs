//! Which request an event belongs to, and what led to its errors.

use std::thread;
use std::time::Duration;

use ::tracing::{Span, debug, debug_span, error, info, info_span, trace, warn};
use tracing_subscriber::Registry;

use super::*;
use crate::record::StoryId;

fn story(span: &Span) -> StoryId {
    StoryId(span.id().unwrap().into_u64())
}

#[test]
fn from_its_first_error_on_what_a_request_says_is_of_one_story() {
    let (room, layer) = Settings::filter("info").open();
    with_default(registry().with(layer), || {
        let task = info_span!("task");
        let request = task.in_scope(|| info_span!("http", path = "/a"));
        let step = request.in_scope(|| info_span!("http", path = "/a", payer = 1));
        let other = info_span!("http", path = "/b");
        let within = || room.records().pop().unwrap().within;
        step.in_scope(|| info!("before"));
        assert_eq!(within(), None);
        step.in_scope(|| error!("failed"));
        let expected = Within {
            story: story(&request),
            span: "http",
            text: "/a payer=1: ".len(),
        };
        assert_eq!(within(), Some(expected));
        request.in_scope(|| info!("after"));
        assert_eq!(within().map(|within| within.story), Some(story(&request)));
        request.in_scope(|| error!("failed again"));
        assert_eq!(within().map(|within| within.text), Some("/a: ".len()));
        other.in_scope(|| info!("another"));
        assert_eq!(within(), None);
        let known = story(&request);
        drop(other);
        drop(step);
        assert_eq!(room.shared.lanes().ended(), None);
        drop(request);
        assert_eq!(room.shared.lanes().ended(), Some(known));
        task.in_scope(|| info!("of a task"));
        assert_eq!(within(), None);
    });
    assert_eq!(room.shared.lanes().ended(), None);
}

#[test]
fn where_no_span_tells_a_request_the_outermost_is_one() {
    let (room, layer) = Settings::filter("info").open();
    with_default(registry().with(layer), || {
        let outer = info_span!("settle");
        let inner = outer.in_scope(|| info_span!("broadcast"));
        inner.in_scope(|| error!("failed"));
        let expected = Within {
            story: story(&outer),
            span: "broadcast",
            text: 0,
        };
        assert_eq!(room.records()[0].within, Some(expected));
        error!("of no span");
        assert_eq!(room.records()[0].within, None);
    });
}

#[test]
fn a_method_alone_tells_a_request() {
    let (room, layer) = Settings::filter("info").open();
    with_default(registry().with(layer), || {
        let request = info_span!("task").in_scope(|| info_span!("http", method = "GET"));
        request.in_scope(|| error!("failed"));
        let within = room.records()[0].within;
        assert_eq!(within.map(|within| within.story), Some(story(&request)));
    });
}

#[test]
fn a_request_that_failed_is_counted_until_it_ends() {
    let (_room, layer) = Settings::filter("info").open::<Registry>();
    let failures = Arc::clone(&layer.inner().out.as_ref().unwrap().failures);
    with_default(registry().with(layer), || {
        let [one, two] = ["/a", "/b"].map(|path| info_span!("http", path));
        one.in_scope(|| {
            info!("fine");
            assert!(failures.are_none());
            error!("failed");
            error!("again");
        });
        two.in_scope(|| error!("failed"));
        drop(one);
        assert!(!failures.are_none());
        drop(two);
        assert!(failures.are_none());
    });
}

#[test]
fn each_of_two_layers_has_failures_of_its_own() {
    let (some, some_layer) = Settings::filter("info").open();
    let (none, none_layer) = Settings::filter("other=info").open();
    let (third, third_layer) = Settings::filter("info").open();
    let all = registry()
        .with(some_layer)
        .with(none_layer)
        .with(third_layer);
    with_default(all, || {
        let span = info_span!("http", path = "/a");
        let other = info_span!("http", path = "/b");
        other.in_scope(|| error!(target: "other", "failed"));
        span.in_scope(|| error!(target: "pay", "failed"));
        let expected = story(&span);
        drop(span);
        assert_eq!(some.shared.lanes().ended(), Some(expected));
        assert_eq!(none.shared.lanes().ended(), None);
        assert_eq!(third.shared.lanes().ended(), Some(expected));
    });
}

fn steps(record: &Record) -> Vec<String> {
    let steps = record.trail.iter().flat_map(|trail| &trail.steps);
    steps
        .map(|step| format!("{} {}", step.level, step.text))
        .collect()
}

#[test]
fn an_error_has_what_is_kept_of_its_request() {
    let settings = Settings::filter("info,quiet=off").kept("debug,hyper=off,own=debug/kept");
    let (room, layer) = settings.drop_fields(&["body"]).open();
    with_default(registry().with(layer), || {
        let request = info_span!("http", path = "/a");
        let other = info_span!("http", path = "/b");
        debug!("of no request");
        other.in_scope(|| debug!("of another"));
        request.in_scope(|| {
            let _step = debug_span!("step", payer = 1).entered();
            debug!(body = "long", a = 1, "kept");
            trace!("too deep");
            debug!(target: "hyper", "noise");
            info!(target: "hyper", "kept by nobody, but shown");
            warn!(body = "long", "shown kept");
            debug!(target: "own", "refused");
            debug!("{Broken}");
            info!(target: "quiet", "shown to nobody, but kept");
            error!("failed");
            error!("failed again");
        });
        let records = room.records();
        let texts = steps(&records[0]);
        assert_eq!(texts.len(), 4, "{texts:?}");
        assert_eq!(texts[..2], ["DEBUG kept a=1", "WARN shown kept"]);
        assert!(texts[2].starts_with("DEBUG "), "{texts:?}");
        assert_eq!(texts[3], "INFO shown to nobody, but kept");
        assert!(steps(&records[1]).is_empty(), "it was told already");
    });
}

#[test]
fn nothing_is_kept_of_what_has_ended_or_where_nobody_listens() {
    let (room, layer) = Settings::filter("info").kept("debug").open();
    with_default(registry().with(layer), || {
        let trails = room.shared.trails().unwrap();
        let take = |span: &Span| {
            let key = span.id().unwrap().into_u64();
            trails.take(Request::of_span(key, true), now())
        };
        let kept = info_span!("http", path = "/a");
        kept.in_scope(|| debug!("kept"));
        assert!(take(&kept).is_some());
        kept.in_scope(|| debug!("kept"));
        let key = kept.id().unwrap().into_u64();
        drop(kept);
        assert!(trails.take(Request::of_span(key, true), now()).is_none());
        room.shared.close();
        let unheard = info_span!("http", path = "/b");
        unheard.in_scope(|| debug!("unheard"));
        assert!(take(&unheard).is_none());
    });
}

#[test]
fn what_cannot_be_read_by_a_pattern_is_kept() {
    let (room, layer) = Settings::filter("info").kept("debug/kept").open();
    with_default(registry().with(layer), || {
        let request = info_span!("http", path = "/kept");
        request.in_scope(|| {
            debug!("other");
            warn!("other, in spans that have the word");
            debug!("{Panics}");
            error!("failed");
        });
        let steps = steps(&room.records()[0]);
        assert_eq!(steps.len(), 1, "{steps:?}");
    });
}

#[test]
fn a_place_is_certain_where_a_span_tells_the_request() {
    let (_room, layer) = Settings::filter("info").open::<Registry>();
    let key = layer.inner().out.as_ref().unwrap().key();
    with_default(registry().with(layer), || {
        let certain = |span: &Span| {
            dispatcher::get_default(|dispatch| {
                let registry = dispatch.downcast_ref::<Registry>()?;
                let scope = registry.span(&span.id()?)?.scope();
                Some(story::place(Some(scope), key)?.request().is_certain)
            })
        };
        let task = info_span!("task");
        let request = task.in_scope(|| info_span!("http", path = "/a"));
        assert_eq!(certain(&task), Some(false));
        assert_eq!(certain(&request), Some(true));
    });
}

#[test]
fn the_trail_of_a_thread_is_that_of_a_span_around_it() {
    let (room, layer) = Settings::filter("info").kept("debug").open();
    let dispatch = Dispatch::new(registry().with(layer));
    let shared = Arc::clone(&room.shared);
    let thread = thread::spawn(move || {
        dispatcher::with_default(&dispatch, || {
            assert!(trail_of_thread(&shared).is_none());
            let _request = info_span!("http", path = "/a").entered();
            let _step = info_span!("step").entered();
            debug!("before");
            let trail = trail_of_thread(&shared).unwrap();
            assert_eq!(trail.steps.len(), 1);
            assert!(trail_of_thread(&shared).is_none());
        });
    });
    thread.join().unwrap();
}

#[test]
fn a_thread_that_is_long_in_a_span_has_no_trail() {
    let (room, layer) = Settings::filter("info").kept("debug").open();
    with_default(registry().with(layer), || {
        let span = info_span!("task").entered();
        let request = Request::of_span(span.id().unwrap().into_u64(), false);
        let begun = now() - Duration::from_secs(61);
        let write = |writer: &mut dyn fmt::Write| writer.write_str("begun");
        let trails = room.shared.trails().unwrap();
        trails.keep(log::Level::Debug, begun, write, |_| Some(request));
        debug!("going on");
        assert!(trail_of_thread(&room.shared).is_none());
    });
}
