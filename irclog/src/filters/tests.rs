use super::*;

fn directives(text: &str) -> Directives {
    Directives::parse(text).unwrap()
}

/// Each channel by itself.
fn one_by_one(filters: &[Directives], level: Level, target: &str, text: &str) -> ChannelSet {
    let wants = |filter: &Directives| {
        let mut record = Record::builder();
        let record = record.level(level).target(target);
        filter
            .filter()
            .matches(&record.args(format_args!("{text}")).build())
    };
    let ids = ChannelId::first(filters.len()).zip(filters);
    ids.filter(|(_, filter)| wants(filter))
        .map(|(id, _)| id)
        .collect()
}

#[test]
fn one_look_up_says_what_each_filter_would() {
    let texts = [
        "info",
        "error",
        "warn,a=off,a::b=trace",
        "a::b=debug",
        "off",
        "a=info,a::=error,b=warn",
        "trace,a::b::c=off",
        "info/settled",
        "warn,a=trace/^re",
    ];
    let targets = [
        "", "a", "a::b", "a::b::c", "a::x", "b", "bb", "c", "a::b::cd",
    ];
    // Compiling patterns is most of what this would cost.
    let (read, off) = (texts.map(directives), directives("off"));
    for first in &read {
        for second in &read {
            for third in &read {
                let own = [first, second, third].map(Clone::clone);
                let some = own.clone().map(Some);
                let joined = Filters::new(&off, &some);
                for (level, target) in
                    Level::iter().flat_map(|level| targets.map(|target| (level, target)))
                {
                    for text in ["settled", "refused"] {
                        let mut record = Record::builder();
                        let record = record.level(level).target(target);
                        let expected = one_by_one(&own, level, target, text);
                        let args = format_args!("{text}");
                        let admitted = joined.admit(&record.args(args).build());
                        assert_eq!(admitted, expected, "{own:?} {level} {target} {text}");
                        assert!(level <= joined.filter() || expected.is_empty());
                    }
                }
            }
        }
    }
}

#[test]
fn what_was_set_last_holds_at_once_on_every_thread() {
    let only = |text| Filters::new(&directives(text), &[None]);
    let (latest, other) = (Latest::new(only("info")), Latest::new(only("off")));
    for (text, expected) in [("error", false), ("debug", true), ("off", false)] {
        latest.set(only(text));
        let wants = || !latest.of(Level::Debug, "x").is_empty();
        assert_eq!(wants(), expected, "{text}");
        assert!(other.of(Level::Error, "x").is_empty(), "has its own");
        assert_eq!(wants(), expected, "{text}");
        std::thread::scope(|scope| {
            scope.spawn(|| assert_eq!(wants(), expected, "{text}"));
        });
    }
}

#[test]
fn a_text_may_log_while_a_pattern_looks_at_it() {
    struct Logs<'a>(&'a Latest);

    impl std::fmt::Display for Logs<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            let mut record = Record::builder();
            let inner = self.0.admit(&record.args(format_args!("settled")).build());
            write!(
                f,
                "{}",
                if inner.is_empty() {
                    "refused"
                } else {
                    "settled"
                }
            )
        }
    }

    let latest = Latest::new(Filters::new(&directives("info/settled"), &[None]));
    let mut record = Record::builder();
    let record = record.level(Level::Info);
    let admitted = latest.admit(&record.args(format_args!("{}", Logs(&latest))).build());
    assert_eq!(admitted, MAIN.into());
}

#[test]
fn a_channel_without_a_filter_follows_the_general_one() {
    let own = [None, Some(directives("error"))];
    let ids: Vec<ChannelId> = ChannelId::first(2).collect();
    let filters = Filters::new(&directives("debug"), &own);
    assert_eq!(filters.of(Level::Debug, "x"), ids[0].into());
    assert_eq!(filters.of(Level::Error, "x"), ChannelSet::first(2));
    let filters = Filters::new(&directives("off"), &own);
    assert_eq!(filters.of(Level::Error, "x"), ids[1].into());
    assert_eq!(filters.filter(), LevelFilter::Error);
}
