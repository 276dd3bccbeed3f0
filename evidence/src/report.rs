//! The tables and the plot, as they stand in the documentation.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::Figures;
use crate::contestants::Contestant;

const BEGIN: &str = "<!-- measured: written by the evidence package -->\n";
const END: &str = "<!-- end of what was measured -->\n";

pub(crate) fn write(measured: &[Vec<Figures>], counted: &[(Contestant, &str, f64)], rounds: usize) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let tables = tables(measured, counted, rounds);
    let page = docs.join("cost.md");
    let old = fs::read_to_string(&page).expect("docs/cost.md");
    let begin = old.find(BEGIN).expect("its mark") + BEGIN.len();
    let end = old.find(END).expect("its mark");
    let new = format!("{}\n{tables}\n{}", &old[..begin], &old[end..]);
    fs::write(&page, new).expect("docs/cost.md");
    fs::write(docs.join("images/cost.svg"), plot(measured)).expect("docs/images/cost.svg");
    println!("{tables}");
}

/// The median over the rounds.
fn of(figures: &[Figures], name: &str) -> f64 {
    middle(figures.iter().map(|round| round[name]).collect())
}

/// The median ratio to the floor in the same round.
fn ratio(measured: &[Vec<Figures>], at: usize, name: &str) -> f64 {
    let floor = &measured[place(Contestant::Floor)];
    let ratios = measured[at].iter().zip(floor);
    middle(ratios.map(|(it, floor)| it[name] / floor[name]).collect())
}

fn place(contestant: Contestant) -> usize {
    let found = Contestant::ALL.iter().position(|&it| it == contestant);
    found.expect("it is one of them")
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// With as many digits as mean something.
fn shown(value: f64) -> String {
    match value {
        ..1.0 => format!("{value:.2}"),
        ..10.0 => format!("{value:.1}"),
        _ => {
            let digits = format!("{value:.0}");
            let head = digits.len() % 3;
            let mut text = digits[..head].to_owned();
            for (at, digit) in digits[head..].chars().enumerate() {
                if at % 3 == 0 && !text.is_empty() {
                    text.push(',');
                }
                text.push(digit);
            }
            text
        }
    }
}

fn tables(measured: &[Vec<Figures>], counted: &[(Contestant, &str, f64)], rounds: usize) -> String {
    let mut text = String::new();
    let line = &mut text;
    let _ = writeln!(
        line,
        "Nanoseconds a call as the caller sees them, medians of {rounds} rounds:\n\n\
         | | paced p50 | p99 | p99.9 | one site, 1 / 4 threads | 64 sites, 1 / 4 threads \
         | never shed, 1 / 4 threads | below the level |\n|---|--:|--:|--:|--:|--:|--:|--:|"
    );
    for (contestant, figures) in Contestant::ALL.iter().zip(measured) {
        let of = |name: &str| shown(of(figures, name));
        let two = |name: &str| format!("{} / {}", of(&format!("{name}1")), of(&format!("{name}4")));
        let _ = writeln!(
            line,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            contestant.name(),
            of("p50"),
            of("p99"),
            of("p999"),
            two("one"),
            two("many"),
            two("captured"),
            of("disabled"),
        );
    }
    let _ = writeln!(
        line,
        "\nTimes the floor, within each round:\n\n\
         | | paced p50 | one site, 1 / 4 threads | 64 sites, 1 / 4 threads \
         | never shed, 1 / 4 threads |\n|---|--:|--:|--:|--:|"
    );
    for (at, contestant) in Contestant::ALL.iter().enumerate() {
        let two = |name: &str| {
            let times = [1, 4].map(|threads| ratio(measured, at, &format!("{name}{threads}")));
            format!("{:.2} / {:.2}", times[0], times[1])
        };
        let _ = writeln!(
            line,
            "| {} | {:.2} | {} | {} | {} |",
            contestant.name(),
            ratio(measured, at, "p50"),
            two("one"),
            two("many"),
            two("captured"),
        );
    }
    let _ = writeln!(
        line,
        "\nA second of 1,000,000 records from one call site, and the process:\n\n\
         | | records a second | other threads' share of a core | memory, at most | set up in |\n\
         |---|--:|--:|--:|--:|"
    );
    for (contestant, figures) in Contestant::ALL.iter().zip(measured) {
        let of = |name: &str| of(figures, name);
        let _ = writeln!(
            line,
            "| {} | {} | {:.1} % | {} MB | {} µs |",
            contestant.name(),
            shown(of("rate")),
            of("share").max(0.0) * 100.0,
            shown(of("memory")),
            shown(of("init")),
        );
    }
    if !counted.is_empty() {
        let _ = writeln!(
            line,
            "\nInstructions a call (callgrind):\n\n| | |\n|---|--:|"
        );
        for (contestant, what, count) in counted {
            let what = if *what == "captured" {
                ", never shed"
            } else {
                ""
            };
            let _ = writeln!(line, "| {}{what} | {} |", contestant.name(), shown(*count));
        }
    }
    text
}

/// Bars on a scale of decades: a paced call, one of a storm, and one of those
/// that irclog may not shed.
fn plot(measured: &[Vec<Figures>]) -> String {
    const LEFT: f64 = 270.0;
    const DECADE: f64 = 130.0;
    const ROW: f64 = 62.0;
    let x = |nanos: f64| LEFT + nanos.max(1.0).log10() * DECADE;
    let height = 50.0 + ROW * measured.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 840 {height}\" \
         font-family=\"sans-serif\" font-size=\"13\" fill=\"#777\">\n\
         <title>Nanoseconds a log call costs its caller</title>\n"
    );
    for decade in 0..=4 {
        let nanos = 10f64.powi(decade);
        let _ = writeln!(
            svg,
            "<path d=\"M{x} 24V{height}\" stroke=\"#777\" stroke-opacity=\".3\"/>\
             <text x=\"{x}\" y=\"16\" text-anchor=\"middle\">{} ns</text>",
            shown(nanos).trim_end_matches(".0"),
            x = x(nanos),
        );
    }
    for (row, (contestant, figures)) in Contestant::ALL.iter().zip(measured).enumerate() {
        let y = 32.0 + ROW * row as f64;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            y + 30.0,
            contestant.name()
        );
        let bars = [
            ("p50", "paced, median", "#3b82c4"),
            ("one1", "flat out", "#d9822b"),
            ("captured1", "never shed", "#8a6fb0"),
        ];
        for (at, (name, what, colour)) in bars.into_iter().enumerate() {
            let (nanos, y) = (of(figures, name), y + 18.0 * at as f64);
            let _ = writeln!(
                svg,
                "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{:.1}\" height=\"15\" fill=\"{colour}\">\
                 <title>{what}</title></rect><text x=\"{:.1}\" y=\"{}\" font-size=\"11\">{} {what}</text>",
                x(nanos) - LEFT,
                x(nanos) + 6.0,
                y + 12.0,
                shown(nanos),
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}
